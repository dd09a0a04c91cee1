"""Site context of every page: the partnership, the numbers to call, the footer links.

Each worker caches it until one of its tables changes.
"""

from datetime import date, datetime, timedelta
from typing import NamedTuple

from mscp.cache import versions
from mscp.database import clock
from mscp.models import ConcernContact, Page, PageChangeNote, SiteIdentity, StatementConfirmation
from mscp.publishing.releases import Release

versions.register(
    *versions.every_row(
        SiteIdentity._meta.db_table,
        ConcernContact._meta.db_table,
        StatementConfirmation._meta.db_table,
    ),
    versions.with_state(Page._meta.db_table, Page.objects.next_moment),
    *versions.part_of(Page._meta.db_table, "record_id", PageChangeNote._meta.db_table),
    # Not seen, but until its moment a page may be kept.
    versions.PublicTable(
        Release._meta.db_table,
        "{row}.moment IS NOT NULL",
        next_moment=Release.objects.next_moment,
    ),
)


class Contact(NamedTuple):
    label: str
    dial: str
    phone: str
    hours: str
    verified_on: date | None


class FooterPage(NamedTuple):
    title: str
    address: str


class SiteContext(NamedTuple):
    partnership: SiteIdentity
    notice: str
    """The notice of today; "" if there is none."""
    contacts: tuple[Contact, ...]
    pages: tuple[FooterPage, ...]
    until: datetime | None
    """The next moment at which the clock alone changes it."""


KEY = "site context"
_TABLES = tuple(
    model._meta.db_table for model in (SiteIdentity, ConcernContact, StatementConfirmation, Page)
)
_kept: versions.Kept[SiteContext] = versions.Kept()


def current() -> SiteContext:
    return _kept.get(KEY, versions.current(), _read, versions.unless_changed(*_TABLES))


def last_known() -> SiteContext | None:
    """Return what this process read last, without a query: for pages that say what has failed.

    It may be older than the last change; None if no page has been shown yet.
    """
    return _kept.last(KEY)


def _read() -> SiteContext:
    # Read before the pages: what goes live in between is then only read too often.
    until = Page.objects.next_moment()
    today = clock.today()
    partnership = SiteIdentity.load()
    if partnership.notice_starts or partnership.notice_ends:
        midnight = clock.start_of_day(today + timedelta(days=1))
        until = min(until or midnight, midnight)
    contacts = ConcernContact.objects.only("label", "phone", "hours", "verified_on")
    pages = Page.objects.published().only("title", "slug")
    return SiteContext(
        partnership=partnership,
        notice=partnership.notice_on(today),
        contacts=tuple(
            Contact(one.label, one.dial, one.phone, one.hours, one.verified_on) for one in contacts
        ),
        pages=tuple(FooterPage(page.title, page.get_absolute_url()) for page in pages),
        until=until,
    )
