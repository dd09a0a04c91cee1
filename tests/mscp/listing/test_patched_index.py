"""A patched index is the one that is read anew, whatever has changed, and costs less."""

import re
import sys
from collections.abc import Callable, Collection, Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import count
from random import Random
from typing import Any

import pytest
from django.db import connection, transaction
from django.http import QueryDict
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from mscp.cache import changes, versions
from mscp.cache.changes import Changes
from mscp.database.objects import execute
from mscp.listing.bitmap_index import BitmapIndex, Values
from mscp.listing.filterset import ListFilterSet
from mscp.listing.patched_index import FEW_BETWEEN, MOST, patched, placed
from mscp.publishing.gate import State
from mscp.records.partial_dates import PartialDate
from reviews.filters import LibraryFilterSet
from reviews.models import Kind, NationalReport, PracticeReview, Publication, PublicationType
from tests.factories import (
    make_audience,
    make_course,
    make_report,
    make_review,
    make_session,
    make_theme,
    make_venue,
    past_the_gate,
)
from tests.threads import in_threads
from training.filters import SessionFilterSet
from training.models import Course, Delivery, Session

STEPS = 40
LAST_MOMENT = datetime.max.replace(tzinfo=UTC)

Steps = dict[str, Callable[[], Any]]


# --- places --------------------------------------------------------------------------------------


@pytest.mark.parametrize("number", [0, 1, 2, 30, 400, 5_000])
def test_changed_records_are_put_where_they_belong_whatever_they_were(number: int) -> None:
    random = Random(number)
    for changed_number in (1, 2, 7, MOST):
        keys = random.sample(range(1, 2 * number + 100), number)
        values = {key: random.random() for key in keys}
        before = sorted(keys, key=values.__getitem__)
        changed = set(random.sample(range(1, 2 * number + 100), changed_number))
        for key in changed:
            # Some move, some are new, some leave; some stay where they are.
            if random.random() < 0.3:
                values.pop(key, None)
            elif key not in values or random.random() < 0.6:
                values[key] = random.random()
        after = sorted(values, key=values.__getitem__)
        gone = sorted(before.index(key) for key in changed & {*before})
        assert placed(before, gone, changed, partial(by_value, values)) == after


def by_value(values: dict[int, float], some: Collection[int]) -> list[int]:
    return sorted({*some} & values.keys(), key=values.__getitem__)


def test_one_that_changed_asks_for_few_others() -> None:
    def asked(number: int) -> int:
        keys = list(range(number))
        total = 0

        def in_order(some: Collection[int]) -> list[int]:
            nonlocal total
            total += len(some)
            return sorted(some, key=lambda key: key if key != 7 else number - 20.5)

        assert placed(keys, [7], {7}, in_order)[-22:-19] == [number - 21, 7, number - 20]
        return total

    assert asked(100_000) <= 3 * FEW_BETWEEN
    assert asked(10_000) <= 2 * asked(2_500)


def test_a_list_that_is_emptied_meanwhile_ends_the_search() -> None:
    assert placed(list(range(1_000)), [7], {7}, lambda _: [7]).count(7) == 1


# --- any sequence of changes ---------------------------------------------------------------------


def contents(index: BitmapIndex) -> Any:
    facets = {name: (values.bits, values.labels) for name, values in index.facets.items()}
    return index.keys, index.places, index.everything, facets


def is_as_read_anew(kind: type[ListFilterSet]) -> None:
    filterset = kind(QueryDict())
    read_anew = filterset._read_index()
    assert contents(filterset._index) == contents(read_anew)
    # It may be read once too often, for the moment of what never had a place in it.
    ends = [one.until or LAST_MOMENT for one in (filterset._index, read_anew)]
    assert ends == sorted(ends)
    for sort in filterset.sorts:
        sorted_by = kind(QueryDict(f"sort={sort}&when=all"))
        everything = list(sorted_by.order[1](kind.published()).values_list("pk", flat=True))
        assert list(sorted_by.keys) == everything, sort


