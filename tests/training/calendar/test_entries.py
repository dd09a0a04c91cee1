"""The calendars, read back by two libraries as programs of subscribers read them."""

from datetime import UTC, date, datetime, time, timedelta
from io import StringIO
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import vobject
from dateutil.tz import tzical
from django.test import Client
from icalendar import Calendar

from mscp.database.clock import start_of_day
from mscp.models import SiteIdentity
from mscp.publishing.gate import State
from tests.exports import feed_of
from tests.factories import (
    HIDDEN_STAGES,
    day,
    make_audience,
    make_course,
    make_identity,
    make_session,
    make_theme,
    make_venue,
)
from tests.pages import assert_valid
from training.access import access_lines
from training.models import FIRST_YEAR, Session

pytestmark = pytest.mark.django_db

FEED = "/training/calendar.ics"
LONDON = ZoneInfo("Europe/London")
A_DAY, A_MINUTE = timedelta(days=1), timedelta(minutes=1)


def calendar_at(address: str = FEED, **headers: str) -> Any:
    """Return a calendar that keeps to the standard, as icalendar reads it."""
    response = Client().get(address, headers=headers)
    assert response.status_code == 200, address
    assert response.headers["Content-Type"] == "text/calendar; charset=utf-8"
    for line in response.content.split(b"\r\n"):
        assert len(line) <= 75 and b"\n" not in line and b"\r" not in line
    read = Calendar.from_ical(response.content)
    assert read.get_missing_tzids() == set()
    same = vobject.readOne(response.content.decode())
    assert same.validate(raiseException=True)
    events = same.contents.get("vevent", [])
    assert [str(event.uid.value) for event in events] == [str(e["UID"]) for e in read.events]
    return read


def events_of(address: str = FEED) -> list[Any]:
    events = calendar_at(address).events
    for event in events:
        assert not event.errors
        for name in ("UID", "DTSTAMP", "LAST-MODIFIED", "SEQUENCE", "STATUS", "SUMMARY", "URL"):
            assert name in event
        for name in ("ORGANIZER", "ATTENDEE", "CONTACT"):
            assert name not in event
    assert len({event["UID"] for event in events}) == len(events)
    return events


def the_event(address: str = FEED) -> Any:
    (event,) = events_of(address)
    return event


def read_by_vobject(address: str = FEED) -> list[Any]:
    read = vobject.readOne(Client().get(address).content.decode())
    return read.contents.get("vevent", [])


def titles(address: str = FEED) -> list[str]:
    return [str(event["SUMMARY"]) for event in events_of(address)]


# --- who it is, and that it changed -----------------------------------------------------------


def test_an_entry_keeps_its_id_whatever_becomes_of_it(clock: Any) -> None:
    make_identity()
    course, venue = make_course(), make_venue()
    session = make_session(course, start_time=time(9), venue=venue)
    uid = the_event()["UID"]
    (other,) = read_by_vobject()
    assert other.uid.value == uid == feed_of("/training/feed.atom").entries[0].id
    session.refresh_from_db()
    session.start_time = time(13)
    session.move(day("2027-03-01"), note="Moved")
    course.title = "Renamed"
    course.save()
    session.refresh_from_db()
    session.course = make_course()
    session.venue = None
    session.save()
    session.cancel()
    addresses = [FEED, f"{session.course.get_absolute_url()}calendar.ics", session.calendar_address]
    assert {str(the_event(address)["UID"]) for address in addresses} == {str(uid)}
    assert str(calendar_at(FEED, host="localhost").events[0]["UID"]) == uid


def _cancel(session: Session) -> None:
    session.cancel()


def _move(session: Session) -> None:
    session.move(session.start_date + A_DAY)


def _give_venue_another_street(session: Session) -> None:
    assert session.venue
    session.venue.street = "2 New Street"
    session.venue.save()


def _check_access(session: Session) -> None:
    assert session.venue
    session.venue.access_checked_on = day("2026-11-20")
    session.venue.save()


