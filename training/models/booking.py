"""Booking address: a web address or an e-mail address. Nothing is booked on this site."""

from typing import Protocol

from django.db import models
from django.db.models import Q


class Bookable(Protocol):
    """A course or a session."""

    @property
    def booking_email(self) -> str: ...

    @property
    def booking_url(self) -> str: ...


def book_at(record: Bookable) -> str:
    """Return the booking address of a course or a session itself, or ""."""
    if record.booking_email:
        return f"mailto:{record.booking_email}"
    return record.booking_url


def email_of(address: str) -> str:
    """Return the e-mail address of a booking address, or ""."""
    return address.removeprefix("mailto:") if address.startswith("mailto:") else ""


def booking_fields(text: str) -> dict[str, str]:
    """Return the fields for a typed booking address: a web address or an e-mail."""
    text = text.removeprefix("mailto:")
    if "@" in text and "/" not in text:
        return {"booking_email": text}
    return {"booking_url": text if "://" in text else f"https://{text}"} if text else {}


def one_way_to_book(name: str) -> models.CheckConstraint:
    return models.CheckConstraint(
        condition=Q(booking_url="") | Q(booking_email=""),
        name=name,
        violation_error_message="Give an address for booking or an e-mail address, not both.",
    )
