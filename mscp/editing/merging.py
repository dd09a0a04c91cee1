"""Merge of one record into another of its model: links move, the old address redirects, one stays.

Which links there are is read from the models, so that one that is added later moves too.
"""

from collections.abc import Iterator
from contextlib import nullcontext
from dataclasses import dataclass, field
from typing import Any, ClassVar

from django import forms
from django.apps import apps
from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, models, transaction
from django.db.models.deletion import DO_NOTHING, ProtectedError, RestrictedError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.text import capfirst

from mscp.editing.admin import KEY, Record, TrackedAdmin
from mscp.editing.bulk import give
from mscp.editing.pending import address_of
from mscp.editing.pending_mail import tell_of_request
from mscp.editing.publishing import may_handle
from mscp.models import Redirect
from mscp.publishing import approvals
from mscp.publishing.gate import Publishable
from mscp.publishing.pending import (
    NOT_THE_SAME,
    Outcome,
    PendingChange,
    WithoutDraft,
    ask_to_merge,
    base_of,
)
from mscp.records.audit import Tracked, set_author
from mscp.records.history import because
from mscp.records.locking import has_users, lock_all
from mscp.typing import AnyUser

# How many of the records that move are named; the rest are counted.
MOST_NAMED = 20
# Links that only a program made and no reader sees.
SUGGESTED = "suggested_themes"
REVISES = "revises"


@dataclass(frozen=True)
class Link:
    """A field of another model that leads to the records that are merged."""

    model: type[Tracked]
    name: str
    is_many: bool

    @property
    def noun(self) -> str:
        return str(self.model._meta.verbose_name_plural)

    def rows(self, record: models.Model) -> "models.QuerySet[Any]":
        return self.model._default_manager.filter(**{self.name: record}).order_by("pk")


@dataclass
class Plan:
    """What a merge would do."""

    source: Tracked
    target: Tracked
    moved: dict[Link, list[Any]] = field(default_factory=dict)
    added: dict[str, list[Any]] = field(default_factory=dict)
    lost: list[tuple[str, str, str]] = field(default_factory=list)
    obstacles: list[str] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)
    old_path: str = ""
    new_path: str = ""

    @property
    def groups(self) -> list[tuple[str, int, list[str]]]:
        """Return what moves, by kind: each once, whatever its links."""
        found: dict[str, dict[int, str]] = {}
        for link, records in self.moved.items():
            found.setdefault(link.noun, {}).update({one.pk: str(one) for one in records})
        return [
            (capfirst(noun), len(names), list(names.values())[:MOST_NAMED])
            for noun, names in found.items()
            if names
        ]

    @property
    def moved_keys(self) -> list[str]:
        """Return what moves and what a reader sees of that, by name."""
        return sorted(
            f"{one._meta.label_lower}:{one.pk}"
            for link, records in self.moved.items()
            if link.name != SUGGESTED
            for one in records
        )

    @property
    def fingerprint(self) -> str:
        records = [one for moved in self.moved.values() for one in moved]
        return ",".join(f"{one.pk}:{one.version}" for one in (self.source, self.target, *records))


def links_to(model: type[models.Model]) -> Iterator[Link]:
    """Yield the fields of other models that lead to a model, but for those of histories."""
    for relation in model._meta.get_fields(include_hidden=True):
        is_reverse = relation.auto_created and not relation.concrete and relation.is_relation
        if not is_reverse:
            continue
        of: Any = relation.related_model
        if of._meta.auto_created or getattr(relation, "on_delete", None) is DO_NOTHING:
            continue
        name: str = relation.field.name  # type: ignore[union-attr]
        # Of a parent, the models that are saved: each has a history of its own.
        kinds = [one for one in apps.get_models() if of in one._meta.get_parent_list()] or [of]
        for kind in kinds:
            if issubclass(kind, Tracked):
                yield Link(kind, name, bool(relation.many_to_many))


def asks_for_second(source: Tracked) -> bool:
    """Return whether a second person must confirm a merge."""
    return isinstance(source, WithoutDraft) and not approvals.may_change_live()


