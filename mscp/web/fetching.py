"""Outbound HTTP requests to addresses that staff typed, guarded against request forgery (SSRF).

The name is resolved once, every address of it must be a public one, and the connection is made to
the address that was looked at: a name that resolves differently a moment later reaches nothing
else (DNS rebinding). Each redirect is looked at in the same way.

A thread of the server waits meanwhile, so little time is given to all of it together, whatever the
other server does, and only a few are fetched at once.
"""

import http.client
import ipaddress
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any
from urllib.parse import urljoin, urlsplit

from mscp.concurrency.limits import Limit

MOST_REDIRECTS = 4
# For everything: names, redirects, and a server that sends a byte a second.
SECONDS_IN_ALL = 15
# Of the sixteen threads of a process.
MOST_AT_ONCE = 2
CHUNK = 64 * 1024
PORTS = {"http": (80, 8080), "https": (443, 8443)}


TOO_LONG = f"It takes more than {SECONDS_IN_ALL} seconds. Try again later."
BUSY = "Other addresses are being fetched at the moment. Try again in half a minute."

_limit = Limit(MOST_AT_ONCE)


class UnreachableError(Exception):
    """Nothing was fetched; the message is a sentence for staff."""


class _Deadline:
    """A moment after which nothing of one fetch is waited for."""

    def __init__(self) -> None:
        self._end = time.monotonic() + SECONDS_IN_ALL
        self._has_cut_off = False

    def left(self) -> float:
        """Return the seconds that are left. Raises UnreachableError if there are none."""
        left = self._end - time.monotonic()
        if left <= 0 or self._has_cut_off:
            raise UnreachableError(TOO_LONG)
        return left

    @contextmanager
    def cutting_off(self, connection: http.client.HTTPConnection) -> Iterator[None]:
        """End the connection then: a timeout of its own begins anew with each byte."""
        timer = threading.Timer(self.left(), self._cut_off, [connection.sock])
        timer.daemon = True
        timer.start()
        try:
            yield
        finally:
            timer.cancel()
        # What was cut off looks like an answer that was complete.
        self.left()

    def _cut_off(self, sock: socket.socket) -> None:
        self._has_cut_off = True
        # Whoever waits for it goes on, as if the other side had closed it. Not the method of a TLS
        # socket, which forgets what that thread is using.
        with suppress(OSError):
            socket.socket.shutdown(sock, socket.SHUT_RDWR)


def is_public(address: str) -> bool:
    """Return whether an IP address is one of the public internet."""
    number = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(number, ipaddress.IPv6Address):
        for inner in (number.ipv4_mapped, number.sixtofour, number.teredo and number.teredo[1]):
            if inner is not None:
                return is_public(str(inner))
        # NAT64 (RFC 6052) leads to the IPv4 address in its last 32 bits.
        if number in ipaddress.ip_network("64:ff9b::/96"):
            return is_public(str(ipaddress.IPv4Address(int(number) & 0xFFFFFFFF)))
    return number.is_global and not number.is_multicast


def fetch(
    address: str,
    *,
    most: int,
    may_reach: Callable[[str], bool] = is_public,
    ports: tuple[int, ...] = (),
) -> bytes:
    """Return what an address answers, of at most so many bytes. Raises UnreachableError."""
    if (place := _limit.acquire()) is None:
        raise UnreachableError(BUSY)
    try:
        return _followed(address, most, may_reach, ports)
    finally:
        place.release()


def _followed(
    address: str, most: int, may_reach: Callable[[str], bool], ports: tuple[int, ...]
) -> bytes:
    deadline = _Deadline()
    for _ in range(MOST_REDIRECTS + 1):
        try:
            found = _fetch_once(address, most, may_reach, ports, deadline)
            if isinstance(found, bytes):
                return found
            address = urljoin(address, found)
        except UnreachableError:
            # Whatever ends when its time is over ends by that.
            deadline.left()
            raise
        except (OSError, http.client.HTTPException, ValueError) as error:
            deadline.left()
            raise UnreachableError(
                f"“{_host(address)}” did not answer as it should. Try again later, or look whether "
                "the address is right."
            ) from error
    raise UnreachableError("The address leads from one to the next without an end.")


