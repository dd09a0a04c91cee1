"""Tables by their columns: rows of fragments with room between them at the same places.

There may be no rule at all, or rules across alone; these then part the rows.
"""

import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Sequence
from itertools import pairwise
from statistics import median
from typing import NamedTuple

from reviews.pdf.characters import Char
from reviews.pdf.drawing import Box
from reviews.pdf.fragments import (
    NEXT_LINE,
    Fragment,
    Row,
    fragments_of,
    rows_of,
    with_words_joined,
)
from reviews.pdf.ink import THICKEST_RULE, Mark, is_tint
from reviews.pdf.lines import Line
from reviews.pdf.tables import Found, Slots, table_of

# As a multiple of the size of the letters: the least room between two columns.
ROOM = 0.6
# The share of the rows that may run over the room between two columns, as a heading of both does.
OVER = 0.2
FEWEST_ROWS = 3
# As multiples of the size of the letters: rows that are further apart are not of one table.
FAR = 3.6
# Fragments with more letters than this are lines of running text.
LONG = 45
# Lines of a paragraph in a narrow column have more letters than this, without spaces.
PROSE = 20
# Lines of running text in columns have more letters than this, and are so many at least.
FULL, FEWEST_FULL = 30, 4
# Lines of a caption beside a table, below its first.
FEWEST_BELOW = 2
# Of the letters of a fragment, which has no spaces.
_CAPTION = re.compile(r"(?:Figure|Table|Chart|Diagram|Map)[A-Z\d]")
_REFERENCE = re.compile(r"\d+(?:\.\d+)+")
_NUMERIC = re.compile(r"[£$€(<>~+\-–−]*\d[\d.,:/%)\-–−*]*\w?")


class Region(NamedTuple):
    """Rows that may be those of a table."""

    rows: list[Row]
    box: Box
    # The heights of rules across that part its rows.
    rules: list[float]


def is_candidate(lines: Sequence[Line]) -> bool:
    """Return whether a page may have rows of columns: a quick look at its lines."""
    placed = sorted((line for line in lines if line.placed), key=lambda line: line.baseline)
    rows = sum(bool(line.cells) for line in placed)
    for one, other in pairwise(placed):
        rows += abs(one.baseline - other.baseline) < 0.3 * max(one.size, 1.0) and (
            one.right < other.left or other.right < one.left
        )
    return rows >= FEWEST_ROWS


def regions_of(rows: list[Row]) -> list[Region]:
    """Return runs of rows with room at the same places."""
    regions: list[list[Row]] = []
    run: list[Row] = []

    def close() -> None:
        while run and len(run[-1]) < 2:
            run.pop()
        if sum(len(row) >= 2 for row in run) >= FEWEST_ROWS:
            regions.append(list(run))
        run.clear()

    for row in rows:
        if run and not _goes_on(run, row):
            close()
        if run or len(row) >= 2:
            run.append(row)
    close()
    return [Region(run, _box(run), []) for run in regions if not _is_cut(run, rows)]


