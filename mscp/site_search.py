"""One search over the whole library and all courses."""

from typing import Any

from mscp.listing import FilteredListView
from reviews.filters import LibraryFilterSet
from reviews.models import Publication
from reviews.page_hits import add_hits
from training import search
from training.models import Course

MOST_COURSES = 5


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
        found = list(courses[: MOST_COURSES + 1]) if query else []
        return super().get_context_data(
            courses=found[:MOST_COURSES], more_courses=len(found) > MOST_COURSES, **kwargs
        )
