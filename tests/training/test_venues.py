"""Venues: what is known of getting in, on their pages and as a filter of the training list."""

import json
from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.test import Client, RequestFactory
from django.utils import timezone

from mscp.publishing.gate import State
from tests.factories import day, make_course, make_identity, make_session, make_venue
from tests.pages import titles, words_of
from training import structured_data
from training.access import access_to_check
from training.calendar.words import place_of
from training.models import Venue

pytestmark = pytest.mark.django_db


def make_halls() -> None:
    both = make_venue(name="Both", step_free="yes", hearing_loop="yes")
    one = make_venue(name="One", step_free="yes", hearing_loop="no")
    unknown = make_venue(name="Unknown")
    for venue in (both, one, unknown):
        make_session(make_course(title=f"At {venue.name}"), in_days=3, venue=venue)
    make_session(make_course(title="Online"), in_days=3, delivery="online")
    make_session(make_course(title="Nowhere yet"), in_days=3)


def test_only_a_known_yes_answers_a_need_and_all_needs_must_be_met() -> None:
    make_halls()
    assert sorted(titles(Client().get("/training/?access=step-free"))) == ["At Both", "At One"]
    every = "/training/?access=step-free&access=hearing-loop"
    assert titles(Client().get(every)) == ["At Both"]
    assert titles(Client().get("/training/?access=quiet-room")) == []


def test_the_number_beside_a_need_is_what_is_left_when_it_is_added() -> None:
    make_halls()
    for query, step_free in (
        ("", "2 sessions"),
        ("?access=step-free", "2 sessions"),
        ("?access=hearing-loop", "1 session"),
    ):
        shown = (
            f"Step-free , {step_free} , 2 venues confirmed, 1 not checked yet "
            "Hearing loop , 1 session , 1 venue confirmed, 1 not checked yet"
        )
        assert shown in words_of(f"/training/{query}"), query


def test_a_need_that_no_venue_is_known_to_meet_stays_and_says_so_once() -> None:
    assert "Step-free" not in words_of("/training/")
    for name in ("One", "Two"):
        make_session(in_days=3, venue=make_venue(name=name))
    make_session(in_days=3)
    make_session(make_course(state=State.DRAFT), in_days=3, venue=make_venue(name="Hidden"))
    page = words_of("/training/")
    assert "Step-free , 0 sessions" in page and "5 more under Access at the venue" in page
    assert page.count("0 venues confirmed, 2 not checked yet") == 1
    assert titles(Client().get("/training/?access=step-free")) == []


def test_a_need_that_is_not_on_the_list_is_left_out_and_named() -> None:
    make_halls()
    page = words_of("/training/?access=step-free&access=Zeppelin")
    assert "Zeppelin" in page
    assert "2 sessions" in page


def test_needs_apply_in_every_format() -> None:
    make_identity()
    make_halls()
    query = "?access=step-free&access=hearing-loop"
    results = json.loads(Client().get(f"/training/export.v1.json{query}").content)["results"]
    assert [result["course"]["title"] for result in results] == ["At Both"]
    for name in ("feed.atom", "export.csv", "calendar.ics"):
        response = Client().get(f"/training/{name}{query}")
        text = b"".join(response).decode()
        assert "At Both" in text and "At One" not in text, name


def test_what_is_not_known_of_a_venue_is_said() -> None:
    venue = make_venue(name="Hall", step_free="yes", lift="no", postcode="AN1 1AA")
    page = words_of(venue.get_absolute_url())
    assert "Step-free ✓ Yes" in page and "Lift ✕ No" in page
    assert "Not known: accessible toilet, hearing loop, parking for disabled people" in page
    assert "Never checked on the spot." in page
    assert "openstreetmap.org/search?query=AN1+1AA" in venue.map_address
    venue.access_checked_on = day("2026-03-02")
    venue.save()
    assert "Last checked 2 March 2026." in words_of(venue.get_absolute_url())


