"""A database that several processes share, and processes that are killed at a known statement."""

import os
import signal
import sqlite3
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.db import connection, connections


@contextmanager
def database_on_disk(folder: Path) -> Iterator[None]:
    """Let this test use a database that other processes and threads reach: on SQLite a copy.

    The database of the tests is in memory there, where the locks are others.
    """
    if connection.vendor != "sqlite":
        yield
        return
    in_memory = connections["default"]
    in_memory.ensure_connection()
    path = folder / "db.sqlite3"
    with sqlite3.connect(path) as copy:
        in_memory.connection.backup(copy)
    copy.close()
    name = connections.settings["default"]["NAME"]
    connections.settings["default"]["NAME"] = str(path)
    connections["default"] = connections.create_connection("default")
    try:
        yield
    finally:
        connections["default"].close()
        connections.settings["default"]["NAME"] = name
        connections["default"] = in_memory


def wait_until(is_so: Callable[[], Any]) -> None:
    """Wait until another process has done something, however busy the machine is."""
    for _ in range(1200):
        if is_so():
            return
        time.sleep(0.1)
    raise AssertionError("It did not become so.")


def statements_of(work: Callable[[], Any]) -> int:
    """Do work here, and return how many statements it sent to the database."""
    count = 0

    def note(execute: Any, *arguments: Any) -> Any:
        nonlocal count
        count += 1
        return execute(*arguments)

    with connection.execute_wrapper(note):
        work()
    return count


def kill_at(statement: int, work: Callable[[], Any]) -> bool:
    """Do work in a child process that is killed (SIGKILL) before its nth statement.

    Returns whether it was: it may have ended before.
    """
    # SQLite must not be carried across a fork, and a socket would have two readers.
    connections.close_all()
    child = os.fork()
    if child == 0:
        _work_and_be_killed(statement, work)
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status):
        assert os.WTERMSIG(status) == signal.SIGKILL
        return True
    assert os.waitstatus_to_exitcode(status) == 0, "The work ended with an error of its own."
    return False


def _work_and_be_killed(statement: int, work: Callable[[], Any]) -> None:
    left = statement

    def count(execute: Any, *arguments: Any) -> Any:
        nonlocal left
        left -= 1
        if not left:
            os.kill(os.getpid(), signal.SIGKILL)
        return execute(*arguments)

    code = 1
    try:
        with connection.execute_wrapper(count):
            work()
        connections.close_all()
        code = 0
    except BaseException:  # noqa: BLE001 - whatever it is, pytest must not go on here
        traceback.print_exc()
    finally:
        # Not as pytest ends.
        os._exit(code)
