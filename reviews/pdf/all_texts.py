"""Reads all texts of a file, seen or not: what somebody could find in it with any program.

Every string of every object counts: properties, bookmarks, notes, form values, alternative texts,
names of attached files, scripts, labels. So do XMP packets, the text of pages however hidden, of
forms that no page draws, attached texts, and what earlier versions of the file had.
"""

import json
import re
from collections.abc import Iterable, Iterator
from contextlib import suppress
from io import BytesIO
from pathlib import Path
from typing import Any

import pikepdf
import pypdfium2 as pdfium

from reviews.pdf.notes import ODD
from reviews.pdf.opening import open_file
from reviews.pdf.report import ALL_TEXTS, PlaceInside

# Characters of all together. A file of 2,000 pages has half of it.
MOST_LETTERS = 20_000_000
# Of streams that are no content of a page, and of earlier versions.
LARGEST_PACKET = 4 * 1024 * 1024
MOST_VERSIONS = 12
_END = re.compile(rb"%%EOF")
_TAG = re.compile(r"<[^<>]{0,2000}>")
_IN_TAG = re.compile(r"=\s*(?:\"([^\"]*)\"|'([^']*)')")


def read_all_texts(source: Path, output: Path) -> None:
    """Write ``texts.json``: lists of place, page (0: of the whole file) and text."""
    file = open_file(source.read_bytes())
    left = MOST_LETTERS
    kept: list[tuple[str, int, str]] = []
    for place, page, text in _texts(file.pdf, file.data):
        left -= len(text)
        if left < 0:
            break
        kept.append((place, page, text))
    is_whole = left >= 0
    answer = {"texts": kept, "is_whole": is_whole}
    (output / ALL_TEXTS).write_text(json.dumps(answer), encoding="utf-8")


def _texts(pdf: pikepdf.Pdf, data: bytes) -> Iterator[tuple[str, int, str]]:
    yield from _of_pages(data)
    for place, text in _of_objects(pdf):
        yield place, 0, text
    for version in _earlier(data):
        for _, _, text in _of_pages(version):
            yield PlaceInside.EARLIER, 0, text
        with suppress(*ODD), pikepdf.open(BytesIO(version)) as earlier:
            for _, text in _of_objects(earlier):
                yield PlaceInside.EARLIER, 0, text


def _of_pages(data: bytes) -> Iterator[tuple[str, int, str]]:
    """Yield the text of each page as it stands in the file, drawn, covered or off the page."""
    try:
        document = pdfium.PdfDocument(data)
    except pdfium.PdfiumError:
        return
    try:
        for index in range(len(document)):
            with suppress(pdfium.PdfiumError):
                page = document[index]
                text = page.get_textpage()
                yield PlaceInside.PAGE, index + 1, text.get_text_range()
                text.close()
                page.close()
    finally:
        document.close()


def _of_objects(pdf: pikepdf.Pdf) -> Iterator[tuple[PlaceInside, str]]:
    """Yield what the strings, names and packets of all objects say, each once in a place."""
    said: set[tuple[PlaceInside, str]] = set()
    roots: list[object] = [pdf.trailer]
    info, drawn = None, _contents_of_pages(pdf)
    with suppress(*ODD):
        info = pdf.trailer.get("/Info")
        roots += list(pdf.objects)
    for root in roots:
        place = PlaceInside.ELSEWHERE
        with suppress(*ODD):
            place = _place_of(root, info)
        strings: list[str] = []
        with suppress(*ODD):
            strings += _strings(root)
        if isinstance(root, pikepdf.Stream) and root.objgen not in drawn:
            with suppress(*ODD):
                strings += _of_stream(root)
        for text in strings:
            if text and (place, text) not in said:
                said.add((place, text))
                yield place, text


def _contents_of_pages(pdf: pikepdf.Pdf) -> set[tuple[int, int]]:
    """Return which streams draw pages: their words are read with these."""
    found: set[tuple[int, int]] = set()
    for page in pdf.pages:
        with suppress(*ODD):
            contents = page.obj.get("/Contents")
            parts = contents if isinstance(contents, pikepdf.Array) else [contents]
            found |= {one.objgen for one in parts if isinstance(one, pikepdf.Stream)}
    return found


def _place_of(root: object, info: object) -> PlaceInside:
    """Return what an object is to somebody who looks for it with a program."""
    if not isinstance(root, pikepdf.Dictionary | pikepdf.Stream):
        return PlaceInside.ELSEWHERE
    kind, subtype = str(root.get("/Type", "")), str(root.get("/Subtype", ""))
    is_info = isinstance(info, pikepdf.Dictionary) and root.objgen == info.objgen
    if kind == "/Metadata" or (is_info and root.objgen != (0, 0)):
        return PlaceInside.PROPERTIES
    if kind in ("/Filespec", "/EmbeddedFile", "/F") or "/EF" in root or "/EmbeddedFiles" in root:
        return PlaceInside.ATTACHED
    if subtype == "/Image":
        return PlaceInside.PICTURES
    if "/Title" in root and ("/Parent" in root or "/Dest" in root or "/Next" in root):
        return PlaceInside.BOOKMARKS
    if kind == "/Annot" or "/FT" in root or ("/Rect" in root and subtype):
        return PlaceInside.NOTES
    if kind in ("/StructElem", "/StructTreeRoot"):
        return PlaceInside.TAGS
    return PlaceInside.ELSEWHERE