class MergesAdmin(TrackedAdmin[Record]):
    """Mixin of the admin of records that can be merged into another."""

    # A record that others refer to is locked after them, as by their own forms; a parent before.
    is_parent: ClassVar[bool] = False

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.merge_view)
        name = f"{self.opts.app_label}_{self.opts.model_name}_merge"
        return [path("<str:key>/merge/", view, name=name), *super().get_urls()]

    def more_tools(self, request: HttpRequest, obj: Record) -> list[tuple[str, str]]:
        tools = super().more_tools(request, obj)
        if not self.may_merge(request, obj):
            return tools
        name = f"admin:{self.opts.app_label}_{self.opts.model_name}_merge"
        return [*tools, ("Merge into another…", reverse(name, args=[obj.pk]))]

    # --- for subclasses -----------------------------------------------------------------------

    def merge_remarks(self, source: Record, target: Record) -> list[str]:
        """Return what an editor should know of these two."""
        return []

    def names_of(self, request: HttpRequest, rows: list[Any]) -> list[str]:
        """Return the names of related records that an editor may see."""
        return [str(row) for row in rows]

    # --- the page -----------------------------------------------------------------------------

    def may_merge(self, request: HttpRequest, record: Record | None = None) -> bool:
        """Return whether somebody may change and delete such records, in use or not.

        A proposed change is none of them: it is of the record that it revises.
        """
        if getattr(record, "is_proposed_change", False):
            return False
        app, name = self.opts.app_label, self.opts.model_name
        allowed = request.user.has_perms([f"{app}.change_{name}", f"{app}.delete_{name}"])
        return allowed and self.has_change_permission(request, record)

    def _record(self, request: HttpRequest, key: str) -> Record | None:
        rows = self.model._default_manager.filter(pk=int(key)) if KEY.fullmatch(key) else None
        return rows.first() if rows is not None else None

    def merge_view(self, request: HttpRequest, key: str) -> HttpResponse:
        """Ask into which record, name what moves, and merge what was shown."""
        if not self.may_merge(request):
            raise PermissionDenied
        source = self._record(request, key)
        if source is None:
            raise Http404
        if not self.may_merge(request, source):
            raise PermissionDenied
        rows: Any = self.model._default_manager.exclude(pk=source.pk)
        others = rows.own_records() if hasattr(rows, "own_records") else rows
        form = _form_of(others, str(self.opts.verbose_name))(request.GET or None)
        target = form.cleaned_data["into"] if form.is_bound and form.is_valid() else None
        if target is None:
            return self._merge_page(request, source, form=form)
        if request.method != "POST":
            return self._merge_page(request, source, plan=self.plan_of(request, source, target))
        try:
            return self._take(request, source, target)
        except (IntegrityError, ValidationError, ProtectedError, RestrictedError) as error:
            said = " ".join(getattr(error, "messages", []))
            messages.error(request, f"These could not be merged, and nothing was done. {said}")
            return HttpResponseRedirect(self._address(source))

    def _take(self, request: HttpRequest, source: Record, target: Record) -> HttpResponse:
        with transaction.atomic():
            plan = self._locked_plan(request, source, target)
            if plan.obstacles or request.POST.get("plan") != plan.fingerprint:
                return self._merge_page(request, source, plan=plan, changed=True)
            if asks_for_second(source):
                change = ask_to_merge(plan.source, plan.target, plan.moved_keys, request.user)
                tell_of_request(request, change)
                messages.success(request, f"{change}: it waits now for a second person.")
                return HttpResponseRedirect(address_of(change))
            number = sum(number for _, number, _ in plan.groups)
            name = str(plan.source)
            merge(plan, request.user)
            self.log_change(request, target, f"Merged with {name}.")
        messages.success(
            request,
            f"{name} was merged into {plan.target}: {number} moved."
            + (f" {plan.old_path} leads to {plan.new_path} now." if plan.old_path else ""),
        )
        return HttpResponseRedirect(self._address(target))

    def confirm_merge(self, request: HttpRequest, change: PendingChange) -> Record:
        """Merge as somebody else asked for, if that is what was shown; return the one that stays.

        Raises ValidationError.
        """
        change.refuse_own(request.user)
        source, target = change.record(), change.into()
        if source is None or target is None:
            raise ValidationError("One of the two was deleted meanwhile.")
        with transaction.atomic():
            plan = self._locked_plan(request, source, target)
            locked = change.locked_open()
            if base_of(plan.source, plan.target, plan.moved_keys) != locked.base_hash:
                raise ValidationError(NOT_THE_SAME)
            if plan.obstacles:
                raise ValidationError(plan.obstacles)
            if request.POST.get("plan") != plan.fingerprint:
                raise ValidationError(
                    "Something changed after you had opened this page. Nothing was done."
                )
            merge(plan, locked.made_by or request.user)
            locked.decide(Outcome.CONFIRMED, request.user)
        merged: Record = target
        return merged

    def _locked_plan(self, request: HttpRequest, source: Record, target: Record) -> Plan:
        """Plan a merge of what nobody else changes until the transaction ends."""
        if self.is_parent or has_users(self.model):
            lock_all([source, target])
        # In one order, so that no two merges wait for each other.
        for link in sorted(links_to(self.model), key=lambda one: one.model._meta.label):
            lock_all(link.rows(source))
        locked = {one.pk: one for one in lock_all([source, target])}
        if len(locked) < 2:
            raise Http404
        return self.plan_of(request, locked[source.pk], locked[target.pk])

    def plan_of(self, request: HttpRequest, source: Record, target: Record) -> Plan:
        plan = Plan(source, target, remarks=self.merge_remarks(source, target))
        if not self.has_change_permission(request, target):
            plan.obstacles.append(f"Your account may not change {target}.")
        for link in links_to(self.model):
            records = list(link.rows(source))
            if link.name == REVISES and records:
                plan.obstacles.append("It has a proposed change: publish or delete that first.")
            plan.moved[link] = records
            if link.name != SUGGESTED:
                plan.obstacles += self._not_changeable(request, link, records)
        for one in self.model._meta.many_to_many:
            if one.name != SUGGESTED:
                has = set(getattr(target, one.name).all())
                more = [other for other in getattr(source, one.name).all() if other not in has]
                plan.added[one.name] = more
        plan.lost = _lost(source, target)
        self._plan_address(plan)
        return plan

    def _not_changeable(self, request: HttpRequest, link: Link, records: list[Any]) -> list[str]:
        model_admin = self.admin_site._registry.get(link.model)
        if model_admin is None:
            return []
        kept = [
            one
            for one in records
            if not (
                may_handle(request.user, one)
                if isinstance(one, Publishable)
                else model_admin.has_change_permission(request, one)
            )
        ]
        return [f"Your account may not change {one}, which would move." for one in kept]

    def _plan_address(self, plan: Plan) -> None:
        """Plan the redirect, if a visitor may know the old address."""
        address = getattr(plan.source, "get_absolute_url", None)
        if address is None:
            return
        if isinstance(plan.source, Publishable) and isinstance(plan.target, Publishable):
            if not (plan.source.is_published or plan.source.is_withdrawn):
                return
            if not plan.target.is_published:
                plan.obstacles.append(
                    "Its address is known to readers, so it can be merged only into one that is "
                    "published: they would be led to a page that they cannot see."
                )
        plan.old_path = address()
        plan.new_path = plan.target.get_absolute_url()  # type: ignore[attr-defined]

    def _merge_page(
        self,
        request: HttpRequest,
        source: Record,
        *,
        form: forms.Form | None = None,
        plan: Plan | None = None,
        changed: bool = False,
    ) -> TemplateResponse:
        into = f" into {plan.target}" if plan else ""
        context = {
            **self.admin_site.each_context(request),
            "title": f"Merge {source}{into}",
            "opts": self.opts,
            "original": source,
            "form": form,
            "plan": plan,
            "changed": changed,
            "needs_second": asks_for_second(source),
            "added": [
                (
                    capfirst(str(self.opts.get_field(name).verbose_name)),  # type: ignore[union-attr]
                    self.names_of(request, rows),
                )
                for name, rows in (plan.added if plan else {}).items()
                if rows
            ],
            "back": self._address(source),
        }
        return TemplateResponse(request, "admin/merge.html", context)

    def _address(self, record: Record) -> str:
        base = f"admin:{self.opts.app_label}_{self.opts.model_name}"
        return reverse(f"{base}_change", args=[record.pk])


