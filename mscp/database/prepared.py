"""Queries that are written once and asked many times.

Django writes a query anew whenever it is asked, which for what a list shows takes five times as
long as the database takes to answer. What differs from one time to the next are some keys and the
clock: these alone are filled in.
"""

import re
from collections.abc import Callable, Iterable
from datetime import date
from enum import Enum, auto
from typing import Any, NamedTuple

from django.db import connection
from django.db.models import QuerySet
from django.db.models.expressions import RawSQL
from django.utils import timezone

from mscp.database import clock
from mscp.database.pks import as_parameter, pk_subquery_of


class _Given(Enum):
    """Stands among the parameters of a written query for what is filled in."""

    KEYS = auto()
    NOW = auto()
    TODAY = auto()


class Given(NamedTuple):
    """What a query is built with, as expressions of the database."""

    keys: RawSQL
    """A subquery, for ``pk__in``."""
    now: RawSQL
    today: RawSQL
    """By London's clock."""


class _Written(NamedTuple):
    sql: str
    parameters: tuple[Any, ...]
    converters: list[tuple[int, list[Callable[..., Any]], Any]]
    """Of columns that the database does not give as Python wants them: place, functions, column."""
    model: Any
    fields: list[str]
    """Of a record, the first columns."""
    annotations: dict[str, int]
    """What is added to a record, with the place of its column."""


class Prepared:
    """A query that ``build`` builds of what is given, for any keys, at the moment it is asked."""

    def __init__(self, build: Callable[[Given], QuerySet[Any]]) -> None:
        self._build = build
        # By the kind of database, whose language it is written in.
        self._written: dict[str, _Written] = {}

    def rows(self, keys: Iterable[int] = ()) -> list[Any]:
        """Ask for plain rows: it must be built with ``values_list``."""
        written = self._write_once()
        with connection.cursor() as cursor:
            cursor.execute(written.sql, _filled_in(written.parameters, keys))
            rows = cursor.fetchall()
        return _converted(rows, written.converters) if rows and written.converters else rows

    def records(self, keys: Iterable[int] = ()) -> list[Any]:
        """Ask for records: it may defer and annotate, but not fetch others besides."""
        rows, written = self.rows(keys), self._write_once()
        found = []
        for row in rows:
            own = row[: len(written.fields)]
            record = written.model.from_db(connection.alias, written.fields, own)
            for name, place in written.annotations.items():
                setattr(record, name, row[place])
            found.append(record)
        return found

    def _write_once(self) -> _Written:
        vendor = connection.vendor
        if vendor not in self._written:
            self._written[vendor] = self._write()
        return self._written[vendor]

    def _write(self) -> _Written:
        keys, now, today = (
            pk_subquery_of(_Given.KEYS),
            _stand_in(_Given.NOW),
            _stand_in(_Given.TODAY),
        )
        query = self._build(Given(keys, now, today)).query
        compiler = query.get_compiler(connection.alias)
        sql, parameters = compiler.as_sql()
        if query.select_related:
            raise ValueError("A prepared query fetches no other records besides.")
        if any(map(_is_a_moment, parameters)):
            raise ValueError("A prepared query asks for what is given, not for this moment.")
        columns = [column for column, _, _ in compiler.select]
        converters = compiler.get_converters(columns)
        of_record: Any = compiler.klass_info["select_fields"] if compiler.klass_info else []
        return _Written(
            sql,
            tuple(parameters),
            [(place, functions, column) for place, (functions, column) in converters.items()],
            query.model,
            [columns[place].target.attname for place in of_record],
            dict(compiler.annotation_col_map or {}),
        )


_DAY = re.compile(r"\d{4}-\d\d-\d\d\b.*")


def _is_a_moment(parameter: object) -> bool:
    """Tell whether a query would ask for ever for the moment at which it was written."""
    return isinstance(parameter, date) or (
        isinstance(parameter, str) and _DAY.match(parameter) is not None
    )


def _stand_in(given: _Given) -> RawSQL:
    return RawSQL("%s", [given])


def _filled_in(parameters: tuple[Any, ...], keys: Iterable[int]) -> list[Any]:
    now = clock.now()
    values = {
        _Given.KEYS: as_parameter(keys),
        _Given.NOW: connection.ops.adapt_datetimefield_value(now),
        _Given.TODAY: connection.ops.adapt_datefield_value(timezone.localdate(now)),
    }
    return [values[one] if isinstance(one, _Given) else one for one in parameters]


def _converted(rows: list[Any], converters: list[tuple[int, list[Any], Any]]) -> list[Any]:
    columns: list[Any] = list(zip(*rows, strict=True))
    for place, functions, column in converters:
        for convert in functions:
            columns[place] = [convert(one, column, connection) for one in columns[place]]
    return list(zip(*columns, strict=True))
