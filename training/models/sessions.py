"""Sessions: when and where a course is held."""

from collections.abc import Iterator
from datetime import date, datetime, time
from functools import lru_cache
from typing import Any, Self, Unpack

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models, transaction
from django.db.models import Expression, F, Q
from django.db.models.functions import Coalesce
from django.db.models.lookups import GreaterThanOrEqual
from django.utils.dateformat import format as format_date

from mscp.database import clock
from mscp.publishing import identifiers
from mscp.publishing.approvals import may_change_live, refuse_change
from mscp.publishing.content_hash import field_values
from mscp.publishing.gate import FollowsParentQuerySet
from mscp.records.audit import MomentField, Tracked
from mscp.records.history import history
from mscp.records.labels import quick_labels
from mscp.records.saving import SaveOptions
from training.models.booking import book_at, one_way_to_book
from training.models.courses import Course
from training.models.revisions import changed_fields, stored_number
from training.models.venues import Venue


class Delivery(models.TextChoices):
    IN_PERSON = "in_person", "In person"
    ONLINE = "online", "Online"
    HYBRID = "hybrid", "In person and online"
    NOT_STATED = "not_stated", "Not stated"


class Places(models.TextChoices):
    OPEN = "open", "Places available"
    LAST_PLACES = "last_places", "Last places"
    WAITING_LIST = "waiting_list", "Waiting list"
    FULL = "full", "Full"
    NOT_KNOWN = "not_known", "Not known"


# A day, or an expression of the database for one; None is today.
Day = date | Expression | None


def is_upcoming(*, today: Day = None) -> GreaterThanOrEqual:
    """Return the condition that a session ends today or later, in London."""
    last_day = Coalesce("end_date", "start_date")
    return GreaterThanOrEqual(last_day, today or clock.today())


class SessionQuerySet(FollowsParentQuerySet["Session"]):
    parent = "course"

    def own_records(self) -> Self:
        """Filter by sessions of their own, without those of proposed changes."""
        return self.filter(course__revises=None)

    def announced(self) -> Self:
        """Filter by what is announced or is to be: a change counts only with what it adds."""
        return self.filter(revises=None)

    def upcoming(self, *, today: Day = None) -> Self:
        return self.filter(is_upcoming(today=today))

    def past(self, *, today: Day = None) -> Self:
        return self.filter(~Q(is_upcoming(today=today)))

    def going_ahead(self) -> Self:
        return self.filter(cancelled_at=None)

    def soonest_first(self) -> Self:
        """Order by day, and within a day by time, sessions without a time last."""
        return self.order_by("start_date", F("start_time").asc(nulls_last=True), "pk")

    def latest_first(self) -> Self:
        return self.order_by("-start_date", F("start_time").desc(nulls_last=True), "-pk")


FIRST_YEAR, LAST_YEAR = 2000, 2199


