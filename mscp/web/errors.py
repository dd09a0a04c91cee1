"""Error pages: 400, 403, 404, 500."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string

from mscp.records.autosave import keep_sent
from mscp.web import site_context
from mscp.web.ended_sessions import to_form


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return plain_error("400.html", status=400)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Explain a form that was sent without its token; or show it again, if it was one of staff.

    Signing in again gives the browser a new token. What a form of the admin had in it is kept for
    whoever opened the form, and nothing of it is saved.
    """
    if request.path.startswith("/admin/") and request.user.is_staff:
        kept = keep_sent(
            request, [one.name or "" for _, files in request.FILES.lists() for one in files]
        )
        if form := to_form(request, request.user, kept):
            return form
    return plain_error("403_csrf.html", status=403)


def server_error(request: HttpRequest) -> HttpResponse:
    return plain_error("500.html", status=500)


def plain_error(template: str, *, status: int = 200, **context: object) -> HttpResponse:
    """Return a page that needs no database, host or collected static file: one may have failed.

    Name and numbers to call are those that this process knew last. No context processor is asked:
    each may query the database.
    """
    known = site_context.last_known()
    context |= {
        "partnership": known.partnership if known else None,
        "contacts": known.contacts if known else (),
    }
    return HttpResponse(render_to_string(template, context), status=status)


def permission_denied(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return render(request, "403.html", status=403)


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return render(request, "404.html", status=404)
