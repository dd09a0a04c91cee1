"""Admin actions with a confirmation page, for one record or many."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import Any, ClassVar, Generic, NamedTuple, Self

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.utils import model_ngettext
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import models, transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import strip_tags
from django.utils.http import urlencode

from mscp.database import clock
from mscp.editing.admin import KEY, Record, TrackedAdmin
from mscp.editing.questions import AsksIfRight, ConfirmedField
from mscp.models import BulkChange
from mscp.records.audit import Tracked, account_of, set_author
from mscp.records.history import because
from mscp.typing import AnyUser

Refused = Sequence[tuple[Record, list[str]]]
"""Records with which an action cannot be taken, each with the reasons."""

# Their primary keys are in the URL of the confirmation page, which must stay within the length
# that every browser and proxy accepts.
MOST_RECORDS = 200


class ConfirmationForm(AsksIfRight, forms.Form, Generic[Record]):
    """The form of a confirmation page; it knows the records of the action."""

    confirmed = ConfirmedField()

    def __init__(self, data: Mapping[str, object] | None = None, *, records: list[Record]) -> None:
        self.records = records
        super().__init__(data)

    def worked_out(self) -> Self | None:
        """Return the form to show again if a button only asked for a calculation."""
        return None

    def field_of(self, record: Record) -> forms.BoundField | None:
        """Return the field shown beside a record, if each record has one."""
        return None

    def changes_of(self, record: Record) -> list[str]:
        """Return sentences on what the action would change in a record, once that is known."""
        return []

    @property
    def is_ready(self) -> bool:
        """Return whether the action may be taken, or its changes are to be shown first."""
        return True

    def fields_for_all(self) -> list[forms.BoundField]:
        per_record = {field.name for record in self.records if (field := self.field_of(record))}
        return [field for field in self.visible_fields() if field.name not in per_record]


@dataclass(frozen=True, kw_only=True)
class ConfirmedAction(Generic[Record]):
    """An action that the admin takes only after a confirmation page."""

    label: str
    done: str
    explanation: str
    apply: Callable[[Record, dict[str, Any]], object]
    form: type[ConfirmationForm[Record]] = ConfirmationForm
    harmful: bool = False


class Confirmation(NamedTuple, Generic[Record]):
    """What somebody confirmed: an action with these records and the values of its form."""

    request: HttpRequest
    name: str
    records: list[Record]
    data: dict[str, Any]
    refused: Refused[Record] = ()


def admin_action(
    name: str, action: ConfirmedAction[Record], *, permission: str
) -> Callable[..., HttpResponse | None]:
    """Return the list action that redirects to the confirmation page."""

    @admin.action(description=f"{action.label} selected…", permissions=[permission])
    def go(
        modeladmin: ConfirmedActionsAdmin[Record],
        request: HttpRequest,
        queryset: models.QuerySet[Record],
    ) -> HttpResponse | None:
        keys = list(queryset.values_list("pk", flat=True)[: MOST_RECORDS + 1])
        if len(keys) > MOST_RECORDS:
            messages.error(request, f"Choose at most {MOST_RECORDS} at a time. Nothing was done.")
            return None
        return HttpResponseRedirect(modeladmin.confirmation_address(name, *keys))

    go.__name__ = name.replace("-", "_")
    return go


class ConfirmedActionsAdmin(TrackedAdmin[Record]):
    """Base of the admin of records with confirmed actions."""

    confirmed_actions: ClassVar[Mapping[str, ConfirmedAction[Any]]] = {}
    confirmation_template = "admin/confirm.html"
    list_select_related = ["updated_by"]

    # --- for subclasses -----------------------------------------------------------------------

    def may_confirm(self, request: HttpRequest, name: str) -> bool:
        raise NotImplementedError

    def reasons_against(self, request: HttpRequest, name: str, record: Record) -> list[str]:
        """Return sentences why an action cannot be taken with a record; none if it can."""
        return []

    def advice_on(self, request: HttpRequest, name: str, record: Record) -> list[str]:
        return []

    def prepare(self, name: str, records: list[Record]) -> AbstractContextManager[None]:
        """Return a context manager for taking an action; slow preparation is done on entering.

        It is entered before the transaction begins, which keeps other editors waiting.
        """
        return nullcontext()

    def take_action(self, confirmation: Confirmation[Record]) -> str:
        """Take a confirmed action; return the address to redirect to, or "" for the default.

        What the gate refuses of one record prevents none of the others.
        """
        request, name, records, data, refused = confirmation
        action = self.confirmed_actions[name]
        lines = []
        for record in records:
            set_author(record, request.user)
            try:
                with transaction.atomic():
                    action.apply(because(record, action.done.capitalize()), data)
            except ValidationError as error:
                lines.append(line_of(record, " ".join(error.messages)))
                continue
            self.log_change(request, record, action.done.capitalize() + ".")
            result = f"{action.done}{self.done_when(name, data)}."
            lines.append(line_of(record, result.capitalize(), done=True))
        done = [line for line in lines if line["done"]]
        is_single = len(records) == 1 and not refused
        what = str(records[0]) if len(records) == 1 else self.counted(len(done))
        if done:
            messages.success(request, f"{what}: {action.done}{self.done_when(name, data)}.")
        if is_single:
            if not done:
                messages.error(request, f"{what}: {lines[0]['result']}")
            return ""
        lines += [line_of(record, " ".join(reasons)) for record, reasons in refused]
        return self.keep_lines(request, f"{self.counted(len(done))}: {action.done}", lines)

    def keep_lines(
        self,
        request: HttpRequest,
        what: str,
        lines: list[dict[str, object]],
        *,
        can_be_undone: bool = False,
    ) -> str:
        """Keep what an action on many did to each; return the address of the page that says so."""
        change = keep_change(
            self.model, what, lines, user=request.user, can_be_undone=can_be_undone
        )
        return reverse("admin:mscp_bulkchange_change", args=[change.pk])

    def done_when(self, name: str, data: dict[str, Any]) -> str:
        return ""

    # --- the confirmation page ----------------------------------------------------------------

    def confirmation_address(self, name: str, *keys: int) -> str:
        address = reverse(f"admin:{self._confirmation_url_name}", args=[name])
        return f"{address}?{urlencode({'id': keys}, doseq=True)}"

    @property
    def _confirmation_url_name(self) -> str:
        return f"{self.opts.app_label}_{self.opts.model_name}_step"

    def counted(self, number: int) -> str:
        """Return "1 session" or "2 sessions"."""
        return f"{number} {model_ngettext(self.opts, number)}"

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.confirmation_view)
        return [
            path("step/<slug:name>/", view, name=self._confirmation_url_name),
            *super().get_urls(),
        ]

    def confirmation_view(self, request: HttpRequest, name: str) -> HttpResponse:
        """Show the confirmation page, or take the action: for one record, or for many of a list."""
        if name not in self.confirmed_actions:
            raise Http404
        if not self.may_confirm(request, name):
            raise PermissionDenied
        # A key that no database accepts is dropped.
        keys = [key for key in request.GET.getlist("id") if KEY.fullmatch(key)]
        queryset = self.get_queryset(request).select_related(*self.list_select_related)
        records = list(queryset.filter(pk__in=keys[:MOST_RECORDS]))
        records.sort(key=lambda record: record.pk)
        if request.method != "POST":
            # The page needs no transaction, which on SQLite would be the write transaction.
            return self._confirm_or_take(request, name, records)
        with self.prepare(name, records), transaction.atomic():
            # What was read before the lock could be saved over a colleague's edit, or bring back
            # what a colleague deleted.
            return self._confirm_or_take(request, name, self.lock(records))

    def _confirm_or_take(
        self, request: HttpRequest, name: str, records: list[Record]
    ) -> HttpResponse:
        if not records:
            raise Http404
        action = self.confirmed_actions[name]
        possible, refused = self._sort_out(request, name, records)
        single = records[0] if len(records) == 1 else None
        versions = ",".join(f"{record.pk}:{record.version}" for record in records)
        changed = request.method == "POST" and request.POST.get("versions", versions) != versions
        form = action.form(request.POST if request.method == "POST" else None, records=possible)
        if again := form.worked_out():
            form = again
        elif request.method == "POST" and possible and form.is_valid() and not changed:
            confirmation = Confirmation(request, name, possible, form.cleaned_data, refused)
            address = self.take_action(confirmation)
            return HttpResponseRedirect(address or self.address_after(single))
        context = {
            **self.admin_site.each_context(request),
            "title": f"{action.label}: {single}"
            if single
            else f"{action.label} {self.counted(len(records))}",
            "opts": self.opts,
            "original": single,
            "action": action,
            "possible": [
                (
                    record,
                    [*self.advice_on(request, name, record), *form.changes_of(record)],
                    form.field_of(record),
                )
                for record in possible
            ],
            "refused": refused,
            "versions": versions,
            "changed": changed,
            "form": form,
            "media": self.media + form.media,
            "back": self.address_after(single),
        }
        return TemplateResponse(request, self.confirmation_template, context)

    def _sort_out(
        self, request: HttpRequest, name: str, records: list[Record]
    ) -> tuple[list[Record], Refused[Record]]:
        """Split the records into possible ones and refused ones, these with the reasons."""
        possible, refused = [], []
        for record in records:
            if reasons := self.reasons_against(request, name, record):
                refused.append((record, reasons))
            else:
                possible.append(record)
        return possible, refused

    def address_after(self, single: Record | None) -> str:
        base = f"admin:{self.opts.app_label}_{self.opts.model_name}"
        if single:
            return reverse(f"{base}_change", args=[single.pk])
        return reverse(f"{base}_changelist")


def line_of(record: Tracked, result: str, *, done: bool = False) -> dict[str, object]:
    """Return the line of a record in a change of many: what was done, or why nothing was."""
    return {
        "model": record._meta.label_lower,
        "pk": record.pk,
        "name": str(record),
        "result": strip_tags(result),
        "done": done,
    }


def added_line(record: Tracked, result: str) -> dict[str, object]:
    """Return the line of a record that was added, which undoing deletes."""
    return line_of(record, result, done=True) | {"version": record.version}


def keep_change(
    model: type[models.Model],
    what: str,
    lines: list[dict[str, object]],
    *,
    user: AnyUser,
    can_be_undone: bool = False,
) -> BulkChange:
    """Keep the record of an action on many records of a model."""
    return BulkChange.objects.create(
        what=what[:250],
        model=model._meta.label_lower,
        lines=lines,
        can_be_undone=can_be_undone,
        made_at=clock.now(),
        made_by=account_of(user),
    )
