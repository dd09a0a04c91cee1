"""Lists of what is published: filters that forgive, counts beside every choice, pages.

One FilterSet per list is shared by page, feed and export. Every value a visitor gives is looked
at first: what this site does not know is left out and named, and the rest applies.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, ClassVar, NamedTuple

import django_filters
from django import forms
from django.db import models
from django.db.models import Count, Value
from django.db.models.functions import Cast
from django.http import QueryDict
from django.views.generic import ListView

from mscp.words import LONGEST_QUERY, matching, query_words, seen

LONGEST_SHOWN = 60
# The most values of one parameter that are looked at; a page has no more boxes to tick.
MOST_VALUES = 50
# Of a long facet so many choices stand open; the rest unfold.
SHOWN_CHOICES = 7


CountedRow = tuple[str, str, int]
"""A value of a facet, its label and how many records have it."""


class LeftOut(NamedTuple):
    """A value of the address that was not applied."""

    label: str
    value: str


class Choice(NamedTuple):
    """One choice of a facet, as the page shows it."""

    value: str
    label: str
    number: int
    chosen: bool
    share: int
    """Its number in per cent of the facet's largest, for the bar beside it."""


class Chip(NamedTuple):
    """A filter in use, with the query string of the same list without it."""

    facet: str
    label: str
    query: str


@dataclass(frozen=True)
class Known:
    """A closed list of values with their labels."""

    labels: dict[str, str]

    def look_up(self, values: list[str]) -> dict[str, str]:
        return {value: self.labels[value] for value in values if value in self.labels}


@dataclass(frozen=True)
class Pattern:
    """Values of a form, such as a year; ``label`` writes one for people."""

    pattern: str
    label: Callable[[str], str] = str

    def look_up(self, values: list[str]) -> dict[str, str]:
        return {v: self.label(v) for v in values if re.fullmatch(self.pattern, v, re.ASCII)}


@dataclass(frozen=True)
class Vocabulary:
    """Values that stand in a table, by slug. The query must already be behind the gate."""

    rows: Callable[[], models.QuerySet[Any]]
    label: str


class Facet(django_filters.Filter):
    """A filter of several values with a count beside each.

    ``field_name`` leads to the value as the address gives it and ``label_path`` to what people
    read, both from the record listed; ``known`` tells which values there are.
    """

    field_class = forms.MultipleChoiceField

    def __init__(
        self,
        *,
        field_name: str,
        label: str,
        known: Known | Pattern | Vocabulary,
        count_by: Any = None,
        label_path: str | None = None,
        bars: bool = False,
        newest_first: bool = False,
        method: Any = None,
    ) -> None:
        super().__init__(field_name=field_name, lookup_expr="in", label=label, method=method)
        self.known = known
        self.count_by = count_by or models.F(field_name)
        self.label_path = label_path
        self.bars = bars
        self.newest_first = newest_first

    @property
    def field(self) -> forms.Field:
        """Accept any values: the FilterSet has left out the unknown ones before."""
        return _Values(required=False, label=self.label)

    def filter(self, qs: models.QuerySet[Any], value: list[str]) -> models.QuerySet[Any]:
        return qs.filter(**{f"{self.field_name}__in": value}) if value else qs

    def counts(self, qs: models.QuerySet[Any], name: str) -> models.QuerySet[Any]:
        """Return rows (facet, value, label, count) of the records in ``qs``."""
        label = models.F(self.label_path) if self.label_path else Value("")
        return (
            qs.order_by()
            .values_list(
                Cast(Value(name), models.TextField()),
                Cast(self.count_by, models.TextField()),
                Cast(label, models.TextField()),
            )
            .annotate(number=Count("pk"))
        )

    def tally(self, rows: list[CountedRow]) -> list[CountedRow]:
        """Change the counted rows where a record counts under more than one value."""
        return rows


class _Values(forms.Field):
    widget = forms.SelectMultiple

    def clean(self, value: Any) -> list[str]:
        return list(value or [])


class Switch(django_filters.Filter):
    """A filter of exactly one value out of a few, the first unless the address says otherwise."""

    def __init__(self, *, label: str, choices: dict[str, str], method: Any = None) -> None:
        super().__init__(label=label, method=method)
        self.choices = choices

    @property
    def default(self) -> str:
        return next(iter(self.choices))

    @property
    def field(self) -> forms.Field:
        return forms.CharField(required=False)


