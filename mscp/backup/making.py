"""Making a backup: the database first, then every stored file that the target does not have.

No stored file is ever overwritten, and one whose record is deleted stays for a day
(mscp.files.removal): so whatever the copy of the database names can still be copied after it.
"""

import re
from collections.abc import Callable, Iterator
from datetime import UTC
from pathlib import Path

from django.core.files.storage import Storage, default_storage
from django.db import connection

from mscp.backup import databases, encryption
from mscp.backup.errors import BackupError
from mscp.backup.manifest import MOMENT, NAME, Manifest, Part
from mscp.backup.targets import Target
from mscp.database import clock

FILES = "files"
DATABASE = "database"
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d{6}Z")

Tell = Callable[[str], None]


def backups(target: Target) -> list[str]:
    """Return the names of the whole backups of a target, oldest first."""
    return sorted(
        folder
        for folder in target.folders()
        if _MOMENT.fullmatch(folder) and f"{folder}/{NAME}" in target.names(folder)
    )


def manifest_of(target: Target, backup: str, work: Path) -> Manifest:
    path = work / NAME
    target.get(f"{backup}/{NAME}", path)
    return Manifest.read(path)


def make(target: Target, *, recipient: str = "", tell: Tell = lambda _: None) -> Manifest:
    """Make a backup while the site is in use.

    Raises BackupError or OSError; what is broken off is no backup.
    """
    target.refuse_places_of_the_site()
    with target.work() as work:
        known = _known_files(target, work)
        made_at = clock.now().astimezone(UTC)
        backup = made_at.strftime(MOMENT)
        if f"{backup}/{NAME}" in target.names(backup):
            raise BackupError("A backup of this second is there already.")
        copy, packed = work / DATABASE, work / "packed"
        copied = databases.copy(copy)
        part = encryption.write(encryption.chunks_of(copy), packed, recipient)
        copy.unlink()
        target.put(packed, f"{backup}/{DATABASE}{_suffix(recipient)}")
        tell(f"Database: {part.size:,} bytes.")
        files, added = _copy_files(target, known, packed, recipient)
        tell(f"Files: {len(files):,}, {added:,} of them new.")
        manifest = Manifest(
            made_at=made_at,
            vendor=connection.vendor,
            migrations=copied.migrations,
            database=part,
            encrypted=bool(recipient),
            files=files,
            missing=sorted(copied.files.difference(files)),
        )
        manifest.write(work / NAME)
        # Whoever has a manifest has all that it names, whenever the power is cut.
        target.settle()
        target.put(work / NAME, f"{backup}/{NAME}")
        target.settle()
        return manifest


def _known_files(target: Target, work: Path) -> dict[str, Part]:
    """Return the files of the latest backup, by name: a name always has the same content."""
    latest = backups(target)[-1:]
    return manifest_of(target, latest[0], work).files if latest else {}


def _copy_files(
    target: Target, known: dict[str, Part], packed: Path, recipient: str
) -> tuple[dict[str, Part], int]:
    """Copy what the target lacks; return all files by name, and how many were copied.

    Of the files there only those are trusted that the latest backup names: another may be half
    written, by one that was broken off.
    """
    named = {place_of(part, encrypted=bool(recipient)) for part in known.values()}
    there, found, added = target.names(FILES) & named, {}, 0
    for name in _stored(default_storage):
        part = known.get(name)
        if part is None or place_of(part, encrypted=bool(recipient)) not in there:
            try:
                with default_storage.open(name) as content:
                    part = encryption.write(content.chunks(), packed, recipient)
            except FileNotFoundError:
                # Deleted since the list was made: it was part of no document.
                continue
            place = place_of(part, encrypted=bool(recipient))
            if place not in there:
                target.put(packed, place)
                there.add(place)
                added += 1
        found[name] = part
    return found, added


def place_of(part: Part, *, encrypted: bool) -> str:
    """Return the name of a file in the target, by the hash of its content."""
    return f"{FILES}/{part.sha256[:2]}/{part.sha256}{_suffix(encrypted)}"


def _suffix(encrypted: object) -> str:
    return encryption.SUFFIX if encrypted else ""


def database_of(backup: str, manifest: Manifest) -> str:
    return f"{backup}/{DATABASE}{_suffix(manifest.encrypted)}"


def _stored(storage: Storage, folder: str = "") -> Iterator[str]:
    try:
        folders, names = storage.listdir(folder)
    except FileNotFoundError:
        return
    for name in names:
        yield f"{folder}/{name}" if folder else name
    for each in folders:
        yield from _stored(storage, f"{folder}/{each}" if folder else each)


def prune(target: Target, *, keep: int) -> int:
    """Delete all but the latest backups, and the files that none of these has; return how many."""
    every = backups(target)
    old, kept = every[:-keep], every[-keep:]
    with target.work() as work:
        needed = set()
        for backup in kept:
            manifest = manifest_of(target, backup, work)
            for part in manifest.files.values():
                needed.add(place_of(part, encrypted=manifest.encrypted))
        for backup in old:
            # The manifest first: what is left of a broken deletion is no backup.
            for name in sorted(target.names(backup), key=lambda name: not name.endswith(NAME)):
                target.delete(name)
        for name in target.names(FILES) - needed:
            target.delete(name)
    return len(old)
