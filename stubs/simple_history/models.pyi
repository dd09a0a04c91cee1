"""What we use of django-simple-history, which has no types of its own."""

from collections.abc import Callable, Sequence
from datetime import datetime

from django.db.models import Manager, Model

class HistoricalChanges(Model):
    """A row of the history. Its other columns are those of the model that it tells of."""

    history_date: datetime
    history_change_reason: str | None
    published_at: datetime | None
    @property
    def prev_record(self) -> HistoricalChanges | None: ...

class DeletedObject:
    """What stands for a related record that is gone."""

    def __init__(self, model: type[Model], pk: object) -> None: ...

class HistoricalRecords:
    cls: type[Model]
    manager_name: str
    m2m_models: dict[object, type[Model]]
    excluded_fields: Sequence[str]
    def __init__(
        self,
        *,
        custom_model_name: Callable[[str], str] | None = None,
        excluded_fields: Sequence[str] | None = None,
        m2m_fields: Sequence[object] = (),
        cascade_delete_history: bool = False,
    ) -> None: ...
    def __get__(self, instance: Model | None, owner: type[Model]) -> Manager[HistoricalChanges]: ...
    def contribute_to_class(self, cls: type[Model], name: str) -> None: ...
    def create_history_model(self, model: type[Model], inherited: bool) -> type[Model]: ...
    def create_historical_record(
        self, instance: Model, history_type: str, using: str | None = None
    ) -> None: ...
    def m2m_changed(self, instance: Model, *args: object, **kwargs: object) -> None: ...
