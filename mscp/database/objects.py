"""Database objects: the triggers and functions that this release keeps in the database.

Django's migrations do not know them, so each is compared with the system catalogue.
"""

import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Protocol, TypeVar

from django.db import OperationalError, connections, transaction

# Reads kind, name and definition of every object: SQLite keeps the exact text of a trigger.
_SQLITE = """
    SELECT type, name, CASE type WHEN 'trigger' THEN sql ELSE '' END FROM sqlite_master
    WHERE type IN ('table', 'trigger')
"""
# PostgreSQL keeps the exact text of a function; a trigger is compared by its table, its function,
# its events (tgtype), whether it is enabled, and the names it gives to the rows of a statement.
_POSTGRESQL = """
    SELECT 'table', relname, '' FROM pg_class
    WHERE relkind IN ('r', 'p') AND pg_table_is_visible(oid)
    UNION ALL
    SELECT 'function', proname, prosrc FROM pg_proc
    WHERE pronamespace <> 'pg_catalog'::regnamespace AND pg_function_is_visible(oid)
    UNION ALL
    SELECT 'trigger', tgname,
        concat_ws(' ', relname, proname, tgtype, tgenabled, tgoldtable, tgnewtable)
    FROM pg_trigger
    JOIN pg_class ON pg_class.oid = tgrelid
    JOIN pg_proc ON pg_proc.oid = tgfoid
    WHERE NOT tgisinternal AND pg_table_is_visible(tgrelid)
"""

# While a transaction has this setting of PostgreSQL, no trigger does anything in it. In SQLite it
# is a row that the transaction inserts first and deletes last, so no other connection sees it.
TRIGGERS_DISABLED = "search.filling"
TRIGGERS_DISABLED_ROW = "SELECT 1 FROM mscp_wordindexstate WHERE name = 'search.filling'"

# How long one attempt waits for a lock: every later query queues behind it.
LOCK_TIMEOUT = "2s"
PAUSE = 0.25  # seconds between two attempts
ATTEMPTS = 400
# The longest transaction, in seconds, of a work that takes many.
SECONDS_AT_ONCE = 0.5

Present = dict[tuple[str, str], str]
"""The definition of each object in the database, by its kind and name."""

Result = TypeVar("Result")


class Transact(Protocol):
    """Does work in a short transaction and returns its result."""

    def __call__(self, work: Callable[[], Result]) -> Result: ...


@dataclass(frozen=True)
class DatabaseObject:
    """A trigger or function, and the statements that create and drop it."""

    kind: str
    name: str
    definition: str
    """What the system catalogue holds when the object is right."""
    create: tuple[str, ...]
    """The statements that make it right, whatever is there before."""
    drop: str

    def is_right(self, present: Present) -> bool:
        return present.get((self.kind, self.name)) == self.definition

    def is_missing(self, present: Present) -> bool:
        return (self.kind, self.name) not in present


def present(using: str) -> Present:
    """Read the objects in the database, in one query."""
    with connections[using].cursor() as cursor:
        cursor.execute(_SQLITE if connections[using].vendor == "sqlite" else _POSTGRESQL)
        return {(kind, name): definition for kind, name, definition in cursor.fetchall()}


def tables(present: Present) -> set[str]:
    return {name for kind, name in present if kind == "table"}


def sqlite_trigger(
    name: str, table: str, operation: str, body: str, *, when: str = ""
) -> DatabaseObject:
    """Describe an AFTER trigger FOR EACH ROW."""
    condition = f"NOT EXISTS ({TRIGGERS_DISABLED_ROW})" + (f" AND ({when})" if when else "")
    create = (
        f"CREATE TRIGGER {name} AFTER {operation} ON {table} WHEN {condition} BEGIN {body}; END"
    )
    drop = f"DROP TRIGGER IF EXISTS {name}"
    return DatabaseObject("trigger", name, create, create=(drop, create), drop=drop)


# Bits of pg_trigger.tgtype (PostgreSQL's catalog/pg_trigger.h).
_ROW = 1
_EVENTS = {"INSERT": 4, "DELETE": 8, "UPDATE": 16, "TRUNCATE": 32}


