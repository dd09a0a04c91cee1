"""Note marks: small raised numbers and letters become superscript characters.

A mark is then no part of the word before it, wherever the text goes: "neglect¹²", not "neglect12".
Exponents ("km²") are raised as well and come out the same way; ordinals ("16th") stay as they are.
"""

import re
from collections.abc import Iterator

from reviews.pdf.characters import Char, PageOfChars

_DIGITS = dict(zip("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹", strict=True))
_LETTERS = dict(zip("abcdefghilvx", "ᵃᵇᶜᵈᵉᶠᵍʰⁱˡᵛˣ", strict=True))
_RAISED = _DIGITS | _LETTERS
_PLAIN = str.maketrans({raised: plain for plain, raised in _RAISED.items()})

MARK = re.compile(f"[{''.join(_DIGITS.values())}]{{1,3}}|[{''.join(_LETTERS.values())}]{{1,5}}")
"""A mark in a text: up to three digits, or letters."""

_LETTER_MARK = re.compile(r"[ivxl]{1,5}|[a-h]")
# Shares of the size of the text beside it: how far a mark is above the line at least, how large and
# how high at most, and how far from its word.
_ABOVE = 0.12
_SMALLER = 0.85
_LOWER = 0.56
_NEAR = 0.6
# Letters without these have their lowest point on the line.
_BELOW_THE_LINE = frozenset("gjpqyQ")
_MOST_LOOKED_AT = 16
# A label stands a tab before its note.
_TAB = 4.0


def plain_mark(mark: str) -> str:
    """Return a mark in plain characters: "12" for "¹²"."""
    return mark.translate(_PLAIN)


def with_note_marks(page: PageOfChars) -> PageOfChars:
    """Return the page with its raised numbers and letters as superscript characters."""
    chars = page.chars
    changed: dict[int, Char] = {}
    for places in _small_runs(chars):
        if _is_mark(chars, places):
            for place in places:
                char = chars[place]
                changed[place] = char._replace(text=_RAISED[char.text])
    if not changed:
        return page
    return page._replace(chars=[changed.get(place, char) for place, char in enumerate(chars)])


def _small_runs(chars: list[Char]) -> Iterator[list[int]]:
    """Yield runs of digits, or of letters, that are smaller or lower than what is beside them."""
    run: list[int] = []
    # The size of the last letter or digit that is in no run.
    size = 0.0
    for place, char in enumerate(chars):
        text = char.text
        if text not in _RAISED:
            if run:
                yield run
                run = []
            if text.isalnum():
                size = char.size
            continue
        if run:
            first = chars[run[0]]
            if (text in _DIGITS) == (first.text in _DIGITS) and _is_like(char, first):
                run.append(place)
                continue
            yield run
            run = []
        if not size or char.size < _SMALLER * size or (text in _DIGITS and _is_low(char)):
            run.append(place)
        else:
            size = char.size
    if run:
        yield run


def _is_like(char: Char, other: Char) -> bool:
    return abs(char.size - other.size) < 0.1 and _is_low(char) == _is_low(other)


def _is_low(char: Char) -> bool:
    """Return whether it is a raised digit of the font itself, which is drawn in the full size."""
    return char.bottom - char.top < _LOWER * char.size


def _is_mark(chars: list[Char], places: list[int]) -> bool:
    first, last = chars[places[0]], chars[places[-1]]
    text = "".join(chars[place].text for place in places)
    is_number = text in _DIGITS or text.isdigit()
    if len(text) > 3 if is_number else not _LETTER_MARK.fullmatch(text):
        return False
    before, line = _on_the_line(chars, places[0] - 1, -1, first)
    after, line_after = _on_the_line(chars, places[-1] + 1, 1, last)
    line = line or line_after
    if line is None:
        return False
    size = line.size
    raised = first.bottom < line.bottom - _ABOVE * size
    if not raised or (first.size >= _SMALLER * size and first.bottom - first.top >= _LOWER * size):
        return False
    follows = bool(before) and -0.3 * size < first.left - before[0].right < _NEAR * size
    gap = after[0].left - last.right if after else size
    if any(beside and beside[0].text in "/⁄" for beside in (before, after)):
        return False
    if not follows:
        # The label of a note, at the beginning of its line.
        return bool(after) and gap < _TAB * size and (is_number or gap > 0.15 * size)
    if is_number:
        return True
    ends = not after or gap > 0.15 * size or not after[0].text.isalnum()
    word = "".join(char.text for char in before[1::-1])
    return ends and ((word.isalpha() and len(word) == 2) or not before[0].text.isalnum())


def _on_the_line(
    chars: list[Char], place: int, step: int, mark: Char
) -> tuple[list[Char], Char | None]:
    """Return the two drawn letters nearest to a mark, before or after it, and one of its base line.

    The latter is the nearest whose lowest point is on the base line; a letter, if any is. All in
    one loop, since a page may have thousands of small numbers, and each has many letters beside it.
    """
    nearest: list[Char] = []
    letter = number = None
    is_low = _is_low(mark)
    _, left_of_mark, _, right_of_mark, bottom_of_mark, size_of_mark, *_ = mark
    end = place + step * _MOST_LOOKED_AT
    for at in range(place, max(end, -1) if step < 0 else min(end, len(chars)), step):
        text, left, top, right, bottom, size, _, _, _ = char = chars[at]
        if not (left < right and top < bottom) or text.isspace():
            continue
        reach = 0.6 * (size if size > size_of_mark else size_of_mark)
        if right > left_of_mark + reach if step < 0 else left < right_of_mark - reach:
            break
        if not top - reach < bottom_of_mark < bottom + reach:
            break
        if len(nearest) < 2:
            nearest.append(char)
        elif letter:
            break
        if letter or text in _BELOW_THE_LINE or not text.isalnum():
            continue
        if text in _RAISED and abs(size - size_of_mark) < 0.1 and _is_low(char) == is_low:
            continue
        if text.isalpha():
            letter = char
        else:
            number = number or char
    return nearest, letter or number
