"""Mails of the site, in the partnership's name and in plain text."""

from email.utils import formataddr, parseaddr
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage
from django.template.loader import render_to_string

from mscp.models import SiteIdentity


def mail_is_set_up() -> bool:
    """Return whether mails reach anybody: without EMAIL_HOST they go to the log of the server."""
    return not settings.EMAIL_BACKEND.endswith((".console.EmailBackend", ".dummy.EmailBackend"))


def sender(partnership: SiteIdentity) -> str:
    """Return the From header: the partnership's name with the address of EMAIL_FROM."""
    address = parseaddr(settings.DEFAULT_FROM_EMAIL)[1] or settings.DEFAULT_FROM_EMAIL
    return formataddr((one_line(partnership.name), address))


def one_line(text: str) -> str:
    return " ".join(text.split())


def message(template: str, to: str, context: dict[str, Any]) -> EmailMessage:
    """Return the mail of a pair of templates, ``…_subject.txt`` and ``…_message.txt``."""
    partnership = SiteIdentity.load()
    context = {**context, "partnership": partnership}
    subject = one_line(render_to_string(f"{template}_subject.txt", context))
    body = render_to_string(f"{template}_message.txt", context).strip() + "\n"
    return EmailMessage(subject, body, sender(partnership), [to])
