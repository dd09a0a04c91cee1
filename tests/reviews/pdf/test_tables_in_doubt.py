"""Tables whose tags do not say how many columns a cell takes, and captions in the margin."""

from functools import cache
from typing import Any

import pytest
from pikepdf import Dictionary, Name, Pdf

from tests.pdfs import builder
from tests.pdfs.builder import typeset
from tests.reviews.pdf.test_tables import (
    BEFORE,
    figure,
    head,
    in_lines,
    page_of,
    tables_in,
    untagged,
)
from tests.reviews.reading_many import read_many


def without_spans(data: bytes) -> bytes:
    """The same file, as a program writes it that tags cells but not how much each takes."""

    def strip(pdf: Pdf) -> None:
        for one in pdf.objects:
            if isinstance(one, Dictionary) and one.get("/S") in (Name.TD, Name.TH):
                for name in {"/A", "/C"} & set(one.keys()):
                    del one[name]

    return builder.edited(data, strip)


OVER = "table.cell(colspan: {})[{}]"
TWO = "table(columns: (120pt, 90pt), align: left, "
THREE = "table(columns: (20pt, 120pt, 90pt), align: left, "
GRADES = "[Help], [Good], [Care], [Good]"
LAYOUT = "Words of a box of the layout that go on. " * 12

# What is set, and the rows of each table of it.
SPANS: dict[str, tuple[str, list[list[str]]]] = {
    "a heading over all": (
        f"#{TWO}{OVER.format(2, 'Judgements')}, {GRADES})",
        [["Judgements <1x2>", "Help | Good", "Care | Good"]],
    ),
    "a row of parts": (
        f"#{THREE}{OVER.format(2, 'Help')}, [Good], [], [Adoption], [Good], "
        f"{OVER.format(2, 'Care')}, [Good])",
        [["Help <1x2> | Good", " | Adoption | Good", "Care <1x2> | Good"]],
    ),
    "a heading over all and a row of parts": (
        f"#{THREE}{OVER.format(3, 'Judgements')}, {OVER.format(2, 'Help')}, [Good], [], "
        f"[Adoption], [Good], {OVER.format(2, 'Care')}, [Good])",
        [["Judgements <1x3>", "Help <1x2> | Good", " | Adoption | Good", "Care <1x2> | Good"]],
    ),
    "a last row over all": (
        f"#{TWO}{GRADES}, {OVER.format(2, 'All of them in 2019.')})",
        [["Help | Good", "Care | Good", "All of them in 2019. <1x2>"]],
    ),
    "no cell over another": (f"#{TWO}{GRADES})", [["Help | Good", "Care | Good"]]),
    "a layout with names below its text": (
        f"#{TWO}{OVER.format(2, 'What we saw')}, {OVER.format(2, LAYOUT)}, "
        f"{OVER.format(2, LAYOUT)}, {GRADES})",
        [["Help | Good", "Care | Good"]],
    ),
    "no rules": (
        f"#{TWO}stroke: none, {OVER.format(2, 'Judgements')}, {GRADES})",
        [["Help | Good", "Care | Good"]],
    ),
}


@cache
def readings() -> dict[str, Any]:
    files = {name: without_spans(typeset(page_of(source))) for name, (source, _) in SPANS.items()}
    files |= {name: untagged(typeset(source)) for name, (source, _, _) in BESIDE.items()}
    return read_many(files)


@pytest.mark.parametrize("name", SPANS)
def test_rules_tell_the_cells_that_the_tags_do_not(name: str) -> None:
    wanted = SPANS[name][1]
    assert [in_lines(block) for block in tables_in(readings()[name])] == wanted


ROWS = "[Able to live well], [101], [110], [Long times off], [68], [75], [In all], [169], [185]"
ROWS += ", [Too tired], [42], [37], [Out of step], [36], [24], [In all], [78], [61]"
BOOK = (
    "table(columns: (100pt, 60pt, 60pt), stroke: none, align: left, table.hline(), "
    f"{head('Site', 'A', 'B')}, table.hline(), {ROWS}, table.hline())"
)
BARE = BOOK.replace("table.hline(), ", "")
CAPTION = "#v(12pt)*Table 3.* \\ Changes in \\ comments \\ of all"
AFTER = "\n\n#v(30pt)\nAnd the text goes on below it.\n\n"


def beside(caption: str, body: str = BOOK, *, first: str = "1") -> str:
    cells = [f"[{caption}]", body] if first == "1" else [body, f"[{caption}]"]
    widths = "(90pt, 1fr)" if first == "1" else "(1fr, 90pt)"
    return f"{BEFORE}\n\n#grid(columns: {widths}, {', '.join(cells)}){AFTER}"


# What is set, how many figures it has, and tables.
BESIDE: dict[str, tuple[str, int, int]] = {
    "between rules": (beside(CAPTION), 0, 1),
    "without rules": (beside(CAPTION, BARE), 1, 0),
    "without rules, lower": (beside("#v(15pt)" + CAPTION, BARE), 1, 0),
    "of five lines": (beside("#v(15pt)" + CAPTION + " \\ the sites", BARE), 1, 0),
    "above": (figure(BOOK, "Changes") + AFTER, 0, 1),
    "words on the left": (beside("These are \\ the changes \\ in comments \\ of all"), 0, 1),
}


@pytest.mark.parametrize("name", BESIDE)
def test_a_table_with_its_caption_in_the_margin_is_cut_out(name: str) -> None:
    _, figures, tables = BESIDE[name]
    blocks = [block for page in readings()[name].pages for block in page.blocks]
    assert [block["kind"] for block in blocks].count("figure") == figures
    assert [block["kind"] for block in blocks].count("table") == tables
