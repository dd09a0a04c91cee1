"""A query that is written once finds at any moment what the same query finds written anew."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from mscp.database.prepared import Given, Prepared
from mscp.publishing.gate import State
from mscp.records.partial_dates import PartialDate
from reviews.models import Document, PracticeReview, Publication
from tests.factories import make_course, make_document, make_report, make_review, make_session
from training.models import Course

pytestmark = pytest.mark.django_db

COLUMNS = ("pk", "uid", "dated", "publication__published_at", "file__has_text", "publication__slug")


def documents(given: Given) -> Any:
    found = Document.objects.published(at=given.now).filter(publication__in=given.keys)
    return found.order_by("-pk").values_list(*COLUMNS)


def test_rows_are_those_of_the_query_in_its_order_and_its_types() -> None:
    reviews = [make_review(title=f"Oak {number}") for number in range(4)]
    for review in reviews:
        make_document(review, url="https://example.org/", dated=PartialDate(2020, 3))
        make_document(review, url="https://example.org/2")
    keys = [review.pk for review in reviews[1:]]
    written = Document.objects.published().filter(publication__in=keys).order_by("-pk")
    prepared = Prepared(documents)
    assert prepared.rows(keys) == list(written.values_list(*COLUMNS))
    assert len(prepared.rows(keys)) == 6
    assert prepared.rows([]) == []
    assert prepared.rows([keys[0]]) == prepared.rows(keys)[-2:]


def test_records_are_those_of_the_query_with_what_it_puts_off_and_adds() -> None:
    review = make_review(pseudonym="Vamp", summary="Words.", report_date=PartialDate(2020))
    make_report(title="Report")
    prepared = Prepared(
        lambda given: (
            PracticeReview.objects.published(at=given.now)
            .filter(pk__in=given.keys)
            .with_noindex()
            .defer("summary")
        )
    )
    (found,) = prepared.records([review.pk, review.pk + 1])
    assert (found, found.report_date, found.is_noindex) == (review, PartialDate(2020), False)
    assert found.get_deferred_fields() == {"summary"}
    assert found.summary == "Words."


def test_the_gate_is_asked_at_every_moment_anew(clock: Any) -> None:
    review = make_review(state=State.DRAFT, summary="Words.")
    prepared = Prepared(
        lambda given: (
            Publication.objects.published(at=given.now).filter(pk__in=given.keys).values_list("pk")
        )
    )
    assert prepared.rows([review.pk]) == []
    review.publish(at=timezone.now() + timedelta(hours=1))
    clock.shift(timedelta(minutes=59, seconds=59))
    assert prepared.rows([review.pk]) == []
    clock.shift(timedelta(seconds=1))
    assert prepared.rows([review.pk]) == [(review.pk,)]
    review.withdraw(reason="Wrong.")
    assert prepared.rows([review.pk]) == []


def test_today_is_londons_at_every_moment_anew(clock: Any) -> None:
    course = make_course()
    make_session(course, in_days=0)
    make_session(course, in_days=3)
    prepared = Prepared(lambda given: Course.objects.next_first(today=given.today))
    today = timezone.localdate()
    assert [found.next_date for found in prepared.records()] == [today]
    clock.shift(timedelta(hours=14))
    assert [found.next_date for found in prepared.records()] == [today + timedelta(days=3)]


@pytest.mark.parametrize(
    "build",
    [
        lambda given: Publication.objects.published().filter(pk__in=given.keys),
        lambda given: Course.objects.published(at=given.now).next_first(),
    ],
    ids=["now", "today"],
)
def test_a_moment_that_would_stand_still_is_refused(build: Any) -> None:
    with pytest.raises(ValueError, match="not for this moment"):
        Prepared(build).records([1])


def test_what_fetches_other_records_is_refused() -> None:
    with pytest.raises(ValueError, match="no other records"):
        Prepared(lambda given: Document.objects.select_related("file")).records()


def test_it_is_written_once() -> None:
    written = []

    def build(given: Given) -> Any:
        written.append(connection.vendor)
        return documents(given)

    prepared = Prepared(build)
    for _ in range(3):
        prepared.rows([1])
    assert written == [connection.vendor]
