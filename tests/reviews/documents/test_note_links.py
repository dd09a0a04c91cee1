"""Marks lead to their notes and notes back to their marks, on the page of a document's text."""

import html
import re
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.test import Client

from reviews.documents.intake import take_in
from reviews.models import Document, DocumentPage
from tests.factories import make_document, make_file, make_review, paragraph
from tests.pages import assert_valid
from tests.pdfs.builder import START, typeset
from tests.reviews.documents.test_reading_page import document_of, heading, item, table_block

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("kept_readings")]


def note(text: str) -> dict[str, Any]:
    return {**paragraph(text), "kind": "note"}


def page_of(response: Any) -> str:
    assert_valid(response)
    return re.sub(r"\s*\n\s*", "", html.unescape(response.content.decode()))


def links_of(document: Document) -> list[str]:
    """Each mark as "page:label → note", with a "↩" where the note leads back to it."""
    page = page_of(Client().get(document.reading_address))
    found = []
    for anchor, number, inside in re.findall(
        r'<sup class="note-mark" id="(page-(\d+)-mark-\d+)">\u202f(.*?)</sup>', page
    ):
        link = re.fullmatch('<a href="#([^"]*)"[^>]*>(.*)</a>', inside)
        if not link:
            found.append(f"{number}:{inside}")
            continue
        [note] = re.findall(f'<p class="page-note" id="{link[1]}">(.*?)</p>', page)
        words = " ".join(re.sub("<[^>]*>", " ", note).split())
        back = " ↩" if f'href="#{anchor}"' in note else ""
        found.append(f"{number}:{link[2]} → {words}{back}")
    return found


A_NOTE = note("1 Hackett.")
CASES: dict[str, tuple[list[list[dict[str, Any]]], list[str]]] = {
    "on its page": ([[paragraph("So he said.¹"), A_NOTE]], ["1:1 → 1 Hackett. ↩"]),
    "each on its own page": (
        [[paragraph("So.¹"), note("1 One.")], [paragraph("Then.¹"), note("1 Two.")]],
        ["1:1 → 1 One. ↩", "2:1 → 1 Two. ↩"],
    ),
    "at the end of the document": (
        [[paragraph("So¹ and so.²")], [paragraph("Then.")], [note("1 One."), note("2. Two.")]],
        ["1:1 → 1 One. ↩", "1:2 → 2 Two. ↩"],
    ),
    "at the end of each chapter": (
        [[paragraph("So.¹")], [note("1 One.")], [paragraph("So.¹")], [note("1 Two.")]],
        ["1:1 → 1 One. ↩", "3:1 → 1 Two. ↩"],
    ),
    "a note that was lost": (
        [[paragraph("So.¹")], [paragraph("Then.¹"), note("1 Two.")]],
        ["1:1", "2:1 → 1 Two. ↩"],
    ),
    "a note before its mark": ([[A_NOTE], [paragraph("So he said.¹")]], ["2:1"]),
    "two marks for one note": (
        [[paragraph("So.¹ And so.¹"), A_NOTE]],
        ["1:1 → 1 Hackett. ↩", "1:1 → 1 Hackett."],
    ),
    "in a heading, an item, a table": (
        [
            [
                heading("Findings³"),
                item("First⁴"),
                {**table_block(), "rows": [[["Agency⁵"], ["Seen"]], [["A"], ["b", "c⁶"]]]},
                *(note(f"{n} Note.") for n in (3, 4, 5, 6)),
            ]
        ],
        [f"1:{n} → {n} Note. ↩" for n in (3, 4, 5, 6)],
    ),
    "signs": (
        [[paragraph("Child Q* and 5 * 4, and Vamp† too."), note("* Not a name.")]],
        ["1:* → * Not a name. ↩"],
    ),
    "roman numbers": (
        [[paragraph("So he saidⁱᵛ."), note("iv Ofsted.")]],
        ["1:iv → iv Ofsted. ↩"],
    ),
    "exponents": (
        [[paragraph("A flat of 12 m², the 16th²"), note("2 Ibid.")]],
        ["1:2 → 2 Ibid. ↩"],
    ),
    "a mark within a note": (
        [[paragraph("So.¹"), note("1 As in²"), note("2 Ibid.")]],
        ["1:1 → 1 As in 2 ↩", "1:2 → 2 Ibid. ↩"],
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_a_mark_leads_to_its_note_and_the_note_back(name: str) -> None:
    pages, links = CASES[name]
    assert links_of(document_of(*pages)) == links


def test_a_note_mark_is_apart_from_its_word_where_words_are_searched_for() -> None:
    text = "High thresholds³ everywhere, and neglect¹² was not."
    file = make_file(b"%PDF-1.4", pages=[text])
    DocumentPage.objects.filter(file=file).update(blocks=[paragraph(text), note("3 Ibid.")])
    document = make_document(make_review(), file=file)
    words = {"q": '"thresholds everywhere" neglect'}
    page = page_of(Client().get(document.reading_address, words))
    found = re.findall(r'<mark class="match"[^>]*>(.*?)</mark>', page)
    assert [re.sub("<sup.*?</sup>", "^", one) for one in found] == [
        "thresholds^ everywhere",
        "neglect",
    ]


def test_headings_stand_in_the_contents_without_their_marks() -> None:
    document = document_of([heading("Findings¹"), heading("Curiosity²"), heading("Next steps")])
    page = Client().get(document.reading_address).content.decode()
    assert '<a href="#page-1-1">Findings</a>' in page
    assert "Findings<sup" in page.replace("\n", "")


def test_notes_of_a_real_file_are_found_and_linked() -> None:
    """A mark is no part of its word for a search, and an exponent or an ordinal is."""
    source = """
They had high thresholds#footnote[Hackett, 2018.] as before, and neglect#footnote[*Ibid*, page 9.]
was not named for a boy#footnote[Minutes of 3 May.] of 12 m#super[2] at his 16#super[th] birthday
with H#sub[2]O.#footnote[See www.example.org.]

#pagebreak()
Nobody asked.#footnote[Transcript of a meeting, line 44] It was late.
"""
    file = take_in(ContentFile(typeset(START + source)), name="a.pdf")
    document = make_document(make_review(), file=file)
    assert links_of(document) == [
        "1:1 → 1 Hackett, 2018. ↩",
        "1:2 → 2 Ibid, page 9. ↩",
        "1:3 → 3 Minutes of 3 May. ↩",
        "1:4 → 4 See www.example.org. ↩",
        "2:5 → 5 Transcript of a meeting, line 44 ↩",
    ]
    for words in ("thresholds as", "neglect was", "boy of", "16th birthday", "12 m2", "H2O"):
        found = Client().get("/search/", {"q": f'"{words}"'}).content.decode()
        assert "#page-1" in found, words
