"""Error pages: 400, 403, 404, 413, 500."""

from http import HTTPStatus

from django.conf import settings
from django.core.exceptions import RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.template.loader import render_to_string

from mscp.records.autosave import FIELD_OF_FILE, Autosave, AutosaveToken
from mscp.web import site_context
from mscp.web.ended_sessions import (
    SIGNED_IN_AGAIN,
    KeptForm,
    form_address,
    refusal_for_script,
    to_form,
)
from mscp.web.holding import hold, keep_with_files


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    if (too_much := _unread(exception)) and of_staff(request):
        if request.get_preferred_type(["text/html", "application/json"]) == "application/json":
            # A script of ours, which tells it beside the form.
            answer = {"refused": "This is too long to be kept."}
            return JsonResponse(answer, status=HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
        return too_large(request, too_much, None)
    return plain_error("400.html", status=400)


def of_staff(request: HttpRequest) -> bool:
    """Return whether signed-in staff ask for an address of the admin."""
    user = request.user
    return request.path.startswith("/admin/") and user.is_active and user.is_staff


def _unread(exception: Exception | None) -> str:
    """Return what a form has so much of that it was not read; "" if it was not that."""
    if isinstance(exception, RequestDataTooBig):
        return f"more than {settings.DATA_UPLOAD_MAX_MEMORY_SIZE // 1024**2} MB of text"
    if isinstance(exception, TooManyFieldsSent):
        return f"more than {settings.DATA_UPLOAD_MAX_NUMBER_FIELDS:,} fields"
    if isinstance(exception, TooManyFilesSent):
        return f"more than {settings.DATA_UPLOAD_MAX_NUMBER_FILES:,} places for a file"
    return ""


def too_large(
    request: HttpRequest,
    too_much: str,
    kept: Autosave | None,
    *,
    longest: str = "",
    files: bool = False,
) -> HttpResponse:
    """Say of a form of staff what it has too much of, and lead to what was typed into it.

    Where the form itself could not be read or kept, its script has kept what was typed before.
    """
    context = {
        "too_much": too_much,
        "kept": kept,
        "address": form_address(request, kept) if kept else "",
        "earlier": None if kept else Autosave.objects.of(request.user.pk).first(),
        "longest": longest,
        "files": files,
        "form_page": request.get_full_path(),
    }
    status = HTTPStatus.REQUEST_ENTITY_TOO_LARGE
    return render(request, "413.html", context, status=status)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Explain a form that was sent without its token; or show it again, if it was one of staff.

    Signing in again gives the browser a new token. What a form of the admin had in it is kept for
    whoever opened the form, and nothing of it is saved.
    """
    if of_staff(request):
        if token := AutosaveToken.read(request.POST.get(FIELD_OF_FILE)):
            upload = next((files[-1] for _, files in request.FILES.lists()), None)
            file = hold(token.user, upload) if upload else None
            return refusal_for_script(SIGNED_IN_AGAIN, HTTPStatus.FORBIDDEN, KeptForm(file=file))
        kept = keep_with_files(request, request.POST, request.FILES)
        if form := to_form(request, request.user, kept):
            return form
    return plain_error("403_csrf.html", status=403, of_staff=of_staff(request))


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
