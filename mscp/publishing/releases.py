"""Releases: records and proposed changes that go live at one moment, all or none.

A release that is due is done by the first request that comes at or after its moment, before
anything is answered (``do_what_is_due``, which the page cache calls): no reader sees what was
before, and none sees half. It needs no job, and is safe with any number of processes: its row is
locked, and whoever comes second finds it done.
"""

import logging
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import datetime
from typing import Any, Self

from django.apps import apps
from django.core.exceptions import ValidationError
from django.db import DatabaseError, models, transaction
from django.db.models import Q

from mscp.cache import versions
from mscp.database import clock
from mscp.publishing import approvals
from mscp.publishing.gate import Publishable
from mscp.records.audit import MomentField, Tracked, account_of, set_author
from mscp.records.history import because, history
from mscp.records.locking import lock, lock_all
from mscp.records.moments import moment_in_words
from mscp.typing import AnyUser

logger = logging.getLogger(__name__)


def member_models() -> "list[type[Publishable]]":
    """Return the models whose records can be in a release, in the order in which they are read."""
    found = [model for model in apps.get_models() if issubclass(model, Publishable)]
    leaves = [m for m in found if not any(o is not m and issubclass(o, m) for o in found)]
    return sorted(leaves, key=lambda model: model._meta.label)


def table_of(model: type[models.Model]) -> type[Any]:
    """Return the model of the rows that are locked: the common one of all publications."""
    return next(iter(model._meta.parents), model)


class ReleaseQuerySet(models.QuerySet["Release"]):
    def open(self) -> Self:
        return self.filter(released_at=None)

    def gathered(self) -> Self:
        """Filter by those that somebody put together, without those of one change alone."""
        return self.filter(for_one=False)

    def scheduled(self) -> Self:
        return self.open().filter(moment__isnull=False)

    def next_moment(self) -> datetime | None:
        """Return the moment of the next release, which has passed if that is due."""
        moment: datetime | None = self.scheduled().aggregate(at=models.Min("moment"))["at"]
        return moment


