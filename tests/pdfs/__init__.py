"""Files to try the reader of PDFs on: good, hazardous, harmless, broken. All made by code.

Nobody in them exists.
"""

from tests.pdfs import (  # noqa: F401  they fill HAZARDS
    hard_to_read,
    hidden_pictures,
    hidden_text,
    left_behind,
)
from tests.pdfs.broken import BROKEN, REPAIRABLE
from tests.pdfs.builder import SECRET, clean_pdf, flip_a_byte, pdf_saying, text_pdf
from tests.pdfs.fine import FINE
from tests.pdfs.hazards import HAZARDS, Hazard

__all__ = [
    "BROKEN",
    "FINE",
    "HAZARDS",
    "REPAIRABLE",
    "SECRET",
    "Hazard",
    "clean_pdf",
    "flip_a_byte",
    "pdf_saying",
    "text_pdf",
]
