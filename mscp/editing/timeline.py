"""Timeline of a record: every change of it and of its parts, merged by time and paged.

Each source names its entries by moment and key, so that a page of the merged list is one query and
its rows are read once for each source, however many there are.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple, Protocol

from django.contrib.admin import site
from django.contrib.admin.utils import flatten_fieldsets
from django.core.paginator import Page, Paginator
from django.db import models
from django.db.models import Exists, F, OuterRef, Q, Subquery, Value
from django.utils.functional import cached_property
from django.utils.http import urlencode
from django.utils.safestring import SafeString
from django.utils.text import capfirst
from simple_history.models import DeletedObject
from simple_history.template_utils import ModelChange
from simple_history.utils import get_m2m_reverse_field_name

from mscp.publishing.approvals import Handover
from mscp.publishing.gate import went_live_by_clock
from mscp.text.word_diff import marked

PER_PAGE = 50
# From this number of characters on, a text is compared word by word.
LONG = 80
CHANGED = "Changed"
VERBS = {"+": "Added", "~": CHANGED, "-": "Deleted"}


def is_text(model_field: Any) -> bool:
    """Return whether words of a field can change; of any other the whole value does."""
    return isinstance(model_field, models.CharField | models.TextField) and not model_field.choices


def can_be_taken(model_field: Any) -> bool:
    """Return whether a form can have an earlier value of a field: of all but files."""
    return bool(model_field.editable) and not isinstance(model_field, models.FileField)


def fields_in_form(model: type[models.Model]) -> set[str]:
    """Return the names of the fields that the form of a model has, whoever opens it."""
    model_admin = site._registry.get(model)
    if model_admin is None or not model_admin.fieldsets:
        return set()
    shown = flatten_fieldsets(model_admin.fieldsets)
    return {str(name) for name in shown} - {str(name) for name in model_admin.readonly_fields}


@dataclass
class Change:
    """A field that was changed: old and new in words, or a longer text with marks."""

    label: str
    old: object = ""
    new: object = ""
    text: SafeString | str = ""
    # What words cannot show, such as both versions of a file, and the template that does.
    before: Any = None
    after: Any = None
    template: str = ""
    # The field, if its earlier value can be taken back into a form, and the way to that.
    take_back: str = ""
    is_text: bool = False
    way_back: "WayBack | None" = None


class WayBack(NamedTuple):
    """Where an earlier value is taken back: a form that can be opened, or a change to be begun."""

    address: str
    query: dict[str, str]
    where: str = "the form"
    begins_change: bool = False

    @property
    def link(self) -> str:
        return f"{self.address}?{urlencode(self.query)}"


@dataclass
class Entry:
    """What one person did at one moment."""

    when: datetime
    who: object
    what: str
    # The part of the record that it concerns, and the address of its own history.
    about: str = ""
    about_address: str = ""
    note: str = ""
    changes: list[Change] = field(default_factory=list)
    # The key of the state before, from which values are taken back, and the part that had them.
    before: object = None
    part: int | None = None

    @property
    def is_empty(self) -> bool:
        """Return whether only bookkeeping changed; without a state before nobody can say."""
        return self.what == CHANGED and not self.changes and self.before is not None


class Source(Protocol):
    """Where entries come from."""

    def names(self) -> "models.QuerySet[Any, Any]":
        """Return the rows, annotated with ``moment`` and ``row``."""

    def entries(self, keys: Sequence[int]) -> dict[int, Entry]:
        """Read the entries with these keys, in a constant number of queries."""


class _Name(NamedTuple):
    when: datetime
    source: int
    key: int


class HistorySource:
    """The history of a model, of one record or of the parts of one."""

    def __init__(
        self,
        model: type[models.Model],
        words: Callable[[Any], Any],
        *,
        may_take_back: bool = False,
        **of: Any,
    ) -> None:
        """``words`` makes, for a historical record, what tells its values in words."""
        self.model = model
        self.words = words
        self.of = of
        self.may_take_back = may_take_back

    @property
    def history(self) -> Any:
        return self.model.history  # type: ignore[attr-defined]

    @cached_property
    def taken_back(self) -> set[str]:
        """Return the names of the fields of which an earlier value can be taken back."""
        return fields_in_form(self.model) if self.may_take_back else set()

    def names(self) -> "models.QuerySet[Any, Any]":
        rows = self.history.filter(**self.of)
        named: models.QuerySet[Any, Any]
        named = rows.annotate(entry_moment=F("history_date"), entry_row=F("history_id"))
        return named

    def about(self, record: Any) -> tuple[str, str]:
        """Return what part an entry concerns and the address of its own history."""
        return "", ""

    def part_of(self, record: Any) -> int | None:
        """Return the key of the part whose values can be taken back; None for the record itself."""
        return None

    def entries(self, keys: Sequence[int]) -> dict[int, Entry]:
        current = self._read(keys, with_before=True)
        before = self._read([one.before_key for one in current.values() if one.before_key])
        return {key: self._entry(one, before.get(one.before_key)) for key, one in current.items()}

    def _read(self, keys: Iterable[int], *, with_before: bool = False) -> dict[int, Any]:
        rows = self.history.filter(history_id__in=list(keys))
        rows = rows._select_related_history_tracked_objs().select_related("history_user")
        if with_before:
            pk = self.model._meta.pk.attname
            earlier = Q(history_date__lt=OuterRef("history_date")) | Q(
                history_date=OuterRef("history_date"), history_id__lt=OuterRef("history_id")
            )
            same = self.history.filter(earlier, **{pk: OuterRef(pk)})
            newest = same.order_by("-history_date", "-history_id").values("history_id")[:1]
            rows = rows.annotate(before_key=Subquery(newest))
        found = {row.history_id: row for row in rows}
        for row in found.values():
            row.many = {name: {} for name, _ in self._many_to_many()}
        for name, reverse in self._many_to_many() if found else ():
            through: Any = getattr(next(iter(found.values())), name).model
            related = through.objects.filter(history__in=list(found)).select_related(reverse)
            for one in related.order_by(f"{reverse}_id"):
                key = getattr(one, f"{reverse}_id")
                found[one.history_id].many[name][key] = getattr(one, reverse, None)
        return found

    def _many_to_many(self) -> list[tuple[str, str]]:
        fields = self.history.model._history_m2m_fields
        return [(one.name, get_m2m_reverse_field_name(one)) for one in fields]

    def _entry(self, record: Any, before: Any) -> Entry:
        about, address = self.about(record)
        return Entry(
            record.history_date,
            record.history_user or "The system",
            record.history_change_reason or VERBS[record.history_type],
            about=about,
            about_address=address,
            changes=list(self._changes(record, before)) if before else [],
            before=before.history_id if before else None,
            part=self.part_of(record),
        )

    def _changes(self, record: Any, before: Any) -> Iterator[Change]:
        many = dict(self._many_to_many())
        delta = record.diff_against(before, excluded_fields=many, foreign_keys_are_objs=True)
        changes = [*delta.changes, *self._changes_of_many(record, before, many)]
        words = self.words(record)
        words.previous = before
        for change in sorted(changes, key=lambda one: one.field):
            yield self.describe(change, words)

    def _changes_of_many(
        self, record: Any, before: Any, many: dict[str, str]
    ) -> Iterator[ModelChange]:
        """As the library's, which asks for each record anew, from what was read at once."""
        for name, reverse in many.items():
            related: Any = self.model._meta.get_field(name).related_model
            values = before.many[name], record.many[name]
            if values[0].keys() == values[1].keys():
                continue
            old, new = (
                [{reverse: row or DeletedObject(related, key)} for key, row in one.items()]
                for one in values
            )
            yield ModelChange(name, old, new)

    def describe(self, change: ModelChange, words: Any) -> Change:
        field_: Any = self.model._meta.get_field(change.field)
        old, new = change.old, change.new
        is_words = is_text(field_)
        is_long = is_words and old and new and max(len(str(old)), len(str(new))) > LONG
        return Change(
            str(capfirst(field_.verbose_name)),
            old=words.prepare_delta_change_value(change, old),
            new=words.prepare_delta_change_value(change, new),
            text=marked(str(old), str(new)) if is_long else "",
            before=old,
            after=new,
            take_back=change.field
            if old and change.field in self.taken_back and can_be_taken(field_)
            else "",
            is_text=is_words,
        )


