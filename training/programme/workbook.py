"""XLSX workbook of the programme."""

import io
from collections.abc import Iterable, Iterator
from typing import Any

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter

from training.models import Session
from training.programme.cells import cells_of
from training.programme.columns import COLUMNS, escaped

_WIDTHS = {
    "title": 50,
    "venue": 40,
    "note": 40,
    "booking": 30,
    "joining": 30,
    "audience": 30,
    "trainer": 30,
}


def written(sessions: Iterable[Session]) -> bytes:
    book = Workbook(write_only=True)
    sheet: Any = book.create_sheet("Programme")
    sheet.freeze_panes = "A2"
    for index, name in enumerate(COLUMNS, start=1):
        sheet.column_dimensions[get_column_letter(index)].width = _WIDTHS.get(name, 16)
    sheet.append(list(_headings(sheet)))
    for session in sessions:
        cells = cells_of(session)
        sheet.append([_cell(sheet, cells[name]) for name in COLUMNS])
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


def _headings(sheet: Any) -> Iterator[Any]:
    for label, _ in COLUMNS.values():
        cell = WriteOnlyCell(sheet, label)
        cell.font = Font(bold=True)
        yield cell


def _cell(sheet: Any, value: Any) -> Any:
    if value in (None, ""):
        return None
    if not isinstance(value, str):
        cell = WriteOnlyCell(sheet, value)
        cell.number_format = "hh:mm" if hasattr(value, "hour") else "dd/mm/yyyy"
        return cell
    text = ILLEGAL_CHARACTERS_RE.sub("", escaped(value, runs=False))
    cell = WriteOnlyCell(sheet, text)
    # Always a text: never a formula.
    cell.data_type = "s"
    cell.quotePrefix = text != value or text[:1] in "=+-@"
    return cell
