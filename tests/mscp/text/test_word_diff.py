"""Differences by word: nothing is lost, and each side can be read from them."""

import random

import pytest

from mscp.text.word_diff import MOST_WORDS, marked, marked_items, pieces

PAIRS = [
    ("", ""),
    ("", "New."),
    ("Old.", ""),
    ("The child was three.", "The child was four."),
    ("One two three four five", "One 2 3 4 five"),
    ("A line\r\nand another\n\n", "A line\nand one more"),
    ("Siân’s  spaces", "Sian's spaces"),
    ("word " * (MOST_WORDS + 1), "word " * MOST_WORDS + "end"),
    ("\n".join(f"Line {n}." for n in range(1500)), "\n".join(f"Line {n}!" for n in range(1500))),
]


def sides(found: list[tuple[str, str]]) -> tuple[str, str]:
    old = "".join(text for kind, text in found if kind in "=-")
    new = "".join(text for kind, text in found if kind in "=+")
    return old, new


@pytest.mark.parametrize(("old", "new"), PAIRS)
def test_each_side_can_be_read_from_the_pieces(old: str, new: str) -> None:
    assert sides(pieces(old, new)) == (old, new)


def test_any_two_texts_come_out_whole() -> None:
    chance = random.Random(7)
    for _ in range(200):
        old, new = (
            "".join(
                chance.choices(["a ", "the ", "child", ". ", "\n", "é"], k=chance.randint(0, 40))
            )
            for _ in range(2)
        )
        assert sides(pieces(old, new)) == (old, new)


def test_a_changed_word_alone_is_marked() -> None:
    found = pieces("The child was three years old.", "The child was four years old.")
    assert found == [
        ("=", "The child was "),
        ("-", "three"),
        ("+", "four"),
        ("=", " years old."),
    ]


def test_marks_are_escaped_and_said_to_whoever_cannot_see() -> None:
    shown = marked("<b>old</b>", "<b>new</b>")
    assert "<b>" not in shown and "&lt;" in shown
    assert "[removed: " in shown and "[added: " in shown


def test_of_a_list_each_name_that_came_or_went_is_marked_whole() -> None:
    shown = marked_items(["Neglect, long", "<b>"], ["<b>", "Neglect"])
    assert "[removed: </span>Neglect, long<" in shown and "[added: </span>Neglect<" in shown
    assert ", &lt;b&gt;, " in shown
    assert (shown.count("<del>"), shown.count("<ins>")) == (1, 1)
