"""Existing sessions: whether a line's session exists already, and what would differ from it."""

from typing import Any

from training.models import Session
from training.programme.lines.status import says_not_held
from training.programme.planning.plans import Plan


def is_same(plan: Plan, session: Session) -> bool:
    """Return whether a session is that of a line: its day, and no other time."""
    if plan.start_date is None or not session.start_date <= plan.start_date <= session.last_day:
        return False
    times = (plan.start_time, session.start_time)
    return None in times or times[0] == times[1]


def find_existing(plan: Plan, sessions: dict[int, list[Session]]) -> None:
    if plan.course is None or plan.has_open_days:
        return
    same = [session for session in sessions.get(plan.course.pk, []) if is_same(plan, session)]
    if not same:
        return
    # Of several on that day the most similar.
    plan.existing = min(same, key=lambda session: len(_differences(plan, session)))


def _differences(plan: Plan, session: Session) -> list[str]:
    """Return the names of what a line gives differently from the session."""
    line = plan.line
    comparisons: list[tuple[str, bool, Any, Any]] = [
        ("last day", bool(plan.end_date), plan.end_date, session.end_date),
        ("times", bool(plan.start_time), plan.start_time, session.start_time),
        ("times", bool(plan.end_time), plan.end_time, session.end_time),
        ("venue", bool(plan.venue or plan.new_venue), plan.venue, session.venue),
        ("delivery", bool(line.delivery), plan.delivery, session.delivery),
        ("joining address", bool(line.joining), line.joining, session.joining_url),
        ("places", plan.says_places, plan.places, session.places),
        ("capacity", plan.capacity is not None, plan.capacity, session.capacity),
        ("cost", bool(line.cost), plan.cost, session.cost),
        ("trainer", bool(line.trainer), line.trainer, session.trainer),
        ("booking", bool(plan.booking_url), plan.booking_url, session.booking_url),
        ("booking", bool(plan.booking_email), plan.booking_email, session.booking_email),
        ("last day to book", bool(plan.closes), plan.closes, session.booking_closes),
        ("status", says_not_held(line.status), True, session.is_cancelled),
        ("note", bool(line.note), line.note, " ".join(session.note.split())),
    ]
    return list(
        dict.fromkeys(name for name, is_given, new, old in comparisons if is_given and new != old)
    )
