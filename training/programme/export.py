"""Export of the programme as a spreadsheet; importing it again adds and changes nothing."""

import csv
import io
from collections.abc import Iterable
from datetime import time

from training.models import Session
from training.models.sessions import SessionQuerySet
from training.programme.cells import Cell, cells_of
from training.programme.columns import COLUMNS, escaped


def sessions_of(sessions: SessionQuerySet) -> SessionQuerySet:
    """Load what an export writes, in a fixed number of queries."""
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
        cells = cells_of(session)
        writer.writerow(_text(cells[name]) for name in COLUMNS)
    # With the byte order mark by which Excel recognises UTF-8.
    return text.getvalue().encode("utf-8-sig")


def _text(value: Cell) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        return escaped(value)
    return value.strftime("%H:%M" if isinstance(value, time) else "%d/%m/%Y")


def as_xlsx(sessions: Iterable[Session]) -> bytes:
    # Imported here: few ask for one, and openpyxl takes some 20 MB of every worker that loads it.
    from training.programme import workbook

    return workbook.written(sessions)
