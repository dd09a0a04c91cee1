"""Outbound HTTP requests to addresses that staff typed, guarded against request forgery (SSRF).

The name is resolved once, every address of it must be a public one, and the connection is made to
the address that was looked at: a name that resolves differently a moment later reaches nothing
else (DNS rebinding). Each redirect is looked at in the same way.
"""

import http.client
import ipaddress
import socket
import ssl
import time
from collections.abc import Callable
from urllib.parse import urljoin, urlsplit

MOST_REDIRECTS = 4
SECONDS = 10
# For everything: a server that sends a byte a second is given up too.
SECONDS_IN_ALL = 30
CHUNK = 64 * 1024
PORTS = {"http": (80, 8080), "https": (443, 8443)}


class UnreachableError(Exception):
    """Nothing was fetched; the message is a sentence for staff."""


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
    until = time.monotonic() + SECONDS_IN_ALL
    for _ in range(MOST_REDIRECTS + 1):
        try:
            found = _fetch_once(address, most, may_reach, ports, until)
            if isinstance(found, bytes):
                return found
            address = urljoin(address, found)
        except UnreachableError:
            raise
        except (OSError, http.client.HTTPException, ValueError) as error:
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
    until: float,
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
    connection = _connected(scheme, host, port, may_reach)
    try:
        target = f"{parts.path or '/'}{f'?{parts.query}' if parts.query else ''}"
        connection.request(
            "GET", _quoted(target), headers={"Accept": "*/*", "Accept-Encoding": "identity"}
        )
        answer = connection.getresponse()
        if answer.status in (301, 302, 303, 307, 308) and (moved := answer.getheader("Location")):
            return moved
        if answer.status != http.client.OK:
            raise UnreachableError(
                f"“{host}” answered {answer.status} ({answer.reason or 'no reason'}): look whether "
                "the address is right, and open to anybody."
            )
        return _body(answer, most, until)
    finally:
        connection.close()


def _quoted(target: str) -> str:
    """Return a path without what would end the line of the request."""
    return "".join(each if "!" <= each <= "~" else f"%{each.encode()[0]:02X}" for each in target)


def _connected(
    scheme: str, host: str, port: int, may_reach: Callable[[str], bool]
) -> http.client.HTTPConnection:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise UnreachableError(f"There is no “{host}”. Look whether the address is right.") from (
            error
        )
    numbers = [str(one[4][0]) for one in found]
    if not numbers or not all(may_reach(number) for number in numbers):
        raise UnreachableError(
            f"“{host}” is not on the public internet, so nothing is fetched from it."
        )
    connection: http.client.HTTPConnection
    if scheme == "https":
        connection = http.client.HTTPSConnection(host, port, timeout=SECONDS)
    else:
        connection = http.client.HTTPConnection(host, port, timeout=SECONDS)
    plain = socket.create_connection((numbers[0], port), timeout=SECONDS)
    if scheme == "https":
        try:
            connection.sock = ssl.create_default_context().wrap_socket(plain, server_hostname=host)
        except OSError:
            plain.close()
            raise
    else:
        connection.sock = plain
    return connection


def _body(answer: http.client.HTTPResponse, most: int, until: float) -> bytes:
    body = bytearray()
    while chunk := answer.read1(CHUNK):
        body += chunk
        if len(body) > most:
            raise UnreachableError(f"What is there has more than {most // 1024 // 1024} MB.")
        if time.monotonic() > until:
            raise UnreachableError("It takes too long. Try again later.")
    if answer.length:
        # A part of a calendar would look as if the rest were listed no longer.
        raise UnreachableError("The answer ended before it was complete. Try again later.")
    return bytes(body)
