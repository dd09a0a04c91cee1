"""Training on the page of a publication: courses near it and their next dates."""

from collections.abc import Iterator
from typing import Any

from reviews.models import Publication
from reviews.panels import ChainStep, RelatedGroup, step_of
from training.related import courses_near, next_sessions


def courses_and_dates(
    publication: Publication, *, steps_only: bool = False
) -> Iterator[RelatedGroup]:
    """Yield the courses that teach a publication or share a theme with it, and their next dates.

    For the steps of the chain alone, only the date that it shows is read.
    """
    courses = courses_near(publication)
    mark = f"Teaches this {publication.get_kind_display().lower()}"
    yield RelatedGroup(
        name="courses",
        heading="Courses",
        template="training/related_courses.html",
        items=courses,
        mark=mark,
        step=step_of("Course", courses, mark=mark, missing="None yet"),
    )
    sessions = next_sessions(_first_dated(courses) if steps_only else courses)
    yield RelatedGroup(
        name="dates",
        heading="Next dates",
        template="training/related_dates.html",
        items=sessions,
        step=_next_date(courses, sessions),
    )


def _first_dated(courses: list[Any]) -> list[Any]:
    """Return the first course if it has a date, else those whose date is the next."""
    if not courses or courses[0].next_session:
        return courses[:1]
    dated = [course for course in courses if course.next_session]
    soonest = min((course.next_date for course in dated), default=None)
    return [course for course in dated if course.next_date == soonest]


def _next_date(courses: list[Any], sessions: list[Any]) -> ChainStep:
    """Return the step to the next date: of the course that the chain shows, or of another."""
    if not sessions:
        return ChainStep("Next date", note="None is set at present")
    session = next((one for one in sessions if one.course.pk == courses[0].pk), sessions[0])
    other = "" if session.course.pk == courses[0].pk else session.course.title
    return ChainStep(
        "Next date",
        session.when,
        f"{session.course.get_absolute_url()}#{session.anchor}",
        other,
        more=("Add to calendar", session.calendar_address),
        item=session,
    )
