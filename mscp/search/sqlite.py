"""The index in SQLite: an FTS5 table that keeps its own copy of the terms."""

from collections.abc import Iterable, Iterator
from typing import Any

from mscp.database_objects import DatabaseObject, sqlite_trigger
from mscp.search.query import Atom, Clause

MATCH = "SELECT rowid FROM {name} WHERE {name} MATCH '{column} : ' || %s"
# The table itself keeps whole texts, which would all be read.
EVERY = "SELECT id AS rowid FROM {name}_docsize"
ALL_KEYS = "SELECT group_concat(rowid) FROM ({keys})"
CONCAT = "group_concat"
OPERATIONS = {"INSERT": ["NEW"], "UPDATE": ["OLD", "NEW"], "DELETE": ["OLD"]}


def expression(wanted: Iterable[Clause], unwanted: Iterable[Clause] = ()) -> str:
    """Write an FTS5 query. Terms are letters and digits only, so quotes hold them."""
    positive = " AND ".join(clause.written(" AND ", " OR ", _atom) for clause in wanted)
    negative = " OR ".join(clause.written(" AND ", " OR ", _atom) for clause in unwanted)
    return f"(({positive}) NOT ({negative}))" if negative else f"({positive})"


def _atom(atom: Atom) -> str:
    return f'"{atom.text}" *' if atom.begins else f'"{atom.text}"'


def follow(index: Any) -> Iterator[str]:
    for trigger in database_objects(index):
        yield trigger.create


def stop_following(index: Any) -> Iterator[str]:
    for trigger in database_objects(index):
        yield trigger.drop


def silence(index: Any) -> Iterator[str]:
    """Yield what keeps the triggers silent; the transaction is the only one that writes."""
    yield from stop_following(index)


def begin(index: Any) -> Iterator[str]:
    """Yield what leaves an empty table to fill."""
    # To empty it would take apart the terms of every row once more.
    yield f"DROP TABLE IF EXISTS {index.name}"
    # Every byte beyond ASCII belongs to a word: what a word is was decided in Python.
    yield (
        f"CREATE VIRTUAL TABLE {index.name} USING fts5("
        "names, starts, words, tokenize = 'ascii', detail = 'column')"
    )


def fill(index: Any, condition: str) -> str:
    """Write the statement that adds the records whose id fits a condition."""
    source = index.source.format(concat=CONCAT)
    return (
        f"INSERT INTO {index.name} (rowid, names, starts, words) "
        f"SELECT id, names, starts, words FROM ({source}) WHERE id {condition}"
    )


def finish(index: Any) -> Iterator[str]:
    yield f"INSERT INTO {index.name} ({index.name}) VALUES ('optimize')"
    # So that SQLite knows which condition keeps few rows; a sample tells it enough.
    yield "PRAGMA analysis_limit = 400"
    yield "ANALYZE"


def size(cursor: Any, index: Any) -> int:
    """Return the bytes of the index."""
    cursor.execute(
        f"SELECT SUM(LENGTH(block)) FROM {index.name}_data UNION ALL "
        f"SELECT SUM(LENGTH(c0) + LENGTH(c1) + LENGTH(c2)) FROM {index.name}_content"
    )
    return sum(row[0] or 0 for row in cursor.fetchall())


def database_objects(index: Any) -> Iterator[DatabaseObject]:
    """Yield the triggers of an index."""
    for number, feed in enumerate(index.feeds):
        for operation, rows in OPERATIONS.items():
            changed = " OR ".join(f"OLD.{c} IS NOT NEW.{c}" for c in feed.watched)
            when = f" WHEN {changed}" if operation == "UPDATE" and changed else ""
            keys = " UNION ".join(feed.keys.format(row=row) for row in rows)
            yield sqlite_trigger(
                f"{index.name}_{number}_{operation.lower()}",
                feed.table,
                f"AFTER {operation} ON {feed.table}{when} BEGIN "
                f"DELETE FROM {index.name} WHERE rowid IN ({keys}); "
                f"{fill(index, f'IN ({keys})')}; END",
            )
