"""Visitors: a process that keeps many connections busy, and tells what each answer was.

`python -m drill.visitors PORT CONNECTIONS SECONDS REQUESTS PATHS…`. It ends after so many seconds,
or requests, whichever comes later, and prints JSON. One in ten requests is a search that few have
made. A process of its own, so that nothing else of the drill makes it wait.
"""

import json
import random
import selectors
import socket
import sys
from collections import Counter
from statistics import quantiles
from time import perf_counter

from bench.client import AT_ONCE, Arriving, connected, request_of

NEW_SEARCHES = 0.1
MOST_SECONDS = 900
# Told so often, for whoever reads the output meanwhile.
TOLD_EVERY = 1_000
WORDS = "child baby family school police health sleep neglect risk visit father mother".split()


class Visitor:
    """One connection, which sends its next request as soon as it has an answer."""

    def __init__(self, port: int, selector: selectors.BaseSelector) -> None:
        self._port, self._selector = port, selector
        self.path = ""
        self._connect()

    def ask(self, path: str) -> None:
        self.path, self._request = path, request_of(path)
        self._arriving = Arriving()
        self._began = perf_counter()
        self._send()

    def _send(self) -> None:
        try:
            self._socket.sendall(self._request)
        except OSError:
            self._reconnect()
            self._socket.sendall(self._request)

    def read(self) -> tuple[int, float, bool] | None:
        """Return status, seconds and whether it is a page that was kept, once it is whole."""
        try:
            piece = self._socket.recv(AT_ONCE)
        except OSError:
            piece = b""
        if not piece:
            # The server closes connections that were idle, and a browser asks again.
            self._arriving = Arriving()
            self._reconnect()
            self._socket.sendall(self._request)
            return None
        if not self._arriving.add(piece):
            return None
        seconds = perf_counter() - self._began
        if self._arriving.is_last:
            self._reconnect()
        return self._arriving.status, seconds, self._arriving.was_kept

    def _connect(self) -> None:
        self._socket: socket.socket = connected(self._port)
        self._selector.register(self._socket, selectors.EVENT_READ, self)

    def _reconnect(self) -> None:
        self.close()
        self._connect()

    def close(self) -> None:
        self._selector.unregister(self._socket)
        self._socket.close()


def main(port: int, connections: int, seconds: float, requests: int, paths: list[str]) -> None:
    luck = random.Random(port)
    statuses: Counter[str] = Counter()
    taken: list[float] = []
    kept: list[float] = []
    made: list[float] = []

    def next_path() -> str:
        if luck.random() < NEW_SEARCHES:
            return f"/search/?q={luck.choice(WORDS)}+{luck.choice(WORDS)}+{luck.randrange(100)}"
        return luck.choice(paths)

    with selectors.DefaultSelector() as selector:
        visitors = [Visitor(port, selector) for _ in range(connections)]
        for visitor in visitors:
            visitor.ask(next_path())
        begun = perf_counter()
        while True:
            now = perf_counter() - begun
            if (now > seconds and len(taken) >= requests) or now > MOST_SECONDS:
                break
            for key, _ in selector.select(1):
                if (answer := key.data.read()) is None:
                    continue
                status, took, was_kept = answer
                taken.append(took)
                (kept if was_kept else made).append(took)
                statuses["200" if status == 200 else f"{status} {key.data.path}"] += 1
                if len(taken) % TOLD_EVERY == 0:
                    print(json.dumps({"answered": len(taken)}), flush=True)
                key.data.ask(next_path())
        for visitor in visitors:
            visitor.close()
    middle, slowest = _cuts(taken)
    result = {
        "answered": len(taken),
        "seconds": perf_counter() - begun,
        "statuses": statuses,
        "p50": middle,
        "p99": slowest,
        "kept": _cuts(kept),
        "made": _cuts(made),
    }
    print(json.dumps(result), flush=True)


def _cuts(taken: list[float]) -> tuple[float, float]:
    """Return the median and what one in a hundred exceeds; 0 of too few."""
    if len(taken) < 2:
        return 0, 0
    cuts = quantiles(taken, n=100)
    return cuts[49], cuts[98]


if __name__ == "__main__":
    main(*map(int, sys.argv[1:3]), float(sys.argv[3]), int(sys.argv[4]), sys.argv[5:])