def merge(plan: Plan, user: AnyUser) -> None:
    """Move all links, redirect the address and delete the source, in the caller's transaction."""
    source, target = plan.source, plan.target
    reason = f"Merged: {source} into {target}"
    # Of a list of terms a second person confirmed the merge, so what is live and what was approved
    # follows. A course is content itself.
    is_term = not isinstance(target, Publishable)
    with approvals.writing_change() if is_term else nullcontext():
        for record, values in _moves(plan):
            if hasattr(record, "is_same_meeting"):
                record.is_same_meeting = True
            is_content = isinstance(record, Publishable)
            with approvals.keeping(record) if is_content else nullcontext():
                give(record, values, user=user, reason=reason)
    for name, rows in plan.added.items():
        if rows:
            getattr(target, name).add(*rows)
    if isinstance(source, Publishable) and isinstance(target, Publishable):
        # Its notes on changes are told there, and its old address leads there.
        firsts = (source.first_published_at, target.first_published_at)
        target.first_published_at = min(filter(None, firsts), default=None)
    set_author(target, user)
    because(target, f"Merged with {source}"[:100]).save()
    if plan.old_path:
        _redirect(plan, user)
    because(source, reason[:100]).delete()


def _moves(plan: Plan) -> Iterator[tuple[Tracked, dict[str, Any]]]:
    """Yield each record that moves, once, with the values that it is to have."""
    source, target = plan.source.pk, plan.target.pk
    found: dict[tuple[str, int], tuple[Tracked, dict[str, Any]]] = {}
    for link, records in plan.moved.items():
        for record in records:
            key = record._meta.label, record.pk
            record, values = found.setdefault(key, (record, {}))
            if not link.is_many:
                values[link.name] = target
                continue
            keys = {one.pk for one in getattr(record, link.name).all()}
            if link.name == SUGGESTED and target in set(
                record.themes.values_list("pk", flat=True)  # type: ignore[attr-defined]
            ):
                # An editor chose the other theme: no program needs to suggest it.
                values[link.name] = sorted(keys - {source})
            else:
                values[link.name] = sorted((keys - {source}) | {target})
    yield from list(found.values())