def postgresql_trigger(
    name: str,
    table: str,
    function: str,
    events: Iterable[str],
    *,
    each: str,
    old_rows: str = "",
    new_rows: str = "",
) -> DatabaseObject:
    """Describe an AFTER trigger, FOR EACH ROW or STATEMENT.

    A statement trigger of one event may name its transition tables, old and new.
    """
    named = [f"OLD TABLE AS {old_rows}"] * bool(old_rows)
    named += [f"NEW TABLE AS {new_rows}"] * bool(new_rows)
    referencing = f"REFERENCING {' '.join(named)} " if named else ""
    bits = sum(_EVENTS[event] for event in events) | (_ROW if each == "ROW" else 0)
    return DatabaseObject(
        "trigger",
        name,
        " ".join(filter(None, [table, function, str(bits), "O", old_rows, new_rows])),
        # Replacing a trigger locks out writers of the table; dropping it, readers too.
        create=(
            f"CREATE OR REPLACE TRIGGER {name} AFTER {' OR '.join(events)} ON {table} "
            f"{referencing}FOR EACH {each} EXECUTE FUNCTION {function}()",
        ),
        drop=f"DROP TRIGGER IF EXISTS {name} ON {table}",
    )


def postgresql_function(
    name: str, arguments: str, returns: str, body: str, *, options: str = "LANGUAGE plpgsql"
) -> DatabaseObject:
    create = f"CREATE OR REPLACE FUNCTION {name}({arguments}) RETURNS {returns} {options} "
    return DatabaseObject(
        "function",
        name,
        body,
        create=(f"{create}AS $${body}$$",),
        drop=f"DROP FUNCTION IF EXISTS {name}",
    )


def faults(what: str, objects: Iterable[DatabaseObject], present: Present) -> Iterator[str]:
    """Yield a sentence for the missing objects and one for those defined differently."""
    wrong = [one for one in objects if not one.is_right(present)]
    missing = [f"{one.kind} {one.name}" for one in wrong if one.is_missing(present)]
    other = [f"{one.kind} {one.name}" for one in wrong if not one.is_missing(present)]
    if missing:
        yield f"{what} lacks in the database: {', '.join(missing)}."
    if other:
        yield f"{what} is otherwise in the database than this release has it: {', '.join(other)}."


def install(objects: Iterable[DatabaseObject], present: Present, using: str) -> None:
    """Create what is missing or defined differently; leave what is right alone."""
    wrong = [one for one in objects if not one.is_right(present)]
    change(using, [statement for one in wrong for statement in one.create])


def trigger_drops(present: Present, prefix: str, using: str) -> list[str]:
    """List the statements that drop all triggers with this prefix, of any release."""
    return [
        f"DROP TRIGGER IF EXISTS {name}"
        + (f" ON {definition.split()[0]}" if _is_postgresql(using) else "")
        for (kind, name), definition in sorted(present.items())
        if kind == "trigger" and name.startswith(prefix)
    ]


def change(using: str, statements: list[str], transact: Transact | None = None) -> None:
    """Run statements that change the schema, in transactions that disturb others least.

    On PostgreSQL each has its own: one that had locked one table and waited for another would end
    in a deadlock with somebody who saves. SQLite has one writer at a time, but every reader reads
    the complete schema again after each change, and FTS5 fails if the next comes meanwhile
    ("vtable constructor failed"): there all are one change.
    """
    together = [[one] for one in statements] if _is_postgresql(using) else [statements]
    for some in together:
        if some:
            work = partial(execute, using, some)
            transact(work) if transact else short_transaction(using, work)


def execute(using: str, statements: Iterable[str]) -> None:
    with connections[using].cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


def short_transaction(using: str, work: Callable[[], Result]) -> Result:
    """Do work in a transaction that waits briefly for a lock, gives way, and tries again.

    On PostgreSQL everybody who wants a table queues behind the transaction that waits for it.
    Raises OperationalError if the lock is not free within some minutes.
    """
    if connections[using].in_atomic_block:
        if _is_postgresql(using):
            # A table with pending checks (of deferred foreign keys) cannot be changed.
            execute(using, ["SET CONSTRAINTS ALL IMMEDIATE", "SET CONSTRAINTS ALL DEFERRED"])
        with transaction.atomic(using=using):
            return work()
    for attempt in range(1, ATTEMPTS + 1):
        try:
            with transaction.atomic(using=using):
                if _is_postgresql(using):
                    execute(using, [f"SET LOCAL lock_timeout = '{LOCK_TIMEOUT}'"])
                return work()
        except OperationalError as error:
            if attempt == ATTEMPTS or not _was_locked(error):
                raise
        time.sleep(PAUSE)
    raise AssertionError("The last attempt returns or raises.")


def _was_locked(error: OperationalError) -> bool:
    # 55P03 lock_not_available, 40P01 deadlock_detected (PostgreSQL, appendix A); SQLITE_BUSY.
    if getattr(error.__cause__, "sqlstate", None) in ("55P03", "40P01"):
        return True
    return getattr(error.__cause__, "sqlite_errorname", "").startswith("SQLITE_BUSY")


def _is_postgresql(using: str) -> bool:
    return connections[using].vendor == "postgresql"
