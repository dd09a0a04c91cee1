"""Days as people write them in a programme, in a row too."""

from datetime import date

import pytest

from mscp.text.times import find_times
from training.programme.lines.moments import Days, find_days, read_days

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
        "5–11–2026",
        "5\u2011Nov\u20112026",
        "\u200e05/11/2026\u200e",
        "５/１１/２０２６",
        "5.Nov.26",
        "5\u00a0Nov\u00a0’26",
        "Thursday–5 November 2026",
        "the 5th day of November 2026",
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
        ("5 \u2212 6 November 2026", 6),
        ("5\u20116\u00a0November\u00a02026", 6),
        ("\u206605/11/2026\u2069 \u2015 \u206606/11/2026\u2069", 6),
        ("5 Nov \u2010 6 Nov ’26", 6),
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
        ("Nov 2026", "is a month, and this is to be a day. Write 14/01/2027."),
        ("2026", "is a year, and this is to be a day"),
        ("Nov 26", "may be 26 November, or November of the year 26"),
        ("5/11/45", "the year may be 1945 or 2045"),
        ("5 and 12/11/45", "the year may be in either century"),
        ("Nov 5 to Nov 2026", "not a date we understand"),
        ("tbc", "not a date we understand"),
        ("0/0/0000", "there is no month 0"),
        ("7 to 5 November 2026", "the last day comes before the first"),
        ("5/11/2026 and some words", "not a date we understand"),
        ("x" * 500, "not a date we understand"),
    ],
)
def test_what_is_no_day_is_named_and_never_guessed(text: str, says: str) -> None:
    days = read_days(text)
    assert days.first is None and says in days.problem and len(days.problem) < 200


def test_a_weekday_that_is_not_that_of_the_day_is_a_doubt() -> None:
    days = read_days("Tuesday 5 November 2026")
    assert days.first == FIFTH
    assert "that day is a Thursday" in days.doubt


def test_days_and_times_are_found_in_a_line() -> None:
    line = "Neglect, Level 2 - Thursday 5 November 2026, 9.30am-1pm, Room 12"
    assert [found[2] for found in find_days(line)] == ["Thursday 5 November 2026"]
    assert find_days("Level 2 - 5 November 2026")[0][2] == "5 November 2026"
    assert find_days("Neglect, 2 - 5 November 2026")[0][2] == "2 - 5 November 2026"
    assert find_times(line)[2] == "9.30am-1pm"  # type: ignore[index]
    for dash in "\u2010\u2011\u2012\u2013\u2014\u2015\u2212":
        line = f"Child{dash}centred work {dash} 5{dash}Nov{dash}26 {dash} 9{dash}11am"
        assert [found[2] for found in find_days(line)] == [f"5{dash}Nov{dash}26"]
        assert find_times(line)[2] == f"9{dash}11am"  # type: ignore[index]
    assert find_times("Room 12, 3 - 5 people, £10-12") is None


@pytest.mark.parametrize("dash", "-\u2010\u2011\u2012\u2013\u2014\u2212", ids=ascii)
@pytest.mark.parametrize(
    ("line", "days", "times"),
    [
        ("Neglect -05/11/2026", ["05/11/2026"], None),
        ("Neglect -05-11-2026 -9.30am-1pm", ["05-11-2026"], "9.30am-1pm"),
        ("9.30-11.30am 05.11.2026", ["05.11.2026"], "9.30-11.30am"),
        ("05/11/26-06/11/26", ["05/11/26-06/11/26"], None),
        ("5-6 Nov 2026, 10.15-12.45", ["5-6 Nov 2026"], "10.15-12.45"),
        ("Level 2-05/11/2026", ["05/11/2026"], None),
        ("Room 3-4, 020-8545", [], None),
    ],
)
def test_what_a_dash_joins_in_a_line(
    line: str, days: list[str], times: str | None, dash: str
) -> None:
    line = line.replace("-", dash)
    assert [found[2] for found in find_days(line)] == [day.replace("-", dash) for day in days]
    found = find_times(line)
    assert (found and found[2]) == (times and times.replace("-", dash))
