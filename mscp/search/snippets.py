"""Snippets: the part of a text with most words of a query, with the words marked."""

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from heapq import merge
from html import escape
from typing import NamedTuple
from unicodedata import normalize

from django.utils.safestring import SafeString, mark_safe

from mscp.search.analysis import (
    ELIDED_NAME,
    EXPONENT,
    LONG_OF_CAPITALS,
    RAISED,
    SMALL_WORDS,
    broken_words,
    folded,
    term,
    token,
    tokens,
)
from mscp.search.query import Atom, Query
from mscp.search.variants import variants
from mscp.search.vocabulary import IRREGULAR, JOINED_ON, SPELLINGS
from mscp.text.folding import APOSTROPHES

LENGTH = 220
# Characters before the first word of a snippet, so that the word is read in its sentence.
BEFORE = 60
# So many letters of a stem are in nearly all forms of its word.
BEGINNING = 3
# Beginnings of words whose stem begins differently: "people" is found by "person".
_BEGIN_OTHERWISE: dict[str, set[str]] = {}
for _form, _stem in (IRREGULAR | SPELLINGS).items():
    _BEGIN_OTHERWISE.setdefault(_stem[:BEGINNING], set()).add(_form[:BEGINNING])
# More words of a query in one snippet than anybody reads.
MOST_LOOKED_AT = 20

BEGIN_MARK, END_MARK = "\ue000", "\ue001"
_SPACE = re.compile("\\s")
# What may stand within a word and is no letter of it: soft hyphens, joiners, accents, vowel signs.
_UNSEEN = "\u00ad\u200c\u200d\u2060\ufeff\u0300-\u036f\u064b-\u0652\u0670"
_LETTER = f"[^\\W_{RAISED}]"
_WORD = re.compile(
    f"{_LETTER}+(?:(?:[{APOSTROPHES}{_UNSEEN}]|\u00ad[ \\t]*\\n\\s*)+{_LETTER}+)*"
    f"(?:{EXPONENT})?|[&§]"
)
_BEYOND_ASCII = re.compile(
    f"(?<![^\\W_])[A-Za-z0-9]*(?:[^\\W_A-Za-z0-9]|(?<=[A-Za-z0-9])[{_UNSEEN}])"
)
# "O'Neill", which begins as "one" does.
_ELIDED = re.compile(f"(?<![^\\W_])[^\\W_]{{1,2}}[{APOSTROPHES}](?=[^\\W_])")
_CAPITALS = re.compile(f"(?<![^\\W_])(?:{'|'.join(LONG_OF_CAPITALS)})(?![^\\W_])")
_HYPHEN = re.compile("[-\u2010\u2011](?:[ \t]*\n\\s*)?")
_IN_PARTS = re.compile(
    "(?<![^\\W_])(?:[^\\W_]+(?:[-\u2010\u2011](?:[ \t]*\n\\s*)?[^\\W_]+)+"
    f"|(?:{'|'.join(sorted(JOINED_ON))})\\s[^\\W_]+)",
    re.IGNORECASE,
)


class Span(NamedTuple):
    start: int
    end: int
    of: frozenset[int]
    """The numbers of the clauses that it matches."""


class Variant(NamedTuple):
    """A spelling that is indexed as another (mscp.search.variants)."""

    end: int
    tokens: tuple[str, ...]
    capitals: str
    """What it stands for, if it is an abbreviation."""


def snippet(text: str, query: Query) -> SafeString:
    """Return about 220 characters of the text with most different words, marked and escaped.

    Empty if the text has none of them.
    """
    text = _composed(text)
    spans = _spans(text, query)
    return _shown(text, spans, max(0, _best_start(spans) - BEFORE)) if spans else SafeString("")


def clauses_in(text: str, query: Query) -> frozenset[int]:
    """Return the numbers of the clauses of a query that a snippet of the text could show.

    A tenth of the work of the stream of a text.
    """
    return _union(span.of for span in _spans(_composed(text), query))


def beginning(text: str) -> SafeString:
    """Return the first 220 characters or so of a text, escaped."""
    return _shown(_composed(text), [], 0)


def pieces(text: str, query: Query) -> list[tuple[str, bool]]:
    """Return a whole text in pieces, each with whether it is a word of the query.

    Words are found as in a snippet; one piece if there are none.
    """
    text = _composed(text)
    found = []
    at = 0
    for span in _spans(text, query, to_the_end=True) if query.wanted else ():
        if span.start >= at:
            found += [(text[at : span.start], False), (text[span.start : span.end], True)]
            at = span.end
    return [piece for piece in [*found, (text[at:], False)] if piece[0]]


