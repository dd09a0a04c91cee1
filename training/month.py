"""A month of sessions as a table of weeks and days."""

from calendar import Calendar
from collections.abc import Iterable
from datetime import date, timedelta
from functools import lru_cache
from typing import Any, NamedTuple

from django.db.models import Max, Min, Q
from django.db.models.functions import Coalesce
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.safestring import SafeString

from training.models import Session, is_upcoming
from training.related import with_courses_and_venues

# Of a busy day so many stand in its cell; the list below the table has them all.
MOST_IN_A_CELL = 4
# The most cells that a worker keeps.
MOST_KEPT = 500


class Entry(NamedTuple):
    """A session on one of its days."""

    pk: int
    title: str
    address: str
    times: str
    cancelled: bool
    nth: int
    """Which of its days this is, from 1."""
    days: int


class Day(NamedTuple):
    """All that the cell of a day tells."""

    date: date
    entries: tuple[Entry, ...]
    is_today: bool

    @property
    def shown(self) -> tuple[Entry, ...]:
        # One more line than "and 1 more" takes no more room than that line.
        return self.entries if not self.more else self.entries[:MOST_IN_A_CELL]

    @property
    def more(self) -> int:
        more = len(self.entries) - MOST_IN_A_CELL
        return more if more > 1 else 0

    @property
    def first_not_shown(self) -> Entry:
        return self.entries[MOST_IN_A_CELL]

    @property
    def cancelled(self) -> int:
        return sum(entry.cancelled for entry in self.entries)


Week = list[Day | None]


class Reach(NamedTuple):
    """From which month to which there is anything, and the month to begin with."""

    first: date
    last: date
    nearest: date

    def before(self, month: date) -> date | None:
        if month <= self.first:
            return None
        return min(_first_of(month - timedelta(days=1)), self.last)

    def after(self, month: date) -> date | None:
        if month >= self.last:
            return None
        return max(next_month(month), self.first)


def reach_of(sessions: Any) -> Reach:
    """Return the reach of sessions; the month we are in always belongs to it."""
    this_month = _first_of(timezone.localdate())
    found = sessions.aggregate(
        first=Min("start_date"),
        last=Max(Coalesce("end_date", "start_date")),
        coming=Min("start_date", filter=Q(is_upcoming())),
    )
    months = {name: _first_of(day or this_month) for name, day in found.items()}
    # What is to come may have begun in an earlier month.
    return Reach(
        first=min(months["first"], this_month),
        last=max(months["last"], this_month),
        nearest=max(months["coming"], this_month),
    )


def sessions_in(sessions: Any, month: date) -> list[Session]:
    """Read those sessions that take place in a month, were it only on one of their days."""
    starting = Q(start_date__gte=month, start_date__lt=next_month(month))
    running = Q(start_date__lt=month, end_date__gte=month)
    return with_courses_and_venues(
        sessions.filter(starting | running).soonest_first(),
        courses_without=["words", "description", "outcomes", "prerequisites", "staff_note"],
        venues_without=["words", "directions", "accessibility", "staff_note"],
    )


def weeks_of(month: date, sessions: Iterable[Session]) -> list[Week]:
    """Return the weeks of a month from Monday on; what is outside the month is None."""
    entries: dict[date, list[Entry]] = {}
    for session in sessions:
        days = (session.last_day - session.start_date).days + 1
        first = max(session.start_date, month)
        last = min(session.last_day, next_month(month) - timedelta(days=1))
        for number in range((last - first).days + 1):
            day = first + timedelta(days=number)
            nth = (day - session.start_date).days + 1
            entry = Entry(
                session.pk,
                session.course.title,
                session.get_absolute_url(),
                session.times,
                session.is_cancelled,
                nth,
                days,
            )
            entries.setdefault(day, []).append(entry)
    today = timezone.localdate()
    return [
        [
            Day(day, tuple(entries.get(day, ())), day == today)
            if day.month == month.month
            else None
            for day in week
        ]
        for week in Calendar().monthdatescalendar(month.year, month.month)
    ]


@lru_cache(maxsize=MOST_KEPT)
def written(day: Day) -> SafeString:
    """Write the cell of a day, once for all months that show the same in it."""
    return render_to_string("training/_day.html", {"day": day})


def next_month(month: date) -> date:
    return _first_of(month + timedelta(days=31))


def _first_of(day: date) -> date:
    return day.replace(day=1)
