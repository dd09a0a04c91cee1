"""Consistency of the storage with the records: deletion, stray files, sweeping."""

import logging
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime, timedelta
from functools import partial

from django.core.files.storage import Storage, default_storage
from django.db import connections, transaction
from django.db.models.signals import post_delete, pre_delete
from django.utils import timezone

from mscp.database import clock
from mscp.files import held_files, removal
from mscp.files.held_files import HeldFile
from mscp.records.autosave import Autosave
from reviews.documents import work_folders
from reviews.models import DocumentFile, PageCorrection, PagePicture
from reviews.models.corrections import forget_pending

logger = logging.getLogger(__name__)

FOLDERS = ("documents", "covers", "pages", held_files.FOLDER)
FIELDS = ("content", "cover", "large_cover")
# How long a file may wait that is sent before its form is saved.
UNSAVED_FOR = timedelta(days=1)


def connect() -> None:
    """Connect the deletion of records to that of their stored files."""
    post_delete.connect(_delete_stored, sender=DocumentFile, dispatch_uid="delete stored files")
    # Before: the records of its pictures, which are deleted first, still have their names.
    pre_delete.connect(_delete_pictures, sender=DocumentFile, dispatch_uid="delete pictures")
    post_delete.connect(forget_pending, sender=PageCorrection, dispatch_uid="forget corrections")


def _delete_stored(sender: object, instance: DocumentFile, **kwargs: object) -> None:
    fields = [getattr(instance, name) for name in FIELDS]
    _delete_with(instance, [str(field.name) for field in fields if field.name])


def _delete_pictures(sender: object, instance: DocumentFile, **kwargs: object) -> None:
    _delete_with(instance, list(instance.pictures.values_list("content", flat=True)))


def _delete_with(instance: DocumentFile, names: list[str]) -> None:
    # What was never part of a document, perhaps an unredacted draft, is deleted at once: no
    # backup of the site needs it.
    delete = _delete if instance.document_id is None else removal.remove_later
    # A deletion that is rolled back must find its files again.
    transaction.on_commit(partial(delete, default_storage, *names))


def _delete(storage: Storage, *names: str) -> None:
    for name in names:
        storage.delete(name)


def stray_names(*, before: datetime) -> Iterator[str]:
    """Yield the stored names that no record has and that are not marked for deletion.

    Newer files than ``before`` are skipped: they may belong to an upload that is being saved.
    """
    known = set(removal.marked())
    for names in DocumentFile.objects.values_list(*FIELDS).iterator():
        known.update(names)
    known.update(PagePicture.objects.values_list("content", flat=True).iterator())
    known.update(HeldFile.objects.values_list("content", flat=True).iterator())
    for folder in FOLDERS:
        try:
            _, names = default_storage.listdir(folder)
        except FileNotFoundError:
            continue
        for name in names:
            path = f"{folder}/{name}"
            # It may be deleted meanwhile.
            with suppress(FileNotFoundError):
                if path not in known and default_storage.get_modified_time(path) < before:
                    yield path


def never_saved() -> list[DocumentFile]:
    """Return the files that were sent and whose form was never saved, nor is kept unsaved."""
    since = timezone.now() - UNSAVED_FOR
    waiting = DocumentFile.objects.filter(document=None, taken_in_at__lt=since)
    return [file for file in waiting if not Autosave.objects.naming(str(file.uid)).exists()]


def not_taken() -> list[HeldFile]:
    """Return the held files that no form took for a day, nor is one kept that names them."""
    since = clock.now() - UNSAVED_FOR
    waiting = HeldFile.objects.filter(held_at__lt=since)
    expired = {held.pk for held in HeldFile.objects.expired()}
    return [
        held
        for held in waiting
        if held.pk in expired or not Autosave.objects.naming(str(held.uid)).exists()
    ]


def sweep() -> dict[str, list[str]]:
    """Delete what is due; return the names by category.

    Folders of interrupted readings, at once; what was typed and not saved, after seven days; files
    that were sent and whose form was never saved, held ones too, after UNSAVED_FOR; what was marked
    for deletion, after its grace.
    """
    swept = {"left by a reading that was broken off": work_folders.sweep()}
    texts = Autosave.objects.expired()
    swept["typed, and not saved for seven days"] = [str(text) for text in texts]
    texts.delete()
    waiting = never_saved()
    swept["sent, but its form was never saved"] = [str(file.content) for file in waiting]
    for file in waiting:
        file.delete()
    held = not_taken()
    swept["held, but its form was never saved"] = [str(file.content) for file in held]
    for one in held:
        one.delete()
    swept["its record was deleted"] = removal.sweep()
    return swept


def sweep_at_start() -> None:
    """Sweep once the site has started, if the database is available; nothing else fails by it."""
    try:
        sweep()
    except Exception as error:  # noqa: BLE001 - database, disk or S3 client
        what = f"{type(error).__name__}: {error}".partition("\n")[0]
        logger.error("What was left behind is not swept: %s", what)
    finally:
        # Of this thread.
        connections.close_all()
