"""Page hits: the pages of a publication's documents with the words of a query."""

from collections.abc import Iterable
from typing import NamedTuple
from urllib.parse import urlencode
from uuid import UUID

from django.db import connection
from django.utils.safestring import SafeString

from mscp.database.compiled_query import CompiledQuery
from mscp.listing.facets import as_text
from mscp.search.analysis import Pages
from mscp.search.query import Query
from mscp.search.snippets import LENGTH, beginning, snippet
from mscp.text.markdown import without_marks
from reviews.models import (
    Briefing,
    Document,
    DocumentPage,
    Kind,
    Publication,
    document_address,
    reading_address_of,
)
from reviews.search import MOST_RANKED

MOST_HITS = 3


class HitPlace(NamedTuple):
    """The place of a page, whatever the query."""

    title: str
    number: int
    pages: int
    reading_address: str
    """The address of the first of the words on it, with all words of the query marked."""
    file_address: str
    """The address that opens the PDF at the page (RFC 8118, section 3)."""


class PageHit(NamedTuple):
    """One page to show beneath a result."""

    place: HitPlace
    text: SafeString
    """Some words of the page, with those of the query marked."""


class _File(NamedTuple):
    """The file of a published document, with what is shown beside a page."""

    publication: int
    file: int
    uid: UUID
    title: str
    pages: int


class _Page(NamedTuple):
    of: _File
    number: int
    worth: int
    """How many different words are on it, and among as many, how often."""
    goes_on: bool = False
    """Whether all that it has may be a word or a phrase that goes on on the next page."""


# The weight of a further word: more than the number of words on a page.
A_WORD = 1 << 32

_DOCUMENTS = CompiledQuery(
    lambda bound: (
        Document.objects.published(at=bound.now)
        .with_words()
        .filter(publication__in=bound.keys)
        .order_by("position", "pk")
        .values_list(
            *("publication_id", "file_id", as_text("uid"), "title"),
            *("file__pages", "file__file_words__words"),
        )
    )
)

_PARTS = CompiledQuery(
    lambda bound: (
        Briefing.objects.published(at=bound.now)
        .filter(pk__in=bound.keys)
        .order_by()
        .values_list("pk", *Briefing.PARTS)
    )
)


def add_hits(publications: Iterable[Publication], query: Query, *, found: int) -> None:
    """Add ``hits`` to publications, or an ``excerpt`` of its own to one that has none.

    If a query finds very many, each shows one page: the list is there to be narrowed.
    """
    rows = list(publications)
    if not query.wanted:
        return
    most = 1 if found > MOST_RANKED else MOST_HITS
    pages_of = _pages_with(rows, query, most)
    best = [page for pages in pages_of.values() for page in _first(pages, most)]
    texts = _texts(best)
    hits: dict[int, list[PageHit]] = {}
    # The page marks them too.
    asked = urlencode({"q": query.text})
    for file, number, _, goes_on in best:
        if text := texts.get((file.file, number)):
            shown = snippet(text, query)
            if goes_on and not shown:
                text = f"{text[-LENGTH:]}\n{texts.get((file.file, number + 1), '')[:LENGTH]}"
                shown = snippet(text, query)
            place = HitPlace(
                title=file.title,
                number=number,
                pages=file.pages,
                reading_address=f"{reading_address_of(file.uid)}?{asked}#page-{number}-match",
                file_address=f"{document_address(file.uid, file.title, '')}#page={number}",
            )
            hits.setdefault(file.publication, []).append(PageHit(place, shown or beginning(text)))
    without = [row for row in rows if row.pk not in hits]
    own_texts = _own_texts(
        [row for row in without if any(clause.count_in(row.words) for clause in query.wanted)]
    )
    for row in rows:
        row.hits = hits.get(row.pk, [])
    for row in without:
        row.excerpt = snippet(own_texts.get(row.pk, ""), query)


def _own_texts(rows: list[Publication]) -> dict[int, str]:
    """Return the texts for excerpts: the summary, and the parts of a 7-minute learning."""
    texts = {row.pk: row.summary for row in rows}
    if briefings := [row.pk for row in rows if row.kind == Kind.BRIEFING]:
        for key, *parts in _PARTS.rows(briefings):
            texts[key] = "\n".join([texts[key], *map(without_marks, filter(None, parts))])
    return texts


def _pages_with(rows: list[Publication], query: Query, most: int) -> dict[int, list[_Page]]:
    """Return by publication the pages with words of the query, in the order of reading.

    Of each of its documents, the best few.
    """
    found: dict[int, list[_Page]] = {}
    for key, file_key, uid, title, number, words in _DOCUMENTS.rows(row.pk for row in rows):
        file = _File(key, file_key, UUID(uid), title, number)
        of_file = Pages(words or "")
        worths = _worths(of_file, query)
        best = sorted(range(len(worths)), key=worths.__getitem__, reverse=True)[:most]
        found.setdefault(key, []).extend(
            _Page(
                *(file, place + 1, worths[place]),
                not any(clause.count_in(of_file.words_on(place)) for clause in query.wanted),
            )
            for place in sorted(best)
            if worths[place]
        )
    return found


def _worths(pages: Pages, query: Query) -> list[int]:
    """Return the weight of each page, 0 for one without a word."""
    counted = [clause.counts_on(pages) for clause in query.wanted]
    if len(counted) == 1:
        return counted[0]
    return [sum(counts) + A_WORD * sum(map(bool, counts)) for counts in zip(*counted, strict=True)]


def _first(pages: list[_Page], most: int) -> list[_Page]:
    """Return the best few, the best first; of equal pages, the first."""
    words = max((page.worth // A_WORD for page in pages), default=0)
    full = [page for page in pages if page.worth // A_WORD == words]
    return sorted(full, key=lambda page: -page.worth)[:most]


def _texts(pages: list[_Page]) -> dict[tuple[int, int], str]:
    if not pages:
        return {}
    wanted = [(page.of.file, page.number) for page in pages]
    wanted += [(page.of.file, page.number + 1) for page in pages if page.goes_on]
    # In raw SQL: sixty conditions take longer to build with Django than to answer; with a list of
    # pairs SQLite would look at every page.
    sql = (
        f"WITH wanted (file_id, number) AS (VALUES {', '.join(['(%s, %s)'] * len(wanted))}) "  # noqa: S608
        "SELECT page.file_id, page.number, page.text FROM wanted "
        f"JOIN {DocumentPage._meta.db_table} AS page "
        "ON page.file_id = wanted.file_id AND page.number = wanted.number"
    )
    values = [value for file, number in wanted for value in (file, number)]
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return {(file, number): text for file, number, text in cursor.fetchall()}