def _composed(text: str) -> str:
    # Symbol fonts bring such characters into a text, and typesetters a combining accent.
    text = text.replace(BEGIN_MARK, " ").replace(END_MARK, " ")
    return text if text.isascii() else normalize("NFC", text)


def _shown(text: str, spans: list[Span], begin: int) -> SafeString:
    """Return the text from a position to the end of a word, with its visible spans marked."""
    first = next((span.start for span in spans if span.start >= begin), begin)
    begin = _word_start(text, begin, first)
    end = _word_end(text, begin, min(len(text), begin + LENGTH))
    pieces = []
    at = begin
    for span in spans:
        if span.start >= at and span.end <= end:
            pieces += [text[at : span.start], BEGIN_MARK, text[span.start : span.end], END_MARK]
            at = span.end
    pieces.append(text[at:end])
    # Escaped as one text, with two characters as placeholders of the marks.
    shown = escape(" ".join("".join(pieces).split()))
    shown = shown.replace(BEGIN_MARK, "<mark>").replace(END_MARK, "</mark>")
    before, after = "… " if begin else "", " …" if end < len(text) else ""
    return mark_safe(f"{before}{shown}{after}")  # noqa: S308  escaped above


def _spans(text: str, query: Query, *, to_the_end: bool = False) -> list[Span]:
    """Return the spans of the words, up to the end of the first snippet that holds all of them.

    Or all, up to the end of the text.
    """
    spans: list[Span] = []
    all_of_them = len(query.wanted)
    enough = len(text)
    # The first span that fits into one snippet with the last.
    first = 0
    marks = list(query.marks.items())
    behind = 0
    others = {
        start: Variant(end, tuple(tokens(written)), LONG_OF_CAPITALS.get(written, ""))
        for start, end, written in variants(text)
    }
    # Words that the end of a line divides, which only a phrase looks for as one here.
    divided = {
        start: Variant(end, (token,), "")
        for start, end, token in (broken_words(text) if query.has_phrases else ())
    }
    begin = _candidates(text, {_beginning_of(atoms[0]) for atoms, _ in marks})
    known = sorted({*others, *divided})
    for start in merge(begin, known) if known else begin:
        if start > enough:
            break
        # Spans do not overlap.
        span = _span_at(text, start, marks, others) if start >= behind else None
        if not span and divided and start >= behind:
            span = _span_at(text, start, marks, divided | others)
        if not span:
            continue
        behind = span.end
        spans.append(span)
        while spans[first] is not span and span.end - spans[first].start > LENGTH - BEFORE:
            first += 1
        if not to_the_end and enough == len(text) and len(_seen_from(spans, first)) >= all_of_them:
            enough = span.start + LENGTH
    if to_the_end or len(_union(span.of for span in spans)) < all_of_them:
        spans = sorted([*spans, *_in_other_forms(text, query, spans, others)])
    return list(_joined(text, spans))


def _joined(text: str, spans: list[Span]) -> Iterator[Span]:
    """Yield the spans, as one where only a hyphen is between two: "multi-agency"."""
    before: Span | None = None
    for span in spans:
        if before and _HYPHEN.fullmatch(text, before.end, span.start):
            before = Span(before.start, span.end, before.of | span.of)
            continue
        if before:
            yield before
        before = span
    if before:
        yield before


def _in_other_forms(
    text: str, query: Query, spans: list[Span], variants: dict[int, Variant]
) -> Iterator[Span]:
    """Yield the spans of a query's words in forms with other terms.

    That is an abbreviation whose long form has the word, or a word in two parts that the query has
    in one.
    """
    taken = {place for span in spans for place in range(span.start, span.end)}
    wanted = [
        (f" {' '.join(atom.text for atom in atoms)} ", of) for atoms, of in query.marks.items()
    ]
    for start, variant in variants.items():
        terms = f" {' '.join(variant.tokens)} | {variant.capitals} "
        of = _union(of for one, of in wanted if one in terms)
        if of and taken.isdisjoint(range(start, variant.end)):
            yield Span(start, variant.end, of)
            taken.update(range(start, variant.end))
    for pattern, written in (
        (_CAPITALS, LONG_OF_CAPITALS.__getitem__),
        (_IN_PARTS, _as_one),
        (ELIDED_NAME, _in_two),
    ):
        for match in pattern.finditer(text):
            terms = f" {written(match[0])} "
            of = _union(of for one, of in wanted if one in terms)
            if of and taken.isdisjoint(range(*match.span())):
                yield Span(*match.span(), of)


