"""Plain makers of records: every argument that is not given gets a sensible value."""

import hashlib
from datetime import date, timedelta
from functools import cache
from io import BytesIO
from itertools import count
from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone
from PIL import Image

from mscp.database import clock
from mscp.models import Backup, ConcernContact, Page, PendingChange, SiteIdentity
from mscp.publishing.approvals import shipped_content
from mscp.publishing.gate import Publishable, State
from mscp.publishing.pending import ask
from mscp.records.audit import set_author
from reviews.models import (
    Briefing,
    Document,
    DocumentFile,
    Finding,
    NationalReport,
    PageCorrection,
    PagePicture,
    PracticeReview,
    Theme,
    WordsFrom,
    keep_pages,
)
from training.models import Audience, Course, Session, Venue

_number = count(1)

ALL_STATES = list(State)
HIDDEN_STAGES = [State.DRAFT, State.SCHEDULED, State.WITHDRAWN]


def make_backup(**values: Any) -> Backup:
    """Record a backup of now."""
    values = {"made_at": clock.now(), "target": "/srv/backup", "size": 2_500_000} | values
    return Backup.objects.create(**{"files": 27, "seconds": 3, "is_encrypted": False, **values})


def make_user(*groups: str, **fields: Any) -> Any:
    fields.setdefault("username", f"user{next(_number)}")
    fields.setdefault("is_staff", True)
    user = get_user_model().objects.create_user(password="a long password", **fields)
    user.groups.set(Group.objects.filter(name__in=groups))
    assert user.groups.count() == len(groups)
    return user


def put_in_state(record: Publishable, state: State) -> None:
    """Bring a saved draft to a state, whatever would keep an editor from it."""
    record.publishing_obstacles = lambda: []  # type: ignore[method-assign]
    with shipped_content():
        _take_steps(record, state)
    del record.publishing_obstacles


def past_the_gate(rows: Any, **values: Any) -> int:
    """Update rows as somebody with SQL does it, whom no gate stops."""
    with shipped_content():
        number: int = rows.update(**values)
    return number


def _take_steps(record: Publishable, state: State) -> None:
    now = timezone.now()
    if state is State.SCHEDULED:
        record.publish(at=now + timedelta(days=1))
    elif state is not State.DRAFT:
        record.publish()
    if state is State.WITHDRAWN:
        record.withdraw(reason="A test of withdrawal")


def _publishable(model: Any, state: State, themes: Any, fields: dict[str, Any]) -> Any:
    """Make a record without a history, which takes longer to write than the record."""
    record = model(**fields)
    record.skip_history_when_saving = True
    record.save(force_insert=True)
    if themes:
        record.themes.set(themes)
    put_in_state(record, state)
    del record.skip_history_when_saving
    return record


def make_theme(**fields: Any) -> Theme:
    fields.setdefault("name", f"Theme {next(_number)}")
    with shipped_content():
        return Theme.objects.create(**fields)


def make_review(*, state: State = State.PUBLISHED, themes: Any = (), **fields: Any) -> Any:
    fields.setdefault("type", "lcspr")
    if not fields.get("pseudonym") and not fields.get("child_reference"):
        fields.setdefault("title", f"Sample review {next(_number)} (fictional)")
    return _publishable(PracticeReview, state, themes, fields)


def make_report(*, state: State = State.PUBLISHED, themes: Any = (), **fields: Any) -> Any:
    fields.setdefault("type", "thematic_report")
    fields.setdefault("title", f"Sample report {next(_number)} (fictional)")
    return _publishable(NationalReport, state, themes, fields)


def make_briefing(*, state: State = State.PUBLISHED, themes: Any = (), **fields: Any) -> Any:
    fields.setdefault("title", f"Sample learning {next(_number)} (fictional)")
    return _publishable(Briefing, state, themes, fields)


def make_note(record: Any, text: str = "Page 12 corrected.", **fields: Any) -> Any:
    """Make a note on a change, told now."""
    fields.setdefault("noted_at", timezone.now())
    return record.change_notes.create(record=record, text=text, **fields)


def make_document(publication: Any, *, pdf: bytes | None = None, **fields: Any) -> Document:
    """Make a document: of a file, when its bytes are given, or of an address."""
    fields.setdefault("title", f"Sample document {next(_number)}")
    if pdf is not None:
        fields["file"] = make_file(pdf)
    if not fields.get("file"):
        fields.setdefault("url", "https://example.org/report")
    return Document.objects.create(publication=publication, **fields)


