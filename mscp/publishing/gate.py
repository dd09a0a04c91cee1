"""The publication gate: the one place that decides what a visitor may see.

Stored are three decisions of an editor (draft, published, withdrawn) and their moments. The
fourth state, scheduled, is a publication whose moment lies ahead, so it goes live by the clock
without a job to run. No other module reads ``state``, ``published_at`` or ``withdrawn_at``.
"""

from datetime import datetime
from typing import ClassVar, NamedTuple, Self, TypeVar

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Expression, F, Q
from django.db.models.functions import Coalesce, Greatest
from django.utils import timezone
from django.utils.formats import date_format

from mscp.database import clock
from mscp.records.audit import MomentField, Tracked

# As long as the longest title, which the form to withdraw offers as the name to leave.
LONGEST_NAME = 250


class StoredState(models.TextChoices):
    """What an editor decided; Publishable.current_state says what it means now."""

    DRAFT = "draft", "Draft"
    PUBLISHED = "published", "Published"
    WITHDRAWN = "withdrawn", "Withdrawn"


class State(models.TextChoices):
    """The state of a record at this moment."""

    DRAFT = "draft", "Draft"
    SCHEDULED = "scheduled", "Scheduled"
    PUBLISHED = "published", "Published"
    WITHDRAWN = "withdrawn", "Withdrawn"


# A moment, or an expression of the database for one; None is now.
Moment = datetime | Expression | None


def state_condition(state: State, *, through: str = "", at: Moment = None) -> Q:
    """Return the condition for a state, of the record itself or ``through`` a foreign key."""
    at = at or clock.now()
    prefix = f"{through}__" if through else ""
    decision = {
        State.DRAFT: StoredState.DRAFT,
        State.SCHEDULED: StoredState.PUBLISHED,
        State.PUBLISHED: StoredState.PUBLISHED,
        State.WITHDRAWN: StoredState.WITHDRAWN,
    }[state]
    condition = Q((f"{prefix}state", decision))
    if state is State.PUBLISHED:
        condition &= Q((f"{prefix}published_at__lte", at))
    elif state is State.SCHEDULED:
        condition &= Q((f"{prefix}published_at__gt", at))
    return condition


Record = TypeVar("Record", bound=models.Model)


class PublishableQuerySet(models.QuerySet[Record]):
    def published(self, *, at: Moment = None) -> Self:
        """Filter by what a visitor may see. Every public page, count, feed and file starts here."""
        return self.filter(state_condition(State.PUBLISHED, at=at))

    def in_state(self, state: State) -> Self:
        return self.filter(state_condition(state))

    def next_moment(self) -> datetime | None:
        """Return the moment at which the next of these becomes public by the clock alone."""
        coming = self.filter(state_condition(State.SCHEDULED))
        moment: datetime | None = coming.aggregate(moment=models.Min("published_at"))["moment"]
        return moment

    def with_moment_live(self) -> Self:
        """Annotate with ``moment``, since when a visitor may see it."""
        return self.annotate(moment=F("published_at"))

    def withdrawn_since(self, since: datetime) -> Self:
        """Filter by what was withdrawn then or later, annotated with that ``moment``."""
        withdrawn = self.filter(state_condition(State.WITHDRAWN), withdrawn_at__gte=since)
        return withdrawn.annotate(moment=F("withdrawn_at"))

    def with_last_change(self, *parts: models.QuerySet[models.Model]) -> Self:
        """Annotate with ``changed_at``: when its page last changed for a visitor.

        That is by a save, by going live, or by a save of its published ``parts``, each a query of
        one moment.
        """
        moments = [Coalesce(models.Subquery(part), "published_at") for part in parts]
        return self.annotate(changed_at=Greatest("published_at", "updated_at", *moments))


class FollowsParentQuerySet(models.QuerySet[Record]):
    """QuerySet of records without a state of their own: a session has its course's."""

    parent: str

    def published(self, *, at: Moment = None) -> Self:
        return self.filter(state_condition(State.PUBLISHED, through=self.parent, at=at))

    def with_moment_live(self) -> Self:
        """Annotate with ``moment``; what is added to a live parent is live at once."""
        return self.annotate(moment=Greatest(f"{self.parent}__published_at", "created_at"))

    def withdrawn_since(self, since: datetime) -> Self:
        """Filter by what was withdrawn with its parent then or later, with that ``moment``."""
        moment = f"{self.parent}__withdrawn_at"
        withdrawn = state_condition(State.WITHDRAWN, through=self.parent)
        return self.filter(withdrawn, (f"{moment}__gte", since)).annotate(moment=F(moment))


class Obstacle(NamedTuple):
    """A reason why a record cannot go live, in a sentence for the editor."""

    sentence: str
    about: models.Model | None = None
    """The other record in which it can be corrected, if any."""


