"""Middleware of every response: host, headers, sessions, bodies, caching."""

import re
from collections.abc import Callable
from contextlib import suppress
from typing import ClassVar

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.http.request import split_domain_port
from django.shortcuts import render
from django.utils.cache import add_never_cache_headers, patch_cache_control, patch_vary_headers

from mscp.concurrency.limits import Limit
from mscp.web.ended_sessions import KeptForm, keep_form, to_sign_in
from mscp.web.errors import too_large

Handler = Callable[[HttpRequest], HttpResponse]


_DEFAULT_PORTS = {"http": "80", "https": "443"}


class HostMiddleware:
    """Normalises the Host header (RFC 9110, 7.2), before anything reads it.

    Absolute links are made from it. Lower case, no trailing dot, and no port but the one that this
    process listens on: a host with another port would otherwise be part of every link.
    ALLOWED_HOSTS is compared later, and ignores ports.
    """

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if "HTTP_HOST" in request.META:
            domain, port = split_domain_port(request.META["HTTP_HOST"])
            # Without a domain it is not a host, and request.get_host() refuses it.
            if domain:
                is_ours = port == request.get_port() != _DEFAULT_PORTS[request.scheme or "http"]
                request.META["HTTP_HOST"] = f"{domain}:{port}" if is_ours else domain
        return self.get_response(request)


class SecurityHeadersMiddleware:
    """Adds the security headers that Django does not, unless a view has set its own."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response
        self.policy = "; ".join(f"{k} {v}" for k, v in settings.CONTENT_SECURITY_POLICY.items())

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response.headers.setdefault("Content-Security-Policy", self.policy)
        response.headers.setdefault("Permissions-Policy", settings.PERMISSIONS_POLICY)
        # Who may embed or read it (Fetch standard); without it any site may embed a picture or PDF.
        is_open = getattr(request, "is_open_to_all_sites", False)
        response.headers.setdefault(
            "Cross-Origin-Resource-Policy", "cross-origin" if is_open else "same-origin"
        )
        return response


class NulMiddleware:
    """Removes NUL from the query string; a path with one is a 404. PostgreSQL fails on it.

    An unknown value of a parameter is ignored, and so is one with NUL.
    """

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        query = request.META.get("QUERY_STRING", "").replace("\x00", "")
        # One pass over "%%0000" would leave "%00".
        while "%00" in query:
            query = query.replace("%00", "")
        request.META["QUERY_STRING"] = query
        if "\x00" in request.path_info:
            raise Http404
        return self.get_response(request)


def open_to_all_sites(request: HttpRequest) -> None:
    """Let scripts of every other site read the response to a request, also an empty one (304)."""
    request.is_open_to_all_sites = True  # type: ignore[attr-defined]


class OtherSitesMiddleware:
    """CORS: sets what scripts of other sites may read and send (Fetch standard).

    Before ConditionalGetMiddleware in the list, which drops these headers from a 304.
    """

    HEADERS: ClassVar = {
        "Access-Control-Allow-Origin": "*",
        "Access-Control-Allow-Headers": "If-None-Match",
        "Access-Control-Expose-Headers": "ETag, Link",
    }

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if getattr(request, "is_open_to_all_sites", False):
            for name, value in self.HEADERS.items():
                response.headers[name] = value
        return response


class HeadMiddleware:
    """Removes the body of a response to HEAD: servers drop it, and gunicorn logs a warning."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if request.method == "HEAD" and not response.streaming:
            response.headers.setdefault("Content-Length", str(len(response.content)))
            response.content = b""
        return response


# The form of Django's session keys (SessionBase._get_new_session_key).
_SESSION_KEY = re.compile(r"[a-z0-9]{32}")


class SessionKeyMiddleware:
    """Drops a session cookie that is not a well-formed session key.

    Before SessionMiddleware, so that the cookie never reaches a database. PostgreSQL fails on a
    NUL, and would fail only for a record that exists and whose permission has to be checked.
    """

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        key = request.COOKIES.get(settings.SESSION_COOKIE_NAME, "")
        if not _SESSION_KEY.fullmatch(key):
            request.COOKIES.pop(settings.SESSION_COOKIE_NAME, None)
        return self.get_response(request)


class SessionLoadMiddleware:
    """Loads the session, its user and their permissions whenever there is a session cookie.

    Django loads each lazily: here that is when a hidden record was found. Its address would then
    differ from one that never existed, by the number of queries and by the cookie that is deleted
    when its session has ended. So both are loaded at every address.
    """

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if settings.SESSION_COOKIE_NAME in request.COOKIES:
            # Any permission will do: the first check reads all of an account.
            request.user.has_perm("auth.change_user")
        return self.get_response(request)


