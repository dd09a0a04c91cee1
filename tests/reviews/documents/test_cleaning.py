"""Cleaned copies: free of what can be taken out, the same to look at, and used only on request."""

import io
import subprocess
from pathlib import Path
from typing import Any

import pikepdf
import pypdfium2
import pytest
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.db import transaction
from django.test import Client
from django.urls import reverse
from pikepdf import Array, Dictionary, Pdf
from PIL import Image, ImageChops

from mscp.publishing.gate import State
from reviews.documents import cleaning, intake
from reviews.documents.cleaning import clean
from reviews.documents.intake import take_in
from reviews.documents.report_links import report_address
from reviews.findings import explained
from reviews.models import Document, DocumentFile, Finding, PracticeReview
from reviews.pdf.report import Check, Reading
from tests.admin_forms import fields_of, send
from tests.factories import make_document, make_file, make_finding, make_review, make_user
from tests.pages import assert_valid, body_of, text_of
from tests.pdfs import HAZARDS, SECRET, Hazard, clean_pdf
from tests.pdfs.builder import Canvas, box, drawn, edited
from tests.pdfs.fine import FINE
from tests.reviews.reading_many import read_many, run_many
from tests.stored import kept_files

pytestmark = pytest.mark.usefixtures("kept_readings")

LIST = "/admin/reviews/practicereview/"
# What runs the child itself, where no reading is kept.
run_at_once = intake.run_at_once
MADE = {hazard.name: hazard.make for hazard in HAZARDS}
CLEANABLE = [hazard for hazard in HAZARDS if explained(hazard.check).can_be_cleaned]
# A list of choices that no program drew looks one way in one reader and another in the next.
NOT_THE_SAME = {"choice made"}
TITLE = "Learning from Elm House"
FILLED = {"text field filled in", "text field filled in by its parent"}


def author(pdf: Pdf) -> None:
    pdf.docinfo.Author = "Jo Sampleperson"


AUTHOR = MADE["author in info"]


# --- what is taken out, and what stays --------------------------------------------------------


@pytest.fixture(scope="module")
def cleaned() -> dict[str, bytes | str]:
    """The cleaned copy of every file that can be cleaned, or why there is none."""
    files = {hazard.name: hazard.make() for hazard in CLEANABLE}
    places = run_many("clean", files, TITLE, "en-GB")
    made: dict[str, bytes | str] = {}
    for name, place in places.items():
        copy = place / "cleaned.pdf"
        made[name] = copy.read_bytes() if copy.exists() else (place / "refused").read_text()
    return made


@pytest.fixture(scope="module")
def readings(cleaned: dict[str, Any]) -> dict[str, Reading | str]:
    """What is read of the copies."""
    copies = {name: data for name, data in cleaned.items() if isinstance(data, bytes)}
    return read_many(copies)


def texts(data: bytes) -> list[str]:
    """What another program reads, of every page, hidden or not."""
    with pypdfium2.PdfDocument(data) as document:
        return [page.get_textpage().get_text_range() for page in document]


def pictures(data: bytes, *, comments: bool) -> list[Image.Image]:
    with pypdfium2.PdfDocument(data) as document:
        document.init_forms()
        return [page.render(scale=1, draw_annots=comments).to_pil() for page in document]


def of(hazards: list[Hazard]) -> Any:
    return pytest.mark.parametrize("hazard", hazards, ids=lambda hazard: hazard.name)


@of([hazard for hazard in CLEANABLE if hazard.name not in NOT_THE_SAME])
def test_a_cleaned_copy_has_none_of_it_and_reads_the_same(
    hazard: Hazard, readings: dict[str, Any], cleaned: dict[str, Any]
) -> None:
    copy = readings[hazard.name]
    assert [found for found in copy.found if found.check is not Check.WORDS_ON_NO_PAGE] == []
    assert (copy.title, copy.language, copy.is_tagged) == (TITLE, "en-GB", True)
    if hazard.name in FILLED:
        # The value was in the form; now it is part of the page.
        assert SECRET in copy.pages[1].text
    else:
        assert texts(cleaned[hazard.name]) == texts(hazard.make())
        assert "Page two speaks of a heron." in copy.pages[1].text


