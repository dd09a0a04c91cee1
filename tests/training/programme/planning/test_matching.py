"""What lines mean beside what is known: proposals, doubts, and what is there already."""

from datetime import date, time
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from rapidfuzz.distance.Indel import normalized_similarity

from mscp.publishing.gate import State
from tests.factories import make_audience, make_course, make_session, make_user, make_venue
from training.models.programme_lines import Line
from training.programme.answers import take_new
from training.programme.files.sheets import read_sheet
from training.programme.lines.tidying import tidy
from training.programme.planning.matching import plan_all
from training.programme.planning.plans import Plan, Status

pytestmark = pytest.mark.django_db

DAY = "14/01/2027"


def plan(
    *lines: Line, groups: tuple[str, ...] = ("Publishers",), ticked: bool = True
) -> list[Plan]:
    """Return the plans of lines; what is new in them is ticked, unless it is not to be."""
    for number, line in enumerate(lines, start=1):
        line.number = number
    user = make_user(*groups)
    for what in ("courses", "venues") if ticked else ():
        take_new(plan_all(lines, user), what)
    return plan_all(lines, user)


def one(
    title: str = "Neglect",
    *,
    groups: tuple[str, ...] = ("Publishers",),
    ticked: bool = True,
    **texts: Any,
) -> Plan:
    texts.setdefault("date", DAY)
    return plan(Line(1, title=title, **texts), groups=groups, ticked=ticked)[0]


def kinds(plan: Plan) -> set[tuple[str, str]]:
    return {(doubt.kind, doubt.level.value) for doubt in plan.doubts}


# --- courses ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "title", ["Neglect & Abuse", "NEGLECT AND ABUSE", " neglect and  abuse. ", "Négléct and Abuse"]
)
def test_a_title_written_another_way_is_the_known_course(title: str) -> None:
    course = make_course(title="Neglect and Abuse")
    planned = one(title)
    assert planned.course == course and planned.status is Status.PLAIN


def test_a_title_nearly_the_same_is_proposed_and_asked_about() -> None:
    course = make_course(title="Multi Agency Safeguarding Training")
    planned = one("Multi-Agency Safegaurding Training")
    assert planned.course == course
    assert ("near", "look") in kinds(planned)
    assert one("Multi-Agency Safegaurding Training", course="new").course is None


@pytest.mark.parametrize(
    ("known", "title"),
    [
        ("Multi Agency Safeguarding Training", "Multi Agency Supervision Training"),
        ("Safeguarding Children Training Level 2", "Safeguarding Children Training Level 3"),
    ],
)
def test_a_title_that_is_only_like_one_is_asked_about(known: str, title: str) -> None:
    course = make_course(title=known)
    planned = one(title, ticked=False)
    [doubt] = [doubt for doubt in planned.doubts if doubt.kind == "new course"]
    assert planned.course is None and planned.status is Status.STOPPED
    assert [answer.key for answer in doubt.answers] == ["new", f"known{course.pk}"]
    # One press for all new courses makes none of it: it would stand there twice.
    assert one(title).status is Status.STOPPED
    made = one(title, course="ticked")
    assert made.course is None and kinds(made) == {("new course", "note")}


def test_of_two_courses_with_one_title_the_one_held_that_day_is_taken() -> None:
    make_course(title="Neglect")
    second = make_course(title="Neglect")
    assert ("several courses", "look") in kinds(one())
    make_session(second, start_date=date(2027, 1, 14))
    assert one().existing is not None


def test_a_course_chosen_and_deleted_since_stops_the_line() -> None:
    assert one(course="12345").status is Status.STOPPED


# --- who may ----------------------------------------------------------------------------------


@pytest.mark.parametrize("state", list(State))
def test_an_editor_adds_to_drafts_and_proposes_to_what_is_live(state: State) -> None:
    make_course(title="Neglect", state=state)
    planned = one(groups=("Editors",))
    is_live = state in (State.PUBLISHED, State.SCHEDULED)
    assert (("live", "stop") in kinds(planned)) is (state is State.WITHDRAWN)
    assert (("proposed", "note") in kinds(planned)) is planned.is_proposed is is_live
    assert not one().is_proposed
    assert ("live", "stop") not in kinds(one())
    assert (("withdrawn", "look") in kinds(one())) is (state is State.WITHDRAWN)


def test_only_who_may_add_venues_makes_one() -> None:
    assert one(venue="Town Hall, Morden SM4 5DX").new_venue == {
        "name": "Town Hall",
        "street": "",
        "town": "Morden",
        "postcode": "SM4 5DX",
    }
    refused = one(venue="Town Hall", groups=("Editors",))
    assert refused.status is Status.STOPPED and refused.new_venue is None
    assert one(venue="Town Hall", place="none", groups=("Editors",)).status is Status.PLAIN


