"""Processes share pages through Redis; where it fails, each does without."""

import pickle
import socket
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from time import perf_counter
from typing import Any

import pytest
from django.core.cache import caches
from django.test import Client

from mscp.cache import pages, shared_pages
from mscp.cache.page import Page
from mscp.cache.redis import backend
from mscp.cache.shared_pages import ALIAS, SharedPages, packed, unpacked
from mscp.database import clock as database_clock
from mscp.database.clock import start_of_day
from tests.factories import make_review
from tests.mscp.cache.redis_server import redis_address, redis_server
from tests.servers import HOST, free_port

pytestmark = pytest.mark.django_db

redis = pytest.fixture(redis_address)


def tomorrow() -> Any:
    return start_of_day(database_clock.today() + timedelta(days=1))


def a_page(**facts: Any) -> Page:
    facts = {"headers": (("Content-Type", "text/html"),), "etag": '"a"', **facts}
    return Page.of(b"Some words. " * 200, "br", until=tomorrow(), **facts)


@pytest.fixture
def shared(redis: str, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    settings.CACHES = {**settings.CACHES, ALIAS: backend(redis)}
    monkeypatch.setattr(pages, "_shared", SharedPages())
    yield
    caches[ALIAS]._cache.get_client().connection_pool.disconnect()


def as_another_process() -> None:
    """Leave what another process would not have: the memory of this one."""
    pages.forget()


def is_hit(response: Any) -> bool:
    return "hit" in response.headers["Server-Timing"]


@pytest.mark.parametrize("is_open", [True, False])
def test_a_page_comes_back_as_it_was(is_open: bool) -> None:
    page = a_page(is_open_to_all_sites=is_open)
    page.in_coding("gzip")
    assert unpacked(packed(page)) == page


@pytest.mark.usefixtures("shared")
def test_what_one_process_rendered_another_sends(django_assert_num_queries: Any) -> None:
    make_review(title="Oak")
    for address in ("/reviews/", "/reviews/feed.atom", "/robots.txt"):
        first = Client().get(address, headers={"Accept-Encoding": "gzip"})
        as_another_process()
        with django_assert_num_queries(1):
            second = Client().get(address, headers={"Accept-Encoding": "gzip"})
        assert is_hit(second) and second.content == first.content
        timing = {"Server-Timing"}
        assert {k: v for k, v in second.items() if k not in timing} == {
            k: v for k, v in first.items() if k not in timing
        }


@pytest.mark.usefixtures("shared")
def test_a_change_is_seen_by_all_and_the_clock_ends_what_they_share(clock: Any) -> None:
    review = make_review(title="Before")
    Client().get("/reviews/")
    review.title = "After"
    review.save()
    as_another_process()
    response = Client().get("/reviews/")
    assert not is_hit(response) and b"After" in response.content
    as_another_process()
    assert is_hit(Client().get("/reviews/"))
    clock.shift(timedelta(days=1))
    as_another_process()
    assert not is_hit(Client().get("/reviews/"))


@pytest.mark.usefixtures("shared")
def test_another_release_has_pages_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    Client().get("/about/")
    as_another_process()
    monkeypatch.setattr(shared_pages, "release", lambda: "another")
    assert not is_hit(Client().get("/about/"))


def test_a_release_is_known_by_its_files() -> None:
    assert len(shared_pages.release()) == 64


@pytest.mark.usefixtures("shared")
@pytest.mark.parametrize(
    "garbage",
    [b"", b"{}", b"\n", b'{"lengths": {}}\n', pickle.dumps(print), b"\x80\x04.", b"[]\n", b"1\n"],
)
def test_what_is_no_page_is_a_miss_and_nothing_is_unpickled(garbage: bytes) -> None:
    first = Client().get("/about/")
    client = caches[ALIAS]._cache.get_client()
    (name,) = client.keys()
    client.set(name, garbage)
    as_another_process()
    response = Client().get("/about/")
    assert not is_hit(response) and response.content == first.content


@pytest.mark.usefixtures("shared")
def test_no_name_in_redis_tells_what_somebody_looked_for() -> None:
    Client().get("/reviews/?q=kestrel")
    client = caches[ALIAS]._cache.get_client()
    (name,) = client.keys()
    assert b"kestrel" not in name and b"review" not in name
    assert 0 < client.ttl(name) <= 24 * 60 * 60


# --- Redis that fails ----------------------------------------------------------------------------


@pytest.fixture
def sharing(settings: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Return what lets the site use the Redis at a port."""

    def use(port: int) -> SharedPages:
        settings.CACHES = {**settings.CACHES, ALIAS: backend(f"redis://{HOST}:{port}/0")}
        monkeypatch.setattr(pages, "_shared", used := SharedPages())
        return used

    return use


def test_where_nothing_listens_pages_are_rendered_and_it_is_asked_once(
    sharing: Any, caplog: pytest.LogCaptureFixture
) -> None:
    sharing(free_port())
    for address in ("/about/", "/reviews/", "/training/") * 2:
        assert Client().get(address).status_code == 200
    assert [record.getMessage() for record in caplog.records] == [
        "Pages are not shared for 5 seconds: ConnectionError"
    ]


def test_a_redis_that_does_not_answer_holds_nobody_up(sharing: Any) -> None:
    with socket.create_server((HOST, 0)) as silent:
        used = sharing(silent.getsockname()[1])
        started = perf_counter()
        for number in range(20):
            assert used.get(("version",), b"%d" % number) is None
        # Once, and not for long: there is no second try, and the others do not ask.
        assert used._rests_until
        assert perf_counter() - started < 5


def test_a_redis_that_comes_back_is_used_again(sharing: Any, tmp_path: Path) -> None:
    port, page = free_port(), a_page()
    used = sharing(port)
    used.put(("version",), b"key", page)
    with redis_server(tmp_path, port):
        assert used.get(("version",), b"key") is None
        # Its rest is over.
        used._rests_until = 0.0
        used.put(("version",), b"key", page)
        assert used.get(("version",), b"key") == page
        caches[ALIAS]._cache.get_client().connection_pool.disconnect()


def test_a_redis_that_is_full_is_a_miss(sharing: Any, redis: str) -> None:
    used = sharing(int(redis.rpartition(":")[2].partition("/")[0]))
    client = caches[ALIAS]._cache.get_client()
    client.config_set("maxmemory", "1")
    used.put(("version",), b"key", a_page())
    used._rests_until = 0.0
    assert used.get(("version",), b"key") is None
    client.connection_pool.disconnect()


def test_without_an_address_nothing_is_asked() -> None:
    used = SharedPages()
    used.put(("version",), b"key", a_page())
    assert used.get(("version",), b"key") is None and not used._rests_until
