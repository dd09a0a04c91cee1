"""Second look at a cleaned copy, by readers that took no part in cleaning it.

One is pdfium; the other reads every byte, with nothing but zlib. The copy was made by qpdf.
"""

import re
import zlib
from collections.abc import Iterator
from ctypes import create_string_buffer

import pypdfium2 as pdfium
import pypdfium2.raw as raw

from reviews.pdf.drawing import open_document
from reviews.pdf.links import is_private
from reviews.pdf.opening import LARGEST_STREAM
from reviews.pdf.picture_notes import notes_in_picture, notes_in_xmp

# Entries that a cleaned copy has nowhere; without short ones, which resources have too.
_ENTRIES = {
    b"PieceInfo": "data of a program",
    b"PTEX": "data of a program",
    b"EmbeddedFiles": "an attached file",
    b"EF": "an attached file",
    b"JavaScript": "a script",
    b"AcroForm": "a form",
    b"XFA": "a form",
    b"Thumb": "a small picture of a page",
    b"Author": "a name in its properties",
    b"Creator": "a name in its properties",
    b"Producer": "a name in its properties",
    b"CreatorInfo": "a name in its properties",
    b"OPI": "the name of a file",
}
# What an object is, or an action does.
_TYPES = {
    (b"Type", b"EmbeddedFile"): "an attached file",
    (b"Type", b"Template"): "a template",
    (b"S", b"JavaScript"): "a script",
    (b"S", b"Launch"): "a program to start",
    (b"S", b"SubmitForm"): "a form",
}
_PROPERTIES = ("Author", "Creator", "Producer", "Subject", "Keywords")
_KEPT_IN_XMP = ("title: ", "language: ", "part: ", "conformance: ", "rev: ", "amd: ")
_STREAM = re.compile(rb">>\s*stream\r?\n")
_STRINGS = re.compile(rb"\((?:[^()\\]|\\.|\((?:[^()\\]|\\.)*\))*\)", re.DOTALL)
# Tags and their styles may have any of these names: an entry has a value that is no name.
_ENTRY = re.compile(rb"/([A-Za-z]+)(?:\.\w+)?(?=\s*[(<\[\d])")
_TYPE = re.compile(rb"(?=/(Type|S)\s*/([A-Za-z]+)(?!\w))")


def left_in(data: bytes) -> list[str]:
    """Return what is left in a cleaned copy of the kinds that cleaning removes."""
    return list(dict.fromkeys([*_by_bytes(data), *_by_pdfium(data)]))


def _by_bytes(data: bytes) -> Iterator[str]:
    if len(re.findall(rb"startxref\s+\d+\s+%%EOF", data)) > 2:
        yield "an earlier version"
    for part in _parts(data):
        bare = _STRINGS.sub(b"()", part)
        entries, types = set(_ENTRY.findall(bare)), set(_TYPE.findall(bare))
        yield from (what for name, what in _ENTRIES.items() if name in entries)
        yield from (what for name, what in _TYPES.items() if name in types)
    for dictionary, content in _streams(data):
        if b"/DCTDecode" in dictionary or b"/JPXDecode" in dictionary:
            kind = "/DCTDecode" if b"/DCTDecode" in dictionary else "/JPXDecode"
            if any(notes_in_picture(content, kind)):
                yield "data in a picture"
        elif b"<x:xmpmeta" in content[:2000] and not all(
            said.startswith(_KEPT_IN_XMP) for said in notes_in_xmp(content)
        ):
            yield "a name in its properties"


def _parts(data: bytes) -> Iterator[bytes]:
    """Yield what is written as objects: outside of streams, and packed into streams of objects."""
    at = 0
    for match in _STREAM.finditer(data):
        if match.start() >= at >= 0:
            yield data[at : match.end()]
            at = data.find(b"endstream", match.end())
    yield data[at:]
    for dictionary, content in _streams(data):
        if b"/ObjStm" in dictionary:
            yield content


def _streams(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Yield the dictionary and the content of every stream, unpacked once."""
    for match in _STREAM.finditer(data):
        dictionary = data[data.rfind(b" obj", 0, match.start()) : match.end()]
        content = data[match.end() : data.find(b"endstream", match.end())]
        if b"/FlateDecode" in dictionary:
            try:
                content = zlib.decompressobj().decompress(content, LARGEST_STREAM)
            except zlib.error:
                continue
        yield dictionary, content


def _by_pdfium(data: bytes) -> Iterator[str]:
    document = open_document(data)
    try:
        for name in _PROPERTIES:
            if document.get_metadata_value(name):
                yield "a name in its properties"
        if raw.FPDFDoc_GetAttachmentCount(document) > 0:
            yield "an attached file"
        if raw.FPDFDoc_GetJavaScriptActionCount(document) > 0:
            yield "a script"
        for index in range(len(document)):
            yield from _on_page(document, index)
    finally:
        document.close()


def _on_page(document: pdfium.PdfDocument, index: int) -> Iterator[str]:
    page = raw.FPDF_LoadPage(document, index)
    try:
        for number in range(raw.FPDFPage_GetAnnotCount(page)):
            mark = raw.FPDFPage_GetAnnot(page, number)
            try:
                if raw.FPDFAnnot_GetSubtype(mark) != raw.FPDF_ANNOT_LINK:
                    yield "a comment or mark"
                elif is_private(_address_of(document, mark)):
                    yield "a private link"
            finally:
                raw.FPDFPage_CloseAnnot(mark)
    finally:
        raw.FPDF_ClosePage(page)


def _address_of(document: pdfium.PdfDocument, mark: object) -> str:
    action = raw.FPDFLink_GetAction(raw.FPDFAnnot_GetLink(mark))
    if not action or raw.FPDFAction_GetType(action) != raw.PDFACTION_URI:
        return ""
    length = raw.FPDFAction_GetURIPath(document, action, None, 0)
    buffer = create_string_buffer(max(length, 1))
    raw.FPDFAction_GetURIPath(document, action, buffer, length)
    return buffer.value.decode("utf-8", "replace")
