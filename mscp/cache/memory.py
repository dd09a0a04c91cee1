"""Page memory: pages of one process, bounded in bytes, with LRU eviction.

A segmented LRU (Karedla, Love and Wherry, 1994): a page requested once is on probation, and only
one requested again is protected. So a crawler that requests each URL once evicts only its own
pages.
"""

from collections import OrderedDict
from threading import Lock
from typing import Protocol

from mscp.cache.versions import Version

# The protected share of a shelf's bytes.
PROTECTED = 0.8
LARGEST = 0.125


class Sized(Protocol):
    @property
    def size(self) -> int: ...


class Shelf:
    """A segmented LRU of pages. Not safe for threads."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._probation: OrderedDict[bytes, tuple[Sized, int]] = OrderedDict()
        self._protected: OrderedDict[bytes, tuple[Sized, int]] = OrderedDict()
        self.bytes = 0
        self._protected_bytes = 0

    def get(self, key: bytes) -> Sized | None:
        if key in self._protected:
            self._protected.move_to_end(key)
            return self._protected[key][0]
        if key not in self._probation:
            return None
        page, size = self._probation.pop(key)
        self._protected[key] = page, size
        self._protected_bytes += size
        while self._protected_bytes > self._most * PROTECTED:
            # On probation again, the last to be evicted from there.
            other, entry = self._protected.popitem(last=False)
            self._protected_bytes -= entry[1]
            self._probation[other] = entry
        return page

    def put(self, key: bytes, page: Sized) -> None:
        """Store a page, or one that has grown."""
        size = page.size
        is_protected = key in self._protected
        self.remove(key)
        if size > self._most * LARGEST:
            return
        segment = self._protected if is_protected else self._probation
        segment[key] = page, size
        self.bytes += size
        self._protected_bytes += size * is_protected
        while self.bytes > self._most:
            oldest = next(iter(self._probation or self._protected))
            self.remove(oldest)

    def remove(self, key: bytes) -> None:
        for segment in (self._probation, self._protected):
            if entry := segment.pop(key, None):
                self.bytes -= entry[1]
                self._protected_bytes -= entry[1] * (segment is self._protected)

    def __len__(self) -> int:
        return len(self._probation) + len(self._protected)


class PageMemory:
    """The pages of one content version.

    Half of the room is for URLs without a query: they are no more than public records. Queries are
    unlimited, and only ever evict one another.
    """

    def __init__(self) -> None:
        self._lock = Lock()
        self._version: Version = ()
        self._most = 0
        self._shelves = self._empty()

    def _empty(self) -> tuple[Shelf, Shelf]:
        return Shelf(self._most // 2), Shelf(self._most - self._most // 2)

    def get(self, version: Version, key: bytes, *, queried: bool, most: int) -> Sized | None:
        """Return a page of this version; drop those of every other."""
        with self._lock:
            if (version, most) != (self._version, self._most):
                self._version, self._most = version, most
                self._shelves = self._empty()
            return self._shelves[queried].get(key)

    def put(self, version: Version, key: bytes, page: Sized, *, queried: bool) -> None:
        """Store a page, unless another version has been requested since."""
        with self._lock:
            if version == self._version:
                self._shelves[queried].put(key, page)

    def remove(self, version: Version, key: bytes, *, queried: bool) -> None:
        with self._lock:
            if version == self._version:
                self._shelves[queried].remove(key)

    def clear(self) -> None:
        with self._lock:
            self._version, self._shelves = (), self._empty()

    @property
    def bytes(self) -> int:
        return sum(shelf.bytes for shelf in self._shelves)

    def __len__(self) -> int:
        return sum(map(len, self._shelves))
