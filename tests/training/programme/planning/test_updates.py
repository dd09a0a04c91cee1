"""A programme imported again updates what is there: each difference is shown, and ticked or not."""

from datetime import date, time, timedelta
from typing import Any

import pytest
from django.test import Client

from mscp.models import BulkChange
from tests.admin_forms import fields_of
from tests.factories import make_course, make_session, make_user, make_venue
from tests.pages import assert_valid, text_of
from tests.training.programme.steps import address, press, upload
from training.models import Course, Delivery, Places, ProgrammeImport, Session, Venue
from training.models.programme_lines import TICKED, Answer, Line, Remark
from training.programme.planning.matching import plan_all
from training.programme.planning.plans import Plan, Status
from training.programme.planning.updates import (
    Earlier,
    differences_of,
    propose_moves,
    propose_same_day,
    tick_all,
    values_of,
)

HALL, LIBRARY = Venue(pk=1, name="Hall"), Venue(pk=2, name="Library")
NOT_HELD = Remark("not held", "Cancelled.", about="title", stops=True)


def there(**values: Any) -> Session:
    given: dict[str, Any] = {
        "pk": 7,
        "course_id": 3,
        "start_date": date(2027, 11, 5),
        "start_time": time(9, 30),
        "end_time": time(13),
        "delivery": Delivery.IN_PERSON,
        "venue": HALL,
        "places": Places.OPEN,
        "note": "Bring lunch",
        "booking_closes": date(2027, 11, 1),
        **values,
    }
    return Session(**given)


def plan_of(line: dict[str, Any] | None = None, **values: Any) -> Plan:
    plan = Plan(Line(number=2, **(line or {})), 0, start_date=date(2027, 11, 5))
    for name, value in values.items():
        setattr(plan, name, value)
    return plan


@pytest.mark.parametrize(
    ("plan", "session", "expected"),
    [
        # What a line does not give, stays; what it gives equally is no difference.
        (plan_of(), there(), []),
        (plan_of(start_time=time(9, 30)), there(), []),
        (plan_of({"note": "Bring lunch"}), there(), []),
        (
            plan_of(start_time=time(10), end_time=time(14)),
            there(),
            [("times", "9:30am to 1pm", "10am to 2pm")],
        ),
        (plan_of(start_time=time(10)), there(), [("times", "9:30am to 1pm", "10am to 1pm")]),
        # An end before the start cannot stay.
        (plan_of(start_time=time(14)), there(), [("times", "9:30am to 1pm", "from 2pm")]),
        (
            plan_of(start_time=time(10)),
            there(start_time=None, end_time=None),
            [("times", "not known", "from 10am")],
        ),
        (plan_of(venue=LIBRARY), there(), [("venue", "Hall", "Library")]),
        (
            plan_of({"delivery": "online"}, delivery=Delivery.ONLINE),
            there(),
            [("delivery", "In person", "Online")],
        ),
        (
            plan_of({"places": "Full"}, places=Places.FULL),
            there(),
            [("places", "Places available", "Full")],
        ),
        (
            plan_of(closes=date(2027, 11, 3)),
            there(),
            [("closes", "1 November 2027", "3 November 2027")],
        ),
        (
            plan_of(closes=date(2027, 11, 3)),
            there(booking_closes=None),
            [("closes", "none", "3 November 2027")],
        ),
        (
            plan_of(booking_email="a@example.org"),
            there(booking_url="https://example.org/"),
            [("booking", "https://example.org/", "a@example.org")],
        ),
        (plan_of({"note": "Bring a coat"}), there(), [("note", "Bring lunch", "Bring a coat")]),
        (
            plan_of(end_date=date(2027, 11, 6)),
            there(),
            [("last day", "5 November 2027", "5 to 6 November 2027")],
        ),
        (
            plan_of(start_date=date(2027, 11, 12), is_moved=True),
            there(),
            [("day", "5 November 2027", "12 November 2027")],
        ),
        (
            plan_of(start_date=date(2027, 11, 12), is_moved=True),
            there(end_date=date(2027, 11, 6)),
            [("day", "5 to 6 November 2027", "12 to 13 November 2027")],
        ),
        (plan_of({"remarks": [NOT_HELD]}), there(), [("status", "Held", "Cancelled")]),
        (
            plan_of(),
            there(cancelled_at="2027-01-01T00:00:00Z"),
            [("status", "Cancelled", "Held")],
        ),
        (plan_of({"remarks": [NOT_HELD]}), there(cancelled_at="2027-01-01T00:00:00Z"), []),
        # A status says it as well, wherever it stood; a text that says nothing known says nothing.
        (plan_of({"status": "CANCELLED"}), there(), [("status", "Held", "Cancelled")]),
        (plan_of({"status": "postponed"}), there(cancelled_at="2027-01-01T00:00:00Z"), []),
        (plan_of({"status": "New date"}), there(), []),
        (
            plan_of({"status": "FULL"}, places=Places.FULL),
            there(),
            [("places", "Places available", "Full")],
        ),
        (
            plan_of(capacity=30),
            there(capacity=25),
            [("capacity", "25 places in all", "30 places in all")],
        ),
        (plan_of(capacity=30), there(), [("capacity", "not stated", "30 places in all")]),
        (plan_of(capacity=25), there(capacity=25), []),
        (plan_of(), there(capacity=25, cost="£40", trainer="Sam"), []),
        (plan_of({"cost": "£45"}, cost="£45"), there(cost="£40"), [("cost", "£40", "£45")]),
        (
            plan_of({"cost": "£45"}, cost="£45"),
            there(),
            [("cost", "that of the course", "£45")],
        ),
        (
            plan_of({"cost": "Free"}, cost=""),
            there(cost="£40"),
            [("cost", "£40", "that of the course")],
        ),
        (plan_of({"trainer": "Pat"}), there(trainer="Sam"), [("trainer", "Sam", "Pat")]),
        (plan_of({"trainer": "Pat"}), there(), [("trainer", "none", "Pat")]),
        (plan_of({"trainer": "Sam Smith"}), there(trainer="Sam  Smith"), []),
        (plan_of({"places": "12/20"}), there(), []),
        (plan_of({"places": "not_known"}), there(), [("places", "Places available", "Not known")]),
        (plan_of({"delivery": "by pigeon"}), there(), []),
    ],
)
def test_what_a_line_gives_differently(
    plan: Plan, session: Session, expected: list[tuple[str, str, str]]
) -> None:
    found = differences_of(plan, session)
    assert [(one.name, one.old, one.new) for one in found] == expected


