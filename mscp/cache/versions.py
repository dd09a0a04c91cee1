"""Content version: a value that differs after every change of what visitors may see.

What a process caches in memory, or shares with others, is valid while the version is the same.

Triggers raise it in the transaction of the change, whatever makes it (admin, shell, SQL). Its
tokens are random, so that a transaction that is rolled back restores the old version and never one
that meant something else. A change of a draft, and of parts of drafts alone, leaves it as it is.

Beside it they note what changed (mscp.cache.changes), so that what is large can be corrected.
"""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from time import monotonic
from typing import Any, Generic, NamedTuple, Protocol, TypeVar

from django.conf import settings
from django.db import connection, connections

from mscp.cache import changes
from mscp.cache.changes import Changes, Journal
from mscp.concurrency.single_flight import SingleFlight
from mscp.database import clock
from mscp.database import objects as database_objects
from mscp.database.objects import (
    TRIGGERS_DISABLED,
    DatabaseObject,
    Present,
    postgresql_function,
    postgresql_trigger,
    sqlite_trigger,
)
from mscp.database.prepared import texts_of

NAME = "content"
# Prefix of its triggers and functions.
PREFIX = "content_version_"
# The token of a version whose triggers are not complete.
SUSPENDED = "suspended"
# What earlier releases had instead, one for each part of the site.
RETIRED = ("site", "library", "training")

Version = tuple[str, ...]
"""Tokens that are equal while nothing has changed; empty: nothing may be cached."""


# --- which rows count ----------------------------------------------------------------------------


@dataclass(frozen=True)
class PublicTable:
    """A table of which visitors may see something."""

    name: str
    condition: str = ""
    """SQL whether a change of ``{row}`` can be seen, now or by the clock; empty: always.

    It may be true too often, never too seldom.
    """
    locks: tuple[str, ...] = ()
    """PostgreSQL: selects of ``{rows}`` (the old or the new ones) that lock what it depends on.

    Two transactions that write at once do not see each other. If one publishes a record and
    another adds to it what it takes for part of a draft, they take turns instead.
    """
    insert_locks: tuple[str, ...] = ()
    update_locks: tuple[str, ...] = ()
    """The same, of ``new_rows`` that are inserted, and of those updated beside ``old_rows``."""
    next_moment: Callable[[], datetime | None] | None = None
    """Returns the next moment at which the clock alone makes one of its rows public."""
    key: str = ""
    """The column whose value is noted of a changed row (mscp.cache.changes); empty: only that the
    table changed."""


TABLES: list[PublicTable] = []


def register(*tables: PublicTable) -> None:
    known = {table.name for table in TABLES}
    TABLES.extend(table for table in tables if table.name not in known)


def every_row(*names: str) -> list[PublicTable]:
    """Describe tables of which every change can be seen."""
    return [PublicTable(name) for name in names]


def with_state(name: str, next_moment: Callable[[], datetime | None]) -> PublicTable:
    """Describe a table of records that are drafts or more (mscp.publishing.gate)."""
    return PublicTable(
        name,
        "{row}.state <> 'draft'",
        # FOR UPDATE waits for all who have just written to a part of the draft: theirs is
        # FOR KEY SHARE (PostgreSQL documentation, 13.3.2), which plain updates do not wait for.
        update_locks=(
            f"SELECT 1 FROM {name} WHERE id IN (SELECT new_rows.id FROM new_rows "
            "JOIN old_rows ON old_rows.id = new_rows.id "
            "WHERE (new_rows.state = 'draft') <> (old_rows.state = 'draft')) "
            "ORDER BY id FOR UPDATE",
        ),
        next_moment=next_moment,
        key="id",
    )


def part_of(parent: str, column: str, *names: str, key: str = "") -> list[PublicTable]:
    """Describe tables of parts of such records, to which ``column`` refers.

    That is noted of a changed row, unless another ``key`` is.
    """
    condition = (
        f"EXISTS (SELECT 1 FROM {parent} "
        f"WHERE {parent}.id = {{row}}.{column} AND {parent}.state <> 'draft')"
    )
    lock = (
        f"SELECT 1 FROM {parent} WHERE id IN (SELECT {column} FROM {{rows}}) "
        "ORDER BY id FOR KEY SHARE"
    )
    return [PublicTable(name, condition, (lock,), key=key or column) for name in names]


# --- the version ---------------------------------------------------------------------------------


class _Pinned(threading.local):
    version: Version | None = None


_pinned = _Pinned()


def current() -> Version:
    """Return the version; empty if there is none or it is suspended: nothing may be cached.

    One query, unless it is pinned.
    """
    return _read() if _pinned.version is None else _pinned.version


def stands(version: Version) -> bool:
    """Return whether a version that was pinned is still the current one. One query."""
    return bool(version) and _read() == version


