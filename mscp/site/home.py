"""The home page: introduction, newest publications, next sessions, themes."""

from typing import Any, ClassVar

from django.http import QueryDict
from django.views.generic import TemplateView

from mscp.database.pks import ordered_by_pks
from mscp.site.themes import themes_in_use
from reviews.filters import LibraryFilterSet
from reviews.items import read_rows
from reviews.models import Kind, PracticeReview, Publication
from training.related import next_of_all

MOST_REVIEWS = 5
MOST_OTHERS = 3


class HomeView(TemplateView):
    query_parameters: ClassVar[tuple[str, ...]] = ()
    template_name = "pages/home.html"

    def get_context_data(self, **kwargs: object) -> dict[str, Any]:
        return super().get_context_data(
            **_newest(),
            sessions=next_of_all(),
            themes=themes_in_use(),
            **kwargs,
        )


def _newest() -> dict[str, list[Any]]:
    """Return the newest few of every kind, which the lists' index holds in order."""
    library = LibraryFilterSet(QueryDict())
    reviews = library.newest_of(Kind.PRACTICE_REVIEW, MOST_REVIEWS)
    reports = library.newest_of(Kind.NATIONAL_REPORT, MOST_OTHERS)
    briefings = library.newest_of(Kind.BRIEFING, MOST_OTHERS)
    others = read_rows(Publication, [*reports, *briefings])
    return {
        # Only reviews show more than the row of every publication has: their names.
        "reviews": ordered_by_pks(reviews, read_rows(PracticeReview, reviews)),
        "reports": ordered_by_pks(reports, others),
        "briefings": ordered_by_pks(briefings, others),
    }
