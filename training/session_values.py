"""Bulk action of sessions: set venue, delivery, places and the way to book."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from mscp.editing.bulk import BulkAction, BulkForm, Values
from training.models import Delivery, Places, Session, Venue

AS_IT_IS: list[tuple[str, str]] = [("", "Leave as it is")]
NO_VENUE = "none"


class SessionValuesForm(BulkForm[Session]):
    venue = forms.ChoiceField(label="Venue", required=False)
    delivery = forms.ChoiceField(
        label="Delivery", choices=[*AS_IT_IS, *Delivery.choices], required=False
    )
    places = forms.ChoiceField(label="Places", choices=[*AS_IT_IS, *Places.choices], required=False)
    booking_url = forms.URLField(
        label="Booking address",
        max_length=500,
        required=False,
        assume_scheme="https",
        widget=forms.URLInput(attrs={"class": "vURLField"}),
        help_text="Left empty, each keeps its own.",
    )
    booking_email = forms.EmailField(
        label="or e-mail address for booking",
        required=False,
        widget=forms.EmailInput(attrs={"class": "vTextField"}),
    )
    booked_as_course = forms.BooleanField(
        label="Book as the course says", required=False, help_text="None keeps one of its own."
    )

    def __init__(self, data: Mapping[str, object] | None = None, *, records: list[Session]) -> None:
        super().__init__(data, records=records)
        venues = [(str(venue.pk), venue.name) for venue in Venue.objects.only("name")]
        self.fields["venue"].choices = [  # type: ignore[attr-defined]
            *AS_IT_IS,
            (NO_VENUE, "No venue"),
            *venues,
        ]

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        ways = [name for name in BOOKING if cleaned.get(name)]
        if len(ways) > 1:
            raise ValidationError("Choose one way to book, not several.")
        if not self.errors and not self._values():
            raise ValidationError("Choose at least one thing to set.")
        return cleaned

    def values_for(self, record: Session) -> Values:
        return self._values()

    def _values(self) -> Values:
        cleaned = self.cleaned_data
        values = {name: cleaned[name] for name in ("delivery", "places") if cleaned.get(name)}
        if venue := cleaned.get("venue"):
            values["venue"] = None if venue == NO_VENUE else int(venue)
        if any(cleaned.get(name) for name in BOOKING):
            # A session has one way to book, so that a new one takes the place of the other.
            values["booking_url"] = cleaned.get("booking_url", "")
            values["booking_email"] = cleaned.get("booking_email", "")
        return values

    def what(self) -> str:
        names = {"booking_email": "the way to book", "booking_url": "the way to book"}
        changed = {names.get(name, name) for name in self._values()}
        return f"Set {', '.join(sorted(changed))}"


BOOKING = ("booking_url", "booking_email", "booked_as_course")

SESSION_VALUES = BulkAction[Session](
    label="Set venue, places or booking of",
    done="changed",
    explanation=(
        "What you leave as it is stays as each session has it. What would change is shown first; "
        "nothing is done before. Page and calendars follow at once."
    ),
    form=SessionValuesForm,
)
