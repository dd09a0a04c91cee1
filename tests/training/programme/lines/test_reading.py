"""Lines of text as they stand on a page, read into sessions."""

from datetime import date, time

import pytest

from mscp.text.times import read_times
from training.models.programme_lines import Line, UnreadableError
from training.programme.lines.moments import read_days
from training.programme.lines.reading import MOST_LINES, read_text, split_title


def only(text: str) -> Line:
    programme = read_text(text)
    assert len(programme.lines) == 1, programme.lines
    return programme.lines[0]


@pytest.mark.parametrize(
    "text",
    [
        "- Neglect - 05/11/2026",
        "• Neglect – 05/11/2026",
        "3. Neglect: 05/11/2026",
        "05/11/2026 - Neglect",
        "05/11/2026: Neglect",
        "Neglect (05/11/2026)",
        "Neglect\n05/11/2026",
        "Neglect\t05/11/2026",
        "Neglect\nDate: 05/11/2026",
    ],
)
def test_a_title_and_a_day(text: str) -> None:
    line = only(text)
    assert (line.title, line.date) == ("Neglect", "05/11/2026")
    assert not line.remarks and line.venue == line.start == ""


DASHES = "-\u2010\u2011\u2012\u2013\u2014\u2015\u2212\ufe63\uff0d"


@pytest.mark.parametrize("dash", DASHES, ids=ascii)
def test_every_dash_parts_and_joins_and_the_title_keeps_its_own(dash: str) -> None:
    text = f"{dash} O’Neill: whole{dash}family work {dash} 5{dash}Nov{dash}26, 9.30{dash}11am"
    line = only(f"{text}\nHall{dash}on{dash}Sea {dash} virtual")
    assert line.title == f"O’Neill: whole{dash}family work"
    assert read_days(line.date).first == date(2026, 11, 5)
    times = read_times(line.start)
    assert (times.start, times.end) == (time(9, 30), time(11))
    assert line.venue.startswith(f"Hall{dash}on{dash}Sea")


@pytest.mark.parametrize(
    "text",
    [
        "\u200eNeglect\u200e – \u206605/11/2026\u2069",
        "\ufeffNe\u00adglect\u00a0–\u00a005/11/2026",
        "Neglect\u2003\u2013\u200b05/11/\u200b2026",
        "\u202aNeglect – 05/11/2026\u202c",
        "Neglect\u3000–\u2009０５/１１/２０２６",
        "Neglect – ٠٥/١١/٢٠٢٦",
    ],
    ids=ascii,
)
def test_what_nobody_sees_and_other_spaces_and_digits_make_no_difference(text: str) -> None:
    line = only(text)
    assert line.title == "Neglect" and read_days(line.date).first == date(2026, 11, 5)
    assert not line.remarks and line.venue == line.start == ""


def test_the_venue_stands_below_or_behind() -> None:
    for text in (
        "Neglect - 05/11/2026\nTown Hall, High Street",
        "Neglect - 05/11/2026, Town Hall, High Street",
        "Neglect - 05/11/2026\nVenue: Town Hall, High Street",
        "Neglect - 05/11/2026\n\nVenue: Town Hall, High Street",
    ):
        assert only(text).venue == "Town Hall, High Street", text


def test_times_links_and_how_it_is_taught() -> None:
    line = only(
        "Neglect - 5 November 2026, 9.30am - 1pm\nOnline via Teams\n"
        "Book: https://example.org/book.\nPlaces: full\nFor: Schools"
    )
    assert (line.start, line.delivery) == ("9.30am - 1pm", "Online via Teams")
    assert (line.booking, line.places, line.audience) == (
        "https://example.org/book",
        "full",
        "Schools",
    )


def test_a_line_with_a_bullet_and_no_day_is_kept_and_asked_about() -> None:
    programme = read_text("- Neglect - 05/11/2026\n- Exploitation - date tbc")
    assert [(line.title, line.date) for line in programme.lines] == [
        ("Neglect", "05/11/2026"),
        ("Exploitation", ""),
    ]


def test_what_is_no_day_stays_a_day_to_mend() -> None:
    line = only("Neglect, Level 2 - 31-02-2027")
    assert (line.title, line.date) == ("Neglect, Level 2", "31-02-2027")


def test_nothing_is_dropped_without_a_word() -> None:
    programme = read_text(
        "Training 2026\n\nNeglect - 05/11/2026\nTown Hall\nBring a pen\n\nContact us by post"
    )
    assert programme.remarks == [
        "Line 1 was not used: “Training 2026”",
        "Line 7 was not used: “Contact us by post”",
    ]
    (line,) = programme.lines
    assert [remark.text for remark in line.remarks] == [
        "This stands with it and was not used: “Bring a pen”"
    ]