@pytest.mark.django_db
@pytest.mark.parametrize("seed", range(2))
def test_library(seed: int, clock: Any) -> None:
    random, number = Random(seed), count()
    themes = [make_theme(name=name) for name in ("Neglect", "Babies", "Police")]

    def add() -> None:
        make = random.choice([make_review, make_report])
        make(
            title=f"{random.choice(['Oak', 'elm', 'Ash'])} {next(number)}",
            themes=random.sample(themes, random.randrange(3)),
            publisher=random.choice(["", "Panel"]),
            report_date=random.choice([None, PartialDate(2020), PartialDate(2021, 5)]),
            state=random.choice([State.PUBLISHED, State.DRAFT, State.SCHEDULED]),
            summary="Words.",
        )

    for _ in range(8):
        add()

    def one() -> Any:
        found = [*PracticeReview.objects.all(), *NationalReport.objects.all()]
        return random.choice(found or [make_review()])

    def edit() -> None:
        record = one()
        record.title, record.publisher = random.choice("abcXYZ"), random.choice(["", "Panel", "P"])
        record.report_date = random.choice([None, PartialDate(2022), PartialDate(2020, 2)])
        record.save()

    def step() -> None:
        record = one()
        if record.current_state is State.DRAFT:
            record.publish(at=random.choice([None, timezone.now() + timedelta(hours=5)]))
        elif record.current_state is State.PUBLISHED:
            record.withdraw(reason="A test")
        else:
            record.return_to_draft()

    def many() -> None:
        Publication.objects.filter(pk__gt=random.randrange(99)).update(publisher="Many")

    def by_sql() -> None:
        rows = Publication.objects.filter(pk=one().pk, state="published")
        past_the_gate(rows, state="draft", published_at=None)

    def taken_back() -> None:
        with transaction.atomic():
            edit()
            assert LibraryFilterSet(QueryDict())._index
            transaction.set_rollback(True)

    def rename() -> None:
        theme = random.choice(themes)
        theme.name = f"Theme {next(number)}"
        theme.save()

    steps: list[Callable[[], Any]] = [
        *[add, edit, edit, step, step, many, by_sql, taken_back, rename],
        lambda: one().themes.set(random.sample(themes, random.randrange(3))),
        lambda: Publication.objects.filter(pk=one().pk).update(title="Same"),
        lambda: Publication.objects.filter(pk=one().pk).delete(),
        lambda: [edit(), add(), step()],
        lambda: clock.shift(timedelta(hours=random.choice([1, 6]))),
    ]
    for _ in range(STEPS):
        some_of(steps, random)
        is_as_read_anew(LibraryFilterSet)


def some_of(steps: list[Callable[[], Any]], random: Random) -> None:
    """Take a few steps, as between two visitors: no process reads after each."""
    for step in random.choices(steps, k=random.choice([1, 1, 2, 4])):
        step()


@pytest.mark.django_db
@pytest.mark.parametrize("seed", range(2))
def test_training(seed: int, clock: Any) -> None:
    random = Random(seed)
    themes = [make_theme() for _ in range(3)]
    audiences = [make_audience() for _ in range(2)]
    venues = [make_venue(), make_venue(), None]
    today = timezone.localdate()

    def add() -> None:
        state = random.choice([State.PUBLISHED, State.DRAFT, State.SCHEDULED])
        course = make_course(state=state, themes=themes[: random.randrange(3)], summary="Words.")
        for _ in range(3):
            add_session(course)

    def a_course() -> Course:
        return random.choice(list(Course.objects.all()) or [make_course()])

    def add_session(course: Course | None = None) -> None:
        make_session(
            course or a_course(),
            start_date=today + timedelta(days=random.randrange(-30, 60)),
            delivery=Delivery.IN_PERSON,
            venue=random.choice(venues),
        )

    for _ in range(4):
        add()

    def one(model: Any = Session) -> Any:
        return random.choice(list(model.objects.all()) or [make_session()])

    def of(record: Any) -> Any:
        return type(record)._base_manager.filter(pk=record.pk)

    def step() -> None:
        course = a_course()
        if course.current_state is State.DRAFT:
            course.publish(at=random.choice([None, timezone.now() + timedelta(hours=5)]))
        elif course.current_state is State.PUBLISHED:
            course.withdraw(reason="A test")
        else:
            course.return_to_draft()

    def by_sql() -> None:
        session = one()
        rows = Course.objects.filter(pk=session.course_id, state="published")
        past_the_gate(rows, state="draft", published_at=None)
        if random.random() < 0.5:
            of(session).delete()

    steps: list[Callable[[], Any]] = [
        *[add, add_session, step, step, by_sql],
        lambda: one().save(),
        lambda: of(one()).update(start_date=today + timedelta(days=random.randrange(40))),
        lambda: of(one()).update(course=a_course()),
        lambda: of(one()).delete(),
        lambda: Course.objects.filter(pk=one().course_id).delete(),
        lambda: a_course().themes.set(themes[:1]),
        lambda: a_course().audiences.set(audiences),
        lambda: of(a_course()).update(title="Other"),
        lambda: venues[0].save() if venues[0] else None,
        lambda: clock.shift(timedelta(hours=random.choice([1, 30]))),
    ]
    for _ in range(STEPS):
        some_of(steps, random)
        is_as_read_anew(SessionFilterSet)


