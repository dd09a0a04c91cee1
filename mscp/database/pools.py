"""Connections of PostgreSQL: pooled (psycopg_pool), after a restart, a fork or a migration."""

import os
import select
from contextlib import suppress
from time import monotonic
from typing import Any

import psycopg
from django.db import connections
from psycopg.pq import ExecStatus
from psycopg_pool import ConnectionPool

# Seconds for which a connection that answered is only looked at before its next request.
SURE_FOR = 5


class PooledConnection(psycopg.Connection):
    """A connection that is checked cheaply, and whose failed check empties its pool.

    What closed one connection has usually closed all, as a restart of PostgreSQL does. Otherwise a
    request would try one dead connection after another, with a growing pause, until its timeout.

    The check is a statement of its own, which takes as long as the one query of a page from the
    cache. One that the server has closed is seen without it: the server sends nothing that it was
    not asked for but its end, or the reason for it.
    """

    _sure_until = 0.0

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # Of the queries of texts_of, the statements that are prepared.
        self._names: dict[str, bytes] = {}

    def execute(self, *args: Any, **kwargs: Any) -> Any:
        """Run a statement. Only the pool's check calls this; Django has its own cursors."""
        if monotonic() < self._sure_until and not self._has_more_to_say():
            return None
        try:
            answer = super().execute(*args, **kwargs)
            self._sure_until = monotonic() + SURE_FOR
            return answer
        except psycopg.OperationalError:
            if isinstance(self._pool, ConnectionPool):
                self._pool.drain()
            raise

    def texts_of(self, sql: str) -> list[str]:
        """Return the one column of a query without parameters, prepared at its first run.

        By libpq itself, since a cursor takes longer than the round trip. If that fails, a cursor
        runs it again: it says what is wrong, or goes on after a migration.
        """
        libpq = self.pgconn
        with suppress(psycopg.Error):
            if (name := self._names.get(sql)) is None:
                name = self._names[sql] = b"texts_%d" % len(self._names)
                libpq.prepare(name, sql.encode())
            found = libpq.exec_prepared(name, [])
            if found.status == ExecStatus.TUPLES_OK:
                return [(found.get_value(row, 0) or b"").decode() for row in range(found.ntuples)]
        return [text for (text,) in PreparingCursor(self).execute(sql).fetchall()]

    def _has_more_to_say(self) -> bool:
        """Return whether the server has sent something that nobody has asked for."""
        waiting = select.poll()
        waiting.register(self.pgconn.socket, select.POLLIN)
        return bool(waiting.poll(0))


class PreparingCursor(psycopg.Cursor[Any]):
    """A cursor that binds parameters at the server, which may prepare the statement.

    The plan of a prepared statement is refused once a migration has changed the type of one of its
    columns. It then runs without, until the process of the earlier release is restarted.
    """

    def execute(self, *args: Any, **kwargs: Any) -> Any:
        try:
            return super().execute(*args, **kwargs)
        except psycopg.errors.FeatureNotSupported:
            if not self.connection.autocommit or self.connection.info.transaction_status:
                raise
            return super().execute(*args, **{**kwargs, "prepare": False})


def forget_in_children() -> None:
    """Make every forked process forget the pools of its parent.

    The threads that fill a pool do not survive the fork, so a request that waited for one of its
    connections would wait in vain; and two processes would write to one socket. psycopg closes
    no connection that another process opened.
    """
    if hasattr(os, "register_at_fork"):
        os.register_at_fork(after_in_child=_forget)


def _forget() -> None:
    for connection in connections.all(initialized_only=True):
        # A dictionary on the class, by database alias.
        pools = getattr(connection, "_connection_pools", None)
        if pools:
            pools.clear()
        connection.connection = None
