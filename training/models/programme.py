"""Programme import: a pasted or uploaded programme, reviewed line by line, imported or dropped."""

from collections.abc import Sequence

from django.conf import settings
from django.db import models

from mscp.records.audit import Tracked
from mscp.records.history import history
from training.models.programme_lines import Line
from training.models.programme_sources import ProgrammeSource

# What pasted lines are called, whatever page they are from.
UNNAMED = ("Pasted text", "a file")


class ProgrammeImport(Tracked):
    """The lines read, with an editor's choices; once imported, the record of it."""

    source = models.CharField("from", max_length=200)
    kept_source = models.ForeignKey(
        ProgrammeSource,
        models.SET_NULL,
        verbose_name="kept source",
        null=True,
        blank=True,
        editable=False,
        related_name="imports",
    )
    lines = models.JSONField(default=list, editable=False)
    remarks = models.JSONField(default=list, editable=False)
    # Of a sheet: {"headings": ["What", "When"], "columns": {"0": "title", "1": "date"}}.
    table = models.JSONField(default=dict, editable=False)
    number = models.PositiveIntegerField("lines read", default=0)
    imported_at = models.DateTimeField("imported", null=True, blank=True)
    imported_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        verbose_name="imported by",
        null=True,
        blank=True,
        editable=False,
        related_name="+",
    )
    # The primary keys of what it made; some may have been deleted since.
    made = models.JSONField(default=dict, editable=False)
    kept_source_id: int | None
    # The primary keys of sessions that are no longer listed, and are to be cancelled.
    to_cancel = models.JSONField(default=list, editable=False)

    history = history(without=["lines", "remarks", "table", "made", "to_cancel"])

    class Meta:
        ordering = ["-created_at", "-pk"]
        # The permission to add sessions includes importing them; there is no other.
        default_permissions = ()

    def __str__(self) -> str:
        return self.source

    @property
    def is_done(self) -> bool:
        return self.imported_at is not None

    def get_lines(self) -> list[Line]:
        return [Line.from_json(kept) for kept in self.lines]

    def set_lines(self, lines: Sequence[Line]) -> None:
        self.lines = [line.as_json() for line in lines]
        self.number = len(lines)

    @property
    def is_named(self) -> bool:
        """Return whether its source has a name by which an earlier import is known."""
        return self.kept_source_id is not None or self.source not in UNNAMED

    def made_keys(self, kind: str) -> list[int]:
        return list(self.made.get(kind, []))
