"""The text of a document as a page: accessible, with a place for every page of the PDF."""

import html
import re
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.test import Client

from reviews.documents.intake import take_in
from reviews.documents.reading_page import MOST_MATCHES, contents_of, pages_of
from reviews.models import Document, DocumentPage
from tests.factories import (
    make_document,
    make_file,
    make_identity,
    make_picture,
    make_review,
    paragraph,
    picture_address,
)
from tests.pages import assert_valid, text_of
from tests.pdfs import HAZARDS, pdf_saying
from tests.reviews.documents.test_intake import kept_of
from tests.reviews.reading_many import read_many

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("kept_readings")]


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


ITEMS = {
    "bullets": (["A bruise", "A visit"], []),
    "numbers": (["1. A bruise", "2. A visit"], [0, 1]),
    "numbers with bullets below": (["1. Strengthen:", "visits", "2. Ensure"], [0, 2]),
    "numbers in brackets": (["(1) A bruise", "2) A visit"], [0, 1]),
    "letters": (["a) A bruise", "(b) A visit"], [0, 1]),
    "numbers of paragraphs": (["4.1 A bruise", "4.2. A visit"], [0, 1]),
    "years and counts": (["2019 was a year", "3 visits"], []),
    "initials": (["J. Smith", "A. Jones"], []),
}


@pytest.mark.parametrize("name", ITEMS)
def test_an_item_with_a_number_of_its_own_has_no_bullet(name: str) -> None:
    texts, wanted = ITEMS[name]
    row = SimpleNamespace(number=1, blocks=list(map(item, texts)))
    row.picture_alt, row.words_from, row.corrected_at = "", "pdf", None
    for continues, first in ((False, wanted), (True, sorted({0, *wanted}))):
        row.blocks[0]["continues"] = continues
        (part,) = pages_of([row])[0].parts
        assert part.without_bullet == first


def test_a_text_from_right_to_left_says_so_and_so_does_what_is_beside_it() -> None:
    mixed = [
        heading("הגנת ילדים"),
        paragraph("ילד א גר כאן (House 4)."),
        item("בית"),
        paragraph("Words."),
    ]
    response = Client().get(document_of(mixed, [heading("Two"), heading("Three")]).reading_address)
    page = response.content.decode()
    assert_valid(response)
    assert '<h2 id="page-1-1" dir="rtl">הגנת ילדים</h2>' in page
    assert '<p dir="rtl">ילד א' in page and '<ul dir="rtl">' in page
    assert '<p dir="ltr">Words.</p>' in page and '<a href="#page-1-1" dir="rtl">' in page
    english = Client().get(document_of([paragraph("Words.")]).reading_address).content.decode()
    assert "<p>Words.</p>" in english


def test_a_heading_or_two_make_no_contents_and_very_many_leave_out_the_deepest() -> None:
    few = document_of([heading("One"), heading("Two")])
    assert contents_of(pages_of(few.file.text_pages.all())) == []
    many = document_of([heading(f"Part {n}", 2 if n % 40 == 0 else 4) for n in range(200)])
    contents = contents_of(pages_of(many.file.text_pages.all()))
    assert {entry.level for entry in contents} == {2} and len(contents) == 5


def table_block() -> dict[str, Any]:
    return {
        "kind": "table",
        "level": 0,
        "text": "Table 2: Bruises <seen>",
        "continues": False,
        "rows": [[["Agency"], ["Seen"]], [["School"], ["a bruise", "two & more"]]],
        "has_heading": True,
    }


def test_a_table_is_one_with_its_caption_and_the_heading_of_each_column() -> None:
    document = document_of([paragraph("Before."), table_block(), paragraph("After.")])
    make_picture(document.file, 1)
    response = Client().get(document.reading_address)
    assert_valid(response)
    page = re.sub(r"\s*\n\s*", "", response.content.decode())
    assert "<caption>Table 2: Bruises &lt;seen&gt;</caption>" in page
    assert '<th scope="col">Agency</th><th scope="col">Seen</th>' in page
    assert "<td>School</td><td>a bruise<br>two &amp; more</td>" in page
    assert "Table 2: see the picture of page 1" in text_of(response)
    without = document_of([{**table_block(), "has_heading": False}])
    assert "<th" not in Client().get(without.reading_address).content.decode()


def rows_of_html(page: str) -> list[str]:
    return re.findall(r"<tr>(.*?)</tr>", re.sub(r"\s*\n\s*", "", page))


