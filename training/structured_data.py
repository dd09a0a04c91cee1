"""JSON-LD of a course, its sessions and venues (schema.org)."""

import re
from collections.abc import Iterable
from datetime import date, datetime, time

from django.http import HttpRequest
from django.utils import timezone

from mscp.text.folding import plain
from mscp.text.markdown import without_marks
from mscp.web.json_ld import Thing, organization, terms
from mscp.web.origins import absolute_url
from training.access import access_facts
from training.models import Answer, Course, Delivery, Session, Venue

_COURSE_MODES = {
    Delivery.IN_PERSON: "onsite",
    Delivery.ONLINE: "online",
    Delivery.HYBRID: "blended",
}
_ATTENDANCE_MODES = {
    Delivery.IN_PERSON: "https://schema.org/OfflineEventAttendanceMode",
    Delivery.ONLINE: "https://schema.org/OnlineEventAttendanceMode",
    Delivery.HYBRID: "https://schema.org/MixedEventAttendanceMode",
}
_ONLINE_TOO = (Delivery.ONLINE, Delivery.HYBRID)

_SCHEDULED = "https://schema.org/EventScheduled"
_CANCELLED = "https://schema.org/EventCancelled"
_FREE = {"free", "free of charge", "no charge"}


def course(
    request: HttpRequest, record: Course, upcoming: Iterable[Session], partnership: str
) -> list[Thing]:
    """Describe a course, and each session as both its instance and an event.

    An event without a place is refused by search engines, so a session is left out until its place
    is known. The provider is who teaches it, else the partnership that offers it.
    """
    address = absolute_url(request, record.get_absolute_url())
    description = _description(record, partnership)
    events = [
        _event(request, record, session, description)
        for session in upcoming
        if session.venue_id or session.delivery in _ONLINE_TOO
    ]
    about = {
        "@type": "Course",
        "@id": f"{address}#course",
        "name": record.title,
        "description": description,
        "url": address,
        "inLanguage": "en-GB",
        "provider": organization(record.provider or partnership),
        "educationalLevel": record.level,
        "isAccessibleForFree": _is_free(record.cost),
        "audience": [
            {"@type": "Audience", "audienceType": audience.name}
            for audience in record.audiences.all()
        ],
        "about": terms(request, record.themes.all()),
        "hasCourseInstance": [{"@id": event["@id"]} for event in events],
    }
    return [about, *events]


def _description(record: Course, partnership: str) -> str:
    """Return its summary, else its first paragraph, else a sentence of what the page says."""
    if record.summary:
        return record.summary
    if first := without_marks(record.description.strip().partition("\n\n")[0]):
        return first
    themes = ", ".join(theme.name for theme in record.themes.all())
    offered = f" offered by {partnership}" if partnership else ""
    return f"Training{offered}: {record.title}{f' ({themes})' if themes else ''}."


def _event(request: HttpRequest, record: Course, session: Session, description: str) -> Thing:
    address = absolute_url(request, session.get_absolute_url())
    return {
        "@type": ["CourseInstance", "EducationEvent"],
        "@id": address,
        "name": record.title,
        "description": description,
        "url": address,
        "startDate": _moment(session.start_date, session.start_time),
        "endDate": _moment(session.last_day, session.end_time)
        if session.end_date or session.end_time
        else "",
        "eventStatus": _CANCELLED if session.is_cancelled else _SCHEDULED,
        "isAccessibleForFree": _is_free(session.cost or record.cost),
        "maximumAttendeeCapacity": session.capacity,
        "eventAttendanceMode": _ATTENDANCE_MODES.get(Delivery(session.delivery)),
        "courseMode": _COURSE_MODES.get(Delivery(session.delivery)),
        "location": _places(request, session),
    }


def _is_free(cost: str) -> bool | None:
    """Return None unless the cost is one plain word or a sum; "free for some" is neither."""
    cost = plain(cost).rstrip(".").casefold()
    if cost in _FREE:
        return True
    return False if re.fullmatch(r"£[1-9]\d*(\.\d\d)?", cost) else None


def _moment(day: date, at: time | None) -> str:
    """Format the day alone if no time is known; else the moment in London time (ISO 8601)."""
    if at is None:
        return day.isoformat()
    return datetime.combine(day, at, tzinfo=timezone.get_default_timezone()).isoformat()


def venue(request: HttpRequest, record: Venue) -> Thing:
    """Describe a place and its accessibility; unknown facts are left out."""
    parts = {
        "streetAddress": record.street,
        "addressLocality": record.town,
        "postalCode": record.postcode,
    }
    return {
        "@type": "Place",
        "name": record.name,
        "url": absolute_url(request, record.get_absolute_url()),
        "address": {"@type": "PostalAddress", **parts} if any(parts.values()) else {},
        "amenityFeature": [
            {
                "@type": "LocationFeatureSpecification",
                "name": fact.label,
                "value": fact.answer == Answer.YES,
            }
            for fact in access_facts(record)
            if fact.answer != Answer.NOT_KNOWN
        ],
    }


def _places(request: HttpRequest, session: Session) -> list[Thing]:
    places: list[Thing] = []
    if session.venue:
        places.append(venue(request, session.venue))
    if session.delivery in _ONLINE_TOO:
        # Where to join is told to those who book, unless anybody may know it.
        address = session.joining_url or absolute_url(request, session.get_absolute_url())
        places.append({"@type": "VirtualLocation", "url": address})
    return places
