"""Compiled queries: SQL that Django generates once and a page runs with other values each time.

Django generates the SQL of a QuerySet whenever it is evaluated. For the joins and subqueries of a
detail page that takes five times as long as the database takes to answer: measured on SQLite with
10,000 publications, 1.6 ms for the record itself where the raw query takes 0.2, 5.3 ms for its
courses where it takes 0.7. Only public parts of Django are used: ``sql_with_params()`` of the
query gives the SQL. ``Manager.raw()`` would run it too, and takes as long again for what is the
same in every run.

Records are made as ``Model.from_db()`` makes them, without asking for each of their forty fields
whether the row has it: a review's page takes a twentieth less of the processor, a list a
twenty-fifth. No model here has an initialiser of its own, and a test holds that.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple

from django.db import DEFAULT_DB_ALIAS, connection, connections, models
from django.db.models import F, QuerySet
from django.db.models.base import ModelState
from django.db.models.expressions import RawSQL
from django.db.models.signals import post_init, pre_init

from mscp.database import clock
from mscp.database.pks import as_parameter, pk_subquery_of
from mscp.database.prepared import prepared_cursor


class _Slot(NamedTuple):
    """Placeholder among the parameters of the SQL for a value that is bound later."""

    name: str


_KEYS, _NOW, _TODAY = _Slot("keys"), _Slot("now"), _Slot("today")


class Bindings:
    """The values that differ from one run to the next, as expressions to build a query with."""

    keys = property(lambda self: pk_subquery_of(_KEYS), doc="A subquery, for ``pk__in``.")
    now = property(lambda self: _expression(_NOW), doc="The moment, for ``published(at=…)``.")
    today = property(lambda self: _expression(_TODAY), doc="The day by London's clock.")

    def value(self, name: str) -> RawSQL:
        """Return the value that is passed by this name when the query is run."""
        return _expression(_Slot(name))


class _Column(NamedTuple):
    """The place of a value in a row, and the name of its attribute."""

    place: int
    name: str
    convert: Callable[[Any], Any] | None
    """Makes the Python value of what the database returns, where that is another."""

    def read(self, row: Sequence[Any]) -> Any:
        value = row[self.place]
        return value if self.convert is None else self.convert(value)


class _Record:
    """The columns of a row that make one record, in the order of the model's fields."""

    def __init__(self, model: Any, columns: list[_Column]) -> None:
        self.places = [column.place for column in columns]
        self._model = model
        self._converted = [
            (number, column.convert)
            for number, column in enumerate(columns)
            if column.convert is not None
        ]
        self._names = [column.name for column in columns]
        # A picture that has its size beside it reads it when its record is made.
        self._is_plain = not any(one.has_listeners(model) for one in (pre_init, post_init))
        (self._key,) = (one.place for one in columns if one.name == model._meta.pk.attname)

    def read(self, row: Sequence[Any], alias: str) -> Any:
        """Make the record; None if there is none, since no foreign key leads to it."""
        if row[self._key] is None:
            return None
        values = [row[place] for place in self.places]
        for number, convert in self._converted:
            values[number] = convert(values[number])
        if not self._is_plain:
            return self._model.from_db(alias, self._names, values)
        record = self._model.__new__(self._model)
        state = ModelState()
        state.adding, state.db = False, alias
        vars(record).update(zip(self._names, values, strict=True), _state=state)
        return record


class _Row(NamedTuple):
    """What the columns of a row are."""

    own: _Record
    joined: dict[str, _Record]
    annotations: list[_Column]


class _Compiled(NamedTuple):
    model: Any
    sql: str
    parameters: tuple[Any, ...]


