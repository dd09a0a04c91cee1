"""Visitors are answered from the cache with the very bytes that they would get without it."""

import re
from collections.abc import Callable
from datetime import timedelta
from random import Random
from threading import Barrier, Lock
from time import sleep
from typing import Any

import pytest
from django.db import connection
from django.http import HttpResponse, StreamingHttpResponse
from django.test import Client, RequestFactory
from django.test.utils import CaptureQueriesContext, override_settings

from mscp.cache import encodings, pages, versions
from mscp.cache.pages import PageCacheMiddleware
from mscp.publishing.gate import State
from tests.factories import (
    make_contact,
    make_course,
    make_identity,
    make_review,
    make_session,
    make_theme,
)
from tests.pages import body_of
from tests.test_public_surfaces import World
from tests.threads import in_threads

pytestmark = pytest.mark.django_db

HIT = re.compile(r"cache;desc=hit, total;dur=\d+\.\d")
MISS = re.compile(r"cache;desc=miss, total;dur=\d+\.\d")
# Of answers that have nothing to do with the page: how long it took, and the random of a form.
OF_THE_MOMENT = {"Server-Timing"}


def get(address: str, **headers: str) -> Any:
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    return Client().get(address, headers=names)


def is_hit(response: Any) -> bool:
    timing = response.headers.get("Server-Timing", "")
    assert not timing or HIT.fullmatch(timing) or MISS.fullmatch(timing)
    return "hit" in timing


def comparable(response: Any) -> tuple[Any, ...]:
    headers = {k: v for k, v in response.headers.items() if k not in OF_THE_MOMENT}
    return response.status_code, headers, body_of(response), dict(response.cookies)


def without_cache() -> override_settings:
    """Switch the cache off. Unlike an assignment to ``settings``, this leaves nothing behind."""
    return override_settings(PAGE_CACHE_BYTES=0)


# --- hits ----------------------------------------------------------------------------------------


def test_every_public_address_is_answered_alike_with_the_cache_without_it_and_from_it() -> None:
    kept = set()
    for route, addresses in World(State.DRAFT).addresses().items():
        for address in addresses:
            with without_cache():
                expected = comparable(get(address, accept_encoding="gzip"))
            first = get(address, accept_encoding="gzip")
            # Whoever asked before in other words may have filled it.
            assert comparable(first) == expected, address
            second = get(address, accept_encoding="gzip")
            assert comparable(second) == expected, address
            if is_hit(second):
                kept.add(route)
            else:
                assert "Server-Timing" not in second.headers, address
    pages_of_text = {"home", "search", "suggestions", "themes:list", "themes:detail", "page"}
    pages_of_text |= {"sitemap", "sitemap_section", "robots", "developers", "training:calendar"}
    pages_of_text |= {"reviews:practice_reviews", "reviews:practice_review", "reviews:read"}
    pages_of_text |= {"training:sessions", "training:course", "training:venue", "reviews:briefing"}
    assert pages_of_text <= kept, pages_of_text - kept
    assert not kept & {"healthz", "readyz", "reviews:document", "reviews:cover", "account_login"}


def test_a_hit_costs_one_query_and_the_version_is_all_it_asks_for() -> None:
    make_review()
    for address in ("/", "/reviews/", "/reviews/?type=lcspr", "/reviews/feed.atom", "/robots.txt"):
        get(address)
        with CaptureQueriesContext(connection) as asked:
            assert is_hit(get(address)), address
        assert len(asked) == 1 and "mscp_stamp" in asked[0]["sql"]


@pytest.mark.parametrize("address", ["/", "/reviews/", "/training/", "/about/"])
def test_a_miss_costs_no_more_queries_than_without_a_cache(address: str) -> None:
    make_review(), make_session()
    get(address)
    with without_cache(), CaptureQueriesContext(connection) as without:
        get(address)
    pages.forget()
    with CaptureQueriesContext(connection) as missed:
        assert not is_hit(get(address))
    assert len(missed) == len(without)


