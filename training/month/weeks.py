"""A month of sessions as a table of weeks and days."""

from calendar import Calendar
from collections.abc import Iterable
from datetime import date, timedelta
from typing import NamedTuple

from mscp.cache.addresses import address_of
from mscp.database import clock
from mscp.database.pks import pk_subquery
from training.filters import month_after
from training.models import Session, anchor_of, times_in_words

# Visible sessions in the cell of a busy day; the rest unfold.
MOST_IN_A_CELL = 4


class ListedSession(NamedTuple):
    """What a month shows of a session."""

    anchor: str
    address: str
    """The address of its place on the page of its course."""
    title: str
    first: date
    last: date
    times: str
    cancelled: bool


class Entry(NamedTuple):
    """A session on one of its days."""

    title: str
    address: str
    place: str
    """Its address in the list below the table."""
    times: str
    cancelled: bool
    nth: int
    """The number of this day among its days, from 1."""
    days: int


class Day(NamedTuple):
    """The content of the cell of a day."""

    date: date
    entries: tuple[Entry, ...]
    is_today: bool

    @property
    def shown(self) -> tuple[Entry, ...]:
        # A single hidden entry takes no more room than the line "and 1 more".
        return self.entries if not self.more else self.entries[:MOST_IN_A_CELL]

    @property
    def more(self) -> int:
        more = len(self.entries) - MOST_IN_A_CELL
        return more if more > 1 else 0

    @property
    def cancelled(self) -> int:
        return sum(entry.cancelled for entry in self.entries)


Week = list[Day | None]


class Reach(NamedTuple):
    """The first and last month with sessions, and the month to begin with."""

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
    """Return the reach of some months, in order; the current month always belongs to it."""
    this_month = clock.today().replace(day=1)
    return Reach(
        first=min([this_month, *months[:1]]),
        last=max([this_month, *months[-1:]]),
        # An upcoming session may have begun in an earlier month.
        nearest=next((month for month in to_come if month >= this_month), this_month),
    )


def read_sessions(keys: list[int]) -> list[ListedSession]:
    """Read what a month shows of sessions, in the order of their keys.

    As values, since model instances would take most of the time of a page.
    """
    rows = Session.objects.published().filter(pk__in=pk_subquery(keys)).order_by()
    days = ("start_date", "end_date", "start_time", "end_time")
    values = rows.values_list("pk", "course__slug", "course__title", "cancelled_at", *days)
    found = {
        key: ListedSession(
            anchor=anchor_of(key),
            address=f"{address_of('training:course', slug=slug)}#{anchor_of(key)}",
            title=title,
            first=first,
            last=last or first,
            times=times_in_words(start, end),
            cancelled=cancelled_at is not None,
        )
        for key, slug, title, cancelled_at, first, last, start, end in values
    }
    return [found[key] for key in keys if key in found]


def weeks_of(month: date, sessions: Iterable[tuple[ListedSession, str]]) -> list[Week]:
    """Return the weeks of a month from Monday on; days outside the month are None.

    Each session comes with its address in the list below the table.
    """
    entries: dict[date, list[Entry]] = {}
    for session, place in sessions:
        days = (session.last - session.first).days + 1
        first = max(session.first, month)
        last = min(session.last, month_after(month) - timedelta(days=1))
        for number in range((last - first).days + 1):
            day = first + timedelta(days=number)
            nth = (day - session.first).days + 1
            entry = Entry(
                session.title,
                session.address,
                place,
                session.times,
                session.cancelled,
                nth,
                days,
            )
            entries.setdefault(day, []).append(entry)
    today = clock.today()
    return [
        [
            Day(day, tuple(entries.get(day, ())), day == today)
            if day.month == month.month
            else None
            for day in week
        ]
        for week in Calendar().monthdatescalendar(month.year, month.month)
    ]
