"""Writes a reviewed programme: all of it, or nothing."""

import hashlib
import json
from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction

from mscp.database import clock
from mscp.editing.actions import added_line, keep_change
from mscp.publishing.identifiers import UNSETTLED
from mscp.records.audit import Tracked, account_of, set_author
from mscp.records.history import because
from mscp.records.locking import lock, lock_rows
from mscp.text.days import short
from mscp.typing import AnyUser
from training.models import Course, ProgrammeImport, Session, Venue
from training.models.programme_lines import Line
from training.programme.lines.titles import normal
from training.programme.planning.lookups import venue_parts
from training.programme.planning.matching import plan_all
from training.programme.planning.plans import Plan, Status
from training.programme.planning.taking_over import MayNotError, TakingOver
from training.programme.planning.updates import REASON, earlier_of, ticked
from training.programme.sources import keep_answers

# What each record that an import makes is.
ADDED = {"sessions": "Session added.", "courses": "Course added.", "venues": "Venue added."}


class NotWrittenError(Exception):
    """Nothing was written; the message is a sentence for the editor."""


def fingerprint(plans: Sequence[Plan], to_cancel: Sequence[Session] = ()) -> str:
    """Return a hash of all that would be written, and of what it would be published with.

    Equal before and after means that nobody changed anything that matters in between.
    """
    values: list[object] = [_values(plan) for plan in plans if plan.is_imported]
    values += [
        [plan.existing.pk, plan.existing.version, [[one.name, one.new] for one in differences]]
        for plan in plans
        if plan.existing and (differences := ticked(plan))
    ]
    values += [[one.pk, one.version] for one in to_cancel]
    return hashlib.sha256(json.dumps(values, default=str).encode()).hexdigest()


def _values(plan: Plan) -> list[object]:
    session = plan.session
    return [
        plan.index,
        plan.course_key,
        plan.course and [plan.course.title, plan.course.current_state.value, plan.is_proposed],
        plan.line.title,
        [
            getattr(session, field.attname)
            for field in Session._meta.concrete_fields
            if field.attname not in ("created_at", "updated_at")
        ],
        plan.new_venue,
        [audience.pk for audience in plan.audiences] if plan.course is None else [],
    ]


def write(programme: ProgrammeImport, user: AnyUser, expected: str) -> ProgrammeImport:
    """Import what a preview showed, identified by its fingerprint. Raises NotWrittenError."""
    try:
        with transaction.atomic():
            return _write(programme, user, expected)
    except MayNotError as refused:
        raise NotWrittenError(str(refused)) from refused
    except (IntegrityError, ValidationError) as error:
        if isinstance(error, ValidationError) and getattr(error, "code", "") == UNSETTLED:
            raise NotWrittenError(
                f"Nothing was imported. {' '.join(error.messages)} Take it out of its line, or add "
                "that session by its own form, which asks."
            ) from error
        raise NotWrittenError(
            "The database refused one of the sessions, so nothing was imported. Look through the "
            "lines again."
        ) from error


def _write(programme: ProgrammeImport, user: AnyUser, expected: str) -> ProgrammeImport:
    _take_turn()
    locked = lock(programme)
    if locked is None:
        raise NotWrittenError("A colleague threw this import away. Nothing was imported.")
    if locked.is_done:
        raise NotWrittenError("This was imported already. Nothing was added now.")
    lines = locked.get_lines()
    _lock_courses(lines, user)
    earlier = earlier_of(locked)
    plans = plan_all(lines, user, earlier)
    to_cancel = [one for one in earlier.missing if one.pk in locked.to_cancel]
    if fingerprint(plans, to_cancel) != expected:
        raise NotWrittenError(
            "Something changed after you had opened this page. Nothing was imported. Here is how "
            "it stands now: look through it and confirm once more."
        )
    if any(plan.status is Status.STOPPED for plan in plans):
        raise NotWrittenError("Some lines cannot be imported as they are. Nothing was imported.")
    if not to_cancel and not any(plan.is_imported or ticked(plan) for plan in plans):
        raise NotWrittenError("There is nothing to import.")
    writer = _Writer(locked, user)
    writer.write(plans)
    writer.update(plans, to_cancel)
    writer.keep_change()
    for plan in plans:
        plan.line.asked = plan.status is Status.ASKED
    keep_answers(locked, lines, user)
    locked.set_lines(lines)
    locked.imported_at, locked.imported_by = clock.now(), account_of(user)
    set_author(locked, user)
    because(locked, f"Imported {len(locked.made['sessions'])} sessions").save()
    return locked


