"""Page numbers and pictures that a layout leaves under the colour of a page: told mildly, once."""

from collections.abc import Callable
from typing import Any

import pytest

from reviews.pdf.report import Reading
from tests.pdfs import pictures
from tests.pdfs.builder import HEIGHT, WIDTH, Canvas, box, drawn, line
from tests.reviews.reading_many import read_many

COLOUR = "0.1 0.35 0.4 rg"


def page_of_colour(c: Canvas, colour: str = COLOUR) -> None:
    c.artifact(box(0, 0, WIDTH, HEIGHT, colour))


def number(said: str, *, x: float = 290, y: float = 30, how: str = "0 g") -> Callable[..., None]:
    """Write a number, then the colour of the page over it."""

    def draw(c: Canvas) -> None:
        c.artifact(line(said, x, y, how=how))
        page_of_colour(c)
        c.say("What is printed on the colour.", how="1 g")

    return draw


def white_number_on_a_white_page(c: Canvas) -> None:
    page_of_colour(c, "1 g")
    c.artifact(line("12", 290, 30, how="1 g"))


def number_under_a_picture_of_the_page(c: Canvas) -> None:
    c.artifact(line("12", 290, 30))
    name = c.picture(pictures.flat("#1a5966"), (16, 16))
    c.artifact(f"q {WIDTH} 0 0 {HEIGHT} 0 0 cm {name} Do Q")


def number_on_a_turned_page(c: Canvas) -> None:
    number("12", x=30, y=400)(c)
    c.page.Rotate = 90


def photo_under_the_colour(c: Canvas) -> None:
    name = c.picture(pictures.face(), (200, 200))
    c.artifact(f"q 200 0 0 200 100 300 cm {name} Do Q")
    page_of_colour(c)


A_NUMBER, A_PICTURE = "the number of the page", "a picture"
MILD = {
    "at the foot": (number("12"), A_NUMBER),
    "at the head": (number("12", y=HEIGHT - 30), A_NUMBER),
    "at the outer edge": (number("14", x=540), A_NUMBER),
    "white under white": (number("12", how="1 g"), A_NUMBER),
    "white on white": (white_number_on_a_white_page, A_NUMBER),
    "under a picture of the page": (number_under_a_picture_of_the_page, A_NUMBER),
    "on a turned page": (number_on_a_turned_page, A_NUMBER),
    "a photo": (photo_under_the_colour, A_PICTURE),
}
# An age, a telephone number or a house is none.
NO_NUMBER = {
    "in the middle of the page": number("12", y=400),
    "far from the number of the page": number("88"),
    "a word": number("Elm"),
    "a telephone number": number("020 7946 0123"),
    "a number among words": number("aged 12"),
    "a date": number("12.5.2"),
}


@pytest.fixture(scope="module")
def readings() -> dict[str, Reading | str]:
    draws = {name: draw for name, (draw, _) in MILD.items()} | NO_NUMBER
    return read_many({name: drawn(alone(draw)) for name, draw in draws.items()})


def alone(draw: Callable[[Canvas], None]) -> Callable[[Canvas], None]:
    def on_blank_page(c: Canvas) -> None:
        c.page.Contents = c.pdf.make_stream(b"")
        draw(c)

    return on_blank_page


def found(readings: dict[str, Any], name: str) -> list[tuple[str, int | None, list[str]]]:
    reading = readings[name]
    assert isinstance(reading, Reading), reading
    found = [(str(one.check), one.page, one.details) for one in reading.found]
    return [one for one in found if one[0] not in ("no_text", "words_on_no_page")]


@pytest.mark.parametrize("name", MILD)
def test_what_lies_under_the_colour_of_a_page_is_told_mildly(
    readings: dict[str, Any], name: str
) -> None:
    assert found(readings, name) == [("under_page_colour", 2, [MILD[name][1]])]
    assert "12" not in readings[name].pages[1].text


@pytest.mark.parametrize("name", NO_NUMBER)
def test_other_words_under_a_colour_are_hidden_text(readings: dict[str, Any], name: str) -> None:
    assert {check for check, _, _ in found(readings, name)} == {"covered_text"}
