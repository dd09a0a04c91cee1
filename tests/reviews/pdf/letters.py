"""Pages of letters as pdfium reports them, and short looks at the blocks made of them."""

from reviews.pdf.blocks import blocks_of
from reviews.pdf.characters import Char, PageOfChars

LEADING = 14
FULL = "The family moved to the area in the spring and nobody told the school about"


def make_line(
    text, top, *, left=70.0, size=11.0, bold=False, role="", step=None, italic=False
) -> tuple[list[Char], float]:
    """The characters of one line, half as wide as high, and where the next would begin."""
    step = step or size / 2
    chars = []
    x = left
    for letter in text:
        if letter == "\t":
            x += 6 * size
            continue
        drawn = letter != " "
        box = (x, top, x + step * 0.95, top + size * 0.8) if drawn else (0.0, 0.0, 0.0, 0.0)
        chars.append(Char(letter, *box, size, bold, role, italic))
        x += step
    return [*chars, Char("\n", 0.0, 0.0, 0.0, 0.0, 0.0, False, "")], x


def make_page(*lines, number=1, width=595.0, height=842.0, top=100.0) -> PageOfChars:
    """A page of lines: a text, or (text, options), or a number of points to leave free.

    The option `at` places a line, and those after it, at that height.
    """
    chars: list[Char] = []
    for line in lines:
        if isinstance(line, int | float):
            top += line
            continue
        text, options = (line, {}) if isinstance(line, str) else (line[0], dict(line[1]))
        top = options.pop("at", top)
        chars += make_line(text, top, **options)[0]
        top += max(LEADING, options.get("size", 11) * 1.25)
    return PageOfChars(number, width, height, chars)


def texts(blocks):
    return [block["text"] for block in blocks]


def kinds(blocks):
    return [block["kind"] for block in blocks]


def only_page(*lines, **options):
    return blocks_of([make_page(*lines, **options)])[0]
