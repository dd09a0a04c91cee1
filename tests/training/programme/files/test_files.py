"""Files as programs write them: line ends, encodings, old formats, calendars."""

import io
import zipfile
from datetime import datetime

import pytest
from openpyxl import Workbook
from openpyxl.utils.datetime import CALENDAR_MAC_1904

from tests.training.programme.sheet_files import archive, repacked, xlsx
from training.models.programme_lines import Line, UnreadableError
from training.programme.files import sheets
from training.programme.files.sheets import read_sheet
from training.programme.lines.reading import MOST_LINES

HEAD = ["Course", "Date"]
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600


def lines(content: bytes) -> list[Line]:
    return read_sheet(content).lines


def refused(content: bytes) -> str:
    with pytest.raises(UnreadableError) as error:
        read_sheet(content)
    return str(error.value)


# --- line ends ----------------------------------------------------------------------------------


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize(
    "sign", ["\x0b", "\x0c", "\x1c", "\x1d", "\x1e", "\x85", "\u2028", "\u2029", "\n", "\r\n"]
)
@pytest.mark.parametrize("quoted", [True, False])
def test_a_row_ends_where_a_row_ends_and_not_inside_a_cell(
    end: str, sign: str, quoted: bool
) -> None:
    if not quoted and sign in ("\n", "\r\n"):
        return
    cell = f"Bring{sign}lunch"
    note = f'"{cell}"' if quoted else cell
    text = end.join(["Course,Date,Note,Places", f"Neglect,05/11/2027,{note},Full", ""])
    (line,) = lines(text.encode())
    assert (line.title, line.note, line.places) == ("Neglect", "Bring\nlunch", "Full")


@pytest.mark.parametrize("sign", ["_x000D_\n", "\n", "\x85", "\u2028", "\u2029", "_x000B_"])
def test_line_ends_in_a_cell_of_a_workbook_are_line_ends(sign: str) -> None:
    (line,) = lines(xlsx([*HEAD, "Note"], ["Neglect", "5 Nov 2027", f"Bring{sign}lunch"]))
    assert line.note == "Bring\nlunch"


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        # A quote that is a whole cell is a ditto mark, wherever the cell stands.
        (['"\t12/11/2027\tBarn\t'], ("ditto", "12/11/2027", "Barn", "")),
        (['"\t12/11/2027\t"\t"'], ("ditto", "12/11/2027", "ditto", "ditto")),
        (['Abuse\t12/11/2027\t"\t'], ("Abuse", "12/11/2027", "ditto", "")),
        (['Abuse\t12/11/2027\tBarn\t"'], ("Abuse", "12/11/2027", "Barn", "ditto")),
        # Two of them are none: they are an empty quoted cell, as they always were.
        (['Abuse\t12/11/2027\t""\tTea'], ("Abuse", "12/11/2027", "", "Tea")),
        # Quotes that begin and end a cell go on to do so, in several lines too.
        (['"Abuse"\t12/11/2027\t"Barn"\t"Tea"'], ("Abuse", "12/11/2027", "Barn", "Tea")),
        (
            ['Abuse\t12/11/2027\tBarn\t"Tea', "and", '"'],
            ("Abuse", "12/11/2027", "Barn", "Tea\nand"),
        ),
        (['"Abuse', '"\t12/11/2027\tBarn\tTea'], ("Abuse", "12/11/2027", "Barn", "Tea")),
        (['"Abuse\tnow"\t12/11/2027\tBarn\tTea'], ("Abuse\tnow", "12/11/2027", "Barn", "Tea")),
    ],
)
def test_a_quote_alone_between_tabs_is_a_ditto_mark(
    rows: list[str], expected: tuple[str, ...]
) -> None:
    head = ["Course\tDate\tVenue\tNote", "Neglect\t05/11/2027\tHall\tLunch"]
    _, line = lines("\n".join([*head, *rows, ""]).encode())
    assert (line.title, line.date, line.venue, line.note) == expected


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|", ":"])
def test_a_file_may_declare_its_delimiter(delimiter: str) -> None:
    text = f"sep={delimiter}\nCourse{delimiter}Date\nNeglect{delimiter}05/11/2027\n"
    assert [(line.title, line.date) for line in lines(text.encode())] == [("Neglect", "05/11/2027")]


# --- encodings ----------------------------------------------------------------------------------

