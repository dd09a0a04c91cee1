"""Exporter of sessions, for feeds and exports."""

from collections.abc import Sequence
from datetime import date, datetime, time
from typing import ClassVar

from django.utils import timezone

from mscp.exports.base import Cell, Entry, ExportContext, Exporter, Json, moment
from mscp.exports.json import (
    ADDRESS,
    ADDRESS_OR_NULL,
    DAY,
    DAY_OR_NULL,
    MOMENT,
    MOMENT_OR_NULL,
    TEXT,
    TEXT_OR_NULL,
    described,
    list_of,
    record_of,
)
from mscp.publishing.gate import Publishable
from mscp.publishing.notes import shown_notes_of
from reviews.exports import CHANGES, THEMES, changes_result, theme_result
from training.access import ACCESS, access_facts
from training.models import Answer, CourseChangeNote, Delivery, Places, Session, Venue
from training.models.sessions import SessionQuerySet
from training.related import with_courses_and_venues

CLOCK_OR_NULL = {"type": ["string", "null"], "pattern": "^[0-2][0-9]:[0-5][0-9]$"}
ANSWER = {"enum": [str(answer.value) for answer in Answer]}
# The fields of a course besides its title and summary, each with its label.
COURSE_FACTS = ("level", "length", "cost", "outcomes", "prerequisites")


