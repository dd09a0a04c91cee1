"""Kills a work at a random moment."""

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from types import TracebackType
from typing import Any, Self

from bench.own_site import ROOT, Site
from drill.journal import Event, read

SECONDS_TO_START = 60
SECONDS_TO_STOP = 60
# An upgrade takes half a minute of processor time, and the machine may be busy.
SECONDS_TO_END = 600
BETWEEN_LOOKS = 0.005


class DrillError(Exception):
    """The drill itself failed; the message says why."""


class Servant:
    """A process of the site that answers each line of JSON with one of its own."""

    def __init__(self, site: Site, module: str) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", module],
            cwd=ROOT,
            env=site.environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self._answer()

    def ask(self, **order: Any) -> Any:
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(order) + "\n")
        self._process.stdin.flush()
        return self._answer()

    def _answer(self) -> Any:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise DrillError(f"A process of the drill ended with {self._process.wait()}.")
        return json.loads(line)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait()


@dataclass
class Worker:
    """A work in progress."""

    process: int
    path: Path
    signals: list[int] = field(default_factory=list)

    @property
    def events(self) -> list[Event]:
        return read(self.path)

    @property
    def is_alive(self) -> bool:
        try:
            os.kill(self.process, 0)
        except ProcessLookupError:
            return False
        return True

    def wait_for(self, event: str, *, seconds: float = SECONDS_TO_START) -> bool:
        """Wait until its journal has an event; return False if it ended or took longer."""
        return _until(
            lambda: any(one["event"] == event for one in self.events),
            or_until=lambda: not self.is_alive,
            seconds=seconds,
        )

    def kill(self) -> None:
        self._end(signal.SIGKILL)

    def stop(self) -> None:
        """Let it finish its current step."""
        self._end(signal.SIGTERM)

    def _end(self, number: int) -> None:
        if self.is_alive:
            os.kill(self.process, number)
        if not _until(lambda: not self.is_alive, seconds=SECONDS_TO_STOP):
            raise DrillError("A process of the drill did not end.")


def _until(
    holds: Callable[[], bool],
    *,
    or_until: Callable[[], bool] = lambda: False,
    seconds: float,
) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if holds():
            return True
        if or_until():
            return holds()
        time.sleep(BETWEEN_LOOKS)
    return False


def start(forking: Servant, work: str, name: str, key: int = 0) -> Worker:
    """Start a work; ``name`` makes what it writes unique."""
    folder = Path(tempfile.mkdtemp(prefix="drill-"))
    path = folder / "journal"
    answer = forking.ask(work=work, journal=str(path), name=name, key=key)
    return Worker(answer["process"], path)


def kill_within(worker: Worker, seconds: float, random: Random, *, after: str = "started") -> None:
    """Kill a worker at a random moment within some seconds after an event of its journal."""
    if worker.wait_for(after):
        deadline = time.monotonic() + random.uniform(0, seconds)
        while time.monotonic() < deadline and worker.is_alive:
            time.sleep(BETWEEN_LOOKS)
    worker.kill()
