"""Password links: an invitation, or a new password for whoever cannot get one by e-mail.

A link sets the password of one account once, within seven days, and signs nobody in: the sign-in
that follows asks for the second factor like any other.
"""

import hashlib
import secrets
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any

from allauth.account.adapter import get_adapter
from django import forms
from django.contrib.auth import logout
from django.contrib.auth.models import User
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.generic import View

from mscp.database import clock
from mscp.editing.account_events import record
from mscp.editing.accounts import canonical_url
from mscp.editing.mails import mail_is_set_up
from mscp.models import AccountEventKind, PasswordLink
from mscp.records.locking import lock_rows
from mscp.records.moments import moment_in_words

VALID_FOR = timedelta(days=7)
LONGEST_PASSWORD = 200


def _hash_of(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def make_link(request: HttpRequest, account: User) -> tuple[str, datetime]:
    """Make the link of an account, which ends those made before; return it and when it ends."""
    now = clock.now()
    token = secrets.token_urlsafe(32)
    with transaction.atomic():
        PasswordLink.objects.filter(account=account, used_at=None).delete()
        link = PasswordLink.objects.create(
            account=account,
            token_hash=_hash_of(token),
            made_at=now,
            made_by=request.user if request.user.is_authenticated else None,
            ends_at=now + VALID_FOR,
        )
    return canonical_url(request, reverse("account_welcome", args=[token])), link.ends_at


def send_link(
    request: HttpRequest, account: User, template: str, **context: Any
) -> tuple[str, datetime, bool]:
    """Make a link and mail it where mail is set up; return it, when it ends and whether it went.

    One that did not go is shown to whoever made it, so that nothing depends on a mail server.
    """
    address, ends_at = make_link(request, account)
    sent = False
    if account.email and mail_is_set_up():
        actor: Any = request.user
        ends = moment_in_words(ends_at)
        inviter = actor.get_full_name() or actor.get_username()
        words = {"user": account, "link": address, "ends": ends, "inviter": inviter, **context}
        with suppress(OSError):
            get_adapter(request).send_mail(template, account.email, words)
            sent = True
    return address, ends_at, sent


def find(token: str) -> PasswordLink | None:
    """Return the link of a token while it is good, with its account."""
    links = PasswordLink.objects.select_related("account")
    good = links.filter(used_at=None, ends_at__gt=clock.now(), account__is_active=True)
    return good.filter(token_hash=_hash_of(token)).first()


class ChoosePasswordForm(forms.Form):
    password1 = forms.CharField(
        label="Password",
        strip=False,
        max_length=LONGEST_PASSWORD,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text="At least 12 characters. Three words that do not go together are good.",
    )
    password2 = forms.CharField(
        label="The same again",
        strip=False,
        max_length=LONGEST_PASSWORD,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def __init__(self, *args: Any, account: User, **kwargs: Any) -> None:
        self.account = account
        super().__init__(*args, **kwargs)

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        first, second = cleaned.get("password1"), cleaned.get("password2")
        if first and second and first != second:
            self.add_error("password2", "The two are not the same.")
        elif first:
            try:
                validate_password(first, self.account)
            except ValidationError as error:
                self.add_error("password1", error)
        return cleaned


@method_decorator([never_cache, sensitive_post_parameters()], name="dispatch")
class WelcomeView(View):
    """The page that a password link leads to.

    Opening it uses nothing up: programs that check mails for harm open each link in them.
    """

    def get(self, request: HttpRequest, token: str) -> HttpResponse:
        link = find(token)
        if link is None or link.account is None:
            return self._ended(request)
        return self._page(request, link.account, ChoosePasswordForm(account=link.account))

    def post(self, request: HttpRequest, token: str) -> HttpResponse:
        with transaction.atomic():
            # Of two that are sent at once, the second finds it used.
            lock_rows(PasswordLink.objects.filter(token_hash=_hash_of(token)))
            link = find(token)
            if link is None or link.account is None:
                return self._ended(request)
            account = link.account
            form = ChoosePasswordForm(request.POST, account=account)
            if not form.is_valid():
                return self._page(request, account, form)
            is_new = not account.has_usable_password()
            account.set_password(form.cleaned_data["password1"])
            account.save(update_fields=["password"])
            link.used_at = clock.now()
            link.save(update_fields=["used_at"])
            record(AccountEventKind.LINK_USED, request, account)
        if not is_new:
            get_adapter(request).send_notification_mail("account/email/password_changed", account)
        if request.user.is_authenticated and request.user != account:
            logout(request)
        return HttpResponseRedirect(reverse("account_reset_password_from_key_done"))

    def _page(self, request: HttpRequest, account: User, form: forms.Form) -> HttpResponse:
        return render(request, "account/welcome.html", {"account": account, "form": form})

    def _ended(self, request: HttpRequest) -> HttpResponse:
        """Say the same of a link that was used, has ended or never existed."""
        return render(request, "account/welcome_ended.html", status=404)
