"""Query parser: what a visitor typed into a search box. Any text is a valid query."""

import re
from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import NamedTuple

from mscp.search.analysis import (
    LONG_FORMS,
    LONGEST_TERM,
    SMALL_WORDS,
    Pages,
    bound,
    folded,
    term,
    terms,
    token,
    tokens,
)
from mscp.search.source_map import Mapped
from mscp.search.synonyms import NONE, Synonyms
from mscp.search.variants import respelt_map
from mscp.text.folding import APOSTROPHES, QUOTES

LONGEST_QUERY = 200
MOST_WORDS = 12
# For each, PostgreSQL scans all texts that have its words.
MOST_PHRASES = 3
# Shorter prefixes match too many words to be of use; a star asks for it explicitly.
FEWEST_LETTERS = 3
FEWEST_BEFORE_STAR = 2

_QUOTES = dict.fromkeys(map(ord, QUOTES), '"')
_TYPED = re.compile(
    """
    (?P<minus> (?<!\\S)- )?
    (?: "(?P<phrase> [^"]* )(?: " | $ ) | (?P<word> [^\\W_]+ (?: -[^\\W_]+ )* )(?P<star> \\* )? )
    """,
    re.VERBOSE,
)
_NAME = re.compile("([^\\W_]+) ([A-Z])(?![^\\W_])")
_SECTION = re.compile("(?<![^\\W_])[Ss]ections? (\\d{1,3}[A-Za-z]?)(?![^\\W_])")
_A_SECTION = re.compile("section(\\d{1,3}[a-z]?)")
# A name with an apostrophe, as people without it type it: "sian o neill", "d arcy".
_ELIDED = re.compile("(?<![^\\W_])([ODod]) ([^\\W\\d_]{3,})")
_REST_OF_ELIDED = re.compile(" ([^\\W\\d_]{3,})")
# The apostrophe of such a name: "o'neill"; not that of "d'you".
_ELISION = re.compile(
    f"(?<=(?<![^\\W_])[ODod])[{APOSTROPHES}](?=[^\\W\\d_]{{3}})(?!you(?![^\\W_]))"
)
# A word of a query, without minus, star and hyphen, and not that of a name such as "Child M".
_BARE = re.compile("(?<![^\\W_])(?<!-)[^\\W_]+(?![^\\W_]|[-*]|\\ [^\\W_](?![^\\W_]))")
# A hyphen at the end of a line of what was pasted; not that of "pre- and post-natal".
_BROKEN_OVER = re.compile("(?<=[^\\W\\d_])[-\u2010] (?=[^\\W\\d_A-Z])(?!(?:and|or|to)(?![^\\W_]))")
# The letter before the number of a group of synonyms: one that no language has today.
GROUP = "\ua66e"
_GROUP = re.compile(GROUP)
# Endings that may be missing from a word whose stem is shorter than what was typed.
_ENDINGS = (
    "g ng ing s es ed d e n on ion tion ation t nt ent ment y ly ty ity al ic ve ss ess".split()
)


class Atom(NamedTuple):
    """A term, or a prefix of terms."""

    text: str
    begins: bool = False

    @property
    def needle(self) -> str:
        return f" {self.text}" if self.begins else f" {self.text} "

    def count_in(self, stream: str) -> int:
        return stream.count(self.needle)

    def matches(self, token: str) -> bool:
        return token.startswith(self.text) if self.begins else token == self.text


