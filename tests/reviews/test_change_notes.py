"""Change notes: what readers are told of a change, and the day on which a page was first public."""

import csv
import json
from datetime import timedelta
from typing import Any

import feedparser
import pytest
from django.test import Client

from mscp.publishing.gate import State
from reviews.models import PracticeReview
from tests.admin_forms import fields_of, send
from tests.factories import HIDDEN_STAGES, make_course, make_report, make_review, put_in_state
from tests.pages import text_of

pytestmark = pytest.mark.django_db

LIST = "/admin/reviews/practicereview/"


def form(review: Any) -> str:
    return f"{LIST}{review.pk}/change/"


def now(review: Any) -> Any:
    return type(review).objects.get(pk=review.pk)


def note_of(review: Any) -> tuple[str, str]:
    """Return the day and the words of the note that readers are shown."""
    review = now(review)
    return str(review.noted_on or ""), review.change_note


@pytest.fixture
def live(clock: Any, publisher: Client) -> Any:
    review = make_review(title="Oak", summary="Words.")
    days_pass(clock, 3, publisher)
    return review


def days_pass(clock: Any, days: int, client: Any) -> None:
    """Shift the clock, and sign in again: a session ends after twelve hours."""
    clock.shift(timedelta(days=days))
    client.force_login(client.user, "allauth.account.auth_backends.AuthenticationBackend")


def test_a_form_of_what_is_live_asks_whether_readers_should_hear_of_it(
    publisher: Client, live: Any
) -> None:
    assert 'name="tell_readers"' in publisher.get(form(live)).content.decode()
    draft = make_review(state=State.DRAFT, summary="Words.")
    assert 'name="tell_readers"' not in publisher.get(form(draft)).content.decode()
    assert 'name="tell_readers"' not in publisher.get(f"{LIST}add/").content.decode()


def test_a_minor_change_tells_nobody(publisher: Client, live: Any) -> None:
    assert send(publisher, form(live), summary="Corrected.").status_code == 302
    assert note_of(live) == ("", "")


def test_a_note_is_dated_and_stands_on_the_page_in_feeds_and_exports(
    publisher: Client, live: Any
) -> None:
    send(publisher, form(live), tell_readers="note", change_note="Page 12 corrected.")
    assert note_of(live) == ("2026-11-26", "Page 12 corrected.")
    client = Client()
    page = text_of(client.get(live.get_absolute_url()))
    assert "Changed 26 November 2026 : Page 12 corrected." in page
    assert "Page 12 corrected." in text_of(client.get("/new/"))
    for address in ("/new/feed.atom", "/reviews/feed.atom"):
        entries = feedparser.parse(client.get(address).content).entries
        assert any("Page 12 corrected." in entry.summary for entry in entries), address
    result = json.loads(client.get("/reviews/export.v1.json").content)["results"][0]
    assert (result["changed_on"], result["change_note"]) == ("2026-11-26", "Page 12 corrected.")
    body = b"".join(client.get("/reviews/export.csv")).decode("utf-8-sig")
    [row] = csv.DictReader(body.splitlines())
    assert (row["changed_on"], row["change_note"]) == ("2026-11-26", "Page 12 corrected.")


@pytest.mark.parametrize("said", ["", "  "])
def test_who_wants_to_tell_says_what(said: str, publisher: Client, live: Any) -> None:
    response = send(publisher, form(live), summary="New.", tell_readers="note", change_note=said)
    assert "Say in a few words what changed" in text_of(response)
    assert ">New.</textarea>" in response.content.decode().replace("\n", "")
    assert now(live).summary == "Words."


def test_a_note_that_stands_is_corrected_and_taken_off_without_a_new_day(
    publisher: Client, live: Any, clock: Any
) -> None:
    send(publisher, form(live), tell_readers="note", change_note="Page 21 corected.")
    days_pass(clock, 2, publisher)
    send(publisher, form(live), change_note="Page 12 corrected.")
    assert note_of(live) == ("2026-11-26", "Page 12 corrected.")
    same = send(publisher, form(live), tell_readers="note")
    assert "Say in a few words what changed" in text_of(same), "the old note is no news"
    send(publisher, form(live), tell_readers="note", change_note="Page 3 too.")
    assert note_of(live) == ("2026-11-28", "Page 3 too.")
    send(publisher, form(live), change_note="")
    assert note_of(live) == ("", "")


