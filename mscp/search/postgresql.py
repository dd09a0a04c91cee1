"""PostgreSQL back end of the word index: a table of tsvectors under GIN.

The vectors are made of the terms unchanged and hold no positions, so neither PostgreSQL's parser
nor its dictionaries nor its limits on positions apply. Beside the words stand hashes of each pair
of neighbours, two bytes each: a phrase is looked for only in texts that have all pairs of it. The
second of a pair is a word that counts: between the two may be stop words, as in "voice of the
child", but a pair does not begin with two of them.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import chain, takewhile

from django.db import connections
from django.db.backends.utils import CursorWrapper

from mscp.database import objects as database_objects
from mscp.database import turns
from mscp.database.objects import (
    TRIGGERS_DISABLED,
    DatabaseObject,
    Present,
    Transact,
    postgresql_function,
    postgresql_trigger,
)
from mscp.search.analysis import BAR, FORMS, PAGE, SIGNS, SMALL_WORDS
from mscp.search.backend import IndexedTable, IndexTable
from mscp.search.query import Atom, Clause

EVERY = "SELECT id FROM {name}"
ALL_KEYS = "SELECT string_agg(id::text, ',') FROM ({keys}) AS found"
KEY = "id"
COLUMNS = ("names", "starts", "words")
# The column of pairs, which is in one index with the words.
PAIRS, PAIRED = "pairs", "words"
# Words of a pair, with stop words between them.
LONGEST_PAIR = 4
# So many terms of 24 letters stay below the megabyte limit of a tsvector; a publication with more
# different words than four dictionaries is found by the first of them.
MOST_TERMS = 40_000
# Bytes of a stream whose terms fit, however many they are.
FITS_WHOLE = 800_000


# No index here holds phrases: the texts of the records that have its pairs are scanned for them.
HOLDS_PHRASES = False


def match(
    name: str, column: str, wanted: Sequence[Clause], unwanted: Iterable[Clause] = ()
) -> tuple[str, list[object]]:
    """Return the query of the keys whose column holds all that is wanted, and its parameters."""
    query = expression(wanted, unwanted)
    pairs = list(chain.from_iterable(_pairs_of(clause.phrase) for clause in wanted))
    if not pairs or column != PAIRED:
        return f"SELECT id FROM {name}_in_{column}(%s::tsquery) AS found (id)", [query]
    # Texts that have a hash by chance are the fewer, the rarer one of the words is.
    sql = f"SELECT id FROM {name}_in_{PAIRED}_and_{PAIRS}(%s::tsquery, %s::text[]) AS found (id)"
    return sql, [query, pairs]


def _pairs_of(phrase: Sequence[str]) -> Iterator[str]:
    """Yield the pairs of a phrase, without those that end beyond it."""
    for start, first in enumerate(phrase):
        following = phrase[start + 1 : start + LONGEST_PAIR]
        small = sum(1 for _ in takewhile(SMALL_WORDS.__contains__, following))
        if first in SMALL_WORDS and small:
            continue
        if small < len(following) or small == LONGEST_PAIR - 1:
            yield " ".join(phrase[start : start + 2 + min(small, LONGEST_PAIR - 2)])


def expression(wanted: Iterable[Clause], unwanted: Iterable[Clause] = ()) -> str:
    """Return a tsquery. Terms are letters and digits, or SIGNS, so quoting them is safe."""
    positive = [clause.written(" & ", " | ", _atom) for clause in wanted]
    return " & ".join(
        [*positive, *("!" + clause.written(" & ", " | ", _atom) for clause in unwanted)]
    )


def _atom(atom: Atom) -> str:
    return f"'{atom.text}':*" if atom.begins else f"'{atom.text}'"


_BY_INDEX = "LANGUAGE sql STABLE SET enable_seqscan = off"
# Writers to different rows do not wait for one another.
PAUSE = 0.0
# More locks at once could fill PostgreSQL's table of locks (max_locks_per_transaction).
MOST_AT_ONCE = 500


def create_table(name: str) -> Iterator[str]:
    columns = ", ".join(f"{column} tsvector NOT NULL" for column in COLUMNS)
    yield f"CREATE TABLE {name} (id bigint PRIMARY KEY, {columns}, {PAIRS} smallint[] NOT NULL)"


def drops(index: IndexTable, present: Present, using: str) -> list[str]:
    """List the statements that drop an index; triggers before the functions they need."""
    return [
        *database_objects.trigger_drops(present, f"{index.name}_", using),
        f"DROP TABLE IF EXISTS {index.name}",
        *(one.drop for one in objects_of(index) if one.kind == "function"),
    ]


def put(cursor: CursorWrapper, index: IndexTable, keys: list[int]) -> list[int]:
    """Write the current rows of some records; return their keys.

    Records that another transaction is changing are left out, not waited for: it may be waiting for
    another of these, which would be a deadlock.
    """
    _compress_quickly(cursor)
    lock = turns.call(index.name, "key", attempt=True)
    cursor.execute(f"SELECT key FROM unnest(%s::bigint[]) AS key WHERE {lock}", [keys])
    locked = [key for (key,) in cursor.fetchall()]
    cursor.execute(f"SELECT {index.name}_put(%s::bigint[])", [locked])
    return locked


def fill(index: IndexTable, condition: str) -> str:
    """Return the statement that adds the records whose id meets a condition."""
    vectors = ", ".join(map(_vector, COLUMNS))
    source = index.source.format(concat="string_agg")
    return (
        f"INSERT INTO {index.name} (id, {', '.join(COLUMNS)}, {PAIRS}) "
        f"SELECT id, {vectors}, {_pairs_in(PAIRED)} FROM ({source}) AS source WHERE id {condition}"
    )


def finish(index: IndexTable, using: str, transact: Transact) -> None:
    """Create the GIN indexes of a full table, while others write to it."""
    # Inside a transaction CONCURRENTLY is impossible; there is no other writer then.
    concurrently = "" if connections[using].in_atomic_block else "CONCURRENTLY"
    with connections[using].cursor() as cursor:
        # An index that is sorted in memory is written once.
        cursor.execute("SET maintenance_work_mem = '256MB'")
        try:
            for column in COLUMNS:
                cursor.execute(
                    f"CREATE INDEX {concurrently} {index.name}_{column} ON {index.name} "
                    f"USING gin ({column}{_besides(column)}) WITH (fastupdate = off)"
                )
        finally:
            cursor.execute("RESET maintenance_work_mem")
    transact(lambda: database_objects.execute(using, [f"ANALYZE {index.name}"]))


def swap(
    index: IndexTable,
    shadow: IndexTable,
    using: str,
    transact: Transact,
    callback: Callable[[], None],
) -> None:
    """Swap the shadow table in as the index.

    One short transaction locks the two tables, in the order in which the triggers of a save do.
    From then on the triggers of the shadow table do the work of the others too, so these can be
    recreated in their own time.
    """
    functions = [one for one in objects_of(index) if one.kind == "function"]

    def work() -> None:
        present = database_objects.present(using)
        old = [index.name] if index.name in database_objects.tables(present) else []
        database_objects.execute(
            using,
            [
                *(f"LOCK TABLE {name} IN ACCESS EXCLUSIVE MODE" for name in (*old, shadow.name)),
                f"DROP TABLE IF EXISTS {index.name}",
                f"ALTER TABLE {shadow.name} RENAME TO {index.name}",
                *(
                    f"ALTER INDEX {shadow.name}_{one} RENAME TO {index.name}_{one}"
                    for one in ("pkey", *COLUMNS)
                ),
                *(create for one in functions for create in one.create),
                *(create for one in _forwarding(index, shadow) for create in one.create),
            ],
        )
        callback()

    transact(work)
    present = database_objects.present(using)
    wrong = [one for one in objects_of(index) if not one.is_right(present)]
    database_objects.change(using, [create for one in wrong for create in one.create], transact)


@contextmanager
def triggers_disabled(using: str) -> Iterator[None]:
    """Disable all triggers in this transaction, and compress quickly."""
    with connections[using].cursor() as cursor:
        cursor.execute(f"SET LOCAL {TRIGGERS_DISABLED} = 'on'")
        _compress_quickly(cursor)
        yield
        cursor.execute(f"SET LOCAL {TRIGGERS_DISABLED} = 'off'")


def _compress_quickly(cursor: CursorWrapper) -> None:
    # lz4, if PostgreSQL was built with it, is three times as fast as the default.
    cursor.execute(
        "SELECT set_config(name, 'lz4', true) FROM pg_settings "
        "WHERE name = 'default_toast_compression' AND 'lz4' = ANY(enumvals)"
    )


def size(cursor: CursorWrapper, index: IndexTable) -> int:
    """Return the size of the index in bytes."""
    cursor.execute("SELECT pg_total_relation_size(%s)", [index.name])
    return int(cursor.fetchone()[0])


def _besides(column: str) -> str:
    """Return what is in one index with a column, so that both are looked up by it."""
    return f", {PAIRS}" if column == PAIRED else ""


def _hash(one: str) -> str:
    """Return the expression of two bytes for a pair.

    PostgreSQL keeps hashtext as it is from release to release: its hash indexes, which pg_upgrade
    takes over as they are, are made with it.
    """
    return f"((hashtext({one}) & 65535) - 32768)::smallint"


def _pairs_in(column: str) -> str:
    """Return the expression of the pairs in a stream, none of them over a bar."""
    terms = f"string_to_array({column}, ' ')"
    names = [f"word{place}" for place in range(LONGEST_PAIR)]
    arrays = ", ".join([terms, *(f"({terms})[{place + 1}:]" for place in range(1, LONGEST_PAIR))])
    marks = f"('', '{BAR}', '{FORMS}')"
    # What has a mark in it is null, and so is a pair of which a part is.
    pair = ""
    for name in reversed(names[1:]):
        more = f" || CASE WHEN {_is_small(name)} THEN {pair} ELSE '' END"
        pair = f"' ' || CASE WHEN {name} NOT IN {marks} THEN {name} END{more if pair else ''}"
    return (
        f"ARRAY(SELECT DISTINCT {_hash('pair')} "
        f"FROM (SELECT {names[0]} || {pair} AS pair FROM unnest({arrays}) AS run "
        f"({', '.join(names)}) WHERE {names[0]} NOT IN {marks} "
        f"AND NOT ({_is_small(names[0])} AND {_is_small(names[1])})) AS pairs "
        "WHERE pair IS NOT NULL)"
    )


def _is_small(name: str) -> str:
    """Return the condition that a token is that of a stop word."""
    return f"strpos('{SIGNS}', left({name}, 1)) > 0"


def _vector(column: str) -> str:
    terms = f"string_to_array({column}, ' ')"
    for mark in ("", BAR, PAGE, FORMS):
        terms = f"array_remove({terms}, '{mark}')"
    some = f"ARRAY(SELECT DISTINCT term FROM unnest({terms}) AS term LIMIT {MOST_TERMS})"
    return (
        f"array_to_tsvector(CASE WHEN octet_length({column}) < {FITS_WHOLE} "
        f"THEN {terms} ELSE {some} END)"
    )


def objects_of(index: IndexTable) -> Iterator[DatabaseObject]:
    """Yield the functions and triggers of an index, in the order of creation."""
    yield _put(index)
    yield _empty(index, index.name)
    for column in COLUMNS:
        yield _search_function(index, column)
    yield postgresql_function(
        f"{index.name}_in_{PAIRED}_and_{PAIRS}",
        "query tsquery, wanted text[]",
        "SETOF bigint",
        f" SELECT id FROM {index.name} WHERE {PAIRED} @@ query "
        f"AND {PAIRS} @> ARRAY(SELECT {_hash('one')} FROM unnest(wanted) AS pair (one)) ",
        options=_BY_INDEX,
    )
    for number, source_table in enumerate(index.source_tables):
        name = f"{index.name}_{number}"
        yield postgresql_function(name, "", "trigger", _trigger_body(index, source_table))
        events = ("INSERT", "UPDATE", "DELETE")
        yield postgresql_trigger(name, source_table.table, name, events, each="ROW")
    name, table = f"{index.name}_truncated", index.source_tables[0].table
    yield postgresql_trigger(name, table, f"{index.name}_empty", ("TRUNCATE",), each="STATEMENT")


def _forwarding(index: IndexTable, shadow: IndexTable) -> Iterator[DatabaseObject]:
    """Yield functions of the shadow table that write to the index which it has become."""
    body = f" BEGIN PERFORM {index.name}_put(keys); END "
    yield postgresql_function(f"{shadow.name}_put", "keys bigint[]", "void", body)
    yield _empty(shadow, index.name)


def _empty(index: IndexTable, table: str) -> DatabaseObject:
    body = f" BEGIN DELETE FROM {table}; RETURN NULL; END "
    return postgresql_function(f"{index.name}_empty", "", "trigger", body)


def _put(index: IndexTable) -> DatabaseObject:
    # Two that change one record at once take turns, and the second sees what the first wrote.
    turn = (
        f"PERFORM {turns.call(index.name, 'key')}"
        " FROM (SELECT DISTINCT unnest(keys) AS key ORDER BY 1) AS ordered;"
    )
    return postgresql_function(
        f"{index.name}_put",
        "keys bigint[]",
        "void",
        f" BEGIN IF current_setting('{TRIGGERS_DISABLED}', true) = 'on' THEN RETURN; END IF; "
        f"{turn} DELETE FROM {index.name} WHERE id = ANY(keys); "
        f"{fill(index, '= ANY(keys)')}; END ",
    )


def _search_function(index: IndexTable, column: str) -> DatabaseObject:
    """Describe the function that queries a column, always by its GIN index.

    For a word that nearly every record has the planner prefers a sequential scan. It does not know
    that each vector must then be fetched from TOAST and decompressed.
    """
    return postgresql_function(
        f"{index.name}_in_{column}",
        "query tsquery",
        "SETOF bigint",
        f" SELECT id FROM {index.name} WHERE {column} @@ query ",
        options=_BY_INDEX,
    )


def _trigger_body(index: IndexTable, source_table: IndexedTable) -> str:
    changed = (
        " OR ".join(f"OLD.{c} IS DISTINCT FROM NEW.{c}" for c in source_table.watched) or "true"
    )
    before, after = source_table.keys.format(row="OLD"), source_table.keys.format(row="NEW")
    of_old, of_new = _turn_for(source_table, "OLD"), _turn_for(source_table, "NEW")
    return (
        " DECLARE keys bigint[] := '{}'; BEGIN "
        f"IF TG_OP = 'UPDATE' THEN IF NOT ({changed}) THEN RETURN NULL; END IF; END IF; "
        f"IF TG_OP <> 'INSERT' THEN {of_old} keys := keys || ARRAY({before}); END IF; "
        f"IF TG_OP <> 'DELETE' THEN {of_new} keys := keys || ARRAY({after}); END IF; "
        f"PERFORM {index.name}_put(keys); RETURN NULL; END "
    )


def _turn_for(source_table: IndexedTable, row: str) -> str:
    """Return the statement that waits for open transactions that write to rows joined to this."""
    if not source_table.shared:
        return ""
    table, column = source_table.shared
    return f"PERFORM {turns.call(table, f'{row}.{column}')};"
