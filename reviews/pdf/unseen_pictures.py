"""Pictures of which a page shows little or nothing: cropped, off the page, tiny or without ink.

A crop in Word or PowerPoint, and a box of the page, only hide the rest of a picture.
"""

import ctypes
from collections import defaultdict
from math import ceil, floor

import pypdfium2 as pdfium
import pypdfium2.raw as raw
from PIL import Image

from reviews.pdf.covered_pictures import FEWEST_EDGES, edges_of
from reviews.pdf.drawing import Box, Drawn, Matrix, OpenPage, Shape, matrix_of
from reviews.pdf.ink import visible_box
from reviews.pdf.report import Check, Found

# Pixels on the shorter side of the smallest picture that can show somebody.
FEWEST_PIXELS = 40
# The share of a picture that is seen below which the rest is more than a margin cut off.
MOST_CROPPED = 0.5
# In points, the longer side of a picture that is a speck to the eye.
SPECK = 3.0
# Pixels to which the longer side of a picture is reduced before it is looked at.
LOOKED_AT = 400
# Pixels of the largest picture that is looked at; of a larger one only its place is known.
LARGEST_PICTURE = 40_000_000
# Of one page; what makes more is a program that draws in tiles.
MOST_PICTURES = 12


def look_for_unseen_pictures(page: OpenPage, drawn: Drawn) -> list[Found]:
    page_box = Box(0, 0, page.width, page.height)
    by_picture: dict[tuple[int, int, int], list[tuple[Shape, Box | None]]] = defaultdict(list)
    for shape in drawn.shapes:
        if shape.is_picture:
            by_picture[_identity(shape)].append((shape, visible_box(shape, page_box)))
    details = []
    for (width, height, _), places in by_picture.items():
        if min(width, height) < FEWEST_PIXELS:
            continue
        # One picture can be drawn in parts, or in several places.
        seen = sum(_share_seen(shape, box) for shape, box in places)
        if seen < MOST_CROPPED:
            shape, box = max(places, key=lambda one: one[1].area if one[1] else 0.0)
            details.append((shape, box, seen))
    described = dict.fromkeys(
        _in_words(shape, box, seen)
        for shape, box, seen in details[:MOST_PICTURES]
        if _shows_something_more(shape, box if seen else None)
    )
    return [Found(Check.UNSEEN_PICTURE, page.number, list(described))] if described else []


def _identity(shape: Shape) -> tuple[int, int, int]:
    """Return what two drawings of one picture have in common: its size in pixels and in bytes."""
    width, height = ctypes.c_uint(), ctypes.c_uint()
    raw.FPDFImageObj_GetImagePixelSize(shape.handle, width, height)
    if min(width.value, height.value) < FEWEST_PIXELS:
        return 0, 0, 0
    length: int = raw.FPDFImageObj_GetImageDataRaw(shape.handle, None, 0)
    return width.value, height.value, length


def _share_seen(shape: Shape, box: Box | None) -> float:
    if not box or _is_speck(shape.box):
        return 0.0
    return box.area / shape.box.area if shape.box.area else 1.0


def _is_speck(box: Box) -> bool:
    return max(box.right - box.left, box.bottom - box.top) < SPECK


def _in_words(shape: Shape, box: Box | None, seen: float) -> str:
    if _is_speck(shape.box):
        return "a picture too small to be seen"
    if not box or not box.area:
        return "a picture beyond the edge of its frame or of the page"
    return f"a picture of which {max(round(100 * seen), 1)} % can be seen"


def _shows_something_more(shape: Shape, seen: Box | None) -> bool:
    """Return whether anything is to be seen in a picture beyond what its page shows."""
    width, height, _ = _identity(shape)
    if width * height > LARGEST_PICTURE:
        return True
    picture = _decoded(shape)
    if picture is None:
        return False
    edges = edges_of(picture)
    if seen:
        edges.paste(0, _pixels(seen, shape, picture.size))
    return edges.histogram()[255] >= FEWEST_EDGES


def _decoded(shape: Shape) -> Image.Image | None:
    """Return a picture in greys, reduced; None if it cannot be decoded."""
    bitmap = raw.FPDFImageObj_GetBitmap(shape.handle)
    if not bitmap:
        return None
    wrapped = pdfium.PdfBitmap.from_raw(bitmap)
    picture: Image.Image = wrapped.to_pil()
    reduced = picture.reduce(max(max(picture.size) // LOOKED_AT, 1)).convert("L")
    wrapped.close()
    return reduced


def _pixels(box: Box, shape: Shape, size: tuple[int, int]) -> tuple[int, int, int, int]:
    """Return the pixels of a picture that are shown in a box of the page."""
    a, b, c, d, e, f = matrix_of(shape.handle).then(shape.space)
    area = a * d - b * c
    if not area:
        return 0, 0, 0, 0
    # From the page to the unit square of the picture (ISO 32000-1, 8.9.5.1), whose top is at 1.
    inverse = Matrix(
        d / area, -b / area, -c / area, a / area, (c * f - d * e) / area, (b * e - a * f) / area
    )
    unit = inverse.box(box.left, box.top, box.right, box.bottom)
    width, height = size
    left, right = floor(unit.left * width) - 1, ceil(unit.right * width) + 1
    top, bottom = floor((1 - unit.bottom) * height) - 1, ceil((1 - unit.top) * height) + 1
    return max(left, 0), max(top, 0), min(right, width), min(bottom, height)
