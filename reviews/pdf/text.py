"""Letters of a page, in the order of the file, each with how it is drawn."""

import ctypes
import math
from collections.abc import Iterator
from dataclasses import dataclass

import pypdfium2.raw as raw

from reviews.pdf.characters import Char
from reviews.pdf.drawing import Box, Drawn, Handle, OpenPage, TextObject, plain
from reviews.pdf.report import Check, Refused

MOST_LETTERS_OF_A_PAGE = 200_000
BOLD = 600
# How fonts that lean are named.
_SLOPES = (b"italic", b"oblique", b"kursiv")


@dataclass(slots=True)
class Letter:
    """A character with what is needed to decide whether it is visible."""

    char: Char
    # None for the spaces and line ends that pdfium adds.
    object: TextObject | None
    # Whether this machine can draw it: without its font, only some Latin letters can be.
    can_be_drawn: bool
    # Whether a reader would miss it: not a space, dot or dash.
    counts: bool
    hidden: Check | None = None

    @property
    def box(self) -> Box:
        return Box(self.char.left, self.char.top, self.char.right, self.char.bottom)


@dataclass(slots=True)
class _Font:
    size: float = 0.0
    bold: bool = False
    italic: bool = False
    is_embedded: bool = True


# Called for every letter.
_pointer, _int = ctypes.c_void_p, ctypes.c_int
_character = plain(raw.FPDFText_GetUnicode, ctypes.c_uint, _pointer, _int)
_box = plain(raw.FPDFText_GetCharBox, _int, _pointer, _int, *[_pointer] * 4)
_owner = plain(raw.FPDFText_GetTextObject, _pointer, _pointer, _int)


def letters_of(page: OpenPage, drawn: Drawn, roles: dict[int, str] | None = None) -> list[Letter]:
    """Return the letters of a page; ``roles`` are those of ``page.roles()``, if they matter."""
    handle = raw.FPDFText_LoadPage(page.page)
    try:
        return list(_read(handle, page, drawn, roles or {}))
    finally:
        raw.FPDFText_ClosePage(handle)


def _read(handle: Handle, page: OpenPage, drawn: Drawn, roles: dict[int, str]) -> Iterator[Letter]:
    count = raw.FPDFText_CountChars(handle)
    if count > MOST_LETTERS_OF_A_PAGE:
        raise Refused(f"Page {page.number} holds more text than a page can.")
    left, right, bottom, top = (ctypes.c_double() for _ in range(4))
    by_reference = [ctypes.addressof(value) for value in (left, right, bottom, top)]
    address = ctypes.cast(handle, ctypes.c_void_p).value
    a, b, c, d, e, f = page.to_shown
    fonts: dict[int, _Font] = {}
    for index in range(count):
        code = _character(address, index)
        _box(address, index, *by_reference)
        x0, x1 = a * left.value + c * bottom.value + e, a * right.value + c * top.value + e
        y0, y1 = b * left.value + d * bottom.value + f, b * right.value + d * top.value + f
        if x0 > x1:
            x0, x1 = x1, x0
        if y0 > y1:
            y0, y1 = y1, y0
        pointer = _owner(address, index)
        painted = drawn.texts.get(pointer) if pointer else None
        if painted is None:
            yield Letter(Char(_text(code), x0, y0, x1, y1, 0.0, False, ""), None, True, False)
            continue
        if painted.form:
            where, to_shown = painted.form
            if not Box(x0, y0, x1, y1).touches(where):
                # pdfium ignores the form's own space if one sign represents several letters. Only a
                # letter that is then at its text's place is taken to be such a one.
                mapped = to_shown.box(left.value, bottom.value, right.value, top.value)
                if mapped.touches(where):
                    x0, y0, x1, y1 = mapped
        font = fonts.get(painted.order)
        if font is None:
            font = fonts[painted.order] = _font(handle, index, painted.handle)
        role = "Artifact" if painted.is_artifact else roles.get(painted.content_id, "")
        char = Char(_text(code), x0, y0, x1, y1, font.size, font.bold, role, font.italic)
        # A font of this machine draws an unknown letter as nothing, on the base line.
        can_be_drawn = font.is_embedded or (
            code < 0x250 and min(x1 - x0, y1 - y0) > 0.002 * font.size
        )
        yield Letter(char, painted, can_be_drawn, char.text.isalnum())


def _text(code: int) -> str:
    if not 0 < code <= 0x10FFFF or 0xD800 <= code <= 0xDFFF:
        return ""
    return chr(code)


def _font(handle: Handle, index: int, pointer: Handle) -> _Font:
    matrix = raw.FS_MATRIX()
    size = raw.FPDFText_GetFontSize(handle, index)
    if raw.FPDFText_GetMatrix(handle, index, matrix):
        size *= math.hypot(matrix.c, matrix.d)
    font = raw.FPDFTextObj_GetFont(pointer)
    name = ctypes.create_string_buffer(128)
    if font:
        raw.FPDFFont_GetBaseFontName(font, name, 128)
    return _Font(
        size=size if math.isfinite(size) else 0.0,
        italic=any(slope in name.value.lower() for slope in _SLOPES),
        bold=b"bold" in name.value.lower() or raw.FPDFText_GetFontWeight(handle, index) >= BOLD,
        is_embedded=bool(font) and raw.FPDFFont_GetIsEmbedded(font) == 1,
    )
