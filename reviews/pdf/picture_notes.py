"""Metadata of a picture, quoted: EXIF, XMP, IPTC and comments of JPEG and JPEG 2000."""

import re
import struct
from collections.abc import Iterator

from PIL import ExifTags, Image, UnidentifiedImageError

from reviews.pdf.notes import ODD
from reviews.pdf.properties import is_program_name, names_nobody
from reviews.pdf.xmp import DC, HISTORY, MM, PLAIN_SPACES, XMP, values_of

# By the number of the tag (CIPA DC-008, Microsoft's from 0x9C9B on).
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
    0x9C9E: "keywords",
    0x9C9F: "subject",
    0x9286: "comment",
}
_EXIF_PART, _GPS_PART = 0x8769, 0x8825
# IPTC-IIM, record 2.
_IPTC = {
    5: "title",
    25: "keyword",
    40: "instructions",
    80: "maker",
    85: "title of the maker",
    90: "city",
    92: "place",
    95: "state",
    101: "country",
    103: "reference",
    105: "headline",
    110: "credit",
    115: "source",
    116: "copyright",
    118: "contact",
    120: "caption",
    122: "writer",
}
# Settings of cameras and programs, which say nothing of a person or place.
_TECHNICAL_SPACES = (
    "http://ns.adobe.com/camera-raw",
    "http://ns.adobe.com/hdr-",
    "http://ns.adobe.com/xmp/sType/Area",
    "http://ns.adobe.com/xap/1.0/sType/Dimensions",
    "http://ns.adobe.com/illustrator/",
    "http://ns.adobe.com/pdf/1.3/",
    "http://www.metadataworkinggroup.com/schemas/regions/",
    "http://ns.adobe.com/exif/1.0/aux/Lens",
)
_TECHNICAL = {
    *("format", "CreateDate", "ModifyDate", "MetadataDate", "Rating", "CreatorTool", "Label"),
    *("ColorMode", "ICCProfile", "LegacyIPTCDigest", "NativeDigest", "SidecarForExtension"),
    *("Orientation", "ColorSpace", "ComponentsConfiguration", "ExifVersion", "FlashpixVersion"),
    *("Software", "DocumentAncestors", "Lens", "LensInfo", "Thumbnails", "Marked", "hash"),
    *("image", "Producer", "Trapped", "ToneCurve", "Firmware", "LensModel", "WebStatement"),
}
_PROGRAM_COMMENT = re.compile(
    r"(?i)(?:created (?:with|by)|creator: gd|file written by|lead tech|optimi[sz]ed|compressed"
    r"|jpeg enc|intel\(r\)|handmade software|ijg|adobe|lavc|processed by|xv version|gimp|paint"
    r"|photoshop|ulead|acdsee|imagemagick|software|quality)"
)


def notes_in_picture(data: bytes, kind: str) -> Iterator[str]:
    """Yield what a JPEG or JPEG 2000 file says beside its picture, quoted."""
    parts = _segments(data) if kind == "/DCTDecode" else _boxes(data)
    for what, content in parts:
        try:
            yield from _READ[what](content)
        except ODD:
            yield f"data of the camera or the program ({what})"


def notes_in_xmp(metadata: object) -> Iterator[str]:
    """Yield the values of an XMP packet that tell something: "creator: Jane Smith"."""
    for space, name, text in values_of(metadata):
        if space.startswith((*PLAIN_SPACES, *_TECHNICAL_SPACES, HISTORY, MM)):
            continue
        is_technical = name in _TECHNICAL or (space == XMP and name.endswith("Date"))
        tells = name.startswith("GPS") or not (is_technical or names_nobody(text))
        if tells and not is_program_name(text) and not (space == DC and name == "type"):
            yield f"{name}: {text}"


# --- the parts of a file ----------------------------------------------------------------------