TYPED = "Café – “first” aid, £5"
ACCENTS = "Siân’s story"


@pytest.mark.parametrize(
    ("text", "encoding", "said"),
    [
        (TYPED, "utf-8", ""),
        (TYPED, "utf-8-sig", ""),
        (TYPED, "utf-16", ""),
        (TYPED, "utf-16-le", ""),
        (TYPED, "utf-16-be", ""),
        (TYPED, "utf-32", ""),
        (TYPED, "cp1252", "Windows text (cp1252): “Café”"),
        (TYPED, "mac_roman", "an old Mac (Mac Roman): “Café”"),
        (ACCENTS, "cp1252", "Windows text (cp1252): “Siân’s”"),
        (ACCENTS, "mac_roman", "an old Mac (Mac Roman): “Siân’s”"),
        ("Café aid", "cp850", "MS-DOS (cp850): “Café”"),
        ("£5 for lunch", "cp850", "MS-DOS (cp850): “£5”"),
        ("Élodie’s Ångström", "mac_roman", "an old Mac (Mac Roman): “Élodie’s”"),
        ("£5 for lunch", "mac_roman", "Windows text (cp1252): “£5”"),
    ],
)
def test_an_encoding_is_told_and_where_it_is_guessed_a_word_shows_it(
    text: str, encoding: str, said: str
) -> None:
    programme = read_sheet(f'Course,Date,Note\nNeglect,05/11/2027,"{text}"\n'.encode(encoding))
    assert programme.lines[0].note == text
    assert [said in remark for remark in programme.remarks] == ([True] if said else [])


@pytest.mark.parametrize("text", ["Siân’s story", "£5", "Café", "first – second", "“so”", "naïve"])
def test_a_text_saved_in_the_wrong_encoding_before_is_named(text: str) -> None:
    content = f"Course,Date,Note\nNeglect,05/11/2027,{text}\n".encode()
    twice = content.decode("cp1252", errors="ignore").encode()
    assert any("wrong encoding once before" in remark for remark in read_sheet(twice).remarks)
    assert not read_sheet(content).remarks


@pytest.mark.parametrize("damage", [b"\xff", b"\xe2\x80", b"\xc3", b"\x81"])
def test_one_damaged_character_does_not_make_all_others_wrong(damage: bytes) -> None:
    content = "Course,Date,Note\nNeglect,05/11/2027,Siân’s Café – ".encode() + damage + b"x\n"
    assert "Row 2" in refused(content) and "damaged there" in refused(content)


# --- other kinds of files -----------------------------------------------------------------------


def _ole(name: str) -> bytes:
    return OLE + name.encode("utf-16-le") + b"\0" * 100


def _stored(name: str, data: bytes) -> bytes:
    """A ZIP whose part unpacks to more than its directory says."""
    content = bytearray(repacked(GOOD, **{name: data}))
    size = len(data).to_bytes(4, "little")
    while (at := content.find(size)) >= 0:
        content[at : at + 4] = (100).to_bytes(4, "little")
    return bytes(content)


