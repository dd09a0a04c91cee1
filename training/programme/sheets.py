"""Reader of a programme in a spreadsheet, CSV or XLSX; an untrusted file."""

import csv
import io
import re
import warnings
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any

from mscp.files.sizes import MostBytes
from mscp.text.days import short
from training.models.programme_lines import Line, Programme, Remark, UnreadableError
from training.programme.columns import COLUMNS, columns_of, is_heading, letter, unescaped
from training.programme.reading import MOST_LINES

MOST = MostBytes(5 * 1024 * 1024, "This file has more than 5 MB. Save the programme alone.")
LARGEST_FILE = MOST.most
# Limits on decompressed bytes and parts of an XLSX: a programme has a fraction of them.
LARGEST_UNPACKED = 25 * 1024 * 1024
MOST_PARTS = 500
# XML elements in all parts together. 2,000 sessions of 22 columns, each cell with a text, are some
# 132,000; openpyxl reads about 400,000 a second, whether or not they are empty.
MOST_ELEMENTS = 400_000
MOST_COLUMNS = 60
LAST_ROW = 20_000
# The last row that may be the row of headings.
HEADING_WITHIN = 15
LONGEST_CELL = 2000

_KINDS = [
    (b"\xd0\xcf\x11\xe0", "an old Excel file (.xls), or one with a password"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
    (b"GIF8", "a picture"),
    (b"RIFF", "a picture or a film"),
    (b"%PDF", "a PDF"),
    (b"{\\rtf", "a text of a word processor"),
    (b"\x1f\x8b", "a compressed file"),
    (b"7z\xbc\xaf", "a compressed file"),
    (b"Rar!", "a compressed file"),
]


@dataclass
class Row:
    """One row of the file."""

    number: int
    cells: list[str]
    # What is wrong with a cell, by its index.
    problems: dict[int, str] = field(default_factory=dict)


def read_sheet(content: bytes) -> Programme:
    """Read a CSV or XLSX file, recognised by its content and not by its name.

    Raises UnreadableError.
    """
    if not content:
        raise UnreadableError("This file is empty.")
    if len(content) > LARGEST_FILE:
        raise UnreadableError(MOST.sentence)
    for start, kind in _KINDS:
        if content.startswith(start):
            raise UnreadableError(
                f"This is {kind}, whatever its name says. Save the programme as XLSX, without a "
                "password, or as CSV."
            )
    programme = Programme()
    is_workbook = content.startswith(b"PK\x03\x04")
    rows = _workbook_rows(content, programme) if is_workbook else _csv_rows(content, programme)
    _read_rows(rows, programme)
    return programme


# --- rows into lines --------------------------------------------------------------------------


def _read_rows(rows: Iterator[Row], programme: Programme) -> None:
    heading, above = _heading(rows)
    columns, unused = columns_of(heading.cells)
    if above:
        texts = "; ".join(f"“{short(_joined(row.cells), 60)}”" for row in above[:5])
        programme.remarks.append(f"Above the headings, and not used: {texts}.")
    programme.remarks += unused
    beyond: set[int] = set()
    for row in rows:
        if not any(row.cells) and not row.problems:
            continue
        if len(programme.lines) == MOST_LINES:
            raise UnreadableError(
                f"Row {row.number} is one too many: an import takes {MOST_LINES:,} sessions at "
                "most. Divide the file."
            )
        line = _line(row, columns)
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


def _heading(rows: Iterator[Row]) -> tuple[Row, list[Row]]:
    """Return the row of headings, and the rows above it."""
    seen: list[Row] = []
    for row in rows:
        if not any(row.cells):
            continue
        if is_heading(row.cells):
            return row, seen
        seen.append(row)
        if row.number > HEADING_WITHIN or len(seen) > HEADING_WITHIN:
            break
    if not seen:
        raise UnreadableError("There is nothing in this file.")
    # The message names what is missing in the most similar row.
    columns_of(max(seen, key=lambda row: sum(1 for cell in row.cells if cell)).cells)
    raise UnreadableError("No row of headings was found.")


def _line(row: Row, columns: dict[int, str]) -> Line:
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
    if (moment := re.fullmatch(r"(\S+) (\d\d:\d\d)", line.date)) and not line.start:
        # A cell of Excel that holds day and time.
        line.date, line.start = moment.groups()
    return line


def _joined(cells: list[str]) -> str:
    return " | ".join(cell for cell in cells if cell)


# --- CSV --------------------------------------------------------------------------------------


def _csv_rows(content: bytes, programme: Programme) -> Iterator[Row]:
    text = _decoded(content, programme)
    if re.match(r"\s*<(?:!doctype|html|\?xml)", text, re.IGNORECASE):
        raise UnreadableError("This is a web page or XML, no CSV file. Save it as XLSX.")
    nul = text.find("\0")
    if nul >= 0:
        raise UnreadableError(
            f"Row {text.count(chr(10), 0, nul) + 1} holds a character that no text has (NUL). The "
            "file is damaged, or no CSV: save it again as XLSX."
        )
    lines = text.splitlines(keepends=True)
    first = 0
    delimiter = ""
    if lines and (declared := re.match(r"sep=(.)\s*$", lines[0])):
        delimiter, first = declared[1], 1
    delimiter = delimiter or _delimiter(lines)
    reader = csv.reader(lines[first:], delimiter=delimiter, strict=True)
    while True:
        number = reader.line_num + first + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise UnreadableError(_csv_problem(number, str(error))) from None
        yield Row(number, [unescaped(cell.strip()) for cell in cells[: MOST_COLUMNS + 1]])


def _csv_problem(number: int, error: str) -> str:
    if "field larger" in error:
        return f"Row {number} has a cell of more than 131,072 characters."
    return (
        f"The quotation marks of row {number} do not match, so where its cells end cannot be told. "
        "Mend the row, or save the file as XLSX."
    )


def _decoded(content: bytes, programme: Programme) -> str:
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        try:
            return content.decode("utf-16")
        except UnicodeDecodeError:
            raise UnreadableError("This file is damaged UTF-16. Save it again.") from None
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        pass
    try:
        text = content.decode("cp1252")
    except UnicodeDecodeError as error:
        before = content[: error.start]
        row = before.count(b"\n") + 1
        place = error.start - (before.rfind(b"\n") + 1) + 1
        raise UnreadableError(
            f"Row {row}, character {place}: this is neither UTF-8 nor the text of Windows. Save "
            "the file as “CSV UTF-8” or XLSX."
        ) from None
    programme.remarks.append(
        "The file is not in UTF-8 and was read as Windows text (cp1252). Look at accents, dashes "
        "and £ signs."
    )
    return text


def _delimiter(lines: list[str]) -> str:
    """Return the delimiter that splits the headings best; the first lines may have a title."""
    start = "".join(lines[:HEADING_WITHIN])
    for delimiter in (",", ";", "\t", "|"):
        try:
            rows = list(csv.reader(io.StringIO(start), delimiter=delimiter))
        except csv.Error:
            continue
        if any(is_heading(row) for row in rows):
            return delimiter
    return max(",;\t", key=start.count)


# --- XLSX -------------------------------------------------------------------------------------

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
_MERGED = re.compile(
    rb'<(?:\w+:)?mergeCell [^>]*?ref="([A-Z]{1,3})(\d{1,7}):([A-Z]{1,3})(\d{1,7})"'
)
_FORMULA = re.compile(rb"<(?:\w+:)?f[ >/]")
MOST_MERGED = 2000


def _workbook_rows(content: bytes, programme: Programme) -> Iterator[Row]:
    _check_parts(content)
    try:
        yield from _sheet_rows(content, programme)
    except _BROKEN as error:
        raise UnreadableError(_NO_WORKBOOK) from error


def _opened(content: bytes, *, data_only: bool = False) -> Any:
    # Imported here: few send one, and openpyxl takes some 20 MB of every worker that loads it.
    from openpyxl import load_workbook

    # Warnings about parts that are not read: validations, drawings, styles. Never by
    # ``catch_warnings``, which is not thread-safe: it restores what another thread has changed.
    warnings.filterwarnings("ignore", module="openpyxl")
    return load_workbook(io.BytesIO(content), read_only=True, data_only=data_only)


def _check_parts(content: bytes) -> None:
    """Check the parts before a parser does: their decompressed size, and their declarations."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            parts = archive.infolist()
            names = {part.filename for part in parts}
            if "xl/workbook.xml" not in names:
                raise UnreadableError(_other_archive(names))
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


def _other_archive(names: set[str]) -> str:
    if "word/document.xml" in names:
        return "This is a Word document. Copy its lines and paste them as text."
    if "content.xml" in names and "mimetype" in names:
        return "This is an OpenDocument file. Save the programme as XLSX or CSV."
    if "xl/workbook.bin" in names:
        return "This is a binary Excel file (.xlsb). Save the programme as XLSX."
    return "This is a compressed file and no spreadsheet. Unpack it and send what is in it."


def _sheet_rows(content: bytes, programme: Programme) -> Iterator[Row]:
    values = _opened(content, data_only=True)
    sheets = [sheet for sheet in values.worksheets if sheet.sheet_state == "visible"]
    if not sheets:
        raise UnreadableError("This workbook has no sheet that can be seen.")
    sheet = next((each for each in sheets if _has_heading(each)), sheets[0])
    others = [f"“{short(each.title)}”" for each in values.worksheets if each is not sheet]
    if others:
        programme.remarks.append(
            f"Only the sheet “{short(sheet.title)}” was read; not used: {', '.join(others[:10])}."
        )
    part = _part_of(content, sheet)
    formulas: Iterable[Any] = iter(())
    if _FORMULA.search(part):
        # A second pass over the same sheet, for the formulas of the cells.
        book = _opened(content)
        formulas = _cells(book[sheet.title])
    yield from _with_merged(_rows_of(_cells(sheet), iter(formulas), programme), _merged_in(part))


def _part_of(content: bytes, sheet: Any) -> bytes:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return archive.read(sheet._worksheet_path)


def _has_heading(sheet: Any) -> bool:
    for number, row in enumerate(_cells(sheet), start=1):
        if is_heading([_text(cell.value)[0] for cell in row]):
            return True
        if number >= HEADING_WITHIN:
            break
    return False


def _cells(sheet: Any) -> Iterator[tuple[Any, ...]]:
    # The size that a sheet declares is not trusted.
    sheet.reset_dimensions()
    yield from sheet.iter_rows(max_col=MOST_COLUMNS)


def _rows_of(rows: Iterator[Any], formulas: Iterator[Any], programme: Programme) -> Iterator[Row]:
    for number, cells in enumerate(rows, start=1):
        if number > LAST_ROW:
            programme.remarks.append(f"Nothing below row {LAST_ROW:,} was read.")
            return
        behind = next(formulas, ())
        row = Row(number, [])
        for index, cell in enumerate(cells):
            text, problem = _text(cell.value)
            if cell.data_type == "e":
                text, problem = "", f"the cell holds the error {cell.value}"
            elif cell.value is None and index < len(behind) and behind[index].data_type == "f":
                problem = (
                    "the cell holds a formula whose result is not stored in the file. Open it in "
                    "your spreadsheet program, save it and send it again; or write the value here"
                )
            row.cells.append(text)
            if problem:
                row.problems[index] = problem
        yield row


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
    return unescaped(str(value).strip()), ""


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
    """Repeat the value of cells merged over several rows in each of them, with a remark."""
    tall = sorted((m for m in merged if m[1] > m[0] and m[3] <= MOST_COLUMNS), key=lambda m: m[0])
    merged_values: list[tuple[int, int, str]] = []
    for row in rows:
        merged_values = [each for each in merged_values if each[0] >= row.number]
        if any(row.cells):
            for _, column, text in merged_values:
                if column < len(row.cells) and text and not row.cells[column]:
                    row.cells[column] = text
                    row.problems[column] = (
                        f"the cell is merged with those above, so it was taken to say "
                        f"“{short(text)}” too"
                    )
        while tall and tall[0][0] <= row.number:
            top, bottom, left, _ = tall.pop(0)
            if top == row.number and left <= len(row.cells):
                merged_values.append((bottom, left - 1, row.cells[left - 1]))
        yield row
