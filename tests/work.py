"""The work of a database, counted: it is the same on a busy machine, where times are not."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from django.db import connection

STEPS_AT_ONCE = 100
# Entries of tables and indexes that were read in this transaction
# (PostgreSQL documentation, "The Cumulative Statistics System").
_ENTRIES = """
    SELECT COALESCE(SUM(pg_stat_get_xact_tuples_returned(oid)), 0)::bigint
    FROM pg_class WHERE relkind IN ('r', 'i') AND relnamespace = 'public'::regnamespace
"""


@dataclass
class Work:
    done: int = 0
    """Steps of SQLite's virtual machine, or entries that PostgreSQL read."""


@contextmanager
def counted_work() -> Iterator[Work]:
    work = Work()
    if connection.vendor == "postgresql":
        before = _entries()
        yield work
        work.done = _entries() - before
        return

    def count() -> None:
        work.done += STEPS_AT_ONCE

    connection.ensure_connection()
    connection.connection.set_progress_handler(count, STEPS_AT_ONCE)
    try:
        yield work
    finally:
        connection.connection.set_progress_handler(None, 0)


def _entries() -> int:
    with connection.cursor() as cursor:
        cursor.execute(_ENTRIES)
        return int(cursor.fetchone()[0])


def plan_as_for_many() -> None:
    """Let the planner choose as it does for large tables, with fresh statistics.

    PostgreSQL reads and joins tables of a few hundred rows from end to end whatever indexes they
    have. Made expensive, that is left for what no index serves.
    """
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
        if connection.vendor == "postgresql":
            for way in ("seqscan", "hashjoin", "mergejoin"):
                cursor.execute(f"SET LOCAL enable_{way} = off")
