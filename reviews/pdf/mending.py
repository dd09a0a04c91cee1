"""Opens files that other readers show and qpdf does not, or not wholly.

What is mended loses nothing: the tree of the pages is written anew with every page that readers
find in it, objects get other numbers, a trailer says where its objects are. What is damaged itself
is not mended, but refused: ``shows_the_same`` asks a second reader.
"""

import re
from io import BytesIO

import pikepdf
import pypdfium2 as pdfium
from PIL import Image, ImageChops

from reviews.pdf.drawing import open_document, open_page
from reviews.pdf.limits import MOST_PAGES
from reviews.pdf.report import Refused

# ISO 32000-1, 7.7.3.4: what a page has from the branches above it.
INHERITED = ("/Resources", "/MediaBox", "/CropBox", "/Rotate")
# Branches of the page tree within each other.
DEEPEST = 100
# qpdf takes no object to have a higher number than a third of the file has bytes.
BYTES_AN_OBJECT = 3
MOST_PADDING = 32 * 1024 * 1024
# Words of a page drawn at this scale are grey lines, and their absence is seen.
SCALE = 0.25
# Of 255: differences of less are of rounding.
SAME = 64


def mended(data: bytes, error: Exception) -> pikepdf.Pdf | None:
    """Open a file that qpdf did not open for this error; None if it cannot be mended.

    Raises Refused if it would have too many pages, and PdfError if it cannot be opened either.
    """
    if "/Pages structure" in str(error):
        return _with_new_page_tree(data)
    if "/Root" in str(error):
        return _with_room_for_numbers(data)
    return None


# --- a branch of the page tree that stands twice -------------------------------------------------


def _with_new_page_tree(data: bytes) -> pikepdf.Pdf | None:
    """Open the file and put its pages into one list.

    A branch that stands twice is shown twice, as readers do; one that stands in itself, once.
    """
    pdf = pikepdf.open(BytesIO(data), inherit_page_attributes=False)
    top = pdf.Root.get("/Pages")
    if not isinstance(top, pikepdf.Dictionary):
        return None
    known: set[tuple[int, int]] = set()
    kids = []
    for page, attributes in _pages_below(top, {}, set(), ()):
        # A page that stands twice is two pages of one content.
        kid = pdf.make_indirect(page.copy()) if _is_one_of(page, known) else page
        known.add(page.objgen)
        for name, value in attributes.items():
            if name not in kid:
                kid[name] = value
        kid["/Parent"] = top
        kids.append(kid)
    for name in INHERITED:
        if name in top:
            del top[name]
    top["/Kids"] = pikepdf.Array(kids)
    top["/Count"] = len(kids)
    return pdf


_Key = tuple[int, int]
_Attributes = dict[str, pikepdf.Object]
_Pages = list[tuple[pikepdf.Object, _Attributes]]


def _pages_below(
    branch: pikepdf.Object, inherited: _Attributes, empty: set[_Key], above: tuple[_Key, ...]
) -> _Pages:
    """Return the pages of a branch in their order, each with what it inherits."""
    kids = branch.get("/Kids")
    if not isinstance(kids, pikepdf.Array):
        return []
    if len(above) > DEEPEST:
        raise pikepdf.PdfError("The pages are nested too deeply.")
    inherited = {**inherited, **{name: branch[name] for name in INHERITED if name in branch}}
    above = (*above, branch.objgen)
    pages: _Pages = []
    for kid in kids:
        if not isinstance(kid, pikepdf.Dictionary) or _is_one_of(kid, {*above, *empty}):
            continue
        if "/Kids" in kid:
            below = _pages_below(kid, inherited, empty, above)
            if not below:
                # Looked into once, however often it stands there.
                empty.add(kid.objgen)
            pages += below
        else:
            pages.append((kid, inherited))
        if len(pages) > MOST_PAGES:
            raise Refused(
                f"This file has more than {MOST_PAGES:,} pages, the most that are taken. Give it "
                "in parts."
            )
    return pages


def _is_one_of(item: pikepdf.Object, keys: set[_Key]) -> bool:
    """Return whether an object has one of these numbers; what is written in its place has none."""
    return item.is_indirect and item.objgen in keys


# --- numbers of objects that are too high for the size of the file -------------------------------

_START = re.compile(rb"startxref\s+\d+\s+%%EOF")
_SIZE = re.compile(rb"/Size\s+(\d{1,9})\b")


def _with_room_for_numbers(data: bytes) -> pikepdf.Pdf | None:
    """Open the file with blanks and its last line once more, which changes nothing else.

    Saving numbers its objects anew.
    """
    starts = list(_START.finditer(data))
    sizes = [int(size) for size in _SIZE.findall(data)]
    missing = BYTES_AN_OBJECT * (max(sizes, default=0) + 1) - len(data)
    if not starts or not 0 < missing <= MOST_PADDING:
        return None
    return pikepdf.open(BytesIO(data + b"\n" * missing + starts[-1][0] + b"\n"))


# --- a trailer that cannot be read ----------------------------------------------------------------

# The second end of a file by Word: no objects of its own, but the place of those that only newer
# readers know (ISO 32000-1, 7.5.8.4).
_SECOND_END = re.compile(
    rb"(?<!start)(xref\s+0 0\s+trailer\s*<<.*?/XRefStm\s*)([^/>]*)(.*?startxref\s+\d+\s+%%EOF\s*)$",
    re.DOTALL,
)
_LIST_OF_PLACES = re.compile(rb"\d+ \d+ obj\s*<<[^>]{0,200}?/Type\s*/XRef\b")
LONGEST_END = 2048


def with_trailer_mended(data: bytes) -> bytes | None:
    """Return the file with the right place in the second end by Word; None if it has no such end.

    Without that place the tags of the document are lost.
    """
    end = _SECOND_END.search(data, max(len(data) - LONGEST_END, 0))
    places = [found.start() for found in _LIST_OF_PLACES.finditer(data)]
    if end is None or not places or end[2].strip() == b"%d" % places[-1]:
        return None
    return data[: end.start()] + end[1] + b"%d" % places[-1] + end[3]


# --- what a second reader sees --------------------------------------------------------------------


def shows_the_same(sent: bytes, repaired: bytes) -> bool:
    """Return whether pdfium shows no page of the file as sent that looks other when repaired.

    A file or page that it cannot read as sent is no witness.
    """
    try:
        before, after = open_document(sent), open_document(repaired)
    except pdfium.PdfiumError:
        return True
    try:
        pages = min(len(before), MOST_PAGES)
        return all(_looks_the_same(before, after, index) for index in range(pages))
    finally:
        before.close()
        after.close()


def _looks_the_same(before: pdfium.PdfDocument, after: pdfium.PdfDocument, index: int) -> bool:
    try:
        with open_page(before, index) as page:
            first = page.picture(SCALE).convert("L")
    except pdfium.PdfiumError:
        return True
    if _is_blank(first):
        return True
    try:
        with open_page(after, index) as page:
            second = page.picture(SCALE).convert("L")
    except pdfium.PdfiumError:
        return False
    return first.size == second.size and _greatest(ImageChops.difference(first, second)) < SAME


def _is_blank(picture: Image.Image) -> bool:
    lightest, darkest = _greatest(picture), 255 - _greatest(ImageChops.invert(picture))
    return lightest == darkest


def _greatest(picture: Image.Image) -> int:
    """Return the greatest value of a grey picture, from 0 to 255."""
    return max(value for value, count in enumerate(picture.histogram()) if count)
