"""Tables by their ruling lines: cells are what the rules part, also merged and unframed ones.

A rule is a line that the file draws, or the edge of a coloured ground.
"""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from reviews.pdf.characters import Char
from reviews.pdf.drawing import Box
from reviews.pdf.ink import Mark
from reviews.pdf.tables import Found, Slots, letters_in, table_of

# In points: rules that are nearer than this are one, and gaps in a rule up to this are none.
SAME = 3.0
# How far a letter may reach over the rule of its cell: boxes of letters are larger than their ink.
OVER = 2.5
MOST_PLACES = 80
# The share of an edge that must be drawn to part two cells.
DRAWN = 0.85


class Grid(NamedTuple):
    """The places of rules, and which of the slots between them one cell holds."""

    xs: list[float]
    ys: list[float]
    # The key of the cell of each slot, row by row.
    keys: list[list[int]]
    # The keys of cells on a ground of their own.
    grounded: set[int]

    @property
    def box(self) -> Box:
        return Box(self.xs[0], self.ys[0], self.xs[-1], self.ys[-1])


def grid_of(marks: Sequence[Mark]) -> Grid | None:
    """Return the grid that these marks draw, or None if its cells are not all boxes."""
    rules = [rule for mark in marks for rule in mark.rules]
    grounds = [mark.box for mark in marks if _is_ground(mark)]
    rules += [edge for box in grounds for edge in _edges(box)]
    across = [rule for rule in rules if rule.right - rule.left > rule.bottom - rule.top]
    down = [rule for rule in rules if rule.right - rule.left <= rule.bottom - rule.top]
    xs = _places((rule.left + rule.right) / 2 for rule in down)
    ys = _places((rule.top + rule.bottom) / 2 for rule in across)
    if len(ys) < 2 or len(ys) > MOST_PLACES or len(xs) > MOST_PLACES:
        return None
    # Tables are often open at their sides.
    left, right = min(rule.left for rule in across), max(rule.right for rule in across)
    xs = _places([*xs, left, right])
    if len(xs) < 2:
        return None
    upright = [
        _pieces([(r.top, r.bottom) for r in down if abs((r.left + r.right) / 2 - x) <= SAME])
        for x in xs
    ]
    level = [
        _pieces([(r.left, r.right) for r in across if abs((r.top + r.bottom) / 2 - y) <= SAME])
        for y in ys
    ]
    rows, columns = len(ys) - 1, len(xs) - 1
    parents = list(range(rows * columns))

    def root(slot: int) -> int:
        while parents[slot] != slot:
            parents[slot] = parents[parents[slot]]
            slot = parents[slot]
        return slot

    for row in range(rows):
        for column in range(columns):
            slot = row * columns + column
            if column + 1 < columns and not _is_drawn(upright[column + 1], ys[row], ys[row + 1]):
                parents[root(slot + 1)] = root(slot)
            if row + 1 < rows and not _is_drawn(level[row + 1], xs[column], xs[column + 1]):
                parents[root(slot + columns)] = root(slot)
    keys = [[root(row * columns + column) for column in range(columns)] for row in range(rows)]
    if not _are_boxes(keys):
        return None
    grounded = {
        keys[row][column]
        for row in range(rows)
        for column in range(columns)
        if any(
            box.left < (xs[column] + xs[column + 1]) / 2 < box.right
            and box.top < (ys[row] + ys[row + 1]) / 2 < box.bottom
            for box in grounds
        )
    }
    return Grid(xs, ys, keys, grounded)


def ruled_table(grid: Grid, chars: Sequence[Char], number: int) -> Found | Box | None:
    """Return the table in a grid; its box, if a letter belongs to no cell or to two."""
    xs, ys, keys, grounded = grid
    if len({key for row in keys for key in row}) < 4:
        return None
    sides = _sides(grid)

    def key_of(char: Char) -> int | None:
        x, y = (char.left + char.right) / 2, (char.top + char.bottom) / 2
        column, row = bisect_right(xs, x) - 1, bisect_right(ys, y) - 1
        if not (0 <= column < len(xs) - 1 and 0 <= row < len(ys) - 1):
            return None
        key = keys[row][column]
        cell = sides[key]
        is_within = (
            char.left > cell.left - OVER
            and char.right < cell.right + OVER
            and char.top > cell.top - OVER
            and char.bottom < cell.bottom + OVER
        )
        return key if is_within or char.text.isspace() else None

    read = letters_in(chars, grid.box, key_of)
    if read is None:
        return grid.box
    cells, places = read
    first = set(keys[0])
    # The first row is a heading where it alone has a ground.
    is_set_apart = first <= grounded and not (grounded - first)
    table = table_of(Slots(keys, cells, first if is_set_apart else set()), number, grid.box)
    return Found(table, grid.box, places) if table else None


def _is_ground(mark: Mark) -> bool:
    box = mark.box
    return mark.fill is not None and box.right - box.left >= 8 and box.bottom - box.top >= 6


def _edges(box: Box) -> list[Box]:
    left, top, right, bottom = box
    return [
        Box(left, top, right, top),
        Box(left, bottom, right, bottom),
        Box(left, top, left, bottom),
        Box(right, top, right, bottom),
    ]


def _places(numbers: Iterable[float]) -> list[float]:
    """Return the middle of each run of numbers that are nearly the same."""
    runs: list[list[float]] = []
    for number in sorted(numbers):
        if runs and number - runs[-1][0] <= SAME:
            runs[-1].append(number)
        else:
            runs.append([number])
    return [sum(run) / len(run) for run in runs]


def _pieces(pieces: list[tuple[float, float]]) -> list[tuple[float, float]]:
    """Return the pieces of a rule, joined where they touch."""
    joined: list[tuple[float, float]] = []
    for start, end in sorted(pieces):
        if joined and start <= joined[-1][1] + SAME:
            joined[-1] = (joined[-1][0], max(joined[-1][1], end))
        else:
            joined.append((start, end))
    return joined


def _is_drawn(pieces: list[tuple[float, float]], start: float, end: float) -> bool:
    covered = sum(max(min(end, high) - max(start, low), 0) for low, high in pieces)
    return covered >= DRAWN * (end - start)


def _are_boxes(keys: list[list[int]]) -> bool:
    """Return whether each cell takes the same columns in each of its rows, without a gap."""
    places: dict[int, list[tuple[int, int]]] = {}
    for row, own in enumerate(keys):
        for column, key in enumerate(own):
            places.setdefault(key, []).append((row, column))
    for slots in places.values():
        rows, columns = {row for row, _ in slots}, {column for _, column in slots}
        if len(slots) != (max(rows) - min(rows) + 1) * (max(columns) - min(columns) + 1):
            return False
    return True


def _sides(grid: Grid) -> dict[int, Box]:
    """Return the box of each cell."""
    sides: dict[int, Box] = {}
    for row, own in enumerate(grid.keys):
        for column, key in enumerate(own):
            slot = Box(grid.xs[column], grid.ys[row], grid.xs[column + 1], grid.ys[row + 1])
            known = sides.get(key, slot)
            sides[key] = Box(
                min(known.left, slot.left),
                min(known.top, slot.top),
                max(known.right, slot.right),
                max(known.bottom, slot.bottom),
            )
    return sides
