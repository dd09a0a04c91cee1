"""Layers and annotations that are out of sight, and signs that lie over text by accident."""

from collections.abc import Callable
from typing import Any

import pytest
from pikepdf import Array, Dictionary, Name

from reviews.pdf.report import Reading
from tests.pdfs.builder import Canvas, drawn, line
from tests.pdfs.hidden_text import in_layer
from tests.reviews.reading_many import read_many

WORDS = "Words that may be out of sight."
NAMES = ["Family", "Police"]


def groups(c: Canvas, off: str) -> list[Any]:
    """Add two layers, of which those with a letter in ``off`` (F, P) are switched off."""
    made = [c.pdf.make_indirect(Dictionary(Type=Name.OCG, Name=name)) for name in NAMES]
    hidden = [group for group, name in zip(made, NAMES, strict=True) if name[0] in off]
    settings = Dictionary(Order=Array(made), OFF=Array(hidden))
    c.pdf.Root.OCProperties = Dictionary(OCGs=Array(made), D=settings)
    return made


def membership(off: str, policy: str = "", expression: Any = None) -> Callable[[Canvas], None]:
    def draw(c: Canvas) -> None:
        both = groups(c, off)
        member = Dictionary(Type=Name.OCMD, OCGs=Array(both))
        if policy:
            member.P = Name(f"/{policy}")
        if expression:
            member.VE = expression(*both)
        in_layer(c, c.pdf.make_indirect(member), line(WORDS))

    return draw


def both_of(one: Any, other: Any) -> Any:
    return Array([Name.And, one, other])


def one_of(one: Any, other: Any) -> Any:
    return Array([Name.Or, one, other])


def not_the_second(one: Any, other: Any) -> Any:
    return Array([Name.And, one, Array([Name.Not, other])])


# The policies of ISO 32000-1, table 99, and visibility expressions.
HIDDEN = {
    "any on, both off": membership("FP"),
    "all on, one off": membership("F", "AllOn"),
    "any off, both on": membership("", "AnyOff"),
    "all off, both on": membership("", "AllOff"),
    "all off, one on": membership("P", "AllOff"),
    "both, one off": membership("P", expression=both_of),
    "one of two, both off": membership("FP", expression=one_of),
    "not the second, both on": membership("", expression=not_the_second),
}
SHOWN = {
    "any on, one off": membership("F"),
    "all on, both on": membership("", "AllOn"),
    "any off, one off": membership("P", "AnyOff"),
    "all off, both off": membership("FP", "AllOff"),
    "one of two, one off": membership("P", expression=one_of),
    "not the second, the second off": membership("P", expression=not_the_second),
}


def mark(kind: str, flags: int, **keys: Any) -> Callable[[Canvas], None]:
    def draw(c: Canvas) -> None:
        made = c.annotate(kind, [72, 290, 400, 320], **keys)
        made.F = flags
        made.AP = c.appearance(line(WORDS, x=5, y=10), 328, 30)

    return draw


OUT_OF_SIGHT = {
    "hidden watermark": (mark("Watermark", 2), f"hidden watermark: “{WORDS}”"),
    "hidden from the screen": (mark("Watermark", 4 + 32), f"hidden watermark: “{WORDS}”"),
    "hidden with a note": (
        mark("Watermark", 2, Contents="Ask Jo Sampleperson"),
        "hidden watermark: “Ask Jo Sampleperson”",
    ),
    "hidden printer's mark": (mark("PrinterMark", 2), f"hidden printer mark: “{WORDS}”"),
    "hidden and to print": (mark("Watermark", 4 + 2), f"hidden watermark: “{WORDS}”"),
    "hidden until the mouse is over it": (
        mark("Watermark", 4 + 32 + 256),
        f"hidden watermark: “{WORDS}”",
    ),
    "printer's mark hidden from the screen": (
        mark("PrinterMark", 4 + 32),
        f"hidden printer mark: “{WORDS}”",
    ),
    "hidden trap net": (mark("TrapNet", 2), f"hidden trap net: “{WORDS}”"),
    "locked and hidden": (mark("Watermark", 2 + 64 + 128), f"hidden watermark: “{WORDS}”"),
}


