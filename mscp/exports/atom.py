"""Atom feed of a list (RFC 4287), paged (RFC 5005)."""

import re
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

from django.core.paginator import Page, Paginator
from django.db import models
from django.db.models import BooleanField, F, Value
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.dateformat import format as format_date
from django.utils.feedgenerator import Atom1Feed, rfc3339_date
from django.utils.html import escape
from django.utils.xmlutils import SimplerXMLGenerator

from mscp.database import clock
from mscp.database.clock import start_of_day
from mscp.exports.base import Entry, ExportContext, ExportView, canonical_query, with_query
from mscp.listing.filterset import ListFilterSet
from mscp.listing.params import nearest_page

PER_PAGE = 50
# How long a feed goes on listing what was withdrawn.
TOMBSTONE_AGE = timedelta(days=90)
# The namespace of RFC 6721.
TOMBSTONES = "http://purl.org/atompub/tombstones/1.0"
MOST_GONE = 500
# Characters that XML 1.0 cannot carry, even escaped.
_NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")

Key = tuple[int, bool]
"""The primary key of a record, and whether it was withdrawn."""


def without_controls(text: str) -> str:
    return _NOT_XML.sub("", text)


class AtomFeed(Atom1Feed):
    """Django's Atom feed with paging links, the licence, labels and deleted entries."""

    def root_attributes(self) -> dict[str, str]:
        return {**super().root_attributes(), "xmlns:at": TOMBSTONES}

    def add_root_elements(self, handler: SimplerXMLGenerator) -> None:
        super().add_root_elements(handler)
        for rel, address in self.feed["links"]:
            handler.addQuickElement("link", "", {"rel": rel, "href": address})
        for unique_id, when in self.feed["gone"]:
            attributes = {"ref": unique_id, "when": rfc3339_date(when)}
            handler.addQuickElement("at:deleted-entry", "", attributes)

    def add_item_elements(self, handler: SimplerXMLGenerator, item: dict[str, Any]) -> None:
        super().add_item_elements(handler, item)
        for term, label in item["labelled_categories"]:
            handler.addQuickElement("category", "", {"term": term, "label": label})

    def latest_post_date(self) -> datetime:
        """Return a moment that stays the same while nothing changes, even of an empty feed."""
        moments: list[datetime] = [item["updateddate"] for item in self.items]
        moments += [when for _, when in self.feed["gone"]]
        latest: datetime = max(moments, default=self.feed["updated_if_empty"])
        return latest


