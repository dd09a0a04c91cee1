"""What is counted in memory is what the database would find, in the same order."""

import sys
from datetime import timedelta
from itertools import product
from random import Random
from typing import Any

import pytest
from django.http import QueryDict
from django.test import Client
from django.utils import timezone

from mscp.listing.bitmap_index import BitmapIndex, Values
from mscp.publishing.gate import State
from mscp.records.partial_dates import PartialDate
from reviews.filters import (
    BriefingFilterSet,
    LibraryFilterSet,
    NationalReportFilterSet,
    PracticeReviewFilterSet,
)
from reviews.models import PracticeReview
from tests.factories import (
    make_audience,
    make_course,
    make_report,
    make_review,
    make_session,
    make_theme,
    make_venue,
)
from tests.threads import in_threads
from training.filters import SessionFilterSet
from training.models import Delivery

pytestmark = pytest.mark.django_db


def same(filterset: Any) -> None:
    """Hold the bits to the queries: the same records, in the same order, the same numbers."""
    filterset.fall_back_to_prefix()
    assert list(filterset.keys) == list(filterset.qs.values_list("pk", flat=True))
    total, choices, switches = filterset.count()
    assert total == filterset.narrowed().count() == len(filterset.keys)
    for name, spec in filterset.facets.items():
        rest = filterset.narrowed(without={name})
        for choice in choices[name]:
            kept = spec.filter(rest, [choice.value]).distinct().count()
            assert choice.number == kept, (name, choice)
    for name, numbers in switches.items():
        for value, number in numbers.items():
            rest = filterset.narrowed(without={name})
            assert filterset.filters[name].filter(rest, value).count() == number


@pytest.fixture
def library() -> None:
    random = Random(7)
    themes = [make_theme(name=name) for name in ("Neglect", "Babies", "Police")]
    for number in range(40):
        make = make_review if number % 3 else make_report
        types = ["lcspr", "scr"] if number % 3 else ["annual_report", "thematic_report"]
        make(
            title=f"{random.choice(['Oak', 'Elm', 'oak'])} {number % 5}",
            type=random.choice(types),
            themes=random.sample(themes, number % 4),
            publisher=random.choice(["", "Panel", "Partnership"]),
            report_date=random.choice([None, PartialDate(2020), PartialDate(2021, 5)]),
            state=random.choice([State.PUBLISHED, State.PUBLISHED, State.DRAFT, State.SCHEDULED]),
            summary=random.choice(["", "bruising", "a phrase of bruising"]),
        )


@pytest.mark.usefixtures("library")
def test_publications() -> None:
    words = ["", "q=bruise", "q=oak -bruise", 'q="phrase of bruising"', "q=-bruise", "q=nothing"]
    types = ["", "type=scr", "type=scr&type=annual_report"]
    others = ["", "theme=neglect", "theme=babies&theme=police&year=2020", "publisher=Panel"]
    sorts = ["sort=newest", "sort=oldest", "sort=title"]
    for query in product(words, types, others, sorts):
        data = QueryDict("&".join(query))
        same(LibraryFilterSet(data))


@pytest.mark.usefixtures("library")
def test_the_lists_of_one_kind() -> None:
    for query in ("", "type=scr", "year=2021&theme=neglect", "year=2020&year=2021"):
        for kind in (PracticeReviewFilterSet, NationalReportFilterSet, BriefingFilterSet):
            same(kind(QueryDict(query)))


def test_sessions() -> None:
    random = Random(7)
    themes = [make_theme(name=name) for name in ("Neglect", "Babies")]
    audiences = [make_audience(name=name) for name in ("Schools", "Police")]
    venues = [make_venue(name="Town hall"), make_venue(name="Library"), None]
    for number in range(8):
        state = State.PUBLISHED if number % 4 else State.SCHEDULED
        course = make_course(title=f"Course {number}", state=state, themes=themes[: number % 3])
        course.audiences.set(audiences[: number % 3])
        for _ in range(4):
            delivery = random.choice(list(Delivery))
            start = timezone.localdate() + timedelta(days=random.randint(-60, 60))
            length = random.choice([0, 0, 3, 40])
            make_session(
                course,
                start_date=start,
                end_date=start + timedelta(days=length) if length else None,
                delivery=delivery,
                venue=None if delivery == Delivery.ONLINE else random.choice(venues),
            )
    whens = ["", "when=past", "when=all"]
    others = ["", "delivery=online", "delivery=hybrid&theme=neglect", "venue=town-hall"]
    others += ["month=2026-12&month=2026-11", "audience=schools&theme=babies", "course=course-1"]
    others += ["q=course", "q=hall"]
    for query in product(whens, others, ["", "sort=title", "sort=newest"]):
        same(SessionFilterSet(QueryDict("&".join(query))))


def test_what_the_clock_makes_public_is_counted_from_that_moment(clock: Any, settings: Any) -> None:
    settings.PAGE_CACHE_BYTES = 0

    def total(address: str) -> int:
        return Client().get(address).context["total"]

    review = make_review(title="Later", state=State.DRAFT, summary="Words.")
    review.publish(at=timezone.now() + timedelta(hours=1))
    course = make_course(state=State.DRAFT)
    course.publish(at=timezone.now() + timedelta(hours=1))
    make_session(course)
    assert total("/reviews/") == total("/training/") == 0
    clock.shift(timedelta(minutes=59, seconds=59))
    assert total("/reviews/") == total("/training/") == 0
    clock.shift(timedelta(seconds=1))
    assert total("/reviews/") == total("/training/") == 1


