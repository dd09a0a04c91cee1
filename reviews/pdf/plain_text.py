"""Words of a page for a search index."""

import re
from itertools import pairwise

from reviews.pdf.broken_words import Words
from reviews.pdf.characters import PageOfChars
from reviews.pdf.lines import ARTIFACT, BROKEN, tidied


def plain_text(page: PageOfChars) -> str:
    """Return the words of a page for a search index, line by line, with broken words joined."""
    text = "".join([char.text for char in page.chars if char.role != ARTIFACT])
    text = _SOFT_HYPHEN_AT_END.sub(BROKEN, text)
    if BROKEN in text:
        words = Words.within(text)
        parts = text.split(BROKEN)
        pieces = [parts[0]]
        for before, after in pairwise(parts):
            after = after.lstrip()
            pieces += (words.joined(before, after), after)
        text = "".join(pieces)
    text = _REAL_HYPHEN_AT_END.sub("-", text)
    return "\n".join(filter(None, map(tidied, _LINE_ENDS.split(text))))


_SOFT_HYPHEN_AT_END = re.compile("[\\xad\\ufffe]\\s*\\n\\s*")
_REAL_HYPHEN_AT_END = re.compile(r"(?<=\w)-[^\S\n]*\n\s*(?=\w)")
_LINE_ENDS = re.compile(r"[\n\r]+")
