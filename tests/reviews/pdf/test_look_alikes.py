"""What looks like a table and is none: bars of a chart that hold numbers, level columns of text."""

from functools import cache
from typing import Any

import pytest

from reviews.pdf.report import Reading
from tests.pdfs.builder import typeset
from tests.reviews.pdf.test_figures import figures_in, paged, words_in
from tests.reviews.pdf.test_tables import tables_in, untagged
from tests.reviews.reading_many import read_many

# --- bars ---------------------------------------------------------------------------------------

GRID = "stroke: 0.5pt, inset: 3pt"


def bars(*rows: tuple[int, ...], gap: int = 8, step: str = "across") -> str:
    """Draw stacked bars with a number in each part, between the lines of an axis."""
    colours = ('rgb("#ccffff")', 'rgb("#00c8c8")', 'rgb("#339999")')
    drawn = []
    for row, widths in enumerate(rows):
        at = 0
        for place, width in enumerate(widths):
            size = f"width: {width}pt, height: 14pt"
            where = f"dx: {at}pt, dy: {6 + row * (14 + gap)}pt"
            if step == "up":
                size = f"width: 24pt, height: {width}pt"
                where = f"dx: {10 + row * 40}pt, dy: {120 - at - width}pt"
            drawn.append(
                f"place({where}, rect({size}, stroke: 0.5pt, inset: 0pt, "
                f"fill: {colours[place]}, align(center + horizon, text(7pt)[{width}])))"
            )
            at += width
    lines = [f"place(dx: {x}pt, line(angle: 90deg, length: 120pt))" for x in range(0, 301, 60)]
    return "#block(width: 300pt, height: 120pt, stroke: 1pt, {" + "; ".join(lines + drawn) + "})"


BARS = {
    "two parts": bars((90, 210), (80, 220), (70, 230), (60, 240)),
    "three parts": bars((100, 120, 80), (95, 115, 90), (85, 108, 107), (72, 100, 128)),
    "of all lengths": bars((120,), (200,), (80,), (40,)),
    "two parts, of all lengths": bars((90, 60), (80, 100), (70, 20), (60, 140)),
    "five of them": bars((90, 210), (82, 218), (74, 226), (66, 234), (58, 242)),
    "upwards": bars((40, 30), (60, 20), (25, 50), (70, 30), (33, 44), (50, 61), step="up"),
}


def grounds(*rows: str, columns: str = "(90pt, 90pt, 90pt)") -> str:
    return f"#table(columns: {columns}, {GRID}, [Agency], [Before], [After], {', '.join(rows)})"


def row(name: str, *fills: str) -> str:
    cells = [f'table.cell(fill: rgb("#{fill}"))[{number}]' for number, fill in enumerate(fills, 1)]
    return ", ".join([f"[{name}]", *cells])


# Grounds of cells, and of words in them.
CELLS = {
    "red, amber and green": grounds(
        *(row(name, "e05050", "50b050") for name in ("School", "Police", "Health"))
    ),
    "another in each": grounds(
        row("School", "e05050", "50b050"),
        row("Police", "f0a030", "50b050"),
        row("Health", "50b050", "e05050"),
    ),
    "of a column": grounds(*(row(name, "c0d0e0", "ffffff") for name in ("School", "Police", "GP"))),
    "of each second row": grounds(
        row("School", "d0d0d0", "d0d0d0"), "[Police], [3], [4]", row("GP", "d0d0d0", "d0d0d0")
    ),
    "marked words": grounds(
        "[School], highlight[was told], [yes]",
        "[Police], highlight[came to see them], [no]",
        "[Health], highlight[so], highlight[nobody]",
        "[Housing], highlight[asked twice], [no]",
    ),
    "columns of all widths": grounds(
        *(row(name, "c0d0e0", "e0c0c0") for name in ("School", "Police", "GP")),
        columns="(70pt, 50pt, 140pt)",
    ),
}

# --- columns of text ------------------------------------------------------------------------------

PROSE = (
    "The partnership heard what the family had been told and by whom, and why nobody had asked the "
    "child about it before the spring, when the school wrote to the nurse for the second time. "
)
RULE = "#line(length: 100%)\n"


