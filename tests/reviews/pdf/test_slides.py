"""Slides: one of few words in many boxes is shown as it looks, with its words beneath."""

import pytest

from reviews.pdf.blocks import PageOfLines, blocks_of_lines
from reviews.pdf.figures import slide_of
from reviews.pdf.lines import lines_of
from tests.reviews.pdf.letters import make_page

SLIDE = (720.0, 540.0)
TITLE = ("Who we are", {"at": 62.0, "size": 28.0})
LONG = "and what each agency knew of it at the time was told to the school"


def boxes(*rows):
    """Words in boxes, row by row, each so many points below the one before."""
    return [
        (word, {"at": 120.0 + 60 * row, "left": 60.0 + 200 * column})
        for row, words in enumerate(rows)
        for column, word in enumerate(words)
    ]


def named(row):
    return [f"{name} {row}" for name in ("School", "Health", "Police")]


WHOLE = {
    "names of people": [TITLE, *boxes(*map(named, range(3)))],
    "without a title": boxes(*map(named, range(4))),
    "a title below": [*boxes(*map(named, range(3))), ("Our way", {"at": 480.0, "size": 28.0})],
    "numbers beside words": [TITLE, *boxes(*([str(n), f"Step {n}"] for n in range(1, 6)))],
    "roles in two lines": [
        TITLE,
        *boxes(*map(named, range(3))),
        ("Director of", {"at": 360.0, "left": 60.0}),
        ("all services", {"at": 374.0, "left": 60.0}),
    ],
    "with words at its foot": [
        TITLE,
        *boxes(*map(named, range(3))),
        ("A partnership", {"at": 515.0, "size": 8.0}),
    ],
}
READ = {
    "a list": [TITLE, *(f"• Item {n} of the list" for n in range(9))],
    "a paragraph in narrow lines": [TITLE, *(f"and so it went on {n}" for n in range(12))],
    "two columns of text": [
        TITLE,
        *((LONG[:30], {"at": 100.0 + 14 * n, "left": 60.0}) for n in range(6)),
        *((LONG[:30], {"at": 100.0 + 14 * n, "left": 400.0}) for n in range(6)),
    ],
    "few words": [TITLE, *boxes(named(1), named(2))],
    "many words": [TITLE, *boxes(*([LONG[:33]] * 3 for _ in range(10)))],
    "one below the other": [TITLE, *((f"Line {n}", {"at": 100.0 + 40 * n}) for n in range(9))],
}


def slide(lines, size=SLIDE, number=2):
    placed = lines_of(make_page(*lines, width=size[0], height=size[1], number=number))
    return placed, slide_of(placed, size, number)


@pytest.mark.parametrize("name", [*WHOLE, *READ])
def test_a_slide_of_few_words_in_many_boxes_is_shown_whole(name: str) -> None:
    lines, found = slide((WHOLE | READ)[name])
    assert (found is not None) is (name in WHOLE)
    if found is not None:
        rest = {line.text for line in lines} - {line.text for line in found.lines}
        assert rest <= {"Who we are"}


def test_a_page_that_is_no_slide_or_the_first_is_read() -> None:
    assert slide(WHOLE["names of people"], (540.0, 720.0))[1] is None
    assert slide(WHOLE["names of people"], number=1)[1] is None


def test_the_title_is_a_heading_and_running_words_are_no_part_of_the_picture() -> None:
    pages = [PageOfLines(SLIDE[1], slide([LONG] * 20, number=1)[0])]
    for number in (2, 3, 4):
        lines, found = slide(WHOLE["with words at its foot"], number=number)
        assert found is not None
        pages.append(PageOfLines(SLIDE[1], lines, [], [found], SLIDE[0]))
    for heading, figure in blocks_of_lines(pages)[1:]:
        assert (heading["kind"], heading["text"]) == ("heading", "Who we are")
        assert figure["kind"] == "figure" and "Police 2" in figure["parts"][-1]["text"]


WIDE, UPRIGHT = (720.0, 540.0), (540.0, 720.0)
# Words at the top of each page, how they are set there, the sides of the pages, and of how many
# pages they are a heading.
TOPS: dict[str, tuple[list[str], float, tuple[float, float], int]] = {
    "two slides in a row": (["Findings"] * 2 + list("ABCDEF"), 28, WIDE, 2),
    "three slides in a row": (["Findings"] * 3 + list("ABCDEF"), 28, WIDE, 3),
    "slides apart": (["Next", "A", "B", "Next", "C", "D", "Next", "E"], 28, WIDE, 3),
    "slides that are counted": ([f"Case {n}" for n in (1, 2, 3)] + list("ABCDEF"), 28, WIDE, 3),
    "two titles, each of three": (["Seen"] * 3 + ["Told"] * 3 + list("AB"), 28, WIDE, 6),
    "the name of the maker, large": (["Elm House"] * 8, 28, WIDE, 0),
    "the name of the maker, on most": (["Elm House"] * 6 + list("AB"), 28, WIDE, 0),
    "the name of a part, small": (["Findings"] * 3 + list("ABCDEF"), 9, WIDE, 0),
    "the name of a chapter of a report": (["Findings"] * 3 + list("ABCDEF"), 28, UPRIGHT, 0),
}


@pytest.mark.parametrize("name", TOPS)
def test_the_title_of_several_slides_is_no_running_line(name: str) -> None:
    titles, size, sides, count = TOPS[name]
    pages = [
        make_page(
            (title, {"at": 20.0, "size": size}),
            *((f"{LONG} {line} of {number}", {"at": 120.0 + 14 * line}) for line in range(9)),
            width=sides[0],
            height=sides[1],
            number=number,
        )
        for number, title in enumerate(titles, start=1)
    ]
    read = [PageOfLines(page.height, lines_of(page), width=page.width) for page in pages]
    found = [block["text"] for page in blocks_of_lines(read) for block in page]
    assert sum(titles.count(text) > 1 or text.startswith("Case") for text in found) == count
