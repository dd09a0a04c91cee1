"""Attached files (embedded file streams), wherever in the file they hang."""

import pikepdf

from reviews.pdf.notes import Notes, file_name_in, leaves_of
from reviews.pdf.objects import Key, Objects
from reviews.pdf.report import Check


def look_at_attachments(objects: Objects, notes: Notes) -> None:
    """Tell every attached file: in the list of files, at a page, a mark, a drawing or a tag."""
    root = objects.pdf.Root
    names = root.get("/Names")
    listed: set[Key] = set()
    if isinstance(names, pikepdf.Dictionary):
        for name, specification in leaves_of(names.get("/EmbeddedFiles")):
            given = file_name_in(specification)
            notes.add(Check.ATTACHMENT, None, name if given == "a file" else given)
            listed.add(specification.objgen)
    # A paper clip on a page is told with the page.
    clipped = {
        key
        for _, mark in objects.with_name("/FS")
        if mark.get("/Subtype") == "/FileAttachment"
        for key in (mark["/FS"].objgen, mark.objgen)
    }
    for key, specification in objects.with_name("/EF"):
        if key not in listed | clipped and key in objects.in_use:
            notes.add(Check.ATTACHMENT, objects.first_page_of(key), file_name_in(specification))
    if "/Collection" in root:
        notes.add(Check.ATTACHMENT, None, "a folder of files (portfolio)")