def _read() -> Version:
    # Raw SQL, since every page runs it.
    tokens = sorted(texts_of(f"SELECT token FROM mscp_stamp WHERE name = '{NAME}'"))
    if not tokens or SUSPENDED in tokens or (losses := _triggers.losses()) is None:
        return ()
    return (*tokens, str(losses))


@contextmanager
def pinned(version: Version) -> Iterator[None]:
    """Let this thread use a version that it has just read as the current one.

    For the time of one response: what is read meanwhile is as new as the version or newer.
    """
    _pinned.version = version
    try:
        yield
    finally:
        _pinned.version = None


class _Triggers:
    """Checks now and then that the triggers of the version exist, whatever removed them."""

    def __init__(self) -> None:
        self._due = 0.0
        self._missing = False
        self._losses = 0

    def losses(self) -> int | None:
        """Return how often triggers disappeared or came back; None while some are missing.

        As a part of the version it invalidates what was cached before, once they are back.
        """
        if settings.TRIGGERS_CHECKED_EVERY and monotonic() >= self._due:
            self._look()
        return None if self._missing else self._losses

    def _look(self) -> None:
        if connection.in_atomic_block and connection.needs_rollback:
            return
        # Set first, so that other threads go on meanwhile.
        self._due = monotonic() + settings.TRIGGERS_CHECKED_EVERY
        missing = not is_complete(database_objects.present(connection.alias), connection.alias)
        self._losses += missing != self._missing
        self._missing = missing


_triggers = _Triggers()


# --- values cached by version --------------------------------------------------------------------


class GoodUntil(Protocol):
    """A value, and the next moment at which the clock alone changes it."""

    @property
    def until(self) -> datetime | None: ...


Something = TypeVar("Something", bound=GoodUntil)


Revise = Callable[[Something, Changes], Something | None]
"""Makes of a value and what changed since it was read a new value, or None if it cannot."""


class Kept(Generic[Something]):
    """A cache of one process: values by key, valid for one version. The keys must be few."""

    def __init__(self) -> None:
        self._kept: dict[Any, tuple[Version, Journal | None, Something]] = {}
        self._flight = SingleFlight()

    def get(
        self,
        key: Any,
        version: Version,
        read: Callable[[], Something],
        revise: "Revise[Something] | None" = None,
    ) -> Something:
        """Return the cached value while version and clock allow it, or read it again.

        The version is read before the value: a change in between only causes one read too many. Of
        several threads under one version only one reads. If its read fails, the next one tries.

        Under another version ``revise`` is asked first.
        """
        if not version:
            return read()
        if (kept := self._good(key, version)) is not None:
            return kept
        with self._flight.turn(key):
            if (kept := self._good(key, version)) is None:
                # Before the value, as the version.
                journal = _journal_of(version) if revise else None
                kept = self._revised(key, journal, revise) if journal and revise else None
                if kept is None:
                    kept = read()
                self._kept[key] = version, journal, kept
        return kept

    def last(self, key: Any) -> Something | None:
        """Return what was read last, however old, without a query; None if nothing was."""
        return self._kept.get(key, (None, None, None))[2]

    def _good(self, key: Any, version: Version) -> Something | None:
        under, _, kept = self._kept.get(key, ((), None, None))
        return None if kept is None or under != version or _is_over(kept) else kept

    def _revised(self, key: Any, journal: Journal, revise: "Revise[Something]") -> Something | None:
        _, earlier, kept = self._kept.get(key, ((), None, None))
        if kept is None or earlier is None or _is_over(kept):
            return None
        changed = journal.since(earlier)
        revised = None if changed is None else revise(kept, changed)
        # What is read in several queries is right if nothing was committed between them. Of what
        # is read whole the next change corrects it; of this nothing would.
        if revised is None or revised is kept or journal.stands():
            return revised
        return None


def unless_changed(*tables: str) -> Callable[[Something, Changes], Something | None]:
    """Return how a value is revised that stays as it is while none of these tables changes."""

    def revise(value: Something, changed: Changes) -> Something | None:
        return value if changed.keys().isdisjoint(tables) else None

    return revise


def _is_over(value: GoodUntil) -> bool:
    return bool(value.until and value.until <= clock.now())


_journals: Kept[Journal] = Kept()


def _journal_of(version: Version) -> Journal:
    return _journals.get(NAME, version, partial(changes.read, version[-1]))


class NextMoment(NamedTuple):
    until: datetime | None


# For each table with moments of its own.
_next_moments: Kept[NextMoment] = Kept()


