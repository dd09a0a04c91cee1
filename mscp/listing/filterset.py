"""Filter sets: lists of published records, filtered leniently, with a count for every choice.

Page, feed and exports of a list share one filter set.
"""

from collections.abc import Callable, Container, Iterable, Iterator, Sequence
from datetime import datetime
from functools import cache, partial
from typing import Any, ClassVar, Self, cast

import django_filters
from django.db import models
from django.http import QueryDict
from django.utils.functional import cached_property

from mscp.cache import versions
from mscp.cache.changes import WHOLE, Changes
from mscp.cache.versions import Kept
from mscp.database import clock
from mscp.database.pks import pk_subquery
from mscp.listing.beside import Beside
from mscp.listing.bitmap_index import BitmapIndex, Order, read_index
from mscp.listing.facets import (
    NOTHING,
    Choice,
    EveryFacet,
    Facet,
    FixedChoices,
    ManyFacet,
    PatternChoices,
    Switch,
    WordsFilter,
    as_text,
)
from mscp.listing.links import QueryStrings
from mscp.listing.nearest import Nearest, Search
from mscp.listing.offers import Offer, Offers, part_that_differs
from mscp.listing.params import RELEVANCE, read_parameters
from mscp.listing.patched_index import MOST, patched, placed
from mscp.search import declared_synonyms
from mscp.search.index import WordIndex
from mscp.search.query import Clause, Query, read
from mscp.search.spelling import Lexicon, read_lexicon

# For each filter set, the one without any filter.
_unfiltered: "Kept[ListFilterSet]" = Kept()
# For each filter set that is indexed, what it and narrower ones filter and count by.
_indexes: Kept[BitmapIndex] = Kept()
# For each kind of texts, the words of what is published.
_lexicons: Kept[Lexicon] = Kept()


Ordering = Callable[[Any], models.QuerySet[Any]]
"""Puts the published records of a list in an order."""


