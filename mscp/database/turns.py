"""Turns: advisory locks by which transactions that do not see each other's rows go one by one.

Triggers of the word indexes take them (mscp.search.postgresql), and so does whoever locks a record
whose rows are joined by others (mscp.records.locking): always before the row itself.
"""

from zlib import crc32

from django.db import connections


def call(name: str, key: str, *, attempt: bool = False) -> str:
    """Return the call that takes a lock to the end of the transaction; none for a null key.

    An attempt does not wait, and returns whether it has the lock.
    """
    function = "pg_try_advisory_xact_lock" if attempt else "pg_advisory_xact_lock"
    return f"{function}({crc32(name.encode()) >> 1}, mod({key}, 2147483647)::int)"


def take(name: str, keys: list[int], using: str) -> None:
    """Take the turns of some keys of a table, in their order. PostgreSQL only."""
    with connections[using].cursor() as cursor:
        cursor.execute(
            f"SELECT {call(name, 'key')} FROM unnest(%s::bigint[]) AS key",  # noqa: S608
            [sorted(keys)],
        )
