"""Change notes: what readers are told of a change, and the day on which a page was first public."""

import csv
import json
import re
from datetime import timedelta
from html import unescape
from typing import Any

import feedparser
import pytest
from django.contrib.auth.models import Group
from django.core.exceptions import ValidationError
from django.db import transaction
from django.test import Client
from django.utils import timezone

from mscp.publishing.approvals import approve as give_approval
from mscp.publishing.approvals import approved
from mscp.publishing.gate import State
from reviews.models import PracticeReview
from tests.admin_forms import fields_of, send
from tests.factories import (
    HIDDEN_STAGES,
    make_course,
    make_page,
    make_report,
    make_review,
    make_session,
    make_user,
    put_in_state,
)
from tests.pages import text_of, titles

pytestmark = pytest.mark.django_db

LIST = "/admin/reviews/practicereview/"


def form(review: Any) -> str:
    return f"{LIST}{review.pk}/change/"


def now(review: Any) -> Any:
    return type(review).objects.get(pk=review.pk)


def notes_of(record: Any) -> list[tuple[str, str]]:
    """Return the days and the words of the notes that readers are shown, in their order."""
    page = Client().get(record.get_absolute_url()).content.decode()
    section = page.partition('<h2 id="changes">')[2].partition("</section>")[0]
    found = re.findall(r'<time datetime="([^"]*)">[^<]*</time>\s*<div>([^<]*)</div>', section)
    return [(day, unescape(text)) for day, text in found]


def rows_of(record: Any) -> Any:
    return now(record).change_notes.order_by("pk")


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
    assert notes_of(live) == []
    assert "What has changed" not in Client().get(live.get_absolute_url()).content.decode()


def test_a_note_is_dated_and_stands_on_the_page_in_feeds_and_exports(
    publisher: Client, live: Any
) -> None:
    send(publisher, form(live), tell_readers="note", change_note="Page 12 corrected.")
    assert notes_of(live) == [("2026-11-26", "Page 12 corrected.")]
    client = Client()
    page = text_of(client.get(live.get_absolute_url()))
    assert "Changed 26 November 2026" in page
    assert "What has changed 26 November 2026 Page 12 corrected." in page
    assert "Page 12 corrected." in text_of(client.get("/new/"))
    for address in ("/new/feed.atom", "/reviews/feed.atom"):
        entries = feedparser.parse(client.get(address).content).entries
        assert any("Page 12 corrected." in entry.summary for entry in entries), address
    result = json.loads(client.get("/reviews/export.v1.json").content)["results"][0]
    assert (result["changed_on"], result["change_note"]) == ("2026-11-26", "Page 12 corrected.")
    assert result["changes"] == [{"day": "2026-11-26", "note": "Page 12 corrected."}]
    body = b"".join(client.get("/reviews/export.csv")).decode("utf-8-sig")
    [row] = csv.DictReader(body.splitlines())
    assert (row["changed_on"], row["change_note"]) == ("2026-11-26", "Page 12 corrected.")


@pytest.mark.parametrize("said", ["", "  "])
def test_who_wants_to_tell_says_what(said: str, publisher: Client, live: Any) -> None:
    response = send(publisher, form(live), summary="New.", tell_readers="note", change_note=said)
    assert "Say in a few words what changed" in text_of(response)
    assert ">New.</textarea>" in response.content.decode().replace("\n", "")
    assert now(live).summary == "Words."


def test_words_with_a_change_that_is_minor_are_asked_about(publisher: Client, live: Any) -> None:
    response = send(publisher, form(live), summary="New.", change_note="Page 12 corrected.")
    assert "chose above that readers are not told" in text_of(response)
    assert 'value="Page 12 corrected."' in response.content.decode()
    assert now(live).summary == "Words." and notes_of(live) == []


