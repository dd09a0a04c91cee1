"""Courses, venues and sessions, half of which lie ahead."""

from datetime import date, time, timedelta
from random import Random
from typing import Any

from django.utils import timezone
from django.utils.text import slugify

from bench.fill.bulk import BATCH, make_public, seeded
from bench.fill.names import course_title, venue_name
from bench.fill.prose import sentence, sentences
from mscp.publishing.approvals import shipped_content
from reviews.models import PracticeReview, Theme
from training.models import Audience, Course, Delivery, Places, Session, Venue

COURSES = 100
VENUES = 8
FURTHEST_DAY = 400
# So far from today that a session of several days is still wholly past.
NEAREST_PAST_DAY = 5
STARTS = [time(9), time(9, 30), time(13), time(13, 30), None]


def make_venues() -> list[Venue]:
    return [
        Venue.objects.create(
            name=venue_name(number),
            street=f"{number} Sample Street",
            town="Sampleton",
            postcode=f"ZZ{number} 9ZZ",
            accessibility="Step-free way in from the car park; a hearing loop in the main room.",
        )
        for number in range(1, VENUES + 1)
    ]


def make_courses(
    themes: list[Theme], audiences: list[Audience], reviews: list[PracticeReview]
) -> list[Course]:
    random = seeded("courses")
    courses = [_course(number, random) for number in range(1, COURSES + 1)]
    with shipped_content():
        Course.objects.bulk_create(courses, batch_size=BATCH)
    joined = [
        (Course.themes.through, "theme_id", themes, (1, 4)),
        (Course.audiences.through, "audience_id", audiences, (0, 3)),
        (Course.publications.through, "publication_id", reviews, (0, 3)),
    ]
    for through, column, choices, between in joined:
        _join(courses, through, column, choices, between, random)
    return courses


def _course(number: int, random: Random) -> Course:
    course = Course(
        title=course_title(number),
        slug=slugify(course_title(number)),
        summary=sentence(random),
        description=f"{sentences(random, 3, 5)}\n\n{sentences(random, 2, 4)}",
        provider="Sample training team",
        booking_url=f"https://booking.example.org/course-{number}",
        version=1,
    )
    course.set_words()
    make_public(course, random)
    return course


def _join(
    courses: list[Course],
    through: Any,
    column: str,
    choices: list[Any],
    between: tuple[int, int],
    random: Random,
) -> None:
    rows = [
        through(**{"course_id": course.pk, column: choice.pk})
        for course in courses
        for choice in random.sample(choices, random.randint(*between))
    ]
    through.objects.bulk_create(rows, batch_size=BATCH)


def make_sessions(number: int, courses: list[Course], venues: list[Venue]) -> None:
    random = seeded("sessions")
    today = timezone.localdate()
    sessions = [_session(n, courses, venues, today, random) for n in range(number)]
    Session.objects.bulk_create(sessions, batch_size=BATCH)


def _session(
    number: int, courses: list[Course], venues: list[Venue], today: date, random: Random
) -> Session:
    # One round of all courses lies ahead, the next is past, and so on.
    round_, place = divmod(number, len(courses))
    away = timedelta(days=random.randint(NEAREST_PAST_DAY, FURTHEST_DAY))
    first = today + away if round_ % 2 == 0 else today - away
    start = random.choice(STARTS)
    delivery = random.choice(list(Delivery))
    has_venue = delivery in (Delivery.IN_PERSON, Delivery.HYBRID) and random.random() < 0.8
    return Session(
        course=courses[place],
        start_date=first,
        end_date=first + timedelta(days=random.randint(1, 3)) if random.random() < 0.1 else None,
        start_time=start,
        end_time=start.replace(hour=start.hour + 3) if start else None,
        delivery=delivery,
        venue=random.choice(venues) if has_venue else None,
        places=random.choice(list(Places)),
        note="All-day training" if random.random() < 0.2 else "",
        version=1,
    )
