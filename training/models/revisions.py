"""SEQUENCE of calendar entries: raised by changes (RFC 5545, 3.8.7.4 and RFC 5546, 2.1.4)."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from django.db.models import F, Model, QuerySet


def _stored(record: Model) -> QuerySet[Model]:
    return type(record)._base_manager.filter(pk=record.pk)


def stored_number(record: Model, name: str) -> int:
    return int(_stored(record).values_list(name, flat=True).get())


def changed_fields(record: Model, names: Sequence[str]) -> set[str]:
    """Return which of these fields saving would change; none for a new record."""
    if record._state.adding:
        return set()
    stored = _stored(record).values(*names).first() or {}
    return {name for name, value in stored.items() if value != getattr(record, name)}


@contextmanager
def bump_sequence(record: Any) -> Iterator[None]:
    """Raise the sequence of a course's or a venue's entries if what they show of it changes."""
    changed = changed_fields(record, record.CALENDAR_FIELDS)
    yield
    if changed:
        record.sessions.update(sequence=F("sequence") + 1)
