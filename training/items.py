"""A session, or a course, as an item of a list."""

from datetime import date
from typing import NamedTuple

from training.badges import Marks, marks_of
from training.models import Session


class Item(NamedTuple):
    """All that an item tells; nothing else may be read where it is written."""

    anchor: str
    start_date: date
    when: str
    several_days: bool
    times: str
    to_come: bool
    """Whether what is not known may still be told."""
    delivery: str
    note: str
    marks: Marks
    places: str
    cancelled: bool
    course: str
    course_address: str
    cost: str
    venue: str
    venue_town: str
    venue_address: str
    calendar_address: str
    qr_address: str
    titled: bool
    level: int


class CourseItem(NamedTuple):
    """All that an item tells of a course."""

    level: int
    title: str
    address: str
    next_date: date | None
    mark: str


def item_of(session: Session, *, titled: bool, level: int, paper: bool) -> Item:
    course, venue = session.course, session.venue
    to_come = not session.is_past and not session.is_cancelled
    offered = to_come and course.is_published
    return Item(
        anchor=session.anchor,
        start_date=session.start_date,
        when=session.when,
        several_days=session.end_date is not None,
        times=session.times,
        to_come=to_come,
        delivery=session.delivery,
        note=session.note,
        marks=marks_of(session),
        places=session.places,
        cancelled=session.is_cancelled,
        course=course.title,
        course_address=course.get_absolute_url(),
        cost=course.cost,
        venue=venue.name if venue else "",
        venue_town=venue.town if venue else "",
        venue_address=venue.get_absolute_url() if venue else "",
        calendar_address=session.calendar_address if offered else "",
        qr_address=session.qr_address if offered and paper else "",
        titled=titled,
        level=level,
    )
