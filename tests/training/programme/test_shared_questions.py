"""Questions that several lines ask: asked once, answered at once, and where the page goes on."""

import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from tests.factories import make_course, make_user, make_venue
from tests.pages import text_of
from tests.training.programme.steps import ADD, address, form_of, press, upload
from training.models import ProgrammeImport, Venue
from training.models.programme_lines import Line
from training.programme.lines.tidying import tidy
from training.programme.planning.matching import plan_all
from training.programme.planning.plans import Plan, Status
from training.programme.preview import Preview
from training.programme.shared_questions import answer_for_all, shared_questions

pytestmark = pytest.mark.django_db


def planned(*rows: dict[str, str], role: str = "Editors") -> list[Plan]:
    lines = [
        Line(number, **{"title": "Voice", "date": f"{3 * number:02}/11/2027", **texts})  # type: ignore[arg-type]
        for number, texts in enumerate(rows, start=1)
    ]
    tidy(lines)
    return plan_all(lines, make_user(role))


@pytest.mark.parametrize(
    ("rows", "asked", "labels"),
    [
        ([{"venue": "Town Hall"}, {"venue": "the town hall"}], [[1, 2]], ["No venue"]),
        ([{"venue": "Town Hall"}, {"venue": "Guildhall"}], [], []),
        ([{"venue": "Town Hall"}, {}], [], []),
        ([{"audience": "All"}, {"audience": "Schools"}], [[1, 2]], ["It is not needed"]),
        ([{"audience": "All; Schools"}, {}], [], []),
        (
            [{"places": "12/20"}, {"places": "9/25"}, {"places": "25"}],
            [[1, 2]],
            ["The places that are booked", "The places that are left"],
        ),
        ([{"date": "5 and 12 November 2027"}, {"date": "6 and 13 November 2027"}], [], []),
    ],
)
def test_what_two_lines_ask_is_asked_once(
    rows: list[dict[str, str]], asked: list[list[int]], labels: list[str]
) -> None:
    make_course(title="Voice")
    shared = shared_questions(planned(*rows))
    assert [one.numbers for one in shared] == asked
    found = [label for one in shared for _, label in one.answers]
    assert set(labels) <= set(found) and bool(found) is bool(labels)


def test_what_is_left_out_asks_nothing() -> None:
    make_course(title="Voice")
    plans = planned({"venue": "Town Hall"}, {"venue": "Town Hall"})
    plans[0].line.left_out = True
    assert shared_questions(plans) == []


@pytest.mark.parametrize(
    ("label", "field", "values"),
    [
        ("It is not needed", "note", ["", "", ""]),
        ("Into the note of each, which visitors see", "note", ["For All", "For Schools", ""]),
        ("It is “Town Hall, Anytown”", "place", ["known", "known", ""]),
        (
            "Only keep the second number",
            "places",
            ["20 places", "25 places", ""],
        ),
    ],
)
def test_one_press_answers_it_for_each_line_in_its_own_words(
    label: str, field: str, values: list[str]
) -> None:
    make_course(title="Voice")
    venue = make_venue(name="Town Hall, Anytown")
    plans = planned(
        {"audience": "All", "places": "12/20", "venue": "Town Hall Anytown Square"},
        {"audience": "Schools", "places": "9/25", "venue": "The Town Hall Anytown Square"},
        {},
    )
    [sent] = [
        sent for one in shared_questions(plans) for sent, each in one.answers if each == label
    ]
    lines = answer_for_all(plans, sent)
    assert lines is not None
    wanted = [str(venue.pk) if value == "known" else value for value in values]
    assert [getattr(line, field) for line in lines] == wanted
    again = shared_questions(plan_all(lines, make_user("Editors")))
    assert label not in [each for one in again for _, each in one.answers]


@pytest.mark.parametrize("sent", ["", "x", "0-0-nothing", "9-0-none", "0-9-none", "-1-0-none"])
def test_what_names_no_question_answers_nothing(sent: str) -> None:
    make_course(title="Voice")
    plans = planned({"venue": "Town Hall"}, {"venue": "Town Hall"})
    assert answer_for_all(plans, sent) is None


