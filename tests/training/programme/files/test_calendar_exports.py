"""Calendars exported as CSV by Outlook and Google: each column is read, or named as not used."""

import pytest
from django.test import Client

from tests.factories import make_course, make_venue
from tests.training.programme.steps import press, upload
from training.models import Session
from training.programme.assigning import assign, shown_columns
from training.programme.files.sheets import read_sheet

# As Outlook writes them, in its order.
OUTLOOK = (
    '"Subject","Start Date","Start Time","End Date","End Time","All day event","Reminder on/off",'
    '"Reminder Date","Reminder Time","Meeting Organizer","Required Attendees",'
    '"Optional Attendees","Meeting Resources","Billing Information","Categories","Description",'
    '"Location","Mileage","Priority","Private","Sensitivity","Show time as"'
)
OUTLOOK_ROWS = """
"Neglect","5/11/2027","09:30:00","5/11/2027","13:00:00","False","True","5/11/2027","09:15:00",\
"Sam Smith","Pat Jones;Ann Lee",,,,"Training","Bring a laptop
and lunch","Town Hall",,"Normal","False","Normal","2"
"Neglect","8/11/2027","00:00:00","9/11/2027","00:00:00","True","False",,,,,,,,,,"Town Hall",,\
"Normal","False","Normal","3"
"Neglect","10/11/2027","00:00:00","13/11/2027","00:00:00","True","False",,,,,,,,,,"Town Hall",,\
"Normal","False","Normal","3"
"Dentist","11/11/2027","09:30:00","11/11/2027","10:00:00","False","False",,,,,,,,,,,,"Normal",\
"True","Private","2"
"Neglect","15/11/2027","10:00:00","15/11/2027","12:00:00","False","False",,,,,,,,,,"Town Hall",,\
"Normal","False","Normal","1"
""".lstrip()
# The columns that Google's help names for a CSV.
GOOGLE = (
    "Subject,Start Date,Start Time,End Date,End Time,All Day Event,Description,Location,Private\n"
    "Neglect,11/05/2027,9:30 AM,11/05/2027,1:00 PM,False,Bring lunch,Town Hall,False\n"
    "Neglect,11/18/2027,,11/19/2027,,True,,Town Hall,False\n"
    "Supervision,11/22/2027,10:00 AM,11/22/2027,11:00 AM,False,,,True\n"
)

pytestmark = pytest.mark.django_db


def files() -> list[tuple[str, bytes]]:
    outlook = f"{OUTLOOK}\n{OUTLOOK_ROWS}".replace("\n", "\r\n").encode("cp1252")
    return [("outlook.csv", outlook), ("google.csv", GOOGLE.encode())]


def test_an_export_of_outlook_is_a_programme(publisher: Client) -> None:
    course, hall = make_course(title="Neglect"), make_venue(name="Town Hall")
    programme = upload(publisher, files()[0][1], "outlook.csv")
    hidden = [line.title for line in programme.get_lines() if line.hidden]
    assert hidden == ["Dentist"]
    # One is only perhaps held, which stops it.
    press(publisher, programme, "_leave_out_stopped")
    press(publisher, programme, "_confirm")
    sessions = Session.objects.select_related("course", "venue").order_by("start_date")
    assert {(one.course, one.venue) for one in sessions} == {(course, hall)}
    found = [(str(one.start_date), str(one.end_date or ""), one.times) for one in sessions]
    assert found == [
        ("2027-11-05", "", "9:30am to 1pm"),
        ("2027-11-08", "", ""),
        ("2027-11-10", "2027-11-12", ""),
    ]


def test_an_export_of_google_has_the_month_first_where_its_days_say_so(publisher: Client) -> None:
    programme = upload(publisher, files()[1][1], "google.csv")
    lines = programme.get_lines()
    assert [(line.date, line.end_date, line.hidden) for line in lines] == [
        ("5 November 2027", "5 November 2027", ""),
        ("18 November 2027", "19 November 2027", ""),
        ("22 November 2027", "22 November 2027", "of private events"),
    ]


@pytest.mark.parametrize(
    ("name", "unused"),
    [
        (
            "outlook.csv",
            [
                *("Reminder on/off", "Reminder Date", "Reminder Time", "Meeting Organizer"),
                *("Required Attendees", "Optional Attendees", "Meeting Resources"),
                *("Billing Information", "Categories", "Description", "Mileage", "Priority"),
            ],
        ),
        ("google.csv", ["Description"]),
    ],
)
def test_each_column_is_read_or_named(name: str, unused: list[str], publisher: Client) -> None:
    programme = read_sheet(dict(files())[name])
    [remark] = programme.remarks
    assert [f"“{heading}”" in remark for heading in programme.headings] == [
        heading in unused for heading in programme.headings
    ]
    made = upload(publisher, dict(files())[name], name)
    shown = shown_columns(made, made.get_lines())
    assert [one.heading for one in shown if not one.name] == unused


@pytest.mark.parametrize(
    ("name", "text"), [("outlook.csv", "Bring a laptop and lunch"), ("google.csv", "Bring lunch")]
)
def test_a_column_can_be_given_a_meaning_and_whole_days_stay_whole(
    publisher: Client, name: str, text: str
) -> None:
    make_course(title="Neglect")
    programme = upload(publisher, dict(files())[name], name)
    before = programme.get_lines()
    columns = {one.index: one.name for one in shown_columns(programme, before) if one.name}
    [index] = [i for i, cell in enumerate(programme.table["headings"]) if cell == "Description"]
    after = assign(programme, before, {**columns, index: "note"})
    assert after and after[0].note == text
    for old, new in zip(before, after, strict=True):
        for field in ("date", "end_date", "start", "end", "hidden", "left_out", "status", "venue"):
            assert getattr(new, field) == getattr(old, field), (field, old.title)


def test_who_is_only_perhaps_there_makes_no_session_that_is_certain(publisher: Client) -> None:
    programme = upload(publisher, files()[0][1], "outlook.csv")
    assert [line.status for line in programme.get_lines()] == ["", "", "", "", "Tentative"]
