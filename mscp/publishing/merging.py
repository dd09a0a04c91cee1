"""Three-way merge of a proposed change into the record that it revises.

Base is what was live when the change was begun, ``theirs`` what is live now, ``mine`` what the
change says. What only one side changed is that side's; what both changed differently is a conflict,
which a person decides. Records of any model are merged: their fields, their relations and their
parts, such as the documents of a publication.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.db import models

# The value of a part that one of the three does not have.
ABSENT = None

Snapshot = dict[str, Any]


@dataclass(frozen=True)
class Difference:
    """One value in which base, theirs and mine are not all equal."""

    field: str
    """The name of a field; "" for a part as a whole."""
    part: str
    """The key of the part that it belongs to; "" for the record itself."""
    base: Any
    theirs: Any
    mine: Any

    @property
    def key(self) -> str:
        return f"{self.part}.{self.field}" if self.part else self.field

    @property
    def changes_what_is_live(self) -> bool:
        """Return whether applying the change alters it, conflicts included."""
        return bool(self.mine not in (self.base, self.theirs))

    @property
    def was_changed_meanwhile(self) -> bool:
        return bool(self.theirs != self.base)

    @property
    def is_conflict(self) -> bool:
        return self.changes_what_is_live and self.was_changed_meanwhile


def fields_of(record: models.Model) -> list[Any]:
    """Return the fields that forms edit, without those of the gate.

    A model names others in ``MERGED``.
    """
    merged = getattr(record, "MERGED", ())
    return [
        field
        for field in record._meta.fields
        if (field.editable or field.name in merged) and _is_content(field)
    ]


def relations_of(record: models.Model) -> list[Any]:
    return [field for field in record._meta.many_to_many if field.editable]


# Of the gate: what the record says is compared, not whether it is public.
_STATE = {
    *("state", "published_at", "first_published_at"),
    *("withdrawn_at", "withdrawn_reason", "withdrawn_name"),
}
# Who changed it and when, whether a form may edit it or not.
_TRACKED = {"created_at", "updated_at"}


def _is_content(field: Any) -> bool:
    is_key = field.primary_key or getattr(field.remote_field, "parent_link", False)
    return not is_key and field.name not in _STATE | _TRACKED


def snapshot(record: Any) -> Snapshot:
    """Return what a record says, in values that JSON can hold."""
    found: Snapshot = {field.name: _plain(field, record) for field in fields_of(record)}
    for field in relations_of(record):
        found[field.name] = sorted(getattr(record, field.name).values_list("pk", flat=True))
    found["parts"] = {key: part_snapshot(part) for key, part in record.all_parts().items()}
    return found


def part_snapshot(part: models.Model) -> Snapshot:
    return {field.name: _plain(field, part) for field in part_fields(part)}


def part_fields(part: Any) -> list[Any]:
    return [field for field in fields_of(part) if field.name != part.PARENT]


def in_one_order(parts: Iterable[dict[str, object]]) -> list[dict[str, object]]:
    """Return the contents of parts in an order that does not depend on their keys."""
    return sorted(parts, key=lambda one: json.dumps(one, sort_keys=True, default=str))


def _plain(field: Any, record: models.Model) -> Any:
    value = getattr(record, field.attname)
    return value if value is None or isinstance(value, bool | int) else str(value)


def differences(base: Snapshot, theirs: Snapshot, mine: Snapshot) -> Iterator[Difference]:
    """Yield what differs: of the record by its fields, then of its parts."""
    yield from _of_fields("", base, theirs, mine)
    all_parts = [one.get("parts", {}) for one in (base, theirs, mine)]
    for key in _in_order(all_parts):
        versions = [parts.get(key, ABSENT) for parts in all_parts]
        if ABSENT not in versions:
            yield from _of_fields(key, *versions)
        elif any(one != versions[0] for one in versions):
            yield Difference("", key, *versions)


def _of_fields(
    part: str, base: Mapping[str, Any], theirs: Mapping[str, Any], mine: Mapping[str, Any]
) -> Iterator[Difference]:
    for name in theirs:
        # A field that an earlier release did not have is as it is now.
        three = (base.get(name, theirs[name]), theirs[name], mine.get(name))
        if name != "parts" and any(one != three[0] for one in three):
            yield Difference(name, part, *three)


def _in_order(all_parts: Iterable[Mapping[str, Any]]) -> list[str]:
    return list(dict.fromkeys(key for parts in all_parts for key in parts))


def everything(of: Snapshot) -> Iterator[Difference]:
    """Yield all that a record says, as a difference from nothing."""
    for name, value in of.items():
        if name != "parts":
            yield Difference(name, "", ABSENT, value, ABSENT)
    for key, part in of["parts"].items():
        yield Difference("", key, ABSENT, part, ABSENT)


def take_over(
    target: Any,
    source: Any,
    chosen: Iterable[Difference],
    *,
    save: Callable[[Any], object],
) -> None:
    """Give ``target`` the values of ``source`` in the ``chosen`` differences, and save them.

    One of the two is a proposed change, the other what it revises. ``save`` saves a record or a
    part, with its author.
    """
    chosen = list(chosen)
    own = {one.field for one in chosen if not one.part}
    for field in fields_of(target):
        if field.name in own:
            setattr(target, field.attname, getattr(source, field.attname))
    save(target)
    for field in relations_of(target):
        if field.name in own:
            getattr(target, field.name).set(getattr(source, field.name).all())
    _take_over_parts(target, source, [one for one in chosen if one.part], save)


def _take_over_parts(
    target: Any, source: Any, chosen: list[Difference], save: Callable[[Any], object]
) -> None:
    here, there = target.all_parts(), source.all_parts()
    by_part: dict[str, set[str]] = {}
    for one in chosen:
        by_part.setdefault(one.part, set()).add(one.field)
    for key, names in by_part.items():
        if key not in there:
            if key in here:
                here[key].delete()
        elif key not in here:
            target.take_in(there[key], save)
        else:
            part = here[key]
            for field in part_fields(part):
                if field.name in names:
                    part.take_over_field(field, there[key])
            save(part)
