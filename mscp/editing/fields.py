"""Form fields for typed or pasted text: too long a text is refused with a message, never cut."""

from datetime import date, time
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import MaxLengthValidator

from mscp.text.days import DayError, read_whole_day
from mscp.text.folding import plain
from mscp.text.pasted import to_markdown
from mscp.text.times import HOW_TO_WRITE, read_times

TOO_LONG = "It has %(show_value)d characters and at most %(limit_value)d are kept: shorten it."


def remove_maxlength(field: forms.Field) -> None:
    """Remove the ``maxlength`` attribute, with which a browser silently cuts what is pasted.

    The form keeps the limit: its error gives the length, and all of the text is shown again.
    """
    field.widget.attrs.pop("maxlength", None)
    for validator in field.validators:
        if isinstance(validator, MaxLengthValidator):
            field.error_messages["max_length"] = TOO_LONG


class TypedText(forms.CharField):
    """CharField in which a line break counts as one character, as people count.

    Browsers send two for each (HTML, constructing the entry list).
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        remove_maxlength(self)

    def to_python(self, value: object) -> str | None:
        return super().to_python(value.replace("\r\n", "\n") if isinstance(value, str) else value)

    def has_changed(self, initial: object, data: object) -> bool:
        return super().has_changed(self.to_python(initial), data)


class FormattedText(TypedText):
    """TypedText in Markdown: lists as Word pastes them become those of Markdown on save."""

    def to_python(self, value: object) -> str | None:
        typed = super().to_python(value)
        return to_markdown(typed) if typed else typed


class TypedDate(forms.DateField):
    """DateField that reads a day as an import does (mscp.text.days) and shows it as 14/01/2027."""

    default_error_messages = {"invalid": "Write a day as 14/01/2027 or 14 January 2027."}

    def to_python(self, value: Any) -> date | None:
        if not isinstance(value, str):
            return super().to_python(value)
        if not (typed := plain(value)):
            return None
        try:
            day, doubt = read_whole_day(typed)
        except DayError as error:
            sentence = error.sentence(str(self.error_messages["invalid"]))
            raise ValidationError(sentence, code="invalid") from None
        if doubt:
            raise ValidationError(doubt, code="invalid")
        return day


class TypedTime(forms.TimeField):
    """TimeField that reads a time as an import does (mscp.text.times) and shows it as 09:30."""

    default_error_messages = {"invalid": HOW_TO_WRITE}

    def to_python(self, value: Any) -> time | None:
        if not isinstance(value, str):
            return super().to_python(value)
        times = read_times(value)
        if times.problem or times.end:
            fault = times.problem or f"Only one time stands here. {HOW_TO_WRITE}"
            raise ValidationError(fault, code="invalid")
        return times.start