def _host(address: str) -> str:
    try:
        return urlsplit(address).hostname or address[:80]
    except ValueError:
        return address[:80]


def _fetch_once(
    address: str,
    most: int,
    may_reach: Callable[[str], bool],
    ports: tuple[int, ...],
    deadline: _Deadline,
) -> bytes | str:
    """Return the body, or the address that it was moved to."""
    parts = urlsplit(address)
    scheme, host = parts.scheme.lower(), parts.hostname
    if scheme not in PORTS or not host:
        raise UnreachableError("An address begins with https:// or http://.")
    if parts.username is not None or parts.password is not None:
        raise UnreachableError("An address with a name or a password in it is not fetched.")
    port = parts.port or PORTS[scheme][0]
    if port not in (*PORTS[scheme], *ports):
        raise UnreachableError(f"Nothing is fetched from port {port}.")
    connection = _connected(scheme, host, port, may_reach, deadline)
    try:
        with deadline.cutting_off(connection):
            return _answer(connection, parts.path, parts.query, most)
    finally:
        connection.close()


def _answer(
    connection: http.client.HTTPConnection, path: str, query: str, most: int
) -> bytes | str:
    target = f"{path or '/'}{f'?{query}' if query else ''}"
    connection.request(
        "GET", _quoted(target), headers={"Accept": "*/*", "Accept-Encoding": "identity"}
    )
    answer = connection.getresponse()
    if answer.status in (301, 302, 303, 307, 308) and (moved := answer.getheader("Location")):
        return moved
    if answer.status != http.client.OK:
        raise UnreachableError(
            f"“{connection.host}” answered {answer.status} ({answer.reason or 'no reason'}): look "
            "whether the address is right, and open to anybody."
        )
    return _body(answer, most)


def _quoted(target: str) -> str:
    """Return a path without what would end the line of the request."""
    return "".join(each if "!" <= each <= "~" else f"%{each.encode()[0]:02X}" for each in target)


def _resolved(host: str, port: int, seconds: float) -> list[Any]:
    """Return what a name is resolved to. Raises OSError, UnicodeError or UnreachableError.

    In a thread, since nothing else bounds how long the resolver of the system takes.
    """
    found: list[Any] = []

    def resolve() -> None:
        try:
            found.append(socket.getaddrinfo(host, port, type=socket.SOCK_STREAM))
        except (OSError, UnicodeError) as error:
            found.append(error)

    thread = threading.Thread(target=resolve, daemon=True)
    thread.start()
    thread.join(seconds)
    if not found:
        raise UnreachableError(TOO_LONG)
    if isinstance(found[0], Exception):
        raise found[0]
    addresses: list[Any] = found[0]
    return addresses


def _connected(
    scheme: str, host: str, port: int, may_reach: Callable[[str], bool], deadline: _Deadline
) -> http.client.HTTPConnection:
    try:
        found = _resolved(host, port, deadline.left())
    except (OSError, UnicodeError) as error:
        raise UnreachableError(f"There is no “{host}”. Look whether the address is right.") from (
            error
        )
    numbers = [str(one[4][0]) for one in found]
    if not numbers or not all(may_reach(number) for number in numbers):
        raise UnreachableError(
            f"“{host}” is not on the public internet, so nothing is fetched from it."
        )
    connection = (
        http.client.HTTPSConnection(host, port)
        if scheme == "https"
        else http.client.HTTPConnection(host, port)
    )
    plain = socket.create_connection((numbers[0], port), timeout=deadline.left())
    if scheme == "https":
        try:
            # The handshake as a whole takes no longer than the timeout of its socket.
            plain.settimeout(deadline.left())
            connection.sock = ssl.create_default_context().wrap_socket(plain, server_hostname=host)
        except (OSError, UnreachableError):
            plain.close()
            raise
    else:
        connection.sock = plain
    return connection


def _body(answer: http.client.HTTPResponse, most: int) -> bytes:
    body = bytearray()
    while chunk := answer.read1(CHUNK):
        body += chunk
        if len(body) > most:
            raise UnreachableError(f"What is there has more than {most // 1024 // 1024} MB.")
    if answer.length:
        # A part of a calendar would look as if the rest were listed no longer.
        raise UnreachableError("The answer ended before it was complete. Try again later.")
    return bytes(body)
