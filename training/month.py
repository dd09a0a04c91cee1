"""A month of sessions as a table of weeks and days."""

from calendar import Calendar
from collections.abc import Iterable
from datetime import date, timedelta
from functools import lru_cache
from typing import NamedTuple

from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.safestring import SafeString

from training.filters import month_after
from training.models import Session

# Of a busy day so many stand in its cell; the list below the table has them all.
MOST_IN_A_CELL = 4
# What is read for it of a session.
IN_A_CELL = (
    *("start_date", "end_date", "start_time", "end_time", "cancelled_at"),
    *("course__title", "course__slug"),
)
# The most cells that a worker keeps.
MOST_KEPT = 500


class Entry(NamedTuple):
    """A session on one of its days."""

    title: str
    address: str
    place: str
    """The address at which the list below the table has it."""
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
        return min((month - timedelta(days=1)).replace(day=1), self.last)

    def after(self, month: date) -> date | None:
        if month >= self.last:
            return None
        return max(month_after(month), self.first)


def reach_of(months: list[date], to_come: list[date]) -> Reach:
    """Return the reach of some months, in their order; the month we are in always belongs to it."""
    this_month = timezone.localdate().replace(day=1)
    return Reach(
        first=min([this_month, *months[:1]]),
        last=max([this_month, *months[-1:]]),
        # What is to come may have begun in an earlier month.
        nearest=next((month for month in to_come if month >= this_month), this_month),
    )


def read_for_cells(keys: list[int]) -> list[Session]:
    """Read of sessions, in the order of their keys, what the cells of a month tell of them."""
    told = Session.objects.published().select_related("course").only(*IN_A_CELL)
    found = told.in_bulk(keys)
    return [found[key] for key in keys if key in found]


def weeks_of(month: date, sessions: Iterable[tuple[Session, str]]) -> list[Week]:
    """Return the weeks of a month from Monday on; what is outside the month is None.

    With each session comes the address of its place in the list below the table.
    """
    entries: dict[date, list[Entry]] = {}
    for session, place in sessions:
        days = (session.last_day - session.start_date).days + 1
        first = max(session.start_date, month)
        last = min(session.last_day, month_after(month) - timedelta(days=1))
        for number in range((last - first).days + 1):
            day = first + timedelta(days=number)
            nth = (day - session.start_date).days + 1
            entry = Entry(
                session.course.title,
                session.get_absolute_url(),
                place,
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
