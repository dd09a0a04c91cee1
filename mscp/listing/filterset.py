"""Lists of what is published: filters that forgive, counts beside every choice, pages.

One FilterSet per list is shared by page, feed and export. Every value a visitor gives is looked
at first: what this site does not know is left out and named, and the rest applies.
"""

import re
from collections.abc import Callable, Container, Iterable, Sequence
from copy import copy
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice, product
from typing import Any, ClassVar, NamedTuple, Self

import django_filters
from django.core.paginator import Page, Paginator
from django.db import models
from django.db.models import Case, Value, When
from django.db.models.functions import Cast
from django.http import QueryDict
from django.utils.functional import cached_property
from django.views.generic import ListView

from mscp.cache.versions import Kept, Stamped
from mscp.database.pks import in_order_of, these
from mscp.listing.bitmap_index import FacetTable, read_table
from mscp.search.analysis import plain_words
from mscp.search.query import LONGEST_QUERY, MOST_PHRASES, MOST_WORDS, Query, read, replaced
from mscp.search.spelling import MOST_MEANT, Lexicon, is_correctable, read_lexicon
from mscp.text.visible import seen

LONGEST_SHOWN = 60
# Of more words that nothing has, none is put right: each costs a query, and what is offered for
# all of them at once would hardly be what was meant.
MOST_MISTYPED = 3
# So many ways to write a query again are tried, each a query, in which every mistyped word has its
# share: nine words for one, three for each of two, two for each of three. Phrases are looked for
# in whole texts, so with them only the first is tried.
MOST_TRIED = 9
EACH_OF_SEVERAL = {1: 9, 2: 3, 3: 2}
# The most values of one parameter that are looked at; a page has no more boxes to tick.
MOST_VALUES = 50
RELEVANCE = "relevance"
# Of a long facet so many choices stand open; the rest unfold.
SHOWN_CHOICES = 7
# Of each kind of list what it filters and counts by.
_tables: Kept[FacetTable] = Kept()
# By stamp, the words of what is published.
_lexicons: Kept[Lexicon] = Kept()


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


class Panel(NamedTuple):
    """A facet as the page shows it."""

    name: str
    label: str
    hint: str
    bars: bool
    first: tuple[Choice, ...]
    rest: tuple[Choice, ...]
    """What unfolds."""

    @property
    def rest_chosen(self) -> bool:
        return any(choice.chosen for choice in self.rest)


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


@dataclass(frozen=True)
class Written:
    """Values that are themselves written in a column, such as the name of a publisher."""

    rows: Callable[[], models.QuerySet[Any]]
    column: str


class Unchanging:
    """A filter that no list changes, so that each may have it as it is.

    django-filter gives every list copies of its filters, down to the last label.
    """

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        return copy(self)


class Facet(Unchanging, django_filters.Filter):
    """A filter of several values with a count beside each.

    ``field_name`` leads to the value as the address gives it and ``label_path`` to what people
    read, both from the record listed; ``known`` tells which values there are. A record has one
    value; see ManyFacet for more. ``hint`` is said below the label.
    """

    hint = ""
    # Parts what ``count_by`` gives where several values may stand in it.
    parted: Callable[[str], Iterable[str]] | None = None

    def __init__(
        self,
        *,
        field_name: str,
        label: str,
        known: Known | Pattern | Vocabulary | Written,
        count_by: Any = None,
        label_path: str | None = None,
        bars: bool = False,
        newest_first: bool = False,
    ) -> None:
        super().__init__(field_name=field_name, lookup_expr="in", label=label)
        self.known = known
        self.count_by = count_by or models.F(field_name)
        self.label_path = label_path
        self.bars = bars
        self.newest_first = newest_first

    def filter(self, qs: models.QuerySet[Any], value: list[str]) -> models.QuerySet[Any]:
        return qs.filter(**{f"{self.field_name}__in": value}) if value else qs

    def accepted(self, chosen: list[str]) -> list[str]:
        """Return the values whose records ``filter`` keeps."""
        return chosen

    def tally(self, numbers: dict[str, int]) -> dict[str, int]:
        """Change the numbers where a record counts under more than its one value."""
        return numbers


class ManyFacet(Facet):
    """A facet of which a record may have several values."""


