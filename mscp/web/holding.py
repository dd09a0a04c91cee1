"""Holding of files: what arrives with a form that can take nothing is kept for whoever sent it."""

import logging
from collections.abc import Iterable
from contextlib import suppress
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.files import File
from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import SkipFile, TemporaryFileUploadHandler
from django.db import transaction
from django.http import HttpRequest, QueryDict
from django.utils.datastructures import MultiValueDict

from mscp.database import clock
from mscp.files import removal
from mscp.files.held_files import HELD, HeldFile, held_path
from mscp.records.autosave import FIELD, Autosave, AutosaveToken, keep_sent
from mscp.records.locking import lock

logger = logging.getLogger(__name__)


class HoldingHandler(TemporaryFileUploadHandler):
    """Upload handler that stores files on disk and notes the names of those that it cannot.

    A file that is too large, or for which there is no room, must not take the text along.
    """

    def __init__(self, request: HttpRequest | None = None, *, takes_files: bool = True) -> None:
        super().__init__(request)
        self.takes_files = takes_files
        self.lost: list[str] = []

    def new_file(self, field_name: str, file_name: str, *args: Any, **kwargs: Any) -> None:
        if not self.takes_files:
            self.lost.append(file_name)
            raise SkipFile
        try:
            super().new_file(field_name, file_name, *args, **kwargs)
        except OSError as error:
            self._give_up(file_name, error)

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        if start + len(raw_data) > settings.LARGEST_FILE:
            self._give_up(self.file_name or "", None)
        try:
            super().receive_data_chunk(raw_data, start)
        except OSError as error:
            self._give_up(self.file_name or "", error)

    def file_complete(self, file_size: int) -> "UploadedFile[Any] | None":
        try:
            file = super().file_complete(file_size)
        except OSError as error:
            # What is still in the buffer is written only now.
            self.lost.append(self.file_name or "")
            _log(error)
            self.drop()
            return None
        # The parser closes it if a later file is skipped.
        del self.file
        return file

    def drop(self) -> None:
        """Delete the file that is being received, if there is one."""
        if file := self.__dict__.pop("file", None):
            with suppress(OSError):
                file.close()

    def _give_up(self, file_name: str, error: OSError | None) -> None:
        if error:
            _log(error)
        self.lost.append(file_name)
        self.drop()
        raise SkipFile


def hold(user: int, upload: "UploadedFile[Any]") -> HeldFile | None:
    """Hold a file for a member of staff; None if it is empty, too large, or cannot be stored.

    The quota is enforced with the person's row locked: of two requests at once, the second counts
    the file of the first. A file without a row is deleted, now or by the next sweep.
    """
    if not upload.size or upload.size > settings.LARGEST_FILE:
        return None
    held = HeldFile(user_id=user, name=_shortened(upload.name or ""), size=upload.size)
    storage, path, mark = held.content.storage, held_path(held, ""), ""
    try:
        mark = removal.mark(storage, [path])
        upload.seek(0)
        held.content.name = storage.save(path, File(upload))
    except Exception as error:  # noqa: BLE001 - disk, or the client of S3
        _log(error)
        _drop(storage, path, mark)
        return None
    try:
        with transaction.atomic():
            account = lock(get_user_model()(pk=user))
            is_staff = account is not None and account.is_active and account.is_staff
            if is_staff:
                held.held_at = clock.now()
                held.save()
                HeldFile.objects.expired().filter(user_id=user).delete()
                for old in HeldFile.objects.beyond_quota(user):
                    old.delete()
    except BaseException:
        _drop(storage, path, mark)
        raise
    if not is_staff:
        _drop(storage, path, mark)
        return None
    with suppress(Exception):
        # The next sweep does it, and deletes nothing that has a row.
        removal.unmark(storage, mark)
    return held


def hold_sent(
    user: int, sent: QueryDict, files: "MultiValueDict[str, UploadedFile[Any]]"
) -> tuple[QueryDict, list[str]]:
    """Hold the files of a form; return its data, which names them, and the names of those lost."""
    given, lost = sent.copy(), []
    for name, uploads in files.lists():
        # Of several under one name a form takes the last.
        *others, upload = uploads
        lost += [other.name or "" for other in others]
        if held := hold(user, upload):
            given[f"{name}{HELD}"] = str(held.uid)
        else:
            lost.append(upload.name or "")
    return given, lost


def keep_with_files(
    request: HttpRequest,
    sent: QueryDict,
    files: "MultiValueDict[str, UploadedFile[Any]]",
    lost: Iterable[str] = (),
) -> Autosave | None:
    """Keep a form and its files for whoever its token names; None if it has no token of ours."""
    token = AutosaveToken.read(sent.get(FIELD))
    if token is None:
        return None
    given, also_lost = hold_sent(token.user, sent, files)
    request.POST = given  # type: ignore[assignment]
    return keep_sent(request, [*lost, *also_lost])


def close_all(files: "MultiValueDict[str, UploadedFile[Any]]") -> None:
    """Close uploads, which deletes what is still in the temporary folder."""
    for _, uploads in files.lists():
        for upload in uploads:
            with suppress(OSError):
                upload.close()


def _drop(storage: Any, path: str, mark: str) -> None:
    # Marked already: what cannot be deleted now is swept.
    with suppress(Exception):
        storage.delete(path)
        if mark:
            removal.unmark(storage, mark)


def _log(error: Exception) -> None:
    # Not its text, which may have the name of the file.
    logger.error("A file could not be held: %s.", type(error).__name__)


def _shortened(name: str) -> str:
    """Return a name as it is shown, cut in the middle to the stored length."""
    plain = "".join(letter for letter in name if letter.isprintable())
    return plain if len(plain) <= 250 else f"{plain[:240]}…{plain[-9:]}"