@quick_labels
class Session(Tracked):
    """One dated run of a course. Everything but its first day may be unknown."""

    NOT_CONTENT = ("course", "revises", "sequence", "bulk_loaded", "revised_at")
    # The field of the record that it is a part of.
    PARENT = "course"
    # Edited by no form, and yet a value that a proposed change merges.
    MERGED = ("cancelled_at",)

    course = models.ForeignKey(
        Course, models.CASCADE, related_name="sessions", limit_choices_to={"revises": None}
    )
    # In a proposed change: the session that this one stands for. That may be deleted meanwhile,
    # which is then asked about, so that the database holds no reference to it.
    revises = models.ForeignKey(
        "self",
        models.DO_NOTHING,
        null=True,
        blank=True,
        editable=False,
        db_index=False,
        db_constraint=False,
        related_name="revisions",
    )
    revises_id: int | None
    start_date = models.DateField("first day")
    end_date = models.DateField(
        "last day", null=True, blank=True, help_text="Only when it takes several days in a row."
    )
    start_time = models.TimeField("from", null=True, blank=True, help_text="Empty: not known.")
    end_time = models.TimeField("to", null=True, blank=True)
    delivery = models.CharField(
        max_length=12, choices=Delivery, default=Delivery.NOT_STATED, help_text="How it is taught."
    )
    joining_url = models.URLField(
        "joining address",
        max_length=500,
        blank=True,
        help_text=(
            "Only one that anybody may know: the page and calendars show it. Leave a private one "
            "out; whoever books is sent it."
        ),
    )
    venue = models.ForeignKey(Venue, models.PROTECT, null=True, blank=True, related_name="sessions")
    places = models.CharField(max_length=12, choices=Places, default=Places.NOT_KNOWN)
    capacity = models.PositiveSmallIntegerField(
        "number of places",
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(9999)],
        help_text="How many may come in all. Empty: not stated.",
    )
    cost = models.CharField(max_length=200, blank=True, help_text="Empty: that of the course.")
    trainer = models.CharField(
        max_length=150,
        blank=True,
        help_text="Who teaches it. A person's name: only staff see it, unless you tick it.",
    )
    trainer_shown = models.BooleanField(
        "name the trainer on the site",
        default=False,
        db_default=False,
        help_text="Only if that person agreed. The page and calendars then say the name.",
    )
    booking_url = models.URLField(
        "booking address", max_length=500, blank=True, help_text="Empty: that of the course."
    )
    booking_email = models.EmailField("or e-mail address for booking", blank=True)
    booking_closes = models.DateField(
        "last day to book",
        null=True,
        blank=True,
        help_text="From the day after, the page says that booking has closed.",
    )
    note = models.CharField(
        max_length=250, blank=True, help_text="Shown beside the session: “All-day training”."
    )

    change_note = models.CharField(
        "note on a change",
        max_length=250,
        blank=True,
        help_text=(
            "Shown with a session that was moved or cancelled, on the page and in calendars: "
            "“Moved from 14 January because the trainer is ill”."
        ),
    )
    # Set by cancelling and cleared by reinstating; calendars count their days from it.
    cancelled_at = MomentField("cancelled", null=True, blank=True, editable=False)
    # SEQUENCE of the calendar entry (RFC 5545, 3.8.7.4): rises with all that the entry shows.
    sequence = models.PositiveIntegerField(default=0, editable=False)
    # Loaded together with many others, at set-up or by an import: its announcement is no news.
    bulk_loaded = models.BooleanField(default=False, db_default=False, editable=False)
    # When day, time, place or whether it goes ahead last changed; None while nothing has.
    revised_at = MomentField(null=True, editable=False)

    # Set where one record of its course or venue takes the place of another: calendars follow, but
    # nothing changed for somebody who means to attend.
    is_same_meeting: bool = False

    objects = SessionQuerySet.as_manager()
    history = history(without=["sequence", "revised_at", "bulk_loaded"])

    # The fields whose change matters to somebody who means to attend.
    REVISIONS = (
        "course_id",
        "start_date",
        "end_date",
        "start_time",
        "end_time",
        "delivery",
        "venue_id",
        "cancelled_at",
    )
    # What is corrected at once, without a second person: when it is held, and whether at all.
    WHEN = (
        *("start_date", "end_date", "start_time", "end_time"),
        *("booking_closes", "cancelled_at"),
    )
    CORRECTIONS = (*WHEN, "change_note")
    CALENDAR_FIELDS = (
        *REVISIONS,
        "joining_url",
        "places",
        *("capacity", "cost", "trainer", "trainer_shown"),
        "booking_url",
        "booking_email",
        "booking_closes",
        "note",
        "change_note",
    )

    class Meta:
        ordering = ["start_date", "start_time", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(end_date=None) | Q(end_date__gt=F("start_date")),
                name="training_session_days_in_order",
                violation_error_message=(
                    "The last day must come after the first; leave it empty for a single day."
                ),
            ),
            models.CheckConstraint(
                condition=Q(end_time=None) | Q(start_time__isnull=False),
                name="training_session_end_needs_start",
                violation_error_message="Give the time it starts, or neither time.",
            ),
            models.CheckConstraint(
                condition=Q(end_time=None)
                | Q(end_date__isnull=False)
                | Q(end_time__gt=F("start_time")),
                name="training_session_times_in_order",
                violation_error_message="It must end later than it starts.",
            ),
            models.CheckConstraint(
                condition=~Q(delivery=Delivery.ONLINE) | Q(venue=None),
                name="training_session_online_no_venue",
                violation_error_message=(
                    "An online session has no venue; choose “In person and online” for both."
                ),
            ),
            models.CheckConstraint(
                condition=Q(joining_url="") | Q(delivery__in=[Delivery.ONLINE, Delivery.HYBRID]),
                name="training_session_joining_online",
                violation_error_message=(
                    "A joining address is for what is taught online; choose “Online” or “In "
                    "person and online”."
                ),
            ),
            models.CheckConstraint(
                condition=Q(booking_closes=None)
                | Q(booking_closes__lte=Coalesce("end_date", "start_date")),
                name="training_session_booking_closes_before_end",
                violation_error_message="The last day to book comes before the session is over.",
            ),
            one_way_to_book("training_session_one_way_to_book"),
            models.UniqueConstraint(fields=["revises"], name="training_session_one_revision"),
        ]
        indexes = [
            models.Index(fields=["start_date"], name="session_start_date"),
            # Covers all that the next date of a course is found by, in the order of the days: with
            # cancelled_at as a column PostgreSQL would not know that order.
            models.Index(
                fields=["course", "start_date", "end_date"],
                condition=Q(cancelled_at=None),
                name="session_going_ahead",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.course}, {self.when}"

    @property
    def anchor(self) -> str:
        return anchor_of(self.pk)

    def get_absolute_url(self) -> str:
        return f"{self.course.get_absolute_url()}#{self.anchor}"

    @property
    def calendar_address(self) -> str:
        return f"{self.course.get_absolute_url()}{self.anchor}.ics"

    @property
    def qr_address(self) -> str:
        return f"{self.course.get_absolute_url()}{self.anchor}.svg"

    def save(self, **options: Unpack[SaveOptions]) -> None:
        with transaction.atomic():
            self._refuse_change()
            identifiers.refuse_unsettled(self, self.course)
            changed = changed_fields(self, self.CALENDAR_FIELDS)
            if not self.trainer_shown and "trainer_shown" not in changed:
                # Nobody outside sees that name.
                changed.discard("trainer")
            if changed:
                self.sequence = stored_number(self, "sequence") + 1
            if changed & set(self.REVISIONS) and not self.is_same_meeting:
                self.revised_at = clock.now()
            super().save(**options)

    def delete(self, *args: Any, **options: Any) -> tuple[int, dict[str, int]]:
        with transaction.atomic():
            refuse_change(self.course)
            return super().delete(*args, **options)

    def _refuse_change(self) -> None:
        """Raise ValidationError if a live course would say more by this save than a correction."""
        if may_change_live():
            return
        stored = Session.objects.filter(pk=self.pk).first() if self.pk else None
        if stored is None or self.says_more_than(stored):
            refuse_change(self.course)
            if stored is not None and stored.course_id != self.course_id:
                refuse_change(stored.course)

    # --- two people -----------------------------------------------------------------------------

    def says_more_than(self, stored: "Session") -> bool:
        """Return whether it differs by more than when it is held, with the note that says why."""
        if (self.content(), self.course_id) != (stored.content(), stored.course_id):
            return True
        is_note = self.change_note not in ("", stored.change_note)
        return is_note and all(getattr(self, name) == getattr(stored, name) for name in self.WHEN)

    def content(self) -> dict[str, object]:
        """Return what readers see of it, but for what is corrected at once."""
        values = field_values(self)
        if not self.trainer_shown:
            values.pop("trainer", None)
        return {name: value for name, value in values.items() if name not in self.CORRECTIONS}

    # --- proposed changes -----------------------------------------------------------------------

    def take_over_field(self, field: Any, source: "Session") -> None:
        """Take over a field of the session that stands for this one, or that this stands for."""
        setattr(self, field.attname, getattr(source, field.attname))

    @property
    def name_as_part(self) -> str:
        """Return what a change of its course calls it."""
        return f"Session of {self.when}"

    @property
    def in_full(self) -> str:
        """Return all that it says, as one who approves it must read it."""
        beside = "Cancelled" if self.is_cancelled else ""
        is_stated = self.delivery != Delivery.NOT_STATED
        delivery = self.get_delivery_display() if is_stated else ""
        booking = self.booking_email or self.booking_url
        closes = f"Book until {_days(self.booking_closes, None)}" if self.booking_closes else ""
        places = self.get_places_display() if self.places_known else ""
        whose = "named on the site" if self.trainer_shown else "for staff only"
        trainer = self.trainer and f"Trainer: {self.trainer} ({whose})"
        facts = (
            *(self.when, self.times, beside, delivery, self.joining_url),
            *(str(self.venue or ""), places, self.capacity_in_words),
            *(self.cost and f"Cost: {self.cost}", trainer),
            *(booking and f"Book at {booking}", closes),
            *(self.note, self.change_note),
        )
        return "\n".join(filter(None, facts))

    # --- changes -------- -------------------------------------------------------------------

    def cancel(self, *, note: str = "") -> None:
        """Mark it as cancelled; it stays where it was announced."""
        if self.is_cancelled:
            raise ValidationError("It is cancelled already.")
        self.cancelled_at, self.change_note = clock.now(), note.strip()
        self.save()

    def reinstate(self, *, note: str = "") -> None:
        """Undo a cancellation."""
        if not self.is_cancelled:
            raise ValidationError("It is not cancelled.")
        self.cancelled_at, self.change_note = None, note.strip()
        self.save()

    def move(self, start_date: date, *, note: str = "") -> None:
        """Move it to another first day; its length and its booking deadline move with it."""
        self._set_first_day(start_date)
        self.change_note = note.strip()
        self.save()

    def copy_to(self, start_date: date) -> "Session":
        """Return an unsaved copy on another first day, as a new announcement.

        Places and the address to join online belong to a day, so they are not copied.
        """
        copied = {
            name: getattr(self, name)
            for name in (
                *("course_id", "start_date", "end_date", "start_time", "end_time", "delivery"),
                *("venue_id", "capacity", "cost", "booking_url", "booking_email"),
                *("booking_closes", "note"),
            )
        }
        copy = Session(**copied)
        copy.course, copy.venue = self.course, self.venue
        copy._set_first_day(start_date)
        return copy

    def _set_first_day(self, start_date: date) -> None:
        by = start_date - self.start_date
        self.start_date = start_date
        self.end_date = self.end_date and self.end_date + by
        self.booking_closes = self.booking_closes and self.booking_closes + by

    # --- properties ---------------------------------------------------------------------------

    @property
    def is_published(self) -> bool:
        return self.course.is_published

    @property
    def announced_at(self) -> datetime | None:
        """Return when readers could first see it, or None for the session of a draft."""
        live = self.course.first_published_at
        return max(live, self.created_at) if live else None

    @property
    def is_cancelled(self) -> bool:
        return self.cancelled_at is not None

    @property
    def last_day(self) -> date:
        return self.end_date or self.start_date

    @property
    def is_past(self) -> bool:
        return self.last_day < clock.today()

    @property
    def when(self) -> str:
        """Return its day or days: "14 January 2025", "29 June to 2 July 2025"."""
        return _days(self.start_date, self.end_date)

    @property
    def times(self) -> str:
        return times_in_words(self.start_time, self.end_time)

    @property
    def book_at(self) -> str:
        return book_at(self) or self.course.book_at

    @property
    def booking_closed(self) -> bool:
        return self.booking_closes is not None and self.booking_closes < clock.today()

    @property
    def is_online(self) -> bool:
        return self.delivery == Delivery.ONLINE

    @property
    def places_known(self) -> bool:
        return self.places != Places.NOT_KNOWN

    @property
    def capacity_in_words(self) -> str:
        if self.capacity is None:
            return ""
        return f"{self.capacity:,} place{'s' if self.capacity != 1 else ''} in all"

    @property
    def what_it_costs(self) -> str:
        return self.cost or self.course.cost

    @property
    def public_trainer(self) -> str:
        """Return the name of its trainer where readers may know it, else ""."""
        return self.trainer if self.trainer_shown else ""

    def clean(self) -> None:
        super().clean()
        if self.trainer_shown and not self.trainer:
            raise ValidationError({"trainer": "Give the name that the site is to say."})
        if self.start_date and not FIRST_YEAR <= self.start_date.year <= LAST_YEAR:
            raise ValidationError({"start_date": "Write the year with four digits: 14/01/2027."})


def _contact_data() -> Iterator[str]:
    """Yield where places are booked by e-mail."""
    for model in (Course, Session):
        emails = model._default_manager.exclude(booking_email="").order_by()
        yield from emails.values_list("booking_email", flat=True).distinct()


identifiers.register_contact_data(_contact_data)


def anchor_of(key: int) -> str:
    """Return the fragment id of a session on every page that lists it."""
    return f"session-{key}"


def times_in_words(start: time | None, end: time | None) -> str:
    """Return "9:30am to 1pm", or "" if the time is not known."""
    if start is None:
        return ""
    return f"{_clock(start)} to {_clock(end)}" if end else f"from {_clock(start)}"


# Cached: a page shows some hundred days, and the next page mostly the same ones.
@lru_cache(maxsize=2000)
def _days(first: date, last: date | None) -> str:
    if last is None:
        return format_date(first, "j F Y")
    if first.year != last.year:
        return f"{format_date(first, 'j F Y')} to {format_date(last, 'j F Y')}"
    if first.month != last.month:
        return f"{format_date(first, 'j F')} to {format_date(last, 'j F Y')}"
    return f"{first.day} to {format_date(last, 'j F Y')}"


@lru_cache(maxsize=500)
def _clock(moment: time) -> str:
    """Format a time as the NHS and GOV.UK style guides do: 9am, 1:30pm, midday."""
    text = format_date(moment, "g:iA").lower().replace(":00", "")
    return {"12pm": "midday", "12am": "midnight"}.get(text, text)
