"""Training on the page of a publication: courses near it and their next dates."""

from collections.abc import Iterator

from reviews.models import Publication
from reviews.panels import RelatedGroup
from training.related import courses_near, next_sessions


def courses_and_dates(publication: Publication) -> Iterator[RelatedGroup]:
    """Yield the courses that teach a publication or share a theme with it, and their next dates."""
    courses = courses_near(publication)
    if courses:
        yield RelatedGroup(
            name="courses",
            heading="Courses",
            template="training/related_courses.html",
            items=courses,
            mark=f"Teaches this {publication.get_kind_display().lower()}",
            has_direct=any(course.is_direct for course in courses),
        )
    if sessions := next_sessions(courses):
        yield RelatedGroup(
            name="dates",
            heading="Next dates",
            template="training/related_dates.html",
            items=sessions,
        )
