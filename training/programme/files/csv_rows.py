"""Reader of CSV files: their encoding, delimiter and rows."""

import csv
import io
import re
from collections.abc import Iterable, Iterator

from training.models.programme_lines import UnreadableError
from training.programme.columns import is_heading, unescaped
from training.programme.files.rows import MOST_COLUMNS, Row, as_lines

# The last row that may be the row of headings.
HEADING_WITHIN = 15
_DECLARED = re.compile(r'"?sep=(.)"?\s*$')
# The only sign of a cell between tabs, as people type it for a ditto mark.
_DITTO = re.compile(r'(?<![^\t])"(?=[\t\r\n]|$)')
# What it is read as: a word, since the sign itself (U+3003) is in few fonts.
DITTO = "ditto"


def csv_rows(text: str) -> Iterator[Row]:
    """Yield the rows of a text. Raises UnreadableError."""
    nul = text.find("\0")
    if nul >= 0:
        raise UnreadableError(
            f"Row {text.count(chr(10), 0, nul) + 1} holds a character that no text has (NUL). The "
            "file is damaged, or no CSV: save it again as XLSX."
        )
    # A row ends at CR, LF or both; str.splitlines would end it at eight more, also inside cells.
    lines = list(io.StringIO(text, newline=""))
    first = 0
    delimiter = ""
    if lines and (declared := _DECLARED.match(lines[0])):
        delimiter, first = declared[1], 1
    delimiter = delimiter or _delimiter(lines)
    rows = lines[first:] if delimiter != "\t" else _with_ditto_marks(lines[first:])
    reader = csv.reader(rows, delimiter=delimiter, strict=True)
    while True:
        number = reader.line_num + first + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise UnreadableError(_csv_problem(number, str(error))) from None
        texts = (as_lines(cell).strip() for cell in cells[: MOST_COLUMNS + 1])
        yield Row(number, [unescaped(text) for text in texts])


def _with_ditto_marks(lines: Iterable[str]) -> Iterator[str]:
    """Yield lines in which a quote that is a whole cell is a ditto mark, and begins no quoted cell.

    What is copied from a table of Word has such cells. A line in a quoted cell stays as it is, and
    one that has other quotes.
    """
    is_quoted = False
    for line in lines:
        quotes = line.count('"')
        if quotes and not is_quoted and len(_DITTO.findall(line)) == quotes:
            yield _DITTO.sub(DITTO, line)
            continue
        is_quoted ^= quotes % 2 == 1
        yield line


def _csv_problem(number: int, error: str) -> str:
    if "field larger" in error:
        return f"Row {number} has a cell of more than 131,072 characters."
    return (
        f"The quotation marks of row {number} do not match, so where its cells end cannot be told. "
        "Mend the row, or save the file as XLSX."
    )


def _delimiter(lines: list[str]) -> str:
    """Return the delimiter that splits the headings best; the first lines may have a title."""
    start = "".join(lines[:HEADING_WITHIN])
    for delimiter in (",", ";", "\t", "|"):
        try:
            rows = list(csv.reader(io.StringIO(start, newline=""), delimiter=delimiter))
        except csv.Error:
            continue
        if any(is_heading(row) for row in rows):
            return delimiter
    return max(",;\t", key=start.count)
