"""Pictures under boxes: what a box hides of a scan or a photo is still complete in the file.

A page is rendered with and without what lies over its pictures. A box hides something if the page
is plain where it was painted, and below it the picture has edges that are no boxes of its own.
"""

from collections.abc import Iterator
from itertools import groupby
from typing import Any, NamedTuple

from PIL import Image, ImageChops, ImageFilter

from reviews.pdf.contrast import painted, seen_edges
from reviews.pdf.drawing import Box, Drawn, OpenPage, Shape
from reviews.pdf.hidden_text import PAGE_COLOUR, READABLE, scan_of
from reviews.pdf.ink import share_painted, visible_box
from reviews.pdf.report import Check, Found

# In points: anything smaller is no word and no face.
NARROWEST, LOWEST = 8, 4
# In points, the shorter side of the smallest picture that can show somebody.
SMALLEST_PICTURE = 18
# The share of its own box that a box, a circle or a thick line paints at least; a sign paints less.
SOLID = 0.6
# The share of a box over pictures from which it was drawn for them, and of a picture under a box
# from which the picture is gone.
FOR_PICTURES = 0.6
GONE = 0.95
# Pixels of edges, at one a point: a word has more.
FEWEST_EDGES = 16
# The share of the edges below a box that can be seen through it, from which nothing is hidden.
SEEN_THROUGH = 0.05
MOST_BOXES = 200
MOST_PICTURES = 100


class _Picture(NamedTuple):
    order: int
    box: Box


class _Cover(NamedTuple):
    """A place where pictures may be hidden by something over them."""

    place: Box
    is_page_colour: bool


def look_under_boxes(page: OpenPage, drawn: Drawn) -> list[Found]:
    """Compare the pictures of a page with and without what covers them."""
    page_box = Box(0, 0, page.width, page.height)
    pictures = _pictures(drawn, page_box)
    if not pictures:
        return []
    page.hide_icons()
    shown = page.without_text(drawn)
    covers: list[_Cover] = []
    shapes: list[Shape] = []
    for shape in drawn.shapes:
        if len(covers) < MOST_BOXES and (cover := _cover(shape, pictures, page_box)):
            covers.append(cover)
            shapes.append(shape)
    covers += [
        cover
        for kind, box in drawn.annotations
        if kind != "Link" and (cover := _cover_at(box, pictures, page_box))
    ]
    if not covers:
        return []
    for shape in shapes:
        shape.hide()
    bare = page.picture(annotations=False)
    for shape in shapes:
        shape.show()
    hiding = [cover for cover in covers if _hides(cover.place, shown, bare, page.scale)]
    return list(_findings(hiding, scan_of(page, drawn), page.number))


def _findings(covers: list[_Cover], scan: Box | None, number: int) -> Iterator[Found]:
    of_scan = [x for x in covers if scan and x.place.share_within(scan) > 0.9]
    of_scan = [x for x in of_scan if not x.is_page_colour]
    others = [x for x in covers if x not in of_scan]
    for check, own, what in (
        (Check.COVERED_TEXT, of_scan, "the scanned page"),
        (Check.COVERED_PICTURE, [x for x in others if not x.is_page_colour], "a picture"),
    ):
        if own:
            count = "a box" if len(own) == 1 else f"{len(own)} boxes"
            detail = f"{count} over {what}; the picture below is still in the file"
            yield Found(check, number, [detail])
    if any(x.is_page_colour for x in covers):
        yield Found(Check.UNDER_PAGE_COLOUR, number, ["a picture"])


def _pictures(drawn: Drawn, page: Box) -> list[_Picture]:
    """Return the pictures that are large enough to show somebody, in painting order."""
    pictures = [
        _Picture(shape.order, box)
        for shape in drawn.shapes
        if shape.is_picture and (box := visible_box(shape, page)) and _is_of_a_size(box)
    ]
    return pictures[:MOST_PICTURES]


def _is_of_a_size(box: Box) -> bool:
    return min(box.right - box.left, box.bottom - box.top) >= SMALLEST_PICTURE


def _cover(shape: Shape, pictures: list[_Picture], page: Box) -> _Cover | None:
    below = [one for one in pictures if one.order < shape.order and one.box.touches(shape.box)]
    # The costly questions last: a page can have thousands of shapes.
    if not below or not _cover_at(shape.box, below, page) or share_painted(shape) < SOLID:
        return None
    box = visible_box(shape, page)
    return _cover_at(box, below, page) if box else None