def _take_turn() -> None:
    """Serialise imports by a lock: two of the same programme would each find nothing existing.

    SQLite has one writer anyway.
    """
    lock_rows(ProgrammeImport.objects.filter(imported_at=None))


def _lock_courses(lines: Sequence[Line], user: AnyUser) -> None:
    """Lock the courses until the transaction ends: none is published or withdrawn in between."""
    if connection.features.has_select_for_update:
        keys = {plan.course.pk for plan in plan_all(lines, user) if plan.course}
        lock_rows(Course.objects.filter(pk__in=keys))


def _costs_of_new(plans: Sequence[Plan]) -> dict[Any, str]:
    """Return what each new course costs, where all its sessions cost the same."""
    costs: dict[Any, set[str]] = defaultdict(set)
    for plan in plans:
        if plan.is_imported and plan.course is None:
            costs[plan.course_key].add(plan.cost)
    return {key: next(iter(found)) for key, found in costs.items() if len(found) == 1}


class _Writer:
    def __init__(self, programme: ProgrammeImport, user: AnyUser) -> None:
        self.programme = programme
        self.user = user
        self.reason = f"{REASON}{short(programme.source, 80)}"
        self.courses: dict[Any, Course] = {}
        self.venues: dict[str, Venue] = {}
        self.changes: dict[int, Course] = {}
        self.costs: dict[Any, str] = {}
        self.made: dict[str, list[int]] = {
            **{"sessions": [], "courses": [], "venues": []},
            # Those that its sessions went into, begun by it or before.
            "changes": [],
        }
        self.added: list[dict[str, object]] = []

    def write(self, plans: Sequence[Plan]) -> None:
        self.costs = _costs_of_new(plans)
        for plan in plans:
            if not plan.is_imported:
                continue
            session = plan.session
            session.bulk_loaded = True
            session.course = self._course_of(plan)
            if plan.course is None and plan.course_key in self.costs:
                session.cost = ""
            session.venue = plan.venue or (self._new_venue(plan) if plan.new_venue else None)
            session.clean_fields(exclude=["course", "venue"])
            self._save(session, "sessions")
            plan.line.session = session.pk
        self.programme.made = self.made

    def update(self, plans: Sequence[Plan], to_cancel: Sequence[Session]) -> None:
        """Change the sessions that are there by what is ticked."""
        taking_over = TakingOver(self.user, self.reason)
        taking_over.take_over(plans)
        taking_over.cancel(to_cancel)
        self.added += taking_over.lines
        self.made["changed"] = taking_over.changed
        self.made["changes"] += [
            key for key in taking_over.changes if key not in self.made["changes"]
        ]
        for plan in plans:
            if plan.existing:
                plan.line.known = plan.existing.pk

    def keep_change(self) -> None:
        """Keep what was added, so that the import can be undone."""
        change = keep_change(Session, self.reason, self.added, user=self.user, can_be_undone=True)
        self.made["change"] = [change.pk]

    def _course_of(self, plan: Plan) -> Course:
        if plan.course is None:
            return self._new_course(plan)
        return self._change_of(plan.course) if plan.is_proposed else plan.course

    def _change_of(self, course: Course) -> Course:
        """Return the proposed change of a course that is live: one, however many its sessions."""
        if course.pk not in self.changes:
            change, is_begun = course.change_to_go_on_with(by=self.user)
            self.changes[course.pk] = change
            self.made["changes"].append(change.pk)
            if is_begun:
                self.added.append(added_line(change, "Proposed change begun."))
        return self.changes[course.pk]

    def _new_course(self, plan: Plan) -> Course:
        key = plan.course_key
        if key not in self.courses:
            course = Course(title=plan.line.title, cost=self.costs.get(key, ""))
            course.clean_fields()
            self._save(course, "courses")
            self.courses[key] = course
        # The audiences that any of its lines names.
        if plan.audiences:
            self.courses[key].audiences.add(*plan.audiences)
        return self.courses[key]

    def _new_venue(self, plan: Plan) -> Venue:
        key = normal(plan.line.venue)
        if key not in self.venues:
            venue = Venue(**venue_parts(plan.line.venue))
            self._save(venue, "venues")
            self.venues[key] = venue
        return self.venues[key]

    def _save(self, record: Tracked, kind: str) -> None:
        set_author(record, self.user)
        because(record, self.reason).save()
        self.made[kind].append(record.pk)
        self.added.append(added_line(record, ADDED[kind]))
