"""The history every editable record keeps: who changed what, when, old value and new."""

from typing import Any

from simple_history.models import HistoricalRecords

from mscp.database import clock
from mscp.records.audit import UNTOLD_FIELDS


class History(HistoricalRecords):
    """HistoricalRecords that lets several models share one many-to-many field of their parent.

    As it comes, the library keeps one table per many-to-many field and lets every model that has
    the field write to it; the three kinds of publication inherit ``themes`` and must not.
    """

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(custom_model_name=self._table_name, **kwargs)
        self.m2m_models: dict[Any, Any] = {}

    def _table_name(self, name: str) -> str:
        owner = self.cls.__name__
        return (
            f"Historical{owner}" if name == owner else f"Historical{owner}{name.partition('_')[2]}"
        )

    def create_historical_record(self, instance: Any, *args: Any, **kwargs: Any) -> None:
        """Date the entry by the database's clock, as the moments that it tells of are."""
        instance._history_date = clock.now()
        try:
            super().create_historical_record(instance, *args, **kwargs)
        finally:
            del instance._history_date

    def m2m_changed(self, instance: Any, *args: Any, **kwargs: Any) -> None:
        if isinstance(instance, self.cls):
            super().m2m_changed(instance, *args, **kwargs)


def because(record: Any, reason: str) -> Any:
    """Give the next save of a record its reason in the history."""
    record._change_reason = reason
    return record


def history(*, without: list[str] | None = None, many_to_many: list[Any] | None = None) -> Any:
    """Return the history of a Tracked model, leaving out bookkeeping and derived columns."""
    return History(
        excluded_fields=[*UNTOLD_FIELDS, *(without or [])], m2m_fields=many_to_many or []
    )
