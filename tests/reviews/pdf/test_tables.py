"""Tables are read by their tags, rules or columns, each word of them once; or not at all."""

from functools import cache
from itertools import product
from typing import Any

import pytest
from pikepdf import Pdf

from reviews.pdf.captions import caption_of
from reviews.pdf.report import Reading
from tests.pdfs import builder
from tests.pdfs.builder import typeset
from tests.reviews.reading_many import read_many

BEFORE = """#let wide = (90pt, 90pt)
#let three = (90pt, 70pt, 70pt)

Words before the table, which are an ordinary paragraph of the report.

"""
AFTER = "\n\nWords after the table, which go on for a while and are a paragraph too.\n\n"
HEAD = "table.header([*Agency*], [*Met*])"
CELLS = "[School], [3], [Health], [It met twice]"
TABLE = f"table(columns: wide, align: left, {HEAD}, {CELLS})"
ROWS = ["Agency* | Met*", "School | 3", "Health | It met twice"]


def figure(body: str, caption: str = "Who met", place: str = "top", **options: str) -> str:
    more = "".join(f", {name}: {value}" for name, value in options.items())
    return (
        f'#show figure.caption: set text(lang: "en")\n'
        f"#figure({body}, caption: figure.caption(position: {place})[{caption}], "
        f"kind: table, supplement: [Table]{more})\n"
    )


def page_of(*parts: str) -> str:
    return BEFORE + AFTER.join(parts) + AFTER


def table(cells: str, columns: str = "three", **options: str) -> str:
    more = "".join(f"{name}: {value}, " for name, value in options.items())
    return f"#table(columns: {columns}, align: left, {more}{cells})\n"


def head(*names: str) -> str:
    return f"table.header({', '.join(f'[*{name}*]' for name in names)})"


YEARS = head("Area", "2019", "2020")
NUMBERS = "[North], [12], [15], [South], [7], [31], [West], [1,204], [9]"
OF_YEARS = ["Area* | 2019* | 2020*", "North | 12 | 15", "South | 7 | 31", "West | 1,204 | 9"]
NO_RULES = {"stroke": "none"}
ACROSS = {"stroke": "(x: none, y: 0.5pt)"}
OPEN_SIDES = "(x, y) => (top: 0.5pt, bottom: 0.5pt, left: if x > 0 { 0.5pt })"
LONG_CELL = "[A cell with so many words in it that they need three or four lines of the column]"

