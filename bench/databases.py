"""The database of a run, and saved copies of it for the next: files, or databases of a
PostgreSQL."""

import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol
from urllib.parse import urlsplit, urlunsplit

import psycopg
from psycopg import sql

from bench.errors import BenchError

POSTGRESQL = {"postgres", "postgresql", "pgsql"}
# Kept databases of PostgreSQL begin so; the files of SQLite have a folder of their own.
PREFIX = "bench_kept_"
FILE_COPY_SINCE = 150_000


class Database(Protocol):
    kind: str
    """SQLite or PostgreSQL."""
    version: str
    url: str

    def restore(self, name: str) -> bool:
        """Restore the copy saved under a name; return False if there is none."""
        ...

    def keep(self, name: str) -> None:
        """Save a copy. No other process may have the database open."""
        ...

    def url_for(self, application: str) -> str:
        """Return the address at which the database knows an application by a name."""
        ...

    def processes(self, application: str = "") -> list[int]:
        """Return those on this machine that answer an application just now."""
        ...


class Sqlite:
    kind = "SQLite"

    def __init__(self, path: Path, kept: Path) -> None:
        import sqlite3

        self.version = sqlite3.sqlite_version
        self.url = f"sqlite:///{path}"
        self._path, self._kept = path, kept

    def restore(self, name: str) -> bool:
        kept = self._kept / f"{name}.sqlite3"
        if not kept.exists():
            return False
        shutil.copyfile(kept, self._path)
        return True

    def keep(self, name: str) -> None:
        self._kept.mkdir(parents=True, exist_ok=True)
        part = self._kept / f"{name}.{secrets.token_hex(4)}.part"
        shutil.copyfile(self._path, part)
        part.replace(self._kept / f"{name}.sqlite3")

    def url_for(self, application: str) -> str:
        return self.url

    def processes(self, application: str = "") -> list[int]:
        return []


class Postgresql:
    kind = "PostgreSQL"

    def __init__(self, server: str) -> None:
        self._server = urlunsplit(urlsplit(server)._replace(scheme="postgresql"))
        self._number, self._names = _look_at(self._server)
        self.version = f"{self._number // 10_000}.{self._number % 10_000}"
        self.name = f"bench_{secrets.token_hex(4)}"
        self.url = urlunsplit(urlsplit(self._server)._replace(path=f"/{self.name}"))

    def create(self) -> None:
        self._run("CREATE DATABASE {}", self.name)

    def drop(self) -> None:
        self._run("DROP DATABASE IF EXISTS {} WITH (FORCE)", self.name)

    def restore(self, name: str) -> bool:
        if f"{PREFIX}{name}" not in _look_at(self._server)[1]:
            return False
        self.drop()
        self._copy(f"{PREFIX}{name}", self.name)
        return True

    def keep(self, name: str) -> None:
        part = f"bench_part_{secrets.token_hex(4)}"
        self._copy(self.name, part)
        self._run("DROP DATABASE IF EXISTS {}", f"{PREFIX}{name}")
        self._run("ALTER DATABASE {} RENAME TO {}", part, f"{PREFIX}{name}")

    def url_for(self, application: str) -> str:
        return f"{self.url}?application_name={application}"

    def processes(self, application: str = "") -> list[int]:
        asked = "SELECT pid FROM pg_stat_activity WHERE datname = %s AND application_name = %s"
        with psycopg.connect(self._server, autocommit=True) as connection:
            rows = connection.execute(asked, [self.name, application]).fetchall()
        pids = [pid for (pid,) in rows]
        return [pid for pid in pids if _is_of_postgresql(Path(f"/proc/{pid}/comm"))]

    def forget(self) -> None:
        for name in self._names:
            if name.startswith(PREFIX):
                self._run("DROP DATABASE IF EXISTS {}", name)

    def _copy(self, source: str, copy: str) -> None:
        # Before 15 it is the only way.
        strategy = " STRATEGY FILE_COPY" if self._number >= FILE_COPY_SINCE else ""
        self._run(f"CREATE DATABASE {{}} TEMPLATE {{}}{strategy}", copy, source)

    def _run(self, statement: str, *names: str) -> None:
        try:
            with psycopg.connect(self._server, autocommit=True) as connection:
                connection.execute(sql.SQL(statement).format(*map(sql.Identifier, names)))
        except psycopg.Error as error:
            raise BenchError(f"PostgreSQL: {error}") from None


def _is_of_postgresql(name: Path) -> bool:
    """Tell whether a process with that number is PostgreSQL's, and not one of another machine."""
    return name.exists() and name.read_text().startswith("postgres")


def _look_at(server: str) -> tuple[int, list[str]]:
    """Return the version and the names of the databases of a server. Raises BenchError."""
    try:
        with psycopg.connect(server, autocommit=True, connect_timeout=3) as connection:
            rows = connection.execute("SELECT datname FROM pg_database").fetchall()
            return connection.info.server_version, [name for (name,) in rows]
    except psycopg.Error as error:
        raise BenchError(f"PostgreSQL: {error}") from None


@contextmanager
def own_database(shown: str, folder: Path, kept: Path, *, keep: bool) -> Iterator[Database]:
    """Yield a private database: a file in the folder, or one on the given PostgreSQL."""
    scheme = urlsplit(shown).scheme
    if scheme in ("", "sqlite"):
        yield Sqlite(folder / "site.sqlite3", kept)
    elif scheme in POSTGRESQL:
        database = Postgresql(shown)
        database.create()
        try:
            yield database
        finally:
            if keep:
                print(f"Kept database: {database.name}")
            else:
                database.drop()
    else:
        raise BenchError(f"DATABASE_URL names {scheme}; the bench knows SQLite and PostgreSQL.")
