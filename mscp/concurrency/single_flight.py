"""Single flight: of threads that miss the same value at once, one reads it and the others wait.

The name is that of Go's golang.org/x/sync/singleflight.
"""

import threading
from collections.abc import Hashable, Iterator
from contextlib import contextmanager


class _OfThread(threading.local):
    turns = 0
    """How many turns this thread holds, over all keys."""


_own = _OfThread()


class SingleFlight:
    """A lock for each key. Locks are never removed, so the keys must be few."""

    def __init__(self) -> None:
        self._locks: dict[Hashable, threading.Lock] = {}

    @contextmanager
    def turn(self, key: Hashable) -> Iterator[None]:
        """Wait until no other thread reads this key; then check again whether it is still missing.

        A thread that already holds a turn never waits, whatever the key: it reads for itself. So no
        two threads wait for each other, however their reads nest.
        """
        lock = self._locks.setdefault(key, threading.Lock())
        acquired = lock.acquire(blocking=not _own.turns)
        _own.turns += 1
        try:
            yield
        finally:
            _own.turns -= 1
            if acquired:
                lock.release()
