"""Themes join the library and training; this page walks the chain both ways.

review → national report → 7-minute learning → course → next date.
"""

from typing import Any

from django.db.models import Count, F, IntegerField, OuterRef, Subquery
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.views.generic import DetailView, ListView

from reviews.models import KIND_PLURALS, Publication, Theme
from training.filters import upcoming_sessions
from training.models import Course

MOST_OF_A_KIND = 10
MOST_DATES = 5


def _published_of_theme(through: Any, published: Any, column: str) -> Any:
    """Count, for a theme, the published rows on the other side of a many-to-many table."""
    rows = through.objects.filter(theme=OuterRef("pk"), **{f"{column}__in": published})
    counted = rows.order_by().values("theme").annotate(number=Count("pk")).values("number")
    return Coalesce(Subquery(counted, output_field=IntegerField()), 0)


def themes_in_use() -> Any:
    """Return themes under which something is published, with how much."""
    publications = _published_of_theme(
        Publication.themes.through, Publication.objects.published().values("pk"), "publication"
    )
    courses = _published_of_theme(
        Course.themes.through, Course.objects.published().values("pk"), "course"
    )
    return (
        Theme.objects.annotate(publications_number=publications, courses_number=courses)
        .annotate(number=F("publications_number") + F("courses_number"))
        .filter(number__gt=0)
    )


class ThemeListView(ListView):
    section = "themes"
    template_name = "pages/theme_list.html"

    def get_queryset(self) -> Any:
        return themes_in_use()


class ThemeDetailView(DetailView):
    """The learning chain of one theme."""

    model = Theme
    section = "themes"
    template_name = "pages/theme_detail.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        slugs = [self.object.slug]
        published = Publication.objects.published().with_themes(slugs)
        numbers = dict(published.order_by().values_list("kind").annotate(Count("pk")))
        shown = list(published.newest_of_each_kind(MOST_OF_A_KIND))
        courses = list(Course.objects.published().about([self.object]).next_first())
        sessions = upcoming_sessions().filter(course__in=courses).select_related("course", "venue")
        return super().get_context_data(
            links=[
                {
                    "heading": plural,
                    "address": reverse(f"reviews:{kind}s"),
                    "number": numbers.get(kind, 0),
                    "shown": [item for item in shown if item.kind == kind],
                }
                for kind, plural in KIND_PLURALS.items()
            ],
            courses=courses[:MOST_OF_A_KIND],
            courses_number=len(courses),
            sessions=sessions[:MOST_DATES],
            **kwargs,
        )
