"""Autosave in the admin: what was typed is kept, offered again, and never lost to a refusal."""

from contextlib import suppress
from dataclasses import dataclass, replace
from http import HTTPStatus
from typing import Any, TypeVar
from uuid import UUID, uuid4

from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    JsonResponse,
    QueryDict,
)
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST, require_safe

from mscp.editing import held_uploads
from mscp.editing.generic import ModelAdminMixin
from mscp.editing.typed import KEY, keys_of_rows, typed_into, typed_texts
from mscp.records.audit import Tracked
from mscp.records.autosave import (
    FIELD,
    TAKE_BACK,
    Autosave,
    AutosaveToken,
    ClosedError,
    TooLargeError,
    keep_sent,
)
from mscp.records.moments import moment_in_words
from mscp.web.unavailable import Fault

# A form field that names the fault because of which the form is shown again.
UNAVAILABLE = "_unavailable"
# Not a fault, but it has the same way through a form: filled in with what was kept, not saved.
TAKEN_BACK = Fault("taken back", HTTPStatus.OK, "This is not saved yet", "Look at it, and save it.")
# Of the texts that somebody typed into one form and did not save: so many are offered.
MOST_OFFERED = 3

Record = TypeVar("Record", bound=Tracked)


@dataclass(frozen=True)
class Offer:
    """A way to go on with what was typed and cannot be saved where it was typed.

    Its button leads to ``address``, or posts there as ``typed`` the uid of what was kept.
    """

    label: str
    address: str
    posts: bool = True


def refuse_as(fault: Fault, request: HttpRequest) -> None:
    """Make the forms of a request invalid, so that processing it again saves nothing."""
    given: Any = request.POST.copy()
    given[UNAVAILABLE] = fault.name
    request.POST = given
    request.unavailable = True  # type: ignore[attr-defined]


