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
_NUMBERS = "one two three four five six seven eight nine ten eleven twelve".split()
_NUMBER = rf"(?:{'|'.join(_NUMBERS)})"
_HALF_PAST = rf"half\s+(?:past\s+(?:{_NUMBER}|\d{{1,2}})|{_NUMBER})"
# "Ten to four" may be from ten to four.
_MINUTES = {"five": 5, "ten": 10, "quarter": 15, "twenty": 20, "twenty-five": 25, "twenty five": 25}
_PAST = (
    r"(?:(?:a\s+)?quarter\s+(?:past|to)|twenty(?:[- ]five)?\s+(?:past|to)|(?:five|ten)\s+past)"
    rf"\s+(?:{_NUMBER}|\d{{1,2}})"
)
# As people say them: "half past nine", "quarter to ten", "nine o'clock", "ten am".
_IN_WORDS = (
    rf"(?:(?:{_HALF_PAST}|{_PAST}|{_NUMBER}\s+o'clock)\b(?:\s*{_HALF})?|{_NUMBER}\s+{_HALF})"
)
# In a line only where nothing else may follow: "half past nine to twelve", and no "one day".
_BARE_WORD = rf"{_NUMBER}\b(?=\s*(?:$|[,;:)\]|\t\0.]|-\s|\s-|\s(?:at|in|on)\b))"
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
_BEFORE = r"(?:(?:from|at|between|starts?:?|starting:?|time:)\s+|@\s*)?"
# "0930-1230"; no years, which end otherwise or begin with 19 or 20.
_FIGURES_ALONE = r"(?:0[6-9]|1[0-8])[0-5][05]"
_TYPED = rf"(?:{_IN_WORDS}|{_CLOCK}|{_NUMBER}\b)"
_TIMES = re.compile(
    rf"{_BEFORE}(?P<start>{_TYPED})(?:(?:{_UNTIL}|\s+and\s+|(?P<stroke>{_STROKE}))(?P<end>{_TYPED}))?(?:\s*start)?",
    re.IGNORECASE,
)
_ONE_IN_WORDS = re.compile(rf"(?:{_IN_WORDS}|{_NUMBER})", re.IGNORECASE)
# "Ten to four" is one time of the clock, or two.
_ONE_OR_TWO = re.compile(rf"(?P<minutes>five|ten)\s+to\s+(?P<hour>{_NUMBER})", re.IGNORECASE)
# In a line among other words, a bare number is not a time.
_TIMES_IN_TEXT = re.compile(
    rf"(?<![\w/.:£])(?<!\w-){_BEFORE}(?:(?:{_IN_WORDS}|{_CLEAR})"
    rf"(?:{_UNTIL}(?:{_IN_WORDS}|{_BARE_WORD}))|{_IN_WORDS}(?:{_UNTIL}{_CLOCK})?|{_CLEAR}{_UNTIL}{_CLOCK}|{_CLOCK}{_UNTIL}{_CLEAR}"
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


def _in_figures(text: str) -> str:
    """Return a time in words as figures: "9:30" for "half past nine"."""
    half = re.search(rf"\s*{_HALF}$", text)
    words = text[: half.start()] if half else text
    hour = _hour(re.findall(r"\w+", words.removesuffix("o'clock").strip())[-1])
    minute = 0
    if words.startswith("half"):
        minute = 30
    elif found := re.match(r"(?:a\s+)?([a-z]+(?:[- ]five)?)\s+(past|to)\b", words):
        minute = _MINUTES[found[1]]
        if found[2] == "to":
            hour, minute = (hour - 2) % 12 + 1, 60 - minute
    return f"{hour}:{minute:02}{half[0] if half else ''}"


def _hour(word: str) -> int:
    return _NUMBERS.index(word) + 1 if word in _NUMBERS else int(word)


def one_or_two(text: str) -> tuple[str, str] | None:
    """Return what "ten to four" may mean: "15:50", or "10:00 to 16:00"; None if it is certain."""
    found = _ONE_OR_TWO.fullmatch(plain(text))
    if found is None:
        return None
    hour = _hour(found["hour"].lower())
    single = _clock(f"{(hour - 2) % 12 + 1}:{60 - _MINUTES[found['minutes'].lower()]}")
    if single is None:
        return None
    if single.at < EARLIEST:
        single = single.with_half("pm")
    first = _MINUTES[found["minutes"].lower()]
    last = _Clock(hour, 0, "pm" if hour <= first or hour == 12 else "")
    return f"{single.at:%H:%M}", f"{first:02}:00 to {last.at:%H:%M}"


def _clock(text: str) -> _Clock | None:
    text = text.lower().strip()
    if _ONE_IN_WORDS.fullmatch(text):
        text = _in_figures(text)
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
