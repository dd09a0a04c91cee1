"""Segments of the words behind a day: where a place ends, and what only stands beside it begins."""

import re

from mscp.text.folding import lines
from training.programme.lines.delivery import DELIVERY_FIRST, is_both, is_online
from training.programme.lines.parts import Kind, Part

# What begins small behind a comma is said of a place, or is none: but for these.
_OF_A_PLACE = (
    r"(?:the|at|in|on|of|off|near|nr|opp|opposite|behind|by|beside|next|above|below|and|c/o|via"
    r"|room|floor|ground|first|second|third|top|rear|main|side|de|la|le|van|von)\b"
)
_BREAK = re.compile(
    r"\s+-+\s+|\s*;\s+|\s+[/|]\s+|(?<=[A-Za-z][a-z]{3})[.!]\s+(?=[A-Z])"
    rf"|\s*,\s+(?=(?!{_OF_A_PLACE})[a-z]{{2}})"
)
_BRACKET = re.compile(r"\s*[(\[{](?P<inner>[^()\[\]{}]+)[)\]}]\W*$")
_BRACKET_FIRST = re.compile(r"[(\[{][^()\[\]{}]+[)\]}]\W*(?=\w)")
POSTCODE = re.compile(r"\b[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2}\b", re.IGNORECASE)


def segments(part: Part) -> list[Part]:
    """Divide words into segments and what separates them.

    A place is the first; an address goes on up to its postcode, whatever stands between.
    """
    text = lines(part.text)
    cuts = _cuts(text)
    last = max((match.end() for match in POSTCODE.finditer(text)), default=0)
    cuts = [cut for cut in cuts if cut[0] >= last or cut[1] == 0]
    if not cuts or is_online(text) or is_both(text):
        return [part]
    parts, place = [], 0
    for start, end in [*cuts, (len(text), len(text))]:
        if place < start:
            parts.append(_cut(part, place, start, Kind.WORDS))
        if start < end:
            parts.append(_cut(part, start, end, Kind.GAP))
        place = end
    return parts


def _cuts(text: str) -> list[tuple[int, int]]:
    """Return where what separates two segments begins and ends."""
    tail: list[tuple[int, int]] = []
    bare = text
    while (match := _BRACKET.search(bare)) and match.start():
        tail = [(match.start(), match.start("inner")), (match.end("inner"), len(bare)), *tail]
        bare = bare[: match.start()]
    inside = [match.span() for match in re.finditer(r"[(\[{][^()\[\]{}]*[)\]}]", bare)]
    cuts = [
        match.span()
        for match in _BREAK.finditer(bare)
        if match.start() and not any(start < match.start() < end for start, end in inside)
        if match.end() < len(bare)
    ]
    if first := _BRACKET_FIRST.match(bare):
        words = len(first[0].rstrip(" )]}-,\t"))
        cuts = [(0, 1), (words, first.end()), *(cut for cut in cuts if cut[0] >= first.end())]
    if first := DELIVERY_FIRST.match(bare):
        words = len(first[0].rstrip(" ,\t"))
        cuts = [(words, first.end()), *(cut for cut in cuts if cut[0] >= first.end())]
    return [(_without_closing(bare, start), end) for start, end in cuts] + tail


def _without_closing(text: str, end: int) -> int:
    """Return where words end without a bracket that was opened before them."""
    closed = text[end - 1 : end] in (")", "]", "}")
    return end - 1 if closed and not re.search(r"[(\[{]", text[:end]) else end


def _cut(part: Part, start: int, end: int, kind: Kind) -> Part:
    text = part.text[start:end]
    value = text if kind is Kind.WORDS else ""
    return Part(kind, part.start + start, part.start + end, text, value)