class AutosavingAdmin(ModelAdminMixin[Record]):
    """Mixin of ModelAdmin: whoever typed something finds it again, whatever refused to save it."""

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, object] | None = None,
    ) -> HttpResponse:
        asked_for = request.GET.get(TAKE_BACK, "") if request.method == "GET" else ""
        kept = self._kept(request, asked_for) if asked_for else None
        typed = self.carried_over(request, kept, object_id) if kept else None
        if kept and typed:
            return self._fill_in(request, kept, typed, object_id, form_url, extra_context)
        try:
            return super().changeform_view(request, object_id, form_url, extra_context)
        except PermissionDenied:
            response = self._not_saved(request, object_id)
            if response is None:
                raise
            return response

    def render_change_form(
        self,
        request: HttpRequest,
        context: dict[str, Any],
        add: bool = False,
        change: bool = False,
        form_url: str = "",
        obj: Record | None = None,
    ) -> HttpResponse:
        context["autosave"] = self._autosave_context(request, context, obj)
        if hasattr(request, "taken_back"):
            # A sentence of its own says so, above the form.
            context["errors"] = None
        return super().render_change_form(request, context, add, change, form_url, obj)

    # --- what was typed and not saved -----------------------------------------------------------

    def _kept(self, request: HttpRequest, uid: str) -> Autosave | None:
        """Return what this person typed into a form of this model, by its uid."""
        try:
            key = UUID(uid)
        except ValueError:
            return None
        mine = Autosave.objects.of(request.user.pk)
        return mine.filter(uid=key, model=self.opts.label_lower).first()

    def _fill_in(
        self,
        request: HttpRequest,
        kept: Autosave,
        typed: QueryDict,
        object_id: str | None,
        form_url: str,
        extra_context: dict[str, object] | None,
    ) -> HttpResponse:
        """Show the form filled in with what was kept, as if it had just been refused.

        Nothing is saved: it is for a person to look at it and to save it. Who may not change the
        record any more is shown what was typed.
        """
        self.check_typed(request, typed)
        sent: Any = held_uploads.put_among_files(request, typed)
        request.POST, request.method = sent, "POST"
        request.taken_back = kept  # type: ignore[attr-defined]
        refuse_as(TAKEN_BACK, request)
        view: Any = self
        try:
            filled: HttpResponse = view._changeform_view(
                request, object_id, form_url, extra_context
            )
            return filled
        except PermissionDenied:
            response = self._not_saved(request, object_id)
            if response is None:
                raise
            return response
        finally:
            request.method = "GET"

    def carried_over(
        self, request: HttpRequest, kept: Autosave, object_id: str | None
    ) -> QueryDict | None:
        """Return what was typed as the form of this record sends it; None if it belongs elsewhere.

        What was typed into the form of a record that is gone can begin a new one.
        """
        typed = kept.typed
        if object_id is None and kept.key:
            self._forget_keys(typed)
        elif unquote(object_id or "") != kept.key:
            return None
        return typed

    def _forget_keys(self, typed: Any) -> None:
        """Make every row a new one: the record that they were part of is gone."""
        keys = tuple(f"-{name}" for one in self.inlines for name in keys_of_rows(self, one))
        for name in list(typed):
            if name.endswith("-INITIAL_FORMS"):
                typed[name] = "0"
            elif keys and name.endswith(keys):
                typed[name] = ""

    def check_typed(self, request: HttpRequest, typed: QueryDict) -> None:
        """Take out of what was kept whatever this person may not name; for subclasses."""

    def _not_saved(self, request: HttpRequest, object_id: str | None) -> HttpResponse | None:
        """Show what was sent and may not be saved any more; None if nothing was."""
        if request.method != "POST" or not request.user.is_authenticated:
            return None
        key = unquote(object_id) if object_id is not None else ""
        record = self.visible(request, key)
        if not typed_into(self, request, request.POST, record):
            return None
        kept = getattr(request, "taken_back", None) or keep_sent(request)
        if kept is None:
            # A form without a token, of an earlier release or of no form of ours.
            token = AutosaveToken(request.user.pk, self.opts.label_lower, key, uuid4())
            sent: Any = request.POST.copy()
            sent[FIELD] = token.signed()
            request.POST = sent
            kept = keep_sent(request)
        return self.typed_page(request, key, request.POST, kept, is_refused=True)

    def visible(self, request: HttpRequest, key: str) -> Record | None:
        """Return the record, if this person may see it now."""
        if not KEY.fullmatch(key):
            return None
        record = self.get_queryset(request).filter(pk=key).first()
        if record is None or not self.has_view_or_change_permission(request, record):
            return None
        return record

    def typed_page(
        self,
        request: HttpRequest,
        key: str,
        typed: QueryDict,
        kept: Autosave | None,
        *,
        is_refused: bool = False,
    ) -> HttpResponse:
        """Show what somebody typed, to be copied, and the ways to go on with it."""
        record = self.visible(request, key)
        status = HTTPStatus.OK
        if is_refused:
            is_gone = key and record is None and self.has_change_permission(request)
            status = HTTPStatus.NOT_FOUND if is_gone else HTTPStatus.FORBIDDEN
        context = {
            **self.admin_site.each_context(request),
            "title": "This was not saved" if is_refused else "What you typed and did not save",
            "opts": self.opts,
            "record": record,
            "address": reverse(f"{self._base}_change", args=[record.pk]) if record else "",
            "what_happened": self.what_happened(request, key, record),
            "typed": typed_into(self, request, typed, record),
            "kept": kept,
            "held": held_uploads.held_in(typed, request.user.pk or 0),
            "offers": self.offers(request, key, record, kept) if kept else [],
            "is_refused": is_refused,
        }
        return TemplateResponse(request, "admin/typed.html", context, status=status)

    @property
    def _base(self) -> str:
        return f"admin:{self.opts.app_label}_{self.opts.model_name}"

    def what_happened(self, request: HttpRequest, key: str, record: Record | None) -> str:
        """Return a sentence about why a record cannot be changed by this person now."""
        may = self.has_change_permission(request) if key else self.has_add_permission(request)
        if not may:
            return "Your account may not change this any more."
        if record is not None:
            may = self.has_change_permission(request, record)
            return "" if may else self.why_not(request, record)
        if not KEY.fullmatch(key):
            return ""
        history = getattr(self.model, "history", None)
        gone = history and history.filter((self.opts.pk.attname, key), history_type="-").first()
        if not gone:
            return "It is not there any more."
        when = moment_in_words(gone.history_date)
        return f"{gone.history_user or 'Somebody'} deleted it on {when}."

    def why_not(self, request: HttpRequest, record: Record) -> str:
        """Return a sentence: who did what, so that this person may not change a record now."""
        when = moment_in_words(record.updated_at)
        return f"{record.updated_by or 'Somebody'} changed it on {when}."

    def offers(
        self, request: HttpRequest, key: str, record: Record | None, kept: Autosave
    ) -> list[Offer]:
        """Return the ways to go on with what was kept; a subclass adds its own."""
        query = f"?{TAKE_BACK}={kept.uid}"
        if key and self.has_change_permission(request, record) and record is not None:
            address = reverse(f"{self._base}_change", args=[key])
            return [Offer("Take it back into the form", address + query, posts=False)]
        if (not key or record is None) and self.has_add_permission(request):
            label = f"Begin a new {self.opts.verbose_name} with it"
            return [Offer(label, reverse(f"{self._base}_add") + query, posts=False)]
        return []

    def _get_obj_does_not_exist_redirect(
        self, request: HttpRequest, opts: Any, object_id: str
    ) -> HttpResponse:
        gone = self._not_saved(request, object_id)
        return gone or super()._get_obj_does_not_exist_redirect(request, opts, object_id)  # type: ignore[misc]

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        token = AutosaveToken.read(request.POST.get(FIELD))
        if token and token.user == request.user.pk:
            Autosave.objects.close(token)
        held_uploads.delete_held(request)

    def _autosave_context(
        self, request: HttpRequest, context: dict[str, Any], record: Record | None
    ) -> dict[str, Any]:
        """Return what the page of a form says of texts that were not saved."""
        key = str(record.pk) if record else ""
        own = AutosaveToken(request.user.pk or 0, self.opts.label_lower, key, uuid4())
        sent = AutosaveToken.read(request.POST.get(FIELD))
        taken_back: Autosave | None = getattr(request, "taken_back", None)
        if taken_back:
            own = replace(own, uid=taken_back.uid)
        elif sent and replace(sent, uid=own.uid) == own:
            own = sent
            # Refused for a mistake: also where no script of ours runs, it is kept from here on.
            was_refused = context.get("errors") and not hasattr(request, "unavailable")
            if was_refused and (kept := keep_sent(request)):
                own = replace(own, uid=kept.uid)
        may = (
            self.has_change_permission(request, record)
            if record
            else self.has_add_permission(request)
        )
        offered = []
        if request.method == "GET" and not taken_back:
            rows = Autosave.objects.of(request.user.pk).filter(model=own.model, key=key)
            found = [
                (row, typed_into(self, request, row.typed, record)) for row in rows[:MOST_OFFERED]
            ]
            offered = [(row, typed) for row, typed in found if typed]
        return {
            "token": own.signed() if may else "",
            "taken_back": taken_back,
            "held": held_uploads.held_in(request.POST, own.user) if taken_back else [],
            "offered": offered,
            "may_take_back": may,
            # The form holds what is not saved, from the start.
            "is_unsaved": bool(taken_back or context.get("errors")),
        }