GOOD = xlsx(HEAD, ["Neglect", "5 Nov 2027"])
STRICT = b'<workbook xmlns="http://purl.oclc.org/ooxml/spreadsheetml/main"/>'


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (_ole("Workbook"), "old Excel file (.xls). Open it in Excel, choose File, Save As"),
        (_ole("Book"), "old Excel file (.xls)"),
        (_ole("EncryptedPackage"), "has a password. Save it without one."),
        (_ole("WordDocument"), "old Word document. Copy its lines"),
        (_ole("PowerPoint Document"), "old presentation"),
        (_ole("__substg1.0_0037"), "an e-mail of Outlook"),
        (b"\t\x08\x10\x00\x00\x06", "very old Excel file"),
        (
            archive(mimetype=b"application/vnd.oasis.opendocument.spreadsheet", content_xml=b"x"),
            "OpenDocument file (.ods). Open it in LibreOffice, choose File, Save As",
        ),
        (
            archive(mimetype=b"application/vnd.oasis.opendocument.text", content_xml=b"x"),
            "OpenDocument text (.odt). Copy its lines",
        ),
        (archive(**{"xl__workbook.bin": b"x"}), "binary Excel file (.xlsb)"),
        (archive(**{"Index__Tables.iwa": b"x"}), "file of Numbers. Open it there"),
        (archive(**{"ppt__presentation_xml": b"x"}), "presentation"),
        (archive(**{"term/Autumn.xlsx": GOOD}), "Unpack it and send “term/Autumn.xlsx”"),
        (repacked(GOOD, xl__workbook_xml=STRICT), "Strict Open XML"),
        (b"\xef\xbb\xbf<table><tr><td>Course</td></tr></table>", "a web page with a table"),
        (
            b'<?xml version="1.0"?><Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet">',
            "a spreadsheet as XML",
        ),
        *(
            (start + b"<table border=1><tr><td>Course</td></tr></table>", "a web page with a table")
            for start in (
                b"<div>",
                b"\r\n <!-- by a program -->\r\n",
                b"<style>td{}</style>",
                b"<meta>",
            )
        ),
        (b"\xff\xfe" + "<html><table>".encode("utf-16-le"), "a web page with a table"),
        (
            b"MIME-Version: 1.0\r\nX-Document-Type: Workbook\r\n",
            "a web page in one file (.mht)",
        ),
        (b"MIME-Version: 1.0\nContent-Type: multipart/related;\n", "a web page in one file (.mht)"),
        (b"MIME-Version: 1.0\r\nContent-Type: text/plain\r\n", "an e-mail"),
        (b"ID;PWXL;N;E\n", "SYLK"),
        (b'{"url": "https://docs.google.com/x", "doc_id": "1"}', "only a link to a Google sheet"),
        (b'[{"course": "Neglect"}]', "JSON"),
        (b"Received: from mail\nSubject: Programme\n", "an e-mail"),
        (b"BZh91AY", "compressed"),
        (_stored("xl__media__1", b"x" * 123_457), "cannot be read as a spreadsheet"),
    ],
)
def test_what_is_no_spreadsheet_is_named_and_how_to_save_it(content: bytes, says: str) -> None:
    assert says in refused(content)


def _big(rows: int) -> bytes:
    cells = '<c r="A{0}" t="inlineStr"><is><t>Neglect</t></is></c><c r="B{0}"><v>46696</v></c>'
    body = "".join(f'<row r="{n}">{cells.format(n)}</row>' for n in range(1, rows + 1))
    sheet = (
        '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
        f"{body}</sheetData></worksheet>"
    )
    return repacked(GOOD, xl__worksheets__sheet1_xml=sheet.encode())


def test_a_workbook_of_100_000_rows_is_refused_in_a_sentence() -> None:
    assert f"at most {MOST_LINES:,}" in refused(_big(100_000))


def test_a_zip_in_a_zip_is_not_unpacked() -> None:
    inner = io.BytesIO()
    with zipfile.ZipFile(inner, "w", zipfile.ZIP_DEFLATED) as out:
        out.writestr("zeros", bytes(20_000_000))
    assert lines(repacked(GOOD, xl__media__1=inner.getvalue()))


@pytest.mark.parametrize("moment", [datetime(2027, 11, 5), datetime(2028, 2, 29, 9, 30)])  # noqa: DTZ001
def test_days_counted_from_1904_are_the_same_days(moment: datetime) -> None:
    def old_mac(book: Workbook) -> None:
        book.epoch = CALENDAR_MAC_1904

    (line,) = lines(xlsx(HEAD, ["Neglect", moment], change=old_mac))
    assert line.date == f"{moment:%d/%m/%Y}"
    assert line.start == ("09:30" if moment.hour else "")


# --- calendars as CSV ---------------------------------------------------------------------------

OUTLOOK = (
    '"Subject","Start Date","Start Time","End Date","End Time","All day event","Reminder on/off",'
    '"Meeting Organizer","Description","Location","Private","Sensitivity","Show time as"'
)
GOOGLE = "Subject,Start Date,Start Time,End Date,End Time,All Day Event,Location,Private"


