"""What stands around every page: whose site it is, whom to call, the links at its foot.

Each worker keeps it while its stamp stands, so that a page asks for the stamp alone.
"""

from datetime import datetime
from typing import NamedTuple

from django.utils import timezone

from mscp import stamps
from mscp.models import ConcernContact, Page, SiteIdentity

SITE = stamps.register(
    stamps.Stamped(
        "site",
        tuple(model._meta.db_table for model in (SiteIdentity, ConcernContact, Page)),
    )
)


class Contact(NamedTuple):
    label: str
    dial: str
    phone: str
    hours: str


class FooterPage(NamedTuple):
    title: str
    address: str


class Frame(NamedTuple):
    partnership: SiteIdentity
    contacts: tuple[Contact, ...]
    pages: tuple[FooterPage, ...]
    until: datetime | None
    """When the clock alone will next change it."""


_kept: dict[tuple[str, ...], Frame] = {}


def current() -> Frame:
    stamp = SITE.current()
    frame = _kept.get(stamp)
    if frame is None or (frame.until and frame.until <= timezone.now()):
        frame = _read()
        _kept.clear()
        if stamp:
            _kept[stamp] = frame
    return frame


def _read() -> Frame:
    # Asked for before the pages: what goes live in between is then only read too often.
    until = Page.objects.next_moment()
    contacts = ConcernContact.objects.only("label", "phone", "hours")
    pages = Page.objects.published().only("title", "slug")
    return Frame(
        partnership=SiteIdentity.load(),
        contacts=tuple(Contact(one.label, one.dial, one.phone, one.hours) for one in contacts),
        pages=tuple(FooterPage(page.title, page.get_absolute_url()) for page in pages),
        until=until,
    )
