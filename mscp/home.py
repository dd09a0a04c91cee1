"""The home page: what this is, the newest, the next, and the themes."""

from typing import Any

from django.views.generic import TemplateView

from mscp.themes import themes_in_use
from reviews.models import Briefing, NationalReport, PracticeReview, newest_of
from training.filters import upcoming_sessions

MOST_REVIEWS = 5
MOST_REPORTS = 3
MOST_SESSIONS = 5


class HomeView(TemplateView):
    template_name = "pages/home.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(
            reviews=newest_of(PracticeReview, MOST_REVIEWS),
            reports=newest_of(NationalReport, MOST_REPORTS),
            briefings=newest_of(Briefing, MOST_REPORTS),
            sessions=upcoming_sessions().select_related("course", "venue")[:MOST_SESSIONS],
            themes=themes_in_use(),
            **kwargs,
        )
