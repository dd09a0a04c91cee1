"""Pages that staff write, the numbers to call, logo, icons, robots.txt and security.txt."""

from collections.abc import Callable
from datetime import timedelta
from typing import ClassVar

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.urls import reverse
from django.utils.cache import get_conditional_response
from django.utils.http import quote_etag
from django.views.decorators.http import require_safe
from django.views.generic import TemplateView

from mscp.cache.pages import reads
from mscp.database import clock
from mscp.database.clock import start_of_day
from mscp.files.logos import CONTENT_TYPES
from mscp.models import Page, SiteIdentity
from mscp.publishing.views import PublishedDetailView

# What a drawing may do that is opened by itself: apply its own styles.
LOGO_POLICY = "default-src 'none'; style-src 'unsafe-inline'; sandbox"


class NumbersToCallView(TemplateView):
    """All numbers to call about a child, and how to reach the partnership."""

    query_parameters: ClassVar[tuple[str, ...]] = ()
    template_name = "pages/numbers_to_call.html"


class PageView(PublishedDetailView):
    model = Page
    template_name = "pages/page.html"


def icon(name: str, content_type: str) -> Callable[[HttpRequest], HttpResponse]:
    """Return a view of an icon that browsers ask for by its well-known address."""
    content = (settings.BASE_DIR / "static" / "img" / name).read_bytes()

    @reads()
    def view(request: HttpRequest) -> HttpResponse:
        return HttpResponse(content, content_type=content_type)

    return view


@require_safe
@reads()
def logo(request: HttpRequest, name: str) -> HttpResponseBase:
    """Send the logo or the picture for shared links; uploads have no other address.

    Its address has the hash of its content, so a browser may keep it for ever.
    """
    identity = SiteIdentity.load()
    files = {
        identity.logo_address: identity.logo,
        identity.shared_picture_address: identity.shared_picture,
    }
    file = files.get(request.path)
    if not file:
        raise Http404
    headers = {
        "Cache-Control": "public, max-age=31536000, immutable",
        "Content-Security-Policy": LOGO_POLICY,
        "ETag": quote_etag(name),
        "X-Content-Type-Options": "nosniff",
    }
    if unchanged := get_conditional_response(request, etag=headers["ETag"]):
        for header, value in headers.items():
            unchanged.headers[header] = value
        return unchanged
    try:
        with file.open("rb") as opened:
            content = opened.read()
    except OSError:
        raise Http404 from None
    return HttpResponse(
        content, content_type=CONTENT_TYPES[name.rpartition(".")[2]], headers=headers
    )


@reads()
def robots(request: HttpRequest) -> HttpResponse:
    """Allow crawling, so that search engines see a page's noindex (RFC 9309)."""
    sitemap = request.build_absolute_uri(reverse("sitemap"))
    lines = ["User-agent: *", "Disallow: /admin/", "Disallow: /staff/", f"Sitemap: {sitemap}"]
    return HttpResponse("\n".join(lines) + "\n", content_type="text/plain; charset=utf-8")


@reads()
def security_txt(request: HttpRequest) -> HttpResponse:
    """Return the contact for reports of vulnerabilities (RFC 9116); 404 if none is known."""
    identity = SiteIdentity.load()
    contact = f"mailto:{identity.email}" if identity.email else identity.website
    if not contact:
        raise Http404
    # A midnight, so that the response is the same all day.
    expires = start_of_day(clock.today() + timedelta(days=180))
    lines = [
        f"Contact: {contact}",
        f"Expires: {expires.isoformat()}",
        "Preferred-Languages: en",
        f"Canonical: {request.build_absolute_uri(request.path)}",
    ]
    return HttpResponse("\n".join(lines) + "\n", content_type="text/plain; charset=utf-8")
