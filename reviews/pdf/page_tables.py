"""Tables of a page: by its tags, else by its rules, else by its columns; no letter is in two."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from functools import cached_property
from math import inf
from typing import NamedTuple

from reviews.pdf.captions import caption_of
from reviews.pdf.characters import Char
from reviews.pdf.column_tables import (
    column_table,
    is_candidate,
    is_numeric,
    region_within,
    regions_of,
)
from reviews.pdf.drawing import Box, OpenPage
from reviews.pdf.fragments import fragments_of, rows_of, with_words_joined
from reviews.pdf.ink import Mark, is_tint
from reviews.pdf.lines import Line
from reviews.pdf.ruled_tables import SAME, grid_of, ruled_table
from reviews.pdf.tables import Cell, Found, Table, is_ink
from reviews.pdf.tagged_tables import found_by_tags, tagged_tables
from reviews.pdf.text import Letter

# A page with more rules and grounds is a drawing.
MOST_RULED = 1500
# Shares of the page: what stands wholly in its margins is a header or a footer, and a ground that
# fills it is its paper.
MARGIN = 0.1
PAPER = 0.6
# In points: rules across that are further apart are not of one table.
FAR = 260.0
# So many lines that are level in each cell of a row are rows of their own, and two where each of a
# cell is a number: no number goes on in the next line.
ROWS_IN_ONE = 3
# Grounds of cells that are nearer are of one table.
TOUCH = 5.0
# Grounds, and heights at which they stand, are so many at least where they are bars of a chart.
FEWEST_BARS = 3
# The share of its width that words fill of a ground which marks them.
MARKED = 0.6
# In points: the ends of two grounds that are nearer are one edge of cells.
EDGE = 1.0
# A cell over all columns of a table has no more letters, unless the table is of the layout.
LONGEST_OVER_ALL = 200
# A drawing with a shorter side is a rule or a dot.
SIGN = 5.0


class Tables(NamedTuple):
    found: list[Found]
    # The boxes of tables whose cells cannot be told.
    unread: list[Box]


class _Letters:
    """Where the letters of a page stand: a drawing asks for each of its marks."""

    def __init__(self, chars: Sequence[Char]) -> None:
        self._chars = chars

    @cached_property
    def _middles(self) -> tuple[list[float], list[float]]:
        """The middles of letters down the page, and across it in the same order."""
        middles = sorted(
            ((char.top + char.bottom) / 2, (char.left + char.right) / 2)
            for char in self._chars
            if is_ink(char)
        )
        return [y for y, _ in middles], [x for _, x in middles]

    def stand_in(self, box: Box) -> bool:
        """Return whether the middle of any is in a box."""
        down, across = self._middles
        between = across[bisect_right(down, box.top) : bisect_left(down, box.bottom)]
        return any(box.left < x < box.right for x in between)

    def fill(self, box: Box) -> bool:
        """Return whether those in a box reach across most of it, as words do that it marks."""
        down, across = self._middles
        between = across[bisect_right(down, box.top) : bisect_left(down, box.bottom)]
        own = [x for x in between if box.left < x < box.right]
        return bool(own) and max(own) - min(own) > MARKED * (box.right - box.left)


def tables_of(
    page: OpenPage,
    letters: Sequence[Letter],
    chars: Sequence[Char],
    marks: Sequence[Mark],
    lines: Sequence[Line],
) -> Tables:
    """Return the tables of a page, of the letters that are seen and the lines that they make."""
    found: list[Found] = []
    unread: list[Box] = []
    inked = _Letters(chars)

    def take(one: Found | Box | None) -> None:
        box = one.box if isinstance(one, Found) else one
        if box is None or _is_running(box, page.height):
            return
        if any(_overlap(box, other.box) for other in found):
            return
        if isinstance(one, Found) and not _says_more(box, marks, inked):
            if not any(one.places & other.places for other in found):
                found.append(one)
        elif not any(_overlap(box, other) for other in unread):
            unread.append(box)

    ruled = [mark for mark in marks if mark.rules or mark.fill is not None]
    is_ruled = 2 <= len(ruled) <= MOST_RULED
    captions = [line for line in lines if line.placed and caption_of(line.text)] if is_ruled else []

    def by_rules() -> Iterator[Found | Box | None]:
        return _by_rules(ruled, marks, chars, inked, page, found, captions)

    if any(line.role in ("TD", "TH") for line in lines):
        tagged = tagged_tables(page)
        for table in tagged.whole:
            take(found_by_tags(table, letters, chars, page.number))
        runs = [found_by_tags(run, letters, chars, page.number) for run in tagged.runs]
        if is_ruled and any(runs):
            for one in list(by_rules()):
                if isinstance(one, Found) and _tells_more(one, runs):
                    take(one)
        for run in runs:
            take(run)
    if is_ruled:
        for one in by_rules():
            take(one)
    if is_candidate(lines):
        taken = frozenset(place for one in found for place in one.places)
        everything = Box(0, MARGIN / 2 * page.height, page.width, (1 - MARGIN / 2) * page.height)
        rows = with_words_joined(rows_of(fragments_of(chars, everything, taken)))
        for region in regions_of(rows):
            if not any(_overlap(region.box, box) for box in unread):
                take(column_table(region, chars, page.number, marks))
    found.sort(key=lambda one: one.box.top)
    return Tables(found, [box for box in unread if not any(_overlap(box, f.box) for f in found)])


def _tells_more(ruled: Found, runs: Sequence[Found | None]) -> bool:
    """Return whether rules tell a table of which the tags tell runs of rows without their spans.

    One of the layout has running text in rows of one cell.
    """
    over_all = [row[0] for row in ruled.table.rows if len(row) == 1]
    return any(run and run.places <= ruled.places for run in runs) and all(
        sum(len(line.text) for line in cell.lines) <= LONGEST_OVER_ALL for cell in over_all
    )


def _says_more(box: Box, marks: Sequence[Mark], inked: _Letters) -> bool:
    """Return whether something in a table is told without words: a picture, a sign, a colour, or
    how long its grounds are, which are then the bars of a chart.
    """
    grounds = [mark.box for mark in marks if mark.fill and _holds_inside(box, mark.box)]
    if _are_bars([ground for ground in grounds if not inked.fill(ground)]):
        return True
    for mark in marks:
        width, height = mark.box.right - mark.box.left, mark.box.bottom - mark.box.top
        if min(width, height) < SIGN or not _holds_inside(box, mark.box) or mark.rules:
            continue
        if mark.fill is None:
            return True
        if is_tint(mark.fill) or mark.box.top < box.top + 2 * SAME:
            # Tints part rows; the ground of the first row sets it apart.
            continue
        if not inked.stand_in(mark.box):
            return True
    return False


def _are_bars(grounds: Sequence[Box]) -> bool:
    """Return whether grounds are bars: most end at a place of their own, across or upwards.

    Those of cells end where the others of their column or row do, and so do the last parts of bars
    that are all as long.
    """
    heights = {round(one.top / SAME) for one in grounds}
    if len(grounds) < FEWEST_BARS or len(heights) < FEWEST_BARS:
        return False
    last = max(one.right for one in grounds)
    base = max(one.bottom for one in grounds)
    stand = sum(base - one.bottom <= EDGE for one in grounds)
    across = [one.right for one in grounds if last - one.right > EDGE]
    upwards = [one.top for one in grounds] if stand >= FEWEST_BARS else []
    return any(
        len(ends) >= FEWEST_BARS and _alone(ends) > len(ends) / 2 for ends in (across, upwards)
    )


def _alone(places: Sequence[float]) -> int:
    """Return how many places are near no other."""
    ordered = [-inf, *sorted(places), inf]
    return sum(
        min(place - before, after - place) > EDGE
        for before, place, after in zip(ordered, ordered[1:], ordered[2:], strict=False)
    )


def _by_rules(
    ruled: Sequence[Mark],
    marks: Sequence[Mark],
    chars: Sequence[Char],
    inked: _Letters,
    page: OpenPage,
    found: Sequence[Found],
    captions: Sequence[Line],
) -> Iterator[Found | Box | None]:
    paper = PAPER * page.width * page.height
    own = [
        mark
        for mark in ruled
        if mark.box.area < paper and not any(_holds(one.box, mark.box) for one in found)
    ]
    for group in _connected(own):
        box = Box(
            min(mark.box.left for mark in group) - 1,
            min(mark.box.top for mark in group) - 1,
            max(mark.box.right for mark in group) + 1,
            max(mark.box.bottom for mark in group) + 1,
        )
        if box.right - box.left < 40 or box.bottom - box.top < 12:
            continue
        # The bands of slides, which every page has.
        if _is_running(box, page.height):
            continue
        if not inked.stand_in(box):
            continue
        yield _of_group(group, marks, chars, page.number)
    yield from _across(own, marks, chars, page, captions)


def _of_group(
    group: list[Mark], marks: Sequence[Mark], chars: Sequence[Char], number: int
) -> Found | Box | None:
    """Return the table that marks draw that touch each other."""
    # A ground behind all of it is no cell.
    largest = max(group, key=lambda mark: mark.box.area)
    without = [mark for mark in group if mark is not largest]
    for own in (group, without):
        grid = grid_of(own) if len(own) > 1 else None
        if grid is None:
            continue
        if len({key for row in grid.keys for key in row}) >= 4 and len(grid.xs) > 2:
            read = ruled_table(grid, chars, number)
            if isinstance(read, Found) and _holds_rows(read.table):
                region = region_within(grid.box, grid.ys, chars, frozenset())
                finer = column_table(region, chars, number, marks)
                read = finer if isinstance(finer, Found) else read
            if read is not None:
                return read
        if len(grid.ys) >= 4 and all(len(set(row)) == 1 for row in grid.keys):
            region = region_within(grid.box, grid.ys, chars, frozenset())
            read = column_table(region, chars, number, marks)
            if read is not None:
                return read
    return None


def _holds_rows(table: Table) -> bool:
    """Return whether rules part the columns, and in one row of theirs stand several, line by line.

    Books and papers set tables so: with rules above and below the rows alone.
    """
    for row in table.rows[table.heading_rows :]:
        levels_of_cells = [_levels(cell.lines) for cell in row]
        if (
            len(levels_of_cells) > 1
            and len(levels_of_cells[0]) >= (2 if _counts(row) else ROWS_IN_ONE)
            and all(
                len(own) == len(levels_of_cells[0])
                and all(
                    abs(one - other) <= SAME
                    for one, other in zip(own, levels_of_cells[0], strict=True)
                )
                for own in levels_of_cells
            )
        ):
            return True
    return False


def _counts(row: Sequence[Cell]) -> bool:
    """Return whether in a cell each line is a number, of those beside the first."""
    return any(
        len(cell.lines) > 1 and all(is_numeric(line.text) for line in cell.lines)
        for cell in row[1:]
    )


def _levels(lines: Sequence[Line]) -> list[float]:
    """Return the heights of lines down a cell, each once."""
    levels: list[float] = []
    for line in sorted(lines, key=lambda line: line.baseline):
        if not levels or line.baseline - levels[-1] > SAME:
            levels.append(line.baseline)
    return levels


def _across(
    ruled: Sequence[Mark],
    marks: Sequence[Mark],
    chars: Sequence[Char],
    page: OpenPage,
    captions: Sequence[Line],
) -> Iterator[Found | Box | None]:
    """Yield the tables between rules across that touch nothing else."""
    rules: list[Box] = []
    pieces = [rule for mark in ruled for rule in mark.rules]
    level = [one for one in pieces if one.right - one.left > one.bottom - one.top + 2]
    for piece in sorted(level, key=lambda one: (round(one.top), one.left)):
        last = rules[-1] if rules else None
        if last and abs(piece.top - last.top) <= SAME and piece.left <= last.right + 12:
            rules[-1] = Box(last.left, last.top, max(last.right, piece.right), last.bottom)
        else:
            rules.append(piece)
    rules = [rule for rule in rules if rule.right - rule.left >= 100]
    runs: list[list[Box]] = []
    for rule in sorted(rules, key=lambda one: one.top):
        for run in runs:
            last = run[-1]
            if (
                abs(rule.left - last.left) <= 2 * SAME
                and abs(rule.right - last.right) <= 2 * SAME
                and SAME < rule.top - last.top <= FAR
                and not any(_parts(caption, last, rule) for caption in captions)
            ):
                run.append(rule)
                break
        else:
            runs.append([rule])
    for run in runs:
        if len(run) < 2:
            continue
        box = Box(run[0].left - 2, run[0].top - 1, run[0].right + 2, run[-1].bottom + 1)
        region = region_within(box, [rule.top for rule in run], chars, frozenset())
        # One of a paragraph between two rules of other tables.
        yield column_table(region, chars, page.number, marks)


def _parts(caption: Line, above: Box, below: Box) -> bool:
    """Return whether a caption stands between two rules: they are of two tables."""
    return (
        above.top < (caption.top + caption.bottom) / 2 < below.top
        and caption.left < below.right
        and below.left < caption.right
    )


def _connected(marks: Sequence[Mark]) -> list[list[Mark]]:
    """Return the marks in groups of those that touch."""
    ordered = sorted(marks, key=lambda mark: mark.box.top)
    parents = list(range(len(ordered)))

    def root(place: int) -> int:
        while parents[place] != place:
            parents[place] = parents[parents[place]]
            place = parents[place]
        return place

    active: list[int] = []
    for place, mark in enumerate(ordered):
        box = mark.box
        active = [one for one in active if ordered[one].box.bottom + TOUCH >= box.top]
        for one in active:
            other = ordered[one].box
            if other.left - TOUCH <= box.right and box.left - TOUCH <= other.right:
                parents[root(one)] = root(place)
        active.append(place)
    groups: dict[int, list[Mark]] = {}
    for place, mark in enumerate(ordered):
        groups.setdefault(root(place), []).append(mark)
    return [group for group in groups.values() if len(group) > 1 or len(group[0].rules) > 3]


def _is_running(box: Box, height: float) -> bool:
    return box.bottom < MARGIN * height or box.top > (1 - MARGIN) * height


def _overlap(one: Box, other: Box) -> bool:
    return (
        min(one.right, other.right) - max(one.left, other.left) > 2
        and min(one.bottom, other.bottom) - max(one.top, other.top) > 2
    )


def _holds(outer: Box, inner: Box) -> bool:
    return (
        outer.left - 12 <= inner.left
        and inner.right <= outer.right + 12
        and outer.top - 12 <= inner.top
        and inner.bottom <= outer.bottom + 12
    )


def _holds_inside(outer: Box, inner: Box) -> bool:
    return (
        outer.left - SAME <= inner.left
        and inner.right <= outer.right + SAME
        and outer.top - SAME <= inner.top
        and inner.bottom <= outer.bottom + SAME
    )