def _strings(value: object) -> Iterator[str]:
    """Yield the strings in an object, not those of other objects that it refers to."""
    todo: list[object] = [value]
    steps = 0
    while todo and steps < 200_000:
        one = todo.pop()
        steps += 1
        if isinstance(one, pikepdf.String):
            yield _decoded(bytes(one))
        elif isinstance(one, pikepdf.Dictionary | pikepdf.Stream):
            entries = one.stream_dict if isinstance(one, pikepdf.Stream) else one
            for key, inner in entries.items():
                # A name that somebody gave: of a layer's properties, of a destination.
                yield str(key)[1:]
                todo += _direct(inner)
        elif isinstance(one, pikepdf.Array):
            for inner in one:
                todo += _direct(inner)
        elif isinstance(one, pikepdf.Name):
            yield str(one)[1:]


def _direct(inner: object) -> list[object]:
    is_elsewhere = getattr(inner, "is_indirect", False)
    return [] if is_elsewhere else [inner]


def _decoded(data: bytes) -> str:
    """Decode a string as ISO 32000-2, 7.9.2.2; what is only bytes gives no words."""
    for mark, encoding in ((b"\xfe\xff", "utf-16-be"), (b"\xff\xfe", "utf-16-le")):
        if data.startswith(mark):
            return data[2:].decode(encoding, "replace")
    if data.startswith(b"\xef\xbb\xbf"):
        return data[3:].decode("utf-8", "replace")
    with suppress(UnicodeDecodeError):
        return data.decode("utf-8")
    return data.decode("pdfdoc", "replace")


def _of_stream(stream: pikepdf.Stream) -> Iterator[str]:
    """Yield the texts of a stream that is no content of a page: a packet, an attached text."""
    kind, subtype = str(stream.get("/Type", "")), str(stream.get("/Subtype", ""))
    if subtype == "/Form":
        yield from _drawn_strings(stream)
        return
    if subtype == "/Image":
        yield from _printable(bytes(stream.read_raw_bytes())[: 64 * 1024])
        return
    if kind in ("/XObject", "/XRef", "/ObjStm", "/Font", "/CMap") or "/Length1" in stream:
        return
    data = bytes(stream.read_bytes())[:LARGEST_PACKET]
    if kind == "/Metadata" or b"<x:xmpmeta" in data[:2000] or b"<?xpacket" in data[:2000]:
        yield from _of_xml(_as_text(data))
    elif kind == "/EmbeddedFile" or b"\x00" not in data[:2000].replace(b"\xff\xfe", b""):
        yield _as_text(data)


def _as_text(data: bytes) -> str:
    if data.startswith((b"\xfe\xff", b"\xff\xfe")) or b"<\x00" in data[:200]:
        return data.decode("utf-16", "replace")
    return data.decode("utf-8", "replace")


def _of_xml(packet: str) -> Iterable[str]:
    values = [one or other for one, other in _IN_TAG.findall(packet)]
    return [*values, _TAG.sub("\n", packet)]


def _printable(data: bytes) -> Iterator[str]:
    """Yield runs of letters in the head of a picture: its EXIF, IPTC and comments."""
    for run in re.findall(rb"[\x20-\x7e]{5,}", data):
        yield run.decode("ascii")
    for run in re.findall(rb"(?:[\x20-\x7e]\x00){5,}", data):
        yield run.decode("utf-16-le")


def _drawn_strings(form: pikepdf.Stream) -> Iterator[str]:
    """Yield the strings that a form draws, as far as its bytes are letters."""
    drawn: list[str] = []
    for one in pikepdf.parse_content_stream(form):
        if str(one.operator) not in ("Tj", "TJ", "'", '"'):
            continue
        operands: Any = one.operands
        for operand in operands:
            parts = operand if isinstance(operand, pikepdf.Array) else [operand]
            drawn += [_decoded(bytes(part)) for part in parts if isinstance(part, pikepdf.String)]
    yield "".join(drawn)
    yield " ".join(drawn)


def _earlier(data: bytes) -> Iterator[bytes]:
    """Yield the file as it was before each change that was added at its end."""
    ends = [match.end() for match in _END.finditer(data)]
    for end in ends[:-1][-MOST_VERSIONS:]:
        yield data[:end]
