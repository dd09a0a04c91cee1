"""Papers in two columns: tables set as books have them, captions below, charts, and their text."""

from functools import cache
from typing import Any

import pytest

from reviews.pdf.blocks import blocks_of
from reviews.pdf.column_tables import regions_of
from reviews.pdf.drawing import Box
from reviews.pdf.figures import figures_of
from reviews.pdf.fragments import fragments_of, rows_of
from reviews.pdf.lines import lines_of
from tests.pdfs.builder import typeset
from tests.reviews.pdf.letters import make_page, texts
from tests.reviews.pdf.test_figures import CHART, chart
from tests.reviews.pdf.test_tables import (
    NUMBERS,
    OF_YEARS,
    YEARS,
    figure,
    head,
    in_lines,
    tables_in,
    untagged,
)
from tests.reviews.reading_many import read_many

PROSE = "Words of a paper that go on and on in a narrow column of the page. " * 6
RULES = "table.hline(), {head}, table.hline(), {cells}, table.hline()"
BOOK = "table(columns: (60pt, 50pt, 50pt), stroke: none, align: left, {more}" + RULES + ")"
START = "#set page(columns: 2)\n#set par(justify: true)\n"


def book(head: str = YEARS, cells: str = NUMBERS, more: str = "") -> str:
    return BOOK.format(head=head, cells=cells, more=more)


def below(*captions: str, body: str = "") -> str:
    return "\n\n".join(figure(body or book(), caption, "bottom") for caption in captions)


# How tables of a paper are set: told by rows, and by the caption of each.
TABLES: dict[str, tuple[str, list[str]]] = {
    "one": (below("Who met"), ["Table 1: Who met"]),
    "one below the other": (
        below("Who met", "Who knew"),
        ["Table 1: Who met", "Table 2: Who knew"],
    ),
    "three of them": (
        below("Who met", "Who knew", "Who asked"),
        ["Table 1: Who met", "Table 2: Who knew", "Table 3: Who asked"],
    ),
    "captions above": (
        figure(book(), "Who met") + "\n\n" + figure(book(), "Who knew"),
        ["Table 1: Who met", "Table 2: Who knew"],
    ),
    "a rule beside the first column": (
        below("Who met", body=book(more="table.vline(x: 1), ")),
        ["Table 1: Who met"],
    ),
    "rules beside each column": (
        below("Who met", body=book(more="table.vline(x: 1), table.vline(x: 2), ")),
        ["Table 1: Who met"],
    ),
    "between paragraphs": (
        f"{PROSE}\n\n{below('Who met')}\n\n{PROSE}\n\n{below('Who knew')}\n\n{PROSE}",
        ["Table 1: Who met", "Table 2: Who knew"],
    ),
}

# Two rows of a paper that no rule parts: whether they are two, or cells of two lines.
PARTED = (
    "table(columns: ({first}60pt, 60pt), stroke: none, align: {align}, table.vline(x: 1), "
    "table.vline(x: 2), table.hline(), {head}, table.hline(), {cells}, table.hline())"
)
TWO = "[North], [12], [15], [South], [7], [31]"
WRAPPED = "[North \\ shore], [12 \\ children], [15 \\ of them]"
OF_TWO = OF_YEARS[:3]
BETWEEN_RULES: dict[str, tuple[str, str, list[str]]] = {
    "numbers": (YEARS, TWO, OF_TWO),
    "numbers with a sign": (
        YEARS,
        "[North], [12%], [£1,500], [South], [7%], [£31]",
        ["Area* | 2019* | 2020*", "North | 12% | £1,500", "South | 7% | £31"],
    ),
    "numbers in one column": (
        head("Area", "Seen", "Held by"),
        "[North], [12], [School], [South], [7], [Health]",
        ["Area* | Seen* | Held by*", "North | 12 | School", "South | 7 | Health"],
    ),
    "three rows": (YEARS, NUMBERS, OF_YEARS),
    "one row": (YEARS, "[North], [12], [15]", OF_YEARS[:2]),
    "cells of two lines": (
        YEARS,
        WRAPPED,
        ["Area* | 2019* | 2020*", "North shore | 12 children | 15 of them"],
    ),
}


def parted(name: str, align: str) -> str:
    rows, cells, _ = BETWEEN_RULES[name]
    return START + below(
        "Who met", body=PARTED.format(first="60pt, ", align=align, head=rows, cells=cells)
    )


ALIGNED = [(name, align) for name in BETWEEN_RULES for align in ("left", "center")]