@pytest.mark.parametrize(
    ("head", "row", "expected"),
    [
        (
            OUTLOOK,
            "Neglect,05/11/2027,09:30:00,05/11/2027,13:00:00,False,,Sam,Words,Hall,False,Normal,2",
            ("05/11/2027", "05/11/2027", "09:30:00", "13:00:00", ""),
        ),
        (
            OUTLOOK,
            "Neglect,05/11/2027,00:00:00,06/11/2027,00:00:00,True,,,,Hall,False,Normal,3",
            ("05/11/2027", "", "", "", ""),
        ),
        (
            OUTLOOK,
            "Neglect,11/5/2027,12:00:00 AM,11/6/2027,12:00:00 AM,TRUE,,,,Hall,FALSE,Normal,3",
            ("11/5/2027", "", "", "", ""),
        ),
        (
            OUTLOOK,
            "Neglect,29/11/2027,00:00:00,02/12/2027,00:00:00,True,,,,Hall,False,Normal,3",
            ("29/11/2027", "2027-12-01", "", "", ""),
        ),
        (
            OUTLOOK,
            "Dentist,05/11/2027,09:30:00,05/11/2027,10:00:00,False,,,,,True,Private,2",
            ("05/11/2027", "05/11/2027", "09:30:00", "10:00:00", "of private events"),
        ),
        (
            GOOGLE,
            "Neglect,05/11/2027,,05/11/2027,,True,Hall,False",
            ("05/11/2027", "05/11/2027", "", "", ""),
        ),
        (
            GOOGLE,
            "Neglect,05/11/2027,,06/11/2027,,True,Hall,False",
            ("05/11/2027", "06/11/2027", "", "", ""),
        ),
        (
            GOOGLE,
            "Staff only,05/11/2027,9:30 AM,05/11/2027,1:00 PM,False,Hall,True",
            ("05/11/2027", "05/11/2027", "9:30 AM", "1:00 PM", "of private events"),
        ),
    ],
)
def test_a_calendar_as_csv(head: str, row: str, expected: tuple[str, ...]) -> None:
    programme = read_sheet(f"{head}\r\n{row}\r\n".encode())
    (line,) = programme.lines
    assert (line.date, line.end_date, line.start, line.end, line.hidden) == expected
    assert line.left_out == bool(line.hidden)
    # What is not used is named in one remark, not in ten.
    assert len(programme.remarks) == (1 if head == OUTLOOK else 0)


# --- iCalendar ----------------------------------------------------------------------------------


def ics(*events: str) -> bytes:
    body = "".join(f"BEGIN:VEVENT\n{event.strip()}\nEND:VEVENT\n" for event in events)
    text = f"BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:-//x//EN\n{body}END:VCALENDAR\n"
    return text.replace("\n", "\r\n").encode()


@pytest.mark.parametrize(
    ("event", "expected"),
    [
        (
            "DTSTART:20271105T093000\nDTEND:20271105T130000\nLOCATION:Hall\\, High Street",
            ("05/11/2027", "", "09:30", "13:00", "Hall, High Street"),
        ),
        # UTC, in summer one hour behind London.
        ("DTSTART:20270705T083000Z\nDURATION:PT2H", ("05/07/2027", "", "09:30", "11:30", "")),
        (
            "DTSTART;TZID=America/New_York:20271105T040000\nDTEND;TZID=America/New_York:20271105T050000",
            ("05/11/2027", "", "08:00", "09:00", ""),
        ),
        ("DTSTART;VALUE=DATE:20271105", ("05/11/2027", "", "", "", "")),
        ("DTSTART;VALUE=DATE:20271105\nDTEND;VALUE=DATE:20271106", ("05/11/2027", "", "", "", "")),
        (
            "DTSTART;VALUE=DATE:20271130\nDTEND;VALUE=DATE:20271202",
            ("30/11/2027", "01/12/2027", "", "", ""),
        ),
        ("DTSTART:20271105T000000\nDTEND:20271106T000000", ("05/11/2027", "", "", "", "")),
        (
            "DTSTART:20271105T220000\nDTEND:20271106T010000",
            ("05/11/2027", "06/11/2027", "22:00", "01:00", ""),
        ),
        ("DTSTART:20271105T093000", ("05/11/2027", "", "09:30", "", "")),
        (
            "DTSTART:20271105T093000\nLOCATION:Hall\\nHigh Street",
            ("05/11/2027", "", "09:30", "", "Hall, High Street"),
        ),
    ],
)
def test_an_event_of_a_calendar_is_a_line(event: str, expected: tuple[str, ...]) -> None:
    (line,) = lines(ics(f"UID:1\nSUMMARY:Neglect\n{event}"))
    assert (line.date, line.end_date, line.start, line.end, line.venue) == expected
    assert (line.title, line.uid, line.left_out, line.remarks) == ("Neglect", "1", False, [])


