"""Change notes: what readers are told of changes to what they may have read, each with its day.

A note that was not told yet has no moment. It gets one when its change is applied, or when the
record that it stands with goes live; until then no reader sees it (mscp.publishing.gate).
"""

import uuid
from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime
from functools import cache
from typing import Any, NamedTuple, Unpack

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.formats import date_format

from mscp.database import clock
from mscp.database.compiled_query import Bindings, CompiledQuery
from mscp.publishing import approvals, identifiers
from mscp.publishing.content_hash import field_values
from mscp.records.audit import MomentField, Tracked
from mscp.records.history import because
from mscp.records.saving import SaveOptions

LONGEST_NOTE = 200
# What readers see of a note, and what tells its day.
SHOWN = ("text", "dated", "noted_at")
_NEVER = datetime.min.replace(tzinfo=UTC)


class ChangeNote(Tracked):
    """Abstract model of a note on a change of the ``record`` that a subclass names.

    Its date, its words and its deletion are changes of what readers see, as those of the record.
    """

    # When it was told is no more a part of what was approved than when its record went live.
    NOT_CONTENT = ("uid", "record", "noted_at")
    # The field of the record that it is a part of.
    PARENT = "record"

    # The same in a proposed change and in what is live.
    uid = models.UUIDField(default=uuid.uuid4, editable=False)
    text = models.CharField("what changed", max_length=LONGEST_NOTE)
    dated = models.DateField(
        "date",
        null=True,
        blank=True,
        help_text="Left empty: the day on which readers were told.",
    )
    noted_at = MomentField("told", null=True, blank=True, editable=False)

    record: Any
    record_id: int

    # In place of which each has one that knows the gate.
    objects = models.Manager["ChangeNote"]()

    class Meta:
        abstract = True
        verbose_name = "note on a change"
        verbose_name_plural = "notes on changes"
        ordering = ["-noted_at", "-pk"]
        # Who may change the record may change its notes.
        default_permissions = ()
        constraints = [
            models.CheckConstraint(
                condition=~Q(text=""),
                name="%(app_label)s_%(class)s_says_something",
                violation_error_message="Say in a few words what changed.",
            ),
            models.UniqueConstraint(fields=["record", "uid"], name="%(app_label)s_%(class)s_once"),
        ]
        indexes = [
            # What is new, the latest first.
            models.Index(fields=["noted_at"], name="%(class)s_told_idx"),
        ]

    def __str__(self) -> str:
        day = f"{date_format(self.day, 'j F Y')}: " if self.day else ""
        return f"{day}{self.text}"

    @property
    def day(self) -> date | None:
        """Return the day that readers are told; None if it was not told yet."""
        return day_of(self.dated, self.noted_at)

    def clean(self) -> None:
        super().clean()
        self.text = self.text.strip()
        if self.dated is None:
            return
        # Of a change it is that of what it revises.
        first = (self.record.revises or self.record).first_published_at
        last = max(clock.today(), timezone.localdate(self.noted_at or clock.now()))
        if self.dated > last:
            raise ValidationError({"dated": "This day has not come: no reader was told on it."})
        # What is taken over from elsewhere was read before it came here.
        is_here_first = not getattr(self.record, "taken_over", False)
        if first and is_here_first and self.dated < timezone.localdate(first):
            day = date_format(timezone.localdate(first), "j F Y")
            sentence = f"This is before {day}, the first day on which it was public here."
            raise ValidationError({"dated": sentence})

    def save(self, **options: Unpack[SaveOptions]) -> None:
        with transaction.atomic():
            self._refuse_change()
            identifiers.refuse_unsettled(self, self.record)
            super().save(**options)

    def delete(self, *args: Any, **options: Any) -> tuple[int, dict[str, int]]:
        with transaction.atomic():
            approvals.refuse_change(self.record)
            return super().delete(*args, **options)

    def _refuse_change(self) -> None:
        """Raise ValidationError if a record that is live would change with this save."""
        if approvals.may_change_live():
            return
        rows: Any = type(self)._default_manager
        stored = rows.filter(pk=self.pk).first() if self.pk else None
        is_same = stored is not None and stored.record_id == self.record_id
        if not is_same or field_values(stored) != field_values(self):
            approvals.refuse_change(self.record)
            if stored is not None and not is_same:
                approvals.refuse_change(stored.record)

    # --- as a part of a proposed change -----------------------------------------------------------

    def take_over_field(self, field: Any, source: "ChangeNote") -> None:
        setattr(self, field.attname, getattr(source, field.attname))

    def go_to(self, record: Any, save: Callable[[Any], object]) -> None:
        """Go from a change to what is live and be told now, or be copied from there to a change."""
        if not record.is_proposed_change:
            self.record = record
            self.noted_at = self.noted_at or moment_to_tell(record)
            save(self)
            return
        same = {name: getattr(self, name) for name in ("uid", "text", "dated", "noted_at")}
        model: Any = type(self)
        save(model(record=record, **same))


