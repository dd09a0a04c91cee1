"""Facets: the filters of a list, each with its possible values."""

import re
from collections.abc import Callable, Iterable, Sequence
from copy import copy
from dataclasses import dataclass
from typing import Any, ClassVar, NamedTuple, Self

import django_filters
from django.db import models
from django.db.models import Case, Value, When
from django.db.models.expressions import Combinable
from django.db.models.functions import Cast

from mscp.database.pks import pk_subquery
from mscp.search.index import WordIndex
from mscp.search.query import Clause, Query


class Choice(NamedTuple):
    """One choice of a facet, as the page shows it."""

    value: str
    label: str
    number: int
    chosen: bool
    share: int
    """Its number as a percentage of the facet's largest, for its bar."""
    note: str = ""
    """What stands below it."""


class Panel(NamedTuple):
    """A facet as the page shows it."""

    name: str
    label: str
    hint: str
    timeline: bool
    """Whether it is drawn as bars above the results instead of standing among the filters."""
    folded: bool
    """Whether it is in the collapsed part of the filters."""
    first: tuple[Choice, ...]
    rest: tuple[Choice, ...]
    """The choices in the collapsed part."""

    @property
    def rest_chosen(self) -> bool:
        return any(choice.chosen for choice in self.rest)

    @property
    def chosen(self) -> bool:
        return any(choice.chosen for choice in (*self.first, *self.rest))

    @property
    def is_compared(self) -> bool:
        """Return whether its bars show anything."""
        return self.chosen or any(choice.number for choice in self.first)


class Chip(NamedTuple):
    """An active filter, with the query string of the same list without it."""

    facet: str
    label: str
    query: str


@dataclass(frozen=True)
class FixedChoices:
    """A fixed set of values with their labels."""

    labels: dict[str, str]

    def look_up(self, values: list[str]) -> dict[str, str]:
        return {value: self.labels[value] for value in values if value in self.labels}


@dataclass(frozen=True)
class PatternChoices:
    """Values of a pattern, such as a year; ``label`` formats one for people."""

    pattern: str
    label: Callable[[str], str] = str

    def look_up(self, values: list[str]) -> dict[str, str]:
        return {v: self.label(v) for v in values if re.fullmatch(self.pattern, v, re.ASCII)}


@dataclass(frozen=True)
class ModelChoices:
    """Slugs of the rows of a table. The query must already be behind the gate."""

    rows: Callable[[], models.QuerySet[models.Model]]
    label: str


@dataclass(frozen=True)
class ColumnChoices:
    """Values of a column itself, such as the name of a publisher."""

    rows: Callable[[], models.QuerySet[models.Model]]
    column: str


class Unchanging:
    """A filter that no list modifies, so that all lists share one instance.

    django-filter deep-copies the filters of every list, down to the last label.
    """

    def __deepcopy__(self, memo: dict[int, object]) -> Self:
        return copy(self)


class Facet(Unchanging, django_filters.Filter):
    """A filter of several values with a count for each.

    ``field_name`` is the path to the value that the URL gives and ``label_path`` the path to its
    label, both from the record listed; ``known`` defines the possible values. A record has one
    value; see ManyFacet for more. ``hint`` is shown below the label. A ``timeline`` is drawn above
    the results, unless words are searched, and keeps every value of the list; a ``folded`` facet
    is among those collapsed.
    """

    hint = ""
    # Splits the value of ``count_by`` if it may hold several.
    parted: Callable[[str], Iterable[str]] | None = None

    def __init__(
        self,
        *,
        field_name: str,
        label: str,
        known: FixedChoices | PatternChoices | ModelChoices | ColumnChoices,
        count_by: Combinable | None = None,
        label_path: str | None = None,
        timeline: bool = False,
        folded: bool = False,
    ) -> None:
        super().__init__(field_name=field_name, lookup_expr="in", label=label)
        self.known = known
        self.count_by = count_by or models.F(field_name)
        self.label_path = label_path
        self.timeline = timeline
        self.folded = folded

    def filter(self, qs: models.QuerySet[Any], value: list[str]) -> models.QuerySet[Any]:
        return qs.filter(**{f"{self.field_name}__in": value}) if value else qs

    def accepted(self, chosen: list[str]) -> list[str]:
        """Return the values whose records ``filter`` keeps."""
        return chosen

    def tally(self, numbers: dict[str, int]) -> dict[str, int]:
        """Adjust the numbers if a record counts under more than its one value."""
        return numbers


