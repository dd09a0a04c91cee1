"""Reader of XLSX workbooks: an archive of a stranger, checked before it is parsed."""

import io
import re
import warnings
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any

from mscp.text.days import short
from training.models.programme_lines import UnreadableError
from training.programme.columns import is_heading, may_be_heading, unescaped
from training.programme.files.csv_rows import HEADING_WITHIN
from training.programme.files.foreign_files import other_archive
from training.programme.files.hidden_cells import (
    BENEATH,
    MOST_TEXTS,
    STRUCK,
    beside_cells,
    hidden_columns,
    hidden_rows,
    linked_cells,
    printed_around,
    why_unseen,
    without_struck,
)
from training.programme.files.rows import MOST_COLUMNS, Row, Unseen, as_lines
from training.programme.lines.reading import MOST_LINES

# Limits on decompressed bytes and parts of an XLSX: a programme has a fraction of them.
LARGEST_UNPACKED = 25 * 1024 * 1024
MOST_PARTS = 500
# XML elements in all parts together. 2,000 sessions of 22 columns, each cell with a text, are some
# 132,000; openpyxl reads about 400,000 a second, whether or not they are empty.
MOST_ELEMENTS = 400_000
LAST_ROW = 20_000

_BROKEN = (
    ValueError,
    KeyError,
    TypeError,
    IndexError,
    AttributeError,
    SyntaxError,  # what the XML parsers raise
    OSError,
    EOFError,
    OverflowError,
    NotImplementedError,
    RecursionError,
    zipfile.BadZipFile,
    zlib.error,
)
_NO_WORKBOOK = (
    "This file cannot be read as a spreadsheet; it is damaged or something else under this name. "
    "Open it in your spreadsheet program and save it again as XLSX."
)
_COPY_ROWS = (
    f"Copy the rows of the programme (at most {MOST_LINES:,}) into a new workbook and save that."
)
_STRICT = b"http://purl.oclc.org/ooxml/"
_SAVE_NOT_STRICT = (
    "This is a “Strict Open XML” workbook, which few programs read. Choose File, Save As, and as "
    "the type “Excel Workbook (*.xlsx)”."
)
_MERGED = re.compile(
    rb'<(?:\w+:)?mergeCell [^>]*?ref="([A-Z]{1,3})(\d{1,7}):([A-Z]{1,3})(\d{1,7})"'
)
_FORMULA = re.compile(rb"<(?:\w+:)?f[ >/]")
MOST_MERGED = 2000
# How XML holds a control character, such as the line end of Windows, in the text of a cell.
_ESCAPED_CONTROL = re.compile(r"_x00(?:0[0-9A-F]|1[0-9A-F]|7F)_", re.IGNORECASE)
_STRUCK_RUN = re.compile(rb"<(?:\w+:)?strike\b")


@dataclass
class Sheet:
    """One sheet of a workbook, its rows read as they are asked for."""

    title: str
    is_visible: bool
    has_heading: bool
    rows: Iterator[Row]
    hidden_columns: set[int]
    # Sentences on what stands beside the cells.
    remarks: list[str] = field(default_factory=list)


def read_workbook(content: bytes) -> list[Sheet]:
    """Return the sheets of a workbook, the one of the programme first. Raises UnreadableError."""
    _check_parts(content)
    try:
        sheets = [_sheet(content, each) for each in _in_order(content)]
    except _BROKEN as error:
        raise UnreadableError(_NO_WORKBOOK) from error
    return sheets


def _guarded(rows: Iterator[Row]) -> Iterator[Row]:
    try:
        yield from rows
    except _BROKEN as error:
        raise UnreadableError(_NO_WORKBOOK) from error


def _in_order(content: bytes) -> list[Any]:
    """Return the sheets: the first that can be seen and has headings, then the others."""
    # Parts of a text that are struck out are told only where it is asked for its formats.
    rich_text = bool(_STRUCK_RUN.search(_shared_texts(content)))
    sheets = _opened(content, data_only=True, rich_text=rich_text).worksheets
    seen = [sheet for sheet in sheets if sheet.sheet_state == "visible"]
    if not seen:
        raise UnreadableError("This workbook has no sheet that can be seen.")
    # One that names its columns, else one that may; never one that is empty below.
    ways = (is_heading, may_be_heading)
    first = next((each for way in ways for each in seen if _has_heading(each, way)), seen[0])
    return [first, *(each for each in sheets if each is not first)]


