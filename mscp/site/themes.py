"""Themes connect the library and training; their page shows the learning chain both ways.

review → national report → 7-minute learning → course → next date.
"""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple

from django.db.models import Count, Q
from django.urls import reverse
from django.views.generic import DetailView, TemplateView

from mscp.database.compiled_query import Bindings, CompiledQuery
from reviews.filters import LibraryFilterSet
from reviews.models import KIND_PLURALS, TYPES_OF_KIND, Kind, Theme, theme_address
from reviews.related import newest_of_each_kind, number_of_each_kind
from training.filters import upcoming_sessions
from training.models import Course

MOST_OF_A_KIND = 10
MOST_DATES = 5
# What a gap in the chain says.
GAPS = {
    Kind.PRACTICE_REVIEW: "No local review is published under this theme yet.",
    Kind.NATIONAL_REPORT: "No national report is listed under this theme yet.",
    Kind.BRIEFING: "No 7-minute learning is written on this theme yet.",
}


# The links of the chain that a list of themes shows, each with the kinds of publications in it.
LINKS = {
    "review or report": (Kind.PRACTICE_REVIEW, Kind.NATIONAL_REPORT),
    "7-minute learning": (Kind.BRIEFING,),
}
COURSE_LINK = "course"
WITHOUT_GROUP = "Other themes"


class ThemeLink(NamedTuple):
    """A link of the learning chain, and how much is published of it under a theme."""

    name: str
    number: int


class ThemeInUse(NamedTuple):
    """A theme of something published, with how much there is of every link of its chain."""

    name: str
    slug: str
    group: str
    links: list[ThemeLink]

    def get_absolute_url(self) -> str:
        return theme_address(self.slug)


class ThemeGroup(NamedTuple):
    """Some themes under a heading, by name."""

    name: str
    themes: list[ThemeInUse]


def themes_in_use() -> list[ThemeInUse]:
    """Return the themes of what is published, in their order."""
    library = LibraryFilterSet.unfiltered()
    numbers = {
        name: library.numbers(
            "theme", without=(), type=[type_ for kind in kinds for type_ in TYPES_OF_KIND[kind]]
        )
        for name, kinds in LINKS.items()
    }
    found = []
    for name, slug, group, courses in _THEMES.rows():
        links = [ThemeLink(link, of_link.get(slug, 0)) for link, of_link in numbers.items()]
        links.append(ThemeLink(COURSE_LINK, courses))
        if any(link.number for link in links):
            found.append(ThemeInUse(name, slug, group, links))
    return found


def grouped(themes: Iterable[ThemeInUse]) -> list[ThemeGroup]:
    """Group themes, given in their order: groups by their first theme, in each by name."""
    groups: dict[str, list[ThemeInUse]] = {}
    for theme in themes:
        groups.setdefault(theme.group.strip(), []).append(theme)
    without = groups.pop("", [])
    found = [ThemeGroup(name, _by_name(some)) for name, some in groups.items()]
    if without:
        found.append(ThemeGroup(WITHOUT_GROUP if found else "", _by_name(without)))
    return found


def _by_name(themes: list[ThemeInUse]) -> list[ThemeInUse]:
    return sorted(themes, key=lambda theme: theme.name.casefold())


def _with_number_of_courses(bound: Bindings) -> Any:
    courses = Course.objects.published(at=bound.now)
    number = Count("courses", filter=Q(courses__in=courses))
    themes = Theme.objects.annotate(number=number)
    # A query that counts has no order of its own.
    return themes.order_by("position", "name").values_list("name", "slug", "group", "number")


_THEMES = CompiledQuery(_with_number_of_courses)


if TYPE_CHECKING:
    _DetailView = DetailView[Theme]
else:
    _DetailView = DetailView


class ThemeListView(TemplateView):
    query_parameters: ClassVar[tuple[str, ...]] = ()
    section = "themes"
    template_name = "pages/theme_list.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(
            groups=grouped(themes_in_use()), links=[*LINKS, COURSE_LINK], **kwargs
        )


class ThemeDetailView(_DetailView):
    """The learning chain of one theme."""

    query_parameters: ClassVar[tuple[str, ...]] = ()
    model = Theme
    section = "themes"
    template_name = "pages/theme_detail.html"

    def get_context_data(self, **kwargs: object) -> dict[str, Any]:
        numbers = number_of_each_kind(self.object.slug)
        shown = newest_of_each_kind([self.object.slug], MOST_OF_A_KIND)
        links: list[dict[str, Any]] = [
            {
                "id": f"{kind}s",
                "heading": plural,
                "address": reverse(f"reviews:{kind}s"),
                "number": numbers.get(kind, 0),
                "shown": [item for item in shown if item.kind == kind],
                "gap": GAPS[kind],
            }
            for kind, plural in KIND_PLURALS.items()
        ]
        courses = list(Course.objects.published().about([self.object]).next_first())
        sessions = upcoming_sessions().filter(course__in=courses).select_related("course", "venue")
        return super().get_context_data(
            links=links,
            courses=courses[:MOST_OF_A_KIND],
            courses_number=len(courses),
            sessions=sessions[:MOST_DATES],
            sessions_number=sessions.count(),
            **kwargs,
        )
