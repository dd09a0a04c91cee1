"""Tables by the tags of the file: ISO 32000-1, 14.8.4.3.4 (Table, TR, TH, TD) and 14.8.5.7."""

import ctypes
from collections.abc import Iterator, Sequence
from itertools import groupby, pairwise
from typing import NamedTuple

import pypdfium2.raw as raw

from reviews.pdf.characters import Char
from reviews.pdf.drawing import Box, Handle, OpenPage
from reviews.pdf.tables import (
    MOST_CELLS,
    Found,
    Slots,
    box_of_chars,
    is_ink,
    table_of,
)
from reviews.pdf.text import Letter

DEEPEST = 40
_ROW_GROUPS = {"THead", "TBody", "TFoot"}
# How far a letter may reach into a table of whose cells it is none.
INSIDE = 1.0


class TaggedCell(NamedTuple):
    rows: int
    columns: int
    is_heading: bool
    # The ids of its marked content on the page.
    contents: frozenset[int]


TaggedTable = list[list[TaggedCell]]


class TaggedTables(NamedTuple):
    whole: list[TaggedTable]
    # Of those whose rows have different numbers of columns, each run of rows that have as many.
    runs: list[TaggedTable]


def tagged_tables(page: OpenPage) -> TaggedTables:
    """Return the tables of a page that the tags tell of; one around others is none."""
    tree = raw.FPDF_StructTree_GetForPage(page.page)
    if not tree:
        return TaggedTables([], [])
    try:
        tables: list[TaggedTable] = []
        for index in range(max(raw.FPDF_StructTree_CountChildren(tree), 0)):
            _find(raw.FPDF_StructTree_GetChildAtIndex(tree, index), tables, 0)
    finally:
        raw.FPDF_StructTree_Close(tree)
    tables = [table for table in tables if any(cell.contents for row in table for cell in row)]
    return TaggedTables(
        [table for table in tables if _is_whole(table)],
        [run for table in tables if not _is_whole(table) for run in _runs(table)],
    )


def found_by_tags(
    table: TaggedTable, letters: Sequence[Letter], chars: Sequence[Char], number: int
) -> Found | None:
    """Return the table of these tags, or None if they do not fit what stands on the page."""
    keys = _keys(table)
    if keys is None:
        return None
    owners: dict[int, int] = {}
    headings: set[int] = set()
    for key, cell in enumerate(cell for row in table for cell in row):
        if any(content in owners for content in cell.contents):
            return None
        owners.update(dict.fromkeys(cell.contents, key))
        if cell.is_heading:
            headings.add(key)
    cells: dict[int, list[Char]] = {}
    places: set[int] = set()
    last: list[Char] | None = None
    for place, letter in enumerate(letters):
        if letter.object is None:
            if last is not None:
                last.append(chars[place])
                places.add(place)
            continue
        # Content of a form XObject has numbers of its own.
        owner = None if letter.object.form else owners.get(letter.object.content_id)
        if owner is None:
            last = None
            continue
        last = cells.setdefault(owner, [])
        last.append(chars[place])
        places.add(place)
    box = box_of_chars(char for own in cells.values() for char in own)
    if box is None or _is_shared(box, letters, places) or not _is_in_order(keys, cells):
        return None
    read = table_of(Slots(keys, cells, headings), number, box)
    return Found(read, box, frozenset(places)) if read else None


def _find(element: Handle, tables: list[TaggedTable], depth: int) -> None:
    if not element or depth > DEEPEST or len(tables) > 100:
        return
    if _type_of(element) == "Table":
        before = len(tables)
        for child in _children(element):
            _find(child, tables, depth + 1)
        if len(tables) == before:
            rows = [_row(row) for row in _rows(element)]
            if rows and sum(map(len, rows)) <= MOST_CELLS:
                tables.append([row for row in rows if row])
        return
    for child in _children(element):
        _find(child, tables, depth + 1)


def _is_whole(table: TaggedTable) -> bool:
    return _keys(table) is not None or any(cell.rows > 1 for row in table for cell in row)


def _runs(table: TaggedTable) -> list[TaggedTable]:
    """Return each run of rows of as many columns.

    Some tables of the layout have headings and text in rows of one cell, and names in two columns.
    """
    runs = groupby(table, key=lambda row: sum(cell.columns for cell in row))
    return [list(rows) for columns, rows in runs if columns > 1]


def _children(element: Handle) -> Iterator[Handle]:
    for index in range(max(raw.FPDF_StructElement_CountChildren(element), 0)):
        if child := raw.FPDF_StructElement_GetChildAtIndex(element, index):
            yield child


