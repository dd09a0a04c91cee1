"""Taking in a document's file: where it is kept, and what is refused at the door."""

import uuid
from typing import Any

from django.core.exceptions import ValidationError

LARGEST_FILE = 50 * 1024 * 1024


def document_path(document: Any, filename: str) -> str:
    """Keep the file under a random name: nothing about it can be guessed or told from its path."""
    return f"documents/{uuid.uuid4().hex}.pdf"


def validate_document_file(file: Any) -> None:
    """Refuse what is plainly no PDF. Raises ValidationError with the reason."""
    if getattr(file, "_committed", False):
        return
    if not file.size:
        raise ValidationError("This file is empty. Save the PDF again and choose the new file.")
    if file.size > LARGEST_FILE:
        size = file.size / 1024 / 1024
        raise ValidationError(
            f"This file has {size:.0f} MB; the most is 50 MB. Reduce the pictures in it and save "
            "it again."
        )
    file.seek(0)
    start = file.read(1024)
    file.seek(0)
    # ISO 32000-1, 7.5.2, and Annex H: readers find the header within the first 1024 bytes.
    if b"%PDF-" not in start:
        raise ValidationError("This is not a PDF, whatever its name says. Save it as PDF first.")
