"""Places of a session as programmes write them: "Full", "25", "12/20", "2 left"."""

import re
from dataclasses import dataclass
from functools import lru_cache

from mscp.text.folding import plain
from training.models import Places
from training.programme.lines.status import PLACES, status_of
from training.programme.lines.titles import normal

# From so many that are left on there are places; of fewer they are the last ones.
FEW = 3
_NOUN = r"(?:places?|spaces?|seats?|delegates|attendees|participants|people|persons?|learners|pax)"
_TOTAL = re.compile(
    r"(?:(?:max(?:imum)?|up to|limit(?:ed)?(?: to)?|total(?: of)?|capacity|cap)\.?\s*:?\s*"
    r"(?:of\s+)?)?"
    rf"(?P<all>\d{{1,4}})\s*{_NOUN}?\s*(?:max(?:imum)?|in all|in total|total)?\.?",
    re.IGNORECASE,
)
_TWO = re.compile(
    rf"(?P<of>\d{{1,4}})\s*(?:/|\bof\b|\bout of\b)\s*(?P<all>\d{{1,4}})\s*{_NOUN}?\s*"
    r"(?P<what>(?:are\s+)?(?:booked|taken|filled|gone|sold|left|remaining|available|free))?\.?",
    re.IGNORECASE,
)
_LEFT = re.compile(
    rf"(?:only\s+)?(?P<left>\d{{1,4}})\s*{_NOUN}?\s*(?:left|remaining|available|free)\.?",
    re.IGNORECASE,
)
_BOOKED = re.compile(r"booked|taken|filled|gone|sold")


@dataclass(frozen=True)
class ReadPlaces:
    places: Places | None = None
    capacity: int | None = None
    # The first of two numbers, of which is not said what it counts.
    of: int | None = None
    left: int | None = None

    @property
    def if_booked(self) -> Places:
        return _of_left((self.capacity or 0) - (self.of or 0))

    @property
    def if_left(self) -> Places:
        return _of_left(self.of or 0)


def _of_left(number: int) -> Places:
    if number <= 0:
        return Places.FULL
    return Places.LAST_PLACES if number <= FEW else Places.OPEN


@lru_cache(maxsize=4096)
def read_places(text: str) -> ReadPlaces | None:
    """Return what a text says of places, or None if that is nothing known."""
    text = re.sub(r"(?<=\d)\.0+$", "", plain(text))
    if known := _word(text):
        return ReadPlaces(known)
    state, _, number = text.rpartition(";")
    if state and (known := _word(state.strip())) and (match := _TOTAL.fullmatch(number.strip())):
        return _checked(ReadPlaces(known, int(match["all"])))
    if match := _TWO.fullmatch(text):
        read = ReadPlaces(None, int(match["all"]), int(match["of"]))
        if int(match["of"]) > int(match["all"]):
            return None
        if what := match["what"]:
            state_of = read.if_booked if _BOOKED.search(what.lower()) else read.if_left
            read = ReadPlaces(state_of, read.capacity)
        return _checked(read)
    if match := _LEFT.fullmatch(text):
        return ReadPlaces(_of_left(int(match["left"])), left=int(match["left"]))
    if match := _TOTAL.fullmatch(text):
        return _checked(ReadPlaces(None, int(match["all"])))
    return None


def _checked(read: ReadPlaces) -> ReadPlaces | None:
    return read if read.capacity else None


def _word(text: str) -> Places | None:
    if text in Places.values:
        return Places(text)
    word = normal(text)
    if word == normal(str(Places.NOT_KNOWN.label)):
        return Places.NOT_KNOWN
    if word == "available":
        return Places.OPEN
    status = status_of(text)
    if status and re.search(r"[1-9]", text):
        # "2 left" is read with its number.
        return None
    return PLACES.get(status) if status else None
