"""Staff accounts: made by an administrator only; sign-in and password reset."""

from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import wraps
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.forms import LoginForm
from allauth.account.internal.flows.login import get_authentication_records
from allauth.core.internal import ratelimit
from django import forms
from django.conf import settings
from django.contrib.auth.models import User
from django.core.validators import MaxLengthValidator
from django.http import HttpRequest, HttpResponseBase
from django.http.request import split_domain_port
from django.urls import reverse

from mscp.database import clock
from mscp.editing.account_events import record_failure
from mscp.editing.mails import message

LONGEST_NAME = 150
# Seconds, as allauth's own default.
REAUTHENTICATION_TIMEOUT = 300


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


def canonical_url(request: HttpRequest, path: str) -> str:
    """Return the absolute URL of a path that must not lead to a host which a request names."""
    return f"{settings.ACCOUNT_DEFAULT_HTTP_PROTOCOL}://{canonical_host(request)}{path}"


class StaffAccountAdapter(DefaultAccountAdapter):
    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "username_email_password_mismatch": _WRONG,
        "username_password_mismatch": _WRONG,
        "email_password_mismatch": _WRONG,
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def is_reauthentication_required(self, *, app: str, **kwargs: object) -> bool:
        """Ask for nothing again within five minutes of a sign-in, nor of the last such question."""
        required = super().is_reauthentication_required(app=app, **kwargs)
        records = get_authentication_records(self.request, self.request.user)
        latest = max((one["at"] for one in records), default=0)
        return required and clock.now().timestamp() - latest >= REAUTHENTICATION_TIMEOUT

    def authentication_failed(self, request: HttpRequest, **credentials: object) -> None:
        record_failure(request, _name_of(credentials))

    # --- mails --------------------------------------------------------------------------------

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        address = canonical_url(self.request, reverse(settings.LOGIN_URL))
        message(template_prefix, email, {"sign_in_address": address, **context}).send()

    def send_notification_mail(
        self,
        template_prefix: str,
        user: User,
        context: dict[str, Any] | None = None,
        email: str | None = None,
    ) -> None:
        """Tell the owner of an account of a change of how it is entered, if there is an address."""
        if address := email or user.email:
            with suppress(OSError):
                # What was done is done; a mail server that is down must not say otherwise.
                self.send_mail(template_prefix, address, {"user": user, **(context or {})})

    # --- limits -------------------------------------------------------------------------------

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