class ManyFacet(Facet):
    """A facet of which a record may have several values."""


class EveryFacet(Facet):
    """A facet of which a record must have every value chosen, not only one of them.

    ``conditions`` maps each value to the condition that a record has it, and ``not_known`` to the
    condition that nobody knows. A choice's count is the number of records that remain if it is
    added to those chosen; one that no record has stays, and says of how many ``holders``, the
    values of another facet, it is confirmed and of how many not known.
    """

    def __init__(
        self,
        *,
        label: str,
        labels: dict[str, str],
        conditions: dict[str, models.Q],
        not_known: dict[str, models.Q],
        holders: str,
        noun: str,
        hint: str = "",
    ) -> None:
        super().__init__(field_name="pk", label=label, known=FixedChoices(labels))
        self.conditions = conditions
        self.not_known = not_known
        self.holders = holders
        self.noun = noun
        self.hint = hint

    def filter(self, qs: models.QuerySet[Any], value: list[str]) -> models.QuerySet[Any]:
        for chosen in value:
            qs = qs.filter(self.conditions[chosen])
        return qs

    @property
    def flags(self) -> dict[str, Case]:
        return _flags(self.conditions)

    @property
    def flags_not_known(self) -> dict[str, Case]:
        return _flags(self.not_known)

    def note(self, confirmed: int, not_known: int) -> str:
        """Say what is known of the holders; "" if all is."""
        if not not_known:
            return ""
        singular, plural = self.noun.split(",")
        noun = singular if confirmed == 1 else plural
        return f"{confirmed} {noun} confirmed, {not_known} not checked yet"


class Switch(Unchanging, django_filters.Filter):
    """A filter of exactly one value out of a few, by default the first.

    ``count_by`` is the value of a record; the last choice takes every record.
    """

    label_path = None
    narrows: ClassVar[bool] = True
    """False if it only changes how the same records are shown."""

    def __init__(self, *, label: str, choices: dict[str, str]) -> None:
        super().__init__(label=label)
        self.choices = choices

    @property
    def count_by(self) -> Combinable:
        raise NotImplementedError

    @property
    def default(self) -> str:
        return next(iter(self.choices))

    def accepted(self, chosen: str) -> list[str]:
        """Return the values of the records that a choice takes."""
        *values, everything = self.choices
        return values if chosen == everything else [chosen]


class WordsFilter(Unchanging, django_filters.CharFilter):
    """The words of a search; ``find`` returns the keys of all that a query matches.

    ``find_each`` returns for each of several clauses the keys of all that it alone matches. Where
    other kinds are shown beside the list, ``index`` is asked in one query with theirs.
    """

    def __init__(
        self,
        *,
        find: Callable[[Query], list[int]],
        find_each: Callable[[Sequence[Clause]], list[list[int]]],
        label: str,
        index: WordIndex | None = None,
    ) -> None:
        super().__init__(label=label)
        self.index = index
        self.find = find
        self.find_each = find_each

    def filter(self, qs: models.QuerySet[Any], value: list[int] | None) -> models.QuerySet[Any]:
        return qs if value is None else qs.filter(pk__in=pk_subquery(value))


def as_text(column: str | Combinable | None) -> Cast:
    """Cast a column, or "" for None, to the type that the parts of a union share."""
    return Cast(Value("") if column is None else column, models.TextField())


def _flags(conditions: dict[str, models.Q]) -> dict[str, Case]:
    return {
        value: Case(When(condition, then=Value(1)), default=Value(0))
        for value, condition in conditions.items()
    }


NOTHING = as_text(None)
