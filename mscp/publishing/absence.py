"""Checks for absence: that somebody asked whether words stand in a record, and what came of it.

Kept are who asked, when, of how many words, for which content, and in how many places they stood.
The words themselves are kept nowhere.
"""

from typing import Any, NamedTuple, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Length
from django.db.models.lookups import Exact

from mscp.database import clock
from mscp.database.constraints import has_only
from mscp.publishing import approvals
from mscp.publishing.content_hash import content_hash
from mscp.publishing.identifiers import owner_of
from mscp.records.audit import MomentField
from mscp.records.moments import moment_in_words


class AbsenceCheckQuerySet(models.QuerySet["AbsenceCheck"]):
    def of(self, record: Any) -> Self:
        """Filter by what was asked of a record or of a change to it, the latest first."""
        record_type, record_id = owner_of(record)
        return self.filter(record_type=record_type, record_id=record_id)


class AbsenceCheck(models.Model):
    """One question, and its answer in numbers. It never changes."""

    # Not a foreign key: it outlives what it is about.
    record_type = models.CharField(max_length=60)
    record_id = models.BigIntegerField()
    content_hash = models.CharField(max_length=64)
    asked_at = MomentField("asked")
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
    )
    # Kept when the account is gone.
    asked_by_name = models.CharField(max_length=150)
    words = models.PositiveSmallIntegerField("number of words")
    places = models.PositiveIntegerField("number of places")

    objects = AbsenceCheckQuerySet.as_manager()

    class Meta:
        ordering = ["-asked_at", "-pk"]
        # Who may change the record may ask.
        default_permissions = ()
        constraints = [
            models.CheckConstraint(
                condition=Q(
                    Exact(Length("content_hash"), 64), has_only("0123456789abcdef", "content_hash")
                ),
                name="mscp_absencecheck_has_hash",
            ),
            models.CheckConstraint(
                condition=~Q(asked_by_name="") & Q(words__gte=1),
                name="mscp_absencecheck_whole",
            ),
        ]
        indexes = [
            models.Index(
                fields=["record_type", "record_id", "asked_at"], name="mscp_absencecheck_of_record"
            ),
        ]

    def __str__(self) -> str:
        return self.in_words

    @property
    def in_words(self) -> str:
        when = moment_in_words(self.asked_at)
        what = "one entry" if self.words == 1 else f"{self.words} entries"
        return f"asked on {when} by {self.asked_by_name}, {what}: {self.outcome}"

    @property
    def outcome(self) -> str:
        if not self.places:
            return "nothing found"
        return "found in one place" if self.places == 1 else f"found in {self.places} places"


class AbsenceStatus(NamedTuple):
    """What was asked of a record as it is now, or of an earlier state of it."""

    last: AbsenceCheck | None
    is_of_now: bool

    @property
    def in_words(self) -> str:
        if self.last is None:
            return "not asked"
        if not self.is_of_now:
            return f"not asked since it was changed; {self.last.in_words}"
        return self.last.in_words


def absence_status(record: Any) -> AbsenceStatus:
    """Return what was asked of a record last: of what it says now, before anything else."""
    asked = AbsenceCheck.objects.of(record)
    last = asked.first()
    if last is None:
        return AbsenceStatus(None, is_of_now=False)
    now = content_hash(record)
    of_now = last if last.content_hash == now else asked.filter(content_hash=now).first()
    return AbsenceStatus(of_now or last, is_of_now=of_now is not None)


def keep_answer(record: Any, *, content: str, words: int, places: int, user: Any) -> AbsenceCheck:
    """Save that somebody asked about the content that had this hash."""
    record_type, record_id = owner_of(record)
    return AbsenceCheck.objects.create(
        record_type=record_type,
        record_id=record_id,
        content_hash=content,
        asked_at=clock.moment(),
        asked_by=user,
        asked_by_name=approvals.name_of(user)[:150],
        words=words,
        places=places,
    )