def _rename_course(session: Session) -> None:
    session.course.title = "Renamed"
    session.course.save()


def _charge(session: Session) -> None:
    session.course.cost = "£60"
    session.course.save()


@pytest.mark.parametrize(
    "change",
    [_cancel, _move, _give_venue_another_street, _check_access, _rename_course, _charge],
)
def test_every_change_that_is_told_raises_sequence_and_moment(change: Any, clock: Any) -> None:
    session = make_session(venue=make_venue(street="1 Old Street"))
    before = the_event()
    assert before["SEQUENCE"] == 0 and before["STATUS"] == "CONFIRMED"
    clock.shift(A_MINUTE)
    change(Session.objects.get(pk=session.pk))
    after = the_event()
    assert after["SEQUENCE"] == before["SEQUENCE"] + 1
    for name in ("LAST-MODIFIED", "DTSTAMP"):
        assert (
            after[name].dt
            == before[name].dt + A_MINUTE
            == datetime(2026, 11, 23, 10, 1, tzinfo=UTC)
        )
    (other,) = read_by_vobject()
    assert other.sequence.value == str(after["SEQUENCE"])
    assert other.last_modified.value == after["LAST-MODIFIED"].dt


def test_a_session_whose_course_goes_live_later_changed_when_it_did(clock: Any) -> None:
    make_session(make_course(state=State.SCHEDULED))
    assert events_of() == []
    clock.shift(A_DAY + A_MINUTE)
    assert the_event()["DTSTAMP"].dt == datetime(2026, 11, 24, 10, 0, tzinfo=UTC)


# --- what is listed, and for how long -----------------------------------------------------------


def test_a_cancelled_session_is_named_for_30_days_and_then_leaves(clock: Any) -> None:
    session = make_session(make_course(title="Course"), in_days=90, booking_url="https://b.org/")
    session.cancel(note="The trainer is ill")
    event = the_event()
    assert event["STATUS"] == "CANCELLED" and event["SUMMARY"] == "CANCELLED: Course"
    assert "Cancelled on 23 November 2026. The trainer is ill" in event["DESCRIPTION"]
    assert "Book" not in event["DESCRIPTION"] and event["TRANSP"] == "TRANSPARENT"
    (other,) = read_by_vobject()
    assert other.status.value == "CANCELLED"
    course = session.course.calendar_address
    midnight = start_of_day(session.cancelled_at.date() + 31 * A_DAY)
    clock.move_to(midnight - A_MINUTE)
    assert len(events_of()) == len(events_of(course)) == len(events_of(f"{FEED}?when=all")) == 1
    clock.move_to(midnight)
    assert events_of() == events_of(course) == events_of(f"{FEED}?when=all") == []


def test_a_reinstated_session_goes_ahead_again() -> None:
    session = make_session()
    session.cancel()
    session.reinstate(note="It takes place after all")
    event = the_event()
    assert event["STATUS"] == "CONFIRMED" and event["SEQUENCE"] == 2
    assert "CANCELLED" not in event["SUMMARY"]
    assert "It takes place after all" in event["DESCRIPTION"]


def test_what_has_just_passed_stays_and_when_is_taken_exactly() -> None:
    for title, days in (("ahead", 5), ("just", -31), ("long", -32)):
        make_session(make_course(title=title), in_days=days)
    make_session(make_course(title="over"), in_days=-40, end_date=date(2026, 10, 24))
    assert titles() == ["over", "just", "ahead"]
    assert titles(f"{FEED}?when=upcoming") == ["ahead"]
    assert titles(f"{FEED}?when=past") == ["over", "long", "just"]
    assert titles(f"{FEED}?when=all") == ["over", "long", "just", "ahead"]
    assert titles(f"{FEED}?when=never") == titles()