def _cover_at(box: Box, pictures: list[_Picture], page: Box) -> _Cover | None:
    if box.right - box.left < NARROWEST or box.bottom - box.top < LOWEST:
        return None
    is_page_colour = page.share_within(box) > PAGE_COLOUR
    if not is_page_colour and sum(box.share_within(one.box) for one in pictures) > FOR_PICTURES:
        return _Cover(box, False)
    gone = [one.box for one in pictures if one.box.share_within(box) > GONE]
    return _Cover(max(gone, key=lambda one: one.area), is_page_colour) if gone else None


# --- pixels ---------------------------------------------------------------------------------------


def _hides(place: Box, shown: Image.Image, bare: Image.Image, scale: float) -> bool:
    """Return whether something can be seen at a place of the bare page that is plain as shown."""
    width, height = shown.size
    # One pixel inside, so that the edge of the box itself does not count.
    left, top = max(int(place.left * scale) + 1, 0), max(int(place.top * scale) + 1, 0)
    right = min(int(place.right * scale) - 1, width)
    bottom = min(int(place.bottom * scale) - 1, height)
    if right - left < 3 or bottom - top < 3:
        return False
    above, below = (one.crop((left, top, right, bottom)) for one in (shown, bare))
    change = painted(above, below).point(_ANY)
    if not change.getbbox() or not _is_plain(above.convert("L"), change):
        return False
    grey = below.convert("L")
    around = change.filter(ImageFilter.MaxFilter(5))
    edges = ImageChops.multiply(edges_of(grey), around)
    count = edges.histogram()[255]
    if count < FEWEST_EDGES or _is_of_boxes(grey, edges):
        return False
    # Through a thin colour the picture can still be seen, away from the edges of the box itself.
    inner = ImageChops.multiply(edges, around.filter(ImageFilter.MinFilter(9)))
    through = ImageChops.multiply(inner, seen_edges(above))
    return through.histogram()[255] <= SEEN_THROUGH * inner.histogram()[255]


_ANY = [0] + [255] * 255
_SHARP = [255 if step >= READABLE else 0 for step in range(256)]


def _is_plain(grey: Image.Image, mask: Image.Image) -> bool:
    """Return whether nine tenths of a masked picture have nearly one shade."""
    counts = grey.histogram(mask)
    few = sum(counts) / 20
    darkest = lightest = None
    total = 0
    for shade, count in enumerate(counts):
        total += count
        if darkest is None and total > few:
            darkest = shade
        if total < sum(counts) - few:
            lightest = shade
    return (lightest or 0) - (darkest or 0) < READABLE


def edges_of(grey: Image.Image) -> Image.Image:
    """Return where neighbouring pixels differ so much that a letter could be read."""
    lightest = grey.filter(ImageFilter.MaxFilter(3))
    return ImageChops.subtract(lightest, grey.filter(ImageFilter.MinFilter(3))).point(_SHARP)


def _is_of_boxes(grey: Image.Image, edges: Image.Image) -> bool:
    """Return whether all edges in a picture are those of upright boxes.

    That is what is left under a box where a smaller one was burnt into the scan.
    """
    # Few files have such a place, and to load this takes longer than to look at a page.
    from PIL import ImageDraw

    darkest, lightest = _extremes(grey)
    middle = (darkest + lightest) // 2
    for dark in (True, False):
        ink = grey.point([255 if (shade <= middle) is dark else 0 for shade in range(256)])
        rest = edges.copy()
        pen = ImageDraw.Draw(rest)
        for left, top, right, bottom in _boxes(ink):
            if right - left >= NARROWEST and bottom - top >= LOWEST:
                pen.rectangle((left - 2, top - 2, right + 1, bottom + 1), outline=0, width=4)
        if rest.histogram()[255] < FEWEST_EDGES:
            return True
    return False


def _boxes(ink: Image.Image) -> Iterator[tuple[int, int, int, int]]:
    """Yield the boxes of the parts that empty rows, then empty columns, part from each other."""
    width, _ = ink.size
    for top, bottom in _runs(ink.getprojection()[1]):
        for left, right in _runs(ink.crop((0, top, width, bottom)).getprojection()[0]):
            part = ink.crop((left, top, right, bottom)).getbbox()
            if part:
                yield left + part[0], top + part[1], left + part[2], top + part[3]


def _runs(filled: list[int]) -> Iterator[tuple[int, int]]:
    for is_filled, run in groupby(enumerate(filled), key=lambda one: bool(one[1])):
        places = [place for place, _ in run]
        if is_filled:
            yield places[0], places[-1] + 1


def _extremes(grey: Image.Image) -> tuple[int, int]:
    extremes: Any = grey.getextrema()
    darkest, lightest = extremes
    return darkest, lightest
