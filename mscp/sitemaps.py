"""The sitemap: every public page, and nothing that is not."""

from datetime import datetime
from typing import Any

from django.contrib.sitemaps import Sitemap, views
from django.db.models import Max, Model, OuterRef
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from mscp.models import Page
from mscp.themes import themes_in_use
from reviews.models import Briefing, Document, NationalReport, PracticeReview
from training.models import Course, Session, Venue

LISTS = [
    "home",
    "reviews:practice_reviews",
    "reviews:national_reports",
    "reviews:briefings",
    "training:sessions",
    "training:venues",
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
        rows = self.model._default_manager.published()  # type: ignore[attr-defined]
        return rows.with_last_change(*self.parts()).only("slug").order_by("pk")

    def parts(self) -> list[Any]:
        """Return what its page shows beside its own row, for the moment of the last change."""
        return []

    def lastmod(self, item: Any) -> datetime:
        return item.changed_at

    def get_latest_lastmod(self) -> datetime | None:
        # Asked of the database: the index would read every row for it.
        return self.items().aggregate(latest=Max("changed_at"))["latest"]


class PublicationSitemap(PublishedSitemap):
    def items(self) -> Any:
        return super().items().for_search_engines().only("slug", "kind")

    def parts(self) -> list[Any]:
        return [_last_save(Document.objects.published(), "publication")]


class CourseSitemap(PublishedSitemap):
    def parts(self) -> list[Any]:
        return [_last_save(Session.objects.all(), "course")]


def _last_save(rows: Any, parent: str) -> Any:
    own = rows.filter(**{parent: OuterRef("pk")}).order_by("-updated_at")
    return own.values("updated_at")[:1]


class ReadingSitemap(Sitemap):
    """The texts of documents, as pages."""

    limit = 5000

    def items(self) -> Any:
        texts = Document.objects.published().for_search_engines().filter(file__has_text=True)
        return (
            texts.select_related("file").only("uid", "updated_at", "file__has_text").order_by("pk")
        )

    def location(self, item: Any) -> str:
        return item.reading_address

    def lastmod(self, item: Any) -> datetime:
        return item.updated_at

    def get_latest_lastmod(self) -> datetime | None:
        return self.items().aggregate(latest=Max("updated_at"))["latest"]


class ThemeSitemap(Sitemap):
    def items(self) -> Any:
        return themes_in_use()


class VenueSitemap(Sitemap):
    def items(self) -> Any:
        return Venue.objects.order_by("pk")


SITEMAPS: dict[str, Any] = {
    "lists": ListSitemap(),
    "pages": PublishedSitemap(Page),
    "reviews": PublicationSitemap(PracticeReview),
    "reports": PublicationSitemap(NationalReport),
    "learning": PublicationSitemap(Briefing),
    "texts": ReadingSitemap(),
    "courses": CourseSitemap(Course),
    "themes": ThemeSitemap(),
    "venues": VenueSitemap(),
}


def index(request: HttpRequest) -> HttpResponse:
    """List the sections that hold something: an empty one is no valid sitemap."""
    filled = {name: site for name, site in SITEMAPS.items() if site.items()[:1]}
    response = views.index(request, sitemaps=filled, sitemap_url_name="sitemap_section")
    return _asked_by_content(response)


def section(request: HttpRequest, section: str) -> HttpResponse:
    return _asked_by_content(views.sitemap(request, sitemaps=SITEMAPS, section=section))


def _asked_by_content(response: HttpResponse) -> HttpResponse:
    """Take off the date: a withdrawal moves none, and "not modified" would keep its page."""
    response.headers.pop("Last-Modified", None)
    return response
