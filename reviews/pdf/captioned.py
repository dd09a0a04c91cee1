"""Tables under a caption, only where it is certain what belongs to them.

A caption stands directly above or below one connected group of marks, which is a complete grid and
cuts no line of text. Anything else is left as it is: a table that leaves something out is false.
"""

from collections.abc import Sequence
from typing import NamedTuple

from reviews.pdf.around_captions import (
    LONGEST_LABEL,
    Caption,
    Group,
    Layout,
    box_of_line,
    gap_to,
    grown,
    is_of_a_size,
    is_within,
    share_across,
    share_down,
)
from reviews.pdf.characters import Char
from reviews.pdf.drawing import Box
from reviews.pdf.lines import Line
from reviews.pdf.tables import Table, table_of

# In points, from the caption to its table, at most.
REACH = 30.0
# No other mark without a caption of its own may stand as near as this.
NEIGHBOUR = 60.0
# How far the box of a line may reach over the edge of its table.
INSIDE = 2.0
# As a share of the page.
LARGEST = 0.8


class CaptionedTable(NamedTuple):
    """One table of a page; the lines are those of the page."""

    # The first line of its caption.
    caption: Line
    # The lines within.
    lines: tuple[Line, ...]
    box: Box
    table: Table


def tables_of(layout: Layout, chars: Sequence[Char]) -> list[CaptionedTable]:
    """Return the tables of a page that are certain."""
    page = _Page(layout)
    tables = [page.table(caption, group, chars) for caption, group in page.pairs()]
    return [table for table in tables if table]


class _Page:
    def __init__(self, layout: Layout) -> None:
        self.number = layout.number
        self.lines, self.captions, self.groups = layout.lines, layout.captions, layout.groups
        self.width, self.height = layout.width, layout.height

    def pairs(self) -> list[tuple[Caption, Group]]:
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

    def _next(self, caption: Caption, *, above: bool) -> Group | None:
        """Return the group directly above or below a caption, with nothing between the two."""
        near = []
        for group in self.groups:
            gap = gap_to(caption.box, group.box, above=above)
            if -2 <= gap <= REACH and share_across(caption.box, group.box) > 0.5:
                near.append((gap, group))
        if not near:
            return None
        gap, group = min(near, key=lambda one: one[0])
        for line in self.lines:
            if line in caption.lines or share_across(box_of_line(line), caption.box) <= 0:
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

    def table(self, caption: Caption, group: Group, chars: Sequence[Char]) -> CaptionedTable | None:
        """Return the table that a group is, or None if anything is in doubt."""
        box = group.box
        if not (
            is_of_a_size(box, self.width, self.height, largest=LARGEST)
            and self._is_nearest(caption, box)
            and self._stands_alone(caption, group)
        ):
            return None
        inside = [line for line in self.lines if is_within(box_of_line(line), box, INSIDE)]
        is_cut = any(line not in inside and box_of_line(line).touches(box) for line in self.lines)
        if is_cut or any(line in inside for one in self.captions for line in one.lines):
            return None
        table = table_of(group.marks, box, chars, self.number)
        return CaptionedTable(caption.lines[0], tuple(inside), box, table) if table else None

    def _is_nearest(self, caption: Caption, box: Box) -> bool:
        """Return whether the caption stands no nearer to any other text than to the group."""
        above = box.top < caption.box.top
        own = max(gap_to(caption.box, box, above=above), 0)
        for line in self.lines:
            other = box_of_line(line)
            if line in caption.lines or is_within(other, box, 2.0):
                continue
            if share_across(other, caption.box) > 0:
                gap = gap_to(caption.box, other, above=not above)
                if -2 <= gap < own - 2:
                    return False
        return True

    def _stands_alone(self, caption: Caption, group: Group) -> bool:
        """Return whether no other group may be a part of the same.

        Parts of one figure stand side by side or above each other, with one caption for all.
        """
        box = group.box
        for other in self.groups:
            if other is group:
                continue
            if other.box.touches(grown(box, 1)):
                return False
            beside = share_down(other.box, box) > 0
            over = share_across(other.box, box) > 0 and (
                0 <= gap_to(box, other.box, above=True) <= NEIGHBOUR
                or 0 <= gap_to(box, other.box, above=False) <= NEIGHBOUR
            )
            if (beside or over) and not self._is_apart(caption, group, other):
                return False
        return True

    def _is_apart(self, caption: Caption, group: Group, other: Group) -> bool:
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