def test_head_is_get_without_a_body_whoever_asks_first() -> None:
    make_review()
    for address in ("/reviews/", "/reviews/feed.atom", "/training/calendar.ics"):
        answers = []
        for methods in (("head", "get"), ("get", "head")):
            pages.forget()
            for method in methods:
                response = getattr(Client(), method)(address, headers={"Accept-Encoding": "gzip"})
                assert bool(response.content) == (method == "get")
                answers.append({k: v for k, v in response.items() if k not in OF_THE_MOMENT})
        assert all(one == answers[0] for one in answers), address
        assert int(answers[0]["Content-Length"]) == len(
            get(address, accept_encoding="gzip").content
        )


@pytest.mark.parametrize("coding", ["", "gzip", "br"])
def test_who_has_the_page_gets_a_short_answer_from_the_same_key(coding: str) -> None:
    make_review()
    first = get("/reviews/feed.atom", accept_encoding=coding)
    etag = first.headers["ETag"]
    for condition in (etag, f'"x", {etag}', "*", f"W/{etag.removeprefix('W/')}"):
        with CaptureQueriesContext(connection) as asked:
            again = get("/reviews/feed.atom", accept_encoding=coding, if_none_match=condition)
        assert again.status_code == 304 and not again.content and len(asked) == 1
        assert HIT.fullmatch(again.headers["Server-Timing"])
        for name in ("ETag", "Vary", "Cache-Control", "Access-Control-Allow-Origin"):
            assert again.headers[name] == first.headers[name]
        assert "Content-Encoding" not in again.headers
    assert get("/reviews/feed.atom", if_none_match='"other"').status_code == 200
    assert get("/reviews/feed.atom", if_match='"other"').status_code == 412


def test_whoever_comes_with_a_condition_first_fills_the_cache_for_all() -> None:
    etag = get("/about/").headers["ETag"]
    pages.forget()
    assert get("/about/", if_none_match=etag).status_code == 304
    assert is_hit(get("/about/"))


# --- codings -------------------------------------------------------------------------------------


def test_each_coding_holds_the_same_page_and_says_which_it_is() -> None:
    for number in range(20):
        make_review(title=f"Sample review {number}", summary="Some words of a summary. " * 9)
    plain = get("/reviews/")
    for first in ("", "gzip", "br"):
        pages.forget()
        get("/reviews/", accept_encoding=first)
        for coding in ("br", "gzip", ""):
            response = get("/reviews/", accept_encoding=coding)
            assert is_hit(response)
            assert response.headers.get("Content-Encoding", "") == coding
            assert encodings.decoded(response.content, coding) == plain.content
            assert response.headers["Content-Length"] == str(len(response.content))
            assert response.headers["Vary"] == "Cookie, Accept-Encoding"
            etag = response.headers["ETag"]
            # A strong one promises these very bytes.
            assert etag.removeprefix("W/") == plain.headers["ETag"]
            assert etag.startswith("W/") == bool(coding)


def test_a_list_as_it_is_sent_is_short() -> None:
    themes = [make_theme(name=f"A theme with a long name {number}") for number in range(12)]
    make_identity(), make_contact()
    random = Random(1)
    words = [f"word{number}" for number in range(3000)]
    for number in range(60):
        summary = " ".join(random.choices(words, k=120))
        make_review(title=f"Sample review {number}", summary=summary, themes=themes[:4])
        make_session(make_course(title=f"Course {number}", summary=summary), in_days=number)
    for address in ("/reviews/", "/reviews/?type=lcspr", "/training/", "/search/?q=sample"):
        for coding in ("gzip", "br"):
            assert len(get(address, accept_encoding=coding).content) <= 12 * 1024, address


def test_what_is_too_short_to_compress_is_sent_as_it_is() -> None:
    response = get("/robots.txt", accept_encoding="gzip")
    assert "Content-Encoding" not in response.headers and b"Sitemap" in response.content


