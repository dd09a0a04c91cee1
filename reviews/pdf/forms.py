"""Form values: filled in, ticked or signed."""

import pikepdf

from reviews.pdf.actions import look_at_actions
from reviews.pdf.notes import DEEPEST, LONGEST_DETAIL, Notes, dictionaries_in, text_of
from reviews.pdf.opening import inherited
from reviews.pdf.report import Check


def look_at_form(pdf: pikepdf.Pdf, notes: Notes) -> None:
    form = pdf.Root.get("/AcroForm")
    if not isinstance(form, pikepdf.Dictionary):
        return
    if "/XFA" in form:
        notes.add(Check.FORM_VALUES, None, "a form of the kind XFA, with its data")
    for field in dictionaries_in(form.get("/Fields")):
        _field(field, notes, 0)


def _field(field: pikepdf.Object, notes: Notes, depth: int) -> None:
    """Check fields that are on no page; those on a page are reported with it."""
    kids = list(dictionaries_in(field.get("/Kids")))
    if depth > DEEPEST:
        return
    for kid in kids:
        _field(kid, notes, depth + 1)
    if not kids and field.get("/Subtype") != "/Widget":
        look_at_value(field, None, notes)
        look_at_actions(field, None, notes)


def look_at_value(widget: pikepdf.Object, number: int | None, notes: Notes) -> None:
    value = inherited(widget, "/V")
    name = text_of(widget.get("/T")) or text_of(inherited(widget, "/T")) or "a field"
    if isinstance(value, pikepdf.Dictionary) and not isinstance(value, pikepdf.Stream):
        parts = [text_of(value.get(key)) for key in ("/Name", "/Reason", "/Location")]
        signed = ", ".join(part for part in parts if part)
        notes.add(Check.FORM_VALUES, number, f"signature {signed}".strip())
        return
    if isinstance(value, pikepdf.Stream):
        text = bytes(value.read_bytes())[:LONGEST_DETAIL].decode(errors="replace")
    elif isinstance(value, pikepdf.Array):
        text = ", ".join(text_of(item) for item in value)
    else:
        text = text_of(value)
    if text and text != "/Off":
        notes.add(Check.FORM_VALUES, number, f"{name}: {text.removeprefix('/')}")
