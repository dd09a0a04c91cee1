"""Texts of a calendar entry in plain words."""

from django.utils import timezone
from django.utils.dateformat import format as format_date

from mscp.exports.base import ExportContext
from training.access import access_lines
from training.models import Delivery, Places, Session, email_of


def title_of(session: Session) -> str:
    # Some programs show no status.
    return f"CANCELLED: {session.course.title}" if session.is_cancelled else session.course.title


def place_of(session: Session) -> str:
    """Return its place, or "" if that is not known."""
    if session.is_online:
        return "Online"
    venue = session.venue
    return venue.name_and_address if venue else ""


def description_of(session: Session, context: ExportContext) -> str:
    going_ahead = not session.is_cancelled
    paragraphs = [
        _what_changed(session),
        session.course.summary,
        _facts(session),
        session.note,
        _how_to_book(session, context) if going_ahead else "",
        f"Join online: {session.joining_url}" if session.joining_url and going_ahead else "",
        _accessibility(session, context),
        f"On the site: {context.absolute(session.get_absolute_url())}",
    ]
    return "\n\n".join(paragraph for paragraph in paragraphs if paragraph)


def _what_changed(session: Session) -> str:
    if session.cancelled_at is None:
        return session.change_note
    day = format_date(timezone.localtime(session.cancelled_at), "j F Y")
    return f"Cancelled on {day}. {session.change_note}".strip()


def _facts(session: Session) -> str:
    """Return the known facts, a line each; for time and place also that they are not known."""
    course = session.course
    stated = session.delivery != Delivery.NOT_STATED
    places = session.get_places_display() if session.places_known else ""
    facts = {
        "For whom": ", ".join(audience.name for audience in course.audiences.all()),
        "Cost": session.what_it_costs,
        "Trainer": session.public_trainer,
        "Time": session.times or "not known",
        "Venue": "" if session.venue or session.is_online else "not known",
        "Format": session.get_delivery_display() if stated else "",
        "Places": ", ".join(filter(None, [places, session.capacity_in_words])),
    }
    return "\n".join(f"{label}: {text}" for label, text in facts.items() if text)


def _how_to_book(session: Session, context: ExportContext) -> str:
    closes = session.booking_closes and format_date(session.booking_closes, "j F Y")
    if session.booking_closed:
        return f"Booking closed on {closes}."
    if session.places == Places.FULL:
        return ""
    lines = [_booking_contact(session, context), f"Last day to book: {closes}." if closes else ""]
    return "\n".join(line for line in lines if line)


def _booking_contact(session: Session, context: ExportContext) -> str:
    address = session.book_at
    if email := email_of(address):
        return f"Book by e-mail: {email}"
    if address:
        return f"Book: {address}"
    contact = context.partnership.email or context.partnership.website
    return f"To book, ask: {contact}" if contact else ""


def _accessibility(session: Session, context: ExportContext) -> str:
    venue = session.venue
    if venue is None:
        return ""
    page = context.absolute(venue.get_absolute_url())
    lines = [f"Accessibility at {venue.name}", *access_lines(venue), venue.accessibility, page]
    return "\n".join(line for line in lines if line)
