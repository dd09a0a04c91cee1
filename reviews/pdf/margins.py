"""Margins and leading: how far a line could have continued, and how far below it the next is."""

from collections import Counter, defaultdict
from typing import NamedTuple

from reviews.pdf.lines import Line


def leading_of(pages: list[list[Line]], at_least: int = 1) -> dict[float, float]:
    """Return the usual distance of two lines of a paragraph, for each size of text.

    Only distances below full lines count: a short line may have ended its paragraph.
    """
    distances: dict[float, Counter[float]] = defaultdict(Counter)
    for lines in pages:
        margins = margins_of(lines)
        for index in range(len(lines) - 1):
            line, following = lines[index], lines[index + 1]
            distance = following.baseline - line.baseline
            if (
                line.size == following.size
                and 0.7 * line.size < distance < 2.6 * line.size
                and not had_room(line, following, margins[index].near)
            ):
                distances[line.size][round(distance * 2) / 2] += 1
    return {
        size: min(seen, key=lambda distance: (-seen[distance], distance))
        for size, seen in distances.items()
        if seen.total() >= at_least
    }


class Margin(NamedTuple):
    near: float
    # Of the whole column, whatever the size of its text.
    column: float


def margins_of(lines: list[Line]) -> list[Margin]:
    """Return for each line how far it could have continued: the right end of its longest neighbour.

    Neighbours are near in the same column and of the same size, so that text beside a picture or
    in a box has a margin of its own.
    """
    column = 0
    columns: list[int] = []
    for index, line in enumerate(lines):
        if index and not is_below(line, lines[index - 1]):
            column += 1
        columns.append(column)
    ends = [0.0] * (column + 1)
    for line, place in zip(lines, columns, strict=True):
        ends[place] = max(ends[place], line.right)
    margins = []
    for index, line in enumerate(lines):
        right = line.right
        for place in range(max(0, index - 3), min(len(lines), index + 4)):
            near = lines[place]
            if near.right > right and near.size == line.size and columns[place] == columns[index]:
                right = near.right
        margins.append(Margin(right, ends[columns[index]]))
    return margins


def is_below(line: Line, above: Line) -> bool:
    return line.baseline > above.baseline + 0.3 * line.size and line.left < above.right


def had_room(line: Line, following: Line, margin: float) -> bool:
    """Return whether the following line's first word would have fitted: the line was ended."""
    letters = max(1, len(following.text))
    word = len(following.text.partition(" ")[0]) * (following.right - following.left) / letters
    return margin - line.right > 1.3 * word + 0.5 * line.size


def are_centred(above: Line, below: Line) -> bool:
    same_centre = abs((below.left + below.right) - (above.left + above.right)) < 3
    return same_centre and abs(below.left - above.left) > 3
