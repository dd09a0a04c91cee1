"""SQLite back end of the word index: an FTS5 table without content, which holds positions.

A copy of each record's different terms stands beside it: FTS5 must be given them to remove a
record (https://www.sqlite.org/fts5.html#contentless_tables), and needs no positions for that.
"""

import sqlite3
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from time import perf_counter

from django.db import connections
from django.db.backends.utils import CursorWrapper

from mscp.database import objects as database_objects
from mscp.database.objects import (
    SECONDS_AT_ONCE,
    TRIGGERS_DISABLED,
    DatabaseObject,
    Present,
    Transact,
    sqlite_trigger,
)
from mscp.search.analysis import BAR, SIGNS
from mscp.search.backend import IndexTable
from mscp.search.query import Atom, Clause

# The table itself holds the full texts, which would all be read.
EVERY = "SELECT id AS rowid FROM {name}_docsize"
ALL_KEYS = "SELECT group_concat(rowid) FROM ({keys})"
KEY = "rowid"
CONCAT = "group_concat"
OPERATIONS = {"INSERT": ["NEW"], "UPDATE": ["OLD", "NEW"], "DELETE": ["OLD"]}


# FTS5 finds phrases by itself.
HOLDS_PHRASES = True


def match(
    name: str, column: str, wanted: Sequence[Clause], unwanted: Iterable[Clause] = ()
) -> tuple[str, list[object]]:
    """Return the query of the keys whose column holds all that is wanted, and its parameters."""
    sql = f"SELECT rowid FROM {name} WHERE {name} MATCH '{column} : ' || %s"
    return sql, [expression(wanted, unwanted)]


def expression(wanted: Iterable[Clause], unwanted: Iterable[Clause] = ()) -> str:
    """Return an FTS5 query. Terms are letters and digits, or SIGNS, so quoting them is safe."""
    positive = " AND ".join(map(_clause, wanted))
    negative = " OR ".join(map(_clause, unwanted))
    return f"(({positive}) NOT ({negative}))" if negative else f"({positive})"


def _clause(clause: Clause) -> str:
    if clause.synonyms:
        return f"({' OR '.join(map(_phrase, clause.synonyms))})"
    every = clause.written(" AND ", " OR ", _atom)
    return f"({_phrase(clause.phrase)} AND {every})" if clause.phrase else every


def _phrase(tokens: tuple[str, ...]) -> str:
    return f'"{" ".join(tokens)}"'


def _atom(atom: Atom) -> str:
    return f'"{atom.text}" *' if atom.begins else f'"{atom.text}"'


# Pages written by one step of a merge.
MERGED_AT_ONCE = 500
# SQLite has one writer at a time. A waiting writer retries every 100 ms at the latest
# (sqliteDefaultBusyCallback), so a longer pause lets every waiting writer through.
PAUSE = 0.12
# https://www.sqlite.org/fts5.html#the_secure_delete_configuration_option: since 3.42.
WIPES_SINCE = "3.42"
WIPES_TERMS = sqlite3.sqlite_version_info >= (3, 42)
# Records of the largest index that is merged with every change.
MOST_MERGED = 200


COLUMNS = ("names", "starts", "words")


def kept(name: str) -> str:
    """Return the name of the table of the different terms of each record."""
    return f"{name}_kept"


def create_table(name: str) -> Iterator[str]:
    # Every byte beyond ASCII is part of a word: words were divided in Python. So are the signs of
    # stop words, and the bar, so that no phrase crosses it.
    yield (
        f"CREATE VIRTUAL TABLE {name} USING fts5(names, starts, words, content = '', "
        f"tokenize = \"ascii tokenchars '{SIGNS}{BAR}'\")"
    )
    yield f"CREATE TABLE {kept(name)} (id INTEGER PRIMARY KEY, {', '.join(COLUMNS)})"
    if WIPES_TERMS:
        yield f"INSERT INTO {name} ({name}, rank) VALUES ('secure-delete', 1)"


def drops(index: IndexTable, present: Present, using: str) -> list[str]:
    """List the statements that drop an index."""
    triggers = database_objects.trigger_drops(present, f"{index.name}_", using)
    tables = (index.name, kept(index.name))
    return [*triggers, *(f"DROP TABLE IF EXISTS {name}" for name in tables)]


def put(cursor: CursorWrapper, index: IndexTable, keys: list[int]) -> list[int]:
    """Write the current rows of some records; return their keys."""
    some = ",".join(map(str, keys))
    for statement in (*_removal(index, f"IN ({some})"), *_filling(index, f"IN ({some})")):
        cursor.execute(statement)
    return keys


def _removal(index: IndexTable, condition: str) -> list[str]:
    columns, there = ", ".join(COLUMNS), kept(index.name)
    return [
        f"INSERT INTO {index.name} ({index.name}, rowid, {columns}) "
        f"SELECT 'delete', id, {columns} FROM {there} WHERE id {condition}",
        f"DELETE FROM {there} WHERE id {condition}",
    ]


