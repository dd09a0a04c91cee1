"""Courses and their audiences."""

from collections.abc import Callable, Iterable, Iterator
from datetime import date
from typing import Any, ClassVar, Self, TypeVar, Unpack

from django.apps import apps
from django.db import models
from django.db.models import Exists, Expression, F, OuterRef, Q
from django.db.models.functions import Lower

from mscp.cache.addresses import address_of
from mscp.database import clock
from mscp.publishing import identifiers, merging
from mscp.publishing.approvals import History
from mscp.publishing.content_hash import field_values
from mscp.publishing.gate import Publishable, PublishableQuerySet
from mscp.publishing.notes import ShownNote
from mscp.publishing.pending import WithoutDraft
from mscp.records.audit import Tracked
from mscp.records.history import history
from mscp.records.locking import lock
from mscp.records.saving import SaveOptions
from mscp.records.slugs import Slugged
from mscp.search.searchable import COLUMNS, Searchable
from mscp.text.markdown import FORMATTING_HELP, as_list
from mscp.typing import AnyUser
from reviews.models import Publication, Theme
from training.models.booking import book_at, one_way_to_book
from training.models.revisions import bump_sequence

Record = TypeVar("Record", bound=Publication)


class Audience(WithoutDraft, Slugged, Tracked):
    """An audience of courses: one term of a list that staff maintain."""

    LOOKED_THROUGH = True

    NOT_CONTENT = ("position",)

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


class CourseQuerySet(PublishableQuerySet["Course"]):
    def about(self, themes: Iterable[Theme]) -> Self:
        """Filter by courses of at least one of these themes, each once."""
        rows = Course.themes.through.objects.filter(theme__in=themes)
        return self.filter(pk__in=rows.values("course_id"))

    def near(
        self, publication: int | Expression, *, today: date | Expression | None = None
    ) -> Self:
        """Filter by courses that teach a publication (``is_direct``) or share a theme with it.

        ``publication`` is its key. Annotates with ``next_session``, the key of the next session.
        """
        teaching = Course.publications.through.objects.filter(publication=publication)
        is_direct = Q(pk__in=teaching.values("course_id"))
        themes = Publication.themes.through.objects.filter(publication=publication)
        about = Course.themes.through.objects.filter(theme__in=themes.values("theme_id"))
        near = is_direct | Q(pk__in=about.values("course_id"))
        return self.filter(near).annotate(
            is_direct=models.ExpressionWrapper(is_direct, models.BooleanField()),
            next_session=models.Subquery(_coming(today=today).values("pk")[:1]),
        )

    def next_first(self, *before: str, today: date | Expression | None = None) -> Self:
        """Annotate with ``next_date``, the first day still to come or None, and order by it."""
        return self.annotate(
            next_date=models.Subquery(
                _coming(today=today).order_by("start_date").values("start_date")[:1]
            )
        ).order_by(*before, F("next_date").asc(nulls_last=True), "title", "pk")

    def without_date_ahead(self) -> Self:
        return self.exclude(Exists(_coming()))


def _coming(*, today: date | Expression | None = None) -> models.QuerySet[models.Model]:
    """Return, inside a query of courses, the sessions of each that are still to come."""
    Session = apps.get_model("training", "Session")
    sessions = Session._default_manager.filter(course=OuterRef("pk"))
    return sessions.upcoming(today=today).going_ahead().soonest_first()


def without_course(publications: models.QuerySet[Record]) -> models.QuerySet[Record]:
    """Filter by publications that no published course teaches or shares a theme with."""
    courses = Course.objects.published()
    # A subquery for each publication: a list of all that share a theme would be most of the
    # library.
    themes = Publication.themes.through.objects.filter(publication=OuterRef("pk"))
    return publications.exclude(Exists(courses.filter(publications=OuterRef("pk")))).exclude(
        Exists(themes.filter(theme__in=courses.values("themes")))
    )


