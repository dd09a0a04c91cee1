"""Sitemap (sitemaps.org protocol) of every public page, and no other."""

from collections.abc import Callable
from datetime import date, datetime
from functools import cached_property, partial
from itertools import islice
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple

from django.contrib.sitemaps import Sitemap, views
from django.core.paginator import Page as PaginatorPage
from django.core.paginator import Paginator
from django.db.models import Max, Model, OuterRef
from django.db.models.functions import Greatest
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone

from mscp.cache import versions
from mscp.cache.pages import reads
from mscp.cache.versions import Kept
from mscp.models import Page
from mscp.site.themes import ThemeInUse, themes_in_use
from reviews.models import Briefing, Document, NationalReport, PracticeReview, Publication
from training.models import Course, Session, Venue

# URLs on a page. The protocol allows 50,000, but this bounds the cost of one request.
PER_PAGE = 1000

LISTS = [
    "home",
    "new",
    "reviews:practice_reviews",
    "reviews:national_reports",
    "reviews:briefings",
    "training:sessions",
    "training:venues",
    "themes:list",
    "numbers_to_call",
    "developers",
]


if TYPE_CHECKING:
    _Sitemap = Sitemap[Any]
    _Paginator = Paginator[Any]
else:
    _Sitemap = Sitemap
    _Paginator = Paginator


class ListSitemap(_Sitemap):
    def items(self) -> list[str]:
        return LISTS

    def location(self, item: str) -> str:
        return reverse(item)


class Outline(NamedTuple):
    """What a process caches of a section, so that no request reads all its rows."""

    starts: tuple[int, ...]
    """The first key of every page."""
    latest: datetime | None
    until: datetime | None
    """The next moment at which the clock alone changes it."""


_outlines: Kept[Outline] = Kept()


class KeyRangePaginator(_Paginator):
    """A paginator whose pages are ranges of the primary key, read without OFFSET."""

    def __init__(self, rows: Any, starts: tuple[int, ...]) -> None:
        super().__init__(rows, PER_PAGE)
        self.starts = starts

    @cached_property
    def num_pages(self) -> int:
        # As Django: an empty section has one page, an empty one.
        return max(1, len(self.starts))

    def page(self, number: int | str) -> "PaginatorPage[Any]":
        number = self.validate_number(number)
        rows: Any = self.object_list
        if not self.starts:
            return PaginatorPage([], number, self)
        rows = rows.filter(pk__gte=self.starts[number - 1])
        if number < self.num_pages:
            rows = rows.filter(pk__lt=self.starts[number])
        return PaginatorPage(rows, number, self)


class ModelSitemap(_Sitemap):
    """The URLs of the records of one model, by primary key."""

    def __init__(self, model: type[Model], *read_from: type[Model]) -> None:
        """Make the section of a model.

        ``read_from`` are all models of which a change may make its outline another; without any
        every change does.
        """
        self.model = model
        self.read_from = read_from

    def rows(self) -> Any:
        """Return the records that are public and may be listed, with no other columns."""
        return self.model._default_manager.all()

    def items(self) -> Any:
        return self.rows().order_by("pk")

    def latest(self) -> datetime | None:
        """Return the last change of any of its pages, or None if unknown."""
        return None

    def next_moment(self) -> datetime | None:
        """Return the next moment at which the clock alone changes what is public."""
        return None

    @cached_property
    def outline(self) -> Outline:
        tables = [model._meta.db_table for model in self.read_from]
        return _outlines.get(
            (type(self), self.model),
            versions.current(),
            self._read_outline,
            versions.unless_changed(*tables) if tables else None,
        )

    def _read_outline(self) -> Outline:
        # The clock is read first: what goes live in between is then only read too often.
        until = self.next_moment()
        keys = self.rows().order_by("pk").values_list("pk", flat=True)
        starts = tuple(islice(keys.iterator(), 0, None, PER_PAGE))
        return Outline(starts, self.latest() if starts else None, until)

    @property
    def paginator(self) -> KeyRangePaginator:
        return KeyRangePaginator(self.items(), self.outline.starts)

    def get_latest_lastmod(self) -> datetime | None:
        return self.outline.latest


