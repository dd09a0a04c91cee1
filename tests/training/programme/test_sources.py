"""A source that is kept is read again in two steps, with what was answered before."""

from datetime import date
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from tests.factories import make_course, make_session, make_venue
from tests.pages import assert_valid, text_of
from tests.training.programme.steps import ADD, address, press, upload
from training.models import ProgrammeImport, ProgrammeSource, Session
from training.models.programme_lines import NEW, NONE, TICKED, Line
from training.programme.lines.tidying import give_next_year
from training.programme.planning.updates import earlier_of
from training.programme.sources import answer_again, keep_answers

pytestmark = pytest.mark.django_db

SHEET = b"Course,Date,Venue\nNegl. L1,05/11/2027,the Hall\n"
NEXT = b"Course,Date,Venue\nnegl. l1,04/03/2028,The hall\n"


def kept(client: Client, content: bytes = SHEET, **source: str) -> ProgrammeSource:
    """Import a sheet whose course and venue somebody chooses, and keep where it came from."""
    course, hall = make_course(title="Neglect: level 1"), make_venue(name="Town Hall, Annex")
    programme = upload(client, content)
    chosen = {"line_0_course": str(course.pk), "line_0_place": str(hall.pk)}
    press(client, programme, "_page", **chosen, **{"source-name": "Borough", **source})
    press(client, programme, "_confirm")
    return ProgrammeSource.objects.get()


def test_the_next_sheet_of_a_kept_source_is_two_clicks(publisher: Client) -> None:
    source = kept(publisher)
    first = Session.objects.select_related("course", "venue").get()
    page = publisher.get(ADD)
    assert_valid(page)
    assert "From a kept source" in text_of(page) and 'name="_fetch"' not in page.content.decode()
    file = SimpleUploadedFile("spring.csv", NEXT)
    publisher.post(ADD, {"text": "", "file": file, "kept": source.pk})
    programme = ProgrammeImport.objects.latest("pk")
    text = text_of(publisher.get(address(programme)))
    assert "as it was chosen for “Borough” before" in text
    # Of another file of the same source it is known what is listed no longer, or was moved.
    assert "No longer listed (1)" in text
    press(publisher, programme, "_confirm")
    added = Session.objects.select_related("course", "venue").latest("start_date")
    assert (added.course, added.venue) == (first.course, first.venue) and added != first


@pytest.mark.parametrize(
    ("answers", "line", "expected"),
    [
        ({"course": {"negl l1": "COURSE"}}, {"title": "Negl. L1"}, ("COURSE", "")),
        ({"course": {"negl l1": "COURSE"}}, {"title": "NEGL L1"}, ("COURSE", "")),
        ({"course": {"negl l1": "COURSE"}}, {"title": "Loss"}, ("", "")),
        # What was chosen was deleted since, or is no key at all.
        ({"course": {"negl l1": "999999"}}, {"title": "Negl. L1"}, ("", "")),
        ({"course": {"negl l1": "1; drop"}}, {"title": "Negl. L1"}, ("", "")),
        ({"place": {"hall": NONE}}, {"venue": "Hall"}, ("", NONE)),
        ({"place": {"hall": NEW}}, {"venue": "Hall"}, ("", NEW)),
        ({"place": "damaged"}, {"venue": "Hall"}, ("", "")),
        ({}, {"venue": "Hall"}, ("", "")),
    ],
)
def test_what_was_answered_is_answered_again(
    answers: Any, line: dict[str, str], expected: tuple[str, str]
) -> None:
    key = str(make_course().pk)
    given = {
        kind: {text: key if chosen == "COURSE" else chosen for text, chosen in texts.items()}
        if isinstance(texts, dict)
        else texts
        for kind, texts in answers.items()
    }
    read = Line(number=1, **line)
    answer_again(ProgrammeSource(name="x", answers=given), [read])
    assert (read.course.replace(key, "COURSE"), read.place) == expected


