"""Confirmed actions for sessions: cancel, reinstate, move, copy."""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, time, timedelta
from typing import Any, Self

from django import forms
from django.contrib.admin.widgets import AdminDateWidget
from django.db.models import Q
from django.utils.dateformat import format as format_date

from mscp.editing.actions import ConfirmationForm, ConfirmedAction
from mscp.editing.fields import TypedDate, TypedText
from training.models import FIRST_YEAR, LAST_YEAR, Session

LONGEST_NOTE = Session._meta.get_field("change_note").max_length
FURTHEST_WEEKS = 520
WORK_OUT = "_work_out"


class NoteForm(ConfirmationForm[Session]):
    note = TypedText(
        label="Note",
        max_length=LONGEST_NOTE,
        required=False,
        widget=forms.TextInput(attrs={"class": "vTextField"}),
        help_text=(
            "Shown to everybody, on the page and in calendars: “The trainer cannot come; a new "
            "date will follow”. Say nothing of anybody's health."
        ),
    )


class NewDaysForm(ConfirmationForm[Session]):
    """Asks for a new first day of each session, or calculates all from a number of weeks."""

    weeks = forms.IntegerField(
        label="All by so many weeks",
        min_value=-FURTHEST_WEEKS,
        max_value=FURTHEST_WEEKS,
        required=False,
        help_text=(
            "52 weeks keep the day of the week from one year to the next. Work the days out, look "
            "at them, and change any of them below."
        ),
    )
    # A session without a day stays, or is not copied.
    empty_means = "Leave a day empty to leave that session out."

    def __init__(self, data: Mapping[str, object] | None = None, *, records: list[Session]) -> None:
        super().__init__(data, records=records)
        for session in records:
            self.fields[_name(session)] = TypedDate(
                label="New first day", required=False, widget=AdminDateWidget
            )

    def field_of(self, record: Session) -> forms.BoundField:
        return self[_name(record)]

    def worked_out(self) -> Self | None:
        if WORK_OUT not in self.data:
            return None
        weeks = self._weeks()
        if weeks is None:
            return self
        data = dict(self.data.items())
        for session in self.records:
            day = session.start_date + timedelta(weeks=weeks)
            data[_name(session)] = day.strftime("%d/%m/%Y")
        again = type(self)(data, records=self.records)
        for session in self.records:
            again.fields[_name(session)].help_text = format_date(
                session.start_date + timedelta(weeks=weeks), "l j F Y"
            )
        return again

    def _weeks(self) -> int | None:
        """Return the number of weeks, or None and add the error to its field."""
        self.full_clean()
        weeks = self.cleaned_data.get("weeks")
        if weeks is None and "weeks" not in self.errors:
            self.add_error("weeks", "Give a number of weeks to work the days out.")
        return weeks

    def clean(self) -> dict[str, Any]:
        days = {session: self.cleaned_data.get(_name(session)) for session in self.records}
        new = {session: day for session, day in days.items() if day and self.is_new(session, day)}
        taken = _taken(new)
        places = Counter(_place(session, day) for session, day in new.items())
        for session, day in new.items():
            if not FIRST_YEAR <= day.year <= LAST_YEAR:
                self.add_error(_name(session), "Write the year with four digits: 14/01/2027.")
            elif places[_place(session, day)] > 1:
                self.add_error(
                    _name(session), "Two of these would stand on that day, at the same time."
                )
            elif _place(session, day) in taken:
                self.add_error(
                    _name(session), "This course has a session on that day, at that time, already."
                )
        if not new and not self.errors and WORK_OUT not in self.data:
            self.add_error(None, "Give at least one new day.")
        # Last: a day that cannot be is not asked about.
        cleaned: dict[str, Any] = super().clean() or {}
        return {**cleaned, "days": {session.pk: day for session, day in new.items()}}

    def is_new(self, session: Session, day: date) -> bool:
        return True


class MoveForm(NewDaysForm, NoteForm):
    field_order = ["weeks", "note"]

    def is_new(self, session: Session, day: date) -> bool:
        return day != session.start_date


def _name(session: Session) -> str:
    return f"day_{session.pk}"


def _place(session: Session, day: date) -> tuple[int, date, time | None]:
    """Return the key that is unique to a session: course, day and time."""
    return session.course_id, day, session.start_time


def _taken(new: dict[Session, date]) -> set[tuple[int, date, time | None]]:
    """Return the keys, of those that new sessions would take, that other sessions have.

    The sessions of the action themselves do not count: one may take the day of the next.
    """
    if not new:
        return set()
    courses = {session.course_id for session in new}
    of_course = Q(course__in=courses) | Q(course__revises__in=courses)
    rows = Session.objects.announced().filter(of_course, start_date__in=set(new.values()))
    rows = rows.exclude(pk__in=[session.pk for session in new])
    # What is added in a change of a course is to be a session of that.
    found = rows.values_list("course_id", "course__revises", "start_date", "start_time")
    return {(revised or own, day, start) for own, revised, day, start in found}


def _move(session: Session, data: dict[str, Any]) -> None:
    if day := data["days"].get(session.pk):
        session.move(day, note=data["note"])


def _not_to_be_moved(session: Session) -> list[str]:
    if session.is_cancelled:
        return ["It is cancelled. Reinstate it first."]
    return _past(session)


def _past(session: Session) -> list[str]:
    return ["It is over."] if session.is_past else []


def _not_to_be_cancelled(session: Session) -> list[str]:
    return ["It is cancelled already."] if session.is_cancelled else _past(session)


def _not_to_be_reinstated(session: Session) -> list[str]:
    return _past(session) if session.is_cancelled else ["It is not cancelled."]


@dataclass(frozen=True, kw_only=True)
class SessionAction(ConfirmedAction[Session]):
    # Returns sentences why it cannot be done with a session.
    reasons_against: Callable[[Session], list[str]] = lambda session: []


SESSION_ACTIONS = {
    "cancel": SessionAction(
        label="Cancel",
        done="cancelled",
        explanation=(
            "It stays on the page and in people's calendars, marked as cancelled, and can no "
            "longer be booked. Those who have booked are told by whoever took the booking."
        ),
        apply=lambda session, data: session.cancel(note=data["note"]),
        form=NoteForm,
        harmful=True,
        reasons_against=_not_to_be_cancelled,
    ),
    "reinstate": SessionAction(
        label="Reinstate",
        done="reinstated",
        explanation=(
            "It takes place after all: it is shown as any other session again, on the page and in "
            "calendars."
        ),
        apply=lambda session, data: session.reinstate(note=data["note"]),
        form=NoteForm,
        reasons_against=_not_to_be_reinstated,
    ),
    "move": SessionAction(
        label="Move",
        done="moved",
        explanation=(
            "Give each its new first day; what takes several days keeps its length, and the last "
            "day to book moves along. Page and calendars follow at once."
        ),
        apply=_move,
        form=MoveForm,
        reasons_against=_not_to_be_moved,
    ),
    "copy": SessionAction(
        label="Copy",
        done="copied",
        explanation=(
            "Each is announced once more, on the day you give, with its times, its venue and its "
            "way to book. Whether there are places, and where to join online, is not copied."
        ),
        apply=lambda session, data: session.copy_to(data["days"][session.pk]),
        form=NewDaysForm,
    ),
}
