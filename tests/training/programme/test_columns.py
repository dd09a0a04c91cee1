"""Columns of a sheet in the preview: each can be given another meaning, and answers stay."""

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from tests.factories import make_venue
from tests.pages import text_of
from tests.training.programme.steps import address, press, upload
from training.models import ProgrammeImport, ProgrammeSource, Session
from training.models.programme_lines import TEXTS, Line

pytestmark = pytest.mark.django_db

SHEET = (
    b"Our offer,Date,Where,Who,Extra\n"
    b"Neglect,05/11/2027,Town Hall,Sam,Bring lunch\n"
    b"Trauma,12 and 19 November 2027,Town Hall,Pat,\n"
)
# The columns that are called by names nobody knows.
TITLE, WHO, EXTRA = "column_0", "column_3", "column_4"


def lines_of(programme: ProgrammeImport) -> list[Line]:
    programme.refresh_from_db()
    return programme.get_lines()


def assign(client: Client, programme: ProgrammeImport, **columns: str) -> Any:
    sent = {name.replace("_", "-"): value for name, value in columns.items()}
    return press(client, programme, "_columns", **sent)


def test_a_sheet_whose_title_has_a_name_nobody_knows_is_asked_about(publisher: Client) -> None:
    programme = upload(publisher, SHEET)
    page = publisher.get(address(programme))
    assert "No column is called “Course”" in text_of(page)
    assert "The columns, and what each is" in text_of(page) and "Bring lunch" in text_of(page)
    assert [line.title for line in lines_of(programme)] == ["", ""]
    assign(publisher, programme, **{TITLE: "title"})
    assert [line.title for line in lines_of(programme)] == ["Neglect", "Trauma"]
    assert "No column is called" not in text_of(publisher.get(address(programme)))
    assert "The column “Extra” (E) is not used." in programme.remarks


@pytest.mark.parametrize(
    ("column", "name", "values"),
    [
        (WHO, "trainer", ["Sam", "Pat"]),
        (EXTRA, "note", ["Bring lunch", ""]),
        (WHO, "audience", ["Sam", "Pat"]),
        (EXTRA, "status", ["Bring lunch", ""]),
        (WHO, "cost", ["Sam", "Pat"]),
        ("column_2", "none", ["", ""]),
    ],
)
def test_a_column_takes_another_meaning_and_back(
    publisher: Client, column: str, name: str, values: list[str]
) -> None:
    programme = upload(publisher, SHEET.replace(b"Our offer", b"Course"))
    before = lines_of(programme)
    assign(publisher, programme, **{column: name})
    field = "venue" if name == "none" else name
    assert [getattr(line, field) for line in lines_of(programme)] == values
    assign(publisher, programme, **{column: "venue" if name == "none" else "none"})
    after = lines_of(programme)
    assert [texts_of(line) for line in after] == [texts_of(line) for line in before]
    assert [line.remarks for line in after] == [line.remarks for line in before]


def texts_of(line: Line) -> list[str]:
    return [getattr(line, name) for name in TEXTS]


def test_all_that_was_answered_and_typed_stays(publisher: Client) -> None:
    hall = make_venue(name="Town Hall")
    programme = upload(publisher, SHEET.replace(b"Our offer", b"Course"))
    # Two days become two lines; a text is typed; a venue is chosen; a line is left out.
    index = next(i for i, line in enumerate(lines_of(programme)) if line.title == "Trauma")
    press(publisher, programme, "_answer", value=f"{index}-0-each")
    press(publisher, programme, "_leave", value="1", line_0_start="9am", line_0_place=str(hall.pk))
    before = lines_of(programme)
    assert [line.date for line in before][1:] == ["12 November 2027", "19 November 2027"]
    assign(publisher, programme, **{WHO: "trainer", EXTRA: "note"})
    after = lines_of(programme)
    assert [line.trainer for line in after] == ["Sam", "Pat", "Pat"]
    assert [line.note for line in after] == ["Bring lunch", "", ""]
    for old, new in zip(before, after, strict=True):
        assert (new.date, new.start, new.place, new.left_out, new.answered) == (
            *(old.date, old.start, old.place, old.left_out, old.answered),
        )


