"""Differences by word between two texts, marked up with ins and del."""

import re
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

# Words, single marks and runs of white space: nothing of a text is lost.
_TOKEN = re.compile(r"[^\W_]+|\s+|[\W_]")
_LINE = re.compile(r"[^\n]*\n|[^\n]+")
# Longer texts are compared line by line first, since comparing takes time by the square.
MOST_WORDS = 2000
# Equal text between two differences that is shorter, such as "of a", is read as changed with them,
# if that many words are.
SHORT = 5
MANY = 3

Piece = tuple[str, str]


def pieces(old: str, new: str) -> list[Piece]:
    """Return the texts as pieces: "=" with what both have, "-" with the old, "+" with the new."""
    words = [_TOKEN.findall(text) for text in (old, new)]
    if max(map(len, words)) <= MOST_WORDS:
        return list(_compared(*words))
    found: list[Piece] = []
    lines = [_LINE.findall(text) for text in (old, new)]
    waiting = {"-": "", "+": ""}
    for kind, text in [*_compared(*lines), ("=", "")]:
        if kind != "=":
            waiting[kind] += text
            continue
        both = [_TOKEN.findall(waiting[sign]) for sign in "-+"]
        if max(map(len, both)) <= MOST_WORDS:
            found += _compared(*both)
        else:
            found += [(sign, waiting[sign]) for sign in "-+" if waiting[sign]]
        waiting = {"-": "", "+": ""}
        if text:
            found.append(("=", text))
    return found


def _compared(old: Sequence[str], new: Sequence[str]) -> Iterator[Piece]:
    before = after = ""
    for kind, i, j, k, m in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        kept = "".join(old[i:j])
        if kind == "equal" and (j == len(old) or not _goes_with(before, after, kept)):
            yield from _signed(before, after)
            before = after = ""
            yield "=", kept
            continue
        before += kept
        after += "".join(new[k:m])
    yield from _signed(before, after)


def _goes_with(before: str, after: str, kept: str) -> bool:
    """Return whether equal text is shown as part of the difference before it."""
    if not (before or after):
        return False
    # A space between two changed words.
    many = max(len(before.split()), len(after.split())) >= MANY
    return not kept.strip() or (many and len(kept.strip()) < SHORT)


def _signed(before: str, after: str) -> Iterator[Piece]:
    if before:
        yield "-", before
    if after:
        yield "+", after


_MARKS = {
    "=": "{}",
    "-": '<del><span class="visually-hidden">[removed: </span>{}'
    '<span class="visually-hidden">]</span></del>',
    "+": '<ins><span class="visually-hidden">[added: </span>{}'
    '<span class="visually-hidden">]</span></ins>',
}


def marked(old: str, new: str) -> SafeString:
    """Return both texts in one, with what was removed and added marked for eye and ear."""
    return _joined(pieces(old, new))


def marked_items(old: Sequence[str], new: Sequence[str]) -> SafeString:
    """Return two lists of names in one, each name that was removed or added marked whole."""
    found = [("=" if one in new else "-", one) for one in old]
    found += [("+", one) for one in new if one not in old]
    return format_html_join(", ", "{}", ((_joined([one]),) for one in found))


def _joined(found: Sequence[Piece]) -> SafeString:
    parts = [format_html(_MARKS[kind], text) for kind, text in found]
    return format_html_join("", "{}", ((part,) for part in parts))
