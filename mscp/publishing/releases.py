"""Releases: records and proposed changes that go live at one moment, all or none."""

from datetime import datetime
from typing import Self

from django.db import models
from django.db.models import Q

from mscp.records.audit import MomentField, Tracked
from mscp.records.history import history


class ReleaseQuerySet(models.QuerySet["Release"]):
    def scheduled(self) -> Self:
        return self.filter(moment__isnull=False, released_at=None)

    def next_moment(self) -> datetime | None:
        """Return the moment of the next release, which has passed if that is due."""
        moment: datetime | None = self.scheduled().aggregate(at=models.Min("moment"))["at"]
        return moment


class Release(Tracked):
    """A set of records and proposed changes that go live at one moment, all or none."""

    title = models.CharField(
        max_length=150, help_text="For staff: what goes live together, in a few words."
    )
    moment = MomentField("goes live", null=True, blank=True, editable=False)
    released_at = MomentField("went live", null=True, blank=True, editable=False)
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
