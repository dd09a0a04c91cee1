"""What is new: publications that were added, documents added to them, and changes staff told of.

What was loaded at set-up and the samples are not new (``announced()``). Each of the three queries
reads its newest few from an index of its own, so that a large library costs no more than a small.
"""

from collections.abc import Iterator
from datetime import date, datetime
from functools import cache
from itertools import groupby
from typing import Any, ClassVar, NamedTuple

from django.db.models import Exists, OuterRef
from django.utils import timezone
from django.views.generic import TemplateView

from mscp.database.compiled_query import Bindings, CompiledQuery
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
    added, changed, documents = _queries(most)
    for publication in added.records():
        yield News(publication.published_at, publication, "")
    for publication in changed.records():
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
        return super().get_context_data(months=months, is_cut=len(news) == MOST_NEWS, **kwargs)


@cache
def _queries(most: int) -> tuple[CompiledQuery, CompiledQuery, CompiledQuery]:
    """Return the queries of what was added, what was changed, and documents that were added."""

    def added(bound: Bindings) -> Any:
        rows = Publication.objects.published(at=bound.now).announced()
        return rows.only(*_ROW)[:most]

    def changed(bound: Bindings) -> Any:
        rows = Publication.objects.published(at=bound.now).with_noted_change()
        return rows.only(*_ROW, "change_note", "change_noted_at")[:most]

    def documents(bound: Bindings) -> Any:
        public = Document.objects.published(at=bound.now).filter(pk=OuterRef("pk"))
        # The gate is asked of each in its order: with a join a database may begin with all
        # publications.
        rows = Document.objects.added_since().filter(Exists(public))
        return rows.only("title", "created_at", "publication")[:most]

    return (
        CompiledQuery(added),
        CompiledQuery(changed),
        CompiledQuery(documents, joined={"publication": _ROW}),
    )
