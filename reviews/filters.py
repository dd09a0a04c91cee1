"""Filter sets of the library's lists, shared by page, feed and export."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, ClassVar

from django.db.models import QuerySet

from mscp.listing.facets import (
    ColumnChoices,
    Facet,
    FixedChoices,
    ManyFacet,
    ModelChoices,
    PatternChoices,
    WordsFilter,
)
from mscp.listing.filterset import ListFilterSet
from reviews import search
from reviews.models import TYPES_OF_KIND, Kind, Publication, PublicationType, Theme


class ThemeFacet(ManyFacet):
    """Publications of any of the themes, each once however many of them it has."""

    def filter(self, qs: Any, value: list[str]) -> Any:
        return qs.with_themes(value) if value else qs


def _types(kind: Kind) -> FixedChoices:
    return FixedChoices({type_.value: str(type_.label) for type_ in TYPES_OF_KIND[kind]})


class PublicationFilterSet(ListFilterSet):
    """Words, year and theme, which every kind of publication has."""

    q = WordsFilter(
        find=search.publications.find,
        find_each=search.publications.find_each,
        label="Keyword",
        index=search.publications,
    )
    year = Facet(
        field_name="report_date__year",
        label="Year",
        known=PatternChoices(r"(19|20|21)\d\d"),
        timeline=True,
    )
    theme = ThemeFacet(
        field_name="themes__slug",
        label="Theme",
        label_path="themes__name",
        known=ModelChoices(Theme.objects.all, "name"),
    )
    publisher = Facet(
        field_name="publisher",
        # As in the form of staff, for whom publishers are colleagues who may publish.
        label="Published by",
        known=ColumnChoices(Publication.objects.published, "publisher"),
        label_path="publisher",
    )

    kind: ClassVar[Kind | None] = None
    """The kind of the list; all kinds if none."""
    first_facet = "type"
    texts_of = "library"
    followed: ClassVar = {
        "reviews_publication": "pk",
        "reviews_publication_themes": "pk",
        "reviews_theme": "",
    }
    ranks = True
    sorts: ClassVar = {
        "newest": ("Newest first", lambda qs: qs.newest_first()),
        "oldest": ("Oldest first", lambda qs: qs.oldest_first()),
        "title": ("Title", lambda qs: qs.by_title()),
        "added": ("Recently added", lambda qs: qs.recently_added()),
    }

    @classmethod
    def published(cls) -> QuerySet[Publication]:
        # All that is filtered, counted and sorted by is in the parent's row.
        publications = Publication.objects.published()
        return publications.filter(kind=cls.kind) if cls.kind else publications

    @classmethod
    def indexed_as(cls) -> type[ListFilterSet]:
        return LibraryFilterSet

    def mask(self) -> int:
        if self.kind is None:
            return super().mask()
        # A type belongs to one kind, which a constraint ensures.
        return self._index.with_any("type", [type_.value for type_ in TYPES_OF_KIND[self.kind]])

    @property
    def most_ranked(self) -> int:
        return search.MOST_RANKED

    def ranked(self, keys: list[int]) -> list[int]:
        return search.ranked(keys, self.query)

    def keys_with_all_in_names(self) -> list[int]:
        return search.publications.keys_with_all_in_names(self.query)

    def keys_with_run(self) -> list[int]:
        return search.publications.keys_with_run(self.query)

    @classmethod
    def published_texts(cls) -> Iterable[str]:
        return search.published_texts()

    def good_until(self) -> datetime | None:
        return Publication.objects.next_moment()


class PracticeReviewFilterSet(PublicationFilterSet):
    kind = Kind.PRACTICE_REVIEW
    type = Facet(field_name="type", label="Type", known=_types(Kind.PRACTICE_REVIEW))


class NationalReportFilterSet(PublicationFilterSet):
    kind = Kind.NATIONAL_REPORT
    type = Facet(field_name="type", label="Type", known=_types(Kind.NATIONAL_REPORT))


class BriefingFilterSet(PublicationFilterSet):
    kind = Kind.BRIEFING


class LibraryFilterSet(PublicationFilterSet):
    """All kinds together, for the search of the complete site."""

    type = Facet(
        field_name="type",
        label="Type",
        known=FixedChoices({value: str(label) for value, label in PublicationType.choices}),
    )

    def newest_of(self, kind: Kind, most: int) -> Sequence[int]:
        """Return the keys of the newest few of a kind in the list."""
        return self.first_with("type", [type_.value for type_ in TYPES_OF_KIND[kind]], most)

    def nearest_of_each_kind(
        self, themes: Iterable[str], most: int, *, direct: Iterable[int], without: Iterable[int]
    ) -> list[int]:
        """Return the keys of the newest few of each kind that have one of these themes.

        Those that are ``direct`` come first in their kind, whatever their themes.
        """
        index = self._index
        among = self._found() & ~index.with_keys(without)
        first = among & index.with_keys(direct)
        others = among & index.with_any("theme", themes) & ~first
        keys: list[int] = []
        for types in TYPES_OF_KIND.values():
            of_kind = index.with_any("type", [type_.value for type_ in types])
            keys += index.in_order([first & of_kind, others & of_kind])[:most]
        return keys

    def numbers_of_kinds(self, theme: str) -> dict[Kind, int]:
        """Return how many of each kind in the list have a theme."""
        numbers = self.numbers("type", without=(), theme=[theme])
        return {
            kind: sum(numbers.get(type_.value, 0) for type_ in types)
            for kind, types in TYPES_OF_KIND.items()
        }
