"""Single letters that are hidden, and letters that hardly differ from what lies behind them."""

from collections.abc import Callable
from typing import Any

import pytest
from pikepdf import Dictionary, Name

from reviews.pdf.contrast import is_seen
from reviews.pdf.report import Reading
from tests.pdfs.builder import SECRET, Canvas, box, drawn, glyphs, line, width
from tests.reviews.reading_many import read_many

BEFORE, AFTER = "The child was ", " years old when they were seen."


def in_a_line(
    c: Canvas, what: str, *, how: str = "0 g", before: str = BEFORE, after: str = AFTER
) -> tuple[float, float, float, float]:
    """Write a line with a word of a colour of its own; return the box around the word."""
    start = f"BT /Say 12 Tf 72 300 Td 0 g {glyphs(before)} Tj"
    c.tagged(f"q {start} {how} {glyphs(what)} Tj 0 Tr 0 g {glyphs(after)} Tj ET Q")
    return 72 + width(before) - 1, 296, width(what) + 2, 16


def highlighted(c: Canvas, what: str, before: str = BEFORE, ground: str = "0 g") -> None:
    """Draw as Word does: the highlight first, the text on top of it."""
    c.artifact(box(71 + width(before), 296, width(what) + 2, 16, ground))


def see_through(c: Canvas, alpha: float, blend: str = "Normal") -> str:
    state = Dictionary(Type=Name.ExtGState, ca=alpha, BM=Name(f"/{blend}"))
    return c.resource("ExtGState", "Thin", state) + " gs"


# --- one letter or digit ------------------------------------------------------------------------


def black_highlight(c: Canvas) -> None:
    highlighted(c, "7")
    in_a_line(c, "7")


def grey_highlight_and_grey_digit(c: Canvas) -> None:
    highlighted(c, "7", ground="0.5 g")
    in_a_line(c, "7", how="0.5 g")


def initial_with_its_dot(c: Canvas) -> None:
    highlighted(c, "J", before="The boy ")
    in_a_line(c, "J", before="The boy ", after=". was seen at home by nobody.")


def box_over_a_digit(c: Canvas) -> None:
    c.artifact(box(*in_a_line(c, "7")))


def almost_black_box_over_a_digit(c: Canvas) -> None:
    place = in_a_line(c, "7")
    c.artifact(box(*place, f"{see_through(c, 0.9)} 0 g"))


def white_digit_on_paper(c: Canvas) -> None:
    in_a_line(c, "7", how="1 g")


def digit_without_ink(c: Canvas) -> None:
    in_a_line(c, "7", how="3 Tr")


def digit_at_the_end_of_a_word(c: Canvas) -> None:
    before = "The school spoke of Child M"
    highlighted(c, "7", before)
    in_a_line(c, "7", before=before, after=" and of nobody else.")


def digit_on_a_page_that_is_turned(c: Canvas) -> None:
    highlighted(c, "7")
    in_a_line(c, "7")
    c.page.Rotate = 90


def digit_in_a_form(c: Canvas) -> None:
    words = line(BEFORE) + line("7", x=72 + width(BEFORE))
    words += line(AFTER, x=72 + width(BEFORE + "7"))
    mark = box(71 + width(BEFORE), 296, width("7") + 2, 16)
    c.tagged(f"q {c.form(mark + words)} Do Q")


HIDDEN: dict[str, tuple[Callable[[Canvas], None], str, str]] = {
    "black highlight": (black_highlight, "pale_text", "7"),
    "grey highlight": (grey_highlight_and_grey_digit, "pale_text", "7"),
    "an initial": (initial_with_its_dot, "pale_text", "J"),
    "a box over it": (box_over_a_digit, "covered_text", "7"),
    "a box of 90 % over it": (almost_black_box_over_a_digit, "covered_text", "7"),
    "white on paper": (white_digit_on_paper, "pale_text", "7"),
    "without ink": (digit_without_ink, "invisible_text", "7"),
    "at the end of a word": (digit_at_the_end_of_a_word, "pale_text", "7"),
    "on a page that is turned": (digit_on_a_page_that_is_turned, "pale_text", "7"),
    "in a form": (digit_in_a_form, "pale_text", "7"),
}


def letter_in_the_margin(c: Canvas) -> None:
    c.say("B", x=20, y=500, how="1 g")


def letters_strewn_over_a_chart(c: Canvas) -> None:
    """Labels that a chart leaves where it has no room for them."""
    for place, letter in enumerate("ABDEGH"):
        c.say(letter, x=80 + 60 * place, y=240 + 37 * place, how="1 g")
        c.say("Neglect", x=400 - 60 * place, y=250 + 37 * place)


def digits_on_bars(c: Canvas) -> None:
    for place in range(5):
        c.artifact(box(80 + 40 * place, 300, 30, 40 + 12 * place, "0.1 0.3 0.4 rg"))
        c.say(str(place + 1), x=90 + 40 * place, y=310, how="1 g")


def list_with_letters(c: Canvas) -> None:
    for place, letter in enumerate("abcdef"):
        c.say(f"{letter} The next thing that was learnt.", y=400 - 16 * place)


def yellow_highlight(c: Canvas) -> None:
    highlighted(c, "7", ground="1 1 0 rg")
    in_a_line(c, "7")


def white_digit_in_a_black_badge(c: Canvas) -> None:
    highlighted(c, "7")
    in_a_line(c, "7", how="1 g")


def thin_small_letters(c: Canvas) -> None:
    for place in range(6):
        c.say("I l i j t f in a line of small print", y=400 - 9 * place, size=5, how="0.6 g")