def test_notes_are_a_list_the_latest_first(publisher: Client, live: Any, clock: Any) -> None:
    send(publisher, form(live), tell_readers="note", change_note="Page 12 corrected.")
    days_pass(clock, 2, publisher)
    send(publisher, form(live), tell_readers="note", change_note="Page 3 too.")
    assert notes_of(live) == [
        ("2026-11-28", "Page 3 too."),
        ("2026-11-26", "Page 12 corrected."),
    ]
    client = Client()
    result = json.loads(client.get("/reviews/export.v1.json").content)["results"][0]
    assert (result["changed_on"], result["change_note"]) == ("2026-11-28", "Page 3 too.")
    assert [one["note"] for one in result["changes"]] == ["Page 3 too.", "Page 12 corrected."]
    [entry] = feedparser.parse(client.get("/reviews/feed.atom").content).entries
    assert "Changed 28 November 2026: Page 3 too." in entry.summary
    assert "Page 12" not in entry.summary
    news = text_of(client.get("/new/"))
    assert news.index("Page 3 too.") < news.index("Page 12 corrected.") < news.index("23 Nov")


def test_earlier_ones_of_many_are_folded(publisher: Client, live: Any) -> None:
    for number in range(7):
        rows_of(live).create(record=live, text=f"Change {number}.", noted_at=timezone.now())
    page = Client().get(live.get_absolute_url()).content.decode()
    assert "Earlier changes (2)" in page
    folded = page.partition("<details>")[2]
    assert "Change 1." in folded and "Change 2." not in folded


def test_an_earlier_note_is_corrected_dated_and_deleted_in_the_form(
    publisher: Client, live: Any, clock: Any
) -> None:
    for text in ("Page 21 corected.", "Page 3 too."):
        send(publisher, form(live), tell_readers="note", change_note=text)
        days_pass(clock, 1, publisher)
    # The latest stands first in the form too.
    changed = {"change_notes-1-text": "Page 21 corrected.", "change_notes-1-dated": "2026-11-25"}
    assert send(publisher, form(live), **changed).status_code == 302
    assert notes_of(live) == [
        ("2026-11-27", "Page 3 too."),
        ("2026-11-25", "Page 21 corrected."),
    ]
    send(publisher, form(live), **{"change_notes-0-DELETE": "on"})
    assert notes_of(live) == [("2026-11-25", "Page 21 corrected.")]
    send(publisher, form(live), **{"change_notes-0-dated": ""})
    assert notes_of(live) == [("2026-11-26", "Page 21 corrected.")]
    assert "Note on a change: “Page 3 too.”" in text_of(publisher.get(f"{LIST}{live.pk}/history/"))


@pytest.mark.parametrize(
    ("day", "sentence"),
    [("2026-11-28", "This day has not come"), ("2026-11-22", "This is before 23 November 2026")],
)
def test_a_day_on_which_nobody_was_told_is_refused(
    day: str, sentence: str, publisher: Client, live: Any
) -> None:
    send(publisher, form(live), tell_readers="note", change_note="Page 12 corrected.")
    response = send(publisher, form(live), summary="New.", **{"change_notes-0-dated": day})
    assert sentence in text_of(response)
    assert now(live).summary == "Words."
    assert notes_of(live) == [("2026-11-26", "Page 12 corrected.")]


def test_so_is_one_in_a_proposed_change(publisher: Client, live: Any) -> None:
    send(publisher, form(live), tell_readers="note", change_note="Page 12 corrected.")
    publisher.post(f"{LIST}{live.pk}/propose/")
    change = PracticeReview.objects.get(revises=live.pk)
    response = send(publisher, form(change), **{"change_notes-0-dated": "2026-11-22"})
    assert "This is before 23 November 2026" in text_of(response)
    send(publisher, form(change), **{"change_notes-0-dated": "2026-11-24"})
    compared = text_of(publisher.get(f"{LIST}{change.pk}/compare/"))
    assert "“24 November 2026: Page 12 corrected.”: date [added: 24 November 2026" in compared
    apply(publisher, change)
    assert notes_of(live) == [("2026-11-24", "Page 12 corrected.")]