def test_a_session_is_past_from_midnight_in_london(clock: Any, settings: Any) -> None:
    settings.PAGE_CACHE_BYTES = 0
    make_session(in_days=0)
    switches = Client().get("/training/").context["switches"][0]["choices"]
    assert [choice["number"] for choice in switches] == [1, 0, 1]
    clock.shift(timedelta(hours=14))
    switches = Client().get("/training/").context["switches"][0]["choices"]
    assert [choice["number"] for choice in switches] == [0, 1, 1]


@pytest.mark.parametrize("passes", ["before the list is read", "before", "after"])
@pytest.mark.parametrize(
    ("kind", "query"), [(LibraryFilterSet, ""), (SessionFilterSet, "when=past")]
)
def test_a_moment_that_passes_while_a_list_is_read_is_not_missed(
    clock: Any, monkeypatch: Any, kind: Any, query: str, passes: str
) -> None:
    """``before`` and ``after`` are of asking until when the counts are good."""
    second_to_midnight = timezone.localtime().replace(hour=23, minute=59, second=59)
    clock.move_to(second_to_midnight)
    review = make_review(title="Later", state=State.DRAFT, summary="Words.")
    review.publish(at=second_to_midnight + timedelta(seconds=1))
    make_session(in_days=0)
    ask, left = kind.good_until, [timedelta(seconds=1)]

    def pass_a_second(when: str) -> None:
        if passes == when and left:
            clock.shift(left.pop())

    def good_until(self: Any) -> Any:
        pass_a_second("before")
        until = ask(self)
        pass_a_second("after")
        return until

    monkeypatch.setattr(kind, "good_until", good_until)
    filterset = kind(QueryDict(query))
    pass_a_second("before the list is read")
    filterset.count()
    assert not left
    assert kind(QueryDict(query)).count()[0] == 1


def test_an_empty_table_finds_nothing() -> None:
    index = BitmapIndex(until=None, keys=[], facets={"type": Values()})
    assert index.with_keys([1, 2]) == index.with_any("type", ["x"]) == index.everything == 0
    assert index.numbers("type", 0) == {}
    assert list(index.in_order([0], "newest", lambda *_: [1])) == []


def test_keys_in_order_are_a_sequence_like_any_other() -> None:
    keys = [50, 10, 40, 30, 20]
    index = BitmapIndex(until=None, keys=keys, facets={})
    parts = [index.with_keys([30, 50]), 0, index.with_keys([10, 20])]
    found = index.in_order(parts, "key", lambda *_: sorted(keys))
    expected = [30, 50, 10, 20]
    assert list(found) == expected
    assert len(found) == 4
    for start, stop, step in product((None, 0, 1, -1, 9), (None, 0, 2, -1, 9), (None, 2)):
        assert found[start:stop:step] == expected[start:stop:step], (start, stop, step)
    assert [found[place] for place in range(-4, 4)] == expected * 2
    for place in (4, -5):
        with pytest.raises(IndexError):
            found[place]


@pytest.mark.parametrize("of_all", [0.002, 0.02, 0.5, 1])
@pytest.mark.parametrize("in_default_order", [True, False])
def test_few_and_many_keys_come_in_both_orders(in_default_order: bool, of_all: float) -> None:
    random = Random(of_all)
    keys = random.sample(range(1, 10_000), 3_000)
    index = BitmapIndex(until=None, keys=keys, facets={})
    order = keys if in_default_order else sorted(keys)
    other = () if in_default_order else ("key", lambda *_: order)
    parts = [{key for key in keys if random.random() < of_all} for _ in range(2)]
    parts[1] -= parts[0]
    found = index.in_order([index.with_keys(part) for part in parts], *other)
    expected = [key for part in parts for key in order if key in part]
    assert list(found) == expected and len(found) == len(expected)
    for start in (0, 1, 19, 600, len(parts[0]), len(expected) - 5, len(expected)):
        assert found[start : start + 20] == expected[start : start + 20], start
    assert index.first(index.with_keys(parts[0]), 5) == [k for k in keys if k in parts[0]][:5]


def calls_of(work: Any) -> int:
    """Count the calls of functions, Python's and those written in C, that some work makes."""
    calls = 0

    def count(frame: Any, event: str, argument: Any) -> None:
        nonlocal calls
        calls += event in ("call", "c_call")

    sys.setprofile(count)
    try:
        work()
    finally:
        sys.setprofile(None)
    return calls


@pytest.mark.parametrize("one_in", [2, 500], ids=["half of all", "few"])
def test_the_first_few_cost_the_same_in_a_hundred_times_the_records(one_in: int) -> None:
    def cost(number: int) -> int:
        index = BitmapIndex(until=None, keys=list(range(number)), facets={})
        some = index.with_keys(range(0, number, one_in if number > 1_000 else 2))
        found = index.in_order([some, index.everything & ~some])
        return calls_of(lambda: found[:5]) + calls_of(lambda: index.first(some, 20))

    # Each of few has a byte of its own, which is scanned by itself.
    assert cost(100_000) <= 2 * cost(1_000)


@pytest.mark.usefixtures("library")
def test_all_lists_of_the_library_share_one_index(django_assert_num_queries: Any) -> None:
    indexes = {id(PracticeReviewFilterSet(QueryDict())._index)}
    # The content version alone is asked for.
    with django_assert_num_queries(3):
        for kind in (LibraryFilterSet, NationalReportFilterSet, BriefingFilterSet):
            indexes.add(id(kind(QueryDict())._index))
    assert len(indexes) == 1


@pytest.mark.django_db(transaction=True)
def test_after_a_change_all_threads_get_the_one_table_that_one_of_them_read() -> None:
    make_review(themes=[make_theme()])
    for _ in range(3):
        indexes = in_threads(8, lambda _: PracticeReviewFilterSet(QueryDict())._index)
        assert len({id(index) for index in indexes}) == 1
        assert indexes[0].everything.bit_count() == 1
        PracticeReview.objects.get().save()
