"""gunicorn as gunicorn.conf.py runs it, asked by raw requests that no client would send."""

import runpy
import socket
from collections.abc import Iterator

import pytest

from tests.servers import HOST, ROOT, gunicorn, set_up, site_environment


@pytest.fixture(autouse=True)
def clock() -> None:
    """The server is a process of its own."""


@pytest.fixture(scope="module")
def port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    environment = site_environment(tmp_path_factory.mktemp("site"))
    set_up(environment)
    with gunicorn(environment) as (port, _):
        yield port


def test_workers_are_not_replaced_by_count_and_a_restart_waits_for_downloads() -> None:
    configuration = runpy.run_path(str(ROOT / "gunicorn.conf.py"))
    assert configuration["max_requests"] == 0
    assert configuration["graceful_timeout"] >= 60


def ask(port: int, request: str) -> tuple[int, str]:
    """Send a request as it is; return the status and the answer as it comes."""
    with socket.create_connection((HOST, port), timeout=20) as connection:
        connection.sendall(request.encode())
        answer = b""
        while block := connection.recv(65536):
            answer += block
    return int(answer.split(b" ", 2)[1]), answer.decode()


@pytest.mark.parametrize(
    ("target", "headers"),
    [
        ("x:https://forged.example/", "SCRIPT_NAME: https://forged.example"),
        ("/forged.example/", "SCRIPT_NAME: /forged.example"),
        ("/", "PATH_INFO: /forged.example"),
        ("https://forged.example/", ""),
        ("//forged.example/", ""),
        ("/", "X-Forwarded-Host: forged.example\r\nX-Forwarded-Proto: https"),
        ("/", "X-Forwarded-Prefix: /forged.example\r\nForwarded: host=forged.example"),
        ("/", "X-Forwarded-Port: 666\r\nX-Script-Name: /forged.example"),
    ],
)
def test_no_raw_request_moves_a_link(port: int, target: str, headers: str) -> None:
    more = f"{headers}\r\n" if headers else ""
    status, answer = ask(
        port,
        f"GET {target} HTTP/1.1\r\nHost: {HOST}:{port}\r\n{more}Connection: close\r\n\r\n",
    )
    assert status in (200, 400, 404)
    assert "forged.example" not in answer and ":666" not in answer
    assert status != 200 or f'href="http://{HOST}:{port}/"' in answer
    for address in ("/", "/reviews/", "/training/"):
        status, plain = ask(
            port, f"GET {address} HTTP/1.1\r\nHost: {HOST}:{port}\r\nConnection: close\r\n\r\n"
        )
        assert status == 200 and "forged.example" not in plain and ":666" not in plain


def test_a_port_that_is_not_served_stands_in_no_link(port: int) -> None:
    status, answer = ask(port, f"GET / HTTP/1.1\r\nHost: {HOST}:666\r\nConnection: close\r\n\r\n")
    assert status == 200 and ":666" not in answer and f'href="http://{HOST}/"' in answer
