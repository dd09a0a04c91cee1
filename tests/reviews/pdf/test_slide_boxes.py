"""Slides: boxes of text are text, drawn bullets are those of lists, lines of code stay lines."""

from functools import cache
from typing import Any

import pytest

from reviews.pdf.blocks import blocks_of
from tests.pdfs.builder import typeset
from tests.reviews.pdf.letters import kinds, make_page, texts
from tests.reviews.pdf.test_tables import untagged
from tests.reviews.reading_many import read_many

START = "#set page(width: 720pt, height: 405pt)\n#set text(size: 16pt)\n"
TITLE = "#text(size: 30pt)[What we learned]\n\n"
WORDS = "#v(40pt)\nWords of another page that go on for a while, as text does. " * 2
DOT = 'box(baseline: -2pt, circle(radius: 3pt, fill: rgb("#2266aa")))'
ITEMS = "".join(
    f"#{DOT}#h(6pt){text}\n\n"
    for text in ("Ask the child what happened", "Write down what was said", "Tell the others today")
)


def box(body: str, width: str = "400pt") -> str:
    bar = f'#block(width: {width}, fill: rgb("#226688"), inset: 5pt, spacing: 0pt)'
    ground = f'#block(width: {width}, fill: rgb("#e6eef2"), inset: 8pt, spacing: 0pt)'
    return f"{bar}[#text(fill: white)[What to do]]\n{ground}[{body}]\n"


SENTENCES = (
    "Ask the child what happened before you ask anybody else.\n\nThen write down their words."
)
LONGER = "Ask the child what happened before you ask anybody else. " * 4
FLOW = (
    "#stack(spacing: 6pt, "
    + ", line(angle: 90deg, length: 14pt), ".join(
        f'rect(width: 150pt, fill: rgb("#e6eef2"), inset: 8pt)[{words}]'
        for words in ("A worry is heard", "Somebody asks", "A home visit")
    )
    + ")\n"
)
# Slides with boxes: whether any of it is cut out.
BOXES: dict[str, tuple[str, bool]] = {
    "a box with a title": (box(SENTENCES), False),
    "two of them": (box(SENTENCES) + "\n#v(12pt)\n" + box(SENTENCES), False),
    "with drawn bullets": (box(ITEMS), False),
    "side by side": (
        f"#grid(columns: 2, column-gutter: 4pt, [{box(LONGER, '300pt')}], "
        f"[{box(LONGER, '300pt')}])",
        False,
    ),
    "a frame and no ground": (f"#rect(width: 400pt, inset: 8pt)[{SENTENCES * 2}]", False),
    "boxes that lines join": (FLOW, True),
    "a picture in a box": (
        box(
            SENTENCES
            + "\n\n#image(bytes((200, 0, 0, 0, 0, 200)), width: 200pt, height: 120pt, fit: "
            '"stretch", alt: "A picture", format: (encoding: "rgb8", width: 2, height: 1))'
        ),
        True,
    ),
}
# Lines with dots beside them: the kinds of the blocks.
BULLETS: dict[str, tuple[str, list[str]]] = {
    "dots": (ITEMS, ["item"] * 3),
    "squares": (ITEMS.replace("circle(radius: 3pt", "square(size: 5pt"), ["item"] * 3),
    "an item of two lines": (
        ITEMS.replace("Write down", "Write down, before you go home to your own family, all that"),
        ["item"] * 3,
    ),
    "with a paragraph above": (f"So it is done by all:\n\n{ITEMS}", ["paragraph"] + ["item"] * 3),
    "one dot alone": (ITEMS.split("\n")[0], ["paragraph"]),
    "dots far from the words": (ITEMS.replace("h(6pt)", "h(60pt)"), ["paragraph"]),
    "large dots": (ITEMS.replace("3pt", "9pt"), ["paragraph"]),
    "dots within a line": (
        "".join(f"Green #{DOT} is good, red is not {n}.\n\n" for n in range(3)),
        ["paragraph"],
    ),
}


@cache
def readings() -> dict[str, Any]:
    slides = {name: TITLE + source for name, (source, _) in (BOXES | BULLETS).items()}
    made = {
        name: untagged(typeset(f"{START}{WORDS}#pagebreak()\n{source}"))
        for name, source in slides.items()
    }
    return read_many(made)


@pytest.mark.parametrize("name", BOXES)
def test_a_box_of_text_is_text_and_a_drawing_of_boxes_is_cut_out(name: str) -> None:
    blocks = readings()[name].pages[1].blocks
    assert ("figure" in kinds(blocks)) is BOXES[name][1]
    assert blocks[0]["kind"] == "heading" and blocks[0]["text"] == "What we learned"


@pytest.mark.parametrize("name", BULLETS)
def test_drawn_bullets_make_a_list(name: str) -> None:
    blocks = readings()[name].pages[1].blocks
    assert kinds(blocks)[1:] == BULLETS[name][1], texts(blocks)


CODE = ("app.get('/', (req, res) => {", "  res.send('It answered.');", "});")
TYPED = (
    "The family moved to the area in the spring and nobody told the school",
    "about it, which was what the nurse had asked for when she came to see",
    "them at home.",
)


def fixed(*lines: str, **options: Any) -> list[Any]:
    return [(line, {"role": "Code", **options}) for line in lines]


# Pages with letters all as wide: the texts they make.
FIXED: dict[str, tuple[list[Any], list[str]]] = {
    "code alone": (fixed(*CODE), [line.strip() for line in CODE]),
    "code between paragraphs": (
        [*TYPED, 20, *fixed(*CODE), 20, "So it is."],
        [" ".join(TYPED), *(line.strip() for line in CODE), "So it is."],
    ),
    "commands": (
        fixed("$ npm init", "$ npm install express", "$ npm start"),
        ["$ npm init", "$ npm install express", "$ npm start"],
    ),
    "code in large letters": (
        [*TYPED, *TYPED, *TYPED, 20, *fixed(*CODE, size=20.0)],
        [*[" ".join(TYPED)] * 3, *(line.strip() for line in CODE)],
    ),
    "a report that was typed": (fixed(*TYPED), [" ".join(TYPED)]),
    "a typed report with one sign": (
        fixed(*TYPED[:2], "of a = b, and of no more than that was ever written to us by her,"),
        [
            " ".join(
                [*TYPED[:2], "of a = b, and of no more than that was ever written to us by her,"]
            )
        ],
    ),
}


@pytest.mark.parametrize("name", FIXED)
def test_lines_of_code_stay_lines_and_those_of_a_typed_report_do_not(name: str) -> None:
    lines, expected = FIXED[name]
    (blocks,) = blocks_of([make_page(*lines)])
    assert texts(blocks) == expected
    assert "heading" not in kinds(blocks)


def test_code_of_a_file_is_known_by_its_letters() -> None:
    source = f"{START}{WORDS}\n\n```js\n" + "\n".join(CODE) + "\n```\n"
    made = untagged(typeset(source))
    said = texts(read_many({"code": made})["code"].pages[0].blocks)
    assert said[-3:] == [line.strip() for line in CODE]