def test_no_page_with_a_form_or_of_staff_is_compressed(editor: Client) -> None:
    wants = {"Accept-Encoding": "gzip, br"}
    for response in (
        Client().get("/staff/sign-in/", headers=wants),
        editor.get("/admin/", headers=wants),
        editor.get("/reviews/", headers=wants),
        Client().get("/nothing/", headers=wants),
    ):
        assert "Content-Encoding" not in response.headers
        assert "Server-Timing" not in response.headers


# --- keys ----------------------------------------------------------------------------------------

SAME = [
    ("/reviews/?type=lcspr&year=2020", "/reviews/?year=2020&type=lcspr"),
    ("/reviews/?type=lcspr", "/reviews/?type=lcspr&utm_source=x&fbclid=y"),
    ("/reviews/?type=lcspr", "/reviews/?q=&type=lcspr&year=&theme="),
    ("/reviews/", "/reviews/?"),
    ("/reviews/", "/reviews/?utm_source=x"),
    ("/reviews/", "/reviews/?q="),
    ("/search/?q=caf%C3%A9", "/search/?q=caf%c3%a9"),
    ("/search/?q=a+b", "/search/?q=a%20b"),
    ("/", "/?anything=at&all"),
    ("/about/", "/about/?q=words"),
    ("/training/venues/?access=lift", "/training/venues/?x=1&access=lift"),
]
OTHERS = [
    ("/reviews/", "/reports/"),
    ("/reviews/?type=lcspr", "/reviews/?type=scr"),
    ("/reviews/?type=lcspr&type=scr", "/reviews/?type=scr&type=lcspr"),
    ("/reviews/?year=none", "/reviews/"),
    ("/reviews/?q=a%26type%3Dscr", "/reviews/?q=a&type=scr"),
    ("/reviews/?q=1%3A2", "/reviews/?q=1"),
    ("/reviews/feed.atom?unknown=1", "/reviews/feed.atom"),
    ("/reviews/?page=2", "/reviews/"),
]


def test_addresses_that_ask_for_the_same_share_a_page() -> None:
    for one, other in SAME:
        pages.forget()
        assert not is_hit(get(one))
        assert is_hit(get(other)), other
        assert get(other).content == get(one).content


def test_addresses_that_ask_for_something_else_never_do() -> None:
    for one, other in OTHERS:
        pages.forget()
        get(one)
        assert not is_hit(get(other)), other


