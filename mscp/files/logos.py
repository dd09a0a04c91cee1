"""Logos: an SVG is sanitised, a PNG decoded and written anew without metadata."""

import hashlib
import uuid
from io import BytesIO
from typing import Any, NamedTuple

from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile, File
from django.db.models import Model
from PIL import Image

from mscp.files.pictures import made_of_picture
from mscp.files.sizes import MostBytes
from mscp.files.svg import SvgError, clean_svg

MOST_SVG = MostBytes(256 * 1024, "This SVG has over 256 kB. Save it simpler, or as PNG.", ".svg")
MOST_PNG = MostBytes(
    2 * 1024 * 1024, "This file has over 2 MB. Save the logo smaller: 1,200 points wide."
)
MOST_PIXELS = 16_000_000
# Pixels. A logo is shown smaller; this is enough for the densest screens and for paper.
LARGEST_SIDES = (1200, 400)
# How often as wide as high, or as high as wide.
LARGEST_RATIO = 10
# The picture for shared links has the proportions that are asked for (Open Graph), and a margin.
SHARED_SIZE, SHARED_LOGO = (1200, 630), (840, 400)
CONTENT_TYPES = {"svg": "image/svg+xml", "png": "image/png"}

NO_LOGO = "Choose an SVG or a PNG. In a PDF or a Word file, the logo has to be saved as one first."


class Logo(NamedTuple):
    content: "ContentFile[bytes]"
    shared: "ContentFile[bytes] | None"
    """The picture for shared links, which no program there takes as SVG."""
    width: int
    height: int
    sha256: str
    removed: list[str]


def logo_path(identity: Model, filename: str) -> str:
    """Return a new name in the storage; ``filename`` is one of ours and ends with svg or png."""
    return f"logos/{uuid.uuid4().hex}.{filename.rpartition('.')[2]}"


def validate_logo(file: "File[bytes]") -> None:
    """Refuse what is no logo. Raises ValidationError."""
    if not getattr(file, "_committed", False):
        prepare_logo(file)


def prepare_logo(file: "File[bytes]") -> Logo:
    """Return the logo as it is stored, prepared once for each upload. Raises ValidationError."""
    upload: Any = getattr(file, "file", file) if hasattr(file, "_committed") else file
    if not hasattr(upload, "prepared_logo"):
        upload.prepared_logo = _prepared(upload)
    prepared: Logo = upload.prepared_logo
    return prepared


def _prepared(file: "File[bytes]") -> Logo:
    MOST_PNG.check(file.size)
    file.seek(0)
    content = file.read()
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        return _prepared_png(content)
    if b"<svg" in content.lower():
        return _prepared_svg(content)
    raise ValidationError(NO_LOGO)


def _prepared_svg(content: bytes) -> Logo:
    MOST_SVG.check(len(content))
    try:
        clean = clean_svg(content)
    except SvgError as error:
        raise ValidationError(str(error)) from None
    _refuse_narrow(clean.width, clean.height)
    # The drawing has no size in pixels; only its proportions count.
    scale = min(LARGEST_SIDES[0] / clean.width, LARGEST_SIDES[1] / clean.height)
    size = max(1, round(clean.width * scale)), max(1, round(clean.height * scale))
    return _logo(clean.content, "svg", size, clean.removed, shared=None)


def _prepared_png(content: bytes) -> Logo:
    decoded = made_of_picture(
        BytesIO(content),
        lambda picture: picture.convert("RGBA"),
        formats=("PNG",),
        most_pixels=MOST_PIXELS,
        noun="PNG",
    )
    _refuse_narrow(*decoded.size)
    if decoded.getchannel("A").getbbox() is None:
        raise ValidationError("Nothing can be seen in this PNG: all of it is transparent.")
    # A new picture has the pixels only: no text, profile, time or place.
    plain = Image.new("RGBA", decoded.size)
    plain.paste(decoded)
    plain.thumbnail(LARGEST_SIDES)
    return _logo(_png(plain), "png", plain.size, [], shared=_shared(decoded))


def _refuse_narrow(width: float, height: float) -> None:
    if max(width / height, height / width) > LARGEST_RATIO:
        raise ValidationError(
            "This logo is more than ten times as long one way as the other, so nobody could read "
            "it in the bar. Choose one with other proportions."
        )


def _shared(logo: Image.Image) -> "ContentFile[bytes]":
    """Return the logo in the middle of a white picture."""
    small = logo.copy()
    small.thumbnail(SHARED_LOGO)
    card = Image.new("RGBA", SHARED_SIZE, "white")
    place = (SHARED_SIZE[0] - small.width) // 2, (SHARED_SIZE[1] - small.height) // 2
    card.alpha_composite(small, place)
    return ContentFile(_png(card.convert("RGB")), name="shared.png")


def _png(picture: Image.Image) -> bytes:
    out = BytesIO()
    picture.save(out, "PNG", optimize=True)
    return out.getvalue()


def _logo(
    content: bytes,
    kind: str,
    size: tuple[int, int],
    removed: list[str],
    *,
    shared: "ContentFile[bytes] | None",
) -> Logo:
    return Logo(
        ContentFile(content, name=f"logo.{kind}"),
        shared,
        *size,
        hashlib.sha256(content).hexdigest(),
        removed,
    )
