"""Status of a session as a programme says it: cancelled, provisional, full, moved."""

import re
from enum import Enum
from typing import NamedTuple

from mscp.text.folding import lines, plain
from training.models import Places


class Status(Enum):
    NOT_HELD = "not held"
    PROVISIONAL = "provisional"
    MOVED = "moved"
    FULL = "full"
    WAITING_LIST = "waiting list"
    LAST_PLACES = "last places"
    OPEN = "open"
    CONFIRMED = "confirmed"


_PLACE = r"(?:places?|spaces?|seats?|spots?)"
_WORDS = {
    Status.NOT_HELD: (
        r"cancell?ed|cancellation|postponed|called off|abandoned|suspended|deferred|withdrawn"
        r"|(?:will not|won't|does not|is not)(?: now)? (?:take place|be held|run|go ahead)"
        r"|(?:not|no longer)(?: now)? (?:taking place|being held|running|run|going ahead|offered)"
        r"|to be (?:rearranged|rescheduled)|void"
    ),
    Status.PROVISIONAL: (
        r"(?:dates? (?:is |are )?)?provisional(?:ly)?(?: dates?)?|on hold"
        r"|(?:dates? |day )?(?:tbc|tba|tbd|t\.b\.c\.?)"
        r"|(?:dates? |day )?to be (?:confirmed|announced|agreed)|unconfirmed|not (?:yet )?confirmed"
        r"|subject to (?:confirmation|change|demand|numbers)|pencilled(?: in)?"
        r"|awaiting confirmation|(?:save|hold) the date|draft|tentative"
    ),
    Status.MOVED: (
        r"(?:now |moved )(?:to )?(?:online|teams|zoom|virtual(?:ly)?)|moved|rescheduled|rearranged"
        r"|relocated|new (?:date|time|venue)|(?:date|time|venue) "
        r"changed?|change of (?:date|time|venue)|changed|brought forward|please note change"
    ),
    Status.WAITING_LIST: (
        r"wait(?:ing)?[ -]?list(?: only| open)?|wait[ -]?listed"
        r"|(?:reserves?|cancellations?) list(?: only)?"
    ),
    Status.FULL: (
        rf"(?:course |session |now )?full(?: up)?|(?:now )?fully (?:booked|subscribed)|sold out"
        rf"|booked up|over[ -]?subscribed|no {_PLACE}(?: left| available| remaining)?"
        r"|closed(?: (?:to|for) bookings?)?|bookings? (?:is |are )?closed|0 (?:left|places left)"
    ),
    Status.LAST_PLACES: (
        rf"(?:nearly|almost) full|filling (?:up )?fast"
        rf"|last (?:few )?{_PLACE}|(?:a )?few {_PLACE}(?: left| remaining)?"
        rf"|limited (?:{_PLACE}|availability)|(?:only )?\d{{1,3}} (?:{_PLACE} )?(?:left|remaining)"
    ),
    Status.OPEN: (
        rf"{_PLACE} available|(?:now )?open(?: for bookings?)?|bookings? (?:is |are )?(?:now )?open"
        r"|book now"
    ),
    Status.CONFIRMED: r"confirmed|going ahead|running|scheduled|as planned|active|live",
}
_WHOLE = {status: re.compile(rf"(?:{words})\W*", re.IGNORECASE) for status, words in _WORDS.items()}
_BEGINS = {
    status: re.compile(rf"\W*(?:{words})\b", re.IGNORECASE) for status, words in _WORDS.items()
}
NOT_HELD = re.compile(rf"\b(?:{_WORDS[Status.NOT_HELD]})\b", re.IGNORECASE)
_ANY = "|".join(_WORDS[status] for status in _WORDS if status is not Status.CONFIRMED)
# Set apart on both sides: by a dash, a bracket, stars, a comma or what was taken out (NUL).
_SET_APART = re.compile(
    rf"(?:^|(?<=[(\[*~|,:;!\t\0-])) {{0,3}}(?P<status>{_ANY})"
    rf"(?= {{0,3}}(?:$|[)\]*~|,;:!.\t\0]|-))",
    re.IGNORECASE,
)
# In capitals at the end, "Neglect CANCELLED".
_IN_CAPITALS = re.compile(
    r"(?<=\S) (?P<status>[A-Z][A-Z /-]{1,40}[A-Z])(?= {0,3}(?:$|[)\]*|,;:\t\0-]))"
)

PLACES = {
    Status.FULL: Places.FULL,
    Status.WAITING_LIST: Places.WAITING_LIST,
    Status.LAST_PLACES: Places.LAST_PLACES,
    Status.OPEN: Places.OPEN,
}


class FoundStatus(NamedTuple):
    start: int
    end: int
    text: str


def status_of(text: str) -> Status | None:
    """Return what a text says that is a status and nothing else."""
    text = plain(text).strip(" *()[]!.,;:|-")
    return next((status for status, words in _WHOLE.items() if words.fullmatch(text)), None)


def begins_with_status(text: str) -> Status | None:
    """Return the status with which a note begins: "CANCELLED - trainer unwell"."""
    for status in (Status.NOT_HELD, Status.PROVISIONAL, Status.MOVED):
        if (match := _BEGINS[status].match(plain(text))) and _is_apart(plain(text)[match.end() :]):
            return status
    return None


def _is_apart(rest: str) -> bool:
    return not rest.strip() or not re.match(r"\s*[A-Za-z]", rest)


def says_not_held(text: str) -> bool:
    return bool(NOT_HELD.search(lines(text)))


def without_not_held(text: str) -> str:
    """Return a text as one line without the words that say that it is not held."""
    for match in reversed(list(NOT_HELD.finditer(lines(text)))):
        text = f"{text[: match.start()]} {text[match.end() :]}"
    return " ".join(text.split())


def find_status(text: str) -> list[FoundStatus]:
    """Return the words of a line with plain signs that stand by themselves and say a status."""
    found = [
        FoundStatus(match.start("status"), match.end("status"), match["status"])
        for match in _SET_APART.finditer(text)
    ]
    taken = {place for each in found for place in range(each.start, each.end)}
    for match in _IN_CAPITALS.finditer(text):
        words, start = match["status"], match.start("status")
        # The longest end of the capitals that is a status: "LADO CANCELLED".
        for place in [0, *(space.end() for space in re.finditer(" ", words))]:
            status = status_of(words[place:])
            if status and status is not Status.CONFIRMED and start + place not in taken:
                found.append(FoundStatus(start + place, match.end("status"), words[place:]))
                break
    return sorted(found)