def _segments(jpeg: bytes) -> Iterator[tuple[str, bytes]]:
    """Yield the segments of a JPEG with metadata (ITU-T T.81, B.1.1.4)."""
    at = 2
    while at + 4 <= len(jpeg) and jpeg[at] == 0xFF and jpeg[at + 1] != 0xDA:
        marker = jpeg[at + 1]
        if marker == 0xFF:
            at += 1
            continue
        (length,) = struct.unpack(">H", jpeg[at + 2 : at + 4])
        content = jpeg[at + 4 : at + 2 + length]
        if marker == 0xFE:
            yield "comment", content
        elif marker == 0xE1 and content.startswith(b"Exif\x00"):
            yield "EXIF", content[6:]
        elif marker == 0xE1 and b"adobe.com/xap/1.0/" in content[:40]:
            yield "XMP", content.partition(b"\x00")[2]
        elif marker == 0xED:
            yield "IPTC", content
        at += 2 + max(length, 2)


def _boxes(jpeg2000: bytes) -> Iterator[tuple[str, bytes]]:
    """Yield the boxes of a JPEG 2000 file with metadata (ISO/IEC 15444-1, annex I)."""
    at = 0
    while at + 8 <= len(jpeg2000):
        length, kind = struct.unpack(">I4s", jpeg2000[at : at + 8])
        end = at + length if length >= 8 else len(jpeg2000)
        content = jpeg2000[at + 8 : end]
        if kind == b"xml ":
            yield "XMP", content
        elif kind == b"uuid" and b"<x:xmpmeta" in content:
            yield "XMP", content[16:]
        elif kind == b"uuid" and b"Exif" in content[:32]:
            yield "EXIF", content[16:].partition(b"Exif\x00\x00")[2] or content[16:]
        at = end


# --- what stands in them ----------------------------------------------------------------------


def _exif(tiff: bytes) -> Iterator[str]:
    exif = Image.Exif()
    try:
        exif.load(b"Exif\x00\x00" + tiff)
        tags = {**dict(exif), **exif.get_ifd(_EXIF_PART)}
        has_place = bool(exif.get_ifd(_GPS_PART))
    except (UnidentifiedImageError, OSError, SyntaxError, struct.error):
        yield "data of the camera"
        return
    if has_place:
        yield "the place where it was taken"
    for tag, what in _EXIF.items():
        if tag in tags and (text := _exif_text(tag, tags[tag])):
            yield f"{what}: {text}"


def _exif_text(tag: int, value: object) -> str:
    if isinstance(value, tuple):
        value = bytes(part for part in value if isinstance(part, int) and part < 256)
    if isinstance(value, bytes):
        if tag >= ExifTags.Base.XPTitle and tag < 0xA000:
            value = value.decode("utf-16-le", "replace")
        else:
            # A comment begins with the name of its character set.
            value = (
                value[8:].decode("utf-8", "replace") if tag == 0x9286 else value.decode("cp1252")
            )
    text = str(value).strip("\x00 \r\n\t")
    return "" if names_nobody(text) and tag not in (0x0132, 0x9003, 0xA431) else text


def _iptc(content: bytes) -> Iterator[str]:
    """Yield the datasets of IPTC-IIM in a block of Photoshop."""
    for match in re.finditer(rb"\x1c\x02(.)(..)", content, re.DOTALL):
        what = _IPTC.get(match[1][0])
        (length,) = struct.unpack(">H", match[2])
        text = content[match.end() : match.end() + length].decode("utf-8", "replace").strip("\x00 ")
        if what and text and length < 0x8000 and not names_nobody(text):
            yield f"{what}: {text}"


def _comment(content: bytes) -> Iterator[str]:
    text = content.decode("utf-8", "replace").strip("\x00 \r\n\t")
    if re.search(r"[^\W_]{2}", text) and not _PROGRAM_COMMENT.search(text):
        yield f"comment: {text}"


_READ = {"EXIF": _exif, "XMP": notes_in_xmp, "IPTC": _iptc, "comment": _comment}
