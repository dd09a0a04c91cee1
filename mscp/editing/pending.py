"""Pending changes in the admin: kept where a form would save, confirmed by somebody else."""

import mimetypes
from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import models
from django.db.models.deletion import ProtectedError, RestrictedError
from django.db.utils import IntegrityError
from django.http import (
    FileResponse,
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseRedirect,
)
from django.http.response import HttpResponseBase
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.text import capfirst
from django.views.decorators.http import require_POST, require_safe

from mscp.editing.admin import KEY, Record, TrackedAdmin
from mscp.editing.differences import Picture, Row, marked_values, shown
from mscp.editing.fields import TypedText
from mscp.editing.generic import ModelAdmin, OnlyReadAdmin, RowsFilter
from mscp.editing.pending_mail import tell_of_decision, tell_of_request
from mscp.editing.searching import FoldedSearch
from mscp.publishing import approvals, pending
from mscp.publishing.pending import (
    PendingChange,
    PendingChangeQuerySet,
    WithoutDraft,
    ask,
    needs_second,
)
from mscp.records.moments import moment_in_short
from mscp.typing import AnyUser

# A picture that was sent is shown, and nothing in it is run.
FILE_POLICY = "default-src 'none'; style-src 'unsafe-inline'; sandbox"
ASKED = "It waits now until somebody else confirms it. Readers see nothing of it before."


def address_of(change: PendingChange) -> str:
    return reverse("admin:mscp_pendingchange_change", args=[change.pk])


