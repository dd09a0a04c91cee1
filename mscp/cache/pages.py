"""Page cache: answers visitors with pages that were rendered before, while they are valid.

It comes before sessions, authentication and templates. A page is stored by the content version
that was read before it was rendered, so none is older than the last commit; and until the clock
alone changes something public: a schedule, or midnight in London, since every other rule of time
counts full days. What no visitor may have, or what is not found, is never stored: a draft and
nothing are equal here too.
"""

from collections.abc import Callable, Iterable
from contextlib import suppress
from datetime import datetime
from hashlib import blake2b
from http import HTTPStatus
from time import perf_counter
from typing import Any, NamedTuple, TypeVar, cast
from urllib.parse import urlencode

from django.conf import settings
from django.core.exceptions import DisallowedHost
from django.db import Error
from django.http import HttpRequest, HttpResponse, QueryDict
from django.http.response import HttpResponseBase
from django.middleware.http import ConditionalGetMiddleware
from django.urls import Resolver404, resolve
from django.utils.cache import (
    get_conditional_response,
    patch_vary_headers,
    set_response_etag,
)
from django.utils.http import parse_http_date_safe

from mscp.cache import encodings, versions
from mscp.cache.flights import Flights
from mscp.cache.memory import PageMemory
from mscp.cache.page import Page
from mscp.cache.shared_pages import SharedPages
from mscp.database import clock
from mscp.observing import metrics

# Types that compress well, and so are cached: text in every form.
KEPT_TYPES = (
    "text/",
    "application/json",
    "application/schema+json",
    "application/atom+xml",
    "application/xml",
    "application/x-bibtex",
    "application/x-research-info-systems",
    "image/svg+xml",
)
# Headers that a response may vary on, because no request of a visitor has them.
KNOWN_VARY = {"cookie", "accept-encoding"}
# Headers that a 304 repeats (RFC 9110, section 15.4.5).
OF_NOT_MODIFIED = ("Cache-Control", "Content-Location", "Expires", "Last-Modified", "Vary")
# Headers that are set for each response.
_OF_CODING = ("Content-Length", "Content-Encoding", "ETag")

# Keys of a request's environment, which no header can set: the version that the fast path has read,
# or the error of the database; and the place of its page.
VERSION, PLACE = "mscp.version", "mscp.place"


class Place(NamedTuple):
    """Where a page is kept."""

    key: bytes
    queried: bool


class Sent(NamedTuple):
    """A page that is the whole of a response."""

    place: Place
    page: Page
    coding: str


_memory = PageMemory()
View = TypeVar("View", bound=Callable[..., Any])

_shared = SharedPages()
_flights: Flights[tuple[Any, ...], Page] = Flights()


def forget() -> None:
    """Drop all pages of this process."""
    _memory.clear()


# --- requests ----- ---------------------------------------------------------------------------


def is_visitor(request: HttpRequest) -> bool:
    """Return whether nothing in the request can change a public page.

    A session may be that of staff; a token or a message belongs to a form that somebody opened.
    """
    meta = request.META
    if "HTTP_AUTHORIZATION" in meta:
        return False
    if not meta.get("HTTP_COOKIE"):
        return True
    private = (settings.SESSION_COOKIE_NAME, settings.CSRF_COOKIE_NAME, "messages")
    return not any(name in request.COOKIES for name in private)


def reads(*names: str) -> Callable[[View], View]:
    """Declare the query parameters that a view reads; a class has an attribute for it."""

    def declare(view: View) -> View:
        view.query_parameters = names  # type: ignore[attr-defined]
        return view

    return declare