def test_a_session_that_is_moved_takes_its_deadline_along() -> None:
    plan = plan_of(start_date=date(2027, 11, 12), is_moved=True)
    values = values_of(differences_of(plan, there(change_note="Moved from 1 May")))
    assert values["booking_closes"] == date(2027, 11, 8) and values["change_note"] == ""


def test_what_becomes_online_has_no_venue_any_more() -> None:
    plan = plan_of({"delivery": "online"}, delivery=Delivery.ONLINE)
    assert values_of(differences_of(plan, there())) == {"delivery": "online", "venue_id": None}


@pytest.mark.parametrize(
    ("days", "there_on", "moved", "missing"),
    [
        # One line and one session that no line stands for.
        ([12], [5], {12: 5}, []),
        ([12, 19], [5], {12: 5}, []),
        ([12], [5, 11], {12: 11}, [5]),
        ([6, 20], [5, 19], {6: 5, 20: 19}, []),
        ([], [5, 19], {}, [5, 19]),
        ([12], [], {}, []),
    ],
)
def test_the_nearest_day_of_the_same_course_is_where_it_was_moved_to(
    days: list[int], there_on: list[int], moved: dict[int, int], missing: list[int]
) -> None:
    course = Course(pk=3, title="Neglect")
    plans = [plan_of(course=course, start_date=date(2027, 11, day), index=day) for day in days]
    sessions = [there(pk=day, start_date=date(2027, 11, day)) for day in there_on]
    left = propose_moves(plans, Earlier(sessions))
    found = {plan.index: plan.existing.pk for plan in plans if plan.existing}
    assert (found, [one.pk for one in left]) == (moved, missing)
    assert all(plan.is_moved for plan in plans if plan.existing)


@pytest.mark.parametrize("line", [{"left_out": True}, {"apart": True}, {"remarks": [NOT_HELD]}])
def test_some_lines_stand_for_no_moved_session(line: dict[str, Any]) -> None:
    plan = plan_of(line, course=Course(pk=3), start_date=date(2027, 11, 12))
    assert propose_moves([plan], Earlier([there()])) and plan.existing is None


