"""Marks: the visible drawn objects of a page, each with its box, and the ruling lines in them."""

import ctypes
from collections.abc import Iterator
from functools import reduce
from itertools import pairwise
from typing import NamedTuple

import pypdfium2.raw as raw
from PIL import Image, ImageChops

from reviews.pdf.drawing import Box, Drawn, Handle, Matrix, Shape, matrix_of

# A page with more objects is a drawing of its own, in which no table can be told from the rest.
MOST_MARKS = 4000
# Segments of one path that are looked at for ruling lines: a grid of 50 by 50 has fewer.
MOST_SEGMENTS = 600
# In points: what is thinner than this is a line, whether the file strokes or fills it.
THICKEST_RULE = 2.5
# Of 255: paper.
WHITE = 248
# In points, the least width and height of a place whose colours are looked at, and the share of it
# that has others than paper where something is drawn.
SMALLEST_PLACE = 6.0
COLOURED = 0.5
# Pixels across and down that are looked at of a larger place.
MOST_LOOKED_AT = 64


class Mark(NamedTuple):
    """One drawn object, in points from the top left corner of the page as displayed."""

    box: Box
    is_picture: bool
    # The colour inside a filled path, or None.
    fill: tuple[int, int, int] | None
    # The straight lines parallel to the sides of the page that it consists of, else none.
    rules: tuple[Box, ...]


def is_tint(fill: tuple[int, int, int]) -> bool:
    """Return whether a colour is so light that it sets rows apart and tells nothing else."""
    return min(fill) > 170 and max(fill) - min(fill) < 70


def marks_of(drawn: Drawn, width: float, height: float) -> list[Mark] | None:
    """Return the marks that can be seen on the page, or None if there are too many."""
    if len(drawn.shapes) > MOST_MARKS:
        return None
    page = Box(0, 0, width, height)
    return [mark for shape in drawn.shapes if (mark := _mark(shape, page, drawn.without_text))]


def _mark(shape: Shape, page: Box, picture: Image.Image | None) -> Mark | None:
    clip = clip_of(shape)
    box = shape.box if clip is None else common(shape.box, clip)
    if box is None or common(box, page) is None:
        return None
    if shape.is_picture:
        return Mark(box, True, None, ())
    kind = raw.FPDFPageObj_GetType(shape.handle)
    if kind != raw.FPDF_PAGEOBJ_PATH:
        return Mark(box, False, None, ())
    fill, stroke = _draw_mode(shape.handle)
    inside = _colour(raw.FPDFPageObj_GetFillColor, shape.handle) if fill else None
    around = _colour(raw.FPDFPageObj_GetStrokeColor, shape.handle) if stroke else None
    shows_fill, shows_line = _is_seen(inside), _is_seen(around)
    if not (shows_fill or shows_line):
        # pdfium tells a gradient as white.
        is_drawn = fill and picture and _is_coloured(box, picture, picture.width / page.right)
        return Mark(box, False, None, ()) if is_drawn else None
    if shows_fill and min(box.right - box.left, box.bottom - box.top) <= THICKEST_RULE:
        return Mark(box, False, None, (box,))
    rules = tuple(_rules(shape)) if shows_line else ()
    if clip is not None:
        rules = tuple(one for rule in rules if (one := common(rule, clip)))
    return Mark(box, False, inside[:3] if inside and shows_fill else None, rules)


def common(one: Box, other: Box) -> Box | None:
    """Return the box that two boxes share; a line has no width or no height."""
    common = Box(
        max(one.left, other.left),
        max(one.top, other.top),
        min(one.right, other.right),
        min(one.bottom, other.bottom),
    )
    return common if common.left <= common.right and common.top <= common.bottom else None


def _is_coloured(box: Box, picture: Image.Image, scale: float) -> bool:
    """Return whether a place of the page as drawn has mostly other colours than paper."""
    if min(box.right - box.left, box.bottom - box.top) < SMALLEST_PLACE:
        return False
    # Without the lines along its edges.
    edges = (box.left + 2, box.top + 2, box.right - 2, box.bottom - 2)
    left, top, right, bottom = (round(edge * scale) for edge in edges)
    left, right = max(left, 0), min(max(right, left + 1), picture.width)
    top, bottom = max(top, 0), min(max(bottom, top + 1), picture.height)
    if left >= right or top >= bottom:
        return False
    size = min(right - left, MOST_LOOKED_AT), min(bottom - top, MOST_LOOKED_AT)
    place = picture.resize(size, Image.Resampling.NEAREST, (left, top, right, bottom))
    darkest = reduce(ImageChops.darker, place.split()).histogram()
    return sum(darkest[:WHITE]) > COLOURED * sum(darkest)


def visible_box(shape: Shape, page: Box) -> Box | None:
    """Return the part of the box of a shape that is neither clipped nor off the page, or None."""
    clip = clip_of(shape)
    box = shape.box if clip is None else common(shape.box, clip)
    return common(box, page) if box else None


