"""Cleaned copy of a file, without what readers do not see, checked to look the same."""

import re
import struct
from io import BytesIO
from pathlib import Path
from typing import Any

import pikepdf
import pypdfium2 as pdfium
from PIL import Image, ImageChops

from reviews.pdf.drawing import open_document, open_page
from reviews.pdf.hidden_text import mark_hidden
from reviews.pdf.notes import ODD, objects_in
from reviews.pdf.opening import inherited, open_file
from reviews.pdf.pictures import unpacked_picture
from reviews.pdf.report import CannotClean
from reviews.pdf.text import letters_of

# Of 255: the most by which rounding alone changes two renderings of a page.
SAME = 2
# The most by which a field differs from its copy on the page: positions are rounded in other steps.
SAME_FIELD = 12
# Actions that a link may keep.
KEPT_ACTIONS = {"/URI", "/GoTo", "/Named"}
UNKEPT_ADDRESS = re.compile(r"(?i)^\s*(file:|\\\\|[a-z]:[\\/])")
XMP_NAMES = ["dc:title", "dc:language", "pdfuaid:part", "pdfuaid:rev"]
XMP_NAMES += ["pdfaid:part", "pdfaid:conformance"]


def clean_file(source: Path, output: Path, title: str = "", language: str = "") -> None:
    """Write ``cleaned.pdf``, every page of which was compared with the original.

    Raises CannotClean if a page would look different, or show what is hidden now.
    """
    data = open_file(source.read_bytes()).data
    try:
        pdf = pikepdf.open(BytesIO(data))
        _flatten_form(pdf)
        with_form = _saved(pdf)
        pdf = pikepdf.open(BytesIO(with_form))
        _strip(pdf, title, language)
        cleaned = _saved(pdf, linearize=True)
        _compare(data, with_form, cleaned)
    except (*ODD, pdfium.PdfiumError):
        raise CannotClean(
            "This file is not built as a PDF should be, so no cleaned copy can be made. Make the "
            "file anew from its source."
        ) from None
    (output / "cleaned.pdf").write_bytes(cleaned)


def _saved(pdf: pikepdf.Pdf, *, linearize: bool = False) -> bytes:
    output = BytesIO()
    # Only what the document still refers to is written: nothing of earlier revisions.
    pdf.save(
        output,
        linearize=linearize,
        deterministic_id=True,
        object_stream_mode=pikepdf.ObjectStreamMode.generate,
        compress_streams=True,
        encryption=False,
    )
    return output.getvalue()


# --- the form: filled-in values become part of the page ---------------------------------------


def _flatten_form(pdf: pikepdf.Pdf) -> None:
    """Draw the visible fields onto their pages; other annotations stay for now."""
    if "/AcroForm" not in pdf.Root:
        return
    aside = []
    for page in pdf.pages:
        annotations = page.obj.get("/Annots")
        if not isinstance(annotations, pikepdf.Array):
            continue
        fields = [a for a in annotations if _kind(a) == "/Widget"]
        aside.append((page, [a for a in annotations if _kind(a) != "/Widget"]))
        page.obj.Annots = pikepdf.Array(fields)
    try:
        pdf.flatten_annotations("screen")
    except ODD:
        raise CannotClean("The form in this file could not be made part of its pages.") from None
    for page, rest in aside:
        if rest:
            page.obj.Annots = pikepdf.Array(rest)
        elif "/Annots" in page.obj:
            del page.obj["/Annots"]
    # qpdf removes the form itself if no field is left in it.
    _drop(pdf.Root, "/AcroForm")


def _kind(annotation: object) -> str:
    if isinstance(annotation, pikepdf.Dictionary):
        return str(annotation.get("/Subtype", ""))
    return ""


# --- removal ------------------------------------------------------------------------------------


def _strip(pdf: pikepdf.Pdf, title: str, language: str) -> None:
    root = pdf.Root
    kept = _kept_properties(pdf, title)
    for name in ("/AcroForm", "/AA", "/AF", "/Collection", "/PieceInfo", "/SpiderInfo"):
        _drop(root, name)
    for name in ("/Metadata", "/Perms", "/Legal", "/Threads"):
        _drop(root, name)
    if not _is_view(root.get("/OpenAction")):
        _drop(root, "/OpenAction")
    names = root.get("/Names")
    if isinstance(names, pikepdf.Dictionary):
        for name in ("/JavaScript", "/EmbeddedFiles", "/AlternatePresentations", "/Renditions"):
            _drop(names, name)
    if "/Info" in pdf.trailer:
        del pdf.trailer["/Info"]
    # Resources that pages share are stripped once.
    seen: set[tuple[int, int]] = set()
    for page in pdf.pages:
        for name in ("/AA", "/AF", "/PieceInfo", "/Thumb", "/Metadata", "/B", "/LastModified"):
            _drop(page.obj, name)
        _strip_annotations(page.obj)
        _strip_objects(inherited(page.obj, "/Resources"), seen, 0)
    _strip_bookmarks(pdf)
    _put_back(pdf, kept, language)


