"""Snapshots of the database of the tests: its rows are saved, and restored in milliseconds.

Django's own way, to empty every table after a test with transactions and to run what comes after a
migration, takes some hundred times as long, and then the first pages are missing.
"""

import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.core.management import call_command
from django.db import connection, transaction
from psycopg.conninfo import conninfo_to_dict

from mscp.database.objects import TRIGGERS_DISABLED, present
from tests import databases, disk_cache

# A Monday in winter, so that London's clock and UTC agree.
NOW = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)

# Databases on the PostgreSQL server that others are copied from: their names begin so.
KEPT = "tests_migrated_"
# The one that is being made.
BEGUN = "tests_begun"
# No row made by a test has a number that may be taken for a year, a day or a count. Sequences are
# not rolled back with their test, so what number a row has depends on the tests before.
FIRST_NUMBER = 1_000_000

# Folders from which no migration, and nothing that comes before or after one, has a function or a
# value: what is changed there makes no other database. A folder that is not named counts.
NOT_IN_MIGRATIONS = (
    *("mscp/backup", "mscp/exports", "mscp/formats", "mscp/listing"),
    *("mscp/observing", "mscp/templatetags", "mscp/web"),
    *("reviews/documents", "reviews/pdf", "reviews/samples"),
    *("reviews/templatetags", "training/calendar", "training/month", "training/programme"),
)

# Makes a database at the moment of the tests: its first pages are public from then on.
_MIGRATE = """
import sys
import time_machine
from datetime import datetime
import django
with time_machine.travel(datetime.fromisoformat(sys.argv[1]), tick=False):
    django.setup()
    from django.core.management import call_command
    call_command("migrate", verbosity=0)
"""


def _key() -> str:
    return disk_cache.key_of(
        "mscp",
        "reviews",
        "training",
        "tests/settings.py",
        "tests/snapshots.py",
        without=NOT_IN_MIGRATIONS,
    )


def _migrate(address: str) -> None:
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "tests.settings",
        "DATABASE_URL": address,
    }
    command = [sys.executable, "-W", "ignore", "-c", _MIGRATE, NOW.isoformat()]
    subprocess.run(command, cwd=disk_cache.ROOT, env=environment, check=True)


def migrated() -> Path:
    """Return an SQLite database as the migrations make it, which nobody may write to."""

    def make(path: Path) -> None:
        _migrate(f"sqlite:///{path}")
        with closing(sqlite3.connect(path)) as database:
            # One file, which can be copied, also to memory.
            assert database.execute("PRAGMA journal_mode=DELETE").fetchall() == [("delete",)]

    return disk_cache.made("migrated", _key(), make)


@contextmanager
def migrated_database(path: Path) -> Iterator[databases.Database]:
    """Yield a database as the migrations make it: at this path, or on the server of the tests."""
    with databases.empty_database(path) as database:
        if connection.vendor == "sqlite":
            shutil.copyfile(migrated(), path)
        else:
            create_migrated(conninfo_to_dict(database.place)["dbname"])
        yield database


def create_migrated(name: str) -> None:
    """Create a database as the migrations make it, on the PostgreSQL server of the tests.

    It is a copy of one that stays on the server between runs, under the hash of what it was made
    from. Of several processes one makes that, while the others wait.
    """
    kept = f"{KEPT}{_key()[:32]}"
    with databases.server() as server:
        # All processes that ask this server come here, whichever folder they are in.
        server.execute("SELECT pg_advisory_lock(hashtext(%s))", [KEPT])
        if not server.execute("SELECT FROM pg_database WHERE datname = %s", [kept]).rowcount:
            # Also that of a process that was killed.
            server.execute(f'DROP DATABASE IF EXISTS "{BEGUN}" WITH (FORCE)')
            server.execute(f'CREATE DATABASE "{BEGUN}"')
            _migrate(databases.address_of(BEGUN))
            with databases.server(BEGUN) as begun:
                begun.execute(
                    "SELECT setval(format('%%I.%%I', schemaname, sequencename), %s) "
                    "FROM pg_sequences WHERE schemaname = current_schema()",
                    [FIRST_NUMBER],
                )
            server.execute(f'ALTER DATABASE "{BEGUN}" ALLOW_CONNECTIONS false')
            server.execute(f'ALTER DATABASE "{BEGUN}" RENAME TO "{kept}"')
        server.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        server.execute(f'CREATE DATABASE "{name}" TEMPLATE "{kept}"')
        # By the clock of the server: that of the tests may stand still.
        used = server.execute("SELECT (clock_timestamp() AT TIME ZONE 'UTC')::text").fetchone()[0]
        server.execute(f"COMMENT ON DATABASE \"{kept}\" IS '{used}'")
        for old in server.execute(
            "SELECT datname FROM pg_database WHERE starts_with(datname, %s) "
            "ORDER BY shobj_description(oid, 'pg_database') DESC NULLS LAST OFFSET %s",
            [KEPT, disk_cache.KEYS],
        ).fetchall():
            server.execute(f'DROP DATABASE IF EXISTS "{old[0]}"')


