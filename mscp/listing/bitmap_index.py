"""Bitmap index: for each value of each facet one bit a record, in the memory of a worker.

Counting ten thousand records by four facets, each without its own filter, takes a database tens of
milliseconds; with a bit for each record it takes none. There is one index for all the lists that
show the same records: a list of one kind is a mask on it. It is read once from the records that
pass the gate, corrected when the content version changes (mscp.listing.patched_index), and
dropped when the clock makes something public. The rows of a page are read through the gate again.

Bit 0 is the record that comes first in the default order, so the first page of a list, or the
newest few that are related to something, are the lowest bits: they are found without looking at
the rest. docs/decisions/bitmap-index.md has the measurements.
"""

import re
from array import array
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import compress, islice
from math import isqrt
from typing import Any, overload

from mscp.concurrency.single_flight import SingleFlight

# Searches whose bits are cached; each takes a bit for every record.
MOST_KEPT = 200
# Bytes of a bitmap that are scanned at a time: small integers are quick to take apart.
_RUNS = re.compile(rb"[^\0]{1,64}")
# Up to this number, bits are set quicker one by one than written out with all others.
FEW = 20


class Order:
    """The records of an index in another order than the default."""

    def __init__(self, keys: list[int], places: list[int], length: int) -> None:
        self.keys = keys
        """The keys in this order."""
        self.places = places
        """Their bits."""
        self.ranks = array("L", bytes(length * array("L").itemsize))
        """For each bit, the position of its record in this order."""
        for rank, place in enumerate(places):
            self.ranks[place] = rank
        # Up to this share, sorting them is quicker than walking through all in order to find them.
        self.few = 2 * isqrt(length)

    def __contains__(self, key: int) -> bool:
        return key in self.keys

    def keys_of(self, bits: int, number: int, length: int) -> Iterator[int]:
        """Yield the keys of some records in this order."""
        if number <= self.few:
            for rank in sorted(map(self.ranks.__getitem__, places_of(bits))):
                yield self.keys[rank]
        else:
            flags = _flags(bits, length)
            yield from islice(compress(self.keys, map(flags.__getitem__, self.places)), number)


class InOrder(Sequence[int]):
    """A lazy sequence of the keys of some records in an order, one part after the other.

    A page shows twenty of ten thousand, so no more are computed than requested.
    """

    def __init__(self, keys: list[int], order: Order | None, parts: list[int]) -> None:
        self._keys = keys
        self._order = order
        self._parts = [(some.bit_count(), some) for some in parts if some]

    def __len__(self) -> int:
        return sum(number for number, _ in self._parts)

    def __iter__(self) -> Iterator[int]:
        return self._behind(0)

    def _behind(self, start: int) -> Iterator[int]:
        """Yield the keys from a position on; those before are skipped in chunks."""
        for number, some in self._parts:
            if start >= number:
                start -= number
                continue
            if self._order is None:
                yield from map(self._keys.__getitem__, places_of(some, skip=start))
            else:
                ordered = self._order.keys_of(some, number, len(self._keys))
                yield from islice(ordered, start, None)
            start = 0

    @overload
    def __getitem__(self, index: int) -> int: ...
    @overload
    def __getitem__(self, index: slice) -> list[int]: ...
    def __getitem__(self, index: int | slice) -> int | list[int]:
        if isinstance(index, slice):
            start, stop, step = index.indices(len(self))
            if step < 0:
                return list(self)[index]
            return list(islice(self._behind(start), 0, max(0, stop - start), step))
        return next(self._behind(range(len(self))[index]))


@dataclass
class Values:
    """One facet: for each value its label and the bits of the records that have it."""

    labels: dict[str, str] = field(default_factory=dict)
    bits: dict[str, int] = field(default_factory=dict)


