"""A stamp is another with every change of some tables, whoever makes it: what a worker keeps in
memory of them is good while the stamp stands.

Triggers set it in the transaction of the change. Its value is random, so that a transaction that
is rolled back brings back the old stamp and never one that meant something else.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, Protocol, TypeVar

from django.db import connection, connections
from django.utils import timezone


@dataclass(frozen=True)
class Stamped:
    name: str
    tables: tuple[str, ...]

    def current(self) -> tuple[str, ...]:
        """Return the stamp; empty where there is none, and nothing may be kept."""
        # Every page asks, so it is asked in plain words.
        with connection.cursor() as cursor:
            cursor.execute("SELECT token FROM mscp_stamp WHERE name = %s", [self.name])
            return tuple(sorted(token for (token,) in cursor.fetchall()))


STAMPS: list[Stamped] = []


def register(stamped: Stamped) -> Stamped:
    STAMPS.append(stamped)
    return stamped


class GoodUntil(Protocol):
    """Something read, and when the clock alone will next make it another."""

    @property
    def until(self) -> datetime | None: ...


Something = TypeVar("Something", bound=GoodUntil)


class Kept(Generic[Something]):
    """What a worker has read under a stamp, each by a key of its own."""

    def __init__(self) -> None:
        self._kept: dict[Any, tuple[tuple[str, ...], Something]] = {}

    def get(self, key: Any, stamp: tuple[str, ...], read: Callable[[], Something]) -> Something:
        """Return what is kept while stamp and clock allow it, or read it anew.

        The stamp is asked for before reading: what changes in between is only read once too often.
        """
        under, kept = self._kept.get(key, ((), None))
        if kept is None or under != stamp or (kept.until and kept.until <= timezone.now()):
            kept = read()
            if stamp:
                self._kept[key] = stamp, kept
        return kept


def stop(using: str) -> Iterator[str]:
    """Yield the statements that drop the triggers."""
    for name, table in _triggers(using):
        on = f" ON {table}" if connections[using].vendor == "postgresql" else ""
        yield f"DROP TRIGGER IF EXISTS {name}{on}"


def follow(using: str) -> Iterator[str]:
    """Yield the statements that make the triggers, and a first stamp."""
    yield from stop(using)
    build = _for_sqlite if connections[using].vendor == "sqlite" else _for_postgresql
    for stamped in STAMPS:
        yield from build(stamped)


def is_complete(cursor: Any, using: str) -> bool:
    sqlite = "SELECT name FROM sqlite_master WHERE type = 'trigger'"
    postgresql = "SELECT tgname FROM pg_trigger"
    cursor.execute(sqlite if connections[using].vendor == "sqlite" else postgresql)
    return {name for name, _ in _triggers(using)} <= {row[0] for row in cursor.fetchall()}


def _triggers(using: str) -> Iterator[tuple[str, str]]:
    """Yield the name and the table of every trigger."""
    operations = ["_insert", "_update", "_delete"]
    for stamped in STAMPS:
        for table in stamped.tables:
            for operation in operations if connections[using].vendor == "sqlite" else [""]:
                yield f"stamp_{stamped.name}_{table}{operation}", table


def _for_sqlite(stamped: Stamped) -> Iterator[str]:
    # One writer at a time, so the one row is always the last.
    stamp = (
        f"DELETE FROM mscp_stamp WHERE name = '{stamped.name}'; "
        "INSERT INTO mscp_stamp (name, token, made_at) "
        f"VALUES ('{stamped.name}', lower(hex(randomblob(16))), CURRENT_TIMESTAMP)"
    )
    for table in stamped.tables:
        for operation in ("INSERT", "UPDATE", "DELETE"):
            name = f"stamp_{stamped.name}_{table}_{operation.lower()}"
            yield f"CREATE TRIGGER {name} AFTER {operation} ON {table} BEGIN {stamp}; END"
    yield from stamp.split("; ")


def _for_postgresql(stamped: Stamped) -> Iterator[str]:
    # Each transaction adds a row of its own, so none waits for another; those of earlier ones go,
    # and that of an earlier statement of its own, or an import would leave thousands to read.
    stamp = (
        "DELETE FROM mscp_stamp WHERE id IN (SELECT id FROM mscp_stamp "
        f"WHERE name = '{stamped.name}' "
        "AND (made_at < now() - interval '1 minute' OR made_at = now()) "
        "FOR UPDATE SKIP LOCKED); "
        "INSERT INTO mscp_stamp (name, token, made_at) "
        f"VALUES ('{stamped.name}', replace(gen_random_uuid()::text, '-', ''), now())"
    )
    yield (
        f"CREATE OR REPLACE FUNCTION stamp_{stamped.name}() RETURNS trigger LANGUAGE plpgsql AS $$ "
        f"BEGIN {stamp}; RETURN NULL; END $$"
    )
    for table in stamped.tables:
        yield (
            f"CREATE TRIGGER stamp_{stamped.name}_{table} "
            f"AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON {table} "
            f"FOR EACH STATEMENT EXECUTE FUNCTION stamp_{stamped.name}()"
        )
    yield from stamp.split("; ")
