"""Differences between a proposed change and what is live, in words and marks for staff."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import Any

from django.db import models
from django.utils.formats import date_format, time_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import capfirst

from mscp.editing.timeline import is_text
from mscp.publishing.gate import Publishable
from mscp.publishing.merging import Difference
from mscp.records.moments import moment_in_words
from mscp.text.word_diff import marked, marked_items


@dataclass(frozen=True)
class Picture:
    caption: str
    address: str


@dataclass(frozen=True)
class Row:
    """One difference: its label, both values in one, and who changed what is live meanwhile."""

    key: str
    label: str
    marked: SafeString | str
    theirs: str
    mine: str
    is_conflict: bool
    changes_what_is_live: bool
    was_changed_meanwhile: bool
    who: object = None
    when: datetime | None = None
    pictures: list[Picture] = field(default_factory=list)


def shown(record: models.Model | None, name: str) -> list[str]:
    """Return the value of a field as a reader or a form would see it; of a relation each name."""
    if record is None:
        return []
    model_field: Any = record._meta.get_field(name)
    # What has a value for programs says it in words by a property of this name.
    value = getattr(record, f"{name}_as_text", None)
    if value is None:
        value = getattr(record, name)
    if model_field.many_to_many:
        return [str(one) for one in value.all()]
    if isinstance(value, bool):
        return ["Yes" if value else "No"]
    if model_field.choices:
        value = getattr(record, f"get_{name}_display")()
    elif isinstance(value, datetime):
        value = moment_in_words(value)
    elif isinstance(value, date):
        value = date_format(value, "j F Y")
    elif isinstance(value, time):
        value = time_format(value, "H:i")
    return [] if value in (None, "") else [str(value)]


def marked_values(model_field: Any, old: list[str], new: list[str]) -> SafeString:
    """Mark both values of a field in one: of a text by word, otherwise whole."""
    # What a program reads is told in lines of words (``shown``).
    if model_field and (is_text(model_field) or isinstance(model_field, models.JSONField)):
        return marked("".join(old), "".join(new))
    # Of a file, a date or a choice the words that both have are no part that stayed.
    return marked_items(old, new)


def _marked(one: Difference, record: Any, old: list[str], new: list[str]) -> SafeString:
    if not one.changes_what_is_live:
        return format_html("{}", ", ".join(old))
    return marked_values(one.field and record._meta.get_field(one.field), old, new)


def in_full(part: Any) -> str:
    """Return what a part says as a whole; "" if there is none."""
    return "" if part is None else str(getattr(part, "in_full", part))


def _name_of(part: Any) -> str:
    if part is None:
        return "A part"
    kind = capfirst(str(part._meta.verbose_name))
    return getattr(part, "name_as_part", "") or f"{kind} “{part}”"


class Rows:
    """The rows of one change, read with a constant number of queries a part."""

    def __init__(self, change: Publishable, live: Publishable) -> None:
        self.change, self.live = change, live
        self.mine, self.theirs = change.all_parts(), live.all_parts()

    def __iter__(self) -> Iterator[Row]:
        for one in self.change.differences(self.live):
            if one.mine != one.theirs or one.was_changed_meanwhile:
                yield self._row(one)

    def _row(self, one: Difference) -> Row:
        mine: Any = self.mine.get(one.part) if one.part else self.change
        theirs: Any = self.theirs.get(one.part) if one.part else self.live
        if one.field:
            old, new = shown(theirs, one.field), shown(mine, one.field)
        else:
            # A part as a whole.
            old, new = ([text] if (text := in_full(part)) else [] for part in (theirs, mine))
        gone = self._gone(one) if theirs is None else None
        who, when = (None, None)
        if one.was_changed_meanwhile:
            who, when = self._last_change(theirs, one, gone)
        record = mine or theirs or (gone and gone.instance)
        return Row(
            key=one.key,
            label=self._label(one, record),
            marked=_marked(one, record, old, new),
            theirs=", ".join(old) or ("deleted" if theirs is None else "empty"),
            mine=", ".join(new) or ("taken out" if mine is None else "empty"),
            is_conflict=one.is_conflict,
            changes_what_is_live=one.changes_what_is_live,
            was_changed_meanwhile=one.was_changed_meanwhile,
            who=who,
            when=when,
            pictures=self._pictures(one, theirs, mine),
        )

    def _gone(self, one: Difference) -> Any:
        """Return the last entry in the history of a part of what is live that was deleted."""
        if one.base is None:
            return None
        for history in self.live.histories_of_parts():
            rows: Any = history.rows.model._default_manager
            if found := rows.filter(id=one.part, history_type="-").first():
                return found
        return None

    def _label(self, one: Difference, record: Any) -> str:
        name = ""
        if one.field:
            name = capfirst(str(record._meta.get_field(one.field).verbose_name))
        if not one.part:
            return name
        what = _name_of(record)
        if name:
            return f"{what}: {name.lower()}"
        if one.theirs is None and one.base is not None:
            return f"{what}: deleted"
        if one.mine is None:
            return f"{what}: taken out" if one.base is not None else f"{what}: added meanwhile"
        return f"{what}: new" if one.base is None else f"{what}: in one and not in the other"

    def _last_change(
        self, theirs: Any, one: Difference, gone: Any
    ) -> tuple[object, datetime | None]:
        """Return who changed a field of what is live last since the change was begun, and when."""
        if gone is not None:
            return gone.history_user, gone.history_date
        if theirs is None:
            return self.live.updated_by, self.live.updated_at
        records = list(
            theirs.history.filter(history_date__gte=self.change.created_at)
            .select_related("history_user")
            .order_by("history_date", "history_id")
        )
        before = theirs.history.filter(history_date__lt=self.change.created_at).first()
        attribute = theirs._meta.get_field(one.field).attname if one.field else ""
        found = None
        for record in records:
            if attribute and hasattr(record, attribute):
                if before is None or getattr(before, attribute) != getattr(record, attribute):
                    found = record
            else:
                found = record
            before = record
        if found is None:
            return theirs.updated_by, theirs.updated_at
        return found.history_user, found.history_date

    def _pictures(self, one: Difference, theirs: Any, mine: Any) -> list[Picture]:
        if not one.part or one.field not in ("", "file"):
            return []
        both: Iterable[tuple[str, Any]] = (("Live now", theirs), ("In this change", mine))
        return [
            Picture(caption, cover)
            for caption, part in both
            if (cover := getattr(part, "staff_cover", ""))
        ]
