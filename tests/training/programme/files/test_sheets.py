"""Spreadsheets read into sessions; whatever a file is, a sentence comes of it and no error."""

import random
import warnings
from datetime import date, datetime, time
from typing import Any

import pytest
from openpyxl import Workbook

from tests.training.programme.sheet_files import archive, repacked, xlsx
from training.models.programme_lines import Line, Programme, UnreadableError
from training.programme.files import xlsx_rows
from training.programme.files.sheets import LARGEST_FILE, read_sheet
from training.programme.files.xlsx_rows import read_workbook
from training.programme.lines.reading import MOST_LINES

HEAD = ["Course", "Date"]
GOOD = xlsx(HEAD, ["Neglect", date(2026, 11, 5)])


def only(content: bytes) -> Line:
    (line,) = read_sheet(content).lines
    return line


def refused(content: bytes) -> str:
    with pytest.raises(UnreadableError) as error:
        read_sheet(content)
    return str(error.value)


def test_a_workbook_with_days_and_times_of_excel() -> None:
    line = only(
        xlsx(
            ["Title", "Start date", "Time from", "Time to", "LOCATION", "Places", "Remarks"],
            ["Neglect", datetime(2026, 11, 5), time(9, 30), time(13), "Town Hall", "Full", 12.0],  # noqa: DTZ001
        )
    )
    assert (line.title, line.date, line.start, line.end) == (
        "Neglect",
        "05/11/2026",
        "09:30",
        "13:00",
    )
    assert (line.venue, line.places, line.note, line.number) == ("Town Hall", "Full", "12", 2)
    assert not line.remarks


def test_a_cell_with_day_and_time_is_both() -> None:
    line = only(xlsx(HEAD, ["Neglect", datetime(2026, 11, 5, 9, 30)]))  # noqa: DTZ001
    assert (line.date, line.start) == ("05/11/2026", "09:30")


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize(
    ("encoding", "remarks"),
    [("utf-8", 0), ("utf-8-sig", 0), ("utf-16", 0), ("cp1252", 1)],
)
def test_csv_in_the_ways_it_is_written(delimiter: str, encoding: str, remarks: int) -> None:
    text = '"Course"|Date|Note\r\n"Café – “first”, aid"|05/11/2026|£5\r\n\r\n'
    programme = read_sheet(text.replace("|", delimiter).encode(encoding))
    (line,) = programme.lines
    assert (line.title, line.note) == ("Café – “first”, aid", "£5")
    assert len(programme.remarks) == remarks
    assert all("cp1252" in remark for remark in programme.remarks)


def test_what_is_above_beside_and_on_other_sheets_is_named() -> None:
    def more(book: Workbook) -> None:
        book.create_sheet("Old")

    programme = read_sheet(
        xlsx(
            ["Training programme"],
            [],
            ["Course", "Date", "Minibus"],
            ["Neglect", "5 Nov 2026", "Sam", "aside"],
            change=more,
        )
    )
    remarks = " ".join(programme.remarks)
    assert "not used: “Old”" in remarks
    assert "Above the headings, and not used: “Training programme”" in remarks
    assert "The column “Minibus” (C) is not used" in remarks
    assert "Column D has no heading and is not used; in row 4 it says “aside”" in remarks


def test_merged_cells_hold_for_all_their_rows_and_are_named() -> None:
    def merge(book: Workbook) -> None:
        book.active.merge_cells("A2:A3")  # type: ignore[union-attr]

    lines = read_sheet(
        xlsx(HEAD, ["Neglect", "5 Nov 2026"], [None, "6 Nov 2026"], change=merge)
    ).lines
    assert [line.title for line in lines] == ["Neglect", "Neglect"]
    assert "Row 3, column A (“Course”): the cell is merged" in lines[1].remarks[0].text
    assert not lines[1].remarks[0].stops


def test_a_formula_without_a_result_and_an_error_are_named_with_row_and_column() -> None:
    line = only(xlsx(HEAD, ["Neglect", "=TODAY()"]))
    assert "Row 2, column B (“Day”): the cell holds a formula" in line.remarks[0].text
    assert line.remarks[0].stops
    assert line.write("date", "05/11/2026") and not line.remarks
    assert "holds the error #N/A" in only(xlsx(HEAD, ["Neglect", "#N/A"])).remarks[0].text


