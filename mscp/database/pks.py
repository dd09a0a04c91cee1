"""Primary keys: many as one query parameter, and records in the order of their keys.

Django would prepare every key of every query of an export by itself, which takes longer than all
that the database does.
"""

from collections.abc import Iterable
from typing import Any, Protocol, TypeVar

from django.db import connection
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


def ordered_by_pks(keys: Iterable[int], records: Iterable[Record]) -> list[Record]:
    """Return the records in the order of their keys; keys without a record are left out."""
    found = {record.pk: record for record in records}
    return [found[key] for key in keys if key in found]
