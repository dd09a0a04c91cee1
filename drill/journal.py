"""A journal that survives the SIGKILL of its writer: one line of JSON an event.

What a process has handed to the kernel survives its end, so each event is one write, made before
the next action.
"""

import json
import os
from pathlib import Path
from typing import Any

Event = dict[str, Any]


class Journal:
    def __init__(self, path: Path) -> None:
        self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)

    def write(self, event: str, **facts: Any) -> None:
        os.write(self._file, json.dumps({"event": event, **facts}).encode() + b"\n")


def read(path: Path) -> list[Event]:
    """Return the events written so far; a line that is being written is left out."""
    if not path.exists():
        return []
    *whole, _ = path.read_bytes().split(b"\n")
    return [json.loads(line) for line in whole]
