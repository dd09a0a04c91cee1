"""What is new: publications that were added, documents added to them, and changes staff told of.

What was loaded at set-up and the samples are not new (``announced()``). The newest few of each
are read from an index of their own, so that a large library costs no more than a small.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from functools import cache
from itertools import groupby
from typing import Any, ClassVar, NamedTuple

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.html import escape
from django.views.generic import TemplateView, View

from mscp.database.compiled_query import Bindings, CompiledQuery
from mscp.database.pks import either_pks
from mscp.exports.atom import PER_PAGE, AtomFeed, without_controls
from mscp.exports.base import ExportContext
from mscp.web.middleware import open_to_all_sites
from reviews.models import Document, Publication

# On the page of what is new; older ones stand in the lists.
MOST_NEWS = 100
_ROW = ("kind", "slug", "title", "type", "published_at")


class News(NamedTuple):
    """One line of what is new."""

    moment: datetime
    publication: Publication
    what: str
    """What was changed; empty: it was added."""

    @property
    def day(self) -> date:
        return timezone.localdate(self.moment)


class Month(NamedTuple):
    name: str
    news: list[News]


def latest_news(most: int) -> list[News]:
    """Return the latest news, at most ``MOST_NEWS``, the newest first."""
    found = sorted(_news(most), key=lambda one: one.moment, reverse=True)
    return found[:most]


def _news(most: int) -> Iterator[News]:
    publications, documents = _queries(most)
    for publication in publications.records():
        if not publication.taken_over:
            yield News(publication.published_at, publication, "")
        if publication.noted_on:
            yield News(publication.change_noted_at, publication, publication.change_note)
    for document in documents.records():
        news = News(document.created_at, document.publication, f"“{document.title}” was added.")
        # Of the first day it is no news: the publication was being put together.
        if news.day > timezone.localdate(document.publication.published_at):
            yield news


class NewsView(TemplateView):
    query_parameters: ClassVar[tuple[str, ...]] = ()
    template_name = "pages/new.html"

    def get_context_data(self, **kwargs: object) -> dict[str, Any]:
        news = latest_news(MOST_NEWS)
        months = [
            Month(name, list(some)) for name, some in groupby(news, lambda one: f"{one.day:%B %Y}")
        ]
        return super().get_context_data(
            months=months,
            is_cut=len(news) == MOST_NEWS,
            is_empty=not news and not Publication.objects.published().exists(),
            **kwargs,
        )


class NewsFeedView(View):
    """The same as an Atom feed, for any client."""

    query_parameters: ClassVar[tuple[str, ...]] = ()

    def get(self, request: HttpRequest) -> HttpResponse:
        context = ExportContext(request)
        partnership = context.partnership
        feed = AtomFeed(
            title=without_controls(f"{partnership.name}: What is new"),
            link=context.absolute(reverse("new")),
            description="",
            language="en-GB",
            feed_url=context.absolute(request.path),
            feed_guid=context.urn("feed", "new"),
            author_name=without_controls(partnership.name),
            author_link=partnership.website or None,
            feed_copyright=without_controls(partnership.licence_statement),
            links=[],
            gone=[],
            updated_if_empty=partnership.updated_at or datetime(1970, 1, 1, tzinfo=UTC),
        )
        for one in latest_news(PER_PAGE):
            publication = one.publication
            kind = str(publication.get_type_display())
            words = f"{kind}: {one.what}" if one.what else kind
            feed.add_item(
                title=without_controls(publication.title),
                link=context.absolute(publication.get_absolute_url()),
                description=without_controls(f"<p>{escape(words)}</p>"),
                unique_id=context.urn("news", publication.pk, one.moment.isoformat()),
                pubdate=one.moment,
                updateddate=one.moment,
                labelled_categories=[(publication.type, kind)],
            )
        open_to_all_sites(request)
        response = HttpResponse(content_type=feed.content_type)
        feed.write(response, "utf-8")
        response.headers["X-Robots-Tag"] = "noindex"
        return response


@cache
def _queries(most: int) -> tuple[CompiledQuery, CompiledQuery]:
    """Return the queries of what was added or changed, and of documents that were added."""

    def publications(bound: Bindings) -> Any:
        published = Publication.objects.published(at=bound.now)
        changed = published.with_noted_change(at=bound.now)
        keys = either_pks(published.announced()[:most], changed[:most])
        return published.filter(pk__in=keys).only(
            *_ROW, "taken_over", "change_note", "change_noted_at"
        )

    def documents(bound: Bindings) -> Any:
        rows = Document.objects.published_later(at=bound.now)
        return rows.only("title", "created_at", "publication")[:most]

    return (
        CompiledQuery(publications),
        CompiledQuery(documents, joined={"publication": _ROW}),
    )
