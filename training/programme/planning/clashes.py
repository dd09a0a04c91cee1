"""Clashes between lines and with other sessions, and which of all doubts are worth flagging."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise
from typing import Any

from mscp.text.days import short
from training.models import Session
from training.programme.planning.plans import Level, Plan

# If these apply to much of a programme they are its style, and no reason to check each line.
COMMON = ("past", "weekend", "same audience", "same day", "in a row", "new course", "not used")
MANY = 12


def compare(plans: Sequence[Plan], sessions: dict[int, list[Session]]) -> None:
    """Add the doubts that need other lines and other sessions to compare with."""
    _among_themselves(plans)
    _on_days_taken(plans, sessions)
    _quieten(plans)


def _among_themselves(plans: Sequence[Plan]) -> None:
    by_course: dict[Any, list[Plan]] = defaultdict(list)
    by_day: dict[date, list[Plan]] = defaultdict(list)
    for plan in plans:
        if plan.start_date and (plan.course or plan.line.title):
            by_course[plan.course_key].append(plan)
            by_day[plan.start_date].append(plan)
    for group in by_course.values():
        _of_one_course(group)
    for day in by_day.values():
        courses = {plan.course_key for plan in day}
        if len(courses) < 2:
            continue
        first = {plan.course_key: plan for plan in reversed(day)}
        for plan in day:
            others = [other for key, other in first.items() if key != plan.course_key]
            more = f", and {len(others) - 1} more" if len(others) > 1 else ""
            text = f"{_named(others[-1])} is on the same day{more}."
            plan.doubt("same day", Level.LOOK, text, "date")


def _of_one_course(group: list[Plan]) -> None:
    group = sorted(group, key=lambda plan: (plan.start_date, plan.index))
    by_day: dict[Any, list[Plan]] = defaultdict(list)
    for plan in group:
        by_day[plan.start_date].append(plan)
    for day in by_day.values():
        for place, plan in enumerate(day):
            others = day[:place] + day[place + 1 :]
            same = [
                o
                for o in day[:place]
                if None in (o.start_time, plan.start_time) or o.start_time == plan.start_time
            ]
            if same:
                text = (
                    f"The same session stands in line {same[0].line.number} already. Leave one of "
                    "them out, or give both the time at which they start."
                )
                plan.doubt("twice", Level.STOP, text, "start")
            elif others:
                text = f"The course is held twice on that day: see line {others[0].line.number}."
                plan.doubt("same course", Level.LOOK, text, "date")
    days = sorted(by_day.items())
    for (_, today), (tomorrow, next_day) in pairwise(days):
        if len(today) > 1 or len(next_day) > 1:
            continue
        first, second = today[0], next_day[0]
        if first.last_day and first.last_day >= tomorrow:
            text = f"Line {first.line.number} is the same course and takes in this day already."
            second.doubt("twice", Level.STOP, text, "date")
        elif first.last_day and first.last_day + timedelta(days=1) == tomorrow:
            first.joins = second.index
            text = (
                f"The same course is on the next day too (line {second.line.number}). If it is "
                "one session of two days, join them."
            )
            first.doubt("in a row", Level.LOOK, text, "end_date")
            text = f"The same course is on the day before too (line {first.line.number})."
            second.doubt("in a row", Level.LOOK, text, "date")


def _on_days_taken(plans: Sequence[Plan], sessions: dict[int, list[Session]]) -> None:
    """Add a doubt if the course has a session on that day already, at another time."""
    for plan in plans:
        if plan.course is None or plan.start_date is None:
            continue
        for session in sessions.get(plan.course.pk, []):
            if session.start_date <= plan.start_date <= session.last_day:
                text = f"The course has a session on that day already, {session.times}."
                plan.doubt("same course", Level.LOOK, text, "start")
                break


def _quieten(plans: Sequence[Plan]) -> None:
    """Downgrade doubts that apply to much of a programme: flagging each line would hide the rest.

    A new venue is asked about once.
    """
    counts = Counter(kind for plan in plans for kind in {doubt.kind for doubt in plan.doubts})
    usual = {kind for kind in COMMON if counts[kind] > MANY and counts[kind] * 4 > len(plans)}
    seen: set[str] = set()
    for plan in plans:
        doubts = []
        for doubt in plan.doubts:
            again = doubt.kind in ("venue", "near") and doubt.text in seen
            seen.add(doubt.text)
            quiet = doubt.level is Level.LOOK and (doubt.kind in usual or again)
            doubts.append(replace(doubt, level=Level.NOTE) if quiet else doubt)
        plan.doubts = doubts


def _named(plan: Plan) -> str:
    title = plan.course.title if plan.course else plan.line.title
    return f"“{short(title)}” (line {plan.line.number})"
