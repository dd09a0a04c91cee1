"""Cleaned copy of a file, without what readers do not see, checked to look the same."""

import struct
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import pikepdf
import pypdfium2 as pdfium
from PIL import Image, ImageChops

from reviews.pdf.covered_pictures import look_under_boxes
from reviews.pdf.drawing import open_document, open_page
from reviews.pdf.hidden_text import mark_hidden
from reviews.pdf.links import is_private
from reviews.pdf.notes import ODD
from reviews.pdf.objects import Objects
from reviews.pdf.opening import forms_of, names_drawn, open_file
from reviews.pdf.other_words import (
    compact,
    other_words,
    other_words_of_tags,
    take_out,
    texts_of,
)
from reviews.pdf.pictures import unpacked_picture
from reviews.pdf.properties import OF_PARTS, is_of_working_file
from reviews.pdf.report import CannotClean
from reviews.pdf.second_reader import left_in
from reviews.pdf.text import letters_of
from reviews.pdf.titles import is_placeholder
from reviews.pdf.unused import pages_beside

# Of 255: the most by which rounding alone changes two renderings of a page.
SAME = 2
# The most by which a field differs from its copy on the page: positions are rounded in other steps.
SAME_FIELD = 12
# Actions that a link may keep.
KEPT_ACTIONS = {"/URI", "/GoTo", "/Named"}
XMP_NAMES = ["dc:title", "dc:language", "pdfuaid:part", "pdfuaid:rev"]
XMP_NAMES += ["pdfaid:part", "pdfaid:conformance"]


def clean_file(source: Path, output: Path, title: str = "", language: str = "") -> None:
    """Write ``cleaned.pdf``, every page of which was compared with the original.

    Raises CannotClean if a page would look different, or show what is hidden now, or if a second
    reader still finds something that should have gone.
    """
    data = open_file(source.read_bytes()).data
    try:
        with pikepdf.open(BytesIO(data)) as pdf:
            _flatten_form(pdf)
            with_form = _without_other_words(_saved(pdf))
        with pikepdf.open(BytesIO(with_form)) as pdf:
            _strip(pdf, title, language)
            cleaned = _saved(pdf, linearize=True)
        _compare(data, with_form, cleaned)
        left = left_in(cleaned)
    except (*ODD, pdfium.PdfiumError):
        raise CannotClean(
            "This file is not built as a PDF should be, so no cleaned copy can be made. Make the "
            "file anew from its source."
        ) from None
    if left:
        raise CannotClean(
            f"The copy still held {', '.join(left)} when it was read again. Make the file anew "
            "from its source."
        )
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


# What a reader needs of the catalogue and of a page (ISO 32000-1, tables 28 and 30).
_KEPT_OF_ROOT = {
    *("/Type", "/Version", "/Extensions", "/Pages", "/PageLabels", "/Names", "/Dests"),
    *("/ViewerPreferences", "/PageLayout", "/PageMode", "/Outlines", "/OpenAction"),
    *("/StructTreeRoot", "/MarkInfo", "/Lang", "/OutputIntents", "/OCProperties"),
}
_KEPT_OF_PAGE = {
    *("/Type", "/Parent", "/Resources", "/MediaBox", "/CropBox", "/BleedBox", "/TrimBox"),
    *("/ArtBox", "/Contents", "/Rotate", "/Group", "/Annots", "/Tabs", "/StructParents"),
    *("/UserUnit", "/Dur", "/Trans"),
}
# What programs keep for themselves in any part of a file, attached files, and actions without a
# click. The file's own properties are made anew.
_PRIVATE = (
    *("/PieceInfo", "/Metadata", "/LastModified", "/AF", "/Thumb", "/AA", "/OPI"),
    *("/PTEX.InfoDict", "/PTEX.FileName", "/PTEX.PageNumber", "/CreatorInfo"),
)


def _without_other_words(data: bytes) -> bytes:
    """Return a file without the replacements that say other words than are to be seen."""
    with pikepdf.open(BytesIO(data)) as pdf:
        objects = Objects(pdf)
        by_page = other_words(data, objects)
        of_content = {text for texts in by_page.values() for text in texts}
        doubtful = list(other_words_of_tags(objects, ""))
        if not (of_content or doubtful):
            return data
        take_out(objects, of_content)
        if doubtful:
            seen = texts_of(_saved(pdf), range(1, len(pdf.pages) + 1))
            for tag, _ in list(other_words_of_tags(objects, compact(" ".join(seen.values())))):
                del tag["/ActualText"]
        return _saved(pdf)


