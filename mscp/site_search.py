"""One search over the whole library, all courses and venues."""

from typing import Any

from mscp.listing import FilteredListView
from mscp.search.index import WordIndex
from mscp.search.query import Query
from reviews.filters import LibraryFilterSet
from reviews.items import complete
from reviews.models import Publication
from training import search
from training.models import Course, Venue

MOST_COURSES = 5
MOST_VENUES = 3


class SearchView(FilteredListView):
    model = Publication
    filterset_class = LibraryFilterSet
    template_name = "pages/search.html"
    extra_context = {"heading": "Search", "noun": "publication,publications"}

    def with_related(self, rows: Any) -> Any:
        return rows.for_items()

    def complete(self, rows: list[Any]) -> None:
        complete(rows, self.filterset.query, found=self.total)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        query = self.filterset.query
        courses = _found(
            search.courses, Course.objects.published().next_first().only("title", "slug"), query
        )
        venues = _found(search.venues, Venue.objects.order_by("name"), query)
        found = list(courses[: MOST_COURSES + 1])
        return super().get_context_data(
            courses=found[:MOST_COURSES],
            more_courses=len(found) > MOST_COURSES,
            venues=venues[:MOST_VENUES],
            **kwargs,
        )


def _found(index: WordIndex, rows: Any, query: Query) -> Any:
    """Keep of the rows those that a query finds; most often there are none to read.

    Nearly everything here is without some word, so words to be without alone find nothing.
    """
    keys = index.keys_matching(query) if query.wanted else []
    if keys is None:
        return index.matching(rows, query)
    return rows.filter(pk__in=keys) if keys else []
