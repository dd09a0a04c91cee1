"""Tables with full ruling lines under a caption are read as tables; whatever is in doubt is not."""

from collections.abc import Callable
from functools import cache
from typing import Any

import pytest

from reviews.pdf.captions import caption_of
from reviews.pdf.report import Reading
from tests.pdfs import builder
from tests.pdfs.builder import typeset
from tests.reviews.reading_many import read_many

BEFORE = """#let wide = (90pt, 90pt)

Words before the table, which are an ordinary paragraph of the report.

"""
AFTER = "\n\nWords after the table, which go on for a while and are a paragraph too.\n\n"
HEAD = "table.header([*Agency*], [*Met*])"
CELLS = "[School], [3], [Health], [It met twice]"
TABLE = f"table(columns: wide, align: left, {HEAD}, {CELLS})"
ROWS = [["Agency", "Met"], ["School", "3"], ["Health", "It met twice"]]


def figure(body: str, caption: str = "Who met", place: str = "top", **options: str) -> str:
    more = "".join(f", {name}: {value}" for name, value in options.items())
    return (
        f'#show figure.caption: set text(lang: "en")\n'
        f"#figure({body}, caption: figure.caption(position: {place})[{caption}], "
        f"kind: table, supplement: [Table]{more})\n"
    )


def page_of(*parts: str) -> str:
    return BEFORE + AFTER.join(parts) + AFTER


GROUND = 'rgb("#c00000")'
BLEND = "gradient.linear(red, blue)"
FROM_WHITE = "gradient.linear(white, red)"
ROUND = "gradient.radial(yellow, green)"
PATTERN = "tiling(size: (6pt, 6pt))[#square(size: 4pt, fill: red)]"
# What must be a table, with its rows.
CERTAIN: dict[str, tuple[str, list[list[list[str]]]]] = {
    "caption above": (page_of(figure(TABLE)), [ROWS]),
    "caption below": (page_of(figure(TABLE, place="bottom")), [ROWS]),
    "two on a page": (page_of(figure(TABLE), figure(TABLE)), [ROWS, ROWS]),
    "in two columns": ("#set page(columns: 2)\n" + page_of(figure(TABLE)), [ROWS]),
    "a page on its side": ("#set page(flipped: true)\n" + page_of(figure(TABLE)), [ROWS]),
    "white cells": (page_of(figure(TABLE.replace("table(", "table(fill: white, ", 1))), [ROWS]),
    "an empty cell": (
        page_of(
            figure(
                "table(columns: wide, [Agency], [Words], [School], [], [Health], [It met twice])"
            )
        ),
        [[["Agency", "Words"], ["School", ""], ["Health", "It met twice"]]],
    ),
}
# What must stay as it was, whatever it looks like.
IN_DOUBT: dict[str, str] = {
    "no caption": page_of(f"#{TABLE}"),
    "caption in a sentence": page_of(
        f"Who met is told in Table 1 below, and nowhere else in all of this report.\n\n#{TABLE}"
    ),
    "no rules": page_of(figure(TABLE.replace("table(", "table(stroke: none, ", 1))),
    "rules across only": page_of(
        figure(TABLE.replace("table(", "table(stroke: (x: none, y: 0.5pt), ", 1))
    ),
    "merged cells": page_of(
        figure("table(columns: wide, table.cell(colspan: 2)[Both], [A], [B], [C], [D])")
    ),
    "a cell whose colour tells": page_of(
        figure(f"table(columns: wide, [A], [B], [C], table.cell(fill: {GROUND})[D])")
    ),
    "a cell with a gradient": page_of(
        figure(f"table(columns: wide, [A], [B], [C], table.cell(fill: {BLEND})[D])")
    ),
    "a gradient from white": page_of(
        figure(f"table(columns: wide, [A], [B], [C], table.cell(fill: {FROM_WHITE})[D])")
    ),
    "a round gradient": page_of(
        figure(f"table(columns: wide, [A], table.cell(fill: {ROUND})[B], [C], [D], [E], [F])")
    ),
    "a row with a gradient": page_of(
        figure(f"table(columns: wide, fill: (x, y) => if y == 1 {{ {BLEND} }}, [A], [B], [C], [D])")
    ),
    "a cell with a pattern": page_of(
        figure(f"table(columns: wide, [A], [B], [C], table.cell(fill: {PATTERN})[D])")
    ),
    "a gradient behind it all": page_of(f"#block(fill: {BLEND}, inset: 6pt)[{figure(TABLE)}]"),
    "a drawing in a cell": page_of(
        figure("table(columns: wide, [A], [B], [C], [D #circle(radius: 4pt)])")
    ),
    "turned words": page_of(
        figure("table(columns: wide, [A], [B], [C], rotate(-90deg, reflow: true)[Turned words])")
    ),
    "a word over the rule": page_of(
        figure(
            "table(columns: (60pt, 90pt), [#box(width: 40pt)[Hardwareandsoftware]], [B], [C], [D])"
        )
    ),
    "one cell": page_of(figure("table(columns: 1, [Only this])")),
    "black boxes": page_of(
        figure("table(columns: wide, [A], [B], [C], rect(fill: black, width: 40pt, height: 9pt))")
    ),
    "a line below a heading": page_of("Table 1: Nothing\n\n#line(length: 100%)"),
    "a list of tables": page_of(
        "#grid(columns: (1fr, auto), [Table 1: Who met #repeat[.]], [12])\n\n"
        "#block(stroke: 0.5pt, width: 100%, height: 60pt)[]"
    ),
    "two drawings for one caption": page_of(figure(f"stack(spacing: 20pt, {TABLE}, {TABLE})")),
}