def test_the_filters_are_those_of_the_list_and_what_is_unknown_is_named() -> None:
    theme, audience, hall = make_theme(name="Neglect"), make_audience(), make_venue(name="Hall")
    course = make_course(title="One", themes=[theme])
    course.audiences.add(audience)
    make_session(course, delivery="in_person", venue=hall, start_date=day("2027-01-14"))
    make_session(make_course(title="Two"), delivery="online", start_date=day("2027-02-14"))
    queries = ["theme=neglect", f"audience={audience.slug}", "venue=hall", "delivery=in_person"]
    queries += ["month=2027-01", f"course={course.slug}", "q=one", "theme=neglect&theme=bogus"]
    for query in queries:
        assert titles(f"{FEED}?{query}") == ["One"], query
    assert titles(f"{FEED}?delivery=online&sort=title&page=7") == ["Two"]
    read = calendar_at(f"{FEED}?theme=neglect&theme=bogus&month=2027-13")
    assert str(read["DESCRIPTION"]) == "Not known here and left out: Month: 2027-13, Theme: bogus."
    assert str(read["NAME"]).endswith(": Training (Theme: Neglect)")


@pytest.mark.parametrize("state", HIDDEN_STAGES)
def test_what_is_hidden_is_in_no_calendar(state: State) -> None:
    make_session()
    hidden = make_session(make_course(state=state, title="Hidden"))
    for query in ("", "?when=all", "?q=hidden&when=all", "?course=hidden"):
        assert b"Hidden" not in Client().get(f"{FEED}{query}").content
    assert len(events_of(f"{FEED}?when=all")) == 1
    client = Client()
    never = client.get(f"/training/never/session-{hidden.pk + 1}.ics")
    assert client.get(hidden.calendar_address).content == never.content
    assert client.get(hidden.calendar_address).status_code == 404
    course = client.get(hidden.course.calendar_address)
    if state is State.WITHDRAWN:
        # An error would leave its sessions in the calendars of those who subscribed.
        assert calendar_at(hidden.course.calendar_address).events == []
        assert b"Hidden" not in course.content
    else:
        assert course.status_code == 404 and course.content == never.content


def test_what_is_withdrawn_is_gone_at_the_next_request() -> None:
    session = make_session(make_course(title="Soon gone"))
    assert titles() == ["Soon gone"]
    session.course.withdraw(reason="A test")
    assert titles() == []


def test_what_a_worker_keeps_follows_every_change() -> None:
    make_identity(email="old@example.org")
    theme, audience = make_theme(name="Before"), make_audience(name="Nurses")
    course = make_course()
    make_session(course)
    assert "To book, ask: old@example.org" in the_event()["DESCRIPTION"]
    course.themes.add(theme)
    course.audiences.add(audience)
    event = the_event()
    assert event["CATEGORIES"].cats == ["Before"] and "For whom: Nurses" in event["DESCRIPTION"]
    theme.name = "After"
    theme.save()
    assert the_event()["CATEGORIES"].cats == ["After"]
    SiteIdentity.objects.update(email="new@example.org")
    assert "new@example.org" in the_event()["DESCRIPTION"]
    assert calendar_at(FEED, host="localhost").events[0]["URL"].startswith("http://localhost/")


# --- when it is -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("first", "in_utc"),
    [
        ("2026-10-24", "2026-10-24T08:30:00"),
        ("2026-10-25", "2026-10-25T09:30:00"),
        ("2027-03-27", "2027-03-27T09:30:00"),
        ("2027-03-28", "2027-03-28T08:30:00"),
        ("2041-07-01", "2041-07-01T08:30:00"),
    ],
)
def test_half_past_nine_stays_half_past_nine_when_the_clocks_change(
    first: str, in_utc: str
) -> None:
    make_session(start_date=day(first), start_time=time(9, 30), end_time=time(13))
    address = f"{FEED}?when=all"
    moment = datetime.fromisoformat(f"{in_utc}+00:00")
    event = the_event(address)
    assert event["DTSTART"].params["TZID"] == "Europe/London"
    (other,) = read_by_vobject(address)
    for start in (event["DTSTART"].dt, other.dtstart.value):
        assert start.astimezone(UTC) == moment
        assert start.replace(tzinfo=None) == datetime.combine(day(first), time(9, 30))
    assert event["DTEND"].dt == event["DTSTART"].dt + timedelta(hours=3, minutes=30)


