"""Sessions with their courses and venues, each read once, however many sessions it has."""

from collections.abc import Iterable

from training.models import Course, Session, Venue


def with_courses_and_venues(
    sessions: Iterable[Session],
    *,
    courses_without: Iterable[str],
    venues_without: Iterable[str],
    courses_with: Iterable[str] = (),
) -> list[Session]:
    """Give sessions their courses and venues, without fields that nobody needs here.

    Courses pass the gate again: a session is left out whose course was withdrawn since.
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
