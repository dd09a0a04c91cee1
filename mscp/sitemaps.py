"""The sitemap: every public page, and nothing that is not."""

from datetime import datetime
from typing import Any

from django.contrib.sitemaps import Sitemap
from django.db.models import Model
from django.urls import reverse

from mscp.models import Page
from mscp.themes import themes_in_use
from reviews.models import Briefing, NationalReport, PracticeReview, Publication
from training.models import Course, Venue

LISTS = [
    "home",
    "reviews:practice_reviews",
    "reviews:national_reports",
    "reviews:briefings",
    "training:sessions",
    "themes:list",
    "developers",
]


class ListSitemap(Sitemap):
    def items(self) -> list[str]:
        return LISTS

    def location(self, item: Any) -> str:
        return reverse(item)


class PublishedSitemap(Sitemap):
    """All published records of one model."""

    limit = 5000

    def __init__(self, model: type[Model]) -> None:
        self.model = model

    def items(self) -> Any:
        published = self.model._default_manager.published()  # type: ignore[attr-defined]
        fields = ["slug", "updated_at"]
        if issubclass(self.model, Publication):
            fields.append("kind")
            published = published.filter(out_of_search_engines=False)
        return published.only(*fields).order_by("pk")

    def lastmod(self, item: Any) -> datetime:
        return item.updated_at


class ThemeSitemap(Sitemap):
    def items(self) -> Any:
        return themes_in_use()


class VenueSitemap(Sitemap):
    def items(self) -> Any:
        return Venue.objects.order_by("pk")


SITEMAPS = {
    "lists": ListSitemap,
    "pages": PublishedSitemap(Page),
    "reviews": PublishedSitemap(PracticeReview),
    "reports": PublishedSitemap(NationalReport),
    "learning": PublishedSitemap(Briefing),
    "courses": PublishedSitemap(Course),
    "themes": ThemeSitemap,
    "venues": VenueSitemap,
}
