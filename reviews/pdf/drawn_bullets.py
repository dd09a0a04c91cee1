"""Bullets that a program draws, as dots and squares, instead of setting them as letters."""

from collections.abc import Collection, Sequence

from reviews.pdf.drafts import NO_MARK, mark_of
from reviews.pdf.ink import Mark
from reviews.pdf.lines import Line

# In points: the sides of a bullet.
LEAST, MOST = 2.0, 9.0
# As multiples of the size of the letters: its distance from its line.
FAR = 1.6
# In points: how far bullets of one list differ in size.
EVEN = 0.6
# A single dot beside a line is a sign of something else.
FEWEST = 2


def with_drawn_bullets(
    lines: Sequence[Line], marks: Sequence[Mark], others: Collection[Line] = ()
) -> list[Line]:
    """Return lines, those that begin beside a drawn bullet with a symbol; not the ``others``."""
    dots = [mark.box for mark in marks if not mark.is_picture and _is_dot(mark)]
    if len(dots) < FEWEST:
        return list(lines)
    found: dict[int, float] = {}
    for place, line in enumerate(lines):
        if not line.placed or line in others or mark_of(line) is not NO_MARK:
            continue
        for dot in dots:
            if (
                0 < line.left - dot.right < FAR * max(line.size, 1.0)
                and line.top < (dot.top + dot.bottom) / 2 < line.bottom
            ):
                found[place] = dot.right - dot.left
                break
    return [
        line._replace(symbol=True)
        if place in found and sum(_is_even(found[place], o) for o in found.values()) >= FEWEST
        else line
        for place, line in enumerate(lines)
    ]


def _is_dot(mark: Mark) -> bool:
    width, height = mark.box.right - mark.box.left, mark.box.bottom - mark.box.top
    return min(width, height) > LEAST and max(width, height) < min(MOST, 1.6 * min(width, height))


def _is_even(one: float, other: float) -> bool:
    return abs(one - other) < EVEN