@pytest.mark.parametrize(
    ("head", "name", "value", "unused"),
    [
        ("Venue,Address", "venue", "a", "Address"),
        ("Places,Capacity", "places", "a", "Capacity"),
        ("Note,Comments", "note", "a", "Comments"),
        ("Trainer,Led by", "trainer", "a", "Led by"),
        ("Cost,Fee", "cost", "a", "Fee"),
        ("Link,Booking", "booking", "a", "Booking"),
        ("Status,Cancelled at", "status", "a", "Cancelled at"),
    ],
)
def test_of_two_columns_of_one_meaning_the_first_is_read_and_the_other_named(
    head: str, name: str, value: str, unused: str
) -> None:
    programme = read_sheet(f"Course,Date,{head}\nNeglect,05/11/2027,a,b\n".encode())
    assert getattr(programme.lines[0], name) == value
    [remark] = programme.remarks
    assert f"The column “{unused}” (D) is not used: " in remark and "(C)" in remark


def test_an_escaped_formula_is_what_it_was() -> None:
    assert only(b"Course,Date\n'=1+1,05/11/2026\n").title == "=1+1"
    assert only(b"Course,Date\n''=1+1,05/11/2026\n").title == "'=1+1"
    assert only(b"Course,Date\n'Tis,05/11/2026\n").title == "'Tis"


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "empty"),
        (b"\n\n , \n", "nothing in this file"),
        (b"Course,Date\n", "headings and no row below"),
        (xlsx(HEAD), "headings and no row below"),
        (xlsx(), "nothing in this file"),
        (b"Course,Venue\nNeglect,Hall\n", "There is no column “Day”"),
        (b"a,b\n1,2\n", "There is no column “Course” and “Day”"),
        (b"Course,Date,date\nNeglect,05/11/2026,06/11/2026\n", "“Date” (B) and “date” (C)"),
        (b"Course,Date\nNeg\0lect,05/11/2026\n", "Row 2 holds a character"),
        (b'Course,Date\n"Neglect"x,05/11/2026\n', "quotation marks of row 2"),
        (b'Course,Date\n"Neglect,05/11/2026\n', "quotation marks of row 2"),
        (b"Course,Date\nNegl\x81\xc5ct,05/11/2026\n", "Row 2, character 5"),
        (b"\xff\xfe\x00", "damaged UTF-16"),
        (b"<html><table>", "web page"),
        (b"\x89PNG\r\n\x1a\n" + b"x" * 99, "a picture"),
        (b"\xff\xd8\xff\xe0" + b"x" * 99, "a picture"),
        (b"%PDF-1.4", "a PDF"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "with a password"),
        (b"PK\x03\x04", "cannot be read as a spreadsheet"),
        (GOOD[: len(GOOD) // 2], "cannot be read as a spreadsheet"),
        (archive(readme=b"x"), "compressed file and no spreadsheet"),
        (archive(word__document_xml=b"x"), "a Word document"),
        (archive(mimetype=b"x", content_xml=b"x"), "an OpenDocument file"),
        (archive(xl__workbook_xml=b"<x"), "cannot be read as a spreadsheet"),
        (repacked(GOOD, xl__worksheets__sheet1_xml=b"<worksheet"), "cannot be read"),
        (repacked(GOOD, xl__worksheets__sheet1_xml=None), "no sheet that can be seen"),
        (b"x" * (LARGEST_FILE + 1), "more than 5 MB"),
        (b"Course,Date\n" + b"Neglect,05/11/2026\n" * (MOST_LINES + 1), "Row 2002 is one too many"),
        (b"Course,Date\n" + b"Neglect,05/11/2026\n" * 100_000, "Row 2002 is one too many"),
        (b"Course,Date\n" + b"x" * 200_000 + b",05/11/2026\n", "more than 131,072 characters"),
    ],
)
def test_whatever_it_is_a_sentence_says_why_it_is_not_taken(content: bytes, says: str) -> None:
    assert says in refused(content)


def test_a_workbook_that_unpacks_to_much_is_not_unpacked() -> None:
    assert "more than 25 MB" in refused(
        repacked(GOOD, xl__worksheets__sheet1_xml=b" " * 30_000_000)
    )
    many = {f"xl__media__{n}": b"x" for n in range(600)}
    assert "unpacks to more" in refused(repacked(GOOD, **many))


def with_empty(element: str, times: int, *, name: str = "xl__worksheets__sheet1_xml") -> bytes:
    sheet = (
        '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
        f"<sheetData>{element * times}</sheetData></worksheet>"
    )
    return repacked(GOOD, **{name: sheet.encode()})


