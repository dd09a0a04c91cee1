"""Threads of a test: started together, taking turns as often as they can."""

import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from threading import Barrier
from typing import Any

from django.db import connections


@contextmanager
def short_turns() -> Iterator[None]:
    """Have the interpreter change threads every microsecond, so that they meet inside functions."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        yield
    finally:
        sys.setswitchinterval(before)


def in_threads(number: int, run: Callable[[int], Any]) -> list[Any]:
    """Call ``run`` with the numbers from 0 on, each in a thread, all at once; return the results.

    Raises the first exception of any of them.
    """
    together = Barrier(number)

    def one(place: int) -> Any:
        try:
            together.wait(timeout=20)
            return run(place)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(number) as pool, short_turns():
        futures = [pool.submit(one, place) for place in range(number)]
        return [future.result(timeout=60) for future in futures]
