"""Fragments: the runs of letters between gaps as wide as between columns, in rows down the page."""

from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import NamedTuple

from reviews.pdf.characters import Char
from reviews.pdf.drawing import Box
from reviews.pdf.lines import ARTIFACT

# As multiples of the size of the letters. A space is a quarter; of justified text up to two thirds.
GAP = 0.9
# Spaces of a justified line of few words, and its distance from the next, likewise.
WIDEST_SPACE = 2.2
NEXT_LINE = 1.6
# In points: how far they differ, and where two lines begin.
EVEN = 3.0
# Fragments of a line with two gaps, which are seldom as wide by chance.
JUSTIFIED = 3


class Fragment(NamedTuple):
    left: float
    top: float
    right: float
    bottom: float
    baseline: float
    size: float
    bold: bool
    # Places in the list of the letters of the page, in the order of the file.
    places: tuple[int, ...]
    text: str

    @property
    def box(self) -> Box:
        return Box(self.left, self.top, self.right, self.bottom)


# What stands side by side, from left to right.
Row = list[Fragment]


def fragments_of(chars: Sequence[Char], within: Box, without: Iterable[int] = ()) -> list[Fragment]:
    """Return the fragments of the letters in a box."""
    taken = frozenset(without)
    runs: list[list[int]] = []
    last: Char | None = None
    low, high, top, bottom = within.left, within.right, within.top, within.bottom
    for place, char in enumerate(chars):
        _, left, upper, right, lower, _, _, role, _ = char
        is_within = low < (left + right) / 2 < high and top < (upper + lower) / 2 < bottom
        # Most letters of a page are in none of its tables.
        if last is None and not is_within:
            continue
        if place in taken or role == ARTIFACT:
            last = None
            continue
        if not (left < right and upper < lower) or char[0].isspace():
            continue
        if not is_within:
            last = None
            continue
        if last is not None and _is_beside(last, char):
            runs[-1].append(place)
        else:
            runs.append([place])
        last = char
    return _joined([_fragment(chars, run) for run in runs])


def rows_of(fragments: Iterable[Fragment]) -> list[Row]:
    """Return fragments in rows from the top to the bottom."""
    rows: list[Row] = []
    for fragment in sorted(fragments, key=lambda one: (one.top + one.bottom) / 2):
        if rows and any(_share_a_row(other, fragment) for other in rows[-1]):
            rows[-1].append(fragment)
        else:
            rows.append([fragment])
    return [sorted(row) for row in rows]


def with_words_joined(rows: list[Row]) -> list[Row]:
    """Return rows with the words of each justified line in one fragment.

    Its gaps are all as wide, and the line above or below begins where it does and runs over one.
    """
    joined = list(rows)
    for place in (*reversed(range(len(rows))), *range(len(rows))):
        row = joined[place]
        if len(row) < JUSTIFIED:
            continue
        near = [joined[at] for at in (place - 1, place + 1) if 0 <= at < len(rows)]
        start = _start_of_words(row, near)
        if start is not None:
            whole = row[start]
            for fragment in row[start + 1 :]:
                whole = _both(whole, fragment)
            joined[place] = [*row[:start], whole]
    return joined


def _start_of_words(row: Row, near: list[Row]) -> int | None:
    """Return the place of the fragment from which on a row is one justified line, if any is."""
    for start in range(len(row) - JUSTIFIED + 1):
        first = row[start]
        gaps = [after.left - before.right for before, after in pairwise(row[start:])]
        if max(gaps) - min(gaps) > EVEN or max(gaps) > WIDEST_SPACE * max(first.size, 1.0):
            continue
        for other in near:
            step = abs(other[0].baseline - first.baseline)
            if step < NEXT_LINE * max(first.size, 1.0) and any(
                abs(line.left - first.left) < EVEN and line.right > row[start + 1].left
                for line in other
            ):
                return start
    return None


def _is_beside(before: Char, char: Char) -> bool:
    # Called for every letter: without looking up a name twice.
    _, _, last_top, last_right, last_bottom, last_size, _, _, _ = before
    _, left, top, _, bottom, size, _, _, _ = char
    unit = max(last_size, size, 1.0)
    gap = left - last_right
    if not -0.6 * unit < gap < GAP * unit:
        return False
    if gap >= 0 and abs(last_bottom - bottom) < 0.3 * unit:
        return True
    common = min(last_bottom, bottom) - max(last_top, top)
    return common > 0.1 * min(last_bottom - last_top, bottom - top)


def _fragment(chars: Sequence[Char], run: Sequence[int]) -> Fragment:
    own = [chars[place] for place in run]
    texts, lefts, tops, rights, bottoms, sizes, bolds, _, _ = zip(*own, strict=True)
    middle = len(own) // 2
    return Fragment(
        min(lefts),
        min(tops),
        max(rights),
        max(bottoms),
        # Most letters stand on it.
        sorted(bottoms)[middle],
        sorted(sizes)[middle],
        sum(bolds) > 0.9 * len(own),
        tuple(run),
        "".join(texts),
    )


def _share_a_row(one: Fragment, other: Fragment) -> bool:
    common = min(one.bottom, other.bottom) - max(one.top, other.top)
    return common > 0.5 * min(one.bottom - one.top, other.bottom - other.top)


def _joined(fragments: list[Fragment]) -> list[Fragment]:
    """Join fragments side by side with no gap between, which the file draws apart."""
    joined: list[Fragment] = []
    for row in rows_of(fragments):
        last: Fragment | None = None
        for fragment in row:
            gap = GAP * max(fragment.size, 1.0)
            if (
                last is not None
                and fragment.left - last.right < gap
                and _share_a_row(last, fragment)
            ):
                joined[-1] = last = _both(last, fragment)
            else:
                joined.append(fragment)
                last = fragment
    return joined


def _both(one: Fragment, other: Fragment) -> Fragment:
    return Fragment(
        min(one.left, other.left),
        min(one.top, other.top),
        max(one.right, other.right),
        max(one.bottom, other.bottom),
        max(one, other, key=lambda part: len(part.places)).baseline,
        max(one.size, other.size),
        one.bold and other.bold,
        (*one.places, *other.places),
        one.text + " " + other.text,
    )
