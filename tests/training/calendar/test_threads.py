"""What a process keeps of calendars holds for whom it was written, whichever threads ask."""

from time import sleep
from types import SimpleNamespace
from typing import Any

import pytest

from mscp.cache import versions
from tests.threads import in_threads
from training.calendar import entries as calendar


class Uid:
    """Equal to every other, and gives way to another thread whenever it is compared."""

    def __eq__(self, other: object) -> bool:
        sleep(0)
        return True

    __hash__ = None  # type: ignore[assignment]


def test_entries_for_one_host_never_get_among_those_for_another(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # The version comes from the database, which would keep the threads from meeting.
    monkeypatch.setattr(versions, "current", lambda: ("version",))

    def ask(place: int) -> set[str]:
        met = set()
        for _ in range(2000):
            partnership = SimpleNamespace(uid=Uid(), email="", website="")
            source: Any = SimpleNamespace(origin=f"https://{place}", partnership=partnership)
            entries = calendar._entries_kept(source)
            entries[place] = source.origin.encode()
            met.update(map(bytes.decode, entries.copy().values()))
        return met

    assert in_threads(2, ask) == [{"https://0"}, {"https://1"}]
