"""Notes on changes of courses."""

from typing import ClassVar

from django.db import models

from mscp.publishing.gate import ChangeNoteQuerySet
from mscp.publishing.notes import ChangeNote
from mscp.records.history import history
from training.models.courses import Course


class CourseChangeNote(ChangeNote):
    record = models.ForeignKey(Course, models.CASCADE, related_name="change_notes")

    objects: ClassVar = ChangeNoteQuerySet.as_manager()
    history = history()
