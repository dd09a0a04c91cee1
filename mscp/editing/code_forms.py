"""Forms that ask for a code or a passkey of the second factor."""

import struct
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from allauth.mfa.adapter import get_adapter
from allauth.mfa.base import forms as base
from allauth.mfa.models import Authenticator
from allauth.mfa.totp import forms as totp
from allauth.mfa.webauthn import forms as webauthn
from django import forms

# A code of an app has six digits and a recovery code eight; people type spaces between them.
LONGEST_CODE = 20


class CodeInput(forms.TextInput):
    """Text input that is empty when the form is shown again: a code is typed anew."""

    def format_value(self, value: object) -> str | None:
        return None


class _AsksForCode:
    """Lets a telephone show its digits and fill in the code; says what is wanted."""

    fields: dict[str, forms.Field]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["code"] = forms.CharField(
            label="Code",
            max_length=LONGEST_CODE,
            widget=CodeInput(
                attrs={
                    "autocomplete": "one-time-code",
                    "inputmode": "numeric",
                    "spellcheck": "false",
                }
            ),
            error_messages={"required": "Type the code."},
        )


class AuthenticateForm(_AsksForCode, base.AuthenticateForm):
    pass


class ReauthenticateForm(_AsksForCode, base.ReauthenticateForm):
    pass


class ActivateTOTPForm(_AsksForCode, totp.ActivateTOTPForm):
    pass


@contextmanager
def _refusing_crafted() -> Iterator[None]:
    """Refuse what no browser sends; the library lets each of these errors pass."""
    try:
        yield
    except (LookupError, TypeError, ValueError, AttributeError, struct.error) as error:
        # ValidationError is none of them.
        raise get_adapter().validation_error("incorrect_code") from error


class AddWebAuthnForm(webauthn.AddWebAuthnForm):
    name = forms.CharField(required=False, max_length=100)

    def clean(self) -> dict[str, Any]:
        with _refusing_crafted():
            cleaned: dict[str, Any] = super().clean()
        return cleaned


class AuthenticateWebAuthnForm(webauthn.AuthenticateWebAuthnForm):
    def clean_credential(self) -> Authenticator:
        with _refusing_crafted():
            return super().clean_credential()


class ReauthenticateWebAuthnForm(AuthenticateWebAuthnForm):
    reauthenticated = True
