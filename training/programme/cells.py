"""Cells of a session, column by column, for every format of the export."""

from datetime import date, time

from training.models import Session

Cell = str | date | time | None


def cells_of(session: Session) -> dict[str, Cell]:
    """Return the values of a session by column; days and times as such."""
    return {
        "title": session.course.title,
        "date": session.start_date,
        "end_date": session.end_date,
        "start": session.start_time,
        "end": session.end_time,
        "delivery": session.get_delivery_display(),
        "joining": session.joining_url,
        "venue": ", ".join(filter(None, [session.venue.name, *session.venue.address_lines]))
        if session.venue
        else "",
        "places": _places(session),
        "booking": session.booking_email or session.booking_url,
        "closes": session.booking_closes,
        "audience": "; ".join(audience.name for audience in session.course.audiences.all()),
        "cost": session.what_it_costs,
        "trainer": session.trainer,
        "note": session.note,
        "status": "Cancelled" if session.is_cancelled else "",
    }


def _places(session: Session) -> str:
    """Return "Waiting list; 25 places", or the part of it that is known."""
    if session.capacity is None:
        return session.get_places_display()
    number = f"{session.capacity} places"
    return f"{session.get_places_display()}; {number}" if session.places_known else number