def test_where_two_are_needed_a_new_venue_is_added_and_confirmed_first(settings: Any) -> None:
    settings.TWO_PEOPLE = True
    refused = one(venue="Town Hall")
    assert refused.status is Status.STOPPED and refused.new_venue is None
    [doubt] = [doubt for doubt in refused.doubts if doubt.kind == "venue"]
    assert "a new one needs two people" in doubt.text
    assert one(venue="Town Hall", place="none").status is Status.PLAIN
    make_venue(name="Town Hall")
    assert one(venue="Town Hall").status is Status.PLAIN


# --- venues -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "town hall",
        "Town Hall, High St, Morden SM4 5DX",
        "The old hall, SM45DX",
        "Town Hall, High Street, Morden",
        "Town Hall, first floor",
        "Town Hal",
    ],
)
def test_a_venue_is_known_by_name_or_postcode(text: str) -> None:
    hall = make_venue(name="Town Hall", street="High Street", town="Morden", postcode="SM4 5DX")
    make_venue(name="Civic Centre", postcode="SM4 6PX")
    planned = one(venue=text)
    assert planned.venue == hall and planned.delivery == "in_person"


def test_another_building_of_the_same_postcode_is_asked_about() -> None:
    make_venue(name="Town Hall", street="High Street", postcode="SM4 5DX")
    for text in ("Town Hall, Morden SM4 5DX", "High Street, Morden. SM4 5DX"):
        assert ("venue", "look") not in kinds(one(venue=text))
    assert ("venue", "look") in kinds(one(venue="Old Library, High Street, SM4 5DX"))


def test_the_same_name_elsewhere_is_another_venue() -> None:
    make_venue(name="Town Hall", postcode="SM4 5DX")
    assert one(venue="Town Hall, Croydon CR0 1AA").venue is None


# --- days -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("texts", "kind"),
    [
        ({"date": ""}, "no day"),
        ({"date": "31/02/2027"}, "no day"),
        ({"date": "01/01/1850"}, "no day"),
        ({"end_date": "13/01/2027"}, "no day"),
        ({"end_date": "soon"}, "no day"),
        ({"start": "soon"}, "text"),
        ({"end": "10:00"}, "text"),
        ({"start": "10:00", "end": "9:00"}, "text"),
        ({"start": "9am-10am", "end": "11am"}, "text"),
        ({"delivery": "by pigeon"}, "delivery"),
        ({"delivery": "online", "venue": "Town Hall"}, "text"),
        ({"joining": "https://example.org/"}, "text"),
        ({"joining": "example", "delivery": "online"}, "text"),
        ({"places": "some"}, "delivery"),
        ({"booking": "ring us"}, "text"),
        ({"booking": "a@b"}, "text"),
        ({"closes": "15/01/2027"}, "text"),
        ({"closes": "soon"}, "text"),
        ({"note": "x" * 251}, "text"),
        ({"booking": f"https://example.org/{'x' * 500}"}, "text"),
    ],
)
def test_what_no_session_can_be_stops_the_line(texts: Any, kind: str) -> None:
    planned = one(**texts)
    assert (kind, "stop") in kinds(planned)


def test_a_title_must_be_there_and_fit() -> None:
    assert ("no title", "stop") in kinds(one(""))
    assert ("text", "stop") in kinds(one("x" * 201))


def test_all_that_a_session_can_hold_is_understood() -> None:
    schools = make_audience(name="Schools, colleges")
    planned = one(
        date="14-15 January 2027",
        start="9.30am - 1pm",
        delivery="Hybrid",
        joining="https://example.org/join",
        venue="Town Hall",
        places="Waiting list",
        booking="mailto:ask@example.org",
        closes="1 Jan 2027",
        audience="schools, colleges",
        note="Bring lunch",
    )
    assert (planned.start_date, planned.end_date) == (date(2027, 1, 14), date(2027, 1, 15))
    assert (planned.start_time, planned.end_time) == (time(9, 30), time(13))
    assert (planned.delivery, planned.places) == ("hybrid", "waiting_list")
    assert planned.booking_email == "ask@example.org" and planned.closes == date(2027, 1, 1)
    assert planned.audiences == [schools]
    planned.session.clean_fields(exclude=["course", "venue"])


def test_doubts_about_one_line() -> None:
    assert ("weekday", "look") in kinds(one(date="Friday 14 January 2027"))
    assert ("past", "look") in kinds(one(date="14/01/2025"))
    assert ("night", "look") in kinds(one(start="2-4"))
    assert ("audience", "look") in kinds(one(audience="Pilots"))


