"""Blanks that pdfium adds where letters leave the line, although nothing parts them there.

It takes the comma in "thresholds³, as high" for the beginning of another line.
"""

from reviews.pdf.characters import Char, PageOfChars

# Signs that end what is before them, with no space between.
_CLOSING = frozenset(".,;:!?)]’”")
# Shares of the size of the sign: how far it is from what it ends, and how large that is at most.
_NEAR = 0.15
_SMALLER = 0.9
_MOST_BLANKS = 3


def without_added_blanks(page: PageOfChars) -> PageOfChars:
    """Return the page with signs beside the raised or lowered letters that they follow."""
    chars = page.chars
    changed: dict[int, Char] = {}
    for place, char in enumerate(chars):
        if char.text not in _CLOSING or not place or not chars[place - 1].text.isspace():
            continue
        first = _first_blank(chars, place)
        if first and _ends(char, chars[first - 1]):
            for blank in range(first, place):
                changed[blank] = chars[blank]._replace(text="")
    if not changed:
        return page
    return page._replace(chars=[changed.get(place, char) for place, char in enumerate(chars)])


def _first_blank(chars: list[Char], place: int) -> int:
    """Return the place of the first of the blanks before a place; 0 if somebody typed one."""
    first = place
    while first and chars[first - 1].text.isspace():
        first -= 1
        if place - first > _MOST_BLANKS or chars[first].left < chars[first].right:
            return 0
    return first


def _ends(sign: Char, before: Char) -> bool:
    """Return whether a sign follows a smaller letter, above or below its line, without room."""
    size = sign.size
    height = before.bottom - before.top
    if not (size and height > 0 and before.size < _SMALLER * size):
        return False
    is_beside = before.top - size < sign.bottom < before.bottom + size
    return is_beside and -_NEAR * size < sign.left - before.right < _NEAR * size
