"""The text of a document as a page: accessible, with a place for every page of the PDF."""

import re
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.test import Client

from reviews.documents.intake import take_in
from reviews.documents.reading_page import contents_of, pages_of
from reviews.models import Document, DocumentPage
from tests.factories import make_document, make_file, make_identity, make_review, paragraph
from tests.pages import assert_valid, text_of
from tests.pdfs import HAZARDS, pdf_saying
from tests.reviews.documents.test_intake import kept_of
from tests.reviews.reading_many import read_many

pytestmark = pytest.mark.django_db


def heading(text: str, level: int = 2) -> dict[str, Any]:
    return {"kind": "heading", "level": level, "text": text, "continues": False}


def item(text: str) -> dict[str, Any]:
    return {"kind": "item", "level": 0, "text": text, "continues": False}


def document_of(*pages: list[dict[str, Any]]) -> Document:
    file = make_file(b"%PDF-1.4", pages=["x"] * len(pages))
    for number, blocks in enumerate(pages, 1):
        DocumentPage.objects.filter(file=file, number=number).update(blocks=blocks)
    return make_document(make_review(title="Oak"), title="The report", file=file)


def test_every_page_has_an_anchor_and_leads_to_the_same_page_of_the_pdf() -> None:
    data = pdf_saying("One heron.", "Two herons.", "Three herons.")
    document = make_document(make_review(), file=take_in(ContentFile(data), name="a.pdf"))
    response = Client().get(document.reading_address)
    page = response.content.decode()
    assert_valid(response)
    for number, words in ((1, "One heron."), (2, "Two herons."), (3, "Three herons.")):
        place = page.index(f'id="page-{number}"')
        assert words in page[place : page.find(f'id="page-{number + 1}"')]
        assert f'{document.get_absolute_url()}#page={number}"' in page[place:]


def test_it_says_that_a_machine_made_it_and_what_the_record_is() -> None:
    text = text_of(Client().get(document_of([paragraph("Words.")]).reading_address))
    assert "taken from the PDF by machine" in text and "The PDF is the record." in text


def test_headings_make_the_contents_and_items_a_list() -> None:
    document = document_of(
        [heading("Introduction"), paragraph("Words."), item("First"), item("Second")],
        [heading("Findings"), heading("Curiosity", 3), paragraph("More.")],
    )
    response = Client().get(document.reading_address)
    page = response.content.decode()
    assert_valid(response)
    assert re.search(r"<ul>\s*<li>First</li>\s*<li>Second</li>\s*</ul>", page)
    assert '<h3 id="page-2-2">Curiosity</h3>' in page
    assert '<a href="#page-2-2">Curiosity</a>' in page


def test_a_heading_or_two_make_no_contents_and_very_many_leave_out_the_deepest() -> None:
    few = document_of([heading("One"), heading("Two")])
    assert contents_of(pages_of(few.file.text_pages.all())) == []
    many = document_of([heading(f"Part {n}", 2 if n % 40 == 0 else 4) for n in range(200)])
    contents = contents_of(pages_of(many.file.text_pages.all()))
    assert {entry.level for entry in contents} == {2} and len(contents) == 5


def test_what_a_page_break_cut_is_marked_as_going_on() -> None:
    document = document_of([paragraph("The family")], [{**paragraph("moved."), "continues": True}])
    assert (
        '<p class="continues">moved.</p>' in Client().get(document.reading_address).content.decode()
    )


def test_markup_in_a_pdf_is_text() -> None:
    document = document_of([heading("<b>Bold</b>"), paragraph("<script>alert(1)</script>")])
    page = Client().get(document.reading_address).content.decode()
    assert "<script>alert" not in page and "&lt;script&gt;alert(1)" in page


def test_a_page_without_text_says_so() -> None:
    document = document_of([paragraph("Words.")], [])
    assert "No text was found on this page" in text_of(Client().get(document.reading_address))


def test_a_scan_has_no_page_but_the_sentence_how_to_ask() -> None:
    make_identity(email="ask@example.org")
    scan = make_file(b"%PDF-1.4", has_text=False)
    document = make_document(make_review(), title="The report", file=scan)
    assert document.reading_address == ""
    for address in (document.publication.get_absolute_url(), f"/documents/{document.uid}/read/"):
        response = Client().get(address)
        assert "To ask for it in another format" in text_of(response)
        assert "mailto:ask@example.org?subject=The%20report" in response.content.decode()
        assert "Read “The report” online" not in text_of(response)


@pytest.mark.parametrize(
    "hazard",
    [hazard for hazard in HAZARDS if hazard.secret][::6],
    ids=lambda hazard: hazard.name,
)
def test_hidden_text_never_appears(hazard: Any) -> None:
    file = kept_of(read_many({hazard.name: hazard.make()})[hazard.name])
    document = make_document(make_review(), file=file)
    file.findings.all().delete()
    text = text_of(Client().get(document.reading_address))
    assert "heron" in text
    assert not [word for word in hazard.secret.split() if len(word) > 4 and word in text]


def test_a_long_document_is_one_page_with_few_queries(django_assert_max_num_queries: Any) -> None:
    document = document_of(*[[paragraph(f"This is page {number}.")] for number in range(120)])
    with django_assert_max_num_queries(10):
        page = Client().get(document.reading_address).content.decode()
    assert page.count('class="reading-page"') == 120
