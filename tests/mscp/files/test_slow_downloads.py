"""Large files through the real gunicorn: pages go on answering, and memory does not grow."""

import socket
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from http.client import HTTPConnection
from pathlib import Path
from threading import Event, Thread

import pytest

from tests.factories import MINIMAL_PDF, make_document, make_review
from tests.mscp.files.sending_site import lines
from tests.servers import HOST, gunicorn, run, set_up, site_environment

MEGABYTE = 1024 * 1024
READERS = 10


@cache
def big() -> bytes:
    """Return a PDF of 20 MB: padding that a reader ignores, since comments may be anywhere."""
    return MINIMAL_PDF[:9] + lines(20 * MEGABYTE)[9:] + MINIMAL_PDF[9:]


def make_big_document() -> str:
    """Store a published document of 20 MB; return its address."""
    return make_document(make_review(), pdf=big()).get_absolute_url()


@pytest.fixture(autouse=True)
def clock() -> None:
    """The server is a process of its own, and so are its readers' pauses."""


@dataclass(frozen=True)
class Site:
    port: int
    master: int
    big: str

    def get(self, address: str, **headers: str) -> tuple[int, bytes]:
        connection = HTTPConnection(HOST, self.port, timeout=20)
        try:
            connection.request("GET", address, headers=headers)
            response = connection.getresponse()
            return response.status, response.read()
        finally:
            connection.close()

    def memory(self) -> int:
        """Return the bytes of all its processes, what they share counted once."""
        children = Path(f"/proc/{self.master}/task/{self.master}/children").read_text().split()
        shares = [_proportional(process) for process in [str(self.master), *children]]
        return sum(shares)


def _proportional(process: str) -> int:
    rollup = Path(f"/proc/{process}/smaps_rollup").read_text()
    line = next(line for line in rollup.splitlines() if line.startswith("Pss:"))
    return int(line.split()[1]) * 1024


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """One worker, so that all readers come to the same; all else as in production, on SQLite."""
    environment = site_environment(tmp_path_factory.mktemp("site"))
    set_up(environment)
    make = (
        "import django; django.setup(); "
        f"from {__name__} import make_big_document; print(make_big_document())"
    )
    big = run(environment, "-c", make)
    with gunicorn(environment) as (port, master):
        yield Site(port, master, big)


@contextmanager
def connections(site: Site, number: int, sent: bytes) -> Iterator[list[socket.socket]]:
    """Open so many connections that read little ahead, and send the same on each."""
    with ExitStack() as stack:
        opened = [stack.enter_context(socket.socket()) for _ in range(number)]
        for connection in opened:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            connection.settimeout(20)
            connection.connect((HOST, site.port))
            connection.sendall(sent)
        yield opened


@contextmanager
def slow_readers(site: Site, readers: int) -> Iterator[list[int]]:
    """Read the big file over so many connections at once, a few kB a second each.

    Yields how many bytes each has read so far.
    """
    request = f"GET {site.big} HTTP/1.1\r\nHost: {HOST}\r\n\r\n".encode()
    done = [0] * readers
    enough = Event()

    def sip(connections: list[socket.socket]) -> None:
        while not enough.wait(0.1):
            for number, connection in enumerate(connections):
                done[number] += len(connection.recv(400))

    with connections(site, readers, request) as opened:
        for connection in opened:
            assert connection.recv(12) == b"HTTP/1.1 200", "A reader waits in vain."
        thread = Thread(target=sip, args=[opened])
        thread.start()
        try:
            yield done
        finally:
            enough.set()
            thread.join()


def peak_while(site: Site, work: Callable[[], None]) -> int:
    """Return the most memory the server took while ``work`` ran."""
    with ThreadPoolExecutor(1) as pool:
        future = pool.submit(work)
        peak = site.memory()
        while not future.done():
            peak = max(peak, site.memory())
            time.sleep(0.02)
        future.result()
    return peak


def test_pages_answer_while_ten_read_slowly(site: Site) -> None:
    with slow_readers(site, READERS) as done:
        for _ in range(5):
            for address in ("/", "/reviews/", "/search/?q=sample", "/readyz"):
                status, body = site.get(address)
                assert status == 200 and body
        # One more reader is not kept waiting either.
        assert site.get(site.big)[1] == big()
        time.sleep(0.5)
        assert all(0 < read < len(big()) // 2 for read in done), done


@pytest.mark.skipif(
    not Path("/proc/self/smaps_rollup").exists(), reason="memory is told by Linux alone"
)
def test_ten_whole_downloads_take_less_memory_than_one_file(site: Site) -> None:
    for address in ("/", "/reviews/"):
        site.get(address)
    expected = sha256(big()).digest()

    def download(_: int) -> None:
        status, body = site.get(site.big)
        assert status == 200 and sha256(body).digest() == expected

    def download_all() -> None:
        with ThreadPoolExecutor(READERS) as pool:
            list(pool.map(download, range(READERS)))

    before = site.memory()
    grown = peak_while(site, download_all) - before
    assert grown < len(big()), f"{grown / MEGABYTE:.1f} MB more"


# More than the two workers of production have threads, and here is one.
MANY = 40


def test_slow_downloads_never_have_all_threads_and_one_too_many_is_asked_to_come_again(
    site: Site,
) -> None:
    request = f"GET {site.big} HTTP/1.1\r\nHost: {HOST}\r\n\r\n"
    with connections(site, MANY, request.encode()) as opened:
        for address in ("/", "/reviews/", "/readyz"):
            assert site.get(address)[0] == 200
        heads = [one.recv(4096) for one in opened]
    sent = [head for head in heads if head.startswith(b"HTTP/1.1 200")]
    refused = [head for head in heads if head.startswith(b"HTTP/1.1 503")]
    # Three of four threads of sixteen.
    assert len(sent) == 12 and len(refused) == MANY - 12
    assert all(b"Retry-After: 30" in head for head in refused)
    # Their places are free again once the server has seen that they have gone.
    for _ in range(100):
        status, body = site.get(site.big)
        if status == 200:
            break
        time.sleep(0.2)
    assert (status, body) == (200, big())


UNFINISHED = (
    f"GET / HTTP/1.1\r\nHost: {HOST}\r\nX-A: ",
    f"POST /staff/sign-in/ HTTP/1.1\r\nHost: {HOST}\r\nCookie: csrftoken={'a' * 32}\r\n"
    "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 5000\r\n\r\nlogin=",
)


def test_a_request_that_stands_still_is_hung_up_on(site: Site) -> None:
    """Of sixteen threads these take all; ten seconds later all are free again."""
    headers, bodies = (sent.encode() for sent in UNFINISHED)
    with connections(site, 8, headers) as first, connections(site, 8, bodies) as second:
        # Waits for its turn, and gets it.
        assert site.get("/readyz")[0] == 200
        for one in (*first, *second):
            while one.recv(65536):
                pass