class Publishable(Tracked):
    """Abstract model of anything editors publish. Inherit its Meta, or its constraints are lost."""

    # The decisions of an editor, and their moments.
    NOT_CONTENT: ClassVar[tuple[str, ...]] = (
        *("state", "published_at", "revises"),
        *("withdrawn_at", "withdrawn_reason", "withdrawn_name"),
    )

    # No form of the admin has these; they are editable so that the history records their changes.
    state = models.CharField(max_length=10, choices=StoredState, default=StoredState.DRAFT)
    published_at = MomentField("goes live", null=True, blank=True)
    withdrawn_at = MomentField("withdrawn", null=True, blank=True)
    withdrawn_reason = models.TextField("reason for withdrawal", blank=True)
    withdrawn_name = models.CharField(
        "name on the withdrawal page", max_length=LONGEST_NAME, blank=True
    )

    objects = PublishableQuerySet.as_manager()

    class Meta:
        abstract = True
        # "publish" is a permission of its own; publishing, scheduling and withdrawing need it.
        default_permissions = ("add", "change", "delete", "view", "publish")
        constraints = [
            models.CheckConstraint(
                condition=Q(state=StoredState.DRAFT, published_at=None)
                | Q(
                    state__in=[StoredState.PUBLISHED, StoredState.WITHDRAWN],
                    published_at__isnull=False,
                ),
                name="%(app_label)s_%(class)s_live_has_moment",
                violation_error_message="What is published has a moment from which it is live.",
            ),
            models.CheckConstraint(
                condition=(
                    Q(state=StoredState.WITHDRAWN, withdrawn_at__gte=models.F("published_at"))
                    & ~Q(withdrawn_reason="")
                )
                | (~Q(state=StoredState.WITHDRAWN) & Q(withdrawn_at=None, withdrawn_reason="")),
                name="%(app_label)s_%(class)s_withdrawn_has_reason",
                violation_error_message="What is withdrawn was live before, and has a reason.",
            ),
        ]
        indexes = [
            models.Index(fields=["state", "published_at"], name="%(class)s_live_idx"),
        ]

    def get_absolute_url(self) -> str:
        raise NotImplementedError

    @property
    def is_published(self) -> bool:
        """``published()`` for one record; a table test compares the two."""
        return self.current_state is State.PUBLISHED

    @property
    def current_state(self) -> State:
        if self.state == StoredState.PUBLISHED and self.published_at is not None:
            return State.SCHEDULED if self.published_at > clock.now() else State.PUBLISHED
        return State(self.state)

    @property
    def state_in_words(self) -> str:
        """Return a sentence for staff about its state."""
        match self.current_state:
            case State.SCHEDULED:
                return f"It goes live on {_moment(self.published_at)}."
            case State.PUBLISHED:
                return f"Everybody can read it since {_moment(self.published_at)}."
            case State.WITHDRAWN:
                when = _moment(self.withdrawn_at)
                return f"Withdrawn on {when}. Reason: {self.withdrawn_reason}"
        return "It is not public until somebody publishes it."

    @property
    def is_withdrawn(self) -> bool:
        return self.current_state is State.WITHDRAWN

    @property
    def is_draft(self) -> bool:
        return self.current_state is State.DRAFT

    @property
    def may_have_gaps(self) -> bool:
        """Return whether it may be incomplete: no visitor sees it, nor will one by the clock."""
        return self.current_state in (State.DRAFT, State.WITHDRAWN)

    def content_parts(self) -> dict[str, object]:
        """Return by name, in values of JSON, what readers see of it from other tables."""
        return {}

    def publishing_obstacles(self) -> "list[Obstacle]":
        """Return what must be corrected before this can go live."""
        return []

    def publishing_advice(self) -> list[str]:
        """Return what would improve it but does not prevent publishing."""
        return []

    def publish(self, *, at: datetime | None = None) -> None:
        """Publish it now, or from a future moment on. Raises ValidationError."""
        moment = clock.moment()
        if at is not None and at <= moment:
            raise ValidationError("Choose a moment that lies ahead, or publish now.")
        if self.current_state is State.PUBLISHED:
            raise ValidationError("It is published already.")
        if obstacles := self.publishing_obstacles():
            raise ValidationError([obstacle.sentence for obstacle in obstacles])
        self.state, self.published_at = StoredState.PUBLISHED, at or moment
        self._forget_withdrawal()
        self.save()

    def withdraw(self, *, reason: str, name: str = "") -> None:
        """Withdraw it; its address answers 410 with ``name``. Raises ValidationError."""
        if self.current_state is not State.PUBLISHED or self.published_at is None:
            raise ValidationError("Only what is published can be withdrawn.")
        if not reason.strip():
            raise ValidationError("Give the reason; staff will look for it later.")
        # Not before it was published, even if the database's own clock was put back since.
        self.withdrawn_at = max(clock.moment(), self.published_at)
        self.state = StoredState.WITHDRAWN
        self.withdrawn_reason, self.withdrawn_name = reason.strip(), name.strip()
        self.save()

    def return_to_draft(self) -> None:
        """Cancel a schedule or a withdrawal. Raises ValidationError."""
        if self.current_state not in (State.SCHEDULED, State.WITHDRAWN):
            raise ValidationError("Only what is scheduled or withdrawn can go back to draft.")
        self.state, self.published_at = StoredState.DRAFT, None
        self._forget_withdrawal()
        self.save()

    def _forget_withdrawal(self) -> None:
        self.withdrawn_at, self.withdrawn_reason, self.withdrawn_name = None, "", ""


def _moment(moment: datetime | None) -> str:
    return date_format(timezone.localtime(moment), "j F Y, H:i")


def publish_permission(model: type[models.Model] | models.Model) -> str:
    """Return the name of the permission to publish, schedule and withdraw such records."""
    options = model._meta
    return f"{options.app_label}.publish_{options.model_name}"


def change_permission(model: type[models.Model] | models.Model) -> str:
    options = model._meta
    return f"{options.app_label}.change_{options.model_name}"
