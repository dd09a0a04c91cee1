"""What a sheet hides is named and left out, whatever hides it, until somebody takes it in."""

import io
import zipfile
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.test import Client
from openpyxl import Workbook
from openpyxl.chart import BarChart, Reference
from openpyxl.comments import Comment
from openpyxl.styles import Font, PatternFill
from openpyxl.styles.colors import Color
from openpyxl.worksheet.table import Table

from tests.factories import make_course
from tests.pages import assert_valid, text_of
from tests.training.programme.sheet_files import repacked, xlsx
from tests.training.programme.steps import address, press, upload
from training.models import Session
from training.models.programme_lines import Line
from training.programme.files.sheets import read_sheet
from training.programme.hidden_groups import hidden_groups, take_in

HEAD = ["Course", "Date", "Note"]
ROWS = [["Neglect", date(2027, 11, 5), "Bring lunch"], ["Loss", date(2027, 11, 6), "ring Sam"]]


def read(change: Callable[[Any], None]) -> list[Line]:
    def on_sheet(book: Workbook) -> None:
        change(book.active)

    return read_sheet(xlsx(HEAD, *ROWS, change=on_sheet)).lines


def strike(*cells: str) -> Callable[[Any], None]:
    def change(sheet: Any) -> None:
        for cell in cells:
            sheet[cell].font = Font(strike=True)

    return change


def white(*, on: str | None = None) -> Callable[[Any], None]:
    return ink("FFFFFFFF", on=on)


def ink(color: Any, *, on: Any = None) -> Callable[[Any], None]:
    def change(sheet: Any) -> None:
        sheet["C3"].font = Font(color=color)
        if on:
            sheet["C3"].fill = PatternFill("solid", fgColor=on)

    return change


def only_filled(sheet: Any) -> None:
    sheet["C3"].fill = PatternFill("solid", fgColor="FF000000")


def tiny(sheet: Any) -> None:
    sheet["C3"].font = Font(sz=1)


def setting(name: str, key: Any, **values: Any) -> Callable[[Any], None]:
    def change(sheet: Any) -> None:
        for attribute, value in values.items():
            setattr(getattr(sheet, name)[key], attribute, value)

    return change


def no_format(sheet: Any) -> None:
    sheet["C3"].number_format = ";;;"


def filtered(sheet: Any) -> None:
    sheet.auto_filter.ref = "A1:C3"
    sheet.auto_filter.add_filter_column(0, ["Neglect"])
    sheet.row_dimensions[3].hidden = True


def filtered_table(sheet: Any) -> None:
    table = Table(displayName="Programme", ref="A1:C3")
    table._initialise_columns()
    for column, name in zip(table.tableColumns, HEAD, strict=True):
        column.name = name
    table.autoFilter.add_filter_column(0, ["Neglect"])
    sheet.add_table(table)
    sheet.row_dimensions[3].hidden = True


# --- rows ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (setting("row_dimensions", 3, hidden=True), "in hidden rows"),
        (setting("row_dimensions", 3, hidden=True, outlineLevel=1), "in hidden rows"),
        (setting("row_dimensions", 3, height=0.1), "in hidden rows"),
        (filtered, "in rows that a filter hides"),
        (filtered_table, "in rows that a filter hides"),
        (strike("A3", "B3", "C3"), "in rows that are struck out"),
        (strike("A3"), "in rows that are struck out"),
        (strike("B3"), "in rows that are struck out"),
    ],
)
def test_a_hidden_row_is_left_out_and_says_why(change: Any, why: str) -> None:
    first, second = read(change)
    assert (first.left_out, first.hidden, first.note) == (False, "", "Bring lunch")
    assert (second.left_out, second.hidden) == (True, why)
    assert (second.title, second.date) == ("Loss", "06/11/2027")
    assert why in second.remarks[-1].text
    (group,) = hidden_groups([first, second])
    assert (group.why, group.number, list(group.examples)) == (why, 1, ["“Loss”"])
    assert take_in([first, second], group.key) and not second.left_out
    assert not hidden_groups([first, second]) and not take_in([first, second], group.key)


