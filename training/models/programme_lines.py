"""One line of a programme: its texts, and an editor's choices. Saved as JSON."""

from dataclasses import asdict, dataclass, field, replace
from typing import Any

from mscp.text.folding import one_line

# Every value of a line is text, as it was written; its meaning is determined at every preview.
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
    "cost": "Cost",
    "trainer": "Trainer",
    "note": "Note",
    "status": "Status as read",
}
# What an editor chooses instead of what a text says: the key of a record, or one of these words.
BY_TEXT, NEW, NONE = "", "new", "none"
# Made new if it is still not known when it is imported; NEW makes one whatever is known.
TICKED = "ticked"


_IN_SHORT = (
    ("Put it into the note, which visitors see", "Into the public note"),
    ("into the note, which visitors see", "into the public note"),
    ("It is not needed", "Not needed"),
    ("It belongs to the ", "Part of the "),
)


@dataclass(frozen=True)
class Answer:
    """A likely answer to a question about a line: what pressing its button does."""

    key: str
    label: str
    # New values of texts and choices; what is put behind a text; more lines with other values.
    changes: dict[str, str] = field(default_factory=dict)
    appended: dict[str, str] = field(default_factory=dict)
    copies: list[dict[str, str]] = field(default_factory=list)
    leaves_out: bool = False

    @property
    def in_short(self) -> str:
        """Return what its button says; by the label it is known in a kept source."""
        text = self.label
        for words, fewer in _IN_SHORT:
            text = text.replace(words, fewer)
        return text[:1].upper() + text[1:]


@dataclass
class Remark:
    """A remark on a line that only its reader (text or sheet) could make."""

    kind: str
    text: str
    # The text it is about: a remark that stops the import is settled when the editor changes it.
    about: str = ""
    stops: bool = False
    answers: list[Answer] = field(default_factory=list)

    @classmethod
    def from_json(cls, kept: dict[str, Any]) -> "Remark":
        answers = [Answer(**answer) for answer in kept.get("answers", [])]
        return cls(**{**kept, "answers": answers})


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
    cost: str = ""
    trainer: str = ""
    note: str = ""
    status: str = ""
    course: str = BY_TEXT
    place: str = BY_TEXT
    left_out: bool = False
    # What hides the line in its source, which it is left out for until somebody takes it.
    hidden: str = ""
    # The texts that are hidden in its source: by what hides them, then by their name.
    unseen: dict[str, dict[str, str]] = field(default_factory=dict)
    remarks: list[Remark] = field(default_factory=list)
    # Questions that were answered: the kind, its text, and the answer in words.
    answered: list[tuple[str, str, str]] = field(default_factory=list)
    # How its text was divided: each piece with the field it went to. Together they are the text.
    parts: list[tuple[str, str]] = field(default_factory=list)
    # Its row in the sheet, from which it is read again when a column is given another meaning:
    # the cells, what is wrong with one or hides it, by its index.
    row: dict[str, Any] = field(default_factory=dict)
    # What its source calls it for good: the UID of an event.
    uid: str = ""
    # The differences from the session that is there which somebody ticked, to be taken over.
    takes: list[str] = field(default_factory=list)
    # Said to be no other day of the session that it seemed to be.
    apart: bool = False
    # Left out of its import, because a question about it was open.
    asked: bool = False
    # The session it became, and the one that it was when it was imported.
    session: int | None = None
    known: int | None = None

    def write(self, name: str, text: str) -> bool:
        """Change one of the texts; return whether it differed."""
        text = one_line(text)
        if text == getattr(self, name):
            return False
        setattr(self, name, text)
        self.remarks = [r for r in self.remarks if not (r.stops and r.about == name)]
        return True

    def hide(self, why: str) -> None:
        """Leave it out for what hides it in its source; the first reason stays."""
        if not self.hidden:
            self.left_out, self.hidden = True, why
            text = f"The file hides this line ({why})."
            self.remarks.append(Remark("hidden", text))

    def answer(self, kind: str, question: str, answer: Answer) -> list["Line"]:
        """Do what an answer says, keep it, and return the lines that it adds."""
        for name, choice in (("title", "course"), ("venue", "place")):
            if name in {**answer.changes, **answer.appended} and getattr(self, choice) == TICKED:
                # The tick was for the name that it had.
                setattr(self, choice, BY_TEXT)
        for name, text in answer.changes.items():
            setattr(self, name, text)
        for name, text in answer.appended.items():
            between = "; " if name == "note" else " "
            setattr(self, name, between.join(filter(None, [getattr(self, name), text])))
        self.left_out = self.left_out or answer.leaves_out
        self.remarks = [r for r in self.remarks if (r.kind, r.text) != (kind, question)]
        self.answered.append((kind, question, answer.label))
        return [
            # Of one event one line alone keeps what its source calls it.
            replace(
                self,
                **changes,  # type: ignore[arg-type]
                remarks=list(self.remarks),
                answered=list(self.answered),
                takes=[],
                uid="",
            )
            for changes in answer.copies
        ]

    def is_answered(self, kind: str, question: str) -> bool:
        return any((known, text) == (kind, question) for known, text, _ in self.answered)

    def as_json(self) -> dict[str, Any]:
        empty: tuple[object, ...] = ("", [], {}, None, False)
        # Not by asdict(), which copies every cell of every row, of thousands of lines.
        kept = {name: value for name, value in vars(self).items() if value not in empty}
        if self.remarks:
            kept["remarks"] = [asdict(remark) for remark in self.remarks]
        return kept

    @classmethod
    def from_json(cls, kept: dict[str, Any]) -> "Line":
        remarks = [Remark.from_json(remark) for remark in kept.get("remarks", [])]
        answered: list[Any] = [tuple(each) for each in kept.get("answered", [])]
        parts: list[Any] = [tuple(part) for part in kept.get("parts", [])]
        return cls(**{**kept, "remarks": remarks, "answered": answered, "parts": parts})


@dataclass
class Programme:
    """The result of reading a text or a file."""

    lines: list[Line] = field(default_factory=list)
    # Sentences about the complete programme: what was not used, and how it was read.
    remarks: list[str] = field(default_factory=list)
    # The columns of a sheet: their headings, and which text of a line each is.
    headings: list[str] = field(default_factory=list)
    columns: dict[int, str] = field(default_factory=dict)

    @property
    def table(self) -> dict[str, Any]:
        columns = {str(index): name for index, name in self.columns.items()}
        return {"headings": self.headings, "columns": columns} if self.headings else {}


class UnreadableError(Exception):
    """Nothing can be read; the message is a sentence for the editor."""
