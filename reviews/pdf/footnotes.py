"""Footnotes and endnotes: which lines begin one, by the label that stands before its text."""

import re
from collections.abc import Iterable

from reviews.pdf.body import Body
from reviews.pdf.lines import Line
from reviews.pdf.note_marks import MARK, plain_mark

_SIGNS = "*†‡§"
_RAISED_LABEL = re.compile(rf"(?:{MARK.pattern})(?=$|\s|[^\W_]|[“‘\"'(\[])")
_PLAIN_LABEL = re.compile(r"\d{1,3}(?=[.)]?\s+\S)")
_BARE_LABEL = re.compile(r"\d{1,3}(?=\s+\S)")
_SIGN_LABEL = re.compile(rf"[{_SIGNS}]{{1,3}}(?=\s*[^\W_])")
SIGN_MARK = re.compile(rf"(?<=[^\s{_SIGNS}])[{_SIGNS}]{{1,3}}(?=[\s.,;:)]|$)")
"""A sign behind a word, which is a mark if a note begins with it."""

_LETTER_LABEL = re.compile(r"(?:[ivxl]{1,5}|[a-h])(?=[.)]?\s)")
# Notes are set smaller than this share of the text.
_SMALL = 0.95
# So many that count on are notes of which no mark was found.
FEWEST_COUNTED = 3


def label_of(text: str) -> str:
    """Return the label that a note's text begins with, in plain characters; empty if none."""
    return _label_of(text, _RAISED_LABEL, _PLAIN_LABEL, _SIGN_LABEL, _LETTER_LABEL)


def _label_of(text: str, *patterns: re.Pattern[str]) -> str:
    for pattern in patterns:
        if found := pattern.match(text):
            return plain_mark(found[0])
    return ""


def labels_of(lines: list[Line], body: Body) -> list[str]:
    """Return the label of each line of a page that begins a note; empty for the other lines.

    What is raised at the beginning of a line is a label. A plain number or sign is one in small
    letters only, and only if a mark on the page refers to it or the note before has the number
    before it: "12 March" may also begin the second line of a note. At the foot of a page numbers
    that count on are labels without any mark. What is raised before a bold line is a mark in it,
    for no note is bold.
    """
    marks = _marks_of(lines)
    counted = _counted_at_foot(lines, body)
    labels: list[str] = []
    last = 0
    for line in lines:
        label = _label_of(line.text, _RAISED_LABEL, _PLAIN_LABEL, _SIGN_LABEL)
        if label and not _RAISED_LABEL.match(line.text):
            small = line.size < _SMALL * body.size or line.role == "Note"
            follows = label.isdigit() and last and int(label) == last + 1
            is_passed = label.isdigit() and int(label) <= last
            if is_passed or not (
                small and line.placed and (label in marks or label in counted or follows)
            ):
                label = ""
        elif label and line.bold and not body.bold:
            label = ""
        labels.append(label)
        if label.isdigit():
            last = int(label)
    return labels


def _counted_at_foot(lines: list[Line], body: Body) -> set[str]:
    """Return the numbers before small lines at the foot of a page, if enough of them count on."""
    foot = len(lines)
    while foot and lines[foot - 1].placed and lines[foot - 1].size < _SMALL * body.size:
        foot -= 1
    numbers = [int(found[0]) for line in lines[foot:] if (found := _BARE_LABEL.match(line.text))]
    run: list[int] = []
    for number in numbers:
        if run and number == run[-1] + 1:
            run.append(number)
        elif len(run) < FEWEST_COUNTED:
            run = [number]
    return set(map(str, run)) if len(run) >= FEWEST_COUNTED else set()


def _marks_of(lines: Iterable[Line]) -> set[str]:
    marks: set[str] = set()
    for line in lines:
        if not line.text.isascii():
            marks.update(plain_mark(m[0]) for m in MARK.finditer(line.text) if m.start())
        marks.update(found[0] for found in SIGN_MARK.finditer(line.text))
    return marks
