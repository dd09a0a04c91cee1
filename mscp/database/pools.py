"""Connection pools of PostgreSQL (psycopg_pool) after a restart and after a fork."""

import os
from typing import Any

import psycopg
from django.db import connections
from psycopg_pool import ConnectionPool


class PooledConnection(psycopg.Connection):
    """A connection whose failed check empties its pool.

    What closed one connection has usually closed all, as a restart of PostgreSQL does. Otherwise a
    request would try one dead connection after another, with a growing pause, until its timeout.
    """

    def execute(self, *args: Any, **kwargs: Any) -> Any:
        """Run a statement. Only the pool's check calls this; Django has its own cursors."""
        try:
            return super().execute(*args, **kwargs)
        except psycopg.OperationalError:
            if isinstance(self._pool, ConnectionPool):
                self._pool.drain()
            raise


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
