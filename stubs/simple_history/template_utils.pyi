from dataclasses import dataclass

from django.db.models import Model
from simple_history.models import HistoricalChanges

@dataclass(frozen=True)
class ModelChange:
    field: str
    old: object
    new: object

class HistoricalRecordContextHelper:
    model: type[Model]
    record: HistoricalChanges
    def __init__(
        self,
        model: type[Model],
        historical_record: HistoricalChanges,
        *,
        max_displayed_delta_change_chars: int = 100,
    ) -> None: ...
    def prepare_delta_change_value(self, change: ModelChange, value: object) -> object: ...
