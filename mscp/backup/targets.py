"""Targets of backups: a folder, or a bucket of S3.

A folder gets a file by renaming it, a bucket in one request. What was put into a folder outlives a
power cut only once it is settled: waiting for the disk after each file takes ten times as long as
writing it.
"""

import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol

from django.conf import settings
from django.utils.module_loading import import_string

from mscp.backup.errors import BackupError

SCHEME = "s3://"
# Nobody but the account that runs the command may read what is in a backup.
PRIVATE = 0o700
# Folders of the site, by the setting that names each, in which no backup may stand.
_NO_PLACE = {
    "MEDIA_ROOT": "A backup among the site's files would be part of the next one.",
    "STATIC_ROOT": "A backup among the static files would be sent to whoever asks for it.",
    "FILE_UPLOAD_TEMP_DIR": "A backup among the site's temporary files is cleared away.",
}


class Target(Protocol):
    def refuse_places_of_the_site(self) -> None:
        """Raise BackupError where the site itself would copy, show or clear what is put here."""

    def folders(self) -> set[str]:
        """Return the names of the folders at the root of the target."""

    def names(self, folder: str) -> set[str]:
        """Return the names of the files under a folder, each from the root of the target."""

    def put(self, path: Path, name: str) -> None:
        """Take over a local file. It may be gone afterwards."""

    def settle(self) -> None:
        """Return once all that was put is on the disk."""

    def get(self, name: str, path: Path) -> None:
        """Copy a file to a local path. Raises BackupError if there is none."""

    def delete(self, name: str) -> None: ...

    def work(self) -> Any:
        """Return a context with a folder for files that are put here, and nobody else working."""


def target_of(place: str) -> Target:
    """Return the target of a path or of ``s3://bucket/prefix``."""
    if place.startswith(SCHEME):
        bucket, _, prefix = place.removeprefix(SCHEME).partition("/")
        if not bucket:
            raise BackupError("Name a bucket: s3://bucket/prefix.")
        return Bucket(bucket, prefix.strip("/"))
    return Folder(Path(place).expanduser().resolve())


class Folder:
    def __init__(self, root: Path) -> None:
        self.root = root

    def refuse_places_of_the_site(self) -> None:
        for setting, sentence in _NO_PLACE.items():
            if self.root.resolve().is_relative_to(Path(getattr(settings, setting)).resolve()):
                raise BackupError(f"{sentence} Name another folder than {self.root}.")

    def folders(self) -> set[str]:
        return {path.name for path in self.root.glob("*/")}

    def names(self, folder: str) -> set[str]:
        start = self.root / folder
        return {
            path.relative_to(self.root).as_posix() for path in start.rglob("*") if path.is_file()
        }

    def put(self, path: Path, name: str) -> None:
        place = self.root / name
        place.parent.mkdir(mode=PRIVATE, parents=True, exist_ok=True)
        os.replace(path, place)

    def settle(self) -> None:
        os.sync()

    def get(self, name: str, path: Path) -> None:
        try:
            shutil.copyfile(self.root / name, path)
        except FileNotFoundError as error:
            raise BackupError(f"{name} is missing from the backup.") from error

    def delete(self, name: str) -> None:
        path = self.root / name
        path.unlink(missing_ok=True)
        # The folder of a backup, or of hashes that begin alike, goes with its last file.
        if path.parent != self.root and not any(path.parent.iterdir()):
            path.parent.rmdir()

    @contextmanager
    def work(self) -> Iterator[Path]:
        """Yield a folder on the disk of the backups. Raises BackupError if another one works."""
        self.root.mkdir(mode=PRIVATE, parents=True, exist_ok=True)
        lock = os.open(self.root, os.O_RDONLY)
        try:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                raise BackupError("Another backup is being made there.") from error
            # What a backup that was killed left.
            for left in self.root.glob(".work-*"):
                shutil.rmtree(left)
            with tempfile.TemporaryDirectory(prefix=".work-", dir=self.root) as folder:
                yield Path(folder)
        finally:
            os.close(lock)


class Bucket:
    """A bucket, found and opened as that of the uploads: AWS_…, S3_ENDPOINT_URL, S3_REGION."""

    def __init__(self, bucket: str, prefix: str) -> None:
        try:
            storage = import_string("storages.backends.s3.S3Storage")
        except ImportError as error:
            raise BackupError(
                "A bucket needs django-storages: pip install --require-hashes "
                "-r requirements-s3.txt"
            ) from error
        self.bucket = storage(
            bucket_name=bucket,
            endpoint_url=settings.S3_ENDPOINT_URL or None,
            region_name=settings.S3_REGION or None,
        ).bucket
        self.prefix = f"{prefix}/" if prefix else ""

    def refuse_places_of_the_site(self) -> None:
        if self.bucket.name == settings.S3_BUCKET:
            raise BackupError(
                "A backup in the bucket of the site's files would be part of the next one. "
                "Name another bucket."
            )

    def folders(self) -> set[str]:
        with self._answering():
            pages = self.bucket.meta.client.get_paginator("list_objects_v2").paginate(
                Bucket=self.bucket.name, Prefix=self.prefix, Delimiter="/"
            )
            found = [one["Prefix"] for page in pages for one in page.get("CommonPrefixes", [])]
        return {name.removeprefix(self.prefix).rstrip("/") for name in found}

    def names(self, folder: str) -> set[str]:
        with self._answering():
            found = list(self.bucket.objects.filter(Prefix=f"{self.prefix}{folder}/"))
        return {one.key.removeprefix(self.prefix) for one in found}

    def put(self, path: Path, name: str) -> None:
        with self._answering():
            self.bucket.upload_file(str(path), self.prefix + name)
        path.unlink()

    def settle(self) -> None:
        """Do nothing: a bucket has what it has confirmed."""

    def get(self, name: str, path: Path) -> None:
        with self._answering(missing=f"{name} is missing from the backup."):
            self.bucket.download_file(self.prefix + name, str(path))

    def delete(self, name: str) -> None:
        with self._answering():
            self.bucket.Object(self.prefix + name).delete()

    @contextmanager
    def _answering(self, *, missing: str = "") -> Iterator[None]:
        """Raise BackupError for what the bucket, or its client, says is wrong."""
        from boto3.exceptions import Boto3Error
        from botocore.exceptions import BotoCoreError, ClientError

        try:
            yield
        except (Boto3Error, BotoCoreError, ClientError) as error:
            answered = getattr(error, "response", {}).get("Error", {}).get("Code", "")
            if missing and answered in ("404", "NoSuchKey"):
                raise BackupError(missing) from error
            raise BackupError(
                f"The bucket {self.bucket.name} does not answer as it should "
                f"({answered or type(error).__name__}). Look at its name, its keys (AWS_…), "
                "S3_ENDPOINT_URL and S3_REGION."
            ) from error

    @contextmanager
    def work(self) -> Iterator[Path]:
        with tempfile.TemporaryDirectory(dir=settings.FILE_UPLOAD_TEMP_DIR) as folder:
            yield Path(folder)
