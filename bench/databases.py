"""The database of a run: a file in its folder, or one it makes on the PostgreSQL it is shown."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from urllib.parse import urlsplit, urlunsplit

import psycopg
from psycopg import sql

from bench.errors import BenchError

POSTGRESQL = {"postgres", "postgresql", "pgsql"}


@dataclass(frozen=True)
class Database:
    kind: str
    url: str
    """Empty: the file that the settings make in the data folder."""


@contextmanager
def own_database(shown: str, *, keep: bool) -> Iterator[Database]:
    scheme = urlsplit(shown).scheme
    if scheme in ("", "sqlite"):
        yield Database("SQLite", "")
    elif scheme in POSTGRESQL:
        with _own_postgresql(shown, keep=keep) as database:
            yield database
    else:
        raise BenchError(f"DATABASE_URL names {scheme}; the bench knows SQLite and PostgreSQL.")


@contextmanager
def _own_postgresql(shown: str, *, keep: bool) -> Iterator[Database]:
    server = urlsplit(shown)._replace(scheme="postgresql")
    name = f"bench_{secrets.token_hex(4)}"
    version = _run(urlunsplit(server), "CREATE DATABASE {}", name)
    try:
        yield Database(f"PostgreSQL {version}", urlunsplit(server._replace(path=f"/{name}")))
    finally:
        if keep:
            print(f"Kept database: {name}")
        else:
            _run(urlunsplit(server), "DROP DATABASE IF EXISTS {} WITH (FORCE)", name)


def _run(server: str, statement: str, name: str) -> int:
    """Run a statement on a database and return the major version of the server."""
    try:
        with psycopg.connect(server, autocommit=True) as connection:
            connection.execute(sql.SQL(statement).format(sql.Identifier(name)))
            return connection.info.server_version // 10_000
    except psycopg.Error as error:
        raise BenchError(f"PostgreSQL: {error}") from None