@of([hazard for hazard in CLEANABLE if hazard.name not in NOT_THE_SAME])
def test_a_cleaned_copy_looks_the_same(hazard: Hazard, cleaned: dict[str, Any]) -> None:
    before = pictures(hazard.make(), comments=hazard.check != "comments")
    after = pictures(cleaned[hazard.name], comments=True)
    assert len(before) == len(after) == 3
    for one, other in zip(before, after, strict=True):
        difference: Any = ImageChops.difference(one.convert("L"), other.convert("L"))
        # The edges of letters are drawn otherwise in a form than on a page.
        assert difference.getextrema()[1] <= (32 if hazard.name in FILLED else 2)


@of([hazard for hazard in CLEANABLE if hazard.name not in NOT_THE_SAME])
def test_what_serves_readers_stays(hazard: Hazard, cleaned: dict[str, Any]) -> None:
    with (
        pikepdf.open(io.BytesIO(hazard.make())) as original,
        pikepdf.open(io.BytesIO(cleaned[hazard.name])) as copy,
    ):
        assert not copy.check_pdf_syntax() and not copy.get_warnings()
        assert _bookmarks(copy) == _bookmarks(original)
        assert _links(copy) == _links(original) >= 2
        assert len(copy.Root.StructTreeRoot.K[0].K) == len(original.Root.StructTreeRoot.K[0].K)
        assert copy.Root.MarkInfo.Marked
        assert copy.Root.ViewerPreferences.DisplayDocTitle
        assert str(copy.docinfo.Title) == TITLE
        assert set(copy.docinfo.keys()) == {"/Title"}
        assert copy.is_linearized
        everything = b"".join(
            bytes(o.read_bytes()) if o.get("/Type") != "/XObject" else bytes(o.read_raw_bytes())
            for o in copy.objects
            if isinstance(o, pikepdf.Stream)
        )
    for word in (b"jsampleperson", b"Jo Sampleperson", b"sampleserver", b"Sample Writer"):
        assert word not in everything + cleaned[hazard.name]


def _bookmarks(pdf: Pdf) -> list[str]:
    with pdf.open_outline() as outline:
        return [item.title for item in outline.root]


def _links(pdf: Pdf) -> int:
    """Count the links that lead to a page or a web site."""
    links = [
        note
        for page in pdf.pages
        for note in page.get("/Annots", [])
        if note.Subtype == "/Link"
        and "/Next" not in note.get("/A", Dictionary())
        and ("/Dest" in note or str(note.A.get("/URI", "")).startswith("https:"))
    ]
    return len(links)


@of([hazard for hazard in CLEANABLE if hazard.name in NOT_THE_SAME])
def test_what_would_look_different_is_refused(hazard: Hazard, cleaned: dict[str, Any]) -> None:
    refusal = cleaned[hazard.name]
    assert isinstance(refusal, str) and "Page 2 of the cleaned copy would look different" in refusal


# --- what is refused, what stays reported -----------------------------------------------------


def over_text(kind: str, **keys: Any) -> bytes:
    def draw(c: Canvas) -> None:
        c.say(SECRET)
        look = c.appearance(box(0, 0, 300, 30, "0 g"), 300, 30)
        c.annotate(kind, [70, 290, 370, 320], AP=look, **keys)

    return drawn(draw)


@pytest.mark.django_db
@pytest.mark.parametrize("kind", ["Square", "FreeText"])
def test_a_mark_over_text_is_not_taken_off(kind: str, uploads: Path) -> None:
    """Without it, what was meant to be hidden would show."""
    more = {"IC": Array([0, 0, 0])} if kind == "Square" else {"Contents": "A note"}
    file = make_file(over_text(kind, **more))
    before = sorted(uploads.rglob("*"))
    with pytest.raises(ValidationError) as refused:
        clean(file, user=make_user())
    assert refused.value.messages == [
        "On page 2, a comment or mark lies over text. Without it the text would show. Take the "
        "words out in the source and make the file anew."
    ]
    assert DocumentFile.objects.get() == file and sorted(uploads.rglob("*")) == before