class BitmapIndex:
    """The records of some lists by the values of their facets.

    ``keys`` are in the default order, and the key at position n has bit n. ``until`` is the moment
    at which the clock alone changes the index.
    """

    def __init__(
        self,
        *,
        until: datetime | None,
        keys: list[int],
        facets: dict[str, Values],
        places: dict[int, int] | None = None,
    ) -> None:
        self.until = until
        self.keys = keys
        self.facets = facets
        self.everything = (1 << len(keys)) - 1
        self.places = places_by_key(keys) if places is None else places
        self.orders: dict[str, Order] = {}
        # Of an index that this one was made from, with the records that have changed since.
        self.earlier_orders: dict[str, tuple[Order, set[int]]] = {}
        self._kept: dict[Any, int] = {}
        self._flight = SingleFlight()

    def renewed(self) -> "BitmapIndex":
        """Return an index of the same records without what was found by words."""
        new = BitmapIndex(until=self.until, keys=self.keys, facets=self.facets, places=self.places)
        new.orders = dict(self.orders)
        new.earlier_orders = self.earlier_orders
        return new

    def take_orders_of(self, old: "BitmapIndex", changed: set[int]) -> None:
        """Take the orders of another index, in which some records have changed since."""
        for sort, (order, before) in old.earlier_orders.items():
            self.earlier_orders[sort] = order, before | changed
        # Another thread may add one to it just now.
        for sort, order in dict(old.orders).items():
            self.earlier_orders[sort] = order, changed

    def with_keys(self, keys: Iterable[int]) -> int:
        """Return the bits of these records; those that are not in the index have none."""
        places = [place for key in keys if (place := self.places.get(key)) is not None]
        if len(places) > FEW:
            return _bits(len(self.keys), places)
        found = 0
        for place in places:
            found |= 1 << place
        return found

    def keep(self, what: Any, read: Callable[[], Iterable[int]]) -> int:
        """Return the bits of some keys, which are read once and cached: narrowing repeats a search.

        The content version must change with all that they are read from.
        """
        # Another thread may clear the dict at any point, so it is read once and never relied upon.
        bits = self._kept.get(what)
        if bits is None:
            bits = self.with_keys(read())
            if len(self._kept) >= MOST_KEPT:
                self._kept.clear()
            self._kept[what] = bits
        return bits

    def with_any(self, name: str, values: Iterable[str]) -> int:
        """Return the bits of the records that have at least one of these values."""
        bits = self.facets[name].bits
        found = 0
        for value in values:
            found |= bits.get(value, 0)
        return found

    def keys_with_any(self, name: str, values: Iterable[str]) -> Iterator[int]:
        """Yield the keys of the records that have at least one of these values."""
        yield from map(self.keys.__getitem__, places_of(self.with_any(name, values)))

    def with_all(self, name: str, values: Iterable[str]) -> int:
        """Return the bits of the records that have every one of these values."""
        bits = self.facets[name].bits
        found = self.everything
        for value in values:
            found &= bits.get(value, 0)
        return found

    def numbers(self, name: str, among: int) -> dict[str, int]:
        """Return how many of some records have each value."""
        bits = self.facets[name].bits.items()
        return {value: number for value, some in bits if (number := (some & among).bit_count())}

    def first(self, bits: int, most: int) -> list[int]:
        """Return the keys of the first few of some records in the default order."""
        return [self.keys[place] for place in islice(places_of(bits), most)]

    def first_of(self, keys: Iterable[int], most: int, among: int) -> list[int]:
        """Return the first few of these keys, in the default order, that are ``among`` a list."""
        return self.first(self.with_keys(keys) & among, most)

    def in_order(
        self,
        parts: list[int],
        sort: str | None = None,
        read: Callable[["Order | None", set[int]], Iterable[int]] | None = None,
    ) -> InOrder:
        """Return the keys of some records, part by part, in the default order or in another.

        ``read`` reads all keys in the order ``sort``, once. It is given that order as it was and
        the records that have changed since, if there is one.
        """
        order = self._order(sort, read) if sort is not None and read is not None else None
        return InOrder(self.keys, order, parts)

    def _order(self, sort: str, read: Callable[["Order | None", set[int]], Iterable[int]]) -> Order:
        # Orders are never removed, so an existing one can be returned.
        if sort not in self.orders:
            with self._flight.turn(sort):
                if sort not in self.orders:
                    earlier = self.earlier_orders.get(sort, (None, set[int]()))
                    keys = [key for key in read(*earlier) if key in self.places]
                    places = [self.places[key] for key in keys]
                    self.orders[sort] = Order(keys, places, len(self.keys))
        return self.orders[sort]


