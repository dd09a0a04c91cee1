"""Audit log of staff accounts: sign-ins, passwords, second factors, invitations, roles.

Receivers of the signals of allauth write it, and the views of mscp/editing. Nobody but an
administrator reads it.
"""

from contextlib import suppress
from datetime import timedelta
from typing import Any

from allauth.account import signals as account_signals
from allauth.account.adapter import get_adapter
from allauth.account.internal.flows.login import get_authentication_records
from allauth.mfa import signals as mfa_signals
from allauth.mfa.models import Authenticator
from django.contrib.auth import get_user_model
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import F
from django.dispatch import receiver
from django.http import HttpRequest

from mscp.database import clock
from mscp.models import AccountEvent, AccountEventKind
from mscp.typing import AnyUser

KEPT_FOR = timedelta(days=90)
# Equal failures within it are one entry.
COUNTED_FOR = timedelta(hours=1)
FAILURES = (
    AccountEventKind.WRONG_PASSWORD,
    AccountEventKind.NO_ACCOUNT,
    AccountEventKind.WRONG_CODE,
)

FACTORS: dict[str, str] = {
    Authenticator.Type.TOTP: "authenticator app",
    Authenticator.Type.WEBAUTHN: "passkey",
    Authenticator.Type.RECOVERY_CODES: "recovery codes",
}


def record(
    kind: AccountEventKind,
    request: HttpRequest | None,
    account: User | None,
    *,
    by: "AnyUser | None" = None,
    detail: str = "",
) -> None:
    """Write an entry, and delete those that are too old. ``by`` is whoever did it to another."""
    now = clock.now()
    AccountEvent.objects.filter(at__lt=now - KEPT_FOR).delete()
    address = _address(request) if request else None
    with transaction.atomic():
        if kind in FAILURES:
            equal = AccountEvent.objects.filter(
                kind=kind, account=account, address=address, at__gte=now - COUNTED_FOR
            )
            latest = equal.order_by("-at").values_list("pk", flat=True).first()
            if latest is not None:
                AccountEvent.objects.filter(pk=latest).update(count=F("count") + 1)
                return
        actor = by if by is not None and by.is_authenticated and by != account else None
        AccountEvent.objects.create(
            kind=kind,
            at=now,
            account=account,
            account_name=account.get_username() if account else "",
            by=actor,
            by_name=actor.get_username() if actor else "",
            address=address,
            detail=detail[:200],
        )


def _address(request: HttpRequest) -> str | None:
    """Return the IP address of the client, past our own proxies; None if there is none."""
    with suppress(PermissionDenied):
        return get_adapter(request).get_client_ip(request)
    return None


def record_failure(request: HttpRequest, name: str) -> None:
    """Record a wrong password, or a name that is no account; the same queries for either."""
    account = get_user_model().objects.filter(username__iexact=name).order_by("pk").first()
    kind = AccountEventKind.WRONG_PASSWORD if account else AccountEventKind.NO_ACCOUNT
    record(kind, request, account)


@receiver(account_signals.user_logged_in, dispatch_uid="mscp.account_events")
def _signed_in(request: HttpRequest, user: User, **kwargs: Any) -> None:
    types = [one.get("type") for one in get_authentication_records(request, user)]
    used = [FACTORS[one] for one in types if one in FACTORS]
    record(
        AccountEventKind.SIGNED_IN,
        request,
        user,
        detail=f"with {used[-1]}" if used else "with a password only",
    )


@receiver(account_signals.password_reset, dispatch_uid="mscp.account_events")
def _password_reset(request: HttpRequest, user: User, **kwargs: Any) -> None:
    record(AccountEventKind.PASSWORD_RESET, request, user)


@receiver(mfa_signals.authenticator_added, dispatch_uid="mscp.account_events")
def _added(request: HttpRequest, user: User, authenticator: Authenticator, **kwargs: Any) -> None:
    if authenticator.type != Authenticator.Type.RECOVERY_CODES:
        detail = FACTORS[authenticator.type]
        record(AccountEventKind.FACTOR_ADDED, request, user, detail=detail)


@receiver(mfa_signals.authenticator_removed, dispatch_uid="mscp.account_events")
def _removed(request: HttpRequest, user: User, authenticator: Authenticator, **kwargs: Any) -> None:
    detail = FACTORS[authenticator.type]
    record(AccountEventKind.FACTOR_REMOVED, request, user, detail=detail)


@receiver(mfa_signals.authenticator_reset, dispatch_uid="mscp.account_events")
def _renewed(request: HttpRequest, user: User, **kwargs: Any) -> None:
    record(AccountEventKind.CODES_RENEWED, request, user)


@receiver(mfa_signals.authentication_failed, dispatch_uid="mscp.account_events")
def _wrong_code(request: HttpRequest, user: User, **kwargs: Any) -> None:
    record(AccountEventKind.WRONG_CODE, request, user)