@pytest.mark.django_db
def test_covered_text_stays_reported() -> None:
    covered = next(hazard for hazard in HAZARDS if hazard.check == "covered_text")
    file = take_in(ContentFile(edited(covered.make(), author)), name="report.pdf")
    assert {f.kind for f in file.findings.all()} == {"covered_text", "names_in_properties"}
    copy = clean(file, user=make_user())
    assert [(f.kind, f.page) for f in copy.findings.all()] == [("covered_text", 2)]
    assert copy.verdict["kind"] == "open" and SECRET not in copy.text_pages.get(number=2).text


@pytest.mark.django_db
def test_what_is_filled_in_stays_to_be_seen_and_nothing_else_of_the_form() -> None:
    file = make_file(MADE["text field filled in"]())
    copy = clean(file, user=make_user())
    assert SECRET in copy.text_pages.get(number=2).text
    with copy.content.open() as stored, Pdf.open(stored) as pdf:
        assert "/AcroForm" not in pdf.Root
        assert all(n.Subtype == "/Link" for p in pdf.pages for n in p.get("/Annots", []))
    assert not copy.findings.exists()


@pytest.mark.django_db
def test_of_two_copies_made_at_the_same_time_one_stays(
    uploads: Path,
    monkeypatch: pytest.MonkeyPatch,
    django_capture_on_commit_callbacks: Any,
) -> None:
    file = take_in(ContentFile(AUTHOR()), name="annex.pdf")
    before = kept_files(uploads)
    meanwhile = []

    def run_child(*arguments: Any) -> None:
        monkeypatch.undo()
        meanwhile.append(clean(file, user=None))
        intake.run_child(*arguments)

    monkeypatch.setattr(cleaning, "run_child", run_child)
    with django_capture_on_commit_callbacks(execute=True):
        assert clean(file, user=None) == meanwhile[0] == file.cleaned_copies.get()
    assert len(kept_files(uploads)) == 2 * len(before)