def places_by_key(keys: Iterable[int]) -> dict[int, int]:
    return {key: place for place, key in enumerate(keys)}


def places_of(bits: int, *, skip: int = 0) -> Iterator[int]:
    """Yield the positions of set bits, the lowest first, without the first few."""
    data = bits.to_bytes((bits.bit_length() + 7) // 8, "little")
    for run in _RUNS.finditer(data):
        some = int.from_bytes(run[0], "little")
        if skip and (number := some.bit_count()) <= skip:
            skip -= number
            continue
        first = 8 * run.start() - 1
        while some:
            lowest = some & -some
            some ^= lowest
            if skip:
                skip -= 1
            else:
                yield first + lowest.bit_length()


_ZERO_AND_ONE = bytes.maketrans(b"01", b"\x00\x01")
_DIGITS = bytes.maketrans(b"\x00\x01", b"01")


def _flags(some: int, length: int) -> bytes:
    """Return a byte for each record, 1 if its bit is set."""
    digits = format(some, f"0{length}b") if length else ""
    return digits[::-1].encode().translate(_ZERO_AND_ONE)


def _bits(length: int, places: Iterable[int]) -> int:
    flags = bytearray(length)
    for place in places:
        flags[place] = 1
    return int(flags[::-1].translate(_DIGITS) or b"0", 2)


def read_index(
    rows: Any,
    *,
    until: datetime | None,
    single: dict[str, Any],
    many: dict[str, Any],
    flags: dict[str, dict[str, Any]],
    parted: dict[str, Callable[[str], Iterable[str]]],
) -> BitmapIndex:
    """Read an index of records that passed the gate, which must be in the default order.

    One query, and one for each facet of many values. ``single`` and ``many`` map each facet to the
    pair of its value and its label; ``flags`` each value to whether a record has it; ``parted``
    maps a facet to the function that splits its values.
    """
    columns = [column for pair in single.values() for column in pair]
    columns += [has for values in flags.values() for has in values.values()]
    found = list(rows.values_list("pk", *columns))
    keys = [row[0] for row in found]
    facets = {}
    for number, name in enumerate(single):
        triples: Iterable[tuple[int | None, str, str]] = (
            (place, row[1 + 2 * number], row[2 + 2 * number]) for place, row in enumerate(found)
        )
        if name in parted:
            triples = ((place, v, label) for place, vs, label in triples for v in parted[name](vs))
        facets[name] = _values(triples, len(keys))
    column = 1 + 2 * len(single)
    for name, values in flags.items():
        facets[name] = Values()
        for value in values:
            having = (place for place, row in enumerate(found) if row[column])
            if bits := _bits(len(keys), having):
                facets[name].bits[value] = bits
            column += 1
    places = places_by_key(keys)
    for name, (value, label) in many.items():
        read = rows.order_by().values_list("pk", value, label)
        facets[name] = _values(((places.get(key), v, w) for key, v, w in read), len(keys))
    return BitmapIndex(until=until, keys=keys, facets=facets)


def _values(rows: Iterable[tuple[int | None, str, str]], length: int) -> Values:
    values = Values()
    places: dict[str, list[int]] = {}
    for place, value, label in rows:
        if value and place is not None:
            places.setdefault(value, []).append(place)
            values.labels[value] = label
    values.bits = {value: _bits(length, some) for value, some in places.items()}
    return values
