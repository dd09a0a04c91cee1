"""What the library's pages show of training, and what a course says to machines."""

from collections.abc import Iterable
from typing import Any

from django import template
from django.utils.safestring import SafeString

from mscp.structured_data import as_script
from training import structured_data
from training.models import Course, Session

register = template.Library()

MOST_COURSES = 5


@register.simple_tag
def courses_for(publication: Any) -> list[Course]:
    """Return courses that teach a publication or share a theme, those with a next date first."""
    published = Course.objects.published()
    teaching = published.filter(pk__in=publication.courses.values("pk"))
    about = published.about(publication.themes.all())
    return list((teaching | about).next_first()[:MOST_COURSES])


@register.simple_tag(takes_context=True)
def course_data(context: Any, course: Course, upcoming: Iterable[Session]) -> SafeString:
    """Describe a course and its dates to come in the words of schema.org."""
    return as_script(*structured_data.course(context.request, course, upcoming))