def test_a_calendar_brings_the_clock_of_london_for_programs_that_do_not_know_it() -> None:
    (zone,) = calendar_at().timezones
    # At one o'clock by UTC, told by the clock as it is until then.
    assert [turn["DTSTART"].dt.hour for turn in (*zone.daylight, *zone.standard)] == [1, 2]
    clock = tzical(StringIO(zone.to_ical().decode())).get("Europe/London")
    for year in range(FIRST_YEAR, 2080):
        for month, first in ((1, 1), (3, 24), (7, 1), (10, 24)):
            for number in range(8):
                at = datetime.combine(date(year, month, first + number), time(9, 30))
                assert clock.utcoffset(at) == LONDON.utcoffset(at), at


def test_without_a_time_it_is_a_whole_day_and_never_midnight() -> None:
    make_session(start_date=day("2027-01-14"))
    event = the_event()
    assert event["DTSTART"].dt == date(2027, 1, 14) and event["DTEND"].dt == date(2027, 1, 15)
    assert event["DTSTART"].params["VALUE"] == "DATE"
    assert "Time: not known" in event["DESCRIPTION"]
    (other,) = read_by_vobject()
    assert other.dtstart.value == date(2027, 1, 14) and other.dtend.value == date(2027, 1, 15)
    assert b"T000000" not in Client().get(FEED).content.partition(b"BEGIN:VEVENT")[2]


def test_without_an_end_none_is_made_up() -> None:
    make_session(start_time=time(9))
    event = the_event()
    assert "DTEND" not in event and "DURATION" not in event
    assert "Time: from 9am" in event["DESCRIPTION"]


@pytest.mark.parametrize(
    ("start", "end", "first", "last", "says"),
    [
        (None, None, date(2027, 1, 14), date(2027, 1, 17), "Time: not known"),
        # The first moment alone would lose the other days.
        (time(9), None, date(2027, 1, 14), date(2027, 1, 17), "Time: from 9am"),
        (
            time(13),
            time(12),
            datetime(2027, 1, 14, 13, tzinfo=LONDON),
            datetime(2027, 1, 16, 12, tzinfo=LONDON),
            "Time: 1pm to midday",
        ),
    ],
)
def test_several_days_are_all_there(start: Any, end: Any, first: Any, last: Any, says: str) -> None:
    days = {"start_date": day("2027-01-14"), "end_date": day("2027-01-16")}
    make_session(**days, start_time=start, end_time=end)
    event = the_event()
    assert (event["DTSTART"].dt, event["DTEND"].dt) == (first, last)
    assert says in event["DESCRIPTION"]


# --- where, and how to come -------------------------------------------------------------------


