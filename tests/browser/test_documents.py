"""A document from the editor's computer to the reader's screen, in a real browser."""

import re
from collections.abc import Callable
from io import BytesIO, StringIO
from pathlib import Path
from typing import Any

import pypdfium2 as pdfium
import pytest
from django.core.management import call_command
from playwright.sync_api import Page, expect

from mscp.publishing.gate import State
from reviews.documents.cleaning import clean
from reviews.documents.report_links import report_address
from reviews.models import Document, DocumentFile, PracticeReview
from reviews.uploads import MOST
from tests.browser.test_accessibility import assert_accessible
from tests.factories import make_document, make_file, make_review
from tests.pdfs import HAZARDS, clean_pdf

pytestmark = pytest.mark.usefixtures("catalogue")

READING_TAKES = 60_000


def saved(folder: Path, name: str, data: bytes) -> str:
    path = folder / name
    path.write_bytes(data)
    return str(path)


def hazard(name: str) -> bytes:
    return next(hazard for hazard in HAZARDS if hazard.name == name).make()


def test_an_editor_sends_files_settles_what_was_found_and_a_reader_reads(
    staff_page: Callable[..., Page], open_page: Callable[..., Page], tmp_path: Path
) -> None:
    page = staff_page("/admin/reviews/practicereview/add/", "Publishers")
    page.get_by_label("Type").select_option("lcspr")
    page.get_by_label("Title", exact=False).first.fill("Sample oak (fictional)")
    page.get_by_label("Add several PDFs at once").set_input_files(
        [
            saved(tmp_path, "oak.pdf", clean_pdf()),
            saved(tmp_path, "annex.pdf", hazard("sticky note")),
            saved(tmp_path, "page.pdf", b"<html>no PDF</html>"),
        ]
    )
    messages = page.locator(".upload-status")
    expect(messages.nth(0)).to_have_text(
        "oak.pdf is taken in. Save the form to keep it.", timeout=READING_TAKES
    )
    expect(messages.nth(1)).to_contain_text("annex.pdf is taken in", timeout=READING_TAKES)
    expect(messages.nth(2)).to_contain_text("page.pdf: This is not a PDF", timeout=READING_TAKES)
    expect(page.get_by_text("Comments or marks")).to_be_visible()
    titles = page.locator("input[name^=documents-][name$=-title]")
    expect(titles.nth(0)).to_have_value("Learning from Elm House")
    titles.nth(1).fill("Annex")
    page.get_by_role("button", name="Save and continue editing").click()

    expect(page.locator(".state-panel")).to_contain_text("“Annex”: its cleaned copy")
    page.get_by_role("button", name="Save and publish…").click()
    expect(page.get_by_role("alert")).to_contain_text("must be used first")
    with page.expect_popup() as opened:
        page.get_by_role("link", name="Open its report (in a new window)").click()
    page = opened.value

    page.get_by_role("button", name="Use the cleaned copy").click()
    expect(page.get_by_text("now has this file")).to_be_visible(timeout=READING_TAKES)
    page.get_by_role("link", name="Back to Sample oak (fictional)").click()
    page.get_by_role("button", name="Save and publish…").click()
    page.get_by_role("button", name="Publish", exact=True).click()
    expect(page.get_by_text("Sample oak (fictional): published")).to_be_visible()

    review = PracticeReview.objects.get(title="Sample oak (fictional)")
    annex = Document.objects.get(title="Annex")
    assert annex.versions.count() == 2
    reader = open_page(review.get_absolute_url())
    reader.get_by_role("link", name="Read online of “Annex”").click()
    expect(reader.get_by_text("Page two speaks of a heron")).to_be_visible()
    expect(
        reader.locator("#page-2").get_by_role("link", name="Page 2 in the PDF")
    ).to_have_attribute("href", f"{annex.get_absolute_url()}#page=2")
    reader.goto(review.get_absolute_url())
    with reader.expect_download() as download:
        reader.get_by_role("link", name="Download “Annex”").click()
    assert download.value.suggested_filename == "annex.pdf"
    data = Path(download.value.path()).read_bytes()
    assert len(pdfium.PdfDocument(BytesIO(data))) == 3
    assert reader.problems == []  # type: ignore[attr-defined]


