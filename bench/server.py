"""Gunicorn as in production, on a free port: the site, or one of its peers."""

import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from bench.client import HOST, Client
from bench.errors import BenchError
from bench.own_site import ROOT, Site

SECONDS_TO_START = 30
# Longer than gunicorn itself waits for its workers.
SECONDS_TO_STOP = 40


# Below 0: before the other processes of the machine, where one may.
FIRST_OF_ALL = -15
# Linux weighs sessions before it weighs the processes of one (sched(7), autogroup).
SESSION = Path("/proc/self/autogroup")


@contextmanager
def first_of_all() -> Iterator[None]:
    """Put this process and those it starts before all others, as far as the system lets it."""
    _set_priority(FIRST_OF_ALL)
    try:
        yield
    finally:
        _set_priority(0)


def _set_priority(nice: int) -> None:
    with suppress(PermissionError):
        os.setpriority(os.PRIO_PROCESS, 0, nice)
    with suppress(OSError):
        SESSION.write_text(str(nice))


@dataclass(frozen=True)
class Server:
    port: int
    master: int
    """The process id of gunicorn's master, whose children are the workers."""


def serving(site: Site) -> AbstractContextManager[Server]:
    # The repository's gunicorn.conf.py is read from the folder it is started in.
    return _serving(site.environment)


def serving_peer(module: str, environment: Mapping[str, str]) -> AbstractContextManager[Server]:
    """Serve an application of bench/peers with as many workers and threads."""
    conf = str(ROOT / "bench" / "peers" / "gunicorn_conf.py")
    return _serving(environment, "--config", conf, f"bench.peers.{module}:application")


@contextmanager
def _serving(environment: Mapping[str, str], *arguments: str) -> Iterator[Server]:
    port = _free_port()
    with tempfile.TemporaryFile() as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "gunicorn", "--log-level", "warning", *arguments],
            cwd=ROOT,
            env={**environment, "HOST": HOST, "PORT": str(port)},
            stderr=log,
        )
        try:
            _wait_until_healthy(process, port)
            yield Server(port, process.pid)
        finally:
            _stop(process)
            _print_faults(log)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return probe.getsockname()[1]


def _wait_until_healthy(process: subprocess.Popen[bytes], port: int) -> None:
    deadline = time.monotonic() + SECONDS_TO_START
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise BenchError(f"gunicorn ended with {process.returncode} before it served a page.")
        try:
            with Client(port) as client:
                client.get("/healthz")
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise BenchError(f"gunicorn did not answer within {SECONDS_TO_START} seconds.")


def _print_faults(log: IO[bytes]) -> None:
    """Print what a server has logged but for its requests, of which each has a line."""
    log.seek(0)
    for line in log:
        if b'"level": "INFO"' not in line:
            print(line.decode("utf-8", "replace"), end="", file=sys.stderr)


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(SECONDS_TO_STOP)
    except subprocess.TimeoutExpired:
        # The workers end by themselves when their master is gone.
        process.kill()
        process.wait()