def test_two_days_in_one_line_are_a_doubt() -> None:
    assert only("Neglect - 05/11/2026, 12/11/2026").date == "05/11/2026, 12/11/2026"
    line = only("Neglect - 05/11/2026, Town Hall, 12/11/2026")
    (remark,) = line.remarks
    assert line.date == "05/11/2026" and remark.kind == "several days" and remark.stops
    assert [answer.label for answer in remark.answers] == [
        "2 sessions, one on each day",
        "Only 05/11/2026",
        "Only 12/11/2026",
    ]


@pytest.mark.parametrize(
    ("title", "left", "field", "value"),
    [
        ("Neglect *SEE DETAILS*", "Neglect", "note", "SEE DETAILS"),
        ("Neglect - All-Day Training", "Neglect", "note", "All-Day Training"),
        ("Neglect (half day)", "Neglect", "note", "half day"),
        ("Neglect - Virtual session", "Neglect", "delivery", "online"),
        ("Neglect (online)", "Neglect", "delivery", "online"),
        ("Neglect via Teams", "Neglect via Teams", "delivery", ""),
        ("Neglect [FULLY BOOKED]", "Neglect", "places", "full"),
        ("Level 2 - Online Safety", "Level 2 - Online Safety", "delivery", ""),
        ("Local Officer (LADO)", "Local Officer (LADO)", "note", ""),
        ("Online Safety", "Online Safety", "delivery", ""),
    ],
)
def test_remarks_come_out_of_a_title(title: str, left: str, field: str, value: str) -> None:
    line = Line(1, title=title)
    split_title(line)
    assert (line.title, getattr(line, field)) == (left, value)
    assert bool(line.remarks) is (left != title)


def test_a_cancelled_session_is_never_taken_for_one_that_is_held() -> None:
    line = Line(1, title="Neglect - CANCELLED")
    split_title(line)
    assert line.remarks[0].stops and line.title == "Neglect - CANCELLED"
    assert line.write("title", "Neglect") and not line.remarks


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "paste the lines"),
        (" \n\t", "paste the lines"),
        ("Hello\nworld", "No line with a day was found"),
        ("x" * 1_000_001, "too long"),
        ("\n".join(f"T{n} - 05/11/2026" for n in range(MOST_LINES + 1)), "takes 2,000 at most"),
    ],
)
def test_what_holds_no_programme_is_refused_with_a_sentence(text: str, says: str) -> None:
    with pytest.raises(UnreadableError, match=says):
        read_text(text)


def test_long_lines_take_no_time() -> None:
    """Patterns that look back and forth would take hours; what no line is, is named."""
    for hostile in ("- ", "1-", "mon ", "9.30 - ", "(", "5 & ", "a, "):
        text = f"Neglect {hostile * 400} 05/11/2026\n{hostile * 400}"[:2000]
        for line in read_text("Trauma - 05/11/2026\n" + text * 20).lines:
            split_title(line)
    programme = read_text("Trauma - 05/11/2026\n" + "x - " * 200_000)
    assert "Line 2 has more than 2,000 characters" in programme.remarks[0]


def test_rows_of_a_table_and_weekdays_behind_the_day() -> None:
    line = only("Thursday 5 November 2026\t9.30am - 1pm\tNeglect\tTown Hall")
    assert (line.title, line.start, line.venue) == ("Neglect", "9.30am - 1pm", "Town Hall")
    line = only("Neglect - 05/11/2026 (Thurs), Town Hall")
    assert (line.date, line.venue) == ("Thurs 05/11/2026", "Town Hall")
    assert only("Neglect - 05/11/2026, Sunrise Centre").venue == "Sunrise Centre"


def test_a_title_above_a_list_of_days_holds_for_all_of_them() -> None:
    lines = read_text("Neglect\n05/11/2026\n12/11/2026, 10am\n\nTrauma\n19/11/2026").lines
    assert [(line.title, line.date) for line in lines] == [
        ("Neglect", "05/11/2026"),
        ("Neglect", "12/11/2026"),
        ("Trauma", "19/11/2026"),
    ]


def test_what_a_web_page_brings_along_is_left_behind() -> None:
    line = only("•\n\u200bNeglect\u00a0– 05/11/2026\u200b\n-----\nTrainer: Sam")
    assert (line.title, line.date, line.venue) == ("Neglect", "05/11/2026", "")
    assert line.trainer == "Sam" and not line.remarks
