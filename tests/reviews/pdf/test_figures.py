"""Figures are cut out of a page with their labels, which are no text of the page any more."""

from functools import cache
from typing import Any

import pytest

from reviews.pdf.note_marks import plain_mark
from reviews.pdf.report import Reading
from tests.pdfs import builder
from tests.pdfs.builder import typeset
from tests.reviews.pdf.test_tables import TABLE, figure, page_of, untagged
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
    "a chart without a caption": (paged(f"#{CHART}"), ["Heron Lapwing Kestrel"]),
    "a flow chart": (paged(chart(FLOW)), ["Worry heard Nobody asked Home visit"]),
    "a flow chart without a caption": (paged(f"#{FLOW}"), ["Worry heard Nobody asked Home visit"]),
    "a picture without words": (paged(chart(PHOTO)), [""]),
    "a picture on a later page, without a caption": (
        paged("#pagebreak()\n" + f"#{PHOTO}"),
        [""],
    ),
    "two on a page": (
        paged(chart(PHOTO), chart(FLOW)),
        ["", "Worry heard Nobody asked Home visit"],
    ),
    "two charts without captions": (
        paged(f"#{CHART}", f"#{CHART}"),
        ["Heron Lapwing Kestrel", "Heron Lapwing Kestrel"],
    ),
    "two drawings under one caption": (
        paged(chart(f"stack(spacing: 10pt, {CHART}, {CHART})")),
        ["Heron Lapwing Kestrel Heron Lapwing Kestrel"],
    ),
    "a caption within the frame": (
        paged(f"#rect(inset: 12pt)[{chart(CHART)}]"),
        ["Heron Lapwing Kestrel"],
    ),
    "numbers beside an axis": (
        paged(
            chart(
                f"grid(columns: (30pt, 230pt), [40 \\ \\ \\ 20 \\ \\ \\ 0], {CHART})",
            )
        ),
        ["40 20 0 Heron Lapwing Kestrel"],
    ),
    "in one of two columns": (
        "#set page(columns: 2)\n" + paged(chart(FLOW), LONG * 6),
        ["Worry heard Nobody asked Home visit"],
    ),
    "a drawing that only its ink shows": (paged(chart(GRADIENT)), [""]),
    "a page on its side": ("#set page(flipped: true)\n" + paged(chart(PHOTO)), [""]),
    "a page of turned words": (
        "#rotate(-90deg, reflow: true)[#block(width: 500pt)[A page of words that all climb.]]",
        ["A page of words that all climb."],
    ),
    "a table on a turned page": (
        "#let wide = (90pt, 90pt)\n#rotate(-90deg, reflow: true)[#" + TABLE + "]",
        ["Agency Met School 3 Health It met twice"],
    ),
    "turned words beside a drawing": (
        paged(
            chart(
                "grid(columns: (20pt, 230pt), rotate(-90deg, reflow: true)[Birds of the year], "
                f"align(left, {FLOW}))"
            )
        ),
        ["Birds of the year Worry heard Nobody asked Home visit"],
    ),
    "a table with a word over its rule": (
        page_of(
            figure(
                "table(columns: (60pt, 90pt), [#box(width: 40pt)[Hardwareandsoftware]], "
                "[Seldom], [Lapwing], [Often])"
            )
        ),
        ["Hardwareandsoftware Seldom Lapwing Often"],
    ),
    "a table in which a sign tells": (
        page_of(figure("table(columns: wide, [Heron], [Lapwing], [Curlew], circle(radius: 6pt))")),
        ["Heron Lapwing Curlew"],
    ),
    "a table in which a colour tells": (
        page_of(
            figure(
                "table(columns: wide, [Heron], [Lapwing], [Curlew], "
                'table.cell(fill: rgb("#c00000"))[])'
            )
        ),
        ["Heron Lapwing Curlew"],
    ),
    **{
        f"a table in which a gradient tells, {fill}": (
            page_of(
                figure(
                    f"table(columns: wide, [Heron], [Gull], [Curlew], table.cell(fill: {fill})[])"
                )
            ),
            ["Heron Gull Curlew"],
        )
        for fill in (
            "gradient.linear(red, blue)",
            "gradient.linear(white, red)",
            "gradient.radial(yellow, green)",
        )
    },
}
SLIDES = "#set page(width: 720pt, height: 540pt, margin: 36pt)\nA title\n#pagebreak()\n"
LARGE = PHOTO.replace("200pt", "{}pt").replace("120pt", "{}pt")
BAND = "#place(top + right, dx: 36pt, dy: -36pt, rect(width: 24pt, height: 540pt, fill: blue))\n"
LOGO = f"#place(top + right, dy: -20pt, {LARGE.format(110, 40)})\n"
CUT |= {
    "a slide that is a picture": (f"{SLIDES}#{LARGE.format(620, 420)}", [""]),
    "a large picture on a slide": (
        f"{SLIDES}#text(24pt)[Scores]\n\n#{LARGE.format(560, 380)}",
        [""],
    ),
    "a large picture beside a band": (
        f"{SLIDES}{BAND}#text(24pt)[Scores]\n\n#{LARGE.format(645, 380)}",
        [""],
    ),
    "a large picture below a logo": (
        f"{SLIDES}{LOGO}#text(24pt)[Scores]\n\n#{LARGE.format(600, 400)}",
        [""],
    ),
    "pictures over each other beside a band": (
        f"{SLIDES}{BAND}#place(dy: 40pt, {LARGE.format(280, 380)})\n"
        f"#place(dx: 240pt, dy: 120pt, {LARGE.format(406, 210)})",
        [""],
    ),
    "a chart beside a band": (
        f"{SLIDES}{BAND}Birds\n\n#align(right, {CHART})",
        ["Heron Lapwing Kestrel"],
    ),
}
# What must stay as it was, whatever it looks like.
NONE: dict[str, str] = {
    "nothing drawn": paged("Figure 1: A title of nothing\n"),
    "a frame around text": paged(f"#rect(width: 100%)[{LONG}]"),
    "text on a ground": paged(f'#block(fill: rgb("#dde6ee"), inset: 8pt)[{LONG}]'),
    "a rule above a note": paged("A word#footnote[A note.] with a note."),
    "black bars in a line": paged(
        "He said that #box(rect(width: 60pt, height: 9pt, fill: black)) was there.\n\n"
        "She saw #box(rect(width: 90pt, height: 9pt, fill: black)) too.\n\n"
        "They met #box(rect(width: 50pt, height: 9pt, fill: black)) then."
    ),
    "a picture behind the words of a slide": (
        f"{SLIDES}#place({LARGE.format(560, 400)})\n#block(inset: 20pt)[{LONG * 2}]"
    ),
    "a band beside the words of a slide": f"{SLIDES}{BAND}{LONG}",
    "a logo on the first page": f"#{PHOTO}\n\n{LONG}",
    "rules between paragraphs": paged("#line(length: 100%)", "#line(length: 100%)"),
    "a table that is one": page_of(figure(TABLE)),
    "a list with drawn bullets": paged(
        "\n".join(f"+ #box(circle(radius: 3pt, fill: black)) Item {n}" for n in range(6))
    ),
}


