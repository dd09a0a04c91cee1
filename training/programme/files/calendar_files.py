"""Reader of an iCalendar file (RFC 5545): its events into lines, in the time of London."""

import re
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from itertools import islice
from typing import Any

from django.utils import timezone

from mscp.text.days import short
from training.models.programme_lines import Line, Programme, Remark, UnreadableError
from training.programme.lines.reading import MOST_LINES

# An event that repeats more often is no training; or it has no end.
MOST_REPEATS = 60
PRIVATE = "of private events"
_CANCELLED = re.compile(r"\s*cancell?ed\s*[:–—-]\s*", re.IGNORECASE)
# Properties that staff may miss; what else a program adds is for programs.
_UNUSED = {
    "DESCRIPTION": "descriptions",
    "ATTACH": "attachments",
    "ATTENDEE": "names of who takes part",
    "COMMENT": "comments",
}


def is_calendar(text: str) -> bool:
    return text[:2000].lstrip().upper().startswith("BEGIN:VCALENDAR")


def read_calendar(text: str, programme: Programme) -> None:
    """Add a line for each day that an event is held. Raises UnreadableError."""
    events = list(_events(text))
    for number, event in enumerate(events, start=1):
        if not _is_readable(event):
            title = short(str(event.get("SUMMARY", "")))
            programme.remarks.append(f"Event {number}, “{title}”, has no day that can be read.")
            continue
        for line in _lines(event, number, _replaced(event, events)):
            if len(programme.lines) == MOST_LINES:
                raise UnreadableError(
                    f"These are more than {MOST_LINES:,} sessions, which is the most that an "
                    "import takes. Export a shorter time."
                )
            programme.lines.append(line)
    if not programme.lines:
        raise UnreadableError("There is no event in this calendar.")
    programme.lines.sort(key=_order)
    unused = [words for name, words in _UNUSED.items() if any(name in event for event in events)]
    if unused:
        programme.remarks.append(f"Of the events these were not used: {', '.join(unused)}.")


def _order(line: Line) -> tuple[str, str]:
    day, month, year = line.date.split("/")
    return f"{year}{month}{day}", line.start


def _events(text: str) -> Iterator[Any]:
    # Imported here: few send one.
    from icalendar import Calendar

    if not re.search(r"^END:VCALENDAR\s*$", text, re.IGNORECASE | re.MULTILINE):
        # What was cut off would be missing without a word.
        raise UnreadableError("The end of this calendar file is missing. Export it again.")
    try:
        calendars = Calendar.from_ical(text, multiple=True)
        for calendar in calendars:
            yield from (event for event in calendar.walk("VEVENT") if "DTSTART" in event)
    except (ValueError, KeyError, IndexError, TypeError, AttributeError, OverflowError) as error:
        raise UnreadableError(
            "This calendar file cannot be read: it is damaged, or not complete. Export it again."
        ) from error


def _lines(event: Any, number: int, replaced: set[date]) -> Iterator[Line]:
    start, end = _span(event)
    if "RRULE" not in event and "RDATE" not in event:
        yield _line(event, number, start, end)
        return
    days, is_complete = _repeats(event, start)
    days = [day for day in days if _day(day) not in replaced]
    for day in days:
        line = _line(event, number, day, day + (end - start) if end else None)
        line.uid = f"{line.uid}/{_day(day):%Y%m%d}" if line.uid else ""
        if not is_complete:
            text = (
                "The event repeats, and after which days cannot be told: only its first day stands "
                "here. Add the others by hand, and change this line or its note."
            )
            line.remarks.append(Remark("repeats", text, about="date", stops=True))
        elif len(days) > 1:
            text = f"One of {len(days)} days of an event that repeats."
            line.remarks.append(Remark("repeats", text))
        yield line


def _is_readable(event: Any) -> bool:
    try:
        _span(event)
    except (AttributeError, ValueError, TypeError, OverflowError):
        return False
    return True


def _span(event: Any) -> tuple[Any, Any]:
    """Return start and end: both days, or both moments without a zone, in London."""
    start = _local(event["DTSTART"].dt)
    if "DTEND" in event:
        return start, _local(event["DTEND"].dt)
    if "DURATION" in event:
        return start, start + event["DURATION"].dt
    return start, None