# How a table is drawn; told by rows, with how many rows and columns a cell takes.
KINDS: dict[str, dict[str, tuple[str, list[str]]]] = {
    "a full grid": {
        "caption above": (figure(TABLE), ROWS),
        "caption below": (figure(TABLE, place="bottom"), ROWS),
        "no caption": (f"#{TABLE}", ROWS),
        "in two columns of text": ("#set page(columns: 2)\n" + figure(TABLE), ROWS),
        "a page on its side": ("#set page(flipped: true)\n" + figure(TABLE), ROWS),
        "an empty cell": (
            table(f"{head('Who', 'A', 'B')}, [School], [], [It met], [Health], [2], [3]"),
            ["Who* | A* | B*", "School |  | It met", "Health | 2 | 3"],
        ),
        "cells of several lines": (
            table(f"{YEARS}, [North], {LONG_CELL}, [2], [South], [1], {LONG_CELL}"),
            [
                "Area* | 2019* | 2020*",
                "North | A cell with so many words in it that they need three or four lines "
                "of the column | 2",
                "South | 1 | A cell with so many words in it that they need three or four "
                "lines of the column",
            ],
        ),
        "numbers to the right": (
            f"#table(columns: three, align: (left, right, right), {YEARS}, {NUMBERS})",
            OF_YEARS,
        ),
        "no frame at its sides": (
            table(
                f"{YEARS}, {NUMBERS}",
                stroke="(x, y) => (top: 0.5pt, bottom: 0.5pt, left: if x > 0 { 0.5pt })",
            ),
            OF_YEARS,
        ),
        "first column as headings": (
            table("[*North*], [12], [15], [*South*], [7], [31]"),
            ["North* | 12 | 15", "South* | 7 | 31"],
        ),
        "a ground behind the first row": (
            table(f"{YEARS}, {NUMBERS}", fill='(x, y) => if y == 0 { rgb("#dde6ee") }'),
            OF_YEARS,
        ),
        "thick rules": (table(f"{YEARS}, {NUMBERS}", stroke="2pt"), OF_YEARS),
    },
    "cells over several": {
        "a heading over two columns": (
            table(
                f"table.header([], table.cell(colspan: 2)[*Year*], [*Area*], [*2019*], "
                f"[*2020*]), {NUMBERS}"
            ),
            [" | Year* <1x2>", *OF_YEARS],
        ),
        "a name over two rows": (
            table(
                f"{YEARS}, table.cell(rowspan: 2)[North], [12], [15], [7], [31], [West], [1], [9]"
            ),
            [OF_YEARS[0], "North <2x1> | 12 | 15", "7 | 31", "West | 1 | 9"],
        ),
        "a name over all columns": (
            table(
                f"{YEARS}, [North], [12], [15], table.cell(colspan: 3)[Not counted before], "
                f"[West], [1], [9]"
            ),
            [OF_YEARS[0], "North | 12 | 15", "Not counted before <1x3>", "West | 1 | 9"],
        ),
        "a title of the whole": (
            table(f"table.cell(colspan: 3)[*Met in all*], {NUMBERS}"),
            ["Met in all* <1x3>", *OF_YEARS[1:]],
        ),
        "both ways": (
            table(
                f"{YEARS}, table.cell(rowspan: 2, colspan: 2)[Four], [15], [31], [West], [1], [9]"
            ),
            [OF_YEARS[0], "Four <2x2> | 15", "31", "West | 1 | 9"],
        ),
        "the last cells": (
            table(f"{YEARS}, [North], [12], [15], [Total], table.cell(colspan: 2)[27]"),
            [OF_YEARS[0], "North | 12 | 15", "Total | 27 <1x2>"],
        ),
    },
    "rules across alone": {
        "between all rows": (table(f"{YEARS}, {NUMBERS}", **ACROSS), OF_YEARS),
        "with a caption": (
            figure(TABLE.replace("table(", "table(stroke: (x: none, y: 0.5pt), ", 1)),
            ROWS,
        ),
        "as books have them": (
            table(f"table.hline(), {YEARS}, table.hline(), {NUMBERS}, table.hline()", **NO_RULES),
            OF_YEARS,
        ),
        "cells of several lines": (
            table(f"{YEARS}, [North], {LONG_CELL}, [2], [South], [1], [It met]", **ACROSS),
            [
                OF_YEARS[0],
                "North | A cell with so many words in it that they need three or four lines "
                "of the column | 2",
                "South | 1 | It met",
            ],
        ),
        "an empty cell": (
            table(f"{YEARS}, [North], [], [15], [South], [7], [], [West], [1], [9]", **ACROSS),
            [OF_YEARS[0], "North |  | 15", "South | 7 | ", "West | 1 | 9"],
        ),
        "numbers to the right": (
            f"#table(columns: three, align: (left, right, right), stroke: (x: none, y: "
            f"0.5pt), {YEARS}, {NUMBERS})",
            OF_YEARS,
        ),
        "two columns": (
            table(
                f"{head('Agency', 'Met')}, [School], [Seldom], [Health], [Often], [Police], "
                f"[Never]",
                "wide",
                **ACROSS,
            ),
            ["Agency* | Met*", "School | Seldom", "Health | Often", "Police | Never"],
        ),
    },
    "no rules": {
        "numbers": (table(f"{YEARS}, {NUMBERS}", **NO_RULES), OF_YEARS),
        "numbers to the right": (
            f"#table(columns: three, align: (left, right, right), stroke: none, {YEARS}, "
            f"{NUMBERS})",
            OF_YEARS,
        ),
        "numbers in the middle": (
            f"#table(columns: three, align: (left, center, center), stroke: none, "
            f"{YEARS}, {NUMBERS})",
            OF_YEARS,
        ),
        "every other row on a ground": (
            table(
                f"{YEARS}, {NUMBERS}",
                stroke="none",
                fill='(x, y) => if calc.odd(y) { rgb("#e8eef4") }',
            ),
            OF_YEARS,
        ),
        "all cells on grounds": (
            table(f"{YEARS}, {NUMBERS}", stroke="none", fill='rgb("#eef2e6")', gutter="3pt"),
            OF_YEARS,
        ),
        "with a caption": (
            figure(f"table(columns: three, align: left, stroke: none, {YEARS}, {NUMBERS})"),
            OF_YEARS,
        ),
        "an empty cell": (
            table(f"{YEARS}, [North], [12], [15], [South], [], [31], [West], [1], [9]", **NO_RULES),
            [OF_YEARS[0], "North | 12 | 15", "South |  | 31", "West | 1 | 9"],
        ),
        "words": (
            table(
                f"{head('Agency', 'Who', 'Met')}, [School], [Head], [Seldom], [Health], "
                f"[Visitor], [Often], "
                "[Police], [Nobody], [Never]",
                **NO_RULES,
            ),
            [
                "Agency* | Who* | Met*",
                "School | Head | Seldom",
                "Health | Visitor | Often",
                "Police | Nobody | Never",
            ],
        ),
    },
}
CASES = {(kind, name): case for kind, cases in KINDS.items() for name, case in cases.items()}
# With nothing but its tags to tell of it: words of several lines in narrow columns without rules.
BY_TAGS_ALONE = {
    "cells of several lines, no rules": (
        table(f"{YEARS}, [North], {LONG_CELL}, {LONG_CELL}, [South], [1], {LONG_CELL}", **NO_RULES),
        3,
    ),
    "two rows": (table(f"{YEARS}, [North], [2], [4]", **NO_RULES), 2),
    "columns that nearly touch": (
        f"#table(columns: (40pt, 30pt, 30pt), stroke: none, inset: 1pt, {YEARS}, {NUMBERS})",
        4,
    ),
    "one column of few words": (
        table(f"{YEARS}, [North], [], [], [South], [1], [2]", **NO_RULES),
        3,
    ),
    "rows far apart": (
        table(f"{YEARS}, {NUMBERS}", stroke="none", row_gutter="60pt").replace("row_", "row-"),
        4,
    ),
    "in the middle of a line": (f"#box({table(f'{YEARS}, {NUMBERS}')[1:].strip()})", 4),
}
LEFT, RIGHT = "Left words go on. " * 120, "Right words too. " * 120
# What is no table, whatever it looks like.
NONE: dict[str, str] = {
    "one cell": page_of("#table(columns: 1, [Only this])"),
    "one row": page_of("#table(columns: wide, [This], [That])"),
    "one column": page_of("#table(columns: 1, [This], [That], [And a third])"),
    "a line below a heading": page_of("Table 1: Nothing\n\n#line(length: 100%)"),
    "a list of tables": page_of(
        "#grid(columns: (1fr, auto), [Table 1: Who met #repeat[.]], [12], [Table 2: "
        "Who knew #repeat[.]], [14],"
        " [Table 3: Who asked #repeat[.]], [15])"
    ),
    "two columns of text": "#set page(columns: 2)\n"
    + " ".join(f"Words number {number} of the report go on and on." for number in range(160)),
    "numbered paragraphs": page_of(
        *(
            f"#grid(columns: (30pt, 1fr), [4.{n}], [{'Words of a numbered paragraph. ' * 6}])"
            for n in range(1, 5)
        )
    ),
    "a list of bullets": page_of("- One thing to do\n- Another thing to do\n- A third to leave"),
    "a frame around text": page_of(
        "#rect(width: 100%)[A box of words that stand apart.\n\nAnd more of them.]"
    ),
    "columns for the layout": page_of(f"#table(columns: (1fr, 1fr), [{LEFT}], [{RIGHT}])"),
}


