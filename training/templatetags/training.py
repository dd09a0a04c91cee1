"""What the library's pages show of training; the library itself knows nothing of it."""

from typing import Any

from django import template

from training.models import Course

register = template.Library()

MOST_COURSES = 5


@register.simple_tag
def courses_for(publication: Any) -> list[Course]:
    """Return courses that teach a publication or share a theme, those with a next date first."""
    published = Course.objects.published()
    teaching = published.filter(pk__in=publication.courses.values("pk"))
    about = published.about(publication.themes.all())
    return list((teaching | about).next_first()[:MOST_COURSES])
