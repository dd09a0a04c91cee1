"""Annotations: comments, redaction marks and everything else laid over the pages."""

import re

import pikepdf

from reviews.pdf.actions import look_at_actions
from reviews.pdf.forms import look_at_value
from reviews.pdf.notes import Notes, dictionaries_in, file_name_in, text_of
from reviews.pdf.report import Check

_NO_COMMENT = {"/Link", "/Widget", "/PrinterMark", "/TrapNet", "/Watermark"}


_IN_WORDS = {
    "/Text": "note",
    "/FreeText": "text box",
    "/StrikeOut": "struck-out text",
    "/Ink": "drawing",
}


def look_at_annotations(page: pikepdf.Object, number: int, notes: Notes) -> None:
    for annotation in dictionaries_in(page.get("/Annots")):
        kind = str(annotation.get("/Subtype", ""))
        look_at_actions(annotation, number, notes)
        if kind == "/Redact":
            text = text_of(annotation.get("/OverlayText"))
            notes.add(Check.UNAPPLIED_REDACTION, number, f"mark {text}" if text else "mark")
        elif kind == "/FileAttachment":
            notes.add(Check.ATTACHMENT, number, file_name_in(annotation.get("/FS")))
        elif kind == "/Widget":
            look_at_value(annotation, number, notes)
        elif kind == "/Popup":
            if not isinstance(annotation.get("/Parent"), pikepdf.Dictionary):
                notes.add(Check.COMMENTS, number, "window of a comment")
        elif kind not in _NO_COMMENT:
            notes.add(Check.COMMENTS, number, _comment(annotation, kind))


def _comment(annotation: pikepdf.Object, kind: str) -> str:
    what = _IN_WORDS.get(kind, re.sub(r"(?<=[a-z])(?=[A-Z])", " ", kind[1:]).lower())
    author = text_of(annotation.get("/T"))
    text = text_of(annotation.get("/Contents")) or text_of(annotation.get("/RC"))
    by = f" by {author}" if author else ""
    return f"{what or 'mark'}{by}{f': “{text}”' if text else ''}"
