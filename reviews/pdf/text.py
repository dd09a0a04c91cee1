"""Letters of a page, in the order of the file, each with how it is drawn."""

import ctypes
import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import partial

import pypdfium2.raw as raw

from reviews.pdf.characters import CODE, Char
from reviews.pdf.drawing import Box, Drawn, Handle, OpenPage, TextObject, unchecked
from reviews.pdf.report import Check, Refused

MOST_LETTERS_OF_A_PAGE = 200_000
BOLD = 600
# How fonts that lean are named, and the flag of others (PDF, Font Descriptors), which pdfium also
# sets by their angle. Those of formulas lean as well, beside letters of a text that stand upright.
_SLOPES = (b"italic", b"oblique", b"kursiv")
_ITALIC_FLAG = 64
_OF_FORMULAS = (b"cmmi", b"cmsy", b"cmbsy", b"math")
# How fonts are named whose letters are all as wide, and the flag of others (PDF, Font Descriptors).
_FIXED = (b"courier", b"mono", b"consol", b"menlo", b"typewriter", b"cmtt", b"code")
_FIXED_FLAG = 1
# Roles that a line of code may have by its tags.
_PLAIN = frozenset({"", "P", "Span", "Div", "Sect", "NonStruct", CODE})


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
    is_fixed: bool = False


_NO_FONT = _Font()
# Called for every letter.
_character = unchecked(raw.FPDFText_GetUnicode, ctypes.c_uint)
_box = unchecked(raw.FPDFText_GetCharBox, ctypes.c_int)
_owner = unchecked(raw.FPDFText_GetTextObject, ctypes.c_void_p)
# What the class of a named tuple calls for each, without a call of Python in between.
_char = partial(tuple.__new__, Char)


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
    sides = (ctypes.c_double * 4)()
    by_reference = [
        ctypes.byref(sides, place * ctypes.sizeof(ctypes.c_double)) for place in range(4)
    ]
    address = ctypes.c_void_p(ctypes.cast(handle, ctypes.c_void_p).value)
    a, b, c, d, e, f = page.to_shown
    signs: dict[int, tuple[str, bool]] = {}
    fonts: dict[int, _Font] = {}
    faces: dict[int | None, _Font] = {}
    # A text object draws many letters in a row.
    last: int | None = None
    painted: TextObject | None = None
    font, role = _NO_FONT, ""
    # Whether the letter before was joined of two halves, of which this is the second.
    is_joined = False
    for index in range(count):
        code = _character(address, index)
        if 0xD800 <= code < 0xE000:
            if is_joined:
                is_joined = False
                continue
            code, is_joined = _whole(code, _character(address, index + 1))
        sign = signs.get(code)
        if sign is None:
            text = _text(code)
            sign = signs[code] = text, text.isalnum()
        text, counts = sign
        _box(address, index, *by_reference)
        left, right, bottom, top = sides[:]
        x0, x1 = a * left + c * bottom + e, a * right + c * top + e
        y0, y1 = b * left + d * bottom + f, b * right + d * top + f
        if x0 > x1:
            x0, x1 = x1, x0
        if y0 > y1:
            y0, y1 = y1, y0
        pointer = _owner(address, index)
        if pointer != last:
            last = pointer
            painted = drawn.texts.get(pointer) if pointer else None
            if painted is not None:
                known = fonts.get(painted.order)
                if known is None:
                    known = fonts[painted.order] = _font(handle, index, painted.handle, faces)
                font = known
                role = "Artifact" if painted.is_artifact else roles.get(painted.content_id, "")
                if font.is_fixed and role in _PLAIN:
                    role = CODE
        if painted is None:
            char = _char((text, x0, y0, x1, y1, 0.0, False, "", False))
            yield Letter(char, None, True, False)
            continue
        if painted.form:
            where, to_shown = painted.form
            if not Box(x0, y0, x1, y1).touches(where):
                # pdfium ignores the form's own space if one sign represents several letters. Only a
                # letter that is then at its text's place is taken to be such a one.
                mapped = to_shown.box(left, bottom, right, top)
                if mapped.touches(where):
                    x0, y0, x1, y1 = mapped
        # A font of this machine draws an unknown letter as nothing, on the base line.
        can_be_drawn = font.is_embedded or (
            code < 0x250 and min(x1 - x0, y1 - y0) > 0.002 * font.size
        )
        char = _char((text, x0, y0, x1, y1, font.size, font.bold, role, font.italic))
        yield Letter(char, painted, can_be_drawn, counts)


def _whole(code: int, following: int) -> tuple[int, bool]:
    """Return the code of a letter that pdfium gives as two surrogate halves, and whether it is one.

    So are all beyond U+FFFF, such as those of formulas; both halves have its box.
    """
    if code < 0xDC00 <= following < 0xE000:
        return 0x10000 + (code - 0xD800 << 10) + following - 0xDC00, True
    return code, False


def _text(code: int) -> str:
    if not 0 < code <= 0x10FFFF or 0xD800 <= code <= 0xDFFF:
        return ""
    return chr(code)


def _font(handle: Handle, index: int, pointer: Handle, faces: dict[int | None, _Font]) -> _Font:
    matrix = raw.FS_MATRIX()
    size = raw.FPDFText_GetFontSize(handle, index)
    if raw.FPDFText_GetMatrix(handle, index, matrix):
        size *= math.hypot(matrix.c, matrix.d)
    font = raw.FPDFTextObj_GetFont(pointer)
    # A page has many texts, and few fonts.
    address = ctypes.cast(font, ctypes.c_void_p).value if font else None
    face = faces.get(address)
    if face is None:
        face = faces[address] = _face(handle, index, font)
    return replace(face, size=size if math.isfinite(size) else 0.0)


def _face(handle: Handle, index: int, font: Handle) -> _Font:
    buffer = ctypes.create_string_buffer(128)
    flags = 0
    if font:
        raw.FPDFFont_GetBaseFontName(font, buffer, 128)
        # Negative where pdfium cannot say.
        flags = max(raw.FPDFFont_GetFlags(font), 0)
    name = buffer.value.lower()
    return _Font(
        italic=_is_italic(name, flags),
        bold=b"bold" in name or raw.FPDFText_GetFontWeight(handle, index) >= BOLD,
        is_fixed=bool(font) and (any(part in name for part in _FIXED) or bool(flags & _FIXED_FLAG)),
        is_embedded=bool(font) and raw.FPDFFont_GetIsEmbedded(font) == 1,
    )


def _is_italic(name: bytes, flags: int) -> bool:
    if any(slope in name for slope in _SLOPES):
        return True
    return bool(flags & _ITALIC_FLAG) and not any(part in name for part in _OF_FORMULAS)
