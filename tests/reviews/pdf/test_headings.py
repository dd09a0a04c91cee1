"""Headings that are only italic, the heading of the contents, and headings in a layout table."""

from typing import Any

import pytest

from reviews.pdf.blocks import blocks_of
from tests.reviews.pdf.letters import FULL, make_page

TEXT = [FULL + " it,", "and so it went on until the summer came and they moved again."]
ITALIC = {"italic": True}
CELL = {"role": "TD"}


def headings_of(*lines: Any) -> list[str]:
    pages = [make_page(*TEXT, *TEXT, 20, *lines), make_page(*TEXT, *TEXT, *TEXT, number=2)]
    return [b["text"] for page in blocks_of(pages) for b in page if b["kind"] == "heading"]


HEADINGS: dict[str, list[Any]] = {
    "a short line": ["The school"],
    "a name": ["Siema Kamran and Kamran Ashraf"],
    "a question": ["What was it like to be this child?"],
    "with a number": ["2.3 Weight management"],
    "with a note mark": ["Clusters⁴"],
    "with a year": ["May 2020 to 15 August 2022"],
    "over two lines": ["The experiences and progress of children who need", "help and protection"],
}
NO_HEADINGS: dict[str, list[Any]] = {
    "a quotation": ["“Nobody asked me.”"],
    "a quotation with a note mark": ["To what extent it met its objectives.”³"],
    "a sentence": ["Nobody had asked."],
    "what goes on": ["and nothing was said"],
    "what leads to a list": ["Location information will be:"],
    "a caption": ["Table 3: Who met"],
    "names in a list": ["Ada Example", 10, "Ben Example", 10, "Cyd Example"],
    "the beginning of an address": ["@uktransparency"],
}


@pytest.mark.parametrize("name", [*HEADINGS, *NO_HEADINGS])
def test_a_short_italic_line_on_its_own_is_a_heading(name: str) -> None:
    lines = (HEADINGS | NO_HEADINGS)[name]
    set_italic = [line if isinstance(line, int) else (line, ITALIC) for line in lines]
    wanted = [" ".join(lines)] if name in HEADINGS else []
    assert headings_of(*set_italic, 8, *TEXT) == wanted


def test_italic_lines_are_no_headings_where_all_is_italic_or_nothing_follows() -> None:
    assert headings_of(("The school", ITALIC)) == []
    assert headings_of(("The school", ITALIC), 8, *((line, ITALIC) for line in TEXT)) == []


def test_italic_headings_are_below_bold_ones() -> None:
    page = make_page(
        *TEXT, 10, ("Findings", {"bold": True}), 10, *TEXT, 10, ("The school", ITALIC), 8, *TEXT
    )
    found = [b for b in blocks_of([page, page])[0] if b["kind"] == "heading"]
    assert [block["level"] for block in found] == [2, 3]


ENTRIES = [f"Chapter {name}\t{number}" for number, name in enumerate(("one", "two", "three"), 3)]


@pytest.mark.parametrize("title", ["Contents", "CONTENTS", "Table of contents", "Contents:"])
@pytest.mark.parametrize("role", ["", "P", "TOCI"])
def test_what_stands_above_a_list_of_contents_is_its_heading(title: str, role: str) -> None:
    set_as = {"role": role}
    assert headings_of((title, set_as), 10, *((entry, set_as) for entry in ENTRIES)) == [title]
    assert headings_of((title, set_as), 10, *((line, set_as) for line in TEXT)) == []


def test_a_layout_table_has_headings_and_a_table_has_none() -> None:
    title = ("What needs to improve", {**CELL, "bold": True, "size": 14.0})
    body = [(line, CELL) for line in TEXT * 3]
    [page] = blocks_of([make_page(title, 10, *body)])
    assert page[0]["kind"] == "heading"
    [page] = blocks_of([make_page(title, 10, ("Date\tEvent", CELL), ("1 May\tA visit", CELL))])
    assert {block["kind"] for block in page} == {"paragraph"}


