"""Pages in pdfium: the objects drawn on them, their order, and the rendered pixels."""

import ctypes
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, NamedTuple, TypeAlias

import pypdfium2 as pdfium
import pypdfium2.raw as raw
from PIL import Image

# A page of paper at one pixel a point; larger ones are drawn smaller.
MOST_PIXELS = 9_000_000
MOST_OBJECTS = 200_000
DEEPEST_NESTING = 12
# Path segments in the outlines of a few letters.
FEWEST_SEGMENTS = 12


class Box(NamedTuple):
    """A box in points from the top left corner of the page as displayed."""

    left: float
    top: float
    right: float
    bottom: float

    @property
    def area(self) -> float:
        return max(self.right - self.left, 0) * max(self.bottom - self.top, 0)

    def touches(self, other: "Box") -> bool:
        return (
            self.left <= other.right
            and other.left <= self.right
            and self.top <= other.bottom
            and other.top <= self.bottom
        )

    def share_within(self, other: "Box") -> float:
        """Return the share of this box within another, from 0 to 1."""
        width = min(self.right, other.right) - max(self.left, other.left)
        height = min(self.bottom, other.bottom) - max(self.top, other.top)
        if width <= 0 or height <= 0:
            return 0.0
        return width * height / self.area if self.area else 1.0


class Matrix(NamedTuple):
    """An affine map, as in ISO 32000-1, 8.3.3."""

    a: float = 1
    b: float = 0
    c: float = 0
    d: float = 1
    e: float = 0
    f: float = 0

    def then(self, outer: "Matrix") -> "Matrix":
        return Matrix(
            self.a * outer.a + self.b * outer.c,
            self.a * outer.b + self.b * outer.d,
            self.c * outer.a + self.d * outer.c,
            self.c * outer.b + self.d * outer.d,
            self.e * outer.a + self.f * outer.c + outer.e,
            self.e * outer.b + self.f * outer.d + outer.f,
        )

    def box(self, left: float, bottom: float, right: float, top: float) -> Box:
        """Return the upright bounding box of a mapped box."""
        xs = [self.a * x + self.c * y + self.e for x in (left, right) for y in (bottom, top)]
        ys = [self.b * x + self.d * y + self.f for x in (left, right) for y in (bottom, top)]
        return Box(min(xs), min(ys), max(xs), max(ys))


_NO_CHANGE = Matrix()

# pdfium's handle of an object that it owns.
Handle: TypeAlias = "ctypes._Pointer[ctypes.Structure]"


@dataclass
class Shape:
    """A drawn object that can cover text: a filled path, a picture, a shading."""

    order: int
    box: Box
    is_picture: bool
    handle: Handle
    # Whether it can be letters drawn as outlines: more than a box, a line or a simple sign.
    is_outline: bool = False
    # The map from the space that it is drawn in, the page's or a form's, to the page as displayed.
    space: Matrix = _NO_CHANGE
    # The forms that it is part of, each with the map from the space that it is drawn in.
    forms: "tuple[tuple[Handle, Matrix], ...]" = ()

    def hide(self) -> None:
        """Leave it out of later renderings. No file is changed."""
        raw.FPDFPageObj_SetIsActive(self.handle, False)

    def show(self) -> None:
        """Render it again, as the file does."""
        raw.FPDFPageObj_SetIsActive(self.handle, True)


@dataclass
class TextObject:
    """One text object of the file."""

    order: int
    handle: Handle
    mode: int
    is_unpainted: bool
    # Whether its letters only clip what is painted after them.
    is_frame: bool
    is_layered: bool
    is_artifact: bool
    colour: tuple[int, int, int]
    alpha: int
    content_id: int
    # Within a form XObject: the box of the text, and the map from the form's space to the page.
    form: tuple[Box, Matrix] | None = None


@dataclass
class Drawn:
    """The objects of a page in painting order."""

    texts: dict[int, TextObject] = field(default_factory=dict)
    shapes: list[Shape] = field(default_factory=list)
    annotations: list[tuple[str, Box]] = field(default_factory=list)
    count: int = 0
    # The page as displayed without its texts, once it was rendered.
    without_text: Image.Image | None = None