def test_whatever_is_asked_the_answer_is_that_of_the_view_without_a_canonical_query(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """What is dropped from a query is what the page would have passed over."""
    theme = make_theme(name="Neglect")
    for number in range(30):
        make_review(title=f"Sample {number}", themes=[theme], report_date=None)
    make_session(make_course(themes=[theme]))
    random = Random(3)
    names = ["type", "year", "theme", "q", "sort", "page", "when", "utm", "publisher", "view"]
    values = ["", "lcspr", "scr", "neglect", "sample", "2", "oldest", "past", "%20", "%EF%BF%BD"]
    addresses = [
        path
        + "?"
        + "&".join(
            f"{random.choice(names)}={random.choice(values)}" for _ in range(random.randrange(1, 6))
        )
        for path in ("/reviews/", "/search/", "/training/") * 12
    ]
    found = {address: get(address).content for address in addresses}
    monkeypatch.setattr(pages, "canonicalise", lambda request: None)
    with without_cache():
        for address in addresses:
            assert get(address).content == found[address], address


FORGED: list[dict[str, str]] = [
    {"X-Forwarded-Host": "forged.example"},
    {"X-Forwarded-Proto": "https"},
    {"X-Forwarded-For": "6.6.6.6"},
    {"X-Forwarded-Port": "666"},
    {"X-Forwarded-Prefix": "/forged"},
    {"X-Original-URL": "/admin/", "X-Rewrite-URL": "/admin/"},
    {"Forwarded": "host=forged.example;proto=https"},
    {"Accept-Language": "cy"},
    {"Accept": "application/json"},
    {"Accept-Charset": "utf-16"},
    {"User-Agent": "forged/1.0"},
    {"Referer": "https://forged.example/"},
    {"Origin": "https://forged.example"},
    {"X-Requested-With": "XMLHttpRequest"},
    {"X-HTTP-Method-Override": "POST"},
    {"Range": "bytes=0-4"},
    {"Cookie": "theme=forged; other=1"},
    {"Save-Data": "on", "DNT": "1", "Sec-Fetch-Site": "cross-site"},
    {"Cache-Control": "no-cache", "Pragma": "no-cache"},
]


@pytest.mark.parametrize("forged", FORGED, ids=lambda headers: next(iter(headers)))
def test_nothing_that_is_not_in_the_key_changes_what_is_kept(forged: dict[str, str]) -> None:
    make_review()
    addresses = ["/", "/reviews/", "/reviews/feed.atom", "/reviews/export.v1.json", "/robots.txt"]
    honest = {address: comparable(get(address)) for address in addresses}
    for address in addresses:
        pages.forget()
        # The forger asks first.
        Client().get(address, headers=forged)
        assert comparable(get(address)) == honest[address], address


def test_each_host_and_scheme_has_pages_of_its_own() -> None:
    make_review()
    for secure in (False, True):
        for host in ("testserver", "localhost"):
            scheme = "https" if secure else "http"
            for _ in range(2):
                response = Client(HTTP_HOST=host).get("/reviews/", secure=secure)
                assert f"{scheme}://{host}/reviews/".encode() in response.content
    assert Client(HTTP_HOST="forged.example").get("/reviews/").status_code == 400
    assert is_hit(Client(HTTP_HOST="TestServer.:666").get("/reviews/"))


# --- what is not kept ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "headers",
    [
        {"Cookie": "sessionid=" + "a" * 32},
        {"Cookie": "sessionid=x"},
        {"Cookie": "csrftoken=" + "a" * 32},
        {"Cookie": "messages=x"},
        {"Authorization": "Basic YTpi"},
    ],
)
def test_who_may_be_somebody_gets_no_kept_page_and_leaves_none(headers: dict[str, str]) -> None:
    Client().get("/about/", headers=headers)
    assert not is_hit(get("/about/"))
    assert "Server-Timing" not in Client().get("/about/", headers=headers).headers
    assert is_hit(get("/about/"))


def test_what_is_not_found_or_gone_or_leads_on_is_not_kept() -> None:
    gone = make_review(state=State.WITHDRAWN).get_absolute_url()
    hidden = make_review(state=State.DRAFT).get_absolute_url()
    statuses = {
        gone: 410,
        hidden: 404,
        "/nothing/": 404,
        "/nothing/at/all": 404,
        "/reviews": 301,
        "/reviews/export.json": 302,
        "/admin/": 302,
    }
    for address, status in statuses.items():
        for _ in range(2):
            response = get(address, accept_encoding="gzip")
            assert response.status_code == status
            assert "Server-Timing" not in response.headers
    assert len(pages._memory) == 0