def _strip(pdf: pikepdf.Pdf, title: str, language: str) -> None:
    root = pdf.Root
    kept = _kept_properties(pdf, title)
    if not _is_view(root.get("/OpenAction")):
        _drop(root, "/OpenAction")
    for name in set(root.keys()) - _KEPT_OF_ROOT:
        del root[name]
    names = root.get("/Names")
    if isinstance(names, pikepdf.Dictionary):
        for name in set(names.keys()) - {"/Dests"}:
            del names[name]
    if "/Info" in pdf.trailer:
        del pdf.trailer["/Info"]
    for page in pdf.pages:
        for name in set(page.obj.keys()) - _KEPT_OF_PAGE:
            del page.obj[name]
        _strip_annotations(page.obj)
    _strip_bookmarks(pdf)
    _strip_unused(pdf)
    # Of all that is left, whatever a page, a pattern, a mask or a tag uses it for.
    objects = Objects(pdf)
    for name in _PRIVATE:
        for _, holder in list(objects.with_name(name)):
            # What a style of tags of this name stands for is a name itself.
            if not isinstance(holder.get(name), pikepdf.Name):
                del holder[name]
    for name in OF_PARTS:
        for _, holder in list(objects.with_name(name)):
            if isinstance(holder.get(name), pikepdf.String):
                del holder[name]
    for _, holder in list(objects.with_name("/Usage")):
        if isinstance(usage := holder.get("/Usage"), pikepdf.Dictionary):
            _drop(usage, "/User")
    for _, tag in list(objects.with_name("/T")):
        if "/S" in tag and "/Subtype" not in tag:
            # The title of a tag, which no reader is shown.
            del tag["/T"]
    for _, image in list(objects.streams("/Image")):
        _strip_picture(image)
    _put_back(pdf, kept, language)


def _strip_unused(pdf: pikepdf.Pdf) -> None:
    """Empty the pages that are none any more, and remove what nothing draws."""
    objects = Objects(pdf)
    for key, _ in pages_beside(objects):
        page = objects.get(key)
        for name in set(page.keys()):
            del page[name]
    # Pages and drawings may have the same list of drawings at hand.
    drawn: dict[object, set[str]] = {}
    at_hand: list[tuple[object, pikepdf.Object]] = []
    for holder, content in _who_draws(objects):
        resources = holder.get("/Resources")
        named = resources.get("/XObject") if isinstance(resources, pikepdf.Dictionary) else None
        if not (
            isinstance(resources, pikepdf.Dictionary) and isinstance(named, pikepdf.Dictionary)
        ):
            continue
        within = resources if resources.is_indirect else holder
        owner = named if named.is_indirect else within
        names = names_drawn(content)
        for form in forms_of(resources).values():
            if "/Resources" not in form:
                # It draws with the resources of what draws it.
                names |= names_drawn(bytes(form.read_bytes()))
        drawn.setdefault(owner.objgen, set()).update(names)
        at_hand.append((owner.objgen, named))
    for owner_key, named in at_hand:
        for name in set(named.keys()) - drawn[owner_key]:
            del named[name]


def _who_draws(objects: Objects) -> Iterator[tuple[pikepdf.Object, bytes]]:
    """Yield pages, and the drawings, patterns and the like that have resources, with content."""
    for key in objects.pages:
        page = objects.get(key)
        content = page.get("/Contents")
        parts = content if isinstance(content, pikepdf.Array) else [content]
        streams = [part for part in parts if isinstance(part, pikepdf.Stream)]
        while "/Resources" not in page and isinstance(page.get("/Parent"), pikepdf.Dictionary):
            # Inherited by all pages below (ISO 32000-1, 7.7.3.4).
            page = page["/Parent"]
        yield page, b"\n".join(bytes(stream.read_bytes()) for stream in streams)
    for _, holder in objects.with_name("/Resources"):
        if isinstance(holder, pikepdf.Stream):
            yield holder, bytes(holder.read_bytes())
        elif isinstance(letters := holder.get("/CharProcs"), pikepdf.Dictionary):
            yield holder, b"\n".join(bytes(letter.read_bytes()) for letter in letters.values())


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
    kept["dc:title"] = title or next(
        (
            one
            for one in (own, kept.get("dc:title", ""))
            if one and not (is_of_working_file(one) or is_placeholder(one))
        ),
        "",
    )
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
    return "/Next" not in action and not is_private(str(action.get("/URI", "")))


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
    parameters = settings if isinstance(settings, pikepdf.Dictionary) else None
    image.write(stripped, filter=pikepdf.Name(kind), decode_parms=parameters)


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
            (words, pictures), (all_words, all_pictures) = _seen(flat, index), _seen(last, index)
            if words != all_words:
                raise CannotClean(
                    f"On page {index + 1}, a comment or mark lies over text. Without it the text "
                    "would show. Take the words out in the source and make the file anew."
                )
            if pictures != all_pictures:
                raise CannotClean(
                    f"On page {index + 1}, a comment or mark lies over a picture. Without it the "
                    "picture would show. Blacken the picture itself and make the file anew."
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


def _seen(document: pdfium.PdfDocument, index: int) -> tuple[list[str], list[str]]:
    """Return the visible letters of a page, and what is said of pictures under boxes on it."""
    with open_page(document, index) as page:
        drawn = page.drawn()
        letters = letters_of(page, drawn)
        mark_hidden(page, drawn, letters)
        covered = [detail for one in look_under_boxes(page, drawn) for detail in one.details]
        return sorted(x.char.text for x in letters if x.counts and x.hidden is None), covered
