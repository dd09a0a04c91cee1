"""Notes on changes in the admin: a form asks whether readers should hear of a change.

What they were told before stands below, closed, to be corrected, dated otherwise or deleted.
"""

from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.db import models
from django.http import HttpRequest

from mscp.editing.admin import HistoryInWords, Record, TrackedFields, TrackedForm
from mscp.editing.fields import TypedText
from mscp.editing.generic import InlineMixin, ModelAdminMixin
from mscp.editing.timeline import HistorySource, Source
from mscp.publishing.gate import Publishable
from mscp.publishing.notes import LONGEST_NOTE, ChangeNote, moment_to_tell
from mscp.records.audit import set_author
from mscp.typing import AnyUser

MINOR, NOTE = "minor", "note"
SAY_WHAT = "Say in a few words what changed, or choose that it is minor."
MINOR_SAYS_NOTHING = (
    "You wrote what changed, and chose above that readers are not told. Choose the other, or empty "
    "this."
)


def was_read(record: Any) -> bool:
    """Return whether readers can have read what a form changes, so that it asks for a note."""
    if not record.pk:
        return False
    return bool(record.revises.was_public if record.revises else record.was_public)


def pending_note(record: Any) -> ChangeNote | None:
    """Return the note that is told when a change is applied, or what was withdrawn is put back."""
    note: ChangeNote | None = record.change_notes.filter(noted_at=None).order_by("pk").first()
    return note


def notes_in_change(model: Any, keys: list[str], change: Any) -> dict[str, str]:
    """Return by keys of notes, also of such that are gone, the keys of the same in a change."""
    uids = model.history.filter(id__in=keys).values_list("id", "uid")
    uids = {**dict(uids), **dict(model.objects.filter(pk__in=keys).values_list("pk", "uid"))}
    mine = {note.uid: str(note.pk) for note in change.change_notes.all()}
    return {str(key): mine.get(uid, "") for key, uid in uids.items()}


class NoteText(TypedText):
    """Field of the note on the change that a form makes; it is no field of the record."""

    def saved_value(self, record: Any) -> str:
        """Return what a form of a record would have in it."""
        note = pending_note(record) if record.pk else None
        return note.text if note else ""


class TellsReadersForm(TrackedForm[Record]):
    """Form of what can be published: asks, where it was read before, if readers should hear."""

    tell_readers = forms.ChoiceField(
        label="Is this change",
        choices=[
            (MINOR, "minor: readers are not told"),
            (NOTE, "worth telling: say it below, and it is dated when readers can see it"),
        ],
        initial=MINOR,
        required=False,
        widget=forms.RadioSelect,
    )
    change_note = NoteText(
        label="What changed",
        max_length=LONGEST_NOTE,
        required=False,
        widget=forms.TextInput(attrs={"class": "vTextField"}),
        help_text="For readers, in a few words: “Page 12 corrected.” Its page, the feeds and the "
        "page of what is new say so, with the day. Leave it empty for a small correction. A "
        "document that is added is told without this.",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.asks = was_read(self.instance)
        if not self.asks:
            del self.fields["tell_readers"], self.fields["change_note"]
        self.pending = pending_note(self.instance) if self.asks else None
        if self.pending:
            self.fields["tell_readers"].initial = NOTE
            self.fields["change_note"].initial = self.pending.text

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean()
        if self.asks and "change_note" in self.cleaned_data:
            said = self.cleaned_data["change_note"].strip()
            has_note = self.cleaned_data.get("tell_readers") == NOTE
            if has_note and not said:
                self.add_error("change_note", ValidationError(SAY_WHAT))
            elif said and not has_note:
                self.add_error("change_note", ValidationError(MINOR_SAYS_NOTHING))
        return cleaned

    def save_note(self, user: AnyUser) -> None:
        """Save the note beside the record, which is saved; delete one that was taken back."""
        if not self.asks:
            return
        said = self.cleaned_data["change_note"].strip()
        record: Any = self.instance
        note = self.pending or record.change_notes.model(record=record)
        if not said:
            if note.pk:
                note.delete()
            return
        moment = moment_to_tell(record)
        if note.pk and (note.text, note.noted_at) == (said, moment):
            return
        note.text, note.noted_at = said, moment
        set_author(note, user)
        note.save()


class EarlierNotes(TrackedFields[Any], InlineMixin[Any, Publishable]):
    """Mixin of the inline of the notes that readers were told before; none is added there."""

    form: "type[TrackedForm[Any]]" = TrackedForm
    template = "admin/change_notes_inline.html"
    verbose_name_plural = "what readers were told of changes"
    fk_name = "record"
    extra = 0
    fields: ClassVar[Any] = ["text", "dated"]
    view_on_site = False

    def get_queryset(self, request: HttpRequest) -> "models.QuerySet[Any]":
        """Leave out what is not told yet: the form itself has it."""
        return super().get_queryset(request).filter(noted_at__isnull=False)

    def has_add_permission(self, request: HttpRequest, obj: Publishable | None = None) -> bool:
        return False

    def has_view_permission(self, request: HttpRequest, obj: Publishable | None = None) -> bool:
        return bool(self._parent.has_view_permission(request, obj))

    def has_change_permission(self, request: HttpRequest, obj: Publishable | None = None) -> bool:
        return bool(self._parent.has_change_permission(request, obj))

    def has_delete_permission(self, request: HttpRequest, obj: Publishable | None = None) -> bool:
        """As to change it: a note that is wrong must be taken off, whoever may delete records."""
        return self.has_change_permission(request, obj)

    @property
    def _parent(self) -> Any:
        """The admin of the record, whose rules are those of its notes."""
        site: Any = self.admin_site
        return site._registry[self.parent_model]


class _NoteSource(HistorySource):
    def about(self, record: Any) -> tuple[str, str]:
        return f"Note on a change: “{record.text}”", ""


class TellsReaders(ModelAdminMixin[Record]):
    """Mixin of the admin of what can be published: its form tells readers of a change."""

    # Where the question stands: with these fields, or in a fieldset of its own before the last.
    announced_with: ClassVar[str] = ""

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        fieldsets = list(super().get_fieldsets(request, obj))
        may_change: Any = self.has_change_permission(request, obj)
        if obj is None or not (may_change and was_read(obj)):
            return fieldsets
        asked = ["tell_readers", "change_note"]
        for place, (name, options) in enumerate(fieldsets):
            if name and name == self.announced_with:
                fields = [*asked, *options["fields"]]
                return [
                    *fieldsets[:place],
                    (name, {**options, "fields": fields}),
                    *fieldsets[place + 1 :],
                ]
        named = [place for place, (name, _) in enumerate(fieldsets) if name]
        last = named[-1] if named else len(fieldsets)
        return [*fieldsets[:last], ("What is new", {"fields": asked}), *fieldsets[last:]]

    def get_inlines(self, request: HttpRequest, obj: Any) -> Any:
        """Leave out the earlier notes if a form was sent without: it was opened before a note was.

        Nothing of what it says is lost for that.
        """
        inlines = super().get_inlines(request, obj)
        if request.method != "POST" or "change_notes-TOTAL_FORMS" in request.POST:
            return inlines
        return [one for one in inlines if not issubclass(one.model, ChangeNote)]

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        form.save_note(request.user)

    def timeline_sources(self, request: HttpRequest, key: int) -> list[Source]:
        view: Any = super()
        model: Any = self.model
        notes = model._meta.get_field("change_notes").related_model
        source = _NoteSource(notes, lambda record: HistoryInWords(notes, record), record=key)
        return [*view.timeline_sources(request, key), source]
