"""Admin actions with a confirmation page, for one record or many."""

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import Any, ClassVar, Generic, Self

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db import models, transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.http import urlencode

from mscp.editing.admin import KEY, Record, TrackedAdmin
from mscp.records.audit import set_author
from mscp.records.history import because

# Their primary keys are in the URL of the confirmation page, which must stay within the length
# that every browser and proxy accepts.
MOST_RECORDS = 200


class ConfirmationForm(forms.Form, Generic[Record]):
    """The form of a confirmation page; it knows the records of the action."""

    def __init__(self, data: Mapping[str, object] | None = None, *, records: list[Record]) -> None:
        self.records = records
        super().__init__(data)

    def worked_out(self) -> Self | None:
        """Return the form to show again if a button only asked for a calculation."""
        return None

    def field_of(self, record: Record) -> forms.BoundField | None:
        """Return the field shown beside a record, if each record has one."""
        return None

    def fields_for_all(self) -> list[forms.BoundField]:
        per_record = {field.name for record in self.records if (field := self.field_of(record))}
        return [field for field in self if field.name not in per_record]


@dataclass(frozen=True, kw_only=True)
class ConfirmedAction(Generic[Record]):
    """An action that the admin takes only after a confirmation page."""

    label: str
    done: str
    explanation: str
    apply: Callable[[Record, dict[str, Any]], object]
    form: type[ConfirmationForm[Record]] = ConfirmationForm
    harmful: bool = False


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

    def advice_on(self, name: str, record: Record) -> list[str]:
        return []

    def prepare(self, name: str, records: list[Record]) -> AbstractContextManager[None]:
        """Return a context manager for taking an action; slow preparation is done on entering.

        It is entered before the transaction begins, which keeps other editors waiting.
        """
        return nullcontext()

    def take_action(
        self, request: HttpRequest, name: str, records: list[Record], data: dict[str, Any]
    ) -> str:
        """Take a confirmed action; return the address to redirect to, or "" for the default."""
        action = self.confirmed_actions[name]
        for record in records:
            set_author(record, request.user)
            action.apply(because(record, action.done.capitalize()), data)
            self.log_change(request, record, action.done.capitalize() + ".")
        what = str(records[0]) if len(records) == 1 else f"{len(records)} {self._nouns}"
        messages.success(request, f"{what}: {action.done}{self.done_when(name, data)}.")
        return ""

    def done_when(self, name: str, data: dict[str, Any]) -> str:
        return ""

    # --- the confirmation page ----------------------------------------------------------------

    def confirmation_address(self, name: str, *keys: int) -> str:
        address = reverse(f"admin:{self._confirmation_url_name}", args=[name])
        return f"{address}?{urlencode({'id': keys}, doseq=True)}"

    @property
    def _confirmation_url_name(self) -> str:
        return f"{self.opts.app_label}_{self.opts.model_name}_step"

    @property
    def _nouns(self) -> str:
        return str(self.opts.verbose_name_plural)

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
            address = self.take_action(request, name, possible, form.cleaned_data)
            return HttpResponseRedirect(address or self.address_after(single))
        context = {
            **self.admin_site.each_context(request),
            "title": f"{action.label}: {single}"
            if single
            else f"{action.label} {len(records)} {self._nouns}",
            "opts": self.opts,
            "original": single,
            "action": action,
            "possible": [
                (record, self.advice_on(name, record), form.field_of(record)) for record in possible
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
    ) -> tuple[list[Record], list[tuple[Record, list[str]]]]:
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