def test_an_entry_tells_all_that_somebody_who_comes_needs() -> None:
    course = make_course(title="Course", summary="What it is.", cost="Free", themes=[make_theme()])
    course.audiences.add(make_audience(name="Nurses"), make_audience(name="Teachers"))
    venue = make_venue(
        name="Town hall",
        street="1 High Street",
        town="Anytown",
        postcode="AB1 2CD",
        step_free="yes",
        lift="no",
        access_checked_on=day("2026-05-03"),
        accessibility="The door is heavy.",
        staff_note="Secret",
    )
    session = make_session(
        course,
        start_time=time(9),
        end_time=time(12),
        delivery="hybrid",
        joining_url="https://meet.example.org/é?a=1,2",
        venue=venue,
        places="waiting_list",
        booking_url="https://book.example.org/",
        booking_closes=day("2026-11-25"),
        note="Bring lunch",
    )
    event = the_event()
    assert event["LOCATION"] == "Town hall, 1 High Street, Anytown AB1 2CD"
    assert event["CONFERENCE"] == "https://meet.example.org/%C3%A9?a=1,2"
    assert event["CONFERENCE"].params == {"VALUE": "URI", "LABEL": "Join online"}
    assert event["URL"] == f"http://testserver{session.get_absolute_url()}"
    assert str(event["DESCRIPTION"]).split("\n\n") == [
        "What it is.",
        "For whom: Nurses, Teachers\nCost: Free\nTime: 9am to midday\n"
        "Format: In person and online\nPlaces: Waiting list",
        "Bring lunch",
        "Book: https://book.example.org/\nLast day to book: 25 November 2026.",
        "Join online: https://meet.example.org/é?a=1,2",
        "Accessibility at Town hall\nStep-free: yes\nLift: no\nAccessible toilet: not known\n"
        "Hearing loop: not known\nParking for disabled people: not known\n"
        "Quiet room: not known\nLast checked 3 May 2026\nThe door is heavy.\n"
        "http://testserver/training/venues/town-hall/",
        f"On the site: http://testserver{session.get_absolute_url()}",
    ]
    (other,) = read_by_vobject()
    assert other.description.value == str(event["DESCRIPTION"])
    assert other.location.value == event["LOCATION"]


def test_nothing_is_known_of_a_venue_that_nobody_looked_at() -> None:
    lines = access_lines(make_venue())
    assert len(lines) == 7 and lines[-1] == "Not checked yet"
    assert all(line.endswith(": not known") for line in lines[:-1])


def test_a_private_way_to_join_is_nowhere() -> None:
    make_session(delivery="online")
    event = the_event()
    assert event["LOCATION"] == "Online"
    assert "CONFERENCE" not in event and "Join" not in event["DESCRIPTION"]


def test_what_is_not_known_of_the_place_is_said() -> None:
    make_session(delivery="in_person")
    event = the_event()
    assert "LOCATION" not in event and "Venue: not known" in event["DESCRIPTION"]


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"booking_email": "book@example.org"}, "Book by e-mail: book@example.org"),
        ({"booking_url": "https://b.org/"}, "Book: https://b.org/"),
        ({}, "Book: https://course.org/"),
        ({"booking_closes": date(2026, 11, 22)}, "Booking closed on 22 November 2026."),
    ],
)
def test_how_to_book_is_said(fields: dict[str, Any], says: str) -> None:
    make_session(make_course(booking_url="https://course.org/"), **fields)
    description = str(the_event()["DESCRIPTION"])
    assert says in description.split("\n\n")
    assert description.count("Book") == 1


def test_where_no_way_to_book_is_given_the_partnership_is_asked() -> None:
    make_session()
    assert "ook" not in the_event()["DESCRIPTION"]
    make_identity(email="", website="https://partnership.example.org/")
    assert "To book, ask: https://partnership.example.org/" in the_event()["DESCRIPTION"]


def test_that_booking_closed_is_a_change_of_that_midnight(clock: Any) -> None:
    make_session(booking_closes=day("2026-11-24"))
    assert the_event()["DTSTAMP"].dt == datetime(2026, 11, 23, 10, tzinfo=UTC)
    clock.move_to(datetime(2026, 11, 25, 9, tzinfo=UTC))
    event = the_event()
    assert "Booking closed on 24 November 2026." in event["DESCRIPTION"]
    assert event["DTSTAMP"].dt == datetime(2026, 11, 25, tzinfo=UTC)


def test_a_session_that_is_full_cannot_be_booked() -> None:
    make_session(make_course(booking_url="https://course.org/"), places="full")
    description = the_event()["DESCRIPTION"]
    assert "Places: Full" in description and "Book" not in description