def test_two_who_correct_one_note_hear_of_each_other(publisher: Client, live: Any) -> None:
    send(publisher, form(live), tell_readers="note", change_note="Page 12 corrected.")
    opened = fields_of(publisher.get(form(live)))
    send(publisher, form(live), **{"change_notes-0-text": "Page 13 corrected."})
    response = publisher.post(form(live), {**opened, "change_notes-0-text": "Page 14 corrected."})
    assert response.status_code == 200 and "changed this on" in text_of(response)
    assert "Page 14 corrected." in response.content.decode()
    assert notes_of(live) == [("2026-11-26", "Page 13 corrected.")]


def test_a_form_that_was_opened_before_there_were_notes_is_saved(
    publisher: Client, live: Any
) -> None:
    opened = fields_of(publisher.get(form(live)))
    sent = {name: value for name, value in opened.items() if not name.startswith("change_notes")}
    assert publisher.post(form(live), {**sent, "summary": "New."}).status_code == 302
    assert now(live).summary == "New."


def proposed(client: Client, live: Any, **fields: str) -> Any:
    client.post(f"{LIST}{live.pk}/propose/")
    change = PracticeReview.objects.get(revises=live.pk)
    assert send(client, form(change), **fields).status_code == 302
    return change


def change_page(change: Any) -> str:
    """Return the address at which staff see a change as its page will be."""
    address: str = change.get_absolute_url()
    return address


def approve(record: Any, user: Any) -> None:
    with transaction.atomic():
        give_approval(record, user)


def field_of(client: Client, record: Any, text: str) -> str:
    """Return the name of the field that has a text in the form of a record."""
    fields = fields_of(client.get(form(record)))
    [name] = [name for name, value in fields.items() if value == text]
    return name


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
    assert notes_of(live) == [] and "Rewritten." in text_of(publisher.get(change_page(change)))
    apply(publisher, change)
    assert notes_of(live) == [("2026-11-30", "Rewritten.")] and now(live).summary == "Newer."


def test_a_note_of_a_change_is_taken_back(publisher: Client, live: Any) -> None:
    change = proposed(publisher, live, tell_readers="note", change_note="Rewritten.")
    send(publisher, form(change), tell_readers="minor", change_note="")
    assert not rows_of(change).exists()
    send(publisher, form(change), summary="New.")
    apply(publisher, change)
    assert notes_of(live) == []


def test_a_minor_proposed_change_keeps_the_note_and_its_day(
    publisher: Client, live: Any, clock: Any
) -> None:
    send(publisher, form(live), tell_readers="note", change_note="Page 21 corrected.")
    days_pass(clock, 4, publisher)
    apply(publisher, proposed(publisher, live, summary="New."))
    assert notes_of(live) == [("2026-11-26", "Page 21 corrected.")]
    apply(publisher, proposed(publisher, live, **{"change_notes-0-text": "Page 12 corrected."}))
    assert notes_of(live) == [("2026-11-26", "Page 12 corrected.")]
    assert rows_of(live).count() == 1
    apply(publisher, proposed(publisher, live, **{"change_notes-0-DELETE": "on"}))
    assert notes_of(live) == []


def test_notes_of_both_sides_are_merged_and_one_that_both_corrected_is_decided(
    publisher: Client, live: Any
) -> None:
    send(publisher, form(live), tell_readers="note", change_note="Page 1.")
    change = proposed(publisher, live, tell_readers="note", change_note="Of the change.")
    send(publisher, form(live), tell_readers="note", change_note="Meanwhile.")
    assert not now(change).conflicts()
    apply(publisher, change)
    assert {text for _, text in notes_of(live)} == {"Page 1.", "Of the change.", "Meanwhile."}
    change = proposed(publisher, live)
    for record, text in ((change, "Page 2."), (live, "Page 3.")):
        name = field_of(publisher, record, "Page 1.")
        assert send(publisher, form(record), **{name: text}).status_code == 302
    [conflict] = now(change).conflicts()
    assert (conflict.theirs, conflict.mine) == ("Page 3.", "Page 2.")
    compared = text_of(publisher.get(f"{LIST}{change.pk}/compare/"))
    assert "Note on a change" in compared


