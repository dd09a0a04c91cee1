"""Database cache that reports what it could not write."""

from collections.abc import Callable
from typing import Any

from django.core.cache.backends.base import DEFAULT_TIMEOUT
from django.core.cache.backends.db import DatabaseCache
from django.db import OperationalError, connection, transaction


class SharedCache(DatabaseCache):
    """DatabaseCache that raises OperationalError if the database cannot be written.

    Django's own swallows every DatabaseError. allauth then counts the failure as one attempt too
    many, and on a full disk signing in is answered with 429.
    """

    def _base_set(self, mode: str, key: str, value: Any, timeout: Any = DEFAULT_TIMEOUT) -> Any:
        swallowed: list[OperationalError] = []

        def watch(execute: Callable[..., Any], *args: Any) -> Any:
            try:
                return execute(*args)
            except OperationalError as error:
                swallowed.append(error)
                raise

        # Outside Django's own transaction, so that failures of BEGIN and COMMIT are not swallowed.
        with transaction.atomic(), connection.execute_wrapper(watch):
            written = super()._base_set(mode, key, value, timeout)  # type: ignore[misc]
            if swallowed:
                raise swallowed[0]
        return written