class EveryFacet(Facet):
    """A facet of which a record must have every value chosen, not only one of them.

    ``conditions`` tells of each value when a record has it. Beside a choice stands how many
    records are left when it is added to those chosen.
    """

    def __init__(
        self, *, label: str, labels: dict[str, str], conditions: dict[str, models.Q], hint: str = ""
    ) -> None:
        super().__init__(field_name="pk", label=label, known=Known(labels))
        self.conditions = conditions
        self.hint = hint

    def filter(self, qs: models.QuerySet[Any], value: list[str]) -> models.QuerySet[Any]:
        for chosen in value:
            qs = qs.filter(self.conditions[chosen])
        return qs

    @property
    def flags(self) -> dict[str, Any]:
        return {
            value: Case(When(condition, then=Value(1)), default=Value(0))
            for value, condition in self.conditions.items()
        }


class Switch(Unchanging, django_filters.Filter):
    """A filter of exactly one value out of a few, the first unless the address says otherwise.

    ``count_by`` gives the value of a record; the last choice takes every record.
    """

    count_by: Any
    label_path = None
    narrows: ClassVar[bool] = True
    """False where it only says how the same records are shown."""

    def __init__(self, *, label: str, choices: dict[str, str]) -> None:
        super().__init__(label=label)
        self.choices = choices

    @property
    def default(self) -> str:
        return next(iter(self.choices))

    def accepted(self, chosen: str) -> list[str]:
        """Return the values of records that a choice takes."""
        *values, everything = self.choices
        return values if chosen == everything else [chosen]


class WordsFilter(Unchanging, django_filters.CharFilter):
    """The words of a search; ``find`` returns the keys of all that a query finds."""

    def __init__(self, *, find: Callable[[Query], list[int]], label: str) -> None:
        super().__init__(label=label)
        self.find = find

    def filter(self, qs: models.QuerySet[Any], value: list[int] | None) -> models.QuerySet[Any]:
        return qs if value is None else qs.filter(pk__in=these(value))


@dataclass
class _Reading:
    """What was understood of a query string."""

    data: QueryDict
    labels: dict[str, dict[str, str]] = field(default_factory=dict)
    left_out: list[LeftOut] = field(default_factory=list)
    query: Query = field(default_factory=Query)


