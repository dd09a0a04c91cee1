"""All checks of a file's structure: what a reader does not see."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice

import pypdfium2 as pdfium

from reviews.pdf.accessibility import look_at_accessibility
from reviews.pdf.actions import look_at_page_scripts, look_at_scripts
from reviews.pdf.annotations import look_at_annotations
from reviews.pdf.attachments import look_at_attachments
from reviews.pdf.forms import look_at_form
from reviews.pdf.layers import look_at_layers
from reviews.pdf.leftovers import look_at_program_data, look_at_revisions, look_behind_end
from reviews.pdf.notes import ODD, Notes, quoted
from reviews.pdf.objects import Objects
from reviews.pdf.opening import OpenFile
from reviews.pdf.other_words import (
    compact,
    other_words,
    other_words_of_tags,
    say_the_same,
    without_replacements,
)
from reviews.pdf.pictures import look_at_pictures
from reviews.pdf.properties import look_at_info, look_at_parts, look_at_xmp
from reviews.pdf.report import Check, Found
from reviews.pdf.undrawn import look_for_undrawn
from reviews.pdf.unused import look_at_unused
from reviews.pdf.words_beside import MOST_WORDS, Words, tell_something_new, words_beside_pages


@dataclass
class Inside:
    title: str
    language: str
    is_tagged: bool
    found: list[Found]
    # The file for the text of its pages, which is what is to be seen.
    data: bytes
    # What may say more than the pages, once their text is known.
    words: list[Words]
    tags: list[str]

    def beside(self, seen: str) -> Iterator[Found]:
        """Yield what says other words than the text of all pages, or words beside it."""
        known = compact(seen)
        other = [text for text in self.tags if not say_the_same(text, known)]
        if other:
            yield Found(Check.OTHER_WORDS, None, list(dict.fromkeys(quoted(x) for x in other)))
        for words in dict.fromkeys(self.words):
            if tell_something_new(words, known):
                yield Found(
                    Check.WORDS_ON_NO_PAGE, words.page, [f"{words.what}: {quoted(words.text)}"]
                )


def look_inside(file: OpenFile) -> Inside:
    """Run every check of the file's structure; one that fails is reported as not checked."""
    pdf, notes = file.pdf, Notes()
    objects = Objects(pdf)
    checks: list[tuple[str, Callable[[], None]]] = [
        ("properties", lambda: look_at_info(pdf, notes)),
        ("properties (XMP)", lambda: look_at_xmp(pdf, notes)),
        ("properties of parts", lambda: look_at_parts(objects, notes)),
        ("attached files", lambda: look_at_attachments(objects, notes)),
        ("scripts", lambda: look_at_scripts(pdf, notes)),
        ("form", lambda: look_at_form(pdf, notes)),
        ("hidden layers", lambda: look_at_layers(pdf, notes)),
        ("drawings that no page shows", lambda: look_for_undrawn(pdf, notes)),
        ("earlier revisions", lambda: look_at_revisions(file, notes)),
        ("end of the file", lambda: look_behind_end(file, notes)),
        ("data of programs", lambda: look_at_program_data(objects, notes)),
        ("pictures", lambda: look_at_pictures(objects, notes)),
        ("unused parts", lambda: look_at_unused(objects, notes)),
    ]
    for number, page in enumerate(pdf.pages, 1):
        checks += [
            (
                f"comments and links of page {number}",
                _of(look_at_annotations, page.obj, number, notes),
            ),
            (f"scripts of page {number}", _of(look_at_page_scripts, page.obj, number, notes)),
        ]
    for name, check in checks:
        try:
            check()
        except ODD:
            notes.add(Check.NOT_CHECKED, None, f"{name}: not built as a PDF should be")
    data = file.data
    words: list[Words] = []
    tags: list[str] = []
    try:
        words = list(islice(words_beside_pages(objects), MOST_WORDS))
        tags = [said for _, said in other_words_of_tags(objects, "")]
        if other := other_words(data, objects):
            for number, texts in other.items():
                for text in texts:
                    notes.add(Check.OTHER_WORDS, number, quoted(text))
            data = without_replacements(data, {text for texts in other.values() for text in texts})
    except (*ODD, pdfium.PdfiumError):
        notes.add(Check.NOT_CHECKED, None, "words beside the pages: not built as they should be")
    title, language, is_tagged = look_at_accessibility(pdf, notes)
    return Inside(title, language, is_tagged, notes.found(), data, words, tags)


def _of(check: Callable[..., None], *arguments: object) -> Callable[[], None]:
    return lambda: check(*arguments)
