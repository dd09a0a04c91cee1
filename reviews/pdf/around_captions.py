"""Layout around captions: the captions of a page, the marks drawn on it in groups, and its lines.

Shared by what reads a figure as a table and what cuts one out as a picture.
"""

from collections.abc import Iterable
from typing import NamedTuple

from reviews.pdf.captions import caption_of
from reviews.pdf.drawing import Box, Drawn
from reviews.pdf.ink import Mark, marks_of
from reviews.pdf.lines import Line

# In points: marks that are nearer than this are one group.
CONNECTED = 8.0
MOST_GROUPS = 250
# Shares of the page: its margins hold headers and footers, and what fills it is its ground.
EDGE = 0.045
GROUND = 0.9
# In points, the least that is shown by itself.
NARROWEST, LOWEST = 60.0, 36.0
# What parts two groups of marks is longer.
LONGEST_LABEL = 40
MOST_CAPTION_LINES = 4


class Group:
    """Marks that touch, with the text beside them that is part of the drawing."""

    def __init__(self, mark: Mark) -> None:
        self.marks = [mark]
        self.box = mark.box

    def add(self, other: "Group") -> None:
        self.marks += other.marks
        self.box = around(self.box, other.box)


class Caption(NamedTuple):
    lines: list[Line]
    box: Box


class Layout(NamedTuple):
    """A page on which every line has a place, and something is drawn beside a caption."""

    number: int
    width: float
    height: float
    lines: list[Line]
    captions: list[Caption]
    groups: list[Group]


def layout_of(
    drawn: Drawn, lines: list[Line], size: tuple[float, float], number: int
) -> Layout | None:
    """Return the layout of a page, or None if no caption stands on it or nothing is drawn."""
    captions = _captions_of(lines)
    if not captions or not all(line.placed for line in lines):
        return None
    marks = marks_of(drawn, *size)
    groups = _groups_of(marks, *size) if marks else None
    return Layout(number, *size, lines, captions, groups) if groups else None


def is_of_a_size(box: Box, width: float, height: float, *, largest: float) -> bool:
    """Return whether a box can be shown by itself: on the page, and at most that share of it."""
    return (
        box.right - box.left >= NARROWEST
        and box.bottom - box.top >= LOWEST
        and box.left >= 0
        and box.right <= width
        and box.top >= EDGE * height
        and box.bottom <= (1 - EDGE) * height
        and box.area <= largest * width * height
    )


def _captions_of(lines: list[Line]) -> list[Caption]:
    captions = []
    for index, line in enumerate(lines):
        if not caption_of(line.text) or not line.placed or line.contents:
            continue
        own = [line]
        for after in lines[index + 1 : index + MOST_CAPTION_LINES]:
            last = own[-1]
            is_next = (
                after.placed
                and 0 < after.baseline - last.baseline < 1.6 * max(line.size, 1)
                and abs(after.size - line.size) < 0.7
                and after.left < last.right
                and last.left < after.right
                and not caption_of(after.text)
            )
            if not is_next:
                break
            own.append(after)
        captions.append(Caption(own, box_of(own)))
    return captions


def _groups_of(marks: list[Mark], width: float, height: float) -> list[Group] | None:
    """Return the groups of marks that touch, without the ground of the page; None if too many."""
    groups: list[Group] = []
    for mark in sorted(marks, key=lambda mark: -mark.box.area):
        if mark.box.right - mark.box.left > GROUND * width and (
            mark.box.bottom - mark.box.top > GROUND * height
        ):
            continue
        new = Group(mark)
        while touching := [one for one in groups if is_near(one.box, new.box, CONNECTED)]:
            for one in touching:
                new.add(one)
                groups.remove(one)
        groups.append(new)
        if len(groups) > MOST_GROUPS:
            return None
    return groups


def box_of_line(line: Line) -> Box:
    return Box(line.left, line.top, line.right, line.bottom)


def box_of(lines: Iterable[Line]) -> Box:
    return around(*map(box_of_line, lines))


def around(*boxes: Box) -> Box:
    lefts, tops, rights, bottoms = zip(*boxes, strict=True)
    return Box(min(lefts), min(tops), max(rights), max(bottoms))


def grown(box: Box, by: float) -> Box:
    return Box(box.left - by, box.top - by, box.right + by, box.bottom + by)


def is_near(one: Box, other: Box, distance: float) -> bool:
    return grown(one, distance).touches(other)


def is_within(inner: Box, outer: Box, slack: float) -> bool:
    return (
        inner.left >= outer.left - slack
        and inner.top >= outer.top - slack
        and inner.right <= outer.right + slack
        and inner.bottom <= outer.bottom + slack
    )


def gap_to(box: Box, other: Box, *, above: bool) -> float:
    """Return the distance to another box above or below."""
    return box.top - other.bottom if above else other.top - box.bottom


def share_across(one: Box, other: Box) -> float:
    """Return the share of the narrower box that is above or below the other."""
    common = min(one.right, other.right) - max(one.left, other.left)
    return common / max(min(one.right - one.left, other.right - other.left), 0.1)


def share_down(one: Box, other: Box) -> float:
    common = min(one.bottom, other.bottom) - max(one.top, other.top)
    return common / max(min(one.bottom - one.top, other.bottom - other.top), 0.1)
