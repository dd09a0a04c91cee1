"""Query parameters of lists, parsed leniently: what is unknown is ignored and reported."""

from collections.abc import Callable, Container, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple, TypeVar

from django.core.paginator import Page, Paginator
from django.db.models import Value
from django.http import QueryDict
from django_filters import Filter

from mscp.listing.facets import ColumnChoices, Facet, ModelChoices, Switch, WordsFilter, as_text
from mscp.search import declared_synonyms
from mscp.search.analysis import plain_words
from mscp.search.query import LONGEST_QUERY, MOST_PHRASES, MOST_WORDS, Query, read
from mscp.text.folding import QUOTES, one_line, plain

# Characters of an ignored value that are shown.
LONGEST_SHOWN = 60
# The most values of one parameter that are read; no page has more check boxes.
MOST_VALUES = 50
RELEVANCE = "relevance"
_NO_QUOTES = dict.fromkeys(map(ord, QUOTES))

Item = TypeVar("Item")


class IgnoredParameter(NamedTuple):
    """A value of the query string that was not applied."""

    label: str
    value: str


class Unsearchable(NamedTuple):
    """What was typed into a search and holds no word that could be looked for."""

    words: str
    verb: str
    why: str


@dataclass
class Parameters:
    """The valid part of a query string."""

    data: QueryDict
    labels: dict[str, dict[str, str]] = field(default_factory=dict)
    ignored: list[IgnoredParameter] = field(default_factory=list)
    query: Query = field(default_factory=Query)
    unsearchable: Unsearchable | None = None


def read_parameters(
    given: QueryDict, filters: Mapping[str, Filter], sorts: Container[str]
) -> Parameters:
    """Parse a query string by the filters of a list and the names of its orders."""
    reading = Parameters(QueryDict(mutable=True))
    asked = {
        name: list(filter(None, map(_reader(filters.get(name)), given.getlist(name)[:MOST_VALUES])))
        for name in [*filters, "sort"]
    }
    reading.ignored += [
        IgnoredParameter(str(spec.label), f"everything after the first {MOST_VALUES} values")
        for name, spec in filters.items()
        if isinstance(spec, Facet) and len(given.getlist(name)) > MOST_VALUES
    ]
    found = _labels_in_tables(asked, filters)
    for name, values in asked.items():
        spec = filters.get(name)
        values = list(dict.fromkeys(values))
        if isinstance(spec, Facet):
            known = (
                found.get(name, {})
                if isinstance(spec.known, ModelChoices | ColumnChoices)
                else spec.known.look_up(values)
            )
            reading.labels[name] = known
            reading.data.setlist(name, [v for v in values if v in known])
            unknown = [v for v in values if v not in known]
            reading.ignored += [IgnoredParameter(str(spec.label), shown(v)) for v in unknown]
        elif values:
            _read_single(reading, name, values[-1], filters.get(name), sorts)
    for name in [name for name, values in reading.data.lists() if not values]:
        del reading.data[name]
    return reading


def _reader(spec: Filter | None) -> Callable[[str], str]:
    """Return how a value is read: words and names as they are, keys and numbers as plain signs."""
    as_typed = isinstance(spec, WordsFilter) or (
        isinstance(spec, Facet) and isinstance(spec.known, ColumnChoices)
    )
    return one_line if as_typed else plain


def _read_single(
    reading: Parameters, name: str, value: str, spec: Filter | None, sorts: Container[str]
) -> None:
    if isinstance(spec, WordsFilter):
        if query := read(value, declared_synonyms.current()):
            reading.data[name] = value[:LONGEST_QUERY]
            reading.query = query
        most = f"{MOST_WORDS} words or {MOST_PHRASES} phrases"
        most = most if query.is_cut else f"{LONGEST_QUERY} letters"
        if query.is_cut or len(value) > LONGEST_QUERY:
            left = IgnoredParameter(str(spec.label), f"everything after the first {most}")
            reading.ignored.append(left)
        elif not query:
            words = plain_words(value)
            verb, why = "holds", "no word to look for"
            if words:
                verb, why = "is" if len(words) == 1 else "are", "too common to search for"
                value = value.translate(_NO_QUOTES).strip()
            reading.unsearchable = Unsearchable(shown(value), verb, why)
            left = IgnoredParameter(str(spec.label), f"“{shown(value)}” {verb} {why}")
            reading.ignored.append(left)
        return
    label, choices = "Sort by", sorts
    if isinstance(spec, Switch):
        label, choices = str(spec.label), spec.choices
    if value in choices:
        reading.data[name] = value
    else:
        reading.ignored.append(IgnoredParameter(label, shown(value)))


def _labels_in_tables(
    asked: dict[str, list[str]], filters: Mapping[str, Filter]
) -> dict[str, dict[str, str]]:
    """Return the labels of all requested values that are in tables, in one query."""
    parts = []
    for name, spec in filters.items():
        if not (isinstance(spec, Facet) and asked[name]):
            continue
        if isinstance(spec.known, ModelChoices):
            value, label = "slug", spec.known.label
        elif isinstance(spec.known, ColumnChoices):
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


def shown(value: str) -> str:
    return value if len(value) <= LONGEST_SHOWN else f"{value[:LONGEST_SHOWN]}…"


def nearest_page(
    paginator: "Paginator[Item]", given: QueryDict, ignored: list[IgnoredParameter]
) -> "Page[Item]":
    """Return the requested page, or the nearest if there is no such page."""
    asked = plain(given.get("page", "1"))
    page = paginator.get_page(asked)
    if asked not in ("", str(page.number)):
        ignored.append(IgnoredParameter("Page", shown(asked)))
    return page
