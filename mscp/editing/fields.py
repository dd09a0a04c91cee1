"""Form fields for typed or pasted text: too long a text is refused with a message, never cut."""

from typing import Any

from django import forms
from django.core.validators import MaxLengthValidator

from mscp.text.pasted import to_markdown

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
