"""Patched index: a bitmap index in which only the records that changed are read again.

What a save costs the next reader does not grow with the library: of ten thousand records those
that changed are read, and some two hundred keys of others, to find the places of these.
"""

from collections.abc import Callable, Collection, Iterable
from datetime import datetime
from math import isqrt
from typing import NamedTuple

from mscp.listing.bitmap_index import BitmapIndex, Values, places_by_key, places_of

# More records are read together with all others.
MOST = 50
# Keys between two that are known, up to which all of them are asked for.
FEW_BETWEEN = 400

InOrder = Callable[[Collection[int]], Iterable[int]]
"""Returns those of some keys that are in the list, in its order."""


class _Edit(NamedTuple):
    """How the places of one list become those of another."""

    gone: list[int]
    """Places of the old list, the highest first."""
    come: list[int]
    """Places of the new list, the lowest first."""

    def of(self, bits: int) -> int:
        for place in self.gone:
            bits = bits & ((1 << place) - 1) | bits >> place + 1 << place
        for place in self.come:
            bits = bits & ((1 << place) - 1) | bits >> place << place + 1
        return bits


class _Gap(NamedTuple):
    """Changed keys, in order, and the places of the known keys before and behind them.

    The places are those of the list without what changed; its ends are -1 and its length.
    """

    after: int
    before: int
    keys: list[int]


def patched(
    old: BitmapIndex,
    changed: set[int],
    *,
    until: datetime | None,
    in_order: InOrder,
    read: Callable[[set[int]], BitmapIndex],
) -> BitmapIndex:
    """Return an index in which some records are as they are now.

    ``read`` reads an index of these alone. Nothing of it may change meanwhile.
    """
    some = read(changed)
    gone = sorted(old.places[key] for key in changed if key in old.places)
    keys = placed(old.keys, gone, changed, in_order)
    places = old.places if keys == old.keys else places_by_key(keys)
    edit = _Edit(gone[::-1], sorted(places[key] for key in changed if key in places))
    new = BitmapIndex(
        until=until,
        keys=keys,
        facets={name: _with(edit.of, old.facets[name]) for name in old.facets},
        places=places,
    )
    for name, values in some.facets.items():
        for value, bits in values.bits.items():
            here = new.with_keys(some.keys[place] for place in places_of(bits))
            if here:
                facet = new.facets[name]
                facet.bits[value] = facet.bits.get(value, 0) | here
        new.facets[name].labels.update(
            (value, label) for value, label in values.labels.items() if value in values.bits
        )
    new.take_orders_of(old, changed)
    return new


def _with(edited: Callable[[int], int], old: Values) -> Values:
    """Return the values of the records that stay; a value that none of them has is gone."""
    bits = {value: left for value, some in old.bits.items() if (left := edited(some))}
    return Values({v: label for v, label in old.labels.items() if v in bits}, bits)


def placed(keys: list[int], gone: list[int], changed: set[int], in_order: InOrder) -> list[int]:
    """Return the keys of a list in which some records have changed, in its order as it is now.

    ``gone`` are the places of those that were in it, the lowest first.

    The others keep their order among each other. So a changed one is first put between two of some
    keys that are far from each other, then between two neighbours.
    """
    left = list(keys)
    for place in reversed(gone):
        del left[place]
    asked = set(range(0, len(left), isqrt(len(left)) + 1))
    # Most changes leave a record where it was, between its old neighbours.
    for number, place in enumerate(gone):
        neighbours = (place - number - 1, place - number)
        asked.update(one for one in neighbours if 0 <= one < len(left))
    before = -1
    gaps: list[_Gap] = []
    # If what is known is not in the list any more, nothing is left to ask for.
    while len(asked) > before:
        before = len(asked)
        known = {left[place]: place for place in asked}
        gaps = _gaps(in_order([*known, *changed]), known, changed, len(left))
        for gap in gaps:
            between = range(gap.after + 1, gap.before)
            asked.update(between[:: 1 if len(between) <= FEW_BETWEEN else isqrt(len(between))])
    for gap in sorted(gaps, key=lambda one: one.after, reverse=True):
        left[gap.after + 1 : gap.after + 1] = gap.keys
    return left


def _gaps(
    found: Iterable[int], known: dict[int, int], changed: set[int], length: int
) -> list[_Gap]:
    gaps = [_Gap(-1, length, [])]
    for key in found:
        if key in changed:
            gaps[-1].keys.append(key)
        else:
            gaps[-1] = gaps[-1]._replace(before=known[key])
            gaps.append(_Gap(known[key], length, []))
    return [gap for gap in gaps if gap.keys]
