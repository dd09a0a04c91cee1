"""Query strings of a list's links: without a filter, with another, canonical."""

from typing import Any

from django.http import QueryDict
from django_filters import Filter

from mscp.listing.facets import Chip, Facet, Switch, WordsFilter
from mscp.listing.params import Parameters


class QueryStrings:
    """Mixin of a filter set that builds the query strings of its links."""

    data: Any
    filters: dict[str, Filter]
    reading: Parameters

    @property
    def facets(self) -> dict[str, Facet]:
        raise NotImplementedError

    @property
    def sort_labels(self) -> dict[str, str]:
        raise NotImplementedError

    def canonical(self, page: int) -> str:
        """Return the canonical query string of all that lead to this same page."""
        data = QueryDict(mutable=True)
        for name, values in self.data.lists():
            spec = self.filters.get(name)
            default = spec.default if isinstance(spec, Switch) else next(iter(self.sort_labels))
            if isinstance(spec, Facet | WordsFilter) or values != [default]:
                data.setlist(name, sorted(values))
        if page > 1:
            data["page"] = str(page)
        return str(data.urlencode())

    def query_without(self, *names: str, value: str | None = None) -> str:
        """Return the query string of this list without filters, or without one value of them."""
        data = self.data.copy()
        for name in names:
            remaining = [v for v in data.getlist(name) if value is not None and v != value]
            data.setlist(name, remaining)
        return str(data.urlencode())

    def query_with(self, name: str, value: str) -> str:
        """Return the query string of this list with another value of a filter."""
        data = self.data.copy()
        data[name] = value
        return str(data.urlencode())

    @property
    def chips(self) -> list[Chip]:
        chips = []
        if words := self.data.get("q"):
            chips.append(Chip("Keyword", f"“{words}”", self.query_without("q")))
        for name, spec in self.facets.items():
            chips += [
                Chip(str(spec.label), label, self.query_without(name, value=value))
                for value, label in self.reading.labels.get(name, {}).items()
            ]
        return chips

    @property
    def cleared(self) -> str:
        """Return the query string without any filter; sort and switches stay."""
        data = QueryDict(mutable=True)
        for name, value in self.data.items():
            if name == "sort" or isinstance(self.filters.get(name), Switch):
                data[name] = value
        return str(data.urlencode())
