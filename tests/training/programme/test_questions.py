"""Questions of a preview: what the whole sheet settles, and what an answer does."""

import re
from datetime import date
from typing import Any

import pytest
from django.test import Client

from tests.factories import make_audience, make_course, make_session, make_user, make_venue
from tests.pages import text_of
from tests.training.programme.steps import address, paste, press, tick_each, upload
from training.models import Course, Session, Venue
from training.models.programme_lines import Line
from training.programme.answers import (
    NEW_KINDS,
    asked,
    give_answer,
    stand,
    take_new,
    tick_new,
    to_make,
)
from training.programme.lines.reading import read_text
from training.programme.lines.tidying import give_year, is_order_open, put_month_first, tidy
from training.programme.planning.matching import plan_all
from training.programme.planning.plans import Plan, Status

pytestmark = pytest.mark.django_db

DAY = "05/11/2027"


def planned(*lines: Line) -> list[Plan]:
    for number, line in enumerate(lines, start=1):
        line.number = number
    tidy(lines)
    user = make_user("Publishers")
    take_new(plan_all(lines, user), "courses")
    return plan_all(lines, user)


def row(**texts: str) -> Line:
    return Line(1, **{"title": "Voice", "date": DAY, **texts})  # type: ignore[arg-type]


def keys(plan: Plan, kind: str) -> list[str]:
    return [answer.key for doubt in asked(plan) if doubt.kind == kind for answer in doubt.answers]


def answered(plan: Plan, kind: str, key: str) -> list[Line]:
    """Return the lines after an answer to a question of one line."""
    place = next(n for n, doubt in enumerate(asked(plan)) if doubt.kind == kind)
    lines = give_answer([plan], f"{plan.index}-{place}-{key}", [])
    assert lines is not None
    return lines


# --- cells in which something else stands -----------------------------------------------------


@pytest.mark.parametrize(
    "texts",
    [
        {"status": "CANCELLED"},
        {"note": "CANCELLED - trainer unwell"},
        {"note": "cancelled"},
        {"venue": "Cancelled"},
        {"date": f"{DAY} CANCELLED"},
        {"start": "postponed"},
        {"places": "Cancelled"},
        {"title": "Voice (CANCELLED)"},
        {"delivery": "not running"},
        {"note": "Trainer unwell, course postponed"},
    ],
)
def test_a_row_that_says_it_is_not_held_stops_wherever_it_says_so(texts: dict[str, str]) -> None:
    [plan] = planned(row(**texts))
    assert plan.status is Status.STOPPED and plan.new_venue is None
    assert {"leave-out", "held"} <= set(keys(plan, "not held"))
    [line] = answered(plan, "not held", "leave-out")
    assert line.left_out


@pytest.mark.parametrize(
    ("texts", "field", "value"),
    [
        ({"date": f"{DAY} 9.30am - 1pm"}, "start", "9.30am - 1pm"),
        ({"date": f"{DAY} 09:30"}, "start", "09:30"),
        ({"date": "2027-11-05T09:30:00"}, "start", "09:30"),
        ({"date": DAY, "end": f"{DAY} 13:00"}, "end", "13:00"),
        ({"date": DAY, "end_date": "06/11/2027 16:00"}, "end", "16:00"),
        ({"date": f"\u200e{DAY}\u200f"}, "date", DAY),
        ({"date": f"{DAY} (provisional)"}, "status", "provisional"),
        ({"start": "sold out"}, "status", "sold out"),
    ],
)
def test_a_cell_that_holds_more_is_divided(texts: dict[str, str], field: str, value: str) -> None:
    line = row(**texts)
    tidy([line])
    assert getattr(line, field) == value