@pytest.mark.parametrize(
    ("lines", "there_at", "found"),
    [
        ([10], [9], {10: 9}),
        # A second line of the day, or a second session, makes each its own.
        ([10, 14], [9], {}),
        ([10], [9, 14], {}),
        ([], [9], {}),
        ([10], [], {}),
        ([10, 14], [9, 13], {}),
    ],
)
def test_one_line_and_one_session_of_a_day_are_the_same_at_another_time(
    lines: list[int], there_at: list[int], found: dict[int, int]
) -> None:
    course = Course(pk=3, title="Neglect")
    plans = [plan_of(course=course, start_time=time(hour), index=hour) for hour in lines]
    sessions = [there(pk=hour, start_time=time(hour), end_time=None) for hour in there_at]
    propose_same_day(plans, {3: sessions})
    assert {plan.index: plan.existing.pk for plan in plans if plan.existing} == found


def test_an_event_of_a_calendar_is_known_by_its_uid_however_far_it_moved() -> None:
    plan = plan_of({"uid": "u1"}, course=Course(pk=3), start_date=date(2029, 1, 12))
    assert propose_moves([plan], Earlier([there()])) and plan.existing is None
    assert not propose_moves([plan], Earlier([there()], {"u1": 7})) and plan.is_moved


def test_all_is_ticked_but_what_somebody_wrote_here() -> None:
    plan = plan_of({"note": "New"}, start_time=time(10), existing=there())
    plan.differences = differences_of(plan, there())
    plan.differences[1].is_own = True
    assert tick_all([plan]) and plan.line.takes == ["times"]
    assert not tick_all([plan])


# --- with the database --------------------------------------------------------------------------

HEAD = "Course,Date,From,To,Venue,Note\n"


def sheet(*rows: str) -> bytes:
    return (HEAD + "\n".join(rows) + "\n").encode()


def imported(client: Client, *rows: str) -> ProgrammeImport:
    programme = upload(client, sheet(*rows))
    press(client, programme, "_confirm")
    programme.refresh_from_db()
    assert programme.is_done
    return programme


@pytest.mark.django_db
def test_a_term_imported_again_changes_what_is_ticked_and_is_undone(publisher: Client) -> None:
    make_venue(name="Town Hall")
    make_venue(name="Library")
    make_course(title="Neglect")
    imported(
        publisher,
        "Neglect,05/11/2027,09:30,13:00,Town Hall,",
        "Neglect,19/11/2027,09:30,13:00,Town Hall,",
        "Neglect,10/12/2027,09:30,13:00,Town Hall,Lunch",
        "Neglect,20/01/2028,09:30,13:00,Town Hall,",
    )
    first, second, third, fourth = Session.objects.order_by("start_date")
    third.note = "Ours"
    third.save()
    sequences = {one.pk: one.sequence for one in Session.objects.all()}
    again = upload(
        publisher,
        sheet(
            # Another time and place; another day; a note that a person wrote; and one is missing.
            "Neglect,05/11/2027,10:00,14:00,Library,",
            "Neglect,26/11/2027,09:30,13:00,Town Hall,",
            "Neglect,10/12/2027,09:30,13:00,Town Hall,Theirs",
        ),
    )
    page = publisher.get(address(again))
    assert_valid(page)
    text = text_of(page)
    assert "Times: from 9:30am to 1pm to 10am to 2pm" in text
    assert "Day: from 19 November 2027 to 26 November 2027" in text
    assert "Somebody wrote it here" in text
    assert "Cancel “Neglect”, 20 January 2028" in text
    assert "nothing is ticked" in text and "There is nothing to import" in text
    press(publisher, again, "_tick_all")
    again.refresh_from_db()
    assert [line.takes for line in again.get_lines()] == [["times", "venue"], ["day"], []]
    press(publisher, again, "_page", missing=[str(fourth.pk)])
    assert "Change 2, cancel 1" in publisher.get(address(again)).content.decode()
    press(publisher, again, "_confirm", missing=[str(fourth.pk)])
    again.refresh_from_db()
    assert again.is_done and Session.objects.count() == 4
    first, second, third, fourth = Session.objects.order_by("pk")
    assert (first.times, str(first.venue)) == ("10am to 2pm", "Library")
    assert second.when == "26 November 2027" and third.note == "Ours" and fourth.is_cancelled
    # The entry in calendars is the same, and newer.
    rises = [one.sequence > sequences[one.pk] for one in (first, second, third, fourth)]
    assert rises == [True, True, False, True]
    assert "3 sessions that were there were changed" in text_of(publisher.get(address(again)))

    undo = f"/admin/mscp/bulkchange/{BulkChange.objects.latest('pk').pk}/undo/"
    publisher.post(undo, fields_of(publisher.get(undo)), follow=True)
    first, second, third, fourth = Session.objects.order_by("pk")
    assert (first.times, str(first.venue)) == ("9:30am to 1pm", "Town Hall")
    assert second.when == "19 November 2027" and not fourth.is_cancelled