def test_answers_of_left_out_lines_and_new_courses_are_not_kept(publisher: Client) -> None:
    source = ProgrammeSource.objects.create(name="Borough")
    programme = ProgrammeImport(source="x", kept_source=source)
    lines = [
        Line(number=1, title="Out", course="3", left_out=True),
        Line(number=2, title="New", course=NEW),
        Line(number=4, title="Ticked", course=TICKED, venue="Mill", place=TICKED),
        Line(number=3, title="Known", course="3", venue="Hall", place="2"),
    ]
    keep_answers(programme, lines, publisher.user)  # type: ignore[attr-defined]
    source.refresh_from_db()
    assert source.answers == {"course": {"known": "3"}, "place": {"hall": "2"}}


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"source-name": "Borough", "source-address": "javascript:alert(1)"}, "Address: "),
        ({"source-name": "Borough", "source-address": "ftp://example.org/x"}, "Address: "),
        ({"source-name": "", "source-address": "https://example.org/x"}, "Name: "),
        ({"source-name": "x" * 121}, "Name: "),
    ],
)
def test_a_source_that_cannot_be_kept_is_refused_and_nothing_is_lost(
    publisher: Client, fields: dict[str, str], says: str
) -> None:
    programme = upload(publisher, SHEET)
    page = press(publisher, programme, "_keep_source", **fields)
    assert "The source is not kept." in text_of(page) and says in text_of(page)
    for value in fields.values():
        assert value in page.content.decode()
    assert not ProgrammeSource.objects.exists()


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::1]", "10.0.0.1", "169.254.169.254"])
def test_nothing_is_fetched_from_a_private_address(publisher: Client, host: str) -> None:
    source = ProgrammeSource.objects.create(name="Inside", address=f"http://{host}/calendar.ics")
    page = publisher.post(ADD, {"text": "", "kept": source.pk, "_fetch": "Fetch it"})
    assert "not on the public internet" in text_of(page)
    assert not ProgrammeImport.objects.exists()


def test_what_to_fetch_is_asked_for(publisher: Client) -> None:
    ProgrammeSource.objects.create(name="Sheet")
    source = ProgrammeSource.objects.create(name="Calendar", address="https://example.org/c.ics")
    assert 'name="_fetch"' in publisher.get(ADD).content.decode()
    page = publisher.post(ADD, {"text": "", "kept": "", "_fetch": "Fetch it"})
    assert "Choose which to fetch." in text_of(page)
    page = publisher.post(ADD, {"text": "", "kept": source.pk - 1, "_fetch": "Fetch it"})
    assert "has no address to fetch" in text_of(page)


@pytest.mark.parametrize(
    ("source", "is_kept", "is_found"),
    [
        # A file of the same name; one of the same kept source, whatever it was called.
        ("autumn.csv", False, True),
        ("spring.csv", False, False),
        ("spring.csv", True, True),
        ("autumn.csv", True, True),
        ("Pasted text", True, True),
        ("Pasted text", False, False),
    ],
)
def test_what_came_from_the_same_source_before(source: str, is_kept: bool, is_found: bool) -> None:
    kept = ProgrammeSource.objects.create(name="Borough")
    session = make_session(make_course(), in_days=9)
    before = ProgrammeImport(source=source, kept_source=kept if is_kept else None)
    before.imported_at = session.created_at
    before.set_lines([Line(number=1, session=session.pk)])
    before.save()
    now = ProgrammeImport.objects.create(source="autumn.csv", kept_source=kept)
    assert [one.pk for one in earlier_of(now).sessions] == ([session.pk] if is_found else [])
    pasted = ProgrammeImport.objects.create(source="Pasted text")
    assert not earlier_of(pasted).sessions


# --- all answers are kept, and the list of sources ----------------------------------------------

ASKED = "Course,Date,Audience,Note,Where\nNeglect,05/11/2027,Nurses,,Civic Center\n"


