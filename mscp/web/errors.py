"""Error pages: 400, 403, 404, 500."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string

# The failure may be of the database, the host or the collected static files, so these pages use
# none of them.


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return _plain_error("400.html", status=400)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Explain a form that was sent without its token; the browser's Back keeps what was typed."""
    return _plain_error("403_csrf.html", status=403)


def server_error(request: HttpRequest) -> HttpResponse:
    return _plain_error("500.html", status=500)


def _plain_error(template: str, *, status: int) -> HttpResponse:
    return HttpResponse(render_to_string(template), status=status)


def permission_denied(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return render(request, "403.html", status=403)


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return render(request, "404.html", status=404)
