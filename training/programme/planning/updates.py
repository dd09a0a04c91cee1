"""Updates by an import: what differs from a session that is there, and what is listed no longer.

A difference is taken over only where somebody ticks it; so is what a person changed here since an
import, which is told apart.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, time
from typing import Any

from django.db.models import Q
from django.http import QueryDict

from mscp.database import clock
from mscp.text.days import short
from training.models import Delivery, ProgrammeImport, Session
from training.models.programme import UNNAMED
from training.models.programme_lines import NONE, Line
from training.models.sessions import times_in_words
from training.programme.planning.plans import Difference, Doubt, Level, Plan, Status

# How the reason of a change begins, in the history, that an import made.
REASON = "Imported: "
# A session that is further away was not moved: it is another.
FURTHEST = 60
# Of fewer lines all may have been moved.
PROGRAMME = 5
HELD, CANCELLED = "Held", "Cancelled"
_KEY = re.compile(r"[0-9]{1,18}")


@dataclass
class Earlier:
    """What earlier imports of the same source became, so far as it is still there."""

    sessions: list[Session] = field(default_factory=list)
    by_uid: dict[str, int] = field(default_factory=dict)
    # Those that no line stands for any more, once the lines were compared.
    missing: list[Session] = field(default_factory=list)


def earlier_of(programme: ProgrammeImport) -> Earlier:
    """Read the sessions, of today and later, that came from the same source before."""
    if not programme.is_named:
        return Earlier()
    # Of a kept source whatever its files were called; and what it was before it was kept.
    same = Q(pk=None) if programme.source in UNNAMED else Q(source=programme.source)
    if programme.kept_source_id is not None:
        same = Q(kept_source=programme.kept_source_id) | (same & Q(kept_source=None))
    imports = ProgrammeImport.objects.filter(same)
    keys: set[int] = set()
    by_uid: dict[str, int] = {}
    for one in imports.exclude(imported_at=None).exclude(pk=programme.pk).order_by("imported_at"):
        for line in one.get_lines():
            if key := line.session or line.known:
                keys.add(key)
                if line.uid:
                    by_uid[line.uid] = key
    sessions = Session.objects.own_records().upcoming().filter(pk__in=keys)
    rows = sessions.select_related("venue", "course").soonest_first()
    return Earlier(list(rows), by_uid)


# --- moved, and listed no longer ----------------------------------------------------------------


def propose_same_day(plans: Sequence[Plan], sessions: dict[int, list[Session]]) -> None:
    """Take a line for the one session of its course on its day, though at another time.

    Where the course has more lines or sessions left on that day, each line is one of its own.
    """
    taken = {plan.existing.pk for plan in plans if plan.existing}
    new: dict[tuple[int, date], list[Plan]] = defaultdict(list)
    for plan in plans:
        if _may_be_moved(plan) and plan.course and plan.start_date:
            new[plan.course.pk, plan.start_date].append(plan)
    for (course, day), lines in new.items():
        there = [
            session
            for session in sessions.get(course, [])
            if session.start_date == day and session.pk not in taken and not session.is_cancelled
        ]
        if len(lines) == len(there) == 1:
            _move(lines[0], there[0])


def propose_moves(plans: Sequence[Plan], earlier: Earlier) -> list[Session]:
    """Take lines for sessions that were moved; return those that no line stands for any more."""
    if not earlier.sessions:
        return []
    taken = {plan.existing.pk for plan in plans if plan.existing}
    missing = {one.pk: one for one in _spoken_for(plans, earlier) if one.pk not in taken}
    # An event is known by its UID, whatever else is on the day that it is on now.
    new = [plan for plan in plans if _may_be_moved(plan)]
    for plan in new:
        session = missing.get(earlier.by_uid.get(plan.line.uid, 0))
        if session and plan.course and session.course_id == plan.course.pk:
            _move(plan, missing.pop(session.pk))
    for plan, session in _closest([plan for plan in new if not plan.existing], missing.values()):
        _move(plan, missing.pop(session.pk))
    return [session for session in missing.values() if not session.is_cancelled]


def _spoken_for(plans: Sequence[Plan], earlier: Earlier) -> list[Session]:
    """Return the earlier sessions that these lines would list, if they were still to be held.

    A programme none of which is there already is that of another term: it tells of its own days.
    """
    days = [plan.start_date for plan in plans if plan.start_date]
    keys = {session.pk for session in earlier.sessions}
    goes_on = any(plan.existing and plan.existing.pk in keys for plan in plans)
    if goes_on or len(days) < PROGRAMME:
        return earlier.sessions
    by_uid = {earlier.by_uid.get(plan.line.uid) for plan in plans if plan.line.uid}
    return [
        session
        for session in earlier.sessions
        if min(days) <= session.start_date <= max(days) or session.pk in by_uid
    ]


def _may_be_moved(plan: Plan) -> bool:
    line = plan.line
    is_new = plan.course is not None and plan.existing is None and plan.start_date is not None
    is_apart = line.left_out or line.apart or plan.is_not_held or plan.has_open_days
    return is_new and not is_apart


def _move(plan: Plan, session: Session) -> None:
    plan.existing = session
    plan.is_moved = True


def _closest(plans: list[Plan], sessions: Iterable[Session]) -> list[tuple[Plan, Session]]:
    """Return pairs of one course, those of the least days between them first."""
    by_course: dict[int, list[Session]] = defaultdict(list)
    for session in sessions:
        if not session.is_cancelled:
            by_course[session.course_id].append(session)
    pairs = []
    for plan in plans:
        for session in by_course.get(plan.course.pk if plan.course else 0, []):
            days = abs((session.start_date - (plan.start_date or date.max)).days)
            if days <= FURTHEST:
                pairs.append((days, plan.index, session.pk, plan, session))
    found: list[tuple[Plan, Session]] = []
    used: set[tuple[str, int]] = set()
    for _, index, key, plan, session in sorted(pairs, key=lambda pair: pair[:3]):
        if ("line", index) not in used and ("session", key) not in used:
            used |= {("line", index), ("session", key)}
            found.append((plan, session))
    return found


# --- differences --------------------------------------------------------------------------------


def compare_with_existing(plans: Sequence[Plan]) -> None:
    """Set what each line gives differently from the session that is there."""
    for plan in plans:
        if plan.existing:
            plan.differences = differences_of(plan, plan.existing)
    _tell_own_apart([plan for plan in plans if plan.differences])
    for plan in plans:
        _say(plan)


def differences_of(plan: Plan, session: Session) -> list[Difference]:
    """Return what a line gives, and differently. What it does not give stays."""
    if plan.is_not_held:
        if session.is_cancelled:
            return []
        values = {"cancelled_at": None, "change_note": ""}
        return [Difference("status", HELD, CANCELLED, values)]
    found = [
        *_of_days(plan, session),
        *_of_times(plan, session),
        *_of_place(plan, session),
        *_of_texts(plan, session),
    ]
    if session.is_cancelled:
        values = {"cancelled_at": None, "change_note": ""}
        found.append(Difference("status", CANCELLED, HELD, values))
    return found


def _of_days(plan: Plan, session: Session) -> Iterable[Difference]:
    day = plan.start_date
    if plan.is_moved and day and day != session.start_date:
        moved = Session(
            start_date=session.start_date,
            end_date=session.end_date,
            booking_closes=session.booking_closes,
        )
        moved._set_first_day(day)
        moved.end_date = plan.end_date or moved.end_date
        values = {
            "start_date": moved.start_date,
            "end_date": moved.end_date,
            "booking_closes": moved.booking_closes,
            # A note on an earlier change is none on this one.
            "change_note": "",
        }
        yield Difference("day", session.when, moved.when, values)
    elif plan.end_date and plan.end_date != session.end_date:
        new = Session(start_date=session.start_date, end_date=plan.end_date)
        if plan.end_date > session.start_date:
            yield Difference("last day", session.when, new.when, {"end_date": plan.end_date})


def _of_times(plan: Plan, session: Session) -> Iterable[Difference]:
    start, end = plan.start_time, plan.end_time
    if start is None:
        return
    is_same = start == session.start_time and end in (None, session.end_time)
    if is_same:
        return
    if end is None:
        end = _kept_end(start, session)
    values = {"start_time": start, "end_time": end}
    old = times_in_words(session.start_time, session.end_time) or "not known"
    yield Difference("times", old, times_in_words(start, end), values)


def _kept_end(start: time, session: Session) -> time | None:
    """Return when it ends, of which a line says nothing: as before, where that can be."""
    if session.end_time and (session.end_date or session.end_time > start):
        return session.end_time
    return None


def _of_place(plan: Plan, session: Session) -> Iterable[Difference]:
    line = plan.line
    venue = plan.venue
    if venue and venue != session.venue:
        values: dict[str, Any] = {"venue_id": venue.pk}
        if session.delivery == Delivery.ONLINE:
            values["delivery"] = plan.delivery
        yield Difference("venue", str(session.venue or "none"), str(venue), values)
    says_delivery = plan.delivery != Delivery.NOT_STATED or line.delivery == Delivery.NOT_STATED
    if line.delivery and says_delivery and plan.delivery != session.delivery:
        values = {"delivery": plan.delivery}
        if plan.delivery == Delivery.ONLINE and session.venue_id:
            values["venue_id"] = None
        if plan.delivery not in (Delivery.ONLINE, Delivery.HYBRID) and session.joining_url:
            values["joining_url"] = ""
        old, new = session.get_delivery_display(), Delivery(plan.delivery).label
        yield Difference("delivery", old, str(new), values)
    if line.joining and line.joining != session.joining_url:
        values = {"joining_url": line.joining}
        yield Difference("joining", session.joining_url or "none", line.joining, values)


def _of_texts(plan: Plan, session: Session) -> Iterable[Difference]:
    line = plan.line
    if plan.says_places and plan.places != session.places:
        new = str(plan.session.get_places_display())
        yield Difference("places", session.get_places_display(), new, {"places": plan.places})
    if plan.capacity is not None and plan.capacity != session.capacity:
        old = session.capacity_in_words or "not stated"
        new = plan.session.capacity_in_words
        yield Difference("capacity", old, new, {"capacity": plan.capacity})
    if line.cost and plan.cost != session.cost:
        that = "that of the course"
        yield Difference("cost", session.cost or that, plan.cost or that, {"cost": plan.cost})
    if line.trainer and line.trainer != " ".join(session.trainer.split()):
        # Another person has not agreed to be named.
        values = {"trainer": line.trainer, "trainer_shown": False}
        yield Difference("trainer", session.trainer or "none", line.trainer, values)
    booking = plan.booking_email or plan.booking_url
    if booking and booking != (session.booking_email or session.booking_url):
        old = session.booking_email or session.booking_url or "none"
        values = {"booking_email": plan.booking_email, "booking_url": plan.booking_url}
        yield Difference("booking", old, booking, values)
    if plan.closes and plan.closes != session.booking_closes:
        closes = session.booking_closes
        old = Session(start_date=closes).when if closes else "none"
        new = Session(start_date=plan.closes).when
        yield Difference("closes", old, new, {"booking_closes": plan.closes})
    if line.note and line.note != " ".join(session.note.split()):
        yield Difference("note", session.note or "none", line.note, {"note": line.note})


def _tell_own_apart(plans: Sequence[Plan]) -> None:
    """Mark what a person changed here: what differs from what an import wrote last."""
    keys = {plan.existing.pk for plan in plans if plan.existing}
    if not keys:
        return
    rows: Any = Session.history.filter(id__in=keys)
    written = {
        row.id: row
        for row in rows.filter(history_change_reason__startswith=REASON).order_by("history_id")
    }
    for plan in plans:
        last = written.get(plan.existing.pk) if plan.existing else None
        if last is None or last.cancelled_at is None:
            # What a person cancelled here is not held again because a line does not say so.
            plan.differences = [one for one in plan.differences if one.new != HELD]
        for difference in plan.differences:
            difference.is_own = (
                difference.is_own
                or last is None
                or any(
                    getattr(last, name) != getattr(plan.existing, name)
                    for name in difference.values
                    if name != "change_note"
                )
            )


def _is_of_new(doubt: Doubt) -> bool:
    """Return whether a session that is there answers a question, or asks it in its own words."""
    if doubt.kind == "venue":
        return doubt.level is Level.STOP
    # Of courses of one title the one is meant that has the session.
    return doubt.kind in ("not held", "several courses")


def _say(plan: Plan) -> None:
    """Say in the doubts of a line what becomes of it."""
    if not plan.existing:
        return
    # What only a new session could have is no question here; all else that is left over stays one.
    plan.doubts = [
        doubt
        for doubt in plan.doubts
        if (doubt.is_question and not _is_of_new(doubt))
        or (doubt.kind == "live" and plan.differences)
    ]
    if plan.is_moved:
        if plan.existing.start_date == plan.start_date:
            text = (
                "The course has one session on that day, at another time. If this line is a "
                "second one, say so."
            )
        else:
            text = (
                f"It seems to be the session of {plan.existing.when}, which the source lists no "
                "more: moved. If it is another session, say so."
            )
        plan.doubt("moved", Level.LOOK, text, "date")
    elif plan.existing.is_cancelled and not plan.is_not_held:
        plan.doubt("differs", Level.NOTE, "It is there already, and cancelled.")
    if plan.line.venue and plan.line.place != NONE and not plan.venue:
        text = (
            f"“{short(plan.line.venue)}” is no known venue. To take it over, choose a venue, or "
            "add it under Venues first."
        )
        plan.doubt("venue", Level.LOOK, text, "place")
    if plan.differences:
        names = ", ".join(difference.label.lower() for difference in plan.differences)
        text = f"It is there already, and differs in: {names}. What you tick is changed there."
        plan.doubt("differs", Level.NOTE, text)


# --- what is ticked -----------------------------------------------------------------------------


def ticked(plan: Plan) -> list[Difference]:
    """Return the differences of a line that are to be taken over."""
    if plan.status is not Status.CHANGED:
        return []
    return [one for one in plan.differences if one.name in plan.line.takes]


def values_of(differences: Iterable[Difference]) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for difference in differences:
        values |= difference.values
        if difference.name == "status" and difference.new == CANCELLED:
            values["cancelled_at"] = clock.now()
    return values


def tick_lines(lines: Sequence[Line], sent: QueryDict) -> bool:
    """Take over the ticks of the page; return whether anything changed."""
    changed = False
    for index in sent.getlist("lines"):
        if not re.fullmatch("[0-9]{1,5}", index) or int(index) >= len(lines):
            continue
        line = lines[int(index)]
        shown = sent.getlist(f"line-{index}-differs")
        if not shown:
            continue
        wanted = [name for name in sent.getlist(f"line-{index}-take") if name in shown]
        takes = [name for name in line.takes if name not in shown] + wanted
        if sorted(takes) != sorted(line.takes):
            line.takes = takes
            changed = True
    return changed


def tick_missing(programme: ProgrammeImport, sent: QueryDict) -> bool:
    """Take over which sessions that are listed no longer are to be cancelled."""
    if "missing-shown" not in sent:
        return False
    wanted = sorted({int(key) for key in sent.getlist("missing") if _KEY.fullmatch(key)})
    if wanted == sorted(programme.to_cancel):
        return False
    programme.to_cancel = wanted
    return True


def tick_all(plans: Sequence[Plan]) -> bool:
    """Tick every difference but those that a person made here."""
    changed = False
    for plan in plans:
        names = [one.name for one in plan.differences if not one.is_own]
        if new := [name for name in names if name not in plan.line.takes]:
            plan.line.takes += new
            changed = True
    return changed


def say_apart(index: str, plans: Sequence[Plan]) -> bool:
    """Make a line a session of its own that seemed to be one that was moved."""
    if not re.fullmatch("[0-9]{1,5}", index) or int(index) >= len(plans):
        return False
    plan = plans[int(index)]
    if not plan.is_moved:
        return False
    plan.line.apart, plan.line.takes = True, []
    return True
