"""Themes connect the library and training; their page shows the learning chain both ways.

review → national report → 7-minute learning → course → next date.
"""

from typing import TYPE_CHECKING, Any, ClassVar

from django.db.models import Count
from django.http import QueryDict
from django.urls import reverse
from django.views.generic import DetailView, ListView

from mscp.database.compiled_query import Bindings, CompiledQuery
from reviews.filters import LibraryFilterSet
from reviews.models import KIND_PLURALS, Theme
from reviews.related import newest_of_each_kind, number_of_each_kind
from training.filters import upcoming_sessions
from training.models import Course

MOST_OF_A_KIND = 10
MOST_DATES = 5


def themes_in_use() -> list[Theme]:
    """Return the themes of what is published, with counts."""
    library = LibraryFilterSet(QueryDict())
    publications = library.numbers("theme", without=())
    courses = dict(_COURSES_OF_THEMES.rows())
    in_use = {*publications, *courses}
    themes = [theme for theme in _ALL.records() if theme.slug in in_use]
    for theme in themes:
        theme.publications_number = publications.get(theme.slug, 0)
        theme.courses_number = courses.get(theme.slug, 0)
        theme.number = theme.publications_number + theme.courses_number
    return themes


def _courses_of_themes(bound: Bindings) -> Any:
    courses = Course.objects.published(at=bound.now)
    links: Any = Course.themes.through.objects.filter(course__in=courses)
    return links.order_by().values_list("theme__slug").annotate(Count("pk"))


_COURSES_OF_THEMES = CompiledQuery(_courses_of_themes)
_ALL = CompiledQuery(lambda bound: Theme.objects.all())


if TYPE_CHECKING:
    _ListView = ListView[Theme]
    _DetailView = DetailView[Theme]
else:
    _ListView = ListView
    _DetailView = DetailView


class ThemeListView(_ListView):
    query_parameters: ClassVar[tuple[str, ...]] = ()
    section = "themes"
    template_name = "pages/theme_list.html"

    def get_queryset(self) -> Any:
        return themes_in_use()


class ThemeDetailView(_DetailView):
    """The learning chain of one theme."""

    query_parameters: ClassVar[tuple[str, ...]] = ()
    model = Theme
    section = "themes"
    template_name = "pages/theme_detail.html"

    def get_context_data(self, **kwargs: object) -> dict[str, Any]:
        numbers = number_of_each_kind(self.object.slug)
        shown = newest_of_each_kind([self.object.slug], MOST_OF_A_KIND)
        links = [
            {
                "id": f"{kind}s",
                "name": kind.label if numbers.get(kind) == 1 else plural,
                "heading": plural,
                "address": reverse(f"reviews:{kind}s"),
                "number": numbers.get(kind, 0),
                "shown": [item for item in shown if item.kind == kind],
            }
            for kind, plural in KIND_PLURALS.items()
        ]
        courses = list(Course.objects.published().about([self.object]).next_first())
        sessions = upcoming_sessions().filter(course__in=courses).select_related("course", "venue")
        sessions_number = sessions.count()
        return super().get_context_data(
            links=links,
            chain=[
                *links,
                {
                    "id": "courses",
                    "name": "Course" if len(courses) == 1 else "Courses",
                    "number": len(courses),
                },
                {
                    "id": "dates",
                    "name": "Next date" if sessions_number == 1 else "Next dates",
                    "number": sessions_number,
                },
            ],
            courses=courses[:MOST_OF_A_KIND],
            courses_number=len(courses),
            sessions=sessions[:MOST_DATES],
            sessions_number=sessions_number,
            **kwargs,
        )
