"""Row locks, which all code takes in one order, so that no two transactions deadlock.

"The best defense against deadlocks is generally to avoid them by being certain that all
applications using a database acquire locks on multiple objects in a consistent order"
(PostgreSQL documentation, 13.3.4). The order here: parents by primary key, then their records by
primary key. Code that locks several rows calls ``lock_all`` once, with all of them.
"""

from collections.abc import Iterable
from typing import Any, TypeVar

from django.db import connections
from django.db.models import Model, QuerySet

Record = TypeVar("Record", bound=Model)


def lock(record: Record) -> Record | None:
    """Lock a record until the transaction ends; return it freshly read, or None if deleted."""
    return next(iter(lock_all([record])), None)


def lock_all(
    records: Iterable[Record], *, parent_field: str = "", parents: Iterable[int] = ()
) -> list[Record]:
    """Lock records of one model until the transaction ends; return them freshly read.

    The rows that ``parent_field`` points to are locked before, with those of the keys ``parents``.
    The records come back by primary key; deleted ones are left out.
    """
    records = list(records)
    if not records:
        return []
    model = type(records[0])
    known: dict[int, Model] = {}
    if parent_field:
        field: Any = model._meta.get_field(parent_field)
        keys = {getattr(record, field.attname) for record in records}
        known = {row.pk: row for row in _locked(field.related_model, {*keys, *parents})}
    locked = _locked(model, {record.pk for record in records})
    for record in locked if known else []:
        if parent := known.get(getattr(record, field.attname)):
            setattr(record, parent_field, parent)
    return locked


def lock_rows(rows: QuerySet[Record]) -> None:
    """Lock the rows of a query until the transaction ends, without reading them."""
    if connections[rows.db].features.has_select_for_update:
        list(_for_update(rows).values_list("pk", flat=True))


def _locked(model: type[Record], keys: set[int]) -> list[Record]:
    return list(_for_update(model._base_manager.filter(pk__in=keys)))


def _for_update(rows: QuerySet[Record]) -> QuerySet[Record]:
    """Make a query lock its rows by primary key, those of parent tables too.

    SQLite locks no rows: it has one writer at a time, whose transaction has begun already.
    """
    rows = rows.order_by("pk")
    if connections[rows.db].features.has_select_for_update:
        return rows.select_for_update()
    return rows