def untagged(data: bytes) -> bytes:
    def strip(pdf: Pdf) -> None:
        del pdf.Root.StructTreeRoot

    return builder.edited(data, strip)


@cache
def readings() -> dict[Any, Any]:
    files: dict[Any, bytes] = {}
    for key, (source, _) in CASES.items():
        made = typeset(page_of(source))
        files[f"tagged {key}"], files[f"untagged {key}"] = made, untagged(made)
    files |= {
        f"tagged {name}": typeset(page_of(source)) for name, (source, _) in BY_TAGS_ALONE.items()
    }
    for name, source in NONE.items():
        files[f"tagged {name}"] = typeset(source)
        files[f"untagged {name}"] = untagged(files[f"tagged {name}"])
    return read_many(files)


CAPTIONS = ["Who met", "Who met (continued)"]
HEADINGS = ["", "table.header([*Agency*], [*Number*]), "]
OVER_PAGES = [60, 130]


@cache
def others() -> dict[Any, Any]:
    """Read those of single tests, all by one process: to start it takes longer than to read one."""
    files = {}
    for caption in CAPTIONS:
        source = page_of(figure(TABLE, caption), figure(TABLE, caption, place="bottom"))
        files[f"under {caption}"] = typeset(source)
    for heading, rows in product(HEADINGS, OVER_PAGES):
        cells = ", ".join(f"[Agency {number}], [{number}]" for number in range(1, rows + 1))
        made = typeset(BEFORE + f"#table(columns: wide, {heading}{cells})")
        files[f"tagged {rows} {heading}"] = made
        files[f"untagged {rows} {heading}"] = untagged(made)
    text = "Words of the report go on. " * 160
    files["on two pages"] = typeset(page_of(f"#{TABLE}", text, f"#{TABLE}"))
    files["with hidden words"] = builder.edited(
        typeset(page_of(figure(TABLE))),
        lambda pdf: builder.Canvas(pdf, 1).say(builder.SECRET, y=100, how="3 Tr"),
    )
    return read_many(files)