@pytest.mark.parametrize("element", ["<row/>", '<row r="1"/>', "<c/>", "<any/>"])
@pytest.mark.parametrize("name", ["xl__worksheets__sheet1_xml", "xl__media__1"])
def test_a_small_file_of_millions_of_empty_elements_is_refused_before_it_is_parsed(
    element: str, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = with_empty(element, 24_000_000 // len(element), name=name)
    assert len(content) < 100_000
    opened: list[bytes] = []
    monkeypatch.setattr(xlsx_rows, "_opened", lambda content, **_: opened.append(content))
    assert "more rows and cells than a programme" in refused(content)
    assert not opened


def test_the_largest_programme_has_half_as_many_elements_as_may_be(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(xlsx_rows, "MOST_ELEMENTS", xlsx_rows.MOST_ELEMENTS // 2)
    more = [f"More {number}" for number in range(20)]
    rows = [["Neglect", f"{number % 28 + 1}/11/2027", *more] for number in range(MOST_LINES)]
    assert len(read_sheet(xlsx([*HEAD, *more], *rows)).lines) == MOST_LINES


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_declared_entities_are_never_expanded(encoding: str) -> None:
    bomb = (
        '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]>'
        "<sst><si><t>&b;</t></si></sst>"
    ).encode(encoding)
    assert "declares things of its own" in refused(repacked(GOOD, xl__sharedStrings_xml=bomb))


def test_a_sheet_that_lies_about_its_size_costs_nothing() -> None:
    sheet = (
        b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
        b'<dimension ref="A1:XFD1048576"/><sheetData>'
        b'<row r="1"><c r="A1" t="inlineStr"><is><t>Course</t></is></c>'
        b'<c r="B1" t="inlineStr"><is><t>Date</t></is></c></row>'
        b'<row r="2"><c r="A2" t="inlineStr"><is><t>Neglect</t></is></c>'
        b'<c r="B2" t="inlineStr"><is><t>5 Nov 2026</t></is></c></row>'
        b'<row r="1048576"><c r="XFD1048576" t="inlineStr"><is><t>far</t></is></c></row>'
        b"</sheetData></worksheet>"
    )
    programme = read_sheet(repacked(GOOD, xl__worksheets__sheet1_xml=sheet))
    assert [line.title for line in programme.lines] == ["Neglect"]
    assert "Nothing below row 20,000 was read." in programme.remarks


def test_changed_bytes_give_a_programme_or_a_sentence() -> None:
    numbers = random.Random(7)
    for good in (GOOD, "Course,Date\nNeglect – x,05/11/2026\n".encode()):
        for _ in range(150):
            broken = bytearray(good)
            for _ in range(numbers.choice((1, 3, 30))):
                broken[numbers.randrange(len(broken))] = numbers.randrange(256)
            try:
                result: Any = read_sheet(bytes(broken))
            except UnreadableError as error:
                result = error
            assert isinstance(result, Programme) or str(result)


def test_two_workbooks_at_once_leave_the_warnings_of_the_process_on() -> None:
    """Python's catch_warnings puts back what another thread has changed meanwhile."""
    content = xlsx(["Course", "Date"], ["Neglect", "4 March 2027"])
    first, second = (read_workbook(content)[0].rows for _ in range(2))
    next(first), next(second)
    assert list(first) and list(second)
    # The tests make an error of every warning.
    with pytest.raises(UserWarning, match="of our own"):
        warnings.warn("A warning of our own", stacklevel=1)


@pytest.mark.parametrize(
    ("heading", "cells", "statuses"),
    [
        ("Confirmed?", ["Y", "N", ""], ["Confirmed", "Not confirmed", ""]),
        ("Confirmed", ["yes", "No", "TBC"], ["Confirmed", "Not confirmed", "TBC"]),
        ("Confirmed (Y/N)", ["✓", "x", "✗"], ["Confirmed", "Not confirmed", "Not confirmed"]),
        ("CONFIRMED ?", ["TRUE", "FALSE", "not yet"], ["Confirmed", *["Not confirmed"] * 2]),
        ("Cancelled?", ["N", "y", ""], ["", "Cancelled", ""]),
        ("Cancelled", ["✔", "X", "no"], ["Cancelled", "", ""]),
        # Alone, a cross may be a tick: it is asked.
        ("Cancelled?", ["x", "", ""], ["Cancelled: x", "", ""]),
        ("Full?", ["Yes", "No", "2 left"], ["Full", "", "2 left"]),
        ("Fully booked?", ["☑", "☐", ""], ["Full", "", ""]),
        ("Provisional?", ["y", "n", ""], ["Provisional", "", ""]),
        ("Going ahead?", ["Y", "N", ""], ["Going ahead", "Not going ahead", ""]),
        ("Waiting list?", ["Y.", "N.", ""], ["Waiting list", "", ""]),
        ("Status", ["Y", "N", "Full"], ["Y", "N", "Full"]),
    ],
)
def test_an_answer_to_a_heading_is_a_status(
    heading: str, cells: list[str], statuses: list[str]
) -> None:
    rows = "".join(f"Voice,{3 * n}/11/2027,{cell}\n" for n, cell in enumerate(cells, start=1))
    programme = read_sheet(f"Course,Date,{heading}\n{rows}".encode())
    assert [line.status for line in programme.lines] == statuses
