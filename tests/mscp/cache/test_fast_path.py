"""The fast path sends what Django would, and only what Django would have sent from the cache."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from django.core.handlers.wsgi import WSGIHandler
from django.core.signals import request_finished, request_started
from django.db import OperationalError, close_old_connections, connection
from django.test import RequestFactory
from django.test.utils import CaptureQueriesContext

from mscp.cache import fast_path, pages, versions
from mscp.cache.fast_path import FastPath
from mscp.publishing.gate import State
from tests.factories import make_course, make_review, make_session, make_theme
from tests.mscp.cache.test_pages import FORGED
from tests.test_public_surfaces import World

pytestmark = pytest.mark.django_db

Answer = tuple[str, dict[str, str], bytes]


@contextmanager
def staying_connected() -> Iterator[None]:
    """Let requests begin and end without letting go of the connection that a test is in."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    try:
        yield
    finally:
        for signal in (request_started, request_finished):
            signal.connect(close_old_connections)


class Served:
    """The site behind its fast path; ``asked`` counts what reaches Django."""

    def __init__(self) -> None:
        self.asked = 0
        self._django = WSGIHandler()
        self._application = FastPath(self._count)

    def _count(self, environ: Any, start_response: Any) -> Any:
        self.asked += 1
        return self._django(environ, start_response)

    def ask(self, address: str, *, method: str = "GET", secure: bool = False, **how: Any) -> Answer:
        with staying_connected():
            return self._ask(address, method=method, secure=secure, **how)

    def _ask(self, address: str, *, method: str, secure: bool, **how: Any) -> Answer:
        environ = RequestFactory().generic(method, address, secure=secure, **how).environ
        started: list[Any] = []
        body = self._application(environ, lambda *arguments: started.extend(arguments))
        status, headers = started
        assert len(dict(headers)) == len(headers)
        answer = status, dict(headers), b"".join(body)
        getattr(body, "close", bool)()
        return answer

    def is_fast(self, address: str, **how: Any) -> bool:
        before = self.asked
        self.ask(address, **how)
        return self.asked == before


def comparable(answer: Answer) -> Answer:
    status, headers, body = answer
    return status, {k: v for k, v in headers.items() if k != "Server-Timing"}, body


@pytest.fixture
def site() -> Served:
    return Served()


def test_every_public_address_is_answered_as_django_answers_it(site: Served) -> None:
    """Every address in the coding that browsers ask for, and one of each route in the others."""
    fast, plain = set(), Served()
    for route, addresses in World(State.DRAFT).addresses().items():
        asked = [(address, "br") for address in addresses]
        asked += [(addresses[0], coding) for coding in ("", "gzip")]
        for address, coding in asked:
            wants = {"Accept-Encoding": coding}
            pages.forget()
            expected = comparable(plain.ask(address, headers=wants))
            for _ in range(3):
                before = site.asked
                answer = site.ask(address, headers=wants)
                if site.asked == before:
                    fast.add((route, coding))
                    assert "cache;desc=hit" in answer[1]["Server-Timing"]
                    assert comparable(answer) == expected, (address, coding)
    kept = {"home", "search", "reviews:practice_review", "page", "training:calendar"}
    others = {"healthz", "readyz", "reviews:document", "reviews:cover", "account_login"}
    assert {(route, coding) for route in kept for coding in ("", "gzip", "br")} <= fast
    assert not {route for route, _ in fast} & others


def test_it_answers_from_the_second_hit_on_with_one_query_for_the_version(site: Served) -> None:
    make_review()
    for address in ("/", "/reviews/", "/reviews/?type=lcspr", "/reviews/feed.atom"):
        site.ask(address)
        with CaptureQueriesContext(connection) as asked:
            assert site.is_fast(address)
        assert len(asked) == 1 and "mscp_stamp" in asked[0]["sql"]


@pytest.mark.parametrize("forged", FORGED, ids=lambda headers: next(iter(headers)))
def test_what_does_not_decide_a_page_changes_nothing(site: Served, forged: dict[str, str]) -> None:
    make_review()
    for address in ("/", "/reviews/", "/reviews/feed.atom", "/robots.txt"):
        honest = comparable(site.ask(address))
        assert comparable(site.ask(address, headers=forged)) == honest
        assert comparable(site.ask(address)) == honest
        pages.forget()
        assert comparable(site.ask(address, headers=forged)) == honest
        assert comparable(site.ask(address)) == honest


@pytest.mark.parametrize(
    "headers",
    [
        {"Cookie": "sessionid=" + "a" * 32},
        {"Cookie": "csrftoken=" + "a" * 32},
        {"Authorization": "Basic YTpi"},
        {"If-None-Match": "*"},
        {"If-Match": '"other"'},
        {"If-Modified-Since": "Mon, 30 Nov 2026 00:00:00 GMT"},
        {"If-Unmodified-Since": "Mon, 30 Nov 2020 00:00:00 GMT"},
    ],
)
def test_who_may_be_somebody_or_has_the_page_is_left_to_django(
    site: Served, headers: dict[str, str]
) -> None:
    for _ in range(2):
        assert not site.is_fast("/about/", headers=headers)
    expected = comparable(Served().ask("/about/", headers=headers))
    site.ask("/about/"), site.ask("/about/")
    assert site.is_fast("/about/")
    assert not site.is_fast("/about/", headers=headers)
    assert comparable(site.ask("/about/", headers=headers)) == expected
    assert site.ask("/about/")[0] == "200 OK"


