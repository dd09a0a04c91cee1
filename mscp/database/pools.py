"""Connection pools of PostgreSQL (psycopg_pool): what they do after a restart and after a fork."""

import os
from typing import Any

import psycopg
from django.db import connections
from psycopg_pool import ConnectionPool


class PooledConnection(psycopg.Connection):
    """A connection whose failed check empties its pool.

    What ended one has usually ended all, as a restart of PostgreSQL does. By itself a request
    would look at one dead connection after another, with a growing pause, until its time is up.
    """

    def execute(self, *args: Any, **kwargs: Any) -> Any:
        """Run a statement. Only the pool's check calls this; Django has cursors of its own."""
        try:
            return super().execute(*args, **kwargs)
        except psycopg.OperationalError:
            if isinstance(self._pool, ConnectionPool):
                self._pool.drain()
            raise


def forget_in_children() -> None:
    """See to it that no forked process uses a pool of its parent.

    The threads that fill a pool do not survive the fork, so whoever waited for one of its
    connections would wait in vain; and two processes would speak over one socket. psycopg closes
    no connection that another process opened.
    """
    if hasattr(os, "register_at_fork"):
        os.register_at_fork(after_in_child=_forget)


def _forget() -> None:
    for connection in connections.all(initialized_only=True):
        # A dictionary of the class, by the name of the database.
        pools = getattr(connection, "_connection_pools", None)
        if pools:
            pools.clear()
        connection.connection = None
