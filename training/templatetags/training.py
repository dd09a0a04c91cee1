"""What the library's pages show of training; the library itself knows nothing of it."""

from typing import Any

from django import template

from training.models import Course, Session

register = template.Library()

MOST_COURSES = 5


@register.simple_tag
def courses_for(publication: Any) -> list[Course]:
    """Return courses that teach a publication, then those that share a theme, next dates first."""
    return list(
        Course.objects.published().near(publication).next_first("-is_direct")[:MOST_COURSES]
    )


@register.simple_tag
def next_sessions(courses: list[Any]) -> list[Session]:
    """Return the next session of each of these courses, soonest first."""
    by_key = {course.next_session: course for course in courses if course.next_session}
    found = list(Session.objects.filter(pk__in=by_key).select_related("venue").soonest_first())
    for session in found:
        session.course = by_key[session.pk]
    return found