def test_each_method_host_port_and_scheme_is_answered_by_its_own(site: Served) -> None:
    make_review()
    site.ask("/reviews/")
    assert site.is_fast("/reviews/")
    assert site.ask("/reviews/", HTTP_HOST="forged.example")[0] == "400 Bad Request"
    for how in ({"HTTP_HOST": "localhost"}, {"HTTP_HOST": "localhost", "secure": True}):
        scheme = "https" if how.get("secure") else "http"
        for _ in range(2):
            assert f"{scheme}://localhost/reviews/".encode() in site.ask("/reviews/", **how)[2]
    for _ in range(2):
        assert site.ask("/reviews/", method="HEAD")[2] == b""
        assert site.ask("/reviews/", method="POST")[0] == "405 Method Not Allowed"
    assert site.ask("/reviews/")[2]


def test_a_site_with_https_leads_there_whatever_was_sent_before(
    site: Served, settings: Any
) -> None:
    settings.SECURE_SSL_REDIRECT = True
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    site = Served()
    for _ in range(2):
        assert site.ask("/about/", headers={"X-Forwarded-Proto": "https"})[0] == "200 OK"
        assert site.ask("/about/")[0] == "301 Moved Permanently"
        assert site.ask("/about/", headers={"X-Forwarded-Proto": "http"})[0].startswith("301")
    assert site.is_fast("/about/", headers={"X-Forwarded-Proto": "https"})


def test_what_is_not_found_gone_or_leads_on_is_left_to_django(site: Served) -> None:
    gone = make_review(state=State.WITHDRAWN).get_absolute_url()
    hidden = make_review(state=State.DRAFT).get_absolute_url()
    for address in (gone, hidden, "/nothing/", "/reviews", "/admin/", "/healthz", "/%00"):
        for _ in range(3):
            assert not site.is_fast(address), address


# --- changes -------------------------------------------------------------------------------------


def rename(review: Any) -> None:
    review.title = "After"
    review.save()


@pytest.mark.parametrize(
    "change",
    [
        rename,
        lambda review: type(review).objects.filter(pk=review.pk).update(title="After"),
        lambda review: review.withdraw(reason="After"),
        lambda review: make_theme(name="After", slug="after"),
    ],
    ids=["save", "update", "withdraw", "theme"],
)
def test_nothing_is_sent_again_once_anything_public_has_changed(
    site: Served, change: Callable[[Any], Any]
) -> None:
    review = make_review(title="Before")
    addresses = ["/", "/reviews/", review.get_absolute_url(), "/reviews/feed.atom", "/themes/"]
    for _ in range(2):
        for address in addresses:
            site.ask(address)
    change(review)
    for address in addresses:
        with CaptureQueriesContext(connection) as asked:
            answer = site.ask(address)
        # The version is read once, by whoever reads it.
        assert sum("mscp_stamp" in one["sql"] for one in asked) == 1
        assert comparable(answer) == comparable(Served().ask(address))


def test_a_change_of_a_draft_leaves_it_standing(site: Served) -> None:
    draft = make_review(state=State.DRAFT)
    site.ask("/reviews/")
    draft.title = "Another"
    draft.save()
    assert site.is_fast("/reviews/")


def test_the_clock_ends_what_is_sent_again(site: Served, clock: Any) -> None:
    scheduled = make_review(state=State.SCHEDULED, title="Kestrel")
    site.ask("/reviews/")
    clock.shift(scheduled.published_at - versions.clock.now() - timedelta(seconds=1))
    assert b"Kestrel" not in site.ask("/reviews/")[2] and site.is_fast("/reviews/")
    clock.shift(timedelta(seconds=1))
    assert b"Kestrel" in site.ask("/reviews/")[2] and site.is_fast("/reviews/")


def test_a_page_that_is_made_anew_under_the_same_version_is_sent_with_its_own_headers(
    site: Served, clock: Any
) -> None:
    make_session(make_course(), in_days=1)
    first = site.ask("/training/")
    clock.shift(timedelta(days=2))
    second = site.ask("/training/")
    assert second[1]["ETag"] != first[1]["ETag"]
    assert site.is_fast("/training/")
    assert comparable(site.ask("/training/")) == comparable(second)


# --- what goes wrong -----------------------------------------------------------------------------


def test_a_database_that_fails_is_asked_once_and_django_says_so(site: Served) -> None:
    site.ask("/about/")
    tried = 0

    def refuse(*arguments: Any) -> Any:
        nonlocal tried
        tried += 1
        raise OperationalError("refused") from OSError("refused")

    with connection.execute_wrapper(refuse):
        status, headers, _ = site.ask("/about/")
    assert status == "503 Service Unavailable" and "Retry-After" in headers and tried == 1
    assert site.is_fast("/about/")


def test_without_a_version_or_a_cache_django_answers(site: Served, settings: Any) -> None:
    site.ask("/about/")
    most, settings.PAGE_CACHE_BYTES = settings.PAGE_CACHE_BYTES, 0
    assert not site.is_fast("/about/") and not site.is_fast("/about/")
    settings.PAGE_CACHE_BYTES = most
    site.ask("/about/")
    assert site.is_fast("/about/")
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM mscp_stamp")
    assert not site.is_fast("/about/") and not site.is_fast("/about/")


def test_random_requests_stay_within_their_number_and_do_no_harm(
    site: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fast_path, "MOST", 10)
    expected = comparable(site.ask("/about/"))
    for number in range(50):
        site.ask(f"/about/?x={number}")
        assert len(site._application._places) <= 10
        assert comparable(site.ask("/about/")) == expected
    assert site.is_fast("/about/")