def canonicalise(request: HttpRequest) -> None:
    """Normalise the query string before any view reads it, so that equal keys give equal pages.

    A view names the parameters that it reads (``query_parameters``). Others are dropped, and so are
    empty values, and the rest is sorted by name. The query of a view that names none is left as it
    is.
    """
    if not request.META.get("QUERY_STRING"):
        return
    try:
        view: Any = resolve(request.path_info).func
    except Resolver404:
        return
    known = getattr(getattr(view, "view_class", view), "query_parameters", None)
    if known is None:
        return
    pairs = [
        (name, value)
        for name in sorted(known)
        for value in (request.GET.getlist(name) if known else ())
        if value
    ]
    query = urlencode(pairs)
    request.META["QUERY_STRING"] = query
    request.GET = QueryDict(query)


def _key_of(request: HttpRequest) -> bytes | None:
    """Return the cache key of a page, or None if the host is not one of ours."""
    try:
        host = request.get_host()
    except DisallowedHost:
        return None
    return hash_of(request.scheme or "", host, request.path, request.META.get("QUERY_STRING", ""))


def hash_of(*parts: str) -> bytes:
    # Lengths first, so that no two lists of parts give the same bytes.
    text = "".join([f"{len(part)}:{part}" for part in parts])
    return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=20).digest()


def may_be_kept(response: HttpResponseBase) -> bool:
    """Return whether a response to a visitor is a public text page, the same for all visitors."""
    if response.status_code != HTTPStatus.OK or response.streaming or response.cookies:
        return False
    headers = response.headers
    policy = headers.get("Cache-Control", "")
    if "no-store" in policy or "private" in policy:
        return False
    varies = {name.strip().lower() for name in headers.get("Vary", "").split(",")}
    if not varies <= {*KNOWN_VARY, ""} or "Content-Encoding" in headers:
        return False
    if "X-Accel-Redirect" in headers or not headers.get("Content-Type", "").startswith(KEPT_TYPES):
        return False
    # Some views answer HEAD with a length and no body. What is empty has no validator.
    content = cast(HttpResponse, response).content
    return bool(content) and headers.get("Content-Length", str(len(content))) == str(len(content))


# --- the middleware ------------------------------------------------------------------------------

Handler = Callable[[HttpRequest], HttpResponseBase]


