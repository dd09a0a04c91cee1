"""The clock by which the site decides what is public: the database's, for every process alike.

Machines that share a database have clocks of their own. If each decided by its own, what one
publishes would be unseen by another that is seconds behind, and could not be withdrawn there. So a
moment that is written comes from the database itself (``moment``), and a moment to compare with
(``now``) is reckoned from one that the database gave at most a minute ago.

Days are London's: ``today``. The setting ``CLOCK`` is "database"; with "process" the clock of this
process is used, which is for tests that stop it.
"""

import time
from datetime import UTC, date, datetime, timedelta

from django.conf import settings
from django.db import Error, connection
from django.utils import timezone

# Of a query, in seconds: one a minute costs nothing, and quartz clocks part by some milliseconds.
MEASURED_EVERY = 60
# What took longer tells the moment too vaguely where there is a better measurement.
LONGEST_ROUND_TRIP = 0.5

_QUERIES = {
    # Real time, which goes on within a transaction (PostgreSQL documentation, 9.9.5).
    "postgresql": "SELECT clock_timestamp()",
    "sqlite": "SELECT strftime('%Y-%m-%d %H:%M:%f', 'now')",
}
# SQLite cuts its moments to milliseconds.
_CUT = timedelta(milliseconds=1)


def now() -> datetime:
    """Return the moment by the database's clock, without asking it each time.

    It is never behind that clock but for the drift of a minute, and ahead by a round trip at most,
    so that what is committed is seen by whoever asks afterwards.
    """
    return timezone.now() if settings.CLOCK == "process" else _reckoned.now()


def today() -> date:
    """Return the day in London by the database's clock."""
    return timezone.localdate(now())


def moment() -> datetime:
    """Ask the database for the moment, to write it down. One query."""
    return timezone.now() if settings.CLOCK == "process" else _reckoned.ask()


def _elapsed() -> float:
    """Return seconds on a clock that nobody sets and that goes on while the machine sleeps."""
    return time.clock_gettime(getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC))


class _Reckoned:
    """Reckons the database's clock from a moment that it gave and the seconds since.

    Threads share it without a lock: each value is replaced whole, and a measurement made twice
    does no harm.
    """

    def __init__(self) -> None:
        self._measured: tuple[datetime, float] | None = None
        self._due = 0.0

    def now(self) -> datetime:
        if self._measured is None or _elapsed() >= self._due:
            self._measure_again()
        if self._measured is None:
            # In a transaction that failed nothing can be asked for.
            return timezone.now()
        given, at = self._measured
        return given + timedelta(seconds=_elapsed() - at)

    def ask(self) -> datetime:
        before = _elapsed()
        with connection.cursor() as cursor:
            cursor.execute(_QUERIES[connection.vendor])
            (given,) = cursor.fetchone()
        if isinstance(given, str):
            given = datetime.fromisoformat(given).replace(tzinfo=UTC)
        if self._measured is None or _elapsed() - before <= LONGEST_ROUND_TRIP:
            # The answer is of a moment after the question, so this errs on the side of later.
            self._measured = (given if connection.vendor == "postgresql" else given + _CUT, before)
            self._due = before + MEASURED_EVERY
        asked: datetime = given
        return asked

    def _measure_again(self) -> None:
        # Set first, so that others meanwhile go on with what there is, and so does this process
        # while the database is gone.
        self._due = _elapsed() + MEASURED_EVERY
        if connection.in_atomic_block and connection.needs_rollback:
            return
        try:
            self.ask()
        except Error:
            if self._measured is None:
                raise


_reckoned = _Reckoned()
