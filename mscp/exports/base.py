"""Exporters and export views: what Atom, CSV and JSON have in common.

Filters, order and gate are those of the list's page. Each app defines how a record is serialised
in each format, in a subclass of Exporter.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, ClassVar, Generic, TypeVar
from urllib.parse import urlencode

from django.db import models
from django.http import HttpRequest, HttpResponseBase
from django.urls import reverse
from django.utils import timezone
from django.utils.encoding import iri_to_uri
from django.views.generic import View

from mscp.database.pks import HasPk, ordered_by_pks
from mscp.listing.facets import Switch
from mscp.listing.filterset import ListFilterSet
from mscp.listing.params import MOST_VALUES, IgnoredParameter, shown
from mscp.listing.views import FilteredListView
from mscp.models import SiteIdentity
from mscp.publishing.gate import Publishable
from mscp.text.folding import strip_invisible
from mscp.web.middleware import open_to_all_sites
from mscp.web.origins import origin_of

# Part of the address of every JSON export and schema. A field may be added to a version; none is
# removed from it or changes its meaning.
VERSION = 1

Cell = str | list[str] | None
# A JSON value, and a JSON Schema.
Json = dict[str, Any]

Record = TypeVar("Record", bound=HasPk)


class ExportContext:
    """The site that an export comes from, for its ids and absolute addresses."""

    def __init__(self, request: HttpRequest) -> None:
        self.origin = origin_of(request)
        self.partnership = SiteIdentity.load()

    def absolute(self, address: str) -> str:
        """Return an absolute URI (RFC 3986), which is ASCII only."""
        return iri_to_uri(f"{self.origin}{address}" if address.startswith("/") else address)

    def urn(self, *parts: object) -> str:
        return self.partnership.urn(*parts)


@dataclass(frozen=True)
class Entry:
    """A record as an entry of a feed."""

    title: str
    paragraphs: list[str]
    address: str
    updated: datetime
    published: datetime | None = None
    categories: list[tuple[str, str]] = field(default_factory=list)
    """Terms, each with its label."""


class Exporter(Generic[Record]):
    """Reads the records of a list for an export and serialises them in every format."""

    schema_name: ClassVar[str]
    # Part of ids, which never change: neither may this.
    id_name: ClassVar[str]
    # The columns of the CSV and the fields of a JSON result, each with its description.
    columns: ClassVar[dict[str, str]]
    fields: ClassVar[Json]

    def read(self, keys: Sequence[int]) -> Iterable[Record]:
        """Read these records, in any order, with all that a format needs of them.

        Through the gate at this moment, and without a query for each record.
        """
        raise NotImplementedError

    def cells(self, record: Record, context: ExportContext) -> Sequence[Cell]:
        """Return the cells of a record, one for each of ``columns``."""
        raise NotImplementedError

    def result(self, record: Record, context: ExportContext) -> Json:
        """Return a record as a dictionary with all of ``fields`` but its id."""
        raise NotImplementedError

    def entry(self, record: Record, context: ExportContext) -> Entry:
        raise NotImplementedError

    def withdrawn(self, since: datetime) -> models.QuerySet[Any]:
        """Return the withdrawn records that a feed must list; only what it may disclose is read."""
        raise NotImplementedError

    def was_withdrawn(self, record: Any) -> Publishable:
        """Return what an editor withdrew: the record itself, or its parent."""
        withdrawn: Publishable = record
        return withdrawn

    def noun(self, record: models.Model) -> str:
        return str(self.was_withdrawn(record)._meta.verbose_name)

    def in_order(self, keys: Sequence[int]) -> list[Record]:
        return ordered_by_pks(keys, self.read(keys)) if keys else []

    def id_of(self, key: int, context: ExportContext) -> str:
        return context.urn(self.id_name, key)


class ExportView(View):
    """Base view of a list in another format, for any client: no account is needed or used.

    ``list_view`` is the page whose filters apply and ``list_name`` the name of its route.
    """

    http_method_names = ["get", "head", "options"]
    # as_view() sets each of them.
    list_view: type[FilteredListView] = FilteredListView
    list_name: str = ""
    exporter: "Exporter[Any]" = Exporter()
    heading: str = ""
    own_parameters: ClassVar[tuple[str, ...]] = ()

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        response = super().dispatch(request, *args, **kwargs)
        open_to_all_sites(request)
        response.headers["X-Robots-Tag"] = "noindex"
        return response

    def read_filter(self) -> ListFilterSet:
        filterset = self.list_view.filterset_class(self.request.GET)
        filterset.ignored += self._unknown(filterset)
        filterset.fall_back_to_prefix()
        return filterset

    def _unknown(self, filterset: ListFilterSet) -> list[IgnoredParameter]:
        """Return parameters that no list has: a misspelt filter would otherwise return everything.

        A page ignores them, since others append theirs to its address.
        """
        known = {*filterset.base_filters, "sort", "page", *self.own_parameters}
        given = [strip_invisible(name) for name in self.request.GET if name not in known]
        return [IgnoredParameter("Parameter", shown(name)) for name in given[:MOST_VALUES]]

    @property
    def list_address(self) -> str:
        return reverse(self.list_name)

    @property
    def short_name(self) -> str:
        return self.list_name.rpartition(":")[2]


def canonical_query(filterset: ListFilterSet) -> str:
    """Return the filter as the canonical query string of all addresses that mean the same."""
    pairs = []
    for name, values in filterset.data.lists():
        spec = filterset.filters.get(name)
        if isinstance(spec, Switch) and not spec.narrows:
            continue
        default = spec.default if isinstance(spec, Switch) else None
        pairs += [(name, value) for value in values if value != default]
    return urlencode(sorted(pairs))


def with_query(address: str, query: str, page: int = 1) -> str:
    """Return an address with a query string and, beyond the first, the number of a page."""
    parts = [query, f"page={page}" if page > 1 else ""]
    joined = "&".join(part for part in parts if part)
    return f"{address}?{joined}" if joined else address


def moment(when: datetime | None) -> str | None:
    """Format a moment in London time with its UTC offset (ISO 8601)."""
    # London's time zone, whatever zone is active.
    london = timezone.get_default_timezone()
    return when.astimezone(london).isoformat(timespec="seconds") if when else None
