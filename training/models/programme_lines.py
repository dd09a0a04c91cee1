"""One line of a programme: what was read, and what an editor made of it. Kept as JSON."""

import re
from dataclasses import asdict, dataclass, field
from typing import Any

# Everything of a line is text, as it was written; what it means is told anew at every look.
TEXTS = {
    "title": "Title as read",
    "date": "Day",
    "end_date": "Last day",
    "start": "From",
    "end": "To",
    "delivery": "How it is taught",
    "joining": "Joining address",
    "venue": "Place as read",
    "places": "Places",
    "booking": "Booking address or e-mail",
    "closes": "Last day to book",
    "audience": "For whom",
    "note": "Note",
}
# What an editor chooses instead of what a text says: the key of a record, or one of these words.
BY_TEXT, NEW, NONE = "", "new", "none"
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
# Of no width: what copying from a web page brings along.
INVISIBLE = dict.fromkeys(map(ord, "\u200b\u200c\u200d\u2060\ufeff\u00ad"))


def plain_text(text: str) -> str:
    """Return a text as one line, without the signs that no text has."""
    return " ".join(_CONTROL.sub(" ", text.translate(INVISIBLE)).split())


@dataclass
class Remark:
    """Something about a line that only whoever read it could know."""

    kind: str
    text: str
    # The text it is about: a remark that stops is settled when the editor writes another.
    about: str = ""
    stops: bool = False


@dataclass
class Line:
    number: int
    source: str = ""
    title: str = ""
    date: str = ""
    end_date: str = ""
    start: str = ""
    end: str = ""
    delivery: str = ""
    joining: str = ""
    venue: str = ""
    places: str = ""
    booking: str = ""
    closes: str = ""
    audience: str = ""
    note: str = ""
    course: str = BY_TEXT
    place: str = BY_TEXT
    left_out: bool = False
    remarks: list[Remark] = field(default_factory=list)
    # The session it became.
    session: int | None = None

    def write(self, name: str, text: str) -> bool:
        """Write one of the texts anew, and tell whether that changed it."""
        text = plain_text(text)
        if text == getattr(self, name):
            return False
        setattr(self, name, text)
        self.remarks = [r for r in self.remarks if not (r.stops and r.about == name)]
        return True

    def as_json(self) -> dict[str, Any]:
        return {name: value for name, value in asdict(self).items() if value not in ("", [], None)}

    @classmethod
    def from_json(cls, kept: dict[str, Any]) -> "Line":
        remarks = [Remark(**remark) for remark in kept.get("remarks", [])]
        return cls(**{**kept, "remarks": remarks})


@dataclass
class Programme:
    """What was read of a text or a file."""

    lines: list[Line] = field(default_factory=list)
    # Sentences about the whole: what was not used, and how it was read.
    remarks: list[str] = field(default_factory=list)


class UnreadableError(Exception):
    """Nothing can be made of it; the message is a sentence for the editor."""
