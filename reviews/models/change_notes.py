"""Notes on changes of publications."""

from typing import ClassVar

from django.db import models

from mscp.publishing.gate import ChangeNoteQuerySet
from mscp.publishing.notes import ChangeNote
from mscp.records.history import history
from reviews.models.publications import Publication


class PublicationChangeNote(ChangeNote):
    record = models.ForeignKey(Publication, models.CASCADE, related_name="change_notes")

    objects: ClassVar = ChangeNoteQuerySet.as_manager()
    history = history()
