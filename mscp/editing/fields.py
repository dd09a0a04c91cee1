"""What somebody types or pastes into a form: too much is refused in a sentence, never cut."""

from typing import Any

from django import forms
from django.core.validators import MaxLengthValidator

TOO_LONG = "It has %(show_value)d characters and at most %(limit_value)d are kept: shorten it."


def let_it_be_too_long(field: forms.Field) -> None:
    """Take away the limit that makes a browser cut what is pasted without a word.

    The form itself keeps the limit: it says how long the text is and shows all of it again.
    """
    field.widget.attrs.pop("maxlength", None)
    for validator in field.validators:
        if isinstance(validator, MaxLengthValidator):
            field.error_messages["max_length"] = TOO_LONG


class TypedText(forms.CharField):
    """Text in which a line break counts once, as it does to who counts their own characters.

    Browsers send each as two (HTML, constructing the entry list).
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        let_it_be_too_long(self)

    def to_python(self, value: object) -> str | None:
        return super().to_python(value.replace("\r\n", "\n") if isinstance(value, str) else value)

    def has_changed(self, initial: object, data: object) -> bool:
        return super().has_changed(self.to_python(initial), data)