class WordsFilter(django_filters.CharFilter):
    """The words of a search, each of which must stand in the record."""

    def filter(self, qs: models.QuerySet[Any], value: str) -> models.QuerySet[Any]:
        words = query_words(value) if value else []
        return qs.filter(matching(self.field_name, words)) if words else qs


@dataclass
class _Reading:
    """What was understood of a query string."""

    data: QueryDict
    labels: dict[str, dict[str, str]] = field(default_factory=dict)
    left_out: list[LeftOut] = field(default_factory=list)


class ListFilterSet(django_filters.FilterSet):
    """Reads a query string leniently, filters, sorts and counts.

    A subclass declares Facet, Switch and WordsFilter fields, and ``sorts``: for each value of
    ``sort`` its label and the ordering it applies, the default first.
    """

    sorts: ClassVar[dict[str, tuple[str, Any]]]
    first_facet: ClassVar[str] = ""

    def __init__(self, data: QueryDict, queryset: models.QuerySet[Any]) -> None:
        self.reading = self._read(data)
        self.left_out = self.reading.left_out
        super().__init__(self.reading.data, queryset=queryset)

    # --- reading ------------------------------------------------------------------------------

    @classmethod
    def _read(cls, given: QueryDict) -> _Reading:
        reading = _Reading(QueryDict(mutable=True))
        asked = {
            name: [value for v in given.getlist(name)[:MOST_VALUES] if (value := seen(v).strip())]
            for name in [*cls.base_filters, "sort"]
        }
        found = cls._look_up_vocabularies(asked)
        for name, values in asked.items():
            spec = cls.base_filters.get(name)
            values = list(dict.fromkeys(values))
            if isinstance(spec, Facet):
                known = (
                    found.get(name, {})
                    if isinstance(spec.known, Vocabulary)
                    else spec.known.look_up(values)
                )
                reading.labels[name] = known
                reading.data.setlist(name, [v for v in values if v in known])
                unknown = [v for v in values if v not in known]
                reading.left_out += [LeftOut(str(spec.label), _shown(v)) for v in unknown]
            elif values:
                cls._read_single(reading, name, values[-1])
        for name in [name for name, values in reading.data.lists() if not values]:
            del reading.data[name]
        return reading

    @classmethod
    def _read_single(cls, reading: _Reading, name: str, value: str) -> None:
        spec = cls.base_filters.get(name)
        if isinstance(spec, WordsFilter):
            if query_words(value):
                reading.data[name] = value[:LONGEST_QUERY]
            if len(value) > LONGEST_QUERY:
                left = LeftOut(
                    str(spec.label), f"everything after the first {LONGEST_QUERY} letters"
                )
                reading.left_out.append(left)
            elif not query_words(value):
                reading.left_out.append(LeftOut(str(spec.label), _shown(value)))
            return
        label, choices = (
            (str(spec.label), spec.choices) if isinstance(spec, Switch) else ("Order", cls.sorts)
        )
        if value in choices:
            reading.data[name] = value
        else:
            reading.left_out.append(LeftOut(label, _shown(value)))

    @classmethod
    def _look_up_vocabularies(cls, asked: dict[str, list[str]]) -> dict[str, dict[str, str]]:
        """Find the labels of all values asked for, of all vocabularies, in one query."""
        parts = []
        for name, spec in cls.base_filters.items():
            if isinstance(spec, Facet) and isinstance(spec.known, Vocabulary) and asked[name]:
                rows = spec.known.rows().filter(slug__in=asked[name]).order_by()
                parts.append(
                    rows.values_list(
                        Cast(Value(name), models.TextField()),
                        Cast("slug", models.TextField()),
                        Cast(spec.known.label, models.TextField()),
                    )
                )
        found: dict[str, dict[str, str]] = {}
        if parts:
            for name, slug, label in parts[0].union(*parts[1:], all=True):
                found.setdefault(name, {})[slug] = label
        return found

    # --- filtering ----------------------------------------------------------------------------

    def narrowed(self, *, without: str = "") -> models.QuerySet[Any]:
        """Return the records with every filter applied but the one named, in no order."""
        qs = self.queryset.all()
        self.form.is_valid()
        for name, spec in self.filters.items():
            if name != without:
                qs = spec.filter(qs, self.value_of(name))
        return qs

    def value_of(self, name: str) -> Any:
        """Return what applies for a filter: the values given, or its default."""
        spec = self.filters[name]
        if isinstance(spec, Switch):
            return self.data.get(name) or spec.default
        return self.form.cleaned_data.get(name)

    @property
    def sort(self) -> str:
        return self.data.get("sort") or next(iter(self.sorts))

    @property
    def qs(self) -> models.QuerySet[Any]:
        _, apply = self.sorts[self.sort]
        return apply(self.narrowed())

    # --- counting -----------------------------------------------------------------------------

    def count(self) -> tuple[int, dict[str, list[Choice]], dict[str, dict[str, int]]]:
        """Return the total, the choices of every facet and the counts of every switch.

        One query for all: each facet is counted with every filter but its own.
        """
        parts = [_total(self.narrowed(), "", "")]
        for name, spec in self.filters.items():
            if isinstance(spec, Facet):
                parts.append(spec.counts(self.narrowed(without=name), name))
            elif isinstance(spec, Switch):
                rest = self.narrowed(without=name)
                parts += [_total(spec.filter(rest, value), name, value) for value in spec.choices]
        total, rows, switches = 0, {}, {}  # type: ignore[var-annotated]
        for name, value, label, number in parts[0].union(*parts[1:], all=True):
            if not name:
                total = number
            elif isinstance(self.filters[name], Switch):
                switches.setdefault(name, {})[value] = number
            elif value and number:
                rows.setdefault(name, []).append((value, label, number))
        return total, {n: self._choices(n, rows.get(n, [])) for n in self.facets}, switches

    @property
    def facets(self) -> dict[str, Facet]:
        facets = {name: spec for name, spec in self.filters.items() if isinstance(spec, Facet)}
        # What a subclass adds would come last; the facet it names comes first.
        return dict(sorted(facets.items(), key=lambda item: item[0] != self.first_facet))

    def _choices(self, name: str, rows: list[CountedRow]) -> list[Choice]:
        spec = self.facets[name]
        rows = spec.tally(rows)
        chosen = self.reading.labels.get(name, {})
        counted = {value: (label, number) for value, label, number in rows}
        # A chosen value that gives nothing stays in sight, so that it can be taken off again.
        for value, label in chosen.items():
            counted.setdefault(value, (label, 0))
        if not isinstance(spec.known, Vocabulary):
            labels = spec.known.look_up(list(counted))
            counted = {v: (labels.get(v, v), number) for v, (_, number) in counted.items()}
        most = max((number for _, number in counted.values()), default=0)
        choices = [
            Choice(value, label, number, value in chosen, round(100 * number / (most or 1)))
            for value, (label, number) in counted.items()
        ]
        if isinstance(spec.known, Known):
            order = list(spec.known.labels)
            return sorted(choices, key=lambda choice: order.index(choice.value))
        if isinstance(spec.known, Pattern):
            return sorted(choices, key=lambda c: c.value, reverse=spec.newest_first)
        return sorted(choices, key=lambda choice: choice.label.casefold())

    # --- links --------------------------------------------------------------------------------

    def canonical(self, page: int) -> str:
        """Return the one query string out of all that give this same page."""
        data = QueryDict(mutable=True)
        for name, values in self.data.lists():
            spec = self.filters.get(name)
            default = spec.default if isinstance(spec, Switch) else next(iter(self.sorts))
            if isinstance(spec, Facet | WordsFilter) or values != [default]:
                data.setlist(name, sorted(values))
        if page > 1:
            data["page"] = str(page)
        return data.urlencode()

    def query_without(self, name: str, value: str | None = None) -> str:
        """Return the query string of this list without a filter, or one value of it."""
        data = self.data.copy()
        kept = [v for v in data.getlist(name) if value is not None and v != value]
        data.setlist(name, kept)
        return data.urlencode()

    @property
    def chips(self) -> list[Chip]:
        chips = []
        if words := self.data.get("q"):
            chips.append(Chip("Words", f"“{words}”", self.query_without("q")))
        for name, spec in self.facets.items():
            chips += [
                Chip(str(spec.label), label, self.query_without(name, value))
                for value, label in self.reading.labels.get(name, {}).items()
            ]
        return chips

    @property
    def cleared(self) -> str:
        """Return the query string with every filter taken off, sort and switches kept."""
        data = QueryDict(mutable=True)
        for name, value in self.data.items():
            if name == "sort" or isinstance(self.filters.get(name), Switch):
                data[name] = value
        return data.urlencode()


