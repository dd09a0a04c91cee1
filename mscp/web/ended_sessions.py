"""Forms of staff that arrive after their session has ended: kept for their author, files and all.

Nothing is saved by them. After signing in the form is shown again, filled in.
"""

import re
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any
from urllib.parse import unquote_plus

from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import SuspiciousOperation
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse, QueryDict
from django.http.multipartparser import MultiPartParser, MultiPartParserError
from django.http.request import UnreadablePostError
from django.urls import reverse
from django.utils.datastructures import MultiValueDict

from mscp.files.held_files import HeldFile
from mscp.records.autosave import FIELD, FIELD_OF_FILE, TAKE_BACK, Autosave, AutosaveToken
from mscp.typing import AnyUser
from mscp.web.holding import HoldingHandler, close_all, hold, keep_with_files

SIGNED_OUT = "You are signed out. Sign in again in another window, then do this once more."
SIGNED_IN_AGAIN = (
    "You signed in again after this form was opened. Save it: it is shown again as it is, with the "
    "file."
)

# Bytes, from the beginning of a body. Our forms have their token before all that is typed.
_BEGINNING = 64 * 1024
_IN_MULTIPART = re.compile(
    rb'name="(?:%b|%b)"\r\n\r\n([!-~]{1,2000})\r\n' % (FIELD.encode(), FIELD_OF_FILE.encode())
)
_IN_URLENCODED = re.compile(rb"(?:^|&)%b=([^&]{1,2000})" % FIELD.encode())


@dataclass(frozen=True)
class KeptForm:
    """What was kept of a form that arrived too late: its text, or one file sent ahead of it."""

    form: Autosave | None = None
    file: HeldFile | None = None


def keep_form(request: HttpRequest, *, takes_files: bool = True) -> KeptForm:
    """Read a form whose sender is not signed in, and keep it for whoever its token names.

    Without such a token at its beginning nothing is stored, and no more of it is read than that:
    only the forms of signed-in staff have one, and it is good for seven days.
    """
    handler = HoldingHandler(request, takes_files=takes_files)
    try:
        beginning = request.read(_BEGINNING)
        if not _is_of_staff(request, beginning):
            return KeptForm()
        sent, files = _parse(request, beginning, handler)
    except (SuspiciousOperation, MultiPartParserError, UnreadablePostError, UnicodeError, OSError):
        # Too much, broken off, or not from a browser.
        return KeptForm()
    finally:
        handler.drop()
    try:
        return _keep(request, sent, files, handler.lost)
    finally:
        close_all(files)


def _is_of_staff(request: HttpRequest, beginning: bytes) -> bool:
    is_multipart = request.content_type == "multipart/form-data"
    found = (_IN_MULTIPART if is_multipart else _IN_URLENCODED).search(beginning)
    text = found[1].decode("ascii", "replace") if found else ""
    token = AutosaveToken.read(text if is_multipart else unquote_plus(text))
    if token is None:
        return False
    staff = get_user_model()._default_manager.filter(is_active=True, is_staff=True)
    return staff.filter(pk=token.user).exists()


def _parse(
    request: HttpRequest, beginning: bytes, handler: HoldingHandler
) -> "tuple[QueryDict, MultiValueDict[str, Any]]":
    if request.content_type == "multipart/form-data":
        rest: Any = _Rest(beginning, request)
        parser = MultiPartParser(request.META, rest, [handler], settings.DEFAULT_CHARSET)
        return parser.parse()
    most = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
    body = beginning + request.read(most + 1 - len(beginning))
    if len(body) > most:
        return QueryDict(), MultiValueDict()
    return QueryDict(body, encoding=settings.DEFAULT_CHARSET), MultiValueDict()


class _Rest:
    """A body whose beginning has been read already, as a stream."""

    def __init__(self, beginning: bytes, request: HttpRequest) -> None:
        self.beginning, self.request = beginning, request

    def read(self, size: int) -> bytes:
        block, self.beginning = self.beginning[:size], self.beginning[size:]
        return block or self.request.read(size)


def _keep(
    request: HttpRequest, sent: QueryDict, files: "MultiValueDict[str, Any]", lost: list[str]
) -> KeptForm:
    if token := AutosaveToken.read(sent.get(FIELD_OF_FILE)):
        upload = next((uploads[-1] for _, uploads in files.lists()), None)
        return KeptForm(file=hold(token.user, upload) if upload else None)
    form = keep_with_files(request, sent, files, lost)
    return KeptForm(form if form and form.user.is_active and form.user.is_staff else None)


def to_sign_in(request: HttpRequest, kept: KeptForm) -> HttpResponse:
    """Redirect to the sign-in page, and from there to the form, filled in with what was kept."""
    if request.get_preferred_type(["text/html", "application/json"]) == "application/json":
        return refusal_for_script(SIGNED_OUT, HTTPStatus.UNAUTHORIZED, kept)
    return redirect_to_login(form_address(request, kept.form))


def refusal_for_script(refused: str, status: int, kept: KeptForm) -> JsonResponse:
    """Tell a script of ours, which tells it beside the form."""
    answer: dict[str, object] = {"refused": refused, "kept": kept.form is not None}
    if kept.file:
        answer["held"] = str(kept.file.uid)
    return JsonResponse(answer, status=status)


def to_form(request: HttpRequest, user: AnyUser, kept: Autosave | None) -> HttpResponse | None:
    """Redirect to a form, filled in, whose token of CSRF was of an earlier session."""
    if kept is None or kept.user_id != user.pk:
        return None
    return HttpResponseRedirect(form_address(request, kept))


def form_address(request: HttpRequest, kept: Autosave | None) -> str:
    """Return the address of a form filled in with what was kept, or of a page that shows it."""
    if kept is None:
        return request.get_full_path()
    if not kept.model:
        # A form that cannot be filled in again: what was typed is shown, to be copied.
        return reverse("admin:autosave_typed", args=[kept.uid])
    query = QueryDict(request.META.get("QUERY_STRING", ""), mutable=True)
    query[TAKE_BACK] = str(kept.uid)
    return f"{request.path}?{query.urlencode()}"
