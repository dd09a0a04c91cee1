"""What stands beside a session in a word: on the list, the course's page and the venue's."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from mscp.database.clock import start_of_day
from mscp.publishing.gate import State
from tests.factories import (
    day,
    make_course,
    make_session,
    make_venue,
    past_the_gate,
)
from tests.pages import assert_valid, text_of
from training.models import Course, Session

pytestmark = pytest.mark.django_db

# Of the clock of the tests: a Monday, 23 November 2026.
LAST_MONDAY = timedelta(days=7)


def old_session(**fields: Any) -> Session:
    """Make a session that has been announced for long."""
    session = make_session(**fields)
    long_ago = timezone.now() - timedelta(days=90)
    Session.objects.filter(pk=session.pk).update(created_at=long_ago)
    moments = {"published_at": long_ago, "first_published_at": long_ago}
    past_the_gate(Course.objects.filter(pk=session.course_id), **moments)
    session.refresh_from_db()
    return session


def among_others(session: Session) -> Session:
    """Put a session among others on each page: where most are new, none is called so."""
    for _ in range(2):
        make_session(session.course, in_days=50, venue=session.venue, bulk_loaded=True)
    return session


def shown(session: Session) -> str:
    """Return what all three pages say beside a session, which is the same.

    The page of its course has no title there, that of its venue no venue.
    """
    addresses = ["/training/?when=all", session.course.get_absolute_url()]
    if session.venue and not session.is_past:
        addresses.append(session.venue.get_absolute_url())
    texts = []
    for address in addresses:
        response = Client().get(address)
        assert_valid(response)
        page = response.content.decode()
        start = page.index(f'id="session-{session.pk}"')
        item = f"<p {page[start : page.index('</li>', start)]}"
        item = re.sub(r'<p class="session-(day|when)">.*?</p>', "", item, flags=re.DOTALL)
        response.content = item.encode()
        text = text_of(response).replace(session.course.title, "")
        venue = session.venue.name if session.venue else ""
        texts.append(re.sub(rf"{venue}( , · )?|Places available", "", text))
    assert len({" ".join(text.split()) for text in texts}) == 1, texts
    return texts[0]


def test_what_was_made_this_week_is_new_and_then_no_longer(clock: Any) -> None:
    session = among_others(make_session(in_days=40, venue=make_venue()))
    assert "New" in shown(session)
    midnight = start_of_day(timezone.localdate() + LAST_MONDAY)
    clock.move_to(midnight - timedelta(seconds=1))
    assert "New" in shown(session)
    clock.move_to(midnight)
    assert "New" not in shown(session)


def test_what_was_loaded_with_many_others_is_not_new() -> None:
    session = among_others(make_session(in_days=40, bulk_loaded=True))
    assert "New" not in shown(session)
    session.move(session.start_date + timedelta(days=1))
    assert "Changed" in shown(session)


def test_where_most_of_a_list_is_new_nothing_is_marked() -> None:
    course = make_course()
    make_session(course, bulk_loaded=True)
    new = make_session(course)
    assert "New" in shown(new)
    make_session(course)
    assert "New" not in shown(new)


def test_places_that_are_open_are_a_word_on_the_page_of_the_course_and_no_mark() -> None:
    session = make_session(places="open")
    assert "Places available" not in text_of(Client().get("/training/"))
    assert "Places available" in text_of(Client().get(session.course.get_absolute_url()))


def test_in_the_preview_of_a_draft_nothing_is_new(editor: Client) -> None:
    session = make_session(make_course(state=State.DRAFT))
    page = text_of(editor.get(session.course.get_absolute_url()))
    assert session.start_date.strftime("%b") in page and "New" not in page


def test_what_was_written_long_ago_is_new_when_its_course_goes_live(clock: Any) -> None:
    """And what was changed until then changed for nobody."""
    session = make_session(make_course(state=State.DRAFT, summary="Words."), in_days=60)
    clock.shift(timedelta(days=30))
    session.move(session.start_date + timedelta(days=1))
    clock.shift(timedelta(days=1))
    session.course.publish()
    among_others(session)
    assert "New" in shown(session) and "Changed" not in shown(session)
    clock.shift(LAST_MONDAY)
    assert "New" not in shown(session) and "Changed" not in shown(session)


def test_what_was_moved_this_week_has_changed_and_keeps_its_note(clock: Any) -> None:
    session = old_session(in_days=40, venue=make_venue())
    assert "Changed" not in shown(session) and "New" not in shown(session)
    session.move(session.start_date + timedelta(days=1), note="The trainer is ill.")
    assert "Changed The trainer is ill." in shown(session)
    clock.shift(LAST_MONDAY)
    assert "Changed" not in shown(session) and "The trainer is ill." in shown(session)


def test_what_is_new_and_was_moved_is_called_changed() -> None:
    session = make_session(in_days=40)
    session.move(session.start_date + timedelta(days=1))
    assert "Changed" in shown(session) and "New" not in shown(session)


def test_what_is_cancelled_says_so_and_offers_nothing_to_do() -> None:
    session = make_session(
        venue=make_venue(),
        places="last_places",
        booking_url="https://example.org/book",
        booking_closes=timezone.localdate(),
    )
    assert "Add to calendar" in shown(session) and "Book a place" in shown(session)
    session.cancel(note="Too few people.")
    text = shown(session)
    assert "Cancelled on 23 November 2026. Too few people." in text
    for offered in ("Book", "Add to calendar", "Last places", "New", "Changed"):
        assert offered not in text.replace("Cancelled", ""), offered


def test_a_past_session_is_neither_new_nor_to_be_booked() -> None:
    session = make_session(in_days=-1, places="last_places", booking_url="https://example.org/book")
    for offered in ("Book", "Last places", "New"):
        assert offered not in shown(session)
    session.cancel(note="Snow.")
    assert "Cancelled on 23 November 2026. Snow." in shown(session)


@pytest.mark.parametrize(
    ("places", "words"),
    [("last_places", "Last places"), ("waiting_list", "Waiting list"), ("full", "Full")],
)
def test_places_are_marked_where_they_are_few_or_gone(places: str, words: str) -> None:
    session = make_session(places=places, booking_url="https://example.org/book")
    assert words in shown(session)
    assert ("Book a place" in shown(session)) == (places != "full")


@pytest.mark.parametrize(
    ("closes", "says", "can_book"),
    [
        ("2026-11-22", "Booking closed on 22 November 2026", False),
        ("2026-11-23", "Book by 23 November 2026", True),
        ("2027-03-03", "Book by 3 March", True),
    ],
)
def test_until_when_one_may_book_or_since_when_no_longer(
    closes: str, says: str, can_book: bool
) -> None:
    session = make_session(
        start_date=day("2027-03-10"),
        booking_closes=day(closes),
        booking_url="https://example.org/book",
    )
    assert says in shown(session)
    assert ("Book a place" in shown(session)) == can_book


def test_a_full_session_tells_no_day_to_book_by() -> None:
    session = make_session(in_days=30, places="full", booking_closes=timezone.localdate())
    assert "Book by" not in shown(session)


def test_an_email_address_for_booking_is_written_out() -> None:
    course = make_course(booking_email="book@example.org")
    session = make_session(course)
    assert "Book by e-mail: book@example.org" in shown(session)
    session.booking_closes = timezone.localdate() - timedelta(days=1)
    session.save()
    assert "book@example.org" not in shown(session)


def test_an_item_that_was_written_before_tells_what_is_so_now(clock: Any) -> None:
    venue = make_venue(name="Old hall", town="Anytown")
    course = make_course(title="Old title", cost="£60", booking_url="https://example.org/old")
    session = make_session(course, venue=venue, places="open")
    for values, words in (
        (course.__class__.objects.filter(pk=course.pk), {"title": "New title", "cost": "£70"}),
        (venue.__class__.objects.filter(pk=venue.pk), {"name": "New hall", "town": "Newtown"}),
        (Session.objects.filter(pk=session.pk), {"note": "Bring lunch"}),
    ):
        Client().get("/training/")
        # Past all that follows a save.
        values.update(**words)
        page = text_of(Client().get("/training/"))
        assert all(word in page for word in words.values()), words
    clock.shift(timedelta(days=8))
    page = text_of(Client().get("/training/?when=past"))
    assert "New title" in page and "Book a place" not in page
