"""Journal of changes: what the triggers of the content version note beside it.

The version says that something is another than it was. The journal says which rows of which
tables, so that what a process has in memory is corrected instead of read again from ten thousand
records.

Each line has a random token, and two readings are compared as sets. A line that has come was
committed since; one that has gone was taken back with its transaction, or replaced by a later one
of the same record. Either way the record is read again. So no order of lines matters, nor which
process or machine reads. Now and then all lines are deleted, and with them the one that marks the
beginning: then nothing can be said, and everything is read again.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from django.db import connections

from mscp.database.objects import DatabaseObject, postgresql_function
from mscp.database.prepared import texts_of

TABLE = "mscp_contentchange"
# The key in a line about a table as a whole.
WHOLE = 0
# The name of the line that marks the beginning.
BEGINNING = ""
# Lines after which the journal begins anew: each process reads all of it after each change.
MOST = 500
# PostgreSQL: records of one statement beyond which its line is about the table.
MOST_AT_ONCE = 100
NOTE = "content_change_note"

Changes = dict[str, set[int]]
"""For each table the keys of the records whose rows changed; ``WHOLE`` for all of them."""

_READ = f"SELECT name || ' ' || key || ' ' || token FROM {TABLE}"


@dataclass(frozen=True)
class Journal:
    """The lines at some moment."""

    lines: frozenset[str]
    losses: str
    """How often triggers were missing before it, and noted nothing."""
    until = None

    def since(self, earlier: "Journal") -> Changes | None:
        """Return what changed between an earlier reading and this; None if that is not known."""
        if self.losses != earlier.losses or not (self._is_begun and earlier._is_begun):
            return None
        changes: Changes = {}
        for line in self.lines ^ earlier.lines:
            name, key, _ = line.split(" ")
            if name == BEGINNING:
                return None
            changes.setdefault(name, set()).add(int(key))
        return changes

    def stands(self) -> bool:
        """Return whether nothing was noted since; one query."""
        return read(self.losses) == self

    @property
    def _is_begun(self) -> bool:
        return any(line.startswith(f"{BEGINNING} ") for line in self.lines)


def read(losses: str) -> Journal:
    return Journal(frozenset(texts_of(_READ)), losses)


# --- what the triggers do ------------------------------------------------------------------------

_SQLITE_TOKEN = "lower(hex(randomblob(16)))"  # noqa: S105 - an expression
_POSTGRESQL_TOKEN = "replace(gen_random_uuid()::text, '-', '')"  # noqa: S105


def beginning(using: str) -> Iterator[str]:
    """Yield the statements that begin the journal anew."""
    token = _SQLITE_TOKEN if connections[using].vendor == "sqlite" else _POSTGRESQL_TOKEN
    yield f"DELETE FROM {TABLE}"
    yield f"INSERT INTO {TABLE} (name, key, token) VALUES ('{BEGINNING}', {WHOLE}, {token})"


def noting_on_sqlite(table: str, *keys: str) -> Iterator[str]:
    """Yield the statements of a trigger that note the keys of a row, old and new."""
    # The highest id is found without counting, and has each value once.
    yield f"DELETE FROM {TABLE} WHERE (SELECT max(id) FROM {TABLE}) % {MOST} = 0"
    yield (
        f"INSERT INTO {TABLE} (name, key, token) SELECT '{BEGINNING}', {WHOLE}, {_SQLITE_TOKEN} "
        f"WHERE NOT EXISTS (SELECT 1 FROM {TABLE} WHERE name = '{BEGINNING}')"
    )
    yield f"DELETE FROM {TABLE} WHERE name = '{table}' AND key IN ({', '.join(keys)})"
    either = " UNION ".join(f"SELECT {key} AS key" for key in keys)
    yield (
        f"INSERT INTO {TABLE} (name, key, token) "
        f"SELECT '{table}', key, {_SQLITE_TOKEN} FROM ({either})"
    )


def noting_on_postgresql(table: str, keys: str) -> str:
    """Return the statement that notes what a select of keys finds."""
    return f"PERFORM {NOTE}('{table}', ARRAY({keys}))"


def postgresql_note() -> DatabaseObject:
    """Return the function that notes keys of a table.

    It waits for no other transaction: whatever another one is deleting it leaves alone.
    """
    token = _POSTGRESQL_TOKEN
    free = "FOR UPDATE SKIP LOCKED"
    body = (
        " DECLARE noted bigint[]; is_full boolean; BEGIN "
        "noted := ARRAY(SELECT DISTINCT one FROM unnest(keys) AS one); "
        f"IF cardinality(noted) > {MOST_AT_ONCE} THEN noted := ARRAY[{WHOLE}]; END IF; "
        f"DELETE FROM {TABLE} WHERE id IN (SELECT id FROM {TABLE} "
        f"WHERE name = of_table AND key = ANY (noted) {free}); "
        f"WITH new_lines AS (INSERT INTO {TABLE} (name, key, token) "
        f"SELECT of_table, one, {token} FROM unnest(noted) AS one RETURNING id) "
        f"SELECT bool_or(id % {MOST} = 0) INTO is_full FROM new_lines; "
        # One begins it anew; others meanwhile need not.
        f"IF is_full AND pg_try_advisory_xact_lock(hashtext('{TABLE}')) THEN "
        f"DELETE FROM {TABLE} WHERE id IN (SELECT id FROM {TABLE} {free}); "
        f"INSERT INTO {TABLE} (name, key, token) VALUES ('{BEGINNING}', {WHOLE}, {token}); "
        "END IF; END "
    )
    return postgresql_function(NOTE, "of_table text, keys bigint[]", "void", body)
