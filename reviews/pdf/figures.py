"""Figures of a page, each in its box: charts, drawings, pictures, and tables that cannot be read.

What is cut out is shown as a picture of part of the page, with the lines in it folded beneath: so
the box holds every label of the figure, no letter crosses its edges, and no running text is in it.
"""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import NamedTuple

from reviews.pdf.captions import caption_of
from reviews.pdf.characters import CODE, Char
from reviews.pdf.drafts import mark_of
from reviews.pdf.drawing import Box
from reviews.pdf.ink import THICKEST_RULE, Mark
from reviews.pdf.lines import Line
from reviews.pdf.tables import is_ink
from reviews.pdf.turned import is_turned, is_turned_page

# In points: marks that are nearer than this are one drawing.
CONNECTED = 9.0
# Shares of the page: its margins hold headers and footers, what fills it is its paper.
MARGIN = 0.07
PAPER = 0.8
LARGEST = 0.85
LARGE = 0.6
# In points: the least that is shown by itself, the least picture without a caption.
NARROWEST, LOWEST = 60.0, 36.0
WIDEST_ICON, TALLEST_ICON = 140.0, 90.0
# In points: from a caption to its figure, with a title of the chart between.
REACH = 60.0
# How near a label stands to what is drawn or to another label, and how far the last one reaches.
NEAR, LABELS = 14.0, 60.0
# Labels have no more letters.
LONGEST_LABEL = 40
# Lines of a paragraph in a narrow column have more letters than this.
SHORTEST_PROSE = 20
MOST_CAPTION_LINES = 4
USUAL, WIDE = 1.6, 2.1
# More letters for each mark are text on a ground, not a drawing with words.
LETTERS_A_MARK = 90
# A chart without a caption has at least so many labels and marks, or so many marks.
FEWEST_LABELS, FEWEST_MARKS, MANY_MARKS = 3, 4, 24
# A mark with shorter sides is a sign.
SMALLEST = 18.0
ROOM = 5.0
# How much wider than high a slide is at least.
SLIDE = 1.2
# A slide of few words in many boxes: how many boxes and letters it has, and the letters of a short
# one. So large shares of them are short and no paragraph, and stand beside others.
FEWEST_BOXES, MOST_LETTERS_OF_A_SLIDE, SHORT = 8, 900, 36
CRUMBS, BESIDE = 0.6, 0.4
LARGER = 1.12
# Lines with more letters and no gap are no rows of a table, where so large a share is such.
FULL_LINE, FULL_SHARE = 60, 0.35
# A box of text on a slide: how many are one drawing at most, and the lines and letters of each at
# least; how far, in points, its shadow and its corners reach.
MOST_BOXES, FEWEST_LINES, LETTERS_OF_A_BOX, SHADOW = 3, 2, 60, 8.0
# With raised ones, as powers of ten along an axis have them.
_DIGITS = re.compile(r"[\d\s.,:%£$€+–−/×⁰¹²³⁴⁵⁶⁷⁸⁹⁻-]+")


class Caption(NamedTuple):
    lines: list[Line]
    box: Box


class Figure(NamedTuple):
    """The lines are those of the page."""

    # The first line of its caption, if it has one.
    caption: Line | None
    # The lines within.
    lines: tuple[Line, ...]
    box: Box
    # Whether it is all of a slide but its title; it may hold running lines, which say nothing.
    is_slide: bool = False


class Drawing:
    """Marks that stand together, and what is said in it."""

    def __init__(self, marks: Sequence[Mark], box: Box) -> None:
        self.marks = list(marks)
        # What is drawn, and what is drawn with the labels around it.
        self.inner = self.box = box
        self.lines: list[Line] = []
        self.caption: Caption | None = None
        # A table that could not be read.
        self.is_table = False


