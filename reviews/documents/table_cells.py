"""Cells of a table on a reading page, as HTML has them: headings, their scope, spans, numbers."""

import re
from collections.abc import Callable
from typing import Any, NamedTuple

_NUMBER = re.compile(r"[£$€(<>~+−–-]{0,2}\s?\d[\d\s.,:/]*(?:%|[kmbn]{1,2})?\)?[*†‡⁰¹²³⁴⁵⁶⁷⁸⁹]*")
# What stands for a number that is not known or not told.
_NONE = frozenset({"", "-", "–", "—", "*", "..", "…", "n/a", "N/A", "x", ":"})


class Cell(NamedTuple):
    # The pieces of each text in it.
    texts: list[Any]
    rows: int = 1
    columns: int = 1
    # Of a heading: "col", "colgroup", "row" or "rowgroup".
    scope: str = ""
    # Whether it is of a column of numbers.
    is_number: bool = False


class Cells(NamedTuple):
    head: list[list[Cell]]
    body: list[list[Cell]]
    columns: int


def cells_of(block: dict[str, Any], pieces: Callable[[str], Any]) -> Cells:
    """Return the cells of the block of a table; ``pieces`` cuts a text at what is searched for.

    What does not fit the rows, such as the spans of cells that were since corrected, is ignored.
    """
    rows: list[list[list[str]]] = block["rows"]
    spans = _spans(block)
    head = block.get("heading_rows", 1) if block["has_heading"] else 0
    columns = _columns_of(spans)
    numeric = _numeric_columns(rows[head:], columns[head:], spans[head:])
    done = []
    for number, row in enumerate(rows):
        cells = []
        for place, texts in enumerate(row):
            down, across = spans[number][place]
            column = columns[number][place]
            scope = ""
            if any(texts) and number < head:
                scope = "colgroup" if across > 1 else "col"
            elif any(texts) and column == 0 and block.get("has_row_headings"):
                scope = "rowgroup" if down > 1 else "row"
            is_number = across == 1 and column in numeric
            cells.append(Cell([pieces(text) for text in texts], down, across, scope, is_number))
        done.append(cells)
    width = sum(across for _, across in spans[0]) if spans else 0
    return Cells(done[:head], done[head:], width)


def grid_of(block: dict[str, Any]) -> list[list[list[str]]]:
    """Return the texts of each place of a table; a cell of several has them in its first."""
    spans = _spans(block)
    placed: dict[tuple[int, int], list[str]] = {}
    width = 0
    for number, columns in enumerate(_columns_of(spans)):
        row = zip(columns, spans[number], block["rows"][number], strict=True)
        for column, (_, across), texts in row:
            placed[number, column] = texts
            width = max(width, column + across)
    return [
        [placed.get((number, column), []) for column in range(width)]
        for number in range(len(spans))
    ]


def in_spans(grid: list[list[list[str]]], block: dict[str, Any]) -> list[list[list[str]]] | None:
    """Return the cells of ``block`` with the texts of a grid; None if they do not fit its spans."""
    spans = _spans(block)
    columns = _columns_of(spans)
    before = grid_of(block)
    if [len(row) for row in grid] != [len(row) for row in before]:
        return None
    firsts = {(number, column) for number, own in enumerate(columns) for column in own}
    said = {(r, c) for r, row in enumerate(grid) for c, texts in enumerate(row) if texts}
    if said - firsts:
        return None
    return [[grid[number][column] for column in own] for number, own in enumerate(columns)]


def _spans(block: dict[str, Any]) -> list[list[tuple[int, int]]]:
    rows, spans_of_rows = block["rows"], block.get("spans") or []
    if [len(row) for row in spans_of_rows] != [len(row) for row in rows]:
        return [[(1, 1)] * len(row) for row in rows]
    return [
        [(max(int(down), 1), max(int(across), 1)) for down, across in row] for row in spans_of_rows
    ]


def _columns_of(spans: list[list[tuple[int, int]]]) -> list[list[int]]:
    """Return the first column of each cell, as HTML lays out a table."""
    taken: set[tuple[int, int]] = set()
    columns = []
    for row, own in enumerate(spans):
        places = []
        column = 0
        for down, across in own:
            while (row, column) in taken:
                column += 1
            places.append(column)
            taken |= {(row + r, column + c) for r in range(down) for c in range(across)}
        columns.append(places)
    return columns


def _numeric_columns(
    rows: list[list[list[str]]], columns: list[list[int]], spans: list[list[tuple[int, int]]]
) -> set[int]:
    """Return the columns in which nothing but numbers stands."""
    seen: set[int] = set()
    others: set[int] = set()
    for row, places, own in zip(rows, columns, spans, strict=True):
        for texts, column, (_, across) in zip(row, places, own, strict=True):
            text = " ".join(texts)
            if across > 1 or text in _NONE:
                continue
            (seen if _NUMBER.fullmatch(text) else others).add(column)
    return seen - others
