"""The pages of a publication's documents on which the words of a query stand."""

from collections.abc import Iterable
from typing import Any, NamedTuple, TypedDict

from django.db import connection
from django.utils.safestring import SafeString

from mscp.search.query import Query
from mscp.search.snippets import snippet
from reviews.models import Document, DocumentPage, Publication
from reviews.search import MOST_RANKED

MOST_HITS = 3


class PageHit(TypedDict):
    """One page to show beneath a result; a dictionary, which a template reads quickest."""

    title: str
    number: int
    pages: int
    text: SafeString
    """Some words of the page, those of the query marked."""
    reading_address: str
    """Where its text is read; empty where it has none."""
    file_address: str
    """Where the PDF opens at the page (RFC 8118, section 3)."""


class _Page(NamedTuple):
    document: Document
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
    best = [
        page
        for pages in _best_pages(rows, query, 1 if found > MOST_RANKED else MOST_HITS).values()
        for page in pages
    ]
    texts = _texts(best)
    documents = {page.document.pk: page.document for page in best}
    reading = {key: document.reading_address for key, document in documents.items()}
    files = {key: document.get_absolute_url() for key, document in documents.items()}
    hits: dict[int, list[PageHit]] = {}
    for document, number, _ in best:
        if text := texts.get((document.file_id, number)):
            read_at = reading[document.pk]
            hit = PageHit(
                title=document.title,
                number=number,
                pages=document.page_count or 0,
                text=snippet(text, query),
                reading_address=f"{read_at}#page-{number}" if read_at else "",
                file_address=f"{files[document.pk]}#page={number}",
            )
            hits.setdefault(document.publication_id, []).append(hit)
    for row in rows:
        row.hits = hits.get(row.pk, [])
        told = any(clause.count_in(row.words) for clause in query.wanted)
        row.excerpt = snippet(row.summary, query) if told else ""


def _best_pages(rows: list[Any], query: Query, most: int) -> dict[int, list[_Page]]:
    """Return by publication its pages with most of the words, in the order of reading."""
    documents = (
        Document.objects.published()
        .filter(publication__in=[row.pk for row in rows], file__isnull=False)
        .select_related("file__file_words")
        .only(
            "uid",
            "title",
            "url",
            "publication_id",
            "file__pages",
            "file__has_text",
            "file__file_words__words",
        )
        .order_by("position", "pk")
    )
    found: dict[int, list[_Page]] = {}
    for document in documents:
        pages = found.setdefault(document.publication_id, [])
        file: Any = document.file
        streams = file.file_words.pages if hasattr(file, "file_words") else []
        for number, stream in enumerate(streams, 1):
            if counts := list(filter(None, [clause.count_in(stream) for clause in query.wanted])):
                pages.append(_Page(document, number, (len(counts), sum(counts))))
    return {key: _first(pages, most) for key, pages in found.items()}


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
    values = [value for page in pages for value in (page.document.file_id, page.number)]
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return {(file, number): text for file, number, text in cursor.fetchall()}