class SessionExporter(Exporter[Session]):
    schema_name = "sessions"
    id_name = "session"
    columns: ClassVar = {
        "course": "The title of its course.",
        "start_date": "Its first day: 2027-01-14.",
        "end_date": "Its last day, where it takes several.",
        "start_time": "By London's clock: 09:30. Empty where it is not known.",
        "end_time": "Empty where it is not known.",
        "delivery": "How it is taught, in words; “Not stated” where it is not known.",
        "venue": "Its name; empty where there is none or it is not known.",
        "town": "Of the venue.",
        "postcode": "Of the venue.",
        "places": "Whether there are places, in words; “Not known” where it is not.",
        "themes": "Names of the themes of its course.",
        "audiences": "Whom its course is for.",
        "note": "What stands beside the session.",
        "booking_address": "Where a place is booked; empty where it is not known.",
        "address": "Of the session on the page of its course.",
        "cancelled_at": "When it was cancelled; empty where it takes place.",
        "change_note": "What was said of a move or of cancelling it.",
        "booking_closes": "The last day to book.",
        "joining_address": "Where to join online, if anybody may know it.",
        "level": "Of its course.",
        "length": "Of its course, in words.",
        "cost": "Of its course, in words.",
        "outcomes": "What those who came can do afterwards.",
        "prerequisites": "What its course builds on.",
        "street": "Of the venue.",
        **{
            name: f"{label} at the venue: “Yes”, “No” or “Not known”; empty without a venue."
            for label, name in ACCESS.values()
        },
        "access_checked_on": "The day on which somebody last looked.",
        "capacity": "How many may come in all; empty where it is not stated.",
        "own_cost": "What the session costs, where it is not the cost of its course.",
        "trainer": "Who teaches it, where readers may know.",
    }
    fields: ClassVar = {
        "course": described(
            "What is taught. The summary is null where there is none. Changes: what readers were "
            "told of it, the latest first.",
            record_of(
                {
                    "title": TEXT,
                    "summary": TEXT_OR_NULL,
                    **dict.fromkeys(COURSE_FACTS, TEXT_OR_NULL),
                    "changes": CHANGES,
                    "address": ADDRESS,
                }
            ),
        ),
        "start_date": described("Its first day.", DAY),
        "end_date": described("Its last day; null where it takes only one.", DAY_OR_NULL),
        "start_time": described(
            "By London's clock: 09:30. Null where it is not known.", CLOCK_OR_NULL
        ),
        "end_time": described("Null where it is not known.", CLOCK_OR_NULL),
        "delivery": described(
            "As the parameter “delivery” takes it.",
            {"enum": [str(way.value) for way in Delivery]},
        ),
        "delivery_label": described("How it is taught, in words.", TEXT),
        "venue": described(
            "Null where there is none or it is not known.",
            {
                **record_of(
                    {
                        "name": TEXT,
                        "street": TEXT_OR_NULL,
                        "town": TEXT_OR_NULL,
                        "postcode": TEXT_OR_NULL,
                        "access": record_of(dict.fromkeys(Venue.FACTS, ANSWER)),
                        "access_note": TEXT_OR_NULL,
                        "access_checked_on": DAY_OR_NULL,
                        "address": ADDRESS,
                    }
                ),
                "type": ["object", "null"],
            },
        ),
        "places": described(
            "Whether there are places.", {"enum": [str(places.value) for places in Places]}
        ),
        "places_label": described("The same in words.", TEXT),
        "capacity": described(
            "How many may come in all; null where it is not stated.",
            {"type": ["integer", "null"], "minimum": 1},
        ),
        "cost": described(
            "What it costs, in words; null where that is the cost of its course.", TEXT_OR_NULL
        ),
        "trainer": described(
            "Who teaches it; null where that is not known or not for readers.", TEXT_OR_NULL
        ),
        "themes": described("The themes of its course.", THEMES),
        "audiences": described(
            "Whom its course is for.", list_of(record_of({"slug": TEXT, "name": TEXT}))
        ),
        "note": described("What stands beside the session; null where nothing does.", TEXT_OR_NULL),
        "booking_address": described(
            "Where a place is booked; null where it is not known.", ADDRESS_OR_NULL
        ),
        "booking_closes": described("The last day to book; null where none is set.", DAY_OR_NULL),
        "joining_address": described(
            "Where to join online, if anybody may know it.", ADDRESS_OR_NULL
        ),
        "cancelled_at": described(
            "When it was cancelled; null where it takes place.", MOMENT_OR_NULL
        ),
        "change_note": described(
            "What was said of a move or of cancelling it; null where nothing was.", TEXT_OR_NULL
        ),
        "address": described("Of the session on the page of its course.", ADDRESS),
        "updated_at": described("When the session was last changed.", MOMENT),
    }

    def read(self, keys: Sequence[int]) -> list[Session]:
        sessions = with_courses_and_venues(
            Session.objects.published().filter(pk__in=keys),
            courses_without=["words", "description", "staff_note"],
            courses_with=["themes", "audiences"],
            venues_without=["words", "directions", "staff_note"],
        )
        courses = {session.course_id: session.course for session in sessions}
        notes = shown_notes_of(CourseChangeNote, list(courses))
        for key, course in courses.items():
            course.shown_notes = notes.get(key, [])
        return sessions

    def cells(self, record: Session, context: ExportContext) -> list[Cell]:
        venue, course = record.venue, record.course
        return [
            course.title,
            record.start_date.isoformat(),
            _day(record.end_date),
            _clock(record.start_time),
            _clock(record.end_time),
            record.get_delivery_display(),
            venue and venue.name,
            venue and venue.town,
            venue and venue.postcode,
            record.get_places_display(),
            [theme.name for theme in course.themes.all()],
            [audience.name for audience in course.audiences.all()],
            record.note,
            record.book_at,
            context.absolute(record.get_absolute_url()),
            moment(record.cancelled_at) if record.cancelled_at else None,
            record.change_note,
            _day(record.booking_closes),
            record.joining_url,
            *(getattr(course, name) for name in COURSE_FACTS),
            venue and venue.street,
            *(fact.answer.label if venue else None for fact in access_facts(venue or Venue())),
            venue and _day(venue.access_checked_on),
            None if record.capacity is None else str(record.capacity),
            record.cost,
            record.public_trainer,
        ]

    def result(self, record: Session, context: ExportContext) -> Json:
        course, venue = record.course, record.venue
        return {
            "course": {
                "title": course.title,
                "summary": course.summary or None,
                **{name: getattr(course, name) or None for name in COURSE_FACTS},
                "changes": changes_result(course.shown_notes),
                "address": context.absolute(course.get_absolute_url()),
            },
            "start_date": record.start_date.isoformat(),
            "end_date": _day(record.end_date),
            "start_time": _clock(record.start_time),
            "end_time": _clock(record.end_time),
            "delivery": record.delivery,
            "delivery_label": record.get_delivery_display(),
            "venue": venue
            and {
                "name": venue.name,
                "street": venue.street or None,
                "town": venue.town or None,
                "postcode": venue.postcode or None,
                "access": {fact.name: fact.answer.value for fact in access_facts(venue)},
                "access_note": venue.accessibility or None,
                "access_checked_on": _day(venue.access_checked_on),
                "address": context.absolute(venue.get_absolute_url()),
            },
            "places": record.places,
            "places_label": record.get_places_display(),
            "capacity": record.capacity,
            "cost": record.cost or None,
            "trainer": record.public_trainer or None,
            "themes": [theme_result(theme, context) for theme in course.themes.all()],
            "audiences": [
                {"slug": audience.slug, "name": audience.name}
                for audience in course.audiences.all()
            ],
            "note": record.note or None,
            "booking_address": context.absolute(record.book_at) or None,
            "booking_closes": _day(record.booking_closes),
            "joining_address": context.absolute(record.joining_url) or None,
            "cancelled_at": moment(record.cancelled_at) if record.cancelled_at else None,
            "change_note": record.change_note or None,
            "address": context.absolute(record.get_absolute_url()),
            "updated_at": moment(record.updated_at),
        }

    def entry(self, record: Session, context: ExportContext) -> Entry:
        course, venue = record.course, record.venue
        published = record.announced_at
        note = course.shown_notes[0] if course.shown_notes else None
        changes = [record.updated_at, course.updated_at, *([venue.updated_at] if venue else [])]
        line = [record.times or "Time not known", *_where(record)]
        if record.places_known:
            line.append(record.get_places_display())
        paragraphs = [
            "It is cancelled." if record.is_cancelled else "",
            record.change_note,
            " · ".join(line),
            record.note,
            str(note or ""),
            course.summary,
        ]
        title = f"{course.title}, {record.when}"
        return Entry(
            title=f"Cancelled: {title}" if record.is_cancelled else title,
            paragraphs=[text for text in paragraphs if text],
            address=context.absolute(record.get_absolute_url()),
            published=published,
            updated=max([*changes, *([published] if published else [])]),
            categories=[(theme.slug, theme.name) for theme in course.themes.all()],
        )

    def withdrawn(self, since: datetime) -> SessionQuerySet:
        """Return the withdrawn sessions that a feed may have listed since."""
        first_day = timezone.localtime(since).date()
        withdrawn = Session.objects.withdrawn_since(since).upcoming(today=first_day)
        return withdrawn.select_related("course").only(
            "course__withdrawn_at", "course__withdrawn_name"
        )

    def was_withdrawn(self, record: Session) -> Publishable:
        return record.course


def _day(day: date | None) -> str | None:
    return day.isoformat() if day else None


def _clock(moment: time | None) -> str | None:
    return moment.strftime("%H:%M") if moment else None


def _where(session: Session) -> list[str]:
    """Return place and delivery, as far as they are known."""
    venue = session.venue
    place = ", ".join(part for part in (venue.name, venue.town) if part) if venue else ""
    if session.is_online:
        return [session.get_delivery_display()]
    known = [place or "Venue not known"]
    return (
        [*known, session.get_delivery_display()]
        if session.delivery != Delivery.NOT_STATED
        else known
    )