@pytest.mark.django_db
@pytest.mark.parametrize("is_read_between", [False, True])
@pytest.mark.parametrize("is_public_again", [False, True])
@pytest.mark.parametrize("change", ["delete", "move to a draft", "move to a course", "add"])
def test_what_happens_to_a_session_while_its_course_is_a_draft_is_not_missed(
    change: str, is_public_again: bool, is_read_between: bool
) -> None:
    course, other, draft = make_course(), make_course(), make_course(state=State.DRAFT)
    make_session(course, in_days=9)
    session, _ = make_session(course), make_session(other)
    is_as_read_anew(SessionFilterSet)
    rows = Session._base_manager.filter(pk=session.pk)
    course.withdraw(reason="A test")
    course.return_to_draft()
    if is_read_between:
        is_as_read_anew(SessionFilterSet)
    if change == "delete":
        rows.delete()
    elif change == "add":
        make_session(course, in_days=2)
    else:
        rows.update(course=draft if change == "move to a draft" else other)
    if is_public_again:
        course.publish()
    is_as_read_anew(SessionFilterSet)


# --- when it is read anew ------------------------------------------------------------------------


def an_index(keys: list[int]) -> BitmapIndex:
    return BitmapIndex(until=None, keys=keys, facets={"all": Values({}, {"x": 1} if keys else {})})


def test_a_value_that_nobody_has_any_more_is_gone() -> None:
    new = patched(
        an_index([1]), {1}, until=None, in_order=lambda _: [], read=lambda _: an_index([])
    )
    assert contents(new) == contents(an_index([]))


@pytest.fixture
def lines_from_the_first() -> None:
    lines_begin_anew()


def lines_begin_anew() -> None:
    """Begin the journal with the lowest id, so that it is not full soon."""
    statements = [*changes.beginning("default"), *versions.raising("default")]
    if connection.vendor == "postgresql":
        sequence = f"pg_get_serial_sequence('{changes.TABLE}', 'id')"
        statements.insert(1, f"SELECT setval({sequence}, 1)")
    execute("default", statements)


def tables_in(statements: Iterator[str]) -> set[str]:
    return {name for sql in statements for name in re.findall(r'(?:FROM|JOIN) "(\w+)"', sql)}


@pytest.mark.django_db
@pytest.mark.parametrize("kind", [LibraryFilterSet, SessionFilterSet])
def test_every_table_that_an_index_is_read_from_is_followed(kind: Any) -> None:
    make_session(make_course(themes=[make_theme()]), venue=make_venue())
    filterset = kind(QueryDict())
    with CaptureQueriesContext(connection) as captured:
        filterset._read_index()
        for order in dict(filterset.sorts).values():
            if order[1]:
                list(order[1](kind.published()).values_list("pk"))
    assert tables_in(query["sql"] for query in captured) <= kind.followed.keys()
    assert kind.followed.keys() <= versions.table_names()


@pytest.mark.django_db
@pytest.mark.usefixtures("lines_from_the_first")
def test_what_is_of_no_list_leaves_the_index_but_not_what_words_found() -> None:
    make_review(title="Kestrel")
    before = LibraryFilterSet(QueryDict("q=kestrel"))
    assert list(before.keys)
    make_session()
    after = LibraryFilterSet(QueryDict())._index
    assert after is not before._index and after.keys is before._index.keys
    assert before._index._kept and not after._kept


