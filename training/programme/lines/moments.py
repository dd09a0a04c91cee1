"""Days as people write them in a programme: lists, runs, weeks and days that repeat.

A day by itself is read by mscp.text.days.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import lru_cache
from typing import NamedTuple

from mscp.text.days import (
    FULL_MONTHS,
    MONTH,
    MONTHS,
    NUMBER,
    WEEKDAYS,
    DayError,
    full_year,
    read_whole_day,
    short,
)
from mscp.text.folding import lines, plain

HOW_TO_WRITE = "Write 14/01/2027."
MONTH_NAMES = [name.title() for name in FULL_MONTHS]

# All in a text whose dashes are plain, as ``lines`` of mscp.text.folding makes them.
_WEEKDAY = r"(?:\b(?:mon|tues?|wed(?:s|nes)?|thu(?:rs?)?|fri|sat(?:ur)?|sun)(?:days?)?\b\.?,?\s*)"
# Two figures are a year behind an apostrophe or a dash, or where nothing else follows.
_YEAR = (
    r"(?:,?[\s/.-]*20\d{2}\b|,?[\s/.-]+\d{4}\b|[-/.]\d{2}\b|,?\s*'\d{2}\b"
    r"|,?\s+[2-4]\d\b(?=\s*(?:$|[,;)\]|\t]|-\s*[^\d\s]"
    rf"|(?:-|to|until|and|&)\s*\d{{1,2}}(?:st|nd|rd|th)?\s+{MONTH})))"
)
_WORDS = rf"{NUMBER}(?:\s+of)?[\s/.-]*{MONTH}{_YEAR}?"
_AMERICAN = rf"{MONTH}\s+(?:{NUMBER},?\s+\d{{4}}\b|\d{{1,2}}(?:st|nd|rd|th)\b(?!,?\s+\d{{4}}))"
_ISO = r"(?<!\d)\d{4}(?:-\d{1,2}-|/\d{1,2}/)\d{1,2}(?!\d)"
# With one sign between them: "9.30-11" is a time.
_FIGURES = (
    r"(?<![\d./])(?:(?<!\d-)\d{1,2}-\d{1,2}-|(?<!\d )\d{1,2} \d{1,2} (?=20\d{2}\b)"
    r"|\d{1,2}\s?/\s?\d{1,2}\s?/\s?|\d{1,2}\.\s?\d{1,2}\.\s?)"
    r"(?:\d{4}|\d{2})(?!\d)"
)
# "1/3", in a list or behind its weekday: "Tue 2/3".
_DAY_AND_MONTH = r"(?<![\d./:£-])\d{1,2}/(?:0?[1-9]|1[0-2])(?![\d/.]|:\d)"
_ONE = (
    rf"(?:{_WEEKDAY}?(?:{_ISO}|{_FIGURES}|{_AMERICAN}|{_WORDS})"
    rf"|{_WEEKDAY}{_DAY_AND_MONTH}(?:\s20\d\d\b)?)"
)
_BARE = rf"{_WEEKDAY}?\b{NUMBER}\b(?![:.]\d|\s*[ap]\.?m\b)"
_TO = r"(?:-|\b(?:to|until|till?|through)\b)"
_AND = r"(?:,\s*and\b|,\s*&|\band\b|&|[,;+/])"
_JOIN = rf"\s*(?:{_TO}|{_AND})\s*"
_LIST_OF_MONTH = rf"{_WEEKDAY}?{MONTH}\s+{NUMBER}(?:{_JOIN}{NUMBER}(?!\d)){{1,12}},?\s+\d{{4}}\b"
# "1/3, 8/3 and 15/3/2027": two or more without their year, before one that has it.
_LIST_IN_FIGURES = (
    rf"(?:{_WEEKDAY}?{_DAY_AND_MONTH}{_JOIN}){{2,12}}{_WEEKDAY}?\d{{1,2}}/\d{{1,2}}(?:/| )"
    r"(?:\d{4}|\d{2})\b"
)
_ONLY_DAY_AND_MONTH = re.compile(rf"{_WEEKDAY}?{_DAY_AND_MONTH}(?: \d{{4}})?", re.IGNORECASE)
LIST_IN_FIGURES = re.compile(_LIST_IN_FIGURES, re.IGNORECASE)
# "25-26 June 2025", "5, 12 and 19 November 2027", "29 June to 2 July 2025", or a single day.
_DAYS = re.compile(
    rf"{_LIST_OF_MONTH}|{_LIST_IN_FIGURES}|(?:(?:{_ONE}|{_BARE}){_JOIN}){{0,12}}{_ONE}",
    re.IGNORECASE,
)
_ONE_OF_THEM = re.compile(
    rf"(?:{_ONE}|{_WEEKDAY}?\d{{1,2}}/\d{{1,2}} \d{{4}}\b|{_WEEKDAY}?{_DAY_AND_MONTH}|{_BARE})",
    re.IGNORECASE,
)
_JOINED = re.compile(_JOIN, re.IGNORECASE)
_IS_RUN = re.compile(rf"\s*{_TO}\s*", re.IGNORECASE)
_STARTS_BARE = re.compile(rf"{NUMBER}(?={_JOIN})", re.IGNORECASE)
_STARTS_WHOLE = re.compile(_ONE, re.IGNORECASE)
_MONTH_FIRST = re.compile(
    rf"(?P<weekday>{_WEEKDAY})?(?P<month>{MONTH})\s+(?P<rest>{NUMBER}.*?)"
    r"(?:,?\s+(?P<year>\d{4}))?$",
    re.IGNORECASE,
)
WEEKDAY_ALONE = re.compile(
    r"[\s(,]*((?:mon|tues?|wed(?:s|nes)?|thu(?:rs?)?|fri|sat(?:ur)?|sun)(?:day)?)\b\.?\)?(?!\w)",
    re.IGNORECASE,
)
COUNTED = re.compile(
    r"\b(?:levels?|parts?|groups?|modules?|tiers?|stages?|years?|steps?|sessions?|bands?"
    r"|class(?:es)?|rooms?|units?|days?|weeks?|cohorts?|chapters?|sections?|phases?|key stage|ks"
    r"|no\.?|nos\.?)\s*$",
    re.IGNORECASE,
)
_SET_APART = re.compile(r"\s+-\s+|,\s+")
# More days in a row than a course has: two sessions, perhaps.
LONGEST_RUN = 7


class Run(NamedTuple):
    """Consecutive days, or one."""

    first: date
    last: date | None = None

    @property
    def words(self) -> str:
        return f"{in_words(self.first)} to {in_words(self.last)}" if self.last else self.day

    @property
    def day(self) -> str:
        return in_words(self.first)


def in_words(day: date) -> str:
    return f"{day.day} {MONTH_NAMES[day.month - 1]} {day.year}"


class Choice(NamedTuple):
    """One of the things that days may mean."""

    key: str
    label: str
    days: tuple[str, ...]


@dataclass(frozen=True)
class Days:
    """A day or consecutive days; ``problem`` says why there is none."""

    first: date | None = None
    last: date | None = None
    problem: str = ""
    doubt: str = ""
    # What it may mean: the days of the sessions, each as it would be written.
    choices: tuple[Choice, ...] = ()
    # How the year was found that is not written.
    note: str = ""
    has_no_year: bool = False


class Found(NamedTuple):
    """Days in a line of text."""

    start: int
    end: int
    text: str
    # Where they begin if the number before belongs to the words, or is a day after all.
    other_start: int | None = None


@lru_cache(maxsize=8192)
def read_days(text: str, today: date | None = None) -> Days:
    """Parse a text that should be a day, or several days, and nothing else.

    Where no year is written, the weekday tells it from those around ``today``.
    """
    text = plain(text)
    if not text:
        return Days()
    bare = re.sub(r"[ T]00:00(?::00(?:\.0+)?)?Z?$", "", text)
    if _ONLY_DAY_AND_MONTH.fullmatch(bare):
        return _days_of(bare, today)
    if lead := _WEEK.match(bare):
        return _week(bare, _days_of(bare[lead.end() :], today))
    if (lead := _EVERY.match(bare)) and _DAYS.fullmatch(bare[lead.end() :]):
        return _every(bare, lead[0], _days_of(bare[lead.end() :], today))
    try:
        day, doubt = read_whole_day(bare)
    except DayError as error:
        if error.unclear and _DAYS.fullmatch(bare):
            return _days_of(bare, today)
        return _of_serial(text) or Days(problem=error.sentence(HOW_TO_WRITE))
    return Days(first=day, doubt=doubt)


def find_days(text: str) -> list[Found]:
    """Return the positions of days in a line, and how they are written.

    The line has no invisible characters (mscp.text.folding).
    """
    found = days_in_plain(lines(text))
    with_year = [place for place in found if has_year(place.text)]
    return [place._replace(text=text[place.start : place.end]) for place in with_year or found]


def days_in_plain(text: str) -> list[Found]:
    """Return the positions of days in a line whose signs are plain already, with a year or not."""
    found = [_found(text, match) for match in _DAYS.finditer(text)]
    # "May" is a word too.
    return [place for place in found if not re.fullmatch(r"\d{1,2} may", place.text)]


def has_year(text: str) -> bool:
    return bool(re.search(r"\d{4}|(?:[-/.'’‘]|\s[2-4])\d{1,2}$", text))


def _found(text: str, match: "re.Match[str]") -> Found:
    """Return what was found; the number of "Level 2 - 5 November" belongs to the words before."""
    start, end = match.span()
    before = text[:start]
    whole = Found(start, end, match[0])
    starts_bare = _STARTS_BARE.match(match[0]) and not _STARTS_WHOLE.match(match[0])
    if not starts_bare or not re.search(r"[^\W\d_]\.?\s*$", before):
        return whole
    apart = next(
        (place for place in _SET_APART.finditer(match[0]) if "," not in place[0]),
        _SET_APART.search(match[0]),
    )
    if COUNTED.search(before) and apart and _DAYS.fullmatch(rest := match[0][apart.end() :]):
        return Found(start + apart.end(), end, rest)
    # "Trauma 2 - 5 November": only a person knows.
    last = start
    for place in _JOINED.finditer(match[0]):
        if _DAYS.fullmatch(match[0][place.end() :]):
            last = start + place.end()
    return Found(last, end, text[last:end], other_start=start) if last > start else whole


@dataclass(frozen=True)
class _Written:
    """One of several days as it is written."""

    text: str
    day: int
    month: int | None = None
    year: int | None = None
    weekday: int | None = None
    has_month: bool = True


class _UnreadableDayError(Exception):
    pass


def _days_of(text: str, today: date | None) -> Days:
    try:
        written, joins = _taken_apart(text)
        written = _with_months(written)
        years = _with_years(written)
        note = ""
        if years is None:
            years, note = _by_weekday(written, text, today)
            if years is None:
                return Days(
                    problem=f"“{short(text)}” has no year. {HOW_TO_WRITE}", has_no_year=True
                )
        dates = [_date_of(each) for each in years]
        runs = _runs(dates, joins, text)
    except _UnreadableDayError as error:
        return Days(problem=str(error))
    doubt = next(filter(None, map(_weekday_doubt, years, dates)), "")
    first, last = runs[0]
    if len(runs) > 1:
        return Days(
            first,
            last,
            problem=f"“{short(text)}” names {len(runs)} days. Which sessions are these?",
            choices=_of_several(runs),
            note=note,
        )
    if last and (last - first).days >= LONGEST_RUN and not doubt:
        number = (last - first).days + 1
        doubt = f"“{short(text)}” is one session of {number} days in a row. Is it?"
        choices = (
            Choice("one", "One session of all these days", (runs[0].words,)),
            Choice("ends", "Two sessions, on the first and the last day", _as_days(first, last)),
        )
        return Days(first, last, doubt=doubt, note=note, choices=choices)
    return Days(first, last, doubt=doubt, note=note)


def _of_several(runs: list[Run]) -> tuple[Choice, ...]:
    number = len(runs)
    last = runs[-1].last or runs[-1].first
    whole = Run(runs[0].first, last)
    in_order = [run.first for run in runs] == sorted(run.first for run in runs)
    return (
        Choice("each", f"{number} sessions, one on each day", tuple(run.words for run in runs)),
        *([Choice("one", f"One session, {whole.words}", (whole.words,))] if in_order else []),
        Choice("first", f"Only {runs[0].words}", (runs[0].words,)),
    )


def _as_days(*days: date) -> tuple[str, ...]:
    return tuple(in_words(day) for day in days)


def _week(text: str, days: Days) -> Days:
    """Ask which day of a week is meant: its Monday is none."""
    if days.first is None or days.choices:
        return replace(days, problem=days.problem or f"“{short(text)}” is no day.")
    # Whichever of its days is named; of a Sunday that which begins with it, or ends.
    is_end = _ENDING.match(text)
    day = days.first + timedelta(days=days.first.weekday() == 6 and not is_end)
    monday = day - timedelta(days=day.weekday())
    week = [monday + timedelta(days=place) for place in range(5)]
    names = [f"{day:%A} {in_words(day)}" for day in week]
    return Days(
        problem=f"“{short(text)}”: only the week is known. Which day is it?",
        choices=(
            *(Choice(f"day{n}", name, (name,)) for n, name in enumerate(names, start=1)),
            Choice("week", "One session of the whole week", (Run(week[0], week[-1]).words,)),
        ),
    )


def _every(text: str, lead: str, days: Days) -> Days:
    """Ask whether days that repeat are a session each."""
    problem = f"“{short(text)}” repeats. Which sessions are these?"
    if days.first is None:
        return Days(problem=days.problem)
    if days.last is None:
        return Days(
            problem=f"{problem} The last day is not known: write each day in a line of its own.",
            choices=(_only_first(days.first),),
        )
    if re.search(r"month|term", lead, re.IGNORECASE):
        said = f"{problem} Write each day in a line of its own."
        return Days(problem=said, choices=(_only_first(days.first),))
    step = 14 if "fortnight" in lead.lower() else 7
    number = (days.last - days.first).days // step + 1
    each = [days.first + timedelta(days=step * place) for place in range(min(number, 60))]
    return Days(
        problem=problem,
        choices=(
            Choice("each", f"{len(each)} sessions, every {step} days", _as_days(*each)),
            _only_first(days.first),
        ),
    )


def _only_first(day: date) -> Choice:
    return Choice("first", f"Only {in_words(day)}", _as_days(day))


_ENDING = re.compile(r"w\s*/?\s*e\b|w(?:ee)?k\s+ending", re.IGNORECASE)
WEEK_WORDS = (
    r"(?:w\s*[/.]?\s*[cb]\.?|w\s*/\s*e\b|weeks?\s+(?:of|beginning|commencing|starting|from|ending)"
    r"|wk\s*(?:/?\s*c\b|beg\w*|comm\w*|of)?\.?)"
)
EVERY_WORDS = (
    r"(?:(?:(?:(?:first|second|third|fourth|last|1st|2nd|3rd|4th)\s+)?(?:mon|tues|wednes|thurs|fri"
    r"|satur|sun)days?\s+(?:of|in)\s+)?(?:every|each|weekly|fortnightly|monthly|termly|repeats?"
    r"|repeating)(?:,?\s+(?:week|month|fortnight|term|other|second|(?:mon|tues|wednes|thurs|fri|satur"
    r"|sun)days?|on|from|starting|beginning))*)"
)
_WEEK = re.compile(rf"{WEEK_WORDS}\s*:?\s*", re.IGNORECASE)
_EVERY = re.compile(rf"{EVERY_WORDS}\s*:?\s*", re.IGNORECASE)


def _taken_apart(text: str) -> tuple[list[_Written], list[bool]]:
    """Return the days of a text, and whether each is joined to the next as a run."""
    first = _MONTH_FIRST.match(text)
    if first and not _AMERICAN_ALONE.search(text[first.end("month") :]):
        parts = [first["rest"]] if not _JOINED.search(first["rest"]) else None
        pieces, joins = _pieces(first["rest"]) if parts is None else (parts, [])
        month = _month_of(first["month"])
        year = int(first["year"]) if first["year"] else None
        weekday = _weekday_of(first["weekday"] or "")
        written = [
            _Written(f"{first['month']} {piece}", int(re.match(r"\d+", piece)[0]), month)  # type: ignore[index]
            for piece in pieces
        ]
        written[0] = replace(written[0], weekday=weekday)
        written[-1] = replace(written[-1], year=year)
        return written, joins
    pieces, joins = _pieces(text)
    return [_written(piece) for piece in pieces], joins


_AMERICAN_ALONE = re.compile(MONTH, re.IGNORECASE)


def _pieces(text: str) -> tuple[list[str], list[bool]]:
    pieces, joins, place = [], [], 0
    while match := _ONE_OF_THEM.match(text, place):
        pieces.append(match[0].strip())
        place = match.end()
        join = _JOINED.match(text, place)
        if join is None:
            break
        joins.append(bool(_IS_RUN.fullmatch(join[0])))
        place = join.end()
    return pieces, joins


def _month_of(text: str) -> int:
    return MONTHS[text[:3].lower()]


def _weekday_of(text: str) -> int | None:
    return WEEKDAYS.index(text[:3].lower()) if text else None


def _written(text: str) -> _Written:
    lower = text.lower()
    weekday = re.match(_WEEKDAY, lower)
    bare = lower[weekday.end() :] if weekday else lower
    figures = [int(number) for number in re.findall(r"\d+", bare)]
    month = re.search(r"[a-z]{3}", re.sub(r"(?<=\d)(?:st|nd|rd|th)|\bof\b", "", bare))
    number: int | None
    year: int | None
    if month:
        number = _month_of(month[0])
        day, year = figures[0], figures[1] if len(figures) > 1 else None
    elif re.match(_ISO, bare):
        year, number, day = figures
    elif len(figures) == 1:
        day, number, year = figures[0], None, None
    elif len(figures) == 2:
        (day, number), year = figures, None
    else:
        day, number, year = figures
    if year is not None and year < 100 and (year := full_year(f"{year:02}")) is None:
        raise _UnreadableDayError(
            f"“{short(text)}”: the year may be in either century. Write all four figures."
        )
    named = _weekday_of(weekday[0]) if weekday else None
    return _Written(text, day, number, year, named, has_month=number is not None)


def _with_months(written: list[_Written]) -> list[_Written]:
    """Give each its month: that of the next which has one, "5, 12 and 19 November"."""
    result: list[_Written] = []
    month = None
    for each in reversed(written):
        month = each.month or month
        result.insert(0, replace(each, month=month))
    return result


def _with_years(written: list[_Written]) -> list[_Written] | None:
    """Give each its year, over the turn of a year too; None where none is written."""
    known = next((place for place, each in enumerate(written) if each.year is not None), None)
    if known is None:
        return None
    result = list(written)
    for place in range(known - 1, -1, -1):
        after, each = result[place + 1], result[place]
        year = after.year or 0
        if each.has_month and (each.month, each.day) > (after.month, after.day):
            year -= 1
        result[place] = replace(each, year=year)
    for place in range(known + 1, len(result)):
        before, each = result[place - 1], result[place]
        if each.year is None:
            turns = (each.month, each.day) < (before.month, before.day)
            result[place] = replace(each, year=(before.year or 0) + turns)
    return result


def _by_weekday(
    written: list[_Written], text: str, today: date | None
) -> tuple[list[_Written] | None, str]:
    """Find the year in which the weekdays are right, of this and the next one."""
    if today is None or all(each.weekday is None for each in written):
        return None, ""
    fitting = []
    for year in (today.year, today.year + 1):
        try:
            years = _with_years([*written[:-1], replace(written[-1], year=year)])
            if years and not any(_weekday_doubt(each, _date_of(each)) for each in years):
                fitting.append((year, years))
        except _UnreadableDayError:
            continue
    if len(fitting) != 1:
        return None, ""
    year, years = fitting[0]
    return years, f"“{short(text)}” has no year; the weekday is right in {year}, which was taken."


def _date_of(written: _Written) -> date:
    year, month, day = written.year or 0, written.month or 0, written.day
    if month > 12:
        raise _UnreadableDayError(
            f"“{short(written.text)}”: there is no month {month}. The day comes first, then "
            "the month: 14/01/2027."
        )
    try:
        return date(year, month, day)
    except ValueError:
        raise _UnreadableDayError(f"“{short(written.text)}”: there is no such day.") from None


def _runs(dates: list[date], joins: list[bool], text: str) -> list[Run]:
    """Join days into runs; days that are listed and follow each other are one run too."""
    runs = [Run(dates[0])]
    for day, is_run in zip(dates[1:], joins, strict=True):
        first, last = runs[-1]
        if is_run and last is None:
            if day < first:
                raise _UnreadableDayError(f"“{short(text)}”: the last day comes before the first.")
            runs[-1] = Run(first, day if day > first else None)
        elif day == (last or first) + timedelta(days=1):
            runs[-1] = Run(first, day)
        elif day != (last or first):
            runs.append(Run(day))
    return runs


def _weekday_doubt(written: _Written, read: date) -> str:
    if written.weekday is None or written.weekday == read.weekday():
        return ""
    return f"“{short(written.text)}”: that day is a {read:%A}. Is the day wrong, or the weekday?"


# What a spreadsheet counts its days from; the years that a programme may have.
_SERIAL_START = date(1899, 12, 30)
_SERIALS = range(36526, 73051)


def _of_serial(text: str) -> Days | None:
    """Read the number by which a spreadsheet holds a day: 46696 is 5 November 2027."""
    if not re.fullmatch(r"\d{5}(?:\.\d+)?", text) or int(text[:5]) not in _SERIALS:
        return None
    day = _SERIAL_START + timedelta(days=int(text[:5]))
    return Days(
        first=day,
        doubt=f"“{text}” is a number; as a spreadsheet counts its days it is {in_words(day)}.",
    )


# --- order of day and month -------------------------------------------------------------------

_IN_FIGURES = re.compile(r"(?<![\d./-])(\d{1,2})\s?([-/.])\s?(\d{1,2})\s?\2\s?(\d{4}|\d{2})(?!\d)")


def figures_in(text: str) -> Iterator[tuple[int, int]]:
    """Yield the first and second number of each day in figures."""
    for match in _IN_FIGURES.finditer(text):
        yield int(match[1]), int(match[3])


def month_first(text: str) -> str:
    """Return a text whose days in figures have the month first, with their months in words."""

    def worded(match: "re.Match[str]") -> str:
        month, day, year = int(match[1]), int(match[3]), match[4]
        if not 1 <= month <= 12:
            return match[0]
        return f"{day} {MONTH_NAMES[month - 1]} {year if len(year) == 4 else 2000 + int(year)}"

    return _IN_FIGURES.sub(worded, text)
