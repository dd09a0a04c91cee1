"""A whole list as CSV (RFC 4180), sent line by line."""

import csv
import re
from array import array
from collections.abc import Iterable, Iterator
from typing import Any

from django.http import StreamingHttpResponse
from django.utils.http import content_disposition_header
from django.utils.text import slugify

from mscp import clock
from mscp.exports import Cell, ExportView, Source

# So many records are read and held at a time.
BATCH = 500
# Without it Excel takes the file for another encoding than UTF-8.
BOM = "\ufeff"
# What a spreadsheet would run as a formula (OWASP, CSV injection), full-width signs included.
_FORMULA = re.compile(r"[\s\u200b\ufeff]*[=+\-@\t\r\n＝＋－＠]")


def harmless(text: str) -> str:
    """Keep a spreadsheet from taking the text for a formula."""
    # Nearly every cell begins with a letter or a digit.
    return text if text[:1].isalnum() or not _FORMULA.match(text) else f"'{text}"


def _written(cell: Cell) -> str:
    if isinstance(cell, list):
        # Each part, since a spreadsheet may be set to divide at semicolons.
        return "; ".join(harmless(part) for part in cell)
    return harmless(cell) if cell else ""


class _Line:
    """Stands in for a file: the writer's answer is the line itself."""

    def write(self, line: str) -> str:
        return line


class CsvView(ExportView):
    own_parameters = ("bom",)

    def get(self, request: Any) -> StreamingHttpResponse:
        # Keys first, eight bytes each, and records batch by batch through the gate. One open query
        # over all would go on showing the moment it began to a slow reader, with what was withdrawn
        # since, and keep SQLite from tidying up its log.
        return self._answer(self._lines(array("q", self.read_filter().keys)))

    def head(self, request: Any) -> StreamingHttpResponse:
        return self._answer(())

    def _answer(self, lines: Iterable[str]) -> StreamingHttpResponse:
        response = StreamingHttpResponse(lines)
        response.headers["Content-Type"] = "text/csv; charset=utf-8; header=present"
        name = f"{slugify(self.heading)}-{clock.today().isoformat()}.csv"
        response.headers["Content-Disposition"] = content_disposition_header(True, name) or ""
        return response

    def _lines(self, keys: "array[int]") -> Iterator[str]:
        write = csv.writer(_Line()).writerow
        source = Source(self.request)
        head: Any = write(self.rows.columns)
        yield f"{BOM}{head}" if self.request.GET.get("bom") == "1" else head
        for first in range(0, len(keys), BATCH):
            records = self.rows.in_order(list(keys[first : first + BATCH]))
            lines: Any = [
                write([_written(cell) for cell in self.rows.cells(record, source)])
                for record in records
            ]
            yield "".join(lines)
