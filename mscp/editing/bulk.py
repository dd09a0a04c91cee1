"""Bulk editing: an action that sets fields of many records, shows first what would change in each,
and keeps the values before and after, so that it can be undone.
"""

import copy
import json
from collections.abc import Callable, Iterable, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any, Self

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models, transaction
from django.db.models import prefetch_related_objects
from django.http import HttpRequest
from django.utils.text import capfirst

from mscp.editing.actions import (
    Confirmation,
    ConfirmationForm,
    ConfirmedAction,
    ConfirmedActionsAdmin,
    added_line,
    line_of,
)
from mscp.editing.admin import Record
from mscp.editing.changes import may_propose
from mscp.publishing.gate import ONE_CHANGE, Publishable
from mscp.records.audit import Tracked, set_author
from mscp.records.history import because
from mscp.typing import AnyUser

SHOWN = "shown"
PROPOSED = "Live or scheduled: a proposed change, to be published by somebody."
AS_PROPOSED = "as a proposed change"

Values = dict[str, Any]
"""Values by the name of their field: primary keys of relations, otherwise as the model has them."""

Verdicts = dict[tuple[object, ...], ValidationError | None]
"""What the database says of a constraint and the values of its fields."""


@dataclass
class Planned:
    """What a bulk action would do to one record."""

    before: Values = field(default_factory=dict)
    after: Values = field(default_factory=dict)
    sentence: str = ""
    is_possible: bool = True

    @property
    def is_change(self) -> bool:
        return self.is_possible and bool(self.after)


class BulkForm(ConfirmationForm[Record]):
    """Form of a bulk action: shows what would change, then takes the action with the same values.

    A subclass says which values it gives a record.
    """

    # A digest of the values of which the changes were shown.
    shown = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, data: Mapping[str, object] | None = None, *, records: list[Record]) -> None:
        super().__init__(data, records=records)
        self.plans: dict[Record, Planned] = {}
        self._names: dict[object, str] = {}

    # --- for subclasses -----------------------------------------------------------------------

    def values_for(self, record: Record) -> Values:
        """Return the values that a record is to have, of a form that is valid."""
        raise NotImplementedError

    def sentence_for(self, record: Record, plan: Planned) -> str:
        """Say in words what a plan changes."""
        changes = (
            f"{_label(record, name)}: {self._in_words(record, name, old)} → "
            f"{self._in_words(record, name, plan.after[name])}"
            for name, old in plan.before.items()
        )
        return "; ".join(changes)

    def what(self) -> str:
        """Say in words what the action does to all."""
        raise NotImplementedError

    def _in_words(self, record: Record, name: str, value: Any) -> str:
        """Return a value in words; each is looked up once for all records."""
        key = (name, value)
        if key not in self._names:
            self._names[key] = in_words(record, name, value)
        return self._names[key]

    # --- the two steps ------------------------------------------------------------------------

    def worked_out(self) -> Self | None:
        """Return the form with what would change, unless that was shown for these values."""
        if not self.is_bound or not self.is_valid():
            return None
        self.plans = plan_all(self)
        if not any(plan.is_change for plan in self.plans.values()):
            self.add_error(None, "Nothing would change.")
            return self
        digest = self._digest()
        if self.cleaned_data[SHOWN] == digest:
            return None
        data = dict(self.data.items())
        for name, bound in self.fields.items():
            if hasattr(self.data, "getlist") and isinstance(bound, forms.MultipleChoiceField):
                data[name] = self.data.getlist(self.add_prefix(name))
        again = type(self)({**data, SHOWN: digest}, records=self.records)
        again.is_valid()
        again.plans = self.plans
        return again

    @property
    def is_ready(self) -> bool:
        return any(plan.is_change for plan in self.plans.values())

    def changes_of(self, record: Record) -> list[str]:
        plan = self.plans.get(record)
        return [plan.sentence] if plan else []

    def _digest(self) -> str:
        values = {name: value for name, value in self.cleaned_data.items() if name != SHOWN}
        plans = [plan.after for plan in self.plans.values()]
        return sha256(json.dumps([values, plans], default=str).encode()).hexdigest()[:32]


