"""Requests: a WSGI application around the whole site that notes what each one cost.

It is outermost, since a page in the cache is answered before Django, and a download goes on after
it. What only Django knows (route, account) comes through the request's environment.
"""

import logging
import re
import secrets
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from time import perf_counter
from typing import Any

from django.conf import settings
from django.db.backends.signals import connection_created
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import Resolver404, resolve

from mscp.observing import logs, metrics, queries

logger = logging.getLogger(__name__)

Environ = dict[str, Any]
Application = Callable[[Environ, Any], Any]

# A key of a request's environment, which no header can set.
OBSERVED = "mscp.observed"
METHODS = {"GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE"}
# As nginx writes its $request_id, and as long as our own.
_ID = re.compile(r"[0-9a-f]{32}")
_CACHE_STATE = re.compile(r"cache;desc=(hit|miss)\b")


@dataclass
class Observed:
    """What is known of one request; nothing of it was typed."""

    id: str
    method: str
    started: float
    route: str = ""
    user: int | None = None
    status: int = 0
    # Until the response began: how long a reader takes to read it says nothing of the site.
    seconds: float = 0
    cache: str = ""
    is_written: bool = field(default=False, init=False)

    def end(self) -> None:
        """Write its line and its counts, once."""
        if self.is_written:
            return
        self.is_written = True
        asked = queries.number()
        metrics.note_request(
            self.route, self.method, self.status, self.seconds, cache=self.cache, queries=asked
        )
        fields = {
            "request": self.id,
            "method": self.method,
            "route": self.route,
            "status": self.status,
            "ms": round(self.seconds * 1000, 1),
            "cache": self.cache or "none",
            "queries": asked,
        }
        if self.user is not None:
            fields["user"] = self.user
        if settings.SLOW_REQUEST_MS and self.seconds * 1000 >= settings.SLOW_REQUEST_MS:
            logger.warning("Slow request", extra={"fields": fields})
        else:
            logger.info("Request", extra={"fields": fields})


class Observing:
    """The outermost application: gives each request an id, and notes its end."""

    def __init__(self, application: Application) -> None:
        self._application = application
        connection_created.connect(queries.look_at, dispatch_uid="mscp.observing.queries")

    def __call__(self, environ: Environ, start_response: Any) -> Iterable[bytes]:
        method = environ["REQUEST_METHOD"]
        observed = Observed(
            _id_of(environ), method if method in METHODS else "OTHER", perf_counter()
        )
        environ[OBSERVED] = observed
        queries.begin()
        logs.request_id.set(observed.id)

        def start(status: str, headers: list[tuple[str, str]], *more: Any) -> Any:
            observed.status = int(status[:3])
            observed.seconds = perf_counter() - observed.started
            timing = next((value for name, value in headers if name == "Server-Timing"), "")
            if found := _CACHE_STATE.match(timing):
                observed.cache = found[1]
            return start_response(status, [*headers, ("X-Request-ID", observed.id)], *more)

        try:
            body = self._application(environ, start)
        except BaseException:
            observed.status = 500
            observed.seconds = perf_counter() - observed.started
            _end(observed, environ)
            raise
        return _Body(body, observed, environ)


class _Body:
    """The body of a response; when it is closed the request has ended."""

    def __init__(self, body: Any, observed: Observed, environ: Environ) -> None:
        self._body = body
        self._observed = observed
        self._environ = environ

    def __iter__(self) -> Iterator[bytes]:
        return iter(self._body)

    def close(self) -> None:
        try:
            if close := getattr(self._body, "close", None):
                close()
        finally:
            _end(self._observed, self._environ)


def _end(observed: Observed, environ: Environ) -> None:
    if not observed.route:
        observed.route = _route_of_address(environ)
    observed.end()
    logs.request_id.set("")


def _route_of_address(environ: Environ) -> str:
    """Return the route of a request that no view has answered, as a page in the cache."""
    path = environ.get("PATH_INFO", "")
    if path.startswith(settings.STATIC_URL):
        return "static"
    try:
        # As WSGIRequest decodes it.
        match = resolve(path.encode("latin-1").decode("utf-8", "replace"))
    except Resolver404:
        return logs.UNKNOWN_ROUTE
    return match.view_name or logs.UNKNOWN_ROUTE


def _id_of(environ: Environ) -> str:
    """Return the id that a proxy of ours has given a request, or draw one."""
    given = environ.get("HTTP_X_REQUEST_ID", "") if settings.TRUSTED_PROXIES else ""
    return given if _ID.fullmatch(given) else secrets.token_hex(16)


class ObservedMiddleware:
    """Tells the observer which route answered, and which account of staff asked."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        observed = request.META.get(OBSERVED)
        if isinstance(observed, Observed):
            if request.resolver_match:
                observed.route = logs.route_of(request)
            # Only where something has read it already: this asks nothing of the database.
            account = getattr(request, "_cached_user", None)
            observed.user = account.pk if account is not None else None
        return response