def captions_of(lines: Sequence[Line]) -> list[Caption]:
    """Return the captions of a page, each with the lines that go on with it."""
    captions = []
    for index, line in enumerate(lines):
        if not caption_of(line.text) or not line.placed or line.contents:
            continue
        own = [line]
        for after in lines[index + 1 : index + MOST_CAPTION_LINES]:
            last = own[-1]
            is_next = (
                after.placed
                and 0 < after.baseline - last.baseline < _leading(line, after) * max(line.size, 1)
                and abs(after.size - line.size) < 0.7
                and after.bold == line.bold
                and after.left < last.right
                and last.left < after.right
                and not caption_of(after.text)
            )
            if not is_next:
                break
            own.append(after)
        captions.append(Caption(own, around(map(box_of, own))))
    return captions


def _leading(line: Line, after: Line) -> float:
    """Return how far below a line of a caption the next is, as a multiple of its size.

    Where the text is set wide, so are captions; those that are bold are told from it.
    """
    return WIDE if line.bold and abs(line.left - after.left) < 3 else USUAL


def figures_of(
    lines: Sequence[Line],
    marks: Sequence[Mark],
    chars: Sequence[Char],
    size: tuple[float, float],
    taken: Sequence[Box],
    unread: Sequence[Box],
    captions: Sequence[Caption],
    number: int,
) -> list[Figure]:
    """Return the figures of a page.

    ``taken`` are the boxes of what is told otherwise, ``unread`` those of tables in doubt.
    """
    if is_turned_page(lines):
        turned = _turned_page(lines, marks, size)
        return [turned] if turned else []
    return _Page(lines, chars, size, taken, captions, number).figures(marks, unread)


def _turned_page(
    lines: Sequence[Line], marks: Sequence[Mark], size: tuple[float, float]
) -> Figure | None:
    """Return what is turned on a page, and all that is drawn and said among it, as one figure."""
    width, height = size
    box = around(box_of(line) for line in lines if is_turned(line))
    page = Box(0, 0, width, height)
    for mark in marks:
        own = _common(mark.box, page)
        if own is not None and own.touches(box) and own.area < PAPER * page.area:
            box = around((box, own))
    # A word of one or two letters looks the same either way.
    own_lines = tuple(line for line in lines if _is_inside(line, grown(box, NEAR)))
    box = around((box, *map(box_of, own_lines)))
    others = [line for line in lines if line not in own_lines]
    if any(_overlap(box_of(line), box) for line in others):
        return None
    return Figure(None, own_lines, _common(grown(box, ROOM), page) or box)


def slide_of(lines: Sequence[Line], size: tuple[float, float], number: int) -> Figure | None:
    """Return all of a slide but its title, if it is few words in many boxes.

    What belongs together is told by where it stands, and read in any other order it is crumbs.
    """
    width, height = size
    boxes = sum(map(_boxes_in, lines))
    if (
        number == 1
        or width < SLIDE * height
        or boxes < FEWEST_BOXES
        or sum(len(line.text) for line in lines) > MOST_LETTERS_OF_A_SLIDE
        or not all(line.placed for line in lines)
    ):
        return None
    running: set[Line] = set()
    for run in zip(lines, lines[1:], lines[2:], strict=False):
        if all(_goes_on(*pair) for pair in pairwise(run)):
            running.update(run)
    short = [
        line
        for line in lines
        if len(line.text) <= SHORT * _boxes_in(line)
        and line not in running
        and mark_of(line).kind != "bullet"
    ]
    beside = [
        line
        for line in lines
        if line.cells
        or any(
            other.top < line.bottom and line.top < other.bottom
            for other in lines
            if other.left > line.right or line.left > other.right
        )
    ]
    if sum(map(_boxes_in, short)) < CRUMBS * boxes or sum(map(_boxes_in, beside)) < BESIDE * boxes:
        return None
    largest = max(line.size for line in lines)
    title = [line for line in lines if line.size == largest]
    rest = [line for line in lines if line.size != largest]
    end = max(line.bottom for line in title)
    if not rest or min(line.top for line in rest) < end:
        return Figure(None, tuple(lines), Box(0, 0, width, height), is_slide=True)
    top = (end + min(line.top for line in rest)) / 2
    return Figure(None, tuple(rest), Box(0, top, width, height), is_slide=True)


def _boxes_in(line: Line) -> int:
    """Return how many texts stand in a line with room between them."""
    return 1 + len(line.cells)