def horizon(version: Version) -> datetime:
    """Return the next moment at which the clock alone changes anything public, at most midnight.

    A query for each table of records with a state, once for each change of it. Every other rule of
    time (new for 7 days, cancelled for 30 …) counts full days of London, so that midnight bounds
    it.
    """
    # The clock is read first: what it makes public meanwhile is then only read too often.
    midnight = clock.start_of_day(clock.today() + timedelta(days=1))
    moments = (
        _next_moments.get(
            table.name, version, partial(_read_moment, table), unless_changed(table.name)
        ).until
        for table in TABLES
        if table.next_moment
    )
    return min([midnight, *filter(None, moments)])


def _read_moment(table: PublicTable) -> NextMoment:
    return NextMoment(table.next_moment() if table.next_moment else None)


@dataclass(frozen=True)
class Due:
    """What is done when a moment has come, such as a change that goes live by the clock."""

    next_moment: Callable[[], datetime | None]
    """Returns the moment of the next, which has passed if that is due. One query."""
    work: Callable[[], object]


class NextDue(NamedTuple):
    until: datetime | None


_dues: list[Due] = []
_next_due: Kept[NextDue] = Kept()


def register_due(due: Due) -> None:
    """Register it; the table of its moments must be registered too, with that ``next_moment``."""
    if due not in _dues:
        _dues.append(due)


def settled() -> Version:
    """Return the version once everything is done whose moment has come.

    Called before any request is answered. Until the next moment it costs only the version, and one
    query more after each change of that.
    """
    version = current()
    moment = _next_due.get(NAME, version, _read_next_due).until
    if moment is None or moment > clock.now():
        return version
    for due in _dues:
        due.work()
    return current()


def _read_next_due() -> NextDue:
    return NextDue(min(filter(None, (due.next_moment() for due in _dues)), default=None))


# --- triggers ------------------------------------------------------------------------------------


def suspend(using: str, name: str = NAME) -> None:
    """Withdraw the version until ``create_triggers``: nothing is cached meanwhile."""
    # Far ahead, so that no trigger ever takes it for one of an earlier transaction.
    with connections[using].cursor() as cursor:
        cursor.execute(
            "INSERT INTO mscp_stamp (name, token, made_at) "
            f"VALUES (%s, '{SUSPENDED}', '9999-01-01 00:00:00+00:00')",
            [name],
        )


def drop_triggers(present: Present, using: str, *, prefix: str = PREFIX, name: str = NAME) -> None:
    """Drop the triggers of a version, which is suspended before the first is dropped."""
    drops = database_objects.trigger_drops(present, prefix, using)

    def work() -> None:
        suspend(using, name)
        if connections[using].vendor == "sqlite":
            # Triggers of another release would undo it, if another connection wrote in between.
            database_objects.execute(using, drops)

    database_objects.short_transaction(using, work)
    if connections[using].vendor == "postgresql":
        database_objects.change(using, drops)


def retire(present: Present, using: str) -> None:
    """Remove what earlier releases had.

    It stays suspended, so that a process of theirs caches nothing until it is restarted.
    """
    for name in RETIRED:
        if database_objects.trigger_drops(present, f"stamp_{name}_", using):
            drop_triggers(present, using, prefix=f"stamp_{name}_", name=name)


def create_triggers(present: Present, using: str) -> None:
    """Create triggers that are missing or defined differently, and only then a first version."""
    database_objects.install(objects(using), present, using)
    first = [
        f"DELETE FROM mscp_stamp WHERE name = '{NAME}'",
        *changes.beginning(using),
        *raising(using),
    ]
    database_objects.short_transaction(using, partial(database_objects.execute, using, first))


def is_complete(present: Present, using: str) -> bool:
    """Return whether every trigger exists and is right."""
    return all(one.is_right(present) for one in objects(using))


def has_triggers(present: Present, using: str) -> bool:
    return bool(database_objects.trigger_drops(present, PREFIX, using))


def is_standing(using: str) -> bool:
    """Return whether there is a version and it is not suspended."""
    with connections[using].cursor() as cursor:
        cursor.execute("SELECT token FROM mscp_stamp WHERE name = %s", [NAME])
        tokens = {token for (token,) in cursor.fetchall()}
    return bool(tokens) and SUSPENDED not in tokens


def table_names() -> set[str]:
    return {table.name for table in TABLES}


def objects(using: str) -> Iterator[DatabaseObject]:
    """Yield the triggers, and PostgreSQL's functions for them."""
    is_sqlite = connections[using].vendor == "sqlite"
    of_table = _of_sqlite if is_sqlite else _of_postgresql
    if not is_sqlite:
        yield changes.postgresql_note()
    for table in TABLES:
        yield from of_table(table, using)