@dataclass(frozen=True)
class Clause:
    """One condition of a query: a record must, or must not, match one of several ways."""

    ways: tuple[tuple[Atom, ...], ...]
    """Alternatives; of one of them every atom must match."""
    phrase: tuple[str, ...] = ()
    """Tokens that must be consecutive, those of stop words too."""
    name: tuple[str, ...] = ()
    """A term and the letter after it that together are one term: "Child M"."""
    word: str = field(default="", compare=False)
    """The word as typed, if it may be an unfinished one."""
    synonyms: tuple[tuple[str, ...], ...] = ()
    """The tokens of the terms that mean the same; of one, all must be consecutive. One a way."""
    typed: str = field(default="", compare=False)
    """What was typed for it, with its quotes, star or minus, folded."""
    synonyms_written: tuple[str, ...] = field(default=(), compare=False)
    """Its synonyms as they were written."""

    def written(self, both: str, either: str, write: Callable[[Atom], str]) -> str:
        """Return the expression of a back end, with its operators for "and" and "or"."""
        ways = (both.join(map(write, way)) for way in self.ways)
        return "(" + either.join(f"({way})" for way in ways) + ")"

    @property
    def scans(self) -> int:
        """Return for how many phrases texts are scanned."""
        return bool(self.phrase) + len(self.phrases)

    @property
    def stream(self) -> str:
        """Return the phrase as a stream holds it."""
        return f" {' '.join(self.phrase)} "

    @property
    def phrases(self) -> "list[Clause]":
        """Return a clause for each of its synonyms of several words."""
        ways = zip(self.ways, self.synonyms, strict=True) if self.synonyms else ()
        return [Clause((way,), phrase=one) for way, one in ways if len(one) > 1]

    @property
    def single_words(self) -> "Clause":
        """Return the clause of those of its synonyms that are one word."""
        ways = [w for w, one in zip(self.ways, self.synonyms, strict=True) if len(one) == 1]
        return Clause(tuple(ways))

    def count_in(self, stream: str) -> int:
        """Return how often it occurs in a stream (mscp.search.analysis)."""
        if self._needle:
            return stream.count(self._needle)
        if self.synonyms:
            return sum(stream.count(f" {' '.join(one)} ") for one in self.synonyms)
        return max(min(atom.count_in(stream) for atom in way) for way in self.ways)

    def counts_on(self, pages: Pages) -> list[int]:
        """Return how often it occurs on each page of a file.

        A phrase that crosses the end of a page belongs to the page on which it begins.
        """
        if self._needle:
            counts = pages.counts(self._needle)
        else:
            counts = list(map(self.count_in, pages.streams))
        runs = [f" {' '.join(one)} " for one in (self.phrase, *self.synonyms) if len(one) > 1]
        if (
            runs
            and len(runs) == len(self.synonyms or runs)
            and sum(map(pages.words.count, runs)) > sum(counts)
        ):
            counts = [0] * len(counts)
            for run in runs:
                at = pages.words.find(run)
                while at >= 0:
                    counts[bisect_right(pages.ends, at)] += 1
                    at = pages.words.find(run, at + len(run) - 1)
        return counts

    @cached_property
    def _needle(self) -> str:
        """Return the substring to look for if there is only one way, the usual case."""
        if self.phrase:
            return self.stream
        if len(self.ways) == 1 and len(self.ways[0]) == 1:
            return self.ways[0][0].needle
        return ""

    @cached_property
    def sequences(self) -> list[tuple[Atom, ...]]:
        """Return what to mark in a text: sequences of consecutive terms."""
        if self.synonyms:
            return [tuple(map(Atom, one)) for one in self.synonyms]
        if self.phrase or self.name:
            whole = tuple(Atom(text) for text in self.phrase or self.name)
            return [whole, *(self.ways[1:] if self.name else ())]
        return [(atom,) for way in self.ways for atom in way]


@dataclass(frozen=True)
class Query:
    wanted: tuple[Clause, ...] = ()
    unwanted: tuple[Clause, ...] = ()
    is_cut: bool = field(default=False, compare=False)
    """Whether words or phrases beyond the limits were dropped."""
    unread: str = field(default="", compare=False)
    """What was typed beyond the limits, of letters too."""
    too_common: tuple[str, ...] = field(default=(), compare=False)
    """Words that were typed and are not looked for: stop words."""
    text: str = field(default="", compare=False)
    """What was typed, as far as it was read."""
    run: tuple[str, ...] = field(default=(), compare=False)
    """The tokens of what was typed, if it is several words and nothing else: perhaps a phrase."""

    def __bool__(self) -> bool:
        return bool(self.wanted or self.unwanted)

    @property
    def run_stream(self) -> str:
        """Return the words as a stream holds them where they stand one behind the other."""
        return f" {' '.join(self.run)} " if self.run else ""

    @property
    def run_clause(self) -> Clause:
        """Return the clause of the words where they stand one behind the other."""
        return _phrase(list(self.run))

    @property
    def leaves_out_words(self) -> bool:
        """Return whether some of the words are looked for only where they stand in their order."""
        return any(token in SMALL_WORDS for token in self.run)

    @property
    def has_phrases(self) -> bool:
        return any(clause.scans for clause in (*self.wanted, *self.unwanted))

    def widened(self) -> "Query | None":
        """Return the query with its last word as a prefix, or None if it cannot be one."""
        if not self.wanted or len(self.wanted[-1].word) < FEWEST_LETTERS:
            return None
        *others, last = self.wanted
        begun = Clause(_ways(last.word, _beginnings), typed=last.typed)
        return replace(self, wanted=(*others, begun))

    @cached_property
    def marks(self) -> dict[tuple[Atom, ...], frozenset[int]]:
        """Return all sequences to mark, each with the numbers of the clauses that it matches.

        Abbreviations are marked with their long forms. The longest come first: "Child M" is marked
        as one phrase, and matches "child" too.
        """
        found: dict[tuple[Atom, ...], frozenset[int]] = {}
        for number, clause in enumerate(self.wanted):
            long = [
                tuple(map(Atom, one))
                for sequence in clause.sequences
                for one in LONG_FORMS.get(sequence[0].text, ())
            ]
            for sequence in [*clause.sequences, *long]:
                found[sequence] = found.get(sequence, frozenset()) | {number}
        for sequence in found:
            if len(sequence) > 1:
                found[sequence] |= found.get(sequence[:1], frozenset())
        return dict(sorted(found.items(), key=lambda item: -len(item[0])))


