"""Figures are cut out of a page with all that belongs to them; whatever is in doubt is not."""

from functools import cache
from typing import Any

import pytest

from reviews.pdf.report import Reading
from tests.pdfs import builder
from tests.pdfs.builder import typeset
from tests.reviews.pdf.test_tables import TABLE, figure, page_of
from tests.reviews.reading_many import read_many

LONG = "Words of the report, which go on for a while and make a paragraph of several lines. " * 3
# A chart as a spreadsheet draws it: bars over a rule, with a word under each.
BAR = 'align(bottom, rect(width: 30pt, height: {}pt, fill: rgb("#226688")))'
CHART = (
    "grid(columns: (70pt, 70pt, 70pt), row-gutter: 4pt, "
    + ", ".join(BAR.format(height) for height in (40, 80, 60))
    + ", grid.hline(stroke: 1pt), [Heron], [Lapwing], [Kestrel])"
)
# Boxes with words, joined by arrows.
BOX = "rect(width: 90pt, inset: 6pt)[{}]"
FLOW = (
    "stack(spacing: 6pt, "
    + ", line(angle: 90deg, length: 14pt), ".join(
        BOX.format(words) for words in ("Worry heard", "Nobody asked", "Home visit")
    )
    + ")"
)
# Rules above and below the rows alone, as books have them.
BOOKISH = (
    "table(columns: (120pt, 90pt), stroke: none, align: left, table.hline(), [Agency], [Met], "
    "table.hline(), [Schoolroom], [3], [Healthcare], [7], [Constables], [12], table.hline())"
)
MERGED = "table(columns: (90pt, 90pt), table.cell(colspan: 2)[Both of them], [A], [B], [C], [D])"
PHOTO = (
    'image(bytes((200, 0, 0, 0, 0, 200)), width: 200pt, height: 120pt, scaling: "pixelated", '
    'fit: "stretch", alt: "A picture", format: (encoding: "rgb8", width: 2, height: 1))'
)
# pdfium tells what is filled with a gradient as white.
GRADIENT = "rect(width: 200pt, height: 120pt, fill: gradient.linear(red, blue))"


def chart(body: str, place: str = "bottom", caption: str = "Birds seen") -> str:
    return (
        f"#figure({body}, caption: figure.caption(position: {place})[{caption}], "
        'kind: image, supplement: [Figure], alt: "A chart")\n'
    )


def paged(*parts: str) -> str:
    return f"{LONG}\n\n" + f"\n{LONG}\n\n".join(parts) + f"\n{LONG}\n"


# What is cut out, with the words in each.
CUT: dict[str, tuple[str, list[str]]] = {
    "a chart above its caption": (paged(chart(CHART)), ["Heron Lapwing Kestrel"]),
    "a chart below its caption": (paged(chart(CHART, "top")), ["Heron Lapwing Kestrel"]),
    "a flow chart": (paged(chart(FLOW)), ["Worry heard Nobody asked Home visit"]),
    "a picture without words": (paged(chart(PHOTO)), [""]),
    "two on a page": (
        paged(chart(PHOTO), chart(FLOW)),
        ["", "Worry heard Nobody asked Home visit"],
    ),
    "a table with rules across": (
        paged(figure(BOOKISH)),
        ["Agency Met Schoolroom 3 Healthcare 7 Constables 12"],
    ),
    "a table with merged cells": (paged(figure(MERGED)), ["Both of them A B C D"]),
    "in one of two columns": (
        "#set page(columns: 2)\n" + paged(chart(FLOW), LONG * 6),
        ["Worry heard Nobody asked Home visit"],
    ),
    "a drawing that only its ink shows": (paged(chart(GRADIENT)), [""]),
    "a page on its side": ("#set page(flipped: true)\n" + paged(chart(PHOTO)), [""]),
}
# What must stay as it was, whatever it looks like.
IN_DOUBT: dict[str, str] = {
    "no caption": paged(f"#{FLOW}"),
    "nothing drawn": paged("Figure 1: A title of nothing\n"),
    "a caption between two drawings": paged(f"#{PHOTO}\n\nFigure 1: Birds seen\n\n#{FLOW}\n"),
    "two captions around one drawing": paged("Figure 1: One of them\n\n" + chart(FLOW)),
    "two drawings with text between": paged(
        chart(
            f"stack(spacing: 20pt, {PHOTO}, [A long line of words stands between the two.], {FLOW})"
        )
    ),
    "such a drawing nearby": paged(chart(f"stack(spacing: 20pt, {GRADIENT}, {FLOW})")),
    "a drawing nearby": paged(chart(PHOTO, "top") + f"\nShort words.\n\n#{FLOW}\n"),
    "a drawing beside": paged(
        f"#grid(columns: 2, column-gutter: 30pt, [{chart(PHOTO, 'top')}], {FLOW})"
    ),
    "rows that go on below the last rule": paged(
        figure(
            BOOKISH.replace(
                ", table.hline())", ", [*Fire*], [], [Brigadiers], [4], [Volunteers], [5])"
            )
        )
    ),
    "text of the page within": paged(
        chart(f"block(stroke: (top: 1pt, bottom: 1pt), inset: 8pt, width: 100%, [{LONG}])", "top")
    ),
    "a table that is one": page_of(figure(TABLE)),
}


@cache
def readings() -> dict[str, Any]:
    sources = {name: source for name, (source, _) in CUT.items()} | IN_DOUBT
    return read_many({name: typeset(source) for name, source in sources.items()})


def figures_in(reading: Reading) -> list[dict[str, Any]]:
    assert isinstance(reading, Reading), reading
    return [block for page in reading.pages for block in page.blocks if block["kind"] == "figure"]


def words_in(block: dict[str, Any]) -> str:
    return " ".join(part["text"] for part in block["parts"])


@pytest.mark.parametrize("name", CUT)
def test_a_figure_is_cut_out_with_its_words(name: str) -> None:
    reading = readings()[name]
    figures = figures_in(reading)
    assert [words_in(block).split() for block in figures] == [
        words.split() for words in CUT[name][1]
    ]
    for block in figures:
        left, top, right, bottom = block["area"]
        assert 0 <= left < right <= 1 and 0 <= top < bottom <= 1


@pytest.mark.parametrize("name", IN_DOUBT)
def test_what_is_in_doubt_is_not_cut_out(name: str) -> None:
    assert figures_in(readings()[name]) == []


@pytest.mark.parametrize("name", [*CUT, *IN_DOUBT])
def test_no_word_is_lost_or_said_twice(name: str) -> None:
    reading = readings()[name]
    told = []
    for page in reading.pages:
        for block in page.blocks:
            told.append(block["text"])
            told += [part["text"] for part in block.get("parts", [])]
            told += [text for row in block.get("rows", []) for cell in row for text in cell]
    of_pages = " ".join(page.text for page in reading.pages)
    assert sorted(" ".join(told).split()) == sorted(of_pages.split())


def test_a_page_with_hidden_text_has_nothing_cut_out_of_it() -> None:
    data = builder.edited(
        typeset(paged(chart(FLOW))),
        lambda pdf: builder.Canvas(pdf, 1).say(builder.SECRET, y=100, how="3 Tr"),
    )
    reading = read_many({"hidden": data})["hidden"]
    assert isinstance(reading, Reading) and reading.found and figures_in(reading) == []
