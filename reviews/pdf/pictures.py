"""Metadata of pictures: EXIF, XMP and IPTC."""

import base64
import io
import zlib
from collections.abc import Iterator

import pikepdf
from PIL import Image, UnidentifiedImageError

from reviews.pdf.notes import DEEPEST, Notes, objects_in
from reviews.pdf.opening import LARGEST_STREAM, inherited
from reviews.pdf.properties import says_something
from reviews.pdf.report import Check


def look_at_pictures(page: pikepdf.Object, number: int, notes: Notes) -> None:
    _pictures_of(inherited(page, "/Resources"), number, notes, notes.seen_pictures, 0)


def _pictures_of(
    resources: object, number: int, notes: Notes, seen: set[tuple[int, int]], depth: int
) -> None:
    if not isinstance(resources, pikepdf.Dictionary) or depth > DEEPEST:
        return
    for item in objects_in(resources, seen):
        if item.get("/Subtype") == "/Image":
            details = list(_picture_data(item))
            if details:
                notes.add(Check.PICTURE_DATA, number, ", ".join(details))
        else:
            _pictures_of(item.get("/Resources"), number, notes, seen, depth + 1)


def _picture_data(image: pikepdf.Object) -> Iterator[str]:
    if says_something(image.get("/Metadata")):
        yield "properties (XMP)"
    data, kind = unpacked_picture(image)
    if kind == "/DCTDecode":
        yield from _jpeg_data(data)
    elif kind == "/JPXDecode" and (b"Exif\x00" in data or b"<x:xmpmeta" in data):
        yield "data of the camera or the program"


_KINDS = {"/DCT": "/DCTDecode", "/DCTDecode": "/DCTDecode", "/JPXDecode": "/JPXDecode"}


def unpacked_picture(image: pikepdf.Object) -> tuple[bytes, str]:
    """Return a JPEG or JPEG 2000 as a file of its own and its filter, or empty values."""
    filters = image.get("/Filter")
    names = [str(f) for f in filters] if isinstance(filters, pikepdf.Array) else [str(filters)]
    kind = _KINDS.get(names[-1], "") if names else ""
    if not kind:
        return b"", ""
    return _unpacked(bytes(image.read_raw_bytes()), names[:-1]), kind


def _unpacked(data: bytes, filters: list[str]) -> bytes:
    """Undo the other filters of a picture; it has no use for more than one."""
    for name in filters:
        if name in ("/FlateDecode", "/Fl"):
            data = zlib.decompressobj().decompress(data, LARGEST_STREAM)
        elif name in ("/ASCII85Decode", "/A85"):
            data = base64.a85decode(data.strip().removeprefix(b"<~").partition(b"~")[0])
        elif name in ("/ASCIIHexDecode", "/AHx"):
            digits = b"".join(data.partition(b">")[0].split())
            data = bytes.fromhex((digits + b"0" * (len(digits) % 2)).decode("ascii"))
        else:
            raise ValueError(name)
    return data


_EXIF = {
    0x010F: "camera",
    0x0110: "camera",
    0x013B: "name of the maker",
    0x8298: "copyright",
    0x0131: "program",
    0x0132: "time",
    0x010E: "description",
    0x9003: "time",
    0xA430: "name of the owner",
    0xA431: "number of the camera",
    0x9C9D: "name of the maker",
    0x9C9B: "title",
    0x9C9C: "comment",
    0x9286: "comment",
}


_EXIF_PART, _GPS_PART = 0x8769, 0x8825


def _jpeg_data(data: bytes) -> Iterator[str]:
    """Describe what a JPEG's metadata says about place, time and author."""
    if b"Exif\x00" in data:
        try:
            with Image.open(io.BytesIO(data)) as picture:
                exif = picture.getexif()
                tags = [*exif.keys(), *exif.get_ifd(_EXIF_PART).keys()]
                has_place = bool(exif.get_ifd(_GPS_PART))
        except (UnidentifiedImageError, OSError, ValueError, SyntaxError, TypeError):
            yield "data of the camera"
        else:
            if has_place:
                yield "the place where it was taken"
            yield from dict.fromkeys(_EXIF[tag] for tag in tags if tag in _EXIF)
    if b"<x:xmpmeta" in data or b"http://ns.adobe.com/xap/1.0/\x00" in data:
        yield "properties (XMP)"
    if b"Photoshop 3.0\x008BIM\x04\x04" in data:
        yield "properties (IPTC)"
