"""Typed dates: a day, a month or a year as people in the United Kingdom write one.

The one parser of what is typed into a date field or stands in a programme that is imported. The day
comes before the month; of two readings none is guessed. ``mscp.text.written_dates`` finds the dates
in a text that nobody typed as one.
"""

import re
from calendar import day_name, month_name
from datetime import date
from typing import NamedTuple

from mscp.text.folding import plain

# Of a year of two figures: up to 35 it is 2035, from 70 on 1970; between, it may be either.
LATEST, EARLIEST = 35, 70

_OTHER_WORD = -1
FULL_MONTHS = (
    "january february march april may june july august september october november december".split()
)
MONTHS = {
    name[:length]: number
    for number, name in enumerate(FULL_MONTHS, 1)
    for length in range(3, len(name) + 1)
}
"""The number of each month, by its name and each beginning of it of three letters or more."""

WEEKDAYS = "mon tue wed thu fri sat sun".split()
# In a text whose dashes are plain (mscp.text.folding).
WEEKDAY = (
    r"(?:\b(?:mon|tues?|wed(?:s|nes)?|thu(?:rs?)?|fri|sat(?:ur)?|sun)(?:day)?\b\.?(?:,?\s*|-))"
)
MONTH = (
    r"(?:jan(?:uary)?|feb(?:r(?:uary)?)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?"
    r"|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)(?![a-z])\.?"
)
NUMBER = r"\d{1,2}(?:\s?(?:st|nd|rd|th)\b)?"

_ANY_MONTH = r"(?P<month>[a-z]{3,9})\.?"
_DAY = r"(?P<day>\d{1,2})(?:\s?(?:st|nd|rd|th))?"
_YEAR = r"(?P<year>\d{4}|'?\d{2})"
_LONG_YEAR = r"(?P<year>\d{4})"
_JOIN = r"(?:\s*[-/.,]\s*|\s*)"
_FORMS = [
    re.compile(form, re.IGNORECASE)
    for form in (
        # 2021, 2021-09, 2021-09-16, 2021/9/16, and the moment of a cell of a spreadsheet.
        rf"{_LONG_YEAR}(?:\s?(?P<sep>[-/.])\s?(?P<month>\d{{1,2}})"
        r"(?:\s?(?P=sep)\s?(?P<day>\d{1,2})(?:[ T]00:00(?::00(?:\.0+)?)?)?)?)?",
        # 16/09/2021, 16.9.21, 16 09 2021
        rf"(?P<day>\d{{1,2}})\s?(?P<sep>[-/.])\s?(?P<month>\d{{1,2}})\s?(?P=sep)\s?{_YEAR}"
        r"(?: 00:00(?::00)?)?",
        rf"(?P<day>\d{{1,2}}) (?P<month>\d{{1,2}}) {_LONG_YEAR}",
        # 09/2021
        rf"(?P<month>\d{{1,2}})\s?[-/.]\s?{_LONG_YEAR}",
        # 16 September 2021, 16th of Sept, 2021, 16-Sep-21
        rf"(?:the )?{_DAY}(?:\s+day)?(?:\s+of)?{_JOIN}{_ANY_MONTH}{_JOIN}{_YEAR}",
        # September 16, 2021
        rf"{_ANY_MONTH}{_JOIN}{_DAY}(?:\s*[-/,.]\s*|\s+){_LONG_YEAR}",
        # September 2021, Sept '21
        rf"{_ANY_MONTH}{_JOIN}(?P<year>\d{{4}}|'\d{{2}})",
    )
]
# What lacks a year, or has what may be one.
_NO_YEAR = re.compile(
    rf"(?:{WEEKDAY})?(?:the )?(?:{NUMBER}(?:\s+of)?{_JOIN}{MONTH}|{MONTH}{_JOIN}{NUMBER}|{MONTH}"
    r"|\d{1,2}\s?[-/.]\s?\d{1,2})",
    re.IGNORECASE,
)
_WEEKDAY_BEFORE = re.compile(rf"{WEEKDAY}(?=\w)", re.IGNORECASE)
_MONTH_AND_FIGURES = re.compile(rf"({MONTH}){_JOIN}(\d{{1,2}})", re.IGNORECASE)
_FIGURES_FIRST = re.compile(r"[\d/. -]+")


class DayError(ValueError):
    """Raised with what is wrong with a typed date.

    ``unclear`` if the date could not be read at all: then it helps to say how one is written.
    """

    def __init__(self, fault: str, *, unclear: bool = False) -> None:
        super().__init__(fault)
        self.unclear = unclear

    def sentence(self, how_to_write: str) -> str:
        """Return what is said to whoever typed the date."""
        fault = str(self)
        fault = fault if fault.endswith("?") else f"{fault}."
        return f"{fault} {how_to_write}" if self.unclear else fault


