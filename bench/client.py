"""One browser as the server sees it: a connection that is kept, and one request at a time."""

from dataclasses import dataclass
from http.client import HTTPConnection
from time import perf_counter
from types import TracebackType
from typing import Self

from bench.errors import BenchError

HOST = "127.0.0.1"
AS_BROWSERS = "br, gzip"
UNCOMPRESSED = "identity"


@dataclass(frozen=True)
class Answer:
    status: int
    encoding: str
    body: bytes
    seconds: float

    @property
    def is_compressed(self) -> bool:
        return self.encoding not in ("", UNCOMPRESSED)


class Client:
    def __init__(self, port: int) -> None:
        self._connection = HTTPConnection(HOST, port, timeout=60)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._connection.close()

    def get(self, path: str, *, accepting: str = AS_BROWSERS) -> Answer:
        """Return the answer, which is 200. Raises BenchError."""
        try:
            answer = self._ask(path, accepting)
        except ConnectionError:
            # A worker that has served its 1000 requests hangs up; a browser calls again too.
            self._connection.close()
            answer = self._ask(path, accepting)
        if answer.status != 200:
            raise BenchError(f"{path} answered {answer.status}.")
        return answer

    def _ask(self, path: str, accepting: str) -> Answer:
        start = perf_counter()
        self._connection.request("GET", path, headers={"Accept-Encoding": accepting})
        response = self._connection.getresponse()
        body = response.read()
        seconds = perf_counter() - start
        encoding = response.getheader("Content-Encoding", "")
        return Answer(response.status, encoding, body, seconds)
