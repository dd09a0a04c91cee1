"""The programme as a spreadsheet that can be imported again, and then adds and changes nothing."""

import csv
import io
from collections.abc import Iterable, Iterator
from typing import Any

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter

from training.models import Session
from training.programme.columns import COLUMNS, escaped

_WIDTHS = {"title": 50, "venue": 40, "note": 40, "booking": 30, "joining": 30, "audience": 30}


def _cells(session: Session) -> dict[str, Any]:
    """Return what a session says of itself, by column; days and times as such."""
    return {
        "title": session.course.title,
        "date": session.start_date,
        "end_date": session.end_date,
        "start": session.start_time,
        "end": session.end_time,
        "delivery": session.get_delivery_display(),
        "joining": session.joining_url,
        "venue": ", ".join(filter(None, [session.venue.name, *session.venue.address_lines]))
        if session.venue
        else "",
        "places": session.get_places_display(),
        "booking": session.booking_email or session.booking_url,
        "closes": session.booking_closes,
        "audience": "; ".join(audience.name for audience in session.course.audiences.all()),
        "note": session.note,
    }


def sessions_of(sessions: Any) -> Any:
    """Read what an export writes, in a fixed number of queries."""
    return (
        sessions.select_related("course", "venue")
        .prefetch_related("course__audiences")
        .order_by("start_date", "start_time", "pk")
    )


def as_csv(sessions: Iterable[Session]) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(label for label, _ in COLUMNS.values())
    for session in sessions:
        cells = _cells(session)
        writer.writerow(_text(cells[name]) for name in COLUMNS)
    # With the mark by which Excel knows UTF-8.
    return text.getvalue().encode("utf-8-sig")


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        return escaped(value)
    return value.strftime("%H:%M") if hasattr(value, "hour") else value.strftime("%d/%m/%Y")


def as_xlsx(sessions: Iterable[Session]) -> bytes:
    book = Workbook(write_only=True)
    sheet: Any = book.create_sheet("Programme")
    sheet.freeze_panes = "A2"
    for index, name in enumerate(COLUMNS, start=1):
        sheet.column_dimensions[get_column_letter(index)].width = _WIDTHS.get(name, 16)
    sheet.append(list(_headings(sheet)))
    for session in sessions:
        cells = _cells(session)
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
    # A text whatever it begins with: nothing of it is a formula.
    cell.data_type = "s"
    cell.quotePrefix = text != value or text[:1] in "=+-@"
    return cell