def test_lines_that_ask_only_what_is_asked_once_stay_closed_below_those_that_ask_more() -> None:
    make_course(title="Voice")
    plans = planned(
        {"venue": "Town Hall"},
        {"venue": "Town Hall", "date": "6 and 20 November 2027"},
        {"venue": "Town Hall", "start": "some time"},
    )
    [[status, _, number, lines]] = Preview(plans, make_user("Editors")).groups
    assert (status, number) == (Status.STOPPED, 3)
    assert [(line.plan.line.number, line.is_open) for line in lines] == [
        (2, True),
        (3, True),
        (1, False),
    ]
    assert lines[2].remark == "Asked once, above the lines."
    assert [len(line.asked_above) for line in lines] == [1, 1, 1]


SHEET = b"""Course,Date,Venue
Voice,1 and 8 November 2027,Town Hall
Voice,4 and 11 November 2027,Town Hall
Voice,20/11/2027,Town Hall
"""


def test_the_page_goes_on_where_the_next_question_is(editor: Client) -> None:
    make_course(title="Voice")
    programme = upload(editor, SHEET)
    page = editor.get(address(programme)).content.decode()
    assert page.count('name="_for_all"') == 2 and 'id="next"' not in page
    response = press(editor, programme, "_answer", value="0-0-each")
    assert response.redirect_chain[-1][0].endswith("?page=1&after=0#next")
    page = response.content.decode()
    # The first line asks nothing of its own any more: the second line does.
    assert re.search(r'id="next"></div>\s*<details [^>]*id="line-2"', page), "the copy is line 1"
    [none] = re.findall(r'name="_for_all" value="([^"]*-none)"', page)
    response = press(editor, programme, "_for_all", value=none)
    assert response.redirect_chain[-1][0].endswith("?page=1#whole")
    programme.refresh_from_db()
    assert [line.place for line in programme.get_lines()] == ["none"] * 4
    assert "Asked once" not in text_of(response)


def test_typing_into_a_line_leads_back_to_it(editor: Client) -> None:
    make_course(title="Voice")
    programme = upload(editor, SHEET)
    response = press(editor, programme, "_page", line_1_note="Bring a pen")
    assert response.redirect_chain[-1][0].endswith("?page=1&after=1#next")
    assert re.search(r'id="next"></div>\s*<details [^>]*id="line-1"', response.content.decode())


def test_an_answer_for_all_is_refused_once_somebody_else_changed_the_lines(editor: Client) -> None:
    make_course(title="Voice")
    programme = upload(editor, SHEET)
    fields = form_of(editor, programme)
    [none] = re.findall(
        r'name="_for_all" value="([^"]*-none)"', editor.get(address(programme)).content.decode()
    )
    press(editor, programme, "_answer", value="0-0-each")
    response = editor.post(address(programme), {**fields, "_for_all": none}, follow=True)
    assert "answer once more" in text_of(response)
    lines = ProgrammeImport.objects.get().get_lines()
    assert {line.place for line in lines} == {""}


def test_a_course_like_a_known_one_is_that_by_one_press(editor: Client) -> None:
    known = make_course(title="Lunch and Learn Session about Voice")
    programme = upload(editor, b"Course,Date\nLunch & Learn: Voice,3/11/2027\n")
    ProgrammeImport.objects.update(
        lines=[{"number": 2, "title": "Lunch & Learn: Voice", "date": "3/11/2027"}]
    )
    page = editor.get(address(programme)).content.decode()
    # It is not among those that one press makes new.
    assert 'name="_new"' not in page and 'name="new"' in page
    [sent] = re.findall(rf'name="_for_all" value="(0-0-known{known.pk})"', page)
    press(editor, programme, "_for_all", value=sent)
    programme.refresh_from_db()
    assert [line.course for line in programme.get_lines()] == [str(known.pk)]