def test_whom_to_ask_stands_where_nothing_is_known_of_a_venue() -> None:
    make_identity(email="ask@example.org")
    page = words_of(make_venue(name="Hall").get_absolute_url())
    assert "Its accessibility has not been checked yet. Before you book, ask" in page
    assert "ask@example.org" in page and "Never checked" not in page


def test_a_venue_does_not_repeat_itself_beside_its_sessions() -> None:
    venue = make_venue(name="Town hall", town="Anytown")
    make_session(make_course(title="Both ways"), in_days=3, venue=venue, delivery="hybrid")
    page = words_of(venue.get_absolute_url()).partition("Training here")[2]
    assert "Both ways In person and online" in page and "Town hall" not in page


@pytest.mark.parametrize(
    ("name", "street", "said"),
    [
        ("Canterbury Road", "Canterbury Rd", "Canterbury Road, Morden AN1 1AA"),
        ("Station St.", "Station Street", "Station St., Morden AN1 1AA"),
        ("St Mark's", "St Mark's", "St Mark's, Morden AN1 1AA"),
        ("Civic Centre", "London Road", "Civic Centre, London Road, Morden AN1 1AA"),
        ("Canterbury Road", "", "Canterbury Road, Morden AN1 1AA"),
    ],
)
def test_a_street_that_is_the_name_is_said_once(name: str, street: str, said: str) -> None:
    venue = make_venue(name=name, street=street, town="Morden", postcode="AN1 1AA")
    assert venue.name_and_address == said
    assert place_of(make_session(venue=venue)) == said


def test_machines_are_told_only_what_is_known_of_a_venue() -> None:
    venue = make_venue(name="Hall", step_free="yes", lift="no")
    request = RequestFactory().get("/")
    features = structured_data.venue(request, venue)["amenityFeature"]
    assert [(f["name"], f["value"]) for f in features] == [("Step-free", True), ("Lift", False)]


def test_the_list_of_venues_says_when_the_next_session_is() -> None:
    hall, empty = make_venue(name="Hall", step_free="yes"), make_venue(name="Empty")
    make_session(make_course(), in_days=5, venue=hall)
    make_session(make_course(state=State.DRAFT), in_days=1, venue=empty)
    page = words_of("/training/venues/")
    assert "Next session 28 November 2026" in page and "No session planned" in page
    known = words_of("/training/venues/?access=step-free&access=Zeppelin")
    assert "1 venue" in known and "Zeppelin" in known and "Empty" not in known
    assert "No venue is confirmed" in words_of("/training/venues/?access=lift")


def test_past_sessions_of_a_venue_are_a_step_away() -> None:
    venue = make_venue(name="Hall")
    assert "Past sessions" not in words_of(venue.get_absolute_url())
    make_session(make_course(), in_days=-5, venue=venue)
    assert "Past sessions" in words_of(venue.get_absolute_url())


def test_no_course_takes_the_address_of_the_venues() -> None:
    assert make_course(title="Venues").slug == "venues-2"


def test_venues_in_use_are_checked_every_year() -> None:
    unused, fresh = make_venue(), make_venue(access_checked_on=day("2025-11-23"))
    old, never = make_venue(access_checked_on=day("2025-11-22")), make_venue()
    for venue in (fresh, old, never):
        make_session(make_course(), in_days=3, venue=venue)
    due = access_to_check(Venue.objects.all())
    assert set(due) == {old, never} and unused not in due


def test_nobody_has_looked_on_a_day_to_come() -> None:
    venue = make_venue(name="Town hall")
    venue.access_checked_on = timezone.localdate()
    venue.full_clean()
    venue.access_checked_on += timedelta(days=1)
    with pytest.raises(ValidationError, match="still to come"):
        venue.full_clean()


def test_of_very_many_sessions_a_venue_leads_to_the_rest() -> None:
    venue, course = make_venue(name="Town hall"), make_course()
    for days in range(1, 51):
        make_session(course, in_days=days, venue=venue)
    assert "All upcoming sessions here" not in words_of(venue.get_absolute_url())
    make_session(course, in_days=51, venue=venue)
    assert "All upcoming sessions here" in words_of(venue.get_absolute_url())