def _of_sqlite(table: PublicTable, using: str) -> Iterator[DatabaseObject]:
    old, new = (table.condition.format(row=row) for row in ("OLD", "NEW"))
    either = f"({old}) OR ({new})" if table.condition else ""
    of_row = {"INSERT": ("NEW",), "UPDATE": ("OLD", "NEW"), "DELETE": ("OLD",)}
    for operation, when in (("INSERT", new), ("UPDATE", either), ("DELETE", old)):
        keys = [f"{row}.{table.key}" for row in of_row[operation]] if table.key else []
        noted = changes.noting_on_sqlite(table.name, *(keys or [str(changes.WHOLE)]))
        body = "; ".join([*raising(using), *noted])
        name = f"{PREFIX}{table.name}_{operation.lower()}"
        yield sqlite_trigger(name, table.name, operation, body, when=when)


def _of_postgresql(table: PublicTable, using: str) -> Iterator[DatabaseObject]:
    function = f"{PREFIX}{table.name}"
    raise_it = "; ".join(raising(using))

    def note(keys: str) -> str:
        return changes.noting_on_postgresql(table.name, keys)

    whole = note(f"SELECT {changes.WHOLE}")
    unless_disabled = (
        f"IF current_setting('{TRIGGERS_DISABLED}', true) = 'on' THEN RETURN NULL; END IF"
    )
    if not table.condition:
        body = f" BEGIN {unless_disabled}; {raise_it}; {whole}; RETURN NULL; END "
        yield postgresql_function(function, "", "trigger", body)
        events = ("INSERT", "UPDATE", "DELETE", "TRUNCATE")
        yield postgresql_trigger(function, table.name, function, events, each="STATEMENT")
        return

    def lock(selects: tuple[str, ...], rows: str) -> str:
        return "".join(f"PERFORM {one.format(rows=rows)[7:]}; " for one in selects)

    def any_of(rows: str) -> str:
        return f"EXISTS (SELECT 1 FROM {rows} WHERE {table.condition.format(row=rows)})"

    def note_rows() -> str:
        if not table.key:
            return whole
        of_old, of_new = (f"SELECT {table.key} FROM {rows}" for rows in ("old_rows", "new_rows"))
        return (
            f"CASE TG_OP WHEN 'INSERT' THEN {note(of_new)}; WHEN 'DELETE' THEN {note(of_old)}; "
            f"WHEN 'UPDATE' THEN {note(f'{of_old} UNION {of_new}')}; ELSE {whole}; END CASE"
        )

    # A statement of a function sees what was committed while it waited for the lock before it.
    body = (
        " DECLARE seen boolean := TG_OP = 'TRUNCATE'; "
        f"BEGIN {unless_disabled}; "
        f"IF TG_OP = 'INSERT' THEN {lock(table.insert_locks, '') or 'NULL;'} END IF; "
        f"IF TG_OP = 'UPDATE' THEN {lock(table.update_locks, '') or 'NULL;'} END IF; "
        "IF TG_OP IN ('UPDATE', 'DELETE') THEN "
        f"{lock(table.locks, 'old_rows')} seen := {any_of('old_rows')}; END IF; "
        "IF TG_OP IN ('INSERT', 'UPDATE') AND NOT seen THEN "
        f"{lock(table.locks, 'new_rows')} seen := {any_of('new_rows')}; END IF; "
        f"IF seen THEN {raise_it}; {note_rows()}; END IF; RETURN NULL; END "
    )
    yield postgresql_function(function, "", "trigger", body)
    for event in ("INSERT", "UPDATE", "DELETE", "TRUNCATE"):
        name = f"{function}_{event.lower()}"
        yield postgresql_trigger(
            name,
            table.name,
            function,
            (event,),
            each="STATEMENT",
            old_rows="old_rows" if event in ("UPDATE", "DELETE") else "",
            new_rows="new_rows" if event in ("INSERT", "UPDATE") else "",
        )


def raising(using: str) -> Iterator[str]:
    """Yield the statements that change the version."""
    if connections[using].vendor == "sqlite":
        # One writer at a time, so the one row is always the last.
        yield f"DELETE FROM mscp_stamp WHERE name = '{NAME}' AND token <> '{SUSPENDED}'"
        yield (
            "INSERT INTO mscp_stamp (name, token, made_at) "
            f"VALUES ('{NAME}', lower(hex(randomblob(16))), CURRENT_TIMESTAMP)"
        )
        return
    # Each transaction adds a row of its own, so none waits for another; rows of earlier ones are
    # deleted, and that of an earlier statement of its own, or an import would leave thousands.
    yield (
        "DELETE FROM mscp_stamp WHERE id IN (SELECT id FROM mscp_stamp "
        f"WHERE name = '{NAME}' "
        "AND (made_at < now() - interval '1 minute' OR made_at = now()) "
        "FOR UPDATE SKIP LOCKED)"
    )
    yield (
        "INSERT INTO mscp_stamp (name, token, made_at) "
        f"VALUES ('{NAME}', replace(gen_random_uuid()::text, '-', ''), now())"
    )
