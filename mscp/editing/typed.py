"""What was typed into a form of the admin, in words and field by field, beside what is saved.

It is read from the data of the form alone, so it can be shown to somebody who may no longer save.
"""

import copy
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from django import forms
from django.contrib.admin.utils import flatten, flatten_fieldsets
from django.core.exceptions import FieldDoesNotExist, ValidationError
from django.db import models
from django.forms.models import _get_foreign_key
from django.http import HttpRequest, QueryDict
from django.utils.choices import flatten_choices
from django.utils.datastructures import MultiValueDict
from django.utils.text import capfirst

from mscp.editing.held_uploads import held_text
from mscp.files.held_files import HELD, LEFT_OUT

KEY = re.compile("[0-9]{1,18}")
# Characters from which on a text gets a box of its own, from which it can be copied.
LONG = 80
# Rows of an inline that are looked at, as in Django's own formsets.
MOST_ROWS = 1000


@dataclass(frozen=True)
class Typed:
    """One field of a form as somebody left it."""

    name: str
    label: str
    text: str
    saved: str | None = None
    """What is saved now; None if the record is new or may not be seen."""
    part: str = ""
    """Which inline row, as in "Document 2"; "" for the record itself."""

    @property
    def is_long(self) -> bool:
        return len(self.text) > LONG or "\n" in self.text

    @property
    def rows(self) -> int:
        """Return the height of its box, in lines."""
        return min(16, max(3, self.text.count("\n") + len(self.text) // 90 + 1))


def typed_into(
    admin: Any, request: HttpRequest, data: QueryDict, record: models.Model | None
) -> list[Typed]:
    """Return the fields that differ from what is saved; without a record, those that are filled."""
    names = flatten_fieldsets(admin.get_fieldsets(request, record))
    # Also fields of the form alone, some of which only stand in it while it can be saved.
    names += [name for name in _declared(admin) if name not in names]
    initial = {} if record else admin.get_changeform_initial_data(request)
    found = list(_of_fields(admin, request, names, data, "", record, initial=initial))
    for inline_class in admin.inlines:
        inline = inline_class(admin.model, admin.admin_site)
        found += _of_inline(admin, inline, request, data, record)
    return found


def typed_texts(data: QueryDict) -> list[Typed]:
    """Return the texts of a form that is not a record's: what has a letter in it.

    Names that begin with an underscore or end in ``-was`` are of no text that anybody typed.
    """
    found = []
    for name, values in data.lists():
        if re.fullmatch(f"_.*|.*-was|.*(?:{HELD}|{LEFT_OUT})", str(name)):
            continue
        label = capfirst(re.sub("[_-]+", " ", str(name)))
        for value in values:
            text = str(value).replace("\r\n", "\n")
            if re.search(r"[^\W\d_]", text):
                found.append(Typed(str(name), label, text))
    return found


def keys_of_rows(admin: Any, inline: Any) -> tuple[str, str]:
    """Return the names of the fields with the keys of a row: its own, and that of its parent."""
    parent = _get_foreign_key(admin.model, inline.model, fk_name=inline.fk_name)
    return inline.model._meta.pk.name, parent.name


def prefix_of(admin: Any, inline: Any) -> str:
    """Return with what the names of the fields of an inline begin."""
    key = _get_foreign_key(admin.model, inline.model, fk_name=inline.fk_name)
    accessor: Any = key.remote_field.get_accessor_name(model=inline.model)
    prefix: str = accessor.replace("+", "")
    return prefix


def _of_inline(
    admin: Any, inline: Any, request: HttpRequest, data: QueryDict, record: models.Model | None
) -> Iterator[Typed]:
    key = _get_foreign_key(admin.model, inline.model, fk_name=inline.fk_name)
    prefix = prefix_of(admin, inline)
    total = data.get(f"{prefix}-TOTAL_FORMS", "")
    count = min(int(total), MOST_ROWS) if KEY.fullmatch(total) else 0
    keys = [
        data.get(f"{prefix}-{number}-{inline.model._meta.pk.name}", "") for number in range(count)
    ]
    saved = {}
    if record is not None:
        rows = inline.model._base_manager.filter(**{key.name: record.pk})
        saved = {str(one.pk): one for one in rows.filter(pk__in=filter(KEY.fullmatch, keys))}
    for number, row_key in enumerate(keys):
        part = f"{capfirst(inline.verbose_name)} {number + 1}"
        start = f"{prefix}-{number}-"
        row = saved.get(row_key)
        yield from _of_fields(inline, request, flatten(inline.fields), data, start, row, part)
        if data.get(f"{start}DELETE"):
            yield Typed(f"{start}DELETE", "To be deleted", "Yes", part=part)


def _of_fields(
    admin: Any,
    request: HttpRequest,
    names: Iterable[str],
    data: QueryDict,
    prefix: str,
    record: models.Model | None,
    part: str = "",
    initial: Mapping[str, object] | None = None,
) -> Iterator[Typed]:
    # What is new is compared with an empty record, but that is nothing anybody saved.
    baseline = record or admin.model()
    for name in names:
        if name in admin.readonly_fields:
            continue
        made = _form_field(admin, request, name)
        if made is None:
            continue
        field, model_field = made
        html_name = f"{prefix}{name}"
        if held := held_text(data, html_name, request.user.pk):
            yield Typed(html_name, capfirst(str(field.label or name)), held, None, part)
            continue
        if field.widget.value_omitted_from_data(data, MultiValueDict(), html_name):
            continue
        value = field.widget.value_from_datadict(data, MultiValueDict(), html_name)
        saved_now = getattr(field, "saved_value", partial(_value_of, model_field))(baseline)
        before = (initial or {}).get(name) or saved_now
        if not _has_changed(field, before, value):
            continue
        text = _in_words(field, value, request)
        saved = _in_words(field, field.prepare_value(before), request) if record else None
        if text or saved:
            label = capfirst(str(field.label or name))
            yield Typed(html_name, label, text, saved, part)


def _declared(admin: Any) -> dict[str, forms.Field]:
    """Return the fields that the form declares itself, by name."""
    fields: dict[str, forms.Field] = getattr(admin.form, "base_fields", {})
    return fields


def _form_field(
    admin: Any, request: HttpRequest, name: str
) -> "tuple[forms.Field, models.Field[Any, Any] | None] | None":
    declared = _declared(admin).get(name)
    try:
        model_field = admin.model._meta.get_field(name)
    except FieldDoesNotExist:
        # Text that is no field of the record, such as the note on a change.
        if declared is None or not hasattr(declared, "saved_value"):
            return None
        return copy.deepcopy(declared), None
    if declared is not None:
        return copy.deepcopy(declared), model_field
    if not getattr(model_field, "editable", False):
        return None
    field = admin.formfield_for_dbfield(model_field, request)
    return (field, model_field) if field else None


def _value_of(model_field: Any, record: models.Model) -> Any:
    if model_field.many_to_many and record.pk is None:
        return []
    return model_field.value_from_object(record)


def _has_changed(field: forms.Field, initial: object, value: object) -> bool:
    try:
        return field.has_changed(initial, value)
    except (ValidationError, ValueError, TypeError, OverflowError):
        return True


def _in_words(field: forms.Field, value: Any, request: HttpRequest) -> str:
    """Return a value as a reader of the form would say it."""
    if in_words := getattr(field.widget, "in_words", None):
        return str(in_words(value, request.user))
    if isinstance(field, forms.ModelChoiceField):
        return ", ".join(_names(field, value, request))
    if isinstance(field, forms.ChoiceField):
        flat: list[tuple[Any, Any]] = list(flatten_choices(field.choices))  # type: ignore[arg-type]
        labels = {str(key): str(label) for key, label in flat}
        values = value if isinstance(value, list | tuple) else [value]
        return ", ".join(labels.get(str(one), str(one)) for one in values if one not in (None, ""))
    if isinstance(field, forms.BooleanField):
        return "Yes" if value else "No"
    if isinstance(value, list | tuple):
        return " ".join(str(one) for one in value if one)
    return "" if value is None else str(value).replace("\r\n", "\n")


def _names(
    field: "forms.ModelChoiceField[models.Model]", value: Any, request: HttpRequest
) -> list[str]:
    values = value if isinstance(value, list | tuple | models.QuerySet) else [value]
    keys = [str(getattr(one, "pk", one)) for one in values if one not in (None, "")]
    model = field.queryset.model  # type: ignore[union-attr]
    options = model._meta
    sees = [f"{options.app_label}.{action}_{options.model_name}" for action in ("view", "change")]
    if not any(request.user.has_perm(name) for name in sees):
        return keys
    rows = model._default_manager.filter(pk__in=[key for key in keys if KEY.fullmatch(key)])
    names = {str(row.pk): str(row) for row in rows}
    return [names.get(key, key) for key in keys]