def _total(qs: models.QuerySet[Any], name: str, value: str) -> models.QuerySet[Any]:
    text = models.TextField()
    return (
        qs.order_by()
        .values_list(Cast(Value(name), text), Cast(Value(value), text), Cast(Value(""), text))
        .annotate(number=Count("pk"))
    )


def _shown(value: str) -> str:
    return value if len(value) <= LONGEST_SHOWN else f"{value[:LONGEST_SHOWN]}…"


class FilteredListView(ListView):
    """A page of what is published, filtered by ``filterset_class``.

    Keys are filtered, sorted and cut to the page first, and only then are the page's rows read:
    sorting ten thousand whole rows would cost more than all the rest.
    """

    filterset_class: type[ListFilterSet]
    paginate_by: int | None = 20

    def published(self) -> Any:
        """Return everything the list may hold, from which it filters and counts."""
        return self.model._default_manager.published()  # type: ignore[union-attr]

    def with_related(self, rows: Any) -> Any:
        """Add to the rows of one page what showing them needs."""
        return rows

    def get_queryset(self) -> Any:
        published = self.published()
        self.filterset = self.filterset_class(self.request.GET, queryset=published)
        self.total, self.choices, self.switches = self.filterset.count()
        return self.filterset.qs.values_list("pk", flat=True)

    def paginate_queryset(self, queryset: Any, page_size: int) -> Any:
        """Show the nearest page there is when the address asks for one that is not."""
        paginator = self.get_paginator(queryset, page_size)
        # Counted already, together with the facets.
        paginator.count = self.total
        asked = seen(self.request.GET.get("page", "1")).strip()
        page = paginator.get_page(asked)
        if asked not in ("", str(page.number)):
            self.filterset.left_out.append(LeftOut("Page", _shown(asked)))
        page.object_list = self._rows(list(page.object_list))
        return paginator, page, page.object_list, page.has_other_pages()

    def _rows(self, keys: list[int]) -> list[Any]:
        """Read the rows of a page, in the order of their keys."""
        # Through the gate again: what is withdrawn between the two queries is not shown.
        published = self.model._default_manager.published()  # type: ignore[union-attr]
        rows = published.filter(pk__in=keys)
        by_key = {row.pk: row for row in self.with_related(rows)} if keys else {}
        return [by_key[key] for key in keys if key in by_key]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        filterset = self.filterset
        context = super().get_context_data(
            filterset=filterset,
            facets=[self._facet(name) for name in filterset.facets if self.choices[name]],
            switches=[
                self._switch(name, spec)
                for name, spec in filterset.filters.items()
                if isinstance(spec, Switch)
            ],
            sorts=[(value, label) for value, (label, _) in filterset.sorts.items()],
            total=self.total,
            query=filterset.data.urlencode(),
            # There is no end to what can be searched for.
            noindex="q" in filterset.data,
            **kwargs,
        )
        page = context["page_obj"]
        context["canonical_query"] = filterset.canonical(page.number)
        context["pages"] = page.paginator.get_elided_page_range(page.number, on_each_side=1)
        return context

    def _facet(self, name: str) -> dict[str, Any]:
        spec, choices = self.filterset.facets[name], self.choices[name]
        # One more line than "1 more" takes no more room than that line.
        shown = SHOWN_CHOICES if len(choices) > SHOWN_CHOICES + 1 else len(choices)
        first, rest = choices[:shown], choices[shown:]
        return {
            "name": name,
            "label": spec.label,
            "bars": spec.bars,
            "first": first,
            "rest": rest,
            "rest_chosen": any(choice.chosen for choice in rest),
        }

    def _switch(self, name: str, spec: Switch) -> dict[str, Any]:
        choices = []
        for value, label in spec.choices.items():
            data = self.filterset.data.copy()
            data[name] = value
            if value == spec.default:
                del data[name]
            count = self.switches.get(name, {}).get(value, 0)
            choices.append(
                {"value": value, "label": label, "number": count, "query": data.urlencode()}
            )
        return {
            "name": name,
            "label": spec.label,
            "value": self.filterset.value_of(name),
            "choices": choices,
        }
