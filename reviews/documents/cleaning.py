"""Cleaned copies: made on request, checked to look the same, stored beside the original."""

from typing import Any

from django.core.files import File

from reviews.documents.intake import SOURCE, copy_to, run_child, take_in, work_folder
from reviews.models import DocumentFile


def clean(file: DocumentFile, *, user: Any) -> DocumentFile:
    """Make a cleaned copy of a file and take it in. Raises ValidationError with the reason.

    The copy is not in use yet. Call it outside a transaction.
    """
    title = file.document.title if file.document else ""
    with work_folder() as folder:
        source = folder / SOURCE
        with file.content.open("rb") as stored:
            copy_to(stored, source)
        run_child("clean", source, folder, title, "en-GB")
        with (folder / "cleaned.pdf").open("rb") as cleaned:
            return take_in(File(cleaned), name=_name_of_copy(file), user=user, cleaned_from=file)


def _name_of_copy(file: DocumentFile) -> str:
    """Return a neutral name: the original's may be what reveals something."""
    return file.document.file_name if file.document else "cleaned-copy.pdf"
