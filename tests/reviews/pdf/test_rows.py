"""Rows of a table before it is one: by the letters on a page, and by the tags of a file."""

import pytest

from reviews.pdf.blocks import blocks_of
from reviews.pdf.characters import Char, PageOfChars
from reviews.pdf.column_tables import _is_contents
from reviews.pdf.fragments import Fragment, rows_of, with_words_joined
from reviews.pdf.tagged_tables import TaggedCell, _is_whole, _runs
from tests.reviews.pdf.letters import make_line, only_page, texts


def rows(*lines):
    """Rows of a page, each a list of texts with the left edges where they begin."""
    fragments = []
    for number, line in enumerate(lines):
        for left, text in line:
            bottom = 100.0 + 14 * number
            places = tuple(range(100 * number + int(left), 100 * number + int(left) + len(text)))
            right = left + 5.0 * len(text)
            fragments.append(
                Fragment(left, bottom - 9, right, bottom, bottom, 10.0, False, places, text)
            )
    return rows_of(fragments)


# Justified lines, of which the words are too far apart for the words of one line.
WIDE = [(200.0, "Government"), (265.0, "Service"), (315.0, "and"), (345.0, "the")]
NUMBER = (100.0, "(BC24)")
LAST = [(200.0, "SocialResearchService")]
JUSTIFIED = {
    "above the last line": ([[NUMBER, *WIDE], LAST], 2),
    "alone in its cell": ([WIDE, LAST], 1),
    "below a full line": ([[(200.0, "GovernmentServiceandthatofthe")], WIDE], 1),
    "two in a row": ([[NUMBER, *WIDE], WIDE, LAST], 2),
    "with gaps that hardly differ": (
        [[NUMBER, (200.0, "Government"), (265.0, "Service"), (316.0, "and")], LAST],
        2,
    ),
    "before another cell": ([[NUMBER, *WIDE], [(100.0, "(BC)"), *LAST]], 2),
}
CELLS = {
    "columns of numbers": ([[(200.0, "2019"), (240.0, "2020"), (280.0, "2021")]] * 3, 3),
    "cells further apart": (
        [[(200.0, "Heron"), (260.0, "Gull"), (315.0, "Lark")], [(200.0, "Birdsoftheyear")]],
        3,
    ),
    "gaps that differ": (
        [[(200.0, "Heron"), (235.0, "Gull"), (275.0, "Lark")], [(200.0, "Birdsoftheyear")]],
        3,
    ),
    "two cells": ([[(200.0, "Government"), (265.0, "Service")], LAST], 2),
    "a line that begins elsewhere": ([WIDE, [(150.0, "SocialResearchServiceofall")]], 4),
    "a line below the next": ([WIDE, [], [], LAST], 4),
}


@pytest.mark.parametrize("name", [*JUSTIFIED, *CELLS])
def test_words_of_a_justified_line_are_one_fragment_and_cells_are_not(name: str) -> None:
    lines, count = (JUSTIFIED | CELLS)[name]
    first = lines.index(WIDE) if name == "below a full line" else 0
    assert len(with_words_joined(rows(*lines))[first]) == count


def entries(*texts_of_rows):
    return rows(*([(100.0 + 120 * n, text) for n, text in enumerate(own)] for own in texts_of_rows))


CONTENTS = {
    "with pages": [("Summary", "5"), ("Scope", "7"), ("Findings", "9")],
    "with paragraphs": [("Summary", "5"), ("Scope", "1.4", "7"), ("Structure", "1.8", "8")],
    "with deep paragraphs": [("Scope", "1.4.1", "7"), ("Structure", "1.8.2", "8")],
    "with numbers before": [("1", "Summary", "5"), ("2", "Scope", "7"), ("3", "Findings", "9")],
    "under headings": [
        ("Topic", "Paragraph", "Page")[:2],
        *[("Scope", f"1.{n}", str(n)) for n in range(1, 6)],
    ],
    "with long entries": [("Scopeofthereportand",), ("ofthis", "1.4", "7"), ("Findings", "9")],
}
DATA = {
    "counts and shares": [("Oak", "12", "7"), ("Elm", "10", "8"), ("Ash", "9", "9")],
    "falling numbers": [("Oak", "9"), ("Elm", "7"), ("Ash", "5")],
    "four columns": [("Oak", "1.4", "x", "7"), ("Elm", "1.8", "y", "8")],
}


@pytest.mark.parametrize("name", [*CONTENTS, *DATA])
def test_a_list_of_contents_is_no_table_of_data(name: str) -> None:
    assert _is_contents(entries(*(CONTENTS | DATA)[name])) is (name in CONTENTS)


ENTRIES = {
    "large": {"size": 16.0},
    "bold": {"bold": True},
    "tagged as headings": {"role": "H2"},
    "tagged as titles": {"role": "H1", "size": 14.0},
    "italic": {"italic": True},
    "plain": {},
}


@pytest.mark.parametrize("name", ENTRIES)
def test_an_entry_of_contents_is_no_heading(name: str) -> None:
    style = ENTRIES[name]
    lines = [(f"{word}\t\t{n}", style) for n, word in enumerate(("Scope", "Findings", "Notes"), 3)]
    blocks = only_page(*lines, 60, *["And this is what the report says of it all."] * 9)
    assert [block["level"] for block in blocks[:3]] == [0, 0, 0]


ORDINALS = ["1st", "2nd", "3rd", "4th", "21st", "112th"]


@pytest.mark.parametrize("word", ORDINALS)
def test_a_raised_ordinal_stays_in_its_word(word: str) -> None:
    digits = word.rstrip("stndrh")
    chars, x = make_line(digits, 100.0)
    raised, x = make_line(word[len(digits) :], 98.0, left=x, size=7.0)
    rest, _ = make_line("Floor of it", 100.0, left=x + 4)
    space = Char(" ", 0.0, 0.0, 0.0, 0.0, 0.0, False, "")
    page = PageOfChars(1, 595.0, 842.0, [*chars[:-1], space, *raised[:-1], space, *rest])
    assert texts(blocks_of([page])[0]) == [f"{word} Floor of it"]


def cell(columns: int = 1, rows_of_it: int = 1) -> TaggedCell:
    return TaggedCell(rows_of_it, columns, False, frozenset())


# The cells of each row of a table by its tags, and of the tables that it is.
ONE, TWO, THREE = [cell()], [cell(), cell()], [cell(), cell(), cell()]
TAGGED = {
    "even": ([TWO, TWO, TWO], [[TWO, TWO, TWO]]),
    "a heading over all": ([ONE, TWO, TWO], [[TWO, TWO]]),
    "text, then names": ([ONE, ONE, ONE, TWO, TWO], [[TWO, TWO]]),
    "names, text, and names": ([TWO, TWO, ONE, TWO, TWO], [[TWO, TWO], [TWO, TWO]]),
    "two and three columns": ([TWO, TWO, THREE, THREE], [[TWO, TWO], [THREE, THREE]]),
    "a cell over two columns": ([[cell(2)], TWO], [[[cell(2)], TWO]]),
    "a cell over two rows": ([[cell(1, 2), cell()], TWO], [[[cell(1, 2), cell()], TWO]]),
}


@pytest.mark.parametrize("name", TAGGED)
def test_a_tagged_table_of_uneven_rows_is_each_run_of_even_ones(name: str) -> None:
    table, wanted = TAGGED[name]
    assert ([table] if _is_whole(table) else _runs(table)) == wanted
