"""Undo of a change of many: each record that nobody touched since goes back, the others stay."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, models, transaction
from django.db.models import prefetch_related_objects
from django.db.models.deletion import Collector, ProtectedError, RestrictedError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import NoReverseMatch, URLPattern, path, reverse

from mscp.database import clock
from mscp.editing.admin import KEY
from mscp.editing.bulk import as_json, give, is_many, typed, value_of
from mscp.editing.generic import ModelAdmin, OnlyReadAdmin
from mscp.editing.searching import FoldedSearch
from mscp.models import BulkChange
from mscp.publishing.gate import APPLIED
from mscp.records.audit import Tracked, account_of
from mscp.records.locking import lock, lock_all

Key = tuple[str, int]


@dataclass
class Step:
    """What undoing does to the record of one line: goes back, or stays and why."""

    line: dict[str, Any]
    record: Tracked | None
    stays: str = ""

    @property
    def key(self) -> Key:
        return self.line["model"], self.line["pk"]

    @property
    def is_addition(self) -> bool:
        return "before" not in self.line

    @property
    def result(self) -> str:
        return self.stays or ("Is deleted" if self.is_addition else "Goes back")


def steps_of(
    change: BulkChange, request: HttpRequest, site: admin.AdminSite, *, locked: bool = False
) -> list[Step]:
    """Return what undoing a change would do to each of its records."""
    lines = [line for line in change.lines if line["done"] and "version" in line]
    found: dict[Key, Tracked] = {}
    for label in dict.fromkeys(line["model"] for line in lines):
        found |= _read(
            label, [line["pk"] for line in lines if line["model"] == label], site, locked
        )
    steps = [Step(line, found.get((line["model"], line["pk"]))) for line in lines]
    _read_relations(steps)
    gone = _deleted_since(steps)
    last = _last_of([step for step in steps if _is_other(step)])
    for step in steps:
        step.stays = _why_it_stays(step, request, site, gone, last)
    _keep_what_others_need(steps)
    return steps


def _read(label: str, keys: list[int], site: admin.AdminSite, locked: bool) -> dict[Key, Tracked]:
    model: Any = apps.get_model(label)
    rows = model._base_manager.filter(pk__in=keys)
    parent = getattr(site._registry.get(model), "parent_field", "")
    if parent:
        rows = rows.select_related(parent)
    records = list(rows)
    if locked:
        records = lock_all(records, parent_field=parent)
    return {(label, record.pk): record for record in records}


def _read_relations(steps: list[Step]) -> None:
    """Read the many-to-many fields that were changed, for all records at once."""
    changed: dict[type[Tracked], list[tuple[Tracked, Step]]] = {}
    for step in steps:
        if step.record and not step.is_addition:
            changed.setdefault(type(step.record), []).append((step.record, step))
    for model, some in changed.items():
        names = {name for _, step in some for name in step.line["after"]}
        many = [name for name in sorted(names) if is_many(model, name)]
        prefetch_related_objects([record for record, _ in some], *many)


def _deleted_since(steps: list[Step]) -> set[tuple[type[models.Model], int]]:
    """Return which related records that some had before are gone."""
    wanted: set[tuple[type[models.Model], int]] = set()
    for step in steps:
        if step.record and not step.is_addition:
            for name, value in step.line["before"].items():
                field: Any = step.record._meta.get_field(name)
                if field.is_relation and value is not None:
                    keys = value if isinstance(value, list) else [value]
                    wanted |= {(field.related_model, key) for key in keys}
    found: set[tuple[type[models.Model], int]] = set()
    for model in {model for model, _ in wanted}:
        keys = [key for one, key in wanted if one is model]
        rows = model._default_manager.filter(pk__in=keys)
        found |= {(model, key) for key in rows.values_list("pk", flat=True)}
    return wanted - found


def _is_other(step: Step) -> bool:
    return step.record is None or step.record.version != step.line["version"]


@dataclass
class Last:
    """What was done last to a record, as its history tells."""

    reason: str
    who: str

    @property
    def is_applied(self) -> bool:
        return self.reason.startswith(APPLIED)


def _last_of(steps: list[Step]) -> dict[Key, Last]:
    """Return what was done last to each record, in one query for each kind of them."""
    found: dict[Key, Last] = {}
    for label in dict.fromkeys(step.line["model"] for step in steps):
        keys = [step.line["pk"] for step in steps if step.line["model"] == label]
        model: Any = apps.get_model(label)
        rows = model.history.filter(**{f"{model._meta.pk.attname}__in": keys})
        for row in rows.select_related("history_user").order_by("history_date", "history_id"):
            key = getattr(row, model._meta.pk.attname)
            found[label, key] = Last(row.history_change_reason or "", str(row.history_user or ""))
    return found


def _why_it_stays(
    step: Step,
    request: HttpRequest,
    site: admin.AdminSite,
    gone: set[tuple[type[models.Model], int]],
    last: dict[Key, Last],
) -> str:
    """Return why a record stays as it is, in a sentence; "" if it goes back."""
    record = step.record
    done = last.get(step.key, Last("", ""))
    by = done.who or (record and record.updated_by)
    who = f" by {by}" if by else ""
    if record is None and done.is_applied:
        return f"This proposed change was applied since{who}: what it holds is live."
    if record is None:
        return f"It was deleted since{who}."
    if _is_other(step) and done.is_applied:
        return f"Stays: its proposed change was applied since{who}, so it is live."
    if _is_other(step):
        return f"Stays: it was changed since{who}."
    model_admin = site._registry[type(record)]
    may = (
        model_admin.has_delete_permission if step.is_addition else model_admin.has_change_permission
    )
    if not may(request, record):
        return "Stays: your account may not change it."
    if step.is_addition:
        return ""
    for name, value in step.line["after"].items():
        if as_json(record, {name: value_of(record, name)})[name] != value:
            return "Stays: it was changed since."
        field: Any = record._meta.get_field(name)
        before = step.line["before"][name]
        keys = before if isinstance(before, list) else [before]
        if field.is_relation and any((field.related_model, key) in gone for key in keys):
            return "Stays: what it had before was deleted since."
    return ""


def _keep_what_others_need(steps: list[Step]) -> None:
    """Keep what would take along more than was added with it, such as a course with new sessions.

    Until nothing changes: what stays may need something else.
    """
    while True:
        going = {
            (step.record._meta.label_lower, step.record.pk)
            for step in steps
            if step.record and step.is_addition and not step.stays
        }
        kept = False
        for step in steps:
            if step.record and step.is_addition and not step.stays and _needed(step.record, going):
                step.stays = "Stays: something that stays belongs to it or uses it."
                kept = True
        if not kept:
            return


def _needed(record: Tracked, going: set[Key]) -> bool:
    collector = Collector(using=record._state.db or "default", origin=record)
    try:
        collector.collect([record])
        along: Iterable[models.Model] = [
            one
            for model, rows in collector.data.items()
            if not model._meta.auto_created
            for one in rows
        ]
        along = [
            *along,
            *(
                one
                for rows in collector.fast_deletes
                if not rows.model._meta.auto_created
                for one in rows
            ),
        ]
    except ProtectedError as error:
        along = error.protected_objects
    except RestrictedError as error:
        along = error.restricted_objects
    parents = {parent._meta.label_lower for parent in type(record)._meta.get_parent_list()}
    return any(
        one._meta.label_lower not in parents
        # In a proposed change, what stands for a part of what is live goes with it.
        and getattr(one, "revises_id", None) is None
        and (one._meta.label_lower, one.pk) not in going
        and one != record
        for one in along
    )


def undo(change: BulkChange, steps: list[Step], request: HttpRequest) -> None:
    """Take a change back, in the transaction of the caller, and keep what became of each line."""
    reason = f"Undone: {change.what}"
    for step in steps:
        if step.stays or step.record is None:
            continue
        if not step.is_addition:
            before = typed(step.record, step.line["before"])
            give(step.record, before, user=request.user, reason=reason)
    # Parents after their records, which protect them.
    additions = [step for step in steps if step.is_addition and step.record and not step.stays]
    for step in sorted(additions, key=lambda one: one.line["model"] != change.model):
        if step.record:
            step.record._change_reason = reason[:100]
            step.record.delete()
    for step in steps:
        step.line["undone"] = step.stays or ("Deleted again." if step.is_addition else "Went back.")
    change.undone_at, change.undone_by = clock.now(), account_of(request.user)
    change.save()


class BulkChangeAdmin(OnlyReadAdmin, FoldedSearch, ModelAdmin[BulkChange]):
    """What actions on many did, line by line, and the page to undo it. Nothing is edited here."""

    list_display = ["what", "number", "made_at", "made_by", "undone"]
    list_display_links = ["what"]
    list_select_related = ["made_by"]
    list_per_page = 50
    search_fields = ["what"]
    search_help_text = "Words in what was done"

    # --- permissions: those to view the records -----------------------------------------------

    def has_module_permission(self, request: HttpRequest) -> bool:
        return bool(self._labels(request))

    def has_view_permission(self, request: HttpRequest, obj: BulkChange | None = None) -> bool:
        labels = self._labels(request)
        return bool(labels) if obj is None else obj.model in labels

    def _labels(self, request: HttpRequest) -> set[str]:
        """Return the models of which somebody may change records: their changes name drafts."""
        if not hasattr(request, "_changeable_models"):
            request._changeable_models = {  # type: ignore[attr-defined]
                model._meta.label_lower
                for model, one in self.admin_site._registry.items()
                if model is not BulkChange and one.has_change_permission(request)
            }
        found: set[str] = request._changeable_models  # type: ignore[attr-defined]
        return found

    def get_queryset(self, request: HttpRequest) -> models.QuerySet[BulkChange]:
        return super().get_queryset(request).filter(model__in=self._labels(request))

    # --- pages --------------------------------------------------------------------------------

    @admin.display(description="records changed")
    def number(self, obj: BulkChange) -> str:
        done = sum(1 for line in obj.lines if line["done"])
        return f"{done} of {len(obj.lines)}"

    @admin.display(description="undone", boolean=True)
    def undone(self, obj: BulkChange) -> bool:
        return obj.undone_at is not None

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.undo_view)
        return [path("<str:key>/undo/", view, name="mscp_bulkchange_undo"), *super().get_urls()]

    def _found(self, request: HttpRequest, key: str) -> BulkChange:
        if not self.has_view_permission(request):
            raise PermissionDenied
        rows = self.get_queryset(request).select_related("made_by", "undone_by")
        found = rows.filter(pk=int(key)).first() if KEY.fullmatch(key) else None
        if found is None:
            raise Http404
        return found

    def change_view(
        self, request: HttpRequest, object_id: str, *args: object, **kwargs: object
    ) -> HttpResponse:
        change = self._found(request, object_id)
        lines = [{**line, "address": self._address(line)} for line in change.lines]
        return self._page(
            request,
            "record",
            change,
            title=change.what,
            lines=lines,
            done=sum(1 for line in lines if line["done"]),
        )

    def undo_view(self, request: HttpRequest, key: str) -> HttpResponse:
        """List what would go back and what stays; undo it if that is what was shown."""
        change = self._found(request, key)
        if not change.can_be_undone:
            raise Http404
        if request.method != "POST":
            return self._undo_page(request, change, steps_of(change, request, self.admin_site))
        try:
            with transaction.atomic():
                locked = lock(change)
                if locked is None:
                    raise Http404
                if locked.undone_at:
                    is_own = locked.undone_by == account_of(request.user)
                    who = "You undid this already" if is_own else "A colleague undid this meanwhile"
                    messages.error(request, f"{who}. Nothing more was done.")
                    return HttpResponseRedirect(_record_address(locked))
                steps = steps_of(locked, request, self.admin_site, locked=True)
                if request.POST.get("steps") != _fingerprint(steps):
                    return self._undo_page(request, locked, steps, changed=True)
                undo(locked, steps, request)
        except (IntegrityError, ValidationError, ProtectedError, RestrictedError):
            messages.error(
                request, "Something changed while this was being undone. Nothing was undone."
            )
            return HttpResponseRedirect(_record_address(change))
        number = sum(1 for step in steps if not step.stays)
        rest = "" if number == len(steps) else " The others stay."
        messages.success(request, f"Undone: {number} of {len(steps)}.{rest}")
        return HttpResponseRedirect(_record_address(change))

    def _undo_page(
        self,
        request: HttpRequest,
        change: BulkChange,
        steps: list[Step],
        *,
        changed: bool = False,
    ) -> HttpResponse:
        return self._page(
            request,
            "undo",
            change,
            title=f"Undo: {change.what}",
            going=[step for step in steps if not step.stays],
            deletes=any(step.is_addition for step in steps),
            staying=[step for step in steps if step.stays],
            fingerprint=_fingerprint(steps),
            changed=changed,
        )

    def _page(
        self, request: HttpRequest, name: str, change: BulkChange, **context: object
    ) -> TemplateResponse:
        return TemplateResponse(
            request,
            f"admin/mscp/bulkchange/{name}.html",
            {
                **self.admin_site.each_context(request),
                "opts": self.opts,
                "change": change,
                "record_address": _record_address(change),
                "undo_address": reverse("admin:mscp_bulkchange_undo", args=[change.pk]),
                **context,
            },
        )

    def _address(self, line: dict[str, Any]) -> str:
        name = line["model"].replace(".", "_")
        try:
            return reverse(f"admin:{name}_change", args=[line["pk"]])
        except NoReverseMatch:
            return ""


def _record_address(change: BulkChange) -> str:
    return reverse("admin:mscp_bulkchange_change", args=[change.pk])


def _fingerprint(steps: list[Step]) -> str:
    return ",".join(str(step.line["pk"]) for step in steps if not step.stays)
