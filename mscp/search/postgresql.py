"""The index in PostgreSQL: a table of tsvectors under GIN.

The vectors are made of the terms as they stand and hold no places, so neither PostgreSQL's parser
nor its dictionaries nor its limits on places come into play.
"""

from collections.abc import Iterable, Iterator
from typing import Any
from zlib import crc32

from mscp.database_objects import DatabaseObject, postgresql_function, postgresql_trigger
from mscp.search.analysis import BAR, PAGE
from mscp.search.query import Atom, Clause

MATCH = "SELECT id FROM {name}_in_{column}(%s::tsquery) AS found (id)"
EVERY = "SELECT id FROM {name}"
ALL_KEYS = "SELECT string_agg(id::text, ',') FROM ({keys}) AS found"
COLUMNS = ("names", "starts", "words")
# So many terms of 24 letters stay below the megabyte that a tsvector may have; a publication
# with more different words than four dictionaries is found by the first of them.
MOST_TERMS = 40_000
# Bytes of a stream whose terms fit however many there are.
FITS_WHOLE = 800_000
FILLING = "search.filling"


def expression(wanted: Iterable[Clause], unwanted: Iterable[Clause] = ()) -> str:
    """Write a tsquery. Terms are letters and digits only, so quotes hold them."""
    positive = [clause.written(" & ", " | ", _atom) for clause in wanted]
    return " & ".join(
        [*positive, *("!" + clause.written(" & ", " | ", _atom) for clause in unwanted)]
    )


def _atom(atom: Atom) -> str:
    return f"'{atom.text}':*" if atom.begins else f"'{atom.text}'"


def follow(index: Any) -> Iterator[str]:
    for one in database_objects(index):
        yield one.create


def stop_following(index: Any) -> Iterator[str]:
    for one in database_objects(index):
        if one.kind == "trigger":
            yield one.drop


def silence(index: Any) -> Iterator[str]:
    """Yield what keeps the triggers of this transaction silent, and lets it write quickly."""
    yield f"SET LOCAL {FILLING} = 'on'"
    # Where PostgreSQL was built with it: three times as fast as what it uses else.
    yield (
        "SELECT set_config(name, 'lz4', true) FROM pg_settings "
        "WHERE name = 'default_toast_compression' AND 'lz4' = ANY(enumvals)"
    )
    # An index that is sorted in memory is written once.
    yield "SET LOCAL maintenance_work_mem = '256MB'"


def begin(index: Any) -> Iterator[str]:
    """Yield what leaves an empty table to fill, beside the one that visitors go on asking."""
    columns = ", ".join(f"{column} tsvector NOT NULL" for column in COLUMNS)
    table = f"(id bigint PRIMARY KEY, {columns})"
    yield f"CREATE TABLE IF NOT EXISTS {index.name} {table}"
    # Others that write wait here; their own triggers then see what is new.
    yield f"LOCK TABLE {index.name} IN SHARE ROW EXCLUSIVE MODE"
    yield f"DROP TABLE IF EXISTS {index.name}_new"
    yield f"CREATE TABLE {index.name}_new {table}"


def fill(index: Any, condition: str, *, table: str = "{name}_new") -> str:
    """Write the statement that adds the records whose id fits a condition."""
    vectors = ", ".join(map(_vector, COLUMNS))
    source = index.source.format(concat="string_agg")
    return (
        f"INSERT INTO {table.format(name=index.name)} (id, {', '.join(COLUMNS)}) "
        f"SELECT id, {vectors} FROM ({source}) AS source WHERE id {condition}"
    )


def finish(index: Any) -> Iterator[str]:
    """Yield what makes a full table quick to ask, and puts it in the place of the old one."""
    for column in COLUMNS:
        yield (
            f"CREATE INDEX {index.name}_new_{column} ON {index.name}_new USING gin ({column}) "
            "WITH (fastupdate = off)"
        )
    yield f"DROP TABLE {index.name}"
    yield f"ALTER TABLE {index.name}_new RENAME TO {index.name}"
    yield f"ALTER INDEX {index.name}_new_pkey RENAME TO {index.name}_pkey"
    for column in COLUMNS:
        yield f"ALTER INDEX {index.name}_new_{column} RENAME TO {index.name}_{column}"
    yield f"SET LOCAL {FILLING} = 'off'"
    yield f"ANALYZE {index.name}"


