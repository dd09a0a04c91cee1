"""What training adds to the page of a publication: courses near it and their next dates."""

from collections.abc import Iterator
from typing import Any

from reviews.models import Publication
from reviews.panels import RelatedGroup
from training.models import Course, Session

MOST_COURSES = 5


def courses_and_dates(publication: Publication) -> Iterator[RelatedGroup]:
    """Yield the courses that teach a publication or share a theme with it, and their next dates."""
    near: Any = Course.objects.published().near(publication)
    courses = list(near.next_first("-is_direct")[:MOST_COURSES])
    if courses:
        yield RelatedGroup(
            name="courses",
            heading="Courses",
            template="training/related_courses.html",
            items=courses,
            mark=f"Teaches this {publication.get_kind_display().lower()}",
            has_direct=any(course.is_direct for course in courses),
        )
    if sessions := _next_sessions(courses):
        yield RelatedGroup(
            name="dates",
            heading="Next dates",
            template="training/related_dates.html",
            items=sessions,
        )


def _next_sessions(courses: list[Any]) -> list[Session]:
    """Return the next session of each of these courses, soonest first."""
    by_pk = {course.next_session: course for course in courses if course.next_session}
    if not by_pk:
        return []
    found = list(Session.objects.filter(pk__in=by_pk).select_related("venue").soonest_first())
    for session in found:
        session.course = by_pk[session.pk]
    return found