def _drop(holder: pikepdf.Object, name: str) -> None:
    if name in holder:
        del holder[name]


def _is_view(action: object) -> bool:
    """Return whether an opening action only selects a page to show."""
    if isinstance(action, pikepdf.Array):
        return True
    return isinstance(action, pikepdf.Dictionary) and action.get("/S") == "/GoTo"


def _kept_properties(pdf: pikepdf.Pdf, title: str) -> dict[str, str]:
    """Return the few properties that serve readers: title, language, conformance."""
    kept = {}
    try:
        with pdf.open_metadata(set_pikepdf_as_editor=False, update_docinfo=False) as metadata:
            kept = {name: str(metadata[name]) for name in XMP_NAMES if name in metadata}
    except ODD:
        kept = {}
    info = pdf.trailer.get("/Info")
    own = str(info.get("/Title", "")) if isinstance(info, pikepdf.Dictionary) else ""
    kept["dc:title"] = title or own or kept.get("dc:title", "")
    return kept


def _put_back(pdf: pikepdf.Pdf, kept: dict[str, str], language: str) -> None:
    if language and not str(pdf.Root.get("/Lang", "")):
        pdf.Root.Lang = pikepdf.String(language)
    if kept["dc:title"]:
        pdf.docinfo["/Title"] = kept["dc:title"]
        viewer = pdf.Root.get("/ViewerPreferences")
        if not isinstance(viewer, pikepdf.Dictionary):
            pdf.Root.ViewerPreferences = viewer = pikepdf.Dictionary()
        viewer["/DisplayDocTitle"] = True
    with pdf.open_metadata(set_pikepdf_as_editor=False, update_docinfo=False) as metadata:
        for name, value in kept.items():
            if value:
                metadata[name] = [value] if name == "dc:language" else value


def _strip_annotations(page: pikepdf.Object) -> None:
    annotations = page.get("/Annots")
    if not isinstance(annotations, pikepdf.Array):
        _drop(page, "/Annots")
        return
    links = [a for a in annotations if _kind(a) == "/Link" and _is_harmless(a)]
    for link in links:
        # Author, dates, and what is hidden behind the link.
        for name in ("/AA", "/T", "/M", "/NM", "/Popup", "/PA"):
            _drop(link, name)
    if links:
        page.Annots = pikepdf.Array(links)
    else:
        _drop(page, "/Annots")


def _is_harmless(link: pikepdf.Object) -> bool:
    action = link.get("/A")
    if action is None:
        return "/Dest" in link
    if not isinstance(action, pikepdf.Dictionary) or str(action.get("/S")) not in KEPT_ACTIONS:
        return False
    return "/Next" not in action and not UNKEPT_ADDRESS.match(str(action.get("/URI", "")))


def _strip_bookmarks(pdf: pikepdf.Pdf) -> None:
    outlines = pdf.Root.get("/Outlines")
    waiting = [outlines.get("/First")] if isinstance(outlines, pikepdf.Dictionary) else []
    seen: set[tuple[int, int]] = set()
    while waiting and len(seen) < 20_000:
        item = waiting.pop()
        if not isinstance(item, pikepdf.Dictionary) or item.objgen in seen:
            continue
        seen.add(item.objgen)
        if "/A" in item and not _is_harmless(item):
            del item["/A"]
        waiting += [item.get("/Next"), item.get("/First")]


def _strip_objects(resources: object, seen: set[tuple[int, int]], depth: int) -> None:
    """Remove private data of programs and cameras from drawings and pictures."""
    if not isinstance(resources, pikepdf.Dictionary) or depth > 40:
        return
    for item in objects_in(resources, seen):
        for name in ("/PieceInfo", "/Metadata", "/LastModified", "/AF"):
            _drop(item, name)
        if item.get("/Subtype") == "/Image":
            _strip_picture(item)
        else:
            _strip_objects(item.get("/Resources"), seen, depth + 1)


