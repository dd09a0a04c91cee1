"""The text of a document from the author's Word file: looked at page by page, and never kept."""

from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from lxml.html import document_fromstring

from mscp.models import PendingChange
from mscp.publishing.gate import State
from reviews.documents.word_pages import on_pages
from reviews.models import Document, DocumentPage
from tests import word_files
from tests.factories import make_document, make_file, make_review, make_user, paragraph
from tests.pages import assert_valid, text_of

pytestmark = pytest.mark.django_db

ONE = "The child was seen by the health visitor on Monday, and nobody asked the school about it."
TWO = "The school wrote to the social worker in the same week, who read the letter a month later."


def document_of(*pages: list[Any], state: State = State.DRAFT) -> Document:
    file = make_file(b"%PDF-1.4", pages=["x"] * len(pages))
    for number, blocks in enumerate(pages, 1):
        text = "\n".join(block["text"] for block in blocks)
        rows = DocumentPage.objects.filter(file=file, number=number)
        rows.update(blocks=blocks, text=text)
    return make_document(make_review(title="Oak", state=state), title="Report", file=file)


def address_of(document: Document) -> str:
    assert document.file
    return f"/admin/reviews/documentfile/{document.file.uid}/word/"


def send(client: Client, document: Document, data: bytes, name: str = "report.docx") -> Any:
    return client.post(address_of(document), {"word": SimpleUploadedFile(name, data)})


def take(client: Client, document: Document, page: Any, *numbers: int) -> Any:
    """Tick pages, those that are ticked already too, and take their text."""
    fields = list(document_fromstring(page.content).iter("input"))
    sent = {field.get("name"): field.get("value") for field in fields if field.get("name")}
    ticked = [one.get("value") for one in fields if "checked" in one.attrib]
    sent["page"] = [*ticked, *map(str, numbers)]
    return client.post(address_of(document), sent, follow=True)


def texts(document: Document, number: int = 1) -> list[str]:
    page = DocumentPage.objects.get(file=document.file, number=number)
    return [block["text"] for block in page.blocks]


def test_its_text_takes_the_place_of_what_was_read_where_it_is_ticked(editor: Client) -> None:
    document = document_of([paragraph("Findings " + ONE)], [paragraph(TWO)])
    words = word_files.word_file(
        word_files.paragraph("Findings", style="Heading1"),
        word_files.paragraph(ONE),
        word_files.paragraph(TWO + " Nobody answered."),
    )
    assert_valid(editor.get(address_of(document)))
    page = send(editor, document, words)
    assert page.status_code == 200
    assert_valid(page)
    assert "Nobody answered." in text_of(page)
    assert texts(document) == ["Findings " + ONE]
    answer = take(editor, document, page)
    assert "One page has the text of the Word document." in text_of(answer)
    assert texts(document) == ["Findings", ONE] and texts(document, 2) == [TWO]
    take(editor, document, page, 2)
    assert texts(document, 2) == [TWO + " Nobody answered."]
    shown = text_of(editor.get(document.reading_address))
    assert "was made from the author’s Word document by" in shown


def test_nothing_of_the_word_file_stays(editor: Client) -> None:
    document = document_of([paragraph(ONE)])
    hidden = word_files.run("Zqkestrel", "<w:vanish/>")
    words = word_files.word_file(
        word_files.paragraph(ONE, hidden), more={"docProps/core.xml": "<x>Zqkestrel</x>"}
    )
    page = send(editor, document, words)
    take(editor, document, page)
    assert texts(document) == [ONE]
    for folder in (Path(settings.MEDIA_ROOT), Path(settings.FILE_UPLOAD_TEMP_DIR)):
        files = [path for path in folder.rglob("*") if path.is_file()]
        assert not [path for path in files if path.suffix == ".docx"]
        assert not [path for path in files if b"Zqkestrel" in path.read_bytes()]


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"Dear Jo", "not a Word document"),
        (
            word_files.word_file(
                word_files.paragraph(f"<w:ins w:id='1'>{word_files.run('x')}</w:ins>")
            ),
            "tracked changes",
        ),
    ],
)
def test_what_is_refused_says_why(editor: Client, data: bytes, reason: str) -> None:
    document = document_of([paragraph(ONE)])
    page = send(editor, document, data)
    assert page.status_code == 400 and reason in text_of(page)
    assert "Choose the Word document." in text_of(editor.post(address_of(document)))
    assert texts(document) == [ONE]


