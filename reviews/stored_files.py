"""What lies in the storage, beside what the records say: they must tell the same."""

import tempfile
from collections.abc import Iterable, Iterator
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from django.core.files.storage import Storage, default_storage
from django.db import transaction
from django.db.models.signals import post_delete
from django.utils import timezone

from reviews.intake import WORK_FOLDER
from reviews.models import DocumentFile

FOLDERS = ("documents", "covers")
FIELDS = ("content", "cover", "large_cover")
# A file that is sent before its form is saved may wait so long.
UNSAVED_FOR = timedelta(days=1)


def connect() -> None:
    """See to it that what is deleted from the records is deleted from the storage."""
    post_delete.connect(_delete_stored, sender=DocumentFile, dispatch_uid="delete stored files")


def _delete_stored(sender: Any, instance: DocumentFile, **kwargs: Any) -> None:
    fields = [getattr(instance, name) for name in FIELDS]
    stored = [(field.storage, field.name) for field in fields if field.name]
    # A deletion that is rolled back must find its files again.
    transaction.on_commit(lambda: _delete(stored))


def _delete(stored: Iterable[tuple[Storage, str]]) -> None:
    for storage, name in stored:
        storage.delete(name)


def stray_names(*, before: datetime) -> Iterator[str]:
    """Yield the names in the storage that no record knows, but for what is being written now."""
    known: set[str] = set()
    for names in DocumentFile.objects.values_list(*FIELDS).iterator():
        known.update(names)
    for folder in FOLDERS:
        try:
            _, names = default_storage.listdir(folder)
        except FileNotFoundError:
            continue
        for name in names:
            path = f"{folder}/{name}"
            # It may go while this looks.
            with suppress(FileNotFoundError):
                if path not in known and default_storage.get_modified_time(path) < before:
                    yield path


def left_folders(*, before: datetime) -> Iterator[Path]:
    """Yield the folders that readings of a server which was killed left behind."""
    for folder in Path(tempfile.gettempdir()).glob(f"{WORK_FOLDER}*"):
        with suppress(OSError):
            if folder.is_dir() and folder.stat().st_mtime < before.timestamp():
                yield folder


def never_saved() -> Any:
    """Return the files that were sent but whose form nobody saved."""
    return DocumentFile.objects.filter(document=None, taken_in_at__lt=timezone.now() - UNSAVED_FOR)