def _sheet(content: bytes, sheet: Any) -> Sheet:
    part = _part_of(content, sheet)
    path = sheet._worksheet_path
    comments, texts, filtered = beside_cells(content, path)
    read = Sheet(
        title=sheet.title,
        is_visible=sheet.sheet_state == "visible",
        has_heading=_has_heading(sheet),
        rows=iter(()),
        hidden_columns=hidden_columns(part),
        remarks=[
            *(f"A box of text says “{short(text)}”: not used." for text in texts[:MOST_TEXTS]),
            *(
                f"Above or below each printed page stands “{short(text)}”: not used."
                for text in printed_around(part)[:MOST_TEXTS]
            ),
        ],
    )
    hidden = hidden_rows(part, filtered=filtered)
    links: dict[int, list[tuple[str, int, str]]] = {}
    for name, number, column, address in linked_cells(content, path, part):
        links.setdefault(number, []).append((name, column, address))
    rows = _with_links(_sheet_rows(content, sheet, part, read), links)
    read.rows = _guarded(_with_all(rows, hidden, comments))
    return read


def _with_all(
    rows: Iterator[Row], hidden: dict[int, str], comments: dict[int, list[str]]
) -> Iterator[Row]:
    for row in rows:
        row.hidden = hidden.get(row.number, "")
        row.notes += comments.get(row.number, [])
        yield row


def _with_links(rows: Iterator[Row], links: dict[int, list[tuple[str, int, str]]]) -> Iterator[Row]:
    """Name the address behind the text of a cell, unless the text is that address."""
    for row in rows:
        for name, column, address in links.get(row.number, []):
            text = row.cells[column] if column < len(row.cells) else ""
            if text and address.rstrip("/") not in text:
                row.notes.append(
                    f"Behind the text of cell {name} is an address, which is not used: {address}"
                )
        yield row


def _opened(content: bytes, *, data_only: bool = False, rich_text: bool = False) -> Any:
    # Imported here: few send one, and openpyxl takes some 20 MB of every worker that loads it.
    from openpyxl import load_workbook

    # Warnings about parts that are not read: validations, drawings, styles. Never by
    # ``catch_warnings``, which is not thread-safe: it restores what another thread has changed.
    warnings.filterwarnings("ignore", module="openpyxl")
    return load_workbook(
        io.BytesIO(content), read_only=True, data_only=data_only, rich_text=rich_text
    )