def _strip_picture(image: pikepdf.Object) -> None:
    packed, kind = unpacked_picture(image)
    stripped = packed
    if kind == "/DCTDecode":
        stripped = without_notes(packed)
    elif kind == "/JPXDecode":
        stripped = without_boxes(packed)
    if stripped == packed:
        return
    settings = image.get("/DecodeParms")
    if isinstance(settings, pikepdf.Array):
        # The last belongs to the picture's own filter; those of other filters are gone.
        settings = settings[-1] if len(settings) else None
    told = settings if isinstance(settings, pikepdf.Dictionary) else None
    image.write(stripped, filter=pikepdf.Name(kind), decode_parms=told)


# Segments of a JPEG that stay: JFIF, the colour profile and Adobe's colour transform.
_KEPT_SEGMENTS = {0xE0, 0xE2, 0xEE}


def without_notes(jpeg: bytes) -> bytes:
    """Return a JPEG without EXIF, XMP, IPTC and comments; its picture is not changed.

    Segments come before the picture, each with its length (ITU-T T.81, B.1.1.4).
    """
    if not jpeg.startswith(b"\xff\xd8"):
        return jpeg
    kept = [b"\xff\xd8"]
    at = 2
    while at + 4 <= len(jpeg) and jpeg[at] == 0xFF:
        marker = jpeg[at + 1]
        if marker == 0xFF:
            at += 1
            continue
        if marker == 0xDA:
            break
        (length,) = struct.unpack(">H", jpeg[at + 2 : at + 4])
        end = at + 2 + length
        if length < 2 or end > len(jpeg):
            return jpeg
        is_note = marker == 0xFE or (0xE0 <= marker <= 0xEF and marker not in _KEPT_SEGMENTS)
        if not is_note:
            kept.append(jpeg[at:end])
        at = end
    return b"".join(kept) + jpeg[at:]


def without_boxes(jpeg2000: bytes) -> bytes:
    """Return a JPEG 2000 file without XML and private boxes (ISO/IEC 15444-1, annex I)."""
    kept = []
    at = 0
    while at + 8 <= len(jpeg2000):
        length, kind = struct.unpack(">I4s", jpeg2000[at : at + 8])
        if length == 1 and at + 16 <= len(jpeg2000):
            (length,) = struct.unpack(">Q", jpeg2000[at + 8 : at + 16])
        end = at + length if length else len(jpeg2000)
        if end < at + 8 or end > len(jpeg2000):
            # A raw code stream without boxes, or a truncated box.
            return jpeg2000
        if kind not in (b"xml ", b"uuid", b"uinf"):
            kept.append(jpeg2000[at:end])
        at = end
    return b"".join(kept) + jpeg2000[at:]


# --- comparison ---------------------------------------------------------------------------------


def _compare(original: bytes, with_form: bytes, cleaned: bytes) -> None:
    """Compare every page of a file and its copy. Raises CannotClean."""
    documents = [open_document(data) for data in (original, with_form, cleaned)]
    first, flat, last = documents
    try:
        if not len(first) == len(flat) == len(last):
            raise CannotClean("The cleaned copy has not the same number of pages.")
        for index in range(len(first)):
            if not _look_alike(first, flat, last, index):
                raise CannotClean(
                    f"Page {index + 1} of the cleaned copy would look different. Make the file "
                    "anew from its source."
                )
            if _words(last, index) != _words(flat, index):
                raise CannotClean(
                    f"On page {index + 1}, a comment or mark lies over text. Without it the text "
                    "would show. Take the words out in the source and make the file anew."
                )
    finally:
        for document in documents:
            document.close()


def _look_alike(
    first: pdfium.PdfDocument, flat: pdfium.PdfDocument, last: pdfium.PdfDocument, index: int
) -> bool:
    """Return whether a page looks the same except for comments, with its form drawn in."""
    with (
        open_page(first, index) as before,
        open_page(flat, index) as filled,
        open_page(last, index) as after,
    ):
        same_as_filled = _same(filled.picture(annotations=False), after.picture(annotations=False))
        # With everything drawn, the form included, flattening must have changed nothing.
        return same_as_filled and _same(
            before.picture(type_of_fields=True),
            filled.picture(type_of_fields=True),
            most_apart=SAME_FIELD,
        )


def _same(one: Image.Image, other: Image.Image, *, most_apart: int = SAME) -> bool:
    if one.size != other.size:
        return False
    extremes: Any = ImageChops.difference(one, other).getextrema()
    return all(most <= most_apart for _, most in extremes)


def _words(document: pdfium.PdfDocument, index: int) -> list[str]:
    """Return the visible letters of a page."""
    with open_page(document, index) as page:
        drawn = page.drawn()
        letters = letters_of(page, drawn)
        mark_hidden(page, drawn, letters)
        return sorted(x.char.text for x in letters if x.counts and x.hidden is None)
