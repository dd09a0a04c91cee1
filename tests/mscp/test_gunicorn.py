"""gunicorn as gunicorn.conf.py runs it, asked by raw requests that no client would send."""

import re
import runpy
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.servers import HOST, ROOT, gunicorn, run, set_up, site_environment


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


def test_as_many_connections_are_accepted_beside_those_that_are_worked_on() -> None:
    """Those that stay open are served again and again; others would wait meanwhile."""
    configuration = runpy.run_path(str(ROOT / "gunicorn.conf.py"))
    threads, connections = configuration["threads"], configuration["worker_connections"]
    # And a full worker leaves the rest to the next.
    assert connections == 2 * threads


FIRST_PAGE = """
import sys
import mscp.wsgi
before = set(sys.modules)
from django.test import Client
assert Client(SERVER_NAME="127.0.0.1").get("/reviews/").status_code == 200
print([name for name in set(sys.modules) - before if name.endswith((".views", ".urls"))])
print("mscp.site.search" in before, "training.views" in before)
"""


def test_every_view_is_loaded_before_the_workers_are_forked(tmp_path: Path) -> None:
    environment = site_environment(tmp_path)
    set_up(environment)
    assert run(environment, "-c", FIRST_PAGE).splitlines() == ["[]", "True True"]


def test_the_first_worker_deletes_what_a_killed_process_left(tmp_path: Path) -> None:
    """Beside the requests: with a slow storage it would keep the site from starting."""
    environment = site_environment(tmp_path, WEB_WORKERS="2")
    set_up(environment)
    left = tmp_path / "tmp" / "learning-pdf-left"
    left.mkdir(parents=True)
    with gunicorn(environment):
        for _ in range(300):
            if not left.exists():
                break
            time.sleep(0.1)
    assert not left.exists()


def ask(port: int, request: str) -> tuple[int, str]:
    """Send a request as it is; return the status and the answer as it comes."""
    with socket.create_connection((HOST, port), timeout=20) as connection:
        connection.sendall(request.encode())
        answer = b""
        while block := connection.recv(65536):
            answer += block
    return int(answer.split(b" ", 2)[1]), answer.decode()


def get_at(port: int, host: str, address: str) -> tuple[int, str]:
    return ask(port, f"GET {address} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n")


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
        status, plain = get_at(port, f"{HOST}:{port}", address)
        assert status == 200 and "forged.example" not in plain and ":666" not in plain


def test_a_port_that_is_not_served_stands_in_no_link(port: int) -> None:
    status, answer = get_at(port, f"{HOST}:666", "/")
    assert status == 200 and ":666" not in answer and f'href="http://{HOST}/"' in answer


def test_requests_that_come_together_are_answered_in_their_order(port: int) -> None:
    one, two = "/robots.txt", "/developers/publications.v1.schema.json"
    request = "".join(f"GET {address} HTTP/1.1\r\nHost: {HOST}\r\n\r\n" for address in (one, two))
    last = f"GET /nothing/ HTTP/1.1\r\nHost: {HOST}\r\nConnection: close\r\n\r\n"
    _, answer = ask(port, request + last)
    statuses = re.findall(r"HTTP/1\.1 (\d+)", answer)
    assert statuses == ["200", "200", "404"]
    assert answer.index("User-agent") < answer.index("$schema") < answer.index("Page not found")


def test_what_is_left_of_a_refused_body_is_no_further_request(port: int) -> None:
    smuggled = "GET /robots.txt HTTP/1.1\r\nHost: x\r\n\r\n"
    body = smuggled + "x" * 200_000
    request = (
        f"POST /reviews/ HTTP/1.1\r\nHost: {HOST}\r\nContent-Length: {len(body)}\r\n\r\n{body}"
    )
    status, answer = ask(port, request)
    assert status == 405 and answer.count("HTTP/1.1") == 1


def test_a_form_is_taken_from_the_address_that_is_served(port: int) -> None:
    _, page = get_at(port, f"{HOST}:{port}", "/staff/sign-in/")
    cookie = re.findall(r"csrftoken=(\w+)", page)[0]
    token = re.findall(r'name="csrfmiddlewaretoken" value="(\w+)"', page)[0]
    form = f"csrfmiddlewaretoken={token}&login=nobody&password=nothing"
    head = (
        f"POST /staff/sign-in/ HTTP/1.1\r\nHost: {HOST}:{port}\r\nCookie: csrftoken={cookie}\r\n"
        f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(form)}\r\n"
        "Connection: close\r\n"
    )
    status, page = ask(port, f"{head}Origin: http://{HOST}:{port}\r\n\r\n{form}")
    assert status == 200 and "Wrong user name or password" in page
    assert ask(port, f"{head}Origin: http://forged.example\r\n\r\n{form}")[0] == 403