@cache
def readings() -> dict[str, Any]:
    sources = {name: source for name, (source, _) in CERTAIN.items()} | IN_DOUBT
    return read_many({name: typeset(source) for name, source in sources.items()})


def tables_in(reading: Reading) -> list[dict[str, Any]]:
    assert isinstance(reading, Reading), reading
    return [block for page in reading.pages for block in page.blocks if block["kind"] == "table"]


@pytest.mark.parametrize("name", CERTAIN)
def test_a_full_grid_under_its_caption_is_a_table(name: str) -> None:
    reading = readings()[name]
    tables = tables_in(reading)
    rows = [[[" ".join(cell) for cell in row] for row in table["rows"]] for table in tables]
    assert rows == CERTAIN[name][1]
    assert [table["has_heading"] for table in tables] == [
        wanted[0] == ROWS[0] for wanted in CERTAIN[name][1]
    ]
    assert all(caption_of(table["text"]) for table in tables)
    # Its words stand in it alone; a search still finds them in the text of the page.
    others = [b["text"] for p in reading.pages for b in p.blocks if b["kind"] != "table"]
    assert not any("School" in text for text in others)
    assert any("Words after" in text for text in others)
    words = " ".join(cell for row in rows[0] for cell in row)
    assert all(word in reading.pages[0].text for word in words.split())


@pytest.mark.parametrize("name", IN_DOUBT)
def test_what_is_in_doubt_stays_as_it_is(name: str) -> None:
    assert tables_in(readings()[name]) == []


def test_a_page_with_a_finding_has_no_table() -> None:
    hide: Callable[[builder.Canvas], object] = lambda canvas: canvas.say(  # noqa: E731
        builder.SECRET, y=100, how="3 Tr"
    )
    data = typeset(page_of(figure(TABLE)))
    covered = builder.edited(data, lambda pdf: hide(builder.Canvas(pdf, 1)))
    reading = read_many({"covered": covered})["covered"]
    assert reading.found and tables_in(reading) == []


def test_a_table_over_two_pages_is_one_on_the_page_of_its_caption_alone() -> None:
    rows = ", ".join(f"[Agency {number}], [{number}]" for number in range(1, 61))
    long = f"#show figure: set block(breakable: true)\n{figure(f'table(columns: wide, {rows})')}"
    reading = read_many({"long": typeset(BEFORE + long)})["long"]
    (table,) = tables_in(reading)
    shown = [row[0][0] for row in table["rows"]]
    assert shown == [f"Agency {number}" for number in range(1, len(shown) + 1)]
    assert len(shown) < 60 and table in reading.pages[0].blocks
    assert f"Agency {len(shown) + 1}" in reading.pages[1].text


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("Table 1: Events", "Table 1"),
        ("Table 3.1 Events", "Table 3.1"),
        ("Figure 2. Ages", "Figure 2"),
        ("Table 1 below shows", ""),
        ("see Table 1: Events", ""),
        ("Table 1: " + "long " * 60, ""),
    ],
)
def test_a_caption_names_what_it_is_of(text: str, what: str) -> None:
    assert caption_of(text) == what