class ListFilterSet(django_filters.FilterSet):
    """Reads a query string leniently, filters, sorts and counts.

    A subclass declares Facet, Switch and WordsFilter fields, and ``sorts``: for each value of
    ``sort`` its label and the ordering it applies, the default first. What is counted is kept in
    memory for each class.
    """

    sorts: ClassVar[dict[str, tuple[str, Any]]]
    stamp: ClassVar[Stamped]
    """Changes whenever anything does that is filtered or counted by, or found by its words."""
    ranks: ClassVar[bool] = False
    """Whether the list can be put in order by how well its records fit a query."""
    first_facet: ClassVar[str] = ""

    @classmethod
    def published(cls) -> models.QuerySet[Any]:
        """Return everything the list may hold at this moment, from which it filters and counts."""
        raise NotImplementedError

    @classmethod
    def published_texts(cls) -> Iterable[str]:
        """Return texts of what is published now, for spelling suggestions: no more than a bound."""
        raise NotImplementedError

    def __init__(self, data: QueryDict) -> None:
        self.reading = self._read(data)
        self.left_out = self.reading.left_out
        self.query = self.reading.query
        self._keys: dict[Query, list[int]] = {}
        # The word that nothing has, where words that begin with it were found instead.
        self.begins_with = ""
        super().__init__(self.reading.data, queryset=self.published())

    # --- reading ------------------------------------------------------------------------------

    @classmethod
    def _read(cls, given: QueryDict) -> _Reading:
        reading = _Reading(QueryDict(mutable=True))
        asked = {
            name: [value for v in given.getlist(name)[:MOST_VALUES] if (value := seen(v).strip())]
            for name in [*cls.base_filters, "sort"]
        }
        reading.left_out += [
            LeftOut(str(spec.label), f"everything after the first {MOST_VALUES} values")
            for name, spec in cls.base_filters.items()
            if isinstance(spec, Facet) and len(given.getlist(name)) > MOST_VALUES
        ]
        found = cls._look_up_vocabularies(asked)
        for name, values in asked.items():
            spec = cls.base_filters.get(name)
            values = list(dict.fromkeys(values))
            if isinstance(spec, Facet):
                known = (
                    found.get(name, {})
                    if isinstance(spec.known, Vocabulary | Written)
                    else spec.known.look_up(values)
                )
                reading.labels[name] = known
                reading.data.setlist(name, [v for v in values if v in known])
                unknown = [v for v in values if v not in known]
                reading.left_out += [LeftOut(str(spec.label), shown(v)) for v in unknown]
            elif values:
                cls._read_single(reading, name, values[-1])
        for name in [name for name, values in reading.data.lists() if not values]:
            del reading.data[name]
        return reading

    @classmethod
    def _read_single(cls, reading: _Reading, name: str, value: str) -> None:
        spec = cls.base_filters.get(name)
        if isinstance(spec, WordsFilter):
            if query := read(value):
                reading.data[name] = value[:LONGEST_QUERY]
                reading.query = query
            most = f"{MOST_WORDS} words or {MOST_PHRASES} phrases"
            most = most if query.is_cut else f"{LONGEST_QUERY} letters"
            if query.is_cut or len(value) > LONGEST_QUERY:
                left = LeftOut(str(spec.label), f"everything after the first {most}")
                reading.left_out.append(left)
            elif not query:
                left = LeftOut(str(spec.label), f"“{shown(value)}” holds no word to look for")
                reading.left_out.append(left)
            return
        choices: Container[str] = {**cls.sorts, **({RELEVANCE: ""} if cls.ranks else {})}
        label = "Order"
        if isinstance(spec, Switch):
            label, choices = str(spec.label), spec.choices
        if value in choices:
            reading.data[name] = value
        else:
            reading.left_out.append(LeftOut(label, shown(value)))

    @classmethod
    def _look_up_vocabularies(cls, asked: dict[str, list[str]]) -> dict[str, dict[str, str]]:
        """Find the labels of all values asked for, of all vocabularies, in one query."""
        parts = []
        for name, spec in cls.base_filters.items():
            if not (isinstance(spec, Facet) and asked[name]):
                continue
            if isinstance(spec.known, Vocabulary):
                value, label = "slug", spec.known.label
            elif isinstance(spec.known, Written):
                value = label = spec.known.column
            else:
                continue
            rows = spec.known.rows().filter(**{f"{value}__in": asked[name]}).order_by()
            columns = [as_text(Value(name)), as_text(value), as_text(label)]
            parts.append(rows.values_list(*columns).distinct())
        found: dict[str, dict[str, str]] = {}
        if parts:
            for name, slug, label in parts[0].union(*parts[1:], all=True):
                found.setdefault(name, {})[slug] = label
        return found

    # --- filtering ----------------------------------------------------------------------------

    def narrowed(self, *, without: Container[str] = ()) -> models.QuerySet[Any]:
        """Return the records with every filter applied but those named, in no order."""
        qs = self.queryset.all()
        for name, spec in self.filters.items():
            if name not in without:
                qs = spec.filter(qs, self.value_of(name))
        return qs

    def value_of(self, name: str) -> Any:
        """Return what applies for a filter: the values given, or its default."""
        spec = self.filters[name]
        if isinstance(spec, Switch):
            return self.data.get(name) or spec.default
        if isinstance(spec, WordsFilter):
            return self._find(self.query) if self.query else None
        return self.data.getlist(name)

    @property
    def sort_labels(self) -> dict[str, str]:
        """Return the orders there are, the default first."""
        labels = {value: label for value, (label, _) in self.sorts.items()}
        ranked = self.ranks and self.query.wanted
        return {RELEVANCE: "Best match first", **labels} if ranked else labels

    @property
    def sort(self) -> str:
        asked = self.data.get("sort")
        return asked if asked in self.sort_labels else next(iter(self.sort_labels))

    @property
    def keys(self) -> Sequence[int]:
        """Return the keys of the list in its order."""
        return self.by_relevance() if self.sort == RELEVANCE else self._in_order(self._found())

    def first_of(self, keys: Iterable[int], most: int) -> list[int]:
        """Return of some keys the first few in the default order, of those in the list."""
        return self._table.first_in_order(keys, most, self.order[0], self._read_order)

    def first_with(self, name: str, values: Iterable[str], most: int) -> Sequence[int]:
        """Return the keys of the first few of the list that have any of these values of a facet."""
        return self._in_order(self._found() & self._table.with_any(name, values))[:most]

    def _in_order(self, *parts: int) -> Sequence[int]:
        return self._table.in_order(list(parts), self.order[0], self._read_order)

    def _read_order(self) -> Iterable[int]:
        return self.order[1](self.published()).values_list("pk", flat=True)

    def by_relevance(self) -> Sequence[int]:
        """Return the keys, those first that fit the query best.

        Of few, all are compared; of many, those come first whose names hold the words.
        """
        found = self._found()
        if found.bit_count() <= self.most_ranked:
            return self.ranked(list(self._in_order(found)))
        named = self._table.keep(("names", self.query), self.keys_with_all_in_names)
        return self._in_order(found & named, found & ~named)

    @property
    def order(self) -> tuple[str, Any]:
        """Return the name of the order of the records, and what applies it."""
        name = next(iter(self.sorts)) if self.sort == RELEVANCE else self.sort
        return name, self.sorts[name][1]

    @property
    def qs(self) -> models.QuerySet[Any]:
        return self.order[1](self.narrowed())

    @property
    def most_ranked(self) -> int:
        raise NotImplementedError

    def ranked(self, keys: list[int]) -> list[int]:
        """Return keys, given in the default order, with those first that fit the query best."""
        raise NotImplementedError

    def keys_with_all_in_names(self) -> list[int]:
        """Return the keys of the records whose names hold every word."""
        raise NotImplementedError

    # --- counting -----------------------------------------------------------------------------

    def count(self) -> tuple[int, dict[str, list[Choice]], dict[str, dict[str, int]]]:
        """Return the total, the choices of every facet and the counts of every switch.

        Each facet is counted with every filter but its own, unless its values narrow each other.
        """
        self.settle()
        choices = {
            name: self._choices(name, self.numbers(name, without=self._not_counted(name)))
            for name in self.facets
        }
        switches = {
            name: {
                value: (rest & self._table.with_any(name, spec.accepted(value))).bit_count()
                for value in spec.choices
            }
            for name, spec in self.filters.items()
            if isinstance(spec, Switch)
            for rest in [self._found(without=(name,))]
        }
        return self._found().bit_count(), choices, switches

    def _not_counted(self, name: str) -> tuple[str, ...]:
        return () if isinstance(self.facets[name], EveryFacet) else (name,)

    def numbers(self, name: str, *, without: Container[str], **chosen: list[str]) -> dict[str, int]:
        """Return how many records have each value of a facet, of those that the filters keep.

        All filters but those named apply, and besides what is ``chosen`` of others.
        """
        found = self._found(without=without)
        for other, values in chosen.items():
            found &= self._table.with_any(other, values)
        return self._table.numbers(name, found)

    def settle(self) -> None:
        """Take the last word for the beginning of one, where nothing has the words as they are.

        Whatever else is filtered by, so that a choice changes what is shown and never its words.
        """
        widened = self.query.widened()
        if widened and not self._with_words(self.query) and self._with_words(widened):
            self.begins_with = self.query.wanted[-1].word
            self.query = widened

    def _found(self, *, without: Container[str] = ()) -> int:
        """Return the bits of the records that pass every filter but those named."""
        found = self._with_words(self.query)
        for name, spec in self.filters.items():
            if not isinstance(spec, Facet | Switch) or name in without:
                continue
            if chosen := self.value_of(name):
                having = (
                    self._table.with_all if isinstance(spec, EveryFacet) else self._table.with_any
                )
                found &= having(name, spec.accepted(chosen))
        return found

    def _with_words(self, query: Query) -> int:
        return (
            self._table.keep(query, lambda: self._find(query)) if query else self._table.everything
        )

    def _find(self, query: Query) -> list[int]:
        if query not in self._keys:
            spec = next(s for s in self.filters.values() if isinstance(s, WordsFilter))
            self._keys[query] = spec.find(query)
        return self._keys[query]

    @cached_property
    def _table(self) -> FacetTable:
        return _tables.get(type(self), self._stamp, self._read_table)

    @cached_property
    def _stamp(self) -> tuple[str, ...]:
        return self.stamp.current()

    def _read_table(self) -> FacetTable:
        # The clock is asked first: what it changes before the rows are read is then read twice,
        # where a moment that passed unseen would leave the table wrong until the next change.
        until = self.good_until()
        every = {n: s for n, s in self.filters.items() if isinstance(s, EveryFacet)}
        specs = {
            n: s
            for n, s in self.filters.items()
            if isinstance(s, Facet | Switch) and n not in every
        }
        pairs = {name: (spec.count_by, spec.label_path or NOTHING) for name, spec in specs.items()}
        many = {name for name, spec in specs.items() if isinstance(spec, ManyFacet)}
        return read_table(
            self.published(),
            until=until,
            single={name: pair for name, pair in pairs.items() if name not in many},
            many={name: pair for name, pair in pairs.items() if name in many},
            flags={name: spec.flags for name, spec in every.items()},
            parted={
                name: spec.parted
                for name, spec in specs.items()
                if isinstance(spec, Facet) and spec.parted
            },
        )

    def good_until(self) -> datetime | None:
        """Return when the clock alone will next change what there is to count."""
        raise NotImplementedError

    @property
    def facets(self) -> dict[str, Facet]:
        facets = {name: spec for name, spec in self.filters.items() if isinstance(spec, Facet)}
        # What a subclass adds would come last; the facet it names comes first.
        return dict(sorted(facets.items(), key=lambda item: item[0] != self.first_facet))

    def _choices(self, name: str, numbers: dict[str, int]) -> list[Choice]:
        spec = self.facets[name]
        labels = self._table.facets[name].labels
        chosen = self.reading.labels.get(name, {})
        counted = {v: (labels.get(v, ""), number) for v, number in spec.tally(numbers).items()}
        # A chosen value that gives nothing stays in sight, so that it can be taken off again.
        for value, label in chosen.items():
            counted.setdefault(value, (label, 0))
        if isinstance(spec.known, Known | Pattern):
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

    def meant(self) -> list[str]:
        """Return other words to look for, each of which finds something, where these do not."""
        text, lexicon = self.data["q"], self._lexicon
        unknown = [
            word
            for word in plain_words(text)[:MOST_WORDS]
            if is_correctable(word) and word not in lexicon.known
        ]
        if len(unknown) > MOST_MISTYPED:
            return []
        mistyped = list(filter(self._finds_nothing, unknown))
        if not mistyped:
            return []
        offers = [lexicon.near(word, EACH_OF_SEVERAL[len(mistyped)]) for word in mistyped]
        texts = []
        for others in product(*offers):
            other_text = text
            for word, other in zip(mistyped, others, strict=True):
                other_text = replaced(other_text, word, other)
            texts.append(other_text)
        most = 1 if self.query.has_phrases else MOST_TRIED
        return list(islice(filter(self._finds, texts[:most]), MOST_MEANT))

    @property
    def _lexicon(self) -> Lexicon:
        return _lexicons.get(
            self.stamp.name,
            self._stamp,
            lambda: read_lexicon(self.published_texts(), self.good_until()),
        )

    def _finds_nothing(self, word: str) -> bool:
        """Tell whether nothing has one of the words that are looked for."""
        query = read(word)
        unwanted = query.wanted and query.wanted[0] in self.query.unwanted
        return bool(query and not unwanted and not self._with_words(query))

    def _finds(self, text: str) -> bool:
        self.query, before = read(text), self.query
        found = bool(self._found())
        self.query = before
        return found

    # --- links --------------------------------------------------------------------------------

    def canonical(self, page: int) -> str:
        """Return the one query string out of all that give this same page."""
        data = QueryDict(mutable=True)
        for name, values in self.data.lists():
            spec = self.filters.get(name)
            default = spec.default if isinstance(spec, Switch) else next(iter(self.sort_labels))
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

    def query_with(self, name: str, value: str) -> str:
        """Return the query string of this list with another value of a filter."""
        data = self.data.copy()
        data[name] = value
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


