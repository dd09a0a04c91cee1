"""What is new: publications and documents that were added, and changes of anything staff told of.

What was loaded at set-up and the samples are not new (``announced()``). The newest few of each
are read from an index of their own, so that a large library costs no more than a small.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from functools import cache
from itertools import groupby
from typing import Any, ClassVar, NamedTuple

from django.db.models import Value
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.html import escape
from django.utils.text import capfirst
from django.views.generic import TemplateView, View

from mscp.database.compiled_query import Bindings, CompiledQuery
from mscp.exports.atom import PER_PAGE, AtomFeed, without_controls
from mscp.exports.base import ExportContext
from mscp.models import Page, PageChangeNote
from mscp.publishing.notes import SHOWN, ChangeNote
from mscp.web.middleware import open_to_all_sites
from reviews.models import Document, Publication, PublicationChangeNote
from training.models import Course, CourseChangeNote

# On the page of what is new; older ones stand in the lists.
MOST_NEWS = 100
_ROW = ("kind", "slug", "title", "type", "published_at", "first_published_at")
# By model: what is read of the record of a note, and which notes are no news.
_NOTES: dict[Any, tuple[tuple[str, ...], dict[str, object]]] = {
    PublicationChangeNote: (_ROW, {"record__is_sample": False}),
    CourseChangeNote: (("slug", "title"), {}),
    PageChangeNote: (("slug", "title"), {}),
}


class News(NamedTuple):
    """One line of what is new."""

    moment: datetime
    record: Publication | Course | Page
    what: str = ""
    """What was changed; empty: it was added."""
    note: ChangeNote | None = None

    @property
    def day(self) -> date:
        return (self.note and self.note.day) or timezone.localdate(self.moment)

    @property
    def kind(self) -> str:
        """Return what the record is, in words."""
        if isinstance(self.record, Publication):
            return str(self.record.get_type_display())
        return str(capfirst(self.record._meta.verbose_name))

    @property
    def term(self) -> str:
        """Return the same for programs."""
        if isinstance(self.record, Publication):
            return str(self.record.type)
        return str(self.record._meta.model_name)

    @property
    def name(self) -> tuple[object, ...]:
        """Return what its id in feeds is derived from."""
        if self.note:
            return ("note", self.note.uid)
        return (self.record.pk, self.moment.isoformat())


class Month(NamedTuple):
    name: str
    news: list[News]


def latest_news(most: int) -> list[News]:
    """Return the latest news, at most ``MOST_NEWS``, the newest first."""
    found = sorted(_news(most), key=lambda one: (one.day, one.moment), reverse=True)
    return found[:most]


def _news(most: int) -> Iterator[News]:
    queries = _queries(most)
    for publication in queries.publications.records():
        yield News(publication.first_published_at, publication)
    for (number,) in queries.with_notes.rows():
        for note in queries.notes[number].records():
            yield News(note.noted_at, note.record, note.text, note)
    for document in queries.documents.records():
        news = News(document.created_at, document.publication, f"“{document.title}” was added.")
        # Of the first day it is no news: the publication was being put together.
        if news.day > timezone.localdate(document.publication.first_published_at):
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
            words = f"{one.kind}: {one.what}" if one.what else one.kind
            feed.add_item(
                title=without_controls(one.record.title),
                link=context.absolute(one.record.get_absolute_url()),
                description=without_controls(f"<p>{escape(words)}</p>"),
                unique_id=context.urn("news", *one.name),
                pubdate=one.moment,
                updateddate=one.moment,
                labelled_categories=[(one.term, one.kind)],
            )
        open_to_all_sites(request)
        response = HttpResponse(content_type=feed.content_type)
        feed.write(response, "utf-8")
        response.headers["X-Robots-Tag"] = "noindex"
        return response


class _Queries(NamedTuple):
    publications: CompiledQuery
    """That were added."""
    documents: CompiledQuery
    """That were added later."""
    with_notes: CompiledQuery
    """The numbers of the queries of notes that find any: mostly one, or none."""
    notes: list[CompiledQuery]


@cache
def _queries(most: int) -> _Queries:

    def publications(bound: Bindings) -> Any:
        published = Publication.objects.published(at=bound.now)
        return published.announced(at=bound.now).only(*_ROW)[:most]

    def documents(bound: Bindings) -> Any:
        rows = Document.objects.published_later(at=bound.now)
        return rows.only("title", "created_at", "publication")[:most]

    def notes(model: Any) -> CompiledQuery:
        row, of = _NOTES[model]

        def build(bound: Bindings) -> Any:
            shown_notes = model.objects.latest_shown(most, at=bound.now, **of)
            return shown_notes.only(*SHOWN, "uid", "record")

        return CompiledQuery(build, joined={"record": row})

    def with_notes(bound: Bindings) -> Any:
        first, *others = (
            model.objects.latest_shown(1, at=bound.now, **of).order_by().values_list(Value(number))
            for number, (model, (_, of)) in enumerate(_NOTES.items())
        )
        return first.union(*others, all=True)

    return _Queries(
        CompiledQuery(publications),
        CompiledQuery(documents, joined={"publication": _ROW}),
        CompiledQuery(with_notes),
        [notes(model) for model in _NOTES],
    )
