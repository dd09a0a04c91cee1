"""Deferred deletion of stored files, so that a backup of the site is complete.

A backup copies the files after the database (docs/deployment.md, Backup and restore). Every file
that a record of that moment names must still exist: no stored file is overwritten, and one
whose record is gone is only marked.
The mark is an empty file beside the others, so only what was marked is deleted, whichever database
the site is started with.
"""

import logging
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime, timedelta

from django.apps import apps
from django.core.files.base import ContentFile
from django.core.files.storage import Storage, default_storage
from django.db.models import FileField
from django.utils import timezone

logger = logging.getLogger(__name__)

FOLDER = "removed"
# How much later than the copy of the database the copy of the files may end.
GRACE = timedelta(days=1)
_SEPARATOR = "--"


def remove_later(storage: Storage, name: str) -> None:
    """Mark a file for deletion after GRACE. No URL serves it any more: each needs a record."""
    mark = _mark_of(name)
    try:
        # The mark of an upload that was killed would start the grace at that time.
        storage.delete(mark)
        storage.save(mark, ContentFile(b""))
    except OSError as error:
        # If its record is deleted already the file stays, and check_documents reports it.
        logger.error("A file could not be marked for deletion: %s.", error.strerror)


def keep(storage: Storage, name: str) -> None:
    """Remove the mark of a file, now that a record names it."""
    try:
        storage.delete(_mark_of(name))
    except OSError as error:
        # The next sweep removes it; a file that a record names is never deleted.
        logger.error("The mark of a file could not be taken away: %s.", error.strerror)


def _mark_of(name: str) -> str:
    return f"{FOLDER}/{name.replace('/', _SEPARATOR)}"


def marked(*, before: datetime | None = None) -> Iterator[str]:
    """Yield the names of marked files, or of those marked before a moment."""
    try:
        _, marks = default_storage.listdir(FOLDER)
    except FileNotFoundError:
        return
    for mark in marks:
        with suppress(FileNotFoundError):
            modified = default_storage.get_modified_time(f"{FOLDER}/{mark}")
            if before is None or modified < before:
                yield mark.replace(_SEPARATOR, "/")


def sweep() -> list[str]:
    """Delete the files marked longer ago than GRACE; return their names.

    A file that a record names again stays: the database was restored to a moment before the mark.
    """
    deleted = []
    for name in list(marked(before=timezone.now() - GRACE)):
        if not _is_named(name):
            default_storage.delete(name)
            deleted.append(name)
        keep(default_storage, name)
    return deleted


def _is_named(name: str) -> bool:
    return any(
        model._base_manager.filter(**{field.name: name}).exists()
        for model in apps.get_models()
        for field in model._meta.local_fields
        if isinstance(field, FileField)
    )