def make_file(pdf: bytes, *, pages: list[str] | None = None, **fields: Any) -> DocumentFile:
    """Keep a file as if it had been read: quicker than a child process, where none is needed."""
    fields.setdefault("original_name", "sent.pdf")
    fields.setdefault("is_tagged", True)
    fields.setdefault("has_text", True)
    texts = pages or ["Some text." if fields["has_text"] else ""]
    file = DocumentFile(
        size=len(pdf), sha256=hashlib.sha256(pdf).hexdigest(), pages=len(texts), **fields
    )
    file.content.save("file.pdf", ContentFile(pdf), save=False)
    for field, width in ((file.cover, 160), (file.large_cover, 480)):
        field.save("cover.webp", ContentFile(_blank(width)), save=False)
    file.cover_height = 320
    file.save()
    keep_pages(file, ((text, [paragraph(text)] if text else []) for text in texts))
    return file


def make_picture(file: DocumentFile, number: int = 1, **fields: Any) -> PagePicture:
    """Keep a picture of a page, which ``make_file`` draws of none."""
    picture = PagePicture(file=file, number=number, width=900, height=1800, **fields)
    picture.content.save("page.webp", ContentFile(_blank(900)), save=False)
    picture.save()
    return picture


def picture_address(document: Document, number: object = 1) -> str:
    assert document.file
    return f"/documents/{document.uid}/page-{number}-{document.file.digest}.webp"


def make_correction(
    file: Any, number: int, blocks: list[dict[str, Any]] | None, *, by: Any = None, **fields: Any
) -> PageCorrection:
    """Correct the words of a page; without any, make the row of which a correction is asked for."""
    correction = PageCorrection.objects.filter(file=file, number=number).first()
    correction = correction or PageCorrection(file=file, number=number)
    source = WordsFrom.PDF if blocks is None else WordsFrom.STAFF
    for name, value in {"blocks": blocks, "words_from": source, **fields}.items():
        setattr(correction, name, value)
    if by is not None:
        set_author(correction, by)
    correction.save()
    return correction


@cache
def _blank(width: int) -> bytes:
    picture = BytesIO()
    Image.new("RGB", (width, width * 2), "white").save(picture, "WEBP")
    return picture.getvalue()


def paragraph(text: str) -> dict[str, Any]:
    return {"kind": "paragraph", "level": 0, "text": text, "continues": False}


def make_finding(file: DocumentFile, **fields: Any) -> Finding:
    fields.setdefault("kind", "covered_text")
    fields.setdefault("details", ["“Alex Sampleperson”"])
    return Finding.objects.create(file=file, **fields)


def make_course(*, state: State = State.PUBLISHED, themes: Any = (), **fields: Any) -> Any:
    fields.setdefault("title", f"Sample course {next(_number)}")
    return _publishable(Course, state, themes, fields)


def make_session(course: Any = None, *, in_days: int = 7, **fields: Any) -> Session:
    fields.setdefault("start_date", timezone.localdate() + timedelta(days=in_days))
    with shipped_content():
        return Session.objects.create(course=course or make_course(), **fields)


def make_venue(**fields: Any) -> Venue:
    fields.setdefault("name", f"Sample hall {next(_number)}")
    with shipped_content():
        return Venue.objects.create(**fields)


def make_audience(**fields: Any) -> Audience:
    fields.setdefault("name", f"Audience {next(_number)}")
    with shipped_content():
        return Audience.objects.create(**fields)


def make_pending_change(*, by: Any = None, **fields: Any) -> PendingChange:
    """Ask for a change of a venue, with a photo of it."""
    venue = make_venue()
    picture = BytesIO()
    Image.new("RGB", (60, 40), "teal").save(picture, "PNG")
    typed = {"accessibility": "A ramp at the side.", "photo_alt": "A hall", **fields}
    for name, value in typed.items():
        setattr(venue, name, value)
    venue.photo = SimpleUploadedFile("hall.png", picture.getvalue())  # type: ignore[assignment]
    return ask(venue, by or make_user())


def make_page(*, state: State = State.PUBLISHED, **fields: Any) -> Any:
    fields.setdefault("title", f"Sample page {next(_number)}")
    fields.setdefault("body", "Some text.")
    return _publishable(Page, state, (), fields)


def make_identity(**fields: Any) -> SiteIdentity:
    fields.setdefault("name", "Anytown Safeguarding Children Partnership")
    fields.setdefault("abbreviation", "ASCP")
    fields.setdefault("email", "ask@example.org")
    return SiteIdentity.objects.create(**fields)


def make_contact(**fields: Any) -> ConcernContact:
    fields.setdefault("label", "Children's desk")
    fields.setdefault("phone", "020 7946 0000")
    with shipped_content():
        return ConcernContact.objects.create(**fields)


MINIMAL_PDF = (
    b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n"
    b"2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n"
    b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]>>endobj\n"
    b"trailer<</Root 1 0 R>>\n%%EOF\n"
)


def day(text: str) -> date:
    return date.fromisoformat(text)
