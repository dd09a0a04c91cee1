"""Right-to-left text: a line of Arabic, Urdu or Hebrew in the order in which it is read.

pdfium turns such a line round in pieces: numbers, Latin words and brackets come out of their place,
and of a ligature the letters. What is on the line is put into visual order, and that is inverted by
the rules of the Unicode bidirectional algorithm (UAX 9) for text within one paragraph.
"""

import re
import unicodedata
from collections.abc import Iterator
from itertools import pairwise

from reviews.pdf.characters import Char, PageOfChars

RIGHT_TO_LEFT = re.compile("[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]")
_BRACKETS = dict(zip("([{<«)]}>»", ")]}>»([{<«", strict=True))
_OPENING = "([{<«"
# Signs between the digits of a number.
_WITHIN_A_NUMBER = ".,:/-–٫٬"
# A gap between two letters that is a space, as a share of their size.
_SPACE = 0.22


class _Unit:
    """One drawn letter with its accents, or the letters of a ligature, in the order of reading."""

    def __init__(self, char: Char, *, spaced: bool) -> None:
        self.chars = [char]
        # Whether a space is before it in the order of pdfium.
        self.spaced = spaced

    @property
    def kind(self) -> str:
        """Return "R" for a letter from right to left, "L", "N" for a digit, or "" for others."""
        text = self.chars[0].text
        if RIGHT_TO_LEFT.match(text) and not text.isdigit():
            return "R"
        if text.isdigit():
            return "N"
        return "L" if text.isalpha() else ""


def in_reading_order(page: PageOfChars) -> PageOfChars:
    """Return the page with each line that is mostly right-to-left in the order of reading."""
    chars = page.chars
    if not any(char.text > "\u058f" and RIGHT_TO_LEFT.match(char.text) for char in chars):
        return page
    ordered: list[Char] = []
    for line in _lines(chars):
        ordered += _read(line) if is_right_to_left("".join(char.text for char in line)) else line
    return page._replace(chars=ordered)


def is_right_to_left(text: str) -> bool:
    """Return whether most letters of a text are of a script from right to left."""
    if text.isascii():
        return False
    to_left = len(RIGHT_TO_LEFT.findall(text))
    return to_left > 0 and to_left > sum(map(str.isalpha, text)) - to_left


def _lines(chars: list[Char]) -> Iterator[list[Char]]:
    line: list[Char] = []
    for char in chars:
        line.append(char)
        if char.text == "\n":
            yield line
            line = []
    yield line


def _read(line: list[Char]) -> list[Char]:
    units, end = _units(line)
    if units is None:
        return line
    before = {id(after): unit for unit, after in pairwise(units)}
    units.sort(key=lambda unit: -(unit.chars[0].left + unit.chars[0].right))
    read: list[Char] = []
    last: _Unit | None = None
    run_before: list[_Unit] = []
    for run in _runs(units):
        for place, unit in enumerate(reversed(run)):
            if last is not None:
                left, right = (last, unit) if place else (run[0], run_before[-1])
                gap = right.chars[0].left - left.chars[0].right
                if _has_space(last, unit, gap, in_order=before.get(id(unit)) is last):
                    where = unit.chars[0]
                    read.append(where._replace(text=" ", left=where.right, bottom=where.top))
            read += unit.chars
            last = unit
        run_before = run
    return _with_brackets(read) + end


def _units(line: list[Char]) -> tuple[list[_Unit] | None, list[Char]]:
    """Return the units of a line and its end; None if a letter has no place, or it is two lines."""
    units: list[_Unit] = []
    end: list[Char] = []
    spaced = False
    for char in line:
        if char.text in "\r\n":
            end.append(char)
        elif char.text.isspace():
            spaced = True
        elif not (char.left < char.right and char.top < char.bottom):
            return None, end
        elif units and not spaced and unicodedata.combining(char.text):
            units[-1].chars.append(char)
        elif units and _is_same_sign(units[-1].chars[0], char):
            # The letters of a ligature, which pdfium has turned round.
            units[-1].chars.insert(0, char)
        else:
            if units and not _is_beside(units[-1].chars[0], char):
                return None, end
            units.append(_Unit(char, spaced=spaced))
            spaced = False
    return units, end


def _is_same_sign(one: Char, other: Char) -> bool:
    return one[1:5] == other[1:5] and RIGHT_TO_LEFT.match(other.text) is not None


def _is_beside(one: Char, other: Char) -> bool:
    reach = max(one.size, other.size)
    return one.top < other.bottom + reach and other.top < one.bottom + reach


def _runs(units: list[_Unit]) -> Iterator[list[_Unit]]:
    """Yield runs of units from the right: those of Latin words and numbers as they are drawn.

    Each run is given from the right to the left, to be reversed.
    """
    place = 0
    while place < len(units):
        end = place + 1
        if units[place].kind in ("L", "N"):
            last = place
            while end < len(units) and units[end].kind != "R":
                if units[end].kind and _belong_together(units[last : end + 1]):
                    last = end
                elif units[end].kind:
                    break
                end += 1
            end = last + 1
        yield units[place:end]
        place = end


def _belong_together(units: list[_Unit]) -> bool:
    """Return whether two signs from left to right are of one run, with what is between them."""
    right, *between, left = units
    if left.kind == "L" or not between:
        return True
    signs = "".join(unit.chars[0].text for unit in between)
    gap = any(unit.spaced for unit in (right, *between))
    return right.kind == "N" and len(signs) == 1 and signs in _WITHIN_A_NUMBER and not gap


def _has_space(last: _Unit, unit: _Unit, gap: float, *, in_order: bool) -> bool:
    """Return whether a space is between two units: as pdfium says, where it left them in order."""
    kinds = {last.kind, unit.kind}
    if in_order and (len(kinds) == 1 or (unit.spaced and kinds <= {"R", ""})):
        return unit.spaced
    return gap > _SPACE * max(last.chars[0].size, unit.chars[0].size)


def _with_brackets(chars: list[Char]) -> list[Char]:
    """Turn brackets that open where they should close, and the other way round."""
    opened: list[str] = []
    for place, char in enumerate(chars):
        if char.text not in _BRACKETS:
            continue
        wanted = char.text
        other = _BRACKETS[char.text]
        opens = char.text in _OPENING
        if opened and char.text in (opened[-1], _BRACKETS[opened[-1]]):
            wanted = _BRACKETS[opened.pop()]
        else:
            wanted = char.text if opens else other
            opened.append(wanted)
        chars[place] = char._replace(text=wanted)
    return chars
