"""Errors at their own fields: what a constraint says stands at a field that it names."""

from collections.abc import Iterator
from typing import Any

from django import forms
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db import models


def at_own_field(form: "forms.ModelForm[Any]", error: ValidationError) -> ValidationError:
    """Return an error in which what a constraint says stands at the last of its fields.

    What concerns no field of the form stays above it.
    """
    by_field = getattr(error, "error_dict", None)
    if not by_field or NON_FIELD_ERRORS not in by_field:
        return error
    places = dict(_places(form))
    moved: dict[str, list[ValidationError]] = {}
    for field, errors in by_field.items():
        for one in errors:
            place = places.get(str(one.message), field) if field == NON_FIELD_ERRORS else field
            moved.setdefault(place, []).append(one)
    return ValidationError(moved)


def _places(form: "forms.ModelForm[Any]") -> Iterator[tuple[str, str]]:
    """Yield the sentence of each constraint with the field of the form at which it belongs."""
    shown = [name for name, field in form.fields.items() if not field.widget.is_hidden]
    for model in [form._meta.model, *form._meta.model._meta.get_parent_list()]:
        for constraint in model._meta.constraints:
            if isinstance(constraint, models.CheckConstraint):
                condition: Any = constraint.condition
                names = condition.referenced_base_fields
                if places := [name for name in shown if name in names]:
                    yield str(constraint.get_violation_error_message()), places[-1]
