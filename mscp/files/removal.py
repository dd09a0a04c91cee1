"""Deferred deletion of stored files, so that a backup of the site is complete.

A backup copies the files after the database (docs/deployment.md, Backup and restore). Every file
that a record of that moment names must still exist: no stored file is overwritten, and one
whose record is gone is only marked.
A mark is a file beside the others with the names of what it marks, so only what was marked is
deleted, whichever database the site is started with.
"""

import logging
import uuid
from collections.abc import Iterable, Iterator
from contextlib import suppress
from datetime import datetime, timedelta
from typing import NamedTuple

from django.apps import apps
from django.core.files.base import ContentFile
from django.core.files.storage import Storage, default_storage
from django.db.models import FileField
from django.utils import timezone

logger = logging.getLogger(__name__)

FOLDER = "removed"
# How much later than the copy of the database the copy of the files may end.
GRACE = timedelta(days=1)
# Of the marks of earlier releases: empty files, each called as what it marks with this for "/".
_SEPARATOR = "--"


class Mark(NamedTuple):
    path: str
    made_at: datetime
    names: list[str]


def mark(storage: Storage, names: Iterable[str]) -> str:
    """Mark files for deletion after GRACE, in one call of the storage; return the mark's name."""
    # Each name ends its line: one that was broken off while it was written is none.
    lines = "".join(f"{name}\n" for name in names)
    return storage.save(f"{FOLDER}/{uuid.uuid4().hex}", ContentFile(lines.encode()))


def remove_later(storage: Storage, *names: str) -> None:
    """Mark files for deletion after GRACE. No URL serves them any more: each needs a record."""
    if not names:
        return
    try:
        mark(storage, names)
    except OSError as error:
        # If their record is deleted already the files stay, and check_documents reports them.
        logger.error("A file could not be marked for deletion: %s.", error.strerror)


def unmark(storage: Storage, path: str) -> None:
    """Take a mark away, now that records name its files, or they are gone."""
    try:
        storage.delete(path)
    except OSError as error:
        # The next sweep removes it; a file that a record names is never deleted.
        logger.error("The mark of a file could not be taken away: %s.", error.strerror)


def _marks() -> Iterator[Mark]:
    try:
        _, found = default_storage.listdir(FOLDER)
    except FileNotFoundError:
        return
    for each in found:
        path = f"{FOLDER}/{each}"
        # It may be taken away meanwhile.
        with suppress(FileNotFoundError):
            yield Mark(path, default_storage.get_modified_time(path), _names_in(path))


def _names_in(path: str) -> list[str]:
    name = path.removeprefix(f"{FOLDER}/")
    if _SEPARATOR in name:
        return [name.replace(_SEPARATOR, "/")]
    with default_storage.open(path) as lines:
        written: bytes = lines.read()
    return written.decode().split("\n")[:-1]


def marked() -> Iterator[str]:
    """Yield the names of marked files."""
    for each in _marks():
        yield from each.names


def sweep() -> list[str]:
    """Delete the files whose latest mark was made longer ago than GRACE; return their names.

    A file that a record names again stays: the database was restored to a moment before the mark.
    """
    due = timezone.now() - GRACE
    marks = list(_marks())
    waiting = {name for each in marks if each.made_at >= due for name in each.names}
    deleted: list[str] = []
    for each in marks:
        if each.made_at >= due:
            continue
        for name in each.names:
            if name not in waiting and name not in deleted and not _is_named(name):
                default_storage.delete(name)
                deleted.append(name)
        unmark(default_storage, each.path)
    return deleted


def _is_named(name: str) -> bool:
    return any(
        model._base_manager.filter(**{field.name: name}).exists()
        for model in apps.get_models()
        for field in model._meta.local_fields
        if isinstance(field, FileField)
    )
