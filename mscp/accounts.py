"""Who may have an account, staff made by an administrator and nobody else, and how they sign in."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.forms import LoginForm
from django.core.validators import MaxLengthValidator
from django.http import HttpRequest

LONGEST_NAME = 150
_WRONG = "This name and password do not belong together. Check both and try again."


class StaffAccountAdapter(DefaultAccountAdapter):
    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "username_email_password_mismatch": _WRONG,
        "username_password_mismatch": _WRONG,
        "email_password_mismatch": _WRONG,
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False


class SignInForm(LoginForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["login"].label = "User name"
        self.fields["login"].max_length = LONGEST_NAME
        self.fields["login"].validators.append(MaxLengthValidator(LONGEST_NAME))
        self.fields["remember"].label = "Stay signed in on this computer"
        for name in ("login", "password"):
            self.fields[name].widget.attrs.pop("placeholder", None)
