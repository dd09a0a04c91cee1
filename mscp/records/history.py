"""History of every editable record: who changed what, when, old value and new."""

from collections.abc import Sequence
from typing import Any, TypeVar

from django.db import models
from simple_history.models import HistoricalRecords

from mscp.database import clock
from mscp.records.audit import BOOKKEEPING_FIELDS, Tracked

Record = TypeVar("Record", bound=Tracked)

# The attribute of a model that writes its history.
WRITER = "_history_writer"
# On a record, the key of the entry about related ones that were just taken out.
_TAKING_OUT = "_taking_out"


class History(HistoricalRecords):
    """HistoricalRecords that lets several models share one many-to-many field of their parent.

    The library keeps one table per many-to-many field and lets every model that has the field
    write to it; the three kinds of publication inherit ``themes`` and must not.
    """

    def __init__(
        self,
        *,
        excluded_fields: list[str],
        m2m_fields: Sequence[object],
        goes_with_record: bool = False,
    ) -> None:
        super().__init__(
            custom_model_name=self._table_name,
            excluded_fields=excluded_fields,
            m2m_fields=m2m_fields,
            cascade_delete_history=goes_with_record,
        )
        self.m2m_models: dict[object, type[models.Model]] = {}

    def contribute_to_class(self, cls: type[models.Model], name: str) -> None:
        super().contribute_to_class(cls, name)
        setattr(cls, WRITER, self)

    def _table_name(self, name: str) -> str:
        owner = self.cls.__name__
        return (
            f"Historical{owner}" if name == owner else f"Historical{owner}{name.partition('_')[2]}"
        )

    def create_history_model(
        self, model: type[models.Model], inherited: bool
    ) -> type[models.Model]:
        """Leave out only what the model has: of a deleted record the library looks each up."""
        names = {field.name for field in model._meta.fields}
        excluded = self.excluded_fields
        self.excluded_fields = [name for name in excluded if name in names]
        try:
            return super().create_history_model(model, inherited)
        finally:
            self.excluded_fields = excluded

    def create_historical_record(
        self, instance: models.Model, history_type: str, using: str | None = None
    ) -> None:
        """Date the entry by the database's clock, as the moments of the record itself are."""
        instance.__dict__["_history_date"] = clock.now()
        try:
            super().create_historical_record(instance, history_type, using)
        finally:
            del instance.__dict__["_history_date"]
        if instance.__dict__.get(_TAKING_OUT):
            # Something else was saved since.
            del instance.__dict__[_TAKING_OUT]
        elif _TAKING_OUT in instance.__dict__:
            newest = self._entries(instance).order_by("-history_id")
            instance.__dict__[_TAKING_OUT] = newest.values_list("history_id", flat=True).first()

    def m2m_changed(self, instance: models.Model, *args: object, **kwargs: object) -> None:
        """Write one entry where others take the place of some: Django takes out, then puts in."""
        if not isinstance(instance, self.cls):
            return
        taken_out = instance.__dict__.pop(_TAKING_OUT, None)
        if kwargs.get("action") == "post_remove":
            instance.__dict__[_TAKING_OUT] = None
        super().m2m_changed(instance, *args, **kwargs)
        if kwargs.get("action") == "pre_add" and taken_out:
            instance.__dict__[_TAKING_OUT] = taken_out
        elif kwargs.get("action") == "post_add" and taken_out:
            for through in self.m2m_models.values():
                through._default_manager.filter(history=taken_out).delete()
            self._entries(instance).filter(history_id=taken_out).delete()

    def _entries(self, instance: models.Model) -> "models.QuerySet[Any]":
        entries: Any = getattr(type(instance), self.manager_name)
        found: models.QuerySet[Any] = entries.filter(id=instance.pk)
        return found


def because(record: Record, reason: str) -> Record:
    """Set the reason that the history gives for the next save of a record."""
    record._change_reason = reason
    return record


def note(record: Tracked, reason: str) -> None:
    """Write an entry into the history of a record of which no field changed, and save nothing."""
    because(record, reason)
    try:
        getattr(record, WRITER).create_historical_record(record, "~")
    finally:
        record.__dict__.pop("_change_reason", None)


def history(
    *,
    without: Sequence[str] = (),
    many_to_many: Sequence[object] = (),
    goes_with_record: bool = False,
) -> History:
    """Return the history of a Tracked model, leaving out bookkeeping and derived columns.

    One that ``goes_with_record`` is deleted with it: no word of it may stay.
    """
    return History(
        excluded_fields=[*BOOKKEEPING_FIELDS, *without],
        m2m_fields=many_to_many,
        goes_with_record=goes_with_record,
    )
