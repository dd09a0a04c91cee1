"""Staff accounts: made by an administrator only; sign-in and password reset."""

from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.forms import LoginForm
from allauth.core.internal import ratelimit
from django import forms
from django.conf import settings
from django.core.validators import MaxLengthValidator
from django.http import HttpRequest, HttpResponseBase
from django.http.request import split_domain_port

LONGEST_NAME = 150


def _name_of(credentials: Mapping[str, object]) -> str:
    return str(credentials.get("email", credentials.get("username", ""))).lower()


_WRONG = "Wrong user name or password"


def canonical_host(request: HttpRequest) -> str:
    """Return the first of ALLOWED_HOSTS, with the port of a request if it has one."""
    if not settings.ALLOWED_HOSTS:
        return request.get_host()
    port = split_domain_port(request.get_host())[1]
    name = settings.ALLOWED_HOSTS[0].lstrip(".")
    return f"{name}:{port}" if port else name


def canonical_origin(request: HttpRequest) -> str:
    """Return the origin for a link that is passed on: no header of a request decides its host."""
    return f"{request.scheme}://{canonical_host(request)}"


def mails_canonical_host(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """Make every link that the view mails use the first of ALLOWED_HOSTS.

    The key in the link sets a password, so no header of a request may decide its host. Only the
    port of the request is used, which HostMiddleware has compared with the port served.
    """

    @wraps(view)
    def with_canonical_host(
        request: HttpRequest, *args: object, **kwargs: object
    ) -> HttpResponseBase:
        request.META["HTTP_HOST"] = canonical_host(request)
        return view(request, *args, **kwargs)

    return with_canonical_host


class StaffAccountAdapter(DefaultAccountAdapter):
    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "username_email_password_mismatch": _WRONG,
        "username_password_mismatch": _WRONG,
        "email_password_mismatch": _WRONG,
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    # Wrong passwords are counted for each account and IP address, so that nobody can lock others
    # out from elsewhere, and for each account from all IP addresses, with a higher limit. The host
    # of the request makes no difference. allauth itself counts by account and host.

    def _get_login_attempts_cache_key(self, request: HttpRequest, **credentials: object) -> str:
        return f"{_name_of(credentials)}:{ratelimit.get_ip(request)}"

    def pre_authenticate(self, request: HttpRequest, **credentials: object) -> None:
        super().pre_authenticate(request, **credentials)
        self._account_usage = ratelimit.consume(
            request,
            app="allauth.account",
            action="login_failed_anywhere",
            key=_name_of(credentials),
        )
        if not self._account_usage:
            raise self.validation_error("too_many_login_attempts")

    def _rollback_login_failed_rl_usage(self) -> None:
        super()._rollback_login_failed_rl_usage()
        if self._account_usage:
            self._account_usage.rollback()


class SignInForm(LoginForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        login = self.fields["login"]
        login.label = "User name"
        if isinstance(login, forms.CharField):
            login.max_length = LONGEST_NAME
        login.validators.append(MaxLengthValidator(LONGEST_NAME))
        self.fields["remember"].label = "Stay signed in on this computer"
        for name in ("login", "password"):
            self.fields[name].widget.attrs.pop("placeholder", None)