@pytest.mark.parametrize(
    ("texts", "field", "value", "closes"),
    [
        ({"venue": "Town Hall, book by 20 February"}, "venue", "Town Hall", "20 February"),
        ({"venue": "Town Hall (was Civic Centre)"}, "venue", "Town Hall", ""),
        ({"venue": "Town Hall; moved from 12 November"}, "venue", "Town Hall", ""),
        ({"venue": "Town Hall – bookings close a week before"}, "venue", "Town Hall", ""),
        ({"title": "Neglect (was 12 November)"}, "title", "Neglect", ""),
        ({"title": "Neglect, closing date 20/02/2027"}, "title", "Neglect", "20/02/2027"),
        ({"title": "Neglect - book by 20 Feb"}, "title", "Neglect", "20 Feb"),
        ({"venue": "Bookham Hall, Last Lane"}, "venue", "Bookham Hall, Last Lane", ""),
        ({"title": "What was not said"}, "title", "What was not said", ""),
    ],
)
def test_a_cell_never_keeps_a_day_to_book_or_a_former_one(
    texts: dict[str, str], field: str, value: str, closes: str
) -> None:
    line = row(**texts)
    tidy([line])
    assert (getattr(line, field), line.closes) == (value, closes)
    is_divided = value not in texts.values()
    assert bool(line.remarks or line.closes) is is_divided


@pytest.mark.parametrize(
    ("closes", "day"),
    [
        ("20 October", date(2027, 10, 20)),
        ("5 November", date(2027, 11, 5)),
        ("6 November", date(2026, 11, 6)),
        ("20 December", date(2026, 12, 20)),
        ("1 Jan", date(2027, 1, 1)),
        ("29 February", None),
    ],
)
def test_a_last_day_to_book_without_a_year_is_the_one_before(closes: str, day: date | None) -> None:
    [plan] = planned(row(closes=closes))
    assert plan.closes == day and plan.is_imported is bool(day)


@pytest.mark.parametrize(
    ("places", "capacity", "state"),
    [
        ("25", 25, "not_known"),
        ("max 15", 15, "not_known"),
        ("max. 15 delegates", 15, "not_known"),
        ("20 spaces", 20, "not_known"),
        ("up to 30 people", 30, "not_known"),
        ("30 in total", 30, "not_known"),
        ("12/20 booked", 20, "open"),
        ("18 of 20 taken", 20, "last_places"),
        ("20/20 taken", 20, "full"),
        ("2 of 20 places left", 20, "last_places"),
        ("0 of 20 left", 20, "full"),
        ("Waiting list; 25 places", 25, "waiting_list"),
        ("2 left", None, "last_places"),
        ("only 3 places left", None, "last_places"),
        ("12 places left", None, "open"),
        ("0 left", None, "full"),
        ("Sold out", None, "full"),
        ("Places available", None, "open"),
    ],
)
def test_a_number_of_places_is_kept(places: str, capacity: int | None, state: str) -> None:
    [plan] = planned(row(places=places))
    assert (plan.capacity, plan.places) == (capacity, state) and plan.is_imported
    assert plan.session.capacity == capacity


@pytest.mark.parametrize(
    ("places", "answers"),
    [
        (
            "12/20",
            {
                "booked": (20, "open"),
                "left": (20, "open"),
                "none": (20, "not_known"),
            },
        ),
        ("18 of 20", {"booked": (20, "last_places"), "left": (20, "open")}),
        ("2/20 places", {"booked": (20, "open"), "left": (20, "last_places")}),
        ("20 out of 20", {"booked": (20, "full"), "left": (20, "open")}),
        ("0/15", {"booked": (15, "open"), "left": (15, "full")}),
        ("5 / 6 seats", {"booked": (6, "last_places"), "left": (6, "open")}),
    ],
)
def test_of_two_numbers_is_asked_what_the_first_one_counts(
    places: str, answers: dict[str, tuple[int, str]]
) -> None:
    for key, wanted in answers.items():
        [plan] = planned(row(places=places))
        assert plan.status is Status.ASKED and keys(plan, "number of places")
        [again] = planned(*answered(plan, "number of places", key))
        assert (again.capacity, again.places) == wanted and again.is_imported


@pytest.mark.parametrize("places", ["20/12", "0", "many", "12-20", "25 or so", "99999"])
def test_what_is_no_number_of_places_stops(places: str) -> None:
    [plan] = planned(row(places=places))
    assert plan.status is Status.STOPPED and plan.capacity is None


@pytest.mark.parametrize("status", ["FULL", "sold out", "waiting list"])
def test_a_status_and_a_number_of_places_are_both_kept(status: str) -> None:
    [plan] = planned(row(status=status, places="25"))
    assert plan.capacity == 25 and plan.places in ("full", "waiting_list")


