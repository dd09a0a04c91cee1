from datetime import time, timedelta
from io import BytesIO

import pytest
from django.core.files.base import ContentFile
from django.test import Client
from PIL import Image

from mscp.publishing.gate import State
from tests.factories import (
    day,
    make_audience,
    make_course,
    make_identity,
    make_report,
    make_review,
    make_session,
    make_theme,
    make_venue,
)
from tests.pages import assert_valid, body_of, text_of, titles, words_of

pytestmark = pytest.mark.django_db


def test_what_is_to_come_stands_first_and_past_is_a_step_away() -> None:
    course = make_course(title="Neglect")
    make_session(course, in_days=0, note="today")
    make_session(course, in_days=30, note="later")
    make_session(course, in_days=-1, note="gone")
    to_come, past, every = (
        words_of(f"/training/{query}") for query in ("", "?when=past", "?when=all")
    )
    assert "today" in to_come and "later" in to_come and "gone" not in to_come
    assert to_come.index("today") < to_come.index("later")
    assert "gone" in past and "later" not in past
    assert "gone" in every and "later" in every
    for page in (to_come, past, every):
        assert "Upcoming , 2 sessions Past , 1 session All , 3 sessions" in page


def test_the_past_starts_with_the_last_and_the_future_with_the_next() -> None:
    for days in (-30, -3, 3, 30):
        make_session(make_course(title=f"In {days}"), in_days=days)
    assert titles(Client().get("/training/")) == ["In 3", "In 30"]
    assert titles(Client().get("/training/?when=past")) == ["In -3", "In -30"]
    assert titles(Client().get("/training/?when=all&sort=newest")) == [
        "In 30",
        "In 3",
        "In -3",
        "In -30",
    ]
    assert titles(Client().get("/training/?when=all&sort=title"))[0] == "In -3"


def test_sessions_are_grouped_by_month() -> None:
    course = make_course()
    for date in ("2026-12-01", "2026-12-31", "2027-01-01"):
        make_session(course, start_date=day(date))
    page = Client().get("/training/")
    assert [(f"{month:%B %Y}", len(sessions)) for month, sessions in page.context["months"]] == [
        ("December 2026", 2),
        ("January 2027", 1),
    ]


def test_unknown_is_shown_as_unknown_and_never_as_midnight() -> None:
    make_session()
    page = words_of("/training/")
    assert "Time and venue to be confirmed" in page
    assert "midnight" not in page and "0:00" not in page


def test_known_facts_stand_beside_the_session() -> None:
    make_identity()
    make_session(
        make_course(title="Neglect", booking_url="https://example.org/course"),
        venue=make_venue(name="Town hall", town="Anytown"),
        start_time=time(9, 30),
        end_time=time(13),
        delivery="hybrid",
        places="waiting_list",
        note="Bring lunch",
        booking_url="https://example.org/session",
    )
    response = Client().get("/training/")
    page = text_of(response)
    assert "9:30am to 1pm , · Town hall , Anytown, and online" in page
    assert "Neglect Waiting list 9:30am" in page and "online , · Bring lunch" in page
    assert "Book a place : Neglect" in page
    assert b"https://example.org/session" in response.content
    assert b"https://example.org/course" not in response.content


def test_a_full_session_offers_no_booking() -> None:
    make_session(places="full", booking_url="https://example.org/book")
    page = words_of("/training/")
    assert "Full" in page and "Book a place" not in page


def test_online_is_said_in_place_of_a_venue() -> None:
    make_session(delivery="online")
    assert "Online , · Time to be confirmed" in words_of("/training/")


