"""The part of a text in which the words of a query stand, with the words marked."""

import re
from functools import lru_cache
from html import escape
from typing import NamedTuple

from django.utils.safestring import SafeString, mark_safe

from mscp.search.analysis import folded, term
from mscp.search.query import Atom, Query
from mscp.search.vocabulary import IRREGULAR, SPELLINGS

LENGTH = 220
# So far before its first word a snippet begins, so that the word is read in its sentence.
BEFORE = 60
# So many letters of a stem stand in nearly all forms of its word.
BEGINNING = 3
# The beginnings of stems that have forms which begin otherwise: "people" is found by "person".
_BEGIN_OTHERWISE = {
    stem[:BEGINNING]
    for form, stem in (IRREGULAR | SPELLINGS).items()
    if form[:BEGINNING] != stem[:BEGINNING]
}
# So many words of a query in one snippet are more than anybody reads.
MOST_LOOKED_AT = 20

BEGIN_MARK, END_MARK = "\ue000", "\ue001"
_SPACE = re.compile("\\s")
_WORD = re.compile("[^\\W_]+(?:['’][^\\W_]+)*")


class Span(NamedTuple):
    start: int
    end: int
    of: int
    """Which of the sequences it is."""


def snippet(text: str, query: Query) -> SafeString:
    """Return about 220 letters of the text where most different words stand, marked and escaped."""
    # Fonts of signs bring such letters into a text.
    text = text.replace(BEGIN_MARK, " ").replace(END_MARK, " ")
    spans = _spans(text, query)
    if not spans:
        return SafeString("")
    first = _best_start(spans)
    begin = _word_start(text, max(0, first - BEFORE), first)
    end = _word_end(text, begin, min(len(text), begin + LENGTH))
    pieces = []
    at = begin
    for span in spans:
        if span.start >= at and span.end <= end:
            pieces += [text[at : span.start], BEGIN_MARK, text[span.start : span.end], END_MARK]
            at = span.end
    pieces.append(text[at:end])
    # Escaped as a whole, with two letters in the place of the marks.
    shown = escape(" ".join("".join(pieces).split()))
    shown = shown.replace(BEGIN_MARK, "<mark>").replace(END_MARK, "</mark>")
    before, after = "… " if begin else "", " …" if end < len(text) else ""
    return mark_safe(f"{before}{shown}{after}")  # noqa: S308  escaped above


def _spans(text: str, query: Query) -> list[Span]:
    """Return where the words stand, up to the end of the first snippet that holds all of them."""
    spans: list[Span] = []
    all_of_them = len(query.wanted)
    enough = len(text)
    # The first span that fits into one snippet with the last.
    first = 0
    sequences = query.sequences
    behind = 0
    for start in _candidates(text, {sequence[0].text[:BEGINNING] for sequence in sequences}):
        if start > enough:
            break
        # None over another.
        span = _span_at(text, start, sequences) if start >= behind else None
        if not span:
            continue
        behind = span.end
        spans.append(span)
        while spans[first] is not span and span.end - spans[first].start > LENGTH - BEFORE:
            first += 1
        if enough == len(text) and len(_seen_from(spans, first)) >= all_of_them:
            enough = span.start + LENGTH
    return spans


def _seen_from(spans: list[Span], place: int) -> set[int]:
    """Return which sequences a snippet shows that begins with a span."""
    first = spans[place]
    some = spans[place : place + MOST_LOOKED_AT]
    return {span.of for span in some if span.end - first.start <= LENGTH - BEFORE}


def _span_at(text: str, start: int, sequences: list[tuple[Atom, ...]]) -> Span | None:
    for number, sequence in enumerate(sequences):
        if end := _end_of(text, start, sequence):
            return Span(start, end, number)
    return None


def _candidates(text: str, beginnings: set[str]) -> list[int]:
    """Return where words begin that may be meant.

    Nearly all forms of a word share their first letters with its stem; looking for these alone is
    ten times quicker. Where others may be, and none of these is, every word may be one.
    """
    small = text.lower()
    found = []
    if len(small) == len(text):
        for beginning in beginnings:
            at = small.find(beginning)
            while at >= 0:
                if at == 0 or not text[at - 1].isalnum():
                    found.append(at)
                at = small.find(beginning, at + 1)
    if found or (text.isascii() and beginnings.isdisjoint(_BEGIN_OTHERWISE)):
        return sorted(found)
    return [word.start() for word in _WORD.finditer(text)]


def _end_of(text: str, start: int, sequence: tuple[Atom, ...]) -> int:
    """Return where a sequence that begins at a place ends, or 0 where it does not stand there."""
    words = _WORD.finditer(text, start)
    end = 0
    for atom in sequence:
        for found in words:
            # Words too common to count stand between those of a phrase.
            if not end or _term_of(found[0]):
                break
        else:
            return 0
        if not _is(found[0], atom):
            return 0
        end = found.end()
    return end


def _is(word: str, atom: Atom) -> bool:
    if atom.begins:
        return folded(word).casefold().startswith(atom.text)
    return _term_of(word) == atom.text


@lru_cache(maxsize=50_000)
def _term_of(word: str) -> str:
    return term(folded(word))


def _best_start(spans: list[Span]) -> int:
    """Return where to begin so that most different words are seen, the first such place."""
    best = max(range(len(spans)), key=lambda place: (len(_seen_from(spans, place)), -place))
    return spans[best].start


def _word_start(text: str, at: int, first: int) -> int:
    """Return where the first whole word from a place on begins, at the last where one must."""
    if at == 0:
        return 0
    space = _SPACE.search(text, at, first)
    return space.end() if space else first


def _word_end(text: str, begin: int, at: int) -> int:
    """Return where the last whole word before a place ends, or the place in a run without end."""
    if at == len(text):
        return at
    end = max(text.rfind(" ", begin, at), text.rfind("\n", begin, at))
    return end if end > begin else at