@pytest.mark.django_db
def test_no_list_of_processes_shows_the_title_of_a_draft(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(intake, "run_at_once", run_at_once)
    document = make_document(make_review(), title="The Lapwing review", pdf=clean_pdf())
    start, commands = subprocess.Popen, []

    def start_noted(command: list[str], **how: Any) -> Any:
        commands.append(command)
        return start(command, **how)

    monkeypatch.setattr(subprocess, "Popen", start_noted)
    copy = clean(document.file, user=None)
    assert copy.title == "The Lapwing review"
    assert any("clean" in command for command in commands)
    assert not any("Lapwing" in part for command in commands for part in command)


@pytest.mark.django_db
def test_a_file_with_nothing_to_clean_stays_what_it_is() -> None:
    copy = clean(make_file(dict(FINE)["clean file"]()), user=make_user())
    assert not copy.findings.exists() and copy.title == TITLE


# --- the original and the copy ----------------------------------------------------------------


def address_of(file: DocumentFile, what: str) -> str:
    return reverse(f"admin:reviews_documentfile_{what}", args=[file.uid])


@pytest.fixture
def document(db: None) -> Document:
    review = make_review(state=State.DRAFT, title="Oak", summary="Words.")
    document = make_document(review, pdf=AUTHOR(), title="Oak: the report")
    make_finding(document.file, kind="names_in_properties")  # type: ignore[arg-type]
    return document


def copy_made_by(client: Client, file: DocumentFile) -> DocumentFile:
    response = client.post(address_of(file, "clean"))
    copy = DocumentFile.objects.latest("pk")
    assert response.status_code == 302 and response.url == report_address(copy)
    return copy


def test_the_copy_is_offered_and_used_only_when_asked_for(
    document: Document, editor: Client
) -> None:
    original: Any = document.file
    address = document.get_absolute_url()
    assert "Use the cleaned copy Make it, and look" in text_of(editor.get(report_address(original)))
    copy = copy_made_by(editor, original)
    report = editor.get(report_address(copy))
    assert_valid(report)
    text = text_of(report)
    assert "A cleaned copy was made. Every page was compared and looks the same." in text
    assert "Nothing was found about privacy." in text and "This is a cleaned copy" in text
    assert (copy.cleaned_from, copy.document) == (original, document)
    assert copy.taken_in_by == editor.user  # type: ignore[attr-defined]
    assert copy.original_name == "oak-the-report.pdf" and copy.title == "Oak: the report"
    # Nothing has changed yet.
    document.refresh_from_db()
    assert document.file == original and not copy.is_current and not copy.was_used
    assert body_of(editor.get(address)) == AUTHOR()
    original.refresh_from_db()
    assert original.stored_sha256() == original.sha256
    assert original.findings.get().kind == "names_in_properties"
    assert "Look at it first" in text_of(editor.get(report_address(original)))
    # Asked for again, it is not made again.
    assert copy_made_by(editor, original) == copy

    text = text_of(editor.post(address_of(copy, "use"), follow=True))
    assert "“Oak: the report” now has this file." in text
    document = Document.objects.get()
    assert document.file == copy and document.get_absolute_url() == address
    with copy.content.open() as content:
        assert body_of(editor.get(address)) == content.read() != AUTHOR()
    assert set(document.versions.all()) == {original, copy}
    report = editor.get(report_address(copy))
    assert address_of(original, "file") in report.content.decode()
    assert "Use the cleaned copy" not in text_of(report)
    assert document.history.first().history_change_reason == "Cleaned copy used"
    document.publication.publishing_obstacles()
    assert not document.publishing_obstacles()


def test_one_press_makes_the_copy_and_uses_it(document: Document, editor: Client) -> None:
    original: Any = document.file
    assert "Its cleaned copy is to be used" in text_of(editor.get(report_address(original)))
    with pytest.raises(ValidationError, match="its cleaned copy must be used first"):
        PracticeReview.objects.get().publish()
    response = editor.post(address_of(original, "clean"), {"use": "1"}, follow=True)
    text = text_of(response)
    assert "“Oak: the report” now has this file." in text
    assert "Nothing was found about privacy." in text
    document = Document.objects.get()
    assert document.file and document.file.cleaned_from == original
    PracticeReview.objects.get().publish()


def test_a_form_asks_for_the_copy_and_uses_it(editor: Client, unsaved: DocumentFile) -> None:
    """As the script of the form does, right after the file was taken in."""
    Finding.objects.update(kind="names_in_properties")
    now = editor.get(address_of(unsaved, "now")).content.decode()
    assert f'data-clean="{address_of(unsaved, "clean")}"' in now and "data-use" not in now
    as_json = {"Accept": "application/json"}
    answer = editor.post(address_of(unsaved, "clean"), headers=as_json).json()
    copy = DocumentFile.objects.latest("pk")
    assert "data-clean" not in answer["now"]
    assert f'data-use="{address_of(copy, "use")}"' in answer["now"]
    answer = editor.post(address_of(copy, "use"), headers=as_json).json()
    assert "Nothing was found about privacy." in answer["now"]
    save_with(editor, unsaved.uid)
    assert Document.objects.get().file == copy


def test_why_there_is_no_copy_is_said_wherever_it_is_asked_for(editor: Client) -> None:
    document = make_document(
        make_review(state=State.DRAFT), pdf=over_text("Square", IC=Array([0, 0, 0]))
    )
    file: Any = document.file
    finding = make_finding(file, kind="comments", page=2)
    why = "On page 2, a comment or mark lies over text."
    answer = editor.post(address_of(file, "clean"), headers={"Accept": "application/json"}).json()
    assert why in answer["refused"] and why in answer["now"] and "data-clean" not in answer["now"]
    report = editor.get(report_address(file))
    assert_valid(report)
    assert f"No cleaned copy can be made. {why}" in text_of(report)
    assert "Use the cleaned copy" not in text_of(report)
    # Then the file itself is settled, all of it with one reason.
    sent = {"keep": "1", "findings": [finding.pk], "reason": ""}
    refused = editor.post(address_of(file, "accept"), sent)
    assert refused.status_code == 400 and "Give the reason" in text_of(refused)
    editor.post(address_of(file, "accept"), {**sent, "reason": "It hides nothing."})
    assert "All findings about privacy are settled." in text_of(editor.get(report_address(file)))


def test_a_copy_nobody_has_used_belongs_to_the_document_of_its_original(
    editor: Client, unsaved: DocumentFile
) -> None:
    copy = copy_made_by(editor, unsaved)
    save_with(editor, unsaved.uid)
    copy.refresh_from_db()
    assert copy.document == Document.objects.get() and not copy.is_current


def test_what_cannot_be_cleaned_is_named_and_leaves_nothing(editor: Client, uploads: Path) -> None:
    review = make_review(state=State.DRAFT)
    document = make_document(review, pdf=over_text("Square", IC=Array([0, 0, 0])))
    make_finding(document.file, kind="comments", page=2)  # type: ignore[arg-type]
    before = kept_files(uploads)
    response = editor.post(address_of(document.file, "clean"), follow=True)  # type: ignore[arg-type]
    text = text_of(response)
    assert "No cleaned copy was made. On page 2, a comment or mark lies over text." in text
    assert DocumentFile.objects.count() == 1 and kept_files(uploads) == before


def test_a_file_that_went_missing_is_no_crash(document: Document, editor: Client) -> None:
    file: Any = document.file
    file.content.storage.delete(file.content.name)
    assert editor.post(address_of(file, "clean"), follow=True).status_code == 200
    assert DocumentFile.objects.count() == 1


def test_a_button_is_offered_only_where_cleaning_helps(editor: Client) -> None:
    document = make_document(make_review(state=State.DRAFT), pdf=clean_pdf())
    file: Any = document.file
    for kind in ("covered_text", "no_tags", "telling_file_name"):
        make_finding(file, kind=kind)
    assert "Use the cleaned copy" not in text_of(editor.get(report_address(file)))
    make_finding(file, kind="no_title")
    assert "Use the cleaned copy" in text_of(editor.get(report_address(file)))


# --- discarding -------------------------------------------------------------------------------


def test_discarding_takes_the_copy_out_of_the_records_and_the_storage(
    document: Document,
    editor: Client,
    uploads: Path,
    django_capture_on_commit_callbacks: Any,
) -> None:
    before = kept_files(uploads)
    original: Any = document.file
    copy = make_file(clean_pdf(), document=document, cleaned_from=original)
    assert len(kept_files(uploads)) == len(before) + 3
    with django_capture_on_commit_callbacks() as callbacks:
        response = editor.post(address_of(copy, "discard"))
    assert response.url == report_address(original)
    assert DocumentFile.objects.get() == original
    # Not before the deletion is certain.
    assert len(kept_files(uploads)) == len(before) + 3
    for callback in callbacks:
        callback()
    assert kept_files(uploads) == before


def test_a_deletion_that_is_undone_leaves_the_file(
    document: Document, uploads: Path, django_capture_on_commit_callbacks: Any
) -> None:
    copy = make_file(clean_pdf(), document=document, cleaned_from=document.file)
    before = kept_files(uploads)
    with django_capture_on_commit_callbacks(execute=True), transaction.atomic():
        DocumentFile.objects.get(pk=copy.pk).delete()
        transaction.set_rollback(True)
    assert DocumentFile.objects.filter(pk=copy.pk).exists() and kept_files(uploads) == before


@pytest.mark.parametrize("when", ["now", "before"])
def test_what_was_in_use_is_not_discarded(document: Document, editor: Client, when: str) -> None:
    original: Any = document.file
    copy = make_file(clean_pdf(), document=document, cleaned_from=original)
    editor.post(address_of(copy, "use"))
    if when == "before":
        editor.post(address_of(original, "use"))
        assert "Discard it" not in text_of(editor.get(report_address(copy)))
    for file in (original, copy):
        text = text_of(editor.post(address_of(file, "discard"), follow=True))
        assert "This version was in use, so it is kept for staff." in text
    assert DocumentFile.objects.count() == 2


# --- before the document is saved -------------------------------------------------------------


@pytest.fixture
def unsaved(editor: Client) -> DocumentFile:
    file = make_file(AUTHOR(), original_name="sent.pdf", taken_in_by=editor.user)  # type: ignore[attr-defined]
    make_finding(file)
    return file


def save_with(client: Client, token: Any, title: str = "Oak") -> Any:
    return send(
        client,
        f"{LIST}add/",
        type="lcspr",
        title=title,
        **{
            "documents-TOTAL_FORMS": "1",
            "documents-0-kind": "report",
            "documents-0-title": "The report",
            "documents-0-file_taken": str(token),
            "documents-0-position": "0",
        },
    )


def test_a_file_is_cleaned_before_its_document_is_saved(
    editor: Client, unsaved: DocumentFile
) -> None:
    token = unsaved.uid
    copy = copy_made_by(editor, unsaved)
    assert copy.document is None and copy.original_name == "cleaned-copy.pdf"
    text = text_of(editor.post(address_of(copy, "use"), follow=True))
    assert "The cleaned copy takes the place of the file you sent." in text
    assert save_with(editor, token).status_code == 302
    document = Document.objects.get()
    assert document.file == copy and document.file.cleaned_from == unsaved
    assert set(document.versions.all()) == {copy, unsaved}
    # The original is there for staff, under an address of its own.
    unsaved.refresh_from_db()
    copy.refresh_from_db()
    assert copy.uid == token != unsaved.uid
    assert body_of(editor.get(address_of(unsaved, "file"))) == AUTHOR()
    with document.file.content.open() as content, Pdf.open(content) as pdf:
        assert "/Author" not in pdf.docinfo


def test_a_copy_of_what_was_saved_meanwhile_can_still_be_used(
    editor: Client, unsaved: DocumentFile
) -> None:
    copy = make_file(clean_pdf(), taken_in_by=editor.user, cleaned_from=unsaved)  # type: ignore[attr-defined]
    save_with(editor, unsaved.uid)
    document = Document.objects.get()
    assert document.file == unsaved
    editor.post(address_of(copy, "use"))
    document.refresh_from_db()
    assert document.file == copy and set(document.versions.all()) == {copy, unsaved}


def test_asking_twice_for_the_copy_does_not_bring_the_original_back(
    editor: Client, unsaved: DocumentFile
) -> None:
    token = unsaved.uid
    copy = make_file(clean_pdf(), taken_in_by=editor.user, cleaned_from=unsaved)  # type: ignore[attr-defined]
    own = address_of(copy, "use")
    editor.post(own)
    copy.refresh_from_db()
    for address in (own, address_of(copy, "use")):
        editor.post(address)
    save_with(editor, token)
    assert Document.objects.get().file == copy


def test_a_copy_that_the_form_has_is_offered_no_more_and_not_discarded(
    editor: Client, unsaved: DocumentFile
) -> None:
    token = unsaved.uid
    copy = make_file(clean_pdf(), taken_in_by=editor.user, cleaned_from=unsaved)  # type: ignore[attr-defined]
    offered = editor.get(report_address(copy)).content.decode()
    assert "Use the cleaned copy" in offered and "Discard it" in offered
    page = editor.post(address_of(copy, "use"), follow=True)
    assert "Your form has this copy now." in text_of(page)
    assert "Use the cleaned copy" not in text_of(page) and "Discard it" not in text_of(page)
    copy.refresh_from_db()
    refused = editor.post(address_of(copy, "discard"), follow=True)
    assert "Your form has this copy" in text_of(refused)
    save_with(editor, token)
    assert Document.objects.get().file == copy
    # An earlier version again, it can be used once more.
    document = Document.objects.get()
    document.file = document.versions.exclude(pk=copy.pk).get()
    document.save()
    assert "Use the cleaned copy" in text_of(editor.get(report_address(copy)))


def test_a_discarded_copy_leaves_the_form_its_file(editor: Client, unsaved: DocumentFile) -> None:
    copy = make_file(clean_pdf(), taken_in_by=editor.user, cleaned_from=unsaved)  # type: ignore[attr-defined]
    assert editor.post(address_of(copy, "discard")).url == report_address(unsaved)
    save_with(editor, unsaved.uid)
    assert Document.objects.get().file == unsaved


def test_an_original_cannot_take_the_place_of_itself(editor: Client, unsaved: DocumentFile) -> None:
    assert editor.post(address_of(unsaved, "use")).status_code == 404
    assert fields_of(editor.get(report_address(unsaved)))