def test_what_most_sessions_do_not_tell_is_said_once_above_them() -> None:
    course, hall = make_course(), make_venue(name="Town hall")
    for days in (3, 4):
        make_session(course, in_days=days)
    assert words_of("/training/").count("Time and venue to be confirmed") == 2
    make_session(course, in_days=5, venue=hall)
    page = words_of("/training/")
    assert "No times are confirmed yet; 2 sessions await a venue." in page
    assert "to be confirmed" not in page
    make_session(course, in_days=6, venue=hall, start_time=time(9))
    page = words_of("/training/")
    assert "3 times are not confirmed yet." in page and "await" not in page
    assert page.count("Venue to be confirmed") == 2 and page.count("from 9am") == 1
    # Of what does not take place nothing is still to be confirmed.
    course.sessions.first().cancel()
    assert "2 times are not confirmed yet." in words_of("/training/")
    for session in course.sessions.all():
        session.move(session.start_date - timedelta(days=30))
    assert "2 times are not known." in words_of("/training/?when=past")


def test_training_begins_with_what_it_is_for() -> None:
    assert "Regular training, and briefings on what local reviews" in words_of("/training/")


def test_each_filter_finds_its_sessions() -> None:
    theme, audience = make_theme(name="Neglect"), make_audience(name="Schools")
    hall = make_venue(name="Town hall")
    first = make_course(title="First", themes=[theme])
    first.audiences.add(audience)
    make_session(first, start_date=day("2027-01-10"), venue=hall, delivery="in_person")
    make_session(make_course(title="Second"), start_date=day("2027-02-10"), delivery="online")
    for query in (
        "theme=neglect",
        "audience=schools",
        "venue=town-hall",
        "month=2027-01",
        "course=first",
        "delivery=in_person",
        "q=firs",
        "month=2027-01&delivery=in_person",
    ):
        assert titles(Client().get(f"/training/?{query}")) == ["First"], query
    assert len(titles(Client().get("/training/?month=2027-01&month=2027-02"))) == 2


def test_a_session_is_found_and_counted_in_every_month_in_which_it_takes_place() -> None:
    make_session(start_date=day("2026-12-30"), end_date=day("2027-02-02"))
    make_session(start_date=day("2027-02-10"))
    page = Client().get("/training/")
    (months,) = [f for f in page.context["facets"] if f.name == "month"]
    numbers = {c.value: c.number for c in months.first}
    assert numbers == {"2026-12": 1, "2027-01": 1, "2027-02": 2}
    for month, number in numbers.items():
        assert len(titles(Client().get(f"/training/?month={month}"))) == number
        assert Client().get(f"/training/?view=month&month={month}").context["total"] == number


def test_hybrid_is_found_and_counted_both_ways() -> None:
    make_session(delivery="hybrid")
    make_session(delivery="online")
    page = Client().get("/training/?delivery=online")
    assert len(titles(page)) == 2
    assert len(titles(Client().get("/training/?delivery=in_person"))) == 1
    assert len(titles(Client().get("/training/?delivery=hybrid"))) == 1
    (delivery,) = [f for f in page.context["facets"] if f.name == "delivery"]
    assert {c.value: c.number for c in delivery.first} == {
        "in_person": 1,
        "online": 2,
        "hybrid": 1,
    }


@pytest.mark.parametrize(
    ("query", "named"),
    [
        ("when=never", "When: never"),
        ("month=2027-13", "Month: 2027-13"),
        ("month=soon", "Month: soon"),
        ("course=none", "Course: none"),
        ("audience=none", "For whom: none"),
        ("delivery=post", "Format: post"),
        ("venue=none", "Venue: none"),
    ],
)
def test_unknown_values_are_named_and_left_out(query: str, named: str) -> None:
    make_session(make_course(title="Kept"))
    page = Client().get(f"/training/?{query}")
    assert titles(page) == ["Kept"] and named in text_of(page)


def test_a_draft_course_is_as_unknown_to_the_filter_as_one_that_never_was() -> None:
    draft = make_course(title="Secret", state=State.DRAFT)
    page = Client().get(f"/training/?course={draft.slug}")
    assert "Course: secret" in text_of(page)
    assert "Secret" not in text_of(page)


def test_a_course_shows_its_dates_and_what_belongs_with_it() -> None:
    theme = make_theme()
    course = make_course(title="Neglect", themes=[theme], provider="A trainer")
    course.publications.add(make_review(title="Taught review"))
    make_report(title="Same theme", themes=[theme])
    make_session(course, in_days=3, note="soon")
    make_session(course, in_days=-3, note="gone")
    page = words_of(course.get_absolute_url())
    for words in ("soon", "Past dates (1)", "Taught review", "Same theme", "A trainer"):
        assert words in page, words
    assert page.index("It passes on") < page.index("Taught review") < page.index("Same theme")


