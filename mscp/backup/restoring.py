"""Restoring a backup: all of it is verified before anything of the site is touched."""

from pathlib import Path
from typing import NamedTuple

from django.core.files import File
from django.core.files.storage import default_storage
from django.db import connection
from django.db.migrations.loader import MigrationLoader

from mscp.backup import databases, encryption
from mscp.backup.errors import BackupError, BrokenOffError
from mscp.backup.making import Tell, backups, database_of, manifest_of, place_of
from mscp.backup.manifest import Manifest, Part
from mscp.backup.targets import Target
from mscp.database.durable import synced_together

MOST_NAMED = 3


class Chosen(NamedTuple):
    target: Target
    backup: str
    manifest: Manifest


def choose(target: Target, backup: str, work: Path) -> Chosen:
    """Return a backup by its name, or the latest. Raises BackupError if there is none."""
    every = backups(target)
    if not every:
        raise BackupError("There is no whole backup at that place.")
    if backup and backup not in every:
        raise BackupError(f"There is no backup {backup}. The latest is {every[-1]}.")
    chosen = backup or every[-1]
    return Chosen(target, chosen, manifest_of(target, chosen, work))


def refuse_other_release(manifest: Manifest) -> None:
    """Raise BackupError if this site cannot take the database of a backup."""
    if manifest.vendor != connection.vendor:
        names = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}
        raise BackupError(
            f"The backup is of {names.get(manifest.vendor, manifest.vendor)}, "
            f"and DATABASE_URL is {names[connection.vendor]}."
        )
    graph = MigrationLoader(None).graph
    known = {f"{app}.{name}" for app, name in graph.nodes}
    ours = {name.partition(".")[0] for name in known}
    newer = [
        name for name in manifest.migrations if name not in known and name.partition(".")[0] in ours
    ]
    if newer:
        more = f" and {len(newer) - MOST_NAMED} more" if len(newer) > MOST_NAMED else ""
        raise BackupError(
            "The backup is of a newer release than this one, which does not know "
            f"{', '.join(newer[:MOST_NAMED])}{more}. Install that release first."
        )


def refuse_to_overwrite() -> None:
    """Raise BackupError unless the database is empty."""
    if not databases.is_empty():
        raise BackupError(
            "The database is not empty. Make a backup of it, stop the site, and say --overwrite: "
            "all that is in it will be replaced."
        )


def verify(chosen: Chosen, work: Path, identity: str, tell: Tell) -> Path:
    """Read every part of a backup; return the copy of its database, in the clear.

    Raises BackupError that names what is missing or not what it was.
    """
    target, backup, manifest = chosen
    database = work / "site"
    _fetch(target, database_of(backup, manifest), manifest.database, database, work, identity)
    databases.verify(database, manifest.vendor)
    there = {place_of(part, encrypted=manifest.encrypted): part for part in manifest.files.values()}
    bad = []
    for place, part in there.items():
        try:
            _fetch(target, place, part, work / "one", work, identity)
        except BackupError as error:
            bad.append(str(error))
    if bad:
        more = f" And {len(bad) - MOST_NAMED:,} more." if len(bad) > MOST_NAMED else ""
        raise BackupError(f"The backup is not whole. {' '.join(bad[:MOST_NAMED])}{more}")
    tell(f"Verified: the database and {len(there):,} files.")
    return database


def restore(chosen: Chosen, database: Path, work: Path, identity: str, tell: Tell) -> None:
    """Put files and database in their places: the files first, which nothing names before.

    Raises BackupError before anything was changed, BrokenOffError afterwards.
    """
    databases.refuse_in_use()
    touched: list[str] = []
    try:
        with synced_together():
            _restore_files(chosen, work, identity, touched)
        tell(
            f"Files: {len(touched):,} written, {len(chosen.manifest.files) - len(touched):,} there."
        )
        databases.replace(database)
    except (BackupError, OSError) as error:
        if not touched:
            raise
        raise BrokenOffError(
            f"{_sentence(error)} The database is as it was. Of the files {len(touched):,} were "
            "written. Run the same command again."
        ) from error
    tell("Database: replaced.")


def _restore_files(chosen: Chosen, work: Path, identity: str, touched: list[str]) -> None:
    """Put the files in their places, and add the name of each that is not left as it was."""
    target, _, manifest = chosen
    for name, part in manifest.files.items():
        if _has(name, part):
            continue
        place = place_of(part, encrypted=manifest.encrypted)
        _fetch(target, place, part, work / "one", work, identity)
        touched.append(name)
        # Not what it was: damaged, which is why it is restored.
        default_storage.delete(name)
        with (work / "one").open("rb") as content:
            saved = default_storage.save(name, File(content))
        if saved != name:
            raise BackupError(f"The storage gave {name} another name.")


def _sentence(error: BackupError | OSError) -> str:
    if isinstance(error, OSError):
        return f"The backup was not restored: {error.strerror or error}."
    return str(error)


def _fetch(target: Target, name: str, part: Part, to: Path, work: Path, identity: str) -> None:
    """Write a part of a backup to a path, in the clear. Raises BackupError if it is another."""
    to.unlink(missing_ok=True)
    if name.endswith(encryption.SUFFIX):
        packed = work / "packed"
        target.get(name, packed)
        encryption.decrypt(packed, to, identity)
    else:
        target.get(name, to)
    if encryption.part_of(to) != part:
        raise BackupError(f"{name} is not what it was when the backup was made.")


def _has(name: str, part: Part) -> bool:
    """Return whether the storage has a file with this content under this name."""
    try:
        with default_storage.open(name) as stored:
            sizes = stored.size == part.size
            return sizes and encryption.hash_of(stored.chunks()) == part
    except FileNotFoundError:
        return False