# --- the addresses that a form's script and its page lead to --------------------------------------


@csrf_exempt
@require_POST
def keep(request: HttpRequest) -> HttpResponse:
    """Keep what a form holds now, sent by its script every few seconds.

    The token in the form says whose it is, and nobody else can know it, so it also proves that the
    form was ours. A token of CSRF would no longer be good after signing in again elsewhere, just
    when something must be kept.
    """
    token = AutosaveToken.read(request.POST.get(FIELD))
    if token is None:
        return JsonResponse({"refused": "This form was open for too long."}, status=400)
    if token.user != request.user.pk:
        # It is kept for whoever opened the form; this person cannot save it there.
        with suppress(ClosedError, TooLargeError):
            Autosave.objects.keep(token, request.POST)
        return JsonResponse({"refused": "Somebody else opened this form."}, status=409)
    try:
        kept = Autosave.objects.keep(token, request.POST)
    except TooLargeError:
        return JsonResponse({"refused": "This is too long to be kept."}, status=413)
    except ClosedError:
        # It was saved, and then the browser went back to it.
        return JsonResponse({"token": token.renewed().signed()}, status=409)
    return JsonResponse({"kept": kept.when})


def _own(request: HttpRequest, uid: UUID) -> tuple[Autosave, Any]:
    """Return what this person typed, and the admin of its model, if it has one.

    Raises Http404.
    """
    kept = Autosave.objects.of(request.user.pk).filter(uid=uid).first()
    if kept and not kept.model:
        return kept, None
    admins = {model._meta.label_lower: one for model, one in admin.site._registry.items()}
    model_admin = admins.get(kept.model) if kept else None
    if kept is None or not isinstance(model_admin, AutosavingAdmin):
        raise Http404
    return kept, model_admin