@cache
def readings() -> dict[Any, Any]:
    files: dict[Any, bytes] = {key: untagged(typeset(parted(*key))) for key in ALIGNED}
    files |= {name: untagged(typeset(START + source)) for name, (source, _) in TABLES.items()}
    files |= {name: untagged(typeset(START + source)) for name, (source, _) in CHARTS.items()}
    return read_many(files)


@pytest.mark.parametrize("name", TABLES)
def test_each_table_has_its_own_rows_and_the_caption_on_its_side(name: str) -> None:
    tables = tables_in(readings()[name])
    assert [block["text"] for block in tables] == TABLES[name][1]
    assert [in_lines(block) for block in tables] == [OF_YEARS] * len(tables)


@pytest.mark.parametrize("key", ALIGNED, ids=" ".join)
def test_lines_between_two_rules_are_rows_where_each_has_a_number(key: tuple[str, str]) -> None:
    [table] = tables_in(readings()[key])
    assert in_lines(table) == BETWEEN_RULES[key[0]][2]


# What stands beside or below a chart: told by the words of each figure.
AXIS = "[" + " ".join(f"10#super[{n}]" for n in range(12)) + "]"
WITH_AXIS = f"stack(spacing: 4pt, {CHART}, {AXIS})"
NUMBERED = f"grid(columns: (30pt, 210pt), [40 \\ \\ \\ 20 \\ \\ \\ 0], {CHART})"
BIRDS = "Heron Lapwing Kestrel"
CHARTS: dict[str, tuple[str, list[str]]] = {
    "an axis of powers of ten": (
        f"{PROSE}\n\n" + chart(WITH_AXIS),
        [f"{BIRDS} " + " ".join(f"10{'⁰¹²³⁴⁵⁶⁷⁸⁹'[n]}" for n in range(10)) + " 10¹⁰ 10¹¹"],
    ),
    "the text of the next column beside its labels": (
        "#set text(size: 9pt)\n" + chart(CHART) + PROSE * 8,
        [BIRDS],
    ),
    "two charts, each with its labels": (
        chart(CHART) + "\n\n" + chart(CHART) + f"\n\n{PROSE}",
        [BIRDS, BIRDS],
    ),
    "words between two charts": (
        chart(f"stack(spacing: 5pt, {NUMBERED}, [Birds], [Beasts], {NUMBERED})") + f"\n\n{PROSE}",
        [f"40 20 0 {BIRDS} Birds Beasts 40 20 0 {BIRDS}"],
    ),
    "numbers beside each of two charts": (
        chart(f"stack(spacing: 12pt, {NUMBERED}, {NUMBERED})") + f"\n\n{PROSE}",
        [f"40 20 0 {BIRDS} 40 20 0 {BIRDS}"],
    ),
}


@pytest.mark.parametrize("name", CHARTS)
def test_a_chart_of_a_paper_keeps_its_labels_and_no_text(name: str) -> None:
    page = readings()[name].pages[0]
    figures = [block for block in page.blocks if block["kind"] == "figure"]
    words = [" ".join(" ".join(texts(figure["parts"])).split()) for figure in figures]
    plain = [said.replace(" ⁰", "⁰") for said in words]
    assert [one.replace("10 ", "10") for one in plain] == [
        one.replace("10 ", "10") for one in CHARTS[name][1]
    ]
    rest = " ".join(texts([block for block in page.blocks if block["kind"] != "figure"]))
    assert not any(word in rest for word in ("Heron", "Lapwing", "Kestrel"))


FULL = "The family moved to the area in the spring and nobody"


def column(*lines: str, left: float, top: float = 100.0, first: float = 0.0) -> list[Any]:
    return [
        (line, {"left": left + (first if not number else 0), "at": top + 14 * number})
        for number, line in enumerate(lines)
    ]