class AtomView(ExportView):
    def get(self, request: HttpRequest) -> HttpResponse:
        context = ExportContext(request)
        filterset = self.read_filter()
        keys = self._keys(filterset)
        paginator = Paginator(keys, PER_PAGE)
        # Counted in the bitmap index: the database would read every record of the list for it.
        paginator.count = len(filterset.keys) + self._number_of_notices(filterset)
        page = nearest_page(paginator, request.GET, filterset.ignored)
        feed = self._feed(filterset, page, context)
        # A full page, not as far as was counted: what was published since would push out another.
        first = (page.number - 1) * PER_PAGE
        for key, entry in self._entries(list(keys[first : first + PER_PAGE]), context):
            feed.add_item(
                title=without_controls(entry.title),
                link=entry.address,
                description=without_controls(
                    "".join(f"<p>{escape(text)}</p>" for text in entry.paragraphs)
                ),
                unique_id=self.exporter.id_of(key, context),
                pubdate=entry.published,
                updateddate=entry.updated,
                labelled_categories=[
                    (term, without_controls(label)) for term, label in entry.categories
                ],
            )
        response = HttpResponse(content_type=feed.content_type)
        feed.write(response, "utf-8")
        return response

    # --- contents -----------------------------------------------------------------------------

    def _keys(self, filterset: ListFilterSet) -> Any:
        """Return the keys in the order asked for, by default the newest live or withdrawn first."""
        if filterset.data.get("sort"):
            return [(key, False) for key in filterset.keys]
        query: Any = filterset.narrowed()
        entries = query.with_moment_live().annotate(gone=_boolean(False), key=F("pk"))
        columns = ("key", "gone", "moment")
        entries = entries.order_by().values_list(*columns)
        if self._has_notices(filterset):
            gone = self._withdrawn()
            gone = gone.annotate(gone=_boolean(True), key=F("pk")).order_by()
            entries = entries.union(gone.values_list(*columns), all=True)
        return entries.order_by("-moment", "-key")

    def _withdrawn(self) -> Any:
        return self.exporter.withdrawn(start_of_day(clock.today() - TOMBSTONE_AGE))

    def _has_notices(self, filterset: ListFilterSet) -> bool:
        return not (filterset.data.get("sort") or canonical_query(filterset))

    def _number_of_notices(self, filterset: ListFilterSet) -> int:
        return self._withdrawn().count() if self._has_notices(filterset) else 0

    def _gone(self, filterset: ListFilterSet, context: ExportContext) -> list[tuple[str, datetime]]:
        """Return the id and moment of each withdrawal, for a feed without notices.

        Of the complete list, however it is filtered: which of them had matched is not disclosed.
        """
        if self._has_notices(filterset):
            return []
        gone = self._withdrawn().order_by("-moment", "-pk")
        rows = gone.values_list("pk", "moment")[:MOST_GONE]
        return [(self.exporter.id_of(key, context), when) for key, when in rows]

    def _entries(self, keys: list[Any], context: ExportContext) -> Iterable[tuple[int, Entry]]:
        live_keys = [key for key, is_gone, *_ in keys if not is_gone]
        live = {record.pk: record for record in self.exporter.in_order(live_keys)}
        gone = {}
        if gone_keys := [key for key, is_gone, *_ in keys if is_gone]:
            withdrawn = self._withdrawn()
            gone = {record.pk: record for record in withdrawn.filter(pk__in=gone_keys)}
        for key, is_gone, *_ in keys:
            if is_gone and key in gone:
                yield key, self._notice(gone[key], context)
            elif not is_gone and key in live:
                yield key, self.exporter.entry(live[key], context)

    def _notice(self, record: models.Model, context: ExportContext) -> Entry:
        """Return an entry that something was withdrawn, and when; nothing else may be disclosed.

        Not even its address, which is made of its title: the entry links to the list.
        """
        noun, withdrawn = self.exporter.noun(record), self.exporter.was_withdrawn(record)
        when: Any = withdrawn.withdrawn_at
        day = format_date(timezone.localtime(when), "j F Y")
        return Entry(
            title=withdrawn.withdrawn_name or f"A {noun} was withdrawn",
            paragraphs=[f"This {noun} was withdrawn on {day} and can no longer be read here."],
            address=context.absolute(self.list_address),
            updated=when,
        )

    # --- the feed itself ----------------------------------------------------------------------

    def _feed(
        self, filterset: ListFilterSet, page: "Page[tuple[int, bool]]", context: ExportContext
    ) -> AtomFeed:
        partnership = context.partnership
        query = filterset.data.urlencode()

        def address_of(number: int) -> str:
            return context.absolute(with_query(self.request.path, query, number))

        links = [("first", address_of(1)), ("last", address_of(page.paginator.num_pages))]
        if page.has_previous():
            links.append(("previous", address_of(page.number - 1)))
        if page.has_next():
            links.append(("next", address_of(page.number + 1)))
        if partnership.licence_address:
            links.append(("license", partnership.licence_address))
        chosen = ", ".join(f"{chip.facet}: {chip.label}" for chip in filterset.chips)
        title = f"{partnership.name}: {self.heading}{f' ({chosen})' if chosen else ''}"
        ignored = ", ".join(f"{part.label}: {part.value}" for part in filterset.ignored)
        return AtomFeed(
            title=without_controls(title),
            link=context.absolute(with_query(self.list_address, query)),
            description="",
            language="en-GB",
            feed_url=address_of(page.number),
            feed_guid=context.urn("feed", self.short_name, canonical_query(filterset)),
            author_name=without_controls(partnership.name),
            author_link=partnership.website or None,
            subtitle=without_controls(f"Not known here and left out: {ignored}.")
            if ignored
            else None,
            feed_copyright=without_controls(partnership.licence_statement),
            links=links,
            gone=[] if page.has_previous() else self._gone(filterset, context),
            updated_if_empty=partnership.updated_at or datetime(1970, 1, 1, tzinfo=UTC),
        )


def _boolean(value: bool) -> Value:
    return Value(value, output_field=BooleanField())
