"""Fonts that lean: told by their name, by a flag of their descriptor, or by its angle."""

from typing import Any

import pytest
from pikepdf import Dictionary, Name

from reviews.pdf.drawing import OpenPage, open_document
from reviews.pdf.text import letters_of
from tests.pdfs.builder import saved
from tests.reviews.pdf.test_odd_files import page_that_says

# How a real program names a font, and the flags and the angle that it writes, if it does.
SERIF, SYMBOLIC, PLAIN, ITALIC = 2, 4, 32, 64
LEANING: dict[str, tuple[str, int | None, float | None]] = {
    "Word": ("ABCDEF+TimesNewRomanPS-ItalicMT", PLAIN + ITALIC, -16.4),
    "a name alone": ("ABCDEF+Lora-Italic", PLAIN, 0),
    "no descriptor": ("Helvetica-Oblique", None, None),
    "TeX": ("ABCDEF+CMTI10", SYMBOLIC + ITALIC, -14.04),
    "TeX, slanted": ("ABCDEF+CMSL10", SYMBOLIC + ITALIC, -9.46),
    "TeX, bold": ("ABCDEF+CMBXTI10", SYMBOLIC + ITALIC, -14.04),
    "Nimbus": ("ABCDEF+NimbusRomNo9L-ReguItal", SYMBOLIC + ITALIC, -15.3),
    "InDesign": ("ABCDEF+MinionPro-It", PLAIN + SERIF + ITALIC, -12),
    "InDesign, bold": ("ABCDEF+MyriadPro-BoldIt", PLAIN + ITALIC, -11),
    "a name that says nothing": ("F1", PLAIN + ITALIC, 0),
    "an angle without the flag": ("ABCDEF+Gill-Kurs", PLAIN, -12),
}
UPRIGHT: dict[str, tuple[str, int | None, float | None]] = {
    "Word": ("ABCDEF+TimesNewRomanPSMT", PLAIN, 0),
    "TeX": ("ABCDEF+CMR10", SYMBOLIC, 0),
    "TeX, bold": ("ABCDEF+CMBX12", SYMBOLIC, 0),
    "no descriptor": ("Helvetica", None, None),
    "a name with the same letters": ("ABCDEF+ItcKabel-Book", PLAIN, 0),
    "letters of formulas": ("ABCDEF+CMMI10", SYMBOLIC + ITALIC, -14.04),
    "signs of formulas": ("ABCDEF+CMSY10", SYMBOLIC + ITALIC, -14.04),
    "an angle to the left": ("ABCDEF+Lora", PLAIN, 12),
}


def font_of(name: str, flags: int | None, angle: float | None) -> Dictionary:
    font = Dictionary(Type=Name.Font, Subtype=Name.Type1, BaseFont=Name(f"/{name}"))
    if flags is not None:
        keys: dict[str, Any] = {"Flags": flags, "ItalicAngle": angle, "StemV": 80}
        sizes = {"Ascent": 700, "Descent": -200, "CapHeight": 700, "FontBBox": [0, -200, 900, 800]}
        font.FontDescriptor = Dictionary(
            Type=Name.FontDescriptor, FontName=font.BaseFont, **keys, **sizes
        )
    return font


def are_italic(font: Dictionary) -> set[bool]:
    pdf = page_that_says(b"BT /F 12 Tf 72 700 Td (The school) Tj ET", {"/F": font})
    document = open_document(saved(pdf))
    try:
        page = OpenPage(document, 0)
        letters = letters_of(page, page.drawn())
        page.close()
    finally:
        document.close()
    return {letter.char.italic for letter in letters if letter.counts}


@pytest.mark.parametrize("name", LEANING)
def test_letters_of_a_font_that_leans_are_italic(name: str) -> None:
    assert are_italic(font_of(*LEANING[name])) == {True}


@pytest.mark.parametrize("name", UPRIGHT)
def test_letters_of_an_upright_font_or_of_formulas_are_not_italic(name: str) -> None:
    assert are_italic(font_of(*UPRIGHT[name])) == {False}
