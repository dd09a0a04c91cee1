"""Content hash: a SHA-256 over everything that a reader sees of one record.

Equal hashes mean equal pages, whatever was saved in between. Who saved it and when, its state, its
address (which no edit changes) and what only staff see are no part of it. Every other field is,
unless its model or a base of it names it in ``NOT_CONTENT``: a field that is added later counts by
itself.
"""

import json
from hashlib import sha256
from typing import Any, Protocol

from django.db import models


class HasContent(Protocol):
    """A record that names what readers see of it beside its own fields."""

    @property
    def _meta(self) -> Any: ...

    def content_parts(self) -> dict[str, object]:
        """Return by name, in values of JSON, what readers see of it from other tables."""

    def parts_until_applied(self) -> dict[str, object]:
        """Return what counts as well while it is a change that nobody has read."""


def content_hash(record: HasContent, *, as_applied: bool = False) -> str:
    """Return the hash, in hexadecimal, of a record as it is in memory, and of its saved parts.

    A constant number of queries. What is about to be saved may be hashed before it is. Of a change
    that is to be applied, ``as_applied`` gives the hash of what it makes of the record.
    """
    parts = {**record.content_parts(), "change_notes": _change_notes(record)}
    if not as_applied:
        parts = {**parts, **record.parts_until_applied()}
    content = {
        "model": record._meta.label_lower,
        "fields": field_values(record),
        "parts": {name: part for name, part in parts.items() if part},
    }
    text = json.dumps(content, sort_keys=True, separators=(",", ":"), default=str)
    return sha256(text.encode()).hexdigest()


def _change_notes(record: Any) -> list[dict[str, object]]:
    """Return what its notes on changes say, in an order that a proposed change has too.

    What has no draft has none.
    """
    if record.pk is None or not hasattr(record, "change_notes"):
        return []
    notes = [field_values(note) for note in record.change_notes.all()]
    return sorted(notes, key=lambda one: (str(one.get("dated", "")), str(one["text"])))


def field_values(record: Any) -> dict[str, object]:
    """Return what readers see of the fields of one row, those left out that hold their default.

    So a field that a later release adds leaves the hashes as they were until somebody fills it.
    """
    excluded = not_content(type(record))
    values = {}
    for field in record._meta.concrete_fields:
        if field.name in excluded or field.primary_key or _is_parent_link(field):
            continue
        value = field.get_prep_value(getattr(record, field.attname))
        if value != field.get_prep_value(field.get_default()):
            values[field.name] = value
    return values


def not_content(model: type[object]) -> set[str]:
    """Return the fields of a model that no reader sees, as it and its bases name them."""
    return {name for base in model.__mro__ for name in vars(base).get("NOT_CONTENT", ())}


def _is_parent_link(field: "models.Field[Any, Any]") -> bool:
    return bool(field.remote_field and getattr(field.remote_field, "parent_link", False))
