"""Partial dates: known to the year, the month or the day, and printed exactly as known.

Stored as ISO 8601 text of reduced precision ("2020", "2020-02", "2020-02-14"): text of that form
sorts by its first day on every database, so one column is value, order and year at once.
"""

from calendar import month_name, monthrange
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Any, Self

from django import forms
from django.core.exceptions import ValidationError
from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models.functions import Length, Substr
from django.db.models.lookups import In

from mscp.database.constraints import has_only
from mscp.text.days import DayError, read_day, short
from mscp.text.folding import plain

_HOW_TO_WRITE = "Write a year (2024), a month and a year (July 2024) or a day (16 September 2021)."
_NOT_UNDERSTOOD = f"“%(value)s” is not a date we understand. {_HOW_TO_WRITE}"
_EARLIEST, _LATEST = 1900, 2199


@dataclass(frozen=True)
class PartialDate:
    year: int
    month: int | None = None
    day: int | None = None

    def __post_init__(self) -> None:
        if self.day is not None and self.month is None:
            raise ValueError("A day needs its month.")
        if not _EARLIEST <= self.year <= _LATEST:
            raise ValueError(f"The year must lie between {_EARLIEST} and {_LATEST}")
        date(self.year, self.month or 1, self.day or 1)

    @classmethod
    @lru_cache(maxsize=5000)
    def from_iso(cls, text: str) -> Self:
        """Parse the stored form. Raises ValueError."""
        return cls(*(int(part) for part in text.split("-")))

    @classmethod
    def parse(cls, text: str) -> Self:
        """Parse what a British editor types, as an import does (mscp.text.days).

        Raises DayError, a ValueError, with a sentence on what is wrong.
        """
        year, month, day, doubt = read_day(text)
        if doubt:
            raise DayError(doubt)
        if not _EARLIEST <= year <= _LATEST:
            raise DayError(f"“{short(text)}”: the year must lie between {_EARLIEST} and {_LATEST}")
        return cls(year, month, day)

    @property
    def first_day(self) -> date:
        return date(self.year, self.month or 1, self.day or 1)

    @property
    def last_day(self) -> date:
        month = self.month or 12
        return date(self.year, month, self.day or monthrange(self.year, month)[1])

    # Kept: a page writes the same few dates in several places, and they are shared (``from_iso``).
    @cached_property
    def iso(self) -> str:
        parts = [f"{self.year:04d}"]
        parts += [f"{part:02d}" for part in (self.month, self.day) if part]
        return "-".join(parts)

    def __str__(self) -> str:
        return self._in_words

    @cached_property
    def _in_words(self) -> str:
        # Not Django's names: each is translated again whenever it is formatted.
        month = f"{month_name[self.month]} " if self.month else ""
        return f"{self.day} {month}{self.year}" if self.day else f"{month}{self.year}"

    def __lt__(self, other: "PartialDate") -> bool:
        return self.iso < other.iso


class PartialDateFormField(forms.CharField):
    """A text box, since no date picker can say "July 2024"."""

    default_error_messages = {"invalid": _HOW_TO_WRITE}

    def to_python(self, value: object) -> Any:
        if isinstance(value, PartialDate):
            return value
        text = "" if value in self.empty_values else plain(str(value))
        if not text:
            return None
        try:
            return PartialDate.parse(text)
        except DayError as error:
            sentence = error.sentence(str(self.error_messages["invalid"]))
            raise ValidationError(sentence, code="invalid") from None

    def prepare_value(self, value: object) -> object:
        return str(value) if isinstance(value, PartialDate) else value

    def has_changed(self, initial: object, data: object) -> bool:
        try:
            return bool(self.to_python(initial) != self.to_python(data))
        except ValidationError:
            return True


if TYPE_CHECKING:
    # The types that can be assigned and that are returned.
    _Field = models.Field[PartialDate | None, PartialDate | None]
else:
    _Field = models.Field


class PartialDateField(_Field):
    """Model field for a PartialDate or None. Filter by year with ``field__year="2021"``."""

    description = "A date known to the year, the month or the day"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs["max_length"] = 10
        super().__init__(*args, **kwargs)

    def deconstruct(self) -> tuple[str, str, Sequence[object], dict[str, Any]]:
        name, path, args, kwargs = super().deconstruct()
        del kwargs["max_length"]
        return name, path, args, kwargs

    def get_internal_type(self) -> str:
        return "CharField"

    def from_db_value(
        self, value: str | None, expression: models.Expression, connection: BaseDatabaseWrapper
    ) -> PartialDate | None:
        return PartialDate.from_iso(value) if value else None

    def to_python(self, value: object) -> PartialDate | None:
        if isinstance(value, PartialDate):
            return value
        if not value:
            return None
        try:
            return PartialDate.from_iso(value)
        except (ValueError, TypeError):
            raise ValidationError(_NOT_UNDERSTOOD, params={"value": value}) from None

    def get_prep_value(self, value: object) -> str | None:
        prepared: PartialDate | str | None = super().get_prep_value(value)
        return prepared.iso if isinstance(prepared, PartialDate) else prepared or None

    def value_to_string(self, obj: models.Model) -> str:
        return self.get_prep_value(self.value_from_object(obj)) or ""

    def formfield(self, **kwargs: Any) -> forms.Field:
        return super().formfield(**{"form_class": PartialDateFormField, **kwargs})  # type: ignore[return-value]


@PartialDateField.register_lookup
class PartialDateYear(models.Transform):
    """The year as four characters, so that it groups and compares as stored."""

    lookup_name = "year"
    function = "SUBSTR"
    template = "%(function)s(%(expressions)s, 1, 4)"
    output_field = models.CharField()


def well_formed(field: str, name: str) -> models.CheckConstraint:
    """Return a CHECK constraint that the column holds a partial date, whatever writes to it."""
    months, days = ([f"{number:02d}" for number in range(1, most + 1)] for most in (12, 31))
    return models.CheckConstraint(
        condition=models.Q((f"{field}__isnull", True))
        | models.Q(
            In(Length(field), [4, 7, 10]),
            has_only("0123456789", Substr(field, 1, 4)),
            In(Substr(field, 5, 1), ["", "-"]),
            In(Substr(field, 6, 2), ["", *months]),
            In(Substr(field, 8, 1), ["", "-"]),
            In(Substr(field, 9, 2), ["", *days]),
        ),
        name=name,
        violation_error_message="Write a year, a month and a year, or a day.",
    )
