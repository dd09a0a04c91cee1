"""HTTP clients that cost little themselves: one sequential connection, and many at once.

They write and read HTTP/1.1 by hand, since ``http.client`` spends longer on the headers than the
bare application on its page.
"""

import selectors
import socket
from collections.abc import Iterator
from dataclasses import dataclass
from time import perf_counter
from types import TracebackType
from typing import Self

from bench.errors import BenchError

HOST = "127.0.0.1"
AS_BROWSERS = "gzip, deflate, br"
UNCOMPRESSED = "identity"
SECONDS_TO_ANSWER = 60
AT_ONCE = 262_144


@dataclass(frozen=True)
class Answer:
    status: int
    headers: dict[str, str]
    """Headers by lower-case name."""
    body: bytes
    seconds: float


@dataclass(frozen=True)
class Load:
    per_second: float
    p95: float
    """Milliseconds."""


def request_of(path: str, *, host: str = "", accepting: str = AS_BROWSERS) -> bytes:
    lines = (f"GET {path} HTTP/1.1", f"Host: {host or HOST}", f"Accept-Encoding: {accepting}")
    return "\r\n".join((*lines, "", "")).encode()


class Arriving:
    """One response as its bytes arrive."""

    def __init__(self) -> None:
        self._pieces: list[bytes] = []
        self._length = 0
        self._whole: int | None = None
        self._in_chunks = False
        self._head = b""

    def add(self, piece: bytes) -> bool:
        """Parse some bytes; return whether the response is complete. Raises BenchError."""
        self._pieces.append(piece)
        self._length += len(piece)
        if self._whole is None:
            so_far = b"".join(self._pieces)
            self._pieces = [so_far]
            end = so_far.find(b"\r\n\r\n")
            if end < 0:
                return False
            head = self._head = so_far[: end + 2].lower()
            at = head.find(b"\r\ncontent-length: ")
            self._in_chunks = at < 0
            if not self._in_chunks:
                self._whole = end + 4 + int(head[at + 18 : head.index(b"\r\n", at + 18)])
            elif b"\r\ntransfer-encoding: chunked\r\n" not in head:
                raise BenchError("An answer says nowhere how long it is.")
            else:
                self._whole = end + 4
        if self._in_chunks:
            return b"".join(self._pieces[-2:]).endswith(b"\r\n0\r\n\r\n")
        return self._length >= self._whole

    @property
    def status(self) -> int:
        return int(self._pieces[0][9:12])

    @property
    def is_last(self) -> bool:
        """Whether the server closes the connection after it."""
        return b"\r\nconnection: close\r\n" in self._head

    @property
    def was_kept(self) -> bool:
        """Whether the site gave out a page that it had made before."""
        return b"cache;desc=hit" in self._head

    def answer(self, seconds: float) -> Answer:
        head, _, body = b"".join(self._pieces).partition(b"\r\n\r\n")
        lines = (line.partition(": ") for line in head.decode("latin-1").split("\r\n")[1:])
        headers = {name.lower(): value for name, _, value in lines}
        if self._in_chunks:
            body = b"".join(_chunks(body))
        return Answer(self.status, headers, body, seconds)


def _chunks(body: bytes) -> Iterator[bytes]:
    while True:
        length, _, body = body.partition(b"\r\n")
        if (size := int(length, 16)) == 0:
            return
        yield body[:size]
        body = body[size + 2 :]


class Client:
    """One browser as the server sees it: a persistent connection, and one request at a time."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._socket: socket.socket | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._close()

    def get(self, path: str, *, host: str = "", accepting: str = AS_BROWSERS) -> Answer:
        """Return the response, which is 200. Raises BenchError."""
        request = request_of(path, host=host, accepting=accepting)
        answer = self._ask(request)
        if answer is None:
            # The server closes idle connections; a browser retries too.
            self._close()
            answer = self._ask(request)
        if answer is None:
            raise BenchError(f"{path}: the server closed the connection without an answer.")
        if answer.status != 200:
            raise BenchError(f"{path} answered {answer.status}.")
        return answer

    def _ask(self, request: bytes) -> Answer | None:
        if self._socket is None:
            self._socket = connected(self._port)
        arriving = Arriving()
        start = perf_counter()
        try:
            self._socket.sendall(request)
            while True:
                piece = self._socket.recv(AT_ONCE)
                if not piece:
                    return None
                if arriving.add(piece):
                    if arriving.is_last:
                        self._close()
                    return arriving.answer(perf_counter() - start)
        except ConnectionError:
            return None

    def _close(self) -> None:
        if self._socket is not None:
            self._socket.close()
            self._socket = None


def load(port: int, requests: Iterator[bytes], *, clients: int, seconds: float) -> Load:
    """Keep so many connections busy; count after the first fifth. Raises BenchError."""
    taken: list[float] = []
    begun = perf_counter()
    counted_from, until = begun + seconds / 5, begun + seconds
    with selectors.DefaultSelector() as selector:
        waiting = [_Waiting(port, requests, selector) for _ in range(clients)]
        try:
            while (now := perf_counter()) < until or (
                not taken and now < begun + SECONDS_TO_ANSWER
            ):
                for key, _ in selector.select(max(until - now, 0.1)):
                    finished = key.data.read()
                    if finished is not None and perf_counter() > counted_from:
                        taken.append(finished)
        finally:
            for one in waiting:
                one.close()
    if not taken:
        raise BenchError(f"Nothing was answered within {SECONDS_TO_ANSWER} seconds.")
    return Load(len(taken) / (perf_counter() - counted_from), 1000 * percentile(taken, 95))


class _Waiting:
    """One connection of a load, which sends its next request as soon as it has a response."""

    def __init__(
        self, port: int, requests: Iterator[bytes], selector: selectors.BaseSelector
    ) -> None:
        self._port, self._requests, self._selector = port, requests, selector
        self._connect()
        self._send(next(requests))

    def read(self) -> float | None:
        """Return how many seconds the response took, once it is complete."""
        try:
            piece = self._socket.recv(AT_ONCE)
        except ConnectionError:
            piece = b""
        if not piece:
            # gunicorn keeps few idle connections, and a browser retries too.
            self.close()
            self._connect()
            self._socket.sendall(self._request)
            return None
        if not self._arriving.add(piece):
            return None
        if self._arriving.status != 200:
            raise BenchError(f"The server answered {self._arriving.status} under load.")
        seconds = perf_counter() - self._began
        if self._arriving.is_last:
            self.close()
            self._connect()
        self._send(next(self._requests))
        return seconds

    def close(self) -> None:
        self._selector.unregister(self._socket)
        self._socket.close()

    def _connect(self) -> None:
        self._socket = connected(self._port)
        self._selector.register(self._socket, selectors.EVENT_READ, self)

    def _send(self, request: bytes) -> None:
        self._request = request
        self._arriving = Arriving()
        self._began = perf_counter()
        self._socket.sendall(request)


def connected(port: int) -> socket.socket:
    connected = socket.create_connection((HOST, port), timeout=SECONDS_TO_ANSWER)
    connected.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return connected


def percentile(values: list[float], percent: int) -> float:
    """Return the value that so many of a hundred do not exceed (nearest rank)."""
    ordered = sorted(values)
    return ordered[max(0, -(-percent * len(ordered) // 100) - 1)]