class Course(Searchable, Publishable, Slugged, Tracked):
    """A course, taught in one or many sessions."""

    NOT_CONTENT = ("staff_note",)
    FORMATTED: ClassVar = ["description", "outcomes", "prerequisites"]
    LISTED: ClassVar = ["outcomes"]

    title = models.CharField(max_length=200)
    summary = models.TextField(
        blank=True, max_length=1000, help_text="One or two sentences for the lists."
    )
    description = models.TextField(
        blank=True,
        max_length=10_000,
        help_text=f"What it is about and how it is taught. {FORMATTING_HELP}",
    )
    outcomes = models.TextField(
        "what people take away",
        blank=True,
        max_length=5000,
        help_text=f"What they can do afterwards, one line each. {FORMATTING_HELP}",
    )
    level = models.CharField(
        max_length=80, blank=True, help_text="As your programme calls it: “Level 2”, “Group B”."
    )
    length = models.CharField(
        max_length=80, blank=True, help_text="“Half a day”, “Two mornings”, “90 minutes”."
    )
    prerequisites = models.TextField(
        "what to have done before", blank=True, max_length=1000, help_text=FORMATTING_HELP
    )
    cost = models.CharField(
        max_length=200,
        blank=True,
        help_text="“Free for staff of partner agencies; £60 for others”. Empty: not stated.",
    )
    audiences = models.ManyToManyField(
        Audience,
        blank=True,
        verbose_name="for whom",
        related_name="courses",
        help_text="From the list of audiences, which a publisher keeps.",
    )
    themes = models.ManyToManyField(Theme, blank=True, related_name="courses")
    # Those of its themes that a program inferred and no editor has confirmed. Only staff see it.
    suggested_themes = models.ManyToManyField(Theme, related_name="+", editable=False)
    publications = models.ManyToManyField(
        Publication,
        blank=True,
        verbose_name="publications it teaches",
        related_name="courses",
        limit_choices_to={"revises": None},
        help_text="Reviews, reports and learnings that the course passes on.",
    )
    provider = models.CharField(max_length=150, blank=True, help_text="Who teaches it, if known.")
    booking_url = models.URLField(
        "booking address",
        max_length=500,
        blank=True,
        help_text="Used for sessions that have none of their own.",
    )
    booking_email = models.EmailField(
        "or e-mail address for booking",
        blank=True,
        help_text="Where places are booked by e-mail. Give this or an address, not both.",
    )
    staff_note = models.TextField(
        "note for staff", blank=True, max_length=2000, help_text="Never shown to visitors."
    )

    # Only where near() and next_first() were asked for it.
    is_direct: bool
    next_date: date | None
    # What readers were told of changes, where an export asked for it.
    shown_notes: list[ShownNote]
    objects: ClassVar = CourseQuerySet.as_manager()
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
            one_way_to_book("training_course_one_way_to_book"),
        ]

    CALENDAR_FIELDS = ("title", "summary", "cost", "booking_url", "booking_email")

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return address_of("training:course", slug=self.slug)

    def is_taken(self, slug: str) -> bool:
        # The list of venues has this address.
        return slug == "venues" or super().is_taken(slug)

    @property
    def calendar_address(self) -> str:
        return f"{self.get_absolute_url()}calendar.ics"

    def save(self, **options: Unpack[SaveOptions]) -> None:
        with bump_sequence(self):
            super().save(**options)

    def content_parts(self) -> dict[str, object]:
        """Return its themes, audiences, publications and sessions.

        Of a session not when it is held: correcting or cancelling one must wait for nobody.
        """
        publications = self.publications.order_by("kind", "slug").values_list("kind", "slug")
        return {
            "themes": list(self.themes.order_by("slug").values_list("slug", flat=True)),
            "audiences": list(self.audiences.order_by("slug").values_list("slug", flat=True)),
            "publications": [list(row) for row in publications],
            "sessions": merging.in_one_order(one.content() for one in self._sessions()),
        }

    def parts_until_applied(self) -> dict[str, object]:
        """Return when the sessions are held that a change adds: nobody has read of them yet."""
        if not self.is_proposed_change:
            return {}
        added = [one for one in self._sessions() if one.revises_id is None]
        return {"added sessions": merging.in_one_order(field_values(one) for one in added)}

    def histories_of_parts(self) -> list[History]:
        sessions: Any = apps.get_model("training", "Session")
        return [History(sessions.history.filter(course=self.pk), "course")]

    def public_texts(self) -> Iterator[identifiers.PublicText]:
        yield from super().public_texts()
        for session in self._sessions() if self.pk is not None else ():
            yield from identifiers.texts_of(session, session.name_as_part)

    # --- proposed changes -----------------------------------------------------------------------

    def parts_by_key(self) -> dict[str, Any]:
        """Return its sessions, by the key of the live one that each is or stands for."""
        return {str(one.revises_id or one.pk): one for one in self._sessions()}

    def _sessions(self) -> list[Any]:
        sessions: Any = apps.get_model("training", "Session")
        found = list(
            sessions._default_manager.filter(course=self.pk).select_related("venue").soonest_first()
        )
        for one in found:
            one.course = self
        return found

    def take_in_part(self, part: Any, save: Callable[[Any], object]) -> None:
        """Move a new session of a change here, or copy a live one into this change."""
        if not self.is_proposed_change:
            part.course, part.revises = self, None
            # To readers it is announced now, and nothing of it was changed since.
            part.created_at, part.revised_at, part.is_same_meeting = clock.now(), None, True
            save(part)
            return
        copy = type(part)(course=self, revises_id=part.pk)
        for field in merging.part_fields(part):
            setattr(copy, field.attname, getattr(part, field.attname))
        save(copy)

    def change_to_go_on_with(self, *, by: "AnyUser | None" = None) -> "tuple[Course, bool]":
        """Return the open change of this course, locked, and whether it was begun for this.

        Raises ValidationError.
        """
        # In this order everywhere: what is live, then its change.
        lock(self)
        there_is = type(self).objects.filter(revises=self.pk).first()
        if there_is is not None and (change := lock(there_is)) is not None:
            return change, False
        return self.propose_change(by=by), True

    def forget_suggestions(self) -> None:
        self.suggested_themes.set(self.suggested_themes.filter(pk__in=self.themes.values("pk")))

    @property
    def book_at(self) -> str:
        return book_at(self)

    @property
    def outcomes_list(self) -> str:
        return as_list(self.outcomes)

    def searchable_names(self) -> list[str]:
        return [self.title]

    def searchable_texts(self) -> list[str]:
        return [
            self.summary,
            self.description,
            self.outcomes,
            self.level,
            self.prerequisites,
            self.provider,
        ]
