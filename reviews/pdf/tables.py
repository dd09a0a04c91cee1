"""Tables with full ruling lines: their cells, where no letter can belong to another cell."""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import NamedTuple

from reviews.pdf.characters import Char, PageOfChars
from reviews.pdf.drawing import Box
from reviews.pdf.ink import Mark
from reviews.pdf.lines import Line, lines_of

# In points: rules that are nearer than this are one, and gaps in a rule up to this are none.
SAME = 3.0
# How far a letter may reach over the rule of its cell: boxes of letters are larger than their ink.
OVER = 2.0
NARROWEST, LOWEST = 10.0, 7.0
MOST_CELLS = 400


class Table(NamedTuple):
    # The lines of each cell, row by row.
    rows: list[list[list[Line]]]
    has_heading: bool


def table_of(marks: Sequence[Mark], box: Box, chars: Iterable[Char], number: int) -> Table | None:
    """Return the table that these marks draw in a box, or None if anything is in doubt."""
    rules = [rule for mark in marks for rule in mark.rules]
    across = [rule for rule in rules if rule.right - rule.left > rule.bottom - rule.top]
    down = [rule for rule in rules if rule.right - rule.left <= rule.bottom - rule.top]
    xs = _places((rule.left + rule.right) / 2 for rule in down)
    ys = _places((rule.top + rule.bottom) / 2 for rule in across)
    columns, rows = len(xs) - 1, len(ys) - 1
    if columns < 2 or rows < 2 or columns * rows > MOST_CELLS:
        return None
    if min(_steps(xs)) < NARROWEST or min(_steps(ys)) < LOWEST:
        return None
    edges = (xs[0] - box.left, ys[0] - box.top, box.right - xs[-1], box.bottom - ys[-1])
    if max(map(abs, edges)) > SAME:
        return None
    complete = all(
        _covers([(r.left, r.right) for r in across if abs((r.top + r.bottom) / 2 - y) <= SAME], xs)
        for y in ys
    ) and all(
        _covers([(r.top, r.bottom) for r in down if abs((r.left + r.right) / 2 - x) <= SAME], ys)
        for x in xs
    )
    if not complete or not all(mark.rules or _is_plain(mark, ys) for mark in marks):
        return None
    cells = _cells(chars, box, xs, ys)
    if cells is None:
        return None
    read = [
        [lines_of(PageOfChars(number, box.right, box.bottom, cell)) for cell in row]
        for row in cells
    ]
    if any(_is_turned(line) for row in read for cell in row for line in cell):
        return None
    # An empty row or column is a drawing, or a form to be filled in by hand.
    if not all(map(any, read)) or not all(map(any, zip(*read, strict=True))):
        return None
    return Table(read, _is_heading(read[0]) and not _is_heading(read[1]))


def _places(numbers: Iterable[float]) -> list[float]:
    """Return the middle of each run of numbers that are nearly the same."""
    runs: list[list[float]] = []
    for number in sorted(numbers):
        if runs and number - runs[-1][0] <= SAME:
            runs[-1].append(number)
        else:
            runs.append([number])
    return [sum(run) / len(run) for run in runs]


def _steps(places: list[float]) -> list[float]:
    return [after - before for before, after in pairwise(places)]


def _covers(pieces: list[tuple[float, float]], places: list[float]) -> bool:
    """Return whether the pieces of a rule make one from the first place to the last."""
    reached = places[0] + SAME
    for start, end in sorted(pieces):
        if start > reached + SAME:
            return False
        reached = max(reached, end)
    return reached >= places[-1] - SAME


def _is_plain(mark: Mark, ys: list[float]) -> bool:
    """Return whether a mark says nothing: the ground of the first row, or a light grey one.

    A cell in red or green tells what no words tell.
    """
    if mark.fill is None:
        return False
    light = min(mark.fill) > 200 and max(mark.fill) - min(mark.fill) < 16
    return light or mark.box.bottom < ys[1] + SAME


def _cells(
    chars: Iterable[Char], box: Box, xs: list[float], ys: list[float]
) -> list[list[list[Char]]] | None:
    """Return the characters of each cell in the order of the file; None if a letter is in two."""
    cells: list[list[list[Char]]] = [[[] for _ in xs[1:]] for _ in ys[1:]]
    last: list[Char] | None = None
    for char in chars:
        if not (char.left < char.right and char.top < char.bottom):
            # Spaces and line ends that pdfium adds go with what is before them.
            if last is not None:
                last.append(char)
            continue
        x, y = (char.left + char.right) / 2, (char.top + char.bottom) / 2
        if not (box.left < x < box.right and box.top < y < box.bottom):
            last = None
            continue
        column, row = bisect_right(xs, x) - 1, bisect_right(ys, y) - 1
        if not (0 <= column < len(xs) - 1 and 0 <= row < len(ys) - 1):
            return None
        if last is not None and last is not cells[row][column] and _goes_on(last[-1], char):
            # A rule through a word: the text is wider than its cell.
            return None
        if not (
            char.text.isspace()
            or (
                char.left > xs[column] - OVER
                and char.right < xs[column + 1] + OVER
                and char.top > ys[row] - OVER
                and char.bottom < ys[row + 1] + OVER
            )
        ):
            return None
        last = cells[row][column]
        last.append(char)
    return cells


def _goes_on(before: Char, char: Char) -> bool:
    """Return whether a letter stands directly after another, in the same word."""
    return (
        before.left < before.right
        and abs(char.left - before.right) < 0.2 * max(char.size, 1)
        and before.top < char.bottom
        and char.top < before.bottom
        and not (before.text.isspace() or char.text.isspace())
    )


def _is_turned(line: Line) -> bool:
    """Return whether a line climbs or falls: its letters stand above each other."""
    return len(line.text) > 2 and line.bottom - line.top > max(
        2 * line.size, 1.2 * (line.right - line.left)
    )


def _is_heading(row: list[list[Line]]) -> bool:
    """Return whether every cell of a row is set or tagged as a heading."""
    return all(cell and all(line.bold or line.role == "TH" for line in cell) for cell in row)