def icon(kind: str, flags: int = 4, **keys: Any) -> Callable[[Canvas], None]:
    """A sign over the first words of a line, as large as programs draw it."""

    def draw(c: Canvas) -> None:
        c.say(WORDS)
        made = c.annotate(kind, [70, 294, 96, 316], **keys)
        made.F = flags
        made.AP = c.appearance("1 0.9 0.3 rg 0 0 26 22 re f", 26, 22)

    return draw


ICONS = {
    "a note": (icon("Text", Contents="Check this"), "comments"),
    "a note without words": (icon("Text"), "comments"),
    "a note that is closed": (icon("Text", Open=False, Contents="Check"), "comments"),
    "a file's pin": (icon("FileAttachment"), "attachment"),
    "a note of another sign": (icon("Text", Name=Name.Key, Contents="Check"), "comments"),
    "a note that keeps its size": (icon("Text", 4 + 8 + 16, Contents="Check"), "comments"),
    "a state that a note was given": (
        icon("Text", StateModel="Review", State="Accepted", Contents="Accepted by Jo"),
        "comments",
    ),
    "a sound": (icon("Sound"), "comments"),
}
BOXES = {
    "a square": icon("Square"),
    "a stamp": icon("Stamp"),
    "a circle": icon("Circle"),
    "a text box": icon("FreeText"),
    "a pen": icon("Ink"),
    "a polygon": icon("Polygon"),
    "a line": icon("Line"),
    "a highlight that is not seen through": icon("Highlight"),
}


@pytest.fixture(scope="module")
def readings() -> dict[str, Reading | str]:
    draws = HIDDEN | SHOWN | BOXES
    draws |= {name: draw for name, (draw, _) in (OUT_OF_SIGHT | ICONS).items()}
    draws["a watermark in sight"] = mark("Watermark", 4)
    return read_many({name: drawn(draw) for name, draw in draws.items()})


def found(readings: dict[str, Any], name: str) -> list[tuple[str, list[str]]]:
    reading = readings[name]
    assert isinstance(reading, Reading), reading
    # The names of layers are told too.
    named = "words_on_no_page"
    return [(str(one.check), one.details) for one in reading.found if one.check != named]


@pytest.mark.parametrize("name", HIDDEN)
def test_content_that_its_layers_hide_is_found(readings: dict[str, Any], name: str) -> None:
    ((check, details),) = found(readings, name)
    assert (check, details[0]) == ("hidden_layer", "Family, Police")


@pytest.mark.parametrize("name", SHOWN)
def test_content_that_its_layers_show_is_no_finding(readings: dict[str, Any], name: str) -> None:
    assert found(readings, name) == []


@pytest.mark.parametrize("name", OUT_OF_SIGHT)
def test_a_mark_that_is_out_of_sight_is_found(readings: dict[str, Any], name: str) -> None:
    assert found(readings, name) == [("comments", [OUT_OF_SIGHT[name][1]])]


def test_a_watermark_in_sight_is_no_finding(readings: dict[str, Any]) -> None:
    assert found(readings, "a watermark in sight") == []


@pytest.mark.parametrize("name", ICONS)
def test_text_under_the_sign_of_a_note_is_seen(readings: dict[str, Any], name: str) -> None:
    assert [check for check, _ in found(readings, name)] == [ICONS[name][1]]
    assert WORDS in readings[name].pages[1].text


@pytest.mark.parametrize("name", BOXES)
def test_text_under_a_mark_is_hidden(readings: dict[str, Any], name: str) -> None:
    assert [check for check, _ in found(readings, name)] == ["comments", "covered_text"]
    assert WORDS not in readings[name].pages[1].text