@pytest.mark.parametrize(
    ("kind", "text", "label", "kept_it"),
    [
        ("audience", "“Nurses” is not whom “Neglect” is for.", "It is not needed", True),
        ("not used", "This stands with it and was not used: “tea”", "It is not needed", True),
        ("time", "“9-1” is read as 9am to 1pm.", "That is right", True),
        ("near", "“Neglct” was taken for the known course.", "That is right", True),
        # Whether a session is held, and when, is asked again each time.
        ("provisional", "It says “TBC”.", "It does take place", False),
        ("not held", "It says “CANCELLED”.", "It does take place", False),
        ("several", "“5 and 12 May” names 2 days.", "Only 5 May", False),
        # What quotes nothing is about one line.
        ("past", "The day is past.", "Leave the line out", False),
        ("cell", "The day is missing.", "Leave the line out", False),
        ("not used", "This stands with it and was not used: “tea”", "As it stands", False),
    ],
)
def test_which_answers_a_source_keeps(
    publisher: Client, kind: str, text: str, label: str, kept_it: bool
) -> None:
    source = ProgrammeSource.objects.create(name="Borough")
    programme = ProgrammeImport.objects.create(source="a.csv", kept_source=source)
    line = Line(1, title="Neglect", answered=[(kind, text, label)])
    keep_answers(programme, [line], publisher.user)  # type: ignore[attr-defined]
    source.refresh_from_db()
    assert source.answers.get("asked", {}) == ({f"{kind}\n{text}": label} if kept_it else {})


def test_a_question_is_answered_as_before_and_says_so(publisher: Client) -> None:
    course = make_course(title="Neglect")
    make_venue(name="Civic Centre")
    programme = upload(publisher, ASKED.encode())
    press(publisher, programme, "_page", **{"source-name": "Borough"})
    for _ in range(2):
        press(publisher, programme, "_answer", value=first_answer(publisher, programme))
    assert "1 session was imported" in text_of(press(publisher, programme, "_confirm"))
    source = ProgrammeSource.objects.get()
    file = SimpleUploadedFile("next.csv", ASKED.replace("2027", "2028").encode())
    publisher.post(ADD, {"text": "", "file": file, "kept": source.pk})
    again = ProgrammeImport.objects.latest("pk")
    page = text_of(publisher.get(address(again)))
    assert "something was answered as for “Borough” before" in page and "Answered:" in page
    press(publisher, again, "_confirm")
    assert course.sessions.count() == 2


def first_answer(client: Client, programme: ProgrammeImport) -> str:
    content = client.get(address(programme)).content.decode()
    return content.split('name="_answer" value="')[1].split('"')[0]


def test_the_month_that_comes_first_is_kept(publisher: Client) -> None:
    make_course(title="Neglect")
    rows = "Course,Date\nNeglect,11/05/{0}\nNeglect,11/06/{0}\n"
    programme = upload(publisher, rows.format(2027).encode())
    press(publisher, programme, "_page", **{"source-name": "American"})
    press(publisher, programme, "_month_first")
    press(publisher, programme, "_confirm")
    source = ProgrammeSource.objects.get()
    file = SimpleUploadedFile("next.csv", rows.format(2028).encode())
    publisher.post(ADD, {"text": "", "file": file, "kept": source.pk})
    again = ProgrammeImport.objects.latest("pk")
    assert [line.date for line in again.get_lines()] == ["5 November 2028", "6 November 2028"]
    assert any("month first, as for “American”" in remark for remark in again.remarks)


@pytest.mark.parametrize(
    ("day", "read"),
    [
        ("1 March", "1 March 2027"),
        ("30 Nov", "30 Nov 2026"),
        ("23 November", "23 November 2026"),
        ("22 November", "22 November 2027"),
        ("22 - 24 November", "22 - 24 November 2026"),
        ("31 December - 2 January", "31 December - 2 January 2027"),
        ("5/3", "5/3 2027"),
        ("Fri 5/3", "Fri 5/3"),
        ("1 March 2030", "1 March 2030"),
        ("29 February", "29 February"),
        ("", ""),
    ],
)
def test_a_day_without_a_year_is_read_as_the_one_that_comes_next(day: str, read: str) -> None:
    line = Line(1, title="Neglect", date=day)
    number = give_next_year([line], date(2026, 11, 23))
    assert line.date == read and number == len(line.remarks) == (read != day)


