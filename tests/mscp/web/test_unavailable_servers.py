"""The real gunicorn on a locked database, a full disk, and a PostgreSQL that refuses or is gone."""

import json
import os
import re
import resource
import secrets
import socket
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlencode

import psycopg
import pytest
from django.db import connection as tests_own
from psycopg import sql

from mscp.web.unavailable import NO_ROOM
from reviews.documents import intake
from tests.admin_forms import fields_of
from tests.factories import MINIMAL_PDF, make_document, make_review, make_user
from tests.pdfs import clean_pdf
from tests.servers import HOST, ROOT, gunicorn, run, set_up

THREADS = 8
TOKEN = "c" * 32

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def clock() -> None:
    """The server is a process of its own."""


# Bytes of a document: more than goes to a client that reads nothing.
SIZE = 8 * 1024 * 1024


def make_site() -> tuple[str, str, str]:
    """Make a published review and an editor.

    Returns the address of its form, the key of a session, and the address of a large document.
    """
    from importlib import import_module

    from django.conf import settings
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY

    user = make_user("Publishers", username="pat")
    session = import_module(settings.SESSION_ENGINE).SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = "allauth.account.auth_backends.AuthenticationBackend"
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.save()
    review = make_review()
    pdf = MINIMAL_PDF[:9] + b"%" * SIZE + b"\n" + MINIMAL_PDF[9:]
    document = make_document(review, pdf=pdf).get_absolute_url()
    return (
        f"/admin/reviews/practicereview/{review.pk}/change/",
        session.session_key,
        document,
    )


def _answer(connection: HTTPConnection) -> Any:
    response = connection.getresponse()
    return SimpleNamespace(
        status=response.status, headers=response.headers, content=response.read()
    )


@dataclass
class Site:
    port: int
    master: int
    log: Path
    form: str = ""
    session: str = ""
    document: str = ""

    def ask(self, address: str, data: dict[str, Any] | None = None) -> Any:
        """Ask, in the admin as its editor; return status, headers and content."""
        headers = {"Cookie": f"csrftoken={TOKEN}"}
        if address.startswith("/admin/"):
            headers["Cookie"] += f"; sessionid={self.session}"
        with closing(HTTPConnection(HOST, self.port, timeout=40)) as connection:
            if data is None:
                connection.request("GET", address, headers=headers)
            else:
                headers["Content-Type"] = "application/x-www-form-urlencoded"
                body = urlencode({**data, "csrfmiddlewaretoken": TOKEN}, doseq=True)
                connection.request("POST", address, body, headers)
            return _answer(connection)

    def upload(self, content: bytes, *, accept: str) -> Any:
        """Send a PDF ahead of its form, as the script of the form does."""
        headers = {
            "Cookie": f"csrftoken={TOKEN}; sessionid={self.session}",
            "X-CSRFToken": TOKEN,
            "Accept": accept,
            "Content-Type": "multipart/form-data; boundary=parted",
        }
        disposition = 'Content-Disposition: form-data; name="file"; filename="a.pdf"'
        body = f"--parted\r\n{disposition}\r\n\r\n".encode() + content + b"\r\n--parted--\r\n"
        with closing(HTTPConnection(HOST, self.port, timeout=40)) as connection:
            connection.request("POST", "/admin/reviews/documentfile/upload/", body, headers)
            return _answer(connection)

    def opened_form(self, **changes: str) -> dict[str, Any]:
        opened = self.ask(self.form)
        assert opened.status == 200
        return {**fields_of(opened), **changes, "_save": "Save"}

    def workers(self) -> list[int]:
        children = Path(f"/proc/{self.master}/task/{self.master}/children").read_text()
        return [int(process) for process in children.split()]

    def logged(self) -> list[str]:
        """Return the lines written since this was asked before."""
        written = self.log.read_text().splitlines()
        self.log.write_text("")
        return [line for line in written if line.startswith("ERROR") or "Traceback" in line]


@contextmanager
def site(folder: Path, database: str, **more: str) -> Iterator[Site]:
    """Make a database and serve it with one worker, all else as in production."""
    environment = {
        "PATH": os.environ["PATH"],
        "DJANGO_SETTINGS_MODULE": "mscp.settings",
        "DATA_DIR": str(folder),
        "DATABASE_URL": database,
        "SECRET_KEY": "k" * 60,
        "ALLOWED_HOSTS": HOST,
        "HTTPS": "0",
        "SECOND_FACTOR": "0",
        "TWO_PEOPLE": "0",
        "WEB_WORKERS": "1",
        "LOG_FORMAT": "text",
        "WEB_THREADS": str(THREADS),
        **more,
    }

    set_up(environment)
    make = f"import django; django.setup(); from {__name__} import make_site; print(*make_site())"
    form, session, document = run(environment, "-c", make).split()
    log = folder / "log"
    with log.open("a") as errors, gunicorn(environment, stderr=errors) as (port, master):
        yield Site(port, master, log, form, session, document)


