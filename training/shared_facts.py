"""Facts that most sessions of a list share: said once above it, and left out of its items."""

from collections.abc import Collection
from typing import NamedTuple

from training.badges import is_new
from training.models import Delivery, Session

# Of fewer sessions each says for itself what is not known of it.
FEWEST = 3


class SharedFacts(NamedTuple):
    """What the items of a list leave out."""

    times: bool = False
    """That a time is not known."""
    venues: bool = False
    """That a venue is not known."""
    new: bool = False
    """That a session is new."""
    sentence: str = ""
    """What stands above the list instead."""


NOTHING_SHARED = SharedFacts()


def shared_facts(sessions: Collection[Session]) -> SharedFacts:
    """Return what more than half of some sessions have in common."""
    ahead = [session for session in sessions if not session.is_cancelled]
    new = sum(is_new(session) for session in ahead)
    without_time = sum(not session.times for session in ahead)
    without_venue = sum(_awaits_venue(session) for session in ahead)
    enough = len(ahead) >= FEWEST
    times = enough and _most(without_time, ahead)
    venues = enough and _most(without_venue, ahead)
    to_come = any(not session.is_past for session in ahead)
    phrases = [
        _times_phrase(without_time, len(ahead), to_come=to_come) if times else "",
        _venues_phrase(without_venue, len(ahead), to_come=to_come) if venues else "",
    ]
    sentence = "; ".join(phrase for phrase in phrases if phrase)
    sentence = f"{sentence[:1].upper()}{sentence[1:]}." if sentence else ""
    return SharedFacts(times, venues, _most(new, sessions), sentence)


def unknown_of(session: Session, shared: SharedFacts) -> str:
    """Return in words what is not known of a session and not said above its list."""
    if session.is_cancelled:
        return ""
    unknown = [
        name
        for name, is_unknown in (
            ("time", not session.times and not shared.times),
            ("venue", _awaits_venue(session) and not shared.venues),
        )
        if is_unknown
    ]
    if not unknown:
        return ""
    end = "not known" if session.is_past else "to be confirmed"
    return f"{' and '.join(unknown)} {end}".capitalize()


def _awaits_venue(session: Session) -> bool:
    return session.venue_id is None and session.delivery != Delivery.ONLINE


def _most(number: int, sessions: Collection[Session]) -> bool:
    return number * 2 > len(sessions)


def _times_phrase(number: int, total: int, *, to_come: bool) -> str:
    end = "confirmed yet" if to_come else "known"
    return f"No times are {end}" if number == total else f"{number} times are not {end}"


def _venues_phrase(number: int, total: int, *, to_come: bool) -> str:
    if number == total:
        return f"no venues are {'confirmed yet' if to_come else 'known'}"
    if to_come:
        return f"{number} sessions await a venue"
    return f"the venue of {number} sessions is not known"