def _check_parts(content: bytes) -> None:
    """Check the parts before a parser does: their decompressed size, and their declarations."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            parts = archive.infolist()
            names = {part.filename for part in parts}
            if "xl/workbook.xml" not in names:
                mimetype = archive.read("mimetype") if "mimetype" in names else b""
                raise UnreadableError(other_archive(names, {"mimetype": mimetype[:100]}))
            if len(parts) > MOST_PARTS or sum(p.file_size for p in parts) > LARGEST_UNPACKED:
                raise UnreadableError(
                    "This workbook unpacks to more than a programme can be: more than "
                    f"{LARGEST_UNPACKED // 1024 // 1024} MB. {_COPY_ROWS}"
                )
            if any(part.flag_bits & 1 for part in parts):
                raise UnreadableError("This file has a password. Save it without one.")
            elements = 0
            for part in parts:
                data = archive.read(part)
                # Whatever its name: a workbook may call its sheets as it likes.
                elements += data.count(b"<") - data.count(b"</")
                if elements > MOST_ELEMENTS:
                    raise UnreadableError(
                        "This workbook has more rows and cells than a programme can have, most of "
                        f"them empty perhaps. {_COPY_ROWS}"
                    )
                if part.filename.endswith((".xml", ".rels", ".vml")):
                    _check_declarations(data)
                if part.filename == "xl/workbook.xml" and _STRICT in data:
                    raise UnreadableError(_SAVE_NOT_STRICT)
    except _BROKEN as error:
        raise UnreadableError(_NO_WORKBOOK) from error


def _check_declarations(part: bytes) -> None:
    # In any encoding: one other than UTF-8 has NULs in between.
    plain = part.replace(b"\0", b"") if b"\0" in part[:200] else part
    if b"<!DOCTYPE" in plain or b"<!ENTITY" in plain:
        raise UnreadableError(
            "This workbook declares things of its own (a DTD), which no spreadsheet program "
            "writes. It was not opened."
        )


def _sheet_rows(content: bytes, sheet: Any, part: bytes, read: Sheet) -> Iterator[Row]:
    formulas: Iterable[Any] = iter(())
    if _FORMULA.search(part):
        # A second pass over the same sheet, for the formulas of the cells.
        book = _opened(content)
        formulas = _cells(book[sheet.title])
    rows = _rows_of(_cells(sheet), iter(formulas), read.remarks)
    yield from _with_merged(rows, _merged_in(part))


def _part_of(content: bytes, sheet: Any) -> bytes:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return archive.read(sheet._worksheet_path)


def _shared_texts(content: bytes) -> bytes:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        names = [name for name in archive.namelist() if name.endswith("haredStrings.xml")]
        return archive.read(names[0]) if names else b""


def _has_heading(sheet: Any, way: Callable[[list[str]], bool] = is_heading) -> bool:
    """Return whether a sheet has a row of headings, and something below it."""
    is_found = False
    for number, row in enumerate(_cells(sheet), start=1):
        texts = [_text(cell.value)[0] for cell in row]
        if is_found and any(texts):
            return True
        is_found = is_found or way(texts)
        if number >= HEADING_WITHIN and not is_found:
            break
    return False


def _cells(sheet: Any) -> Iterator[tuple[Any, ...]]:
    # The size that a sheet declares is not trusted.
    sheet.reset_dimensions()
    yield from sheet.iter_rows(max_col=MOST_COLUMNS)


def _rows_of(rows: Iterator[Any], formulas: Iterator[Any], remarks: list[str]) -> Iterator[Row]:
    formats: dict[Any, str] = {}
    for number, cells in enumerate(rows, start=1):
        if number > LAST_ROW:
            remarks.append(f"Nothing below row {LAST_ROW:,} was read.")
            return
        behind = next(formulas, ())
        row = Row(number, [])
        for index, cell in enumerate(cells):
            value, struck = without_struck(cell.value)
            text, problem = _text(value)
            if cell.data_type == "e":
                text, problem = "", f"the cell holds the error {cell.value}"
            elif cell.value is None and index < len(behind) and behind[index].data_type == "f":
                problem = (
                    "the cell holds a formula whose result is not stored in the file. Open it in "
                    "your spreadsheet program, save it and send it again; or write the value here"
                )
            if text and (why := _why_unseen(cell, formats)):
                row.unseen[index], text = Unseen(why, text), ""
            elif struck and text:
                row.notes.append(f"“{short(struck)}” is struck out in it and was not used.")
            elif struck:
                row.unseen[index] = Unseen(STRUCK, struck)
            row.cells.append(text)
            if problem:
                row.problems[index] = problem
        yield row


def _why_unseen(cell: Any, formats: dict[Any, str]) -> str:
    """Return what hides a cell by its format; asked once for each format of the workbook."""
    style = getattr(cell, "_style_id", None)
    if style is None:
        return ""
    if style not in formats:
        formats[style] = why_unseen(cell)
    return formats[style]


def _text(value: object) -> tuple[str, str]:
    """Format a value as text for the parser, with what is wrong with it."""
    match value:
        case None:
            return "", ""
        case bool():
            return ("yes" if value else "no"), ""
        case datetime():
            day = value.strftime("%d/%m/%Y")
            return (f"{day} {value:%H:%M}" if value.time() != time() else day), ""
        case date():
            return value.strftime("%d/%m/%Y"), ""
        case time():
            return value.strftime("%H:%M"), ""
        case timedelta():
            minutes = round(value.total_seconds() / 60)
            return f"{minutes // 60:02}:{minutes % 60:02}", ""
        case float() if value.is_integer():
            return str(int(value)), ""
    text = _ESCAPED_CONTROL.sub(lambda match: chr(int(match[0][2:6], 16)), str(value))
    return unescaped(as_lines(text).strip()), ""


def _merged_in(part: bytes) -> list[tuple[int, int, int, int]]:
    """Return the merged cells of a sheet, each as first and last row and column, from 1 on."""
    found = []
    for match in _MERGED.finditer(part):
        left, top, right, bottom = (group.decode() for group in match.groups())
        found.append((int(top), int(bottom), _index(left), _index(right)))
        if len(found) == MOST_MERGED:
            break
    return found


def _index(letters: str) -> int:
    index = 0
    for each in letters:
        index = index * 26 + ord(each) - 64
    return index


def _with_merged(rows: Iterator[Row], merged: list[tuple[int, int, int, int]]) -> Iterator[Row]:
    """Repeat the value of cells merged over several rows in each of them, with a remark.

    What another of the merged cells holds is beneath the first, and nobody sees it.
    """
    waiting = sorted((m for m in merged if m[2] <= MOST_COLUMNS), key=lambda m: m[0])
    open_now: list[tuple[int, int, int, int, str]] = []
    for row in rows:
        open_now = [each for each in open_now if each[1] >= row.number]
        while waiting and waiting[0][0] <= row.number:
            top, bottom, left, right = waiting.pop(0)
            if top == row.number and left <= len(row.cells):
                open_now.append((top, bottom, left - 1, right - 1, row.cells[left - 1]))
        is_filled = any(row.cells)
        for top, _, left, right, text in open_now:
            for index in range(left, min(right + 1, len(row.cells))):
                is_first = index == left and row.number == top
                if row.cells[index] and not is_first:
                    row.unseen[index] = Unseen(BENEATH, row.cells[index])
                    row.cells[index] = ""
            if row.number > top and is_filled and text and left < len(row.cells):
                row.cells[left] = text
                row.problems[left] = (
                    f"the cell is merged with those above, so it was taken to say “{short(text)}” "
                    "too"
                )
        yield row
