"""Pictures of a file, wherever they are drawn: what they say beside what they show."""

import base64
import zlib

import pikepdf

from reviews.pdf.notes import ODD, Notes
from reviews.pdf.objects import Objects
from reviews.pdf.opening import LARGEST_STREAM
from reviews.pdf.picture_notes import notes_in_picture, notes_in_xmp
from reviews.pdf.report import Check


def look_at_pictures(objects: Objects, notes: Notes) -> None:
    """Quote the metadata of every picture, whether a page, a pattern, a mask or a mark draws it."""
    for key, image in objects.streams("/Image"):
        try:
            data, kind = unpacked_picture(image)
            details = [*notes_in_xmp(image.get("/Metadata")), *notes_in_picture(data, kind)]
        except ODD:
            number = objects.first_page_of(key)
            what = f"pictures of page {number}" if number else "pictures"
            notes.add(Check.NOT_CHECKED, None, f"{what}: not built as a PDF should be")
            continue
        for detail in dict.fromkeys(details):
            notes.add(Check.PICTURE_DATA, objects.first_page_of(key), detail)


_KINDS = {"/DCT": "/DCTDecode", "/DCTDecode": "/DCTDecode", "/JPXDecode": "/JPXDecode"}


def unpacked_picture(image: pikepdf.Object) -> tuple[bytes, str]:
    """Return a JPEG or JPEG 2000 as a file of its own and its filter, or empty values."""
    filters = image.get("/Filter")
    names = [str(f) for f in filters] if isinstance(filters, pikepdf.Array) else [str(filters)]
    kind = _KINDS.get(names[-1], "") if names else ""
    if not kind:
        return b"", ""
    return _unpacked(bytes(image.read_raw_bytes()), names[:-1]), kind


# White space of a PDF (ISO 32000-1, table 1): more than Python skips.
_BLANKS = b"\x00\t\n\f\r "


def _unpacked(data: bytes, filters: list[str]) -> bytes:
    """Undo the other filters of a picture; it has no use for more than one."""
    for name in filters:
        if name in ("/FlateDecode", "/Fl"):
            data = zlib.decompressobj().decompress(data, LARGEST_STREAM)
        elif name in ("/ASCII85Decode", "/A85"):
            letters = data.translate(None, _BLANKS).removeprefix(b"<~").partition(b"~")[0]
            data = base64.a85decode(letters)
        elif name in ("/ASCIIHexDecode", "/AHx"):
            digits = data.translate(None, _BLANKS).partition(b">")[0]
            data = bytes.fromhex((digits + b"0" * (len(digits) % 2)).decode("ascii"))
        else:
            raise ValueError(name)
    return data
