"""Figures cut out of a page: the box of what belongs to a caption, if nothing can be lost by it.

What is cut out is shown as a picture of part of the page, with the lines in it folded beneath. So
the box holds every mark of the figure whole, no letter or mark crosses its edges, the drawn page is
plain along them, and no running text is in it. Anything in doubt is left as it is.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import pairwise
from math import ceil, floor
from typing import NamedTuple

from PIL import Image, ImageDraw

from reviews.pdf.around_captions import (
    EDGE,
    LONGEST_LABEL,
    NARROWEST,
    Caption,
    Group,
    Layout,
    around,
    box_of_line,
    gap_to,
    grown,
    is_near,
    is_of_a_size,
    is_within,
    share_across,
    share_down,
)
from reviews.pdf.captioned import CaptionedTable
from reviews.pdf.characters import Char
from reviews.pdf.drawing import Box, OpenPage
from reviews.pdf.lines import Line

# In points, from the caption to the first mark of its figure, at most; a title may stand between.
REACH = 60.0
# What is nearer than this to a figure is a part of it, but for text that is none of its labels.
PART = 14.0
# How far labels may reach beyond what is drawn.
LABELS = 36.0
# No other mark that is nobody's may stand as near as this.
NEIGHBOUR = 60.0
# A drawing with a side shorter than this is a rule or a sign.
SMALLEST_DRAWING = 20.0
# As a share of the page.
LARGEST = 0.85
# The room around what belongs, if nothing else stands there.
ROOM = 6.0
# In points: edges that are nearer than this are one.
SAME = 3.0
# Lines of a paragraph in a narrow column have more letters than this.
SHORTEST_PROSE = 20
# How much larger than the text a heading is.
LARGER = 1.12
# Pixels a point of the drawn check, and of 255 how far the colours along an edge may differ.
DRAWN = 2.0
PLAIN = 24
# In points: how far the ink of a letter or a mark may reach over its box.
INK = 3.0


class Figure(NamedTuple):
    """What belongs to one caption of a page; the lines are those of the page."""

    # The first line of its caption.
    caption: Line
    # The lines within.
    lines: tuple[Line, ...]
    box: Box


class _Region:
    """The marks and lines of one figure, as they are found."""

    def __init__(self, group: Group, *, above: bool) -> None:
        self.above = above
        self.groups = [group]
        self.lines: list[Line] = []
        self.marks = self.box = group.box

    def add(self, group: Group) -> None:
        self.groups.append(group)
        self.marks = around(self.marks, group.box)
        self.box = around(self.box, group.box)

    def take(self, line: Line) -> None:
        self.lines.append(line)
        self.box = around(self.box, box_of_line(line))


def figures_of(
    layout: Layout, tables: Iterable[CaptionedTable], chars: Sequence[Char], page: OpenPage
) -> list[Figure]:
    """Return the figures of a page that can be cut out."""
    found = _Page(layout, list(tables), chars)
    return [figure for figure in found.figures() if found.is_as_drawn(figure, page)]


def _is_plain(picture: Image.Image) -> bool:
    """Return whether a picture, or a strip of one, has a single colour."""
    return all(high - low <= PLAIN for low, high in picture.getextrema())  # type: ignore[misc]


class _Page:
    def __init__(self, layout: Layout, tables: list[CaptionedTable], chars: Sequence[Char]) -> None:
        self.lines, self.chars, self.drawn = layout.lines, chars, layout.groups
        self.width, self.height = layout.width, layout.height
        self.groups = [
            group
            for group in layout.groups
            if EDGE * self.height < group.box.bottom and group.box.top < (1 - EDGE) * self.height
            if not any(is_within(group.box, table.box, 1.0) for table in tables)
        ]
        self.body = _size_of_most(self.lines)
        self.groups = [group for group in self.groups if not self._is_above_notes(group)]
        known = {table.caption for table in tables}
        self.captions = [one for one in layout.captions if one.lines[0] not in known]
        in_tables = {line for table in tables for line in table.lines}
        self.prose = self._prose()
        # What is no part of any figure.
        self.others = [table.box for table in tables]
        self.others += [one.box for one in layout.captions if one.lines[0] in known]
        # What parts two figures. A single long line may be a row of a table.
        self.parting = [*self.others, *map(box_of_line, self._paragraphs())]
        self.others += map(box_of_line, self.prose)
        self.of_captions = {line for one in layout.captions for line in one.lines}
        self.free = [
            line
            for line in self.lines
            if line not in self.of_captions and line not in self.prose and line not in in_tables
        ]

    def _is_above_notes(self, group: Group) -> bool:
        """Return whether a group is the rule above the footnotes of the page."""
        rule = group.box
        if len(group.marks) > 1 or rule.bottom - rule.top > SAME:
            return False
        below = [line for line in self.lines if (line.top + line.bottom) / 2 > rule.top]
        if not below:
            return False
        note = min(below, key=lambda line: line.top)
        is_short = rule.right - rule.left < self.width / 2
        is_note = note.top - rule.bottom < PART and note.text[:1].isdigit()
        return is_short and is_note and note.size <= self.body

    # --- what is text of the page itself ------------------------------------------------------

    def _prose(self) -> set[Line]:
        """Return the lines of paragraphs that stand outside of everything drawn."""
        outside = [
            not any(is_within(box_of_line(line), group.box, 2.0) for group in self.groups)
            for line in self.lines
        ]
        prose = {
            line
            for line, is_outside in zip(self.lines, outside, strict=True)
            if is_outside and not line.cells and len(line.text) > LONGEST_LABEL
        }
        run: list[Line] = []
        for line, is_outside in zip(self.lines, outside, strict=True):
            if not is_outside or line.cells:
                run = []
                continue
            if run and not _goes_on(run[-1], line):
                run = []
            run.append(line)
            letters = sum(len(one.text) for one in run)
            if len(run) >= 3 and letters > SHORTEST_PROSE * len(run):
                prose.update(run)
        for above, line in pairwise(self.lines):
            # The last line of a paragraph is as short as it happens to be.
            if above in prose and not line.cells and _goes_on(above, line):
                prose.add(line)
        return prose

    def _paragraphs(self) -> set[Line]:
        """Return the lines of prose that are one of several of a paragraph."""
        pairs = [
            (above, line)
            for above, line in pairwise(self.lines)
            if above in self.prose and line in self.prose and _goes_on(above, line)
        ]
        return {line for pair in pairs for line in pair}

    def _is_heading(self, line: Line) -> bool:
        return line.size > LARGER * self.body or (line.bold and line.size > 0.95 * self.body)

    def _is_label(self, line: Line) -> bool:
        """Return whether a line beside a drawing is one of its labels, or a row of its table."""
        if line.cells:
            return not line.contents
        return (
            len(line.text) <= LONGEST_LABEL
            and not line.symbol
            and not line.text.startswith(("•", "–", "-", "▪", "o "))
            and not line.text.rstrip("”’\"')").endswith((".", "!", "?", ";", ":"))
            and not self._is_heading(line)
        )

    # --- what is drawn -------------------------------------------------------------------------

    def is_as_drawn(self, figure: Figure, page: OpenPage) -> bool:
        """Return whether the page is plain along the edges of a figure, with no other ink near.

        Some drawings are not told from paper by their objects, such as those filled with a pattern.
        """
        inner = figure.box
        outer = grown(inner, NEIGHBOUR)
        outer = Box(0, max(outer.top, EDGE * self.height), self.width, outer.bottom)
        outer = outer._replace(bottom=min(outer.bottom, (1 - EDGE) * self.height))
        picture = page.picture(scale=DRAWN, within=outer)

        def pixels(box: Box, room: float = 0.0) -> tuple[int, int, int, int]:
            left, top = (floor((side - room) * DRAWN) for side in (box.left, box.top - outer.top))
            right = ceil((box.right + room) * DRAWN)
            return left, top, right, ceil((box.bottom - outer.top + room) * DRAWN)

        left, top, right, bottom = pixels(inner)
        edges = [(left, top, right, top + 1), (left, bottom - 1, right, bottom)]
        edges += [(left, top, left + 1, bottom), (right - 1, top, right, bottom)]
        if not all(_is_plain(picture.crop(edge)) for edge in edges):
            return False
        paper = picture.getpixel((left, top))
        paint = ImageDraw.Draw(picture)
        known = [group.box for group in self.drawn]
        known += [box_of_line(line) for line in self.lines]
        known += [Box(char.left, char.top, char.right, char.bottom) for char in self.chars]
        for box in (inner, *known):
            if box.touches(outer):
                paint.rectangle(pixels(box, INK), fill=paper)
        return _is_plain(picture)

    # --- which marks belong to which caption --------------------------------------------------

    def figures(self) -> list[Figure]:
        possible = [
            [
                (group, above)
                for above in (True, False)
                if (group := self._first(one, above=above)) is not None
            ]
            for one in self.captions
        ]
        regions: dict[int, _Region | None] = {}
        taken: set[int] = set()
        while True:
            free = [
                [(group, above) for group, above in some if id(group) not in taken]
                for some in possible
            ]
            sure = [n for n, some in enumerate(free) if len(some) == 1 and n not in regions]
            if not sure:
                break
            if len({id(free[n][0][0]) for n in sure}) < len(sure):
                # Two captions for one group: neither can be told to be its own.
                return []
            for n in sure:
                group, above = free[n][0]
                region = regions[n] = self._grown(self.captions[n], group, above=above)
                taken.update(map(id, region.groups if region else [group]))
        whole = {n: region for n, region in regions.items() if region is not None}
        found = []
        for n, region in whole.items():
            apart = [other for m, other in whole.items() if m != n]
            figure = self._figure(self.captions[n], region, apart)
            if figure is not None:
                found.append(figure)
        return found

    def _first(self, caption: Caption, *, above: bool) -> Group | None:
        """Return the nearest group above or below a caption, with no running text between."""
        column = self._column_of(caption)
        reachable = [
            (distance, group)
            for group in self.groups
            if -2 <= (distance := gap_to(column, group.box, above=above)) <= REACH
            and share_across(column, group.box) > 0
        ]
        if not reachable:
            return None
        _, group = min(reachable, key=lambda one: one[0])
        between = _between(caption.box, group.box)
        return None if self._is_parted(between, caption) else group

    def _column_of(self, caption: Caption) -> Box:
        """Return the box of a caption, as wide as the column of text that it stands in."""
        beside = [
            box for line in self.prose if share_across(box := box_of_line(line), caption.box) > 0
        ]
        wide = around(caption.box, *beside) if beside else Box(0, 0, self.width, self.height)
        return Box(wide.left, caption.box.top, wide.right, caption.box.bottom)

    def _is_parted(self, between: Box, caption: Caption) -> bool:
        """Return whether what is no part of a figure stands between two boxes."""
        others = [*self.parting, *(one.box for one in self.captions if one is not caption)]
        return any(
            share_across(other, between) > 0
            and between.top < (other.top + other.bottom) / 2 < between.bottom
            for other in others
        )

    def _grown(self, caption: Caption, group: Group, *, above: bool) -> _Region | None:
        """Return a group with all that belongs to it, or None if that cannot be told."""
        region = _Region(group, above=above)
        edge = caption.box.top if above else caption.box.bottom
        groups = [
            one
            for one in self.groups
            if one is not group and (one.box.top < edge if above else one.box.bottom > edge)
        ]
        lines = [
            line
            for line in self.free
            if (box_of_line(line).bottom <= edge + 2 if above else line.top >= edge - 2)
        ]
        grew = True
        while grew:
            grew = False
            for one in list(groups):
                if is_near(one.box, region.box, PART) or self._is_sibling(one, region, caption):
                    groups.remove(one)
                    region.add(one)
                    grew = True
            for line in list(lines):
                if self._belongs(line, region, caption):
                    lines.remove(line)
                    region.take(line)
                    grew = True
        return region

    def _is_sibling(self, group: Group, region: _Region, caption: Caption) -> bool:
        """Return whether a group is another rule or row of the same table."""
        return any(
            _are_aligned(group.box, one.box)
            and not self._is_parted(_between(group.box, one.box), caption)
            for one in region.groups
        )

    def _belongs(self, line: Line, region: _Region, caption: Caption) -> bool:
        box = box_of_line(line)
        middle = (box.top + box.bottom) / 2
        low, high = sorted((caption.box, region.marks), key=lambda one: one.top)
        if low.bottom <= middle <= high.top and share_across(box, around(low, high)) > 0:
            return True
        if region.marks.top <= middle <= region.marks.bottom and is_near(box, region.box, PART):
            return True
        if not is_near(box, region.box, PART) or not self._is_label(line):
            return False
        return bool(line.cells) or is_within(box, grown(region.marks, LABELS), 0)

    # --- whether it may be cut out ------------------------------------------------------------

    def _figure(self, caption: Caption, region: _Region, others: list[_Region]) -> Figure | None:
        """Return the figure with room around it, or None if anything is in doubt."""
        if not (
            self._is_sensible(region)
            and self._holds_no_text(caption, region)
            and self._is_whole(caption, region)
            and self._stands_alone(caption, region, others)
        ):
            return None
        box = self._with_room(caption, region)
        return Figure(caption.lines[0], tuple(region.lines), box) if self._cuts_none(box) else None

    def _is_sensible(self, region: _Region) -> bool:
        box = region.box
        is_drawn = any(
            min(mark.box.right - mark.box.left, mark.box.bottom - mark.box.top) >= SMALLEST_DRAWING
            for group in region.groups
            for mark in group.marks
        )
        rows = sum(bool(line.cells) for line in region.lines)
        return (is_drawn or rows >= 2) and is_of_a_size(
            box, self.width, self.height, largest=LARGEST
        )

    def _holds_no_text(self, caption: Caption, region: _Region) -> bool:
        """Return whether no running text, caption or table is in it."""
        captions = [one.box for one in self.captions if one is not caption]
        inner = grown(region.box, -1.0)
        return not any(
            other.touches(inner) for other in (*self.others, *captions)
        ) and not caption.box.touches(inner)

    def _is_whole(self, caption: Caption, region: _Region) -> bool:
        """Return whether nothing that could be a label or a row of it is left outside."""
        inside = set(region.lines)
        for line in self.free:
            if line in inside:
                continue
            box = box_of_line(line)
            if box.touches(region.box):
                return False
            is_beside = share_across(box, region.box) > 0 and is_near(box, region.box, PART)
            if is_beside and self._is_label(line):
                return False
            is_row = line.cells and not line.contents and share_across(box, region.box) > 0
            if is_row and not self._is_parted(_between(box, region.box), caption):
                # A row further down, or on the other side of the caption, may be of this table.
                return False
        return True

    def _stands_alone(self, caption: Caption, region: _Region, others: list[_Region]) -> bool:
        """Return whether no mark outside may be a part of it."""
        box = region.box
        column = around(box, self._column_of(caption))
        # Those of a caption on its own side; two captions may have one table between them.
        claimed = {
            id(group) for other in others if other.above == region.above for group in other.groups
        }
        for group in self.groups:
            if any(group is own for own in region.groups):
                continue
            if group.box.touches(grown(box, 1)):
                return False
            is_beside = share_down(group.box, box) > 0
            is_parted = self._is_parted(_between(box, group.box), caption)
            if id(group) in claimed and (is_beside or is_parted):
                continue
            if any(_are_aligned(group.box, own.box) for own in region.groups):
                return False
            is_over = share_across(group.box, column) > 0 and (
                0 <= gap_to(box, group.box, above=True) <= NEIGHBOUR
                or 0 <= gap_to(box, group.box, above=False) <= NEIGHBOUR
            )
            if is_beside or (is_over and not is_parted):
                return False
        return not any(other.box.touches(box) for other in others)

    def _with_room(self, caption: Caption, region: _Region) -> Box:
        """Return its box with some room, up to half the way to whatever stands next to it."""
        box, inside = region.box, set(region.lines)
        rest = [box_of_line(line) for line in self.lines if line not in inside]
        rest += [
            group.box for group in self.groups if not any(group is own for own in region.groups)
        ]
        rest.append(caption.box)
        room = [ROOM] * 4
        for other in rest:
            if not other.touches(grown(box, 2 * ROOM)):
                continue
            gaps = (
                box.left - other.right,
                box.top - other.bottom,
                other.left - box.right,
                other.top - box.bottom,
            )
            side = max(range(4), key=lambda side: gaps[side])
            room[side] = min(room[side], max(gaps[side] / 2, 0))
        left, top, right, bottom = room
        return Box(
            max(box.left - left, 0),
            max(box.top - top, 0),
            min(box.right + right, self.width),
            min(box.bottom + bottom, self.height),
        )

    def _cuts_none(self, box: Box) -> bool:
        """Return whether no letter and no mark crosses the edges of a box."""
        letters = (
            Box(char.left, char.top, char.right, char.bottom)
            for char in self.chars
            if char.left < char.right and char.top < char.bottom
        )
        marks = (mark.box for group in self.groups for mark in group.marks)
        return not any(
            one.touches(box) and not is_within(one, box, 0) for one in (*letters, *marks)
        )


def _size_of_most(lines: Iterable[Line]) -> float:
    sizes: Counter[float] = Counter()
    for line in lines:
        sizes[line.size] += len(line.text)
    return sizes.most_common(1)[0][0] if sizes else 0.0


def _goes_on(above: Line, line: Line) -> bool:
    """Return whether a line is the next of the same paragraph."""
    return (
        abs(line.size - above.size) < 0.7
        and abs(line.left - above.left) < SAME
        and 0 < line.baseline - above.baseline < 1.6 * max(line.size, 1.0)
    )


def _between(one: Box, other: Box) -> Box:
    """Return what lies between two boxes, one above the other, as wide as both."""
    upper, lower = sorted((one, other), key=lambda box: box.top)
    return Box(min(one.left, other.left), upper.bottom, max(one.right, other.right), lower.top)


def _are_aligned(one: Box, other: Box) -> bool:
    """Return whether two boxes have the same left and right edges, as rules of one table have."""
    return (
        abs(one.left - other.left) <= SAME
        and abs(one.right - other.right) <= SAME
        and one.right - one.left >= NARROWEST
    )