@pytest.mark.parametrize(
    ("rule", "days"),
    [
        ("RRULE:FREQ=WEEKLY;COUNT=3", ["05/11/2027", "12/11/2027", "19/11/2027"]),
        ("RRULE:FREQ=WEEKLY;UNTIL=20271112T093000Z", ["05/11/2027", "12/11/2027"]),
        ("RRULE:FREQ=WEEKLY;UNTIL=20271112", ["05/11/2027", "12/11/2027"]),
        ("RRULE:FREQ=WEEKLY;COUNT=3\nEXDATE:20271112T093000", ["05/11/2027", "19/11/2027"]),
        ("RDATE:20271203T093000", ["05/11/2027", "03/12/2027"]),
        ("RRULE:FREQ=MONTHLY;BYDAY=1FR;COUNT=2", ["05/11/2027", "03/12/2027"]),
        ("RRULE:FREQ=WEEKLY", ["05/11/2027"]),
        ("RRULE:FREQ=SECONDLY;COUNT=100000000", ["05/11/2027"]),
    ],
)
def test_an_event_that_repeats_is_each_of_its_days(rule: str, days: list[str]) -> None:
    found = lines(ics(f"UID:1\nSUMMARY:Neglect\nDTSTART:20271105T093000\n{rule}"))
    assert [line.date for line in found] == days
    assert {line.start for line in found} == {"09:30"}
    assert len({line.uid for line in found}) == len(days)
    (remark,) = found[0].remarks
    assert remark.stops == (len(days) == 1)


def test_a_day_of_a_repeating_event_that_was_moved_stands_where_it_was_moved_to() -> None:
    found = lines(
        ics(
            "UID:1\nSUMMARY:Neglect\nDTSTART:20271105T093000\nRRULE:FREQ=WEEKLY;COUNT=2",
            "UID:1\nRECURRENCE-ID:20271112T093000\nSUMMARY:Neglect\nDTSTART:20271115T100000",
        )
    )
    assert [(line.date, line.uid) for line in found] == [
        ("05/11/2027", "1/20271105"),
        ("15/11/2027", "1/20271112"),
    ]


@pytest.mark.parametrize(
    ("more", "hidden", "status"),
    [
        ("CLASS:PRIVATE", "of private events", ""),
        ("CLASS:CONFIDENTIAL", "of private events", ""),
        ("CLASS:PUBLIC", "", ""),
        ("STATUS:CANCELLED", "", "Cancelled"),
        ("STATUS:CONFIRMED", "", ""),
        ("STATUS:TENTATIVE", "", "Tentative"),
    ],
)
def test_what_a_calendar_says_of_an_event_is_heeded(more: str, hidden: str, status: str) -> None:
    (line,) = lines(ics(f"SUMMARY:Neglect\nDTSTART:20271105T093000\n{more}"))
    assert (line.hidden, line.status) == (hidden, status)


@pytest.mark.parametrize(
    "summary", ["CANCELLED: Neglect", "Canceled: Neglect", "Cancelled - Neglect"]
)
def test_a_title_that_says_cancelled_is_not_held_and_keeps_its_name(summary: str) -> None:
    (line,) = lines(ics(f"SUMMARY:{summary}\nDTSTART:20271105T093000"))
    assert (line.title, line.status) == ("Neglect", "Cancelled")


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"BEGIN:VCALENDAR\nEND:VCALENDAR\n", "no event"),
        (b"BEGIN:VCALENDAR\n", "The end of this calendar file is missing"),
        (
            b"BEGIN:VCALENDAR\nBEGIN:VEVENT\nDTSTART:nonsense\nEND:VEVENT\nEND:VCALENDAR\n",
            "no event",
        ),
        (ics("SUMMARY:No day"), "no event"),
        (ics("SUMMARY:x\nDTSTART:20271345T093000"), "no event"),
        (ics(*["SUMMARY:x\nDTSTART:20271105T093000"] * (MOST_LINES + 1)), "more than 2,000"),
    ],
)
def test_a_calendar_that_cannot_be_taken_is_refused_in_a_sentence(
    content: bytes, says: str
) -> None:
    assert says in refused(content)


def test_no_kind_of_file_is_read_by_its_name() -> None:
    assert sheets.read_sheet(b"\xef\xbb\xbf" + ics("SUMMARY:Neglect\nDTSTART:20271105")).lines
