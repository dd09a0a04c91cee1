"""Takes ticked differences over into sessions: at once, or into the proposed change of the course.

The session stays the same record, so that its entry in calendars keeps its UID and its SEQUENCE
rises.
"""

from collections.abc import Sequence
from typing import Any

from django.core.exceptions import ValidationError

from mscp.editing.actions import added_line
from mscp.editing.bulk import Planned, given
from mscp.editing.publishing import may_change
from mscp.records.locking import lock_all
from mscp.typing import AnyUser
from training.models import Course, Session
from training.programme.planning.plans import Difference, Plan
from training.programme.planning.updates import CANCELLED, HELD, ticked, values_of
from training.proposals import is_proposed, only_corrects, propose_to_change

CANCEL = Difference("status", HELD, CANCELLED, {"cancelled_at": None, "change_note": ""})


class MayNotError(Exception):
    """A session may not be changed; the message is a sentence for the editor."""


class TakingOver:
    """Changes sessions for one import; keeps a line on each, by which it can be undone."""

    def __init__(self, user: AnyUser, reason: str) -> None:
        self.user = user
        self.reason = reason
        self.lines: list[dict[str, object]] = []
        self.changed: list[int] = []
        self.changes: dict[int, Course] = {}

    def take_over(self, plans: Sequence[Plan]) -> None:
        """Take over what is ticked in the lines of sessions that are there."""
        wanted = {
            plan.existing.pk: differences
            for plan in plans
            if plan.existing and (differences := ticked(plan))
        }
        self._change(wanted)

    def cancel(self, sessions: Sequence[Session]) -> None:
        """Cancel sessions that their source lists no longer."""
        self._change({session.pk: [CANCEL] for session in sessions})

    def _change(self, wanted: dict[int, list[Difference]]) -> None:
        rows = Session.objects.filter(pk__in=wanted).select_related("course", "venue")
        for session in lock_all(rows, parent_field="course"):
            self._one(session, wanted[session.pk])

    def _one(self, session: Session, differences: list[Difference]) -> None:
        course = session.course
        values = values_of(differences)
        is_correction = only_corrects(self.user, course) and values.keys() <= {*Session.CORRECTIONS}
        if may_change(self.user, course) or is_correction:
            record = session
        elif is_proposed(self.user, course):
            record = self._in_change(session)
        else:
            raise MayNotError(f"You may not change sessions of “{course}”. Nothing was imported.")
        for name, value in values.items():
            setattr(record, name, value)
        try:
            record.full_clean(exclude=["course", "revises"])
        except ValidationError as error:
            raise MayNotError(
                f"{session} cannot be changed so: {' '.join(error.messages)} Nothing was imported."
            ) from error
        record.refresh_from_db()
        names = {record._meta.get_field(name).name: value for name, value in values.items()}
        words = "; ".join(f"{one.label}: {one.old} → {one.new}" for one in differences)
        plan = Planned(after=names, sentence=f"{words}.")
        self.lines.append(given(record, plan, user=self.user, reason=self.reason))
        self.changed.append(session.pk)

    def _in_change(self, session: Session) -> Session:
        part, change, is_begun = propose_to_change(session, self.user)
        if is_begun:
            self.lines.append(added_line(change, "Proposed change begun."))
        self.changes[change.pk] = change
        part_of: Any = Session.objects.select_related("course", "venue").get(pk=part.pk)
        found: Session = part_of
        return found