def proposed(client: Client, live: Any, **fields: str) -> Any:
    client.post(f"{LIST}{live.pk}/propose/")
    change = PracticeReview.objects.get(revises=live.pk)
    assert send(client, form(change), **fields).status_code == 302
    return change


def apply(client: Client, change: Any) -> None:
    address = f"{LIST}step/apply/?id={change.pk}"
    client.post(address, fields_of(client.get(address)))
    assert not PracticeReview.objects.filter(pk=change.pk).exists()


def test_the_note_of_a_proposed_change_is_dated_when_it_is_applied(
    publisher: Client, live: Any, clock: Any
) -> None:
    change = proposed(
        publisher, live, summary="New.", tell_readers="note", change_note="Rewritten."
    )
    days_pass(clock, 4, publisher)
    # Looked at and saved once more: still the same note.
    assert send(publisher, form(change), summary="Newer.").status_code == 302
    apply(publisher, change)
    assert note_of(live) == ("2026-11-30", "Rewritten.") and now(live).summary == "Newer."


def test_a_minor_proposed_change_keeps_the_note_and_its_day(
    publisher: Client, live: Any, clock: Any
) -> None:
    send(publisher, form(live), tell_readers="note", change_note="Page 21 corrected.")
    days_pass(clock, 4, publisher)
    apply(publisher, proposed(publisher, live, summary="New."))
    assert note_of(live) == ("2026-11-26", "Page 21 corrected.")
    apply(publisher, proposed(publisher, live, change_note="Page 12 corrected."))
    assert note_of(live) == ("2026-11-26", "Page 12 corrected.")


@pytest.mark.parametrize("state", HIDDEN_STAGES)
def test_a_note_of_what_is_not_public_is_told_nowhere(state: State) -> None:
    make_review(state=state, title="Hidden", change_note="A hidden note")
    client = Client()
    for address in ("/new/", "/new/feed.atom", "/reviews/feed.atom", "/reviews/export.v1.json"):
        assert "hidden note" not in client.get(address).content.decode()


# --- the first day --------------------------------------------------------------------------------


@pytest.mark.parametrize("way", ["at once", "through a draft"])
@pytest.mark.parametrize("make", [make_review, make_report, make_course])
def test_what_is_put_back_keeps_the_day_it_was_first_public(
    make: Any, way: str, clock: Any
) -> None:
    record = make(title="Oak", summary="Words.")
    first = now(record).published_at
    for _ in range(2):
        clock.shift(timedelta(days=5))
        record = now(record)
        record.withdraw(reason="A doubt")
        clock.shift(timedelta(days=5))
        record = now(record)
        if way == "through a draft":
            record.return_to_draft()
            assert record.published_at is None
        now(record).publish()
        assert now(record).is_published and now(record).published_at == first


def test_what_is_put_back_is_announced_only_once(clock: Any) -> None:
    review, client = make_review(title="Oak", summary="Words."), Client()
    before = feedparser.parse(client.get("/new/feed.atom").content).entries
    clock.shift(timedelta(days=40))
    review.withdraw(reason="A doubt")
    now(review).publish()
    after = feedparser.parse(client.get("/new/feed.atom").content).entries
    assert [entry.id for entry in after] == [entry.id for entry in before]
    assert "Added here 23 November 2026" in text_of(client.get(review.get_absolute_url()))


def test_a_schedule_that_was_called_off_was_no_day_on_which_it_was_public(clock: Any) -> None:
    review = make_review(state=State.DRAFT, summary="Words.")
    put_in_state(review, State.SCHEDULED)
    review.return_to_draft()
    clock.shift(timedelta(days=9))
    review.publish()
    assert str(review.added_on) == "2026-12-02"


def test_what_is_put_back_at_a_moment_is_hidden_until_then(clock: Any) -> None:
    review = make_review(summary="Words.")
    review.withdraw(reason="A doubt")
    review.publish(at=review.published_at + timedelta(days=1))
    assert now(review).current_state is State.SCHEDULED
    clock.shift(timedelta(days=1))
    assert now(review).is_published