@pytest.mark.django_db
def test_places_cost_and_trainer_are_changed_where_ticked_and_what_is_own_is_not(
    publisher: Client,
) -> None:
    course = make_course(title="Neglect", cost="Free")
    head = "Course,Date,Places,Cost,Trainer\n"
    press(publisher, upload(publisher, f"{head}Neglect,05/11/2027,25,£40,Sam".encode()), "_confirm")
    session = course.sessions.get()
    # A person changed the trainer here since.
    session.trainer, session.trainer_shown = "Ann", True
    session.save()
    again = upload(publisher, f"{head}Neglect,05/11/2027,30,£45,Pat".encode())
    press(publisher, again, "_tick_all")
    again.refresh_from_db()
    assert sorted(again.get_lines()[0].takes) == ["capacity", "cost"]
    press(publisher, again, "_confirm")
    session.refresh_from_db()
    found = (session.capacity, session.cost, session.trainer, session.trainer_shown)
    assert found == (30, "£45", "Ann", True)
    # By its own tick it is.
    last = upload(publisher, f"{head}Neglect,05/11/2027,30,£45,Pat".encode())
    shown = {"line-0-differs": "trainer", "line-0-take": "trainer"}
    press(publisher, last, "_page", **shown)
    press(publisher, last, "_confirm")
    session.refresh_from_db()
    assert (session.trainer, session.trainer_shown) == ("Pat", False)


def test_what_differs_in_a_live_course_goes_into_its_change_for_an_editor(
    editor: Client,
) -> None:
    course = make_course(title="Neglect")
    session = make_session(course, start_date=date(2027, 11, 5), start_time=time(9, 30))
    programme = upload(editor, sheet("Neglect,05/11/2027,09:30,,,Bring lunch"))
    press(editor, programme, "_page", line_0_take="note")
    press(editor, programme, "_confirm", line_0_take="note")
    session.refresh_from_db()
    assert session.note == ""
    change = course.proposed_changes.get()
    assert change.sessions.get().note == "Bring lunch"


@pytest.mark.django_db
def test_a_line_that_seemed_moved_is_added_where_somebody_says_so(publisher: Client) -> None:
    make_course(title="Neglect")
    imported(publisher, "Neglect,05/11/2027,,,,")
    again = upload(publisher, sheet("Neglect,12/11/2027,,,,"))
    press(publisher, again, "_apart", value="0")
    press(publisher, again, "_confirm")
    assert [one.when for one in Session.objects.order_by("start_date")] == [
        "5 November 2027",
        "12 November 2027",
    ]


@pytest.mark.django_db
def test_our_own_calendar_imported_again_adds_and_changes_nothing(
    client: Client, publisher: Client
) -> None:
    hall = make_venue(name="Town Hall", street="High Street", town="Morden", postcode="SM4 5DX")
    course = make_course(title="Neglect, level 1")
    day = {"start_date": date(2027, 11, 5), "start_time": time(9, 30), "end_time": time(13)}
    make_session(course, venue=hall, delivery="in_person", **day)
    make_session(course, start_date=date(2027, 11, 12), end_date=date(2027, 11, 13))
    make_session(course, start_date=date(2027, 11, 19), delivery="online").cancel()
    calendar = client.get("/training/calendar.ics")
    assert calendar.status_code == 200
    programme = upload(publisher, calendar.content, "calendar.ics")
    lines = programme.get_lines()
    assert len(lines) == 3 and all(line.uid for line in lines)
    plans = plan_all(lines, publisher.user)  # type: ignore[attr-defined]
    assert {plan.status for plan in plans} == {Status.THERE}


