"""What a process keeps in memory is read once, whichever threads ask and however it ends."""

from datetime import datetime, timedelta
from pathlib import PurePath
from threading import Event, Lock
from time import sleep
from typing import NamedTuple

import pytest
from django.utils import timezone

from mscp.cache.versions import Kept
from mscp.listing import bitmap_index
from mscp.listing.bitmap_index import BitmapIndex
from tests.threads import in_threads


class Answer(NamedTuple):
    number: int
    until: datetime | None = None


class ExportContext:
    """Something slow to read that counts its reads."""

    def __init__(self, *, failures: int = 0) -> None:
        self.reads, self.failures = 0, failures
        self._lock = Lock()

    def read(self) -> Answer:
        with self._lock:
            self.reads += 1
            number = self.reads
        # Long enough for every other thread to arrive.
        sleep(0.02)
        if number <= self.failures:
            raise LookupError(number)
        return Answer(number)


def test_sixteen_threads_under_one_stamp_read_once() -> None:
    kept: Kept[Answer] = Kept()
    source = ExportContext()
    found = in_threads(16, lambda _: kept.get("key", ("stamp",), source.read))
    assert source.reads == 1 and found == [Answer(1)] * 16


def test_each_stamp_gets_what_was_read_under_it() -> None:
    kept: Kept[Answer] = Kept()
    sources = {"old": ExportContext(), "new": ExportContext()}

    def ask(place: int) -> tuple[str, int]:
        stamp = ["old", "new"][place % 2]
        own = sources[stamp]
        answer = kept.get("key", (stamp,), lambda: Answer(own.read().number + 100 * (place % 2)))
        return stamp, answer.number // 100

    assert set(in_threads(16, ask)) == {("old", 0), ("new", 1)}


def test_a_change_is_read_by_those_who_waited_for_what_it_replaced() -> None:
    """A reader that began before the change must not answer for those who came after it."""
    kept: Kept[Answer] = Kept()
    begun, finish = Event(), Event()

    def read_before() -> Answer:
        begun.set()
        finish.wait(20)
        return Answer(1)

    def ask(place: int) -> Answer:
        if place == 0:
            return kept.get("key", ("before",), read_before)
        begun.wait(20)
        if place == 1:
            sleep(0.02)
            finish.set()
        return kept.get("key", ("after",), lambda: Answer(2))

    assert in_threads(6, ask) == [Answer(1), *[Answer(2)] * 5]


def test_a_read_that_fails_lets_the_next_thread_try() -> None:
    kept: Kept[Answer] = Kept()
    source = ExportContext(failures=2)

    def ask(place: int) -> int:
        try:
            return kept.get("key", ("stamp",), source.read).number
        except LookupError:
            return 0

    found = in_threads(8, ask)
    assert source.reads == 3 and sorted(found) == [0, 0, *[3] * 6]


def test_reads_that_need_each_other_end() -> None:
    kept: Kept[Answer] = Kept()
    both = [Event(), Event()]

    def ask(place: int) -> int:
        def outer() -> Answer:
            both[place].set()
            both[1 - place].wait(20)
            inner = kept.get(1 - place, ("stamp",), lambda: Answer(10))
            return Answer(inner.number + 1)

        return kept.get(place, ("stamp",), outer).number

    # The later one may find what the earlier has read.
    assert set(in_threads(2, ask)) <= {11, 12}


def test_a_read_may_ask_for_its_own_key() -> None:
    kept: Kept[Answer] = Kept()
    inner = lambda: kept.get("key", ("stamp",), lambda: Answer(7))  # noqa: E731
    assert kept.get("key", ("stamp",), inner) == Answer(7)


def test_what_the_clock_ends_is_read_once_again(clock: object) -> None:
    kept: Kept[Answer] = Kept()
    source = ExportContext()
    ended = timezone.now() - timedelta(seconds=1)
    kept.get("key", ("stamp",), lambda: Answer(0, until=ended))
    assert in_threads(8, lambda _: kept.get("key", ("stamp",), source.read)) == [Answer(1)] * 8
    assert source.reads == 1


def test_without_a_stamp_every_thread_reads_for_itself() -> None:
    kept: Kept[Answer] = Kept()
    source = ExportContext()
    found = in_threads(4, lambda _: kept.get("key", (), source.read))
    assert sorted(answer.number for answer in found) == [1, 2, 3, 4]


@pytest.fixture
def table() -> BitmapIndex:
    return BitmapIndex(until=None, keys=list(range(8)), facets={})


def test_more_searches_than_are_kept_are_answered_to_every_thread(
    table: BitmapIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One thread clears what is kept while others put in and take out."""
    monkeypatch.setattr(bitmap_index, "MOST_KEPT", 3)

    def ask(place: int) -> set[bool]:
        # As long to hash as a Query, whose words begin with the same ones here.
        return {
            table.keep(PurePath("a", str(number), str(place)), lambda: [place]) == 1 << place
            for number in range(2000)
        }

    assert in_threads(8, ask) == [{True}] * 8


def test_an_order_is_read_once(table: BitmapIndex) -> None:
    source = ExportContext()

    def read(*_: object) -> list[int]:
        source.read()
        return list(range(7, -1, -1))

    def ask(place: int) -> list[int]:
        return list(table.in_order([0b101], "newest", read))

    assert in_threads(8, ask) == [[2, 0]] * 8
    assert source.reads == 1