def test_only_who_means_to_come_looks_busy() -> None:
    session = make_session(start_time=time(9))
    for address in (FEED, session.course.calendar_address):
        assert the_event(address)["TRANSP"] == "TRANSPARENT"
    assert "TRANSP" not in the_event(session.calendar_address)


# --- what people write ------------------------------------------------------------------------


@pytest.mark.parametrize(
    "title",
    [
        'Commas, semicolons; colons: and \\ back\\slashes “quoted” "so"',
        "Children’s voices 👩‍👩‍👧‍👦 " * 6,
        "é" * 150,
        "x" * 200,
    ],
)
def test_every_title_is_read_back_as_it_was_written(title: str) -> None:
    make_session(make_course(title=title.strip()))
    assert titles() == [title.strip()]
    (other,) = read_by_vobject()
    assert other.summary.value == title.strip()


@pytest.mark.parametrize("end", ["\r\n", "\n", "\r", "\x0b", "\x0c", "\x85", "\u2028", "\u2029"])
def test_no_text_breaks_out_of_its_line(end: str) -> None:
    evil = f"A{end}END:VEVENT{end}BEGIN:VEVENT{end}UID:1{end}ATTENDEE:mailto:a@b.org\x07\x1b"
    venue = make_venue(name=evil, street=evil, town="T", accessibility=evil)
    course = make_course(title=evil, summary=evil, cost=evil, themes=[make_theme(name=evil[:70])])
    course.audiences.add(make_audience(name=evil[:70]))
    make_session(course, venue=venue, note=evil, change_note=evil)
    make_identity(name=evil)
    for address in (FEED, course.calendar_address, course.sessions.get().calendar_address):
        event = the_event(address)
        assert event["SUMMARY"] == "A END:VEVENT BEGIN:VEVENT UID:1 ATTENDEE:mailto:a@b.org"
        (other,) = read_by_vobject(address)
        assert other.summary.value == event["SUMMARY"]
        content = Client().get(address).content
        assert content.splitlines().count(b"BEGIN:VEVENT") == 1
        assert b"\x07" not in content and b"\x1b" not in content
        assert (
            content.decode().splitlines() == content.decode().replace("\r\n", "\n").split("\n")[:-1]
        )


# --- the calendar itself ----------------------------------------------------------------------


def test_a_calendar_says_whose_it_is_and_when_to_ask_again() -> None:
    make_identity()
    make_session()
    read = calendar_at()
    name = "Anytown Safeguarding Children Partnership: Training"
    assert str(read["NAME"]) == str(read["X-WR-CALNAME"]) == name
    assert "Anytown Safeguarding Children Partnership" in read["PRODID"]
    assert read["VERSION"] == "2.0" and read["METHOD"] == "PUBLISH"
    assert read["REFRESH-INTERVAL"].dt == timedelta(hours=1)
    assert read["REFRESH-INTERVAL"].params["VALUE"] == "DURATION"
    assert str(read["X-WR-TIMEZONE"]) == "Europe/London"
    assert read["URL"] == "http://testserver/training/"
    assert read["SOURCE"] == f"http://testserver{FEED}"


def test_every_filter_has_a_calendar_with_an_id_of_its_own() -> None:
    make_theme(name="Neglect")
    make_session()
    queries = ["", "?when=all", "?when=upcoming", "?theme=neglect"]
    uids = {str(calendar_at(f"{FEED}{query}")["UID"]) for query in queries}
    assert len(uids) == len(queries)
    same = calendar_at(f"{FEED}?x=1&theme=neglect&theme=bogus")["UID"]
    assert str(same) in uids


def test_a_calendar_that_has_not_changed_is_not_sent_again(clock: Any) -> None:
    session = make_session(start_time=time(9))
    client = Client()
    for address in (FEED, session.course.calendar_address, session.calendar_address):
        etag = client.get(address).headers["ETag"]
        clock.shift(A_MINUTE)
        again = client.get(address, headers={"If-None-Match": etag})
        assert again.status_code == 304 and again.content == b""
        Session.objects.get(pk=session.pk).move(session.start_date + A_DAY)
        assert client.get(address, headers={"If-None-Match": etag}).status_code == 200