# --- cost, trainer and audience -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("costs", "course", "sessions"),
    [
        (["£40", "£40"], "£40", ["", ""]),
        (["£40", "£50"], "", ["£40", "£50"]),
        (["£40", ""], "", ["£40", ""]),
        (["", ""], "", ["", ""]),
        (["Free", "Free"], "Free", ["", ""]),
        (["£40"], "£40", [""]),
    ],
)
def test_what_all_sessions_of_a_new_course_cost_is_kept_with_the_course(
    publisher: Client, costs: list[str], course: str, sessions: list[str]
) -> None:
    rows = "".join(f"Voice,{day:02}/11/2027,{cost}\n" for day, cost in enumerate(costs, start=5))
    programme = upload(publisher, f"Course,Date,Cost\n{rows}".encode())
    press(publisher, programme, "_confirm")
    assert Course.objects.get().cost == course
    assert [session.cost for session in Session.objects.order_by("pk")] == sessions
    assert [one.what_it_costs for one in Session.objects.order_by("pk")] == costs


@pytest.mark.parametrize(
    ("cost", "kept"), [("Free", ""), ("free.", ""), ("£10", "£10"), ("", ""), ("FREE", "")]
)
def test_the_cost_of_a_known_course_is_not_said_twice(cost: str, kept: str) -> None:
    make_course(title="Voice", cost="Free")
    [plan] = planned(row(cost=cost))
    assert plan.cost == kept and plan.is_imported


@pytest.mark.parametrize(
    ("audience", "asks"),
    [("Teachers", False), ("teachers", False), ("Nurses", True), ("Anybody", True), ("", False)],
)
def test_another_audience_than_that_of_the_course_is_asked_about(audience: str, asks: bool) -> None:
    course = make_course(title="Voice")
    course.audiences.add(make_audience(name="Teachers"))
    make_audience(name="Nurses")
    [plan] = planned(row(audience=audience))
    assert (plan.status is Status.ASKED) is asks
    if asks:
        [again] = planned(*answered(plan, "audience", "note"))
        assert again.line.note == f"For {audience}"


# --- the order of day and month ------------------------------------------------------------------


def days_of(*texts: str) -> list[Line]:
    lines = [row(date=text) for text in texts]
    tidy(lines)
    return lines


def test_one_day_that_has_the_month_first_decides_for_all() -> None:
    lines = days_of("11/05/2027", "11/25/2027", "12/31/2027", "05/05/2027")
    assert [line.date for line in lines] == [
        "5 November 2027",
        "25 November 2027",
        "31 December 2027",
        "05/05/2027",
    ]
    # The first could be the other one, so it is asked about.
    assert [[a.key for r in line.remarks for a in r.answers] for line in lines] == [
        ["right", "day"],
        ["right"],
        ["right"],
        [],
    ]
    assert "11 May 2027" in lines[0].remarks[0].answers[1].label


@pytest.mark.parametrize(
    ("texts", "stops"),
    [
        (["11/05/2027", "25/11/2027"], [False, False]),
        (["11/05/2027", "25/11/2027", "11/25/2027"], [True, False, False]),
        (["11/05/2027", "12/06/2027"], [False, False]),
        (["11 May 2027", "11/25/2027"], [False, False]),
        (["25/11/2027", "11.05.2027", "11-25-27"], [False, True, False]),
        (["2027-11-05", "25/11/2027"], [False, False]),
    ],
)
def test_where_both_orders_stand_each_doubtful_day_is_asked(
    texts: list[str], stops: list[bool]
) -> None:
    lines = days_of(*texts)
    assert [any(remark.stops for remark in line.remarks) for line in lines] == stops


def test_what_no_day_tells_is_asked_once_for_all() -> None:
    lines = days_of("11/05/2027", "12/06/2027", "5 July 2027")
    assert is_order_open(lines) and not is_order_open(days_of("11/05/2027", "25/06/2027"))
    assert put_month_first(lines)
    assert [line.date for line in lines] == ["5 November 2027", "6 December 2027", "5 July 2027"]
    assert not is_order_open(lines) and not put_month_first(lines)