def box_of(line: Line) -> Box:
    return Box(line.left, line.top, line.right, line.bottom)


def around(boxes: Iterable[Box]) -> Box:
    lefts, tops, rights, bottoms = zip(*boxes, strict=True)
    return Box(min(lefts), min(tops), max(rights), max(bottoms))


def grown(box: Box, by: float) -> Box:
    return Box(box.left - by, box.top - by, box.right + by, box.bottom + by)


def gap_between(one: Box, other: Box) -> float:
    """Return the distance of two boxes, one above the other; negative if they overlap."""
    return max(one.top - other.bottom, other.top - one.bottom)


def share_across(one: Box, other: Box) -> float:
    """Return the share of the narrower box that is above or below the other."""
    common = min(one.right, other.right) - max(one.left, other.left)
    return common / max(min(one.right - one.left, other.right - other.left), 0.1)


class _Page:
    def __init__(
        self,
        lines: Sequence[Line],
        chars: Sequence[Char],
        size: tuple[float, float],
        taken: Sequence[Box],
        captions: Sequence[Caption],
        number: int,
    ) -> None:
        self.number = number
        self.lines = [line for line in lines if line.placed]
        self.chars = chars
        self.width, self.height = size
        self.taken = taken
        self.captions = captions
        self.of_captions = {line for one in captions for line in one.lines}
        self.body = _size_of_most(self.lines)

    def figures(self, marks: Sequence[Mark], unread: Sequence[Box]) -> list[Figure]:
        drawings = self._drawings(marks, unread)
        if not drawings:
            return []
        self.prose = self._prose(drawings)
        drawings = [one for one in drawings if not self._is_text_box(one)]
        self._find_captions(drawings)
        drawings = self._merged(drawings)
        for one in drawings:
            self._take_labels(one, drawings)
        drawings = self._without_overlaps(self._merged(drawings))
        found = []
        for one in drawings:
            if self._is_figure(one) and (box := self._box(one)) is not None:
                caption = one.caption.lines[0] if one.caption else None
                found.append(Figure(caption, tuple(one.lines), box))
        return found

    # --- what is drawn ------------------------------------------------------------------------

    def _drawings(self, marks: Sequence[Mark], unread: Sequence[Box]) -> list[Drawing]:
        """Return the marks in groups; a table in doubt is one with all that is drawn in it."""
        page = Box(0, 0, self.width, self.height)
        own = []
        for mark in marks:
            box = _common(mark.box, page)
            if box is None or box.area > PAPER * page.area:
                continue
            if box.bottom < MARGIN * self.height or box.top > (1 - MARGIN) * self.height:
                continue
            if any(_is_within(box, one, 12) for one in (*self.taken, *unread)):
                continue
            if self._is_band(box):
                continue
            own.append(mark._replace(box=box))
        drawings = []
        for box in unread:
            within = [mark for mark in marks if _is_within(mark.box, box, 12)]
            inside = [line for line in self.lines if _is_inside(line, box)]
            if _are_boxes_of_text(within, inside) or _are_full_lines(inside):
                continue
            drawing = Drawing([], box)
            drawing.is_table = True
            drawings.append(drawing)
        groups = []
        for group in grouped(own, CONNECTED):
            if around(mark.box for mark in group).area > LARGE * page.area:
                # Slides stand on grounds that hold several charts.
                smaller = [mark for mark in group if mark.box.area < LARGE / 2 * page.area]
                groups += grouped(smaller, CONNECTED / 3)
                groups += [
                    [mark] for mark in group if mark not in smaller and self._is_large_picture(mark)
                ]
            else:
                groups.append(group)
        for group in groups:
            box = around(mark.box for mark in group)
            if all(_is_thin(mark) for mark in group) and len(group) < FEWEST_MARKS:
                # Rules between paragraphs, above footnotes, below links.
                continue
            if min(box.right - box.left, box.bottom - box.top) > 8:
                drawings.append(Drawing(group, box))
        return drawings

    def _is_band(self, box: Box) -> bool:
        """Return whether what is drawn is a band along the left or right edge of the page."""
        margin = MARGIN * self.width
        return (box.left < 1 and box.right < margin) or (
            box.right > self.width - 1 and box.left > self.width - margin
        )

    def _is_large_picture(self, mark: Mark) -> bool:
        """Return whether a picture fills much of a page and is not the ground of its text."""
        letters = sum(len(line.text) for line in self.lines if _is_inside(line, mark.box))
        return mark.is_picture and letters <= LETTERS_A_MARK

    def _is_text_box(self, drawing: Drawing) -> bool:
        """Return whether a drawing is the ground or the frame of running text."""
        if drawing.is_table:
            return False
        inside = [line for line in self.lines if _is_inside(line, drawing.inner)]
        letters = sum(len(line.text) for line in inside)
        pictures = sum(mark.box.area for mark in drawing.marks if mark.is_picture)
        mostly_picture = pictures > 0.4 * drawing.inner.area
        if letters > LETTERS_A_MARK * len(drawing.marks) and not mostly_picture:
            return True
        code = [line for line in inside if line.role == CODE]
        grounds = [mark.box for mark in drawing.marks if mark.fill is not None]
        if code and not mostly_picture:
            # Grounds behind lines of code.
            return all(any(_is_inside(line, ground) for ground in grounds) for line in code)
        if not mostly_picture and _are_boxes_of_text(drawing.marks, inside):
            return True
        # Lines of a paragraph in it; those of a diagram stand each in a box of its own.
        long = sum(len(line.text) > 60 for line in inside)
        return long >= 3 and long > 0.25 * len(inside)

    # --- what is text -------------------------------------------------------------------------

    def _prose(self, drawings: Sequence[Drawing]) -> set[Line]:
        """Return the lines of paragraphs, items and headings outside of everything drawn."""
        outside = [
            line
            for line in self.lines
            if not _DIGITS.fullmatch(line.text)
            and not any(_is_inside(line, one.inner) for one in drawings)
        ]
        prose = {line for line in outside if not line.cells and len(line.text) > LONGEST_LABEL}
        run: list[Line] = []
        for line in outside:
            if run and (line.cells or not _goes_on(run[-1], line)):
                run = []
            if line.cells:
                continue
            run.append(line)
            letters = sum(len(one.text) for one in run)
            if len(run) >= 3 and letters > SHORTEST_PROSE * len(run):
                prose.update(run)
        for above, line in pairwise(outside):
            # The last line of a paragraph is as short as it happens to be.
            if above in prose and not line.cells and _goes_on(above, line):
                prose.add(line)
        return {line for line in prose if line not in self.of_captions}

    def _is_label(self, line: Line) -> bool:
        """Return whether a line beside a drawing can be one of its labels."""
        if line in self.prose or line in self.of_captions:
            return False
        if (line.cells and not (line.contents and len(line.cells) == 1)) or _DIGITS.fullmatch(
            line.text
        ):
            return True
        mark = mark_of(line)
        return (
            len(line.text) <= LONGEST_LABEL
            and not mark.sure
            and not (mark.kind == "reference" and len(line.text) > len(mark.text) + 2)
            and not line.text.rstrip("”’\"')").endswith((".", "!", "?", ";", ":"))
            and not self._is_heading(line)
        )

    def _is_heading(self, line: Line) -> bool:
        if line.role[:1] == "H" and line.role[1:].isdigit():
            return True
        return line.size > LARGER * self.body or (line.bold and line.size > 0.95 * self.body)

    # --- what belongs together ------------------------------------------------------------------

    def _find_captions(self, drawings: Sequence[Drawing]) -> None:
        """Give each drawing the caption nearest to it, and each caption to one drawing."""
        pairs = []
        for drawing in drawings:
            for place, caption in enumerate(self.captions):
                gap = gap_between(drawing.inner, caption.box)
                if gap > REACH or share_across(drawing.inner, caption.box) <= 0.1:
                    continue
                is_beside = drawing.is_table and _is_within(caption.box, drawing.inner, 1)
                if gap < 0 and _without(drawing.inner, caption.box) is None and not is_beside:
                    continue
                if self._is_parted(drawing.inner, caption.box):
                    continue
                is_usual = (caption.box.top < drawing.inner.top) == (
                    caption.lines[0].text.startswith("Table") or drawing.is_table
                )
                small = drawing.inner.area < NARROWEST * LOWEST
                pairs.append((small, gap + (0 if is_usual else 10), place, drawing))
        given: set[int] = set()
        for _, _, place, drawing in sorted(pairs, key=lambda pair: pair[:3]):
            if place not in given and drawing.caption is None:
                drawing.caption = self.captions[place]
                given.add(place)

    def _is_parted(self, one: Box, other: Box) -> bool:
        """Return whether running text or a caption stands between two boxes."""
        upper, lower = sorted((one, other), key=lambda box: box.top)
        between = Box(
            min(one.left, other.left), upper.bottom, max(one.right, other.right), lower.top
        )
        parting = [box_of(line) for line in self.prose]
        parting += [caption.box for caption in self.captions if caption.box not in (one, other)]
        parting += self.taken
        return any(
            share_across(box, between) > 0
            and between.top < (box.top + box.bottom) / 2 < between.bottom
            for box in parting
        )

    def _merged(self, drawings: list[Drawing]) -> list[Drawing]:
        """Return drawings, with parts of one figure put together: no text parts them."""
        merged = list(drawings)
        again = True
        while again:
            again = False
            for one in merged:
                other = next(
                    (other for other in merged if other is not one and self._is_one(one, other)),
                    None,
                )
                if other is not None:
                    merged.remove(other)
                    one.marks += other.marks
                    one.lines += [line for line in other.lines if line not in one.lines]
                    one.inner = around((one.inner, other.inner))
                    one.box = around((one.box, other.box))
                    one.caption = one.caption or other.caption
                    one.is_table = one.is_table or other.is_table
                    again = True
                    break
        return merged

    def _is_one(self, one: Drawing, other: Drawing) -> bool:
        if one.caption and other.caption and one.caption is not other.caption:
            return False
        if not grown(one.box, NEAR).touches(other.box):
            return False
        both = around((one.box, other.box))
        return not any(_is_inside(line, both) for line in (*self.prose, *self.of_captions))

    def _take_labels(self, drawing: Drawing, drawings: Sequence[Drawing]) -> None:
        """Add the labels around a drawing, and what stands between it and its caption."""
        free = [
            line
            for line in self.lines
            if line not in self.prose
            and line not in self.of_captions
            and not any(line in other.lines for other in drawings)
            and not any(_is_inside(line, box) for box in self.taken)
        ]
        reach = grown(drawing.inner, LABELS)
        grew = True
        while grew:
            grew = False
            for line in list(free):
                box = box_of(line)
                is_own = _is_inside(line, grown(drawing.box, 2)) or (
                    grown(drawing.box, NEAR).touches(box)
                    and _is_within(box, reach, 0)
                    and self._is_label(line)
                )
                if is_own or self._is_title(line, drawing):
                    free.remove(line)
                    drawing.lines.append(line)
                    drawing.box = around((drawing.box, box))
                    grew = True
        order = {line: place for place, line in enumerate(self.lines)}
        drawing.lines.sort(key=order.__getitem__)

    def _is_title(self, line: Line, drawing: Drawing) -> bool:
        """Return whether a line stands between a drawing and its caption."""
        if drawing.caption is None:
            return False
        upper, lower = sorted((drawing.inner, drawing.caption.box), key=lambda box: box.top)
        middle = (line.top + line.bottom) / 2
        return (
            upper.bottom <= middle <= lower.top
            and share_across(box_of(line), around((upper, lower))) > 0
        )

    def _without_overlaps(self, drawings: list[Drawing]) -> list[Drawing]:
        """Leave out drawings within others."""
        return [
            one
            for one in drawings
            if not any(
                other is not one
                and _is_within(one.box, other.box, 1)
                and (other.box.area, id(other)) > (one.box.area, id(one))
                for other in drawings
            )
        ]

    # --- whether it is a figure -----------------------------------------------------------------

    def _is_figure(self, drawing: Drawing) -> bool:
        box = drawing.box
        width, height = box.right - box.left, box.bottom - box.top
        if width < NARROWEST or box.area > LARGEST * self.width * self.height:
            return False
        if drawing.is_table:
            return True
        if height < LOWEST:
            return False
        if drawing.caption:
            return bool(drawing.lines) or not all(map(_is_thin, drawing.marks))
        # Not letters that are drawn as outlines.
        solid = [
            mark
            for mark in drawing.marks
            if not (_is_thin(mark) or self._is_bar(mark))
            and max(mark.box.right - mark.box.left, mark.box.bottom - mark.box.top) >= SMALLEST
        ]
        if not solid:
            return False
        if any(
            mark.is_picture
            and (self.number > 1 or bool(drawing.lines))
            and mark.box.right - mark.box.left >= WIDEST_ICON
            and mark.box.bottom - mark.box.top >= TALLEST_ICON
            for mark in solid
        ):
            return True
        labels = len(drawing.lines) + sum(len(line.cells) for line in drawing.lines)
        if labels >= FEWEST_LABELS:
            return len(drawing.marks) >= FEWEST_MARKS
        return (
            len(solid) >= MANY_MARKS / 3
            and len(drawing.marks) >= MANY_MARKS
            and width >= WIDEST_ICON
            and height >= TALLEST_ICON
        )

    def _is_bar(self, mark: Mark) -> bool:
        """Return whether a mark is a black bar in a line of text, as redactions are."""
        return (
            mark.fill is not None
            and max(mark.fill) < 40
            and mark.box.bottom - mark.box.top < 2.2 * max(self.body, 1.0)
        )

    def _box(self, drawing: Drawing) -> Box | None:
        """Return the box with some room, or None if it would cut text that is none of its own."""
        own = set(drawing.lines)
        box = drawing.box
        if drawing.caption and _overlap(drawing.caption.box, box):
            # A frame around a figure and its caption.
            less = _without(box, drawing.caption.box)
            if less is None and not drawing.is_table:
                return None
            # In the margin beside a table it is shown with it.
            own.update(drawing.caption.lines if less is None else ())
            box = less or box
        outside = [box_of(line) for line in self.lines if line not in own]
        outside += self.taken
        if any(_overlap(other, box) for other in outside):
            return None
        room = [ROOM] * 4
        for other in outside:
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
        box = Box(
            max(box.left - left, 0),
            max(box.top - top, 0),
            min(box.right + right, self.width),
            min(box.bottom + bottom, self.height),
        )
        return box if not _cuts_letters(box, self.chars) else None