@pytest.mark.parametrize(
    ("change", "kept"),
    [
        (lambda response: None, True),
        (lambda response: response.set_cookie("a", "b"), False),
        (lambda response: response.headers.__setitem__("Cache-Control", "private"), False),
        (lambda response: response.headers.__setitem__("Cache-Control", "no-store"), False),
        (lambda response: response.headers.__setitem__("Vary", "Accept-Language"), False),
        (lambda response: response.headers.__setitem__("Vary", "*"), False),
        (lambda response: response.headers.__setitem__("Vary", "cookie"), True),
        (lambda response: response.headers.__setitem__("Content-Type", "image/webp"), False),
        (lambda response: response.headers.__setitem__("Content-Type", "application/pdf"), False),
        (lambda response: response.headers.__setitem__("Content-Encoding", "gzip"), False),
        (lambda response: response.headers.__setitem__("X-Accel-Redirect", "/x"), False),
        (lambda response: response.headers.__setitem__("Content-Length", "9"), False),
        (lambda response: setattr(response, "status_code", 201), False),
        (lambda response: setattr(response, "status_code", 503), False),
    ],
)
def test_only_a_public_page_of_text_is_kept(change: Callable[[Any], None], kept: bool) -> None:
    def answer(request: Any) -> HttpResponse:
        response = HttpResponse("Some words.")
        change(response)
        return response

    middleware = PageCacheMiddleware(answer)
    for _ in range(2):
        middleware(RequestFactory().get("/some/"))
    assert len(pages._memory) == kept


def test_what_is_streamed_is_sent_as_it_is() -> None:
    middleware = PageCacheMiddleware(lambda request: StreamingHttpResponse([b"a", b"b"]))
    response = middleware(RequestFactory().get("/some/", HTTP_ACCEPT_ENCODING="gzip"))
    assert body_of(response) == b"ab" and len(pages._memory) == 0


def test_without_a_version_nothing_is_kept_and_pages_are_compressed_all_the_same() -> None:
    get("/about/")
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM mscp_stamp")
    for _ in range(2):
        response = get("/about/", accept_encoding="gzip")
        assert not is_hit(response) and response.headers["Content-Encoding"] == "gzip"


def test_the_attack_of_random_queries_stays_within_its_bytes(settings: Any) -> None:
    settings.PAGE_CACHE_BYTES = 200_000
    make_review()
    read = ["/", "/reviews/", "/about/", "/reviews/?type=lcspr"]
    for address in read * 2:
        get(address)
    for number in range(120):
        get(f"/reviews/?q=word{number}")
        assert pages._memory.bytes <= 200_000
    assert all(is_hit(get(address)) for address in read)


# --- changes -------------------------------------------------------------------------------------


def test_a_change_of_a_draft_leaves_every_page_standing_and_a_public_one_none() -> None:
    draft, public = make_review(state=State.DRAFT), make_review(title="Before")
    addresses = ["/", "/reviews/", public.get_absolute_url(), "/reviews/feed.atom"]
    for address in addresses:
        get(address)
    draft.title = "A draft"
    draft.save()
    assert all(is_hit(get(address)) for address in addresses)
    public.title = "After"
    public.save()
    for address in addresses:
        response = get(address)
        assert not is_hit(response) and b"After" in response.content


def test_a_page_that_was_rendered_while_something_changed_is_not_kept_for_what_is_new() -> None:
    review = make_review(title="Before")

    def answer(request: Any) -> HttpResponse:
        text = type(review).objects.get(pk=review.pk).title
        if text == "Before":
            type(review).objects.filter(pk=review.pk).update(title="After")
        return HttpResponse(text)

    middleware = PageCacheMiddleware(answer)
    asked = [middleware(RequestFactory().get("/some/")).content for _ in range(3)]
    assert asked == [b"Before", b"After", b"After"]


def test_an_empty_response_is_answered_and_not_kept() -> None:
    middleware = PageCacheMiddleware(lambda request: HttpResponse(""))
    found = [middleware(RequestFactory().get("/some/")) for _ in range(2)]
    assert [(one.status_code, one.content, is_hit(one)) for one in found] == [(200, b"", False)] * 2


@pytest.mark.parametrize("kept", [True, False])
def test_a_page_is_of_one_moment(clock: Any, settings: Any, kept: bool) -> None:
    settings.PAGE_CACHE_BYTES = settings.PAGE_CACHE_BYTES if kept else 0
    moments = []

    def answer(request: Any) -> HttpResponse:
        for _ in range(2):
            moments.append((versions.clock.now(), versions.clock.today()))
            clock.shift(timedelta(days=1))
        return HttpResponse("Some words.")

    before = versions.clock.now()
    PageCacheMiddleware(answer)(RequestFactory().get("/some/"))
    assert {moment for moment, _ in moments} == {before}
    assert len({day for _, day in moments}) == 1
    assert versions.clock.now() == before + timedelta(days=2)