def test_one_year_is_given_to_all_days_that_have_none() -> None:
    lines = days_of("5 November", "12 and 19 November", DAY, "Thurs 5 March")
    assert give_year(lines, 2027) and not give_year(lines, 2028)
    assert [line.date for line in lines][:3] == ["5 November 2027", "12 and 19 November 2027", DAY]


@pytest.mark.parametrize(
    ("venue", "start", "kept", "asks"),
    [
        ("all day, Town Hall", "", "all day", ""),
        ("Town Hall (am)", "", "am", ""),
        ("Town Hall; half day", "9.30am", "9.30am", "half day"),
        ("Town Hall, w/c", "", "", "w/c"),
        ("Town Hall, every week", "10am", "10am", "every week"),
        ("Town Hall, Daytime Street", "", "", None),
    ],
)
def test_a_time_or_a_week_in_the_cell_of_a_place_is_none_of_it(
    venue: str, start: str, kept: str, asks: str | None
) -> None:
    line = row(venue=venue, start=start)
    [plan] = planned(line)
    assert (line.venue, line.start) == (venue if asks is None else "Town Hall", kept)
    found = [doubt.text for doubt in asked(plan) if doubt.kind == "not used"]
    assert len(found) == bool(asks) and all(str(asks) in text for text in found)


@pytest.mark.parametrize(
    ("text", "day", "places", "kind", "answers"),
    [
        ("12/20 - 9 February 2027", "9 February 2027", "12/20", "number of places", "booked left"),
        ("8/10 - 9 February 2027", "9 February 2027", "", "number", "places days"),
        ("12/2 - 9 February 2027", "9 February 2027", "", "number", "places days"),
        ("05/11 - 06/11/2027", "06/11/2027", "", "number", "places days"),
        ("4/5 March 2027", "4/5 March 2027", "", "", ""),
    ],
)
def test_a_fraction_in_the_cell_of_the_day(
    text: str, day: str, places: str, kind: str, answers: str
) -> None:
    line = row(date=text)
    [plan] = planned(line)
    assert (line.date, line.places) == (day, places)
    assert [each for each in keys(plan, kind) if each in answers.split()] == answers.split()


def test_a_fraction_that_is_said_to_count_places_is_asked_what_it_counts() -> None:
    [line] = read_text("Voice – 8/10 – 9 February 2027").lines
    tidy([line])
    [line] = answered(plan_all([line], make_user("Publishers"))[0], "number", "places")
    [plan] = plan_all([line], make_user("Publishers"))
    assert keys(plan, "number of places") == ["booked", "left", "none"]
    assert not keys(plan, "number") and plan.start_date == date(2027, 2, 9)


# --- answers -------------------------------------------------------------------------------------


def test_listed_days_become_a_line_each() -> None:
    [plan] = planned(row(date="5, 12 and 19 November 2027", note="Lunch"))
    lines = answered(plan, "several", "each")
    assert [line.date for line in lines] == [
        "5 November 2027",
        "12 November 2027",
        "19 November 2027",
    ]
    assert {line.note for line in lines} == {"Lunch"}
    again = plan_all([Line.from_json(line.as_json()) for line in lines], make_user("Publishers"))
    assert [each.status for each in again] == [Status.PLAIN] * 3
    assert all(each.line.answered for each in again)


def test_an_answer_for_all_is_given_to_all_that_ask_the_same() -> None:
    plans = planned(*(row(title=f"Course {n}", date="w/c 8 November 2027") for n in range(3)))
    lines = give_answer(plans, "0-0-day2", ["0-0"])
    assert lines and [line.date for line in lines] == ["Tuesday 9 November 2027"] * 3
    plans = planned(*(row(title=f"Course {n}", date="w/c 8 November 2027") for n in range(3)))
    lines = give_answer(plans, "1-0-day2", [])
    assert lines and [line.date for line in lines][::2] == ["w/c 8 November 2027"] * 2


@pytest.mark.parametrize(
    "sent",
    ["", "x", "0", "0-0", "9-0-new", "0-99-new", "0-0-nothing", "0-0-<b>", "-1-0-new", "0--new"],
)
def test_an_answer_to_no_question_changes_nothing(sent: str) -> None:
    assert give_answer(planned(row()), sent, []) is None


