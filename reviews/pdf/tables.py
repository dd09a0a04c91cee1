"""Tables: cells in rows and columns, each letter in one cell; what all ways to find them share."""

from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

from reviews.pdf.characters import Char, PageOfChars
from reviews.pdf.drafts import mark_of
from reviews.pdf.drawing import Box
from reviews.pdf.lines import ARTIFACT, Line, lines_of

MOST_CELLS = 1500
# A cell with more letters holds running text: the table is there for the layout of the page.
MOST_LETTERS_OF_A_CELL = 1500


class Cell(NamedTuple):
    """A cell of a table as HTML has it: its place is where its first row and column meet."""

    lines: list[Line]
    # How many rows and columns it takes.
    rows: int = 1
    columns: int = 1
    is_heading: bool = False


class Table(NamedTuple):
    # The cells that begin in each row, from left to right.
    rows: list[list[Cell]]
    # How many of the first rows are headings of the columns.
    heading_rows: int
    columns: int
    # Whether the first cell of each row below these is its heading.
    has_row_headings: bool


class Slots(NamedTuple):
    """A grid, before it is a table: the key of the cell to which each slot belongs, row by row."""

    keys: list[list[int]]
    chars: dict[int, list[Char]]
    # The keys of cells that are set apart as headings, by tags or by their ground.
    headings: set[int]


class Found(NamedTuple):
    """A table on a page, and which letters of the page are in it."""

    table: Table
    box: Box
    # Places in the list of the letters of the page.
    places: frozenset[int]


def box_of_chars(chars: Iterable[Char]) -> Box | None:
    """Return the box around letters, without those that have none; None if all have none."""
    boxes = [char for char in chars if has_box(char)]
    if not boxes:
        return None
    return Box(
        min(char.left for char in boxes),
        min(char.top for char in boxes),
        max(char.right for char in boxes),
        max(char.bottom for char in boxes),
    )


def has_box(char: Char) -> bool:
    return char.left < char.right and char.top < char.bottom


def is_ink(char: Char) -> bool:
    """Return whether a character stands somewhere and is no space."""
    return has_box(char) and not char.text.isspace()


def table_of(slots: Slots, number: int, box: Box) -> Table | None:
    """Return the table that a grid is, or None if it is no table of data.

    Empty rows and columns are left out: they are room between others, or a form to fill in by hand.
    """
    if not slots.keys or len(slots.keys) * len(slots.keys[0]) > MOST_CELLS:
        return None
    lines = {
        key: lines_of(PageOfChars(number, box.right, box.bottom, chars))
        for key, chars in slots.chars.items()
    }
    lines = {key: own for key, own in lines.items() if own}
    keys = [row for row in slots.keys if _tells_more(row, lines)]
    if not keys:
        return None
    columns = list(zip(*keys, strict=True))
    kept = [place for place, column in enumerate(columns) if any(key in lines for key in column)]
    kept = [p for n, p in enumerate(kept) if not n or columns[p] != columns[kept[n - 1]]]
    keys = [[row[place] for place in kept] for row in keys]
    keys = [row for place, row in enumerate(keys) if not place or row != keys[place - 1]]
    if not _is_of_data(keys, lines):
        return None
    rows = _cells(keys, lines, slots.headings)
    heading_rows = _heading_rows(rows)
    below = _cells_below(keys, rows, heading_rows)
    return Table(rows, heading_rows, len(keys[0]), _has_row_headings(below))


def _tells_more(row: Sequence[int], lines: dict[int, list[Line]]) -> bool:
    return any(key in lines for key in row)


def _is_of_data(keys: list[list[int]], lines: dict[int, list[Line]]) -> bool:
    """Return whether a grid tells something by its rows and columns."""
    if len(keys) < 2 or len(keys[0]) < 2:
        return False
    full = [sum(key in lines for key in set(row)) for row in keys]
    if sum(count >= 2 for count in full) < 2:
        return False
    filled = {key for row in keys for key in row if key in lines}
    lengths = [sum(len(line.text) for line in lines[key]) for key in filled]
    if max(lengths) > MOST_LETTERS_OF_A_CELL:
        return False
    # The marks of a list, or the numbers of its paragraphs, beside what they stand for.
    firsts = [lines[row[0]] for row in keys if row[0] in lines and row[0] != row[-1]]
    if firsts and not any(map(str.isalnum, "".join(own[0].text for own in firsts))):
        return False
    others = {key for row in keys for key in row[1:] if key in lines}
    is_list = (
        len(keys[0]) == 2
        and len(others) >= len(firsts)
        and all(_is_mark(own) for own in firsts)
        and sum(sum(len(line.text) for line in lines[key]) for key in others) > 40 * len(others)
    )
    return not is_list