class ListFilterSet(QueryStrings, django_filters.FilterSet):
    """A FilterSet that reads a query string leniently, filters, sorts and counts.

    A subclass declares Facet, Switch and WordsFilter fields, and ``sorts``: for each value of
    ``sort`` its label and the ordering it applies, the default first. The counted rows are cached
    in memory, in the bitmap index of ``indexed_as``.
    """

    sorts: ClassVar[dict[str, tuple[str, Any]]]
    texts_of: ClassVar[str]
    """Identifies the texts of ``published_texts``; lists with the same share a lexicon."""
    ranks: ClassVar[bool] = False
    """Whether the list can be sorted by relevance."""
    first_facet: ClassVar[str] = ""
    beside: ClassVar[Sequence[WordIndex]] = ()
    """The indexes of other kinds that are shown beside the list while no facet is chosen."""

    followed: ClassVar[dict[str, str]]
    """The tables that the index is read from. Each with the path from a record of the list to the
    key that is noted of a row that changes (mscp.cache.changes); "" if many records have it."""

    @classmethod
    def published(cls) -> models.QuerySet[Any]:
        """Return every record the list may hold now, from which it filters and counts."""
        raise NotImplementedError

    @classmethod
    def indexed_as(cls) -> "type[ListFilterSet]":
        """Return the filter set whose records and facets are in the index: this or a wider one."""
        return cls

    def mask(self) -> int:
        """Return the bits of the records that the list may hold, of those in the index."""
        return self._index.everything

    @classmethod
    def published_texts(cls) -> Iterable[str]:
        """Return a bounded number of published texts, for spelling suggestions."""
        raise NotImplementedError

    def __init__(self, data: QueryDict) -> None:
        self.reading = read_parameters(
            data, self.base_filters, {*self.sorts, *([RELEVANCE] if self.ranks else [])}
        )
        self.ignored = self.reading.ignored
        self.query = self.reading.query
        self._keys: dict[Query, list[int]] = {}
        # The word that nothing matches, if words with this prefix were found instead.
        self.begins_with = ""
        super().__init__(self.reading.data, queryset=self._none())

    @classmethod
    def unfiltered(cls) -> Self:
        """Return the list without any filter, which many pages read from.

        One for all of them while the content version is the same: making one takes 0.3 ms.
        """
        made = _unfiltered.get(cls, versions.current(), lambda: cls(QueryDict()))
        return cast("Self", made)

    @property
    def until(self) -> datetime | None:
        """Return the moment at which the clock alone changes what the list holds."""
        return self._index.until

    @classmethod
    @cache
    def _none(cls) -> models.QuerySet[Any]:
        """Return an empty queryset, from which django-filter takes the model.

        A page is found in the index and needs no other; making one takes 0.1 ms.
        """
        return cls.published().none()

    def narrowed(self, *, without: Container[str] = ()) -> models.QuerySet[Any]:
        """Return the records with every filter applied except those named, unordered."""
        qs = self.published()
        for name, spec in self.filters.items():
            if name not in without:
                qs = spec.filter(qs, self.value_of(name))
        return qs

    def value_of(self, name: str) -> Any:
        """Return the effective value of a filter: the values given, or its default."""
        spec = self.filters[name]
        if isinstance(spec, Switch):
            return self.data.get(name) or spec.default
        if isinstance(spec, WordsFilter):
            if self.reading.unsearchable:
                return []
            return self._find(self.query) if self.query else None
        return self.data.getlist(name)

    @property
    def sort_labels(self) -> dict[str, str]:
        """Return the possible orders, the default first."""
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
        """Return the first few of these keys, in the default order, that are in the list."""
        return self._index.first_of(keys, most, self._found())

    def first(self, most: int) -> Sequence[int]:
        """Return the first few keys of the list, in the default order."""
        return self._index.first(self._found(), most)

    def first_with(self, name: str, values: Iterable[str], most: int) -> Sequence[int]:
        """Return the first few keys of the list that have any of these values of a facet."""
        return self._index.first(self._found() & self._index.with_any(name, values), most)

    def _in_order(self, *parts: int) -> Sequence[int]:
        name, _ = self.order
        if name == self._order_of_index()[0]:
            return self._index.in_order(list(parts))
        return self._index.in_order(list(parts), name, self._read_order)

    def _read_order(self, earlier: Order | None, changed: set[int]) -> Iterable[int]:
        if earlier is not None and len(changed) <= MOST:
            gone = sorted(earlier.keys.index(key) for key in changed if key in earlier)
            keys = placed(earlier.keys, gone, changed, self._in_order_of(self.order[1]))
            if versions.stands(self._version):
                return keys
        return self._keys_of(self.order[1](self.indexed_as().published()))

    def _in_order_of(self, order: Ordering) -> Callable[[Iterable[int]], Iterable[int]]:
        rows = order(self.indexed_as().published())
        return lambda keys: self._keys_of(rows.filter(pk__in=pk_subquery(keys)))

    @staticmethod
    def _keys_of(rows: models.QuerySet[Any]) -> Iterable[int]:
        return rows.values_list("pk", flat=True)

    @classmethod
    def _order_of_index(cls) -> tuple[str, Ordering]:
        """Return the order in which the index has its records: the first fixed one."""
        return next((name, apply) for name, (_, apply) in cls.sorts.items() if apply)

    def by_relevance(self) -> Sequence[int]:
        """Return the keys by relevance to the query.

        If few, all are ranked; if many, those come first whose names hold the words, and that hold
        them as they were typed, one behind the other. What counts more depends on whether stop
        words were left out, as in the ranking of few.
        """
        found = self._found()
        if found.bit_count() <= self.most_ranked:
            return self.ranked(list(self._in_order(found)))
        named = self._index.keep(("names", self.query), self.keys_with_all_in_names)
        if not self.query.run:
            return self._in_order(found & named, found & ~named)
        run = self._index.keep(("run", self.query.run), self.keys_with_run)
        first, second = (run, named) if self.query.leaves_out_words else (named, run)
        return self._in_order(
            found & first & second,
            found & first & ~second,
            found & second & ~first,
            found & ~first & ~second,
        )

    @property
    def order(self) -> tuple[str, Ordering]:
        """Return the name of the order of the records, and the function that applies it."""
        name = next(iter(self.sorts)) if self.sort == RELEVANCE else self.sort
        return name, self.sorts[name][1]

    @property
    def qs(self) -> models.QuerySet[Any]:
        return self.order[1](self.narrowed())

    @property
    def most_ranked(self) -> int:
        raise NotImplementedError

    def ranked(self, keys: list[int]) -> list[int]:
        """Return keys, given in the default order, sorted by relevance to the query."""
        raise NotImplementedError

    def keys_with_all_in_names(self) -> list[int]:
        """Return the keys of the records whose names hold every word."""
        raise NotImplementedError

    def keys_with_run(self) -> list[int]:
        """Return the keys of the records that hold the words one behind the other, as typed."""
        raise NotImplementedError

    def count(self) -> tuple[int, dict[str, list[Choice]], dict[str, dict[str, int]]]:
        """Return the total, the choices of every facet and the counts of every switch.

        Each facet is counted with every filter but its own, unless its values narrow each other.
        """
        self.fall_back_to_prefix()
        choices = {name: self._choices(name, self._to_choose_from(name)) for name in self.facets}
        switches = {
            name: {
                value: (rest & self._index.with_any(name, spec.accepted(value))).bit_count()
                for value in spec.choices
            }
            for name, spec in self.filters.items()
            if isinstance(spec, Switch)
            for rest in [self._found(without=(name,))]
        }
        return self._found().bit_count(), choices, switches

    def _to_choose_from(self, name: str) -> dict[str, int]:
        """Return the values of a facet that the page offers, with the number of each."""
        spec = self.facets[name]
        numbers = self.numbers(name, without=self._not_counted(name))
        if spec.timeline:
            # Its years stay where they are while other filters change.
            return dict.fromkeys(self._index.numbers(name, self.mask()), 0) | numbers
        if isinstance(spec, EveryFacet) and self.mask():
            return dict.fromkeys(spec.conditions, 0) | numbers
        return numbers

    def _notes(self, name: str) -> dict[str, str]:
        """Return what stands below the choices of a facet of which not all is known."""
        spec = self.facets[name]
        if not isinstance(spec, EveryFacet):
            return {}
        found, index = self._found(without=(name,)), self._index

        def holders(facet: str, value: str) -> int:
            return len(index.numbers(spec.holders, found & index.with_any(facet, [value])))

        return {
            value: spec.note(holders(name, value), holders(_not_known(name), value))
            for value in spec.conditions
        }

    def _not_counted(self, name: str) -> tuple[str, ...]:
        return () if isinstance(self.facets[name], EveryFacet) else (name,)

    def numbers(self, name: str, *, without: Container[str], **chosen: list[str]) -> dict[str, int]:
        """Return how many of the filtered records have each value of a facet.

        All filters but those named apply, and in addition what is ``chosen`` of others.
        """
        found = self._found(without=without)
        for other, values in chosen.items():
            found &= self._index.with_any(other, values)
        return self._index.numbers(name, found)

    def fall_back_to_prefix(self) -> None:
        """If nothing matches exactly, search for the last word as a prefix.

        Regardless of the other filters, so that a choice narrows the results and never changes the
        words.
        """
        widened = self.query.widened()
        if widened and not self._with_words(self.query) and self._with_words(widened):
            self.begins_with = self.query.wanted[-1].word
            self.query = widened

    def _found(self, *, without: Container[str] = ()) -> int:
        """Return the bit set of the records that pass every filter except those named."""
        if self.reading.unsearchable:
            return 0
        return self._with_words(self.query) & self._found_without_words(without=without)

    def _found_without_words(self, *, without: Container[str] = ()) -> int:
        found = self.mask()
        for name, spec in self.filters.items():
            if not isinstance(spec, Facet | Switch) or name in without:
                continue
            if chosen := self.value_of(name):
                having = (
                    self._index.with_all if isinstance(spec, EveryFacet) else self._index.with_any
                )
                found &= having(name, spec.accepted(chosen))
        return found

    def _with_words(self, query: Query) -> int:
        mask = self.mask()
        return mask & self._index.keep(query, lambda: self._find(query)) if query else mask

    def _find(self, query: Query) -> list[int]:
        if query not in self._keys:
            self._keys[query] = self._words_filter.find(query)
        return self._keys[query]

    @property
    def _words_filter(self) -> WordsFilter:
        return next(s for s in self.filters.values() if isinstance(s, WordsFilter))

    @cached_property
    def _index(self) -> BitmapIndex:
        return _indexes.get(self.indexed_as(), self._version, self._read_index, self._revised_index)

    @cached_property
    def _version(self) -> versions.Version:
        return versions.current()

    def _read_index(self) -> BitmapIndex:
        # The clock is read first: a change between the two reads is then read twice. The other way
        # round it would be missed, and the index wrong until the next change.
        until = self.good_until()
        return self._index_of(self.indexed_as().published(), until)

    def _revised_index(self, old: BitmapIndex, changes: Changes) -> BitmapIndex | None:
        changed = self._changed_among(changes, old)
        if changed is None or len(changed) > MOST:
            return None
        if not changed:
            return old.renewed()
        until = self.good_until()
        if old.until and old.until <= clock.now():
            # What went live before the next moment was read is in neither.
            return None
        rows = self.indexed_as().published()
        return patched(
            old,
            changed,
            until=until,
            in_order=self._in_order_of(self._order_of_index()[1]),
            read=lambda keys: self._index_of(rows.filter(pk__in=pk_subquery(keys)), until),
        )

    def _changed_among(self, changes: Changes, old: BitmapIndex) -> set[int] | None:
        """Return the keys of the listed records that changed; None if they are not known."""
        changed: set[int] = set()
        indexed = self.indexed_as()
        for table, path in indexed.followed.items():
            keys = changes.get(table, set())
            if not keys:
                continue
            if not path or WHOLE in keys:
                return None
            if path != "pk":
                # Behind the gate or not. What was deleted or moved while the row was a draft is
                # noted of nobody: it is known by the index alone.
                rows = indexed.published().model._base_manager
                now = rows.filter(**{f"{path}__in": keys}).values_list("pk", flat=True)
                keys = {*now, *old.keys_with_any(_reached_by(path), map(str, keys))}
            changed |= keys
        return changed

    def _index_of(self, rows: models.QuerySet[Any], until: datetime | None) -> BitmapIndex:
        indexed = self.indexed_as()
        filters = indexed.base_filters
        every = {n: s for n, s in filters.items() if isinstance(s, EveryFacet)}
        specs = {
            n: s for n, s in filters.items() if isinstance(s, Facet | Switch) and n not in every
        }
        pairs = {name: (spec.count_by, spec.label_path or NOTHING) for name, spec in specs.items()}
        many = {name for name, spec in specs.items() if isinstance(spec, ManyFacet)}
        for path in {*indexed.followed.values()} - {"", "pk"}:
            pairs[_reached_by(path)] = as_text(path), NOTHING
        _, in_order = self._order_of_index()
        return read_index(
            in_order(rows),
            until=until,
            single={name: pair for name, pair in pairs.items() if name not in many},
            many={name: pair for name, pair in pairs.items() if name in many},
            flags={name: spec.flags for name, spec in every.items()}
            | {_not_known(name): spec.flags_not_known for name, spec in every.items()},
            parted={
                name: spec.parted
                for name, spec in specs.items()
                if isinstance(spec, Facet) and spec.parted
            },
        )

    def good_until(self) -> datetime | None:
        """Return the next moment at which the clock alone changes what is counted."""
        raise NotImplementedError

    @cached_property
    def facets(self) -> dict[str, Facet]:
        facets = {name: spec for name, spec in self.filters.items() if isinstance(spec, Facet)}
        # What a subclass adds would come last; the facet it names comes first.
        return dict(sorted(facets.items(), key=lambda item: item[0] != self.first_facet))

    def _choices(self, name: str, numbers: dict[str, int]) -> list[Choice]:
        spec = self.facets[name]
        labels = self._index.facets[name].labels
        chosen = self.reading.labels.get(name, {})
        counted = {v: (labels.get(v, ""), number) for v, number in spec.tally(numbers).items()}
        # A chosen value without records stays visible, so that it can be removed.
        for value, label in chosen.items():
            counted.setdefault(value, (label, 0))
        if isinstance(spec.known, FixedChoices | PatternChoices):
            labels = spec.known.look_up(list(counted))
            counted = {v: (labels.get(v, v), number) for v, (_, number) in counted.items()}
        most = max((number for _, number in counted.values()), default=0)
        notes = self._notes(name)
        choices = [
            Choice(
                value,
                label,
                number,
                value in chosen,
                round(100 * number / (most or 1)),
                notes.get(value, ""),
            )
            for value, (label, number) in counted.items()
        ]
        if isinstance(spec.known, FixedChoices):
            order = list(spec.known.labels)
            return sorted(choices, key=lambda choice: order.index(choice.value))
        if isinstance(spec.known, PatternChoices):
            return sorted(choices, key=lambda choice: choice.value)
        return sorted(choices, key=lambda choice: choice.label.casefold())

    def offers(self) -> Offers:
        """Return the nearest that finds something, for a list that finds nothing."""
        if self.reading.unsearchable:
            return Offers(parts=tuple(self._word_for_word(self.reading.unsearchable.words)))
        nearest = self._nearest()
        respelt, parts = (
            tuple(
                Offer(
                    part_that_differs(one.words, self.data["q"]),
                    self.query_with("q", one.words),
                    one.number,
                    one.without,
                )
                for one in some
            )
            for some in (nearest.respelt, nearest.parts)
        )
        return Offers(respelt=respelt, fewer_filters=tuple(self._fewer_filters()), parts=parts)

    def _word_for_word(self, words: str) -> Iterator[Offer]:
        """Yield the phrase of words that are too common one by one."""
        phrase = f'"{words}"'
        if query := read(phrase):
            found = self._with_words(query) & self._found_without_words()
            found |= self._beside().find(query)
            if found:
                yield Offer(phrase, self.query_with("q", phrase), found.bit_count())

    def _beside(self, *, without: Container[str] = ()) -> Beside:
        """Return what is shown beside the list, without some of its filters."""
        chosen = any(self.value_of(name) for name in self.facets if name not in without)
        return Beside(() if chosen else self.beside, behind=len(self._index.keys))

    def _number_without(self, *names: str) -> int:
        found = self._found(without=names) | self._beside(without=names).find(self.query)
        return found.bit_count()

    def _fewer_filters(self) -> Iterator[Offer]:
        """Yield what the list finds without one of its filters, or else without any."""
        chosen = [name for name in self.facets if self.value_of(name)]
        without_one = [(name, self._number_without(name)) for name in chosen]
        for name, number in without_one:
            if number:
                yield Offer(str(self.facets[name].label), self.query_without(name), number)
        if len(chosen) < 2 or any(number for _, number in without_one):
            return
        if without_any := self._number_without(*chosen):
            yield Offer("", self.query_without(*chosen), without_any)

    def _nearest(self) -> Nearest:
        # First of all, so that words of what was withdrawn do not stay in memory.
        lexicon = self._lexicon
        beside = self._beside()
        among = self._found_without_words() | beside.everything
        if not (among and self.query.wanted):
            return Nearest()
        return Search(
            self.data["q"],
            self.query,
            among=among,
            find=lambda query: self._with_words(query) | beside.find(query),
            find_each=partial(self._bits_of_each, beside=beside),
            lexicon=lexicon,
            synonyms=declared_synonyms.current(),
        ).nearest()

    def _bits_of_each(self, clauses: list[Clause], beside: Beside) -> list[int]:
        spec = self._words_filter
        if not (beside and spec.index):
            return list(map(self._index.with_keys, spec.find_each(clauses)))
        found = beside.find_each(clauses, spec.index)
        return [self._index.with_keys(own) | others for own, others in found]

    @property
    def _lexicon(self) -> Lexicon:
        return _lexicons.get(
            self.texts_of,
            self._version,
            lambda: read_lexicon(self.published_texts(), self.good_until()),
        )


def _reached_by(path: str) -> str:
    """Return the name in the index for the key of another table's row that each record has."""
    return f"{path}, followed"


def _not_known(name: str) -> str:
    """Return the name in the index for the records of which a facet is not known."""
    return f"{name}, not known"