SMALL = {"size": 9.0}
ITEM = "The school was told of it"
# What stands behind a Roman number, each above the same text: whether all are headings.
ROMANS: dict[str, tuple[list[Any], bool]] = {
    "capitals": (["I. INTRODUCTION", "II. RELATED WORKS"], True),
    "small capitals": ([("I. INTRODUCTION", SMALL), ("II. RELATED WORKS", SMALL)], True),
    "one letter between two": (["IV. METHOD", "V. RESULTS", "VI. WHAT WE LEARNT"], True),
    "small capitals that a font makes of small letters": (["I. Introduction", "II. Method"], True),
    "a bracket": (["I) INTRODUCTION", "II) METHOD"], True),
    "no full stop": (["IX RESULTS", "X DISCUSSION"], True),
    "a colon": (["II: METHOD", "III: RESULTS"], True),
    "a gap": (["I.\tINTRODUCTION", "II.\tMETHOD"], True),
    "an author": (["I. Smith"], False),
    "an author in capitals": (["I. SMITH"], False),
    "authors": (["I. Smith", "V. Jones", "X. Li"], False),
    "authors in capitals": (["I. SMITH", "V. JONES"], False),
    "items of small numbers": (["i. Introduction", "ii. Method", "iii. Results"], False),
    "sentences": (["I. She was told of it.", "II. He was not."], False),
    "questions": (["I. Was she told of it?", "II. Was he?"], False),
    "words that begin small": (["I. of the first", "II. of the second"], False),
    "no number that there is": (["IIV. METHOD", "IIX. RESULTS"], False),
    "the smallest letters": ([("I. METHOD", {"size": 6.0}), ("II. RESULTS", {"size": 6.0})], False),
    "tagged as items": ([("I. METHOD", {"role": "LI"}), ("II. RESULTS", {"role": "LI"})], False),
}


@pytest.mark.parametrize("name", ROMANS)
def test_a_short_line_behind_a_roman_number_is_a_heading(name: str) -> None:
    lines, are_headings = ROMANS[name]
    said = [line if isinstance(line, str) else line[0] for line in lines]
    set_apart = [part for line in lines for part in (8, line, 6, *TEXT)]
    wanted = [" ".join(line.split()) for line in said] if are_headings else []
    assert headings_of(*set_apart) == wanted


# Numbers that stand in no text of their own are those of a list.
LISTS: dict[str, list[Any]] = {
    "one below the other": ["I. The school", "II. The nurse", "III. The police"],
    "in capitals": ["I. THE SCHOOL", "II. THE NURSE", "III. THE POLICE"],
    "with room": ["I. The school", 8, "II. The nurse", 8, "III. The police"],
    "of two lines": [
        "I. The school and",
        "all who work there",
        8,
        "II. The nurse",
        8,
        "III. Others",
    ],
    "each with items of its own": ["I. The school", "• asks", "• tells", "II. The nurse", "• sees"],
    "contents": ["I. THE SCHOOL\t3", "II. THE NURSE\t4", "III. THE POLICE\t7"],
}


@pytest.mark.parametrize("name", LISTS)
def test_items_of_a_list_with_roman_numbers_are_no_headings(name: str) -> None:
    assert headings_of(*LISTS[name], 8, *TEXT) == []


def test_headings_with_roman_numbers_are_above_italic_ones() -> None:
    page = make_page(
        *(*TEXT, 8, "I. INTRODUCTION", 6, *TEXT, 10, ("A. The school", ITALIC), 8, *TEXT),
        *(8, "II. METHOD", 6, ("A. The nurse", ITALIC), 8, *TEXT),
    )
    found = [b for b in blocks_of([make_page(*TEXT * 3), page])[1] if b["kind"] == "heading"]
    assert [(b["level"], b["text"]) for b in found] == [
        (2, "I. INTRODUCTION"),
        (3, "A. The school"),
        (2, "II. METHOD"),
        (3, "A. The nurse"),
    ]
