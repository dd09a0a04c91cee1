"""What a session is in feeds and exports."""

from collections.abc import Iterable, Sequence
from datetime import datetime, time
from typing import Any, ClassVar

from django.utils import timezone

from mscp.export_json import (
    ADDRESS,
    ADDRESS_OR_NULL,
    DAY,
    DAY_OR_NULL,
    MOMENT,
    TEXT,
    TEXT_OR_NULL,
    described,
    list_of,
    record_of,
)
from mscp.exports import Cell, Entry, Rows, Source, moment
from mscp.publishing import Publishable
from reviews.exports import THEMES, theme_result
from training.models import Course, Delivery, Places, Session, Venue

CLOCK_OR_NULL = {"type": ["string", "null"], "pattern": "^[0-2][0-9]:[0-5][0-9]$"}


class SessionRows(Rows):
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
    }
    fields: ClassVar = {
        "course": described(
            "What is taught. The summary is null where there is none.",
            record_of({"title": TEXT, "summary": TEXT_OR_NULL, "address": ADDRESS}),
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
        "themes": described("The themes of its course.", THEMES),
        "audiences": described(
            "Whom its course is for.", list_of(record_of({"slug": TEXT, "name": TEXT}))
        ),
        "note": described("What stands beside the session; null where nothing does.", TEXT_OR_NULL),
        "booking_address": described(
            "Where a place is booked; null where it is not known.", ADDRESS_OR_NULL
        ),
        "address": described("Of the session on the page of its course.", ADDRESS),
        "updated_at": described("When the session was last changed.", MOMENT),
    }

    def read(self, keys: Sequence[int]) -> list[Any]:
        """Read each course and venue once, however many sessions it has."""
        sessions = list(Session.objects.published().filter(pk__in=keys))
        courses = _by_key(
            Course.objects.published()
            .filter(pk__in={session.course_id for session in sessions})
            .defer("words", "description", "staff_note")
            .prefetch_related("themes", "audiences")
        )
        venues = _by_key(
            Venue.objects.filter(pk__in={session.venue_id for session in sessions}).defer(
                "directions", "accessibility", "staff_note"
            )
        )
        for session in sessions:
            if course := courses.get(session.course_id):
                session.course = course
            session.venue = venues.get(session.venue_id)
        return [session for session in sessions if session.course_id in courses]

    def cells(self, record: Any, source: Source) -> list[Cell]:
        venue, course = record.venue, record.course
        return [
            course.title,
            record.start_date.isoformat(),
            record.end_date.isoformat() if record.end_date else None,
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
            source.absolute(record.get_absolute_url()),
        ]

    def result(self, record: Any, source: Source) -> dict[str, Any]:
        course, venue = record.course, record.venue
        return {
            "course": {
                "title": course.title,
                "summary": course.summary or None,
                "address": source.absolute(course.get_absolute_url()),
            },
            "start_date": record.start_date.isoformat(),
            "end_date": record.end_date.isoformat() if record.end_date else None,
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
                "address": source.absolute(venue.get_absolute_url()),
            },
            "places": record.places,
            "places_label": record.get_places_display(),
            "themes": [theme_result(theme, source) for theme in course.themes.all()],
            "audiences": [
                {"slug": audience.slug, "name": audience.name}
                for audience in course.audiences.all()
            ],
            "note": record.note or None,
            "booking_address": record.book_at or None,
            "address": source.absolute(record.get_absolute_url()),
            "updated_at": moment(record.updated_at),
        }

    def entry(self, record: Any, source: Source) -> Entry:
        course, venue = record.course, record.venue
        published = max(course.published_at, record.created_at)
        changes = [record.updated_at, course.updated_at, *([venue.updated_at] if venue else [])]
        line = [record.times or "Time not known", *_where(record)]
        if record.places_known:
            line.append(record.get_places_display())
        paragraphs = [" · ".join(line), record.note, course.summary]
        return Entry(
            title=f"{course.title}, {record.when}",
            paragraphs=[text for text in paragraphs if text],
            address=source.absolute(record.get_absolute_url()),
            published=published,
            updated=max(published, *changes),
            categories=[(theme.slug, theme.name) for theme in course.themes.all()],
        )

    def withdrawn(self, since: datetime) -> Any:
        """Return the sessions that a feed may have held in that time."""
        first_day = timezone.localtime(since).date()
        withdrawn: Any = Session.objects.withdrawn_since(since).upcoming(today=first_day)
        return withdrawn.select_related("course").only(
            "course__withdrawn_at", "course__withdrawn_name"
        )

    def was_withdrawn(self, record: Any) -> Publishable:
        return record.course


def _by_key(records: Iterable[Any]) -> dict[Any, Any]:
    return {record.pk: record for record in records}


def _clock(moment: time | None) -> str | None:
    return moment.strftime("%H:%M") if moment else None


def _where(session: Any) -> list[str]:
    """Say where it is and how it is taught, as far as it is known."""
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
