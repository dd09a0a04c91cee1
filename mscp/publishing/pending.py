"""Pending changes: what has no draft is changed by one person and confirmed by another.

Themes, venues, audiences, links above lists, the partnership and the numbers to call are read as
they are saved. So where two people are needed (``TWO_PEOPLE``) what somebody types is kept beside
the record until somebody else confirms it; then it is applied whole, if what it was typed over is
still the same. The same holds for a merge of two of them.

The rule stands in ``WithoutDraft.save``. Fields that no reader sees, and the order, are saved at
once; so is what only takes away (``TAKEN_OFF_ALONE``).
"""

import json
import uuid
from collections.abc import Iterable, Iterator, Mapping
from hashlib import sha256
from typing import Any, ClassVar, Self, Unpack

from django.apps import apps
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models, transaction
from django.db.models import F, FileField, Q

from mscp.database import clock
from mscp.files.removal import remove_later
from mscp.publishing import approvals
from mscp.publishing.content_hash import content_hash, not_content
from mscp.records.audit import MomentField, Tracked, set_author
from mscp.records.history import because
from mscp.records.locking import lock, lock_all
from mscp.records.moments import moment_in_words
from mscp.records.saving import SaveOptions

NEEDED = (
    "Two people are needed: readers see this as soon as it is saved, so somebody else must confirm "
    "it first."
)
ONE_AT_A_TIME = "A change to this waits already. It is confirmed or discarded first."
OWN = "You asked for this yourself, so somebody else must confirm it."
DECIDED = "A colleague confirmed or discarded this meanwhile."
NOT_THE_SAME = (
    "What this was written over was changed since, so it cannot be confirmed. Discard it, and "
    "write it again over what is there now."
)


class WithoutDraft(Tracked):
    """Abstract model of what has no draft: readers see it as soon as it is saved."""

    # What one person may empty: to take words away is not to publish.
    TAKEN_OFF_ALONE: ClassVar[tuple[str, ...]] = ()
    # Whether its texts are looked through for identifiers. Contact data are meant where they stand.
    LOOKED_THROUGH: ClassVar[bool] = False
    # The model whose permissions count, as "app.Model", where it has none of its own.
    PERMISSIONS_OF: ClassVar[str] = ""

    class Meta:
        abstract = True

    def save(self, **options: Unpack[SaveOptions]) -> None:
        if needs_second(self):
            raise ValidationError(NEEDED, code="unapproved")
        super().save(**options)

    def delete(
        self, using: str | None = None, keep_parents: bool = False
    ) -> tuple[int, dict[str, int]]:
        """Delete it, unless something live has it, which that would change."""
        for rows in self.used_by():
            approvals.refuse_change(*rows)
        return super().delete(using, keep_parents)

    def used_by(self) -> "Iterator[models.QuerySet[Any]]":
        """Yield, by model, the records with a state that have it as one of many."""
        for relation in self._meta.related_objects:
            kind: Any = relation.related_model
            if relation.many_to_many and not relation.hidden and hasattr(kind, "merge_base"):
                yield kind._base_manager.filter(**{relation.field.name: self})

    def waits(self, typed: Mapping[str, object]) -> bool:
        """Return whether another change waits where what was typed needs a second person too."""
        hidden = not_content(type(self))
        known = {field.name for field in self._meta.concrete_fields} - hidden
        alone = {name for name in self.TAKEN_OFF_ALONE if not typed.get(name)}
        if self.pk is None or not {*typed} & known - alone or approvals.may_change_live():
            return False
        return PendingChange.objects.open().to(self).exists()

    def parts_until_applied(self) -> dict[str, object]:
        return {}

    def content_parts(self) -> dict[str, object]:
        return {}

    def is_free(self) -> bool:
        """Return whether its first save needs nobody."""
        return False

    def is_seen(self) -> bool:
        """Return whether readers see it once it is saved, or will by the clock."""
        return True

    @classmethod
    def permissions_of(cls) -> type[models.Model]:
        """Return the model whose permissions count."""
        return apps.get_model(cls.PERMISSIONS_OF) if cls.PERMISSIONS_OF else cls

    def prepared_file(self, name: str) -> "ContentFile[bytes]":
        """Return a chosen file as it will be stored; for models that have one."""
        raise NotImplementedError


def _stored(record: Any) -> Any:
    rows = type(record)._base_manager
    return rows.filter(pk=record.pk).first() if record.pk is not None else None


def changed_fields(record: Any) -> list[Any]:
    """Return the fields of a form in which a record differs from what is saved, or from nothing."""
    stored = _stored(record) or type(record)()
    return [
        field
        for field in record._meta.concrete_fields
        if field.editable and not field.primary_key and _differs(field, record, stored)
    ]