def as_text(column: Any) -> Cast:
    """Return a column, or nothing for None, of the one type that the parts of a union share."""
    return Cast(Value("") if column is None else column, models.TextField())


NOTHING = as_text(None)


def shown(value: str) -> str:
    return value if len(value) <= LONGEST_SHOWN else f"{value[:LONGEST_SHOWN]}…"


def nearest_page(paginator: Paginator, given: QueryDict, left_out: list[LeftOut]) -> Page:
    """Return the page asked for, or the nearest there is when the address asks for none such."""
    asked = seen(given.get("page", "1")).strip()
    page = paginator.get_page(asked)
    if asked not in ("", str(page.number)):
        left_out.append(LeftOut("Page", shown(asked)))
    return page


class FilteredListView(ListView):
    """A page of what is published, filtered by ``filterset_class``.

    Keys are filtered, sorted and cut to the page first, and only then are the page's rows read:
    sorting ten thousand whole rows would cost more than all the rest.
    """

    filterset_class: type[ListFilterSet]
    paginate_by: int | None = 20

    def read_rows(self, keys: list[int]) -> Iterable[Any]:
        """Read the rows of one page, in any order, with what showing them needs.

        Through the gate again: what is withdrawn between the two queries is not shown.
        """
        raise NotImplementedError

    def complete(self, rows: list[Any]) -> None:
        """Give the rows of one page what no query of theirs can."""

    def read_filter(self) -> Any:
        return self.filterset_class(self.request.GET)

    def get_queryset(self) -> Any:
        self.filterset = self.read_filter()
        self.total, self.choices, self.switches = self.filterset.count()
        return self.filterset.keys

    def paginate_queryset(self, queryset: Any, page_size: int) -> Any:
        paginator = self.get_paginator(queryset, page_size)
        # Counted already, together with the facets.
        paginator.count = self.total
        page = nearest_page(paginator, self.request.GET, self.filterset.left_out)
        page.object_list = self._rows(list(page.object_list))
        return paginator, page, page.object_list, page.has_other_pages()

    def _rows(self, keys: list[int]) -> list[Any]:
        """Read the rows of a page, in the order of their keys."""
        found = in_order_of(keys, self.read_rows(keys)) if keys else []
        self.complete(found)
        return found

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        filterset = self.filterset
        query = filterset.data.urlencode()
        context = super().get_context_data(
            filterset=filterset,
            facets=[self._panel(name) for name in filterset.facets if self.choices[name]],
            switches=[
                self._switch(name, spec)
                for name, spec in filterset.filters.items()
                if isinstance(spec, Switch)
            ],
            sorts=list(filterset.sort_labels.items()),
            total=self.total,
            query=query,
            # Other formats may need another query than the other pages of this one.
            page_query=query,
            meant=self._meant(),
            # There is no end to what can be searched for.
            noindex="q" in filterset.data,
            **kwargs,
        )
        page = context["page_obj"]
        context["canonical_query"] = filterset.canonical(page.number)
        context["pages"] = page.paginator.get_elided_page_range(page.number, on_each_side=1)
        return context

    def _meant(self) -> list[dict[str, str]]:
        if self.total or not self.filterset.query:
            return []
        return [
            {"words": words, "query": self.filterset.query_with("q", words)}
            for words in self.filterset.meant()
        ]

    def _panel(self, name: str) -> Panel:
        spec, choices = self.filterset.facets[name], self.choices[name]
        # One more line than "1 more" takes no more room than that line.
        shown = SHOWN_CHOICES if len(choices) > SHOWN_CHOICES + 1 else len(choices)
        return Panel(
            name=name,
            label=str(spec.label),
            hint=spec.hint,
            bars=spec.bars,
            first=tuple(choices[:shown]),
            rest=tuple(choices[shown:]),
        )

    def _switch(self, name: str, spec: Switch) -> dict[str, Any]:
        choices = []
        for value, label in spec.choices.items():
            data = self.filterset.data.copy()
            data[name] = value
            if value == spec.default:
                del data[name]
            count = self.switches.get(name, {}).get(value, 0) if spec.narrows else None
            choices.append(
                {"value": value, "label": label, "number": count, "query": data.urlencode()}
            )
        return {
            "name": name,
            "label": spec.label,
            "value": self.filterset.value_of(name),
            "choices": choices,
        }
