"""Reads publications as list items."""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from django.db.models import F

from mscp.database.compiled_query import CompiledQuery
from mscp.search.query import Query
from reviews.models import (
    Briefing,
    Document,
    NationalReport,
    PracticeReview,
    Publication,
    cover_address,
    theme_names_of,
)
from reviews.page_hits import PageHit, add_hits


def _rows_of(model: type[Publication], *fields: str) -> CompiledQuery:
    return CompiledQuery(
        lambda bound: (
            model.objects.published(at=bound.now).filter(pk__in=bound.keys).for_items(*fields)
        )
    )


_MODELS = (Publication, PracticeReview, NationalReport, Briefing)
_ROWS = {model: _rows_of(model) for model in _MODELS}
# With the words of its own, which show whether a search found these or only its documents.
_ROWS_WITH_WORDS = {model: _rows_of(model, "words") for model in _MODELS}


def read_rows(
    model: type[Publication], keys: Iterable[int], query: Query | None = None
) -> list[Publication]:
    """Read the publications of a page of a list, in any order, behind the gate.

    With a query, they can be completed with what it found.
    """
    return (_ROWS_WITH_WORDS if query else _ROWS)[model].records(keys)


class Cover(NamedTuple):
    """A picture of the first page of a document, small."""

    address: str
    height: int


_COVERS = CompiledQuery(
    lambda bound: (
        Document.objects.published(at=bound.now)
        .filter(publication__in=bound.keys, file__cover__gt="")
        .order_by("-position", "-pk")
        .only("publication_id", "uid")
        .annotate(cover_height=F("file__cover_height"))
    )
)


def covers_of(keys: Iterable[int]) -> dict[int, Cover]:
    """Return for each publication the cover of its first published document that has one."""
    # The first is read last and stays.
    return {
        document.publication_id: Cover(cover_address(document.uid), document.cover_height)
        for document in _COVERS.records(keys)
    }


def complete(rows: list[Publication], query: Query, *, found: int) -> None:
    """Add to the publications of a page what their items show besides their own rows.

    ``found`` is the number of publications on all pages.
    """
    if not rows:
        return
    keys = [row.pk for row in rows]
    themes = theme_names_of(keys)
    # Where words were looked for, a passage says more than the picture of a first page.
    covers = {} if query.wanted else covers_of(keys)
    for row in rows:
        row.theme_names = ", ".join(themes.get(row.pk, []))
        row.cover = covers.get(row.pk)
    add_hits(rows, query, found=found)


def passages(rows: Iterable[Publication]) -> Iterator[str]:
    """Yield the passages beneath completed rows, with the words of their query marked."""
    for row in rows:
        yield from (hit.text for hit in row.hits if isinstance(hit, PageHit))
        yield row.excerpt