def share_painted(shape: Shape) -> float:
    """Return the share of its box that a shape paints, from 0 to 1; of what has holes, not less."""
    kind = raw.FPDFPageObj_GetType(shape.handle)
    if kind != raw.FPDF_PAGEOBJ_PATH:
        return 1.0
    fill, stroke = _draw_mode(shape.handle)
    width, height = shape.box.right - shape.box.left, shape.box.bottom - shape.box.top
    if not fill:
        line = ctypes.c_float()
        raw.FPDFPageObj_GetStrokeWidth(shape.handle, line)
        a, b, c, d, *_ = matrix_of(shape.handle).then(shape.space)
        thick = line.value * abs(a * d - b * c) ** 0.5
        # A marker pen. pdfium adds the whole width of a line to its box, on each side.
        return 1.0 if stroke and thick > 0.45 * min(width, height) else 0.0
    outline = list(_outline(shape))
    if not outline or not shape.box.area:
        return 0.0
    twice = sum(x0 * y1 - x1 * y0 for (x0, y0), (x1, y1) in pairwise([*outline, outline[0]]))
    return min(abs(twice) / 2 / shape.box.area, 1.0)


def _outline(shape: Shape) -> Iterator[tuple[float, float]]:
    """Yield the points of a path, those that steer its curves included."""
    count = raw.FPDFPath_CountSegments(shape.handle)
    if not 0 < count <= MOST_SEGMENTS:
        return
    space = matrix_of(shape.handle).then(shape.space)
    for index in range(count):
        yield _point(raw.FPDFPath_GetPathSegment(shape.handle, index), space)


def _draw_mode(handle: Handle) -> tuple[bool, bool]:
    fill, stroke = ctypes.c_int(), ctypes.c_int()
    raw.FPDFPath_GetDrawMode(handle, fill, stroke)
    return fill.value != raw.FPDF_FILLMODE_NONE, bool(stroke.value)


def _colour(read: object, handle: Handle) -> tuple[int, int, int, int] | None:
    """Return red, green, blue and alpha; of a pattern black, since something may be seen."""
    red, green, blue, alpha = (ctypes.c_uint() for _ in range(4))
    if not read(handle, red, green, blue, alpha):  # type: ignore[operator]
        return (0, 0, 0, 255)
    return red.value, green.value, blue.value, alpha.value


def _is_seen(colour: tuple[int, int, int, int] | None) -> bool:
    return colour is not None and colour[3] > 0 and min(colour[:3]) < WHITE


def clip_of(shape: Shape) -> Box | None:
    """Return the box to which the file clips a shape, or None."""
    within = _clip_of(shape.handle, shape.space)
    for handle, space in shape.forms:
        outer = _clip_of(handle, space)
        if outer:
            # An empty clip hides all: a box without area far off says so too.
            within = outer if within is None else (common(within, outer) or NOWHERE)
    return within


NOWHERE = Box(-1, -1, -1, -1)


def _clip_of(handle: Handle, space: Matrix) -> Box | None:
    clip = raw.FPDFPageObj_GetClipPath(handle)
    if not clip:
        return None
    within: Box | None = None
    for index in range(min(max(raw.FPDFClipPath_CountPaths(clip), 0), 64)):
        count = raw.FPDFClipPath_CountPathSegments(clip, index)
        points = []
        for place in range(min(max(count, 0), MOST_SEGMENTS)):
            segment = raw.FPDFClipPath_GetPathSegment(clip, index, place)
            points.append(_point(segment, space))
        if not points or count > MOST_SEGMENTS:
            continue
        xs, ys = [x for x, _ in points], [y for _, y in points]
        box = Box(min(xs), min(ys), max(xs), max(ys))
        within = box if within is None else (common(within, box) or NOWHERE)
    return within


def _point(segment: object, space: Matrix) -> tuple[float, float]:
    x, y = ctypes.c_float(), ctypes.c_float()
    raw.FPDFPathSegment_GetPoint(segment, x, y)
    a, b, c, d, e, f = space
    return a * x.value + c * y.value + e, b * x.value + d * y.value + f


def _rules(shape: Shape) -> Iterator[Box]:
    """Yield the straight lines of a stroked path, or nothing if it has others."""
    count = raw.FPDFPath_CountSegments(shape.handle)
    if not 0 < count <= MOST_SEGMENTS:
        return
    space = matrix_of(shape.handle).then(shape.space)
    found = []
    start = last = (0.0, 0.0)
    for index in range(count):
        segment = raw.FPDFPath_GetPathSegment(shape.handle, index)
        point = _point(segment, space)
        kind = raw.FPDFPathSegment_GetType(segment)
        if kind == raw.FPDF_SEGMENT_MOVETO:
            start = point
        elif kind == raw.FPDF_SEGMENT_LINETO:
            found.append((last, point))
        else:
            return
        last = point
        if raw.FPDFPathSegment_GetClose(segment) and last != start:
            found.append((last, start))
            last = start
    for (x0, y0), (x1, y1) in found:
        if min(abs(x0 - x1), abs(y0 - y1)) > 0.5:
            return
    for (x0, y0), (x1, y1) in found:
        yield Box(min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1))
