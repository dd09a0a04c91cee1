"""The part of a text in which the words of a query stand, with the words marked."""

import re
from collections.abc import Iterator
from typing import NamedTuple

from django.utils.html import conditional_escape
from django.utils.safestring import SafeString, mark_safe

from mscp.search.analysis import folded, term
from mscp.search.query import Atom, Query

LENGTH = 220
# So far before its first word a snippet begins, so that the word is read in its sentence.
BEFORE = 60

_WORD = re.compile("[^\\W_]+(?:['’][^\\W_]+)*")


class Span(NamedTuple):
    start: int
    end: int
    of: int
    """Which of the sequences it is."""


def snippet(text: str, query: Query) -> SafeString:
    """Return about 220 letters of the text where most different words stand, marked and escaped."""
    plain = " ".join(text.split())
    spans = list(_found(plain, query))
    if not spans:
        return SafeString("")
    start = _best_start(spans)
    begin = _word_start(plain, max(0, start - BEFORE))
    end = _word_end(plain, min(len(plain), begin + LENGTH))
    pieces = ["… " if begin else ""]
    at = begin
    for span in spans:
        if span.start >= at and span.end <= end:
            pieces += [conditional_escape(plain[at : span.start]), "<mark>"]
            pieces += [conditional_escape(plain[span.start : span.end]), "</mark>"]
            at = span.end
    pieces += [conditional_escape(plain[at:end]), " …" if end < len(plain) else ""]
    return mark_safe("".join(pieces))  # noqa: S308  every piece of the text is escaped


def _found(text: str, query: Query) -> Iterator[Span]:
    """Yield where the sequences stand, none over another."""
    sequences = query.sequences
    beginnings = tuple({sequence[0].text[:3] for sequence in sequences})
    words = [(found.start(), found.end(), found[0]) for found in _WORD.finditer(text)]
    at = 0
    for place, (start, _, word) in enumerate(words):
        if place < at or not _may_begin(word, beginnings):
            continue
        for number, sequence in enumerate(sequences):
            if length := _stands_at(words, place, sequence):
                yield Span(start, words[place + length - 1][1], number)
                at = place + length
                break


def _may_begin(word: str, beginnings: tuple[str, ...]) -> bool:
    """Tell quickly of most words that they are not looked for; few change their first letters."""
    plain = folded(word).casefold()
    return plain.startswith(beginnings) or term(plain).startswith(beginnings)


def _stands_at(words: list[tuple[int, int, str]], place: int, sequence: tuple[Atom, ...]) -> int:
    """Return over how many words a sequence stands from a place on, or 0."""
    at = place
    for atom in sequence:
        # Words too common to count stand between those of a phrase.
        while at > place and at < len(words) and not term(folded(words[at][2])):
            at += 1
        if at >= len(words) or not _is(words[at][2], atom):
            return 0
        at += 1
    return at - place


def _is(word: str, atom: Atom) -> bool:
    plain = folded(word)
    return plain.casefold().startswith(atom.text) if atom.begins else term(plain) == atom.text


def _best_start(spans: list[Span]) -> int:
    """Return where to begin so that most different words are seen, the first such place."""
    best, most = spans[0].start, 0
    for place, first in enumerate(spans):
        seen = {
            span.of
            for span in spans[place : place + 20]
            if span.end - first.start <= LENGTH - BEFORE
        }
        if len(seen) > most:
            best, most = first.start, len(seen)
    return best


def _word_start(text: str, at: int) -> int:
    return at if at == 0 else text.find(" ", at) + 1


def _word_end(text: str, at: int) -> int:
    return at if at == len(text) else max(text.rfind(" ", 0, at), 0)