# --- columns and cells --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "why", "texts"),
    [
        (
            setting("column_dimensions", "C", hidden=True),
            "in the hidden column C “Note”",
            ["Bring lunch", "ring Sam"],
        ),
        (
            setting("column_dimensions", "C", width=0.1),
            "in the hidden column C “Note”",
            ["Bring lunch", "ring Sam"],
        ),
        (
            setting("column_dimensions", "C", hidden=True, outlineLevel=1),
            "in the hidden column C “Note”",
            ["Bring lunch", "ring Sam"],
        ),
        (strike("C3"), "in cells that are struck out", ["ring Sam"]),
        (no_format, "in cells whose text cannot be seen", ["ring Sam"]),
        (white(), "in cells whose text cannot be seen", ["ring Sam"]),
        *(
            (change, "in cells whose text cannot be seen", ["ring Sam"])
            for change in (
                white(on="FFFFFFFF"),
                ink("FFFEFEFE"),
                ink("FF003366", on="FF003366"),
                ink("FF003366", on="FF103A66"),
                ink(Color(indexed=9)),
                ink(Color(theme=0)),
                ink(Color(theme=0, tint=-0.05)),
                ink(Color(theme=1), on="FF000000"),
                only_filled,
                tiny,
            )
        ),
    ],
)
def test_a_hidden_text_is_left_out_of_its_line(change: Any, why: str, texts: list[str]) -> None:
    lines = read(change)
    assert not any(line.left_out for line in lines)
    assert [line.unseen[why]["note"] for line in lines if line.unseen] == texts
    assert not any(text in (line.note, line.source) for line in lines for text in texts)
    (group,) = hidden_groups(lines)
    assert (group.why, group.number) == (why, len(texts))
    assert group.examples[0] == f"Note: “{texts[0]}”"
    assert take_in(lines, group.key)
    assert [line.note for line in lines] == ["Bring lunch", "ring Sam"]
    assert not hidden_groups(lines)


@pytest.mark.parametrize(
    "change",
    [
        white(on="FF003366"),
        ink("FFC0C0C0"),
        ink(Color(theme=0), on="FF003366"),
        ink(Color(theme=0, tint=-0.5)),
        ink(Color(theme=4), on=Color(theme=5)),
        ink(Color(indexed=64)),
        ink("FFFF0000", on="FFFFFF00"),
        setting("row_dimensions", 3, outlineLevel=1),
    ],
)
def test_what_can_be_read_is_read(change: Any) -> None:
    assert [line.note for line in read(change)] == ["Bring lunch", "ring Sam"]


@pytest.mark.parametrize(
    ("text", "address", "said"),
    [
        ("Book here", "https://example.org/book", "https://example.org/book"),
        ("Sam", "mailto:sam@example.org", "sam@example.org"),
        ("Hall", "http://example.org/map?a=1&b=2", "http://example.org/map?a=1&b=2"),
        ("sam@example.org", "mailto:sam@example.org", ""),
        ("https://example.org/book", "https://example.org/book/", ""),
        ("Plan", "file:///c:/private.xlsx", ""),
    ],
)
def test_an_address_behind_the_text_of_a_cell_is_named(text: str, address: str, said: str) -> None:
    def link(sheet: Any) -> None:
        sheet["C3"] = text
        sheet["C3"].hyperlink = address
        sheet["C3"].value = text

    first, second = read(link)
    assert not first.remarks and second.note == text
    assert [remark.text for remark in second.remarks] == (
        [f"Behind the text of cell C3 is an address, which is not used: {said}"] if said else []
    )


