"""Accessibility checks: title, language, tags, bookmarks, as a screen reader needs them."""

import pikepdf

from reviews.pdf.actions import bookmarks_of
from reviews.pdf.notes import ODD, Notes, text_of
from reviews.pdf.properties import FILE_NAME, title_of
from reviews.pdf.report import Check
from reviews.pdf.titles import is_placeholder

# Acrobat's checker asks for bookmarks from this number of pages on.
LONG_FILE = 21


def look_at_accessibility(pdf: pikepdf.Pdf, notes: Notes) -> tuple[str, str, bool]:
    """Return title, language and whether the file is tagged, noting what is missing."""
    root = pdf.Root
    title = language = ""
    is_tagged = False
    try:
        title = title_of(pdf)
        language = text_of(root.get("/Lang"))
        marked = root.get("/MarkInfo")
        tree = root.get("/StructTreeRoot")
        is_tagged = (
            isinstance(marked, pikepdf.Dictionary)
            and bool(marked.get("/Marked", False))
            and isinstance(tree, pikepdf.Dictionary)
            and "/K" in tree
        )
        if len(pdf.pages) >= LONG_FILE and next(bookmarks_of(pdf), None) is None:
            notes.add(Check.NO_BOOKMARKS, None, f"{len(pdf.pages)} pages")
        if pdf.is_encrypted and not (pdf.allow.accessibility and pdf.allow.extract):
            notes.add(Check.COPYING_FORBIDDEN, None, "set by the program that saved it")
    except ODD:
        notes.add(Check.NOT_CHECKED, None, "title, language and tags: not built as they should be")
    if not is_tagged:
        notes.add(Check.NO_TAGS, None, "")
    if not language:
        notes.add(Check.NO_LANGUAGE, None, "")
    if not title or FILE_NAME.search(title) or is_placeholder(title):
        notes.add(Check.NO_TITLE, None, title)
    return title[:250], language[:35], is_tagged
