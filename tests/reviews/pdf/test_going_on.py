"""Lines that go on: in an item whose line ends in a number, behind words in a face of their own,
behind a word that ends nothing, and in the next column behind the notes of the one before.
"""

from typing import Any

import pytest

from reviews.pdf.blocks import blocks_of
from reviews.pdf.characters import PageOfChars
from reviews.pdf.figures import captions_of
from reviews.pdf.lines import lines_of
from tests.reviews.pdf.letters import FULL, make_line, make_page, only_page, texts

HANGING = {"left": 147.0}
SMALL = {"size": 8.0}
LEADER = "......... "

# The lines of a page, and the texts that they are.
GOING_ON: dict[str, tuple[list[Any], list[str]]] = {
    "an item whose first line ends in a number": (
        [
            "2.\tLook at the cases that met the threshold of section 47",
            ("inquiries too.", HANGING),
        ],
        ["2. Look at the cases that met the threshold of section 47 inquiries too."],
    ),
    "two of them": (
        [
            "2.\tLook at the cases that met the threshold of section 47",
            ("inquiries too.", HANGING),
            "3.\tLook at those that met the threshold of section 17",
            ("and no other.", HANGING),
        ],
        [
            "2. Look at the cases that met the threshold of section 47 inquiries too.",
            "3. Look at those that met the threshold of section 17 and no other.",
        ],
    ),
    "entries of a list of contents": (
        ["1.\tWhat we found" + LEADER + "47", ("1.1\tthe school" + LEADER + "48", {"left": 130.0})],
        ["1. What we found 47", "1.1 the school 48"],
    ),
    "a line that ends with “of”": (
        [FULL, "and of the Department of", "Transport, which knew."],
        [f"{FULL} and of the Department of Transport, which knew."],
    ),
    "an item that goes on further out": (
        [("• The Department of", {"left": 82.0}), "Transport, Docket Operations,", "London."],
        ["The Department of Transport, Docket Operations, London."],
    ),
    "an item that is whole": (
        [("• The Department", {"left": 82.0}), "Transport, which they heard of, knew."],
        ["The Department", "Transport, which they heard of, knew."],
    ),
    "a line that ends with “of” above an item": (
        ["They thought of", "• the school", "• the nurse"],
        ["They thought of", "the school", "the nurse"],
    ),
    "a heading that ends with “of” above a paragraph": (
        [("What we know of", {"size": 16.0}), 8, FULL, "it."],
        ["What we know of", f"{FULL} it."],
    ),
    "a bold line above a paragraph": (
        [("What we know", {"bold": True}), FULL, "it."],
        ["What we know", f"{FULL} it."],
    ),
}


@pytest.mark.parametrize("name", GOING_ON)
def test_a_line_goes_on_or_begins(name: str) -> None:
    lines, wanted = GOING_ON[name]
    assert texts(only_page(*lines)) == wanted


def run_in(first: dict[str, Any], words: str, then: str) -> PageOfChars:
    """A paragraph that begins with words in a face of their own, and goes on below them."""
    head, x = make_line(words, 100.0, **first)
    rest, _ = make_line(then, 100.0, left=x + 3)
    page = make_page(*[FULL] * 3, top=128.0)
    return page._replace(chars=[*head[:-1], *rest, *make_page(FULL, top=114.0).chars, *page.chars])


FACES = {
    "bold": {"bold": True},
    "smaller": {"size": 9.5},
    "larger": {"size": 12.5},
    "smaller and bold": {"size": 9.5, "bold": True},
    "bold and italic": {"bold": True, "italic": True},
    "the text's own": {},
}


@pytest.mark.parametrize("name", FACES)
def test_a_paragraph_goes_on_below_the_words_that_it_begins_with(name: str) -> None:
    page = run_in(FACES[name], "CONTACT FOR FURTHER INFORMATION ABOUT THE WHOLE OF IT:", "Ian")
    assert len(blocks_of([page])[0]) == 1


NOTE = "1 Minutes of the meeting."
LEFT_COLUMN = ["The family moved to the area in", "the spring¹ and nobody told the"]
RIGHT_COLUMN = ["school about the move, which it", "heard of from a neighbour."]


def columns(left: list[str], right: list[str], notes: list[str], *, notes_first: bool) -> Any:
    """The blocks of two columns, the notes of the first below it."""
    beside = [(line, {"left": 320.0}) for line in right]
    foot: list[Any] = [(note, SMALL) for note in notes]
    if foot:
        foot[0] = (notes[0], {**SMALL, "at": 740.0})
    text: list[Any] = [(left[0], {"at": 100.0}), *left[1:]]
    after: list[Any] = [(beside[0][0], {**beside[0][1], "at": 100.0}), *beside[1:]]
    parts = [*foot, *text, *after] if notes_first else [*text, *foot, *after]
    return only_page(*parts)


JOINED = " ".join([*LEFT_COLUMN, *RIGHT_COLUMN])
# The columns and their notes, and the texts in order.
NOTES_BELOW: dict[str, tuple[list[str], list[str], list[str], list[str]]] = {
    "a sentence": (LEFT_COLUMN, RIGHT_COLUMN, [NOTE], [JOINED, NOTE]),
    "a sentence above two notes": (
        [LEFT_COLUMN[0] + "²", LEFT_COLUMN[1]],
        RIGHT_COLUMN,
        [NOTE, "2 Ibid."],
        [JOINED.replace("in the spring", "in² the spring"), NOTE, "2 Ibid."],
    ),
    "an end": (
        [LEFT_COLUMN[0], "the spring¹ and nobody knew."],
        ["school was out."],
        [NOTE],
        [f"{LEFT_COLUMN[0]} the spring¹ and nobody knew.", NOTE, "school was out."],
    ),
    "a new sentence": (
        [LEFT_COLUMN[0], "the spring¹ and nobody knew"],
        ["Their school was out."],
        [NOTE],
        [f"{LEFT_COLUMN[0]} the spring¹ and nobody knew", NOTE, "Their school was out."],
    ),
    "an item": (
        LEFT_COLUMN,
        ["• school and home"],
        [NOTE],
        [" ".join(LEFT_COLUMN), NOTE, "school and home"],
    ),
    "a word that ends nothing": (
        [LEFT_COLUMN[0], "the spring¹ and told the"],
        ["Department, which knew."],
        [NOTE],
        [f"{LEFT_COLUMN[0]} the spring¹ and told the Department, which knew.", NOTE],
    ),
}


