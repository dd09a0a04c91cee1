"""Reading page of a file: from the blocks of its pages to what the template shows."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from math import ceil, floor
from typing import Any, NamedTuple

from django.db.models import F, OuterRef, Subquery

from mscp.search.analysis import Pages
from mscp.search.query import Query
from mscp.search.snippets import pieces
from reviews.documents.note_links import Mark, NoteLinks
from reviews.documents.table_cells import Cell, cells_of
from reviews.models import DocumentFile, DocumentPage, FileWords, PagePicture, WordsFrom
from reviews.pdf.captions import caption_of
from reviews.pdf.drafts import is_numbered
from reviews.pdf.note_marks import MARK
from reviews.pdf.right_to_left import is_right_to_left

# More headings than this are not a list of contents but a second document.
MOST_CONTENTS = 120
SHORTEST_CONTENTS = 3
# More matches than anybody steps through; what comes after them is not marked.
MOST_MATCHES = 400
SIDES = ("width", "height")


class Piece(NamedTuple):
    """A run of a text; ``match`` is the number of the match that it is, or 0."""

    text: str
    match: int = 0
    first_on: int = 0
    """The number of the page whose first match it is, or 0."""
    runs: tuple["str | Mark", ...] = ()
    """The text in runs between the note marks in it, if it has any."""


@dataclass
class Part:
    """A heading, a paragraph, a note, a table, a figure, or a list of consecutive items."""

    kind: str
    text: str = ""
    level: int = 0
    anchor: str = ""
    # "rtl" or "ltr", where it is not that of the document.
    direction: str = ""
    # Of a note, whose text is without it: what marks refer to it by, and where the first one is.
    label: str = ""
    mark: str = ""
    # Whether it continues a part that the page break divided.
    continues: bool = False
    # Of a list, each of its items; otherwise the one text.
    texts: list[list[Piece]] = field(default_factory=list)
    # Of a list, the places of the items that have no bullet: they have a number of their own, or
    # continue one of the page before.
    without_bullet: list[int] = field(default_factory=list)
    # What it is the caption of, such as "Table 2".
    caption_of: str = ""
    # Of a table, whose text is its caption, if it has one: its cells, row by row.
    head: list[list[Cell]] = field(default_factory=list)
    body: list[list[Cell]] = field(default_factory=list)
    columns: int = 0
    # Of a table that continues without headings of its own: whether those are of its beginning.
    repeats_head: bool = False
    # Of a figure, whose text is its caption, if it has one: the words in it, and what it is cut
    # out of.
    parts: list["Part"] = field(default_factory=list)
    area: Sequence[float] = ()
    cut: "Cut | None" = None
    has_match: bool = False
    # What it shows, in the words of staff.
    alt: str = ""


class Picture(NamedTuple):
    """The picture of a page, with its size in pixels."""

    address: str
    width: int
    height: int


class Cut(NamedTuple):
    """A part of the picture of a page, in pixels of it."""

    picture: Picture
    left: int
    top: int
    width: int
    height: int


@dataclass
class Page:
    number: int
    parts: list[Part]
    picture: Picture | None = None
    # What its picture shows, in the words of staff.
    picture_alt: str = ""
    # Of a page with other words than were read: whence, and since when.
    words_from: str = WordsFrom.PDF
    corrected_at: datetime | None = None
    # Where staff put it right; "" for anybody else.
    correct_address: str = ""
    # The numbers of the matches on it.
    matches: list[int] = field(default_factory=list)


class Heading(NamedTuple):
    text: str
    level: int
    anchor: str
    page: int
    direction: str = ""


def rows_of(file: DocumentFile) -> list[Any]:
    """Return a row for each page with text or, of a scan of which nobody typed any, with a picture.

    With its text, and with the size of its picture: one query, however many pages have one.
    """
    if not file.has_words:
        rows: list[Any] = list(file.pictures.annotate(**{f"picture_{s}": F(s) for s in SIDES}))
        for row in rows:
            row.blocks, row.picture_alt = [], ""
            row.words_from, row.corrected_at = WordsFrom.PDF, None
        return rows
    pictures = PagePicture.objects.filter(file=OuterRef("file"), number=OuterRef("number"))
    size = {f"picture_{side}": Subquery(pictures.values(side)) for side in SIDES}
    return list(file.text_pages.defer("text", "as_read").annotate(**size))


def pages_of(
    pages: Iterable[DocumentPage], query: Query | None = None, words: FileWords | None = None
) -> list[Page]:
    """Return the pages in order, with the words of a query marked; one without text has no parts.

    If no page has them, the last word is taken as a prefix, as by a search.
    """
    rows = list(pages)
    both_ways = any(is_right_to_left(block["text"]) for row in rows for block in row.blocks)
    counted = words.pages if words else Pages("")
    query = query or Query()
    widened = query.widened()
    if widened and not any(_have(counted, query)):
        query = widened
    have = _have(counted, query)
    marker = _Marker(query, NoteLinks((row.number, row.blocks) for row in rows))
    read: list[Page] = []
    for row in rows:
        # Looking through the text of every page takes a second in a long document.
        marker.looks = row.number <= len(have) and have[row.number - 1]
        before = marker.matches
        marker.page = marker.number = row.number
        page = Page(
            row.number,
            list(_parts(row.blocks, row.number, marker)),
            picture_alt=row.picture_alt,
            words_from=row.words_from,
            corrected_at=row.corrected_at,
        )
        for part in page.parts if both_ways else ():
            part.direction = "rtl" if is_right_to_left(part.text) else "ltr"
        page.matches = list(range(before + 1, marker.matches + 1))
        _repeat_head(read[-1] if read else None, page)
        read.append(page)
    return read


def _repeat_head(before: Page | None, page: Page) -> None:
    """Give a table that goes on from the page before the headings of its columns, unmarked."""
    part = page.parts[0] if page.parts else None
    tables = [part for part in before.parts if part.kind == "table"] if before else []
    if part is None or part.kind != "table" or not part.continues or not tables:
        return
    if part.head or part.columns != tables[-1].columns:
        return
    part.repeats_head = bool(tables[-1].head)
    part.head = [
        [cell._replace(texts=[_unmarked(text) for text in cell.texts]) for cell in row]
        for row in tables[-1].head
    ]


def _unmarked(pieces: list[Piece]) -> list[Piece]:
    return [Piece("".join(piece.text for piece in pieces))]


def _have(pages: Pages, query: Query) -> list[bool]:
    """Return for each page whether it has words of a query."""
    counts = [clause.counts_on(pages) for clause in query.wanted]
    return [any(of_page) for of_page in zip(*counts, strict=True)]


@dataclass
class _Marker:
    """Cuts texts at the words of a query and numbers the matches."""

    query: Query
    notes: NoteLinks
    matches: int = 0
    looks: bool = False
    page: int = 0
    """The page that is read, until it has a match."""
    number: int = 0
    """The page that is read."""

    def pieces(self, text: str) -> list[Piece]:
        """Return the next text of a page in pieces."""
        if not self.looks or self.matches >= MOST_MATCHES:
            return self._with_marks([Piece(text)])
        found = []
        for piece, is_match in pieces(text, self.query):
            is_match = is_match and self.matches < MOST_MATCHES
            self.matches += is_match
            if not is_match:
                found.append(Piece(piece))
                continue
            found.append(Piece(piece, self.matches, self.page))
            self.page = 0
        return self._with_marks(found)

    def _with_marks(self, found: list[Piece]) -> list[Piece]:
        """Return the pieces of a text with their note marks apart, of which none is in two."""
        marks = self.notes.marks_in("".join(piece.text for piece in found), self.number)
        if not marks:
            return found
        done = []
        start = 0
        for piece in found:
            end = start + len(piece.text)
            runs: list[str | Mark] = []
            at = start
            for mark in marks:
                if start <= mark.start < end:
                    runs += (piece.text[at - start : mark.start - start], mark)
                    at = mark.end
            if runs:
                rest = piece.text[at - start :]
                piece = piece._replace(runs=tuple(run for run in (*runs, rest) if run))
            done.append(piece)
            start = end
        return done


def _parts(blocks: list[Any], page: int, marker: _Marker) -> Iterator[Part]:
    items: Part | None = None
    for number, block in enumerate(blocks, 1):
        kind, text = block["kind"], block["text"]
        note = marker.notes.note(text, page) if kind == "note" else None
        pieces = marker.pieces(note.text if note else text)
        if kind == "item" and items:
            if is_numbered(text):
                items.without_bullet.append(len(items.texts))
            items.texts.append(pieces)
            continue
        if items:
            yield items
            items = None
        part = Part(kind, text, texts=[pieces], caption_of=caption_of(text))
        if kind == "table":
            part.head, part.body, part.columns = cells_of(block, marker.pieces)
        if kind == "figure":
            before = marker.matches
            part.parts = list(_parts(block["parts"], page, marker))
            part.has_match = marker.matches > before
            part.area, part.alt = block["area"], block.get("alt", "")
        if note:
            part.label, part.anchor, part.mark = note.label, note.anchor, note.mark
        if kind == "heading":
            part.level, part.anchor = block["level"], f"page-{page}-{number}"
        else:
            part.continues = block["continues"]
        if kind == "item":
            part.kind = "list"
            part.without_bullet = [0] if part.continues or is_numbered(text) else []
            items = part
        else:
            yield part
    if items:
        yield items


def show_pictures(page: Page, picture: Picture) -> None:
    """Give a page its picture, and its figures what is cut out of it."""
    page.picture = picture
    for part in page.parts:
        if part.kind == "figure":
            part.cut = _cut_of(picture, part.area)


def _cut_of(picture: Picture, area: Sequence[float]) -> Cut:
    left, top, right, bottom = area
    x, y = floor(left * picture.width), floor(top * picture.height)
    width, height = ceil(right * picture.width) - x, ceil(bottom * picture.height) - y
    return Cut(picture, x, y, max(width, 1), max(height, 1))


class Corrected(NamedTuple):
    """The pages with words from one source that is not the PDF, and when the last was written."""

    words_from: str
    pages: list[Page]
    when: datetime


def corrected_of(pages: Iterable[Page]) -> list[Corrected]:
    """Return by source the pages whose words are not those that were read."""
    found: dict[str, list[tuple[datetime, Page]]] = {}
    for page in pages:
        if page.corrected_at:
            found.setdefault(page.words_from, []).append((page.corrected_at, page))
    return [
        Corrected(source, [page for _, page in some], max(moment for moment, _ in some))
        for source, some in found.items()
    ]


def contents_of(pages: Iterable[Page]) -> list[Heading]:
    """Return the headings with their places, or none if they make no list of contents."""
    headings = [
        Heading(MARK.sub("", part.text), part.level, part.anchor, page.number, part.direction)
        for page in pages
        for part in page.parts
        if part.kind == "heading"
    ]
    for deepest in (4, 3, 2):
        found = [heading for heading in headings if heading.level <= deepest]
        if len(found) <= MOST_CONTENTS:
            return found if len(found) >= SHORTEST_CONTENTS else []
    return []
