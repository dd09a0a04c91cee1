"""Drafts: the lines of a future block, and the mark of an item that it begins with."""

import re
from typing import Literal, NamedTuple

from reviews.pdf.body import ROLES
from reviews.pdf.lines import Line

_BULLET = re.compile(r"([•◦‣⁃∙●○■□▪▫◆◇►▶▸➢➤✓✔✗✘❖◼◻◾◽⬛⚫♦❑❒❏❍➔⇒])\s*|([o·–—→-])\s+")
_ITEM_NUMBER = re.compile(r"\(?(?:\d{1,3}|[a-z]|[ivx]{1,5}|[IVX]{2,5})[.)](?=\s|$)|\([A-Z]\)(?=\s)")
# No paragraph is the 0.8th.
_REFERENCE = re.compile(r"(?!0)\d{1,3}(?:\.\d{1,3})+\.?(?=\s|$)")


class Draft:
    """The lines of a future block."""

    def __init__(self, line: Line, label: str = "") -> None:
        self.lines = [line]
        # Of a note, what marks refer to it by.
        self.label = label
        self.marked = NO_MARK if label else mark_of(line)
        self.role = ROLES.get(line.role, "")

    @property
    def left(self) -> float:
        """The left edge of its lines, except the first, which may be indented."""
        return self.lines[1 if len(self.lines) > 1 else 0].left

    @property
    def length(self) -> int:
        return sum(len(line.text) for line in self.lines)


class Mark(NamedTuple):
    """The beginning of a line that may be the mark of an item or a numbered paragraph."""

    kind: Literal["", "bullet", "number", "reference"]
    text: str
    # No line begins like this by chance.
    sure: bool


NO_MARK = Mark("", "", False)


def is_numbered(text: str) -> bool:
    """Return whether an item begins with a number or letter of its own, as in "1." and "(a)"."""
    return _ITEM_NUMBER.match(text) is not None or _REFERENCE.match(text) is not None


def mark_of(line: Line) -> Mark:
    if line.symbol:
        return Mark("bullet", "", True)
    text = line.text
    if (found := _BULLET.match(text)) is not None:
        return Mark("bullet", found[0], found[1] is not None)
    if (found := _ITEM_NUMBER.match(text)) is not None:
        return Mark("number", found[0], False)
    if (found := _REFERENCE.match(text)) is not None:
        return Mark("reference", found[0], False)
    return NO_MARK
