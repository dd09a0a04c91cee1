"""Annotations: comments, redaction marks and everything else laid over the pages."""

import re

import pikepdf

from reviews.pdf.actions import look_at_actions
from reviews.pdf.forms import look_at_value
from reviews.pdf.notes import Notes, dictionaries_in, file_name_in, text_of
from reviews.pdf.report import Check
from reviews.pdf.undrawn import shown_by

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
        elif kind != "/Link" and _is_hidden(annotation):
            notes.add(Check.COMMENTS, number, f"hidden {_comment(annotation, kind)}")


# Flags of an annotation that is not shown on the screen: Hidden and NoView (ISO 32000-1, 12.5.3).
_HIDDEN, _NO_VIEW = 2, 32


def _is_hidden(annotation: pikepdf.Object) -> bool:
    return bool(int(annotation.get("/F", 0)) & (_HIDDEN | _NO_VIEW))


def _comment(annotation: pikepdf.Object, kind: str) -> str:
    what = _IN_WORDS.get(kind, re.sub(r"(?<=[a-z])(?=[A-Z])", " ", kind[1:]).lower())
    author = text_of(annotation.get("/T"))
    text = text_of(annotation.get("/Contents")) or text_of(annotation.get("/RC"))
    if not text and kind in _NO_COMMENT:
        text = _drawn_text(annotation)
    by = f" by {author}" if author else ""
    return f"{what or 'mark'}{by}{f': “{text}”' if text else ''}"


def _drawn_text(annotation: pikepdf.Object) -> str:
    looks = annotation.get("/AP")
    look = looks.get("/N") if isinstance(looks, pikepdf.Dictionary) else None
    return shown_by(look, pikepdf.Dictionary())[0] if isinstance(look, pikepdf.Stream) else ""