def test_what_was_answered_is_kept_and_asked_anew_of_another_text() -> None:
    [plan] = planned(row(date="Friday 14 January 2027"))
    [line] = answered(plan, "weekday", "day")
    assert (
        line.date == "14 January 2027" and line.answered[-1][2] == "It is Thursday 14 January 2027"
    )
    line.write("date", "Friday 21 January 2027")
    assert keys(plan_all([line], make_user("Publishers"))[0], "weekday")


@pytest.mark.parametrize(
    "text",
    ["Merton Civic Centre", "The Civic Centre", "Civic Centre Merton", "Civic-Centre, Merton"],
)
def test_a_new_venue_stands_beside_the_nearest_and_waits_for_a_tick(text: str) -> None:
    known = make_venue(name="London Borough of Merton Civic Centre")
    [plan] = planned(row(venue=text))
    assert plan.status is Status.STOPPED and plan.new_venue is None
    assert {f"known{known.pk}", "new", "none", "note"} == set(keys(plan, "venue"))
    [line] = answered(plan, "venue", f"known{known.pk}")
    [again] = plan_all([line], make_user("Publishers"))
    assert again.venue == known and again.is_imported


@pytest.mark.parametrize(
    ("known", "text"),
    [
        ("St Mary’s Hall", "St Mary's Hall"),
        ("St Mary's Hall", "St Marys Hall"),
        ("Café Élan", "Cafe Elan"),
        ("The Old Library", "Old Library"),
        ("Civic Centre (Merton)", "civic centre merton"),
        ("Town Hall", "THE TOWN HALL"),
        ("Arts & Crafts Centre", "Arts and Crafts Centre"),
    ],
)
def test_spelling_does_not_make_two_of_one(known: str, text: str) -> None:
    hall, course = make_venue(name=known), make_course(title=known)
    [plan] = planned(row(title=text, venue=text))
    assert (plan.venue, plan.course) == (hall, course) and not plan.new_venue


def test_an_audience_is_proposed_from_the_known_ones() -> None:
    schools = make_audience(name="Schools and colleges")
    [plan] = planned(row(audience="School and college"))
    [line] = answered(plan, "audience", f"known{schools.pk}")
    assert plan_all([line], make_user("Publishers"))[0].audiences == [schools]


def test_a_tick_finds_what_became_known_meanwhile() -> None:
    [plan] = planned(row())
    assert plan.course is None and plan.line.course == "ticked"
    course = make_course(title="voice")
    assert plan_all([plan.line], make_user("Publishers"))[0].course == course


# --- the page ------------------------------------------------------------------------------------


def asked_in_open(client: Client, programme: Any, words: str) -> bool:
    """Return whether a question stands on the page where it is not folded away."""
    page = client.get(address(programme)).content.decode()
    folded = re.sub(r'<details class="programme-change".*?</details>', "", page, flags=re.DOTALL)
    return words in folded


@pytest.mark.parametrize(
    ("text", "first", "key"),
    [
        (f"Trauma – {DAY} – Town Hall – lunch provided", "was not used", "0-0-none"),
        (f"Trauma – {DAY} – Town Hall (Room 3)", "was not used", "0-0-place"),
        (f"Trauma – {DAY} – was 4 November – Library?", "Is it certain?", "0-1-right"),
        (f"Trauma – {DAY} – [Room 3]", "was not used", "0-0-venue"),
        (f"Trauma – {DAY} – Hall – bring a laptop", "was not used", "0-0-note"),
        (f"Trauma – {DAY} – Hut – CANCELLED", "A session that is not held", "0-0-held"),
    ],
)
def test_what_would_be_made_new_is_asked_once_the_rest_of_its_line_is_answered(
    publisher: Client, text: str, first: str, key: str
) -> None:
    programme = paste(publisher, text, ticked=False)
    assert asked_in_open(publisher, programme, first)
    assert not asked_in_open(publisher, programme, "is no known course")
    press(publisher, programme, "_answer", value=key)
    page = publisher.get(address(programme)).content.decode()
    assert 'name="new"' in page and "courses:trauma" in page