@pytest.mark.one_database
def test_the_copy_is_used_in_the_form_of_what_is_saved(staff_page: Callable[..., Page]) -> None:
    """Whoever made it: it is served once the form is saved, and not before."""
    review = make_review(state=State.DRAFT)
    file = _taken_in("producer in info")
    document = make_document(review, title="The report", file=file)
    copy = clean(file, user=None)
    page = staff_page(f"/admin/reviews/practicereview/{review.pk}/change/", "Editors")
    page.locator("#documents-0 summary").click()
    page.get_by_role("button", name="Use the cleaned copy").click()
    expect(page.locator("#documents-0 .upload-status")).to_contain_text("Save the form to keep it.")
    expect(page.locator("#documents-0")).to_contain_text("Nothing was found about privacy.")
    assert Document.objects.get(pk=document.pk).file == file
    page.get_by_role("button", name="Save and continue editing").click()
    expect(page.locator(".messagelist")).to_contain_text("was changed successfully")
    assert Document.objects.get(pk=document.pk).file == copy
    expect(page.locator(".state-panel")).not_to_contain_text("cleaned copy")


@pytest.mark.one_database
def test_a_finding_is_accepted_with_a_reason(staff_page: Callable[..., Page]) -> None:
    page = staff_page("/admin/", "Editors")
    document = make_document(
        make_review(state=State.DRAFT), title="The report", file=_taken_in("producer in info")
    )
    page.goto(report_address(document.file))
    page.get_by_text("Keep this file as it is instead").click()
    page.get_by_label("Why all of this may stay").fill("Every file of ours is made so.")
    page.get_by_role("button", name="Keep the file as it is").click()
    expect(page.get_by_text("All findings about privacy are settled.")).to_be_visible()
    expect(page.get_by_text("“Every file of ours is made so.”")).to_be_visible()
    page.get_by_role("button", name="Take it back").click()
    expect(page.get_by_text("The acceptance was taken back.")).to_be_visible()


@pytest.mark.one_database
def test_without_javascript_a_document_is_added(
    staff_page: Callable[..., Page], tmp_path: Path
) -> None:
    """And one that is too large is refused in the words in which a script says it."""
    page = staff_page("/admin/reviews/practicereview/add/", "Editors", java_script_enabled=False)
    page.get_by_role("link", name="open a row for another document").click()
    page.get_by_label("Type").first.select_option("lcspr")
    page.locator("#id_title").fill("Sample elm (fictional)")
    page.locator("#id_documents-0-title").fill("The report")
    field = page.locator("#id_documents-0-file")
    expect(page.get_by_text("A PDF of at most 50 MB.").first).to_be_visible()
    large = tmp_path / "large.pdf"
    with large.open("wb") as file:
        file.truncate(MOST.most + 1)
    field.set_input_files(str(large))
    page.get_by_role("button", name="Save and continue editing").click()
    expect(page.get_by_text(MOST.sentence)).to_be_visible()
    expect(page.locator("#id_documents-0-title")).to_have_value("The report")
    field.set_input_files(saved(tmp_path, "elm.pdf", clean_pdf()))
    page.get_by_role("button", name="Save and continue editing").click()
    review = PracticeReview.objects.get(title="Sample elm (fictional)")
    expect(page).to_have_url(re.compile(f"/{review.pk}/change/"))
    document = review.documents.get()
    assert document.title == "The report" and document.file and document.file.pages == 3
    # An empty row that nobody filled in is none.
    page.get_by_role("link", name="open a row for another document").click()
    expect(page.locator("#id_documents-1-file")).to_be_visible()
    page.get_by_role("button", name="Save and continue editing").click()
    assert review.documents.count() == 1


@pytest.mark.one_database
def test_without_javascript_the_file_goes_with_the_form(
    staff_page: Callable[..., Page], tmp_path: Path
) -> None:
    review = make_review(state=State.DRAFT)
    make_document(review, title="The report")
    address = f"/admin/reviews/practicereview/{review.pk}/change/"
    page = staff_page(address, "Editors", java_script_enabled=False)
    page.locator("#documents-0 summary").click()
    page.locator("#id_documents-0-url").fill("")
    page.locator("#id_documents-0-file").set_input_files(saved(tmp_path, "oak.pdf", clean_pdf()))
    page.locator("#id_report_date").fill("no date")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("is not a date we understand")).to_be_visible()
    expect(page.get_by_text("(not saved yet)")).to_be_visible()
    page.locator("#id_report_date").fill("2024")
    page.get_by_role("button", name="Save", exact=True).click()
    page.wait_for_url("**/practicereview/")
    document = review.documents.get()
    assert document.file is not None and document.file.pages == 3 and not document.url
    assert DocumentFile.objects.count() == 1