def read(text: str, synonyms: Synonyms = NONE) -> Query:
    """Parse ``words``, ``"a phrase"``, ``-word`` and ``word*``; ignore the rest.

    Words that are a term with synonyms become one clause, except in quotes and behind a minus.
    """
    text, unread = text[:LONGEST_QUERY], text[LONGEST_QUERY:]
    typed_text = Mapped.of(text.translate(_QUOTES))
    typed_text = typed_text.sub(_BROKEN_OVER, lambda found: "-")
    spelt = respelt_map(typed_text).folded(folded)
    plain = spelt.text
    if _ELISION.search(typed_text.text):
        # Two words or one, as the parts of what has a hyphen are.
        elided = typed_text.sub(
            _ELISION, lambda found: " " if _is_quoted(found.string, found.start()) else "-"
        )
        spelt = respelt_map(elided).folded(folded)
    spelt = spelt.sub(_GROUP, lambda found: "")
    if synonyms.of:
        spelt = _with_groups(spelt, synonyms)
    spelt = _with_sections_as_one(spelt)
    wanted: list[Clause] = []
    unwanted: list[Clause] = []
    too_common: dict[str, None] = {}
    is_cut, bare = False, True
    for typed in _TYPED.finditer(spelt.text):
        bare = bare and not (typed["minus"] or typed["star"] or typed["phrase"] is not None)
        as_typed = folded(spelt.typed(*typed.span())).strip()
        clause = _clause(typed, spelt.text, synonyms)
        side = unwanted if typed["minus"] else wanted
        if not clause and any(map(str.isalnum, as_typed)):
            too_common[as_typed.removeprefix("-")] = None
        if not clause or clause in side:
            continue
        so_far = [*wanted, *unwanted]
        phrases = sum(one.scans for one in [*so_far, clause])
        if len(so_far) == MOST_WORDS or phrases > MOST_PHRASES:
            is_cut, unread = True, folded(spelt.typed(typed.start(), len(spelt.text))) + unread
            break
        side.append(replace(clause, typed=as_typed))
    found = tokens(plain) if bare and wanted and not is_cut else []
    return Query(
        tuple(wanted),
        tuple(unwanted),
        is_cut=is_cut,
        unread=unread.strip(),
        too_common=tuple(too_common),
        text=text,
        run=tuple(found) if len(found) > 1 else (),
    )


def _with_groups(typed: Mapped, synonyms: Synonyms) -> Mapped:
    """Return a query in which each term with synonyms is one word: the number of its group.

    The longest terms first, and no more of several words than texts are scanned for.
    """
    text = typed.text
    found = [
        (one.start(), one.end(), token(one[0]))
        for one in _BARE.finditer(text)
        if not _is_quoted(text, one.start())
    ]
    left = MOST_PHRASES - (text.count('"') + 1) // 2
    pieces: list[tuple[int, int, str]] = []
    place = 0
    while place < len(found):
        for length in range(min(synonyms.longest, len(found) - place), 0, -1):
            some = found[place : place + length]
            start, end = some[0][0], some[-1][1]
            group = synonyms.of.get(tuple(one for _, _, one in some))
            needed = sum(len(one) > 1 for one in synonyms.groups[group]) if group is not None else 0
            # Not over what is no bare word.
            if group is not None and needed <= left and not set(text[start:end]) & {*'*-"'}:
                pieces.append((start, end, f"{GROUP}{group}"))
                left -= needed
                place += length - 1
                break
        place += 1
    return typed.rewritten(pieces)


def _of_group(synonyms: Synonyms, number: int) -> Clause:
    terms_of = synonyms.groups[number]
    ways = tuple(
        tuple(Atom(one) for one in dict.fromkeys(some) if one not in SMALL_WORDS)
        for some in terms_of
    )
    return Clause(ways, synonyms=terms_of, synonyms_written=synonyms.written[number])


