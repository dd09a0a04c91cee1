"""Pictures of the pages, drawn by processes of their own: whatever happens to them, the text stays.

What is drawn in SECONDS of processor time is kept and the rest is left out, so no file is refused
for its pictures, and a busy machine draws as many as an idle one. No clock is looked at here.
"""

import io
import os
import resource
import struct
from contextlib import suppress
from pathlib import Path

import pypdfium2 as pdfium
from PIL import Image, WebPImagePlugin  # noqa: F401 - as in reading

from reviews.pdf.drawing import open_document, open_page
from reviews.pdf.limits import end_with_parent
from reviews.pdf.report import (
    LARGEST_PICTURE,
    MOST_PICTURES,
    PICTURE_WIDTH,
    TALLEST_PICTURE,
    picture_name,
)

# Of processor time, in each of two processes.
SECONDS = 30
# The number of pages from which a second process pays off.
PAGES_FOR_TWO = 8
# Tried in this order until a picture is small enough. Small type stays sharp with the first, and a
# page of text takes 35 to 70 KB.
QUALITIES = (30, 10)


def draw_pages(data: bytes, output: Path) -> None:
    """Write a picture of each of the first pages that can be drawn in time; it never fails."""
    with suppress(pdfium.PdfiumError, OSError, MemoryError):
        document = open_document(data)
        count = min(len(document), MOST_PICTURES)
        document.close()
        reader, writer = os.pipe()
        os.write(writer, b"".join(struct.pack("<I", index) for index in range(count)))
        os.close(writer)
        drawers: list[int] = []
        try:
            processes = 2 if count >= PAGES_FOR_TWO else 1
            drawers.extend(_start(data, reader, output) for _ in range(processes))
        finally:
            os.close(reader)
            for drawer in drawers:
                os.waitpid(drawer, 0)


def _start(data: bytes, todo: int, output: Path) -> int:
    """Start a process that draws pages until none is left; return its id."""
    parent = os.getpid()
    if drawer := os.fork():
        return drawer
    try:
        end_with_parent(parent)
        resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS + 5))
        document = open_document(data)
        while packed := os.read(todo, 4):
            # A page that cannot be drawn has no picture.
            with suppress(pdfium.PdfiumError, OSError, ValueError, MemoryError):
                _draw(document, struct.unpack("<I", packed)[0], output)
    finally:
        os._exit(0)


def _draw(document: pdfium.PdfDocument, index: int, output: Path) -> None:
    with open_page(document, index) as page:
        if not (page.width >= 1 and page.height >= 1):
            return
        picture = page.picture(scale=PICTURE_WIDTH / max(page.width, page.height / TALLEST_PICTURE))
    for quality in QUALITIES:
        encoded = io.BytesIO()
        # The next method takes twice the time to save 4 % of the bytes.
        picture.save(encoded, "WEBP", quality=quality, method=2)
        if encoded.tell() <= LARGEST_PICTURE:
            break
    else:
        return
    # Renamed when it is whole: this process may be ended at any moment.
    part = output / f"{picture_name(index + 1)}.part"
    part.write_bytes(encoded.getvalue())
    part.rename(output / picture_name(index + 1))
