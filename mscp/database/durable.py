"""Durability: what was written is on the disk before anybody is told so."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import local


class _Together(local):
    is_on = False


_together = _Together()


@contextmanager
def synced_together() -> Iterator[None]:
    """Have this thread write without waiting for the disk, and wait once at the end (sync(2)).

    For many files that no record names before the end.
    """
    _together.is_on = True
    try:
        yield
        os.sync()
    finally:
        _together.is_on = False


def sync(path: Path | str) -> None:
    """Write a file, or the names in a folder, through to the disk (fsync(2))."""
    if _together.is_on:
        return
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