@require_safe
def show(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Show what this person typed, also where they may not save it any more."""
    kept, model_admin = _own(request, uid)
    if model_admin is None:
        return _page_of(request, kept)
    page: HttpResponse = model_admin.typed_page(request, kept.key, kept.typed, kept)
    return page


def _page_of(
    request: HttpRequest, kept: Autosave, *, status: int = HTTPStatus.OK
) -> TemplateResponse:
    """Show what was typed into a form that is not a record's."""
    is_refused = status != HTTPStatus.OK
    context = {
        **admin.site.each_context(request),
        "title": "This was not done" if is_refused else "What you typed and did not save",
        "typed": typed_texts(kept.typed),
        "kept": kept,
        "held": held_uploads.held_in(kept.typed, kept.user_id),
        "what_happened": (
            "It cannot be done any more: somebody changed or deleted what it is about, or your "
            "account may not do it now."
            if is_refused
            else ""
        ),
        "is_refused": is_refused,
    }
    return TemplateResponse(request, "admin/typed.html", context, status=status)


def taken_back(request: HttpRequest) -> QueryDict:
    """Return what this person typed into the form of the page asked for, to be filled in again.

    Its held files are then among those of the request. Nothing, unless the address names it.
    """
    try:
        key = UUID(request.GET.get(TAKE_BACK, ""))
    except ValueError:
        return QueryDict()
    kept = Autosave.objects.of(request.user.pk).filter(uid=key, model="").first()
    if kept is None or kept.address.partition("?")[0] != request.path:
        return QueryDict()
    return held_uploads.put_among_files(request, kept.typed)


def after_form_of_page(
    request: HttpRequest, response: HttpResponseBase | None
) -> TemplateResponse | None:
    """Delete what is kept of a form that is not a record's, once it did its work.

    Without a response, as it was refused, return a page with what was typed; None if nothing was.
    """
    token = AutosaveToken.read(request.POST.get(FIELD)) if request.method == "POST" else None
    if token is None or token.model or token.user != request.user.pk:
        return None
    if response is not None:
        if response.status_code == HTTPStatus.FOUND:
            Autosave.objects.close(token)
            held_uploads.delete_held(request)
        return None
    kept = keep_sent(request)
    if kept is None or not typed_texts(kept.typed):
        return None
    return _page_of(request, kept, status=HTTPStatus.FORBIDDEN)


@require_POST
def throw_away(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Delete what this person typed and did not save."""
    kept, model_admin = _own(request, uid)
    held_uploads.delete_named(kept.typed, kept.user_id)
    Autosave.objects.close(kept.token)
    messages.success(request, "What you typed and had not saved was thrown away.")
    base = f"admin:{kept.model.replace('.', '_')}"
    if model_admin is None:
        return redirect("admin:index")
    record = model_admin.visible(request, kept.key)
    if record is not None:
        return redirect(f"{base}_change", record.pk)
    if not kept.key and model_admin.has_add_permission(request):
        return redirect(f"{base}_add")
    return redirect("admin:index")
