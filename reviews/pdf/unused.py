"""Unused parts: deleted pages, templates, and objects to which nothing refers."""

import re
from collections.abc import Iterator
from io import BytesIO

import pikepdf
import pypdfium2 as pdfium

from reviews.pdf.drawing import open_document
from reviews.pdf.notes import ODD, Notes, text_of
from reviews.pdf.objects import Key, Objects
from reviews.pdf.opening import inherited
from reviews.pdf.properties import title_of
from reviews.pdf.report import Check

# So many pages are read, and so many characters of each part quoted.
MOST_PAGES = 20
LONGEST_QUOTE = 80
# What the format itself needs, and what holds no words.
_OF_THE_FORMAT = re.compile(rb"/Type\s*/(?:XRef|ObjStm|Font|FontDescriptor|Encoding|CMap|Pages)\b")
_STRING = re.compile(
    rb"\(((?:[^()\\]|\\.)*)\)\s*(?:Tj|'|\")|\[((?:[^\]\\]|\\.)*)\]\s*TJ", re.DOTALL
)
_PIECE = re.compile(rb"\(((?:[^()\\]|\\.)*)\)", re.DOTALL)
_WORD = re.compile(r"[^\W\d_]{3}")


def look_at_unused(objects: Objects, notes: Notes) -> None:
    """Tell what is in the file and on no page of it.

    A page stays in a file after it was deleted as long as a bookmark, a link or a tag leads to it.
    """
    pages = list(pages_beside(objects))
    listed: set[Key] = set()
    for key, what in pages[:MOST_PAGES]:
        listed.update(_belonging(objects, key))
        notes.add(Check.UNUSED_PART, None, f"{what}{_quoted(_text_of_page(objects.get(key)))}")
    if len(pages) > MOST_PAGES:
        notes.add(Check.UNUSED_PART, None, f"and {len(pages) - MOST_PAGES} more pages")
    # After an update, they are what the earlier version had.
    is_updated = (Check.EARLIER_REVISION, None) in notes.by_place
    check = Check.EARLIER_REVISION if is_updated else Check.UNUSED_PART
    title = title_of(objects.pdf)
    for key, text in objects.texts.items():
        if key in objects.in_use or key in listed or _OF_THE_FORMAT.search(text):
            continue
        said = _words_of(objects.get(key))
        if said and said != title:
            notes.add(check, None, f"a part nothing refers to{_quoted(said)}")


def pages_beside(objects: Objects) -> Iterator[tuple[Key, str]]:
    """Yield the pages that are not among those of the file: deleted ones and templates."""
    for key, text in objects.texts.items():
        if key in objects.pages or not re.search(rb"/Type\s*/(?:Page|Template)\b", text):
            continue
        page = objects.get(key)
        if isinstance(page, pikepdf.Dictionary):
            if page.get("/Type") == "/Template":
                yield key, "a page kept as a template"
            elif page.get("/Type") == "/Page" and ("/Contents" in page or "/Annots" in page):
                yield key, "a deleted page"


def _belonging(objects: Objects, page: Key) -> set[Key]:
    """Return what a page outside the file leads to, itself included, and nothing in use does."""
    found: set[Key] = set()
    waiting = [page]
    while waiting:
        key = waiting.pop()
        if key not in found and (key == page or key not in objects.in_use):
            found.add(key)
            waiting += objects.references.get(key, [])
    return found


def _text_of_page(page: pikepdf.Object) -> str:
    """Return the text of a page that the file does not count as one."""
    try:
        with pikepdf.new() as alone:
            # Other pages that it leads to, its parents too, do not come along.
            alone.pages.append(pikepdf.Page(page))
            copied = alone.pages[0].obj
            resources = inherited(page, "/Resources")
            if "/Resources" not in copied and resources is not None and resources.is_indirect:
                copied.Resources = alone.copy_foreign(resources)
            copied["/Type"] = pikepdf.Name.Page
            if "/MediaBox" not in copied:
                copied.MediaBox = pikepdf.Array([0, 0, 595, 842])
            data = BytesIO()
            alone.save(data)
        document = open_document(data.getvalue())
        try:
            return str(document[0].get_textpage().get_text_range())
        finally:
            document.close()
    except (*ODD, pdfium.PdfiumError):
        return ""


def _words_of(item: pikepdf.Object) -> str:
    """Return the words of an object: of its text, if it draws any, and of its strings."""
    if isinstance(item, pikepdf.Stream):
        if item.get("/Subtype") == "/Image":
            return "a picture"
        try:
            drawn = bytes(item.read_bytes()) if "/Length1" not in item else b""
        except ODD:
            drawn = b""
        said = " ".join(_drawn_words(drawn))
        return said if _WORD.search(said) else ""
    strings = [
        text_of(value)
        for holder in ([item] if isinstance(item, pikepdf.Dictionary) else [])
        for name, value in holder.items()
        if isinstance(value, pikepdf.String) and name not in ("/ID", "/Lang", "/DA", "/M")
    ]
    return " ".join(text for text in strings if _WORD.search(text) and not text.startswith("D:"))


def _drawn_words(content: bytes) -> Iterator[str]:
    for match in _STRING.finditer(content):
        for piece in [match[1]] if match[1] is not None else _PIECE.findall(match[2]):
            yield piece.decode("cp1252", "replace")


def _quoted(said: str) -> str:
    plain = " ".join(said.split())
    if not plain:
        return ""
    return f": “{plain[:LONGEST_QUOTE]}{'…' if len(plain) > LONGEST_QUOTE else ''}”"