@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        ({"start": "2-4"}, ["14:00 to 16:00"]),
        ({"start": "1.30-5"}, ["13:30 to 17:00"]),
        ({"start": "2:00", "end": "4:00"}, ["14:00 to 16:00"]),
        ({"start": "6.30"}, ["18:30"]),
        # It says which half of the day, or ends after noon.
        ({"start": "5am-6am"}, []),
        ({"start": "06:00-14:00"}, []),
        ({"start": "0200 hours"}, []),
    ],
)
def test_times_at_night_are_offered_as_after_noon(
    typed: dict[str, str], offered: list[str]
) -> None:
    (doubt,) = [each for each in one(**typed).doubts if each.kind == "night"]
    assert [each.changes["start"] for each in doubt.answers[:-1]] == offered


@pytest.mark.parametrize(
    "typed",
    [
        "Teams (link to follow)",
        "MS Teams - invite to be sent",
        "Zoom - link will be emailed",
        "Online, details to follow",
        "Webinar; joining instructions sent the day before",
        "(Virtual) room 3",
    ],
)
def test_what_may_be_online_is_offered_as_such_and_no_venue_by_one_press(typed: str) -> None:
    planned = one(venue=typed)
    assert not planned.new_venue
    (doubt,) = [each for each in planned.doubts if each.kind == "venue"]
    answer = doubt.answers[0]
    assert answer.key == "online" and answer.appended == {"note": typed}
    again = one(venue="", delivery=answer.changes["delivery"], note=typed)
    assert again.delivery == "online" and not again.new_venue


def test_a_hall_is_not_offered_as_online() -> None:
    doubts = one(venue="The Online Hall", ticked=False).doubts
    assert all(answer.key != "online" for doubt in doubts for answer in doubt.answers)


def test_a_day_that_ends_today_is_not_past() -> None:
    assert ("past", "look") not in kinds(one(date="22/11/2026", end_date="23/11/2026"))
    assert ("past", "look") in kinds(one(date="22/11/2026"))


def test_what_holds_for_most_of_a_programme_is_said_of_no_line() -> None:
    plans = plan(*(Line(1, title=f"Course {n}", date="14/01/2025") for n in range(20)))
    assert all(("past", "note") in kinds(each) for each in plans)


# --- lines beside each other ------------------------------------------------------------------


def test_the_same_course_twice_on_a_day() -> None:
    one_, two = plan(Line(1, title="Neglect", date=DAY), Line(2, title="neglect", date=DAY))
    assert one_.status is Status.LOOK and ("twice", "stop") in kinds(two)
    one_, two = plan(
        Line(1, title="Neglect", date=DAY, start="9am"),
        Line(2, title="Neglect", date=DAY, start="2pm"),
    )
    assert kinds(one_) & kinds(two) >= {("same course", "look")}


def test_days_in_a_row_may_be_one_session() -> None:
    first, second, far = plan(
        Line(1, title="Neglect", date="14/01/2027"),
        Line(2, title="Neglect", date="15/01/2027"),
        Line(3, title="Neglect", date="18/01/2027"),
    )
    assert first.joins == 1 and ("in a row", "look") in kinds(second)
    assert far.status is Status.PLAIN


def test_a_day_inside_a_longer_line_stands_here_twice() -> None:
    first, second = plan(
        Line(1, title="Neglect", date="14/01/2027", end_date="16/01/2027"),
        Line(2, title="Neglect", date="15/01/2027"),
    )
    assert ("twice", "stop") in kinds(second)
    # Its last day is a Saturday.
    assert kinds(first) == {("new course", "note"), ("weekend", "look")}


def test_another_course_on_the_same_day() -> None:
    one_, two = plan(Line(1, title="Neglect", date=DAY), Line(2, title="Trauma", date=DAY))
    assert "“Trauma” (line 2) is on the same day" in " ".join(d.text for d in one_.doubts)
    assert ("same day", "look") in kinds(two)


# --- what is there already --------------------------------------------------------------------


def test_a_session_that_is_there_is_not_added() -> None:
    session = make_session(
        make_course(title="Neglect"), start_date=date(2027, 1, 14), start_time=time(9)
    )
    for texts in ({}, {"start": "9am"}, {"course": str(session.course.pk)}):
        planned = one(**texts)
        assert planned.existing == session and planned.status is Status.THERE and not planned.doubts
    other = one(start="2pm")
    # At another time it is asked about, and added only where somebody says that it is a second one.
    assert other.existing == session and not other.is_imported and ("moved", "look") in kinds(other)
    apart = one(start="2pm", apart=True)
    assert apart.existing is None and ("same course", "look") in kinds(apart)


