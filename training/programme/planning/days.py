"""Remarks on the days of a programme: weekends, bank holidays, and who or what is there twice."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, time, timedelta
from functools import cache

from mscp.text.days import short
from training.models import Course, Session, Venue
from training.programme.planning.plans import Level, Plan

# Of a longer run only its first days are looked at.
LONGEST_RUN = 31


@cache
def bank_holidays(year: int) -> dict[date, str]:
    """Return the bank holidays of England in a year, with those that stand in for others."""
    # Imported here: its tables take some 45 MB of every worker that loads them.
    from holidays.countries.united_kingdom import UnitedKingdom

    return dict(UnitedKingdom(subdiv="ENG", years=year))


def remark_on_days(plans: Sequence[Plan], sessions: dict[int, list[Session]]) -> None:
    """Add what somebody should know of the days: nothing of it stops an import."""
    for plan in plans:
        _when_offices_are_closed(plan)
    _meetings_at_once(plans, sessions)


def _days_of(first: date | None, last: date | None) -> Iterator[date]:
    if first is not None:
        length = min(((last or first) - first).days, LONGEST_RUN)
        yield from (first + timedelta(days=number) for number in range(length + 1))


def _when_offices_are_closed(plan: Plan) -> None:
    for day in _days_of(plan.start_date, plan.end_date):
        if name := bank_holidays(day.year).get(day):
            text = f"{day:%-d %B %Y} is a bank holiday: {name}."
            plan.doubt("bank holiday", Level.LOOK, text, "date")
        elif day.weekday() >= 5 and day in (plan.start_date, plan.end_date):
            plan.doubt("weekend", Level.LOOK, f"{day:%-d %B %Y} is a {day:%A}.", "date")


# --- at the same time ---------------------------------------------------------------------------


@dataclass(frozen=True)
class _Meeting:
    """A line or a session that is there, as far as it can clash with another."""

    named: str
    course: tuple[str, object]
    venue: Venue | None
    audiences: frozenset[int]
    start: time | None
    end: time | None

    def overlaps(self, other: "_Meeting") -> bool:
        """Return whether both are on at once; where a time is not known, that may be."""
        if None in (self.start, self.end, other.start, other.end):
            return True
        return self.start < other.end and other.start < self.end  # type: ignore[operator]


def _meetings_at_once(plans: Sequence[Plan], sessions: dict[int, list[Session]]) -> None:
    audiences = _audiences([*sessions, *(plan.course.pk for plan in plans if plan.course)])
    by_day: dict[date, list[_Meeting]] = defaultdict(list)
    own: list[tuple[Plan, _Meeting]] = []
    for plan in plans:
        meeting = _of_plan(plan, audiences)
        own.append((plan, meeting))
        for day in _days_of(plan.start_date, plan.end_date):
            by_day[day].append(meeting)
    titles = _titles([key for key, group in sessions.items() if group])
    for key, group in sessions.items():
        for session in group:
            if session.is_cancelled:
                continue
            meeting = _of_session(session, key, titles.get(key, ""), audiences)
            for day in _days_of(session.start_date, session.end_date):
                if day in by_day:
                    by_day[day].append(meeting)
    for plan, meeting in own:
        others = {
            other: None
            for day in _days_of(plan.start_date, plan.end_date)
            for other in by_day[day]
            if other is not meeting and other.course != meeting.course
        }
        _say_first(plan, meeting, list(others))


def _say_first(plan: Plan, meeting: _Meeting, others: list[_Meeting]) -> None:
    """Name the first of each kind of clash: one is enough to look at the day."""
    for other in others:
        if meeting.venue and other.venue == meeting.venue and meeting.overlaps(other):
            text = f"“{meeting.venue.name}” is taken by {other.named}, perhaps at the same time."
            plan.doubt("venue taken", Level.LOOK, text, "place")
            break
    for other in others:
        if meeting.audiences & other.audiences and meeting.overlaps(other):
            text = f"{other.named} is for the same people, on the same day."
            plan.doubt("same audience", Level.LOOK, text, "date")
            break


def _of_plan(plan: Plan, audiences: dict[int, frozenset[int]]) -> _Meeting:
    title = plan.course.title if plan.course else plan.line.title
    own = frozenset(one.pk for one in plan.audiences)
    return _Meeting(
        f"“{short(title)}” (line {plan.line.number})",
        plan.course_key,
        plan.venue,
        audiences.get(plan.course.pk, frozenset()) if plan.course else own,
        plan.start_time,
        plan.end_time,
    )


def _of_session(
    session: Session, course: int, title: str, audiences: dict[int, frozenset[int]]
) -> _Meeting:
    return _Meeting(
        f"“{short(title)}” ({session.times or 'time not known'})",
        ("known", course),
        session.venue,
        audiences.get(course, frozenset()),
        session.start_time,
        session.end_time,
    )


def _audiences(courses: Sequence[int]) -> dict[int, frozenset[int]]:
    found: dict[int, set[int]] = defaultdict(set)
    rows = Course.audiences.through.objects.filter(course__in=set(courses))
    for course, audience in rows.values_list("course_id", "audience_id"):
        found[course].add(audience)
    return {course: frozenset(keys) for course, keys in found.items()}


def _titles(courses: Sequence[int]) -> dict[int, str]:
    return dict(Course.objects.filter(pk__in=courses).values_list("pk", "title"))
