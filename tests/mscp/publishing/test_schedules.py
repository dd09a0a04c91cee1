"""What was scheduled by one person before two were needed goes back to draft, and is never seen."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client

from mscp.cache import versions
from mscp.database import clock as database_clock
from mscp.publishing import schedules
from mscp.publishing.approvals import approve
from mscp.publishing.gate import State
from mscp.records.audit import set_author
from reviews.models import PracticeReview
from tests.factories import (
    make_briefing,
    make_course,
    make_page,
    make_report,
    make_review,
    make_user,
    past_the_gate,
)
from tests.pages import text_of

pytestmark = pytest.mark.django_db

MAKERS = [make_review, make_report, make_briefing, make_course, make_page]
DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def just_started(monkeypatch: pytest.MonkeyPatch) -> None:
    """Begin each test as a process that looks for the first time."""
    monkeypatch.setattr(schedules._Looked, "at", None)
    monkeypatch.setattr(schedules, "_STARTED", schedules.monotonic())


def restarted(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Turn the setting on, as a restart does."""
    settings.TWO_PEOPLE = True
    monkeypatch.setattr(schedules._Looked, "at", None)
    monkeypatch.setattr(versions, "_next_due", versions.Kept())


def now(record: Any) -> Any:
    return type(record).objects.get(pk=record.pk)


@pytest.mark.parametrize("make", MAKERS)
def test_the_first_request_takes_it_back(
    make: Any, clock: Any, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    record = make(state=State.SCHEDULED)
    Client().get("/")
    assert now(record).current_state is State.SCHEDULED, "one person is enough"
    restarted(settings, monkeypatch)
    Client().get("/")
    assert now(record).is_draft and now(record).published_at is None
    clock.shift(2 * DAY)
    assert Client().get(record.get_absolute_url()).status_code == 404
    entry = record.history.first()
    assert entry.history_change_reason == schedules.TAKEN_BACK and entry.history_user is None


@pytest.mark.parametrize("method", ["get", "head", "post"])
def test_no_request_is_needed_before_its_moment(
    method: str, clock: Any, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The site was restarted, nobody came, and the moment passed."""
    review = make_review(state=State.SCHEDULED, summary="Quokka")
    restarted(settings, monkeypatch)
    monkeypatch.setattr(schedules._Looked, "at", database_clock.now())
    clock.shift(2 * DAY)
    response = getattr(Client(), method)(review.get_absolute_url())
    assert response.status_code in (404, 405) and b"Quokka" not in response.content
    assert now(review).is_draft


def test_a_process_that_never_looked_asks_since_it_was_started(
    clock: Any, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    review = make_review(state=State.SCHEDULED)
    restarted(settings, monkeypatch)
    monkeypatch.setattr(schedules, "monotonic", lambda: schedules._STARTED + 2 * 24 * 3600)
    clock.shift(2 * DAY)
    assert Client().get(review.get_absolute_url()).status_code == 404
    assert now(review).is_draft


@pytest.mark.parametrize("state", [State.PUBLISHED, State.WITHDRAWN, State.DRAFT])
def test_what_is_live_or_no_longer_stays_as_it_is(
    state: State, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    review = make_review(state=state)
    restarted(settings, monkeypatch)
    monkeypatch.setattr(schedules, "monotonic", lambda: schedules._STARTED + 3600)
    Client().get("/")
    assert now(review).current_state is state


def test_what_went_live_by_the_clock_before_the_restart_stays(
    clock: Any, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    review = make_review(state=State.SCHEDULED)
    clock.shift(2 * DAY)
    restarted(settings, monkeypatch)
    assert Client().get(review.get_absolute_url()).status_code == 200


def test_what_two_people_stand_for_goes_live(
    clock: Any, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    review = make_review(state=State.DRAFT, summary="Words.")
    approve(review, make_user("Publishers"))
    restarted(settings, monkeypatch)
    review.publish(at=database_clock.now() + DAY)
    Client().get("/")
    assert now(review).current_state is State.SCHEDULED
    clock.shift(2 * DAY)
    assert Client().get(review.get_absolute_url()).status_code == 200


def test_what_is_scheduled_past_the_gate_is_taken_back(
    settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    review = make_review(state=State.DRAFT, summary="Words.")
    restarted(settings, monkeypatch)
    Client().get("/")
    moment = database_clock.now() + DAY
    past_the_gate(
        PracticeReview.objects.filter(pk=review.pk),
        state="published",
        published_at=moment,
        first_published_at=moment,
    )
    Client().get("/")
    assert now(review).is_draft


def test_the_command_does_it_too(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    review = make_review(state=State.SCHEDULED)
    restarted(settings, monkeypatch)
    call_command("do_what_is_due", verbosity=0)
    assert now(review).is_draft


def test_it_is_in_the_timeline_and_in_what_is_to_do(
    publisher: Client, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    review = make_review(state=State.SCHEDULED, title="Elm (fictional)")
    restarted(settings, monkeypatch)
    page = publisher.get("/admin/")
    assert "1 practice review no longer scheduled: two people are needed" in text_of(page)
    listed = "/admin/reviews/practicereview/?state=no-longer-scheduled"
    assert listed in page.content.decode() and "Elm" in text_of(publisher.get(listed))
    history = publisher.get(f"/admin/reviews/practicereview/{review.pk}/history/")
    assert "nobody else had approved it" in text_of(history)
    # Edited since, it still waits; given a moment again and returned by a person, it does not.
    draft = now(review)
    draft.summary = "Words."
    set_author(draft, publisher.user)  # type: ignore[attr-defined]
    draft.save()
    assert "no longer scheduled" in text_of(publisher.get("/admin/"))
    draft._history_user = publisher.user  # type: ignore[attr-defined]
    approve(draft, make_user("Publishers"))
    draft.publish(at=database_clock.now() + DAY)
    assert "no longer scheduled" not in text_of(publisher.get("/admin/"))
    draft = now(review)
    draft._change_reason = schedules.BY_A_PERSON
    draft.return_to_draft()
    assert "no longer scheduled" not in text_of(publisher.get("/admin/"))


def test_looking_costs_the_same_however_much_is_scheduled_and_nothing_without_the_setting(
    settings: Any, monkeypatch: pytest.MonkeyPatch, django_assert_num_queries: Any
) -> None:
    make_review(state=State.SCHEDULED)
    with django_assert_num_queries(0):
        schedules._next_moment()
    restarted(settings, monkeypatch)
    Client().get("/")
    for _ in range(3):
        make_review()
    # A query for each table of records with a state.
    with django_assert_num_queries(3):
        schedules._next_moment()