def _rows(table: Handle) -> Iterator[Handle]:
    for child in _children(table):
        kind = _type_of(child)
        if kind == "TR":
            yield child
        elif kind in _ROW_GROUPS:
            yield from (row for row in _children(child) if _type_of(row) == "TR")


def _row(row: Handle) -> list[TaggedCell]:
    """Return the cells of a row; those without content on the page are not known but empty."""
    cells = []
    for index in range(min(max(raw.FPDF_StructElement_CountChildren(row), 0), MOST_CELLS)):
        child = raw.FPDF_StructElement_GetChildAtIndex(row, index)
        if not child:
            cells.append(TaggedCell(1, 1, False, frozenset()))
            continue
        kind = _type_of(child)
        if kind in ("TH", "TD"):
            rows, columns = _span(child, "RowSpan"), _span(child, "ColSpan")
            contents: set[int] = set()
            _gather(child, contents, 0)
            cells.append(TaggedCell(rows, columns, kind == "TH", frozenset(contents)))
    return cells if any(cell.contents for cell in cells) else []


def _gather(element: Handle, contents: set[int], depth: int) -> None:
    if depth > DEEPEST:
        return
    for index in range(max(raw.FPDF_StructElement_CountChildren(element), 0)):
        if child := raw.FPDF_StructElement_GetChildAtIndex(element, index):
            _gather(child, contents, depth + 1)
        else:
            number = raw.FPDF_StructElement_GetChildMarkedContentID(element, index)
            if number >= 0:
                contents.add(number)


def _span(element: Handle, name: str) -> int:
    """Return how many rows or columns a cell takes; 1 where its attributes do not say."""
    for index in range(max(raw.FPDF_StructElement_GetAttributeCount(element), 0)):
        attributes = raw.FPDF_StructElement_GetAttributeAtIndex(element, index)
        value = attributes and raw.FPDF_StructElement_Attr_GetValue(attributes, name.encode())
        number = ctypes.c_float()
        if value and raw.FPDF_StructElement_Attr_GetNumberValue(value, number):
            return min(max(int(number.value), 1), 60)
    return 1


def _type_of(element: Handle) -> str:
    length = raw.FPDF_StructElement_GetType(element, None, 0)
    if not 2 < length < 200:
        return ""
    buffer = ctypes.create_string_buffer(length)
    raw.FPDF_StructElement_GetType(element, buffer, length)
    return buffer.raw[: length - 2].decode("utf-16-le", "replace")


def _keys(table: TaggedTable) -> list[list[int]] | None:
    """Return which cell each slot belongs to, as HTML lays out a table; None if a slot has none."""
    grid: list[dict[int, int]] = [{} for _ in table]
    key = -1
    for row, cells in enumerate(table):
        column = 0
        for cell in cells:
            key += 1
            while column in grid[row]:
                column += 1
            for down in range(row, min(row + cell.rows, len(table))):
                for across in range(column, column + cell.columns):
                    if across in grid[down]:
                        return None
                    grid[down][across] = key
            column += cell.columns
    width = max((max(own, default=-1) + 1 for own in grid), default=0)
    if any(len(own) != width for own in grid):
        return None
    return [[own[column] for column in range(width)] for own in grid]


def _is_shared(box: Box, letters: Sequence[Letter], places: set[int]) -> bool:
    """Return whether a letter that is in none of its cells stands in the box of a table."""
    inner = Box(box.left + INSIDE, box.top + INSIDE, box.right - INSIDE, box.bottom - INSIDE)
    return any(
        place not in places
        and is_ink(letter.char)
        and inner.left < (letter.char.left + letter.char.right) / 2 < inner.right
        and inner.top < (letter.char.top + letter.char.bottom) / 2 < inner.bottom
        for place, letter in enumerate(letters)
    )


def _is_in_order(keys: list[list[int]], cells: dict[int, list[Char]]) -> bool:
    """Return whether the cells of each row stand beside each other, and rows below each other."""
    boxes = {key: box for key, own in cells.items() if (box := box_of_chars(own))}
    for row in keys:
        placed = [boxes[key] for key in dict.fromkeys(row) if key in boxes]
        lefts = [(box.left + box.right) / 2 for box in placed]
        if lefts != sorted(lefts):
            return False
        if any(after.left < before.left for before, after in pairwise(placed)):
            return False
    for column in zip(*keys, strict=True):
        placed = [boxes[key] for key in dict.fromkeys(column) if key in boxes]
        if any(
            (after.top + after.bottom) / 2 <= (before.top + before.bottom) / 2
            for before, after in pairwise(placed)
        ):
            return False
    return True
