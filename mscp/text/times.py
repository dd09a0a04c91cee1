"""Typed times of day, as people in the United Kingdom write them: 9.30am, 0930, noon, 2 - 4pm."""

import re
from dataclasses import dataclass
from datetime import time

from mscp.text.days import short
from mscp.text.folding import lines, plain

_NOON = r"(?:12\s*)?(?:noon|midday)"
_MIDNIGHT = r"(?:12\s*)?midnight"
_HALF = r"[ap]\.?\s?m\b\.?"
# "1.30 hours" may be how long it takes; "09.30 hours" is a time.
_HOURS = r"[01]\d[:.]\d{2}\s*(?:hrs|hours|h)\b"
_HOUR = r"\d{1,2}(?:h\d{2}\b|\s*o'clock\b)"
_CLOCK = (
    rf"(?:{_NOON}|{_MIDNIGHT}|{_HOURS}|{_HOUR}|\d{{1,2}}(?:[:.]\d{{2}}(?::00)?)?\s*(?:{_HALF})?)"
)
_CLEAR = (
    rf"(?:{_NOON}|{_MIDNIGHT}|{_HOURS}|{_HOUR}|\d{{1,2}}[:.]\d{{2}}\s*(?:{_HALF})?"
    rf"|\d{{1,2}}\s*{_HALF})"
)
_UNTIL = (
    r"\s*(?:-|\bto\b|\buntil\b|\btill?\b|,?\s*\b(?:finish(?:es|ing)?|end(?:s|ing)?)\b:?(?:\s+at)?)"
    r"\s*"
)
_STROKE = r"\s*/\s*"
_BEFORE = r"(?:(?:from|at|between|starts?:?|starting:?|time:)\s+)?"
# "0930-1230"; no years, which end otherwise or begin with 19 or 20.
_FIGURES_ALONE = r"(?:0[6-9]|1[0-8])[0-5][05]"
_TIMES = re.compile(
    rf"{_BEFORE}(?P<start>{_CLOCK})(?:(?:{_UNTIL}|\s+and\s+|(?P<stroke>{_STROKE}))(?P<end>{_CLOCK}))?(?:\s*start)?",
    re.IGNORECASE,
)
# In a line among other words, a bare number is not a time.
_TIMES_IN_TEXT = re.compile(
    rf"(?<![\w/.:£])(?<!\w-){_BEFORE}(?:{_CLEAR}{_UNTIL}{_CLOCK}|{_CLOCK}{_UNTIL}{_CLEAR}"
    rf"|{_CLEAR}{_STROKE}{_CLEAR}|{_FIGURES_ALONE}{_UNTIL}{_FIGURES_ALONE}(?:\s*(?:hrs|hours|h)\b)?"
    rf"|\d{{1,2}}(?:[:.]\d{{2}})?\s*{_HALF}|\d{{1,2}}:\d{{2}}|{_NOON}|{_MIDNIGHT}|{_HOURS}|{_HOUR}"
    r"|(?:0[89]|1\d)[0-5]0\s*(?:hrs|hours|h)\b)(?![\w:/])",
    re.IGNORECASE,
)
_FOUR_DIGITS = re.compile(r"\b([01]\d|2[0-3])([0-5]\d)(?:\s*(?:h(?:ou)?rs?|h)\b)?", re.IGNORECASE)
EARLIEST = time(7)
HOW_TO_WRITE = "Write a time as 09:30 or 9:30am."


@dataclass(frozen=True)
class Times:
    start: time | None = None
    end: time | None = None
    problem: str = ""
    doubt: str = ""


def read_times(text: str) -> Times:
    """Parse "9.30am - 1pm", "09:30-13:00", "2 to 4pm" or a single time."""
    text = plain(text)
    if not text:
        return Times()
    match = _TIMES.fullmatch(_FOUR_DIGITS.sub(r"\1:\2", text))
    if match is None:
        return Times(problem=f"“{short(text)}” is no time that can be read. {HOW_TO_WRITE}")
    start, end = _clock(match["start"]), _clock(match["end"] or "")
    if start is None or (match["end"] and end is None):
        return Times(problem=f"“{short(text)}”: there is no such time.")
    first, last = start, end
    if last and last.half and not first.half:
        # "9.30 - 1pm" begins in the morning, "2 - 4pm" after noon.
        same = first.with_half(last.half)
        first = same if same.at < last.at else first.with_half("am")
    elif last and not last.half and last.hour < 12 and last.at <= first.at:
        # "12-1" and "9.30 - 1" end after noon.
        last = last.with_half("pm")
    doubt = ""
    if match["stroke"]:
        doubt = f"“{short(text)}” was taken for when it begins and ends."
    elif first.at < EARLIEST:
        doubt = f"“{short(text)}” begins at night. If it does not, write am or pm."
    return Times(first.at, last.at if last else None, doubt=doubt)


def find_times(text: str) -> tuple[int, int, str] | None:
    """Return the position of times in a line without invisible characters, as they are written."""
    match = _TIMES_IN_TEXT.search(lines(text))
    return (match.start(), match.end(), text[slice(*match.span())]) if match else None


def times_in_plain(text: str) -> list[tuple[int, int]]:
    """Return the positions of all times in a line whose signs are plain already."""
    return [match.span() for match in _TIMES_IN_TEXT.finditer(text)]


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
    if re.fullmatch(_NOON, text):
        return _Clock(12, 0, "pm")
    if re.fullmatch(_MIDNIGHT, text):
        return _Clock(12, 0, "am")
    figures = [int(number) for number in re.findall(r"\d+", text)]
    if not figures:
        return None
    half = re.search(r"[ap](?=\.?\s?m)", text)
    hour, minute = figures[0], figures[1] if len(figures) > 1 else 0
    if minute > 59 or hour > (12 if half else 23) or (half and not hour):
        return None
    return _Clock(hour, minute, f"{half[0]}m" if half else "")