def test_what_is_there_under_nearly_that_title_is_asked_about() -> None:
    course = make_course(title="Multi Agency Safeguarding Training")
    make_session(course, start_date=date(2027, 1, 14))
    planned = one("Multi-Agency Safegaurding Training")
    assert planned.existing and planned.status is Status.ASKED
    assert ("near", "look") in kinds(planned)


def test_a_day_inside_a_longer_session_is_there() -> None:
    make_session(
        make_course(title="Neglect"), start_date=date(2027, 1, 13), end_date=date(2027, 1, 15)
    )
    assert one().existing and one(date="16/01/2027").existing is None


def test_what_differs_from_the_session_that_is_there_is_named() -> None:
    session = make_session(make_course(title="Neglect"), start_date=date(2027, 1, 14))
    session.cancel()
    planned = one(note="New note", places="Full")
    doubts = " ".join(doubt.text for doubt in planned.doubts)
    assert "differs in: places, note" in doubts and "cancelled" in doubts
    # What is cancelled here is not held again because a sheet does not say so.
    assert [one.name for one in planned.differences] == ["places", "note"]
    assert planned.status is Status.CHANGED and not planned.is_imported


def test_titles_that_are_known_stay_whole() -> None:
    make_course(title="Neglect - Online")
    lines = [Line(1, title="Neglect - Online"), Line(2, title="Trauma - Online")]
    tidy(lines)
    assert [line.title for line in lines] == ["Neglect - Online", "Trauma"]


def test_queries_do_not_grow_with_the_lines() -> None:
    user = make_user("Publishers")
    for name in ("Neglect", "Trauma", "Abuse"):
        make_session(make_course(title=name), start_date=date(2027, 1, 14), venue=make_venue())

    def queries(number: int) -> int:
        lines = [
            Line(n, title=f"Neglect {n % 7}", date=f"{n % 28 + 1}/01/2027", venue=f"Hall {n % 9}")
            for n in range(number)
        ]
        # Permissions are read once and kept with the user.
        plan_all(lines[:1], user)
        with CaptureQueriesContext(connection) as seen:
            plan_all(lines, user)
        return len(seen)

    # Of days on which there are sessions already, the most.
    assert queries(300) == queries(30) <= 7


def test_few_titles_are_compared_letter_by_letter(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of rows times courses, which would be a million."""
    from training.programme.lines import titles

    compared = []

    def compare(text: str, other: str) -> float:
        compared.append(other)
        return normalized_similarity(text, other)

    monkeypatch.setattr(titles, "normalized_similarity", compare)
    names = titles.Names((n, f"Safeguarding children, part {n} of training") for n in range(500))
    for n in range(200):
        names.near(f"Safegarding childrn, part {n % 100} of training")
    assert len(compared) <= 100 * titles.COMPARED


@pytest.mark.parametrize("text", ["TBC", "to be confirmed", "n/a", "-", "?"])
def test_what_is_said_not_to_be_known_is_not_known(text: str) -> None:
    line = Line(1, title="Neglect", date=DAY, venue=text, start=text, places=text)
    tidy([line])
    assert line.venue == line.start == line.places == ""


@pytest.mark.parametrize(
    ("heading", "cells", "kinds"),
    [
        ("Confirmed?", "YN", [None, "provisional"]),
        ("Confirmed?", "✓x", [None, "provisional"]),
        ("Confirmed?", "xx", ["not used", "not used"]),
        ("Cancelled?", "NY", [None, "not held"]),
        ("Cancelled?", "xx", ["not held", "not held"]),
        ("Provisional?", "NY", [None, "provisional"]),
        ("Going ahead?", "YN", [None, "not held"]),
        ("Full?", "NY", [None, "remark"]),
        ("Full?", "xx", ["not used", "not used"]),
    ],
)
def test_what_a_cell_answers_to_its_heading_is_asked_as_a_status(
    heading: str, cells: str, kinds: list[str | None]
) -> None:
    make_course(title="Voice")
    rows = "".join(f"Voice,{3 * n}/11/2027,{cell}\n" for n, cell in enumerate(cells, start=1))
    lines = read_sheet(f"Course,Date,{heading}\n{rows}".encode()).lines
    plans = plan_all(lines, make_user("Publishers"))
    found = [[doubt.kind for doubt in plan.doubts if doubt.about == "status"] for plan in plans]
    assert found == [[kind] if kind else [] for kind in kinds]
