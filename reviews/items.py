"""A publication as an item of a list."""

from collections.abc import Iterable
from typing import Any, NamedTuple

from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from mscp.cache import fragments
from mscp.database.prepared import Prepared
from mscp.records.partial_dates import PartialDate
from mscp.search.query import Query
from reviews.models import (
    Briefing,
    NationalReport,
    PracticeReview,
    Publication,
    Theme,
    themes_of,
)
from reviews.page_hits import add_hits

WORDS_OF_SUMMARY = 45
# Where pages of its documents are shown besides.
WORDS_BESIDE_HITS = 25


class ThemeLink(NamedTuple):
    name: str
    address: str


class Item(NamedTuple):
    """All that an item tells of a publication, whatever was searched for."""

    level: int
    address: str
    title: str
    mark: str
    type: str
    report_date: PartialDate | None
    names: tuple[str, ...]
    summary: str
    words: int
    """So many of its summary are shown."""
    themes: tuple[ThemeLink, ...]


def _rows_of(model: type[Publication]) -> Prepared:
    return Prepared(
        lambda given: model.objects.published(at=given.now).filter(pk__in=given.keys).for_items()
    )


_ROWS = {
    model: _rows_of(model) for model in (Publication, PracticeReview, NationalReport, Briefing)
}


def read_rows(model: type[Publication], keys: Iterable[int]) -> list[Any]:
    """Read the publications of a page of a list, in any order, behind the gate."""
    return _ROWS[model].records(keys)


def complete(rows: list[Any], query: Query, *, found: int) -> None:
    """Give the publications of a list what their items show besides their own rows.

    Of ``found`` publications in all, these are the ones of a page.
    """
    themes = themes_of([row.pk for row in rows])
    for row in rows:
        row.its_themes = themes.get(row.pk, [])
    add_hits(rows, query, found=found)


def written_item(publication: Any, *, level: int, brief: bool, mark: str) -> SafeString:
    """Write a publication as an item of a list, with the pages that a search found of it."""
    hits = getattr(publication, "hits", ())
    excerpt = getattr(publication, "excerpt", "")
    item = Item(
        level=level,
        address=publication.get_absolute_url(),
        title=publication.title,
        mark=fragments.plain(mark),
        type=publication.get_type_display(),
        report_date=publication.report_date,
        names=tuple(publication.names),
        summary="" if brief or excerpt else publication.summary,
        words=WORDS_BESIDE_HITS if hits else WORDS_OF_SUMMARY,
        themes=() if brief else _links(publication.its_themes),
    )
    if not hits and not excerpt:
        return fragments.item("components/_publication_item.html", publication=item)
    # What was found is another with every search, so only what stands around it is kept.
    around = {
        "head": fragments.item("components/_publication_head.html", publication=item),
        "themes": fragments.item("components/_theme_links.html", themes=item.themes),
    }
    told = [
        (fragments.item("components/_hit_place.html", place=hit.place), hit.text) for hit in hits
    ]
    found = {"excerpt": excerpt, "hits": told}
    return render_to_string("components/_found_publication.html", around | found)


def written_themes(themes: Iterable[Theme]) -> SafeString:
    return fragments.item("components/_theme_links.html", themes=_links(themes))


def _links(themes: Iterable[Theme]) -> tuple[ThemeLink, ...]:
    return tuple(ThemeLink(theme.name, theme.get_absolute_url()) for theme in themes)
