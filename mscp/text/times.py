"""Typed times of day, as people in the United Kingdom write them: 9.30am, 0930, noon, 2 - 4pm."""

import re
from dataclasses import dataclass
from datetime import time

from mscp.text.days import short
from mscp.text.folding import lines, plain

_CLOCK = r"(?:\d{1,2}(?:[:.]\d{2}(?::00)?)?\s*(?:[ap]\.?m\b\.?)?|noon|midday|midnight)"
_CLEAR = r"(?:\d{1,2}[:.]\d{2}\s*(?:[ap]\.?m\b\.?)?|\d{1,2}\s*[ap]\.?m\b\.?|noon|midday)"
_UNTIL = r"\s*(?:-|\bto\b|\buntil\b|\btill?\b)\s*"
_TIMES = re.compile(
    rf"(?:from\s+|at\s+)?(?P<start>{_CLOCK})(?:{_UNTIL}(?P<end>{_CLOCK}))?", re.IGNORECASE
)
# In a line among other words, a bare number is not a time.
_TIMES_IN_TEXT = re.compile(
    rf"(?<![\w/.:£])(?<!\w-)(?:from\s+|at\s+)?(?:{_CLEAR}{_UNTIL}{_CLOCK}|{_CLOCK}{_UNTIL}{_CLEAR}"
    rf"|\d{{1,2}}(?:[:.]\d{{2}})?\s*[ap]\.?m\b\.?|\d{{1,2}}:\d{{2}})(?![\w:/])",
    re.IGNORECASE,
)
_FOUR_DIGITS = re.compile(r"\b([01]\d|2[0-3])([0-5]\d)(?:\s*h(?:ou)?rs?\b)?", re.IGNORECASE)
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
    doubt = ""
    if first.at < EARLIEST:
        doubt = f"“{short(text)}” begins at night. If it does not, write am or pm."
    return Times(first.at, last.at if last else None, doubt=doubt)


def find_times(text: str) -> tuple[int, int, str] | None:
    """Return the position of times in a line without invisible characters, as they are written."""
    match = _TIMES_IN_TEXT.search(lines(text))
    return (match.start(), match.end(), text[slice(*match.span())]) if match else None


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
