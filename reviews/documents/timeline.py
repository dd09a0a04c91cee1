"""What the timeline of a publication says of its documents: their changes, files and clearances."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from simple_history.template_utils import ModelChange

from mscp.editing.admin import HistoryInWords
from mscp.editing.timeline import Change, Entry, HistorySource
from mscp.publishing.gate import CHANGE_BEGUN
from reviews.models import Document, Publication


class Version(NamedTuple):
    label: str
    file: Any


@dataclass
class FileChange(Change):
    """A file in place of another, both to be opened side by side."""

    template: str = "admin/reviews/file_versions.html"

    @property
    def versions(self) -> list[Version]:
        return [Version("Before", self.before), Version("After", self.after)]


def _about(title: str, key: object) -> tuple[str, str]:
    return f"Document “{title}”", reverse("admin:reviews_document_history", args=[key])


def _in_words(record: Any) -> HistoryInWords:
    return HistoryInWords(Document, record)


class DocumentSource(HistorySource):
    """The documents of a publication, or one document, with the versions of its file."""

    def __init__(self, *, is_part: bool, **of: Any) -> None:
        super().__init__(
            Document,
            lambda record: HistoryInWords(Document, record),
            may_take_back=True,
            **of,
        )
        self.is_part = is_part

    def about(self, record: Any) -> tuple[str, str]:
        return _about(record.title, record.id) if self.is_part else ("", "")

    def part_of(self, record: Any) -> int | None:
        return record.id if self.is_part else None

    def _changes(self, record: Any, before: Any) -> Iterator[Change]:
        # What was corrected stands on the page that was; the reason names it.
        record.corrections_hash = before.corrections_hash
        return super()._changes(record, before)

    def describe(self, change: ModelChange, words: Any) -> Change:
        if change.field != "file":
            return super().describe(change, words)
        return FileChange("File", before=change.old, after=change.new)


class ChangedDocumentSource(DocumentSource):
    """The documents of the changes that were proposed to a publication.

    Without those that a change began with, and those that went with it when it was applied.
    """

    def __init__(self, model: Any, key: int) -> None:
        changes = model.history.filter(revises=key).order_by()
        super().__init__(is_part=True, publication__in=changes.values(model._meta.pk.attname))
        self.may_take_back = False

    def names(self) -> "models.QuerySet[Any, Any]":
        open_changes = Publication.objects.proposed_changes().values("pk")
        went_along = Q(history_type="-") & ~Q(publication__in=open_changes)
        begun = Q(history_change_reason=CHANGE_BEGUN)
        return super().names().exclude(went_along | begun)

    def about(self, record: Any) -> tuple[str, str]:
        return f"A proposed change, document “{record.title}”", ""


class ClearanceSource:
    """What was accepted of the findings in files, and taken back: the words in the admin's log."""

    def __init__(self, *, is_part: bool, **of: Any) -> None:
        keys = Document.history.filter(**of).order_by().values_list("id", flat=True).distinct()
        self.is_part = is_part
        self.rows = LogEntry.objects.filter(
            content_type=ContentType.objects.get_for_model(Document),
            object_id__in=[str(key) for key in keys],
        ).exclude(change_message="")
        # A form's own entry is JSON, and its changes are in the history.
        self.rows = self.rows.exclude(change_message__startswith="[")

    def names(self) -> "models.QuerySet[Any, Any]":
        return self.rows.annotate(entry_moment=F("action_time"), entry_row=F("pk"))

    def entries(self, keys: Sequence[int]) -> dict[int, Entry]:
        rows = self.rows.filter(pk__in=keys).select_related("user")
        return {row.pk: self._entry(row) for row in rows}

    def _entry(self, row: LogEntry) -> Entry:
        about, address = _about(row.object_repr, row.object_id) if self.is_part else ("", "")
        what = row.get_change_message()
        return Entry(row.action_time, row.user, what, about=about, about_address=address)