def _in_two(name: str) -> str:
    found = ELIDED_NAME.fullmatch(name)
    return " ".join(map(_token_of, found.groups())) if found else ""


def _as_one(word: str) -> str:
    return _term_of("".join(_WORD.findall(word)))


def _union(some: Iterable[frozenset[int]]) -> frozenset[int]:
    return frozenset[int]().union(*some)


def _seen_from(spans: list[Span], place: int) -> frozenset[int]:
    """Return the numbers of the clauses that a snippet from this span shows."""
    first = spans[place]
    some = spans[place : place + MOST_LOOKED_AT]
    shown = (span.of for span in some if span.end - first.start <= LENGTH - BEFORE)
    return _union(shown)


def _span_at(
    text: str,
    start: int,
    marks: list[tuple[tuple[Atom, ...], frozenset[int]]],
    variants: dict[int, Variant],
) -> Span | None:
    for atoms, of in marks:
        if end := _end_of(text, start, atoms, variants):
            return Span(start, end, of)
    return None


def _beginning_of(atom: Atom) -> str:
    return SMALL_WORDS.get(atom.text, atom.text)[:BEGINNING]


def _candidates(text: str, beginnings: set[str]) -> Iterator[int]:
    """Yield the positions of words that may match, in their order, some of them twice.

    Nearly all forms of a word share their first letters with its stem; looking for these alone is
    ten times quicker. Words with letters that are folded are added. Most texts are left long before
    their end.
    """
    beginnings = beginnings.union(*(_BEGIN_OTHERWISE.get(one, ()) for one in beginnings))
    small = text.lower()
    if len(small) != len(text):
        return (word.start() for word in _WORD.finditer(text))
    runs = [_starts_with(small, one) for one in beginnings]
    if not text.isascii():
        runs.append(word.start() for word in _BEYOND_ASCII.finditer(text))
    if "'" in text or "`" in text or not text.isascii():
        runs.append(word.start() for word in _ELIDED.finditer(text))
    return runs[0] if len(runs) == 1 else merge(*runs)


def _starts_with(text: str, beginning: str) -> Iterator[int]:
    """Yield the positions of the words that begin so."""
    at = text.find(beginning)
    while at >= 0:
        if at == 0 or not text[at - 1].isalnum() or text[at - 1] in RAISED:
            yield at
        at = text.find(beginning, at + 1)


def _end_of(text: str, start: int, atoms: tuple[Atom, ...], variants: dict[int, Variant]) -> int:
    """Return the end of a sequence that begins at a position, or 0 if it does not."""
    words = _words_from(text, start, variants)
    end = 0
    for atom in atoms:
        end, word, token = next(words, (0, "", ""))
        if not end or not (_is(word, atom) if word else atom.matches(token)):
            return 0
    return end


def _words_from(
    text: str, start: int, variants: dict[int, Variant]
) -> Iterator[tuple[int, str, str]]:
    """Yield the end of each word from a position with the word, or a token of a variant."""
    behind = start
    for found in _WORD.finditer(text, start):
        if found.start() < behind:
            continue
        if variant := variants.get(found.start()):
            yield from ((variant.end, "", one) for one in variant.tokens)
            behind = variant.end
        elif found[0] not in "&§":
            yield found.end(), found[0], ""


def _is(word: str, atom: Atom) -> bool:
    if atom.begins:
        return folded(word).casefold().startswith(atom.text)
    # A letter after a name may be one that is a stop word otherwise: "Child A".
    return atom.text in (_token_of(word), word.casefold() if len(word) == 1 else "")


@lru_cache(maxsize=50_000)
def _token_of(word: str) -> str:
    return token(folded(word))


@lru_cache(maxsize=50_000)
def _term_of(word: str) -> str:
    return term(folded(word))


def _best_start(spans: list[Span]) -> int:
    """Return the first position from which most different words are visible."""
    best = max(range(len(spans)), key=lambda place: (len(_seen_from(spans, place)), -place))
    return spans[best].start


def _word_start(text: str, at: int, first: int) -> int:
    """Return the start of the first full word from a position, at most ``first``."""
    if at == 0:
        return 0
    space = _SPACE.search(text, at, first)
    return space.end() if space else first


def _word_end(text: str, begin: int, at: int) -> int:
    """Return the end of the last full word before a position, or the position if there is none."""
    if at == len(text):
        return at
    end = max(text.rfind(" ", begin, at), text.rfind("\n", begin, at))
    return end if end > begin else at