def _differs(field: Any, record: Any, stored: Any) -> bool:
    value = getattr(record, field.attname)
    if isinstance(field, FileField) and value and not value._committed:
        return True
    old = field.get_prep_value(getattr(stored, field.attname))
    return bool(field.get_prep_value(value) != old)


def needs_second(record: Any) -> bool:
    """Return whether a second person must confirm what a save of this record would change."""
    if approvals.may_change_live() or not record.is_seen():
        return False
    if _stored(record) is None:
        return not record.is_free()
    hidden = not_content(type(record)) | {
        name for name in record.TAKEN_OFF_ALONE if not getattr(record, name)
    }
    return any(field.name not in hidden for field in changed_fields(record))


class Outcome(models.TextChoices):
    CONFIRMED = "confirmed", "Confirmed"
    DISCARDED = "discarded", "Discarded"


def pending_path(change: models.Model, filename: str) -> str:
    return f"pending/{uuid.uuid4().hex}.{filename.rpartition('.')[2]}"


class PendingChangeQuerySet(models.QuerySet["PendingChange"]):
    def open(self) -> Self:
        return self.filter(decided_at=None)

    def to(self, record: models.Model) -> Self:
        """Filter by changes to one record."""
        return self.filter(record_type=record._meta.label_lower, record_id=record.pk)


