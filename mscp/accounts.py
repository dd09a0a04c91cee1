"""Who may have an account, staff made by an administrator and nobody else, and how they sign in."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.forms import LoginForm
from django.conf import settings
from django.core.validators import MaxLengthValidator
from django.http import HttpRequest, HttpResponseBase
from django.http.request import split_domain_port

LONGEST_NAME = 150
_WRONG = "This name and password do not belong together. Check both and try again."


def mails_own_name(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """Let every link that the view mails name the first of ALLOWED_HOSTS.

    The key in the link sets a password, so no header of a request may say where it leads. Of the
    request only the port is taken, which HostMiddleware has compared with the one served.
    """

    @wraps(view)
    def with_own_name(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if settings.ALLOWED_HOSTS:
            port = split_domain_port(request.get_host())[1]
            name = settings.ALLOWED_HOSTS[0].lstrip(".")
            request.META["HTTP_HOST"] = f"{name}:{port}" if port else name
        return view(request, *args, **kwargs)

    return with_own_name


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
