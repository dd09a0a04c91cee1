from typing import Any

from allauth.mfa.models import Authenticator
from django import forms

class AddWebAuthnForm(forms.Form):
    def clean(self) -> dict[str, Any]: ...

class AuthenticateWebAuthnForm(forms.Form):
    reauthenticated: bool
    def clean_credential(self) -> Authenticator: ...