class PendingChange(models.Model):
    """What somebody typed into the form of a record without a draft, or a merge of two.

    It is kept with both names when it is decided, and never changed after.
    """

    record_type = models.CharField(max_length=60)
    # NULL: the record is to be added.
    record_id = models.BigIntegerField(null=True)
    # Of a merge: into which record.
    into_id = models.BigIntegerField(null=True)
    name = models.CharField("what", max_length=300)
    # By field, in values of JSON.
    values = models.JSONField(default=dict, encoder=DjangoJSONEncoder)
    file = models.FileField(upload_to=pending_path, blank=True, default="")
    file_field = models.CharField(max_length=60, blank=True, default="")
    # Of what it was typed over (base_of).
    base_hash = models.CharField(max_length=64)
    made_at = MomentField("asked for")
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, verbose_name="by", related_name="+"
    )
    # Kept when the account is gone.
    made_by_key = models.BigIntegerField()
    made_by_name = models.CharField("by", max_length=150)
    decided_at = MomentField("decided", null=True)
    decided_by_key = models.BigIntegerField(null=True)
    decided_by_name = models.CharField("decided by", max_length=150, blank=True, default="")
    outcome = models.CharField(max_length=10, choices=Outcome, blank=True, default="")
    note = models.TextField(max_length=1000, blank=True, default="")

    objects = PendingChangeQuerySet.as_manager()

    class Meta:
        verbose_name = "change that waits for a second person"
        verbose_name_plural = "changes that wait for a second person"
        ordering = ["-made_at", "-pk"]
        # Who may change the record may see and decide it.
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(
                fields=["record_type", "record_id"],
                condition=Q(decided_at=None),
                name="mscp_pendingchange_one_open",
                violation_error_message=ONE_AT_A_TIME,
            ),
            models.CheckConstraint(
                condition=Q(decided_at=None, outcome="", decided_by_key=None)
                | (Q(decided_at__isnull=False, decided_by_key__isnull=False) & ~Q(outcome="")),
                name="mscp_pendingchange_decided_whole",
            ),
            models.CheckConstraint(
                condition=~Q(outcome=Outcome.CONFIRMED) | ~Q(decided_by_key=F("made_by_key")),
                name="mscp_pendingchange_two_people",
                violation_error_message=OWN,
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def model(self) -> Any:
        return apps.get_model(self.record_type)

    @property
    def is_open(self) -> bool:
        return self.decided_at is None

    @property
    def is_merge(self) -> bool:
        return self.into_id is not None

    @property
    def state_in_words(self) -> str:
        asked = f"{self.made_by_name} asked for this on {moment_in_words(self.made_at)}."
        if self.is_open:
            return f"{asked} Readers see nothing of it until somebody else confirms it."
        done = self.get_outcome_display().lower()
        return f"{asked} {self.decided_by_name} {done} it on {moment_in_words(self.decided_at)}."

    def record(self) -> Any:
        """Return the record as it is saved; None if it is to be added, or gone."""
        key = self.record_id
        return None if key is None else self.model._base_manager.filter(pk=key).first()

    def into(self) -> Any:
        return self.model._base_manager.filter(pk=self.into_id).first() if self.into_id else None

    def fields(self) -> list[Any]:
        """Return the fields that it changes, in the order of the model."""
        names = {*self.values, self.file_field}
        return [field for field in self.model._meta.concrete_fields if field.name in names]

    def fill(self, record: Any) -> None:
        """Give a record, in memory, the values that were typed."""
        for field in self.fields():
            if field.name in self.values:
                setattr(record, field.attname, field.to_python(self.values[field.name]))

    # --- deciding -----------------------------------------------------------------------------

    def locked_open(self) -> "PendingChange":
        """Lock it and return it as it is now. Raises ValidationError if it is decided."""
        locked = lock(self)
        if locked is None or not locked.is_open:
            raise ValidationError(DECIDED)
        return locked

    def refuse_own(self, user: Any) -> None:
        if self.made_by_key == user.pk:
            raise ValidationError(OWN)

    def confirm(self, user: Any) -> Any:
        """Apply it, in the name of both; return the record. Raises ValidationError."""
        self.refuse_own(user)
        content = self._content()
        with transaction.atomic():
            # The record first, as its own form does.
            key = self.record_id
            record: Any = self.model() if key is None else lock(self.model(pk=key))
            change = self.locked_open()
            if record is None or base_of(None if key is None else record) != change.base_hash:
                raise ValidationError(NOT_THE_SAME)
            change.fill(record)
            if content is not None:
                setattr(record, change.file_field, content)
            changed = {field.name for field in change.fields()}
            record.clean_fields(
                exclude={field.name for field in record._meta.fields if field.name not in changed}
            )
            record.clean()
            record.validate_constraints()
            change.write(record, f"Confirmed by {approvals.name_of(user)}")
            change.decide(Outcome.CONFIRMED, user)
        return record

    def write(self, record: Any, reason: str) -> None:
        """Save a record in the name of who asked for the change."""
        author: Any = self.made_by
        if author is not None:
            set_author(record, author)
        record._history_user = author
        with approvals.writing_change():
            because(record, reason[:100]).save()

    def discard(self, user: Any, *, note: str = "") -> None:
        with transaction.atomic():
            self.locked_open().decide(Outcome.DISCARDED, user, note=note)

    def decide(self, outcome: Outcome, user: Any, *, note: str = "") -> None:
        """Save who decided. Its row must be locked."""
        self.decided_at, self.outcome, self.note = clock.moment(), outcome, note[:1000]
        self.decided_by_key = user.pk
        self.decided_by_name = approvals.name_of(user)[:150]
        self.validate_constraints()
        name, self.file = str(self.file), ""
        self.save()
        if name:
            storage = self._meta.get_field("file").storage  # type: ignore[union-attr]
            transaction.on_commit(lambda: remove_later(storage, name))

    def _content(self) -> "ContentFile[bytes] | None":
        if not self.file:
            return None
        with self.file.open("rb") as opened:
            return ContentFile(opened.read(), name=str(self.file))


def base_of(record: Any, into: Any = None, moved: Iterable[str] = ()) -> str:
    """Return the hash of what a change was typed over, or of what a merge would move."""
    parts = [content_hash(one) if one is not None else "" for one in (record, into)]
    return sha256(json.dumps([*parts, *moved]).encode()).hexdigest()


def ask(record: Any, user: Any) -> PendingChange:
    """Keep what was typed into a record, which is not saved. Raises ValidationError."""
    stored = _stored(record)
    kind = str(record._meta.verbose_name)
    change = PendingChange(
        record_type=record._meta.label_lower,
        record_id=None if stored is None else stored.pk,
        name=f"{stored or record} ({'new ' if stored is None else ''}{kind})"[:300],
        base_hash=base_of(stored),
    )
    for field in changed_fields(record):
        value = getattr(record, field.attname)
        if isinstance(field, FileField) and value:
            content = record.prepared_file(field.name)
            change.file_field, change.file = field.name, content
        else:
            change.values[field.name] = field.get_prep_value(value)
    return _kept(change, user)


def ask_to_merge(source: Any, target: Any, moved: Iterable[str], user: Any) -> PendingChange:
    """Keep that somebody asks for a merge. Raises ValidationError; both must be locked."""
    kind = str(source._meta.verbose_name)
    change = PendingChange(
        record_type=source._meta.label_lower,
        record_id=source.pk,
        into_id=target.pk,
        name=f"{source} into {target} (merge of a {kind})"[:300],
        base_hash=base_of(source, target, moved),
    )
    return _kept(change, user)


def _kept(change: PendingChange, user: Any) -> PendingChange:
    change.made_at = clock.moment()
    change.made_by_id = change.made_by_key = user.pk
    change.made_by_name = approvals.name_of(user)[:150]
    with transaction.atomic():
        if change.record_id is not None:
            # Two who ask at once take turns.
            lock_all([change.model(pk=change.record_id)])
        change.validate_constraints()
        change.save()
    return change