class PublishedSitemap(ModelSitemap):
    """All published records of one model."""

    def rows(self) -> Any:
        rows: Any = self.model._default_manager
        return rows.published()

    def items(self) -> Any:
        rows = super().items()
        part = [self._last_save()] if self.part else []
        return rows.with_last_change(*part).only("slug")

    # The field of ``parts`` that refers to the record.
    part: ClassVar[str] = ""

    def parts(self) -> Any:
        """Return the other rows that its page shows."""
        raise NotImplementedError

    def _last_save(self) -> Any:
        own = self.parts().filter(**{self.part: OuterRef("pk")}).order_by("-updated_at")
        return own.values("updated_at")[:1]

    def lastmod(self, item: Any) -> date:
        return timezone.localdate(item.changed_at)

    def latest(self) -> datetime | None:
        # Records and parts separately: a subquery for each record takes ten times as long.
        rows = self.rows()
        moments = [rows.aggregate(last=Max(Greatest("published_at", "updated_at")))]
        if self.part:
            parts = self.parts().filter((f"{self.part}__in", rows.values("pk")))
            moments.append(parts.aggregate(last=Max("updated_at")))
        return max((each["last"] for each in moments if each["last"]), default=None)

    def next_moment(self) -> datetime | None:
        rows: Any = self.model._default_manager
        coming: datetime | None = rows.next_moment()
        return coming


class PublicationSitemap(PublishedSitemap):
    part = "publication"

    def rows(self) -> Any:
        return super().rows().for_search_engines()

    def items(self) -> Any:
        return super().items().only("slug", "kind")

    def parts(self) -> Any:
        return Document.objects.published()


class CourseSitemap(PublishedSitemap):
    part = "course"

    def parts(self) -> Any:
        return Session.objects.all()


class ReadingSitemap(ModelSitemap):
    """The texts of documents, as pages."""

    def rows(self) -> Any:
        return Document.objects.published().for_search_engines().with_words()

    def items(self) -> Any:
        rows = super().items().select_related("file")
        return rows.only("uid", "updated_at", "file__has_text", "file__is_typed")

    def location(self, item: Document) -> str:
        return item.reading_address

    def lastmod(self, item: Any) -> date:
        return timezone.localdate(item.updated_at)

    def latest(self) -> datetime | None:
        last: datetime | None = self.rows().aggregate(last=Max("updated_at"))["last"]
        return last

    def next_moment(self) -> datetime | None:
        return Publication.objects.next_moment()


class ThemeSitemap(_Sitemap):
    def items(self) -> list[ThemeInUse]:
        return themes_in_use()


# Made for each request, since Django writes to sections while it reads them.
SITEMAPS: dict[str, Callable[[], Any]] = {
    "lists": ListSitemap,
    "pages": partial(PublishedSitemap, Page, Page),
    "reviews": partial(PublicationSitemap, PracticeReview),
    "reports": partial(PublicationSitemap, NationalReport),
    "learning": partial(PublicationSitemap, Briefing),
    "texts": partial(ReadingSitemap, Document),
    "courses": partial(CourseSitemap, Course, Course, Session),
    "themes": ThemeSitemap,
    "venues": partial(ModelSitemap, Venue, Venue),
}


def _is_filled(section: _Sitemap) -> bool:
    return bool(section.outline.starts if isinstance(section, ModelSitemap) else section.items())


@reads()
def index(request: HttpRequest) -> HttpResponse:
    """List the sections that are not empty: an empty one is not a valid sitemap."""
    sections = {name: make() for name, make in SITEMAPS.items()}
    filled = {name: section for name, section in sections.items() if _is_filled(section)}
    response = views.index(request, sitemaps=filled, sitemap_url_name="sitemap_section")
    return _without_last_modified(response)


def section(request: HttpRequest, section: str) -> HttpResponse:
    if section not in SITEMAPS:
        raise Http404
    sections = {section: SITEMAPS[section]()}
    return _without_last_modified(views.sitemap(request, sitemaps=sections, section=section))


def _without_last_modified(response: HttpResponse) -> HttpResponse:
    """Remove Last-Modified: a withdrawal does not change it, and a 304 would keep its page."""
    response.headers.pop("Last-Modified", None)
    return response