@pytest.mark.parametrize(
    "text",
    [
        f"CANCELLED – Trauma – {DAY}",
        f"Trauma – {DAY} – POSTPONED",
        f"Trauma CANCELLED – {DAY}",
        f"Trauma – {DAY} – Hall – called off",
        f"Trauma (cancelled) – {DAY}",
        f"Trauma – {DAY} – will not take place",
    ],
)
def test_what_may_not_be_held_is_asked_for_its_course_only_once_it_is_held(
    publisher: Client, text: str
) -> None:
    programme = paste(publisher, text, ticked=False)
    page = text_of(publisher.get(address(programme)))
    assert "A session that is not held is not imported" in page
    assert "Asked at their lines first:" in page and "(line 1)" in page
    assert not asked_in_open(publisher, programme, "is no known course")
    press(publisher, programme, "_answer", value="0-0-held")
    page = text_of(publisher.get(address(programme)))
    assert "Courses that are not known" in page and "Asked at their lines" not in page


@pytest.mark.parametrize(
    ("written", "choices", "key", "times"),
    [
        ("ten to four", ["at10:00", "at15:50"], "at10:00", ("10:00", "16:00")),
        ("ten to four", ["at10:00", "at15:50"], "at15:50", ("15:50", "")),
        ("Ten to one", ["at10:00", "at12:50"], "at10:00", ("10:00", "13:00")),
        ("five to ten", ["at05:00", "at09:55"], "at09:55", ("09:55", "")),
        ("9.3", ["at09:30", "at09:18"], "at09:30", ("09:30", "")),
    ],
)
def test_a_time_that_may_be_one_or_two_offers_both(
    written: str, choices: list[str], key: str, times: tuple[str, str]
) -> None:
    [plan] = planned(row(start=written))
    assert keys(plan, "text")[: len(choices)] == choices
    [line] = answered(plan, "text", key)
    [plan] = plan_all([line], make_user("Publishers"))
    assert tuple(f"{at:%H:%M}" if at else "" for at in (plan.start_time, plan.end_time)) == times


def test_the_page_asks_and_takes_the_answers(publisher: Client) -> None:
    programme = paste(
        publisher,
        f"Voice – {DAY} – CANCELLED\nLoss – 12 and 19 November 2027\nHall\n",
        ticked=False,
    )
    page = text_of(publisher.get(address(programme)))
    assert (
        "A session that is not held is not imported" in page
        and "Courses that are not known" in page
    )
    press(publisher, programme, "_answer", value="0-0-leave-out")
    programme.refresh_from_db()
    assert [line.left_out for line in programme.get_lines()] == [True, False]
    press(publisher, programme, "_answer", value="1-0-each")
    press(publisher, programme, "_look", new=["courses:loss", "venues:hall"])
    press(publisher, programme, "_confirm")
    assert [session.when for session in Session.objects.order_by("start_date")] == [
        "12 November 2027",
        "19 November 2027",
    ]
    assert Venue.objects.get().name == "Hall"


def test_an_answer_on_a_page_that_is_old_is_refused(publisher: Client) -> None:
    programme = paste(publisher, f"Voice – {DAY} – CANCELLED\n")
    stale: dict[str, Any] = {"version": "0", "_answer": "0-0-leave-out"}
    page = text_of(publisher.post(address(programme), stale, follow=True))
    assert "answer once more" in page
    programme.refresh_from_db()
    assert not programme.get_lines()[0].left_out


def test_year_and_order_are_asked_once_on_the_page(publisher: Client) -> None:
    programme = upload(publisher, b"Course,Date\nA,11/05/2027\nB,12/06/2027\nC,5 November\n")
    page = text_of(publisher.get(address(programme)))
    assert "1 line has a day without a year" in page and "none of them tells" in page
    press(publisher, programme, "_year", year="2027", value="1")
    press(publisher, programme, "_month_first")
    programme.refresh_from_db()
    assert [line.date for line in programme.get_lines()] == [
        "5 November 2027",
        "6 December 2027",
        "5 November 2027",
    ]


def test_lines_keep_what_was_read(publisher: Client) -> None:
    [line] = read_text(f"Voice – {DAY} (bring lunch)").lines
    assert Line.from_json(line.as_json()) == line


# --- what is left over never goes live by itself ----------------------------------------------

