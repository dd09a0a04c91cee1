"""Storage of uploads on the local disk."""

import os

from django.core.files.base import File
from django.core.files.storage import FileSystemStorage

from mscp.database.durable import sync


class DurableStorage(FileSystemStorage):
    """FileSystemStorage that syncs a file to disk before its name is saved in a record.

    Every name is new (``get_available_name``): a file is never overwritten.
    """

    def _save(self, name: str, content: "File[bytes]") -> str:
        saved: str = super()._save(name, content)  # type: ignore[misc]
        path = self.path(saved)
        sync(path)
        sync(os.path.dirname(path))
        return saved