class WithoutDraftAdmin(TrackedAdmin[Record]):
    """Mixin of the admin of what has no draft: keeps what a second person must confirm."""

    def save_model(self, request: HttpRequest, obj: Any, form: "Any", change: bool) -> None:
        if not needs_second(obj):
            super().save_model(request, obj, form, change)
            return
        change_asked = ask(obj, request.user)
        tell_of_request(request, change_asked)
        request.asked_for = change_asked  # type: ignore[attr-defined]

    def _asked_for(self, request: HttpRequest) -> PendingChange | None:
        return getattr(request, "asked_for", None)

    def log_addition(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        # Nothing is added, and there is no key to log.
        return None if self._asked_for(request) else super().log_addition(request, obj, message)

    def log_change(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        if self._asked_for(request):
            message = "Asked for a change, which waits for a second person."
        return super().log_change(request, obj, message)

    def response_add(
        self, request: HttpRequest, obj: Any, post_url_continue: str | None = None
    ) -> HttpResponse:
        return self._after_asking(request) or super().response_add(request, obj, post_url_continue)

    def response_change(self, request: HttpRequest, obj: Any) -> HttpResponse:
        return self._after_asking(request) or super().response_change(request, obj)

    def _after_asking(self, request: HttpRequest) -> HttpResponse | None:
        change = self._asked_for(request)
        if change is None:
            return None
        messages.success(request, f"{change}: {ASKED[0].lower()}{ASKED[1:]}")
        return HttpResponseRedirect(address_of(change))

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        allowed = super().has_delete_permission(request, obj)
        return allowed and (obj is None or not _is_live_content(obj))

    def render_change_form(
        self,
        request: HttpRequest,
        context: dict[str, Any],
        add: bool = False,
        change: bool = False,
        form_url: str = "",
        obj: Any = None,
    ) -> HttpResponse:
        if not approvals.may_change_live():
            waiting = PendingChange.objects.open().to(obj).first() if obj else None
            context |= {
                "needs_second": obj is not None or not self.model().is_free(),
                "waiting": waiting,
                "waiting_address": address_of(waiting) if waiting else "",
            }
        return super().render_change_form(request, context, add, change, form_url, obj)


def _is_live_content(record: WithoutDraft) -> bool:
    """Return whether deleting it would change what is live, such as for whom a course is."""
    return not approvals.may_change_live() and any(
        rows.filter(state="published").exists() for rows in record.used_by()
    )


class WaitingFilter(RowsFilter[PendingChangeQuerySet]):
    title = "state"
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: object) -> list[tuple[str, str]]:
        return [("waiting", "Waiting"), *pending.Outcome.choices]

    def narrow(self, rows: PendingChangeQuerySet, value: str | None) -> PendingChangeQuerySet:
        if value == "waiting":
            return rows.open()
        return rows.filter(outcome=value) if value in pending.Outcome.values else rows


def may_see(user: AnyUser, model: type[models.Model]) -> bool:
    """Return whether somebody may change, or at least add, such records."""
    if issubclass(model, WithoutDraft):
        model = model.permissions_of()
    app, name = model._meta.app_label, model._meta.model_name
    return any(user.has_perm(f"{app}.{action}_{name}") for action in ("change", "add"))


def seen_by(user: AnyUser, rows: PendingChangeQuerySet) -> PendingChangeQuerySet:
    """Filter by changes to what somebody may change."""
    seen = [
        model._meta.label_lower
        for model in admin.site._registry
        if issubclass(model, WithoutDraft) and may_see(user, model)
    ]
    return rows.filter(record_type__in=seen)


class PendingChangeAdmin(OnlyReadAdmin, FoldedSearch, ModelAdmin[PendingChange]):
    """What waits for a second person, and what became of it. Nothing is edited here."""

    list_display = ["name", "made_by_name", "asked_for", "state"]
    list_display_links = ["name"]
    list_filter = [WaitingFilter]
    list_per_page = 50
    search_fields = ["name"]

    # --- permissions: those to change the records ---------------------------------------------

    def has_module_permission(self, request: HttpRequest) -> bool:
        # Where one person is enough nothing waits.
        return settings.TWO_PEOPLE and self.has_view_permission(request)

    def has_view_permission(self, request: HttpRequest, obj: PendingChange | None = None) -> bool:
        if obj is not None:
            return may_see(request.user, obj.model)
        return any(
            issubclass(model, WithoutDraft) and may_see(request.user, model)
            for model in self.admin_site._registry
        )

    def get_queryset(self, request: HttpRequest) -> Any:
        return seen_by(request.user, super().get_queryset(request))  # type: ignore[arg-type]

    def may_decide(self, request: HttpRequest, change: PendingChange) -> bool:
        """Return whether somebody might have done it with their own form."""
        its_admin: Any = self.admin_site._registry[change.model]
        if change.is_merge:
            return bool(its_admin.may_merge(request))
        if change.record_id is None:
            return bool(its_admin.has_add_permission(request))
        return bool(its_admin.has_change_permission(request, change.record()))

    # --- pages --------------------------------------------------------------------------------

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, object] | None = None
    ) -> HttpResponse:
        title = capfirst(str(self.opts.verbose_name_plural))
        return super().changelist_view(request, {"title": title, **(extra_context or {})})

    @admin.display(description="asked for", ordering="made_at")
    def asked_for(self, obj: PendingChange) -> str:
        return moment_in_short(obj.made_at)

    @admin.display(description="state", ordering="decided_at")
    def state(self, obj: PendingChange) -> str:
        if obj.is_open:
            return "Waiting"
        return f"{obj.get_outcome_display()} by {obj.decided_by_name}"

    def get_urls(self) -> list[URLPattern]:
        views = {"decide": require_POST(self.decide_view), "file": require_safe(self.file_view)}
        return [
            *(
                path(
                    f"<str:key>/{name}/",
                    self.admin_site.admin_view(view),
                    name=f"mscp_pendingchange_{name}",
                )
                for name, view in views.items()
            ),
            *super().get_urls(),
        ]

    def _found(self, request: HttpRequest, key: str) -> PendingChange:
        if not self.has_view_permission(request):
            raise PermissionDenied
        found: PendingChange | None = None
        if KEY.fullmatch(key):
            found = self.get_queryset(request).filter(pk=int(key)).first()
        if found is None:
            raise Http404
        return found

    def change_view(
        self, request: HttpRequest, object_id: str, *args: object, **kwargs: object
    ) -> HttpResponse:
        change = self._found(request, object_id)
        record = change.record()
        is_own = change.made_by_key == request.user.pk
        fits = not change.is_open or self._fits(change, record)
        context = {
            **self.admin_site.each_context(request),
            "title": str(change),
            "opts": self.opts,
            "change": change,
            "record": record,
            "record_address": _form_address(record) if record is not None else "",
            "rows": list(_rows(change, record)) if not change.is_merge else [],
            "plan": self._plan(request, change, record) if change.is_open else None,
            "is_own": is_own,
            "fits": fits,
            "may_decide": change.is_open and self.may_decide(request, change),
            "decide_address": reverse("admin:mscp_pendingchange_decide", args=[change.pk]),
        }
        return TemplateResponse(request, "admin/mscp/pendingchange/record.html", context)

    def _fits(self, change: PendingChange, record: Any) -> bool:
        """Return whether what it was typed over is still there, and the same."""
        if change.is_merge:
            return record is not None and change.into() is not None
        if change.record_id is None:
            return True
        return record is not None and pending.base_of(record) == change.base_hash

    def _plan(self, request: HttpRequest, change: PendingChange, record: Any) -> Any:
        into = change.into() if record is not None else None
        if into is None:
            return None
        its_admin: Any = self.admin_site._registry[change.model]
        return its_admin.plan_of(request, record, into)

    def file_view(self, request: HttpRequest, key: str) -> HttpResponseBase:
        """Send the picture that waits; uploads have no other address."""
        change = self._found(request, key)
        if not change.file:
            raise Http404
        try:
            opened = change.file.open("rb")
        except OSError:
            raise Http404 from None
        kind = mimetypes.guess_type(str(change.file))[0] or "application/octet-stream"
        headers = {"Content-Security-Policy": FILE_POLICY, "X-Content-Type-Options": "nosniff"}
        return FileResponse(opened, content_type=kind, headers=headers)

    def decide_view(self, request: HttpRequest, key: str) -> HttpResponse:
        """Confirm a change, or discard it."""
        change = self._found(request, key)
        if not self.may_decide(request, change):
            raise PermissionDenied
        back = HttpResponseRedirect(address_of(change))
        its_admin: Any = self.admin_site._registry[change.model]
        try:
            if "discard" in request.POST:
                note = TypedText(required=False, max_length=1000).clean(request.POST.get("note"))
                change.discard(request.user, note=note.strip())
                tell_of_decision(request, change, "discarded")
                messages.success(request, f"{change}: discarded. Nothing is changed.")
                return back
            if change.is_merge:
                record = its_admin.confirm_merge(request, change)
            else:
                record = change.confirm(request.user)
        except ValidationError as error:
            for sentence in error.messages:
                messages.error(request, sentence)
            return back
        except (IntegrityError, ProtectedError, RestrictedError):
            messages.error(request, "Something stands in its way now. Nothing was done.")
            return back
        tell_of_decision(request, change, "confirmed")
        its_admin.log_change(request, record, f"Confirmed what {change.made_by_name} asked for.")
        messages.success(request, f"{change}: confirmed. Readers see it now.")
        return back


def _form_address(record: Any) -> str:
    options = record._meta
    return reverse(f"admin:{options.app_label}_{options.model_name}_change", args=[record.pk])


def _rows(change: PendingChange, record: Any) -> Iterator[Row]:
    """Yield what it changes, old and new in one; of a decided one only what was asked for."""
    new: Any = change.model()
    change.fill(new)
    for field in change.fields():
        is_file = field.name == change.file_field
        old = shown(record, field.name) if change.is_open and not is_file else []
        value = [] if is_file else shown(new, field.name)
        yield Row(
            key=field.name,
            label=capfirst(str(field.verbose_name)),
            marked=marked_values(field, old, value),
            theirs=", ".join(old),
            mine=", ".join(value),
            is_conflict=False,
            changes_what_is_live=True,
            was_changed_meanwhile=False,
            pictures=list(_pictures(change, record)) if is_file else [],
        )


def _pictures(change: PendingChange, record: Any) -> Iterator[Picture]:
    if record is not None and getattr(record, change.file_field):
        yield Picture("Now", record.file_address)
    if change.file:
        address = reverse("admin:mscp_pendingchange_file", args=[change.pk])
        yield Picture("New", address)
