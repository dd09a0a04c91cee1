"""Parts of a page that are told apart from its text, tables and figures, and their places in it."""

from collections.abc import Sequence
from typing import NamedTuple

from reviews.pdf.characters import Char, PageOfChars
from reviews.pdf.drawing import Box, Drawn, OpenPage
from reviews.pdf.drawn_bullets import with_drawn_bullets
from reviews.pdf.figures import (
    Caption,
    Figure,
    around,
    box_of,
    captions_of,
    figures_of,
    gap_between,
    share_across,
    slide_of,
)
from reviews.pdf.ink import Mark, marks_of
from reviews.pdf.lines import Line, lines_of
from reviews.pdf.page_tables import Tables, tables_of
from reviews.pdf.tables import Found, Table
from reviews.pdf.text import Letter
from reviews.pdf.turned import is_turned_page

# In points: from a caption to its table.
REACH = 40.0


class PlacedTable(NamedTuple):
    """A table of a page, whose letters are in no line of the page."""

    # The first line of its caption, if it has one.
    caption: Line | None
    box: Box
    table: Table


class Parts(NamedTuple):
    lines: list[Line]
    tables: list[PlacedTable]
    figures: list[Figure]


def parts_of(
    page: OpenPage,
    drawn: Drawn,
    letters: Sequence[Letter],
    chars: list[Char],
    *,
    cuts: bool,
    hidden: Sequence[Box] = (),
) -> Parts:
    """Return the lines, tables and figures of a page; no figures unless it ``cuts`` them out.

    ``chars`` are those of the letters, which may be written otherwise. No figure shows a part of
    what is ``hidden``: all of it is within, or without.
    """
    lines = _lines(page, chars)
    if not all(line.placed for line in lines):
        return Parts(lines, [], [])
    marks = marks_of(drawn, page.width, page.height)
    if marks is None:
        # A map of thousands of lines; what each looks like does not matter.
        marks = [Mark(shape.box, shape.is_picture, None, ()) for shape in drawn.shapes]
    # The rows of a turned table would be read as columns.
    turned = is_turned_page(lines)
    read = Tables([], []) if turned else tables_of(page, letters, chars, marks, lines)
    if read.found:
        taken = {place for one in read.found for place in one.places}
        lines = _lines(page, [char for place, char in enumerate(chars) if place not in taken])
    captions = captions_of(lines)
    tables = _with_captions(read.found, captions, lines)
    figures = _figures(page, chars, lines, marks, read, tables, captions) if cuts else []
    figures = [one for one in figures if not any(_is_cut(box, one.box) for box in hidden)]
    used = {line for figure in figures for line in figure.lines}
    used.update(figure.caption for figure in figures if figure.caption)
    used.update(table.caption for table in tables if table.caption)
    return Parts(with_drawn_bullets(lines, marks, used), tables, figures)


def _figures(
    page: OpenPage,
    chars: Sequence[Char],
    lines: Sequence[Line],
    marks: Sequence[Mark],
    read: Tables,
    tables: Sequence[PlacedTable],
    captions: Sequence[Caption],
) -> list[Figure]:
    taken = {place for one in read.found for place in one.places}
    rest = [char for place, char in enumerate(chars) if place not in taken] if taken else chars
    known = {table.caption for table in tables}
    free = [caption for caption in captions if caption.lines[0] not in known]
    boxes = [one.box for one in read.found]
    boxes += [caption.box for caption in captions if caption.lines[0] in known]
    size = page.width, page.height
    slide = None if boxes else slide_of(lines, size, page.number)
    if slide is not None:
        return [slide]
    return figures_of(lines, marks, rest, size, boxes, read.unread, free, page.number)


def _is_cut(box: Box, edges: Box) -> bool:
    """Return whether the edges of a figure run through a box."""
    is_within = (
        edges.left <= box.left
        and box.right <= edges.right
        and edges.top <= box.top
        and box.bottom <= edges.bottom
    )
    return edges.touches(box) and not is_within


def _lines(page: OpenPage, chars: list[Char]) -> list[Line]:
    return lines_of(PageOfChars(page.number, page.width, page.height, chars))


def _with_captions(
    found: Sequence[Found], captions: Sequence[Caption], lines: Sequence[Line]
) -> list[PlacedTable]:
    """Give each table the nearest caption above it or, if there is none, below.

    Where more tables of the page have one below, as in papers, it is the other way round.
    """
    pairs = []
    for place, one in enumerate(found):
        for number, caption in enumerate(captions):
            gap = gap_between(one.box, caption.box)
            is_above = caption.box.top < one.box.top
            if not -4 <= gap <= REACH or share_across(one.box, caption.box) <= 0.1:
                continue
            both = around((one.box, caption.box))
            if any(
                both.left < (line.left + line.right) / 2 < both.right
                and min(one.box.bottom, caption.box.bottom)
                < (line.top + line.bottom) / 2
                < max(one.box.top, caption.box.top)
                for line in lines
            ):
                continue
            pairs.append(_Pair(is_above, gap, place, number))
    sides = [
        len(_given([pair for pair in pairs if pair.is_above is side])) for side in (False, True)
    ]
    given = _given(pairs, above_first=sides[True] >= sides[False])
    return [
        PlacedTable(captions[given[place]].lines[0] if place in given else None, one.box, one.table)
        for place, one in enumerate(found)
    ]


class _Pair(NamedTuple):
    """A caption that stands near a table."""

    is_above: bool
    gap: float
    table: int
    caption: int


def _given(pairs: Sequence[_Pair], *, above_first: bool = True) -> dict[int, int]:
    """Return the caption of each table; those on one side first, and of these the nearest."""
    given: dict[int, int] = {}
    for pair in sorted(pairs, key=lambda pair: (pair.is_above is not above_first, *pair[1:])):
        if pair.table not in given and pair.caption not in given.values():
            given[pair.table] = pair.caption
    return given


def line_before(box: Box, lines: Sequence[Line]) -> Line | None:
    """Return the line of a page that what stands in a box is read after; None if it comes first."""
    above = [
        (line.bottom, place, line)
        for place, line in enumerate(lines)
        if line.placed
        and (line.top + line.bottom) / 2 < box.top + 2
        and share_across(box_of(line), box) > 0
    ]
    if above:
        return max(above, key=lambda one: one[:2])[2]
    below = [
        place
        for place, line in enumerate(lines)
        if line.placed and line.top >= box.top and share_across(box_of(line), box) > 0
    ]
    if below:
        first = min(below)
        return lines[first - 1] if first else None
    return lines[-1] if lines else None
