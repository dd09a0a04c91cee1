"""Calendar entries (VEVENT) of sessions, which follow every change (RFC 5545, RFC 7986).

The UID of an entry is its session's for good, so a session that is moved moves in every calendar
and never appears twice.
"""

import re
from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from functools import cache, lru_cache
from typing import NamedTuple, TypeVar

from django.utils import timezone
from django.utils.encoding import iri_to_uri
from icalendar import (
    Calendar,
    Event,
    Timezone,
    TimezoneDaylight,
    TimezoneStandard,
    vDuration,
    vUri,
)

from mscp.database import clock
from mscp.exports.base import ExportContext
from mscp.records.audit import Tracked
from training.calendar.words import description_of, place_of, title_of
from training.exports import SessionExporter
from training.models import Session
from training.models.sessions import SessionQuerySet
from training.related import with_courses_and_venues

# A program deletes what its calendar no longer lists. How long a calendar goes on listing a session
# that is over, and one that was cancelled.
PAST_LISTED_FOR = timedelta(days=31)
CANCELLED_LISTED_FOR = timedelta(days=30)
# How often a program should refresh; while nothing has changed the response is empty.
ASK_AGAIN_AFTER = timedelta(hours=1)

Turn = TypeVar("Turn", TimezoneDaylight, TimezoneStandard)

EXPORTER = SessionExporter()

# What no text of a calendar may contain, and what some readers take for the end of a line.
_LINE_END = re.compile("\r\n|[\r\x0b\x0c\x85\u2028\u2029]")
_CONTROL = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x9f]")


# --- which sessions ---------------------------------------------------------------------------


def to_come_or_just_past(sessions: SessionQuerySet) -> SessionQuerySet:
    return sessions.upcoming(today=clock.today() - PAST_LISTED_FOR)


def still_listed(sessions: SessionQuerySet) -> SessionQuerySet:
    """Leave out what was cancelled so long ago that every calendar knows it."""
    first_day = clock.today() - CANCELLED_LISTED_FOR
    return sessions.exclude(cancelled_at__lt=clock.start_of_day(first_day))


def read(sessions: SessionQuerySet) -> list[Session]:
    """Load sessions, which are behind the gate already, with all that their entries show."""
    return with_courses_and_venues(
        sessions,
        courses_without=["words", "description", "outcomes", "staff_note"],
        courses_with=["themes", "audiences"],
        venues_without=["words", "directions", "staff_note"],
    )


# --- entries ----------------------------------------------------------------------------------


def entry_of(session: Session, context: ExportContext, *, takes_time: bool = False) -> bytes:
    """Return the entry of a session.

    It blocks time only for somebody who means to attend: a programme that people subscribe to must
    not make them look busy.
    """
    first, last = _times_of(session)
    joining = session.joining_url if session.joining_url and not session.is_cancelled else ""
    return _written(
        Entry(
            uid=EXPORTER.id_of(session.pk, context),
            sequence=session.sequence,
            changed=_changed_at(session),
            created=session.created_at,
            is_cancelled=session.is_cancelled,
            summary=_one_line(title_of(session)),
            first=first,
            last=last,
            place=_one_line(place_of(session)),
            description=_clean(description_of(session, context)),
            page=context.absolute(session.get_absolute_url()),
            joining=iri_to_uri(joining),
            themes=tuple(_one_line(theme.name) for theme in session.course.themes.all()),
            takes_time=takes_time,
        )
    )


class Entry(NamedTuple):
    """The values of an entry, of which its bytes follow."""

    uid: str
    sequence: int
    changed: datetime
    created: datetime
    is_cancelled: bool
    summary: str
    first: date
    """A day, or a moment if the time is known; so is the last, if there is one."""
    last: date | None
    place: str
    description: str
    page: str
    joining: str
    themes: tuple[str, ...]
    takes_time: bool


# A change of anything public makes the calendar anew, and few of them are of a session. Two thirds
# of its time went into writing what had not changed.
@lru_cache(maxsize=1000)
def _written(values: Entry) -> bytes:
    entry = Event()
    entry.add("uid", values.uid)
    entry.add("sequence", values.sequence)
    # Not the moment of this response: what has not changed must be byte for byte the same.
    entry.add("dtstamp", values.changed)
    entry.add("last-modified", values.changed)
    entry.add("created", values.created)
    entry.add("status", "CANCELLED" if values.is_cancelled else "CONFIRMED")
    entry.add("summary", values.summary)
    entry.add("dtstart", values.first)
    if values.last is not None:
        entry.add("dtend", values.last)
    if values.place:
        entry.add("location", values.place)
    entry.add("description", values.description)
    entry.add("url", values.page)
    if values.joining:
        params = {"VALUE": "URI", "LABEL": "Join online"}
        entry.add("conference", vUri(values.joining, params=params))
    if values.themes:
        entry.add("categories", list(values.themes))
    if values.is_cancelled or not values.takes_time:
        entry.add("transp", "TRANSPARENT")
    written: bytes = entry.to_ical()
    return written