@pytest.mark.django_db
@pytest.mark.usefixtures("lines_from_the_first")
def test_a_change_while_it_is_patched_has_it_read_whole() -> None:
    review, other = make_review(), make_review()

    class Disturbed(LibraryFilterSet):
        read_whole = 0

        @classmethod
        def indexed_as(cls) -> Any:
            return cls

        def _read_index(self) -> BitmapIndex:
            type(self).read_whole += 1
            return super()._read_index()

        def _revised_index(self, old: BitmapIndex, changes: Changes) -> BitmapIndex | None:
            revised = super()._revised_index(old, changes)
            assert revised is not None
            if disturbed:
                other.save()
            return revised

    disturbed = False
    for is_disturbed, times in ((False, 1), (False, 1), (True, 2), (False, 2)):
        disturbed = is_disturbed
        review.save()
        assert Disturbed(QueryDict())._index.keys
        assert Disturbed.read_whole == times


@pytest.mark.django_db
@pytest.mark.usefixtures("lines_from_the_first")
def test_a_moment_that_passes_while_it_is_patched_is_not_missed(clock: Any) -> None:
    review, scheduled = make_review(), make_review(state=State.DRAFT, summary="Words.")
    scheduled.publish(at=timezone.now() + timedelta(hours=1))

    class Slow(LibraryFilterSet):
        @classmethod
        def indexed_as(cls) -> Any:
            return cls

        def good_until(self) -> Any:
            if is_slow:
                clock.shift(timedelta(hours=2))
            return super().good_until()

    is_slow = False
    assert Slow(QueryDict())._index.keys == [review.pk]
    review.save()
    is_slow = True
    assert set(Slow(QueryDict())._index.keys) == {review.pk, scheduled.pk}


def fill(number: int) -> None:
    """Add published rows, of which the lists read the parents' table alone."""
    rows = [
        Publication(
            kind=Kind.PRACTICE_REVIEW,
            type=PublicationType.LCSPR,
            title=f"Filler {one:05}",
            slug=f"filler-{one}",
            report_date=PartialDate(2000 + one % 25),
        )
        for one in range(number)
    ]
    Publication.objects.bulk_create(rows)
    now = timezone.now()
    past_the_gate(
        Publication.objects.filter(title__startswith="Filler"),
        state="published",
        published_at=now,
        first_published_at=now,
    )


def calls_of(work: Callable[[], object]) -> int:
    """Count the calls, of functions in Python and in C, that some work makes."""
    calls = 0

    def count_call(frame: Any, event: str, argument: Any) -> None:
        nonlocal calls
        calls += event in ("call", "c_call")

    sys.setprofile(count_call)
    try:
        work()
    finally:
        sys.setprofile(None)
    return calls


@pytest.mark.django_db
@pytest.mark.parametrize("change", ["edit", "publish", "withdraw"])
def test_the_first_list_after_a_change_costs_the_same_in_a_larger_library(change: str) -> None:
    def cost(number: int) -> int:
        Publication.objects.all().delete()
        fill(number)
        review = make_review(summary="Words.")
        draft = make_review(state=State.DRAFT, summary="Words.")

        def look() -> object:
            return LibraryFilterSet(QueryDict()).keys[:20]

        # The first makes what is made once.
        for record in (make_review(summary="Words."), review):
            lines_begin_anew()
            look()
            if change == "edit":
                record.save()
            elif change == "withdraw":
                record.withdraw(reason="A test")
            elif record is review:
                draft.publish()
            spent = calls_of(look)
        return spent

    assert cost(1_000) <= 1.5 * cost(100)


@pytest.mark.django_db(transaction=True)
def test_after_a_change_all_threads_get_the_one_that_one_of_them_patched() -> None:
    review = make_review(themes=[make_theme()])
    for number in range(3):
        review.title = f"Number {number}"
        review.save()
        indexes = in_threads(8, lambda _: LibraryFilterSet(QueryDict())._index)
        assert len({id(index) for index in indexes}) == 1