@pytest.mark.parametrize(
    ("printed", "said"),
    [
        ("DRAFT", "DRAFT"),
        ('&"Arial,Bold"&12&KFF0000Not for circulation', "Not for circulation"),
        ("Staff & delegates", "Staff delegates"),
        ("Page &P of &N", "Page of"),
        ("&D &T", ""),
        ("- &P -", ""),
    ],
)
def test_what_is_printed_around_a_page_is_named(printed: str, said: str) -> None:
    def head(book: Workbook) -> None:
        book.active.oddHeader.center.text = printed  # type: ignore[union-attr]

    remarks = read_sheet(xlsx(HEAD, *ROWS, change=head)).remarks
    whole = f"Above or below each printed page stands “{said}”: not used."
    assert remarks == ([whole] if said else [])


def test_a_sheet_that_is_a_chart_is_passed_over() -> None:
    def chart(book: Workbook) -> None:
        bars = BarChart()
        bars.add_data(Reference(book.active, min_col=1, min_row=1, max_row=2))
        book.create_chartsheet("Chart", 0).add_chart(bars)

    assert [line.title for line in read_sheet(xlsx(HEAD, *ROWS, change=chart)).lines] == [
        "Neglect",
        "Loss",
    ]


def test_of_two_columns_of_a_name_the_one_that_is_seen_is_read() -> None:
    def hide(book: Workbook) -> None:
        book.active.column_dimensions["B"].hidden = True  # type: ignore[union-attr]

    (line,) = read_sheet(
        xlsx(["Course", "Date", "Date"], ["Neglect", "1 Nov 2027", "5 Nov 2027"], change=hide)
    ).lines
    assert (line.date, line.unseen) == ("5 Nov 2027", {})


def test_a_hidden_column_that_is_needed_is_offered() -> None:
    lines = read(setting("column_dimensions", "B", hidden=True))
    assert [line.date for line in lines] == ["", ""]
    (group,) = hidden_groups(lines)
    take_in(lines, group.key)
    assert [line.date for line in lines] == ["05/11/2027", "06/11/2027"]


def test_a_part_of_a_text_that_is_struck_out_is_named() -> None:
    content = xlsx(["Course", "Date", "Venue"], ["Neglect", "5 Nov 2027", "Library"])
    book = zipfile.ZipFile(io.BytesIO(content))
    # Excel keeps texts apart from their cells, each once.
    sheet = book.read("xl/worksheets/sheet1.xml").replace(
        b't="inlineStr"><is><t>Library</t></is>', b't="s"><v>0</v>'
    )
    kind = b"application/vnd.openxmlformats-officedocument.spreadsheetml.sharedStrings+xml"
    types = book.read("[Content_Types].xml").replace(
        b"</Types>",
        b'<Override PartName="/xl/sharedStrings.xml" ContentType="' + kind + b'"/></Types>',
    )
    texts = (
        b'<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><si>'
        b"<r><rPr><strike/></rPr><t>Town Hall </t></r><r><t>Library</t></r></si></sst>"
    )
    parts = {"[Content_Types].xml": types, "xl/sharedStrings.xml": texts}
    (line,) = read_sheet(repacked(content, xl__worksheets__sheet1_xml=sheet, **parts)).lines
    assert line.venue == "Library" and "“Town Hall” is struck out" in line.remarks[0].text


def test_a_text_beneath_a_merged_cell_is_left_out() -> None:
    content = xlsx(HEAD, *ROWS)
    part = (
        zipfile.ZipFile(io.BytesIO(content))
        .read("xl/worksheets/sheet1.xml")
        .replace(
            b"</sheetData>",
            b'</sheetData><mergeCells count="1"><mergeCell ref="B2:C2"/></mergeCells>',
        )
    )
    first, second = read_sheet(repacked(content, xl__worksheets__sheet1_xml=part)).lines
    assert first.unseen == {"beneath merged cells": {"note": "Bring lunch"}} and not first.note
    assert second.note == "ring Sam"


