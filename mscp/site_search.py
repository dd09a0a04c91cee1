"""One search over the whole library and all courses."""

from typing import Any

from mscp.listing import FilteredListView
from mscp.words import matching, query_words
from reviews.filters import LibraryFilterSet
from reviews.models import Publication
from training.models import Course

MOST_COURSES = 5


class SearchView(FilteredListView):
    model = Publication
    filterset_class = LibraryFilterSet
    template_name = "pages/search.html"
    extra_context = {"heading": "Search", "noun": "publication,publications"}

    def with_related(self, rows: Any) -> Any:
        return rows.prefetch_related("themes")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        words = query_words(self.filterset.data.get("q", ""))
        courses = Course.objects.published().filter(matching("words", words)).next_first()
        found = list(courses[: MOST_COURSES + 1]) if words else []
        return super().get_context_data(
            courses=found[:MOST_COURSES], more_courses=len(found) > MOST_COURSES, **kwargs
        )
