"""Fast path: a WSGI application that answers hits of the page cache before Django does.

Request, middleware, response and signals take three times as long as all else that a hit needs. A
request is answered here if one that was the same, letter by letter, in all that decides a page
(host, scheme, path, query, accepted codings) was answered by Django: what middleware refuses,
redirects or adds was decided then. The same is sent again while the page cache has that very page,
under the content version that is read now.
"""

from collections.abc import Callable, Iterable
from time import perf_counter
from typing import Any

from django.db import Error, connection

from mscp.cache import pages, versions
from mscp.cache.page import Headers
from mscp.cache.pages import VERSION, Place, Sent
from mscp.observing.requests import OBSERVED

Environ = dict[str, Any]
Application = Callable[[Environ, Any], Any]

# Who sends one of these may be somebody, or has the page already.
LEFT_TO_DJANGO = (
    "HTTP_COOKIE",
    "HTTP_AUTHORIZATION",
    "HTTP_IF_MATCH",
    "HTTP_IF_NONE_MATCH",
    "HTTP_IF_MODIFIED_SINCE",
    "HTTP_IF_UNMODIFIED_SINCE",
)
# All that the page cache reads, and the middleware that comes before it.
DECIDING = (
    "wsgi.url_scheme",
    "HTTP_X_FORWARDED_PROTO",
    "HTTP_HOST",
    "SERVER_NAME",
    "SERVER_PORT",
    "PATH_INFO",
    "QUERY_STRING",
    "HTTP_ACCEPT_ENCODING",
)
# Requests that are remembered, some 300 bytes each. Random ones only make hits take longer.
MOST = 5_000


class FastPath:
    def __init__(self, application: Application) -> None:
        self._application = application
        # Place and coding of the page, and its route; by a hash, since a query holds the words of
        # a search.
        self._places: dict[bytes, tuple[Place, str, str]] = {}

    def __call__(self, environ: Environ, start_response: Any) -> Iterable[bytes]:
        started = perf_counter()
        if environ["REQUEST_METHOD"] != "GET" or any(map(environ.get, LEFT_TO_DJANGO)):
            return self._application(environ, start_response)  # type: ignore[no-any-return]
        request = pages.hash_of(*[environ.get(name, "") for name in DECIDING])
        observed = environ.get(OBSERVED)
        if (place := self._places.get(request)) and (found := _found(environ, *place[:2])):
            headers, body = found
            if observed:
                observed.route = place[2]
            start_response("200 OK", [*headers, pages.server_timing(started, "hit")])
            return [body]
        response = self._application(environ, start_response)
        if sent := getattr(response, "sent", None):
            self._remember(request, sent, response, observed.route if observed else "")
        return response  # type: ignore[no-any-return]

    def _remember(self, request: bytes, sent: Sent, response: Any, route: str) -> None:
        sent.page.sent[sent.coding] = tuple(
            header for header in response.items() if header[0] != "Server-Timing"
        )
        if len(self._places) >= MOST:
            self._places.clear()
        self._places[request] = sent.place, sent.coding, route


def _found(environ: Environ, place: Place, coding: str) -> tuple[Headers, bytes] | None:
    """Return the headers and the body that were sent, if they are still valid."""
    try:
        version = environ[VERSION] = versions.settled()
        page = pages.kept(version, place.key, queried=place.queried) if version else None
    except Error as error:
        # Django answers it.
        environ[VERSION] = error
        return None
    finally:
        # As Django does at the end of each request, but for tests, which are in a transaction.
        if not connection.in_atomic_block:
            connection.close_if_unusable_or_obsolete()
    if page is None or (headers := page.sent.get(coding)) is None:
        return None
    return headers, page.in_coding(coding)[1]