class CompiledQuery:
    """A query that ``build`` makes of bindings, to be run with any values.

    ``joined`` names foreign keys whose records are read too, each with the required fields, as
    ``select_related`` does. ``convert`` names annotations that a database does not return as Python
    values: SQLite a boolean as a number and a day as text.
    """

    def __init__(
        self,
        build: Callable[[Bindings], QuerySet[Any]],
        *,
        joined: Mapping[str, Iterable[str]] | None = None,
        convert: Mapping[str, Callable[[Any], Any]] | None = None,
    ) -> None:
        self._build = build
        self._convert = dict(convert or {})
        self._joined = {name: ("pk", *fields) for name, fields in (joined or {}).items()}
        # By database vendor, in whose dialect it is written.
        self._compiled: dict[str, _Compiled] = {}
        self._row: dict[str, _Row] = {}

    def queryset(self, bindings: Bindings) -> QuerySet[Any]:
        """Build the query as it is compiled."""
        rows = self._build(bindings)
        columns = {
            _joined_column(name, field): F(f"{name}__{field.name}")
            for name in self._joined
            for field in self._fields_joined(rows.model, name)
        }
        return rows.annotate(**columns) if columns else rows

    def rows(self, keys: Iterable[int] = (), **values: object) -> list[Any]:
        """Return plain rows: built with ``values_list`` of texts and integers.

        Other types come as the driver returns them.
        """
        with self._executed(keys, values) as cursor:
            rows: list[Any] = cursor.fetchall()
        return rows

    def records(self, keys: Iterable[int] = (), **values: object) -> list[Any]:
        """Return records: the query may defer and annotate."""
        with self._executed(keys, values) as cursor:
            own, joined, annotations = self._row_once(cursor)
            rows = cursor.fetchall()
        found = []
        alias = cursor.db.alias
        for row in rows:
            record = own.read(row, alias)
            for name, other in joined.items():
                setattr(record, name, other.read(row, alias))
            for column in annotations:
                setattr(record, column.name, column.read(row))
            found.append(record)
        return found

    def subquery(self) -> tuple[str, list[Any]]:
        """Return the SQL for this moment and its parameters, to stand in other SQL."""
        own = connections[DEFAULT_DB_ALIAS]
        compiled = self._compile_once(own.vendor)
        return compiled.sql, _bound(compiled.parameters, (), {}, own.ops)

    def _executed(self, keys: Iterable[int], values: Mapping[str, object]) -> Any:
        """Return a cursor whose rows are to be read."""
        # Once: each look at the connection of a thread goes through two proxies, which took a
        # thirtieth of a review's page.
        own = connections[DEFAULT_DB_ALIAS]
        compiled = self._compile_once(own.vendor)
        cursor = prepared_cursor(own)
        cursor.execute(compiled.sql, _bound(compiled.parameters, keys, values, own.ops))
        return cursor

    def _compile_once(self, vendor: str) -> _Compiled:
        if vendor not in self._compiled:
            self._compiled[vendor] = self._compile()
        return self._compiled[vendor]

    def _compile(self) -> _Compiled:
        rows = self.queryset(Bindings())
        if rows.query.select_related:
            raise ValueError("A compiled query reads other records along as joined.")
        sql, parameters = rows.query.sql_with_params()
        if any(map(_is_a_moment, parameters)):
            raise ValueError("A compiled query asks for what is bound, not for this moment.")
        return _Compiled(rows.model, sql, parameters)

    def _row_once(self, cursor: Any) -> _Row:
        vendor = cursor.db.vendor
        if vendor not in self._row:
            self._row[vendor] = self._row_of(
                self._compile_once(vendor).model, [column[0] for column in cursor.description]
            )
        return self._row[vendor]

    def _row_of(self, model: Any, names: list[str]) -> _Row:
        """Return what the columns of these names are."""
        own = [field for field in model._meta.concrete_fields if field.column in names]
        joined = {
            name: _record(
                _model_of(model, name),
                {names.index(_joined_column(name, field)): field for field in fields},
            )
            for name in self._joined
            for fields in [self._fields_joined(model, name)]
        }
        # The rest: a table and the one that it inherits from have a column for the key each.
        others = {field.column for field in own}
        others |= {names[place] for record in joined.values() for place in record.places}
        return _Row(
            _record(model, {names.index(field.column): field for field in own}),
            joined,
            [
                _Column(place, name, self._convert.get(name))
                for place, name in enumerate(names)
                if name not in others
            ],
        )

    def _fields_joined(self, model: type[models.Model], name: str) -> list[Any]:
        other = _model_of(model, name)
        asked = {other._meta.pk.name if one == "pk" else one for one in self._joined[name]}
        return [field for field in other._meta.concrete_fields if field.name in asked]


def as_day(value: date | str | None) -> date | None:
    """Convert a day: SQLite returns that of an annotation as text."""
    return date.fromisoformat(value) if isinstance(value, str) else value


def set_prefetched(record: models.Model, **related: list[Any]) -> None:
    """Set what ``prefetch_related`` would: ``record.themes.all()`` then makes no query.

    Django's own way needs a QuerySet of the ORM, which cannot be a compiled one.
    """
    vars(record).setdefault("_prefetched_objects_cache", {}).update(related)


def related(record: models.Model, name: str) -> Iterable[Any]:
    """Return the records of a relation, of those that were read along without a manager.

    A page asks six times for the documents and themes of its publication, and to make the managers
    took a twenty-fifth of it.
    """
    known = vars(record).get("_prefetched_objects_cache", {})
    found: Iterable[Any] = known[name] if name in known else getattr(record, name).all()
    return found


def _model_of(model: type[models.Model], name: str) -> type[models.Model]:
    related = model._meta.get_field(name).related_model
    if not isinstance(related, type):
        raise TypeError(f"{model.__name__}.{name} is no foreign key.")
    return related


def _joined_column(name: str, field: Any) -> str:
    return f"joined_{name}_{field.name}"


def _record(model: Any, fields: Mapping[int, Any]) -> _Record:
    """Describe a record by the places of its fields."""
    return _Record(
        model,
        [_Column(place, field.attname, _converter(field)) for place, field in fields.items()],
    )


def _converter(field: Any) -> Callable[[Any], Any] | None:
    """Return what Django makes of a value that the database returns for a field."""
    column = field.get_col(field.model._meta.db_table)
    converters = [
        *connection.ops.get_db_converters(column),
        *column.get_db_converters(connection),
    ]
    if not converters:
        return None

    def convert(value: Any) -> Any:
        for each in converters:
            value = each(value, column, connection)
        return value

    return convert


_DAY = re.compile(r"\d{4}-\d\d-\d\d\b.*")


def _is_a_moment(parameter: object) -> bool:
    """Return whether a query would use for ever the moment at which it was compiled."""
    return isinstance(parameter, date) or (
        isinstance(parameter, str) and _DAY.match(parameter) is not None
    )


def _expression(slot: _Slot) -> RawSQL:
    return RawSQL("%s", [slot])


def _bound(
    parameters: tuple[Any, ...], keys: Iterable[int], values: Mapping[str, object], ops: Any
) -> list[Any]:
    bound = {**values, "keys": as_parameter(keys)}
    if _NOW in parameters or _TODAY in parameters:
        now = clock.now()
        bound["now"] = ops.adapt_datetimefield_value(now)
        bound["today"] = ops.adapt_datefield_value(clock.day_of(now))
    return [bound[one.name] if isinstance(one, _Slot) else one for one in parameters]
