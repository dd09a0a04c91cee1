"""Opens a file, refuses what must not be accepted, and repairs a broken cross-reference table."""

import math
import re
import zlib
from dataclasses import dataclass
from io import BytesIO

import pikepdf

from reviews.pdf.limits import MOST_PAGES
from reviews.pdf.mending import mended, shows_the_same, with_trailer_mended
from reviews.pdf.report import Refused

# ISO 32000-1, annex C: pages are at most 14,400 units (5.08 m) wide and high.
LARGEST_SIDE = 14_400
POINTS_A_METRE = 72 / 0.0254
# Decompressed bytes of one stream, and of all streams together except pictures.
LARGEST_STREAM = 64 * 1024 * 1024
LARGEST_TOGETHER = 400 * 1024 * 1024
MOST_OBJECTS = 500_000
LONGEST_TAIL = 1024
BLANKS = b"\x00\r\n\t "
# Bytes of page content that may draw nothing and still be valid.
LONGEST_FRAME = 2000

AGAIN = "Save it again as PDF from the program it was made with."
DAMAGED = f"This file is damaged: parts of it cannot be read. {AGAIN}"
LOCKED = "A password is needed to open this file. Save it again without a password."


@dataclass
class OpenFile:
    pdf: pikepdf.Pdf
    # What pdfium reads and the site stores: the bytes as sent, or a repaired copy.
    data: bytes
    was_repaired: bool


def open_file(data: bytes) -> OpenFile:
    """Open a file for reading. Raises Refused with a sentence for the editor."""
    check_ends(data)
    sent = data
    pdf, is_mended = _open(data)
    warnings = _warnings(pdf)
    if _LOST.search(warnings) and (better := with_trailer_mended(data)):
        data = better
        pdf, _ = _open(data)
        warnings, is_mended = _warnings(pdf), True
    is_lost = is_mended or bool(_LOST.search(warnings)) or not data.startswith(b"%PDF-")
    if is_lost:
        if not _END.search(data.rstrip(BLANKS)[-2 * LONGEST_TAIL :]):
            raise Refused(f"This file breaks off: its end is missing. {AGAIN}")
        data = _saved(pdf)
        # Saving reads every part of it.
        if _HURT.search(f"{warnings}\n{_warnings(pdf)}"):
            raise Refused(DAMAGED)
        pdf, _ = _open(data)
    # First, so that the others decompress nothing large.
    _check_streams(pdf)
    _check_pages(pdf)
    if is_lost and not shows_the_same(sent, data):
        raise Refused(DAMAGED)
    return OpenFile(pdf, data, was_repaired=is_lost)


# The end of a file. One truncated within the last of its marks has lost nothing.
_END = re.compile(rb"%%EOF|startxref\s+\d+\s*%{0,2}E?O?\s*$")
# Text allowed before a file: lines that a program printed while it wrote the PDF to the same
# output. Nothing that another program would take for a web page, a script or its own file type.
_PRINTED = re.compile(rb"(?!#!|%!|[{]\\rtf|MZ|PK|GIF8|BM|Rar!|@)[\t\n\f\r -;=-~\x80-\xff]+")


def check_ends(data: bytes) -> None:
    """Refuse what is not a PDF, or something else as well. Raises Refused."""
    if not data.strip(BLANKS):
        raise Refused("This file is empty. Save the PDF again and choose the new file.")
    # ISO 32000-1, 7.5.2: it begins with the header. Readers look for it in the first 1024 bytes,
    # which lets one file be a PDF to some programs and a web page to others.
    start = data[:LONGEST_TAIL].lstrip(b"\xef\xbb\xbf" + BLANKS)
    if not start.startswith(b"%PDF-"):
        before, header, _ = start.partition(b"%PDF-")
        # The stored copy begins with the PDF.
        if header and _PRINTED.fullmatch(before):
            pass
        elif header:
            raise Refused(f"Before the PDF, something else stands in this file. {AGAIN}")
        else:
            raise Refused("This is not a PDF, whatever its name says. Save it as PDF first.")
    end = data.rfind(b"%%EOF")
    if end >= 0 and len(data[end + 5 :].strip(BLANKS)) > LONGEST_TAIL:
        # The end of one part of a truncated file is not its end: reported elsewhere.
        is_cut = b"startxref" in data[end:] or b"endobj" in data[end:]
        if not is_cut:
            raise Refused(f"After the PDF, something else stands in this file. {AGAIN}")
    elif end >= 0 and b"PK\x05\x06" in data[end:]:
        raise Refused(f"After the PDF, something else stands in this file. {AGAIN}")