# What the block of a table says, and the rows of HTML that come of it.
HTML_TABLES: dict[str, tuple[dict[str, Any], list[str]]] = {
    "a heading over two columns": (
        {
            "rows": [[[], ["Year"]], [["Area"], ["2019"], ["2020"]], [["North"], ["7"], ["9"]]],
            "spans": [[[1, 1], [1, 2]], [[1, 1]] * 3, [[1, 1]] * 3],
            "heading_rows": 2,
        },
        [
            '<td></td><th scope="colgroup" colspan="2">Year</th>',
            '<th scope="col">Area</th><th scope="col" class="number">2019</th>'
            '<th scope="col" class="number">2020</th>',
            '<td>North</td><td class="number">7</td><td class="number">9</td>',
        ],
    ),
    "headings of rows": (
        {
            "rows": [[["North"], ["Seven"]], [["Nine"]]],
            "spans": [[[2, 1], [1, 1]], [[1, 1]]],
            "has_heading": False,
            "has_row_headings": True,
        },
        ['<th scope="rowgroup" rowspan="2">North</th><td>Seven</td>', "<td>Nine</td>"],
    ),
    "a column of numbers, some not known": (
        {"rows": [[["Area"], ["Cost"]], [["A"], ["£1,200"]], [["B"], ["–"]], [["C"], ["(12%)"]]]},
        [
            '<th scope="col">Area</th><th scope="col" class="number">Cost</th>',
            '<td>A</td><td class="number">£1,200</td>',
            '<td>B</td><td class="number">–</td>',
            '<td>C</td><td class="number">(12%)</td>',
        ],
    ),
    "numbers and words in one column": (
        {"rows": [[["Area"], ["Met"]], [["A"], ["3"]], [["B"], ["twice"]]]},
        [
            '<th scope="col">Area</th><th scope="col">Met</th>',
            "<td>A</td><td>3</td>",
            "<td>B</td><td>twice</td>",
        ],
    ),
    "an empty heading": (
        {"rows": [[[], ["Met"]], [["A"], ["Often"]]]},
        ['<td></td><th scope="col">Met</th>', "<td>A</td><td>Often</td>"],
    ),
    "spans that do not fit": (
        {"rows": [[["A"], ["B"]], [["C"], ["D"]]], "spans": [[[1, 2]], [[1, 1]]]},
        ['<th scope="col">A</th><th scope="col">B</th>', "<td>C</td><td>D</td>"],
    ),
    "as it was stored before there were spans": (
        {"rows": [[["A"], ["B"]], [["C"], []]], "has_heading": False},
        ["<td>A</td><td>B</td>", "<td>C</td><td></td>"],
    ),
}


@pytest.mark.parametrize("name", HTML_TABLES)
def test_a_table_has_its_headings_spans_and_columns_of_numbers(name: str) -> None:
    fields, rows = HTML_TABLES[name]
    response = Client().get(document_of([{**table_block(), **fields}]).reading_address)
    assert_valid(response)
    assert rows_of_html(response.content.decode()) == rows


def test_a_table_without_a_caption_is_named_by_its_page() -> None:
    response = Client().get(document_of([{**table_block(), "text": ""}]).reading_address)
    assert_valid(response)
    page = response.content.decode()
    assert 'aria-label="Table on page 1"' in page and "<caption" not in page


def test_a_table_that_goes_on_overleaf_says_so_and_repeats_the_headings_unmarked() -> None:
    more = {**table_block(), "text": "", "has_heading": False, "continues": True}
    more["rows"] = [[["Health"], ["nobody"]]]
    document = document_of([table_block()], [more])
    response = Client().get(document.reading_address, {"q": "agency"})
    assert_valid(response)
    page = response.content.decode()
    assert '<a href="#page-1">Continued from page 1</a>, with its headings' in page
    assert page.count('<th scope="col">Seen</th>') == 2
    # A table of other columns is not continued by these headings.
    more["rows"] = [[["Health"], ["nobody"], ["at all"]]]
    other = Client().get(document_of([table_block()], [more]).reading_address).content.decode()
    assert other.count('<th scope="col">Seen</th>') == 1 and "with its headings" not in other


def test_words_searched_for_are_marked_in_the_caption_and_cells_of_a_table() -> None:
    file = make_file(b"%PDF-1.4", pages=["Table 2: Bruises seen School a bruise two"])
    DocumentPage.objects.filter(file=file).update(blocks=[table_block()])
    response = Client().get(
        make_document(make_review(), file=file).reading_address, {"q": "bruise"}
    )
    assert_valid(response)
    assert marked(response) == [("1", "Bruises"), ("2", "bruise")]


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
    with django_assert_max_num_queries(12):
        page = Client().get(document.reading_address).content.decode()
    assert page.count('class="reading-page"') == 120


# --- pictures -----------------------------------------------------------------------------------