def test_what_is_typed_into_the_form_of_a_record_goes_on_in_a_change(
    publisher: Client, live: Any
) -> None:
    send(publisher, form(live), tell_readers="note", change_note="Page 21 corected.")
    typed = {
        **fields_of(publisher.get(form(live))),
        "tell_readers": "note",
        "change_note": "And more.",
        "change_notes-0-text": "Page 21 corrected.",
    }
    filled = publisher.post(form(live), {**typed, "_propose": "1"}, follow=True)
    change = PracticeReview.objects.get(revises=live.pk)
    sent = fields_of(filled)
    assert sent["change_notes-0-id"] == str(rows_of(change).get().pk)
    assert publisher.post(form(change), sent).status_code == 302
    assert [text for _, text in notes_of(live)] == ["Page 21 corected."]
    apply(publisher, change)
    assert {text for _, text in notes_of(live)} == {"And more.", "Page 21 corrected."}


def test_a_note_that_may_not_be_saved_any_more_is_shown_with_the_rest_that_was_typed(
    publisher: Client, live: Any
) -> None:
    fields = fields_of(publisher.get(form(live)))
    user: Any = publisher.user  # type: ignore[attr-defined]
    user.groups.set(Group.objects.filter(name="Editors"))
    typed = {"tell_readers": "note", "change_note": "Page 12 corrected."}
    response = publisher.post(form(live), {**fields, **typed})
    assert response.status_code == 403
    page = text_of(response)
    assert "What changed" in page and "Page 12 corrected." in response.content.decode()
    assert notes_of(live) == []


@pytest.mark.parametrize("way", ["withdrawn", "a draft again"])
def test_a_note_on_what_is_corrected_out_of_sight_is_told_when_it_is_back(
    way: str, publisher: Client, live: Any, clock: Any
) -> None:
    live.withdraw(reason="A name")
    if way == "a draft again":
        now(live).return_to_draft()
    send(publisher, form(live), tell_readers="note", change_note="A name was taken out.")
    assert rows_of(live).get().noted_at is None
    days_pass(clock, 3, publisher)
    review = now(live)
    review.publish(at=timezone.now() + timedelta(days=2))
    assert "A name" not in text_of(Client().get("/new/"))
    clock.shift(timedelta(days=2))
    assert notes_of(live) == [("2026-12-01", "A name was taken out.")]
    assert "A name was taken out." in text_of(Client().get("/new/"))


def test_with_two_people_a_note_is_approved_with_its_change(
    settings: Any, publisher: Client, live: Any, sign_in: Any
) -> None:
    settings.TWO_PEOPLE = True
    with pytest.raises(ValidationError):
        rows_of(live).create(record=now(live), text="Alone.", noted_at=timezone.now())
    change = proposed(publisher, live, tell_readers="note", change_note="Rewritten.")
    other = make_user("Publishers")
    approve(change, other)
    note = rows_of(change).get()
    note.text = "Rewritten otherwise."
    note.save()
    with pytest.raises(ValidationError):
        now(change).apply_change()
    approve(now(change), other)
    now(change).apply_change()
    assert notes_of(live) == [("2026-11-26", "Rewritten otherwise.")]
    # Both names stay with what is live.
    assert approved(now(live))
    note = rows_of(live).get()
    with pytest.raises(ValidationError):
        note.delete()
    note.dated = note.day - timedelta(days=1)
    with pytest.raises(ValidationError):
        note.save()


