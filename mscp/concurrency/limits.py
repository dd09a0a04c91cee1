"""Concurrency limits: how many responses of one kind a process sends at the same time.

When no place is free the client is asked at once to retry: to wait would occupy a thread too.
"""

from math import inf
from threading import BoundedSemaphore, Lock
from time import monotonic
from typing import Self

from django.db import connection
from django.http import HttpResponse
from django.utils.cache import add_never_cache_headers


class Limit:
    def __init__(self, most: int) -> None:
        self._free = BoundedSemaphore(most)

    def acquire(self) -> "Place | None":
        """Take a place, or return None if none is free."""
        return Place(self._free) if self._free.acquire(blocking=False) else None


class Place:
    """One of the places of a limit, until it is released or forgotten."""

    def __init__(self, free: BoundedSemaphore) -> None:
        self._free: BoundedSemaphore | None = free

    def release(self) -> None:
        """Free the place; a second call does nothing."""
        free, self._free = self._free, None
        if free:
            free.release()

    # If something fails before the server has the response, close() is never called.
    __del__ = release


class Outside:
    """A limit of how many threads wait for something outside this process, once that is slow.

    While it is quick nobody is refused: many short calls at once, as of the pictures of one page,
    occupy threads for milliseconds. Once a call takes longer than ``slow`` seconds, some threads
    are kept free for ``strict`` seconds: whatever does not need it is then answered as before.
    """

    def __init__(self, most: int, *, slow: float = 2, strict: float = 60) -> None:
        self._most, self._slow, self._strict = most, slow, strict
        self._lock = Lock()
        # By their identity, so that a forgotten call ends too.
        self._calls: dict[int, float] = {}
        self._strict_until = -inf

    def acquire(self) -> "Call | None":
        """Begin a call, or return None if it is slow and enough threads wait for it already."""
        with self._lock:
            if len(self._calls) >= self._most and self._is_slow():
                return None
            call = Call(self)
            self._calls[id(call)] = monotonic()
            return call

    def _is_slow(self) -> bool:
        now = monotonic()
        # A copy, since calls end without the lock.
        oldest = min(list(self._calls.values()), default=inf)
        return now < self._strict_until or now - oldest > self._slow

    def _answered(self, call: "Call") -> None:
        with self._lock:
            now = monotonic()
            if now - self._calls.get(id(call), inf) > self._slow:
                self._strict_until = now + self._strict
            if id(call) in self._calls:
                # What follows takes as long as the reader of the response does.
                self._calls[id(call)] = inf

    def _ended(self, call: "Call") -> None:
        # One step, and without the lock: the garbage collector may call it at any moment.
        self._calls.pop(id(call), None)


class Call:
    """A call of something outside, until it is released. Within ``with`` it is being answered."""

    def __init__(self, of: Outside) -> None:
        self._of: Outside | None = of
        self._is_kept = False

    def keep(self) -> Self:
        """Hold the place beyond the block, as long as what was called is still read from."""
        self._is_kept = True
        return self

    def release(self) -> None:
        """Free the place; a second call does nothing."""
        of, self._of = self._of, None
        if of:
            of._ended(self)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        if self._of:
            self._of._answered(self)
        if error[0] or not self._is_kept:
            self.release()

    # If something fails before the server has the response, close() is never called.
    __del__ = release


def release_connection() -> None:
    """Return a pooled database connection to its pool before a long response is sent.

    Django does so when the response ends, and a slow reader would keep it until then.
    """
    if getattr(connection, "pool", None) and not connection.in_atomic_block:
        connection.close()


def come_again(sentence: str, seconds: int) -> HttpResponse:
    """Return 503 with Retry-After (RFC 9110, sections 10.2.3 and 15.6.4)."""
    response = HttpResponse(
        f"{sentence} Please try again in {seconds} seconds.\n",
        status=503,
        content_type="text/plain; charset=utf-8",
        headers={"Retry-After": str(seconds)},
    )
    add_never_cache_headers(response)
    return response
