"""The log has a line for each request, and nothing that anybody typed or that tells who asked."""

import json
import logging
import re
import sys
from collections.abc import Iterator
from io import StringIO
from logging.config import dictConfig
from typing import Any

import pytest
from django.conf import settings as site_settings
from django.contrib.auth.models import Permission
from django.core.handlers.wsgi import WSGIHandler
from django.db import IntegrityError, connection
from django.test import Client, RequestFactory
from django.urls import get_resolver

from mscp.cache.fast_path import FastPath
from mscp.observing import logs, queries
from mscp.observing.requests import Observing
from mscp.publishing.gate import State
from tests.factories import make_review, make_user
from tests.mscp.cache.test_fast_path import staying_connected

pytestmark = pytest.mark.django_db

CANARY = "quokka"
ADDRESS = "203.0.113.77"
TYPED = {
    "HTTP_USER_AGENT": f"Mozilla {CANARY}",
    "HTTP_REFERER": f"https://{CANARY}.example/",
    "HTTP_X_FORWARDED_FOR": ADDRESS,
    "HTTP_X_REQUEST_ID": CANARY,
    "HTTP_ACCEPT_LANGUAGE": CANARY,
    "HTTP_ORIGIN": f"https://{CANARY}.example",
    "REMOTE_ADDR": ADDRESS,
}


class Log:
    """What is written where production writes it, and the site as gunicorn calls it."""

    def __init__(self, stream: StringIO) -> None:
        self._stream = stream
        self._application = Observing(FastPath(WSGIHandler()))
        self.text = ""

    def ask(self, address: str, method: str = "GET", **how: Any) -> dict[str, str]:
        """Ask the site; return the headers."""
        environ = RequestFactory().generic(method, address, **how).environ
        sent: list[Any] = []
        with staying_connected():
            body = self._application(environ, lambda *arguments: sent.extend(arguments))
            for _ in body:
                pass
            body.close()
        return {"Status": sent[0], **dict(sent[1])}

    def lines(self) -> list[dict[str, Any]]:
        """Return the lines since this was called last."""
        written = self._stream.getvalue()[len(self.text) :]
        self.text += written
        return [json.loads(line) for line in written.splitlines()]

    def requests(self) -> list[dict[str, Any]]:
        return [line for line in self.lines() if line["logger"] == "mscp.observing.requests"]


@pytest.fixture
def log() -> Iterator[Log]:
    dictConfig(logs.settings_for("json"))
    stream = StringIO()
    for name in (None, "django"):
        for handler in logging.getLogger(name).handlers:
            if isinstance(handler, logging.StreamHandler) and handler.name == "console":
                handler.setStream(stream)
    try:
        yield Log(stream)
    finally:
        dictConfig(site_settings.LOGGING)


def every_address(patterns: Any, before: str = "") -> Iterator[str]:
    """Yield an address of each route, with the canary wherever it takes words."""
    for pattern in patterns:
        route = before + re.sub(r"^\^|\\Z|\$$", "", str(pattern.pattern))
        if hasattr(pattern, "url_patterns"):
            yield from every_address(pattern.url_patterns, route)
            continue
        typed = re.sub(r"<int:\w+>", "1", route)
        typed = re.sub(r"<(\w+:)?\w+>", CANARY, typed)
        typed = re.sub(r"\(\?P<\w+>\[0-9\].*?\)", "1", typed)
        typed = re.sub(r"\(.*?\)", CANARY, typed)
        yield "/" + typed.replace("\\", "")


