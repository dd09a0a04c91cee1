"""All checks of a file's structure: what a reader does not see."""

from collections.abc import Callable
from dataclasses import dataclass

from reviews.pdf.accessibility import look_at_accessibility
from reviews.pdf.actions import look_at_page_scripts, look_at_scripts
from reviews.pdf.annotations import look_at_annotations
from reviews.pdf.attachments import look_at_attachments
from reviews.pdf.forms import look_at_form
from reviews.pdf.layers import look_at_layers
from reviews.pdf.leftovers import look_at_program_data, look_at_revisions, look_behind_end
from reviews.pdf.notes import ODD, Notes
from reviews.pdf.opening import OpenFile
from reviews.pdf.pictures import look_at_pictures
from reviews.pdf.properties import look_at_info, look_at_xmp
from reviews.pdf.report import Check, Found
from reviews.pdf.undrawn import look_for_undrawn


@dataclass
class Inside:
    title: str
    language: str
    is_tagged: bool
    found: list[Found]


def look_inside(file: OpenFile) -> Inside:
    """Run every check of the file's structure; one that fails is reported as not checked."""
    pdf, notes = file.pdf, Notes()
    checks: list[tuple[str, Callable[[], None]]] = [
        ("properties", lambda: look_at_info(pdf, notes)),
        ("properties (XMP)", lambda: look_at_xmp(pdf, notes)),
        ("attached files", lambda: look_at_attachments(pdf, notes)),
        ("scripts", lambda: look_at_scripts(pdf, notes)),
        ("form", lambda: look_at_form(pdf, notes)),
        ("hidden layers", lambda: look_at_layers(pdf, notes)),
        ("drawings that no page shows", lambda: look_for_undrawn(pdf, notes)),
        ("earlier revisions", lambda: look_at_revisions(file, notes)),
        ("end of the file", lambda: look_behind_end(file, notes)),
        ("data of programs", lambda: look_at_program_data(pdf.Root, None, notes)),
    ]
    for number, page in enumerate(pdf.pages, 1):
        checks += [
            (
                f"comments and links of page {number}",
                _of(look_at_annotations, page.obj, number, notes),
            ),
            (f"pictures of page {number}", _of(look_at_pictures, page.obj, number, notes)),
            (
                f"data of programs on page {number}",
                _of(look_at_program_data, page.obj, number, notes),
            ),
            (f"scripts of page {number}", _of(look_at_page_scripts, page.obj, number, notes)),
        ]
    for name, check in checks:
        try:
            check()
        except ODD:
            notes.add(Check.NOT_CHECKED, None, f"{name}: not built as a PDF should be")
    title, language, is_tagged = look_at_accessibility(pdf, notes)
    return Inside(title, language, is_tagged, notes.found())


def _of(check: Callable[..., None], *arguments: object) -> Callable[[], None]:
    return lambda: check(*arguments)