def between_rules(inner: str, count: int = 2) -> str:
    return f"{RULE}{inner}\n{RULE}" * (count - 1)


def columns(text: str, count: int = 2) -> str:
    return f"#block(height: 120pt, columns({count}, [{text}]))"


COLUMNS = {
    "two": between_rules(columns(PROSE * 3)),
    "justified": f"#set par(justify: true)\n{between_rules(columns(PROSE * 3))}",
    "two paragraphs": between_rules(columns(f"{PROSE * 2}\n\n{PROSE}")),
    "small letters": f"#set text(8pt)\n{between_rules(columns(PROSE * 4))}",
    "a heading in bold": between_rules(columns(f"*What was heard*\n\n{PROSE * 3}")),
    "wide room between": between_rules(
        f"#block(height: 120pt, columns(2, gutter: 40pt, [{PROSE * 3}]))"
    ),
}
SAID = "they heard it from the nurse and from the school in the spring"
# Rows between two rules that are a table.
ROWS = {
    "short cells": "#grid(columns: (1fr, 1fr), row-gutter: 8pt, "
    + ", ".join(f"[Agency {n}], [Seen {n} times]" for n in range(1, 7))
    + ")",
    "a day and a sentence": "#grid(columns: (60pt, 1fr), row-gutter: 8pt, "
    + ", ".join(f"[{7 * n % 10} May], [So {SAID}]" for n in range(1, 7))
    + ")",
    "a name and a sentence": "#grid(columns: (120pt, 1fr), row-gutter: 8pt, "
    + ", ".join(f"[Agency {n}], [So {SAID}]" for n in range(1, 7))
    + ")",
    "a sentence and a number": "#grid(columns: (1fr, 60pt), row-gutter: 8pt, "
    + ", ".join(f"[So {SAID}], [{7 * n % 10}]" for n in range(1, 7))
    + ")",
    "three columns": "#grid(columns: (1fr, 1fr, 1fr), row-gutter: 8pt, "
    + ", ".join(f"[Agency {n}], [May 20{n}], [Seen]" for n in range(10, 16))
    + ")",
    "few rows": "#grid(columns: (1fr, 1fr), row-gutter: 8pt, "
    + ", ".join(f"[Agency {n}], [Seen {n} times]" for n in range(1, 4))
    + ")",
}


@cache
def readings() -> dict[str, Reading | str]:
    sources = {f"bars {name}": paged(drawn) for name, drawn in BARS.items()}
    sources |= {f"cells {name}": paged(drawn) for name, drawn in CELLS.items()}
    sources |= {f"columns {name}": paged(drawn) for name, drawn in COLUMNS.items()}
    sources |= {f"rows {name}": paged(between_rules(drawn)) for name, drawn in ROWS.items()}
    return read_many({name: untagged(typeset(source)) for name, source in sources.items()})


def of(name: str) -> Any:
    return readings()[name]


@pytest.mark.parametrize("name", BARS)
def test_bars_with_numbers_are_cut_out_as_a_figure(name: str) -> None:
    reading = of(f"bars {name}")
    assert tables_in(reading) == []
    [figure] = figures_in(reading)
    assert len(words_in(figure).split()) == BARS[name].count("text(7pt)")


@pytest.mark.parametrize("name", CELLS)
def test_grounds_of_cells_and_words_leave_a_table_one(name: str) -> None:
    reading = of(f"cells {name}")
    assert len(tables_in(reading)) == 1 and figures_in(reading) == []


@pytest.mark.parametrize("name", COLUMNS)
def test_level_columns_of_text_between_rules_are_read_one_after_the_other(name: str) -> None:
    reading = of(f"columns {name}")
    assert tables_in(reading) == [] and figures_in(reading) == []
    said = " ".join(block["text"] for page in reading.pages for block in page.blocks)
    assert PROSE.strip() in " ".join(said.split())


@pytest.mark.parametrize("name", ROWS)
def test_rows_between_two_rules_are_a_table(name: str) -> None:
    [table] = tables_in(of(f"rows {name}"))
    assert len(table["rows"]) == ROWS[name].count("[Seen") + ROWS[name].count(SAID)
