"""What stands on every page: whose site it is, whom to call, the links at its foot."""

from typing import Any, NamedTuple

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from mscp.models import ConcernContact, Page, SiteIdentity


def site(request: HttpRequest) -> dict[str, Any]:
    """Provide the three, each read only by a template that shows it."""
    return {
        "partnership": SimpleLazyObject(SiteIdentity.load),
        "contacts": _contacts,
        "footer_pages": _footer_pages,
    }


class Contact(NamedTuple):
    label: str
    dial: str
    phone: str
    hours: str


class FooterPage(NamedTuple):
    title: str
    address: str


def _contacts() -> tuple[Contact, ...]:
    found = ConcernContact.objects.only("label", "phone", "hours")
    return tuple(Contact(one.label, one.dial, one.phone, one.hours) for one in found)


def _footer_pages() -> tuple[FooterPage, ...]:
    found = Page.objects.published().only("title", "slug")
    return tuple(FooterPage(page.title, page.get_absolute_url()) for page in found)
