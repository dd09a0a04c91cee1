"""The gate: one rule in two spellings, and the only steps between its states."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, models, transaction
from django.utils import timezone

from mscp.models import Page
from mscp.publishing.gate import Publishable, State
from reviews.models import Briefing, Document, NationalReport, PracticeReview, Publication
from tests.factories import (
    ALL_STATES,
    make_briefing,
    make_course,
    make_document,
    make_page,
    make_report,
    make_review,
    make_session,
    past_the_gate,
)
from training.models import Course, Session

pytestmark = pytest.mark.django_db

MAKERS = [make_review, make_report, make_briefing, make_course, make_page]
PUBLISHABLE = [PracticeReview, NationalReport, Briefing, Publication, Course, Page]

# (decision, goes live in, withdrawn since) -> its state and whether it is public
STATES = [
    ("draft", None, None, State.DRAFT),
    ("published", timedelta(seconds=1), None, State.SCHEDULED),
    ("published", timedelta(days=400), None, State.SCHEDULED),
    ("published", timedelta(0), None, State.PUBLISHED),
    ("published", -timedelta(seconds=1), None, State.PUBLISHED),
    ("published", -timedelta(days=4000), None, State.PUBLISHED),
    ("withdrawn", -timedelta(days=2), -timedelta(days=1), State.WITHDRAWN),
    ("withdrawn", -timedelta(days=2), timedelta(0), State.WITHDRAWN),
    ("withdrawn", timedelta(days=1), timedelta(days=2), State.WITHDRAWN),
]


def put(record: Any, state: str, live: timedelta | None, withdrawn: timedelta | None) -> None:
    now = timezone.now()
    rows: Any = type(record)._base_manager.filter(pk=record.pk)
    moment = None if live is None else now + live
    past_the_gate(
        rows,
        state=state,
        published_at=moment,
        first_published_at=moment,
        withdrawn_at=None if withdrawn is None else now + withdrawn,
        withdrawn_reason="because" if withdrawn is not None else "",
    )


@pytest.mark.parametrize("make", MAKERS)
@pytest.mark.parametrize(("state", "live", "withdrawn", "expected"), STATES)
def test_published_and_is_published_agree_in_every_state(
    make: Any, state: str, live: Any, withdrawn: Any, expected: State
) -> None:
    record = make(state=State.DRAFT)
    put(record, state, live, withdrawn)
    again = type(record).objects.get(pk=record.pk)
    assert again.current_state is expected
    assert again.is_published is (expected is State.PUBLISHED)
    assert type(record).objects.published().filter(pk=record.pk).exists() is again.is_published
    for each in State:
        assert type(record).objects.in_state(each).filter(pk=record.pk).exists() is (
            each is expected
        )


@pytest.mark.parametrize(("state", "live", "withdrawn", "expected"), STATES)
def test_documents_and_sessions_follow_their_parent(
    state: str, live: Any, withdrawn: Any, expected: State
) -> None:
    review, course = make_review(state=State.DRAFT), make_course(state=State.DRAFT)
    make_document(review), make_session(course)
    put(review, state, live, withdrawn)
    put(course, state, live, withdrawn)
    public = expected is State.PUBLISHED
    assert Document.objects.get().is_published is Document.objects.published().exists() is public
    assert Session.objects.get().is_published is Session.objects.published().exists() is public


def test_a_scheduled_record_goes_live_by_the_clock_alone(clock: Any) -> None:
    review = make_review(state=State.DRAFT, summary="Words.")
    review.publish(at=timezone.now() + timedelta(hours=1))
    assert not PracticeReview.objects.published().exists()
    clock.shift(timedelta(minutes=59, seconds=59))
    assert not PracticeReview.objects.published().exists() and not review.is_published
    clock.shift(timedelta(seconds=1))
    assert PracticeReview.objects.published().exists() and review.is_published


@pytest.mark.parametrize("model", PUBLISHABLE)
def test_every_publishable_model_keeps_the_constraints_and_the_permission(model: Any) -> None:
    table = Publication if issubclass(model, Publication) else model
    names = {constraint.name for constraint in table._meta.constraints}
    prefix = f"{table._meta.app_label}_{table._meta.model_name}"
    rules = ("live_has_moment", "first_published", "withdrawn_has_reason")
    assert {f"{prefix}_{rule}" for rule in rules} <= names
    assert "publish" in model._meta.default_permissions


@pytest.mark.parametrize(
    "broken",
    [
        {"state": "published", "published_at": None},
        {"state": "draft", "published_at": timezone.now, "first_published_at": timezone.now},
        {"state": "published", "published_at": timezone.now},
        {
            "state": "published",
            "published_at": timezone.now,
            "first_published_at": lambda: timezone.now() + timedelta(seconds=1),
        },
        {"state": "withdrawn", "withdrawn_at": None},
        {"state": "withdrawn", "withdrawn_at": timezone.now},
        {"state": "draft", "withdrawn_reason": "why"},
    ],
)
@pytest.mark.parametrize("make", [make_review, make_course, make_page])
def test_the_database_refuses_half_a_state(make: Any, broken: dict[str, Any]) -> None:
    record = make(state=State.DRAFT)
    values = {name: value() if callable(value) else value for name, value in broken.items()}
    with pytest.raises(IntegrityError), transaction.atomic():
        past_the_gate(type(record).objects.filter(pk=record.pk), **values)


def test_nothing_is_withdrawn_before_it_was_live() -> None:
    review = make_review()
    with pytest.raises(IntegrityError), transaction.atomic():
        past_the_gate(
            PracticeReview.objects.filter(pk=review.pk),
            state="withdrawn",
            withdrawn_reason="why",
            withdrawn_at=models.F("published_at") - timedelta(days=1),
        )


@pytest.mark.parametrize("expected", ALL_STATES)
def test_only_what_is_live_is_withdrawn(expected: State) -> None:
    review = make_review(state=expected)
    if expected is State.PUBLISHED:
        review.withdraw(reason="A name stood in it")
        assert review.is_withdrawn and review.withdrawn_at == timezone.now()
    else:
        with pytest.raises(ValidationError, match="Only what is published"):
            review.withdraw(reason="A name stood in it")


def test_a_withdrawal_needs_its_reason() -> None:
    with pytest.raises(ValidationError, match="Give the reason"):
        make_review().withdraw(reason="   ")


@pytest.mark.parametrize("expected", ALL_STATES)
def test_only_what_is_scheduled_or_withdrawn_returns_to_draft(expected: State) -> None:
    page = make_page(state=expected)
    if expected in (State.SCHEDULED, State.WITHDRAWN):
        page.return_to_draft()
        assert Page.objects.get(pk=page.pk).is_draft
        assert page.withdrawn_reason == "" and page.published_at is None
    else:
        with pytest.raises(ValidationError, match="can go back to draft"):
            page.return_to_draft()


def test_what_was_withdrawn_can_come_back() -> None:
    page = make_page(state=State.WITHDRAWN)
    page.publish()
    assert page.is_published and page.withdrawn_at is None


def test_a_moment_gone_by_cannot_be_scheduled() -> None:
    with pytest.raises(ValidationError, match="lies ahead"):
        make_page(state=State.DRAFT).publish(at=timezone.now())


def test_published_cannot_be_published_again() -> None:
    with pytest.raises(ValidationError, match="already"):
        make_page().publish()


def test_nothing_empty_is_published() -> None:
    review = make_review(state=State.DRAFT)
    with pytest.raises(ValidationError, match="nothing to read yet"):
        review.publish()
    assert review.is_draft
    make_document(review)
    review.publish()
    assert review.is_published


def test_a_learning_with_a_part_is_enough_to_read() -> None:
    learning = make_briefing(state=State.DRAFT, background="Words.")
    learning.publish()
    assert learning.is_published


@pytest.mark.parametrize("expected", ALL_STATES)
def test_every_state_has_a_sentence_for_staff(expected: State) -> None:
    record: Publishable = make_page(state=expected)
    assert record.state_in_words.endswith((".", "withdrawal"))
