"""The memory for pages is bounded in bytes, and keeps what is read against what is asked once."""

from dataclasses import dataclass
from random import Random

import pytest

from mscp.cache.memory import PageMemory, Shelf

VERSION = ("one",)
MOST = 100_000


@dataclass
class Thing:
    size: int


def key(name: object) -> bytes:
    return str(name).encode()


class Cache:
    """The memory as the middleware uses it: asked first, filled on a miss."""

    def __init__(self, most: int = MOST) -> None:
        self.memory, self.most = PageMemory(), most

    def ask(self, name: str, size: int = 1000, version: tuple[str, ...] = VERSION) -> bool:
        queried = "?" in name
        if self.memory.get(version, key(name), queried=queried, most=self.most):
            return True
        self.memory.put(version, key(name), Thing(size), queried=queried)
        return False


def test_it_never_holds_more_than_it_may_however_much_is_asked() -> None:
    cache, random = Cache(), Random(1)
    for number in range(20_000):
        cache.ask(f"/search/?q={number}", size=random.randrange(200, 9000))
        if number % 3 == 0:
            cache.ask(f"/search/?q={random.randrange(200)}", size=random.randrange(200, 9000))
        if number % 5 == 0:
            cache.ask(f"/reviews/{random.randrange(300)}/", size=random.randrange(200, 9000))
        assert cache.memory.bytes <= MOST
    assert cache.memory.bytes > MOST * 0.9


def test_what_is_read_again_and_again_survives_addresses_that_are_asked_for_once() -> None:
    cache, random = Cache(), Random(2)
    read = [f"/reviews/?type={number}" for number in range(20)]
    for name in read * 2:
        cache.ask(name)
    hits = 0
    for number in range(5000):
        cache.ask(f"/search/?q={number}")
        hits += cache.ask(random.choice(read))
    assert hits == 5000


def test_queries_never_push_out_an_address_without_one() -> None:
    """Even where each is asked for twice, as by somebody who knows how this works."""
    cache = Cache()
    read = [f"/reviews/{number}/" for number in range(40)]
    for name in read:
        cache.ask(name)
    for number in range(5000):
        cache.ask(f"/search/?q={number}")
        cache.ask(f"/search/?q={number}")
    assert all(cache.ask(name) for name in read)


def test_among_equals_the_least_recently_used_goes_first() -> None:
    shelf = Shelf(10_000)
    for name in range(10):
        shelf.put(key(name), Thing(1000))
    assert shelf.get(key(0))
    shelf.put(key("new"), Thing(1000))
    assert shelf.get(key(0)) and shelf.get(key(1)) is None and shelf.get(key(2))


def test_what_was_protected_and_is_read_no_more_gives_way() -> None:
    cache = Cache()
    for number in range(200):
        for _ in range(2):
            cache.ask(f"/{number}/")
    assert not cache.ask("/0/") and cache.ask("/199/")


@pytest.mark.parametrize("size", [MOST, MOST // 2, MOST // 16 + 1])
def test_a_page_that_is_too_large_is_not_kept(size: int) -> None:
    cache = Cache()
    assert not cache.ask("/large/", size) and not cache.ask("/large/", size)
    assert cache.memory.bytes == 0


def test_a_page_that_has_grown_is_counted_as_it_is() -> None:
    cache = Cache()
    page = Thing(1000)
    cache.ask("/other/")
    for size in (1000, 3000, 2000):
        page.size = size
        cache.memory.put(VERSION, b"grown", page, queried=False)
        assert cache.memory.bytes == 1000 + size
        assert cache.memory.get(VERSION, b"grown", queried=False, most=MOST) is page
    cache.memory.remove(VERSION, b"grown", queried=False)
    assert cache.memory.bytes == 1000


def test_another_version_empties_it_and_what_comes_late_is_not_kept() -> None:
    cache = Cache()
    cache.ask("/"), cache.ask("/?q=x")
    assert len(cache.memory) == 2
    assert not cache.ask("/", version=("two",))
    assert len(cache.memory) == 1
    cache.memory.put(VERSION, b"late", Thing(1000), queried=False)
    assert len(cache.memory) == 1 and cache.ask("/", version=("two",))


def test_another_size_empties_it() -> None:
    cache = Cache()
    cache.ask("/")
    cache.most = 50_000
    assert not cache.ask("/") and cache.memory.bytes == 1000
