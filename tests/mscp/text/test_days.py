"""A day, a month or a year as people type one: read, or a sentence says why not."""

import pytest

from mscp.text.days import DayError, read_day, read_whole_day

HOW = "Write 14/01/2027."
DASHES = "-\u2010\u2011\u2012\u2013\u2014\u2015\u2212\ufe63\uff0d"
DAYS = [
    *("16/9/21", "16/09/2021", "16.9.2021", "16-9-21", "16 / 9 / 2021", "16 09 2021", "2021-09-16"),
    *("2021/9/16", "2021-09-16T00:00:00", "2021-09-16 00:00", "16-Sep-2021", "16-Sep-21"),
    *("16/Sep/2021", "16Sep2021", "16 September 2021", "16 september, 2021", "16th Sept 2021"),
    *("16th of September 2021", "the 16th day of September 2021", "16 Sept. 2021", "16 Sep '21"),
    *("September 16, 2021", "Sept 16th 2021", "SEPTEMBER 16 2021", "Sep-16-2021", "16 Septem 2021"),
    *("Thursday 16 September 2021", "Thu, 16 Sept 2021", "Thurs 16/9/21", "Thursday, 16th Sep 21"),
    *("16/09/2021.", " 16  September\t2021 ", "16\u00a0September\u202f2021", "16 Sep ’21"),
    *("\u200e16/09/2021\u200f", "16 Sep\u00adtember 2021", "\ufeff2021-09-16", "１６/９/２０２１"),
    *("١٦/٠٩/٢٠٢١", "16 Ｓｅｐｔ 2021", *(f"16{dash}9{dash}21" for dash in DASHES)),
]
MONTHS = [
    *(
        "Sept 2021",
        "September 2021",
        "sep 2021",
        "Sep. 2021",
        "September, 2021",
        "09/2021",
        "9.2021",
    ),
    *(
        "2021-09",
        "2021/9",
        "Sep-2021",
        "Sept\u20112021",
        "Sept '21",
        "Sep\u00a0’21",
        "９／２０２１",
    ),
]
WRONG = [
    ("16 September", "“16 September” has no year. Write 14/01/2027."),
    ("16th Sept", "“16th Sept” has no year. Write 14/01/2027."),
    ("September", "“September” has no year. Write 14/01/2027."),
    ("16/9", "“16/9” may be a day without its year, or a month and its year. Write 14/01/2027."),
    ("Sept-21", "“Sept-21” may be 21 September, or September of the year 21. Write 14/01/2027."),
    ("16/9/45", "“16/9/45”: the year may be 1945 or 2045. Write all four figures."),
    ("1 May '69", "“1 May '69”: the year may be 1969 or 2069. Write all four figures."),
    ("31 February 2021", "“31 February 2021”: there is no such day."),
    ("29/02/2023", "“29/02/2023”: there is no such day."),
    ("0/9/2021", "“0/9/2021”: there is no such day."),
    (
        "09/16/2021",
        "“09/16/2021”: there is no month 16. The day comes first, then the month: 14/01/2027.",
    ),
    (
        "2021-16-09",
        "“2021-16-09”: there is no month 16. After the year comes the month: 2027-01-14.",
    ),
    ("2020/21", "“2020/21” are two years: write one, or a month and its year."),
    ("0000", "“0000”: there is no such year."),
    (
        "Friday 16 September 2021",
        "“Friday 16 September 2021”: that day is a Thursday. Is the day wrong, or the weekday?",
    ),
    ("Thursday 2021", "“Thursday 2021” has a weekday, but no day of a month. Write 14/01/2027."),
    ("September 2021", "“September 2021” is a month, and this is to be a day. Write 14/01/2027."),
    ("2021", "“2021” is a year, and this is to be a day. Write 14/01/2027."),
    *(
        (text, f"“{text}” is not a date we understand. Write 14/01/2027.")
        for text in ("soon", "c. 2021", "Spring 2021", "16/9/021", "²021", "44455", "1/2/3/2021")
        + ("Ma 2021", "16 Septembre 2021", "5 2021", "2021 July", "16 and 17 May 2021")
    ),
]


@pytest.mark.parametrize("typed", DAYS, ids=ascii)
def test_a_day(typed: str) -> None:
    assert read_day(typed) == (2021, 9, 16, "")


@pytest.mark.parametrize("typed", MONTHS, ids=ascii)
def test_a_month(typed: str) -> None:
    assert read_day(typed) == (2021, 9, None, "")


@pytest.mark.parametrize("typed", ["2021", " 2021 ", "２０２１", "\u200e2021", "2021.", "٢٠٢١"])
def test_a_year(typed: str) -> None:
    assert read_day(typed) == (2021, None, None, "")


@pytest.mark.parametrize(
    ("typed", "year"), [("35", 2035), ("00", 2000), ("70", 1970), ("99", 1999)]
)
def test_a_year_of_two_figures_has_the_century_that_it_can_only_have(typed: str, year: int) -> None:
    assert read_day(f"1/5/{typed}").year == year


@pytest.mark.parametrize(("typed", "sentence"), WRONG)
def test_what_is_ambiguous_or_impossible_is_said(typed: str, sentence: str) -> None:
    try:
        said = read_whole_day(typed)[1]
    except DayError as error:
        said = error.sentence(HOW)
    assert said == sentence
