"""Fractions in a line: "12/20" counts places, and may be days or belong to the title."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import NamedTuple

from mscp.text.days import short
from training.models.programme_lines import Answer, Line, Remark
from training.programme.lines.moments import (
    COUNTED,
    LIST_IN_FIGURES,
    Days,
    Run,
    days_in_plain,
    has_year,
    read_days,
)
from training.programme.lines.places import read_places

_FRACTION = re.compile(
    r"(?<![\w/.:£-])(?P<of>\d{1,3})(?P<sign>\s?/\s?|\s(?:out\s)?of\s)(?P<all>\d{1,3})(?![\w/.%]|:\d)"
    r"(?!\s?/)(?P<said>(?:\s+(?:places?|spaces?|seats?))?"
    r"(?:\s+(?:booked|taken|filled|gone|sold|left|remaining|available|free)\b)?)",
    re.IGNORECASE,
)
_AGES = re.compile(r"\b(?:ages?|aged|under|over)\s*$", re.IGNORECASE)
_APART_BEFORE = re.compile(r"(?:^|[,;:(\[|\t\0]|\s-)\s*$")
_APART_AFTER = re.compile(r"\s*(?:$|[,;:)\]|\t\0]|-\s|\s-)")
_BEFORE_DAY = re.compile(
    r"\s*[)\]]?\s*(?P<join>[-,;:&+]|(?:to|until|till|and)\b|)\s*", re.IGNORECASE
)
# Words that join days, and no number of places to a day.
_JOINS_DAYS = re.compile(r"[a-z&+]", re.IGNORECASE)
# A longer run was read with the wrong year, or is none.
_LONGEST = timedelta(days=31)
# From here on "26/27" may be a school year.
_FIRST_SCHOOL_YEAR = 20


class Fraction(NamedTuple):
    start: int
    # With the word that joins it to a day, "5/11 to".
    end: int
    text: str
    # Whether it can only count places.
    is_places: bool
    # It with the day directly behind it, which it may belong to.
    whole: str


def find_fractions(text: str) -> Iterator[Fraction]:
    """Yield the fractions of a line with plain signs that may count places.

    Before the days are taken: "12/20 - 9 February 2027" would be one of them.
    """
    listed = [match.span() for match in LIST_IN_FIGURES.finditer(text)]
    for match in _FRACTION.finditer(text):
        before = text[: match.start()]
        if any(start <= match.start() < end for start, end in listed):
            continue
        if COUNTED.search(before) or _AGES.search(before):
            continue
        is_apart = bool(_APART_BEFORE.search(before))
        lead = _BEFORE_DAY.match(text, match.end())
        day = next(iter(days_in_plain(text[lead.end() :])), None) if lead else None
        if lead and day and day.start == 0:
            is_sure = is_apart and _is_places(match, day.text)
            whole = text[match.start() : lead.end() + day.end]
            joins_days = _JOINS_DAYS.match(lead["join"]) and _may_be_listed(match, day.text)
            in_brackets = before.rstrip().endswith(("(", "["))
            if is_sure or not (joins_days or in_brackets):
                end = lead.end("join") if lead["join"].isalpha() else match.end()
                yield Fraction(match.start(), end, match[0], is_sure, whole)
        elif is_apart and _APART_AFTER.match(text, match.end()):
            is_sure = _is_places(match, "")
            if is_sure or any(has_year(each.text) for each in days_in_plain(before)):
                yield Fraction(*match.span(), match[0], is_sure, "")


def _is_places(match: "re.Match[str]", day: str) -> bool:
    """Return whether it can be neither a day nor a part of a title."""
    if read_places(match[0]) is None:
        return False
    first, second = int(match["of"]), int(match["all"])
    is_day_and_month = 1 <= first <= 31 and 1 <= second <= 12
    is_year = first >= _FIRST_SCHOOL_YEAR and second == first + 1
    return bool(match["said"]) or not (is_day_and_month or is_year or _may_be_listed(match, day))


def _may_be_listed(match: "re.Match[str]", day: str) -> bool:
    """Return whether both are days before another of the same month: "4/5, 12 March 2027"."""
    last = re.search(r"(?<!\d)\d{1,2}(?!\d)", day)
    return bool(last) and 0 < int(match["of"]) < int(match["all"]) < int(last[0])  # type: ignore[index]


def ask_about_fraction(line: Line, text: str, whole: str) -> Remark:
    """Return the question what a fraction is: places, days, or a part of the title."""
    answers = []
    if read_places(text) is None:
        answers.append(Answer("places", "Places; the numbers are not kept"))
    elif not line.places:
        answers.append(Answer("places", f"Places: {text}", changes={"places": text}))
    answers += _as_days(whole) if whole else _another_day(line, text)
    if whole:
        answers.append(Answer("title", "It belongs to the title", appended={"title": text}))
    answers += [
        Answer("note", "Put it into the note, which visitors see", appended={"note": text}),
        Answer("none", "It is not needed"),
    ]
    what = "name a day, or belong to the title" if whole else "or name another day"
    said = f"“{short(text)}”: does it count places, {what}? It was not used."
    return Remark("number", said, about="date", stops=True, answers=answers)


def _as_days(whole: str) -> list[Answer]:
    """Read a fraction with the day behind it as days: of that month, or with a month of its own."""
    match = _FRACTION.match(whole)
    if match is None or "/" not in match["sign"]:
        return []
    rest = whole[match.end() :]
    year = re.search(r"(?<!\d)\d{4}(?!\d)", rest)
    own_month = f"{match['of']}/{match['all']}"
    if year:
        for days in (
            read_days(f"{own_month}/{year[0]}{rest}"),
            # Only a run turns the year: "31/12 - 2 January 2028".
            replace(read_days(f"{own_month}/{int(year[0]) - 1}{rest}"), choices=()),
        ):
            if answers := _of_days(days):
                return answers
        first = read_days(f"{own_month}/{year[0]}").first
        last = read_days(rest.lstrip(" -,;:)]"))
        if first and last.first and not last.problem:
            return [_of_each([Run(first).words, Run(last.first, last.last).words])]
    return _of_days(read_days(whole))


def _of_days(days: Days) -> list[Answer]:
    keys = {choice.key: choice for choice in days.choices}
    # Days in no order are none: there would be no session of all of them.
    if "each" in keys and "one" in keys:
        return [_of_each(keys["each"].days)]
    if days.first and not days.problem and (days.last or days.first) - days.first <= _LONGEST:
        return [_of_each([Run(days.first, days.last).words])]
    return []


def _of_each(days: Sequence[str]) -> Answer:
    copies = [{"date": day} for day in days[1:]]
    return Answer("days", f"Days: {'; '.join(days)}", {"date": days[0]}, copies=copies)


def _another_day(line: Line, text: str) -> list[Answer]:
    """Read a fraction that stands away from the day as another day of the same year."""
    year = re.search(r"(?<!\d)\d{4}(?!\d)", line.date)
    match = _FRACTION.match(text)
    if year is None or match is None or "/" not in match["sign"]:
        return []
    day = read_days(f"{match['of']}/{match['all']}/{year[0]}").first
    if day is None:
        return []
    words = Run(day).words
    return [Answer("days", f"Another session, {words}", copies=[{"date": words}])]