class PageCacheMiddleware:
    """Answers from the cache, fills it, compresses, and answers conditional requests.

    Only public pages are compressed: they hold no secret that compression could reveal by their
    length (BREACH), unlike pages with a session or a form's token.
    """

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response
        self.conditional = ConditionalGetMiddleware(cast(Any, get_response))

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        started = perf_counter()
        if request.method not in ("GET", "HEAD"):
            # What is due is done before anybody changes anything. Without a database the view says
            # so, if it needs one.
            with suppress(Error):
                versions.settled()
            return self.get_response(request)
        canonicalise(request)
        if (key := _key_of(request)) is None:
            # The host is refused by later middleware, before any query.
            return self._validated(request, self.get_response(request))
        # What is due is done before anybody sees anything.
        version = _settled(request)
        if not is_visitor(request):
            return self._validated(request, self.get_response(request))
        if not (version and settings.PAGE_CACHE_BYTES):
            return self._rendered(request, version, started, clock.now())[0]
        request.META[PLACE] = Place(key, _is_queried(request))
        if page := self._found(request, version, key):
            return _answer(request, page, HttpResponse(), started, "hit")
        flight, is_first = _flights.join((version, key))
        if not is_first:
            shared = flight.wait()
            if shared and shared.until > clock.now():
                return _answer(request, shared, HttpResponse(), started, "hit")
            return self._rendered(request, version, started, clock.now())[0]
        page = None
        try:
            # Read first: what the clock changes meanwhile is then only rendered again.
            until = versions.horizon(version)
            response, page = self._rendered(request, version, started, until)
            if page:
                _memory.put(version, key, page, queried=_is_queried(request))
                metrics.note_kept_pages(_memory.bytes)
        finally:
            _flights.end((version, key), page)
        if page:
            # After the waiting threads have it, which need not wait for Redis.
            _shared.put(version, key, page)
        return response

    def _found(self, request: HttpRequest, version: versions.Version, key: bytes) -> Page | None:
        queried = _is_queried(request)
        page = kept(version, key, queried=queried)
        if page is None:
            page = _shared.get(version, key)
            if page is None or page.until <= clock.now():
                return None
            _memory.put(version, key, page, queried=queried)
        if page.add(_coding_for(request)):
            # It takes more room now.
            _memory.put(version, key, page, queried=queried)
        return page

    def _rendered(
        self, request: HttpRequest, version: versions.Version, started: float, until: datetime
    ) -> tuple[HttpResponseBase, Page | None]:
        """Return the response of the site, and its page if that may be cached until then."""
        # Pinned no earlier than ``until`` was read, or what came due in between would be missing
        # from a page that is kept beyond it.
        with versions.pinned(version), clock.pinned():
            response = self.get_response(request)
        if not may_be_kept(response):
            return self._validated(request, response), None
        response = cast(HttpResponse, response)
        patch_vary_headers(response, ["Accept-Encoding"])
        if not response.has_header("ETag"):
            set_response_etag(response)
        page = Page.of(
            response.content,
            _coding_for(request),
            headers=tuple((k, v) for k, v in response.items() if k not in _OF_CODING),
            etag=response.headers["ETag"],
            until=until,
            is_open_to_all_sites=getattr(request, "is_open_to_all_sites", False),
        )
        return _answer(request, page, response, started, "miss"), page

    def _validated(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        """Answer a conditional request if the response has a validator."""
        return self.conditional.process_response(request, cast(Any, response))


def _settled(request: HttpRequest) -> versions.Version:
    """Return the version, which the fast path may have read for this request already."""
    read = request.META.pop(VERSION, None)
    if isinstance(read, Error):
        raise read
    return versions.settled() if read is None else cast(versions.Version, read)


def kept(version: versions.Version, key: bytes, *, queried: bool) -> Page | None:
    """Return a valid page from the memory of this process."""
    most = settings.PAGE_CACHE_BYTES
    page = cast("Page | None", _memory.get(version, key, queried=queried, most=most))
    if page is not None and page.until <= clock.now():
        _memory.remove(version, key, queried=queried)
        return None
    return page


def server_timing(started: float, how: str) -> tuple[str, str]:
    milliseconds = (perf_counter() - started) * 1000
    return "Server-Timing", f"cache;desc={how}, total;dur={milliseconds:.1f}"


def _is_queried(request: HttpRequest) -> bool:
    return bool(request.META.get("QUERY_STRING"))


def _coding_for(request: HttpRequest) -> str:
    return encodings.negotiated(request.META.get("HTTP_ACCEPT_ENCODING", ""))


def _answer(
    request: HttpRequest, page: Page, response: HttpResponse, started: float, how: str
) -> HttpResponse:
    """Fill a response with a page, or return a short one if the client has it already."""
    coding, body = page.in_coding(_coding_for(request))
    etag = page.etag_in(coding)
    headers = dict(page.headers)
    if page.is_open_to_all_sites:
        request.is_open_to_all_sites = True  # type: ignore[attr-defined]
    changed = parse_http_date_safe(headers.get("Last-Modified", ""))
    short = get_conditional_response(request, etag=etag, last_modified=changed)
    if short is not None:
        response = short
        _set(response, ((k, headers[k]) for k in OF_NOT_MODIFIED if k in headers))
        response.headers["ETag"] = etag
    else:
        response.content = body
        _set(response, page.headers)
        _set(response, [("ETag", etag), ("Content-Length", str(len(body)))])
        if coding:
            response.headers["Content-Encoding"] = coding
        if place := request.META.get(PLACE):
            response.sent = Sent(place, page, coding)  # type: ignore[attr-defined]
    # Only public pages have it: the time that a 404 took must not be disclosed.
    _set(response, [server_timing(started, how)])
    return response


def _set(response: HttpResponse, headers: Iterable[tuple[str, str]]) -> None:
    for name, value in headers:
        response.headers[name] = value
