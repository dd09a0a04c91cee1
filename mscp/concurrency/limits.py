"""Concurrency limits: how many answers of a kind one process sends at a time, and with what.

Who comes when no place is free is asked to come again, at once: to wait would take a thread too.
"""

from threading import BoundedSemaphore

from django.db import connection
from django.http import HttpResponse
from django.utils.cache import add_never_cache_headers


class Limit:
    def __init__(self, most: int) -> None:
        self._free = BoundedSemaphore(most)

    def acquire(self) -> "Place | None":
        """Take a place, or return None where no place is free."""
        return Place(self._free) if self._free.acquire(blocking=False) else None


class Place:
    """One of the places of a limit, until it is released or forgotten."""

    def __init__(self, free: BoundedSemaphore) -> None:
        self._free: BoundedSemaphore | None = free

    def release(self) -> None:
        """Free the place; a second time changes nothing."""
        free, self._free = self._free, None
        if free:
            free.release()

    # Where something fails before the server has the answer, nobody closes it.
    __del__ = release


def release_connection() -> None:
    """Give a pooled connection to the database back before something long is sent.

    Django does so when an answer has ended, and a slow reader would keep it till then.
    """
    if getattr(connection, "pool", None) and not connection.in_atomic_block:
        connection.close()


def come_again(sentence: str, seconds: int) -> HttpResponse:
    """Ask to come again (RFC 9110, sections 10.2.3 and 15.6.4)."""
    response = HttpResponse(
        f"{sentence} Please try again in {seconds} seconds.\n",
        status=503,
        content_type="text/plain; charset=utf-8",
        headers={"Retry-After": str(seconds)},
    )
    add_never_cache_headers(response)
    return response
