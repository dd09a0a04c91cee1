"""Uploads: their paths, and limits that are checked before the content."""

import uuid

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.uploadhandler import FileUploadHandler
from django.db.models import Model

from mscp.files.sizes import MostBytes

LARGEST_FILE: int = settings.LARGEST_FILE
MOST = MostBytes(
    LARGEST_FILE, "This file has more than 50 MB. Reduce the pictures in it and save it again."
)


def document_path(file: Model, filename: str) -> str:
    """Return a random name for the file: its path cannot be guessed and reveals nothing."""
    return f"documents/{uuid.uuid4().hex}.pdf"


def cover_path(file: Model, filename: str) -> str:
    return f"covers/{uuid.uuid4().hex}.webp"


def picture_path(file: Model, filename: str) -> str:
    return f"pages/{uuid.uuid4().hex}.webp"


def check_size(size: int) -> None:
    """Refuse what is empty or too large. Raises ValidationError with the reason."""
    if not size:
        raise ValidationError("This file is empty. Save the PDF again and choose the new file.")
    MOST.check(size)


class StopAtLimit(FileUploadHandler):
    """Upload handler that stores no more of a file than is allowed; the rest is read and dropped.

    What arrives is then one block too large, and refused with the sentence for that.
    """

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes | None:
        return raw_data if start <= LARGEST_FILE else None

    def file_complete(self, file_size: int) -> None:
        return None
