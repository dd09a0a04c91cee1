"""Held files: sent with a form that could take nothing, kept for the person who sent the form.

Nothing has read or checked them, and nobody is ever shown their content: each is taken in like any
other upload once its form is sent again. So it may be an unredacted draft, and it is deleted as
soon as its form is saved or thrown away.
"""

import uuid
from datetime import timedelta
from functools import partial
from typing import Self

from django.conf import settings
from django.core.files.storage import default_storage
from django.db import models, transaction
from django.db.models import Q
from django.db.models.signals import post_delete
from django.dispatch import receiver
from django.template.defaultfilters import filesizeformat

from mscp.database import clock

FOLDER = "held"
# After the name of a file's field: the uid of the held file, and that it is to be left out.
HELD = "_held"
LEFT_OUT = "_held_left_out"
# As long as what was typed into the same form.
KEPT_FOR = timedelta(days=7)
# Of one person. Beyond either the oldest are deleted: one browser must not fill the disk.
MOST_FILES = 20
MOST_BYTES = 150 * 1024 * 1024


def held_path(held: models.Model, filename: str) -> str:
    """Return a random name for the file: its path cannot be guessed and reveals nothing."""
    return f"{FOLDER}/{uuid.uuid4().hex}"


class HeldFileQuerySet(models.QuerySet["HeldFile"]):
    def of(self, user: int | None) -> Self:
        """Filter by what this person sent in the last seven days."""
        return self.filter(user_id=user, held_at__gt=clock.now() - KEPT_FOR)

    def expired(self) -> Self:
        return self.filter(held_at__lte=clock.now() - KEPT_FOR)

    def with_uid(self, uid: str) -> "HeldFile | None":
        """Return a file by its uid as a form has it; None if there is none, or it is no uid."""
        try:
            key = uuid.UUID(uid)
        except ValueError:
            return None
        return self.filter(uid=key).first()

    def beyond_quota(self, user: int) -> "list[HeldFile]":
        """Return the oldest files of a person that are more than the quota; lock the person."""
        beyond, size = [], 0
        for number, held in enumerate(self.filter(user_id=user).order_by("-held_at", "-pk"), 1):
            size += held.size
            if number > MOST_FILES or size > MOST_BYTES:
                beyond.append(held)
        return beyond


class HeldFile(models.Model):
    """One file that somebody sent and that no form took yet; it goes with the account."""

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", editable=False
    )
    content = models.FileField(upload_to=held_path)
    name = models.CharField("name it was sent under", max_length=250)
    size = models.PositiveIntegerField(help_text="Bytes.")
    held_at = models.DateTimeField(editable=False)

    objects = HeldFileQuerySet.as_manager()

    class Meta:
        verbose_name = "file that was not saved"
        verbose_name_plural = "files that were not saved"
        # Whose it is may save it: there is nothing to permit.
        default_permissions = ()
        indexes = [
            models.Index(fields=["user", "held_at"], name="mscp_heldfile_user_idx"),
            models.Index(fields=["held_at"], name="mscp_heldfile_held_idx"),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(size__gte=1), name="mscp_heldfile_not_empty"),
        ]

    def __str__(self) -> str:
        # Not its name, which may tell of a case.
        return f"File of {self.size_text}"

    @property
    def size_text(self) -> str:
        return filesizeformat(self.size)


@receiver(post_delete, sender=HeldFile, dispatch_uid="delete held files")
def _delete_stored(sender: object, instance: HeldFile, **kwargs: object) -> None:
    """Delete the content with its row, at once: no backup of the site needs it."""
    # A deletion that is rolled back must find its file again.
    if instance.content.name:
        # If it cannot be deleted now it is a stray, which check_documents deletes.
        transaction.on_commit(partial(default_storage.delete, instance.content.name), robust=True)