def _local(moment: Any) -> Any:
    if isinstance(moment, datetime) and moment.tzinfo is not None:
        return timezone.make_naive(moment, timezone.get_default_timezone())
    return moment


def _day(moment: Any) -> date:
    return moment.date() if isinstance(moment, datetime) else moment


def _replaced(event: Any, events: list[Any]) -> set[date]:
    """Return the days of a repeating event that events of their own stand for."""
    if "RRULE" not in event or "UID" not in event:
        return set()
    return {
        _day(_local(one["RECURRENCE-ID"].dt))
        for one in events
        if "RECURRENCE-ID" in one and one.get("UID") == event["UID"]
    }


def _repeats(event: Any, start: Any) -> tuple[list[Any], bool]:
    """Return when a repeating event is held, and whether that is all of it."""
    from dateutil.rrule import rruleset, rrulestr

    naive = start if isinstance(start, datetime) else datetime.combine(start, time())
    found = rruleset()
    found.rdate(naive)
    rules = _listed(event, "RRULE")
    for rule in rules:
        if "COUNT" not in rule and "UNTIL" not in rule:
            return [start], False
        written = rule.to_ical().decode()
        # Of a moment in UTC the day decides: what repeats is held at one time of the day.
        written = re.sub(r"(UNTIL=\d{8})(?:T\d{6}Z?)?", r"\1T235959", written)
        try:
            found.rrule(rrulestr(written, dtstart=naive))
        except ValueError:
            return [start], False
    for name, add in (("RDATE", found.rdate), ("EXDATE", found.exdate)):
        for dates in _listed(event, name):
            for one in dates.dts:
                if isinstance(one.dt, tuple):
                    return [start], False
                moment = _local(one.dt)
                add(moment if isinstance(moment, datetime) else datetime.combine(moment, time()))
    moments = list(islice(found, MOST_REPEATS + 1))
    if len(moments) > MOST_REPEATS:
        return [start], False
    return (moments if isinstance(start, datetime) else [one.date() for one in moments]), True


def _listed(event: Any, name: str) -> list[Any]:
    value = event.get(name, [])
    return value if isinstance(value, list) else [value]


def _line(event: Any, number: int, start: Any, end: Any) -> Line:
    title = " ".join(str(event.get("SUMMARY", "")).split())
    place = ", ".join(filter(None, map(str.strip, str(event.get("LOCATION", "")).splitlines())))
    line = Line(number=number, title=title, venue=place, uid=_uid(event))
    line.date = f"{start:%d/%m/%Y}"
    if isinstance(start, datetime):
        _add_times(line, start, end)
    elif end and end - start > timedelta(days=1):
        # The day after the last (RFC 5545, 3.6.1).
        line.end_date = f"{end - timedelta(days=1):%d/%m/%Y}"
    when = " ".join(filter(None, (line.date, line.start, line.end_date, line.end)))
    line.source = " | ".join(filter(None, (title, when, place)))
    _add_status(line, str(event.get("STATUS", "")).upper())
    if str(event.get("CLASS", "PUBLIC")).upper() != "PUBLIC":
        line.hide(PRIVATE)
    return line


def _uid(event: Any) -> str:
    uid = str(event.get("UID", ""))[:250]
    if uid and "RECURRENCE-ID" in event:
        return f"{uid}/{_day(_local(event['RECURRENCE-ID'].dt)):%Y%m%d}"
    return uid


def _add_times(line: Line, start: datetime, end: datetime | None) -> None:
    if end and start.time() == end.time() == time() and end > start:
        # A whole day, as some programs write it.
        last = end - timedelta(days=1)
    else:
        line.start = f"{start:%H:%M}"
        last = end or start
        if end and end > start:
            line.end = f"{end:%H:%M}"
    if last.date() > start.date():
        line.end_date = f"{last:%d/%m/%Y}"


def _add_status(line: Line, status: str) -> None:
    title = _CANCELLED.sub("", line.title, count=1) if _CANCELLED.match(line.title) else line.title
    if status == "CANCELLED" or title != line.title:
        line.title, line.status = title, "Cancelled"
    elif status == "TENTATIVE":
        line.status = "Tentative"
