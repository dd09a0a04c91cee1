"""Models of training: courses, their sessions, and venues."""

from training.models.booking import booking_fields, email_of
from training.models.change_notes import CourseChangeNote
from training.models.courses import Audience, Course, without_course
from training.models.programme import ProgrammeImport
from training.models.programme_sources import ProgrammeSource
from training.models.sessions import (
    FIRST_YEAR,
    LAST_YEAR,
    Delivery,
    Places,
    Session,
    anchor_of,
    is_upcoming,
    times_in_words,
)
from training.models.venues import Answer, Venue

__all__ = [
    "FIRST_YEAR",
    "LAST_YEAR",
    "Answer",
    "Audience",
    "Course",
    "CourseChangeNote",
    "Delivery",
    "Places",
    "ProgrammeImport",
    "ProgrammeSource",
    "Session",
    "Venue",
    "anchor_of",
    "booking_fields",
    "email_of",
    "is_upcoming",
    "times_in_words",
    "without_course",
]
