"""The pages of a publication's documents on which the words of a query stand."""

from collections.abc import Iterable
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connection
from django.utils.safestring import SafeString

from mscp.search.analysis import PAGE
from mscp.search.query import Query
from mscp.search.snippets import snippet
from reviews.models import (
    Document,
    DocumentPage,
    Publication,
    document_address,
    reading_address_of,
)
from reviews.search import MOST_RANKED

MOST_HITS = 3


class HitPlace(NamedTuple):
    """Where a page stands, whatever was looked for."""

    title: str
    number: int
    pages: int
    reading_address: str
    """Where its text is read."""
    file_address: str
    """Where the PDF opens at the page (RFC 8118, section 3)."""


class PageHit(NamedTuple):
    """One page to show beneath a result."""

    place: HitPlace
    text: SafeString
    """Some words of the page, those of the query marked."""


class _File(NamedTuple):
    """The file of a published document, and what is told of it beside a page."""

    publication: int
    file: int
    uid: UUID
    title: str
    pages: int


class _Page(NamedTuple):
    of: _File
    number: int
    worth: tuple[int, int]
    """How many different words stand on it, and how often."""


def add_hits(publications: Iterable[Publication], query: Query, *, found: int) -> None:
    """Give publications their ``hits`` and ``excerpt``; two queries, and none without words.

    Of a query that finds very many, each shows one page: the list is there to be narrowed.
    """
    rows: list[Any] = list(publications)
    if not query.wanted:
        return
    most = 1 if found > MOST_RANKED else MOST_HITS
    best = [page for pages in _pages_with(rows, query).values() for page in _first(pages, most)]
    texts = _texts(best)
    hits: dict[int, list[PageHit]] = {}
    for file, number, _ in best:
        if text := texts.get((file.file, number)):
            place = HitPlace(
                title=file.title,
                number=number,
                pages=file.pages,
                reading_address=f"{reading_address_of(file.uid)}#page-{number}",
                file_address=f"{document_address(file.uid, file.title, '')}#page={number}",
            )
            hits.setdefault(file.publication, []).append(PageHit(place, snippet(text, query)))
    for row in rows:
        row.hits = hits.get(row.pk, [])
        told = any(clause.count_in(row.words) for clause in query.wanted)
        row.excerpt = snippet(row.summary, query) if told else ""


def _pages_with(rows: list[Any], query: Query) -> dict[int, list[_Page]]:
    """Return by publication the pages with words of the query, in the order of reading."""
    documents = (
        Document.objects.published()
        .filter(publication__in=[row.pk for row in rows], file__has_text=True)
        .order_by("position", "pk")
        .values_list(
            "publication_id", "file_id", "uid", "title", "file__pages", "file__file_words__words"
        )
    )
    found: dict[int, list[_Page]] = {}
    for publication, file_id, uid, title, count, words in documents:
        file = _File(publication, file_id, uid, title, count)
        streams = (words or "").split(PAGE)
        counted = [[clause.count_in(stream) for stream in streams] for clause in query.wanted]
        found.setdefault(publication, []).extend(
            _Page(file, number, (sum(map(bool, counts)), sum(counts)))
            for number, counts in enumerate(zip(*counted, strict=True), 1)
            if any(counts)
        )
    return found


def _first(pages: list[_Page], most: int) -> list[_Page]:
    """Keep the best few in their order; of pages as good, those that come first."""
    words = max((page.worth[0] for page in pages), default=0)
    full = [page for page in pages if page.worth[0] == words]
    best = sorted(full, key=lambda page: -page.worth[1])[:most]
    return [page for page in full if page in best]


def _texts(pages: list[_Page]) -> dict[tuple[Any, int], str]:
    if not pages:
        return {}
    # Sixty conditions in Django's words take longer to write than to answer; as a list of pairs
    # SQLite would look at every page.
    sql = (
        f"WITH wanted (file_id, number) AS (VALUES {', '.join(['(%s, %s)'] * len(pages))}) "  # noqa: S608
        "SELECT page.file_id, page.number, page.text FROM wanted "
        f"JOIN {DocumentPage._meta.db_table} AS page "
        "ON page.file_id = wanted.file_id AND page.number = wanted.number"
    )
    values = [value for page in pages for value in (page.of.file, page.number)]
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return {(file, number): text for file, number, text in cursor.fetchall()}
