"""Reader of a programme in a file: CSV, XLSX, or a calendar; an untrusted file."""

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import chain
from typing import Any

from mscp.files.sizes import MostBytes
from mscp.text.days import short
from training.models.programme_lines import Line, Programme, Remark, UnreadableError
from training.programme.columns import (
    COLUMNS,
    columns_of,
    is_heading,
    letter,
    may_be_heading,
    plain,
    status_by_heading,
)
from training.programme.files.calendar_exports import CalendarColumns
from training.programme.files.calendar_files import is_calendar, read_calendar
from training.programme.files.csv_rows import HEADING_WITHIN, csv_rows
from training.programme.files.decoding import decoded
from training.programme.files.foreign_files import refuse_foreign, refuse_foreign_text
from training.programme.files.hidden_cells import STRUCK, column_named
from training.programme.files.rows import Row, Unseen
from training.programme.files.xlsx_rows import Sheet, read_workbook
from training.programme.lines.reading import MOST_LINES, read_footnote

MOST = MostBytes(5 * 1024 * 1024, "This file has more than 5 MB. Save the programme alone.")
LARGEST_FILE = MOST.most
LONGEST_CELL = 2000
LONGEST_HEADING = 200
# A table of fewer columns may leave all but one of them empty.
MOST_OF_A_LIST = 3
_PART = re.compile(
    r"\b(?:term|semester|quarter|spring|summer|autumn|winter|bookings?|contact|page|note|notes"
    r"|programme|please|total|january|february|march|april|may|june|july|august|september|october"
    r"|november|december)\b",
    re.IGNORECASE,
)

# The heading of a part: "NOVEMBER", "November 2027".
_MONTH_ALONE = re.compile(
    r"(?:january|february|march|april|may|june|july|august|september|october|november|december)"
    r"\W*(?:20\d\d)?\W*",
    re.IGNORECASE,
)


def read_sheet(content: bytes) -> Programme:
    """Read a file, recognised by its content and not by its name.

    Raises UnreadableError.
    """
    if not content:
        raise UnreadableError("This file is empty.")
    if len(content) > LARGEST_FILE:
        raise UnreadableError(MOST.sentence)
    refuse_foreign(content)
    programme = Programme()
    if content.startswith(b"PK\x03\x04"):
        _read_sheets(read_workbook(content), programme)
        return programme
    text = decoded(content, programme.remarks)
    if is_calendar(text):
        read_calendar(text, programme)
        return programme
    refuse_foreign_text(text)
    _read_rows(csv_rows(text), programme)
    return programme


# --- sheets of a workbook -----------------------------------------------------------------------


def _read_sheets(sheets: list[Sheet], programme: Programme) -> None:
    """Read the sheet of the programme; what other sheets hold is kept, and left out."""
    first, *others = sheets
    _read_rows(first.rows, programme, first.hidden_columns)
    programme.remarks += first.remarks
    unused = []
    for sheet in others:
        lines = _lines_of_other(sheet, MOST_LINES - len(programme.lines))
        where = "on the sheet" if sheet.is_visible else "on the hidden sheet"
        for line in lines:
            line.hide(f"{where} “{short(sheet.title)}”")
        programme.lines += lines
        if not lines:
            hidden = "" if sheet.is_visible else " (hidden)"
            unused.append(f"“{short(sheet.title)}”{hidden}")
    if others:
        more = f"; not used: {', '.join(unused[:10])}" if unused else ""
        programme.remarks.append(f"Only the sheet “{short(first.title)}” was read{more}.")


def _lines_of_other(sheet: Sheet, most: int) -> list[Line]:
    if not sheet.has_heading:
        return []
    programme = Programme()
    try:
        _read_rows(sheet.rows, programme, sheet.hidden_columns)
    except UnreadableError:
        return []
    return programme.lines if len(programme.lines) <= most else []


# --- rows into lines --------------------------------------------------------------------------