def _is_mark(lines: list[Line]) -> bool:
    if len(lines) != 1:
        return False
    text = lines[0].text
    marked = mark_of(lines[0])
    return lines[0].symbol or text.isdigit() or marked.text.strip() == text


def _cells(
    keys: list[list[int]], lines: dict[int, list[Line]], headings: set[int]
) -> list[list[Cell]]:
    rows = []
    seen: set[int] = set()
    for row, own in enumerate(keys):
        cells = []
        for column, key in enumerate(own):
            if key in seen:
                continue
            seen.add(key)
            columns = sum(other == key for other in own[column:])
            count = sum(other[column] == key for other in keys[row:])
            filled = lines.get(key, [])
            is_heading = bool(filled) and (
                key in headings or all(line.bold or line.role == "TH" for line in filled)
            )
            cells.append(Cell(filled, count, columns, is_heading))
        rows.append(cells)
    return rows


def _heading_rows(rows: list[list[Cell]]) -> int:
    """Return how many of the first rows are headings; not all are, and they end together."""
    count = 0
    for row in rows[:-1]:
        filled = [cell for cell in row if cell.lines]
        # An empty row of cells is the lower part of cells that take several rows.
        if not all(cell.is_heading for cell in filled) or (row and not filled):
            break
        count += 1
    while count and any(
        place + cell.rows > count for place, row in enumerate(rows[:count]) for cell in row
    ):
        count -= 1
    if all(cell.is_heading for row in rows for cell in row if cell.lines):
        # Set in bold from the first to the last: nothing is told apart.
        return 0
    return count


def _cells_below(
    keys: list[list[int]], rows: list[list[Cell]], heading_rows: int
) -> list[tuple[Cell | None, list[Cell]]]:
    """Return of each row the cell in the first column, if it begins there, and the rest."""
    below: list[tuple[Cell | None, list[Cell]]] = []
    for place in range(heading_rows, len(rows)):
        begins = not place or keys[place][0] != keys[place - 1][0]
        first, rest = (rows[place][0], rows[place][1:]) if begins else (None, rows[place])
        below.append((first, rest))
    return below


def _has_row_headings(rows: list[tuple[Cell | None, list[Cell]]]) -> bool:
    firsts = [first for first, _ in rows if first and first.lines]
    others = [cell for _, rest in rows for cell in rest if cell.lines]
    return (
        len(firsts) > 1
        and all(first.is_heading for first in firsts)
        and sum(cell.is_heading for cell in others) < 0.3 * len(others)
    )


def letters_in(
    chars: Sequence[Char], box: Box, key_of: Callable[[Char], int | None]
) -> tuple[dict[int, list[Char]], frozenset[int]] | None:
    """Return the letters of each cell in the order of the file, and their places in the page.

    ``key_of`` says to which cell a letter in the box belongs. None if that is in doubt for any.
    """
    cells: dict[int, list[Char]] = {}
    places: set[int] = set()
    last: list[Char] | None = None
    for place, char in enumerate(chars):
        _, left, top, right, bottom, _, _, role, _ = char
        if not (left < right and top < bottom):
            # Spaces and line ends that pdfium adds go with what is before them.
            if last is not None:
                last.append(char)
                places.add(place)
            continue
        x, y = (left + right) / 2, (top + bottom) / 2
        if role == ARTIFACT or not (box.left < x < box.right and box.top < y < box.bottom):
            last = None
            continue
        key = key_of(char)
        if key is None:
            if char.text.isspace():
                continue
            return None
        own = cells.setdefault(key, [])
        if last is not None and last is not own and goes_on(last[-1], char):
            # The rule runs through a word: the text is wider than its cell.
            return None
        last = own
        own.append(char)
        places.add(place)
    return cells, frozenset(places)


def goes_on(before: Char, char: Char) -> bool:
    """Return whether a letter stands directly after another, in the same word."""
    return (
        has_box(before)
        and abs(char.left - before.right) < 0.2 * max(char.size, 1)
        and before.top < char.bottom
        and char.top < before.bottom
        and not (before.text.isspace() or char.text.isspace())
    )
