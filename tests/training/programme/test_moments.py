"""Days and times as people write them."""

from datetime import date, time

import pytest

from training.programme.moments import Days, find_days, find_times, read_days, read_times

FIFTH = date(2026, 11, 5)


@pytest.mark.parametrize(
    "text",
    [
        "05/11/2026",
        "5/11/26",
        "05-11-2026",
        "05.11.2026",
        "2026-11-05",
        "2026-11-05 00:00:00",
        "5 November 2026",
        "5th Nov 2026",
        "5th of November, 2026",
        "05-Nov-26",
        "November 5, 2026",
        "Thursday 5 November 2026",
        "Thu, 5 Nov. 2026",
        "  5  November\t2026 ",
    ],
)
def test_a_day_is_read_in_the_british_order(text: str) -> None:
    assert read_days(text) == Days(first=FIFTH)


@pytest.mark.parametrize(
    ("text", "last"),
    [
        ("5-6 November 2026", 6),
        ("5 & 6 November 2026", 6),
        ("5 November to 7 November 2026", 7),
        ("05/11/2026 - 06/11/2026", 6),
        ("Thu 5 – Fri 6 Nov 2026", 6),
    ],
)
def test_days_in_a_row(text: str, last: int) -> None:
    assert read_days(text) == Days(first=FIFTH, last=date(2026, 11, last))


def test_a_row_of_days_over_the_end_of_a_month() -> None:
    days = read_days("29 June to 2 July 2027")
    assert (days.first, days.last) == (date(2027, 6, 29), date(2027, 7, 2))


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("31/02/2026", "there is no such day"),
        ("29/02/2027", "there is no such day"),
        ("11/13/2026", "there is no month 13. The day comes first"),
        ("5 November", "has no year"),
        ("45966", "no day that can be read"),
        ("tbc", "no day that can be read"),
        ("0/0/0000", "no such day"),
        ("7 to 5 November 2026", "the last day comes before the first"),
        ("5/11/2026 and some words", "no day that can be read"),
        ("x" * 500, "no day that can be read"),
    ],
)
def test_what_is_no_day_is_named_and_never_guessed(text: str, says: str) -> None:
    days = read_days(text)
    assert days.first is None and says in days.problem and len(days.problem) < 200


def test_a_weekday_that_is_not_that_of_the_day_is_a_doubt() -> None:
    days = read_days("Tuesday 5 November 2026")
    assert days.first == FIFTH
    assert "that day is a Thursday" in days.doubt


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ("9.30am - 1pm", time(9, 30), time(13)),
        ("09:30-13:00", time(9, 30), time(13)),
        ("0930 - 1300", time(9, 30), time(13)),
        ("9:30am to 1:00 p.m.", time(9, 30), time(13)),
        ("9.30 - 1pm", time(9, 30), time(13)),
        ("2 - 4pm", time(14), time(16)),
        ("12 - 2pm", time(12), time(14)),
        ("noon to 2pm", time(12), time(14)),
        ("from 10am", time(10), None),
        ("10:00:00", time(10), None),
        ("1330hrs", time(13, 30), None),
    ],
)
def test_times(text: str, start: time, end: time | None) -> None:
    times = read_times(text)
    assert (times.start, times.end, times.problem, times.doubt) == (start, end, "", "")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("25:00", "no such time"),
        ("9:75", "no such time"),
        ("all day", "no time that can be read"),
        ("13pm", "no such time"),
        ("0am", "no such time"),
    ],
)
def test_what_is_no_time_is_named(text: str, says: str) -> None:
    times = read_times(text)
    assert times.start is None and says in times.problem


def test_a_time_at_night_is_a_doubt() -> None:
    assert "begins at night" in read_times("2.00 - 4.00").doubt


def test_days_and_times_are_found_in_a_line() -> None:
    line = "Neglect, Level 2 - Thursday 5 November 2026, 9.30am-1pm, Room 12"
    assert [found[2] for found in find_days(line)] == ["Thursday 5 November 2026"]
    assert find_days("Level 2 - 5 November 2026")[0][2] == "5 November 2026"
    assert find_days("Neglect, 2 - 5 November 2026")[0][2] == "2 - 5 November 2026"
    assert find_times(line)[2] == "9.30am-1pm"  # type: ignore[index]
    assert find_times("Room 12, 3 - 5 people, £10-12") is None
