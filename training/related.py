"""Sessions with their courses and venues, and training related to a publication or a course."""

from collections.abc import Iterable
from datetime import date, time
from typing import Any

from django.db.models import Q

from mscp.database.compiled_query import Bindings, CompiledQuery, as_day
from reviews.models import Publication, Theme
from training.filters import SessionFilterSet, upcoming_sessions
from training.models import Audience, Course, Session, Venue

# Courses beside a publication.
MOST_COURSES = 5
# The most sessions shown of a course, upcoming and past each.
MOST_OF_COURSE = 100
# Publications that a course teaches.
MOST_TAUGHT = 50
# The next sessions of all courses.
MOST_NEXT = 3
# Fields of a course that an item of one of its sessions shows.
COURSE_FIELDS = (
    *("title", "slug", "state", "published_at", "first_published_at"),
    *("cost", "booking_url", "booking_email"),
)
# What an item of a session does not show.
NOT_SHOWN = ("created_by", "updated_at", "updated_by", "version", "sequence")
# Fields of a venue in items and structured data.
VENUE_FIELDS = ("name", "slug", "street", "town", "postcode", *Venue.FACTS)


def with_courses_and_venues(
    sessions: Iterable[Session],
    *,
    courses_without: Iterable[str],
    venues_without: Iterable[str],
    courses_with: Iterable[str] = (),
) -> list[Session]:
    """Set the courses and venues of sessions, each read once, without fields not needed here.

    Courses pass the gate again: a session is left out if its course was withdrawn since.
    """
    found = list(sessions)
    courses = (
        Course.objects.published()
        .filter(pk__in={session.course_id for session in found})
        .defer(*courses_without)
        .prefetch_related(*courses_with)
        .in_bulk()
    )
    venues = (
        Venue.objects.filter(pk__in={session.venue_id for session in found if session.venue_id})
        .defer(*venues_without)
        .in_bulk()
    )
    found = [session for session in found if session.course_id in courses]
    for session in found:
        session.course = courses[session.course_id]
        session.venue = venues.get(session.venue_id)
    return found


def courses_near(publication: Publication) -> list[Any]:
    """Return courses that teach a publication, then those that share a theme, next dates first."""
    return _NEAR.records(publication=publication.pk)


def next_sessions(courses: Iterable[Any]) -> list[Any]:
    """Return the ``next_session`` of each of these courses, with its venue, soonest first."""
    by_key = {course.next_session: course for course in courses if course.next_session}
    found = _SESSIONS.records(by_key) if by_key else []
    for session in found:
        session.course = by_key[session.pk]
    return found


def next_of_all() -> list[Any]:
    """Return the next ``MOST_NEXT`` sessions of all courses, with their courses and venues.

    The index of the list has what is to come in order, and also what is cancelled. The database
    would sort all that is to come for every home page.
    """
    listed = SessionFilterSet.unfiltered()
    most = 2 * MOST_NEXT
    while True:
        keys = listed.first(most)
        sessions = _NEXT.records(keys)
        if len(sessions) == MOST_NEXT or len(keys) < most:
            return sessions
        most *= 4


def audiences_of(course: Course) -> list[Any]:
    return _AUDIENCES.records(course=course.pk)


def themes_of_course(course: Course) -> list[Any]:
    return _THEMES.records(course=course.pk)


def held(course: Course) -> tuple[list[Any], list[Any]]:
    """Return the upcoming and the past sessions of a course, with their venues.

    The former soonest first, the latter latest first; of each one more than ``MOST_OF_COURSE``.
    """
    found = _HELD.records(course=course.pk)
    for session in found:
        # Reading the course then costs no query.
        session.course = course
    upcoming = [session for session in found if not session.is_past]
    past = [session for session in found if session.is_past]
    return upcoming, sorted(past, key=_as_late, reverse=True)


def _as_late(session: Session) -> tuple[date, bool, time, int]:
    """Order as ``latest_first`` does: of a day, sessions without a time come last."""
    start = session.start_time
    return session.start_date, start is not None, start or time.min, session.pk


def taught_by(course: Course) -> list[Any]:
    """Return the newest ``MOST_TAUGHT`` publications that a course teaches."""
    return _TAUGHT.records(course=course.pk)


def taught_keys(course: Course, taught: list[Any]) -> Iterable[int]:
    """Return the keys of all that a course teaches, of which ``taught`` are the newest."""
    if len(taught) < MOST_TAUGHT:
        return [publication.pk for publication in taught]
    return course.publications.values_list("pk", flat=True)


def _near(bound: Bindings) -> Any:
    courses = Course.objects.published(at=bound.now)
    near = courses.near(bound.value("publication"), today=bound.today)
    near = near.next_first("-is_direct", today=bound.today)
    return near.only(*COURSE_FIELDS)[:MOST_COURSES]


def _held(bound: Bindings) -> Any:
    """Build one query of both: an order and a limit of their own need a subquery each."""
    own = Session.objects.filter(course=bound.value("course"))
    upcoming = own.upcoming(today=bound.today).soonest_first()
    past = own.past(today=bound.today).latest_first()
    some = [rows.values("pk")[: MOST_OF_COURSE + 1] for rows in (upcoming, past)]
    held = own.filter(Q(pk__in=some[0]) | Q(pk__in=some[1])).soonest_first()
    return held.defer(*NOT_SHOWN)


_NEAR = CompiledQuery(_near, convert={"is_direct": bool, "next_date": as_day})
_SESSIONS = CompiledQuery(
    lambda bound: Session.objects.filter(pk__in=bound.keys).soonest_first().defer(*NOT_SHOWN),
    joined={"venue": VENUE_FIELDS},
)
_NEXT = CompiledQuery(
    lambda bound: (
        upcoming_sessions(at=bound.now, today=bound.today)
        .filter(pk__in=bound.keys)
        .defer(*NOT_SHOWN)[:MOST_NEXT]
    ),
    joined={"course": COURSE_FIELDS, "venue": VENUE_FIELDS},
)
_AUDIENCES = CompiledQuery(
    lambda bound: Audience.objects.filter(courses=bound.value("course")).only("name", "slug")
)
_THEMES = CompiledQuery(
    lambda bound: Theme.objects.filter(courses=bound.value("course")).only("name", "slug")
)
_HELD = CompiledQuery(_held, joined={"venue": VENUE_FIELDS})
_TAUGHT = CompiledQuery(
    lambda bound: (
        Publication.objects.published(at=bound.now)
        .filter(courses=bound.value("course"))
        .newest_first()
        .for_items()[:MOST_TAUGHT]
    )
)
