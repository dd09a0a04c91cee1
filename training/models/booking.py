"""Where a place is booked: an address elsewhere, or an e-mail address. Nothing is booked here."""

from typing import Any

from django.db import models
from django.db.models import Q


def book_at(record: Any) -> str:
    """Return the address at which a course or a session itself is booked, or nothing."""
    if record.booking_email:
        return f"mailto:{record.booking_email}"
    return record.booking_url


def one_way_to_book(name: str) -> models.CheckConstraint:
    return models.CheckConstraint(
        condition=Q(booking_url="") | Q(booking_email=""),
        name=name,
        violation_error_message="Give an address for booking or an e-mail address, not both.",
    )
