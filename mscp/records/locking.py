"""Row locks, which all code takes in one order, so that no two transactions deadlock.

"The best defense against deadlocks is generally to avoid them by being certain that all
applications using a database acquire locks on multiple objects in a consistent order"
(PostgreSQL documentation, 13.3.4). The order here: parents by primary key, then their records by
primary key. Code that locks several rows calls ``lock_all`` once, with all of them.

A term of a list, such as a theme, comes after the records that have it: whoever gives it to a
record has locked that record before, and takes the term's turn and its row only then. So whoever
locks the term itself locks the records that have it first (``users_first``).
"""

from collections.abc import Callable, Iterable
from typing import Any, TypeVar

from django.db import connections, transaction
from django.db.models import Model, Q, QuerySet

from mscp.database import turns

Record = TypeVar("Record", bound=Model)
Users = Callable[[set[int]], QuerySet[Any]]
# How often the records that have a term are locked anew because others got it meanwhile.
ATTEMPTS = 5

_users: dict[type[Model], list[Users]] = {}


def users_first(model: type[Model], users: Users) -> None:
    """Declare the query of the records that have terms of a model, by the keys of the terms.

    They are locked before the terms, in the order of declaration.
    """
    _users.setdefault(model, []).append(users)


def with_relation_to(model: type[Record], keys: set[int], *names: str) -> QuerySet[Record]:
    """Return the records of a model that lead to some keys by any of these many-to-many fields."""
    found = Q()
    for name in names:
        field: Any = model._meta.get_field(name)
        own, other = field.m2m_column_name(), field.m2m_reverse_name()
        rows = field.remote_field.through._base_manager.filter(**{f"{other}__in": keys})
        found |= Q(pk__in=rows.values(own))
    return model._base_manager.filter(found)


def has_users(model: type[Model]) -> bool:
    """Return whether the records that have such a term are locked with it."""
    return model in _users


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
    if model in _users:
        _lock_users(model, keys)
    return list(_for_update(model._base_manager.filter(pk__in=keys)))


def _lock_users(model: type[Model], keys: set[int]) -> None:
    """Lock the records that have these terms, and take the terms' turns.

    With a turn nobody else gives a term to a record. What got it before that is not locked yet, and
    locking it now would be the wrong order: all is released and begun again.
    """
    using = model._base_manager.db
    if not connections[using].features.has_select_for_update:
        return
    for attempt in range(ATTEMPTS):
        before = transaction.savepoint(using)
        locked = [_keys(_for_update(users(keys))) for users in _users[model]]
        turns.take(model._meta.db_table, list(keys), using)
        now = [_keys(users(keys)) for users in _users[model]]
        if all(map(set.issuperset, locked, now)) or attempt == ATTEMPTS - 1:
            transaction.savepoint_commit(before, using)
            return
        transaction.savepoint_rollback(before, using)


def _keys(rows: QuerySet[Any]) -> set[int]:
    return set(rows.values_list("pk", flat=True))


def _for_update(rows: QuerySet[Record]) -> QuerySet[Record]:
    """Make a query lock its rows by primary key, those of parent tables too.

    SQLite locks no rows: it has one writer at a time, whose transaction has begun already.
    """
    rows = rows.order_by("pk")
    if connections[rows.db].features.has_select_for_update:
        return rows.select_for_update()
    return rows
