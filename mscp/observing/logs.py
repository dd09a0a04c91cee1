"""Logs: one line of JSON for each event in production, plain lines on one's own machine.

A line has only what nobody typed. What libraries write about a request is replaced by its route,
and of an exception only the kinds and the places in the code are kept: a message may quote a form.
Django's own logging does it, with these two classes; structlog would add a second way to log.
"""

import json
import logging
from collections.abc import Iterator
from contextvars import ContextVar
from datetime import UTC, datetime
from http import HTTPStatus
from os import strerror
from traceback import extract_tb
from types import TracebackType
from typing import Any

# The id of the request that this thread answers.
request_id: ContextVar[str] = ContextVar("request_id", default="")
UNKNOWN_ROUTE = "none"


class NothingTyped(logging.Filter):
    """Takes out of records of libraries what a visitor or a colleague has typed."""

    def filter(self, record: logging.LogRecord) -> bool:
        # They have the address, headers and cookies of a request, and sometimes its text.
        if record.name.startswith(("django.request", "django.security", "django.server")):
            status = getattr(record, "status_code", 0)
            known = {one.value: one.phrase for one in HTTPStatus}
            request = getattr(record, "request", None)
            record.msg = f"{known.get(status, 'Refused')} at {route_of(request)}"
            record.args = ()
        elif record.name == "gunicorn.error":
            _without_request(record)
        return True


def _without_request(record: logging.LogRecord) -> None:
    message = str(record.msg)
    if message.startswith("Invalid request"):
        # It has the IP address, and the line that was sent.
        record.msg, record.args = "A request could not be read.", ()
    elif message.startswith("Error handling request"):
        record.msg, record.args = "A request ended with an error.", ()


def route_of(request: Any) -> str:
    """Return the name of a request's route; never its address."""
    match = getattr(request, "resolver_match", None)
    return str(getattr(match, "view_name", "") or UNKNOWN_ROUTE)


class Lines(logging.Formatter):
    """Formats a record as text, followed by the traceback without messages."""

    def format(self, record: logging.LogRecord) -> str:
        first = f"{record.levelname} {record.name}: {record.getMessage()}"
        fields = " ".join(f"{name}={value}" for name, value in fields_of(record).items())
        return "\n".join([f"{first} {fields}".rstrip(), *failure_of(record)])


class JSONLines(logging.Formatter):
    """Formats a record as one line of JSON."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
            **fields_of(record),
        }
        if failure := failure_of(record):
            line["failure"] = failure
        return json.dumps(line, ensure_ascii=False)


def fields_of(record: logging.LogRecord) -> dict[str, Any]:
    """Return what the caller gives beside the message, and the id of the request."""
    fields = dict(getattr(record, "fields", {}))
    if (identity := request_id.get()) and "request" not in fields:
        fields["request"] = identity
    return fields


def failure_of(record: logging.LogRecord) -> list[str]:
    """List the exceptions of a record, each behind what it was raised in, and their places."""
    return list(_chain(record.exc_info[1])) if record.exc_info and record.exc_info[1] else []


def _chain(error: BaseException) -> Iterator[str]:
    before = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    if before is not None:
        yield from _chain(before)
    yield from _places(error.__traceback__)
    yield _kind(error)


def _places(traceback: TracebackType | None) -> Iterator[str]:
    for place in extract_tb(traceback):
        yield f"{place.filename}:{place.lineno} in {place.name}: {place.line}"


def _kind(error: BaseException) -> str:
    """Return the class of an exception, with the reason of the system or the database."""
    name = f"{type(error).__module__}.{type(error).__qualname__}"
    reason = getattr(error, "sqlstate", None) or getattr(error, "sqlite_errorname", None)
    if isinstance(error, OSError) and error.errno:
        reason = strerror(error.errno)
    return f"{name} ({reason})" if reason else name


def settings_for(style: str) -> dict[str, Any]:
    """Return LOGGING for ``json`` or ``text``."""
    formatter = "mscp.observing.logs." + ("JSONLines" if style == "json" else "Lines")
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"line": {"()": formatter}},
        "filters": {"nothing typed": {"()": "mscp.observing.logs.NothingTyped"}},
        "handlers": {
            "console": {
                "class": "logging.StreamHandler",
                "formatter": "line",
                "filters": ["nothing typed"],
            }
        },
        "root": {"handlers": ["console"], "level": "WARNING"},
        "loggers": {
            "django": {"handlers": ["console"], "level": "WARNING", "propagate": False},
            # A 404 is in the line of its request.
            "django.request": {"level": "ERROR"},
            # Each request; on one's own machine only what failed or was slow.
            "mscp.observing.requests": {"level": "INFO" if style == "json" else "WARNING"},
        },
    }