# A paragraph that begins in the first column and goes on in the second, with what is said there.
OVER: dict[str, tuple[list[Any], int]] = {
    "flush": (
        column(FULL, "told the school about it then, which was the thing", left=60)
        + column("what the nurse had asked for, and then", "they moved again.", left=380),
        1,
    ),
    "an indented first line": (
        column(FULL, "told the school about it then, which was the thing", left=60, first=12)
        + column("what the nurse had asked for. Then", "they moved again.", left=380),
        1,
    ),
    "three lines over": (
        column(FULL, "told the school about it then, which was the thing", left=60)
        + column("what the nurse had asked for. Then", FULL[:36] + ".", "they moved.", left=380),
        1,
    ),
    "a new paragraph after it": (
        column(FULL, "told the school about it then, which was the thing", left=60)
        + column("what the nurse had asked for, she said", "to them.", left=380)
        + column(
            "The police came later and saw them", "in the house.", left=380, top=128, first=12
        ),
        2,
    ),
    "a list after it": (
        column(FULL, "told the school about it then, which was the thing", left=60)
        + column("what the nurse had asked for:", "• one", "• two", left=380),
        3,
    ),
    "a sentence that ends with the column": (
        column(FULL, "told the school about it then, but for the nurse.", left=60)
        + column("The police came later and saw them", "in the house.", left=380),
        2,
    ),
}


@pytest.mark.parametrize("name", OVER)
def test_a_paragraph_that_goes_on_in_the_next_column_is_one(name: str) -> None:
    lines, count = OVER[name]
    (blocks,) = blocks_of([make_page(*lines)])
    assert len(blocks) == count, texts(blocks)


LABELS = ("Seen", "Heard", "Asked", "Told")
LINE = "and so the paragraph goes on"


def rows_beside(count: int, *others: str, step: float = 13.0) -> list[Any]:
    """Make lines of a column at the right, with the first of them beside labels at the left."""
    rows: list[Any] = []
    for number in range(count):
        top = 100 + step * number
        if number < len(others):
            rows += [(others[number], {"at": top, "left": 60.0})]
        rows += [(f"{LINE} {number}", {"at": top, "left": 330.0, "size": 10.0})]
    return rows


# Words level with lines at their right: whether they are rows of columns.
BESIDE: dict[str, tuple[list[Any], bool]] = {
    "a paragraph that goes on below": (rows_beside(7, *LABELS), False),
    "a paragraph that begins above": (
        [(f"{LINE} first", {"at": 87.0, "left": 330.0, "size": 10.0}), *rows_beside(4, *LABELS)],
        False,
    ),
    "both": (
        [(f"{LINE} first", {"at": 87.0, "left": 330.0, "size": 10.0}), *rows_beside(7, *LABELS)],
        False,
    ),
    "cells alone": (rows_beside(4, *LABELS), True),
    "cells with room below": (
        [*rows_beside(4, *LABELS), (f"{LINE} after", {"at": 190.0, "left": 330.0, "size": 10.0})],
        True,
    ),
}


@pytest.mark.parametrize("name", BESIDE)
def test_lines_of_the_next_column_are_no_cells(name: str) -> None:
    lines, is_region = BESIDE[name]
    chars = make_page(*lines).chars
    rows = rows_of(fragments_of(chars, Box(0, 0, 595, 842)))
    assert bool(regions_of(rows)) is is_region


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("0.8. The edit similarity of two texts is said", 1),
        ("0.75 The share of those who were seen by them", 1),
        ("4.8. The edit similarity of two texts is said", 2),
        ("4.12 The share of those who were seen by them", 2),
        ("10.1 The share of those who were seen by them", 2),
        ("2019. The share of those who were seen by them", 1),
    ],
)
def test_a_number_below_one_begins_no_paragraph(text: str, count: int) -> None:
    (blocks,) = blocks_of([make_page("so that the similarity of two is greater than it", text)])
    assert len(blocks) == count


# Lines between rules across, of which no cells can be told: whether they are cut out as a table.
NOTE_LINE = "11 Written evidence on a report with a long title, May 2019, pages 2 and 3 of it"
BETWEEN: dict[str, tuple[list[str], bool]] = {
    "notes whose links are underlined": ([NOTE_LINE] * 4, False),
    "notes that end in short lines": ([NOTE_LINE, "(page 4)"] * 2, False),
    "a paragraph": ([NOTE_LINE[3:]] * 5, False),
    "words of cells": (["Agency", "School", "Health", "Police"], True),
    "numbers of cells": (["12", "1,204", "31", "9"], True),
    "one long line among cells": (["Agency", "School", "Health", NOTE_LINE], True),
}


@pytest.mark.parametrize("name", BETWEEN)
def test_full_lines_between_rules_are_no_table(name: str) -> None:
    said, is_cut = BETWEEN[name]
    page = make_page(*((line, {"size": 9.0}) for line in said))
    box = Box(60, 95, 560, 105 + 14 * len(said))
    found = figures_of(lines_of(page), [], page.chars, (595, 842), [], [box], [], 2)
    assert bool(found) is is_cut