def _changed_at(session: Session) -> datetime:
    """Return when something that the entry shows last changed."""
    course, venue = session.course, session.venue
    shown: list[Tracked] = [session, course, *course.themes.all(), *course.audiences.all()]
    moments: list[datetime] = [
        record.updated_at for record in [*shown, *([venue] if venue else [])]
    ]
    if course.published_at:
        moments.append(course.published_at)
    if session.booking_closes and session.booking_closed:
        # The entry shows the end of booking since midnight.
        moments.append(_midnight(session.booking_closes + timedelta(days=1)))
    return max(moments)


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time()))


def _times_of(session: Session) -> tuple[date, date | None]:
    """Return its time in London, or its days if the time is not known.

    Of several days without an end only the days are given: the start time alone would lose the
    others.
    """
    first, last = session.start_date, session.last_day
    if session.start_time is None or (session.end_date and session.end_time is None):
        # The day after the last (RFC 5545, 3.6.1).
        return first, last + timedelta(days=1)
    london = timezone.get_default_timezone()
    end = session.end_time
    return (
        datetime.combine(first, session.start_time, tzinfo=london),
        None if end is None else datetime.combine(last, end, tzinfo=london),
    )


def _clean(text: str) -> str:
    return _CONTROL.sub("", _LINE_END.sub("\n", text))


def _one_line(text: str) -> str:
    return " ".join(_clean(text).split())


# --- calendars ----- -------------------------------------------------------------------------


class About(NamedTuple):
    """The properties of a calendar."""

    uid: str
    name: str
    description: str
    page: str
    """The address of the page that shows the same."""
    address: str = ""
    """The name of the calendar; "" if it may not be disclosed."""


def calendar_of(about: About, context: ExportContext, entries: Iterable[bytes]) -> bytes:
    calendar = Calendar()
    calendar.add("prodid", _one_line(f"-//{context.partnership.name}//Training//EN"))
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    calendar.add("method", "PUBLISH")
    calendar.add("uid", about.uid)
    for name in ("name", "x-wr-calname"):
        calendar.add(name, _one_line(about.name))
    for name in ("description", "x-wr-caldesc"):
        calendar.add(name, _one_line(about.description))
    calendar.add("x-wr-timezone", timezone.get_default_timezone_name())
    calendar.add("url", about.page)
    if about.address:
        calendar.add("source", vUri(about.address))
    calendar.add("refresh-interval", vDuration(ASK_AGAIN_AFTER, params={"VALUE": "DURATION"}))
    # The same for Outlook, which had it before there was a standard.
    calendar.add("x-published-ttl", vDuration(ASK_AGAIN_AFTER))
    # The entries are serialised already, so they are inserted before the last line.
    begin, end, nothing = calendar.to_ical().rpartition(b"END:VCALENDAR")
    return b"".join([begin, _clocks(), *entries, end, nothing])


@cache
def _clocks() -> bytes:
    """Return the VTIMEZONE of London since 1996, which comes before any session.

    As rules, not as the list of moments that ``add_missing_timezones`` makes: it gives the wrong
    hour in spring, and readers that know no time zone by its name are then an hour off.
    """
    clocks = Timezone()
    clocks.add("tzid", timezone.get_default_timezone_name())
    clocks.add_component(_turn(TimezoneDaylight(), "BST", date(1996, 3, 31), before=0))
    clocks.add_component(_turn(TimezoneStandard(), "GMT", date(1996, 10, 27), before=1))
    written: bytes = clocks.to_ical()
    return written


def _turn(turn: Turn, name: str, first: date, *, before: int) -> Turn:
    """Return the rule that clocks change on the last Sunday of a month at 1:00 UTC.

    ``before`` is the UTC offset in hours until then.
    """
    turn.add("tzname", name)
    turn.add("dtstart", datetime.combine(first, time(1 + before)))
    turn.add("rrule", {"freq": "yearly", "bymonth": first.month, "byday": "-1su"})
    turn.add("tzoffsetfrom", timedelta(hours=before))
    turn.add("tzoffsetto", timedelta(hours=1 - before))
    return turn


def entries_of(sessions: SessionQuerySet, context: ExportContext) -> list[bytes]:
    """Return the entries of sessions, a query behind the gate, soonest first.

    Half a millisecond each the first time.
    """
    return [entry_of(session, context) for session in read(sessions.soonest_first())]