def test_no_route_writes_a_word_that_was_typed(log: Log, admin_client: Client) -> None:
    make_review(title=CANARY, slug=CANARY)
    session = admin_client.cookies["sessionid"].value
    addresses = list(every_address(get_resolver().url_patterns))
    assert len(addresses) > 250 and sum(CANARY in one for one in addresses) > 40
    asked = 0
    for number, address in enumerate(addresses):
        query = f"{address}?q={CANARY}&email={CANARY}%40example.org"
        log.ask(query, **TYPED)
        # Staff ask, and what staff send is refused for its lack of a token, which Django logs.
        log.ask(query, "POST" if number % 2 else "GET", HTTP_COOKIE=f"sessionid={session}", **TYPED)
        asked += 2
    for method, how in [("QUOKKA", {}), ("GET", {"HTTP_HOST": f"{CANARY}.example"})]:
        log.ask(f"/{CANARY}/{CANARY}?{CANARY}", method, **{**TYPED, **how})
        asked += 1
    lines = log.requests()
    assert len(lines) == asked
    assert CANARY not in log.text.lower() and ADDRESS not in log.text
    assert "admin@example.com" not in log.text and "Mozilla" not in log.text
    routes = {line["route"] for line in lines}
    assert {"home", "search", "reviews:practice_review", "admin:index", "none"} <= routes
    assert {line["method"] for line in lines} == {"GET", "POST", "OTHER"}


def test_a_line_says_what_a_request_cost(log: Log) -> None:
    make_review(title="Oak")
    for _ in range(3):
        headers = log.ask("/reviews/?sort=title")
    miss, *_, hit = log.requests()
    assert (miss["cache"], hit["cache"]) == ("miss", "hit")
    assert miss["route"] == hit["route"] and miss["queries"] > 5 >= hit["queries"]
    assert miss["status"] == 200 and miss["ms"] > 0 and "user" not in miss
    assert headers["X-Request-ID"] == hit["request"] != miss["request"]
    assert re.fullmatch(r"[0-9a-f]{32}", hit["request"])


def test_of_staff_a_line_has_the_number_of_the_account_alone(log: Log) -> None:
    user = make_user("Editors", username=CANARY, email=f"{CANARY}@example.org")
    client = Client()
    client.force_login(user)
    cookie = f"sessionid={client.cookies['sessionid'].value}"
    log.ask("/admin/", HTTP_COOKIE=cookie)
    log.ask("/staff/sign-in/")
    staff, visitor = log.requests()
    assert staff["user"] == user.pk and "user" not in visitor
    assert CANARY not in log.text


@pytest.mark.parametrize(
    ("proxies", "given", "is_taken"),
    [
        (1, "0" * 32, True),
        (1, "0" * 31, False),
        (1, "G" * 32, False),
        (1, "0" * 32 + "\n", False),
        (0, "0" * 32, False),
    ],
)
def test_an_id_is_taken_from_a_proxy_of_ours_alone(
    log: Log, settings: Any, proxies: int, given: str, is_taken: bool
) -> None:
    settings.TRUSTED_PROXIES = proxies
    answer = log.ask("/nothing-here/", HTTP_X_REQUEST_ID=given)
    assert (answer["X-Request-ID"] == given) is is_taken
    assert re.fullmatch(r"[0-9a-f]{32}", answer["X-Request-ID"])


def test_a_draft_and_nothing_have_the_same_header_and_the_same_line(log: Log) -> None:
    draft = make_review(title="Oak", state=State.DRAFT)
    log.ask("/reviews/nothing/")
    log.lines()
    both = [log.ask(draft.get_absolute_url()), log.ask("/reviews/nothing-of-that-name/")]
    lengths = [{name: len(value) for name, value in answer.items()} for answer in both]
    assert lengths[0] == lengths[1] and both[0]["Status"].startswith("404")
    lines = log.requests()
    for line in lines:
        for name in ("time", "ms", "request"):
            del line[name]
    assert lines[0] == lines[1]