def test_a_page_with_a_picture_shows_it_late_and_with_room_reserved() -> None:
    document = document_of([paragraph("Words.")], [paragraph("More.")])
    make_picture(document.file, 2)
    response = Client().get(document.reading_address)
    assert_valid(response)
    (picture,) = re.findall("<img [^>]*page-[^>]*>", response.content.decode())
    for said in (
        f'src="{picture_address(document, 2)}"',
        'width="900"',
        'height="1800"',
        'alt="Page 2 as it looks in the PDF"',
        'loading="lazy"',
    ):
        assert said in picture
    assert "See page 2 as it looks" in text_of(response)
    assert "See page 1 as it looks" not in text_of(response)


def test_a_scan_shows_its_pages_below_the_sentence() -> None:
    scan = make_file(b"%PDF-1.4", has_text=False, pages=["", ""])
    for number in (1, 2):
        make_picture(scan, number)
    document = make_document(make_review(), file=scan)
    response = Client().get(f"/documents/{document.uid}/read/")
    assert_valid(response)
    assert "This PDF is a picture of its pages" in text_of(response)
    assert picture_address(document, 2) in response.content.decode()
    assert "Page 2 of 2" in text_of(response)


@pytest.mark.parametrize(
    ("text", "caption_of"),
    [
        ("Table 2: Key events", "Table 2"),
        ("Figure 1 Who knew what", "Figure 1"),
        ("Figure A", "Figure A"),
        ("Table 2 shows what mattered most.", ""),
        ("Tables 2 and 3: Key events", ""),
        ("Table 2: " + "words " * 50, ""),
    ],
)
def test_a_caption_leads_to_the_picture_of_its_page(text: str, caption_of: str) -> None:
    document = document_of([paragraph(text)])
    make_picture(document.file)
    page = Client().get(document.reading_address).content.decode()
    assert (f'<a href="#page-1-look">{caption_of}: see the picture' in page) == bool(caption_of)


def figure_block(**fields: Any) -> dict[str, Any]:
    return {
        **paragraph("Figure 2: Who <knew>"),
        "kind": "figure",
        "parts": [paragraph("School"), item("a bruise"), item("nobody asked")],
        "area": [0.1, 0.25, 0.8, 0.5],
        **fields,
    }


def test_a_figure_is_a_part_of_the_picture_of_its_page_with_its_words_folded() -> None:
    document = document_of([paragraph("Before."), figure_block(), paragraph("After.")])
    make_picture(document.file, 1)
    response = Client().get(document.reading_address)
    assert_valid(response)
    page = re.sub(r"\s+", " ", response.content.decode())
    (figure,) = re.findall("<figure.*?</figure>", page)
    address = picture_address(document, 1)
    assert "<figcaption>Figure 2: Who &lt;knew&gt;</figcaption>" in figure
    # Of 900 by 1,800 pixels.
    assert 'viewBox="90 450 630 450"' in figure
    assert '<foreignObject width="900" height="1800">' in figure
    assert f'<a class="cut-link" href="{address}"' in figure
    assert 'alt="Figure 2: Who &lt;knew&gt; – picture of part of page 1"' in figure
    assert f'src="{address}"' in figure and 'loading="lazy"' in figure
    assert '<details class="cut-text"> <summary' in figure and "Words in Figure 2" in figure
    assert "School" in figure and "<li>a bruise</li>" in figure
    assert "see the picture" not in page and page.index("Before.") < page.index("<figure")


def test_a_figure_of_a_page_without_a_picture_is_the_words_in_it() -> None:
    response = Client().get(document_of([figure_block()]).reading_address)
    assert_valid(response)
    page = response.content.decode()
    assert "<figure" not in page and "Words in Figure 2" not in page
    assert "<p>Figure 2: Who &lt;knew&gt;</p>" in page and "<li>a bruise</li>" in page


def test_a_figure_without_a_caption_is_named_by_its_page() -> None:
    document = document_of([figure_block(text="")])
    make_picture(document.file, 1)
    response = Client().get(document.reading_address)
    assert_valid(response)
    page = response.content.decode()
    assert "<figcaption" not in page and "Words in this figure" in page
    assert 'alt="Figure – picture of part of page 1"' in page
    plain = Client().get(document_of([figure_block(text="")]).reading_address)
    assert_valid(plain)
    assert "<p></p>" not in plain.content.decode()


def test_a_figure_without_words_has_no_fold() -> None:
    document = document_of([figure_block(parts=[])])
    make_picture(document.file, 1)
    page = Client().get(document.reading_address).content.decode()
    assert "<figure" in page and "cut-text" not in page


