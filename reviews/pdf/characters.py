"""The characters of a page: what they say, where they stand and how they are drawn."""

from typing import NamedTuple


class Char(NamedTuple):
    """One character as pdfium tells it.

    Spaces and line ends that pdfium adds are there too, as " " and "\\n", with an empty box. A
    hyphen at which a word was broken at the end of a line is "\\x02".
    """

    text: str
    # In points from the top left corner of the page as it is shown; top < bottom.
    left: float
    top: float
    right: float
    bottom: float
    # Height of the letters as drawn, in points.
    size: float
    bold: bool
    # The role that the tags of the file give it (H1, P, LI, Artifact …); empty without tags.
    role: str


class PageOfChars(NamedTuple):
    number: int
    width: float
    height: float
    # In the order of the file's own text; nothing hidden is among them.
    chars: list[Char]
