"""Reads publications as list items."""

from collections.abc import Iterable

from mscp.database.compiled_query import CompiledQuery
from mscp.search.query import Query
from reviews.models import (
    Briefing,
    NationalReport,
    PracticeReview,
    Publication,
    themes_of,
)
from reviews.page_hits import add_hits


def _rows_of(model: type[Publication]) -> CompiledQuery:
    return CompiledQuery(
        lambda bound: model.objects.published(at=bound.now).filter(pk__in=bound.keys).for_items()
    )


_ROWS = {
    model: _rows_of(model) for model in (Publication, PracticeReview, NationalReport, Briefing)
}


def read_rows(model: type[Publication], keys: Iterable[int]) -> list[Publication]:
    """Read the publications of a page of a list, in any order, behind the gate."""
    return _ROWS[model].records(keys)


def complete(rows: list[Publication], query: Query, *, found: int) -> None:
    """Add to the publications of a page what their items show besides their own rows.

    ``found`` is the number of publications on all pages.
    """
    themes = themes_of([row.pk for row in rows])
    for row in rows:
        row.its_themes = themes.get(row.pk, [])
    add_hits(rows, query, found=found)
