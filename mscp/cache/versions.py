"""A stamp is another with every change of some tables, whoever makes it: what a worker keeps in
memory of them is good while the stamp stands.

Triggers set it in the transaction of the change. Its value is random, so that a transaction that
is rolled back brings back the old stamp and never one that meant something else.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from time import monotonic
from typing import Any, Generic, Protocol, TypeVar

from django.conf import settings
from django.db import connection, connections

from mscp.concurrency.single_flight import SingleFlight
from mscp.database import clock
from mscp.database import objects as database_objects
from mscp.database.objects import (
    SILENT,
    DatabaseObject,
    Present,
    postgresql_function,
    postgresql_trigger,
    sqlite_trigger,
)

# The token of a stamp whose triggers are not all there.
SUSPENDED = "suspended"


@dataclass(frozen=True)
class Stamped:
    name: str
    tables: tuple[str, ...]

    def current(self) -> tuple[str, ...]:
        """Return the stamp; empty where there is none or it is suspended: nothing may be kept."""
        # Every page asks, so it is asked in plain words.
        with connection.cursor() as cursor:
            cursor.execute("SELECT token FROM mscp_stamp WHERE name = %s", [self.name])
            tokens = sorted(token for (token,) in cursor.fetchall())
        if not tokens or SUSPENDED in tokens or (losses := _triggers.losses_of(self)) is None:
            return ()
        return (*tokens, str(losses))


class _Triggers:
    """Looks now and then whether the triggers of the stamps are there, whoever removed them."""

    def __init__(self) -> None:
        self._due = 0.0
        self._missing: frozenset[str] = frozenset()
        self._losses = 0

    def losses_of(self, stamped: Stamped) -> int | None:
        """Return how often triggers went or came back; None while those of this stamp are gone.

        As a part of the stamp it keeps what was kept before from being good when they are back.
        """
        if settings.TRIGGERS_CHECKED_EVERY and monotonic() >= self._due:
            self._look()
        return None if stamped.name in self._missing else self._losses

    def _look(self) -> None:
        if connection.in_atomic_block and connection.needs_rollback:
            return
        # Set first, so that other threads go on meanwhile.
        self._due = monotonic() + settings.TRIGGERS_CHECKED_EVERY
        present = database_objects.present(connection.alias)
        missing = {one.name for one in STAMPS if not is_followed(one, present, connection.alias)}
        self._losses += missing != self._missing
        self._missing = frozenset(missing)


_triggers = _Triggers()

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
        if kept is None or under != stamp or (kept.until and kept.until <= clock.now()):
            return None
        return kept


def suspend(stamped: Stamped, using: str) -> None:
    """Withdraw a stamp until ``follow``: nothing is kept meanwhile, whatever its triggers do."""
    # Far ahead, so that no trigger ever takes it for one of an earlier transaction.
    with connections[using].cursor() as cursor:
        cursor.execute(
            "INSERT INTO mscp_stamp (name, token, made_at) "
            f"VALUES (%s, '{SUSPENDED}', '9999-01-01 00:00:00+00:00')",
            [stamped.name],
        )


def drop_triggers(stamped: Stamped, present: Present, using: str) -> None:
    """Drop the triggers of a stamp, which is suspended before the first of them goes."""
    drops = database_objects.trigger_drops(present, f"stamp_{stamped.name}_", using)

    def work() -> None:
        suspend(stamped, using)
        if connections[using].vendor == "sqlite":
            # Those of another release would undo it, if anybody came between.
            database_objects.execute(using, drops)

    database_objects.short_transaction(using, work)
    if connections[using].vendor == "postgresql":
        database_objects.change(using, drops)


def follow(stamped: Stamped, present: Present, using: str) -> None:
    """Make the triggers that are missing or defined otherwise, and only then a first stamp."""
    database_objects.install(objects_of(stamped, using), present, using)
    forget = f"DELETE FROM mscp_stamp WHERE name = '{stamped.name}'"
    first = [forget, *_move(stamped, using)]
    database_objects.short_transaction(using, partial(database_objects.execute, using, first))


def is_followed(stamped: Stamped, present: Present, using: str) -> bool:
    return all(one.is_right(present) for one in objects_of(stamped, using))


def standing(using: str) -> set[str]:
    """Return the names of the stamps that there are, without those that are suspended."""
    with connections[using].cursor() as cursor:
        cursor.execute("SELECT name, token FROM mscp_stamp")
        rows = cursor.fetchall()
    return {name for name, _ in rows} - {name for name, token in rows if token == SUSPENDED}


def move(tables: set[str], using: str) -> Iterator[str]:
    """Yield the statements that make the stamps of some tables others."""
    for stamped in STAMPS:
        if tables.intersection(stamped.tables):
            yield from _move(stamped, using)


def objects_of(stamped: Stamped, using: str) -> Iterator[DatabaseObject]:
    """Yield the triggers of a stamp, and the function that PostgreSQL has for them."""
    body = "; ".join(_move(stamped, using))
    if connections[using].vendor == "sqlite":
        for table in stamped.tables:
            for operation in ("INSERT", "UPDATE", "DELETE"):
                name = f"stamp_{stamped.name}_{table}_{operation.lower()}"
                yield sqlite_trigger(name, table, operation, body)
        return
    function = f"stamp_{stamped.name}"
    silent = f"IF current_setting('{SILENT}', true) = 'on' THEN RETURN NULL; END IF"
    yield postgresql_function(
        function, "", "trigger", f" BEGIN {silent}; {body}; RETURN NULL; END "
    )
    for table in stamped.tables:
        events = ("INSERT", "UPDATE", "DELETE", "TRUNCATE")
        yield postgresql_trigger(f"{function}_{table}", table, function, events, each="STATEMENT")


def _move(stamped: Stamped, using: str) -> Iterator[str]:
    """Yield the statements that make the stamp another."""
    if connections[using].vendor == "sqlite":
        # One writer at a time, so the one row is always the last.
        yield f"DELETE FROM mscp_stamp WHERE name = '{stamped.name}' AND token <> '{SUSPENDED}'"
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