def _taken_in(name: str) -> DocumentFile:
    from django.core.files.base import ContentFile

    from reviews.documents.intake import take_in

    return take_in(ContentFile(hazard(name)), name="sent.pdf")


@pytest.mark.one_database
def test_pages_of_documents_are_accessible(staff_page: Callable[..., Page], clock: Any) -> None:
    call_command("seed", samples=True, stdout=StringIO())
    page = staff_page("/admin/", fields={"is_superuser": True})
    sample = PracticeReview.objects.get(title="Sample review (fictional)")
    draft = PracticeReview.objects.get(title="Sample draft with findings (fictional)")
    scan = make_file(b"%PDF-1.4 a scan", has_text=False)
    make_document(sample, title="Scan " * 30, file=scan)
    for number in range(9):
        make_document(sample, title=f"Annex {number}", file=make_file(b"%PDF-1.4"))
    report, scanned = sample.documents.first(), sample.documents.get(file=scan)
    waiting = make_file(b"%PDF-1.4")
    addresses = [
        sample.get_absolute_url(),
        report.reading_address,
        f"/documents/{scanned.uid}/read/",
        draft.documents.get().reading_address,
        f"/admin/reviews/practicereview/{draft.pk}/change/",
        report_address(draft.documents.get().file),
        report_address(report.file),
        report_address(waiting),
        "/admin/reviews/document/",
    ]
    assert_accessible(page, *addresses)


def test_rows_open_close_and_are_ordered_by_keys(staff_page: Callable[..., Page]) -> None:
    review = make_review(state=State.DRAFT)
    for number, title in enumerate(("Report", "Summary", "Response")):
        make_document(review, title=title, position=number)
    address = f"/admin/reviews/practicereview/{review.pk}/change/"
    page = staff_page(address, "Editors")
    rows = page.locator(".closed-row:not(.empty-form)")
    expect(page.locator("#id_documents-0-title")).to_be_hidden()
    expect(rows.nth(0).locator("summary")).to_contain_text("example.org")

    up = rows.nth(2).get_by_role("button", name="Move up")
    up.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_text("Response is now number 2 of 3.")).to_be_attached()
    # The focus stays where the next step is taken.
    page.keyboard.press("Enter")
    expect(rows.nth(0).locator(".row-name")).to_have_text("Response")

    # A new one comes last, and taking it away again leaves the saved ones what they are.
    page.get_by_text("Add another Document").click()
    expect(page.locator("#id_documents-3-position")).to_have_value("4")
    rows.nth(3).get_by_role("button", name="Move up").click()
    rows.nth(2).get_by_role("button", name="Remove").click()
    expect(rows).to_have_count(3)
    rows.nth(0).locator("summary").click()
    page.locator("#id_documents-2-title").fill("Response of the partners")
    expect(rows.nth(0).locator(".row-name")).to_have_text("Response of the partners")
    page.get_by_role("button", name="Save", exact=True).click()
    page.wait_for_url("**/practicereview/")
    titles = [document.title for document in review.documents.all()]
    assert titles == ["Response of the partners", "Report", "Summary"]


def test_fields_of_an_address_show_where_there_is_one(staff_page: Callable[..., Page]) -> None:
    review = make_review(state=State.DRAFT)
    make_document(review, title="Elsewhere")
    page = staff_page(f"/admin/reviews/practicereview/{review.pk}/change/", "Editors")
    page.locator("#documents-0 summary").click()
    expect(page.locator("#id_documents-0-url")).to_be_visible()
    expect(page.locator("#id_documents-0-file")).to_be_hidden()
    page.get_by_text("Add another Document").click()
    expect(page.locator("#id_documents-1-url")).to_be_hidden()
    expect(page.locator("#id_documents-1-file")).to_be_visible()
    page.locator("#documents-1").get_by_role("button", name="An address elsewhere").click()
    page.locator("#id_documents-1-url").fill("no address at all")
    expect(page.locator("#id_documents-1-url_checked")).to_be_visible()
    page.get_by_role("button", name="Save", exact=True).click()
    # What has an error is open, and only that.
    expect(page.locator("#documents-1 details")).to_have_attribute("open", "")
    expect(page.locator("#id_documents-1-url")).to_have_value("no address at all")
    assert page.locator("#documents-0 details").get_attribute("open") is None
    assert_accessible(page, page.url)