def _open(data: bytes) -> tuple[pikepdf.Pdf, bool]:
    """Open a file; return as well whether it had to be mended for that. Raises Refused."""
    try:
        pdf, is_mended = _opened(data)
        count = len(pdf.pages)
    except pikepdf.PasswordError:
        raise Refused(LOCKED) from None
    except (
        pikepdf.PdfError,
        ValueError,
        TypeError,
        RuntimeError,
        KeyError,
        AttributeError,
    ) as error:
        if "unsupported encryption" in str(error):
            raise Refused(
                "This file is locked for all but certain people. Save it again without protection."
            ) from None
        raise Refused(f"This file is damaged and cannot be read. {AGAIN}") from None
    if count > MOST_PAGES:
        raise Refused(
            f"This file has {count:,} pages; the most is {MOST_PAGES:,}. Give it in parts."
        )
    if not count:
        raise Refused(f"This file has no pages. {AGAIN}")
    return pdf, is_mended


def _opened(data: bytes) -> tuple[pikepdf.Pdf, bool]:
    try:
        return pikepdf.open(BytesIO(data)), False
    except pikepdf.PasswordError:
        raise
    except pikepdf.PdfError as error:
        pdf = mended(data, error)
        if pdf is None:
            raise
        return pdf, True


# qpdf's warnings for a wrong cross-reference table; all objects are there, and are found again.
_LOST = re.compile("damaged|reconstruct|xref|loop", re.IGNORECASE)
# Its warnings for broken objects; the trailer is none, and what it lists is found again.
_HURT = re.compile(
    r"^(?!.*\(trailer, ).*(unknown token|parse error|unexpected|treating as null|loop)",
    re.IGNORECASE | re.MULTILINE,
)


def _warnings(pdf: pikepdf.Pdf) -> str:
    """Return qpdf's warnings since the last call, one a line."""
    return "\n".join(" ".join(str(warning).split()) for warning in pdf.get_warnings())


def _saved(pdf: pikepdf.Pdf) -> bytes:
    output = BytesIO()
    if "/Size" not in pdf.trailer:
        # qpdf writes the right number, but only in place of another.
        pdf.trailer["/Size"] = 0
    try:
        pdf.save(output, linearize=False, deterministic_id=True)
    except (pikepdf.PdfError, ValueError, RuntimeError):
        raise Refused(f"This file is damaged and cannot be mended. {AGAIN}") from None
    return output.getvalue()


def _check_pages(pdf: pikepdf.Pdf) -> None:
    for number, page in enumerate(pdf.pages, 1):
        for name in ("/MediaBox", "/CropBox"):
            _check_box(page.obj, name, number)
        _check_nesting(page.obj, number)


def _check_box(page: pikepdf.Object, name: str, number: int) -> None:
    box = inherited(page, name)
    if not isinstance(box, pikepdf.Array):
        return
    try:
        left, bottom, right, top = (float(value) for value in box)
    except (TypeError, ValueError, OverflowError):
        raise Refused(f"Page {number} of this file has no readable size. {AGAIN}") from None
    side = max(abs(right - left), abs(top - bottom))
    if not math.isfinite(side) or side > LARGEST_SIDE:
        most = LARGEST_SIDE / POINTS_A_METRE
        raise Refused(
            f"Page {number} of this file is larger than {most:.0f} metres. Set a size of paper "
            "and save it again."
        )


def inherited(page: pikepdf.Object | None, name: str) -> pikepdf.Object | None:
    """Return an attribute of a page or the one it inherits (ISO 32000-1, 7.7.3.4)."""
    for _ in range(50):
        if not isinstance(page, pikepdf.Dictionary):
            return None
        if name in page:
            return page[name]
        page = page.get("/Parent")
    return None


def _check_nesting(page: pikepdf.Object, number: int) -> None:
    """Refuse forms that draw themselves: they hang or crash a reader."""
    done: set[tuple[int, int]] = set()

    def visit(forms: list[pikepdf.Object], above: frozenset[tuple[int, int]], depth: int) -> None:
        for form in forms:
            key = form.objgen
            if key in above or depth > 100:
                raise Refused(f"A drawing on page {number} of this file contains itself. {AGAIN}")
            if key in done:
                continue
            visit(_drawn_in(form), above | {key}, depth + 1)
            done.add(key)

    visit(list(forms_of(inherited(page, "/Resources")).values()), frozenset(), 0)