class Release(Tracked):
    """A set of records and proposed changes that go live at one moment, all or none."""

    title = models.CharField(
        "name", max_length=150, help_text="For staff: what goes live together, in a few words."
    )
    moment = MomentField("goes live", null=True, blank=True, editable=False)
    released_at = MomentField("went live", null=True, blank=True, editable=False)
    # Made by ``schedule_alone``: it has no page of its own, and goes when its change does.
    for_one = models.BooleanField(default=False, editable=False)
    # What went live, or why nothing did at its moment: for staff.
    outcome = models.TextField(blank=True, default="", editable=False)

    objects = ReleaseQuerySet.as_manager()
    history = history()

    class Meta:
        verbose_name = "release"
        ordering = ["-created_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(released_at=None) | Q(moment__isnull=False),
                name="mscp_release_has_moment",
                violation_error_message="What went live has a moment.",
            ),
            models.CheckConstraint(
                condition=~Q(title=""),
                name="mscp_release_has_title",
                violation_error_message="Say in a few words what goes live together.",
            ),
        ]
        indexes = [
            models.Index(
                fields=["moment"], condition=Q(released_at=None), name="mscp_release_due_idx"
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def is_open(self) -> bool:
        return self.released_at is None

    @property
    def state_in_words(self) -> str:
        """Return a sentence for staff about its state."""
        if self.released_at:
            return f"It went live on {moment_in_words(self.released_at)}."
        if self.moment and self.for_one:
            return f"It goes live by itself on {moment_in_words(self.moment)}."
        if self.moment:
            return f"It goes live on {moment_in_words(self.moment)}, all of it or nothing."
        if self.for_one:
            return self.outcome.replace("\n", " ")
        return "It goes live when somebody says so, all of it or nothing."

    # --- what is in it ------------------------------------------------------------------------

    def members(self) -> list[Any]:
        """Return the records and changes in it. A query for each model."""
        return [
            record
            for model in member_models()
            for record in model._default_manager.filter(release=self.pk).order_by("pk")
        ]

    def add(self, records: list[Any], *, by: "AnyUser | None" = None) -> None:
        """Add records to it. Raises ValidationError."""
        with transaction.atomic():
            left = {record.release_id for record in records} - {None, self.pk}
            lock_all([self, *(Release(pk=key) for key in left)])
            self._locked_open()
            for record in self._lock(records):
                if not record.is_draft:
                    raise ValidationError(f"“{record}” is no draft and no proposed change.")
                record.release = self
                _save(record, by, f"Put into the release “{self}”")
            for release in Release.objects.filter(pk__in=left):
                release.discard_if_empty()

    def take_out(self, record: Any, *, by: "AnyUser | None" = None) -> None:
        """Take a record out of it. Raises ValidationError."""
        with transaction.atomic():
            self._locked_open()
            for locked in self._lock([record]):
                if locked.release_id == self.pk:
                    locked.release = None
                    _save(locked, by, f"Taken out of the release “{self}”")

    # --- going live ---------------------------------------------------------------------------

    def obstacles_of(self, record: Any) -> list[str]:
        """Return what still stands in the way of one of its members."""
        found = [obstacle.sentence for obstacle in record.publishing_obstacles()]
        if record.is_proposed_change and record.conflicts():
            found.append("What is live was changed meanwhile, in the same places: decide first.")
        return [*found, *filter(None, [approvals.refusal(record)])]

    def schedule(self, at: datetime, *, by: "AnyUser | None" = None) -> None:
        """Let it go live by itself at a moment. Raises ValidationError."""
        with transaction.atomic():
            release = self._locked_open()
            if at <= clock.moment():
                raise ValidationError("Choose a moment that lies ahead.")
            if not release.members():
                raise ValidationError("Nothing is in it yet.")
            release.moment, release.outcome = at, ""
            _save(release, by, "Scheduled")

    def call_off(self, *, by: "AnyUser | None" = None) -> None:
        with transaction.atomic():
            release = self._locked_open()
            release.moment = None
            _save(release, by, "Called off")

    def go_live(self, *, by: "AnyUser | None" = None, due: bool = False) -> bool:
        """Publish and apply all that is in it at one moment, or nothing.

        ``due`` is for a release whose moment has come: its records are live since then, and if it
        is done already, or called off, nothing happens. Returns whether it went live. Raises
        ValidationError.
        """
        with self.files_read(), transaction.atomic():
            release: Any = lock(self)
            now = clock.moment()
            is_due = release and release.is_open and release.moment and release.moment <= now
            if due and not is_due:
                return False
            if release is None or not release.is_open:
                raise ValidationError("It went live already, or was deleted.")
            moment = release.moment if due else now
            # Not open from here on: nothing discards it while its changes go.
            Release.objects.filter(pk=release.pk).update(moment=moment, released_at=now)
            names, reasons = [], []
            for record in release._lock(release.members()):
                names.append(f"{record} ({record.state_label.lower()})")
                try:
                    _let_go_live(record, moment, by)
                except ValidationError as error:
                    reasons.append(f"{record}: {' '.join(error.messages)}")
            if reasons or not names:
                raise ValidationError(reasons or ["Nothing is in it yet."])
            release.moment, release.released_at = moment, now
            release.outcome = "\n".join(names)
            _save(release, by, "Went live")
            return True

    def fail(self, reasons: list[str]) -> None:
        """Say why nothing went live at its moment; from then on it waits for a person."""
        with transaction.atomic():
            release: Any = lock(self)
            if release and release.is_open and release.moment and release.moment <= clock.now():
                when = moment_in_words(release.moment)
                release.outcome = "\n".join([f"Nothing went live on {when}.", *reasons])
                release.moment = None
                because(release, "Nothing went live at its moment").save()

    def discard_if_empty(self) -> None:
        """Delete a release of one change alone, if that was applied, deleted or put elsewhere.

        Its row must be locked, before that of the change.
        """
        if self.for_one and not self.members():
            for release in Release.objects.open().filter(pk=self.pk):
                because(release, "Its change is in it no more").delete()

    @contextmanager
    def files_read(self) -> Iterator[None]:
        """Read the stored files of its members, before the transaction that depends on them."""
        by_table: dict[type[Any], list[Any]] = {}
        for record in self.members():
            by_table.setdefault(table_of(type(record)), []).append(record)
        with ExitStack() as stack:
            for table, records in by_table.items():
                stack.enter_context(table.with_files_read(records))
            yield

    def _locked_open(self) -> "Release":
        release = lock(self)
        if release is None or not release.is_open:
            raise ValidationError("It went live already, or was deleted.")
        return release

    def _lock(self, records: list[Any]) -> list[Any]:
        """Lock records, and what the changes among them revise, in one order; read them again."""
        keys: dict[type[Any], set[int]] = {}
        for record in records:
            revised = {record.revises_id} if record.revises_id else set()
            keys.setdefault(table_of(type(record)), set()).update({record.pk} | revised)
        for table in sorted(keys, key=lambda model: str(model._meta.label)):
            lock_all([table(pk=key) for key in sorted(keys[table])])
        again = []
        for record in records:
            found = type(record)._default_manager.filter(pk=record.pk).first()
            if found is None:
                raise ValidationError(f"“{record}” was applied or deleted meanwhile.")
            again.append(found)
        return again


def schedule_alone(change: Any, at: datetime, *, by: "AnyUser | None" = None) -> None:
    """Let one proposed change go live by itself at a moment, as a release of one.

    Its row must be locked, and that of its release before. Raises ValidationError.
    """
    with transaction.atomic():
        release = change.release or Release(title=str(change)[:150], for_one=True)
        if not release.for_one:
            raise ValidationError(in_release_with_others(release))
        if obstacles := release.obstacles_of(change):
            raise ValidationError(obstacles)
        if release._state.adding:
            _save(release, by, "Begun")
        change.release = release
        _save(change, by, f"Scheduled for {moment_in_words(at)}")
        release.schedule(at, by=by)


def call_off_alone(change: Any, *, by: "AnyUser | None" = None) -> None:
    """Take back that a change goes live by itself. Raises ValidationError."""
    with transaction.atomic():
        release = change.release
        if release is None or not release.for_one:
            raise ValidationError("It is not scheduled by itself.")
        change.release = None
        _save(change, by, "Called off")
        release.discard_if_empty()


def in_release_with_others(release: Release) -> str:
    return f"It goes live with others, in the release “{release}”: schedule that, or take it out."


def _let_go_live(record: Any, moment: datetime, by: "AnyUser | None") -> None:
    if record.is_proposed_change:
        record.apply_change(by=by)
        return
    _author(record, by)
    because(record, "Published together").publish(at=moment, is_due=True)


def _save(record: Any, by: "AnyUser | None", reason: str) -> None:
    _author(record, by)
    because(record, reason).save()


def _author(record: Any, by: "AnyUser | None") -> None:
    if by is not None:
        set_author(record, by)
        # What the clock does is in nobody's request.
        record._history_user = account_of(by)


def do_what_is_due() -> None:
    """Let every release go live whose moment has come."""
    for release in Release.objects.scheduled().filter(moment__lte=clock.now()).order_by("moment"):
        try:
            release.go_live(by=release.updated_by, due=True)
        except ValidationError as error:
            logger.warning("A release did not go live at its moment: %s", release.pk)
            release.fail(error.messages)
        except DatabaseError as error:
            # Readers get what is live until the database accepts changes again.
            logger.warning("A release that is due has to wait.", exc_info=error)


versions.register_due(versions.Due(Release.objects.next_moment, do_what_is_due))
