"""CSV export of a list without paging (RFC 4180), streamed in batches.

It is the one response as long as the list, so its rate is limited: a process writes few exports at
a time, one batch after the other, and rests after each batch as long as it took. However many
requests come, exports leave a process at least half of its time for everything else.
"""

import csv
import re
from array import array
from collections.abc import Callable, Generator, Iterable, Iterator
from functools import partial
from threading import Lock
from time import perf_counter, sleep
from typing import Any, TypeVar

from django.http import HttpRequest, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils.http import content_disposition_header
from django.utils.text import slugify

from mscp.concurrency.limits import Limit, Place, come_again, release_connection
from mscp.database import clock
from mscp.exports.base import Cell, ExportContext, ExportView

# Records that are read and held in memory at a time.
BATCH = 500
# Exports that one process writes at a time; each occupies a thread, a slow reader's for long.
MOST_AT_ONCE = 2
# Seconds.
RETRY_AFTER = 10
LONGEST_REST = 2.0
# Without a byte order mark Excel assumes another encoding than UTF-8.
BOM = "\ufeff"
# What a spreadsheet would run as a formula (OWASP, CSV injection), full-width signs included.
_FORMULA = re.compile(r"[\s\u200b\ufeff]*[=+\-@\t\r\n＝＋－＠]")


def harmless(text: str) -> str:
    """Escape a text that a spreadsheet would run as a formula."""
    # Nearly every cell begins with a letter or a digit.
    return text if text[:1].isalnum() or not _FORMULA.match(text) else f"'{text}"


def _cell_text(cell: Cell) -> str:
    if isinstance(cell, list):
        # Each part, since a spreadsheet may be set to split at semicolons.
        return "; ".join(harmless(part) for part in cell)
    return harmless(cell) if cell else ""


class _Line:
    """A file-like object for csv.writer, whose ``write`` returns the line itself."""

    def write(self, line: str) -> str:
        return line


Result = TypeVar("Result")

_exports = Limit(MOST_AT_ONCE)
_turn = Lock()


class _Stream:
    """An iterator over lines that holds its place until it is closed or garbage-collected."""

    def __init__(self, lines: Generator[str], place: Place) -> None:
        self._lines = lines
        self._place = place

    def __iter__(self) -> Iterator[str]:
        return self._lines

    def close(self) -> None:
        """Stop and free the place. A server also closes it when the reader has hung up."""
        self._lines.close()
        self._place.release()


def _in_turn(work: Callable[[], Result]) -> Result:
    """Do one piece of work at a time in this process, and rest after it as long as it took."""
    with _turn:
        started = perf_counter()
        result = work()
        sleep(min(perf_counter() - started, LONGEST_REST))
    return result


def _taking_turns(batches: Iterable[str]) -> Generator[str]:
    making = iter(batches)
    while (batch := _in_turn(partial(next, making, None))) is not None:
        release_connection()
        yield batch


class CsvView(ExportView):
    own_parameters = ("bom",)

    def get(self, request: HttpRequest) -> HttpResponseBase:
        if (place := _exports.acquire()) is None:
            return come_again("Few exports are written at a time.", RETRY_AFTER)
        # Keys first, eight bytes each, and records batch by batch through the gate. One open query
        # over all would show a slow reader the state in which it began, with what was withdrawn
        # since, and keep SQLite from checkpointing its log.
        keys = _in_turn(lambda: array("q", self.read_filter().keys))
        return self._answer(_Stream(_taking_turns(self._lines(keys)), place))

    def head(self, request: HttpRequest) -> HttpResponseBase:
        return self._answer(())

    def _answer(self, lines: Iterable[str]) -> StreamingHttpResponse:
        response = StreamingHttpResponse(lines)
        response.headers["Content-Type"] = "text/csv; charset=utf-8; header=present"
        name = f"{slugify(self.heading)}-{clock.today().isoformat()}.csv"
        response.headers["Content-Disposition"] = content_disposition_header(True, name) or ""
        return response

    def _lines(self, keys: "array[int]") -> Iterator[str]:
        write = csv.writer(_Line()).writerow
        context = ExportContext(self.request)
        head: Any = write(self.exporter.columns)
        yield f"{BOM}{head}" if self.request.GET.get("bom") == "1" else head
        for first in range(0, len(keys), BATCH):
            records = self.exporter.in_order(list(keys[first : first + BATCH]))
            lines: Any = [
                write([_cell_text(cell) for cell in self.exporter.cells(record, context)])
                for record in records
            ]
            yield "".join(lines)