def tables_in(reading: Any) -> list[dict[str, Any]]:
    assert isinstance(reading, Reading), reading
    return [block for page in reading.pages for block in page.blocks if block["kind"] == "table"]


def in_lines(block: dict[str, Any]) -> list[str]:
    """Return the rows of a table as text: headings with a star, and how much a cell takes."""
    rows = []
    for number, row in enumerate(block["rows"]):
        cells = []
        for place, cell in enumerate(row):
            text = " ".join(cell)
            heading = block["has_heading"] and number < block.get("heading_rows", 1)
            if text and (heading or (block.get("has_row_headings") and not place)):
                text += "*"
            spans = block["spans"][number][place] if "spans" in block else [1, 1]
            cells.append(text + (f" <{spans[0]}x{spans[1]}>" if spans != [1, 1] else ""))
        rows.append(" | ".join(cells))
    return rows


@pytest.mark.parametrize("tags", ["tagged", "untagged"])
@pytest.mark.parametrize("key", CASES, ids=": ".join)
def test_a_table_is_read_with_its_rows_and_columns(key: tuple[str, str], tags: str) -> None:
    reading = readings()[f"{tags} {key}"]
    assert [in_lines(block) for block in tables_in(reading)] == [CASES[key][1]]


@pytest.mark.parametrize("name", BY_TAGS_ALONE)
def test_tags_alone_make_a_table(name: str) -> None:
    (block,) = tables_in(readings()[f"tagged {name}"])
    assert len(block["rows"]) == BY_TAGS_ALONE[name][1]


