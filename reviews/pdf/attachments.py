"""Attached files (embedded file streams)."""

import pikepdf

from reviews.pdf.notes import Notes, dictionaries_in, file_name_in, leaves_of
from reviews.pdf.report import Check


def look_at_attachments(pdf: pikepdf.Pdf, notes: Notes) -> None:
    names = pdf.Root.get("/Names")
    if isinstance(names, pikepdf.Dictionary):
        for name, specification in leaves_of(names.get("/EmbeddedFiles")):
            given = file_name_in(specification)
            notes.add(Check.ATTACHMENT, None, name if given == "a file" else given)
    for specification in dictionaries_in(pdf.Root.get("/AF")):
        notes.add(Check.ATTACHMENT, None, file_name_in(specification))
    if "/Collection" in pdf.Root:
        notes.add(Check.ATTACHMENT, None, "a folder of files (portfolio)")