# --- SQLite ---------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def on_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    folder = tmp_path_factory.mktemp("site")
    with site(folder, f"sqlite:///{folder / 'site.sqlite3'}?timeout=1") as served:
        yield served


@pytest.mark.one_database
def test_a_form_sent_to_a_locked_database_comes_back_filled_in(on_sqlite: Site) -> None:
    typed = on_sqlite.opened_form(title="Elm")
    with closing(sqlite3.connect(on_sqlite.log.parent / "site.sqlite3")) as other:
        other.execute("BEGIN IMMEDIATE")
        on_sqlite.logged()
        refused = on_sqlite.ask(on_sqlite.form, typed)
        assert on_sqlite.ask("/").status == 200
    assert refused.status == 503 and refused.headers["Retry-After"] == "30"
    assert fields_of(refused)["title"] == "Elm"
    assert b"Nothing you typed is lost" in refused.content
    [line] = on_sqlite.logged()
    assert re.search(r": database is locked request=[0-9a-f]{32}$", line)
    again = {**fields_of(refused), "_save": "Save"}
    assert on_sqlite.ask(on_sqlite.form, again).status == 302


def limit_files(served: Site, size: int) -> None:
    """Let the server write no file beyond a size, its log neither: a full disk, for any user."""
    for process in served.workers():
        _, hard = resource.prlimit(process, resource.RLIMIT_FSIZE)
        resource.prlimit(process, resource.RLIMIT_FSIZE, (size, hard))


@pytest.mark.one_database
def test_an_upload_that_finds_the_temporary_folder_full_is_told_to_scripts_and_people(
    on_sqlite: Site,
) -> None:
    limit_files(on_sqlite, 0)
    try:
        large = b"%PDF-1.4" + bytes(4_000_000)
        script = on_sqlite.upload(large, accept="application/json")
        page = on_sqlite.upload(large, accept="text/html,*/*;q=0.8")
        small = on_sqlite.upload(clean_pdf(), accept="application/json")
    finally:
        limit_files(on_sqlite, resource.RLIM_INFINITY)
    assert script.status == page.status == 507
    assert json.loads(script.content) == {"refused": NO_ROOM.sentence}
    assert b"<h1>" in page.content
    assert (small.status, json.loads(small.content)) == (400, {"refused": intake.NO_ROOM})
    assert on_sqlite.upload(clean_pdf(), accept="application/json").status == 200
    assert not list((on_sqlite.log.parent / "tmp").iterdir())


@pytest.mark.one_database
def test_a_form_sent_to_a_full_disk_comes_back_filled_in_and_the_site_recovers(
    on_sqlite: Site,
) -> None:
    typed = on_sqlite.opened_form(title="Oak")
    limit_files(on_sqlite, 0)
    try:
        refused = on_sqlite.ask(on_sqlite.form, typed)
        sign_in = on_sqlite.ask("/staff/sign-in/", {"login": "pat", "password": "x"})
        assert on_sqlite.ask("/").status == on_sqlite.ask("/reviews/").status == 200
    finally:
        limit_files(on_sqlite, resource.RLIM_INFINITY)
    assert refused.status == sign_in.status == 507
    assert fields_of(refused)["title"] == "Oak"
    assert b"There is no room on its disk" in refused.content
    assert b"There is no room on its disk" in sign_in.content
    again = {**fields_of(refused), "_save": "Save"}
    assert on_sqlite.ask(on_sqlite.form, again).status == 302
    assert on_sqlite.ask("/staff/sign-in/", {"login": "pat", "password": "x"}).status == 200


# --- PostgreSQL -----------------------------------------------------------------------------------


@dataclass
class Limited:
    """A database and a role of a test, and who may change both."""

    owner: psycopg.Connection
    name: str
    password: str

    def run(self, statement: str) -> list[Any]:
        name = sql.Identifier(self.name)
        cursor = self.owner.execute(sql.SQL(statement).format(name=name, text=self.name))  # type: ignore[arg-type]
        return cursor.fetchall() if cursor.description else []

    def connections(self) -> int:
        return self.run("SELECT count(*) FROM pg_stat_activity WHERE usename = {text}")[0][0]

    def end_connections(self) -> None:
        self.run(
            "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity WHERE usename = {text}"
        )


@pytest.fixture(scope="module")
def limited() -> Iterator[Limited]:
    if tests_own.vendor != "postgresql":
        pytest.skip("asks PostgreSQL")
    database = tests_own.settings_dict
    with psycopg.connect(
        host=database["HOST"],
        port=database["PORT"],
        user=database["USER"],
        password=database["PASSWORD"],
        dbname="postgres",
        autocommit=True,
    ) as owner:
        made = Limited(owner, f"test_{secrets.token_hex(6)}", secrets.token_hex(16))
        made.run("CREATE ROLE {name} LOGIN")
        owner.execute(
            sql.SQL("ALTER ROLE {} PASSWORD {}").format(sql.Identifier(made.name), made.password)
        )
        made.run("CREATE DATABASE {name} OWNER {name}")
        try:
            yield made
        finally:
            made.run("DROP DATABASE {name} WITH (FORCE)")
            made.run("DROP ROLE {name}")