def _redirect(plan: Plan, user: AnyUser) -> None:
    """Lead the old address to the new one, and whatever led to the old one."""
    for earlier in Redirect.objects.filter(new_path=plan.old_path):
        earlier.new_path = plan.new_path
        set_author(earlier, user)
        because(earlier, "Led on by a merge").save()
    # The new address is a page again: nothing may lead away from it.
    for wrong in Redirect.objects.filter(old_path=plan.new_path):
        wrong.delete()
    row = Redirect.objects.filter(old_path=plan.old_path).first() or Redirect()
    row.old_path, row.new_path = plan.old_path, plan.new_path
    set_author(row, user)
    because(row, f"Merged: {plan.source}"[:100]).save()


def _lost(source: Tracked, target: Tracked) -> list[tuple[str, str, str]]:
    """Return label and both values of what the source says and the target does not."""
    lost = []
    for one in source._meta.concrete_fields:
        is_own = one.editable and not (one.is_relation or one.primary_key)
        if not is_own or one.name in NOT_COMPARED:
            continue
        old, new = one.value_from_object(source), one.value_from_object(target)
        if old not in (None, "", one.get_default()) and old != new:
            words = dict(one.flatchoices or ())
            label = capfirst(str(one.verbose_name))
            lost.append((label, str(words.get(old, old)), str(words.get(new, new) or "")))
    return lost


NOT_COMPARED = {"position", "state", "published_at", "withdrawn_at", "slug"}


def _form_of(rows: "models.QuerySet[Any]", noun: str) -> type[forms.Form]:
    class MergeForm(forms.Form):
        into = forms.ModelChoiceField(
            rows, label=f"Into which {noun}", empty_label=f"Choose a {noun}"
        )

    return MergeForm
