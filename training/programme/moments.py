"""Days and times as people write them, in British order."""

import re
from dataclasses import dataclass
from datetime import date, time

MONTHS = "jan feb mar apr may jun jul aug sep oct nov dec".split()
WEEKDAYS = "mon tue wed thu fri sat sun".split()
_WEEKDAY_NAMES = "Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split()

_DASH = r"[-–—−]"
_WEEKDAY = r"(?:\b(?:mon|tues?|wed(?:s|nes)?|thu(?:rs?)?|fri|sat(?:ur)?|sun)(?:day)?\b\.?,?\s*)"
_MONTH = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?"
    r"|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\b\.?"
)
_NUMBER = r"\d{1,2}(?:st|nd|rd|th)?"
_WORDS = rf"{_NUMBER}(?:\s+of)?[\s-]*{_MONTH}(?:,?[\s-]+\d{{4}}\b|-\d{{2}}\b)?"
_AMERICAN = rf"{_MONTH}\s+{_NUMBER},?\s+\d{{4}}\b"
_ISO = r"\d{4}-\d{1,2}-\d{1,2}(?!\d)"
_FIGURES = r"(?<![\d./-])\d{1,2}[-/.]\d{1,2}[-/.](?:\d{4}|\d{2})(?!\d)"
_ONE = rf"{_WEEKDAY}?(?:{_ISO}|{_FIGURES}|{_AMERICAN}|{_WORDS})"
_TO = rf"\s*(?:{_DASH}|\bto\b|\buntil\b|\band\b|&)\s*"
# "25-26 June 2025", "29 June to 2 July 2025", "25/06/2025 - 26/06/2025", or a single day.
_DAYS = re.compile(
    rf"(?:(?P<first>{_ONE}|\b{_NUMBER}(?={_TO}{_NUMBER}\s*{_MONTH})"
    rf"|{_WEEKDAY}{_NUMBER}(?={_TO}{_WEEKDAY}{_NUMBER}\s*{_MONTH})){_TO})?"
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
    text = " ".join(text.split())
    if not text:
        return Days()
    match = _DAYS.fullmatch(re.sub(r"[ T]00:00(?::00)?$", "", text))
    if match is None:
        return Days(problem=f"“{short(text)}” is no day that can be read: write 14/01/2027.")
    return _days_of(match)


def find_days(text: str) -> list[tuple[int, int, str]]:
    """Return the positions of days in a line, and how they are written."""
    found = []
    for match in _DAYS.finditer(text):
        # "Level 2 - 5 November" is not a range of days.
        counted = match["first"] and _COUNTED.search(text[: match.start()])
        start = match.start("last") if counted else match.start()
        found.append((start, match.end(), text[start : match.end()]))
    with_year = [place for place in found if re.search(r"\d{4}|[-/.]\d{2}$", place[2])]
    return with_year or found


def _days_of(match: "re.Match[str]") -> Days:
    last = _one(match["last"])
    if not match["first"]:
        return last
    if last.first is None:
        return last
    first = _one(match["first"], after=last.first)
    if first.first is None:
        return first
    doubt = first.doubt or last.doubt
    if first.first == last.first:
        return Days(first=first.first, doubt=doubt)
    if first.first > last.first:
        return Days(problem=f"“{short(match[0])}”: the last day comes before the first.")
    return Days(first=first.first, last=last.first, doubt=doubt)


def _one(text: str, *, after: date | None = None) -> Days:
    """Parse one day; ``after`` is the last day of a range, which may have month and year."""
    lower = text.lower()
    weekday = re.match(_WEEKDAY, lower)
    bare = lower[weekday.end() :] if weekday else lower
    figures = [int(number) for number in re.findall(r"\d+", bare)]
    month = re.search(r"[a-z]{3}", re.sub(r"(?<=\d)(?:st|nd|rd|th)|\bof\b", "", bare))
    year: int | None
    if month:
        number = MONTHS.index(month[0]) + 1
        day, year = figures[0], figures[1] if len(figures) > 1 else None
    elif re.match(_ISO, bare):
        year, number, day = figures
    elif len(figures) == 1 and after:
        day, number, year = figures[0], after.month, after.year
    else:
        day, number, year = figures
    if year is None and after:
        year = after.year
    if year is None:
        return Days(problem=f"“{short(text)}” has no year: write 14/01/2027.")
    if year < 100:
        year += 2000
    if number > 12:
        return Days(
            problem=f"“{short(text)}”: there is no month {number}. The day comes first, then "
            "the month: 14/01/2027."
        )
    try:
        read = date(year, number, day)
    except ValueError:
        return Days(problem=f"“{short(text)}”: there is no such day.")
    doubt = ""
    if weekday and WEEKDAYS.index(weekday[0][:3]) != read.weekday():
        doubt = (
            f"“{short(text)}”: that day is a {_WEEKDAY_NAMES[read.weekday()]}. Is the day wrong, "
            "or the weekday?"
        )
    return Days(first=read, doubt=doubt)


# --- times ------------------------------------------------------------------------------------

_CLOCK = r"(?:\d{1,2}(?:[:.]\d{2}(?::00)?)?\s*(?:[ap]\.?m\b\.?)?|noon|midday|midnight)"
_CLEAR = r"(?:\d{1,2}[:.]\d{2}\s*(?:[ap]\.?m\b\.?)?|\d{1,2}\s*[ap]\.?m\b\.?|noon|midday)"
_UNTIL = rf"\s*(?:{_DASH}|\bto\b|\buntil\b|\btill?\b)\s*"
_TIMES = re.compile(
    rf"(?:from\s+|at\s+)?(?P<start>{_CLOCK})(?:{_UNTIL}(?P<end>{_CLOCK}))?", re.IGNORECASE
)
# In a line among other words, a bare number is not a time.
_TIMES_IN_TEXT = re.compile(
    rf"(?<![\w/.:£-])(?:from\s+|at\s+)?(?:{_CLEAR}{_UNTIL}{_CLOCK}|{_CLOCK}{_UNTIL}{_CLEAR}"
    rf"|\d{{1,2}}(?:[:.]\d{{2}})?\s*[ap]\.?m\b\.?|\d{{1,2}}:\d{{2}})(?![\w:/])",
    re.IGNORECASE,
)
_FOUR_DIGITS = re.compile(r"\b([01]\d|2[0-3])([0-5]\d)(?:\s*h(?:ou)?rs?\b)?", re.IGNORECASE)
EARLIEST = time(7)


@dataclass(frozen=True)
class Times:
    start: time | None = None
    end: time | None = None
    problem: str = ""
    doubt: str = ""


def read_times(text: str) -> Times:
    """Parse "9.30am - 1pm", "09:30-13:00", "2 to 4pm" or a single time."""
    text = " ".join(text.split())
    if not text:
        return Times()
    match = _TIMES.fullmatch(_FOUR_DIGITS.sub(r"\1:\2", text))
    if match is None:
        return Times(problem=f"“{short(text)}” is no time that can be read: write 09:30 or 9:30am.")
    start, end = _clock(match["start"]), _clock(match["end"] or "")
    if start is None or (match["end"] and end is None):
        return Times(problem=f"“{short(text)}”: there is no such time.")
    first, last = start, end
    if last and last.half and not first.half:
        # "9.30 - 1pm" begins in the morning, "2 - 4pm" after noon.
        same = first.with_half(last.half)
        first = same if same.at < last.at else first.with_half("am")
    doubt = ""
    if first.at < EARLIEST:
        doubt = f"“{short(text)}” begins at night. If it does not, write am or pm."
    return Times(first.at, last.at if last else None, doubt=doubt)


def find_times(text: str) -> tuple[int, int, str] | None:
    match = _TIMES_IN_TEXT.search(text)
    return (match.start(), match.end(), match[0]) if match else None


@dataclass(frozen=True)
class _Clock:
    hour: int
    minute: int
    half: str

    @property
    def at(self) -> time:
        hour = self.hour
        if self.half:
            hour = hour % 12 + (12 if self.half == "pm" else 0)
        return time(hour, self.minute)

    def with_half(self, half: str) -> "_Clock":
        return _Clock(self.hour, self.minute, half) if self.hour <= 12 else self


def _clock(text: str) -> _Clock | None:
    text = text.lower().strip()
    if text in ("noon", "midday"):
        return _Clock(12, 0, "pm")
    if text == "midnight":
        return _Clock(12, 0, "am")
    figures = [int(number) for number in re.findall(r"\d+", text)]
    if not figures:
        return None
    half = re.search(r"[ap](?=\.?m)", text)
    hour, minute = figures[0], figures[1] if len(figures) > 1 else 0
    if minute > 59 or hour > (12 if half else 23) or (half and not hour):
        return None
    return _Clock(hour, minute, f"{half[0]}m" if half else "")


def short(text: str, most: int = 60) -> str:
    text = " ".join(text.split())
    return text if len(text) <= most else f"{text[: most - 1]}…"
