"""Forms of staff that arrive after their session has ended: what was typed is kept for its author.

Nothing is saved by them. After signing in the form is shown again, filled in.
"""

from http import HTTPStatus
from typing import IO, Any

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import SuspiciousOperation
from django.core.files.uploadhandler import FileUploadHandler, SkipFile
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse, QueryDict
from django.http.multipartparser import MultiPartParserError
from django.http.request import UnreadablePostError
from django.urls import reverse

from mscp.records.autosave import TAKE_BACK, Autosave, keep_sent
from mscp.typing import AnyUser

SIGNED_OUT = "You are signed out. Sign in again in another window, then do this once more."


class NoFiles(FileUploadHandler):
    """Upload handler that stores no file, and notes the name of each."""

    def __init__(self, request: HttpRequest | None = None) -> None:
        super().__init__(request)
        self.names: list[str] = []

    def new_file(self, field_name: str, file_name: str, *args: Any, **kwargs: Any) -> None:
        self.names.append(file_name)
        raise SkipFile

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes | None:
        return None

    def file_complete(self, file_size: int) -> "IO[bytes] | None":  # type: ignore[override]
        return None


def keep_form(request: HttpRequest) -> Autosave | None:
    """Read a form whose sender is not signed in, and keep it for whoever its token names.

    Without such a token nothing is kept; of its files never more than the name.
    """
    files = NoFiles(request)
    request.upload_handlers = [files]
    try:
        request.POST  # noqa: B018 - reads the body
    except (SuspiciousOperation, MultiPartParserError, UnreadablePostError, UnicodeError):
        return None
    kept = keep_sent(request, files.names)
    return kept if kept and kept.user.is_active and kept.user.is_staff else None


def to_sign_in(request: HttpRequest, kept: Autosave | None) -> HttpResponse:
    """Redirect to the sign-in page, and from there to the form, filled in with what was kept."""
    if request.get_preferred_type(["text/html", "application/json"]) == "application/json":
        # A script of ours, which tells it beside the form.
        answer = {"refused": SIGNED_OUT, "kept": kept is not None}
        return JsonResponse(answer, status=HTTPStatus.UNAUTHORIZED)
    return redirect_to_login(_address(request, kept))


def to_form(request: HttpRequest, user: AnyUser, kept: Autosave | None) -> HttpResponse | None:
    """Redirect to a form, filled in, whose token of CSRF was of an earlier session."""
    if kept is None or kept.user_id != user.pk:
        return None
    return HttpResponseRedirect(_address(request, kept))


def _address(request: HttpRequest, kept: Autosave | None) -> str:
    if kept is None:
        return request.get_full_path()
    if not kept.model:
        # A form that cannot be filled in again: what was typed is shown, to be copied.
        return reverse("admin:autosave_typed", args=[kept.uid])
    query = QueryDict(request.META.get("QUERY_STRING", ""), mutable=True)
    query[TAKE_BACK] = str(kept.uid)
    return f"{request.path}?{query.urlencode()}"
