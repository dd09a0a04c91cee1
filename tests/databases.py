"""Databases beside that of the tests: empty, or of an earlier release; and commands on them."""

import lzma
import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

import psycopg
from django.db import connection
from psycopg.conninfo import conninfo_to_dict, make_conninfo

ROOT = Path(__file__).parent.parent
FOLDER = ROOT / "tests" / "upgrades"
SUFFIX = {"sqlite": ".sqlite3.xz", "postgresql": ".sql.xz"}[connection.vendor]
RELEASES = sorted(path.name.removesuffix(SUFFIX) for path in FOLDER.glob(f"*{SUFFIX}"))

Row = dict[str, str]
_number = count(1)


@dataclass(frozen=True)
class Database:
    """A database of its own. ``address`` is what DATABASE_URL says, ``place`` what drivers take."""

    address: str
    place: str
    environment: dict[str, str] = field(default_factory=dict)

    @property
    def surroundings(self) -> dict[str, str]:
        """Return the whole environment of a process whose database this is."""
        return {
            "PATH": os.environ["PATH"],
            "DJANGO_SETTINGS_MODULE": "tests.settings",
            "DATABASE_URL": self.address,
            **self.environment,
        }

    def run(self, *command: str) -> subprocess.CompletedProcess[str]:
        """Run Python with these arguments in a process whose database this is."""
        return subprocess.run(
            [sys.executable, "-W", "ignore", *command],
            cwd=ROOT,
            env=self.surroundings,
            capture_output=True,
            text=True,
            # An upgrade takes half a minute of processor time, and the machine may be busy.
            timeout=600,
            check=False,
        )

    def manage(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return self.run("manage.py", *arguments)

    def connect(self) -> Any:
        if connection.vendor == "sqlite":
            return closing(sqlite3.connect(self.place, isolation_level=None))
        return psycopg.connect(self.place, autocommit=True)

    def execute(self, statement: str) -> None:
        with self.connect() as plain:
            plain.execute(statement)

    def rows(self) -> dict[str, list[Row]]:
        """Read every table, each row as the text of its values by column."""
        listed = (
            "SELECT name FROM sqlite_master WHERE type = 'table' AND sql LIKE 'CREATE TABLE%'"
            if connection.vendor == "sqlite"
            else "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
        )
        found = {}
        with self.connect() as plain:
            for (table,) in plain.execute(listed).fetchall():
                read = plain.execute(f'SELECT * FROM "{table}"')  # noqa: S608 - its own names
                columns = [column[0] for column in read.description]
                found[table] = [
                    dict(zip(columns, map(repr, row), strict=True)) for row in read.fetchall()
                ]
        return found


@contextmanager
def database_of(release: str, folder: Path) -> Iterator[Database]:
    """Make the database of a release, and throw it away afterwards."""
    with empty_database(folder / f"{next(_number)}.sqlite3") as database:
        load_release(release, database)
        yield database


def load_release(release: str, database: Database) -> None:
    """Fill an empty database, which may be in use, with that of a release."""
    kept = lzma.decompress((FOLDER / f"{release}{SUFFIX}").read_bytes())
    if connection.vendor == "sqlite":
        unpacked = Path(f"{database.place}.release")
        unpacked.write_bytes(kept)
        with closing(sqlite3.connect(unpacked)) as source, database.connect() as target:
            source.backup(target)
        unpacked.unlink()
    else:
        subprocess.run(
            ["psql", "-v", "ON_ERROR_STOP=1", "-q", "-d", database.place],  # noqa: S607
            input=kept,
            check=True,
            capture_output=True,
        )


@contextmanager
def copy_of(database: Database, folder: Path) -> Iterator[Database]:
    """Yield a copy of a database that nobody has open, and throw it away afterwards."""
    path = folder / f"{next(_number)}.sqlite3"
    template = ""
    if connection.vendor == "sqlite":
        shutil.copyfile(database.place, path)
    else:
        template = conninfo_to_dict(database.place)["dbname"]
    with empty_database(path, template=template) as copied:
        yield copied


@contextmanager
def empty_database(path: Path, *, template: str = "", **environment: str) -> Iterator[Database]:
    """Yield a database with no tables: at this path, or on the PostgreSQL server of the tests.

    There it has those of a ``template``.
    """
    if connection.vendor == "sqlite":
        yield Database(f"sqlite:///{path}", str(path), environment)
        return
    name = f"test_other_{os.getpid()}_{next(_number)}"
    with server() as plain:
        plain.execute(f'CREATE DATABASE "{name}"' + (f' TEMPLATE "{template}"' if template else ""))
        try:
            yield Database(address_of(name), make_conninfo(**reach(), dbname=name), environment)
        finally:
            plain.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


def reach() -> dict[str, str]:
    """Return how the PostgreSQL server of the tests is reached."""
    settings = connection.settings_dict
    found = {key: settings[key.upper()] for key in ("host", "port", "user", "password")}
    return {key: str(value) for key, value in found.items() if value}


def address_of(name: str) -> str:
    """Return what DATABASE_URL says of a database on that server."""
    by = reach()
    user = ":".join(by[key] for key in ("user", "password") if key in by)
    at = ":".join(by[key] for key in ("host", "port") if key in by)
    return f"postgres://{user}@{at}/{name}"


def server(database: str = "postgres") -> Any:
    """Connect to that server, by default to make and drop databases."""
    return psycopg.connect(make_conninfo(**reach(), dbname=database), autocommit=True)
