"""Copies of the database while it is in use, each of one moment, and the way back.

SQLite: its online backup API. PostgreSQL: ``pg_dump`` and ``pg_restore``, which must not be older
than the server (PostgreSQL documentation, 26.1).
"""

import logging
import os
import shutil
import sqlite3
import subprocess
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any, NamedTuple

from django.apps import apps
from django.db import OperationalError, connection, transaction
from django.db.models import FileField
from psycopg.conninfo import make_conninfo

from mscp.backup.errors import BackupError
from mscp.database.durable import sync

logger = logging.getLogger(__name__)

# How long a restore waits for others to leave the tables that it replaces, in milliseconds.
MOST_WAIT = 5_000
IN_USE = "The database is in use. Stop the site first."
# Options of a connection that libpq knows; the others are Django's own.
_OF_LIBPQ = ("ssl", "gss", "krb", "service", "passfile", "channel_binding", "target_session")


Select = Callable[[str], list[Any]]


class Copied(NamedTuple):
    """What a copy of the database says: each is of the same moment as the copy itself."""

    files: set[str]
    """Names of stored files that its records give."""
    migrations: list[str]
    """Migrations that it records, as ``app.name``."""


def copy(path: Path) -> Copied:
    """Copy the database to a path while it is in use. Raises BackupError."""
    if connection.vendor == "sqlite":
        connection.ensure_connection()
        with closing(sqlite3.connect(path, isolation_level=None)) as copied:
            connection.connection.backup(copied)
            # One file, without a log beside it.
            copied.execute("PRAGMA journal_mode=DELETE")
            _verify_sqlite(copied)
            return _said_by(lambda query: copied.execute(query).fetchall())
    # One snapshot for the dump and for the names (PostgreSQL documentation, 9.28.5).
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        cursor.execute("SELECT pg_export_snapshot()")
        (snapshot,) = cursor.fetchone()
        _run(
            "pg_dump",
            *("--format=custom", "--compress=1", f"--snapshot={snapshot}"),
            *(f"--file={path}", f"--dbname={_address()}"),
        )

        def select(query: str) -> list[Any]:
            cursor.execute(query)
            return list(cursor.fetchall())

        return _said_by(select)


def _verify_sqlite(copied: sqlite3.Connection) -> None:
    """Raise BackupError if the pages of a database file do not fit each other."""
    try:
        found = copied.execute("PRAGMA quick_check(1)").fetchall()
    except sqlite3.DatabaseError as error:
        found = [(str(error),)]
    if found != [("ok",)]:
        raise BackupError(f"The database is damaged: {found[0][0]}")


def verify(path: Path, vendor: str) -> None:
    """Raise BackupError if a copy cannot be read as a database."""
    if vendor == "sqlite":
        with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as copied:
            _verify_sqlite(copied)
    else:
        _run("pg_restore", "--list", str(path))


def is_empty() -> bool:
    return not connection.introspection.table_names()


def refuse_in_use() -> None:
    """Raise BackupError if somebody else has the database in use, and change nothing."""
    connection.close()
    if connection.vendor == "sqlite":
        _refuse_sqlite_in_use(Path(connection.settings_dict["NAME"]))
        return
    tables = ", ".join(connection.ops.quote_name(name) for name in _tables())
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"SET LOCAL lock_timeout = {MOST_WAIT}")
            if tables:
                cursor.execute(f"LOCK TABLE {tables} IN ACCESS EXCLUSIVE MODE")
    except OperationalError as error:
        raise BackupError(IN_USE) from error
    finally:
        connection.close()


def _tables() -> list[str]:
    # Views have no lock of their own.
    with connection.cursor() as cursor:
        listed = connection.introspection.get_table_list(cursor)
    return [table.name for table in listed if table.type == "t"]


def replace(path: Path) -> None:
    """Put a copy in the place of the database, all at once. Raises BackupError if it is in use."""
    if connection.vendor == "sqlite":
        _replace_sqlite(path, Path(connection.settings_dict["NAME"]))
    else:
        _replace_postgresql(path)


def _replace_sqlite(path: Path, place: Path) -> None:
    connection.close()
    _refuse_sqlite_in_use(place)
    beside = place.with_name(f"{place.name}.restored")
    shutil.copyfile(path, beside)
    sync(beside)
    for left in ("-wal", "-shm", "-journal"):
        place.with_name(place.name + left).unlink(missing_ok=True)
    os.replace(beside, place)


def _refuse_sqlite_in_use(place: Path) -> None:
    if not place.exists():
        return
    with closing(sqlite3.connect(place, timeout=1)) as old:
        try:
            # Leaving the write-ahead log needs to be alone (https://sqlite.org/wal.html).
            old.execute("PRAGMA journal_mode=DELETE")
            old.execute("BEGIN EXCLUSIVE")
        except sqlite3.OperationalError as error:
            raise BackupError(IN_USE) from error
        except sqlite3.DatabaseError as error:
            logger.info("A damaged database is replaced: %s", error)


def _replace_postgresql(path: Path) -> None:
    connection.close()
    # In one transaction: what is there goes only if all of the copy comes.
    first = f"SET lock_timeout = {MOST_WAIT};DROP SCHEMA public CASCADE; CREATE SCHEMA public;"
    script = path.with_name("restore.sql")
    _run("pg_restore", "--no-owner", "--no-privileges", f"--file={script}", str(path))
    _run(
        "psql",
        *("--no-psqlrc", "--quiet", "--single-transaction", "--set=ON_ERROR_STOP=1"),
        *(f"--dbname={_address()}", f"--command={first}", f"--file={script}"),
    )


def _said_by(select: Select) -> Copied:
    applied = select("SELECT app, name FROM django_migrations")
    return Copied(_file_names(select), sorted(f"{app}.{name}" for app, name in applied))


def _file_names(select: Select) -> set[str]:
    """Return the names in every file field of every record."""
    quote = connection.ops.quote_name
    found: set[str] = set()
    for model in apps.get_models():
        for field in model._meta.local_fields:
            if isinstance(field, FileField):
                column, table = quote(str(field.column)), quote(model._meta.db_table)
                query = f"SELECT DISTINCT {column} FROM {table} WHERE {column} <> ''"  # noqa: S608
                found.update(name for (name,) in select(query))
    return found


def _address() -> str:
    """Return the address of the database for a program, without its password."""
    configured = connection.settings_dict
    known = {"host": configured["HOST"], "port": configured["PORT"], "user": configured["USER"]}
    options = {
        name: value for name, value in configured["OPTIONS"].items() if name.startswith(_OF_LIBPQ)
    }
    return make_conninfo(
        dbname=configured["NAME"],
        **{name: value for name, value in known.items() if value},
        **options,
    )


def _run(*command: str) -> None:
    """Run a program of PostgreSQL. Raises BackupError with the first line of what it says."""
    # The arguments of a process can be read by every account of the machine.
    environment = {**os.environ, "PGPASSWORD": str(connection.settings_dict["PASSWORD"])}
    try:
        ended = subprocess.run(  # noqa: S603 - programs by name, values of the settings
            command, env=environment, capture_output=True, check=False
        )
    except FileNotFoundError as error:
        raise BackupError(
            f"The program {command[0]} is not installed (Debian: apt install postgresql-client)."
        ) from error
    if ended.returncode:
        said = ended.stderr.decode(errors="replace").strip().partition("\n")[0]
        raise BackupError(IN_USE if "lock timeout" in said else said)
