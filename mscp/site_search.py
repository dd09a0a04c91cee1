"""One search over the whole library, all courses and venues."""

from typing import Any

from mscp.listing import FilteredListView
from mscp.search.index import keys_matching
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
        courses, venues = _courses_and_venues(self.filterset.query)
        found = list(courses[: MOST_COURSES + 1])
        return super().get_context_data(
            courses=found[:MOST_COURSES],
            more_courses=len(found) > MOST_COURSES,
            venues=venues[:MOST_VENUES],
            **kwargs,
        )


def _courses_and_venues(query: Query) -> list[Any]:
    """Return those that a query finds; most often there are none to read.

    Nearly everything here is without some word, so words to be without alone find nothing.
    """
    courses = Course.objects.published().next_first().only("title", "slug")
    sources = [(search.courses, courses), (search.venues, Venue.objects.order_by("name"))]
    if not query.wanted:
        return [[], []]
    if found := keys_matching(query, *(index for index, _ in sources)):
        return [
            rows.filter(pk__in=keys) if keys else []
            for (_, rows), keys in zip(sources, found, strict=True)
        ]
    return [index.matching(rows, query) for index, rows in sources]
