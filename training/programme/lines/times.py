"""Times of day as spreadsheets and programmes write them; what is typed is mscp.text.times."""

import re
from dataclasses import dataclass
from datetime import time
from functools import lru_cache

from mscp.text import times
from mscp.text.days import short
from mscp.text.folding import plain

# "from 10" and "12-1" are times only where days and addresses were taken out before.
_BARE_IN_TEXT = re.compile(
    r"(?<![\w/.:£-])(?:(?:from\s+|@\s*)\d{1,2}|\d{1,2}\s?-\s?\d{1,2})(?![\w:/.])", re.IGNORECASE
)
_WHOLE_OR_HALF = r"(?:all|full|whole|half|part)[ -](?-i:day)"
_HALF_OF_DAY = r"a\.?m\.?(?!\w)|p\.?m\.?(?!\w)"
_PART = (
    r"(?:(?:all|full|whole|half|part|one|1)[ -]?days?|half[ -]?term(?:ly)? days?"
    rf"|{_HALF_OF_DAY}|(?:early|mid|late)[ -]?(?:mornings?|afternoons?|evenings?)"
    r"|mornings?|afternoons?|evenings?|nights?|overnight|twilight|breakfast|lunch[ -]?times?|lunch"
    r"|day[ -]?times?|(?:before|after|out of|during)[ -]school(?: hours)?|school hours"
    r"|(?:out of |office |working )hours"
    r"|(?:\d{1,2}(?:\.\d|½)?|½|one|two|three|four|five|six|half an|an)[ -]?"
    r"(?:hours?|hrs?|days?|minutes|mins)(?: long)?)"
)
# "times tbc": it is the time that is not certain, and not the day.
_NOT_KNOWN = (
    r"(?:start(?:ing)? |finish )?times? ?:? ?(?:(?:is|are|still) )?(?:t\.?b\.?[acd]\b\.?"
    r"|to be (?:confirmed|announced|agreed|arranged|decided)|not (?:yet )?(?:known|confirmed|set)"
    r"|unknown|var(?:y|ies)|vari(?:ous|able))|various times"
)
_WORDS_OF_TIME = (
    rf"(?:(?:(?:in|for|during|over) )?(?:the |an? )?{_PART}"
    rf"(?:(?: ?(?:and|or|to|&|/|\+|-) ?|,? )(?:the )?{_PART})*"
    r"(?: (?:only|long|slot|(?:training |course )?(?:session|course|event|training|workshop)s?))*"
    rf"|{_NOT_KNOWN})"
)
PART_OF_DAY = re.compile(_WORDS_OF_TIME, re.IGNORECASE)
_APART = re.compile(
    rf"(?:^|(?<=[,;:(\[|/\t\0.])|(?<=\s-))\s{{0,3}}(?P<words>{_WORDS_OF_TIME})"
    r"(?=\s{0,3}(?:$|[,;:()\[\]|/\t\0.]|-\s|\s-|\s(?:at|in|@)\s))",
    re.IGNORECASE,
)
# In small letters they are no name of a house: "Town Hall all day", "all day Town Hall".
_BEHIND = re.compile(
    rf"(?<=\S)\s(?P<words>{_WHOLE_OR_HALF}|(?-i:{_HALF_OF_DAY}|(?:in the )?(?:morning|afternoon"
    r"|evening)))(?=\s{0,3}(?:$|[,;:)\]|\t\0.]|-\s))",
    re.IGNORECASE,
)
_BEFORE = re.compile(
    rf"(?:^|(?<=[,;(|\t\0])|(?<=\s-))\s{{0,3}}(?P<words>{_WHOLE_OR_HALF}"
    r"|(?-i:am|pm|a\.m\.|p\.m\.))(?=\s\S)",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Times(times.Times):
    # What a number may mean: "9.5" is 9:50 or half past nine.
    choices: tuple[str, ...] = ()


@lru_cache(maxsize=8192)
def read_times(text: str) -> Times:
    """Parse a time, a number as which a spreadsheet holds one, or the part of a day, as a fault."""
    text = plain(text)
    if number := _of_number(text):
        return number
    if either := times.one_or_two(text):
        said = f"“{short(text)}” may be one time or two. Which is it?"
        return Times(problem=said, choices=either[::-1])
    if PART_OF_DAY.fullmatch(text):
        return Times(problem=f"“{short(text)}” is no time of the clock.")
    typed = times.read_times(text)
    return Times(typed.start, typed.end, typed.problem, typed.doubt)


def find_bare_times(text: str) -> tuple[int, int, str] | None:
    """Find numbers that are times where nothing else was found: "12-1", "from 10"."""
    match = _BARE_IN_TEXT.search(text)
    if match is None:
        return None
    hours = [int(number) for number in re.findall(r"\d+", match[0])]
    return (match.start(), match.end(), match[0]) if max(hours) <= 23 else None


def find_words_of_time(text: str) -> list[tuple[int, int]]:
    """Return where times stand that are words, set apart from others: ", all day,"."""
    found: dict[int, int] = {}
    for pattern in (_APART, _BEHIND, _BEFORE):
        for match in pattern.finditer(text):
            start, end = match.span("words")
            if not any(start < other_end and other < end for other, other_end in found.items()):
                found[start] = end
    return sorted(found.items())


def _of_number(text: str) -> Times | None:
    """Read a number as which a spreadsheet holds a time: 0.3958333 of a day, 9.3 for 9.30."""
    if re.fullmatch(r"0\.\d+|\.\d{2,}", text):
        minutes = round(float(text) * 24 * 60)
        at = time(minutes // 60 % 24, minutes % 60)
        said = f"“{text}” is a part of a day, as a spreadsheet holds times: {at:%H:%M}."
        return Times(at, doubt=said)
    if match := re.fullmatch(r"(\d{1,2})\.(\d)", text):
        hour, tenth = int(match[1]), int(match[2])
        if hour > 23:
            return None
        choices = [f"{hour:02}:{tenth}0"] if tenth < 6 else []
        choices += [f"{hour:02}:{tenth * 6:02}"]
        text = f"“{text}” is a number and no time. Which one is it?"
        return Times(problem=text, choices=tuple(dict.fromkeys(choices)))
    return None