@pytest.mark.parametrize(
    "error",
    [
        ValueError(f"could not read {CANARY}"),
        KeyError(CANARY),
        IntegrityError(f"DETAIL: Key (email)=({CANARY}) already exists."),
        FileNotFoundError(2, "No such file", f"/srv/{CANARY}"),
        UnicodeEncodeError("ascii", CANARY, 0, 1, CANARY),
    ],
)
def test_a_mistake_has_its_places_and_none_of_its_words(
    log: Log, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    def fail(*args: object, **kwargs: object) -> None:
        typed = CANARY.upper()
        try:
            raise error
        except type(error) as first:
            raise RuntimeError(f"{typed} {first}") from first

    monkeypatch.setattr("mscp.site.home.themes_in_use", fail)
    client = Client(raise_request_exception=False)
    with staying_connected():
        assert client.get(f"/?q={CANARY}").status_code == 500
    failed = next(line for line in log.lines() if line["logger"] == "django.request")
    assert failed["message"] == "Internal Server Error at home"
    assert failed["failure"][-1] == "builtins.RuntimeError"
    kind = type(error)
    assert any(one.startswith(f"{kind.__module__}.{kind.__name__}") for one in failed["failure"])
    assert any("in fail: raise error" in place for place in failed["failure"])
    assert CANARY not in log.text.lower()


@pytest.mark.parametrize(
    "message",
    [
        ("Invalid request from ip={ip}: {error}".format(ip=ADDRESS, error=f"GET /?q={CANARY}"),),
        ("Error handling request %s", f"/search/?q={CANARY}"),
    ],
)
def test_gunicorn_names_no_reader_and_no_address(message: tuple[str, ...]) -> None:
    record = logging.LogRecord("gunicorn.error", 30, "", 1, message[0], message[1:], None)
    logs.NothingTyped().filter(record)
    line = logs.JSONLines().format(record)
    assert CANARY not in line and ADDRESS not in line and '"message": "A request ' in line


def test_lines_are_plain_on_ones_own_machine() -> None:
    try:
        raise ValueError(CANARY)
    except ValueError:
        record = logging.LogRecord("a", 40, "", 1, "Oak %s", ("elm",), sys.exc_info())
    record.fields = {"ms": 3}
    first, *_, last = logs.Lines().format(record).splitlines()
    assert (first, last) == ("ERROR a: Oak elm ms=3", "builtins.ValueError")


# --- what is slow ---------------------------------------------------------------------------------


def test_a_slow_request_and_its_slow_queries_share_an_id_and_have_no_value(
    log: Log, settings: Any
) -> None:
    settings.SLOW_REQUEST_MS = 0.000001
    settings.SLOW_QUERY_MS = 0.000001
    log.ask(f"/search/?q={CANARY}")
    lines = log.lines()
    request = next(line for line in lines if line["logger"] == "mscp.observing.requests")
    slow = [line for line in lines if line["logger"] == "mscp.observing.queries"]
    assert request["message"] == "Slow request" and request["level"] == "WARNING"
    assert len(slow) == request["queries"] > 3
    assert {line["request"] for line in slow} == {request["request"]}
    assert CANARY not in log.text and all(line["ms"] >= 0 for line in slow)


def test_nothing_is_slow_where_that_is_turned_off(log: Log, settings: Any) -> None:
    settings.SLOW_REQUEST_MS = settings.SLOW_QUERY_MS = 0
    log.ask("/search/?q=a")
    assert [line["message"] for line in log.lines()] == ["Request"]


@pytest.mark.parametrize(
    ("sql", "shown"),
    [
        ("SELECT a FROM b WHERE c = %s", "SELECT a FROM b WHERE c = %s"),
        ("SELECT  a\nFROM b WHERE c = 'quokka''s den'", "SELECT a FROM b WHERE c = ?"),
        ("SELECT $$quokka$$, 12, 3.5 FROM t1", "SELECT ?, ?, ? FROM t1"),
        ("SELECT 'quo\nkka', \"column\"", 'SELECT ?, "column"'),
    ],
)
def test_a_query_is_shown_without_values(sql: str, shown: str) -> None:
    assert queries.without_values(sql) == shown


def test_queries_are_counted_from_the_start_of_a_request() -> None:
    queries.begin()
    assert Permission.objects.count() and queries.number() == 1
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    assert queries.number() == 2
    queries.begin()
    assert queries.number() == 0