@pytest.mark.parametrize(("words", "is_open"), [("bruise", True), ("knew", False)])
def test_words_found_in_a_figure_are_marked_and_unfolded(words: str, is_open: bool) -> None:
    file = make_file(b"%PDF-1.4", pages=["Figure 2: Who knew School a bruise nobody asked"])
    DocumentPage.objects.filter(file=file).update(blocks=[figure_block()])
    make_picture(file, 1)
    address = make_document(make_review(), file=file).reading_address
    response = Client().get(address, {"q": words})
    assert_valid(response)
    assert marked(response) == [("1", words)]
    assert ('<details class="cut-text" open>' in response.content.decode()) == is_open


# --- words searched for -------------------------------------------------------------------------


def marked(response: Any) -> list[tuple[str, str]]:
    """Return the number and the text of each match."""
    page = response.content.decode()
    return re.findall('<mark class="match" id="match-([0-9]+)">(.*?)</mark>', page)


def herons() -> Document:
    """Return a document whose words are found as in a real one, from the text of its pages."""
    texts = ["Bruises were seen.", "Nothing of the kind.", "A <b>bruise</b> on a baby. Babies cry."]
    file = make_file(b"%PDF-1.4", pages=texts)
    return make_document(make_review(title="Oak"), title="The report", file=file)


def test_words_searched_for_are_marked_in_all_their_forms_and_numbered() -> None:
    document = herons()
    response = Client().get(document.reading_address, {"q": "baby bruising"})
    assert_valid(response)
    found = [("1", "Bruises"), ("2", "bruise"), ("3", "baby"), ("4", "Babies")]
    assert marked(response) == found
    assert '&lt;b&gt;<span class="first-match"' in response.content.decode()
    text = text_of(response)
    assert "4 matches on 2 pages" in text and "Page 1 of 3" in text and "1 match" in text


def test_each_page_has_one_place_for_its_first_match_and_one_without_has_it_too() -> None:
    page = Client().get(herons().reading_address, {"q": "baby bruising"}).content.decode()
    places = re.findall('class="(first-match|no-match)" id="(page-[0-9]-match)">', page)
    assert places == [
        ("first-match", "page-1-match"),
        ("no-match", "page-2-match"),
        ("first-match", "page-3-match"),
    ]
    assert 'id="page-3-match"><mark class="match" id="match-2">bruise</mark>' in page
    assert "-match" not in Client().get(herons().reading_address).content.decode()


def test_each_match_leads_to_the_next_and_the_one_before_round_and_round() -> None:
    page = Client().get(herons().reading_address, {"q": "baby bruising"}).content.decode()
    steps = re.findall('href="#match-([0-9])">(Previous|Next)<', page)
    assert [number for number, step in steps if step == "Next"] == ["2", "3", "4", "1"]
    assert [number for number, step in steps if step == "Previous"] == ["4", "1", "2", "3"]


def test_an_unfinished_word_is_marked_as_a_search_finds_it() -> None:
    found = marked(Client().get(herons().reading_address, {"q": "noth"}))
    assert found == [("1", "Nothing")]


def test_what_is_not_there_is_said() -> None:
    address = herons().reading_address
    for typed, said in {
        "kestrel": "is not in this text",
        "the": "is too common to look for",
        "of the": "are too common to look for",
        "??": "holds no word to look for",
        "<script>": "is not in this text",
        "kestrel " * 200: "is not in this text",
        "\x00 \u202e": "",
    }.items():
        response = Client().get(address, {"q": typed})
        assert response.status_code == 200 and marked(response) == []
        assert_valid(response)
        assert said in text_of(response)
        assert 'class="given"><script>' not in response.content.decode()


def test_no_more_matches_are_marked_than_anybody_steps_through() -> None:
    file = make_file(b"%PDF-1.4", pages=["bruise " * (MOST_MATCHES + 5)])
    document = make_document(make_review(), file=file)
    response = Client().get(document.reading_address, {"q": "bruise"})
    assert len(marked(response)) == MOST_MATCHES
    assert f"the first {MOST_MATCHES} matches" in text_of(response)


def test_marked_words_make_no_second_page_for_search_engines() -> None:
    document = herons()
    plain = Client().get(document.reading_address).content.decode()
    asked = Client().get(document.reading_address, {"q": "bruise"}).content.decode()
    assert '<meta name="robots" content="noindex">' in asked
    assert '<meta name="robots"' not in plain
    canonical = re.compile('rel="canonical" href="([^"]*)"')
    assert canonical.findall(asked) == canonical.findall(plain)


def test_a_result_of_a_search_leads_to_the_page_with_its_words_marked() -> None:
    document = herons()
    page = Client().get("/search/", {"q": 'baby "bruise"'}).content.decode()
    (address,) = re.findall(f'href="({document.reading_address}[^"]*)"', page)
    address, _, place = html.unescape(address).partition("#")
    assert place == "page-3-match"
    assert [text for _, text in marked(Client().get(address))][:2] == ["Bruises", "bruise"]
