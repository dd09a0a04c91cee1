"""Photos of venues: validated, scaled down, and stripped of all metadata."""

import uuid
from contextlib import suppress
from io import BytesIO
from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile, File
from django.db.models import Model
from django.db.models.fields.files import FieldFile
from PIL import Image, ImageOps

from mscp.files.pictures import made_of_picture
from mscp.files.sizes import MostBytes

if TYPE_CHECKING:
    WebpAndJpeg = tuple[ContentFile[bytes], ContentFile[bytes]]

MOST = MostBytes(
    10 * 1024 * 1024, "This picture has over 10 MB. Save it smaller and choose it again."
)
LARGEST_SIDE = 1600
MOST_PIXELS = 50_000_000
# No others are read: some would start a program of their own (EPS starts Ghostscript).
FORMATS = ("JPEG", "PNG", "WEBP")


def photo_path(venue: Model, filename: str) -> str:
    return f"venues/{uuid.uuid4().hex}.webp"


def jpeg_path(venue: Model, filename: str) -> str:
    return f"venues/{uuid.uuid4().hex}.jpg"


def validate_photo(file: "File[bytes]") -> None:
    """Refuse a picture that is too large or cannot be decoded fully. Raises ValidationError."""
    if getattr(file, "_committed", False):
        return
    MOST.check(file.size)
    made_of_picture(
        file,
        lambda _: prepare_photo(file),
        formats=FORMATS,
        most_pixels=MOST_PIXELS,
        noun="picture",
        save_as=" as JPEG or PNG",
    )


def prepare_ahead(upload: "File[bytes]") -> None:
    """Prepare the photo of a request before the transaction that saves it.

    That takes a second or two for a large one. An unreadable one is left for the form to refuse.
    """
    with suppress(ValidationError):
        validate_photo(upload)
    # The form reads it from the start.
    upload.seek(0)


def prepare_photo(file: "File[bytes]") -> "WebpAndJpeg":
    """Return the picture as WebP and as JPEG, prepared once for each upload."""
    upload: Any = file.file if isinstance(file, FieldFile) else file
    if not hasattr(upload, "prepared"):
        upload.prepared = _prepared(upload)
    prepared: WebpAndJpeg = upload.prepared
    return prepared


def _prepared(file: "File[bytes]") -> "WebpAndJpeg":
    """Return the picture as WebP, and as JPEG for clients that cannot show WebP.

    Upright, at most 1600 pixels a side, never enlarged, without EXIF or place; transparent parts
    are on white.
    """
    file.seek(0)
    with Image.open(file, formats=FORMATS) as picture:
        upright = ImageOps.exif_transpose(picture)
        if upright.has_transparency_data:
            upright = upright.convert("RGBA")
            white = Image.new("RGBA", upright.size, "white")
            upright = Image.alpha_composite(white, upright)
        upright = upright.convert("RGB")
    upright.thumbnail((LARGEST_SIDE, LARGEST_SIDE))
    # A new picture has the pixels only: no EXIF, XMP, comment or thumbnail.
    plain = Image.new("RGB", upright.size)
    plain.paste(upright)
    return _saved(plain, "WEBP", "photo.webp"), _saved(plain, "JPEG", "photo.jpg")


def _saved(picture: Image.Image, kind: str, name: str) -> "ContentFile[bytes]":
    out = BytesIO()
    picture.save(out, kind, quality=82)
    return ContentFile(out.getvalue(), name=name)
