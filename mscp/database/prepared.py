"""Prepared statements: PostgreSQL parses and plans a query once for each connection.

Planning takes longer than running for the few rows of a page: of a review's page 1.1 ms, where
running its six queries takes 0.7. SQLite's driver keeps its statements by itself, but Django writes
each anew in SQLite's placeholders: 0.14 ms of a review's page.

Only for SQL that is the same each time, since a connection keeps what it prepared.
"""

from functools import lru_cache
from typing import TYPE_CHECKING, Any

from django.db import connection
from django.db.backends.sqlite3.base import SQLiteCursorWrapper

if TYPE_CHECKING:
    from django.db.backends.utils import CursorWrapper


# As many as there are such queries, and room for more.
_in_sqlites_placeholders = lru_cache(maxsize=200)(SQLiteCursorWrapper.convert_query)


class _SQLiteCursor(SQLiteCursorWrapper):
    def convert_query(self, query: str, *, param_names: Any = None) -> str:
        converted: str = _in_sqlites_placeholders(None, query, param_names=param_names)
        return converted


def prepared_cursor() -> "CursorWrapper":
    """Return a cursor that prepares what it executes again (``prepare_threshold`` in settings)."""
    # A log of queries is to have their values in them, as Django's own cursor writes them.
    if connection.queries_logged:
        return connection.cursor()
    connection.ensure_connection()
    raw: Any = connection.connection
    cursor: Any
    if connection.vendor == "postgresql":
        # Django's own binds parameters by itself, so that no two statements are the same.
        from mscp.database.pools import PreparingCursor

        cursor = PreparingCursor(raw)
    else:
        cursor = raw.cursor(factory=_SQLiteCursor)
    return connection.make_cursor(cursor)