LEFT_OVER = [
    # A line, and the kind of question that is asked of it.
    ("Voice – 05/11/2027 – Civic Centre\nbring a laptop", "not used"),
    ("Voice – 05/11/2027 (was 12/11/2027)", "other day"),
    ("Voice – 05/11/2027 – £40, £50", "not used"),
    ("Voice – 05/11/2027, 9.30am – 1pm, 2pm", "not used"),
    ("Voice – 05/11/2027 – 3", "not used"),
    ("Voice – 05/11/2027\nContact: Sam", "not used"),
    ("Voice – 05/11/2027 – 12/20 places", "number of places"),
    ("Voice – Tuesday 05/11/2027", "weekday"),
    ("Voice – 05/11/2027 – moved", "said moved"),
    ("Voice of childen at home – 05/11/2027", "near"),
    ("Voice – 05/11/2027\nCivic Center", "venue"),
]


@pytest.mark.parametrize(("text", "kind"), LEFT_OVER)
@pytest.mark.parametrize("is_there", [False, True])
def test_a_line_with_an_open_question_is_left_out_until_somebody_says_so(
    publisher: Client, text: str, kind: str, is_there: bool
) -> None:
    make_course(title="Voice")
    make_course(title="Voice of children at home")
    make_venue(name="Civic Centre")
    course = Course.objects.get(title="Voice of children at home" if kind == "near" else "Voice")
    if is_there:
        make_session(course, start_date=date(2027, 11, 5))
    before = list(Session.objects.values())
    programme = paste(publisher, f"{text}\n\nVoice – 20/12/2027")
    asked_of, sure = plan_all(programme.get_lines(), publisher.user)  # type: ignore[attr-defined]
    assert asked_of.status is Status.ASKED and not asked_of.is_imported and sure.is_imported
    assert kind in {doubt.kind for doubt in asked_of.open_questions}
    done = text_of(press(publisher, programme, "_confirm"))
    assert "1 session was imported" in done and "Not imported: a question was open" in done
    assert [row for row in Session.objects.values() if row["start_date"].month == 11] == before
    # The same again, and now it is said to be right.
    again = paste(publisher, f"{text}\n\nVoice – 20/12/2027")
    place = plan_all(again.get_lines(), publisher.user)[0]  # type: ignore[attr-defined]
    assert place.can_stand
    press(publisher, again, "_stand", value="0")
    again.refresh_from_db()
    stands = plan_all(again.get_lines(), publisher.user)[0]  # type: ignore[attr-defined]
    assert not stands.open_questions and bool(stands.existing) is is_there
    assert stands.is_imported is not is_there
    assert "As it stands" in publisher.get(address(again)).content.decode()


def test_what_cannot_be_imported_cannot_stand(publisher: Client) -> None:
    programme = paste(publisher, "Voice – 05/11/2027 – CANCELLED", ticked=False)
    press(publisher, programme, "_stand", value="0")
    [plan] = plan_all(programme.get_lines(), publisher.user)  # type: ignore[attr-defined]
    assert plan.status is Status.STOPPED and not plan.can_stand


@pytest.mark.parametrize("sent", ["", "x", "7", "-1", "99999999"])
def test_a_line_that_is_not_there_is_not_answered(sent: str) -> None:
    assert stand(planned(row(places="many")), sent) is None


