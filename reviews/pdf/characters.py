"""Characters of a page: text, position and style."""

from typing import NamedTuple

CODE = "Code"
"""The role of letters that are all as wide: of code, and of what a typewriter wrote."""


class Char(NamedTuple):
    """One character as pdfium reports it.

    Spaces and line ends that pdfium adds are included, as " " and "\\n", with an empty box. A
    hyphen that breaks a word at the end of a line is "\\x02".
    """

    text: str
    # In points from the top left corner of the page as displayed; top < bottom.
    left: float
    top: float
    right: float
    bottom: float
    # Height of the letters as drawn, in points.
    size: float
    bold: bool
    # The role that the tags of the file give it (H1, P, LI, Artifact …); empty without tags.
    role: str
    italic: bool = False


class PageOfChars(NamedTuple):
    number: int
    width: float
    height: float
    # In the order of the file's own text; without hidden ones.
    chars: list[Char]
