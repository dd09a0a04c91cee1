"""What is taught, when and where."""

from collections.abc import Iterable
from datetime import date
from typing import Any, ClassVar, Self

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.db.models.functions import Coalesce, Lower
from django.db.models.lookups import GreaterThanOrEqual
from django.urls import reverse
from django.utils import timezone
from django.utils.dateformat import format as format_date

from mscp.addresses import address_of
from mscp.formatting import FORMATTING_HELP
from mscp.history import history
from mscp.publishing import FollowsParentQuerySet, Publishable, PublishableQuerySet
from mscp.search.searchable import COLUMNS, Searchable
from mscp.slugs import Slugged
from mscp.tracking import Tracked
from reviews.models import Publication, Theme
from training.photos import photo_path, prepare_photo, validate_photo


class Audience(Slugged, Tracked):
    """Whom a course is for: one term of a list that staff keep."""

    name = models.CharField(max_length=80)
    position = models.PositiveSmallIntegerField("order", default=0, help_text="Lowest first.")

    history = history()

    class Meta:
        ordering = ["position", "name"]
        constraints = [
            models.UniqueConstraint(fields=["slug"], name="training_audience_slug_once"),
            models.UniqueConstraint(
                Lower("name"),
                name="training_audience_name_once",
                violation_error_message="There is an audience of this name already.",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Venue(Searchable, Slugged, Tracked):
    """A place where sessions are held."""

    name = models.CharField(max_length=150)
    street = models.CharField(max_length=200, blank=True)
    town = models.CharField(max_length=80, blank=True)
    postcode = models.CharField(max_length=10, blank=True)
    directions = models.TextField(
        "how to get there", blank=True, max_length=2000, help_text=FORMATTING_HELP
    )
    accessibility = models.TextField(
        blank=True,
        max_length=2000,
        help_text=(
            "Only what somebody has seen: step-free way in, lift, toilet, hearing loop, parking. "
            "Left empty, the page says that it is not known."
        ),
    )
    photo = models.ImageField(
        upload_to=photo_path,
        blank=True,
        validators=[validate_photo],
        help_text="Of the building, so that people find it. Place data is removed from the file.",
    )
    photo_alt = models.CharField(
        "what the photo shows",
        max_length=250,
        blank=True,
        help_text="For people who cannot see it: “Red-brick entrance facing the bus stop”.",
    )
    staff_note = models.TextField(
        "note for staff", blank=True, max_length=2000, help_text="Never shown to visitors."
    )

    history = history(without=COLUMNS)

    class Meta:
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(fields=["slug"], name="training_venue_slug_once"),
            models.CheckConstraint(
                condition=Q(photo="", photo_alt="") | (~Q(photo="") & ~Q(photo_alt="")),
                name="training_venue_photo_described",
                violation_error_message=(
                    "A photo and the words that say what it shows belong together: give both or "
                    "neither."
                ),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return address_of("training:venue", slug=self.slug)

    def save(self, *args: Any, **kwargs: Any) -> None:
        if self.photo and not getattr(self.photo, "_committed", True):
            self.photo = prepare_photo(self.photo)
        super().save(*args, **kwargs)

    def searchable_names(self) -> list[str]:
        return [self.name]

    def searchable_texts(self) -> list[str]:
        return [self.address, self.directions, self.accessibility]

    @property
    def file_address(self) -> str:
        return reverse("training:venue_photo", kwargs={"slug": self.slug})

    @property
    def file_text(self) -> str:
        return "the photo"

    @property
    def address_lines(self) -> list[str]:
        place = " ".join(part for part in (self.town, self.postcode) if part)
        return [line for line in (self.street, place) if line]

    @property
    def address(self) -> str:
        return ", ".join(self.address_lines)


class CourseQuerySet(PublishableQuerySet):
    def about(self, themes: Iterable[Theme]) -> Self:
        """Keep courses of at least one of these themes, each once."""
        rows = Course.themes.through.objects.filter(theme__in=themes)
        return self.filter(pk__in=rows.values("course_id"))

    def near(self, publication: Publication) -> Self:
        """Keep courses that teach a publication, told by ``is_direct``, or share a theme of it."""
        teaching = Course.publications.through.objects.filter(publication=publication.pk)
        is_direct = Q(pk__in=teaching.values("course_id"))
        about = Course.themes.through.objects.filter(theme__in=publication.themes.all())
        near = is_direct | Q(pk__in=about.values("course_id"))
        return self.filter(near).annotate(
            is_direct=models.ExpressionWrapper(is_direct, models.BooleanField()),
            next_session=models.Subquery(_coming().values("pk")[:1]),
        )

    def next_first(self, *before: str) -> Self:
        """Add ``next_date``, the first day still to come or None, and order by it."""
        return self.annotate(
            next_date=models.Subquery(_coming().values("start_date")[:1])
        ).order_by(*before, F("next_date").asc(nulls_last=True), "title", "pk")

    def without_date_ahead(self) -> Self:
        return self.exclude(Exists(_coming()))


def _coming() -> Any:
    """Return, inside a query of courses, the sessions of each that are still to come."""
    return Session.objects.filter(course=OuterRef("pk")).upcoming().soonest_first()


def without_course(publications: Any) -> Any:
    """Keep publications that no published course teaches or shares a theme with."""
    courses = Course.objects.published().values("pk")
    teaching = Course.publications.through.objects.filter(course__in=courses)
    themes = Course.themes.through.objects.filter(course__in=courses).values("theme")
    about = Publication.themes.through.objects.filter(theme__in=themes)
    return publications.exclude(pk__in=teaching.values("publication")).exclude(
        pk__in=about.values("publication")
    )


class Course(Searchable, Publishable, Slugged, Tracked):
    """Something that is taught, in one or many sessions."""

    title = models.CharField(max_length=200)
    summary = models.TextField(
        blank=True, max_length=1000, help_text="One or two sentences for the lists."
    )
    description = models.TextField(
        blank=True,
        max_length=10_000,
        help_text=f"What it teaches, who should come, what it costs. {FORMATTING_HELP}",
    )
    audiences = models.ManyToManyField(
        Audience,
        blank=True,
        verbose_name="for whom",
        related_name="courses",
        help_text="From the list of audiences, which a publisher keeps.",
    )
    themes = models.ManyToManyField(Theme, blank=True, related_name="courses")
    publications = models.ManyToManyField(
        Publication,
        blank=True,
        verbose_name="publications it teaches",
        related_name="courses",
        help_text="Reviews, reports and learnings that the course passes on.",
    )
    provider = models.CharField(max_length=150, blank=True, help_text="Who teaches it, if known.")
    booking_url = models.URLField(
        "booking address",
        max_length=500,
        blank=True,
        help_text="Used for sessions that have none of their own.",
    )
    staff_note = models.TextField(
        "note for staff", blank=True, max_length=2000, help_text="Never shown to visitors."
    )

    objects: ClassVar[Any] = CourseQuerySet.as_manager()
    history = history(without=COLUMNS, many_to_many=[audiences, themes, publications])

    class Meta(Publishable.Meta):
        ordering = ["title"]
        constraints = [
            *Publishable.Meta.constraints,
            models.UniqueConstraint(fields=["slug"], name="training_course_slug_once"),
            models.CheckConstraint(
                condition=~Q(title=""),
                name="training_course_has_title",
                violation_error_message="Give a title.",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return address_of("training:course", slug=self.slug)

    def searchable_names(self) -> list[str]:
        return [self.title]

    def searchable_texts(self) -> list[str]:
        return [self.summary, self.description, self.provider]


class Delivery(models.TextChoices):
    IN_PERSON = "in_person", "In person"
    ONLINE = "online", "Online"
    HYBRID = "hybrid", "In person and online"
    NOT_STATED = "not_stated", "Not stated"


class Places(models.TextChoices):
    OPEN = "open", "Places available"
    WAITING_LIST = "waiting_list", "Waiting list"
    FULL = "full", "Full"
    NOT_KNOWN = "not_known", "Not known"


def is_upcoming(*, today: date | None = None) -> Any:
    """Build the condition that a session ends today or later, by London's calendar."""
    last_day = Coalesce("end_date", "start_date")
    return GreaterThanOrEqual(last_day, today or timezone.localdate())


class SessionQuerySet(FollowsParentQuerySet):
    parent = "course"

    def upcoming(self, *, today: date | None = None) -> Self:
        return self.filter(is_upcoming(today=today))

    def past(self, *, today: date | None = None) -> Self:
        return self.filter(~Q(is_upcoming(today=today)))

    def soonest_first(self) -> Self:
        """Order by day, and within a day by time, sessions without a time last."""
        return self.order_by("start_date", F("start_time").asc(nulls_last=True), "pk")

    def latest_first(self) -> Self:
        return self.order_by("-start_date", F("start_time").desc(nulls_last=True), "-pk")


FIRST_YEAR, LAST_YEAR = 2000, 2199


class Session(Tracked):
    """One dated run of a course. Everything but its first day may be unknown."""

    course = models.ForeignKey(Course, models.CASCADE, related_name="sessions")
    start_date = models.DateField("first day")
    end_date = models.DateField(
        "last day", null=True, blank=True, help_text="Only when it takes several days in a row."
    )
    start_time = models.TimeField("from", null=True, blank=True, help_text="Empty: not known.")
    end_time = models.TimeField("to", null=True, blank=True)
    delivery = models.CharField(
        max_length=12, choices=Delivery, default=Delivery.NOT_STATED, help_text="How it is taught."
    )
    venue = models.ForeignKey(Venue, models.PROTECT, null=True, blank=True, related_name="sessions")
    places = models.CharField(max_length=12, choices=Places, default=Places.NOT_KNOWN)
    booking_url = models.URLField("booking address", max_length=500, blank=True)
    note = models.CharField(
        max_length=250, blank=True, help_text="Shown beside the session: “All-day training”."
    )

    objects = SessionQuerySet.as_manager()
    history = history()

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
        ]
        indexes = [models.Index(fields=["start_date"], name="session_start_date")]

    def __str__(self) -> str:
        return f"{self.course}, {self.when}"

    def get_absolute_url(self) -> str:
        return f"{self.course.get_absolute_url()}#session-{self.pk}"

    @property
    def is_published(self) -> bool:
        return self.course.is_published

    @property
    def last_day(self) -> date:
        return self.end_date or self.start_date

    @property
    def is_past(self) -> bool:
        return self.last_day < timezone.localdate()

    @property
    def when(self) -> str:
        """Return its day or days: "14 January 2025", "29 June to 2 July 2025"."""
        first, last = self.start_date, self.end_date
        if last is None:
            return format_date(first, "j F Y")
        if first.year != last.year:
            return f"{format_date(first, 'j F Y')} to {format_date(last, 'j F Y')}"
        if first.month != last.month:
            return f"{format_date(first, 'j F')} to {format_date(last, 'j F Y')}"
        return f"{first.day} to {format_date(last, 'j F Y')}"

    @property
    def times(self) -> str:
        """Return "9:30am to 1pm", or nothing where the time is not known."""
        if self.start_time is None:
            return ""
        start = _clock(self.start_time)
        return f"{start} to {_clock(self.end_time)}" if self.end_time else f"from {start}"

    @property
    def book_at(self) -> str:
        return self.booking_url or self.course.booking_url

    @property
    def is_online(self) -> bool:
        return self.delivery == Delivery.ONLINE

    @property
    def places_known(self) -> bool:
        return self.places != Places.NOT_KNOWN

    def clean(self) -> None:
        super().clean()
        if self.start_date and not FIRST_YEAR <= self.start_date.year <= LAST_YEAR:
            raise ValidationError({"start_date": "Write the year with four digits: 14/01/2027."})


def _clock(time: Any) -> str:
    """Write a time as the NHS and GOV.UK style guides do: 9am, 1:30pm, midday."""
    text = format_date(time, "g:iA").lower().replace(":00", "")
    return {"12pm": "midday", "12am": "midnight"}.get(text, text)