@pytest.mark.parametrize("tags", ["tagged", "untagged"])
@pytest.mark.parametrize("name", NONE)
def test_what_only_looks_like_a_table_is_none(name: str, tags: str) -> None:
    assert tables_in(readings()[f"{tags} {name}"]) == []


def all_words(blocks: list[dict[str, Any]]) -> list[str]:
    words = []
    for block in blocks:
        words.append(block["text"])
        words += all_words(block.get("parts", []))
        words += [text for row in block.get("rows", []) for cell in row for text in cell]
    return words


def test_no_word_is_lost_or_said_twice() -> None:
    for name, reading in readings().items():
        assert isinstance(reading, Reading), name
        words = [" ".join(all_words(page.blocks)) for page in reading.pages]
        said = "".join(sorted("".join("".join(words).split())))
        of_pages = "".join(sorted("".join("".join(page.text for page in reading.pages).split())))
        # The marks of items are drawn by the page.
        assert said.replace("•", "") == of_pages.replace("•", ""), name


@pytest.mark.parametrize("caption", CAPTIONS)
def test_a_caption_is_told_with_its_table(caption: str) -> None:
    tables = tables_in(others()[f"under {caption}"])
    assert [caption_of(block["text"]) for block in tables] == ["Table 1", "Table 2"]


def test_a_table_stands_where_it_stood_in_the_text() -> None:
    reading = readings()["untagged ('no rules', 'numbers')"]
    kinds = [(block["kind"], block["text"][:11]) for block in reading.pages[0].blocks]
    assert kinds == [("paragraph", "Words befor"), ("table", ""), ("paragraph", "Words after")]


@pytest.mark.parametrize("heading", HEADINGS)
@pytest.mark.parametrize("tags", ["tagged", "untagged"])
@pytest.mark.parametrize("rows", OVER_PAGES)
def test_a_table_over_pages_is_told_to_go_on(heading: str, tags: str, rows: int) -> None:
    reading = others()[f"{tags} {rows} {heading}"]
    tables = tables_in(reading)
    shown = [row[0][0] for block in tables for row in block["rows"] if row[0] != ["Agency"]]
    assert shown == [f"Agency {number}" for number in range(1, rows + 1)]
    assert [block["continues"] for block in tables] == [False] + [True] * (len(reading.pages) - 1)
    # What the program repeats at the head of each page it marks as no part of the text.
    assert [block["has_heading"] for block in tables] == [bool(heading)] + [False] * (
        len(tables) - 1
    )


def test_two_tables_on_two_pages_do_not_go_on() -> None:
    tables = tables_in(others()["on two pages"])
    assert [block["continues"] for block in tables] == [False, False]


def test_hidden_words_are_in_no_table() -> None:
    reading = others()["with hidden words"]
    assert isinstance(reading, Reading) and reading.found
    assert [in_lines(block) for block in tables_in(reading)] == [ROWS]
    assert "Tamsin" not in " ".join(all_words(reading.pages[0].blocks))


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("Table 1: Events", "Table 1"),
        ("Table 3.1 Events", "Table 3.1"),
        ("Figure 2. Ages", "Figure 2"),
        ("TABLE III: Events", "TABLE III"),
        ("Table IV. Events", "Table IV"),
        ("Fig. 1: Ages", "Fig. 1"),
        ("Figure 2a: Ages", "Figure 2a"),
        ("Table A.1: Events", "Table A.1"),
        ("Table B2 Events", "Table B2"),
        ("Table 2.1.3: Events", "Table 2.1.3"),
        ("Table 1 below shows", ""),
        ("Table II below shows", ""),
        ("Fig. 2a shows", ""),
        ("see Table 1: Events", ""),
        ("Table 1: " + "long " * 60, ""),
    ],
)
def test_a_caption_names_what_it_is_of(text: str, what: str) -> None:
    assert caption_of(text) == what