def _read_rows(
    rows: Iterator[Row], programme: Programme, hidden_columns: set[int] | None = None
) -> None:
    heading, above, below = _heading(rows)
    calendar = CalendarColumns(heading.cells)
    columns, unused = columns_seen(calendar.beside(heading.cells), hidden_columns or set())
    if above:
        texts = "; ".join(f"“{short(_joined(row.cells), 60)}”" for row in above[:5])
        programme.remarks.append(f"Above the headings, and not used: {texts}.")
    programme.remarks += [" ".join(unused)] if calendar.is_calendar and unused else unused
    programme.headings = [cell[:LONGEST_HEADING] for cell in heading.cells]
    programme.columns = dict(columns)
    beyond: set[int] = set()
    for row in chain(below, rows):
        if not any(row.cells) and not row.problems and not row.unseen:
            continue
        if len(programme.lines) == MOST_LINES:
            raise UnreadableError(
                f"Row {row.number} is one too many: an import takes {MOST_LINES:,} sessions at "
                "most. Divide the file."
            )
        if (text := _footnote(row)) and read_footnote(text, programme.lines):
            continue
        if _is_no_session(row, heading):
            text = short(_joined(row.cells), 60)
            programme.remarks.append(f"Row {row.number} was not used: “{text}”.")
            continue
        _hide_columns(row, heading, hidden_columns or set())
        line = line_of(row, columns)
        calendar.adjust(line, row)
        line.row = _kept(row)
        unnamed = [
            index
            for index, cell in enumerate(row.cells)
            if cell and (index >= len(heading.cells) or not heading.cells[index].strip())
        ]
        for index in unnamed:
            if index not in beyond and len(beyond) < 5:
                programme.remarks.append(
                    f"Column {letter(index)} has no heading and is not used; in row {row.number} "
                    f"it says “{short(row.cells[index])}”."
                )
            beyond.add(index)
        programme.lines.append(line)
    if not programme.lines:
        raise UnreadableError("There are headings and no row below them.")
    read_statuses(programme.lines, columns, heading.cells)


def columns_seen(cells: list[str], hidden: set[int]) -> tuple[dict[int, str], list[str]]:
    """Return which column holds what: a hidden one only where no other is called so.

    Raises UnreadableError.
    """
    if not hidden:
        return columns_of(cells)
    seen = ["" if index in hidden else cell for index, cell in enumerate(cells)]
    try:
        columns, unused = columns_of(seen)
    except UnreadableError:
        # What is needed may be hidden; its texts are offered.
        return columns_of(cells)
    for index in sorted(hidden & set(range(len(cells)))):
        more = list(seen)
        more[index] = cells[index]
        try:
            with_hidden, unused_then = columns_of(more)
        except UnreadableError:
            continue
        if with_hidden.items() > columns.items():
            seen, columns, unused = more, with_hidden, unused_then
    return columns, unused


def _hide_columns(row: Row, heading: Row, hidden: set[int]) -> None:
    for index in hidden:
        if index < len(row.cells) and row.cells[index]:
            name = heading.cells[index] if index < len(heading.cells) else ""
            row.unseen[index] = Unseen(column_named(index, name), row.cells[index])
            row.cells[index] = ""


def _heading(rows: Iterator[Row]) -> tuple[Row, list[Row], list[Row]]:
    """Return the row of headings, the rows above it, and those below it that were read already."""
    seen: list[Row] = []
    for row in rows:
        if not any(row.cells) and not row.unseen and not row.problems:
            continue
        if is_heading(row.cells):
            return row, [one for one in seen if any(one.cells)], []
        seen.append(row)
        if row.number > HEADING_WITHIN or len(seen) > HEADING_WITHIN:
            break
    if not seen:
        raise UnreadableError("There is nothing in this file.")
    # A row that names some columns, and others that may be what is missing.
    for place, row in enumerate(seen):
        if may_be_heading(row.cells):
            return row, [one for one in seen[:place] if any(one.cells)], seen[place + 1 :]
    # The message names what is missing in the most similar row.
    columns_of(max(seen, key=lambda row: sum(1 for cell in row.cells if cell)).cells)
    raise UnreadableError("No row of headings was found.")


def _is_no_session(row: Row, heading: Row) -> bool:
    """Return whether a row repeats the headings, or is the name of a part or a footer."""
    if row.unseen or row.problems or row.hidden:
        return False
    headings = [plain(cell) for cell in heading.cells if cell.strip()]
    cells = [plain(cell) for cell in row.cells if cell.strip()]
    if cells == headings:
        return True
    if len(cells) == 1 and _MONTH_ALONE.fullmatch(_joined(row.cells).strip()):
        return True
    # Of a wide table a row with one text alone, in its first column, and no day in it.
    first = row.cells[0] if row.cells else ""
    is_alone = len(cells) == 1 and len(headings) >= MOST_OF_A_LIST and bool(first.strip())
    return is_alone and bool(_PART.search(first) or "@" in first or "://" in first)