def test_a_course_says_all_that_is_known_of_it() -> None:
    course = make_course(
        level="Level 2",
        length="Half a day",
        cost="£60",
        provider="Sample trainers",
        outcomes="Name the signs\nKnow **whom to call**",
        prerequisites="Level 1 before",
        booking_email="book@example.org",
    )
    course.audiences.add(make_audience(name="Schools"))
    response = Client().get(course.get_absolute_url())
    assert_valid(response)
    html = response.content.decode()
    assert "<li>Name the signs</li>" in html
    assert "<li>Know <strong>whom to call</strong></li>" in html
    page = text_of(response)
    for words in (
        "For whom Schools",
        "Level Level 2",
        "Length Half a day",
        "Cost £60",
        "Taught by Sample trainers",
        "Booking By e-mail: book@example.org",
        "What to have done before Level 1 before",
    ):
        assert words in page, words


def test_of_what_is_not_known_a_course_invents_nothing() -> None:
    make_identity(email="")
    page = words_of(make_course().get_absolute_url())
    assert "Cost Not stated" in page and "Booking Not stated" in page
    for words in ("Level", "Length", "Taught by", "take away", "before"):
        assert words not in page, words


def test_all_dates_stand_on_the_page_and_of_very_many_past_ones_the_last() -> None:
    course = make_course()
    for number in range(101):
        make_session(course, in_days=-number - 1)
    for number in range(60):
        make_session(course, in_days=number)
    page = Client().get(course.get_absolute_url())
    assert len(page.context["upcoming"]) == 60 and len(page.context["past"]) == 100
    assert "Past dates (the last 100)" in text_of(page) and "All past dates" in text_of(page)
    assert f"?when=past&amp;course={course.slug}" in page.content.decode()


def test_a_course_without_a_date_says_so() -> None:
    assert "No date is set at present." in words_of(make_course().get_absolute_url())


def test_a_venue_of_which_nothing_is_known_says_so_once() -> None:
    venue = make_venue(name="Canterbury Road", street="Canterbury Rd", postcode="AB1 2CD")
    make_session(make_course(title="Held here"), venue=venue)
    make_session(make_course(title="Hidden", state=State.DRAFT), venue=venue)
    page = words_of(venue.get_absolute_url())
    assert "Canterbury Rd AB1 2CD" in page
    assert "Its accessibility has not been checked yet." in page and "Not known" not in page
    assert "Held here" in page and "Hidden" not in page


def test_a_venue_shows_its_photo_from_an_address_of_ours() -> None:
    out = BytesIO()
    Image.new("RGB", (30, 20)).save(out, "PNG")
    photo = ContentFile(out.getvalue(), name="a.png")
    venue = make_venue(photo=photo, photo_alt="A red door", accessibility="Step-free way in.")
    response = Client().get(venue.get_absolute_url())
    body = response.content.decode()
    assert 'alt="A red door"' in body and "Step-free way in." in body
    address = f"{venue.get_absolute_url()}photo.webp"
    assert f'srcset="{address}"' in body and 'width="30" height="20"' in body
    sent = Client().get(address)
    assert sent.headers["Content-Type"] == "image/webp"
    assert body_of(sent)[8:12] == b"WEBP"
    venue.photo.storage.delete(venue.photo.name)
    assert Client().get(address).status_code == 404


def test_the_dates_of_a_course_stand_in_the_orders_of_all_lists() -> None:
    course = make_course()
    for days in (-9, -9, -9, -8, 3, 3, 3, 4):
        for start in (None, time(9), time(14)):
            make_session(course, in_days=days, start_time=start)
    context = Client().get(course.get_absolute_url()).context
    sessions = course.sessions
    assert context["upcoming"] == list(sessions.upcoming().soonest_first())
    assert context["past"] == list(sessions.past().latest_first())