def size(cursor: Any, index: Any) -> int:
    """Return the bytes of the index."""
    cursor.execute("SELECT pg_total_relation_size(%s)", [index.name])
    return int(cursor.fetchone()[0])


def _vector(column: str) -> str:
    terms = f"string_to_array({column}, ' ')"
    for mark in ("", BAR, PAGE):
        terms = f"array_remove({terms}, '{mark}')"
    some = f"ARRAY(SELECT DISTINCT term FROM unnest({terms}) AS term LIMIT {MOST_TERMS})"
    return (
        f"array_to_tsvector(CASE WHEN octet_length({column}) < {FITS_WHOLE} "
        f"THEN {terms} ELSE {some} END)"
    )


def database_objects(index: Any) -> Iterator[DatabaseObject]:
    """Yield the functions and triggers of an index, in the order in which they are created."""
    yield _put(index)
    empty = f"{index.name}_empty"
    body = f" BEGIN DELETE FROM {index.name}; RETURN NULL; END "
    yield postgresql_function(empty, "", "trigger", body)
    for column in COLUMNS:
        yield _asked(index, column)
    for number, feed in enumerate(index.feeds):
        name = f"{index.name}_{number}"
        yield postgresql_function(name, "", "trigger", _told(index, feed))
        events = ("INSERT", "UPDATE", "DELETE")
        yield postgresql_trigger(name, feed.table, name, events, each="ROW")
    name, table = f"{index.name}_truncated", index.feeds[0].table
    yield postgresql_trigger(name, table, empty, ("TRUNCATE",), each="STATEMENT")


def _put(index: Any) -> DatabaseObject:
    # Two that change one record at once take turns, and the second sees what the first wrote.
    turn = (
        f"PERFORM {_lock(index.name, 'key')}"
        " FROM (SELECT DISTINCT unnest(keys) AS key ORDER BY 1) AS ordered;"
    )
    return postgresql_function(
        f"{index.name}_put",
        "keys bigint[]",
        "void",
        f" BEGIN IF current_setting('{FILLING}', true) = 'on' THEN RETURN; END IF; "
        f"{turn} DELETE FROM {index.name} WHERE id = ANY(keys); "
        f"{fill(index, '= ANY(keys)', table='{name}')}; END ",
    )


def _asked(index: Any, column: str) -> DatabaseObject:
    """Describe the function that asks a column, always by its index.

    For a word that nearly every record has the planner would rather read the whole table. It does
    not know that each of its vectors must then be fetched from elsewhere and unpacked.
    """
    return postgresql_function(
        f"{index.name}_in_{column}",
        "query tsquery",
        "SETOF bigint",
        f" SELECT id FROM {index.name} WHERE {column} @@ query ",
        options="LANGUAGE sql STABLE SET enable_seqscan = off",
    )


def _told(index: Any, feed: Any) -> str:
    changed = " OR ".join(f"OLD.{c} IS DISTINCT FROM NEW.{c}" for c in feed.watched) or "true"
    before, after = feed.keys.format(row="OLD"), feed.keys.format(row="NEW")
    of_old, of_new = _turn_for(feed, "OLD"), _turn_for(feed, "NEW")
    return (
        " DECLARE keys bigint[] := '{}'; BEGIN "
        f"IF TG_OP = 'UPDATE' THEN IF NOT ({changed}) THEN RETURN NULL; END IF; END IF; "
        f"IF TG_OP <> 'INSERT' THEN {of_old} keys := keys || ARRAY({before}); END IF; "
        f"IF TG_OP <> 'DELETE' THEN {of_new} keys := keys || ARRAY({after}); END IF; "
        f"PERFORM {index.name}_put(keys); RETURN NULL; END "
    )


def _turn_for(feed: Any, row: str) -> str:
    """Write what waits for others that write to rows joined to this one, and have not ended."""
    if not feed.shared:
        return ""
    table, column = feed.shared
    return f"PERFORM {_lock(table, f'{row}.{column}')};"


def _lock(name: str, key: str) -> str:
    """Write the taking of a lock to the end of the transaction; for no key it takes none."""
    return f"pg_advisory_xact_lock({crc32(name.encode()) >> 1}, ({key} % 2147483647)::int)"