# --- what would be made new ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("texts", "kind", "courses", "venues"),
    [
        ({"venue": "Hut"}, "", True, True),
        ({"title": "CANCELLED Voice", "venue": "Hut"}, "not held", False, False),
        ({"status": "postponed", "venue": "Hut"}, "not held", False, False),
        ({"source": f"Voice – {DAY}, Hut\nContact: Sam"}, "not used", False, True),
        ({"source": f"Voice – {DAY} (bring lunch)"}, "not used", False, False),
        ({"source": "Trauma 2 – 5 November 2027\nHut"}, "number", False, True),
        ({"source": f"Voice – {DAY}, Hut, w/c"}, "not used", True, True),
        ({"venue": "Hut", "date": "12 and 19 November 2027"}, "several", True, True),
        ({"venue": "Hut", "start": "all day"}, "text", True, True),
    ],
)
def test_what_an_open_question_may_rename_is_not_offered_for_a_tick(
    texts: dict[str, str], kind: str, courses: bool, venues: bool
) -> None:
    line = read_text(texts["source"]).lines[0] if "source" in texts else row(**texts)
    tidy([line])
    plans = plan_all([line], make_user("Publishers"))
    assert not kind or kind in {doubt.kind for doubt in asked(plans[0])}
    for what, is_offered in (("courses", courses), ("venues", venues)):
        ready, waiting = to_make(plans, NEW_KINDS[what])
        assert bool(ready) is is_offered and not (ready and waiting)
        group = next(
            (doubt.group for doubt in asked(plans[0]) if doubt.kind == NEW_KINDS[what]), ""
        )
        assert (take_new(plans, what) is not None) is is_offered
        plans = plan_all([line], make_user("Publishers"))
        if not is_offered:
            assert tick_new(plans, [f"{what}:{group}"]) is None
            assert "ticked" not in (line.course if what == "courses" else line.place)


def test_a_venue_that_another_line_needs_does_not_wait() -> None:
    lines = [row(venue="Hut"), row(title="Loss (CANCELLED)", venue="The Hut")]
    tidy(lines)
    plans = plan_all(lines, make_user("Publishers"))
    assert [plan.index for plan, _ in to_make(plans, "venue")[0]] == [0, 1]
    assert [plan.index for plan in to_make(plans, "new course")[1]] == [1]


@pytest.mark.parametrize(
    ("known", "written", "is_alike"),
    [
        ("London Borough of Merton Civic Centre", "Merton Civic Centre", True),
        ("Morden Library", "Morden Park Library", True),
        ("Chaucer Centre", "Chaucer Training Centre", True),
        ("Wimbledon Community Centre", "Community Centre, Wimbledon", True),
        ("Wilson Hospital", "Wilson Hospital Room 4", True),
        ("St Mark's Church Hall", "St Marks Hall", True),
        ("Vestry Hall", "Wilson Hospital", False),
        ("Morden Library", "Hut", False),
    ],
)
def test_a_venue_like_a_known_one_is_not_made_with_all_others_at_once(
    publisher: Client, known: str, written: str, is_alike: bool
) -> None:
    make_venue(name=known)
    text = f"Voice – 3 February 2028\n{written}\nNeglect – 4 February 2028\nPavilion"
    programme = paste(publisher, text, ticked=False)
    press(publisher, programme, "_new", value="venues")
    programme.refresh_from_db()
    first, second = (line.get("place") for line in programme.lines)
    assert second == "ticked" and (first != "ticked") is is_alike
    if is_alike:
        # Nothing is left that one press takes; its own tick does.
        page = publisher.get(address(programme)).content.decode()
        assert 'name="_new" value="venues"' not in page
        tick_each(publisher, programme)
        assert programme.lines[0].get("place") == "ticked"


def test_another_name_takes_the_tick_back() -> None:
    line = row(title="CANCELLED Voice", venue="Hut")
    tidy([line])
    [plan] = plan_all([line], make_user("Publishers"))
    answered(plan, "new course", "new")
    answered(plan_all([line], make_user("Publishers"))[0], "venue", "new")
    assert (line.course, line.place) == ("ticked", "ticked")
    answered(plan_all([line], make_user("Publishers"))[0], "not held", "held")
    assert (line.title, line.course, line.place) == ("Voice", "", "ticked")


def test_the_page_says_where_it_is_asked_first(publisher: Client) -> None:
    text = "CANCELLED Supervision 3 Feb 2028 10am Hut\nNeglect – 4 Feb 2028"
    programme = paste(publisher, text, ticked=False)
    response = publisher.get(address(programme))
    page = text_of(response)
    assert "Asked at their lines first: CANCELLED Supervision (line 1)." in page
    assert "Asked at their lines first: Hut (line 1)." in page
    body = response.content.decode()
    assert 'value="courses:neglect"' in body and "courses:cancelled" not in body
    assert 'name="_new" value="courses"' in body and 'name="_new" value="venues"' not in body
    press(publisher, programme, "_answer", value="0-0-held")
    body = publisher.get(address(programme)).content.decode()
    assert 'value="courses:supervision"' in body and 'value="venues:hut"' in body