def test_two_columns_are_not_one_text(publisher: Client) -> None:
    programme = upload(publisher, SHEET.replace(b"Our offer", b"Course"))
    before = lines_of(programme)
    answer = assign(publisher, programme, **{WHO: "note", EXTRA: "note"})
    assert "Two columns cannot both be “Note”" in text_of(answer)
    assert lines_of(programme) == before


@pytest.mark.parametrize("sent", ["nonsense", "", "__class__", "none"])
def test_what_is_no_text_is_not_used(publisher: Client, sent: str) -> None:
    programme = upload(publisher, SHEET.replace(b"Our offer", b"Course"))
    before = lines_of(programme)
    assign(publisher, programme, **{WHO: sent})
    assert lines_of(programme) == before


def test_a_kept_source_knows_its_columns(publisher: Client) -> None:
    programme = upload(publisher, SHEET)
    assign(publisher, programme, **{TITLE: "title", WHO: "trainer", EXTRA: "note"})
    press(publisher, programme, "_keep_source", **{"source-name": "Health trust"})
    for what in ("courses", "venues"):
        press(publisher, programme, "_new", value=what)
    press(publisher, programme, "_leave_out_stopped")
    assert "1 session was imported" in text_of(press(publisher, programme, "_confirm"))
    assert Session.objects.get().trainer == "Sam"
    source = ProgrammeSource.objects.get()
    # The next sheet has another column before them all, and one more.
    rows = b"No,What,Date,Where,Who,Extra\n7,Neglect,14/01/2028,Town Hall,Kim,Bring tea\n"
    publisher.post(
        "/admin/training/programmeimport/add/",
        {"text": "", "file": SimpleUploadedFile("next.csv", rows), "kept": source.pk},
    )
    again = ProgrammeImport.objects.latest("pk")
    (line,) = again.get_lines()
    assert (line.title, line.trainer, line.note) == ("Neglect", "Kim", "Bring tea")
    assert any("The columns were read as for “Health trust” before" in one for one in again.remarks)


def test_pasted_lines_have_no_columns(publisher: Client) -> None:
    publisher.post("/admin/training/programmeimport/add/", {"text": "Neglect – 05/11/2027"})
    programme = ProgrammeImport.objects.get()
    assert "The columns, and what each is" not in text_of(publisher.get(address(programme)))
    assign(publisher, programme, **{TITLE: "note"})
    assert [line.title for line in lines_of(programme)] == ["Neglect"]


@pytest.mark.parametrize(
    ("between", "remarked"),
    [
        ("Summer term,,,,", "Row 3 was not used: “Summer term”."),
        (
            "Our offer,Date,Where,Who,Extra",
            "Row 3 was not used: “Our offer | Date | Where | Who | Extra”.",
        ),
        (
            "OUR OFFER,date,Where, who,Extra",
            "Row 3 was not used: “OUR OFFER | date | Where | who | Extra”.",
        ),
        ("Bookings: training@example.org,,,,", "Row 3 was not used: “Bookings: training@"),
        ("APRIL 2027,,,,", "Row 3 was not used: “APRIL 2027”."),
        ("Please book early,,,,", "Row 3 was not used: “Please book early”."),
        # What may be a session stays a line, which is asked about.
        ("Hidden harm,,,,", ""),
        ("Summer term,06/11/2027,,,", ""),
    ],
)
def test_a_row_that_is_no_session_is_named_and_no_line(
    publisher: Client, between: str, remarked: str
) -> None:
    head, first, second = SHEET.decode().splitlines()
    programme = upload(publisher, "\n".join([head, first, between, second]).encode())
    assert len(lines_of(programme)) == (2 if remarked else 3)
    assert bool([one for one in programme.remarks if remarked and one.startswith(remarked)]) is (
        bool(remarked)
    )
