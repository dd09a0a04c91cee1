"""Primary keys: many as one query parameter, and records in the order of their keys.

Django would prepare every key of every query of an export by itself, which takes longer than all
that the database does.
"""

from collections.abc import Iterable
from typing import Any, Protocol, TypeVar

from django.db import connection
from django.db.models import QuerySet
from django.db.models.expressions import RawSQL


class HasPk(Protocol):
    @property
    def pk(self) -> Any: ...


Record = TypeVar("Record", bound=HasPk)

# PostgreSQL sees how many an array has, and chooses a plan by it; of JSON it always expects 100.
_AS_ROWS = {
    "sqlite": "SELECT value FROM json_each('[' || %s || ']')",
    "postgresql": "SELECT unnest(('{' || %s || '}')::bigint[])",
}


def pk_subquery(keys: Iterable[int]) -> RawSQL:
    """Return a subquery of these keys, for ``pk__in``."""
    return pk_subquery_of(as_parameter(keys))


def as_parameter(keys: Iterable[int]) -> str:
    return ",".join(map(str, keys))


def pk_subquery_of(parameter: object) -> RawSQL:
    """Return a subquery of the keys in a parameter that ``as_parameter`` made."""
    return RawSQL(_AS_ROWS[connection.vendor], [parameter])  # noqa: S611


def either_pks(*queries: QuerySet[Any] | RawSQL) -> RawSQL:
    """Return a subquery of the keys that any of these selects, for ``pk__in``.

    A query may have an order and a limit of its own. Joined by OR, PostgreSQL would read every
    record.
    """
    selects: list[str] = []
    parameters: list[Any] = []
    for query in queries:
        if isinstance(query, RawSQL):
            sql, values = query.sql, tuple(query.params)
        else:
            sql, values = query.values("pk").query.sql_with_params()
        selects.append(f"SELECT * FROM ({sql}) AS keys")  # noqa: S608
        parameters += values
    return RawSQL(" UNION ALL ".join(selects), parameters)  # noqa: S611


def ordered_by_pks(keys: Iterable[int], records: Iterable[Record]) -> list[Record]:
    """Return the records in the order of their keys; keys without a record are left out."""
    found = {record.pk: record for record in records}
    return [found[key] for key in keys if key in found]
