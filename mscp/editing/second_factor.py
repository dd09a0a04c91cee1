"""Second factor (MFA) of staff: a code of an authenticator app, or a passkey, beside the password.

allauth asks for it at sign-in of whoever has one (``mscp.urls``, ``templates/mfa``). With the
setting SECOND_FACTOR nobody is signed in anywhere but on the pages that set one up, or ask for it,
until this session has passed it: also a session older than the setting, a password that was just
reset, and whatever else may sign somebody in.
"""

from collections.abc import Callable
from io import BytesIO
from typing import Any

import segno
from allauth.account.adapter import get_adapter as get_account_adapter
from allauth.mfa import signals
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib.auth.models import AnonymousUser, User
from django.contrib.sessions.models import Session
from django.dispatch import receiver
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import resolve, reverse
from django.urls.exceptions import Resolver404
from django.utils.http import urlencode
from django.utils.safestring import SafeString, mark_safe

from mscp.models import SiteIdentity

Handler = Callable[[HttpRequest], HttpResponse]

# Recovery codes stand in for one of these, and are none by themselves.
FACTORS = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)
# The key of a session that says whose second factor it has passed.
PASSED = "second_factor_passed"

# Where somebody was going who had to set one up first.
GOING_TO = "second_factor_going_to"

SETTING_UP = {
    "mfa_index",
    "mfa_activate_totp",
    "mfa_add_webauthn",
    "account_reauthenticate",
    "account_logout",
}
ASKING = {"mfa_reauthenticate", "mfa_reauthenticate_webauthn", "account_logout"}
# Where links of mails lead: they sign nobody in.
BY_LINK = {
    "account_reset_password_from_key",
    "account_reset_password_from_key_done",
    "account_welcome",
}


class SecondFactorMiddleware:
    """Treats staff as signed out, but for the way in, until the session has passed the factor."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not settings.SECOND_FACTOR or settings.SESSION_COOKIE_NAME not in request.COOKIES:
            return self.get_response(request)
        user = request.user
        if not user.is_authenticated:
            return self.get_response(request)
        types = factors_of(user)
        if types and request.session.get(PASSED) == str(user.pk):
            return self.get_response(request)
        if not request.path.startswith("/staff/"):
            # To every page alike: previews of drafts are at the addresses of visitors.
            request.user = AnonymousUser()
            return self.get_response(request)
        allowed = {*(ASKING if types else SETTING_UP), *BY_LINK}
        if _name_of(request) in allowed:
            return self.get_response(request)
        way_in = _way_in(types)
        path = request.GET.get("next", "")
        if path.startswith("/admin/"):
            # For the page at the end of setting one up, some steps from here.
            request.session[GOING_TO] = path
        return HttpResponseRedirect(f"{way_in}?{urlencode({'next': path})}" if path else way_in)


def _name_of(request: HttpRequest) -> str | None:
    try:
        return resolve(request.path_info).url_name
    except Resolver404:
        return None


def _way_in(types: set[str]) -> str:
    if not types:
        return reverse("mfa_index")
    name = "mfa_reauthenticate" if Authenticator.Type.TOTP in types else ""
    return reverse(name or "mfa_reauthenticate_webauthn")


def factors_of(user: User) -> set[str]:
    """Return the types of second factor that a user has set up."""
    rows = Authenticator.objects.filter(user=user, type__in=FACTORS)
    return set(rows.values_list("type", flat=True))


@receiver(signals.authenticator_used, dispatch_uid="mscp.second_factor")
def _passed(request: HttpRequest, user: User, **kwargs: Any) -> None:
    request.session[PASSED] = str(user.pk)


@receiver(signals.authenticator_added, dispatch_uid="mscp.second_factor")
def _set_up(request: HttpRequest, user: User, authenticator: Authenticator, **kwargs: Any) -> None:
    """Whoever sets one up has just shown that it works."""
    if authenticator.type in FACTORS:
        _passed(request, user)


def remove_all(user: User) -> int:
    """Remove each second factor of a user, so that the next sign-in sets one up anew."""
    number = Authenticator.objects.filter(user=user, type__in=FACTORS).count()
    Authenticator.objects.filter(user=user).delete()
    return number


def end_sessions(user: User) -> None:
    """Delete every session of a user. Their keys say nothing, so that each is decoded; staff are
    few, and visitors have none.
    """
    for session in Session.objects.all().iterator():
        if session.get_decoded().get("_auth_user_id") == str(user.pk):
            session.delete()


class StaffMFAAdapter(DefaultMFAAdapter):
    """Names the partnership in authenticator apps, and draws the QR code as for sessions."""

    error_messages = {
        **DefaultMFAAdapter.error_messages,
        "incorrect_code": "This is not right. Codes change every half minute: try the next one.",
    }

    def get_totp_label(self, user: User) -> str:
        return user.get_username()

    def get_totp_issuer(self) -> str:
        # A colon would end the name of the issuer (Key URI Format).
        return SiteIdentity.load().short_name.replace(":", " ")

    def _get_site_name(self) -> str:
        return SiteIdentity.load().name

    def build_totp_svg(self, url: str) -> SafeString:
        drawn = BytesIO()
        segno.make_qr(url, error="m").save(
            drawn,
            kind="svg",
            border=4,
            xmldecl=False,
            svgns=False,
            omitsize=True,
            light="#fff",
            svgclass=None,
            lineclass=None,
        )
        return mark_safe(drawn.getvalue().decode("ascii"))  # noqa: S308 - drawn by us

    def generate_authenticator_name(self, user: User, type: str) -> str:
        number = Authenticator.objects.filter(user=user, type=type).count()
        return f"Passkey {number + 1}"

    def send_notification_mail(self, *args: Any, **kwargs: Any) -> None:
        get_account_adapter().send_notification_mail(*args, **kwargs)
