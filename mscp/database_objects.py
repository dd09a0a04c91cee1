"""Database objects: the triggers, functions and tables that this release keeps in the database.

Django's migrations know nothing of them, so each is compared with what the system catalogue says.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django.db import connections

# Reads kind, name and definition of every object: SQLite keeps the very text of a trigger.
_SQLITE = """
    SELECT type, name, CASE type WHEN 'trigger' THEN sql ELSE '' END FROM sqlite_master
    WHERE type IN ('table', 'trigger')
"""
# PostgreSQL keeps the very text of a function; a trigger is compared by its table, its function,
# its events (tgtype) and whether it is enabled.
_POSTGRESQL = """
    SELECT 'table', relname, '' FROM pg_class
    WHERE relkind IN ('r', 'p') AND pg_table_is_visible(oid)
    UNION ALL
    SELECT 'function', proname, prosrc FROM pg_proc
    WHERE pronamespace <> 'pg_catalog'::regnamespace AND pg_function_is_visible(oid)
    UNION ALL
    SELECT 'trigger', tgname, concat_ws(' ', relname, proname, tgtype, tgenabled)
    FROM pg_trigger
    JOIN pg_class ON pg_class.oid = tgrelid
    JOIN pg_proc ON pg_proc.oid = tgfoid
    WHERE NOT tgisinternal AND pg_table_is_visible(tgrelid)
"""

Present = dict[tuple[str, str], str]
"""The definition of each object that is there, by its kind and name."""


@dataclass(frozen=True)
class DatabaseObject:
    """A trigger, function or table, and the statements that create and drop it."""

    kind: str
    name: str
    table: str
    """The table that a trigger belongs to."""
    definition: str
    """What the system catalogue says of it where it is right."""
    create: str
    drop: str

    def is_right(self, present: Present) -> bool:
        return present.get((self.kind, self.name)) == self.definition

    def is_missing(self, present: Present) -> bool:
        return (self.kind, self.name) not in present


def present(using: str) -> Present:
    """Read what is in the database, in one query."""
    with connections[using].cursor() as cursor:
        cursor.execute(_SQLITE if connections[using].vendor == "sqlite" else _POSTGRESQL)
        return {(kind, name): definition for kind, name, definition in cursor.fetchall()}


def tables(present: Present) -> set[str]:
    return {name for kind, name in present if kind == "table"}


def sqlite_trigger(name: str, table: str, body: str) -> DatabaseObject:
    create = f"CREATE TRIGGER {name} {body}"
    return DatabaseObject(
        "trigger", name, table, create, create=create, drop=f"DROP TRIGGER IF EXISTS {name}"
    )


# Bits of pg_trigger.tgtype (PostgreSQL's catalog/pg_trigger.h).
_ROW = 1
_EVENTS = {"INSERT": 4, "DELETE": 8, "UPDATE": 16, "TRUNCATE": 32}


def postgresql_trigger(
    name: str, table: str, function: str, events: Iterable[str], *, each: str
) -> DatabaseObject:
    """Describe an AFTER trigger, for each ROW or each STATEMENT."""
    bits = sum(_EVENTS[event] for event in events) | (_ROW if each == "ROW" else 0)
    return DatabaseObject(
        "trigger",
        name,
        table,
        f"{table} {function} {bits} O",
        create=(
            f"CREATE OR REPLACE TRIGGER {name} AFTER {' OR '.join(events)} ON {table} "
            f"FOR EACH {each} EXECUTE FUNCTION {function}()"
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
        "",
        body,
        create=f"{create}AS $${body}$$",
        drop=f"DROP FUNCTION IF EXISTS {name}",
    )


def faults(what: str, objects: Iterable[DatabaseObject], present: Present) -> Iterator[str]:
    """Yield a sentence for those that are missing, and one for those that are defined otherwise."""
    wrong = [one for one in objects if not one.is_right(present)]
    missing = [f"{one.kind} {one.name}" for one in wrong if one.is_missing(present)]
    other = [f"{one.kind} {one.name}" for one in wrong if not one.is_missing(present)]
    if missing:
        yield f"{what} lacks in the database: {', '.join(missing)}."
    if other:
        yield f"{what} is otherwise in the database than this release has it: {', '.join(other)}."


def run(using: str, statements: Iterable[Any]) -> None:
    with connections[using].cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)
