"""Tables under a caption, only where it is certain what belongs to them.

A caption stands directly above or below one connected group of marks, which is a complete grid and
cuts no line of text. Anything else is left as it is: a table that leaves something out is false.
"""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from reviews.pdf.captions import caption_of
from reviews.pdf.characters import Char
from reviews.pdf.drawing import Box, Drawn
from reviews.pdf.ink import Mark, marks_of
from reviews.pdf.lines import Line
from reviews.pdf.tables import Table, table_of

# In points: marks that are nearer than this are one group.
CONNECTED = 8.0
MOST_GROUPS = 250
# From the caption to its table, at most.
REACH = 30.0
# No other mark without a caption of its own may stand as near as this.
NEIGHBOUR = 60.0
# How far the box of a line may reach over the edge of its table.
INSIDE = 2.0
NARROWEST, LOWEST = 60.0, 36.0
# Shares of the page: its margins hold headers and footers, and what fills it is its ground.
EDGE = 0.045
LARGEST = 0.8
# What parts two groups of marks is longer.
LONGEST_LABEL = 40
MOST_CAPTION_LINES = 4


class CaptionedTable(NamedTuple):
    """One table of a page; the lines are those of the page."""

    # The first line of its caption.
    caption: Line
    # The lines within.
    lines: tuple[Line, ...]
    table: Table


class _Group:
    """Marks that touch, with the text beside them that is part of the drawing."""

    def __init__(self, mark: Mark) -> None:
        self.marks = [mark]
        self.box = mark.box

    def add(self, other: "_Group") -> None:
        self.marks += other.marks
        self.box = _around(self.box, other.box)


class _Caption(NamedTuple):
    lines: list[Line]
    box: Box


def tables_of(
    drawn: Drawn, lines: list[Line], chars: Sequence[Char], size: tuple[float, float], number: int
) -> list[CaptionedTable]:
    """Return the tables of a page that are certain."""
    captions = _captions_of(lines)
    if not captions or not all(line.placed for line in lines):
        return []
    marks = marks_of(drawn, *size)
    groups = _groups_of(marks, *size) if marks else None
    if not groups:
        return []
    page = _Page(lines, captions, groups, *size)
    tables = [page.table(caption, group, chars, number) for caption, group in page.pairs()]
    return [table for table in tables if table]


def _captions_of(lines: list[Line]) -> list[_Caption]:
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
        captions.append(_Caption(own, _box_of(own)))
    return captions


def _groups_of(marks: list[Mark], width: float, height: float) -> list[_Group] | None:
    """Return the groups of marks that touch, without the ground of the page; None if too many."""
    groups: list[_Group] = []
    for mark in sorted(marks, key=lambda mark: -mark.box.area):
        if mark.box.right - mark.box.left > 0.9 * width and (
            mark.box.bottom - mark.box.top > 0.9 * height
        ):
            continue
        new = _Group(mark)
        while touching := [one for one in groups if _near(one.box, new.box, CONNECTED)]:
            for one in touching:
                new.add(one)
                groups.remove(one)
        groups.append(new)
        if len(groups) > MOST_GROUPS:
            return None
    return groups


