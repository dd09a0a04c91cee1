"""Approvals: two people for what goes live, and the handovers between them.

With the setting ``TWO_PEOPLE`` something goes live only when, for each author of its content,
somebody else approved exactly this content (``content_hash``). An author is whoever changed the
content since the last approval that was enough, as the history tells: a save that changes nothing
that readers see makes nobody an author, and takes nothing from anybody who is one. Any later change
is another content, which nobody approved.

``publish`` and every other way to what is public call ``refuse_unapproved``; a save that would
change what is live or scheduled calls ``refuse_change``. Both hold for everybody: superusers,
actions, imports, schedules and commands. Only the content that is shipped with the site is loaded
without, inside ``shipped_content``.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from functools import partial
from typing import Any, NamedTuple, Self

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q, Subquery
from django.db.models.functions import Length
from django.db.models.lookups import Exact
from django.db.models.signals import m2m_changed

from mscp.database import clock
from mscp.database.constraints import has_only
from mscp.publishing.content_hash import content_hash, field_values, not_content
from mscp.records.audit import MomentField
from mscp.records.locking import lock_all
from mscp.records.moments import moment_in_words

NEEDED = (
    "Two people are needed: somebody other than its author must approve it as it is now before it "
    "goes live."
)
NOT_WHILE_LIVE = (
    "It is live or scheduled, and what it says changes only when a second person agrees. What is "
    "scheduled can go back to draft; to what is live, propose a change."
)
ALL_OWN = (
    "You wrote what changed here since it was last approved, so somebody else must approve it."
)

_shipped: ContextVar[bool] = ContextVar("shipped_content", default=False)
_replacing: ContextVar[bool] = ContextVar("approved_change", default=False)


# --- who wrote it --------------------------------------------------------------------------------


class Person(NamedTuple):
    """An account as it was; it may be renamed or deleted since. No key: nobody knows who."""

    key: int | None
    name: str


class History(NamedTuple):
    """The history of a record or of its parts, from which its authors are read."""

    rows: Any
    """The rows of the record, or of all that ever were parts of it."""
    parent: str = ""
    """The field of a part that names its record."""


def histories_of(record: Any) -> list[History]:
    notes = History(record.change_notes.model.history.filter(record=record.pk), "record")
    return [History(record.history.all()), notes, *record.histories_of_parts()]


def _marks(record: Any) -> dict[str, int]:
    """Return the last row of each history, so that later ones are known by their keys.

    Not by their moments: those of two processes may differ by milliseconds.
    """
    return {
        _name(one): one.rows.aggregate(last=models.Max("history_id"))["last"] or 0
        for one in histories_of(record)
    }


def _name(history: History) -> str:
    return str(history.rows.model._meta.label_lower)


def authors_of(record: Any) -> list[Person]:
    """Return who changed the content since it was last approved, in the order of their changes.

    If no history tells, whoever made and last saved it. A constant number of queries.
    """
    since = Q(is_enough=True) | Q(step=Step.BEGUN)
    last = Handover.objects.of(record).filter(since).last()
    marks = last.marks if last else {}
    found: dict[int | None, None] = {}
    for one in histories_of(record):
        found |= dict.fromkeys(_editors(one, record.pk, marks.get(_name(one), 0)))
    if not found and (last is None or last.content_hash != content_hash(record)):
        found = dict.fromkeys([record.created_by_id, record.updated_by_id])
    names = _names(found)
    return [Person(key, names.get(key, "somebody")) for key in found if key or len(found) == 1]


def _editors(history: History, record: int, since: int) -> Iterator[int | None]:
    """Yield the accounts whose changes after the row ``since`` changed what readers see."""
    rows, model = history.rows, history.rows.model
    if history.parent:
        # All rows of each part, to see also what came from another record or went to one.
        rows = model._default_manager.filter(id__in=Subquery(rows.values("id")))
    else:
        # From the one that was the last.
        rows = rows.filter(history_id__gte=since)
    found = list(rows.order_by("history_id"))
    related = _related(model, found)
    before: dict[int, tuple[object, ...]] = {}
    for row in found:
        is_gone = row.history_type == "-"
        at_record = not history.parent or getattr(row, f"{history.parent}_id") == record
        now = ("gone",) if is_gone or not at_record else (_seen(row), *related.get(row.pk, ()))
        changed = before.get(row.id, ("gone",)) != now
        before[row.id] = now
        if changed and row.history_id > since:
            yield row.history_user_id


def _seen(row: Any) -> tuple[object, ...]:
    """Return what readers see of a row of a history, with the place and the file of a part."""
    hidden = not_content(row.instance_type)
    return tuple(
        getattr(row, field.attname)
        for field in row.tracked_fields
        if field.name not in hidden or field.name in ("position", "file")
    )


def _related(model: Any, rows: Sequence[Any]) -> dict[int, list[tuple[object, ...]]]:
    """Return for each row of a history the keys of its many-to-many relations."""
    found: dict[int, list[tuple[object, ...]]] = {}
    for field in getattr(model, "_history_m2m_fields", ()):
        kept = getattr(model, field.name).model
        column = f"{field.m2m_reverse_field_name()}_id"
        pairs = kept.objects.filter(history__in=[row.pk for row in rows])
        of_row: dict[int, set[int]] = {}
        for row, key in pairs.values_list("history_id", column):
            of_row.setdefault(row, set()).add(key)
        for one in rows:
            found.setdefault(one.pk, []).append((field.name, *sorted(of_row.get(one.pk, ()))))
    return found


def _names(keys: Iterable[int | None]) -> dict[int | None, str]:
    people = get_user_model()._default_manager.in_bulk([key for key in keys if key is not None])
    return {key: name_of(person) for key, person in people.items()}


def name_of(user: Any) -> str:
    return str(user.get_full_name() or user.get_username())


# --- handovers -----------------------------------------------------------------------------------


class Step(models.TextChoices):
    # Of a proposed change: a copy of what is live, which has no author yet.
    BEGUN = "begun", "Begun"
    READY = "ready", "Ready for review"
    SENT_BACK = "sent_back", "Sent back"
    APPROVED = "approved", "Approved"


class HandoverQuerySet(models.QuerySet["Handover"]):
    def of(self, record: models.Model) -> Self:
        """Filter by one record, the earliest first."""
        return self.filter(record_type=record._meta.label_lower, record_id=record.pk)

    def from_hand_to_hand(self) -> Self:
        """Filter by the steps that somebody took with what somebody wrote."""
        return self.exclude(step=Step.BEGUN)

    def last_of_each(self) -> Self:
        """Filter by the last one of each record."""
        taken = self.model._default_manager.exclude(step=Step.BEGUN)
        last = taken.values("record_type", "record_id").annotate(last=models.Max("pk"))
        return self.filter(pk__in=last.values("last"))


class Handover(models.Model):
    """One step of a record from hand to hand. It is added, and never changed or deleted."""

    # Not a foreign key: it outlives what it is about.
    record_type = models.CharField(max_length=60)
    record_id = models.BigIntegerField()
    step = models.CharField(max_length=10, choices=Step)
    note = models.TextField(max_length=2000, blank=True)
    content_hash = models.CharField(max_length=64)
    at = MomentField()
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    # Kept when the account is gone.
    by_key = models.BigIntegerField()
    by_name = models.CharField(max_length=150)
    # Of an approval: who wrote what was approved, as [key, name] each; the last rows of the
    # histories; and whether it was enough.
    authors = models.JSONField(default=list)
    marks = models.JSONField(default=dict)
    is_enough = models.BooleanField(default=False)

    objects = HandoverQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        default_permissions = ()
        constraints = [
            models.CheckConstraint(
                condition=Q(
                    Exact(Length("content_hash"), 64), has_only("0123456789abcdef", "content_hash")
                ),
                name="mscp_handover_has_hash",
            ),
            models.CheckConstraint(
                condition=~Q(step=Step.SENT_BACK) | ~Q(note=""),
                name="mscp_handover_sent_back_with_reason",
                violation_error_message="Say why it is sent back: its author reads it.",
            ),
            models.CheckConstraint(
                condition=~Q(by_name=""),
                name="mscp_handover_by_somebody",
                violation_error_message="A handover is made by somebody.",
            ),
            models.CheckConstraint(
                condition=Q(is_enough=False) | Q(step=Step.APPROVED),
                name="mscp_handover_enough_is_approval",
            ),
        ]
        indexes = [
            models.Index(fields=["record_type", "record_id", "id"], name="mscp_handover_of_record"),
        ]

    def __str__(self) -> str:
        return f"{self.get_step_display()} by {self.by_name}, {self.when}"

    def save(self, **options: Any) -> None:
        if not self._state.adding:
            raise TypeError("A handover never changes.")
        super().save(**options)

    def delete(self, *args: Any, **options: Any) -> tuple[int, dict[str, int]]:
        raise TypeError("A handover is kept for ever.")

    @property
    def when(self) -> str:
        return moment_in_words(self.at)

    @property
    def people(self) -> list[Person]:
        """Return who wrote what was approved."""
        return [Person(key, name) for key, name in self.authors]


def hand_over(record: Any, step: Step, user: Any, *, note: str = "") -> Handover:
    """Save that somebody sent it for review or back. Its row must be locked."""
    return _add(record, step, user, note=note)


def approve(record: Any, user: Any, *, note: str = "") -> Handover:
    """Save that somebody approves it as it is now. Raises ValidationError; its row must be locked.

    Of several authors each may approve what the others wrote; it is enough when each author was
    approved by somebody else.
    """
    authors = authors_of(record)
    if [author.key for author in authors] == [user.pk]:
        raise ValidationError(ALL_OWN)
    given = _given(record)
    if any(one.by_key == user.pk for one in given):
        raise ValidationError("You approved exactly this already.")
    everybody = [author for one in given for author in one.people] + authors
    approvers = {one.by_key for one in given} | {user.pk}
    return _add(
        record,
        Step.APPROVED,
        user,
        note=note,
        authors=[list(author) for author in authors],
        marks=_marks(record),
        is_enough=not _unapproved(everybody, approvers),
    )


def begin(change: Any, user: Any) -> None:
    """Save that a proposed change is a copy of what is live, of which nobody is an author yet."""
    _add(change, Step.BEGUN, user, marks=_marks(change))


def _carry_over(approvals: Iterable[Handover], record: Any, content: str) -> None:
    """Give a record the approvals of a change that was applied to it, so that both names stay."""
    marks = _marks(record)
    for one in approvals:
        one.pk, one._state.adding = None, True
        one.record_type, one.record_id = record._meta.label_lower, record.pk
        one.marks, one.content_hash = marks, content
        one.save(force_insert=True)


@contextmanager
def keeping(record: Any) -> Iterator[None]:
    """Keep the approvals of a record while a term that it has is merged into another.

    A second person confirmed that too. Its row must be locked.
    """
    given = _given(record)
    yield
    if given and (now := content_hash(record)) != given[0].content_hash:
        _carry_over(given, record, now)


def _add(record: Any, step: Step, user: Any, **more: Any) -> Handover:
    handover = Handover(
        record_type=record._meta.label_lower,
        record_id=record.pk,
        step=step,
        content_hash=content_hash(record),
        at=clock.moment(),
        by_id=user.pk,
        by_key=user.pk,
        by_name=name_of(user)[:150],
        **more,
    )
    handover.validate_constraints()
    handover.save()
    return handover


# --- what may go live ----------------------------------------------------------------------------


def _given(record: Any) -> list[Handover]:
    """Return the approvals of exactly this content; none if it is not saved yet."""
    if record.pk is None:
        return []
    approvals = Handover.objects.of(record).filter(step=Step.APPROVED)
    return list(approvals.filter(content_hash=content_hash(record)))


def _unapproved(authors: Iterable[Person], approvers: set[int]) -> list[Person]:
    """Return the authors whom nobody but themselves approved."""
    return [author for author in authors if not approvers - {author.key}]


def approved(record: Any) -> bool:
    """Return whether two people stand for exactly this content."""
    return is_enough(_given(record))


def was_approved(record: Any) -> bool:
    """Return whether two people ever stood for it, whatever it said then."""
    return Handover.objects.of(record).filter(is_enough=True).exists()


def is_enough(given: Sequence[Handover]) -> bool:
    """Return whether these approvals of one content are enough for it to go live."""
    authors = [author for one in given for author in one.people]
    return bool(given) and not _unapproved(authors, {one.by_key for one in given})


def approvals_of(record: Any) -> list[Handover]:
    """Return the approvals of its content as it is now, for staff to read."""
    return _given(record)


def refusal(record: Any) -> str:
    """Return why it cannot go live for want of a second person; "" if it can."""
    if not settings.TWO_PEOPLE or _shipped.get() or _replacing.get() or approved(record):
        return ""
    return NEEDED


def refuse_unapproved(record: Any) -> None:
    """Raise ValidationError unless it may go live as it is. Call it with its row locked."""
    if sentence := refusal(record):
        raise ValidationError(sentence, code="unapproved")


def may_change_live() -> bool:
    """Return whether what is live or scheduled may be changed at once, without a second person."""
    return not settings.TWO_PEOPLE or _shipped.get() or _replacing.get()


def is_shipping() -> bool:
    """Return whether the content that is shipped with the site is being loaded."""
    return _shipped.get()


def is_writing_change() -> bool:
    """Return whether a change is being written to what is live, or only looked at there."""
    return _replacing.get()


def refuse_update(rows: Any, values: Mapping[str, Any]) -> None:
    """Raise ValidationError if a query would change what readers see of live or scheduled rows.

    A relation may become empty: what it led to is being deleted, and no reader sees that any more.
    """
    hidden = not_content(rows.model)
    is_seen = any(
        name.removesuffix("_id") not in hidden
        and not (value is None and rows.model._meta.get_field(name).is_relation)
        for name, value in values.items()
    )
    if is_seen and rows.filter(state="published").exists():
        raise ValidationError(NOT_WHILE_LIVE, code="unapproved")


def refuse_change(*records: Any) -> None:
    """Raise ValidationError if one of these records of one model is live or scheduled.

    For a change of what is not its own field: a document, a theme. Their rows are locked first,
    within the transaction of the change, so that nobody publishes them meanwhile.
    """
    if not may_change_live() and any(row.state == "published" for row in lock_all(records)):
        raise ValidationError(NOT_WHILE_LIVE, code="unapproved")


def guard_relations(model: type[models.Model]) -> None:
    """Refuse to change the relations of what is live, for those that readers see.

    ``model`` is a concrete model with a state; its fields that no form edits are for staff.
    """
    for field in model._meta.local_many_to_many:
        if field.editable:
            m2m_changed.connect(
                partial(_relations_change, field.name),
                weak=False,
                sender=getattr(model, field.name).through,
                dispatch_uid=f"mscp.publishing.approvals.{model._meta.label}.{field.name}",
            )


def _relations_change(
    name: str, *, instance: Any, action: str, reverse: bool, model: Any, pk_set: Any, **_: object
) -> None:
    if may_change_live() or not action.startswith("pre_") or pk_set == set():
        return
    if not reverse:
        refuse_change(instance)
        return
    # From the other side, such as all reviews of a theme.
    rows = model._base_manager
    refuse_change(*(rows.filter(pk__in=pk_set) if pk_set else rows.filter(**{name: instance})))


def refuse_unapproved_save(record: Any) -> None:
    """Raise ValidationError if a save would make public what nobody approved."""
    if may_change_live() or record.state != "published":
        return
    stored = record.__class__._base_manager.filter(pk=record.pk).first()
    is_same = stored is not None and field_values(stored) == field_values(record)
    if stored is None or stored.state != "published" or not is_same:
        refuse_unapproved(record)


@contextmanager
def shipped_content() -> Iterator[None]:
    """Let the content that is shipped with the site go live: no author of it is on the staff."""
    token = _shipped.set(True)
    try:
        yield
    finally:
        _shipped.reset(token)


@contextmanager
def writing_change() -> Iterator[None]:
    """Let a change be written to what is live, approved or in a transaction that is rolled back."""
    token = _replacing.set(True)
    try:
        yield
    finally:
        _replacing.reset(token)


@contextmanager
def applying(change: Any, record: Any) -> Iterator[None]:
    """Let an approved change be written to what is live. Raises ValidationError.

    Both rows must be locked. What is there at the end must be what was approved, exactly.
    """
    refuse_unapproved(change)
    given = _given(change)
    wanted = content_hash(change, as_applied=True)
    with writing_change():
        yield
    if given and content_hash(record) == wanted:
        _carry_over(given, record, wanted)
    elif settings.TWO_PEOPLE:
        raise ValidationError(
            "What would go live is not exactly what was approved, since what is live was changed "
            "meanwhile: compare the two, and have it approved again."
        )
