"""Queries of a request: their number, and those that took long, without their values."""

import logging
import re
import threading
from collections.abc import Callable
from time import perf_counter
from typing import Any

from django.conf import settings
from django.db import connections

logger = logging.getLogger(__name__)

LONGEST_LOGGED = 2_000


class _Counted(threading.local):
    number = 0


_counted = _Counted()
# What a value may look like in SQL that was written with it: text, and numbers.
_VALUES = re.compile(r"'(?:[^']|'')*'|\$\w*\$.*?\$\w*\$|\b\d+(?:\.\d+)?\b", re.DOTALL)


def begin() -> None:
    """Count the queries of this thread from here on.

    What goes to the database past Django's cursors is not counted: the content version on
    PostgreSQL, which each page asks for.
    """
    _counted.number = 0
    for connection in connections.all(initialized_only=True):
        _look_at(connection)


def look_at(connection: Any, **kwargs: object) -> None:
    """Count what is asked of a new connection; a receiver of ``connection_created``."""
    _look_at(connection)


def number() -> int:
    return _counted.number


def _look_at(connection: Any) -> None:
    if _note not in connection.execute_wrappers:
        connection.execute_wrappers.append(_note)


def _note(execute: Callable[..., Any], sql: Any, params: Any, many: bool, context: Any) -> Any:
    _counted.number += 1
    started = perf_counter()
    try:
        return execute(sql, params, many, context)
    finally:
        milliseconds = (perf_counter() - started) * 1000
        if (slow := settings.SLOW_QUERY_MS) and milliseconds >= slow:
            logger.warning(
                "Slow query: %s",
                without_values(str(sql)),
                extra={"fields": {"ms": round(milliseconds)}},
            )


def without_values(sql: str) -> str:
    """Replace what may be a value in SQL; parameters are not in it."""
    return _VALUES.sub("?", " ".join(sql.split()))[:LONGEST_LOGGED]