def _filling(index: IndexTable, condition: str) -> list[str]:
    columns, different = ", ".join(COLUMNS), ", ".join(map(_different, COLUMNS))
    source = index.source.format(concat=CONCAT)
    return [
        fill(index, condition),
        f"INSERT INTO {kept(index.name)} (id, {columns}) "
        f"SELECT id, {different} FROM ({source}) WHERE id {condition}",
    ]


def _different(column: str) -> str:
    """Return the expression of the different terms in a column, with commas between them."""
    as_array = f"""'["' || replace({column}, ' ', '","') || '"]'"""
    return f"(SELECT group_concat(DISTINCT value) FROM json_each({as_array}))"


def fill(index: IndexTable, condition: str) -> str:
    """Return the statement that adds the records whose id meets a condition."""
    source = index.source.format(concat=CONCAT)
    return (
        f"INSERT INTO {index.name} (rowid, names, starts, words) "
        f"SELECT id, names, starts, words FROM ({source}) WHERE id {condition}"
    )


def finish(index: IndexTable, using: str, transact: Transact) -> None:
    """Merge the segments of a full table, in short transactions, so that searches are quick.

    By the steps that https://www.sqlite.org/fts5.html#the_merge_command gives: the first has a
    negative number, and one that changes nothing was the last.
    """
    pages = -MERGED_AT_ONCE
    while transact(partial(_merge, index, using, pages)):
        pages = MERGED_AT_ONCE
        time.sleep(PAUSE)
    # So that SQLite knows which condition is selective; a sample is enough.
    transact(lambda: database_objects.execute(using, ["PRAGMA analysis_limit = 400", "ANALYZE"]))


def _merge(index: IndexTable, using: str, pages: int) -> bool:
    connection = connections[using]
    merge = f"INSERT INTO {index.name} ({index.name}, rank) VALUES ('merge', %s)"
    until = perf_counter() + SECONDS_AT_ONCE
    with connection.cursor() as cursor:
        while True:
            before = connection.connection.total_changes
            cursor.execute(merge, [pages])
            if connection.connection.total_changes - before < 2:
                return False
            if perf_counter() > until:
                return True
            pages = MERGED_AT_ONCE


def swap(
    index: IndexTable,
    shadow: IndexTable,
    using: str,
    transact: Transact,
    callback: Callable[[], None],
) -> None:
    """Swap the shadow table in as the index, in one short transaction."""

    def work() -> None:
        present = database_objects.present(using)
        # No trigger may name a missing table while another is renamed.
        database_objects.execute(
            using,
            [
                *database_objects.trigger_drops(present, f"{index.name}_", using),
                f"DROP TABLE IF EXISTS {index.name}",
                f"DROP TABLE IF EXISTS {kept(index.name)}",
                f"ALTER TABLE {shadow.name} RENAME TO {index.name}",
                f"ALTER TABLE {kept(shadow.name)} RENAME TO {kept(index.name)}",
                *(statement for one in objects_of(index) for statement in one.create),
            ],
        )
        callback()

    transact(work)


@contextmanager
def triggers_disabled(using: str) -> Iterator[None]:
    """Disable all triggers in this transaction."""
    with connections[using].cursor() as cursor:
        cursor.execute(
            "INSERT INTO mscp_wordindexstate (name, fingerprint) VALUES (%s, '')",
            [TRIGGERS_DISABLED],
        )
        yield
        cursor.execute("DELETE FROM mscp_wordindexstate WHERE name = %s", [TRIGGERS_DISABLED])


def size(cursor: CursorWrapper, index: IndexTable) -> int:
    """Return the size of the index in bytes."""
    cursor.execute(
        f"SELECT SUM(LENGTH(block)) FROM {index.name}_data UNION ALL "
        "SELECT SUM(LENGTH(names) + LENGTH(starts) + LENGTH(CAST(words AS BLOB))) "
        f"FROM {kept(index.name)}"
    )
    return sum(row[0] or 0 for row in cursor.fetchall())


def objects_of(index: IndexTable) -> Iterator[DatabaseObject]:
    """Yield the triggers of an index."""
    # A removed term stays in its segment until that is merged. If SQLite does not wipe it, all
    # segments of a small index are merged at once: 20 ms for 200 publications of 20 pages.
    wipe = (
        f"; INSERT INTO {index.name} ({index.name}) SELECT 'optimize' "
        f"WHERE sqlite_version() < '{WIPES_SINCE}' "
        f"AND (SELECT COUNT(*) FROM {index.name}_docsize) <= {MOST_MERGED}"
    )
    for number, source_table in enumerate(index.source_tables):
        for operation, rows in OPERATIONS.items():
            changed = " OR ".join(f"OLD.{c} IS NOT NEW.{c}" for c in source_table.watched)
            when = changed if operation == "UPDATE" else ""
            keys = " UNION ".join(source_table.keys.format(row=row) for row in rows)
            yield sqlite_trigger(
                f"{index.name}_{number}_{operation.lower()}",
                source_table.table,
                operation,
                "; ".join([*_removal(index, f"IN ({keys})"), *_filling(index, f"IN ({keys})")])
                + ("" if operation == "INSERT" else wipe),
                when=when,
            )