def _with_sections_as_one(typed: Mapped) -> Mapped:
    """Return a query in which "section 47" is one word, except in quotes."""
    return typed.sub(
        _SECTION,
        lambda found: found[0] if _is_quoted(found.string, found.start()) else f"section{found[1]}",
    )


def _is_quoted(text: str, place: int) -> bool:
    return text.count('"', 0, place) % 2 == 1


def replaced(text: str, word: str, other: str) -> str:
    """Return a query text with one word replaced by another."""
    pattern = re.compile(f"(?<![^\\W_]){re.escape(word)}(?![^\\W_])", re.IGNORECASE)
    return pattern.sub(other, text) if pattern.search(text) else other


def _clause(typed: re.Match[str], text: str, synonyms: Synonyms) -> Clause | None:
    if typed["phrase"] is not None:
        found = tokens(typed["phrase"])
        if len(found) < 2 and not set(found) - SMALL_WORDS.keys():
            return None
        # "Child A": the letter alone is too common to count.
        phrase = _phrase(found, [bound(*name) for name in _NAME.findall(typed["phrase"])])
        in_one = tokens(_ELIDED.sub("\\1\\2", typed["phrase"]))
        other = _phrase(in_one) if in_one != found else None
        return _either(phrase, other) if other else phrase
    word = typed["word"]
    if word.startswith(GROUP):
        return _of_group(synonyms, int(word.removeprefix(GROUP)))
    if section := _A_SECTION.fullmatch(word.casefold()):
        return Clause(((Atom(section[0]),),), name=("section", section[1]))
    if typed["star"] and len(word.rpartition("-")[2]) >= FEWEST_BEFORE_STAR:
        return Clause(_ways(word, _beginnings))
    before = re.search("([^\\W_]+) $", text[: typed.start()])
    stem, letter = term(before[1]) if before else "", word.casefold()
    elided = _REST_OF_ELIDED.match(text, typed.end()) if letter in ("o", "d") else None
    as_one = ((Atom(term(letter + elided[1])),),) if elided else ()
    # An article behind a stop word is no name: "voice of a child".
    if len(word) == 1 and before and not typed["minus"] and (stem or term(letter)):
        ways = ((Atom(bound(before[1], word)),), *as_one)
        return Clause(ways, name=(stem, letter) if stem else ())
    itself = (*_ways(word, _itself), *as_one)
    return Clause(itself, word=word.casefold()) if itself else None


def _phrase(found: list[str], names: Sequence[str] = ()) -> Clause:
    """Return the clause of tokens that stand one behind the other."""
    counted = [one for one in found if one not in SMALL_WORDS]
    every = tuple(map(Atom, dict.fromkeys([*(counted or found), *names])))
    return Clause((every,), phrase=tuple(found) if len(found) > 1 else ())


def _either(one: Clause, other: Clause) -> Clause:
    """Return the clause of two phrases of which one must be there."""
    both = (one, other)
    return Clause(
        tuple(clause.ways[0] for clause in both),
        synonyms=tuple(clause.phrase or (clause.ways[0][0].text,) for clause in both),
    )


def _ways(word: str, last: Callable[[str], list[Atom]]) -> tuple[tuple[Atom, ...], ...]:
    """Return the ways to match a word: with hyphens as its parts, or as one word.

    ``last`` returns the alternative terms of a word, or of its last part.
    """
    *first, end = word.split("-")
    if not first:
        return tuple((atom,) for atom in last(end))
    parts = [Atom(stem) for stem in dict.fromkeys(terms(" ".join(first)))]
    in_parts = [tuple(dict.fromkeys([*parts, atom])) for atom in last(end)] or [tuple(parts)]
    as_one = [(atom,) for atom in last(word.replace("-", ""))]
    return tuple(way for way in [*in_parts, *as_one] if way)


def _itself(word: str) -> list[Atom]:
    return [Atom(stem)] if (stem := term(word)) else []


def _beginnings(word: str) -> list[Atom]:
    """Return the atoms that an unfinished word may begin.

    The index holds stems: no stem begins with "safeguardin", though "safeguard" is meant.
    """
    word = word.casefold()[:LONGEST_TERM]
    longer = (term(word + ending) for ending in _ENDINGS)
    stems = {term(word), *(stem for stem in longer if word.startswith(stem))} - {"", word}
    return [Atom(word, begins=True), *map(Atom, sorted(stems))]