_ANNOTATIONS = {raw.FPDF_ANNOT_REDACT: "Redact", raw.FPDF_ANNOT_LINK: "Link"}
# Drawn as a small sign at the place that a note or a file belongs to, not over what it shall hide.
_ICONS = {raw.FPDF_ANNOT_TEXT, raw.FPDF_ANNOT_FILEATTACHMENT, raw.FPDF_ANNOT_SOUND}
_ICONS |= {raw.FPDF_ANNOT_POPUP}


def address_of(handle: Handle) -> int:
    return ctypes.addressof(handle.contents)


def plain(function: Any, result: type, *arguments: type) -> Callable[..., Any]:
    """Return a function of pdfium with plain numbers for pointers.

    pypdfium2 wraps each pointer in an object, which is slow for functions called very often.
    """
    address = ctypes.cast(function, ctypes.c_void_p).value or 0
    return ctypes.CFUNCTYPE(result, *arguments)(address)


def unchecked(function: Any, result: type) -> Callable[..., Any]:
    """Return a function of pdfium that takes any C int, and pointers wrapped as such.

    For what is called for every letter: converting the arguments takes as long as the call.
    """
    return ctypes.CFUNCTYPE(result)(ctypes.cast(function, ctypes.c_void_p).value or 0)


# Called for every child of every element that has a part on a page: thousands in a long file.
_pointer, _int = ctypes.c_void_p, ctypes.c_int
_child = plain(raw.FPDF_StructElement_GetChildAtIndex, _pointer, _pointer, _int)
_child_number = plain(raw.FPDF_StructElement_GetChildMarkedContentID, _int, _pointer, _int)