def keys_of_changes(model: Any, key: int) -> list[int]:
    """Return the keys of all changes that ever were proposed to a record."""
    column = model._meta.pk.attname
    changes = model.history.filter(revises=key).order_by()
    return sorted(set(changes.values_list(column, flat=True)))


class HandoverSource:
    """What went from hand to hand, of a record and its proposed changes: sent, back, approved."""

    def __init__(self, record_type: str, key: int, changes: Sequence[int] = ()) -> None:
        self.key = key
        rows = Handover.objects.filter(record_type=record_type).from_hand_to_hand()
        of_changes = rows.filter(record_id__in=changes)
        # What was approved of a change is carried over to the record, and told once.
        given = of_changes.filter(
            at=OuterRef("at"), by_key=OuterRef("by_key"), step=OuterRef("step")
        )
        own = rows.filter(~Exists(given), record_id=key) if changes else rows.filter(record_id=key)
        self.rows = own | of_changes if changes else own

    def names(self) -> "models.QuerySet[Any, Any]":
        return self.rows.annotate(entry_moment=F("at"), entry_row=F("pk"))

    def entries(self, keys: Sequence[int]) -> dict[int, Entry]:
        return {
            one.pk: Entry(
                one.at,
                one.by_name,
                one.get_step_display(),
                about="" if one.record_id == self.key else "A proposed change",
                note=one.note,
            )
            for one in self.rows.filter(pk__in=keys)
        }


class ClockSource:
    """What went live by the clock: nobody did anything at that moment."""

    def __init__(self, model: Any, key: int) -> None:
        self.rows = went_live_by_clock(model.history.filter(**{model._meta.pk.attname: key}))

    def names(self) -> "models.QuerySet[Any, Any]":
        named: models.QuerySet[Any, Any]
        named = self.rows.annotate(entry_moment=F("published_at"), entry_row=F("history_id"))
        return named

    def entries(self, keys: Sequence[int]) -> dict[int, Entry]:
        rows = self.rows.filter(history_id__in=keys)
        return {one.pk: Entry(one.published_at, "The clock", "Went live") for one in rows}


def timeline_page(sources: Sequence[Source], number: object) -> "Page[Entry]":
    """Return one page of the entries of all sources, the latest first."""
    parts = [
        source.names().annotate(entry_source=Value(place, models.IntegerField()))
        for place, source in enumerate(sources)
    ]
    first, *others = [
        part.order_by().values_list("entry_moment", "entry_source", "entry_row") for part in parts
    ]
    merged = first.union(*others, all=True) if others else first
    paginator: Any = Paginator(
        merged.order_by("-entry_moment", "entry_source", "-entry_row"), PER_PAGE
    )
    page: Any = paginator.get_page(number)
    names = [_Name(*row) for row in page.object_list]
    read = [
        source.entries(keys) if (keys := [one.key for one in names if one.source == place]) else {}
        for place, source in enumerate(sources)
    ]
    found = (read[name.source].get(name.key) for name in names)
    page.object_list = [entry for entry in found if entry and not entry.is_empty]
    shown: Page[Entry] = page
    return shown
