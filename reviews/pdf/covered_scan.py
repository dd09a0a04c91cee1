"""Boxes drawn over a scanned page: the picture below them is still complete in the file."""

from typing import Any

import pypdfium2.raw as raw
from PIL import Image

from reviews.pdf.drawing import Box, Drawn, OpenPage, Shape
from reviews.pdf.hidden_text import READABLE, scan_of
from reviews.pdf.report import Check, Found

# In points: anything smaller is not a word. A larger share of the page is its background.
NARROWEST, LOWEST = 8, 4
LARGEST_SHARE = 0.8
MOST_BOXES = 200


def look_under_boxes(page: OpenPage, drawn: Drawn) -> list[Found]:
    """Compare a scanned page with and without its boxes. It must not be drawn again after."""
    scan = scan_of(page, drawn)
    if scan is None:
        return []
    boxes = [shape for shape in drawn.shapes if _may_cover(shape, scan, drawn)][:MOST_BOXES]
    if not boxes:
        return []
    shown = page.picture(annotations=False)
    for shape in boxes:
        raw.FPDFPageObj_SetFillColor(shape.handle, 0, 0, 0, 0)
        raw.FPDFPageObj_SetStrokeColor(shape.handle, 0, 0, 0, 0)
    bare = page.picture(annotations=False)
    hiding = [
        shape
        for shape in boxes
        if _contrast(shown, shape.box, page.scale) < READABLE
        and _contrast(bare, shape.box, page.scale) >= READABLE
    ]
    if not hiding:
        return []
    count = "a box" if len(hiding) == 1 else f"{len(hiding)} boxes"
    detail = f"{count} over the scanned page; the picture below is still in the file"
    return [Found(Check.COVERED_TEXT, page.number, [detail])]


def _may_cover(shape: Shape, scan: Box, drawn: Drawn) -> bool:
    order = next(other.order for other in drawn.shapes if other.is_picture and other.box == scan)
    box = shape.box
    return (
        not shape.is_picture
        and shape.order > order
        and box.right - box.left >= NARROWEST
        and box.bottom - box.top >= LOWEST
        and box.share_within(scan) > 0.9
        and box.area < LARGEST_SHARE * scan.area
    )


def _contrast(picture: Image.Image, box: Box, scale: float) -> int:
    """Return the difference between the darkest and lightest pixel of an area, of 255."""
    width, height = picture.size
    # One pixel inside, so that the edge of the box itself does not count.
    left, top = min(int(box.left * scale) + 1, width - 1), min(int(box.top * scale) + 1, height - 1)
    right, bottom = (
        max(int(box.right * scale) - 1, left + 1),
        max(int(box.bottom * scale) - 1, top + 1),
    )
    place: Any = picture.crop((left, top, min(right, width), min(bottom, height))).convert("L")
    darkest, lightest = place.getextrema()
    return int(lightest - darkest)