def test_that_a_year_is_given_is_kept_and_not_which(publisher: Client) -> None:
    make_course(title="Neglect")
    programme = upload(publisher, b"Course,Date\nNeglect,1 March\nNeglect,8 March\n")
    press(publisher, programme, "_page", **{"source-name": "Borough"})
    press(publisher, programme, "_year", year="2030")
    press(publisher, programme, "_confirm")
    source = ProgrammeSource.objects.get()
    assert source.answers["year"] == "next" and Session.objects.count() == 2
    file = SimpleUploadedFile("next.csv", b"Course,Date\nNeglect,5 May\nNeglect,12 May\n")
    publisher.post(ADD, {"text": "", "file": file, "kept": source.pk})
    again = ProgrammeImport.objects.latest("pk")
    page = text_of(publisher.get(address(again)))
    assert "2 days have no year. A year was given for “Borough” before" in page
    press(publisher, again, "_confirm")
    assert {one.start_date.year for one in Session.objects.all()} == {2030, 2027}


def test_a_source_keeps_how_it_was_read_whatever_that_was(publisher: Client) -> None:
    course = make_course(title="Neglect")
    rows = "Course,Start date,Sort\nNeglect,{0},half day\nNeglect,{1},half day\n"
    programme = upload(publisher, rows.format("11/05/2027", "11/06/2027").encode())
    press(publisher, programme, "_page", **{"source-name": "Borough"})
    columns = {"column-0": "title", "column-1": "date", "column-2": "note"}
    press(publisher, programme, "_columns", **columns)
    press(publisher, programme, "_month_first")
    press(publisher, programme, "_confirm")
    source = ProgrammeSource.objects.get()
    assert set(source.answers) >= {"columns", "order"}
    file = SimpleUploadedFile("next.csv", rows.format("02/03/2028", "02/04/2028").encode())
    publisher.post(ADD, {"text": "", "file": file, "kept": source.pk})
    press(publisher, ProgrammeImport.objects.latest("pk"), "_confirm")
    added = course.sessions.filter(start_date__year=2028).order_by("start_date")
    assert [(str(one.start_date), one.note) for one in added] == [
        ("2028-02-03", "half day"),
        ("2028-02-04", "half day"),
    ]


def test_sources_are_listed_renamed_and_deleted(publisher: Client, editor: Client) -> None:
    source = kept(publisher)
    page = publisher.get(ADD)
    assert_valid(page)
    who = str(publisher.user)  # type: ignore[attr-defined]
    assert "Kept sources" in text_of(page) and who in text_of(page)
    other = ProgrammeSource.objects.create(name="Other")
    taken = publisher.post(ADD, {"_rename": other.pk, f"source-{other.pk}": "Borough"}, follow=True)
    assert "It keeps its name" in text_of(taken)
    empty = publisher.post(ADD, {"_rename": other.pk, f"source-{other.pk}": " "}, follow=True)
    assert "It keeps its name" in text_of(empty)
    publisher.post(ADD, {"_rename": other.pk, f"source-{other.pk}": "  Health   trust "})
    other.refresh_from_db()
    assert other.name == "Health trust"
    gone = editor.post(ADD, {"_delete": source.pk}, follow=True)
    assert "What was imported from it stays" in text_of(gone)
    assert Session.objects.count() == 1 and ProgrammeImport.objects.get().kept_source is None
    again = publisher.post(ADD, {"_delete": source.pk}, follow=True)
    assert "deleted this source meanwhile" in text_of(again)
