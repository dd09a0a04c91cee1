"""Single flight of responses: of threads that ask for one page at once, one makes it for all."""

from threading import Event, Lock
from typing import Generic, TypeVar

Key = TypeVar("Key")
Answer = TypeVar("Answer")

# Seconds after which a waiting thread makes the page itself.
LONGEST_WAIT = 10


class Flight(Generic[Answer]):
    """One response being made. It lands once, with a shareable response or None."""

    def __init__(self) -> None:
        self._landed = Event()
        self._answer: Answer | None = None

    def land(self, answer: Answer | None) -> None:
        self._answer = answer
        self._landed.set()

    def wait(self) -> Answer | None:
        self._landed.wait(LONGEST_WAIT)
        return self._answer


class Flights(Generic[Key, Answer]):
    """The flights in progress.

    Unlike mscp.concurrency.single_flight, all that waited for a response that cannot be shared
    go on at once; and a flight is removed when it has landed, so keys may be any number.
    """

    def __init__(self) -> None:
        self._lock = Lock()
        self._flying: dict[Key, Flight[Answer]] = {}

    def join(self, key: Key) -> tuple[Flight[Answer], bool]:
        """Return the flight of a key, and whether this thread makes the response.

        If so it must call ``end``, whatever happens.
        """
        with self._lock:
            if flight := self._flying.get(key):
                return flight, False
            flight = self._flying[key] = Flight()
            return flight, True

    def end(self, key: Key, answer: Answer | None) -> None:
        with self._lock:
            flight = self._flying.pop(key)
        flight.land(answer)

    def __len__(self) -> int:
        return len(self._flying)