def forms_of(resources: object) -> dict[str, pikepdf.Object]:
    """Return the form XObjects of these resources, by name."""
    objects = resources.get("/XObject") if isinstance(resources, pikepdf.Dictionary) else None
    if not isinstance(objects, pikepdf.Dictionary):
        return {}
    return {
        name: item
        for name, item in objects.items()
        if isinstance(item, pikepdf.Stream) and item.get("/Subtype") == "/Form"
    }


_DRAWS = re.compile(rb"(/[^\x00\t\n\f\r ()<>\[\]{}/%]*)[\x00\t\n\f\r ]*Do\b")


def _drawn_in(form: pikepdf.Object) -> list[pikepdf.Object]:
    """Return the forms that a form draws.

    Some programs give all forms of a file the same resources, so each of them names itself.
    """
    forms = forms_of(form.get("/Resources"))
    if not forms:
        return []
    try:
        content = bytes(form.read_bytes())
    except (pikepdf.PdfError, RuntimeError, ValueError):
        return list(forms.values())
    drawn = names_drawn(content)
    return [item for name, item in forms.items() if name in drawn]


def names_drawn(content: bytes) -> set[str]:
    """Return the names of the XObjects that a content stream draws."""
    return {_spelt_out(name) for name in _DRAWS.findall(content)}


def _spelt_out(name: bytes) -> str:
    """Return a name as pikepdf gives it: any character can be written as # and two hex digits."""
    plain = re.sub(rb"#([0-9A-Fa-f]{2})", lambda code: bytes([int(code[1], 16)]), name)
    return plain.decode("utf-8", "surrogateescape")


def _check_streams(pdf: pikepdf.Pdf) -> None:
    """Refuse decompression bombs, and truncated pages."""
    if len(pdf.objects) > MOST_OBJECTS:
        raise Refused(f"This file has more parts than a document can have. {AGAIN}")
    page_of = _page_of_content(pdf)
    together = 0
    for item in pdf.objects:
        if not isinstance(item, pikepdf.Stream) or item.get("/Subtype") == "/Image":
            continue
        number = page_of.get(item.objgen)
        together += _unpacked(item, f"Page {number} of this" if number else "This", number)
        if together > LARGEST_TOGETHER:
            raise Refused(f"This file unpacks to more than a document can hold. {AGAIN}")


def _page_of_content(pdf: pikepdf.Pdf) -> dict[tuple[int, int], int]:
    page_of = {}
    for number, page in enumerate(pdf.pages, 1):
        content = page.obj.get("/Contents")
        parts = list(content) if isinstance(content, pikepdf.Array) else [content]
        for part in parts:
            if isinstance(part, pikepdf.Stream):
                page_of[part.objgen] = number
    return page_of


def pages_with_content(pdf: pikepdf.Pdf) -> set[int]:
    """Return the pages, from 0, that should show something: their content is more than a frame."""
    found = set()
    for index, page in enumerate(pdf.pages):
        content = page.obj.get("/Contents")
        parts = list(content) if isinstance(content, pikepdf.Array) else [content]
        streams = [part for part in parts if isinstance(part, pikepdf.Stream)]
        if sum(_unpacked(stream, "This", None) for stream in streams) > LONGEST_FRAME:
            found.add(index)
    return found


def _unpacked(stream: pikepdf.Object, what: str, page: int | None) -> int:
    """Return the decompressed size of a stream in bytes, without keeping all of it in memory."""
    filters = stream.get("/Filter")
    names = [str(f) for f in filters] if isinstance(filters, pikepdf.Array) else [str(filters)]
    try:
        data = bytes(stream.read_raw_bytes())
    except (pikepdf.PdfError, RuntimeError, ValueError):
        raise Refused(f"{what} file is damaged. {AGAIN}") from None
    for name in names:
        if name not in ("/FlateDecode", "/Fl"):
            break
        unpacker = zlib.decompressobj()
        try:
            data = unpacker.decompress(data, LARGEST_STREAM + 1)
        except zlib.error as error:
            # A wrong checksum at the end loses nothing, and readers ignore it.
            if page and "data check" not in str(error):
                raise Refused(
                    f"Page {page} of this file is damaged: part of it cannot be read. {AGAIN}"
                ) from None
            break
        if len(data) > LARGEST_STREAM:
            raise Refused(
                f"{what} file unpacks to more than a document can hold. It is damaged or made to "
                "do harm."
            )
    return len(data)
