"""Loader of the sample publications of a demonstration: each once, whatever is done to it later."""

import json
from collections.abc import Callable
from hashlib import sha256
from io import BytesIO

from django.core.exceptions import ValidationError
from django.core.files import File
from django.db import transaction

from mscp.models import SeededRecord
from mscp.publishing.approvals import shipped_content
from mscp.records.history import because
from mscp.records.partial_dates import PartialDate
from reviews.documents.intake import take_in
from reviews.models import Briefing, Document, DocumentFile, PracticeReview, Theme
from reviews.samples.pdfs import SAMPLES, SOURCES, SamplePublication, SamplesError

KEY = "sample:{}"
LEARNING_KEY = "sample:learning"
REASON = "Sample"
# If the catalogue has it, the samples and its courses make a complete chain of this theme.
THEME = "non-accidental-injury"


def load_samples(report: Callable[[str], object]) -> None:
    """Make and load what was not loaded before. Raises SamplesError; then nothing is left over."""
    for position, sample in enumerate(SAMPLES, 1):
        key = KEY.format(position)
        if SeededRecord.objects.filter(key=key).exists():
            report(f"{sample.title}: loaded before.")
            continue
        # Read before the transaction begins: it takes a few seconds.
        files = [_file(document.make, document.title) for document in sample.documents]
        try:
            with transaction.atomic():
                review = _make(sample, files)
                SeededRecord.objects.create(key=key, object_id=review.pk)
        except BaseException:
            for file in files:
                file.delete()
            raise
        report(f"{sample.title}: new, {review.current_state.label.lower()}.")
    _load_learning(report)


@transaction.atomic
def _load_learning(report: Callable[[str], object]) -> None:
    """Load the 7-minute learning of the first sample, which needs no file."""
    values = json.loads((SOURCES / "learning.json").read_text(encoding="utf-8"))
    if SeededRecord.objects.filter(key=LEARNING_KEY).exists():
        report(f"{values['title']}: loaded before.")
        return
    review = SeededRecord.objects.get(key=KEY.format(1)).object_id
    values["report_date"] = PartialDate.parse(values["report_date"])
    learning = Briefing(
        **values,
        review=PracticeReview.objects.filter(pk=review).first() if review else None,
        out_of_search_engines=True,
        is_sample=True,
    )
    because(learning, REASON).save()
    learning.themes.set(Theme.objects.filter(slug=THEME))
    with shipped_content():
        because(learning, REASON).publish()
    SeededRecord.objects.create(key=LEARNING_KEY, object_id=learning.pk)
    report(f"{learning.title}: new, published.")


def _file(make: Callable[[], bytes], title: str) -> DocumentFile:
    """Return the file of a sample: one that an interrupted attempt left, or a new one."""
    data = make()
    name = f"{title}.pdf"
    left = DocumentFile.objects.filter(
        document=None, taken_in_by=None, original_name=name, sha256=sha256(data).hexdigest()
    ).first()
    if left is not None:
        return left
    upload = File(BytesIO(data))
    upload.size = len(data)
    try:
        return take_in(upload, name=name)
    except ValidationError as error:
        raise SamplesError(f"{title}: {' '.join(error.messages)}") from error


def _make(sample: SamplePublication, files: list[DocumentFile]) -> PracticeReview:
    review = PracticeReview(
        type=sample.type,
        title=sample.title,
        pseudonym=sample.pseudonym,
        child_reference=sample.child_reference,
        summary=sample.summary,
        report_date=PartialDate.parse(sample.report_date) if sample.report_date else None,
        staff_note=sample.staff_note,
        out_of_search_engines=True,
        is_sample=True,
    )
    because(review, REASON).save()
    review.themes.set(Theme.objects.filter(slug=THEME))
    for position, (about, file) in enumerate(zip(sample.documents, files, strict=True)):
        document = Document(
            publication=review, kind=about.kind, title=about.title, file=file, position=position
        )
        because(document, REASON).save()
    with shipped_content():
        if not review.publishing_obstacles():
            because(review, REASON).publish()
    return review