_NUMBER = re.compile(r"[0-9]{1,18}")
_BLOCK = 64 * 1024  # bytes


def drop_body(request: HttpRequest) -> None:
    """Read and drop the rest of a body: a client cut off while sending sees no response.

    At most the size of a form; nginx then has all of it already.
    """
    with suppress(OSError):
        for _ in range(settings.LARGEST_REQUEST // _BLOCK + 1):
            if not request.read(_BLOCK):
                return


class BodyMiddleware:
    """Refuses a request body before any of it is stored, if none is allowed or it is too large.

    Visitors send nothing: a search is a GET. Small forms are at /staff/ and where people outside
    answer about a draft, large ones at /admin/ (with files, from signed-in staff). The body of
    staff whose session has ended is read: the form and its files are kept if a token at its
    beginning says whose they are, else all is dropped. So is a form of staff with too much in it,
    but for its text. Any other body is not read at all. CsrfViewMiddleware reads the body
    of every form, whatever its address, and writes its files to disk; it does so after all
    middleware has been called.
    """

    METHODS: ClassVar = ("GET", "HEAD", "OPTIONS")
    # Bytes. A name of 150 letters and a password, with room for one that is far too long; or a
    # comment of 5,000 letters, each in up to twelve bytes.
    MOST_OF_A_SMALL_FORM = 100_000
    # Bytes of a form with too many files, of which the text is kept.
    MOST_READ = 10 * settings.LARGEST_REQUEST
    SMALL_FORMS: ClassVar = re.compile(r"/staff/.*|/preview/[^/]+/answer/")
    DROPPED_AT_ONCE: ClassVar = Limit(max(1, settings.WEB_THREADS // 4))

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.method in self.METHODS:
            return self.get_response(request)
        if request.path.startswith("/admin/"):
            if not (request.user.is_active and request.user.is_staff):
                kept = KeptForm()
                if settings.CSRF_COOKIE_NAME in request.COOKIES and (
                    place := self.DROPPED_AT_ONCE.acquire()
                ):
                    # Most likely staff whose session has ended, since a form of ours was open. Few
                    # at once: each occupies a thread.
                    try:
                        kept = self._keep(request)
                        drop_body(request)
                    finally:
                        place.release()
                return to_sign_in(request, kept)
            most = settings.LARGEST_REQUEST
        elif self.SMALL_FORMS.fullmatch(request.path):
            most = self.MOST_OF_A_SMALL_FORM
        else:
            return HttpResponseNotAllowed(self.METHODS)
        # Django reads no more than this, and nothing without a length.
        if _length(request) <= most:
            return self.get_response(request)
        if most == settings.LARGEST_REQUEST:
            return self._refuse_form(request)
        return render(request, "413.html", {"most": most, "too_much": ""}, status=413)

    def _keep(self, request: HttpRequest) -> KeptForm:
        """Keep a form of ours."""
        return keep_form(request) if _length(request) <= settings.LARGEST_REQUEST else KeptForm()

    def _refuse_form(self, request: HttpRequest) -> HttpResponse:
        """Refuse a form of staff with too many or too large files, and keep what was typed."""
        kept = KeptForm()
        if _length(request) <= self.MOST_READ and (place := self.DROPPED_AT_ONCE.acquire()):
            try:
                kept = keep_form(request, takes_files=False)
                drop_body(request)
            finally:
                place.release()
        too_much = f"more than {settings.LARGEST_REQUEST // 1024**2} MB, with its files"
        return too_large(request, too_much, kept.form, files=True)


def _length(request: HttpRequest) -> float:
    """Return the length of a body; infinite if it is not stated as a number."""
    length = request.META.get("CONTENT_LENGTH") or "0"
    return int(length) if _NUMBER.fullmatch(length) else float("inf")


class CachePolicyMiddleware:
    """Cache-Control: nothing that staff see is stored; a visitor's browser must revalidate.

    What is withdrawn must be gone at the next request, so no cache may answer by itself. With the
    ETag of ConditionalGetMiddleware an unchanged page costs a visitor one empty response.
    """

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if settings.SESSION_COOKIE_NAME in request.COOKIES or response.status_code >= 400:
            add_never_cache_headers(response)
        elif not response.has_header("Cache-Control"):
            patch_cache_control(response, no_cache=True)
        # On every response alike: a header set only if permissions were checked would distinguish
        # a draft's address from one that never existed.
        patch_vary_headers(response, ["Cookie"])
        return response
