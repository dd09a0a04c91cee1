"""What the library's pages show of training, and what a course says to machines."""

from collections.abc import Iterable
from typing import Any

from django import template
from django.urls import reverse
from django.utils.safestring import SafeString

from mscp.cache import fragments
from mscp.exports.base import with_query
from mscp.web.json_ld import as_script
from training import structured_data
from training.items import CourseItem, item_of
from training.models import Course, Session, Venue
from training.month.weeks import Day

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


@register.simple_tag(takes_context=True)
def course_data(context: Any, course: Course, upcoming: Iterable[Session]) -> SafeString:
    """Describe a course and its dates to come in the words of schema.org."""
    return as_script(*structured_data.course(context.request, course, upcoming))


@register.simple_tag(takes_context=True)
def venue_data(context: Any, venue: Venue) -> SafeString:
    """Describe a venue in the words of schema.org."""
    return as_script(structured_data.venue(context.request, venue))


@register.simple_tag
def calendar_of_list(query: str) -> str:
    """Return the address of the calendar of the training list with its filters."""
    return with_query(reverse("training:calendar"), query)


@register.simple_tag
def session_item(
    session: Session, titled: Any = False, level: Any = 3, paper: Any = False
) -> SafeString:
    """Write a session as an item of a list."""
    item = item_of(session, titled=bool(titled), level=level or 3, paper=bool(paper))
    return fragments.item("components/_session_item.html", session=item)


@register.simple_tag
def course_item(course: Any, level: int = 3, mark: str = "") -> SafeString:
    """Write a course, read with its next date, as an item of a list."""
    address, mark = course.get_absolute_url(), fragments.plain(mark)
    item = CourseItem(level, course.title, address, course.next_date, mark)
    return fragments.item("components/_course_item.html", course=item)


@register.simple_tag
def day_cell(day: Day) -> SafeString:
    """Write a day of a month as the cell of a table."""
    return fragments.item("training/_day.html", day=day)


@register.simple_tag(takes_context=True)
def webcal(context: Any, address: str) -> str:
    """Return the address that a calendar program opens to subscribe."""
    return f"webcal://{context.request.get_host()}{address}"
