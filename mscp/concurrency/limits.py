"""Concurrency limits: how many responses of one kind a process sends at the same time.

When no place is free the client is asked at once to retry: to wait would occupy a thread too.
"""

from threading import BoundedSemaphore

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