@dataclass(frozen=True, kw_only=True)
class BulkAction(ConfirmedAction[Record]):
    """An action that gives many records the values of its form."""

    form: type[BulkForm[Record]]
    apply: Callable[[Record, dict[str, Any]], object] = lambda record, data: None


class BulkActionsAdmin(ConfirmedActionsAdmin[Record]):
    """Mixin of the admin of records with bulk actions, before that of its other actions."""

    def may_confirm(self, request: HttpRequest, name: str) -> bool:
        if isinstance(self.confirmed_actions[name], BulkAction):
            return self.has_change_permission(request)
        return super().may_confirm(request, name)

    def reasons_against(self, request: HttpRequest, name: str, record: Record) -> list[str]:
        if not isinstance(self.confirmed_actions[name], BulkAction):
            return super().reasons_against(request, name, record)
        if self.has_change_permission(request, record):
            return []
        if isinstance(record, Publishable) and may_propose(request.user, record):
            return [ONE_CHANGE] if record.open_change() is not None else []
        return ["What is live is changed by a publisher only."]

    def advice_on(self, request: HttpRequest, name: str, record: Record) -> list[str]:
        is_bulk = isinstance(self.confirmed_actions[name], BulkAction)
        if is_bulk and not self.has_change_permission(request, record):
            return [PROPOSED]
        return super().advice_on(request, name, record)

    def take_action(self, confirmation: Confirmation[Record]) -> str:
        request, name, records, _, refused = confirmation
        action = self.confirmed_actions[name]
        if not isinstance(action, BulkAction):
            return super().take_action(confirmation)
        form = action.form(request.POST, records=records)
        form.full_clean()
        form.plans = plan_all(form)
        what = form.what()
        lines: list[dict[str, object]] = []
        for record, plan in form.plans.items():
            line = line_of(record, plan.sentence, done=plan.is_change)
            if plan.is_change:
                try:
                    with transaction.atomic():
                        line = self._change_or_propose(request, record, plan, what)
                except ValidationError as error:
                    line |= {"result": " ".join(error.messages), "done": False}
            lines.append(line)
        lines += [line_of(record, " ".join(reasons)) for record, reasons in refused]
        done = sum(1 for line in lines if line["done"])
        messages.success(request, f"{what}: {done} of {self.counted(len(lines))} changed.")
        return self.keep_lines(request, what, lines, can_be_undone=done > 0)

    def _change_or_propose(
        self, request: HttpRequest, record: Any, plan: Planned, what: str
    ) -> dict[str, object]:
        """Change a record, or propose that; return the line on it, by which it can be undone."""
        if not self.has_change_permission(request, record):
            change = record.propose_change(by=request.user)
            give(change, plan.after, user=request.user, reason=what)
            self.log_addition(request, change, f"Proposed change of “{record}” begun: {what}.")
            return added_line(change, f"{plan.sentence}, {AS_PROPOSED}")
        self.log_change(request, record, f"{what}.")
        return given(record, plan, user=request.user, reason=what)


def plan_all(form: BulkForm[Record]) -> dict[Record, Planned]:
    """Plan what a valid form would do to each of its records, and whether it can be done."""
    names = {name for record in form.records[:1] for name in form.values_for(record)}
    relations = [name for name in sorted(names) if is_many(form.records[0], name)]
    if form.records:
        prefetch_related_objects(form.records, *relations)
    known: Verdicts = {}
    plans = {record: _plan(form, record, known) for record in form.records}
    for record in form.records:
        # What was read before the change is not what is there after it.
        getattr(record, "_prefetched_objects_cache", {}).clear()
    return plans


def _plan(form: BulkForm[Record], record: Record, known: Verdicts) -> Planned:
    plan = Planned()
    for name, value in form.values_for(record).items():
        old = value_of(record, name)
        if old != value:
            plan.before[name], plan.after[name] = old, value
    if not plan.after:
        plan.sentence = "Stays as it is."
        return plan
    try:
        validate(record, plan.after, known)
    except ValidationError as error:
        plan.is_possible = False
        plan.sentence = f"Cannot be changed: {' '.join(error.messages)}"
    else:
        plan.sentence = form.sentence_for(record, plan)
    return plan


