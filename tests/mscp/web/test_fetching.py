"""What staff let the site fetch: from the public internet alone, and never more than it should."""

import socket
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from mscp.web import fetching
from mscp.web.fetching import UnreachableError, fetch, is_public

HERE = "127.0.0.1"


@pytest.mark.parametrize(
    ("address", "public"),
    [
        ("93.184.216.34", True),
        ("2606:2800:220:1:248:1893:25c8:1946", True),
        (HERE, False),
        ("10.0.0.1", False),
        ("172.16.5.4", False),
        ("192.168.1.1", False),
        ("169.254.169.254", False),
        ("100.64.0.1", False),
        ("0.0.0.0", False),  # noqa: S104 - not listened on
        ("224.0.0.1", False),
        ("255.255.255.255", False),
        ("::1", False),
        ("::", False),
        ("fe80::1%eth0", False),
        ("fc00::1", False),
        ("::ffff:127.0.0.1", False),
        ("::ffff:10.0.0.1", False),
        ("64:ff9b::7f00:1", False),
        ("2002:7f00:1::", False),
        ("ff02::1", False),
    ],
)
def test_which_addresses_are_of_the_public_internet(address: str, public: bool) -> None:
    assert is_public(address) is public


class _Site(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        path, _, number = self.path.partition("=")
        if path == "/moved":
            self.send_response(302)
            self.send_header("Location", number or "/calendar")
        elif path == "/missing":
            self.send_response(404)
        else:
            self.send_response(200)
            if path == "/cut":
                self.send_header("Content-Length", "99")
        self.end_headers()
        if path in ("/calendar", "/cut"):
            self.wfile.write(b"BEGIN:VCALENDAR")
        elif path == "/large":
            self.wfile.write(b"x" * 3_000_000)

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    server = ThreadingHTTPServer((HERE, 0), _Site)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server.server_address[1]
    server.shutdown()
    server.server_close()
    thread.join()


def fetched(port: int, path: str) -> bytes:
    """Fetch from this machine, which is let through here alone."""
    address = f"http://{HERE}:{port}{path}"
    return fetch(address, most=1024 * 1024, may_reach=lambda one: one == HERE, ports=(port,))


@pytest.mark.parametrize("path", ["/calendar", "/moved", "/moved=/moved"])
def test_what_is_there_is_fetched(port: int, path: str) -> None:
    assert fetched(port, path) == b"BEGIN:VCALENDAR"


@pytest.mark.parametrize(
    ("path", "says"),
    [
        ("/missing", "answered 404"),
        ("/cut", "before it was complete"),
        ("/large", "more than 1 MB"),
        ("/moved=http://10.0.0.1/", "not on the public internet"),
        ("/moved=http://[::1]/", "not on the public internet"),
        ("/moved=file:///etc/passwd", "begins with https://"),
        ("/moved=http://127.0.0.1:22/", "Nothing is fetched from port 22"),
        ("/moved=http://user:secret@example.org/", "a name or a password"),
        ("/moved=//[", "did not answer"),
    ],
)
def test_what_is_not_fetched_is_said_in_a_sentence(port: int, path: str, says: str) -> None:
    with pytest.raises(UnreachableError, match=says):
        fetched(port, path)


def test_a_redirect_in_a_circle_ends(port: int) -> None:
    with pytest.raises(UnreachableError, match="without an end"):
        fetched(port, f"/moved=http://{HERE}:{port}/moved=/moved=/moved=/moved=/moved=/moved")


@pytest.mark.parametrize(
    "address",
    [
        "http://localhost/",
        "http://127.0.0.1/",
        "http://2130706433/",
        "http://0x7f.1/",
        "http://[::ffff:127.0.0.1]/",
        "http://no-such-host.invalid/",
        "ftp://example.org/",
        "gopher://127.0.0.1/",
        "",
        "http://",
    ],
)
def test_nothing_of_this_machine_or_its_network_is_reached(address: str) -> None:
    with pytest.raises(UnreachableError):
        fetch(address, most=1000)


# --- a server that takes its time -----------------------------------------------------------------


class _SlowSite:
    """A server that sends something to each who asks, a byte at a time and without an end."""

    def __init__(self, sent: Callable[[], Iterator[bytes]]) -> None:
        self._listener = socket.create_server((HERE, 0))
        self.port = self._listener.getsockname()[1]
        self._sent = sent
        self.asked = threading.Semaphore(0)
        self._clients: list[threading.Thread] = []
        self._serving = threading.Thread(target=self._serve, daemon=True)
        self._serving.start()

    def _serve(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            self._clients.append(threading.Thread(target=self._answer, args=[client], daemon=True))
            self._clients[-1].start()

    def _answer(self, client: socket.socket) -> None:
        with client:
            client.recv(4096)
            self.asked.release()
            client.settimeout(0.02)
            for some in self._sent():
                try:
                    client.sendall(some)
                    if not client.recv(4096):
                        break
                except TimeoutError:
                    continue
                except OSError:
                    break

    def close(self) -> bool:
        """Serve nobody else; return whether all who came have gone."""
        # What waits for a client is woken by this, and not by closing it.
        self._listener.shutdown(socket.SHUT_RDWR)
        self._serving.join()
        self._listener.close()
        for client in self._clients:
            client.join(60)
        return not any(client.is_alive() for client in self._clients)


def slowly(start: bytes, again: bytes) -> Callable[[], Iterator[bytes]]:
    def sent() -> Iterator[bytes]:
        yield start
        while True:
            yield again

    return sent


OK = b"HTTP/1.1 200 OK\r\n"


@pytest.mark.parametrize("scheme", ["http", "https"])
@pytest.mark.parametrize(
    "sent",
    [
        pytest.param(slowly(b"", b""), id="nothing"),
        pytest.param(slowly(b"", b"H"), id="the first line"),
        pytest.param(slowly(OK, b"X: y\r"), id="a header"),
        pytest.param(slowly(OK + b"\r\n", b"x"), id="a body until it closes"),
        pytest.param(slowly(OK + b"Content-Length: 900000\r\n\r\n", b"x"), id="a body"),
        pytest.param(
            slowly(OK + b"Transfer-Encoding: chunked\r\n\r\n", b"0"), id="the size of a part"
        ),
    ],
)
def test_whatever_a_server_takes_its_time_for_is_given_up(
    sent: Callable[[], Iterator[bytes]], scheme: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fetching, "SECONDS_IN_ALL", 0.3)
    site = _SlowSite(sent)
    with pytest.raises(UnreachableError, match=r"takes more than|did not answer"):
        fetch(
            f"{scheme}://{HERE}:{site.port}/",
            most=1024 * 1024,
            may_reach=lambda one: one == HERE,
            ports=(site.port,),
        )
    # Nothing of ours goes on behind it.
    assert site.close()


def test_a_name_that_is_looked_up_for_too_long_is_given_up(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    over = threading.Event()

    def never(*arguments: object, **more: object) -> list[object]:
        over.wait(60)
        return []

    monkeypatch.setattr(fetching, "SECONDS_IN_ALL", 0.3)
    monkeypatch.setattr(socket, "getaddrinfo", never)
    with pytest.raises(UnreachableError, match="takes more than"):
        fetch("https://example.org/", most=1000)
    over.set()


def test_only_so_many_are_fetched_at_once_and_the_next_is_told_so(port: int) -> None:
    may_end = threading.Event()

    def sent() -> Iterator[bytes]:
        yield OK + b"Content-Length: 3\r\n\r\n"
        may_end.wait(60)
        yield b"ICS"

    site = _SlowSite(sent)
    found: list[bytes] = []
    threads = [
        threading.Thread(target=lambda: found.append(fetched(site.port, "/")))
        for _ in range(fetching.MOST_AT_ONCE)
    ]
    for thread in threads:
        thread.start()
    for _ in threads:
        assert site.asked.acquire(timeout=60)
    with pytest.raises(UnreachableError, match=r"Other addresses are being fetched .* Try again"):
        fetched(port, "/calendar")
    may_end.set()
    for thread in threads:
        thread.join()
    assert site.close()
    assert found == [b"ICS"] * fetching.MOST_AT_ONCE
    # A place is free again, after what failed too.
    for _ in range(fetching.MOST_AT_ONCE + 1):
        with pytest.raises(UnreachableError, match="answered 404"):
            fetched(port, "/missing")
    assert fetched(port, "/calendar") == b"BEGIN:VCALENDAR"