@pytest.mark.django_db
def test_it_is_said_who_must_confirm_what_an_editor_imports(editor: Client, settings: Any) -> None:
    make_session(make_course(title="Neglect"))
    for two_people, who in (
        (False, "until a publisher or a trainer applies it"),
        (True, "until a publisher or a trainer, who is not the one that wrote it, applies it"),
    ):
        settings.TWO_PEOPLE = two_people
        programme = upload(editor, sheet("Neglect,05/11/2027,,,,"))
        assert who in text_of(editor.get(address(programme)))
    press(editor, programme, "_confirm")
    record = text_of(editor.get(address(programme)))
    assert "who is not the one that wrote it, applies each" in record


@pytest.mark.parametrize(
    ("line", "status", "kinds"),
    [
        ({"date": "5 November 2027"}, Status.THERE, []),
        # Which days are sessions is asked before any is taken for the one that is there.
        ({"date": "5, 12 and 19 November 2027"}, Status.STOPPED, ["several", "same course"]),
        ({"date": "5 and 12 November 2027"}, Status.STOPPED, ["several", "same course"]),
        ({"date": "every Friday 5 November 2027 to 19 November 2027"}, Status.STOPPED, ["several"]),
        ({"date": "05/11/2027", "status": "FULL"}, Status.CHANGED, ["differs"]),
        ({"date": "05/11/2027", "status": "Cancelled"}, Status.CHANGED, ["differs"]),
        # A venue that nobody knows is made by no update, and is not silent.
        ({"date": "05/11/2027", "venue": "The Old Mill"}, Status.THERE, ["venue"]),
        ({"date": "05/11/2027", "venue": "The Old Mill", "place": TICKED}, Status.THERE, ["venue"]),
        (
            {"date": "05/11/2027", "places": "12/20 places"},
            Status.ASKED,
            ["number of places", "differs"],
        ),
    ],
)
@pytest.mark.django_db
def test_a_line_with_a_question_and_a_session_that_is_there(
    line: dict[str, str], status: Status, kinds: list[str]
) -> None:
    make_session(make_course(title="Neglect"), start_date=date(2027, 11, 5))
    (plan,) = plan_all([Line(number=1, title="Neglect", **line)], make_user("Publishers"))  # type: ignore[arg-type]
    assert (plan.status, [doubt.kind for doubt in plan.doubts]) == (status, kinds)


def test_of_one_event_one_line_alone_keeps_its_uid_and_ticks() -> None:
    line = Line(number=1, title="Neglect", date="5 and 12 November 2027", uid="1", takes=["note"])
    each = Answer(
        "each", "2 sessions", {"date": "5 November 2027"}, copies=[{"date": "12/11/2027"}]
    )
    (copy,) = line.answer("several", "Which?", each)
    assert (line.uid, line.takes, copy.uid, copy.takes) == ("1", ["note"], "", [])
    assert (line.date, copy.date) == ("5 November 2027", "12/11/2027")


@pytest.mark.parametrize(
    ("days", "moved", "missing"),
    [
        # Another term: what was before it is neither moved into it, nor missing.
        ([101, 108, 115, 122, 129], {}, []),
        # One that is there says that the same programme goes on.
        ([1, 31, 38, 45, 52], {1: 5, 2: 4, 3: 3, 4: 2}, []),
        # Of its own days it tells.
        ([28, 36, 43, 50, 57], {0: 5}, []),
        # Of a few lines all may have been moved.
        ([31, 38, 45, 52], {0: 5, 1: 4, 2: 3, 3: 2}, [1]),
    ],
)
def test_the_programme_of_another_term_says_nothing_of_this_one(
    days: list[int], moved: dict[int, int], missing: list[int]
) -> None:
    first = date(2027, 1, 4)
    course = Course(pk=3, title="Voice")
    spring = [
        there(pk=pk, course=course, start_date=first + timedelta(days=day))
        for pk, day in enumerate([1, 8, 15, 22, 29], start=1)
    ]
    plans = []
    for index, day in enumerate(days):
        plan = Plan(Line(number=index), index, start_date=first + timedelta(days=day))
        plan.course = course
        plan.existing = next((one for one in spring if one.start_date == plan.start_date), None)
        plans.append(plan)
    there_before = {plan.index for plan in plans if plan.existing}
    left = propose_moves(plans, Earlier(spring))
    found = {
        plan.index: plan.existing.pk
        for plan in plans
        if plan.existing and plan.index not in there_before
    }
    assert (found, sorted(one.pk for one in left)) == (moved, missing)
