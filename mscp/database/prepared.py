"""Prepared statements: PostgreSQL parses and plans a query once for each connection.

Planning takes longer than running for the few rows of a page: of a review's page 1.1 ms, where
running its six queries takes 0.7. SQLite's driver keeps its statements by itself, but Django writes
each anew in SQLite's placeholders: 0.14 ms of a review's page.

Only for SQL that is the same each time, since a connection keeps what it prepared.
"""

from functools import lru_cache
from typing import TYPE_CHECKING, Any

from django.db import DEFAULT_DB_ALIAS, connections
from django.db.backends.sqlite3.base import SQLiteCursorWrapper

if TYPE_CHECKING:
    from django.db.backends.utils import CursorWrapper


# As many as there are such queries, and room for more.
_in_sqlites_placeholders = lru_cache(maxsize=200)(SQLiteCursorWrapper.convert_query)


class _SQLiteCursor(SQLiteCursorWrapper):
    def convert_query(self, query: str, *, param_names: Any = None) -> str:
        converted: str = _in_sqlites_placeholders(None, query, param_names=param_names)
        return converted


def texts_of(sql: str) -> list[str]:
    """Return the one column of a query, for which alone a thread may need the database.

    A connection of the pool is borrowed for the query: Django's own, which it sets up for each
    request, and its cursors take three times as long. A thread that has one already uses that.
    """
    own = connections[DEFAULT_DB_ALIAS]
    pool: Any = getattr(own, "pool", None)
    if not pool or own.connection or own.in_atomic_block or own.queries_logged:
        with prepared_cursor(own) as cursor:
            cursor.execute(sql)
            return [text for (text,) in cursor.fetchall()]
    with own.wrap_database_errors:
        if pool.closed:
            pool.open()
        borrowed = pool.getconn()
        try:
            texts: list[str] = borrowed.texts_of(sql)
            return texts
        finally:
            pool.putconn(borrowed)


def prepared_cursor(own: Any = None) -> "CursorWrapper":
    """Return a cursor that prepares what it executes again (``prepare_threshold`` in settings).

    ``own`` is this thread's connection, of a caller that has it already.
    """
    own = own or connections[DEFAULT_DB_ALIAS]
    # A log of queries is to have their values in them, as Django's own cursor writes them.
    if own.queries_logged:
        logged: CursorWrapper = own.cursor()
        return logged
    own.ensure_connection()
    raw: Any = own.connection
    cursor: Any
    if own.vendor == "postgresql":
        # Django's own binds parameters by itself, so that no two statements are the same.
        from mscp.database.pools import PreparingCursor

        cursor = PreparingCursor(raw)
    else:
        cursor = raw.cursor(factory=_SQLiteCursor)
    prepared: CursorWrapper = own.make_cursor(cursor)
    return prepared
