"""Mails about what waits for somebody: of what kind it is and where, and no word of it.

A title may name a child, and a note too, so neither is in a mail. Where no mail is set up nothing
is lost: the same stands on everybody's first page.
"""

import logging
from collections.abc import Callable, Iterable
from functools import partial
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.mail import EmailMessage
from django.db import models, transaction
from django.http import HttpRequest
from django.urls import reverse

from mscp.editing.accounts import canonical_url
from mscp.editing.mails import one_line, sender
from mscp.models import SiteIdentity
from mscp.publishing.approvals import Handover, Step
from mscp.publishing.gate import Publishable, publish_permission

logger = logging.getLogger(__name__)

BACKEND = "django.contrib.auth.backends.ModelBackend"


def staff_with(permission: str) -> "models.QuerySet[Any]":
    """Return the active accounts of staff that have a permission."""
    people: Any = get_user_model()._default_manager
    found: models.QuerySet[Any] = people.with_perm(
        permission, is_active=True, include_superusers=True, backend=BACKEND
    )
    return found.filter(is_staff=True)


def approvers(model: type[models.Model] | models.Model) -> "models.QuerySet[Any]":
    """Return the active accounts of staff that may approve such records."""
    return staff_with(publish_permission(model))


def tell(request: HttpRequest, record: Any, handover: Handover) -> None:
    """Mail those whom a handover concerns."""
    kind = with_article(record)
    what = {
        Step.READY: f"{kind} is ready for review",
        Step.SENT_BACK: f"{kind} was sent back to you",
        Step.APPROVED: f"{kind} was approved",
    }[Step(handover.step)]
    notify(
        request,
        record,
        what,
        f"{what}, by {handover.by_name}",
        lambda: _addresses(record, handover),
    )


def with_article(record: Any) -> str:
    """Return the kind of a record as a sentence begins with it: "An audience", "A course"."""
    kind = str(record._meta.verbose_name)
    return f"{'An' if kind[:1].lower() in 'aeiou' else 'A'} {kind}"


def notify(
    request: HttpRequest,
    record: Any,
    what: str,
    sentence: str,
    addresses: Callable[[], Iterable[str]],
    *,
    place: str = "",
) -> None:
    """Mail the form of a record, once it is committed; a failure is only logged.

    ``what`` is the subject, ``place`` a part of the form. No address is asked for where no mail
    is set up.
    """
    found = sorted(set(addresses())) if settings.EMAIL_HOST else []
    if not found:
        return
    options = record._meta
    path = reverse(f"admin:{options.app_label}_{options.model_name}_change", args=[record.pk])
    partnership = SiteIdentity.load()
    text = (
        f"{sentence}.\n\n{canonical_url(request, path)}{place}\n\n"
        f"What it is and what was said stands there, after you sign in.\n\n{partnership.name}\n"
    )
    # One mail for each, so that nobody reads the addresses of the others.
    subject, comes_from = one_line(f"{partnership.name}: {what}"), sender(partnership)
    mails = [EmailMessage(subject, text, comes_from, to=[address]) for address in found]
    transaction.on_commit(partial(_send, mails), robust=True)


def _addresses(record: Publishable, handover: Handover) -> Iterable[str]:
    if handover.step == Step.READY:
        people = approvers(record)
    else:
        before = Handover.objects.of(record).filter(step=Step.READY, pk__lt=handover.pk).last()
        known = [person.key for person in handover.people]
        known += [record.updated_by_id, before.by_key if before else None]
        keys = [key for key in known if key is not None]
        people = get_user_model()._default_manager.filter(pk__in=keys, is_active=True)
    return people.exclude(pk=handover.by_key).exclude(email="").values_list("email", flat=True)


def _send(mails: list[EmailMessage]) -> None:
    for mail in mails:
        try:
            mail.send()
        except Exception:
            # Names no address: logs are kept elsewhere.
            logger.exception("A mail about what waits could not be sent.")
