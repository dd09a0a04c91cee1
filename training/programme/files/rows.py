"""Rows of a file of the programme, as the readers of each kind of file give them."""

import re
from dataclasses import dataclass, field

MOST_COLUMNS = 60
# What breaks a line in some program, and never a row: vertical tab, form feed, the separators of
# ASCII, next line, and the separators of Unicode.
LINE_ENDS = re.compile("\r\n?|[\x0b\x0c\x1c-\x1e\x85\u2028\u2029]")


@dataclass
class Unseen:
    """A text of a cell that nobody sees who looks at the sheet."""

    # What hides it, as its group is called: "hidden column C".
    why: str
    text: str


@dataclass
class Row:
    """One row of the file."""

    number: int
    cells: list[str]
    # What is wrong with a cell, by its index.
    problems: dict[int, str] = field(default_factory=dict)
    # What hides the complete row, if anything does.
    hidden: str = ""
    # The texts that are hidden in it, by the index of their cell, which is then empty.
    unseen: dict[int, Unseen] = field(default_factory=dict)
    # Sentences on what stands with the row and in no cell: comments.
    notes: list[str] = field(default_factory=list)


def as_lines(text: str) -> str:
    """Return a text with line feeds for whatever breaks its lines."""
    return LINE_ENDS.sub("\n", text)