def test_a_venue_that_begins_with_teams_is_online_in_all_its_lines_by_one_press() -> None:
    make_course(title="Voice")
    plans = planned(
        {"venue": "Teams (link to follow)"}, {"venue": "teams (link to follow)"}, role="Publishers"
    )
    user = make_user("Publishers")
    (new,) = Preview(plans, user).venues_to_tick
    ((sent, label),) = new.answers
    assert not new.is_taken_at_once and label.startswith("It is online")
    lines = answer_for_all(plans, sent)
    assert lines
    again = plan_all(lines, user)
    assert [plan.delivery for plan in again] == ["online", "online"]
    assert not any(plan.new_venue or plan.venue for plan in again)
    assert [plan.line.note.lower() for plan in again] == ["teams (link to follow)"] * 2


def test_many_rows_that_were_not_used_are_folded_and_counted(editor: Client) -> None:
    make_course(title="Voice")

    def rows(number: int) -> bytes:
        return b"".join(
            b"Summer term,,,\nVoice,%d/11/2027,,\n" % (3 * n) for n in range(1, number + 1)
        )

    page = editor.get(
        address(upload(editor, b"Course,Date,Where,Who\n" + rows(5)))
    ).content.decode()
    assert "<summary>5 rows were not used</summary>" in page
    page = editor.get(
        address(upload(editor, b"Course,Date,Where,Who\n" + rows(2)))
    ).content.decode()
    assert "not used</summary>" not in page and "Row 2 was not used: “Summer term”" in page


@pytest.mark.parametrize(
    ("venues", "name"),
    [
        (["the Chaucer centre", "Chaucer Centre", "Chaucer Centre"], "Chaucer Centre"),
        (["Chaucer Centre", "CHAUCER CENTRE"], "Chaucer Centre"),
        (["chaucer centre", "The Chaucer Centre", "The Chaucer Centre"], "The Chaucer Centre"),
    ],
)
@pytest.mark.parametrize("button", ["_new", "new"])
def test_a_new_venue_is_called_as_most_lines_call_it(
    publisher: Client, venues: list[str], name: str, button: str
) -> None:
    make_course(title="Voice")
    rows = "".join(f"Voice,{3 * n}/11/2027,{venue}\n" for n, venue in enumerate(venues, start=1))
    content = f"Course,Date,Venue\n{rows}".encode()
    publisher.post(ADD, {"text": "", "file": SimpleUploadedFile("programme.csv", content)})
    programme = ProgrammeImport.objects.get()
    page = text_of(publisher.get(address(programme)))
    assert f"{name} lines 2" in page
    value = "venues" if button == "_new" else "venues:chaucer centre"
    page = text_of(press(publisher, programme, button, value=value))
    assert f"1 new venue , public at once: {name}." in page
    press(publisher, programme, "_confirm")
    assert Venue.objects.get().name == name


def test_one_press_leaves_a_line_out_and_keeps_what_was_typed(editor: Client) -> None:
    make_course(title="Voice")
    programme = upload(editor, SHEET)
    response = press(editor, programme, "_leave", value="1", line_0_note="Bring a pen")
    assert response.redirect_chain[-1][0].endswith("?page=1&after=1#next")
    programme.refresh_from_db()
    lines = programme.get_lines()
    assert [line.left_out for line in lines] == [False, True, False]
    assert lines[0].note == "Bring a pen"
    press(editor, programme, "_take", value="1")
    programme.refresh_from_db()
    assert not any(line.left_out for line in programme.get_lines())


@pytest.mark.parametrize("index", ["", "9", "-1", "x", "99999"])
def test_a_line_that_is_not_there_is_not_left_out(editor: Client, index: str) -> None:
    make_course(title="Voice")
    programme = upload(editor, SHEET)
    assert press(editor, programme, "_leave", value=index).status_code == 200
    programme.refresh_from_db()
    assert not any(line.left_out for line in programme.get_lines())
