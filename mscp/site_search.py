"""One search over the whole library, all courses and venues."""

from typing import Any

from mscp.listing import FilteredListView
from reviews.filters import LibraryFilterSet
from reviews.models import Publication
from reviews.page_hits import add_hits
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
        return rows.prefetch_related("themes")

    def complete(self, rows: list[Any]) -> None:
        add_hits(rows, self.filterset.query, found=self.total)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        query = self.filterset.query
        courses = search.courses.matching(Course.objects.published(), query).next_first()
        venues = search.venues.matching(Venue.objects.order_by("name"), query)
        found = list(courses[: MOST_COURSES + 1]) if query else []
        return super().get_context_data(
            courses=found[:MOST_COURSES],
            more_courses=len(found) > MOST_COURSES,
            # A venue has words enough to be without most others; "nothing but" finds no place.
            venues=venues[:MOST_VENUES] if query.wanted else [],
            **kwargs,
        )