def day_of(dated: date | None, noted_at: datetime | None) -> date | None:
    """Return the day of a note: the one that staff gave it, or the one on which it was told."""
    return dated or (timezone.localdate(noted_at) if noted_at else None)


def latest_first(notes: Iterable[Any]) -> list[Any]:
    """Order notes as readers see them: by their days, and of one day by when they were told."""
    return sorted(
        notes,
        key=lambda one: (one.day or date.max, one.noted_at is None, one.noted_at or _NEVER),
        reverse=True,
    )


@cache
def _query(model: Any, public: bool) -> CompiledQuery:
    def build(bound: Bindings) -> Any:
        rows = model.objects.published(at=bound.now) if public else model.objects.all()
        return rows.filter(record=bound.value("record")).only(*SHOWN, "record")

    return CompiledQuery(build)


def has_notes(model: Any, now: Any) -> models.Exists:
    """Return an annotation by which a page of ``model`` asks for notes only where there are any."""
    notes = model._meta.get_field("change_notes").related_model
    return models.Exists(notes.objects.published(at=now).filter(record=models.OuterRef("pk")))


def notes_of(record: Any, *, public: bool) -> list[Any]:
    """Return the notes of a record, the latest first: for readers, or for a preview.

    There what was not told yet stands as if it were told now.
    """
    if public and not getattr(record, "has_notes", True):
        return []
    notes = _query(record.change_notes.model, public).records(record=record.pk)
    for note in notes:
        note.noted_at = note.noted_at or clock.now()
    return latest_first(notes)


class ShownNote(NamedTuple):
    """A note as exports read it."""

    text: str
    dated: date | None
    noted_at: datetime

    @property
    def day(self) -> date:
        return self.dated or timezone.localdate(self.noted_at)

    def __str__(self) -> str:
        return f"Changed {date_format(self.day, 'j F Y')}: {self.text}"


def shown_notes_of(model: Any, records: object) -> dict[int, list[ShownNote]]:
    """Return the published notes of each record, the latest first; ``records`` selects their keys.

    ``model`` is the model of the notes.
    """
    rows = model.objects.published().filter(record__in=records)
    found: dict[int, list[ShownNote]] = {}
    for record, *shown in rows.order_by("-pk").values_list("record_id", *SHOWN):
        found.setdefault(record, []).append(ShownNote(*shown))
    return {record: latest_first(notes) for record, notes in found.items()}


def key_of(note: ChangeNote) -> str:
    """Return the key that a note has in common with the note that it stands for."""
    return f"note-{note.uid}"


def moment_to_tell(record: Any) -> datetime | None:
    """Return when readers are told of a change that is saved now; None while nobody can read it."""
    if record.may_have_gaps:
        return None
    moment: datetime = max(clock.moment(), record.published_at)
    return moment


def tell_pending(record: Any, now: datetime) -> None:
    """Date the notes that were not told yet, when their record has been published or scheduled."""
    pending = record.change_notes.filter(Q(noted_at=None) | Q(noted_at__gt=now))
    with approvals.writing_change():
        for note in pending:
            note.noted_at = max(now, record.published_at)
            because(note, "Told with what was published").save()
