"""The clock by which the site decides what is public: the database's, for every process.

Machines that share a database have clocks of their own. If each decided by its own, what one
publishes would be hidden on another that is seconds behind, and could not be withdrawn there. So a
moment that is saved comes from the database itself (``moment``), and a moment to compare with
(``now``) is calculated from one that the database gave at most a minute ago.

Days are London's: ``today``. The setting ``CLOCK`` is "database"; with "process" the clock of this
process is used, which is for tests that stop it.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from threading import Lock

from django.conf import settings
from django.db import Error, connection
from django.utils import timezone

# Seconds between queries: one a minute costs nothing, and quartz clocks drift by milliseconds.
MEASURED_EVERY = 60
# Seconds. A slower round trip is too imprecise where there is a better measurement.
LONGEST_ROUND_TRIP = 0.5

_QUERIES = {
    # Real time, which goes on within a transaction (PostgreSQL documentation, 9.9.5).
    "postgresql": "SELECT clock_timestamp()",
    "sqlite": "SELECT strftime('%Y-%m-%d %H:%M:%f', 'now')",
}
# By so much two measurements may differ, by their round trips and by drift: the clock stands still
# until it has come so far again. By more than that it was set back, and is followed.
LONGEST_STEP_BACK = timedelta(seconds=1)
# SQLite truncates its moments to milliseconds.
_CUT = timedelta(milliseconds=1)
_CLOCK = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)
_NEVER = datetime.min.replace(tzinfo=UTC)

_pinned: ContextVar[datetime | None] = ContextVar("pinned", default=None)
# The day that was asked for last, and the moments at which it begins and ends.
_today = date.min, _NEVER, _NEVER


def now() -> datetime:
    """Return the current moment by the database's clock, without a query each time.

    It is behind that clock by a minute's drift at most, and ahead by one round trip at most, so
    what is committed is visible to every later request. It never goes back when it is measured
    again: whoever has compared with a moment that has come reads rows of that moment or later.
    """
    if pinned_at := _pinned.get():
        return pinned_at
    return timezone.now() if settings.CLOCK == "process" else _reckoned.now()


@contextmanager
def pinned() -> Iterator[None]:
    """Let ``now`` stand still, for the time of one response that only reads.

    Such a page is of one moment: a course that begins is not yet to come above and past below. And
    a page of fifty sessions asks nearly six hundred times, which was a tenth of it.
    """
    token = _pinned.set(now())
    try:
        yield
    finally:
        _pinned.reset(token)


def today() -> date:
    """Return today's date in London by the database's clock."""
    return day_of(now())


def day_of(moment: datetime) -> date:
    """Return the date in London of a moment; quick for those of one day, as today's are."""
    global _today
    day, start, end = _today
    # A page of sessions asks a hundred times.
    if not start <= moment < end:
        day = timezone.localdate(moment)
        _today = day, start_of_day(day), start_of_day(day + timedelta(days=1))
    return day


# Of the few days around today, by which rules count: a page asks for them for each session.
@lru_cache(maxsize=100)
def start_of_day(day: date) -> datetime:
    """Return the first moment of a day in London."""
    return timezone.make_aware(datetime.combine(day, datetime.min.time()))


def a_year_ago() -> date:
    """Return the same day of the last year."""
    day = today()
    # A year before 29 February is the last day of that month.
    return day.replace(year=day.year - 1, day=min(day.day, 28 if day.month == 2 else 31))


def moment() -> datetime:
    """Return the current moment from the database, to be saved. One query."""
    return timezone.now() if settings.CLOCK == "process" else _reckoned.ask()


def _elapsed() -> float:
    """Return seconds on a clock that is never set and goes on while the machine sleeps."""
    return time.clock_gettime(_CLOCK)


class _Reckoned:
    """Calculates the database's clock from a moment that it gave and the seconds since.

    Threads share a measurement without a lock: it is replaced as one object, and measuring twice
    does no harm.
    """

    def __init__(self) -> None:
        self._lock = Lock()
        self._measured: tuple[datetime, float] | None = None
        self._due = 0.0
        self._latest = _NEVER

    def now(self) -> datetime:
        elapsed = _elapsed()
        if self._measured is None or elapsed >= self._due:
            self._measure_again()
            elapsed = _elapsed()
        if self._measured is None:
            # In a transaction that has failed no query can be run.
            return timezone.now()
        given, at = self._measured
        reckoned = given + timedelta(seconds=elapsed - at)
        with self._lock:
            if not reckoned < self._latest <= reckoned + LONGEST_STEP_BACK:
                self._latest = reckoned
            return self._latest

    def ask(self) -> datetime:
        before = _elapsed()
        with connection.cursor() as cursor:
            cursor.execute(_QUERIES[connection.vendor])
            (given,) = cursor.fetchone()
        if isinstance(given, str):
            given = datetime.fromisoformat(given).replace(tzinfo=UTC)
        if self._measured is None or _elapsed() - before <= LONGEST_ROUND_TRIP:
            # The answer is from a moment after the question, so this errs on the late side.
            self._measured = (given if connection.vendor == "postgresql" else given + _CUT, before)
            self._due = before + MEASURED_EVERY
        asked: datetime = given
        return asked

    def _measure_again(self) -> None:
        # Set first, so that other threads meanwhile use the old measurement, and so does this
        # process while the database is unreachable.
        self._due = _elapsed() + MEASURED_EVERY
        if connection.in_atomic_block and connection.needs_rollback:
            return
        try:
            self.ask()
        except Error:
            if self._measured is None:
                raise


_reckoned = _Reckoned()
