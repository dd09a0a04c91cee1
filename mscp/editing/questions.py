"""Questions of a form: what is most likely a slip is asked about before it is saved, not refused.

The question stands at its own field, with a tick for "yes". All that was typed stays in the form,
and so does a tick: it counts for the one value it was given for.
"""

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from hashlib import sha256
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.datastructures import MultiValueDict
from django.utils.formats import date_format
from django.utils.html import format_html

from mscp.database import clock
from mscp.records.partial_dates import PartialDate

# Of a date, beyond which it is more likely a slip of the keyboard than what is meant.
YEARS_AHEAD, YEARS_BACK = 2, 30
NAME = "confirmed"
LONGEST_PLAIN = 100


class Question(NamedTuple):
    field: str
    value: str
    """The value that is asked about, in words."""
    sentence: str
    yes: str
    """The words of the tick."""

    @property
    def key(self) -> str:
        # A browser changes the line breaks of a text that it sends back.
        is_text = len(self.value) > LONGEST_PLAIN or not self.value.isprintable()
        value = sha256(self.value.encode()).hexdigest() if is_text else self.value
        return f"{self.field}={value}"

    def as_error(self, name: str) -> ValidationError:
        tick = '{} <label class="yes"><input type="checkbox" name="{}" value="{}"> {}</label>'
        words = format_html(tick, self.sentence, name, self.key, self.yes)
        return ValidationError(words, code="asked")


class ConfirmedField(forms.Field):
    """The keys of the questions that were answered with yes; hidden, and kept from form to form."""

    widget = forms.MultipleHiddenInput

    def __init__(self) -> None:
        super().__init__(required=False)

    def to_python(self, value: object) -> list[str]:
        if isinstance(value, list | tuple):
            return [str(one) for one in value]
        return [str(value)] if value else []

    def has_changed(self, initial: object, data: object) -> bool:
        return False


if TYPE_CHECKING:
    _Form = forms.Form
else:
    _Form = object


class AsksIfRight(_Form):
    """Mixin of forms that have a ConfirmedField named ``confirmed``."""

    # Fields whose number is a year.
    years: ClassVar[Sequence[str]] = ()

    def questions(self) -> Iterator[Question]:
        """Yield what is asked about the values of changed fields."""
        for name in self.changed_data:
            value = self.cleaned_data.get(name)
            if name in self.years and value:
                with_year: Any = value
                value = PartialDate(with_year) if 1900 <= with_year <= 2199 else None
            if said := far_away(value):
                yield Question(name, str(value), said, "Yes, this date is right")

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean()
        confirmed = self._confirmed()
        for question in list(self.questions()):
            if question.key not in confirmed and question.field in self.cleaned_data:
                self.add_error(question.field, question.as_error(self.add_prefix(NAME)))
        # Nothing to be saved.
        self.cleaned_data.pop(NAME, None)
        return cleaned

    def _confirmed(self) -> list[str]:
        name = self.add_prefix(NAME)
        data: Any = self.data
        found = data.getlist(name) if isinstance(data, MultiValueDict) else data.get(name)
        return ConfirmedField().to_python(found)


def far_away(value: object) -> str:
    """Return a sentence about a date that is far ahead or far back, or ""."""
    if isinstance(value, PartialDate):
        first, last, words = value.first_day, value.last_day, str(value)
    elif isinstance(value, date):
        # A datetime too, which is a date to Python.
        day = timezone.localdate(value) if isinstance(value, datetime) else value
        first, last, words = day, day, date_format(day, "j F Y")
    else:
        return ""
    today = clock.today()
    if first > _in_years(today, YEARS_AHEAD):
        return f"{words} is more than {YEARS_AHEAD} years ahead."
    if last < _in_years(today, -YEARS_BACK):
        return f"{words} is more than {YEARS_BACK} years ago."
    return ""


def _in_years(day: date, years: int) -> date:
    # The 29th of February is not in every year.
    return day.replace(year=day.year + years, day=min(day.day, 28))
