"""A file that is too large: said as soon as it is chosen, before a byte of it is sent."""

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, Request, expect

from mscp.files.logos import MOST_PNG, MOST_SVG
from mscp.files.sizes import MostBytes
from mscp.publishing.gate import State
from reviews.documents.word_pages import MOST as MOST_OF_WORD
from reviews.uploads import MOST as MOST_OF_DOCUMENT
from tests.factories import make_document, make_review
from tests.pdfs import clean_pdf
from training.photos import MOST as MOST_OF_PHOTO
from training.programme.files.sheets import MOST as MOST_OF_SHEET

pytestmark = pytest.mark.usefixtures("catalogue")

REVIEW = "/admin/reviews/practicereview/add/"
FIELDS = {
    "document": (REVIEW, "Add several PDFs at once", "report.pdf", MOST_OF_DOCUMENT),
    "photo": ("/admin/training/venue/add/", "Photo", "house.jpg", MOST_OF_PHOTO),
    "logo": ("/admin/mscp/siteidentity/1/change/", "Logo", "logo.PNG", MOST_PNG),
    "drawn logo": ("/admin/mscp/siteidentity/1/change/", "Logo", "logo.SVG", MOST_SVG),
    "spreadsheet": (
        "/admin/training/programmeimport/add/",
        "A spreadsheet or a calendar",
        "programme.xlsx",
        MOST_OF_SHEET,
    ),
}


@pytest.mark.parametrize("name", FIELDS)
def test_a_file_that_is_too_large_is_not_sent(
    name: str, staff_page: Callable[..., Page], tmp_path: Path
) -> None:
    address, label, file_name, limit = FIELDS[name]
    page = staff_page(address, fields={"is_superuser": True})
    sent: list[Request] = []
    page.on("request", lambda request: sent.append(request) if "upload" in request.url else None)
    field = page.get_by_label(label, exact=False).and_(page.locator("input[type=file]")).first
    field.set_input_files(of_size(tmp_path / file_name, limit, 1))
    said = page.get_by_text(f"{file_name}: {limit.sentence}")
    expect(said).to_be_visible()
    expect(field).to_have_value("")
    assert not sent

    field.set_input_files(of_size(tmp_path / f"smaller-{file_name}", limit, 0))
    if name == "document":  # the next one has a row of its own
        expect(said).to_be_visible()
    else:
        expect(said).to_have_count(0)
        assert field.evaluate("input => input.files.length") == 1


def of_size(path: Path, limit: MostBytes, more: int) -> str:
    """Write a file that has its most bytes and some more, which takes no room on the disk."""
    with path.open("wb") as file:
        file.truncate(limit.most + more)
    return str(path)


def test_a_word_document_that_is_too_large_is_not_sent(
    staff_page: Callable[..., Page], tmp_path: Path
) -> None:
    document = make_document(make_review(state=State.DRAFT), title="The report", pdf=clean_pdf())
    page = staff_page(f"/admin/reviews/documentfile/{document.file.uid}/word/", "Editors")  # type: ignore[union-attr]
    field = page.get_by_label("Word document (.docx)")
    field.set_input_files(of_size(tmp_path / "report.docx", MOST_OF_WORD, 1))
    expect(page.get_by_text(f"report.docx: {MOST_OF_WORD.sentence}")).to_be_visible()
    expect(field).to_have_value("")
    field.set_input_files(of_size(tmp_path / "smaller.docx", MOST_OF_WORD, 0))
    expect(page.get_by_text(MOST_OF_WORD.sentence)).to_have_count(0)
    assert field.evaluate("input => input.files.length") == 1
