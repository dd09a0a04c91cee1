"""Redirects (301, RFC 9110, 15.4.2) from old addresses, after everything else has found nothing.

A page that is live costs no query for it. A draft's address and one that never existed cost the
same one, since both are a 404 first. A page that is made at an old address is shown again.
"""

from collections.abc import Callable

from django.contrib.auth.models import AnonymousUser
from django.db import Error
from django.http import Http404, HttpRequest, HttpResponse, HttpResponsePermanentRedirect
from django.urls import resolve
from django.utils.http import url_has_allowed_host_and_scheme

from mscp.models import NEVER_REDIRECTED, Redirect, with_ancestors

# A redirect to what redirects again is refused when it is saved; two saved at once may still be.
MOST_HOPS = 5
OF_HOST = ("HTTP_HOST", "SERVER_NAME", "SERVER_PORT", "wsgi.url_scheme", "REQUEST_METHOD")

Handler = Callable[[HttpRequest], HttpResponse]


class RedirectMiddleware:
    """Answers a 404 of a visitor's address with the redirect that staff or a merge left there."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if response.status_code != 404 or request.method not in ("GET", "HEAD"):
            return response
        if request.path_info.startswith(NEVER_REDIRECTED):
            return response
        try:
            target = final_path(request.path_info)
        except Error:
            # Without a database it is found no more than without a redirect.
            return response
        if not target:
            return response
        query = request.META.get("QUERY_STRING", "")
        return HttpResponsePermanentRedirect(f"{target}?{query}" if query else target)


def final_path(path: str) -> str:
    """Return where an old address leads in the end; "" if nowhere, or round in a circle."""
    seen = {path}
    target = _next(path)
    while target and (further := _next(target)):
        if further in seen or len(seen) > MOST_HOPS:
            return ""
        seen.add(target)
        target = further
    # The rest of an address below an old one is a visitor's, and could name another host.
    is_ours = url_has_allowed_host_and_scheme(target, allowed_hosts=None)
    return target if target != path and is_ours else ""


def _next(path: str) -> str:
    candidates = with_ancestors(path)
    rows = Redirect.objects.filter(old_path__in=candidates).values_list("old_path", "new_path")
    found: dict[str, str] = dict(rows) if candidates else {}
    for old in candidates:
        if old in found:
            new, rest = found[old], path[len(old) :]
            if rest and (not new.endswith("/") or rest.startswith(("/", "\\"))):
                return ""
            return new + rest
    return ""


def is_public(path: str, request: HttpRequest) -> bool:
    """Return whether a visitor would be shown a page at an address of this site."""
    visit = HttpRequest()
    visit.method, visit.path, visit.path_info = "GET", path, path
    visit.user = AnonymousUser()
    visit.META = {name: request.META[name] for name in OF_HOST if name in request.META}
    try:
        match = resolve(path)
        visit.resolver_match = match
        response = match.func(visit, *match.args, **match.kwargs)
    except Http404:
        return False
    return bool(response.status_code == 200)