@pytest.mark.parametrize("make", [make_course, make_page])
def test_courses_and_pages_have_notes_too(make: Any, publisher: Client, clock: Any) -> None:
    record = make(title="Oak")
    days_pass(clock, 3, publisher)
    address = f"/admin/{record._meta.label_lower.replace('.', '/')}/{record.pk}/change/"
    changed = {"tell_readers": "note", "change_note": "The room is another."}
    assert send(publisher, address, **changed).status_code == 302
    assert notes_of(record) == [("2026-11-26", "The room is another.")]
    page = text_of(Client().get("/new/"))
    kind = record._meta.verbose_name.capitalize()
    assert f"26 Nov Oak {kind}: The room is another." in page
    [entry] = feedparser.parse(Client().get("/new/feed.atom").content).entries
    assert entry.link.endswith(record.get_absolute_url())
    record = now(record)
    record.withdraw(reason="A doubt")
    assert "another" not in text_of(Client().get("/new/"))


def test_the_notes_of_a_course_are_in_feeds_and_exports_of_its_sessions() -> None:
    session = make_session()
    for text in ("First.", "Second."):
        noted_at = timezone.now()
        session.course.change_notes.create(record=session.course, text=text, noted_at=noted_at)
    client = Client()
    [result] = json.loads(client.get("/training/export.v1.json").content)["results"]
    assert result["course"]["changes"] == [
        {"day": "2026-11-23", "note": text} for text in ("Second.", "First.")
    ]
    [entry] = feedparser.parse(client.get("/training/feed.atom").content).entries
    assert "Changed 23 November 2026: Second." in entry.summary


@pytest.mark.parametrize("state", HIDDEN_STAGES)
@pytest.mark.parametrize("make", [make_review, make_course, make_page])
def test_a_note_of_what_is_not_public_is_told_nowhere(make: Any, state: State) -> None:
    record = make(state=state, title="Hidden")
    record.change_notes.create(record=record, text="A hidden note", noted_at=timezone.now())
    client = Client()
    for address in ("/new/", "/new/feed.atom", "/reviews/feed.atom", "/reviews/export.v1.json"):
        assert "hidden note" not in client.get(address).content.decode()


def test_a_note_from_before_it_was_public_is_never_told() -> None:
    review = make_review(state=State.DRAFT, summary="Words.")
    before = timezone.now() - timedelta(days=1)
    review.change_notes.create(record=review, text="A hidden note", noted_at=before)
    review.publish()
    assert notes_of(review) == [] and "hidden note" not in text_of(Client().get("/new/"))


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


def test_what_is_put_back_at_a_moment_is_hidden_until_then_and_keeps_its_first_day(
    clock: Any,
) -> None:
    review, other = make_review(title="Oak", summary="Words."), make_review(title="Ash")
    first = review.published_at
    clock.shift(timedelta(days=2))
    newer = make_review(title="Elm")
    review.withdraw(reason="A doubt")
    review.publish(at=timezone.now() + timedelta(days=1))
    assert now(review).current_state is State.SCHEDULED
    assert Client().get(review.get_absolute_url()).status_code == 404
    clock.shift(timedelta(days=1))
    review, client = now(review), Client()
    assert review.is_published and review.first_published_at == first < review.published_at
    assert "Added here 23 November 2026" in text_of(client.get(review.get_absolute_url()))
    results = json.loads(client.get("/reviews/export.v1.json").content)["results"]
    [moment] = [one["live_since"] for one in results if one["title"] == "Oak"]
    assert moment.startswith("2026-11-23")
    assert titles(client.get("/reviews/?sort=added")) == [newer.title, other.title, "Oak"]
    news = text_of(client.get("/new/"))
    assert "23 Nov Oak" in news and "26 Nov" not in news
    [entry] = [
        one
        for one in feedparser.parse(client.get("/reviews/feed.atom").content).entries
        if one.title == "Oak"
    ]
    assert entry.published.startswith("2026-11-23")