@pytest.mark.parametrize("name", NOTES_BELOW)
def test_a_note_below_a_column_parts_no_paragraph(name: str) -> None:
    left, right, notes, wanted = NOTES_BELOW[name]
    assert texts(columns(left, right, notes, notes_first=False)) == wanted


@pytest.mark.parametrize("name", NOTES_BELOW)
def test_notes_that_a_file_draws_first_are_read_behind_the_text(name: str) -> None:
    left, right, notes, _ = NOTES_BELOW[name]
    blocks = columns(left, right, notes, notes_first=True)
    assert blocks[0]["text"].startswith(left[0])
    assert [block["text"] for block in blocks if block["kind"] == "note"] == notes


def test_notes_that_stand_beside_the_text_of_another_column_are_read_behind_it() -> None:
    blocks = only_page(
        (NOTE, {**SMALL, "left": 320.0, "at": 128.0}),
        ("The family moved to the area in the", {"at": 100.0}),
        "spring¹ and nobody in the town told",
        "the school about it, or the nurse.",
    )
    assert [block["kind"] for block in blocks] == ["paragraph", "note"]


# The lines of a caption, and how many of them are one.
CAPTIONS: dict[str, tuple[list[Any], int]] = {
    "bold, set wide": ([("Table 1 Tests in the", {"bold": True}), 6, ("North", {"bold": True})], 2),
    "bold, as usual": ([("Table 1 Tests in the", {"bold": True}), ("North", {"bold": True})], 2),
    "set wide": (["Table 1 Tests in the", 6, "North"], 1),
    "as usual": (["Table 1 Tests in the", "North"], 2),
    "bold, far above a line": (
        [("Table 1 Tests in the", {"bold": True}), 12, ("North", {"bold": True})],
        1,
    ),
    "bold, set wide, above a line further in": (
        [("Table 1 Tests in the", {"bold": True}), 6, ("North", {"bold": True, "left": 90.0})],
        1,
    ),
}


@pytest.mark.parametrize("name", CAPTIONS)
def test_a_bold_caption_goes_on_where_its_lines_are_set_wide(name: str) -> None:
    lines, count = CAPTIONS[name]
    [caption] = captions_of(lines_of(make_page(*lines)))
    assert len(caption.lines) == count


def test_a_smaller_number_behind_a_note_is_part_of_it() -> None:
    blocks = only_page(
        *[FULL] * 3,
        "they moved¹⁰ in the spring¹³ of it.",
        ("13 More than ten degrees of difference for more than", {**SMALL, "at": 740.0}),
        ("10 seconds.", SMALL),
    )
    assert texts(blocks)[1:] == ["13 More than ten degrees of difference for more than 10 seconds."]


BOLD = {"bold": True}
# Lines with a raised number before them, and what kinds of block they are.
RAISED_FIRST: dict[str, tuple[list[Any], list[str]]] = {
    "bold": ([("¹Confirmed cases: 113", BOLD)], ["heading"]),
    "bold, one below the other": (
        [("¹Confirmed cases: 113", BOLD), 20, ("²Reported deaths: 18", BOLD)],
        ["heading", "heading"],
    ),
    "bold, with a space": ([("¹ Confirmed cases: 113", BOLD)], ["heading"]),
    "bold and small": ([("¹Confirmed cases", BOLD | {"size": 8.0})], ["paragraph"]),
    "not bold": (["¹Confirmed cases: 113"], ["note"]),
    "small": ([("¹Confirmed cases: 113", SMALL)], ["note"]),
}


@pytest.mark.parametrize("name", RAISED_FIRST)
def test_a_raised_number_before_a_bold_line_makes_no_note(name: str) -> None:
    lines, wanted = RAISED_FIRST[name]
    blocks = only_page(*[FULL] * 5, "so.", 20, *lines)
    assert [block["kind"] for block in blocks[1:]] == wanted


LIST = {"role": "LBody", "bold": True}
# Numbered lines that are tagged as items, beside headings that are tagged, and their levels.
NUMBERED = {
    "much larger": ("2. What we asked", LIST | {"size": 24.0}, True),
    "with a reference": ("2.1 What we asked", LIST | {"size": 18.0}, True),
    "larger": ("2. What we asked", LIST | {"size": 13.0}, False),
    "as large": ("2. What we asked", LIST, False),
    "with a bullet": ("• What we asked", LIST | {"size": 24.0}, False),
    "without a number": ("What we asked", LIST | {"size": 24.0}, False),
}


@pytest.mark.parametrize("name", NUMBERED)
def test_a_much_larger_number_is_a_heading_whatever_its_tag(name: str) -> None:
    text, options, is_heading = NUMBERED[name]
    lines = [("Found", {"role": "H2", "size": 16.0}), *[(FULL, {"role": "P"})] * 9]
    blocks = only_page((text, options), 20, *lines)
    assert (blocks[0]["kind"] == "heading") is is_heading
