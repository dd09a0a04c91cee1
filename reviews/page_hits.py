"""The pages of a publication's documents on which the words of a query stand."""

from collections.abc import Iterable
from typing import Any, NamedTuple

from django.db.models import Q
from django.utils.safestring import SafeString

from mscp.search.query import Query
from mscp.search.snippets import snippet
from reviews.models import Document, DocumentPage, Publication

MOST_OF_A_PUBLICATION = 3


class PageHit(NamedTuple):
    """One page to show beneath a result."""

    document: Document
    number: int
    text: SafeString
    """Some words of the page, those of the query marked."""

    @property
    def pages(self) -> int:
        return self.document.page_count or 0

    @property
    def reading_address(self) -> str:
        address = self.document.reading_address
        return f"{address}#page-{self.number}" if address else ""

    @property
    def file_address(self) -> str:
        """Return where the PDF opens at the page (RFC 8118, section 3)."""
        return f"{self.document.get_absolute_url()}#page={self.number}"


class _Page(NamedTuple):
    document: Document
    number: int
    worth: tuple[int, int]
    """How many different words stand on it, and how often."""


def add_hits(publications: Iterable[Publication], query: Query) -> None:
    """Give publications their ``hits`` and ``excerpt``; two queries, and none without words."""
    rows: list[Any] = list(publications)
    if not query.wanted:
        return
    best = [page for pages in _best_pages(rows, query).values() for page in pages]
    texts = _texts(best)
    for row in rows:
        row.hits = [
            PageHit(page.document, page.number, snippet(text, query))
            for page in best
            if page.document.publication_id == row.pk
            and (text := texts.get((page.document.file_id, page.number)))
        ]
        row.excerpt = snippet(row.summary, query)


def _best_pages(rows: list[Any], query: Query) -> dict[int, list[_Page]]:
    """Return by publication its pages with most of the words, in the order of reading."""
    documents = (
        Document.objects.published()
        .filter(publication__in=[row.pk for row in rows], file__isnull=False)
        .select_related("file__file_words")
        .order_by("position", "pk")
    )
    found: dict[int, list[_Page]] = {}
    for document in documents:
        pages = found.setdefault(document.publication_id, [])
        file: Any = document.file
        streams = file.file_words.pages if hasattr(file, "file_words") else []
        for number, stream in enumerate(streams, 1):
            counts = [clause.count_in(stream) for clause in query.wanted]
            if any(counts):
                worth = (sum(count > 0 for count in counts), sum(counts))
                pages.append(_Page(document, number, worth))
    return {key: _first(pages) for key, pages in found.items()}


def _first(pages: list[_Page]) -> list[_Page]:
    """Keep the best few in their order; of pages as good, those that come first."""
    most = max((page.worth[0] for page in pages), default=0)
    full = [page for page in pages if page.worth[0] == most]
    best = sorted(full, key=lambda page: -page.worth[1])[:MOST_OF_A_PUBLICATION]
    return [page for page in full if page in best]


def _texts(pages: list[_Page]) -> dict[tuple[Any, int], str]:
    wanted = Q(pk=None)
    for page in pages:
        wanted |= Q(file=page.document.file_id, number=page.number)
    if not pages:
        return {}
    rows = DocumentPage.objects.filter(wanted).order_by()
    return {
        (file, number): text for file, number, text in rows.values_list("file_id", "number", "text")
    }
