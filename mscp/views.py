"""Pages that staff write, pages for machines, and pages for when something is wrong."""

from datetime import timedelta

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone

from mscp.detail import PublishedDetailView
from mscp.models import Page, SiteIdentity


class PageView(PublishedDetailView):
    model = Page
    template_name = "pages/page.html"


def robots(request: HttpRequest) -> HttpResponse:
    """Let engines crawl, so that they see a page's noindex (RFC 9309)."""
    sitemap = request.build_absolute_uri(reverse("sitemap"))
    lines = ["User-agent: *", "Disallow: /admin/", "Disallow: /staff/", f"Sitemap: {sitemap}"]
    return HttpResponse("\n".join(lines) + "\n", content_type="text/plain; charset=utf-8")


def security_txt(request: HttpRequest) -> HttpResponse:
    """Say whom to tell of a weakness (RFC 9116); nothing where no address is known."""
    identity = SiteIdentity.load()
    contact = f"mailto:{identity.email}" if identity.email else identity.website
    if not contact:
        raise Http404
    expires = (timezone.now() + timedelta(days=180)).replace(microsecond=0)
    lines = [
        f"Contact: {contact}",
        f"Expires: {expires.isoformat()}",
        "Preferred-Languages: en",
        f"Canonical: {request.build_absolute_uri(request.path)}",
    ]
    return HttpResponse("\n".join(lines) + "\n", content_type="text/plain; charset=utf-8")


# What failed may be the database, the host or the collected static files, so these pages need none
# of them.


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return _plain_error("400.html", status=400)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Explain a form that was sent without its token; what was typed is kept by going back."""
    return _plain_error("403_csrf.html", status=403)


def server_error(request: HttpRequest) -> HttpResponse:
    return _plain_error("500.html", status=500)


def _plain_error(template: str, *, status: int) -> HttpResponse:
    return HttpResponse(render_to_string(template), status=status)


def permission_denied(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return render(request, "403.html", status=403)


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return render(request, "404.html", status=404)