# --- beside the cells ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("comment", "said"),
    [
        ("Cancelled, trainer ill", "Cell C3 has a comment, which is not used: “Cancelled, trainer"),
        ("x" * 500, "x" * 200 + "…"),
        ("two\nlines", "“two lines”"),
        (
            "[Threaded comment]\n\nYour version of Excel allows you to read this threaded comment; "
            "however, any edits get removed.\n\nComment:\n    moved?",
            "“moved?”",
        ),
    ],
)
def test_a_comment_stands_beside_its_line(comment: str, said: str) -> None:
    def add(sheet: Any) -> None:
        sheet["C3"].comment = Comment(comment, "Sam")

    first, second = read(add)
    assert not first.remarks
    (remark,) = second.remarks
    assert said in remark.text and remark.kind == "hidden"


@pytest.mark.parametrize(
    ("state", "why"),
    [
        ("visible", "on the sheet “Spring”"),
        ("hidden", "on the hidden sheet “Spring”"),
        ("veryHidden", "on the hidden sheet “Spring”"),
    ],
)
def test_the_lines_of_another_sheet_are_left_out(state: str, why: str) -> None:
    def add(book: Workbook) -> None:
        sheet = book.create_sheet("Spring")
        sheet.append(["Title", "Day"])
        sheet.append(["Trauma", "5 Feb 2028"])
        sheet.sheet_state = state

    programme = read_sheet(xlsx(HEAD, *ROWS, change=add))
    assert [line.title for line in programme.lines] == ["Neglect", "Loss", "Trauma"]
    assert [line.hidden for line in programme.lines] == ["", "", why]
    assert "Only the sheet “Sheet” was read." in programme.remarks


def test_sheets_of_more_lines_than_an_import_takes_are_named(monkeypatch: Any) -> None:
    monkeypatch.setattr("training.programme.files.sheets.MOST_LINES", 2)

    def add(book: Workbook) -> None:
        for row in (["Title", "Day"], ["Trauma", "5 Feb 2028"]):
            book["Spring"].append(row)

    programme = read_sheet(
        xlsx(HEAD, *ROWS, change=lambda book: (book.create_sheet("Spring"), add(book))[0])
    )
    assert len(programme.lines) == 2
    assert "Only the sheet “Sheet” was read; not used: “Spring”." in programme.remarks


# --- in the preview -----------------------------------------------------------------------------


@pytest.mark.django_db
def test_what_is_hidden_is_taken_in_by_a_button_of_its_own(publisher: Client) -> None:
    for title in ("Neglect", "Loss"):
        make_course(title=title)

    def hide(book: Workbook) -> None:
        book.active.row_dimensions[3].hidden = True  # type: ignore[union-attr]
        book.active.column_dimensions["C"].hidden = True  # type: ignore[union-attr]

    programme = upload(publisher, xlsx(HEAD, *ROWS, change=hide), "programme.xlsx")
    page = publisher.get(address(programme))
    assert_valid(page)
    assert "1 line in hidden rows: “Loss” Take it in" in text_of(page)
    assert "2 texts in the hidden column C “Note”: Note: “Bring lunch”" in text_of(page)
    assert "Take back what is left out" not in text_of(page)
    press(publisher, programme, "_take_back")
    press(publisher, programme, "_take_in", value="lines in hidden rows")
    assert "in hidden rows: “Loss”" not in text_of(publisher.get(address(programme)))
    press(publisher, programme, "_confirm")
    assert list(Session.objects.values_list("note", flat=True)) == ["", ""]


def test_rows_below_headings_that_are_not_certain_are_all_read() -> None:
    """What hides a row is heeded, too, where the row was read in search of the headings."""
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["What is on", "Date", "Venue"])
    for day in (5, 6, 7):
        sheet.append([f"Neglect {day}", f"{day:02}/11/2027", "Town Hall"])
    for cell in sheet[3]:
        cell.font = Font(strike=True)
    sheet.row_dimensions[4].hidden = True
    # A sheet with headings and nothing else is not the programme.
    book.create_sheet("Old").append(["Course", "Date"])
    content = io.BytesIO()
    book.save(content)
    lines = read_sheet(content.getvalue()).lines
    assert [(line.number, line.left_out) for line in lines] == [(2, False), (3, True), (4, True)]
