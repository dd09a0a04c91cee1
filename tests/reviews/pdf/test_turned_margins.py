"""Turned words in the margin of a page are one text, and no heading however large."""

import pytest

from reviews.pdf.blocks import PageOfLines, blocks_of_lines
from reviews.pdf.lines import Line, lines_of
from tests.reviews.pdf.letters import FULL, make_page

TEXT = lines_of(make_page(*[FULL] * 9))


def turned(words, *, left=20.0, size=20.0, bold=False, climbs=True):
    """The lines that the words of a turned line are, each as high as it is long."""
    lines = []
    at = 500.0 if climbs else 100.0
    for word in words:
        length = len(word) * size / 2
        top, bottom = (at - length, at) if climbs else (at, at + length)
        at = top - 6 if climbs else bottom + 6
        place = (left, top, left + size, bottom, bottom, size)
        lines.append(Line(word, False, False, True, *place, bold, False, "", (), False))
    return lines


WORDS = ("Draft:2107", "[Child]", "24", "Mar", "2022")
MARGINS = {
    "climbing at the left": turned(WORDS),
    "falling at the right": turned(WORDS, left=560.0, climbs=False),
    "bold": turned(WORDS, bold=True),
    "very large": turned(WORDS[:3], size=36.0),
    "smaller than the text": turned(WORDS, size=9.0),
    "one word": turned(("Confidential",)),
}


@pytest.mark.parametrize("name", MARGINS)
@pytest.mark.parametrize("first", [True, False])
def test_turned_words_of_a_margin_are_one_text_and_no_heading(name: str, first: bool) -> None:
    margin = MARGINS[name]
    lines = [*margin, *TEXT] if first else [*TEXT, *margin]
    blocks = blocks_of_lines([PageOfLines(842.0, lines)])[0]
    assert len(blocks) == 2
    said = blocks[0 if first else 1]
    assert (said["kind"], said["text"]) == ("paragraph", " ".join(line.text for line in margin))