class OpenPage:
    """One page of an open file. Close it, or use ``open_page``."""

    def __init__(self, document: pdfium.PdfDocument, index: int) -> None:
        self.number = index + 1
        self.page = document[index]
        self.width, self.height = self.page.get_size()
        left, bottom, right, top = self.page.get_bbox()
        # From the user space of the page to points from its top left corner as displayed.
        self.to_shown = {
            0: Matrix(1, 0, 0, -1, -left, top),
            90: Matrix(0, 1, 1, 0, -bottom, -left),
            180: Matrix(-1, 0, 0, 1, right, -bottom),
            270: Matrix(0, -1, -1, 0, top, right),
        }[self.page.get_rotation()]

    def picture(
        self,
        scale: float | None = None,
        *,
        annotations: bool = True,
        type_of_fields: bool = False,
        within: Box | None = None,
    ) -> Image.Image:
        """Render the page as displayed, or a box of it, with or without its comments and fields.

        pdfium smooths the type of fields with colours, and that of pages only on request.
        """
        scale = self.scale if scale is None else scale
        if not (self.width * scale > 0 and self.height * scale > 0):
            # A page of no width or height shows nothing.
            return Image.new("RGB", (1, 1), "white")
        bitmap = self.page.render(
            scale=scale,
            crop=self._edges(within) if within else (0, 0, 0, 0),
            may_draw_forms=annotations,
            draw_annots=annotations,
            optimize_mode="lcd" if type_of_fields else None,
            # Four bytes a pixel in the order of Pillow, which then unpacks none: a sixth quicker.
            prefer_bgrx=True,
            rev_byteorder=True,
        )
        # What Pillow makes of it shares its memory.
        picture: Image.Image = bitmap.to_pil().convert("RGB")
        bitmap.close()
        return picture

    def without_text(self, drawn: Drawn) -> Image.Image:
        """Return the page as displayed without its texts, which are hidden from then on."""
        if drawn.without_text is None:
            self.paint_no_text(drawn.texts.values())
            drawn.without_text = self.picture()
        return drawn.without_text

    def _edges(self, box: Box) -> tuple[float, float, float, float]:
        """Return how much lies left, below, right and above of a box, as pypdfium2 wants it."""
        return box.left, self.height - box.bottom, self.width - box.right, box.top

    @property
    def scale(self) -> float:
        """Return pixels per point: one, or less if the page would not fit the memory."""
        area = max(self.width * self.height, 1.0)
        scale: float = min(1.0, (MOST_PIXELS / area) ** 0.5)
        return scale

    def drawn(self) -> Drawn:
        found = Drawn()
        count = raw.FPDFPage_CountObjects(self.page)
        for index in range(count):
            self._collect(found, raw.FPDFPage_GetObject(self.page, index), self.to_shown, ())
        found.annotations = list(self._annotations())
        return found

    def _collect(
        self,
        found: Drawn,
        handle: Handle,
        outer: Matrix,
        forms: tuple[tuple[Handle, Matrix], ...],
    ) -> None:
        found.count += 1
        if found.count > MOST_OBJECTS or not handle:
            return
        kind = raw.FPDFPageObj_GetType(handle)
        if kind == raw.FPDF_PAGEOBJ_TEXT:
            text = found.texts[address_of(handle)] = _text_object(handle, found.count)
            if forms and (box := _bounds(handle, outer)):
                text.form = box, outer
        elif kind == raw.FPDF_PAGEOBJ_FORM and len(forms) < DEEPEST_NESTING:
            inner = matrix_of(handle).then(outer)
            within = (*forms, (handle, outer))
            for index in range(max(raw.FPDFFormObj_CountObjects(handle), 0)):
                self._collect(found, raw.FPDFFormObj_GetObject(handle, index), inner, within)
        elif _covers(handle, kind) and (box := _bounds(handle, outer)):
            is_outline = (
                kind == raw.FPDF_PAGEOBJ_PATH
                and raw.FPDFPath_CountSegments(handle) >= FEWEST_SEGMENTS
            )
            is_picture = kind == raw.FPDF_PAGEOBJ_IMAGE
            found.shapes.append(
                Shape(found.count, box, is_picture, handle, is_outline, outer, forms)
            )

    def _annotations(self) -> Iterator[tuple[str, Box]]:
        """Yield the kind and the box of each annotation that can cover something."""
        for kind, annotation in self._open_annotations():
            rectangle = raw.FS_RECTF()
            if kind not in _ICONS and raw.FPDFAnnot_GetRect(annotation, rectangle):
                box = self.to_shown.box(
                    rectangle.left, rectangle.bottom, rectangle.right, rectangle.top
                )
                yield (_ANNOTATIONS.get(kind, ""), box)

    def hide_icons(self) -> None:
        """Leave the signs of notes and files out of later renderings. No file is changed."""
        for kind, annotation in self._open_annotations():
            if kind in _ICONS:
                flags = raw.FPDFAnnot_GetFlags(annotation) | raw.FPDF_ANNOT_FLAG_HIDDEN
                raw.FPDFAnnot_SetFlags(annotation, flags)

    def _open_annotations(self) -> Iterator[tuple[int, Handle]]:
        for index in range(raw.FPDFPage_GetAnnotCount(self.page)):
            annotation = raw.FPDFPage_GetAnnot(self.page, index)
            if annotation:
                yield raw.FPDFAnnot_GetSubtype(annotation), annotation
                raw.FPDFPage_CloseAnnot(annotation)

    def paint_no_text(self, texts: Iterable[TextObject]) -> None:
        """Hide these texts in later renderings. No file is changed."""
        for text in texts:
            raw.FPDFTextObj_SetTextRenderMode(text.handle, raw.FPDF_TEXTRENDERMODE_INVISIBLE)

    def paint_text(self, text: TextObject) -> None:
        """Render this text again, as the file does."""
        raw.FPDFTextObj_SetTextRenderMode(text.handle, text.mode)

    def roles(self) -> dict[int, str]:
        """Return the role that the tags give to each marked content of the page, by its id."""
        tree = raw.FPDF_StructTree_GetForPage(self.page)
        roles: dict[int, str] = {}
        if not tree:
            return roles
        try:
            for index in range(max(raw.FPDF_StructTree_CountChildren(tree), 0)):
                _note_roles(raw.FPDF_StructTree_GetChildAtIndex(tree, index), roles, "", 0)
        finally:
            raw.FPDF_StructTree_Close(tree)
        return roles

    def close(self) -> None:
        self.page.close()


def open_document(data: bytes) -> pdfium.PdfDocument:
    """Open a file with its form fields drawn. Raises PdfiumError."""
    document = pdfium.PdfDocument(data)
    document.init_forms()
    return document


@contextmanager
def open_page(document: pdfium.PdfDocument, index: int) -> Iterator[OpenPage]:
    page = OpenPage(document, index)
    try:
        yield page
    finally:
        page.close()