class _Page:
    def __init__(
        self,
        lines: list[Line],
        captions: list[_Caption],
        groups: list[_Group],
        width: float,
        height: float,
    ) -> None:
        self.lines, self.captions, self.groups = lines, captions, groups
        self.width, self.height = width, height

    def pairs(self) -> list[tuple[_Caption, _Group]]:
        """Return each caption with the one group that can only be its own."""
        possible = [
            [
                group
                for group in (self._next(one, above=True), self._next(one, above=False))
                if group
            ]
            for one in self.captions
        ]
        taken: dict[int, int] = {}
        while True:
            free = [[group for group in some if id(group) not in taken] for some in possible]
            sure = [place for place, some in enumerate(free) if len(some) == 1]
            sure = [place for place in sure if place not in taken.values()]
            claims = [id(free[place][0]) for place in sure]
            if not sure:
                break
            if len(set(claims)) < len(claims):
                # Two captions for one group: neither can be told to be its own.
                return []
            taken.update(zip(claims, sure, strict=True))
        by_id = {id(group): group for group in self.groups}
        return [(self.captions[place], by_id[key]) for key, place in taken.items()]

    def _next(self, caption: _Caption, *, above: bool) -> _Group | None:
        """Return the group directly above or below a caption, with nothing between the two."""
        near = []
        for group in self.groups:
            gap = _gap(caption.box, group.box, above=above)
            if -2 <= gap <= REACH and _share_across(caption.box, group.box) > 0.5:
                near.append((gap, group))
        if not near:
            return None
        gap, group = min(near, key=lambda one: one[0])
        for line in self.lines:
            if line in caption.lines or _share_across(_box(line), caption.box) <= 0:
                continue
            middle = (line.top + line.bottom) / 2
            between = (
                group.box.bottom < middle < caption.box.top
                if above
                else caption.box.bottom < middle < group.box.top
            )
            if between:
                return None
        return group

    def table(
        self, caption: _Caption, group: _Group, chars: Sequence[Char], number: int
    ) -> CaptionedTable | None:
        """Return the table that a group is, or None if anything is in doubt."""
        box = group.box
        if not (
            self._is_sensible(box)
            and self._is_nearest(caption, box)
            and self._stands_alone(caption, group)
        ):
            return None
        inside = [line for line in self.lines if _within(_box(line), box, INSIDE)]
        is_cut = any(line not in inside and _box(line).touches(box) for line in self.lines)
        if is_cut or any(line in inside for one in self.captions for line in one.lines):
            return None
        table = table_of(group.marks, box, chars, number)
        return CaptionedTable(caption.lines[0], tuple(inside), table) if table else None

    def _is_sensible(self, box: Box) -> bool:
        return (
            box.right - box.left >= NARROWEST
            and box.bottom - box.top >= LOWEST
            and box.left >= 0
            and box.right <= self.width
            and box.top >= EDGE * self.height
            and box.bottom <= (1 - EDGE) * self.height
            and box.area <= LARGEST * self.width * self.height
        )

    def _is_nearest(self, caption: _Caption, box: Box) -> bool:
        """Return whether the caption stands no nearer to any other text than to the group."""
        above = box.top < caption.box.top
        own = max(_gap(caption.box, box, above=above), 0)
        for line in self.lines:
            other = _box(line)
            if line in caption.lines or _within(other, box, 2.0):
                continue
            if _share_across(other, caption.box) > 0:
                gap = _gap(caption.box, other, above=not above)
                if -2 <= gap < own - 2:
                    return False
        return True

    def _stands_alone(self, caption: _Caption, group: _Group) -> bool:
        """Return whether no other group may be a part of the same.

        Parts of one figure stand side by side or above each other, with one caption for all.
        """
        box = group.box
        for other in self.groups:
            if other is group:
                continue
            if other.box.touches(_grown(box, 1)):
                return False
            beside = _share_down(other.box, box) > 0
            over = _share_across(other.box, box) > 0 and (
                0 <= _gap(box, other.box, above=True) <= NEIGHBOUR
                or 0 <= _gap(box, other.box, above=False) <= NEIGHBOUR
            )
            if (beside or over) and not self._is_apart(caption, group, other):
                return False
        return True

    def _is_apart(self, caption: _Caption, group: _Group, other: _Group) -> bool:
        """Return whether a caption of another figure or a full line of text parts two groups."""
        if any(
            pair_group is other and pair_caption is not caption
            for pair_caption, pair_group in self.pairs()
        ):
            return True
        low, high = sorted((group.box, other.box), key=lambda box: box.top)
        return any(
            line not in caption.lines
            and len(line.text) > LONGEST_LABEL
            and low.bottom <= (line.top + line.bottom) / 2 <= high.top
            for line in self.lines
        )


def _box(line: Line) -> Box:
    return Box(line.left, line.top, line.right, line.bottom)


def _box_of(lines: Iterable[Line]) -> Box:
    return _around(*map(_box, lines))


def _around(*boxes: Box) -> Box:
    lefts, tops, rights, bottoms = zip(*boxes, strict=True)
    return Box(min(lefts), min(tops), max(rights), max(bottoms))


def _grown(box: Box, by: float) -> Box:
    return Box(box.left - by, box.top - by, box.right + by, box.bottom + by)


def _near(one: Box, other: Box, distance: float) -> bool:
    return _grown(one, distance).touches(other)


def _within(inner: Box, outer: Box, slack: float) -> bool:
    return (
        inner.left >= outer.left - slack
        and inner.top >= outer.top - slack
        and inner.right <= outer.right + slack
        and inner.bottom <= outer.bottom + slack
    )


def _gap(box: Box, other: Box, *, above: bool) -> float:
    """Return the distance to another box above or below."""
    return box.top - other.bottom if above else other.top - box.bottom


def _share_across(one: Box, other: Box) -> float:
    """Return the share of the narrower box that is above or below the other."""
    common = min(one.right, other.right) - max(one.left, other.left)
    return common / max(min(one.right - one.left, other.right - other.left), 0.1)


def _share_down(one: Box, other: Box) -> float:
    common = min(one.bottom, other.bottom) - max(one.top, other.top)
    return common / max(min(one.bottom - one.top, other.bottom - other.top), 0.1)