def validate(record: Record, values: Values, known: Verdicts) -> None:
    """Validate what would be saved, with those constraints that the values concern.

    The database judges a constraint once for all records with the same values.
    """
    own = {name: value for name, value in values.items() if not is_many(record, name)}
    if not own:
        return
    changed = copy.copy(record)
    # Not shared with the record itself, which keeps its related objects.
    changed._state = copy.copy(record._state)
    changed._state.fields_cache = dict(record._state.fields_cache)
    _set(changed, own)
    others = {one.name for one in record._meta.fields} - own.keys()
    changed.clean_fields(exclude=others)
    changed.clean()
    for constraint in record._meta.constraints:
        condition = getattr(constraint, "condition", None)
        fields = condition.referenced_base_fields if condition is not None else set()
        if not own.keys() & fields:
            continue
        key = constraint.name, *(value_of(changed, name) for name in sorted(fields))
        if key not in known:
            known[key] = _verdict(constraint, changed)
        if error := known[key]:
            raise error


def _verdict(constraint: models.BaseConstraint, record: Tracked) -> ValidationError | None:
    try:
        constraint.validate(type(record), record)
    except ValidationError as error:
        return error
    return None


def give(record: Tracked, values: Values, *, user: AnyUser, reason: str) -> None:
    """Give a locked record values and save it, as one entry of its history."""
    own = {name: value for name, value in values.items() if not is_many(record, name)}
    with without_history(record):
        for name in values.keys() - own.keys():
            getattr(record, name).set(values[name])
    _set(record, own)
    set_author(record, user)
    because(record, reason[:100]).save()


def given(record: Tracked, plan: Planned, *, user: AnyUser, reason: str) -> dict[str, object]:
    """Give a record what is planned; return the line on it, by which it can be undone."""
    before = {name: value_of(record, name) for name in plan.after}
    give(record, plan.after, user=user, reason=reason)
    return line_of(record, plan.sentence, done=True) | {
        "version": record.version,
        "before": as_json(record, before),
        "after": as_json(record, plan.after),
    }


@contextmanager
def without_history(record: Any) -> Any:
    """Write no entry of the history meanwhile: one follows for all that is changed."""
    record.skip_history_when_saving = True
    try:
        yield
    finally:
        del record.skip_history_when_saving


def value_of(record: models.Model, name: str) -> Any:
    """Return the value of a field: primary keys of relations."""
    one: Any = record._meta.get_field(name)
    if one.many_to_many:
        return sorted(related.pk for related in getattr(record, name).all())
    return getattr(record, one.attname)


def _set(record: models.Model, values: Values) -> None:
    for name, value in values.items():
        one: Any = record._meta.get_field(name)
        setattr(record, one.attname, value)


def is_many(record: models.Model | type[models.Model], name: str) -> bool:
    """Return whether a field holds many related records."""
    return bool(record._meta.get_field(name).many_to_many)


def _label(record: models.Model, name: str) -> str:
    one: Any = record._meta.get_field(name)
    return capfirst(str(one.verbose_name))


def in_words(record: models.Model, name: str, value: Any) -> str:
    """Return a value as a form shows it: labels of choices, names of related records."""
    one: Any = record._meta.get_field(name)
    if value in (None, "", []):
        return "none"
    if one.choices:
        return str(dict(one.flatchoices).get(value, value))
    if one.is_relation:
        keys = value if isinstance(value, list) else [value]
        return ", ".join(map(str, one.related_model._default_manager.filter(pk__in=keys)))
    return str(value)


def as_json(record: models.Model, values: Values) -> Values:
    """Return values as they are kept: what JSON has no type for as text."""
    found: Values = json.loads(json.dumps(values, cls=DjangoJSONEncoder))
    return found


def typed(record: models.Model, values: Values) -> Values:
    """Return values that were kept as JSON as those of their fields: days, times, moments."""
    return {
        name: value if is_many(record, name) else _field(record, name).to_python(value)
        for name, value in values.items()
    }


def _field(record: models.Model, name: str) -> Any:
    one: Any = record._meta.get_field(name)
    return one.target_field if one.is_relation else one


def names_of(rows: Iterable[object]) -> str:
    """Join names as in a sentence: “A”, “B”."""
    return ", ".join(f"“{row}”" for row in rows)