def matrix_of(handle: Handle) -> Matrix:
    matrix = raw.FS_MATRIX()
    if not raw.FPDFPageObj_GetMatrix(handle, matrix):
        return Matrix()
    return Matrix(matrix.a, matrix.b, matrix.c, matrix.d, matrix.e, matrix.f)


def _bounds(handle: Handle, outer: Matrix) -> Box | None:
    left, bottom, right, top = (ctypes.c_float() for _ in range(4))
    if not raw.FPDFPageObj_GetBounds(handle, left, bottom, right, top):
        return None
    return outer.box(left.value, bottom.value, right.value, top.value)


def _covers(handle: Handle, kind: int) -> bool:
    if kind in (raw.FPDF_PAGEOBJ_IMAGE, raw.FPDF_PAGEOBJ_SHADING):
        return True
    if kind != raw.FPDF_PAGEOBJ_PATH:
        return False
    fill, stroke = ctypes.c_int(), ctypes.c_int()
    drawn = raw.FPDFPath_GetDrawMode(handle, fill, stroke)
    # A thick line covers as well as a box does.
    return bool(drawn and (fill.value != raw.FPDF_FILLMODE_NONE or stroke.value))


def _text_object(handle: Handle, order: int) -> TextObject:
    red, green, blue, alpha = (ctypes.c_uint() for _ in range(4))
    if not raw.FPDFPageObj_GetFillColor(handle, red, green, blue, alpha):
        alpha.value = 255
    mode = raw.FPDFTextObj_GetTextRenderMode(handle)
    marks = list(_marks(handle))
    return TextObject(
        order=order,
        handle=handle,
        mode=mode,
        is_unpainted=mode in (raw.FPDF_TEXTRENDERMODE_INVISIBLE, raw.FPDF_TEXTRENDERMODE_CLIP),
        is_frame=mode == raw.FPDF_TEXTRENDERMODE_CLIP,
        is_layered="OC" in marks,
        is_artifact="Artifact" in marks,
        colour=(red.value, green.value, blue.value),
        alpha=alpha.value,
        content_id=raw.FPDFPageObj_GetMarkedContentID(handle),
    )


def _marks(handle: Handle) -> Iterator[str]:
    for index in range(max(raw.FPDFPageObj_CountMarks(handle), 0)):
        mark = raw.FPDFPageObj_GetMark(handle, index)
        buffer = (raw.FPDF_WCHAR * 64)()
        length = ctypes.c_ulong()
        size = ctypes.sizeof(buffer)
        has_name = mark and raw.FPDFPageObjMark_GetName(mark, buffer, size, length)
        if has_name and length.value <= size:
            yield bytes(buffer)[: max(length.value - 2, 0)].decode("utf-16-le", "replace")


# Roles that say more about a text than the span or the paragraph inside it.
_SPECIFIC = {"H", "H1", "H2", "H3", "H4", "H5", "H6", "Title", "LI", "Lbl", "LBody", "Caption"}
_SPECIFIC |= {"TH", "TD", "Note", "TOCI"}
_INLINE = {"Span", "Link", "Reference", "Em", "Strong", "Sub", "Quote", "Code", "Annot", "BibEntry"}


def _note_roles(element: Handle, roles: dict[int, str], outer: str, depth: int) -> None:
    if not element or depth > 60 or len(roles) > MOST_OBJECTS:
        return
    own = _type_of(element)
    is_inner = own in _INLINE or (outer in _SPECIFIC and own not in _SPECIFIC)
    role = outer if is_inner else own
    address = ctypes.cast(element, _pointer).value
    # Only its children say of which page they are: an element that goes on overleaf has content
    # there too, whose ids are those of other content here.
    for index in range(max(raw.FPDF_StructElement_CountChildren(element), 0)):
        if child := _child(address, index):
            _note_roles(ctypes.cast(child, raw.FPDF_STRUCTELEMENT), roles, role, depth + 1)
        elif (content_id := _child_number(address, index)) >= 0:
            roles[content_id] = role


def _type_of(element: Handle) -> str:
    length = raw.FPDF_StructElement_GetType(element, None, 0)
    if not 2 < length < 200:
        return ""
    buffer = ctypes.create_string_buffer(length)
    raw.FPDF_StructElement_GetType(element, buffer, length)
    return buffer.raw[: length - 2].decode("utf-16-le", "replace")