def dump_of_migrated() -> Path:
    """Return what pg_dump says of that database, which any server can be given."""

    def make(path: Path) -> None:
        with migrated_database(path) as database:
            subprocess.run(
                ["pg_dump", "--format=custom", f"--file={path}", f"--dbname={database.place}"],  # noqa: S607
                check=True,
            )

    return disk_cache.made("migrated-dump", _key(), make)


class Snapshot:
    """What stands in the database at one moment."""

    def __init__(self) -> None:
        connection.ensure_connection()
        if connection.vendor == "sqlite":
            self._copy = sqlite3.connect(":memory:", check_same_thread=False)
            copy(connection.connection, self._copy)
        else:
            self._objects = present(connection.alias)
            self._rows = dict(_read_rows())

    def put_back(self) -> None:
        connection.ensure_connection()
        if connection.vendor == "sqlite":
            copy(self._copy, connection.connection)
            return
        if present(connection.alias) != self._objects:
            # Which also makes what is missing of triggers.
            call_command("flush", verbosity=0, interactive=False)
            assert present(connection.alias) == self._objects
        with transaction.atomic():
            _write_rows(self._rows)


def copy(source: sqlite3.Connection, target: sqlite3.Connection) -> None:
    """Make one database the same as another. Fails where anybody else has the target in use."""
    steps = 0

    def count(*_: Any) -> None:
        nonlocal steps
        steps += 1
        # Else it is tried again for ever.
        assert steps < 40, "Another connection has the database of the tests in use."

    source.backup(target, progress=count, sleep=0.05)


def _tables() -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = current_schema()")
        return sorted(name for (name,) in cursor.fetchall())


def _filled(tables: list[str]) -> list[str]:
    """Return which of these tables have a row."""
    asked = " UNION ALL ".join(
        f"(SELECT '{table}' WHERE EXISTS (SELECT FROM \"{table}\"))"  # noqa: S608 - its own names
        for table in tables
    )
    with connection.cursor() as cursor:
        cursor.execute(asked)
        return [name for (name,) in cursor.fetchall()]


def _read_rows() -> Iterator[tuple[str, bytes]]:
    for table in _filled(_tables()):
        with connection.cursor() as cursor:
            yield table, _rows_of(cursor, table)


def _rows_of(cursor: Any, table: str) -> bytes:
    with cursor.copy(f'COPY "{table}" TO STDOUT') as rows:
        return b"".join(rows)


def _write_rows(rows: dict[str, bytes]) -> None:
    """Make these rows all there are. Foreign keys are looked at when all is done.

    Most of what comes with the migrations is still there, and read faster than it is written.
    """
    with connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL {TRIGGERS_DISABLED} = 'on'")
        missing = dict(rows)
        for table in _filled(_tables()):
            if table in rows and _rows_of(cursor, table) == rows[table]:
                del missing[table]
            else:
                cursor.execute(f'DELETE FROM "{table}"')  # noqa: S608 - its own names
        for table, data in missing.items():
            with cursor.copy(f'COPY "{table}" FROM STDIN') as to:
                to.write(data)