@pytest.fixture(scope="module")
def on_postgresql(limited: Limited, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    database = tests_own.settings_dict
    host = f"{database['HOST'] or '127.0.0.1'}:{database['PORT'] or 5432}"
    url = f"postgres://{limited.name}:{limited.password}@{host}/{limited.name}"
    with site(tmp_path_factory.mktemp("site"), url) as served:
        yield served


def ask_many(served: Site, times: int) -> list[int]:
    with ThreadPoolExecutor(2 * THREADS) as pool:
        answers = pool.map(lambda _: served.ask("/reviews/").status, range(times))
        return list(answers)


def test_a_crowd_takes_no_more_connections_than_there_are_threads(
    on_postgresql: Site, limited: Limited
) -> None:
    assert set(ask_many(on_postgresql, 100)) == {200}
    assert 1 <= limited.connections() <= THREADS


def test_at_its_connection_limit_the_site_goes_on_with_those_it_has(
    on_postgresql: Site, limited: Limited
) -> None:
    assert on_postgresql.ask("/").status == 200
    limited.end_connections()
    limited.run("ALTER ROLE {name} CONNECTION LIMIT 2")
    try:
        assert set(ask_many(on_postgresql, 200)) == {200}
        assert limited.connections() <= 2
    finally:
        limited.run("ALTER ROLE {name} CONNECTION LIMIT -1")


def test_slow_downloads_keep_no_connection_to_the_database(
    on_postgresql: Site, limited: Limited
) -> None:
    limited.end_connections()
    limited.run("ALTER ROLE {name} CONNECTION LIMIT 1")
    try:
        with ExitStack() as stack:
            for _ in range(2):
                slow = stack.enter_context(socket.create_connection((HOST, on_postgresql.port)))
                slow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
                request = f"GET {on_postgresql.document} HTTP/1.1\r\nHost: {HOST}\r\n\r\n"
                slow.sendall(request.encode())
                assert slow.recv(12) == b"HTTP/1.1 200"
            assert on_postgresql.ask("/reviews/").status == 200
    finally:
        limited.run("ALTER ROLE {name} CONNECTION LIMIT -1")


def test_connections_that_the_database_ended_cost_no_visitor_an_error(
    on_postgresql: Site, limited: Limited
) -> None:
    for _ in range(3):
        assert set(ask_many(on_postgresql, 2 * THREADS)) == {200}
        limited.end_connections()
    assert set(ask_many(on_postgresql, 2 * THREADS)) == {200}


def test_a_database_that_is_gone_is_named_on_a_page_and_found_again(
    on_postgresql: Site, limited: Limited
) -> None:
    typed = on_postgresql.opened_form(title="Elm")
    on_postgresql.logged()
    limited.run("ALTER DATABASE {name} ALLOW_CONNECTIONS false")
    limited.end_connections()
    try:
        with ThreadPoolExecutor(2) as pool:
            both = [(on_postgresql.form, typed), ("/reviews/", None)]
            sent, visitor = pool.map(lambda one: on_postgresql.ask(*one), both)
    finally:
        limited.run("ALTER DATABASE {name} ALLOW_CONNECTIONS true")
    assert visitor.status == sent.status == 503
    assert visitor.headers["Retry-After"] == sent.headers["Retry-After"] == "30"
    assert b"Its database does not answer" in visitor.content and b"999" in visitor.content
    assert b"has what you typed" in sent.content
    assert b"what you typed" not in visitor.content
    assert len(on_postgresql.logged()) == 2
    assert on_postgresql.ask("/reviews/").status == 200
    assert on_postgresql.ask(on_postgresql.form, typed).status == 302


FORKING = """
import os
from threading import Thread
import django
django.setup()
from django.db import connection

def backend():
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        return cursor.fetchone()[0]

def look(seen):
    seen.append(backend())
    connection.close()

assert connection.pool is not None
own = backend()
child = os.fork()
if not child:
    # In the thread that opened the connection, and in one for which the pool has to grow.
    seen = [backend()]
    thread = Thread(target=look, args=[seen])
    thread.start()
    thread.join()
    os._exit(0 if len({own, *seen}) == 3 else 1)
assert os.waitpid(child, 0)[1] == 0
assert backend() == own
connection.close()
connection.close_pool()
"""


def test_a_pool_that_was_opened_before_a_fork_is_not_used_behind_it(limited: Limited) -> None:
    database = tests_own.settings_dict
    environment = {
        "PATH": os.environ["PATH"],
        "DJANGO_SETTINGS_MODULE": "mscp.settings",
        "DATABASE_URL": os.environ["DATABASE_URL"].rpartition("/")[0] + f"/{database['NAME']}",
        "SECRET_KEY": "k" * 60,
        "ALLOWED_HOSTS": HOST,
    }
    subprocess.run(
        [sys.executable, "-c", FORKING],
        cwd=ROOT,
        env=environment,
        check=True,
        timeout=60,
    )
