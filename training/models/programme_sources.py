"""Kept source of a programme: a sheet or a calendar that is imported again each term."""

from typing import Any

from django.core.validators import URLValidator
from django.db import models

from mscp.records.audit import Tracked
from mscp.records.history import history


class ProgrammeSource(Tracked):
    """A name for where a programme comes from, with what was answered about it before."""

    name = models.CharField(
        max_length=120,
        unique=True,
        help_text="What staff call it: “Training calendar of the borough”.",
    )
    address = models.URLField(
        max_length=500,
        blank=True,
        validators=[URLValidator(schemes=["https", "http"])],
        help_text=(
            "Of a calendar (ICS) or a CSV file that anybody may read. It is fetched when somebody "
            "presses a button, never by itself; and what is fetched is looked through like any "
            "other import."
        ),
    )
    # What was chosen for a text of a line: {"course": {"neglect": "12"}, "place": {"hall": "3"}}.
    answers = models.JSONField(default=dict, editable=False)

    history = history(without=["answers"])

    class Meta:
        ordering = ["name"]
        # As for the imports themselves: who may add sessions.
        default_permissions = ()

    def __str__(self) -> str:
        return self.name

    def answer(self, kind: str, text: str) -> str:
        """Return what was chosen for a text before, or ""."""
        kept: Any = self.answers.get(kind)
        return str(kept.get(text, "")) if isinstance(kept, dict) else ""
