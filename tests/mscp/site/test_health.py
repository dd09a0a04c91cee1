"""/readyz, the system check and the log of a worker tell the same list of faults."""

import os
import time
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from mscp.cache import versions
from mscp.cache.redis import backend
from mscp.models import WordIndexState
from mscp.site import health
from mscp.site.checks import check_disk
from tests.pages import assert_valid_html
from tests.servers import HOST, gunicorn

pytestmark = pytest.mark.django_db


def probe(**headers: str) -> tuple[int, list[str]]:
    response = Client(headers=headers).get("/readyz")
    return response.status_code, response.content.decode().splitlines()


def test_a_probe_is_answered_whatever_host_and_scheme_it_names(settings: object) -> None:
    settings.SECURE_SSL_REDIRECT = True  # type: ignore[attr-defined]
    for host in ("10.1.2.3:8000", "testserver", "[::1]", "no host", ""):
        assert probe(host=host) == (200, ["ok"]), host
    assert Client(headers={"host": "10.1.2.3"}).get("/").status_code == 400


def test_a_probe_takes_get_and_head_and_sets_no_cookie() -> None:
    client = Client()
    client.cookies["sessionid"] = "stale"
    assert client.post("/readyz", {"a": "b"}).status_code == 405
    answers = [client.get("/readyz"), client.head("/readyz")]
    assert [answer.content for answer in answers] == [b"ok\n", b""]
    for answer in answers:
        assert answer.status_code == 200 and answer.headers["Cache-Control"] == "no-store"
        assert "Set-Cookie" not in answer.headers and not answer.cookies


def test_a_process_that_answers_is_alive_whatever_is_wrong() -> None:
    WordIndexState.objects.all().delete()
    with CaptureQueriesContext(connection) as asked:
        response = Client(headers={"host": "10.1.2.3"}).get("/healthz")
    assert (response.status_code, response.content, len(asked)) == (200, b"ok\n", 0)
    assert probe()[0] == 503


def test_a_disk_that_is_nearly_full_is_told_and_does_not_send_visitors_away(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(health, "LEAST_FREE", 10**18)
    status, lines = probe()
    assert status == 200 and lines[0] == "ok"
    assert "The disk of the site's data has only" in lines[1]
    assert "mscp.W006" in {found.id for found in check_disk(None)}


def test_a_shared_cache_that_is_gone_is_told_and_does_not_send_visitors_away(
    settings: Any,
) -> None:
    # Port 1 of this machine, where nothing listens.
    settings.CACHES = {**settings.CACHES, "pages": backend("redis://127.0.0.1:1/0")}
    assert probe() == (200, ["ok", "The shared cache does not answer; pages are made without it."])


def test_a_storage_that_cannot_be_read_is_a_fault(uploads: Path) -> None:
    uploads.parent.mkdir(exist_ok=True)
    uploads.write_text("no folder")
    status, lines = probe()
    assert status == 503 and lines[0] == "The storage of files does not answer."


def test_a_probe_costs_five_queries() -> None:
    probe()
    with CaptureQueriesContext(connection) as asked:
        probe()
    assert len(asked) == 5


def test_a_missing_trigger_is_a_fault() -> None:
    objects = versions.objects("default")
    trigger = next(one for one in objects if one.kind == "trigger")
    with connection.cursor() as cursor:
        cursor.execute(trigger.drop)
    status, lines = probe()
    assert status == 503 and len(lines) == 1
    assert lines[0].endswith("Run manage.py migrate.")
    with pytest.raises(CommandError, match=r"\(mscp\.E005\)"):
        call_command("check", databases=["default"])


def test_a_word_index_of_another_release_is_a_fault() -> None:
    WordIndexState.objects.filter(name="search_course").update(fingerprint="another")
    status, lines = probe()
    assert status == 503 and "search_course was not built by this release" in lines[0]


def test_a_migration_that_is_not_applied_is_a_fault() -> None:
    probe()
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM django_migrations WHERE name = '0002_session_coming'")
    status, lines = probe()
    assert status == 503 and len(lines) == 1
    assert lines[0].startswith("Migrations are not applied: training.0002_session_coming")
    with pytest.raises(CommandError, match=r"\(mscp\.E003\)"):
        call_command("check", databases=["default"])


# --- a server that was started too early ----------------------------------------------------------


@pytest.fixture(scope="module", params=["nothing", "no database"])
def started(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> tuple[str, int, Path]:
    """Start gunicorn with neither collected static files nor a database that has tables."""
    folder = tmp_path_factory.mktemp("started")
    log = folder / "log"
    environment = {
        "PATH": os.environ["PATH"],
        "DJANGO_SETTINGS_MODULE": "mscp.settings",
        "SECRET_KEY": "k" * 60,
        "ALLOWED_HOSTS": "site.example",
        "HTTPS": "0",
        "SECOND_FACTOR": "0",
        "DATA_DIR": str(folder),
        "WEB_WORKERS": "1",
        "LOG_FORMAT": "text",
        "X_ACCEL_PREFIX": "/protected/",
        "NGINX_USER": "no-such-account",
    }
    if request.param == "no database":
        # Port 1 of this machine, where nothing listens.
        environment["DATABASE_URL"] = f"postgres://secret-user:secret@{HOST}:1/secret-name"
    with gunicorn(environment, "--capture-output", "--error-logfile", str(log)) as (port, _):
        yield request.param, port, log


def ask(
    port: int, address: str, *, method: str = "GET", host: str = "site.example"
) -> tuple[int, str]:
    client = HTTPConnection(HOST, port, timeout=20)
    try:
        client.request(method, address, headers={"Host": host})
        response = client.getresponse()
        return response.status, response.read().decode()
    finally:
        client.close()


SAID = {
    "nothing": "Migrations are not applied: ",
    "no database": "The database does not answer or cannot be read.",
}


def test_it_answers_probes_with_each_fault_and_tells_nothing_private(
    started: tuple[str, int, Path],
) -> None:
    case, port, log = started
    status, body = ask(port, "/readyz", host=f"{HOST}:{port}")
    static, database = body.splitlines()
    assert status == 503
    assert static == (
        "The static files have not been collected. Run manage.py collectstatic, then restart."
    )
    assert database.startswith(SAID[case])
    assert "secret" not in body and str(log.parent) not in body


def _lines_of_health(log: Path) -> list[str]:
    return [line for line in log.read_text().splitlines() if "mscp.site.readiness" in line]


def test_its_log_says_so_in_one_line(started: tuple[str, int, Path]) -> None:
    case, _, log = started
    # It is written beside the work of the worker.
    deadline = time.monotonic() + 20
    while not (lines := _lines_of_health(log)) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert len(lines) == 1, log.read_text()
    assert "manage.py collectstatic" in lines[0] and SAID[case] in lines[0]
    assert "There is no account named no-such-account" in lines[0]


def test_its_error_pages_are_whole(started: tuple[str, int, Path]) -> None:
    case, port, _ = started
    answers = [
        (503, "This site", ask(port, "/")),
        (400, "This request was not understood", ask(port, "/", host="other.example")),
        (403, "Please send the form again", ask(port, "/staff/sign-in/", method="POST")),
    ]
    for expected, words, (status, body) in answers:
        assert 'href="tel:999"' in body
        assert_valid_html(body)
        if case == "nothing":
            # Of tables that are not there nothing is answered.
            assert status == 503 and "<h1>This site is being brought up to date</h1>" in body
        else:
            assert status == expected and f"<h1>{words}" in body
