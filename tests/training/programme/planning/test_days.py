"""Remarks on days: weekends, bank holidays, a venue that is taken, the same people twice."""

from datetime import date, time
from typing import Any

import pytest

from mscp.typing import AnyUser
from tests.factories import make_audience, make_course, make_session, make_user, make_venue
from training.models.programme_lines import Line
from training.programme.planning.days import bank_holidays, remark_on_days
from training.programme.planning.matching import plan_all
from training.programme.planning.plans import Plan


@pytest.mark.parametrize(
    ("day", "last", "said"),
    [
        ("2027-11-05", None, []),
        ("2027-11-06", None, ["6 November 2027 is a Saturday."]),
        ("2027-11-07", None, ["7 November 2027 is a Sunday."]),
        # A run over a weekend begins and ends on working days.
        ("2027-11-05", "2027-11-08", []),
        ("2027-11-05", "2027-11-06", ["6 November 2027 is a Saturday."]),
        ("2027-03-26", None, ["26 March 2027 is a bank holiday: Good Friday."]),
        ("2027-03-29", None, ["29 March 2027 is a bank holiday: Easter Monday."]),
        ("2027-05-03", None, ["3 May 2027 is a bank holiday: May Day."]),
        ("2027-12-28", None, ["28 December 2027 is a bank holiday: Boxing Day (observed)."]),
        ("2027-04-29", "2027-05-04", ["3 May 2027 is a bank holiday: May Day."]),
        # In Scotland and Northern Ireland alone.
        ("2027-11-30", None, []),
        ("2027-07-12", None, []),
    ],
)
@pytest.mark.django_db
def test_when_offices_are_closed(day: str, last: str | None, said: list[str]) -> None:
    plan = Plan(Line(number=1), 0, start_date=date.fromisoformat(day))
    plan.end_date = date.fromisoformat(last) if last else None
    remark_on_days([plan], {})
    assert [doubt.text for doubt in plan.doubts] == said


def test_a_bank_holiday_that_was_added_once_is_known() -> None:
    assert date(2023, 5, 8) in bank_holidays(2023) and date(2024, 5, 8) not in bank_holidays(2024)


def of(user: AnyUser, *lines: dict[str, Any]) -> list[list[str]]:
    """Return the kinds of clash of each line."""
    read = [Line(number=n, date="05/11/2027", **line) for n, line in enumerate(lines, start=1)]
    kinds = ("venue taken", "same audience")
    return [
        [doubt.kind for doubt in plan.doubts if doubt.kind in kinds]
        for plan in plan_all(read, user)
    ]


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ([{"title": "A", "venue": "Hall"}, {"title": "B", "venue": "Hall"}], ["venue taken"] * 2),
        ([{"title": "A", "venue": "Hall"}, {"title": "B", "venue": "Library"}], ["", ""]),
        (
            [
                {"title": "A", "venue": "Hall", "start": "9am", "end": "12:00"},
                {"title": "B", "venue": "Hall", "start": "12:00", "end": "4pm"},
            ],
            ["", ""],
        ),
        (
            [
                {"title": "A", "venue": "Hall", "start": "9am", "end": "12:01"},
                {"title": "B", "venue": "Hall", "start": "12:00", "end": "4pm"},
            ],
            ["venue taken"] * 2,
        ),
        ([{"title": "A", "venue": "Hall"}, {"title": "A", "venue": "Hall"}], ["", ""]),
        # With what is there already.
        ([{"title": "B", "venue": "Town House"}], ["venue taken"]),
        (
            [{"title": "A", "audience": "GPs"}, {"title": "B", "audience": "GPs"}],
            ["same audience"] * 2,
        ),
        ([{"title": "A", "audience": "GPs"}, {"title": "B", "audience": "Police"}], ["", ""]),
        (
            [{"title": "A", "audience": "GPs; Police"}, {"title": "B", "audience": "Police"}],
            ["same audience"] * 2,
        ),
        ([{"title": "A", "audience": "Schools"}], ["same audience"]),
    ],
)
@pytest.mark.django_db
def test_a_venue_or_an_audience_is_there_twice(
    lines: list[dict[str, Any]], expected: list[str]
) -> None:
    for name in ("Hall", "Library"):
        make_venue(name=name)
    for name in ("GPs", "Police"):
        make_audience(name=name)
    course = make_course(title="There")
    course.audiences.add(make_audience(name="Schools"))
    house = make_venue(name="Town House")
    make_session(course, start_date=date(2027, 11, 5), start_time=time(9), venue=house)
    found = of(make_user("Publishers"), *lines)
    assert found == [[kind] if kind else [] for kind in expected]
