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

from mscp.database_objects import (
    DatabaseObject,
    Present,
    postgresql_function,
    postgresql_trigger,
    sqlite_trigger,
)
from mscp.single_flight import SingleFlight


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
    """A cache of one process: what was read under a stamp, by key. The keys must be few."""

    def __init__(self) -> None:
        self._kept: dict[Any, tuple[tuple[str, ...], Something]] = {}
        self._flight = SingleFlight()

    def get(self, key: Any, stamp: tuple[str, ...], read: Callable[[], Something]) -> Something:
        """Return what is kept while stamp and clock allow it, or read it anew.

        The stamp is asked for before reading: what changes in between is only read once too often.
        Of several threads under one stamp only one reads. Where its read fails, the next one tries.
        """
        if not stamp:
            return read()
        if (kept := self._good(key, stamp)) is not None:
            return kept
        with self._flight.turn(key):
            if (kept := self._good(key, stamp)) is None:
                kept = read()
                self._kept[key] = stamp, kept
        return kept

    def _good(self, key: Any, stamp: tuple[str, ...]) -> Something | None:
        under, kept = self._kept.get(key, ((), None))
        if kept is None or under != stamp or (kept.until and kept.until <= timezone.now()):
            return None
        return kept


def stop(using: str) -> Iterator[str]:
    """Yield the statements that drop the triggers."""
    for stamped in STAMPS:
        for one in database_objects(stamped, using):
            if one.kind == "trigger":
                yield one.drop


def follow(using: str) -> Iterator[str]:
    """Yield the statements that make the triggers, and a first stamp."""
    yield from stop(using)
    for stamped in STAMPS:
        for one in database_objects(stamped, using):
            yield one.create
        yield from _set(stamped, connections[using].vendor)


def is_complete(present: Present, using: str) -> bool:
    return all(one.is_right(present) for s in STAMPS for one in database_objects(s, using))


def database_objects(stamped: Stamped, using: str) -> Iterator[DatabaseObject]:
    """Yield the triggers of a stamp, and the function that PostgreSQL has for them."""
    build = _for_sqlite if connections[using].vendor == "sqlite" else _for_postgresql
    yield from build(stamped)


def _for_sqlite(stamped: Stamped) -> Iterator[DatabaseObject]:
    body = "; ".join(_set(stamped, "sqlite"))
    for table in stamped.tables:
        for operation in ("INSERT", "UPDATE", "DELETE"):
            yield sqlite_trigger(
                f"stamp_{stamped.name}_{table}_{operation.lower()}",
                table,
                f"AFTER {operation} ON {table} BEGIN {body}; END",
            )


def _for_postgresql(stamped: Stamped) -> Iterator[DatabaseObject]:
    function = f"stamp_{stamped.name}"
    body = f" BEGIN {'; '.join(_set(stamped, 'postgresql'))}; RETURN NULL; END "
    yield postgresql_function(function, "", "trigger", body)
    for table in stamped.tables:
        events = ("INSERT", "UPDATE", "DELETE", "TRUNCATE")
        yield postgresql_trigger(f"{function}_{table}", table, function, events, each="STATEMENT")


def _set(stamped: Stamped, vendor: str) -> Iterator[str]:
    """Yield the statements that make the stamp another."""
    if vendor == "sqlite":
        # One writer at a time, so the one row is always the last.
        yield f"DELETE FROM mscp_stamp WHERE name = '{stamped.name}'"
        yield (
            "INSERT INTO mscp_stamp (name, token, made_at) "
            f"VALUES ('{stamped.name}', lower(hex(randomblob(16))), CURRENT_TIMESTAMP)"
        )
        return
    # Each transaction adds a row of its own, so none waits for another; those of earlier ones go,
    # and that of an earlier statement of its own, or an import would leave thousands to read.
    yield (
        "DELETE FROM mscp_stamp WHERE id IN (SELECT id FROM mscp_stamp "
        f"WHERE name = '{stamped.name}' "
        "AND (made_at < now() - interval '1 minute' OR made_at = now()) "
        "FOR UPDATE SKIP LOCKED)"
    )
    yield (
        "INSERT INTO mscp_stamp (name, token, made_at) "
        f"VALUES ('{stamped.name}', replace(gen_random_uuid()::text, '-', ''), now())"
    )