def _is_cut(run: list[Row], rows: list[Row]) -> bool:
    """Return whether the row before or after is as near as those of one cell are."""
    first, last = rows.index(run[0]), rows.index(run[-1])
    steps = sorted(_step(one, other) for one, other in pairwise(run))
    tight = 1.2 * steps[len(steps) // 4]
    box = _box(run)
    gaps = [gap for row in run for gap in _gaps(row)]
    near = []
    if first:
        near.append((rows[first - 1], _step(rows[first - 1], run[0])))
        if _cuts_a_paragraph(run[0], rows[first - 1]):
            return True
    if last + 1 < len(rows):
        near.append((rows[last + 1], _step(run[-1], rows[last + 1])))
        if _cuts_a_paragraph(run[-1], rows[last + 1]):
            return True
    return any(
        len(row) == 1
        and not _CAPTION.match(row[0].text)
        and step < tight
        and box.left <= row[0].left
        and row[0].right <= box.right
        and not any(row[0].left < low and high < row[0].right for low, high in gaps)
        for row, step in near
    )


def _cuts_a_paragraph(row: Row, beyond: Row) -> bool:
    """Return whether a line beside others goes on beyond the run: of the next column of text."""
    return any(
        len(one.text) > PROSE
        and len(other.text) > PROSE
        and abs(one.left - other.left) < 3
        and abs(one.size - other.size) < 0.7
        and abs(one.baseline - other.baseline) < NEXT_LINE * max(one.size, 1.0)
        for one in row[1:]
        for other in beyond
    )


def _step(above: Row, below: Row) -> float:
    """Return the distance between the baselines of two rows."""
    return below[0].baseline - above[0].baseline


def _goes_on(run: list[Row], row: Row) -> bool:
    size = max(fragment.size for fragment in row)
    bottom = max(fragment.bottom for fragment in run[-1])
    if min(fragment.top for fragment in row) - bottom > FAR * max(size, 1.0):
        return False
    before = next(other for other in reversed(run) if len(other) >= 2)
    if len(row) >= 2:
        return any(
            min(gap[1], other[1]) - max(gap[0], other[0]) > 0.5 * size
            for gap in _gaps(row)
            for other in _gaps(before)
        )
    # A single fragment: the next line of a cell, or the name of the rows below it.
    if sum(len(other) < 2 for other in run[-3:]) >= 3:
        return False
    fragment = row[0]
    crosses = any(fragment.left < gap[0] and fragment.right > gap[1] for gap in _gaps(before))
    return not crosses


def _gaps(row: Row) -> list[tuple[float, float]]:
    return [(one.right, other.left) for one, other in pairwise(row) if other.left > one.right]


def _box(rows: list[Row]) -> Box:
    fragments = [fragment for row in rows for fragment in row]
    return Box(
        min(one.left for one in fragments) - 1,
        min(one.top for one in fragments) - 1,
        max(one.right for one in fragments) + 1,
        max(one.bottom for one in fragments) + 1,
    )


def region_within(
    box: Box, rules: list[float], chars: Sequence[Char], taken: frozenset[int]
) -> Region:
    """Return the rows in a box of which rules across are known."""
    return Region(with_words_joined(rows_of(fragments_of(chars, box, taken))), box, rules)


def column_table(
    region: Region, chars: Sequence[Char], number: int, marks: Sequence[Mark] = ()
) -> Found | Box | None:
    """Return the table in a region; its box, if it is one but its cells cannot be told."""
    rows = region.rows
    if not rows or _is_stacked(rows) or _is_drawing(region, marks):
        return None
    # Between two rules a row is one, however few there are.
    fewest = 2 if len(region.rules) >= 3 else FEWEST_ROWS
    if len(rows) < fewest or not (region.rules or _reads_across(rows)) or _is_contents(rows):
        return None
    if len(region.rules) < 3 and _is_running_text(rows):
        return None
    edges = _edges(rows, fewest)
    if not edges:
        return None
    if _has_caption_beside(rows):
        return region.box
    placed = _placed(rows, edges)
    bands = _bands(region, placed) if placed else None
    if bands is None:
        is_table = len(region.rules) >= 3 or len(edges) >= 2
        return region.box if is_table and _are_short(rows) else None
    return _found(bands, len(edges) + 1, region.box, chars, number)


def _has_caption_beside(rows: list[Row]) -> bool:
    """Return whether a caption stands in the margin beside the rows, line by line of several."""
    captions = [one for row in rows for one in row if _CAPTION.match(one.text)]
    if len(captions) != 1:
        return False
    [caption] = captions
    below = [
        one
        for row in rows
        for one in row
        if one.baseline > caption.baseline and abs(one.left - caption.left) < 1
    ]
    edge = max(one.right for one in (caption, *below))
    return len(below) >= FEWEST_BELOW and all(
        one.right <= edge or one.left > edge for row in rows for one in row
    )


def _are_short(rows: list[Row]) -> bool:
    fragments = [fragment for row in rows for fragment in row]
    return sum(len(fragment.text) <= LONG for fragment in fragments) > 0.8 * len(fragments)


def _is_running_text(rows: list[Row]) -> bool:
    """Return whether the lines of every column are full: of columns of text that are level."""
    many = [row for row in rows if len(row) >= 2]
    if len(many) < FEWEST_FULL:
        return False
    return all(
        median(len(fragment.text) for fragment in column) > FULL
        for column in zip(*many, strict=False)
    )


def _is_contents(rows: list[Row]) -> bool:
    """Return whether rows are those of a list of contents: the number of a page ends each."""
    last = [row[-1].text.strip(".… ") for row in rows if len(row) >= 2]
    numbers = [int(text) for text in last if text.isdecimal()]
    leaders = sum(
        "...." in fragment.text or "…" in fragment.text for row in rows for fragment in row
    )
    is_rising = numbers == sorted(numbers) and len(set(numbers)) > 1
    return leaders > 0.4 * len(rows) or (
        is_rising
        and len(numbers) >= 0.8 * len(last)
        and all(len(row) <= 3 for row in rows)
        and all(not row[0].text.isdecimal() or len(row) == 3 for row in rows)
        and max(len(row) - row[0].text.isdecimal() - _has_paragraph(row) for row in rows) <= 2
    )


def _has_paragraph(row: Row) -> bool:
    """Return whether the number of a paragraph, or its heading, stands before that of the page."""
    return len(row) == 3 and bool(_REFERENCE.fullmatch(row[1].text))


def _is_stacked(rows: list[Row]) -> bool:
    """Return whether rows stand nearer than type is set: turned words, letter above letter."""
    steps = sorted(_step(one, other) for one, other in pairwise(rows))
    size = sorted(fragment.size for row in rows for fragment in row)
    return bool(steps) and steps[len(steps) // 2] < 0.8 * size[len(size) // 2]


def _is_drawing(region: Region, marks: Sequence[Mark]) -> bool:
    """Return whether something is drawn among the rows that is neither rule nor ground of cells."""
    box = region.box
    inner = Box(box.left + 2, box.top + 2, box.right - 2, box.bottom - 2)
    width = box.right - box.left
    for mark in marks:
        if not mark.box.touches(inner):
            continue
        is_rule = bool(mark.rules) or mark.box.bottom - mark.box.top < THICKEST_RULE
        is_wide = mark.box.right - mark.box.left >= 0.9 * width
        if is_rule or (mark.fill is not None and (is_wide or is_tint(mark.fill))):
            continue
        if mark.fill is None or mark.is_picture:
            return True
        crossed = sum(mark.box.top + 3 < rule < mark.box.bottom - 3 for rule in region.rules)
        if crossed or not region.rules:
            return True
    return False


def _reads_across(rows: list[Row]) -> bool:
    """Return whether these are rows, not columns of running text that happen to be level."""
    many = [row for row in rows if len(row) >= 2]
    fragments = [fragment for row in many for fragment in row]
    if sum(len(fragment.text) > LONG for fragment in fragments) > 0.3 * len(fragments):
        return False
    follows = [
        0 <= min(other.places) - max(one.places) < 6 for row in many for one, other in pairwise(row)
    ]
    if sum(follows) >= 0.6 * len(follows):
        return True
    short = sum(len(fragment.text) <= 25 for fragment in fragments) > 0.8 * len(fragments)
    return short and sum(len(row) >= 3 for row in many) > 0.5 * len(many)


def _edges(rows: list[Row], fewest: int) -> list[float]:
    """Return where columns part: the middle of each strip that hardly a row runs over."""
    many = [row for row in rows if len(row) >= 2]
    if len(many) < fewest:
        return []
    events: list[tuple[float, int]] = []
    for row in many:
        for fragment in row:
            events += [(fragment.left, 1), (fragment.right, -1)]
    fragments = sorted(fragment.size for row in many for fragment in row)
    size = fragments[len(fragments) // 2]
    most = int(OVER * len(many))
    events.sort()
    strips: list[list[tuple[int, float, float]]] = [[]]
    depth = 0
    for (x, step), (following, _) in pairwise(events):
        depth += step
        if depth > most:
            strips.append([])
        elif following > x:
            strips[-1].append((depth, x, following))
    edges = []
    # Left of the first column and right of the last there is room too.
    for strip in strips[1:-1]:
        if strip and strip[-1][2] - strip[0][1] >= ROOM * size:
            least = min(depth for depth, _, _ in strip)
            _, low, high = max(
                (one for one in strip if one[0] == least), key=lambda one: one[2] - one[1]
            )
            edges.append((low + high) / 2)
    return edges


class _Placed(NamedTuple):
    fragment: Fragment
    first: int
    last: int


def _placed(rows: list[Row], edges: list[float]) -> list[list[_Placed]] | None:
    """Return the columns of each fragment; None if two are in doubt about one."""
    placed = []
    for row in rows:
        own = []
        for fragment in row:
            slack = 0.3 * fragment.size
            first = bisect_right(edges, fragment.left + slack)
            last = bisect_right(edges, fragment.right - slack)
            own.append(_Placed(fragment, first, max(first, last)))
        for one, other in pairwise(own):
            if other.first < one.last or (other.first == one.last and one.first != one.last):
                return None
        placed.append(own)
    return placed


_Band = list[list[_Placed]]


def _bands(region: Region, placed: list[list[_Placed]]) -> list[_Band] | None:
    """Return which lines make each row of the table; None if that cannot be told."""
    if not region.rules:
        return _bands_by_room(placed)
    bands: dict[int, _Band] = {}
    for own in placed:
        middle = sum(one.fragment.top + one.fragment.bottom for one in own) / (2 * len(own))
        bands.setdefault(bisect_right(region.rules, middle), []).append(own)
    parted = [row for key in sorted(bands) for row in _rows_of_numbers(bands[key])]
    longest = max(parted, key=len)
    lead = _lead(placed)
    begun = sum(_begins(own, lead) for own in longest)
    if len(longest) > 0.5 * len(placed) and len(longest) > 2 and begun > 1:
        # Rules above and below the rows alone, as books have them.
        found: list[_Band] = []
        for band in parted:
            inner = _bands_by_room(band) if len(band) > 2 else [band]
            if inner is None:
                return None
            found += inner
        return found
    return parted


def _rows_of_numbers(band: _Band) -> list[_Band]:
    """Return the lines between two rules, each as a row if each has a number in one column."""
    first = {own[0].first for own in band}
    counted = [{x.first for x in own[1:] if is_numeric(x.fragment.text)} for own in band]
    if len(first) == 1 and set.intersection(*counted):
        return [[own] for own in band]
    return [band]


def _bands_by_room(placed: list[list[_Placed]]) -> list[_Band] | None:
    """Return the rows of lines with no rules between."""
    steps = [
        after[0].fragment.baseline - before[0].fragment.baseline
        for before, after in pairwise(placed)
    ]
    lead = _lead(placed)
    starts = [_begins(own, lead) for own in placed]
    if all(starts):
        return [[own] for own in placed]
    tight = sorted(steps)[len(steps) // 4] if steps else 0.0
    wide = [step > 1.35 * tight for step in steps]
    bands: list[_Band] = [[placed[0]]]
    for place, own in enumerate(placed[1:]):
        if (
            wide[place]
            or (starts[place + 1] and _is_full(own))
            or (starts[place + 1] and not any(wide))
        ):
            bands.append([own])
        elif _continues(bands[-1], own):
            bands[-1].append(own)
        elif any(is_numeric(one.fragment.text) for one in own):
            bands.append([own])
        else:
            return None
    return bands


def _lead(placed: list[list[_Placed]]) -> int:
    """Return the first column that most rows fill: before it may stand a mark of a few."""
    full = [own for own in placed if _is_full(own)]
    counts = Counter(column for own in full for column in {one.first for one in own})
    return next((column for column in sorted(counts) if 2 * counts[column] > len(full)), 0)


def _begins(own: list[_Placed], lead: int) -> bool:
    return own[0].first <= lead


def _is_full(own: list[_Placed]) -> bool:
    return len(own) >= 2


def _continues(band: _Band, own: list[_Placed]) -> bool:
    """Return whether a line goes on with cells that the row above it has begun."""
    begun = {one.first for line in band for one in line}
    return all(one.first in begun and not is_numeric(one.fragment.text) for one in own)


def is_numeric(text: str) -> bool:
    return _NUMERIC.fullmatch(text.replace(" ", "")) is not None


def _found(
    bands: list[_Band], columns: int, box: Box, chars: Sequence[Char], number: int
) -> Found | Box | None:
    keys = [[row * columns + column for column in range(columns)] for row in range(len(bands))]
    owners: dict[int, int] = {}
    for row, band in enumerate(bands):
        for line in band:
            for one in line:
                key = keys[row][one.first]
                for column in range(one.first, one.last + 1):
                    if keys[row][column] not in (key, row * columns + column):
                        return box
                    keys[row][column] = key
                owners.update(dict.fromkeys(one.fragment.places, key))
    if any(owner not in keys[owner // columns] for owner in owners.values()):
        return box
    cells: dict[int, list[Char]] = {}
    places: set[int] = set()
    last: list[Char] | None = None
    for place, char in enumerate(chars):
        if place in owners:
            last = cells.setdefault(owners[place], [])
        elif last is None or (char.left < char.right and not char.text.isspace()):
            last = None
            continue
        last.append(char)
        places.add(place)
    table = table_of(Slots(keys, cells, set()), number, box)
    return Found(table, box, frozenset(places)) if table else None