def _footnote(row: Row) -> str:
    """Return the text of a row that holds one text alone, as footnotes do."""
    texts = [cell for cell in row.cells if cell.strip()]
    return texts[0].strip() if len(texts) == 1 and not row.hidden else ""


def _kept(row: Row) -> dict[str, Any]:
    """Return what is kept of a row, in values of JSON."""
    kept = {
        "cells": [cell[: LONGEST_CELL + 1] for cell in row.cells],
        "problems": {str(index): text for index, text in row.problems.items()},
        "unseen": {str(index): [one.why, one.text] for index, one in row.unseen.items()},
        "hidden": row.hidden,
        "notes": row.notes,
    }
    return {name: value for name, value in kept.items() if value}


def row_of(number: int, kept: dict[str, Any]) -> Row:
    """Return the row that was kept of a line."""
    return Row(
        number,
        list(kept.get("cells", [])),
        {int(index): text for index, text in kept.get("problems", {}).items()},
        kept.get("hidden", ""),
        {int(index): Unseen(*one) for index, one in kept.get("unseen", {}).items()},
        list(kept.get("notes", [])),
    )


def line_of(row: Row, columns: dict[int, str]) -> Line:
    """Return the line that a row is, as its columns are understood."""
    line = Line(number=row.number, source=_joined(row.cells))
    for index, name in columns.items():
        text = row.cells[index] if index < len(row.cells) else ""
        problem = row.problems.get(index)
        if len(text) > LONGEST_CELL:
            problem = f"more than {LONGEST_CELL:,} characters"
            text = text[:LONGEST_CELL]
        if problem:
            where = f"Row {row.number}, column {letter(index)} (“{COLUMNS[name][0]}”)"
            stops = not problem.startswith("the cell is merged")
            line.remarks.append(Remark("cell", f"{where}: {problem}.", about=name, stops=stops))
        setattr(line, name, text)
    _keep_unseen(line, row, columns)
    line.remarks += [Remark("hidden", note) for note in row.notes]
    if (moment := re.fullmatch(r"(\S+) (\d\d:\d\d)", line.date)) and not line.start:
        # A cell of Excel that holds day and time.
        line.date, line.start = moment.groups()
    return line


def read_statuses(lines: Sequence[Line], columns: Mapping[int, str], headings: list[str]) -> None:
    """Write as a status what cells answer to their heading: "N" under "Confirmed?"."""
    for index, name in columns.items():
        if name == "status" and index < len(headings):
            texts = status_by_heading(headings[index], [line.status for line in lines])
            for line, text in zip(lines, texts, strict=True):
                line.status = text


def _keep_unseen(line: Line, row: Row, columns: dict[int, str]) -> None:
    """Keep the hidden texts of a row beside its line; a row that is struck out is left out."""
    named = {columns[index]: unseen for index, unseen in row.unseen.items() if index in columns}
    if row.hidden:
        line.hide(row.hidden)
    if any(named[name].why == STRUCK for name in ("title", "date") if name in named):
        # Shown as it was, so that it is known which it is.
        for name, unseen in list(named.items()):
            if unseen.why == STRUCK:
                setattr(line, name, unseen.text[:LONGEST_CELL])
                del named[name]
        line.source = _joined(
            [row.unseen[i].text if i in row.unseen else text for i, text in enumerate(row.cells)]
        )
        line.hide("in rows that are struck out")
    for name, unseen in named.items():
        why = "in cells that are struck out" if unseen.why == STRUCK else unseen.why
        line.unseen.setdefault(why, {})[name] = unseen.text[:LONGEST_CELL]
    for index, unseen in row.unseen.items():
        if unseen.why == STRUCK and index not in columns:
            text = f"“{short(unseen.text)}” is struck out and was not used."
            line.remarks.append(Remark("hidden", text))


def _joined(cells: list[str]) -> str:
    return " | ".join(cell for cell in cells if cell)
