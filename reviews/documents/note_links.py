"""Links between the note marks of a document and its notes, both ways."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from itertools import count
from typing import Any, NamedTuple

from mscp.search.analysis import EXPONENT
from reviews.pdf.footnotes import SIGN_MARK, label_of
from reviews.pdf.note_marks import MARK, plain_mark

_MARKS = re.compile(f"(?!{EXPONENT})(?:{MARK.pattern})|{SIGN_MARK.pattern}")
_FULL_STOP = re.compile(r"[.)]?\s*")


class Mark(NamedTuple):
    """A mark where it stands in a text."""

    label: str
    start: int
    end: int
    anchor: str = ""
    # The anchor of its note; empty where there is none.
    note: str = ""


class Note(NamedTuple):
    label: str
    # Without its label.
    text: str
    anchor: str
    # The anchor of the first mark that refers to it; empty where there is none.
    mark: str


class NoteLinks:
    """Marks and notes of a document, which are asked for in the order in which they stand there.

    A mark leads to the note of its page with the same label. Where that page has none, it leads to
    the next one after it to which no mark on its own page leads: a note at the end of a chapter or
    document, or one that the page had no room for.
    """

    def __init__(self, pages: Iterable[tuple[int, list[Any]]]) -> None:
        marks: dict[int, list[str]] = {}
        notes: dict[int, list[str]] = {}
        for page, blocks in pages:
            marks[page] = [mark.label for text in _texts(blocks) for mark in _marks_in(text)]
            notes[page] = list(_labels(blocks))
        self._note_of: dict[str, str] = {}
        self._mark_of: dict[str, str] = {}
        self._next_mark: dict[int, Iterator[int]] = defaultdict(lambda: count(1))
        self._next_note: dict[int, Iterator[int]] = defaultdict(lambda: count(1))
        self._connect(marks, notes)

    def _connect(self, marks: dict[int, list[str]], notes: dict[int, list[str]]) -> None:
        later: dict[str, list[tuple[int, str]]] = defaultdict(list)
        own: dict[int, dict[str, str]] = {}
        for page, labels in notes.items():
            own[page] = {}
            for number, label in enumerate(labels, 1):
                anchor = _note_anchor(page, number)
                own[page].setdefault(label, anchor)
                if label not in marks[page]:
                    later[label].append((page, anchor))
        for page, labels in marks.items():
            for number, label in enumerate(labels, 1):
                after = (anchor for other, anchor in later.get(label, ()) if other > page)
                if note := own[page].get(label) or next(after, ""):
                    anchor = _mark_anchor(page, number)
                    self._note_of[anchor] = note
                    self._mark_of.setdefault(note, anchor)

    def marks_in(self, text: str, page: int) -> list[Mark]:
        """Return the marks of the next text on a page; a sign is one only if it has its note."""
        found = []
        for mark in _marks_in(text):
            anchor = _mark_anchor(page, next(self._next_mark[page]))
            note = self._note_of.get(anchor, "")
            if note or MARK.fullmatch(text[mark.start : mark.end]):
                found.append(mark._replace(anchor=anchor, note=note))
        return found

    def note(self, text: str, page: int) -> Note:
        """Return the next note on a page."""
        anchor = _note_anchor(page, next(self._next_note[page]))
        return Note(*_parted(text), anchor, self._mark_of.get(anchor, ""))


def _mark_anchor(page: int, number: int) -> str:
    return f"page-{page}-mark-{number}"


def _note_anchor(page: int, number: int) -> str:
    return f"page-{page}-note-{number}"


def _marks_in(text: str) -> Iterator[Mark]:
    for found in _MARKS.finditer(text):
        yield Mark(plain_mark(found[0]), *found.span())


def _parted(text: str) -> tuple[str, str]:
    """Return the label of a note and its text without it."""
    label = label_of(text)
    rest = _FULL_STOP.match(text, len(label)) if label else None
    return label, text[rest.end() :] if rest else text


def _labels(blocks: list[Any]) -> Iterator[str]:
    for block in blocks:
        if block["kind"] == "note":
            yield label_of(block["text"])
        yield from _labels(block.get("parts", []))


def _texts(blocks: list[Any]) -> Iterator[str]:
    """Yield the texts in which marks are looked for, in the order in which they are shown."""
    for block in blocks:
        yield _parted(block["text"])[1] if block["kind"] == "note" else block["text"]
        for row in block.get("rows", ()):
            for cell in row:
                yield from cell
        yield from _texts(block.get("parts", []))