def grouped(marks: Sequence[Mark], distance: float) -> list[list[Mark]]:
    """Return marks in groups of those nearer to each other than a distance."""
    # On squares of that side.
    ranges = [
        (int(left // distance), int(top // distance), int(right // distance), int(low // distance))
        for left, top, right, low in (mark.box for mark in marks)
    ]
    parents = list(range(len(marks)))

    def root(place: int) -> int:
        while parents[place] != place:
            parents[place] = parents[parents[place]]
            place = parents[place]
        return place

    area = sum((right - left + 2) * (low - top + 2) for left, top, right, low in ranges)
    if len(marks) ** 2 < area:
        for place, (left, top, right, low) in enumerate(ranges):
            for known, other in enumerate(ranges[:place]):
                # Each reaches one square further to the right and down.
                if (
                    left <= other[2] + 1
                    and other[0] <= right + 1
                    and top <= other[3] + 1
                    and other[1] <= low + 1
                ):
                    parents[root(known)] = root(place)
    else:
        # A map of thousands of lines takes no longer than its area.
        squares: dict[tuple[int, int], int] = {}
        for place, (left, top, right, low) in enumerate(ranges):
            for x in range(left, right + 2):
                for y in range(top, low + 2):
                    known = squares.setdefault((x, y), place)
                    if known != place:
                        parents[root(known)] = root(place)
    groups: dict[int, list[Mark]] = {}
    for place, mark in enumerate(marks):
        groups.setdefault(root(place), []).append(mark)
    return list(groups.values())


def _are_full_lines(lines: Sequence[Line]) -> bool:
    """Return whether lines are those of running text, of which rules underline the links."""
    full = sum(len(line.text) > FULL_LINE and not line.cells for line in lines)
    return full > FULL_SHARE * len(lines)


def _are_boxes_of_text(marks: Sequence[Mark], lines: Sequence[Line]) -> bool:
    """Return whether marks are a few boxes of text, as on slides, with its bullets and shadows.

    Each has its lines one below the other, under the ground of a title perhaps. Nothing is drawn
    between them, and nothing in them is larger than a bullet.
    """
    grounds = [mark.box for mark in marks if mark.fill is not None and not mark.is_picture]
    boxes: list[Box] = []
    for ground in sorted(grounds, key=lambda box: (box.left, box.top)):
        if not any(_is_inside(line, ground) for line in lines):
            continue
        last = boxes[-1] if boxes else None
        if (
            last
            and abs(last.left - ground.left) < SHADOW
            and abs(last.right - ground.right) < SHADOW
        ):
            boxes[-1] = around((last, ground))
        else:
            boxes.append(ground)
    if not 0 < len(boxes) <= MOST_BOXES:
        return False
    for mark in marks:
        box = mark.box
        is_sign = max(box.right - box.left, box.bottom - box.top) < SMALLEST
        is_edge = min(box.right - box.left, box.bottom - box.top) < SHADOW
        near = any(_is_within(box, one, SHADOW) for one in boxes)
        if not near or not (is_sign or is_edge or mark.box in grounds):
            return False
    for one in boxes:
        own = sorted((line for line in lines if _is_inside(line, one)), key=lambda x: x.baseline)
        if len(own) < FEWEST_LINES or sum(len(line.text) for line in own) < LETTERS_OF_A_BOX:
            return False
        if any(after.top < before.baseline - 1 for before, after in pairwise(own)):
            return False
    return all(any(_is_inside(line, one) for one in boxes) for line in lines)


def _without(box: Box, caption: Box) -> Box | None:
    """Return a box without a caption at its upper or lower edge; None if it is not at an edge."""
    height = box.bottom - box.top
    if caption.top - box.top > 0.75 * height:
        return box._replace(bottom=min(box.bottom, caption.top - 1))
    if box.bottom - caption.bottom > 0.75 * height:
        return box._replace(top=max(box.top, caption.bottom + 1))
    return None


def _is_thin(mark: Mark) -> bool:
    return min(mark.box.right - mark.box.left, mark.box.bottom - mark.box.top) <= THICKEST_RULE


def _is_inside(line: Line, box: Box) -> bool:
    """Return whether the middle of a line stands in a box."""
    x, y = (line.left + line.right) / 2, (line.top + line.bottom) / 2
    return box.left < x < box.right and box.top < y < box.bottom


def _is_within(inner: Box, outer: Box, slack: float) -> bool:
    return (
        inner.left >= outer.left - slack
        and inner.right <= outer.right + slack
        and inner.top >= outer.top - slack
        and inner.bottom <= outer.bottom + slack
    )


def _common(one: Box, other: Box) -> Box | None:
    box = Box(
        max(one.left, other.left),
        max(one.top, other.top),
        min(one.right, other.right),
        min(one.bottom, other.bottom),
    )
    return box if box.left <= box.right and box.top <= box.bottom else None


def _overlap(one: Box, other: Box) -> bool:
    return (
        min(one.right, other.right) - max(one.left, other.left) > 1
        and min(one.bottom, other.bottom) - max(one.top, other.top) > 1.5
    )


def _cuts_letters(box: Box, chars: Sequence[Char]) -> bool:
    """Return whether the middle of an edge of a box runs through a letter."""
    return any(
        is_ink(char)
        and Box(char.left, char.top, char.right, char.bottom).touches(box)
        and not _is_within(Box(char.left, char.top, char.right, char.bottom), box, 3)
        and box.left + 1 < (char.left + char.right) / 2 < box.right - 1
        and box.top + 1 < (char.top + char.bottom) / 2 < box.bottom - 1
        for char in chars
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
        and abs(line.left - above.left) < 3
        and 0 < line.baseline - above.baseline < 1.6 * max(line.size, 1.0)
    )
