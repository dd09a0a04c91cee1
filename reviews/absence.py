"""Looks for words that must not appear in a publication: in its own texts and all of its files.

The words come from one request and go with it: they are given to no other process, and stand in no
row, message, log or file. The child process is asked for all texts of a file, and they are compared
here.
"""

from collections.abc import Iterator, Sequence
from datetime import date
from itertools import pairwise
from typing import Any, NamedTuple

from django.core.exceptions import ValidationError
from django.urls import reverse

from mscp.publishing.content_hash import content_hash
from mscp.publishing.identifiers import Place
from mscp.text.occurrences import Wanted, ordinary_words
from reviews.documents.intake import AllTexts, read_all
from reviews.models import DocumentFile
from reviews.pdf.report import PlaceInside

# Letters of the end of a page and the beginning of the next, between which a name may be broken.
OVER_THE_PAGE = 200

_INSIDE = {
    PlaceInside.PROPERTIES: "properties of the file",
    PlaceInside.BOOKMARKS: "bookmarks",
    PlaceInside.NOTES: "notes, links or form fields",
    PlaceInside.ATTACHED: "attached files or their names",
    PlaceInside.TAGS: "alternative texts or other tags",
    PlaceInside.PICTURES: "data inside a picture",
    PlaceInside.ELSEWHERE: "elsewhere inside the file, where no page shows it",
    PlaceInside.EARLIER: "an earlier version that is still in the file",
}


class Found(NamedTuple):
    """Where the words stand, and never which."""

    places: list[Place]
    # Sentences about what could not be looked through; then nothing was answered.
    unread: list[str]
    # Documents with pages that are pictures, or that stand elsewhere.
    not_looked_in: list[str]
    content_hash: str


def look_for(wanted: Wanted, publication: Any) -> Found:
    """Look for words in all that belongs to a publication. Call it outside a transaction."""
    content = content_hash(publication)
    documents = list(publication.documents.select_related("file").order_by("position", "pk"))
    own = list(publication.public_texts())
    pages = {one.pk: _pages_of(one.file) for one in documents if one.file}
    texts = [text.text for text in own] + [text for some in pages.values() for text in some]
    look = _Look(wanted, _days_of(publication, documents), ordinary_words(texts))
    places = [Place(one.place) for one in own if look.finds(one.text)]
    unread, beside = [], []
    for document in documents:
        if document.file is None:
            beside.append(f"“{document}”, which stands elsewhere")
            continue
        try:
            inside = _read(document.file)
        except ValidationError as error:
            unread.append(f"“{document}”: {' '.join(error.messages)}")
            continue
        places += look.in_file(str(document), document.file, pages[document.pk], inside)
        if not all(text.strip() for text in pages[document.pk]):
            beside.append(f"pages of “{document}” that are pictures")
        if not inside.is_whole:
            beside.append(f"what stands in “{document}” after the first of very much text")
    return Found(_once(places), unread, beside, content)


class _Look:
    def __init__(
        self, wanted: Wanted, days: Sequence[tuple[date, date]], ordinary: set[str]
    ) -> None:
        self.wanted, self.days, self.ordinary = wanted, days, ordinary

    def finds(self, text: str) -> bool:
        return self.wanted.stands_in(text, known_days=self.days, ordinary=self.ordinary)

    def in_file(
        self, name: str, file: DocumentFile, pages: list[str], inside: AllTexts
    ) -> Iterator[Place]:
        if self.finds(file.original_name):
            yield Place(f"“{name}”, name it was sent under")
        address = reverse("admin:reviews_documentfile_file", args=[file.uid])
        seen = set()
        for number, text in enumerate(pages, 1):
            if self.finds(text):
                seen.add(number)
        for number, (one, other) in enumerate(pairwise(pages), 1):
            over = f"{one[-OVER_THE_PAGE:]}\n{other[:OVER_THE_PAGE]}"
            if not {number, number + 1} & seen and self.finds(over):
                seen.add(number)
        yield from (
            Place(f"“{name}”, page {number}", f"{address}#page={number}") for number in sorted(seen)
        )
        named = set()
        for place, page, text in inside.texts:
            if (place, page) in named or page in seen or not self.finds(text):
                continue
            named.add((place, page))
            if place == PlaceInside.PAGE:
                yield Place(f"“{name}”, hidden text on page {page}", f"{address}#page={page}")
            else:
                yield Place(f"“{name}”, {_INSIDE[PlaceInside(place)]}", address)


def _pages_of(file: DocumentFile) -> list[str]:
    return [page.seen_text for page in file.text_pages.order_by("number")]


def _read(file: DocumentFile) -> AllTexts:
    try:
        with file.content.open("rb") as stored:
            return read_all(stored)
    except OSError:
        raise ValidationError("The file is missing. Send it again.") from None


def _days_of(publication: Any, documents: list[Any]) -> list[tuple[date, date]]:
    """Return the days at which an age in the texts may have been counted."""
    known = [publication.report_date, getattr(publication, "completed", None)]
    known += [one.dated for one in documents]
    return [(one.first_day, one.last_day) for one in known if one]


def _once(places: list[Place]) -> list[Place]:
    return list(dict.fromkeys(places))
