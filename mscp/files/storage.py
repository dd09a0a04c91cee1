"""Storage of uploads on the local disk."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from threading import local

from django.core.files.base import File
from django.core.files.storage import FileSystemStorage

from mscp.database.durable import sync


class _Together(local):
    is_on = False


_together = _Together()


@contextmanager
def synced_together() -> Iterator[None]:
    """Have this thread store files without waiting for the disk, and wait once at the end.

    For many files that no record names before the end.
    """
    _together.is_on = True
    try:
        yield
        os.sync()
    finally:
        _together.is_on = False


class DurableStorage(FileSystemStorage):
    """FileSystemStorage that syncs a file to disk before its name is saved in a record.

    Every name is new (``get_available_name``): a file is never overwritten.
    """

    def _save(self, name: str, content: "File[bytes]") -> str:
        saved: str = super()._save(name, content)  # type: ignore[misc]
        if _together.is_on:
            return saved
        path = self.path(saved)
        sync(path)
        sync(os.path.dirname(path))
        return saved