def test_what_becomes_due_while_a_page_is_made_is_on_the_next(clock: Any) -> None:
    """It was made of an earlier moment, and is kept no longer than until that which is due."""
    scheduled = make_review(state=State.SCHEDULED, title="Kestrel")

    def answer(request: Any) -> HttpResponse:
        shown = type(scheduled).objects.published().values_list("title", flat=True)
        clock.move_to(scheduled.published_at + timedelta(seconds=1))
        return HttpResponse(", ".join(shown))

    clock.move_to(scheduled.published_at - timedelta(seconds=1))
    middleware = PageCacheMiddleware(answer)
    asked = [middleware(RequestFactory().get("/some/")).content for _ in range(2)]
    assert asked == [b"", b"Kestrel"]


def test_the_clock_ends_a_page(clock: Any) -> None:
    scheduled = make_review(state=State.SCHEDULED, title="Kestrel")
    assert b"Kestrel" not in get("/reviews/").content
    clock.shift(scheduled.published_at - versions.clock.now() - timedelta(seconds=1))
    assert b"Kestrel" not in get("/reviews/").content and is_hit(get("/reviews/"))
    clock.shift(timedelta(seconds=1))
    first = get("/reviews/")
    assert b"Kestrel" in first.content and not is_hit(first)


# --- many at once --------------------------------------------------------------------------------


@pytest.fixture
def version(monkeypatch: pytest.MonkeyPatch) -> None:
    """Give threads a version, since the database of a test is not theirs."""
    monkeypatch.setattr(versions, "current", lambda: ("version",))
    until = versions.clock.start_of_day(versions.clock.today() + timedelta(days=1))
    monkeypatch.setattr(versions, "horizon", lambda version: until)


class Site:
    """Counts how often it is asked."""

    def __init__(self, status: int = 200) -> None:
        self.asked, self.status = 0, status
        self._lock = Lock()

    def __call__(self, request: Any) -> HttpResponse:
        with self._lock:
            self.asked += 1
        # Long enough for every other thread to arrive.
        sleep(0.05)
        if self.status == 500:
            raise LookupError
        return HttpResponse("Some words.", status=self.status)


@pytest.mark.usefixtures("version")
def test_of_many_who_ask_for_a_page_at_once_one_makes_it() -> None:
    site = Site()
    middleware = PageCacheMiddleware(site)
    found = in_threads(16, lambda _: middleware(RequestFactory().get("/some/")))
    assert site.asked == 1 and {response.content for response in found} == {b"Some words."}
    assert len(pages._flights) == 0


@pytest.mark.usefixtures("version")
def test_who_waited_for_what_may_not_be_kept_goes_on_at_once() -> None:
    """One behind the other, sixteen would need sixteen times as long."""
    together = Barrier(15)

    def site(request: Any) -> HttpResponse:
        if request.META["HTTP_X_FIRST"] != "0":
            together.wait(20)
        else:
            sleep(0.1)
        return HttpResponse("Nothing.", status=404)

    middleware = PageCacheMiddleware(site)

    def ask(place: int) -> int:
        sleep(0.03 * bool(place))
        return middleware(RequestFactory().get("/no/", HTTP_X_FIRST=str(place))).status_code

    assert set(in_threads(16, ask)) == {404}


@pytest.mark.usefixtures("version")
def test_a_page_that_cannot_be_made_is_tried_by_each() -> None:
    middleware = PageCacheMiddleware(Site(500))

    def ask(place: int) -> str:
        with pytest.raises(LookupError):
            middleware(RequestFactory().get("/some/"))
        return "raised"

    assert in_threads(8, ask) == ["raised"] * 8 and len(pages._flights) == 0
