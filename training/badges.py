"""Badges of a session: new, changed or cancelled, and the state of booking."""

from datetime import date, datetime, timedelta
from typing import NamedTuple

from django.utils import timezone
from django.utils.dateformat import format as format_date

from mscp.database import clock
from training.models import Places, Session, email_of

# For how many days, in London, something is called new or changed, including the day of the change.
A_DAY = timedelta(days=1)
BADGE_AGE = 7 * A_DAY


NEW, CHANGED, CANCELLED = "New", "Changed", "Cancelled"
# States of booking that call for haste or for another date; the others go without a mark.
MARKED = {Places.LAST_PLACES, Places.WAITING_LIST, Places.FULL}


class Badges(NamedTuple):
    """Words shown beside a session; each is empty if there is nothing to say."""

    happened: str
    """New, Changed or Cancelled."""
    change: str
    """What happened to it, in words that follow on."""
    places: str
    booking: str
    """The last day to book, or since when booking is closed."""
    book_at: str
    book_by_email: str


NOTHING = Badges("", "", "", "", "", "")


def badges_of(session: Session) -> Badges:
    if session.cancelled_at is not None:
        day = format_date(timezone.localtime(session.cancelled_at), "j F Y")
        change = f"on {day}. {session.change_note}".strip()
        return NOTHING._replace(happened=CANCELLED, change=change)
    if session.is_past:
        return NOTHING
    return Badges(
        happened=_happened(session),
        change=session.change_note,
        places=session.get_places_display() if session.places in MARKED else "",
        booking=_booking(session),
        **_way_to_book(session),
    )


def is_new(session: Session) -> bool:
    """Return whether the badges say so."""
    return not (session.is_cancelled or session.is_past) and _happened(session) == NEW


def _happened(session: Session) -> str:
    announced, revised = session.announced_at, session.revised_at
    # The preview of a draft has announced nothing yet.
    if announced is None or not session.is_published:
        return ""
    # What changed while it was a draft changed for nobody.
    if revised and revised >= announced and _is_recent(revised):
        return CHANGED
    # What came with many others, at set-up or by an import, is no news by itself.
    return NEW if _is_recent(announced) and not session.bulk_loaded else ""


def _is_recent(moment: datetime) -> bool:
    return moment >= clock.start_of_day(clock.today() - BADGE_AGE + A_DAY)


def _booking(session: Session) -> str:
    closes = session.booking_closes
    if closes is None:
        return ""
    if session.booking_closed:
        return f"Booking closed on {format_date(closes, 'j F Y')}"
    return "" if session.places == Places.FULL else f"Book by {_day(closes, session.start_date)}"


def _day(day: date, other: date) -> str:
    """Format a day, with its year only if that of the other date differs."""
    return format_date(day, "j F" if day.year == other.year else "j F Y")


def _way_to_book(session: Session) -> dict[str, str]:
    if session.booking_closed or session.places == Places.FULL:
        return {"book_at": "", "book_by_email": ""}
    return {"book_at": session.book_at, "book_by_email": email_of(session.book_at)}
