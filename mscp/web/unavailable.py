"""Service unavailable: distinguishes faults of database and disk from bugs, and reports them.

Such a fault is not an error of the program: it passes, or an operator ends it. It has its own
status and sentence and one line in the log; any other exception stays a 500 with a traceback.
"""

import errno
import logging
import sqlite3
import sys
from contextlib import suppress
from dataclasses import dataclass

from django.db import DatabaseError, InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.log import log_response

from mscp.observing.logs import route_of
from mscp.web import errors
from mscp.web.middleware import drop_body

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Fault:
    """A fault outside the program: its name, status and the sentence for people."""

    name: str
    status: int
    heading: str
    sentence: str
    # Seconds until another attempt makes sense (RFC 9110, 10.2.3); None: only after a person acted.
    retry_after: int | None = None


GONE = Fault(
    "database unreachable",
    503,
    "This site cannot be read at the moment",
    "Its database does not answer. Try again in a minute.",
    retry_after=30,
)
BUSY = Fault(
    "database busy",
    503,
    "This site is busy saving something else",
    "Nothing was saved. Try again in a minute.",
    retry_after=30,
)
DAMAGED = Fault(
    "database damaged",
    503,
    "This site cannot be read at the moment",
    "Its database is damaged. Whoever runs the site has to put it back from a backup. Try again "
    "later.",
    retry_after=600,
)
# RFC 4918, 11.5: a client should not repeat such a request by itself, so no time is given.
NO_ROOM = Fault(
    "no room on the disk",
    507,
    "This site cannot save anything at the moment",
    "There is no room on its disk, or the disk cannot be written to. Nothing was saved. Tell "
    "whoever runs the site, and try again when there is room.",
)

_NO_ROOM_ERRORS = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS}

# Primary result codes (sqlite.org/rescode.html).
_SQLITE = {
    sqlite3.SQLITE_BUSY: BUSY,
    sqlite3.SQLITE_LOCKED: BUSY,
    sqlite3.SQLITE_FULL: NO_ROOM,
    sqlite3.SQLITE_IOERR: NO_ROOM,
    sqlite3.SQLITE_READONLY: NO_ROOM,
    sqlite3.SQLITE_CANTOPEN: GONE,
    sqlite3.SQLITE_CORRUPT: DAMAGED,
    sqlite3.SQLITE_NOTADB: DAMAGED,
}

# SQLSTATE, or its two-character class (PostgreSQL, Appendix A), the longer first.
_POSTGRESQL = {
    "53100": NO_ROOM,  # disk_full
    "58030": NO_ROOM,  # io_error
    "40001": BUSY,  # serialization_failure
    "40P01": BUSY,  # deadlock_detected
    "55P03": BUSY,  # lock_not_available
    "57014": BUSY,  # query_canceled, as by statement_timeout
    "25006": GONE,  # read_only_sql_transaction: a standby that was not promoted yet
    "XX001": DAMAGED,  # data_corrupted
    "XX002": DAMAGED,  # index_corrupted
    "08": GONE,  # connection_exception
    "53": GONE,  # insufficient_resources, too_many_connections among them
    "57P": GONE,  # operator_intervention: shut down, starting up, database dropped
}


def fault_of(error: BaseException | None) -> Fault | None:
    """Return the fault that an exception reports, or None if the program is wrong."""
    if isinstance(error, OSError):
        return NO_ROOM if error.errno in _NO_ROOM_ERRORS else None
    if not isinstance(error, DatabaseError | InterfaceError):
        return None
    cause = error.__cause__
    if isinstance(cause, sqlite3.Error):
        return _SQLITE.get(getattr(cause, "sqlite_errorcode", 0) & 0xFF)
    if state := getattr(cause, "sqlstate", None):
        return next((fault for code, fault in _POSTGRESQL.items() if state.startswith(code)), None)
    # What psycopg and its pool raise without a state: refused, cut off, or none free in time.
    return GONE if cause is not None and isinstance(error, OperationalError) else None


def mark(response: HttpResponse, request: HttpRequest, fault: Fault, error: BaseException) -> None:
    """Set the status and Retry-After of a fault on a response, and log it in one line."""
    _mark(response, fault)
    reason = str(error).partition("\n")[0]
    # Marks the response as logged, so that Django does not add the traceback.
    log_response(
        "%s: %s: %s",
        fault.name.capitalize(),
        route_of(request),
        reason,
        response=response,
        request=request,
        logger=logger,
    )


def _mark(response: HttpResponse, fault: Fault) -> None:
    response.status_code = fault.status
    if fault.retry_after is not None:
        response.headers["Retry-After"] = str(fault.retry_after)


def server_error(request: HttpRequest) -> HttpResponse:
    """Answer an uncaught exception (``handler500``) according to its fault.

    Django calls it for exceptions of middleware too, which no ``process_exception`` sees.
    """
    error = sys.exception()
    fault = fault_of(error)
    if error is None or fault is None:
        return errors.server_error(request)
    response = answer(request, fault)
    mark(response, request, fault, error)
    return response


def answer(request: HttpRequest, fault: Fault) -> HttpResponse:
    """Answer with a fault, on a page for people and in JSON for scripts of ours."""
    _drop_files(request)
    drop_body(request)
    response: HttpResponse
    if request.get_preferred_type(["text/html", "application/json"]) == "application/json":
        # It shows the sentence beside what it sent.
        response = JsonResponse({"refused": fault.sentence})
    else:
        was_sent = request.method not in ("GET", "HEAD", "OPTIONS")
        response = errors.plain_error("unavailable.html", fault=fault, was_sent=was_sent)
    _mark(response, fault)
    return response


def _drop_files(request: HttpRequest) -> None:
    """Delete the files received so far; otherwise they stay until garbage collection."""
    for handler in getattr(request, "_upload_handlers", ()):
        with suppress(OSError):
            if file := getattr(handler, "file", None):
                file.close()