class TypedDay(NamedTuple):
    year: int
    month: int | None = None
    day: int | None = None
    doubt: str = ""
    """A sentence about a weekday that is not that of the day."""


def read_day(text: str) -> TypedDay:
    """Read a text that should be a date and nothing else. Raises DayError."""
    typed = plain(text)
    bare, weekday = typed.rstrip(" .,;"), None
    if match := _WEEKDAY_BEFORE.match(typed):
        bare, weekday = bare[match.end() :], WEEKDAYS.index(match[0][:3].lower())
    for form in _FORMS:
        # An unknown word where a month should be may still be read by another form.
        if (found := form.fullmatch(bare)) and (month := _month(found)) != _OTHER_WORD:
            return _checked(typed, found, month, weekday)
    if _NO_YEAR.fullmatch(typed.rstrip(" ,;")):
        raise DayError(_without_year(typed, bare), unclear=True)
    raise DayError(f"“{short(text)}” is not a date we understand", unclear=True)


def read_whole_day(text: str) -> tuple[date, str]:
    """Read a text that should be a day; return it and what is doubtful. Raises DayError."""
    year, month, day, doubt = read_day(text)
    if not (month and day):
        what = "month" if month else "year"
        raise DayError(f"“{short(text)}” is a {what}, and this is to be a day", unclear=True)
    return date(year, month, day), doubt


def _month(found: "re.Match[str]") -> int | None:
    """Return the number of the month, None where there is none, or ``_OTHER_WORD``."""
    month = found.groupdict().get("month")
    if month is None or month.isdigit():
        return int(month) if month else None
    return MONTHS.get(_letters(month), _OTHER_WORD)


def _letters(month: str) -> str:
    return month.lower().rstrip(".")


def _checked(
    typed: str, found: "re.Match[str]", month: int | None, weekday: int | None
) -> TypedDay:
    year = full_year(found["year"])
    if year is None:
        figures = found["year"].strip("'")
        raise DayError(
            f"“{short(typed)}”: the year may be 19{figures} or 20{figures}. Write all four figures"
        )
    written = found.groupdict().get("day")
    day = int(written) if written else None
    if month is not None and not 1 <= month <= 12:
        raise DayError(f"“{short(typed)}”{_no_month(found, year, month)}")
    if month is None or day is None:
        if weekday is not None:
            raise DayError(f"“{short(typed)}” has a weekday, but no day of a month", unclear=True)
        return TypedDay(_possible(year, typed), month, None)
    try:
        read = date(year, month, day)
    except ValueError:
        raise DayError(f"“{short(typed)}”: there is no such day") from None
    doubt = ""
    if weekday is not None and weekday != read.weekday():
        doubt = (
            f"“{short(typed)}”: that day is a {day_name[read.weekday()]}. Is the day wrong, or the "
            "weekday?"
        )
    return TypedDay(year, month, day, doubt)


def _no_month(found: "re.Match[str]", year: int, month: int) -> str:
    if found.start("year") > found.start("month"):
        return f": there is no month {month}. The day comes first, then the month: 14/01/2027"
    if month == (year + 1) % 100 and not found.groupdict().get("day"):
        return " are two years: write one, or a month and its year"
    return f": there is no month {month}. After the year comes the month: 2027-01-14"


def _possible(year: int, typed: str) -> int:
    if not year:
        raise DayError(f"“{short(typed)}”: there is no such year")
    return year


def _without_year(typed: str, bare: str) -> str:
    if _FIGURES_FIRST.fullmatch(bare):
        return f"“{short(typed)}” may be a day without its year, or a month and its year"
    if after := _MONTH_AND_FIGURES.fullmatch(bare):
        month, figures = month_name[MONTHS[_letters(after[1])]], after[2]
        return f"“{short(typed)}” may be {int(figures)} {month}, or {month} of the year {figures}"
    return f"“{short(typed)}” has no year"


def full_year(written: str) -> int | None:
    """Return a year of four figures; None for one of two that may be in either century."""
    figures = written.strip("'")
    if len(figures) > 2:
        return int(figures)
    year = int(figures)
    if year <= LATEST:
        return 2000 + year
    return 1900 + year if year >= EARLIEST else None


def short(text: str, most: int = 60) -> str:
    text = " ".join(text.split())
    return text if len(text) <= most else f"{text[: most - 1]}…"