def test_a_calendar_is_open_to_every_program_and_has_a_name() -> None:
    session = make_session(make_course(title="Course"), start_date=day("2027-01-14"))
    names = {
        FEED: "training.ics",
        session.course.calendar_address: "course.ics",
        session.calendar_address: "course-2027-01-14.ics",
    }
    for address, name in names.items():
        response = Client().get(address)
        assert response.headers["Content-Disposition"] == f'inline; filename="{name}"'
        assert response.headers["Access-Control-Allow-Origin"] == "*"
        assert response.headers["X-Robots-Tag"] == "noindex"
        assert Client().head(address).status_code == 200
        assert Client().post(address).status_code == 405


def test_a_course_without_sessions_has_a_calendar_too() -> None:
    read = calendar_at(make_course(title="Course").calendar_address)
    assert read.events == [] and str(read["NAME"]).endswith(": Course")
    # Without any part a calendar would not keep to the standard.
    assert len(read.timezones) == 1


@pytest.mark.parametrize(
    "address",
    [
        "/training/none/calendar.ics",
        "/training/none/session-1.ics",
        "/training/none/session-0.ics",
        f"/training/none/session-{10**40}.ics",
        "/training/none/session-x.ics",
        "/training/none/session-.ics",
    ],
)
def test_an_address_that_was_never_given_is_not_found(address: str) -> None:
    assert Client().get(address).status_code == 404


def test_a_session_given_to_another_course_is_found_where_it_is_now() -> None:
    session = make_session()
    before = session.calendar_address
    session.course = make_course()
    session.save()
    response = Client().get(before)
    assert response.status_code == 302
    assert response.headers["Location"] == session.calendar_address
    assert the_event(session.calendar_address)["UID"] == the_event()["UID"]


# --- on the pages -----------------------------------------------------------------------------


def test_the_list_leads_to_its_calendar_with_its_filter() -> None:
    make_session(make_course(themes=[make_theme(name="Neglect")]))
    page = Client().get("/training/?theme=neglect&theme=bogus")
    assert_valid(page)
    body = page.content.decode()
    assert 'href="webcal://testserver/training/calendar.ics?theme=neglect"' in body
    assert "http://testserver/training/calendar.ics?theme=neglect</code>" in body
    assert 'type="text/calendar"' in body.partition("</head>")[0]
    assert "Subscribe to these sessions" in body
    assert titles("/training/calendar.ics?theme=neglect") != []


def test_a_course_leads_to_its_calendar_with_dates_and_without() -> None:
    course = make_course()
    for text, other in (
        ("Be told when dates are set", "Subscribe to this course"),
        ("Subscribe to this course", "Be told when dates are set"),
    ):
        page = Client().get(course.get_absolute_url())
        assert_valid(page)
        body = page.content.decode()
        assert text in body and other not in body
        assert f'href="webcal://testserver{course.calendar_address}"' in body
        assert 'type="text/calendar"' in body.partition("</head>")[0]
        make_session(course)


def test_only_a_session_to_come_to_is_added_to_a_calendar() -> None:
    course = make_course()
    ahead, past, off = make_session(course), make_session(course, in_days=-3), make_session(course)
    off.cancel()
    for address in (course.get_absolute_url(), "/training/?when=all"):
        body = Client().get(address).content.decode()
        assert f'href="{ahead.calendar_address}"' in body
        assert past.calendar_address not in body and off.calendar_address not in body


def test_the_preview_of_a_draft_offers_no_calendar(editor: Client) -> None:
    course = make_course(state=State.DRAFT)
    session = make_session(course)
    body = editor.get(course.get_absolute_url()).content.decode()
    assert "calendar.ics" not in body and session.calendar_address not in body