SEEN: dict[str, Callable[[Canvas], None]] = {
    function.__name__: function
    for function in (
        letter_in_the_margin,
        letters_strewn_over_a_chart,
        digits_on_bars,
        list_with_letters,
        yellow_highlight,
        white_digit_in_a_black_badge,
        thin_small_letters,
    )
}


# --- by contrast --------------------------------------------------------------------------------


def on_ground(ground: str, ink: str) -> Callable[[Canvas], None]:
    def draw(c: Canvas) -> None:
        c.artifact(box(60, 290, 300, 30, ground))
        c.say(SECRET, how=ink)

    return draw


def under_box(alpha: float, paint: str = "0 g", ink: str = "0 g") -> Callable[[Canvas], None]:
    def draw(c: Canvas) -> None:
        c.say(SECRET, how=ink)
        c.artifact(box(60, 290, 300, 30, f"{see_through(c, alpha)} {paint}"))

    return draw


def half_a_word_under_a_thin_box(c: Canvas) -> None:
    """The box begins within a word."""
    c.say("Everything" + SECRET.replace(" ", ""))
    start = 72 + width("Everything")
    c.artifact(box(start, 290, 300, 30, f"{see_through(c, 0.9)} 0 g"))


TOO_PALE: dict[str, tuple[Callable[[Canvas], None], str]] = {
    "near black on black": (on_ground("0 g", "0.09 g"), "pale_text"),
    "black on near black": (on_ground("0.09 g", "0 g"), "pale_text"),
    "dark blue on black": (on_ground("0 g", "0 0 0.12 rg"), "pale_text"),
    "near white on white": (on_ground("1 g", "0.93 g"), "pale_text"),
    "cream on white": (on_ground("1 g", "1 1 0.85 rg"), "pale_text"),
    "green on green": (on_ground("0.2 0.5 0.3 rg", "0.21 0.53 0.32 rg"), "pale_text"),
    "under a black box of 90 %": (under_box(0.9), "covered_text"),
    "under a black box of 95 %": (under_box(0.95), "covered_text"),
    "under a white box of 94 %": (under_box(0.94, "1 g"), "covered_text"),
    "half a word under a box of 90 %": (half_a_word_under_a_thin_box, "covered_text"),
}
DARK_ENOUGH: dict[str, Callable[[Canvas], None]] = {
    "dark grey on black": on_ground("0 g", "0.2 g"),
    "a pale watermark": on_ground("1 g", "0.88 g"),
    "yellow on white": on_ground("1 g", "1 1 0 rg"),
    "blue on black": on_ground("0 g", "0 0 1 rg"),
    "red on green of the same lightness": on_ground("0 0.4 0 rg", "0.7 0 0 rg"),
    "under a black box of 75 %": under_box(0.75),
    "under a white box of 60 %": under_box(0.6, "1 g"),
}


@pytest.fixture(scope="module")
def readings() -> dict[str, Reading | str]:
    draws = {name: draw for name, (draw, *_) in (HIDDEN | TOO_PALE).items()} | SEEN | DARK_ENOUGH
    return read_many({name: drawn(draw) for name, draw in draws.items()})


def reading_of(readings: dict[str, Any], name: str) -> tuple[list[tuple[str, list[str]]], str]:
    reading = readings[name]
    assert isinstance(reading, Reading), reading
    found = [(str(one.check), one.details) for one in reading.found]
    return found, " ".join(reading.pages[1].text.split())


@pytest.mark.parametrize("name", HIDDEN)
def test_one_hidden_letter_is_told_and_no_part_of_the_text(
    readings: dict[str, Any], name: str
) -> None:
    _, check, letter = HIDDEN[name]
    found, text = reading_of(readings, name)
    assert found == [(check, [letter])]
    said = text.replace("Page two speaks of a heron.", "").replace("The partnership", "")
    assert letter not in said
    assert "years old" in said or "nobody" in said


@pytest.mark.parametrize("name", SEEN)
def test_letters_that_are_seen_or_stray_are_no_finding(readings: dict[str, Any], name: str) -> None:
    assert reading_of(readings, name)[0] == []


@pytest.mark.parametrize("name", TOO_PALE)
def test_words_without_contrast_are_hidden(readings: dict[str, Any], name: str) -> None:
    check = TOO_PALE[name][1]
    found, text = reading_of(readings, name)
    assert [one for one, _ in found] == [check]
    assert "Sampleperson" not in text


@pytest.mark.parametrize("name", DARK_ENOUGH)
def test_words_with_some_contrast_are_seen(readings: dict[str, Any], name: str) -> None:
    found, text = reading_of(readings, name)
    assert found == []
    assert SECRET in text


@pytest.mark.parametrize(
    ("colour", "behind", "seen"),
    [
        ((23, 23, 23), (0, 0, 0), False),  # 1.17
        ((26, 26, 26), (0, 0, 0), False),  # 1.21
        ((31, 31, 31), (0, 0, 0), True),  # 1.27
        ((238, 238, 238), (255, 255, 255), False),  # 1.16
        ((230, 230, 230), (255, 255, 255), True),  # 1.25
        ((120, 120, 120), (128, 128, 128), False),  # 1.12
        ((108, 108, 108), (128, 128, 128), True),  # 1.35
        ((255, 255, 0), (255, 255, 255), True),  # 1.07, told by its hue
    ],
)
def test_the_threshold_is_a_contrast_ratio(
    colour: tuple[int, int, int], behind: tuple[int, int, int], seen: bool
) -> None:
    assert is_seen(colour, behind) is is_seen(behind, colour) is seen