def test_what_was_looked_at_cannot_be_changed_on_the_way(editor: Client) -> None:
    document, other = document_of([paragraph(ONE)]), document_of([paragraph(TWO)])
    page = send(editor, document, word_files.word_file(word_files.paragraph(ONE + " New.")))
    crafted = {"_made": "x" * 40, "page": "1"}
    answer = editor.post(address_of(document), crafted, follow=True)
    assert "Send the Word document again." in text_of(answer)
    # What was read for one file is good for no other.
    if other.file and document.file:
        type(other.file).objects.filter(pk=other.file.pk).update(sha256="0" * 64)
    assert "Send the Word document again." in text_of(take(editor, other, page, 1))
    assert texts(document) == [ONE] and texts(other) == [TWO]


def test_where_two_are_needed_each_page_of_what_is_live_waits(
    publisher: Client, settings: Any
) -> None:
    document = document_of([paragraph(ONE)], state=State.PUBLISHED)
    settings.TWO_PEOPLE = True
    page = send(publisher, document, word_files.word_file(word_files.paragraph(ONE + " New.")))
    answer = take(publisher, document, page, 1)
    assert "waits now until somebody else confirms" in text_of(answer)
    assert texts(document) == [ONE]
    PendingChange.objects.get().confirm(make_user())
    assert texts(document) == [ONE + " New."]


FIGURE = {
    **paragraph("Figure 1: Who knew"),
    "kind": "figure",
    "parts": [],
    "area": [0.1, 0.1, 0.9, 0.5],
}


@pytest.mark.parametrize(
    ("pages", "words", "expected"),
    [
        # Each on the page on which it begins.
        ([[ONE], [TWO]], [ONE, TWO], {1: [ONE], 2: [TWO]}),
        ([[ONE, TWO[:50]], [TWO[50:]]], [ONE, TWO], {1: [ONE, TWO]}),
        # What the PDF does not have stays with what is before it.
        ([[ONE], [TWO]], [ONE, "Added.", TWO], {1: [ONE, "Added."], 2: [TWO]}),
        ([[ONE], [TWO]], ["Added.", ONE, TWO], {1: ["Added.", ONE], 2: [TWO]}),
        # A short text stands in many places: the next one, if it is near.
        ([["Findings", ONE], ["Findings", TWO]], ["Findings", ONE, "Findings", TWO],
         {1: ["Findings", ONE], 2: ["Findings", TWO]}),
        ([[ONE, "x " * 4000], ["Yes"]], [ONE, "Yes"], {1: [ONE, "Yes"]}),
        # A box is printed out of its order.
        ([[TWO, ONE]], [ONE, TWO], {1: [ONE, TWO]}),
        # A page with nothing of it is left as it was read.
        ([[ONE], ["Contents"], [TWO]], [ONE, TWO], {1: [ONE], 3: [TWO]}),
    ],
)  # fmt: skip
def test_each_block_goes_to_the_page_where_its_words_begin(
    pages: list[list[str]], words: list[str], expected: dict[int, list[str]]
) -> None:
    document = document_of(*([paragraph(text) for text in page] for page in pages))
    rows = list(DocumentPage.objects.filter(file=document.file).order_by("number"))
    found = on_pages([paragraph(text) for text in words], rows)
    assert {number: [one["text"] for one in some] for number, some in found.items()} == expected


def test_figures_of_a_page_come_along(editor: Client) -> None:
    document = document_of([paragraph(ONE), FIGURE])
    rows = list(DocumentPage.objects.filter(file=document.file))
    for words in ([ONE], [ONE, "Figure 1: Who knew"]):
        found = on_pages([paragraph(text) for text in words], rows)
        assert [block["kind"] for block in found[1]] == ["paragraph", "figure"]
        assert found[1][1]["area"] == FIGURE["area"]
