"""The publication gate: the one place that decides what a visitor may see.

Stored are three decisions of an editor (draft, published, withdrawn) and their moments. The
fourth state, scheduled, is a publication whose moment lies ahead, so it goes live by the clock
without a job to run. No other module reads ``state``, ``published_at`` or ``withdrawn_at``.
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from datetime import datetime
from typing import Any, ClassVar, NamedTuple, Self, TypeVar, Unpack

from django.conf import settings
from django.contrib.contenttypes.fields import GenericRelation
from django.core.exceptions import ValidationError
from django.db import IntegrityError, models, transaction
from django.db.models import Exists, Expression, F, OuterRef, Q
from django.db.models.functions import Coalesce, Greatest
from django.db.models.signals import pre_save
from django.dispatch import receiver
from django.utils.crypto import get_random_string

from mscp.cache import versions
from mscp.database import clock
from mscp.publishing import approvals, identifiers, merging, notes
from mscp.publishing.merging import Difference
from mscp.records.audit import MomentField, Tracked, account_of, set_author
from mscp.records.history import because
from mscp.records.locking import lock, lock_all
from mscp.records.moments import moment_in_words
from mscp.records.saving import SaveOptions
from mscp.typing import AnyUser

# As long as the longest title, which the form to withdraw offers as the name to leave.
LONGEST_NAME = 250
# Of the slug of a proposed change: nobody can guess it, and it takes no title's slug away.
CHANGE_SLUG = "change-"
# In the history, of a change and of the parts that it begins with.
CHANGE_BEGUN = "Proposed change begun"
APPLIED = "Proposed change applied"
# Beside its key, what a change has of what it revises where it is shown in its place.
STAND_IN = {
    *("slug", "state", "published_at", "first_published_at", "withdrawn_at"),
    *("created_at", "revises"),
}


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
    if state is State.DRAFT:
        # A proposed change is a draft to visitors and no draft to staff, who count it apart.
        condition &= Q((f"{prefix}revises", None))
    elif state is State.PUBLISHED:
        condition &= Q((f"{prefix}published_at__lte", at))
    elif state is State.SCHEDULED:
        condition &= Q((f"{prefix}published_at__gt", at))
    return condition


def went_live_by_clock(entries: "models.QuerySet[Any]") -> "models.QuerySet[Any]":
    """Filter the entries of a history by those whose moment came with nothing changed since.

    Each is the last of its record before the moment from which it is live.
    """
    later = entries.model._default_manager.filter(
        Q(history_date__gt=OuterRef("history_date"))
        | Q(history_date=OuterRef("history_date"), history_id__gt=OuterRef("history_id")),
        id=OuterRef("id"),
        history_date__lte=OuterRef("published_at"),
    )
    due = Q(published_at__gt=F("history_date"), published_at__lte=clock.now())
    return entries.filter(due, ~Exists(later), state=StoredState.PUBLISHED).exclude(
        history_type="-"
    )


Record = TypeVar("Record", bound=models.Model)


# What an editor decided of a record, with the moments: only the gate writes these.
DECISIONS = (
    *("state", "published_at", "first_published_at", "revises"),
    *("withdrawn_at", "withdrawn_reason", "withdrawn_name"),
)
ONLY_BY_THE_GATE = "Only the gate decides what is public: no query writes {}."


class PublishableQuerySet(models.QuerySet[Record]):
    def update(self, **values: Any) -> int:
        """Update rows, but never what decides what is public, nor alone what is live.

        Raises TypeError for the first, and ValidationError for the second.
        """
        self._refuse(values)
        if not approvals.may_change_live():
            approvals.refuse_update(self, values)
        return super().update(**values)

    # As Django has it.
    update.alters_data = True  # type: ignore[attr-defined]

    def bulk_create(self, objs: Iterable[Record], *args: Any, **options: Any) -> list[Record]:
        """Insert drafts; what else there is becomes so by the gate. Raises TypeError."""
        rows: list[Any] = list(objs)
        if any(row.state != StoredState.DRAFT for row in rows):
            self._refuse(["state"])
        self._refuse(options.get("update_fields") or ())
        return super().bulk_create(rows, *args, **options)

    def _refuse(self, names: Iterable[str]) -> None:
        written = {name.removesuffix("_id") for name in names} & {*DECISIONS}
        if written and not approvals.is_shipping():
            raise TypeError(ONLY_BY_THE_GATE.format(", ".join(sorted(written))))

    def published(self, *, at: Moment = None) -> Self:
        """Filter by what a visitor may see. Every public page, count, feed and file starts here."""
        return self.filter(state_condition(State.PUBLISHED, at=at))

    def in_state(self, state: State) -> Self:
        """Filter by a state; proposed changes are in none."""
        return self.filter(state_condition(state))

    def own_records(self) -> Self:
        """Filter by records of their own, without proposed changes to others."""
        return self.filter(revises=None)

    def proposed_changes(self) -> Self:
        return self.filter(revises__isnull=False)

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


class ChangeNoteQuerySet(FollowsParentQuerySet[Record]):
    """QuerySet of notes on changes (mscp.publishing.notes)."""

    parent = "record"

    def published(self, *, at: Moment = None) -> Self:
        """Filter by notes of what is public that were told, and told since it was first public."""
        moment = at or clock.now()
        shown = Q(noted_at__lte=moment, noted_at__gte=F("record__first_published_at"))
        return super().published(at=at).filter(shown)

    def latest_shown(self, most: int, *, at: Moment = None, **of: object) -> Self:
        """Filter by the latest published notes, the latest first, from an index of these alone.

        ``of`` filters further by the notes themselves and their records.
        """
        # The gate in a subquery, a range in which all are, and the few found before any record is
        # joined to them: SQLite otherwise begins with all records, of 10,000 in 5 ms.
        model: Any = self.model
        shown_records = model._default_manager.published(at=at).filter(
            pk=models.OuterRef("pk"), **of
        )
        notes = model._default_manager.filter(
            models.Exists(shown_records), noted_at__lte=at or clock.now()
        )
        latest = notes.order_by("-noted_at", "pk").values("pk")[:most]
        return self.filter(pk__in=latest).order_by("-noted_at", "pk")


BREAKS_A_RULE = (
    "Put together with what is live now, this breaks a rule: look at what differs from it."
)
ONE_CHANGE = "There is a proposed change to this already. Go on with that one."


class Obstacle(NamedTuple):
    """A reason why a record cannot go live, in a sentence for the editor."""

    sentence: str
    about: models.Model | None = None
    """The other record in which it can be corrected, if any."""
    is_to_settle: bool = False
    """Whether it is corrected on the page on which identifiers are settled."""


class Publishable(Tracked):
    """Abstract model of anything editors publish. Inherit its Meta, or its constraints are lost."""

    NOT_CONTENT: ClassVar[tuple[str, ...]] = (*DECISIONS, "release")

    # No form of the admin has these; they are editable so that the history records their changes.
    state = models.CharField(max_length=10, choices=StoredState, default=StoredState.DRAFT)
    published_at = MomentField("goes live", null=True, blank=True)
    # Kept when it is withdrawn and put back, at once or by a schedule: then it is no news.
    first_published_at = MomentField("first public", null=True, blank=True, editable=False)
    withdrawn_at = MomentField("withdrawn", null=True, blank=True)
    withdrawn_reason = models.TextField("reason for withdrawal", blank=True)
    withdrawn_name = models.CharField(
        "name on the withdrawal page", max_length=LONGEST_NAME, blank=True
    )
    # By which people outside read what is not public (mscp.publishing.preview_links).
    preview_links = GenericRelation("mscp.PreviewLink")

    # NULL for what is live and for an ordinary draft. What is set makes this a proposed change: a
    # draft that is never published itself, but applied to the record that it points to.
    revises = models.ForeignKey(
        "self",
        models.PROTECT,
        verbose_name="proposed change to",
        null=True,
        blank=True,
        editable=False,
        # Its unique constraint has an index.
        db_index=False,
        related_name="proposed_changes",
    )
    revises_id: int | None
    # What was live when the change was begun (mscp.publishing.merging.snapshot).
    merge_base = models.JSONField(null=True, blank=True, editable=False)
    release = models.ForeignKey(
        "mscp.Release",
        models.SET_NULL,
        verbose_name="published together in",
        null=True,
        blank=True,
        editable=False,
        related_name="+",
    )

    # The notes of a model of its own (mscp.publishing.notes), which names this as its record.
    change_notes: Any

    objects = PublishableQuerySet.as_manager()

    class Meta:
        abstract = True
        # "publish" is a permission of its own; publishing, scheduling and withdrawing need it.
        default_permissions = ("add", "change", "delete", "view", "publish")
        # So that no other manager writes past the gate.
        base_manager_name = "objects"
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
            models.CheckConstraint(
                condition=Q(published_at=None)
                | Q(
                    first_published_at__isnull=False,
                    first_published_at__lte=models.F("published_at"),
                ),
                name="%(app_label)s_%(class)s_first_published",
                violation_error_message="What is live was first public then or before.",
            ),
            models.CheckConstraint(
                condition=Q(revises=None, merge_base=None)
                | Q(state=StoredState.DRAFT, revises__isnull=False, merge_base__isnull=False),
                name="%(app_label)s_%(class)s_change_is_draft",
                violation_error_message="A proposed change is never published: it is applied.",
            ),
            models.UniqueConstraint(
                fields=["revises"],
                name="%(app_label)s_%(class)s_one_change",
                violation_error_message=ONE_CHANGE,
            ),
        ]
        indexes = [
            models.Index(fields=["state", "published_at"], name="%(class)s_live_idx"),
        ]

    def save(self, **options: Unpack[SaveOptions]) -> None:
        if self.first_published_at is None:
            self.first_published_at = self.published_at
        approvals.refuse_unapproved_save(self)
        identifiers.refuse_unsettled(self, self)
        super().save(**options)

    def delete(self, *args: Any, **options: Any) -> tuple[int, dict[str, int]]:
        release: Any = self.release
        deleted = super().delete(*args, **options)
        if release:
            release.discard_if_empty()
        return deleted

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
    def is_proposed_change(self) -> bool:
        return self.revises_id is not None

    @property
    def state_label(self) -> str:
        """Return its state in a word or two, for staff."""
        return "Proposed change" if self.is_proposed_change else self.current_state.label

    @property
    def state_in_words(self) -> str:
        """Return a sentence for staff about its state."""
        if self.is_proposed_change:
            return "A change to what is live. Readers see nothing of it until it is applied."
        match self.current_state:
            case State.SCHEDULED:
                return f"It goes live on {moment_in_words(self.published_at)}."
            case State.PUBLISHED:
                return f"Everybody can read it since {moment_in_words(self.published_at)}."
            case State.WITHDRAWN:
                when = moment_in_words(self.withdrawn_at)
                return f"Withdrawn on {when}. Reason: {self.withdrawn_reason}"
        return "It is not public until somebody publishes it."

    @property
    def is_withdrawn(self) -> bool:
        return self.current_state is State.WITHDRAWN

    @property
    def is_draft(self) -> bool:
        return self.current_state is State.DRAFT

    @property
    def was_public(self) -> bool:
        """Return whether readers can have read it, now or before it was withdrawn."""
        first = self.first_published_at
        return first is not None and first <= clock.now()

    @property
    def may_have_gaps(self) -> bool:
        """Return whether it may be incomplete: no visitor sees it, nor will one by the clock."""
        return self.current_state in (State.DRAFT, State.WITHDRAWN)

    def content_parts(self) -> dict[str, object]:
        """Return by name, in values of JSON, what readers see of it from other tables."""
        return {}

    def parts_until_applied(self) -> dict[str, object]:
        """Return what of its parts counts as well while it is a proposed change."""
        return {}

    def histories_of_parts(self) -> "list[approvals.History]":
        """Return the histories of what belongs to it, from which its authors are read."""
        return []

    def publishing_obstacles(self) -> "list[Obstacle]":
        """Return what must be corrected before this can go live."""
        if approvals.is_shipping():
            return []
        left = identifiers.unsettled(self.standing_identifiers(), self.identifier_owners)
        return [Obstacle(identifiers.in_words(left), is_to_settle=True)] if left else []

    # --- identifiers --------------------------------------------------------------------------

    def public_texts(self) -> "Iterator[identifiers.PublicText]":
        """Yield every text of it and its parts that readers see, but for the pages of files."""
        yield from identifiers.texts_of(self)
        slug = getattr(self, "slug", "")
        # That of a change is random, and is never an address.
        if slug and not self.is_proposed_change:
            # It stays as it is when the title is corrected.
            yield identifiers.PublicText("address of its page", slug.replace("-", " "))
        if self.pk is not None:
            for note in self.change_notes.all():
                yield from identifiers.texts_of(note, "note on a change")

    def standing_identifiers(self) -> "list[identifiers.Standing]":
        """Return the identifiers in all that readers see of it, each value once."""
        return identifiers.standing_in(self.public_texts())

    def identifier_owners(self) -> list[tuple[str, int]]:
        """Return under what its identifiers may be settled, the record first."""
        return [identifiers.owner_of(self)]

    def publishing_advice(self) -> list[str]:
        """Return what would improve it but does not prevent publishing."""
        return []

    def publish(self, *, at: datetime | None = None, is_due: bool = False) -> None:
        """Publish it now, or from a future moment on. Raises ValidationError.

        ``is_due`` is for a moment that was chosen before and has come.
        """
        if self.is_proposed_change:
            raise ValidationError("A proposed change is not published: it is applied.")
        moment = clock.moment()
        if at is not None and at <= moment and not is_due:
            raise ValidationError("Choose a moment that lies ahead, or publish now.")
        if self.current_state is State.PUBLISHED:
            raise ValidationError("It is published already.")
        if obstacles := self.publishing_obstacles():
            raise ValidationError([obstacle.sentence for obstacle in obstacles])
        with transaction.atomic():
            if settings.TWO_PEOPLE:
                # Until it is saved, nobody changes what was approved.
                lock(self)
            approvals.refuse_unapproved(self)
            first = self.first_published_at if self.was_public else None
            live_since = at if at is not None and at > moment else first or at or moment
            self.state, self.published_at, self.release = StoredState.PUBLISHED, live_since, None
            self.first_published_at = first or live_since
            self._forget_withdrawal()
            self.save()
            if first:
                notes.tell_pending(self, moment)

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
        # Those to a change of it too: it holds what must not be read.
        for record in filter(None, [self, self.open_change()]):
            for link in record.preview_links.all():
                link.revoke()

    def return_to_draft(self) -> None:
        """Cancel a schedule or a withdrawal. Raises ValidationError."""
        if self.current_state not in (State.SCHEDULED, State.WITHDRAWN):
            raise ValidationError("Only what is scheduled or withdrawn can go back to draft.")
        if not self.was_public:
            self.first_published_at = None
        self._become_draft()

    def take_back_schedule(self) -> None:
        """Return to draft what the clock makes public, also if it did so before anybody saw it."""
        if self.first_published_at == self.published_at:
            self.first_published_at = None
        self._become_draft()

    def _become_draft(self) -> None:
        self.state, self.published_at = StoredState.DRAFT, None
        self._forget_withdrawal()
        self.save()

    # --- proposed changes ---------------------------------------------------------------------

    def parts_by_key(self) -> dict[str, Any]:
        """Return the parts that belong to a change of this record, such as its documents.

        By a key that a part and the part that it revises have in common.
        """
        return {}

    def all_parts(self) -> dict[str, Any]:
        """Return its notes on changes and its other parts, by their keys."""
        own = {notes.key_of(note): note for note in self.change_notes.all()}
        return {**own, **self.parts_by_key()}

    def take_in(self, part: Any, save: Callable[[Any], object]) -> None:
        """Give this record a part or a note of its change, or the change one of this record."""
        if isinstance(part, notes.ChangeNote):
            part.go_to(self, save)
        else:
            self.take_in_part(part, save)

    def take_in_part(self, part: Any, save: Callable[[Any], object]) -> None:
        """Give this record a part of its change, or the change a part of this record."""
        raise NotImplementedError

    def propose_change(self, *, by: "AnyUser | None" = None) -> Self:
        """Make and return a proposed change of this record. Raises ValidationError."""
        with transaction.atomic():
            live: Any = lock(self)
            if live is None:
                raise ValidationError("It was deleted meanwhile.")
            if live.is_proposed_change:
                raise ValidationError("This is a proposed change itself: change it as it is.")
            if live.current_state not in (State.PUBLISHED, State.SCHEDULED):
                raise ValidationError(
                    f"It is {live.current_state.label.lower()}: change the record itself."
                )
            if live.open_change() is not None:
                raise ValidationError(ONE_CHANGE)
            base = merging.snapshot(live)
            change: Self = type(live)(
                revises_id=live.pk,
                merge_base=base,
                slug=CHANGE_SLUG + get_random_string(20, "bcdfghjkmnpqrstvwxyz23456789"),
            )
            save = _saving(by, CHANGE_BEGUN)
            merging.take_over(change, live, merging.everything(base), save=save)
            if by is not None:
                approvals.begin(change, by)
            return change

    def open_change(self) -> Self | None:
        """Return the proposed change of this record; None if there is none."""
        kind: Any = type(self)
        change: Self | None = kind._default_manager.filter(revises=self.pk).first()
        return change

    def revised(self) -> Self:
        """Return the record that this change revises."""
        revised: Any = type(self)._default_manager.get(pk=self.revises_id)
        return revised  # type: ignore[no-any-return]

    def differences(self, live: Self | None = None) -> list[Difference]:
        """Return in what this change, its base and what is live now differ."""
        live = live or self.revised()
        three = self.merge_base or {}, merging.snapshot(live), merging.snapshot(self)
        return list(merging.differences(*three))

    def conflicts(self) -> list[Difference]:
        """Return what was changed in both since this change was begun, each to another value."""
        return [one for one in self.differences() if one.is_conflict]

    def take_up(self, keys: Iterable[str], *, by: "AnyUser | None" = None) -> None:
        """Take up in this change what changed meanwhile in what is live; the rest stays.

        ``keys`` are those of the conflicts in which theirs is kept. From now on its base is what
        is live.
        """
        with transaction.atomic():
            change, live = self._lock_both()
            chosen = set(keys)
            theirs = [
                one
                for one in change.differences(live)
                if one.was_changed_meanwhile
                and one.mine != one.theirs
                and (not one.is_conflict or one.key in chosen)
            ]
            change.merge_base = merging.snapshot(live)
            save = _saving(by, "What changed meanwhile was taken up")
            merging.take_over(change, live, theirs, save=save)

    def apply_change(self, *, by: "AnyUser | None" = None) -> Self:
        """Apply this change to what it revises, whole or not at all, and delete it.

        Returns the changed record. Raises ValidationError.
        """
        with transaction.atomic():
            change, live = self._lock_both()
            if obstacles := change.publishing_obstacles():
                raise ValidationError([obstacle.sentence for obstacle in obstacles])
            with approvals.applying(change, live):
                change._merge_into(live, by=by, reason=APPLIED)
            return live

    @contextmanager
    def as_applied(self) -> Iterator[Self]:
        """Apply this change for the length of a block, and take everything back after it.

        Yields the record as it will be. What is rendered in the block is what a reader will see:
        its page and every list. Nothing of it is kept in a cache. Raises ValidationError where it
        cannot be put together with what is live now.
        """
        with transaction.atomic(), versions.pinned(()):
            change, live = self._lock_both()
            lent = live.addresses_to_lend(change)
            try:
                with approvals.writing_change():
                    change._merge_into(live, by=None, reason="", only_to_look=True)
                    live.lend_addresses(lent)
            except IntegrityError as error:
                raise ValidationError(BREAKS_A_RULE) from error
            try:
                yield live
            finally:
                transaction.set_rollback(True)

    def stand_in(self) -> Self:
        """Take the place of what this change revises, in memory; return that.

        What others link to is then read for what is live. Never to be saved.
        """
        live = self.revised()
        for field in self._meta.concrete_fields:
            if field.primary_key or field.name in STAND_IN:
                setattr(self, field.attname, getattr(live, field.attname))
        return live

    def _lock_both(self) -> tuple[Self, Self]:
        if self.revises_id is None:
            raise ValidationError("This is no proposed change.")
        live = type(self)(pk=self.revises_id)
        locked = {one.pk: one for one in lock_all([live, self])}
        if self.pk not in locked or locked[self.pk].revises_id not in locked:
            raise ValidationError("This change was applied or discarded meanwhile.")
        return locked[self.pk], locked[self.revises_id]

    def _merge_into(
        self, live: Self, *, by: "AnyUser | None", reason: str, only_to_look: bool = False
    ) -> None:
        found = self.differences(live)
        conflicts = [one for one in found if one.is_conflict]
        if conflicts and not only_to_look:
            raise ValidationError(
                "What is live was changed meanwhile, and so was this: compare the two and decide."
            )
        mine = [one for one in found if one.changes_what_is_live]
        merging.take_over(live, self, mine, save=_saving(by, reason, check=not only_to_look))
        live.forget_suggestions()
        # What people outside said of it is kept, and their links lead to the page.
        for link in self.preview_links.all():
            link.object_id = live.pk
            because(link, reason).save()
        # With the rows of the parts that the record has taken over.
        because(self, reason).delete()

    def addresses_to_lend(self, change: Self) -> dict[Any, Any]:
        """Return, by key, the addresses at which staff find the new files of a change."""
        return {}

    def lend_addresses(self, lent: dict[Any, Any]) -> None:
        """Let the parts of a record have those addresses, for the length of a preview."""

    def forget_suggestions(self) -> None:
        """Forget what was suggested and is not chosen any more."""

    @classmethod
    def with_files_read(cls, records: "Iterable[Any]") -> AbstractContextManager[None]:
        """Return a context manager in which the stored files of records are read beforehand."""
        return nullcontext()

    def _forget_withdrawal(self) -> None:
        self.withdrawn_at, self.withdrawn_reason, self.withdrawn_name = None, "", ""


@receiver(pre_save, dispatch_uid="mscp.publishing.gate")
def _loaded(instance: models.Model, *, raw: bool, **_: object) -> None:
    """Ask the gate about a row of a fixture too, which is written without its ``save``."""
    if raw and isinstance(instance, Publishable):
        approvals.refuse_unapproved_save(instance)


def _saving(by: "AnyUser | None", reason: str, *, check: bool = False) -> Callable[[Any], object]:
    """Return a function that saves a record or a part of it with its author and the reason.

    If it is to ``check``, it raises ValidationError for what no form would save.
    """

    def save(record: Any) -> None:
        if check:
            record.clean()
            record.validate_constraints()
        if by is not None:
            set_author(record, by)
            # What the clock does is in nobody's request.
            record._history_user = account_of(by)
        because(record, reason).save()

    return save


def publish_permission(model: type[models.Model] | models.Model) -> str:
    """Return the name of the permission to publish, schedule and withdraw such records."""
    options = model._meta
    return f"{options.app_label}.publish_{options.model_name}"


def change_permission(model: type[models.Model] | models.Model) -> str:
    options = model._meta
    return f"{options.app_label}.change_{options.model_name}"
