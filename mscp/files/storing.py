"""Storing several files with their records: all of them, or none.

The calls of the storage are made one after the other, and it may be slow: one for each file, and
two for the mark that deletes all of them later if this process is killed before their records are
saved.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from django.core.files import File
from django.core.files.storage import default_storage
from django.db.models.fields.files import FieldFile

from mscp.files import removal


class ToStore(NamedTuple):
    field: FieldFile
    name: str
    """Drawn by chance, so it is nobody else's."""
    source: Path


@contextmanager
def storing(files: Sequence[ToStore]) -> Iterator[None]:
    """Store files, and keep them if the block, which saves their records, ends well."""
    mark = removal.mark(default_storage, [each.name for each in files])
    begun: list[str] = []
    try:
        for field, name, source in files:
            begun.append(name)
            with source.open("rb") as data:
                field.name = default_storage.save(name, File(data))
        yield
    except BaseException:
        # No file without a record may stay, nor a part of one.
        for name in begun:
            default_storage.delete(name)
        removal.unmark(default_storage, mark)
        raise
    removal.unmark(default_storage, mark)
