"""What would be new is compared with what else would be new, and offered as one."""

import pytest

from mscp.text.days import short
from tests.factories import make_course, make_user
from training.models.programme_lines import Line
from training.programme.answers import take_new
from training.programme.lines.tidying import tidy
from training.programme.planning import new_ones
from training.programme.planning.matching import plan_all
from training.programme.planning.plans import Plan
from training.programme.preview import New, Preview
from training.programme.shared_questions import answer_for_all

pytestmark = pytest.mark.django_db


def planned(name: str, texts: list[str]) -> list[Plan]:
    lines = []
    for number, text in enumerate(texts, start=1):
        line = Line(number, title="Voice", date=f"{3 * number:02}/11/2027")
        setattr(line, name, text)
        lines.append(line)
    tidy(lines)
    return plan_all(lines, make_user("Publishers"))


def to_tick(plans: list[Plan], what: str) -> list[New]:
    preview = Preview(plans, make_user("Publishers"))
    return preview.venues_to_tick if what == "venue" else preview.courses_to_tick


VENUES = [
    # Those that are one without a question.
    (["Vestry Hall", "the Vestry Hall", "VESTRY HALL"], [[]]),
    (["St Mark’s Hall", "St Marks Hall", "St. Mark's Hall"], [[]]),
    (["Café Royal", "Cafe Royal", "The Café (Royal)"], [[]]),
    (["Vestry Hall (Mitcham)", "Vestry Hall, Mitcham", "Vestry Hall - Mitcham"], [[]]),
    # Those that may be one: which gives way is offered the other.
    (["Vestry Hall", "Vestry Hall, Mitcham"], [["Vestry Hall, Mitcham"], []]),
    (["Vestry Hall, Mitcham", "the Vestry Hall"], [[], ["Vestry Hall, Mitcham"]]),
    (["Vestry Hall", "Vestry Hall", "Vestrey Hall"], [[], ["Vestry Hall"]]),
    (["Vestry Hall", "Vestry Hall Mitcham", "Vestry Hall Mitcham"], [["Vestry Hall Mitcham"], []]),
    (
        ["Vestry Hall, London Rd, Mitcham", "Vestry Hall, 336 London Road, Mitcham. CR4 3UD"],
        [["Vestry Hall, 336 London Road, Mitcham. CR4 3UD"], []],
    ),
    (
        ["Library", "Library, Mitcham", "Library, Sutton"],
        [["Library, Mitcham", "Library, Sutton"], [], []],
    ),
    (["Hall, Mitcham CR4 3UD", "Hall, Mitcham CR4 3UE"], [[], []]),
    (["Vestry Hall Room 1", "Vestry Hall Room 2"], [[], []]),
    (["Library, Mitcham", "Library, Sutton"], [[], []]),
    (["Merton Civic Centre", "Sutton Civic Centre"], [[], []]),
    (["Town Hall", "Guildhall"], [[], []]),
]
COURSES = [
    (["Neglect: The Café", "neglect - the cafe", "Neglect (the Café)"], [[]]),
    (["The Child’s Voice", "Childs Voice"], [[]]),
    (["Adultification", "Adultification", "Adultificaton"], [[], ["Adultification"]]),
    (["Neglect Workshop", "Neglect", "Neglect"], [["Neglect"], []]),
    (["Training on Neglect", "Neglect Training"], [[], ["Training on Neglect"]]),
    (["Safeguarding Level 1", "Safeguarding Level 2"], [[], []]),
    (["Safeguarding Children", "Safeguarding Adults"], [[], []]),
    (["Neglect", "Neglect and Emotional Abuse"], [[], []]),
]
CASES = [("venue", *case) for case in VENUES] + [("title", *case) for case in COURSES]


@pytest.mark.parametrize(("name", "texts", "offered"), CASES)
def test_what_is_new_is_offered_as_what_else_is_new(
    name: str, texts: list[str], offered: list[list[str]]
) -> None:
    if name == "venue":
        make_course(title="Voice")
    found = to_tick(planned(name, texts), name)
    assert [[label for _, label in new.answers] for new in found] == [
        [f"It is “{short(text)}”, which is new too" for text in each] for each in offered
    ]
    assert [new.is_taken_at_once for new in found] == [not each for each in offered]


@pytest.mark.parametrize("is_ticked_first", [False, True])
@pytest.mark.parametrize(
    ("name", "texts", "made"),
    [
        ("venue", ["Vestry Hall", "the vestry hall", "Vestry Hall, Mitcham"], ("venues", 2)),
        ("venue", ["Vestry Hall, Mitcham", "Vestry Hall"], ("venues", 0)),
        ("title", ["Neglect", "Neglect workshop", "neglect"], ("courses", 0)),
    ],
)
def test_by_one_press_they_are_one_and_made_once(
    name: str, texts: list[str], made: tuple[str, int], is_ticked_first: bool
) -> None:
    make_course(title="Voice")
    what, kept = made
    user = make_user("Publishers")
    plans = planned(name, texts)
    if is_ticked_first:
        lines = take_new(plans, what)
        assert lines
        plans = plan_all(lines, user)
    [[sent, _]] = [one for new in to_tick(plans, name) for one in new.answers]
    lines = answer_for_all(plans, sent)
    assert lines
    plans = plan_all(lines, user)
    if not is_ticked_first:
        [new] = to_tick(plans, name)
        assert new.is_taken_at_once and not new.answers
        lines = take_new(plans, what)
        assert lines
        plans = plan_all(lines, user)
    assert to_tick(plans, name) == []
    assert {getattr(plan.line, name) for plan in plans} == {texts[kept]}
    assert not any(plan.open_questions for plan in plans)
    if name == "venue":
        assert [plan.new_venue and plan.new_venue["name"] for plan in plans] == [
            "Vestry Hall"
        ] * len(texts)
    else:
        assert len({plan.course_key for plan in plans}) == 1


def test_what_is_left_out_is_offered_for_nothing() -> None:
    make_course(title="Voice")
    plans = planned("venue", ["Vestry Hall", "Vestry Hall, Mitcham"])
    lines = [plan.line for plan in plans]
    lines[1].left_out = True
    [new] = to_tick(plan_all(lines, make_user("Publishers")), "venue")
    assert (new.name, list(new.answers)) == ("Vestry Hall", [])


@pytest.mark.parametrize(("most", "offered"), [(2, 0), (3, 1)])
def test_of_more_new_venues_than_are_compared_none_is_offered_another(
    monkeypatch: pytest.MonkeyPatch, most: int, offered: int
) -> None:
    monkeypatch.setattr(new_ones, "MOST_COMPARED", most)
    make_course(title="Voice")
    found = to_tick(planned("venue", ["Vestry Hall", "Vestry Hall, Mitcham", "Library"]), "venue")
    assert sum(len(new.answers) for new in found) == offered