@cache
def readings() -> dict[str, Any]:
    sources = {name: source for name, (source, _) in CUT.items()} | NONE
    files = {name: typeset(source) for name, source in sources.items()}
    # Their tags would tell the cells.
    for name in ("a table with a word over its rule", "a table on a turned page"):
        files[name] = untagged(files[name])
    return read_many(files)


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


@pytest.mark.parametrize("name", NONE)
def test_what_is_no_figure_is_not_cut_out(name: str) -> None:
    assert figures_in(readings()[name]) == []


@pytest.mark.parametrize("name", [*CUT, *NONE])
def test_no_word_is_lost_or_said_twice(name: str) -> None:
    reading = readings()[name]
    texts = []
    for page in reading.pages:
        for block in page.blocks:
            texts.append(block["text"])
            texts += [part["text"] for part in block.get("parts", [])]
            texts += [text for row in block.get("rows", []) for cell in row for text in cell]
    of_pages = " ".join(page.text for page in reading.pages)
    # The label of a note is plain where the note begins with it.
    said, printed = plain_mark("".join(texts)), plain_mark(of_pages)
    assert sorted(said.replace(" ", "")) == sorted("".join(printed.split()))


# Where hidden words begin, from the upper left of the figure, and whether it is still cut out.
PLACES = {
    "far below": (0.0, 300.0, True),
    "far above": (0.0, -60.0, True),
    "beside it": (200.0, 60.0, True),
    "within": (40.0, 14.0, True),
    "over the left edge": (-8.0, 40.0, False),
    "over the right edge": (92.0, 60.0, False),
    "over the upper edge": (40.0, 2.0, False),
}


def test_no_part_of_what_is_hidden_is_cut_out() -> None:
    plain = typeset(paged(chart(FLOW)))
    (block,) = figures_in(read_many({"plain": plain})["plain"])
    left, top = block["area"][0] * builder.WIDTH, block["area"][1] * builder.HEIGHT

    def hiding(x: float, y: float) -> bytes:
        place = {"x": left + x, "y": builder.HEIGHT - top - y, "size": 8, "how": "3 Tr"}
        return builder.edited(plain, lambda pdf: builder.Canvas(pdf, 1).say("Tamsin", **place))

    read = read_many({name: hiding(x, y) for name, (x, y, _) in PLACES.items()})
    for name, (_, _, is_cut) in PLACES.items():
        assert any("Tamsin" in "".join(found.details) for found in read[name].found), name
        assert bool(figures_in(read[name])) is is_cut, name


def test_the_words_of_a_turned_line_are_one_text() -> None:
    for name, words in (
        ("a page of turned words", "A page of words that all climb."),
        ("turned words beside a drawing", "Birds of the year"),
    ):
        (block,) = figures_in(readings()[name])
        assert any(words in part["text"] for part in block["parts"])
