"""Records beside a list: of other kinds, which a search shows too while no facet is chosen.

Their bits stand behind those of the list's own (mscp.listing.bitmap_index), so that what would be
found is counted with them.
"""

from collections.abc import Sequence
from functools import cached_property

from mscp.search.index import WordIndex, every_key_of, find, find_each
from mscp.search.query import Clause, Query


class Beside:
    def __init__(self, indexes: Sequence[WordIndex], *, behind: int) -> None:
        """Bits begin ``behind`` so many of the list itself."""
        self._indexes = indexes
        self._behind = behind

    def __bool__(self) -> bool:
        return bool(self._indexes)

    @cached_property
    def _places(self) -> list[dict[int, int]]:
        """Return for each index the place of each published record."""
        places, place = [], self._behind
        for keys in every_key_of(*self._indexes) if self._indexes else ():
            places.append({key: place + number for number, key in enumerate(keys)})
            place += len(keys)
        return places

    @property
    def everything(self) -> int:
        return sum(1 << place for of_index in self._places for place in of_index.values())

    def find(self, query: Query) -> int:
        """Return the bits of those that match a query, which must want something."""
        return self._bits(find(query, *self._indexes)) if self._indexes and query.wanted else 0

    def find_each(self, clauses: Sequence[Clause], of: WordIndex) -> list[tuple[list[int], int]]:
        """Return for each clause the keys of the list's own index and the bits of the others."""
        found = find_each(clauses, of, *self._indexes)
        return [(own, self._bits(others)) for own, *others in found]

    def _bits(self, found: list[list[int]]) -> int:
        places = (
            of_index[key]
            for of_index, keys in zip(self._places, found, strict=True)
            for key in keys
            if key in of_index
        )
        return sum(1 << place for place in places)
