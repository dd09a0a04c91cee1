"""Days in a row, as people write them; a single day is read by mscp.text.days."""

import re
from calendar import month_name
from dataclasses import dataclass
from datetime import date

from mscp.text.days import MONTH, NUMBER, WEEKDAY, DayError, read_whole_day, short
from mscp.text.folding import lines, plain

HOW_TO_WRITE = "Write 14/01/2027."

# In a text whose dashes are plain, as ``lines`` of mscp.text.folding makes them.
_WORDS = rf"{NUMBER}(?:\s+of)?[\s/.-]*{MONTH}(?:,?[\s/.-]+\d{{4}}\b|[-/.]\d{{2}}\b|\s?'\d{{2}}\b)?"
_AMERICAN = rf"{MONTH}\s+{NUMBER},?\s+\d{{4}}\b"
_ISO = r"\d{4}-\d{1,2}-\d{1,2}(?!\d)"
# With one sign between them: "9.30-11" is a time.
_FIGURES = (
    r"(?<![\d./])(?:(?<!\d-)\d{1,2}-\d{1,2}-|\d{1,2}/\d{1,2}/|\d{1,2}\.\d{1,2}\.)"
    r"(?:\d{4}|\d{2})(?!\d)"
)
_ONE = rf"{WEEKDAY}?(?:{_ISO}|{_FIGURES}|{_AMERICAN}|{_WORDS})"
_TO = r"\s*(?:-|\bto\b|\buntil\b|\band\b|&)\s*"
# "25-26 June 2025", "29 June to 2 July 2025", "25/06/2025 - 26/06/2025", or a single day.
_DAYS = re.compile(
    rf"(?:(?P<first>{_ONE}|\b{NUMBER}(?={_TO}{NUMBER}\s*{MONTH})"
    rf"|{WEEKDAY}{NUMBER}(?={_TO}{WEEKDAY}{NUMBER}\s*{MONTH})){_TO})?"
    rf"(?P<last>{_ONE})",
    re.IGNORECASE,
)
WEEKDAY_ALONE = re.compile(
    r"[\s(,]*((?:mon|tues?|wed(?:s|nes)?|thu(?:rs?)?|fri|sat(?:ur)?|sun)(?:day)?)\b\.?\)?(?!\w)",
    re.IGNORECASE,
)
_COUNTED = re.compile(
    r"\b(?:level|part|group|module|tier|stage|year|step|session|band|class|no\.?)\s*$",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Days:
    """A day or consecutive days; ``problem`` says why there is none."""

    first: date | None = None
    last: date | None = None
    problem: str = ""
    doubt: str = ""


def read_days(text: str) -> Days:
    """Parse a text that should be a day, or consecutive days, and nothing else."""
    text = plain(text)
    if not text:
        return Days()
    days = _one(text)
    if days.first is None and (match := _DAYS.fullmatch(text)) and match["first"]:
        return _days_of(match)
    return days


def find_days(text: str) -> list[tuple[int, int, str]]:
    """Return the positions of days in a line, and how they are written.

    The line has no invisible characters (mscp.text.folding).
    """
    found = []
    for match in _DAYS.finditer(lines(text)):
        # "Level 2 - 5 November" is not a range of days.
        counted = match["first"] and _COUNTED.search(text[: match.start()])
        start = match.start("last") if counted else match.start()
        found.append((start, match.end(), text[start : match.end()]))
    with_year = [place for place in found if re.search(r"\d{4}|[-/.'’]\d{2}$", place[2])]
    return with_year or found


def _days_of(match: "re.Match[str]") -> Days:
    last = _one(match["last"])
    if last.first is None:
        return last
    first = _one(_completed(match["first"], last.first))
    if first.first is None:
        return first
    doubt = first.doubt or last.doubt
    if first.first == last.first:
        return Days(first=first.first, doubt=doubt)
    if first.first > last.first:
        return Days(problem=f"“{short(match[0])}”: the last day comes before the first.")
    return Days(first=first.first, last=last.first, doubt=doubt)


def _completed(text: str, last: date) -> str:
    """Return the first of several days with the month and year that only the last has."""
    if re.search(r"\d{4}|[-/.'’]\d{2}$", text):
        return text
    has_month = re.search(MONTH, text, re.IGNORECASE)
    return f"{text} {last.year}" if has_month else f"{text} {month_name[last.month]} {last.year}"


def _one(text: str) -> Days:
    try:
        day, doubt = read_whole_day(text)
    except DayError as error:
        return Days(problem=error.sentence(HOW_TO_WRITE))
    return Days(first=day, doubt=doubt)
