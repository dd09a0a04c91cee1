"""Audit trail: who made and last changed a record, when, and which version an editor has open."""

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar, Unpack

from django.conf import settings
from django.db import models

from mscp.database import clock
from mscp.records.saving import SaveOptions
from mscp.typing import AnyUser

if TYPE_CHECKING:
    from django.contrib.auth.models import User

    # The types that can be assigned and that are returned, which depend on ``null``.
    Set = TypeVar("Set")
    Get = TypeVar("Get")

    class _DateTimeField(models.DateTimeField[Set, Get]):
        pass

else:
    Set = Get = None

    class _DateTimeField(models.DateTimeField):
        def __class_getitem__(cls, types):
            return cls


class MomentField(_DateTimeField[Set, Get]):
    """DateTimeField whose ``auto_now`` and ``auto_now_add`` use the database's clock.

    The dates of changes in feeds and sitemaps must not depend on the machine. All moments of a
    record are of this class, since Django does not compare fields of two classes.
    """

    def pre_save(self, model_instance: models.Model, add: bool) -> datetime | None:
        if self.auto_now or (self.auto_now_add and add):
            setattr(model_instance, self.attname, clock.now())
            now: datetime = getattr(model_instance, self.attname)
            return now
        kept: datetime | None = super().pre_save(model_instance, add)
        return kept

    def deconstruct(self) -> tuple[str, str, Sequence[object], dict[str, Any]]:
        """Deconstruct as Django's own field: the column is the same."""
        name, _, arguments, keywords = super().deconstruct()
        return name, "django.db.models.DateTimeField", arguments, keywords


def account_of(user: AnyUser) -> "User | None":
    """Return the account to record for the user of a request: None for a visitor."""
    return user if user.is_authenticated else None


# Noise to a reader of the history: bookkeeping, and text derived from other fields.
BOOKKEEPING_FIELDS = [
    *("created_at", "created_by", "updated_at", "updated_by", "version"),
    # What a proposed change was begun from, which the history of the record has.
    "merge_base",
    # A moment at which the history has that it went live.
    "first_published_at",
]


class Tracked(models.Model):
    """Abstract model with names and times of change, and a version that rises with every save.

    People leave; what they wrote stays. So their foreign keys are set to null, never cascaded.
    """

    # The fields that hold Markdown, and those of them of which each line is an item of a list.
    FORMATTED: ClassVar[Sequence[str]] = ()
    LISTED: ClassVar[Sequence[str]] = ()

    created_at = MomentField("created", auto_now_add=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        verbose_name="created by",
        null=True,
        blank=True,
        editable=False,
        related_name="+",
    )
    updated_at = MomentField("last changed", auto_now=True)
    updated_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        verbose_name="last changed by",
        null=True,
        blank=True,
        editable=False,
        related_name="+",
    )
    version = models.PositiveIntegerField(default=0, editable=False)
    # What no reader sees of it (mscp.publishing.content_hash).
    NOT_CONTENT: ClassVar[tuple[str, ...]] = tuple(BOOKKEEPING_FIELDS)
    # The reason of the next save, for the history.
    _change_reason: str

    class Meta:
        abstract = True

    def save(self, **options: Unpack[SaveOptions]) -> None:
        self.version += 1
        super().save(**options)
        # The reason belongs to this save in the history, not to the next.
        self.__dict__.pop("_change_reason", None)


def set_author(record: Tracked, user: AnyUser) -> None:
    """Set who makes or changes a record, without saving it."""
    account = account_of(user)
    if record._state.adding:
        record.created_by = account
    record.updated_by = account
