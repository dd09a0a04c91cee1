"""Readiness: a worker answers nothing from a database that is not of its release.

Pages made from the tables of another release may show what that hides, or fail half way. Whoever
asks meanwhile is told to come again, and the log says why. The worker looks again every two seconds
and serves when database and code fit, without a restart.
"""

import logging
from collections.abc import Callable
from threading import Event
from time import sleep

from django.db import connections
from django.http import HttpRequest, HttpResponse

from mscp.database.schema import known_migrations
from mscp.files import nginx_access
from mscp.site import health
from mscp.web import unavailable

logger = logging.getLogger(__name__)

# Seconds between two looks at a database that may become right.
PAUSE = 2
# Seconds that a request waits for the first look. A database that does not answer takes longer.
MOST_WAITED = 5
NOT_OF_THIS_RELEASE = {health.BEHIND, health.OTHERWISE, health.AHEAD}

REFUSAL = unavailable.Fault(
    "database of another release",
    503,
    "This site is being brought up to date",
    "Try again in a minute.",
    retry_after=30,
)


class _Gate:
    """What the requests of this process have to wait for. Open where nobody watches."""

    def __init__(self) -> None:
        self.is_shut = False
        self.looked = Event()
        self.looked.set()


_gate = _Gate()


def begin() -> None:
    """Let requests wait until ``watch``, in another thread, has looked at the database."""
    _gate.looked.clear()


def watch(tell_ready: Callable[[], None] = lambda: None) -> None:
    """Look at the database until this process can serve, then tell so.

    What is wrong is logged, in one line, whenever it is something else than before.
    """
    logged: list[str] = []
    while True:
        found = _faults()
        ids = {fault.id for fault in found}
        if not ids & {*NOT_OF_THIS_RELEASE, health.UNREADABLE}:
            # For a later worker of this master, which may begin beside a newer release.
            health.note_fit()
        _gate.is_shut = bool(ids & NOT_OF_THIS_RELEASE)
        _gate.looked.set()
        _log([fault.sentence for fault in found], logged)
        if not found:
            tell_ready()
        if ids <= {health.NOT_COLLECTED}:
            # None is left that ends without a restart.
            return
        sleep(PAUSE)


def look_once() -> bool:
    """Look at the database and log what is wrong; return whether anything is."""
    found = [fault.sentence for fault in _faults()]
    _log(found, [])
    return bool(found)


def _faults() -> list[health.Fault]:
    try:
        return [fault for fault in health.faults() if health.is_keeping_from_serving(fault)]
    finally:
        connections.close_all()


def _log(found: list[str], logged: list[str]) -> None:
    if found and found != logged:
        unreadable = nginx_access.unreadable()
        sentences = " ".join(filter(None, [*found, unreadable]))
        refused = " None is served meanwhile." if _gate.is_shut else ""
        logger.error("Pages cannot be served as they should be. %s%s", sentences, refused)
    elif logged and not found:
        logger.warning("Pages are served again as they should be.")
    elif unreadable := nginx_access.unreadable():
        logger.error("Files cannot be served as they should be. %s", unreadable)
    logged[:] = found


class ReadinessMiddleware:
    """Refuses every request but that of a probe while the database is not of this release."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response
        # Before an upgrade puts other files there.
        known_migrations()

    def __call__(self, request: HttpRequest) -> HttpResponse:
        _gate.looked.wait(MOST_WAITED)
        if _gate.is_shut:
            return unavailable.answer(request, REFUSAL)
        return self.get_response(request)
