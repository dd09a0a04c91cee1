"""Reads what a visitor typed into a search box. Whatever it is, it is a query."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import NamedTuple

from mscp.search.analysis import LONG_FORMS, LONGEST_TERM, bound, folded, term, terms

LONGEST_QUERY = 200
MOST_WORDS = 12
# Fewer letters begin too many words to be of use.
FEWEST_LETTERS = 3

_TYPED = re.compile(
    """
    (?P<minus> (?<!\\S)- )?
    (?: "(?P<phrase> [^"]* )(?: " | $ ) | (?P<word> [^\\W_]+ (?: -[^\\W_]+ )* )(?P<star> \\* )? )
    """,
    re.VERBOSE,
)
# What may still be missing from the end of a word whose stem is shorter than what was typed.
_ENDINGS = (
    "g ng ing s es ed d e n on ion tion ation t nt ent ment y ly ty ity al ic ve ss ess".split()
)


class Atom(NamedTuple):
    """A term, or the beginning of one."""

    text: str
    begins: bool = False

    @property
    def needle(self) -> str:
        return f" {self.text}" if self.begins else f" {self.text} "

    def count_in(self, stream: str) -> int:
        return stream.count(self.needle)


@dataclass(frozen=True)
class Clause:
    """One thing that a record must hold, or must not, in any of several ways."""

    ways: tuple[tuple[Atom, ...], ...]
    """Of one of these, every atom."""
    phrase: tuple[str, ...] = ()
    """Terms that must stand one behind the other."""
    word: str = field(default="", compare=False)
    """As it was typed, where it may yet be the beginning of a word."""

    def written(self, both: str, either: str, write: Callable[[Atom], str]) -> str:
        """Write it as an expression of a back end, with its signs for "and" and "or"."""
        ways = (both.join(map(write, way)) for way in self.ways)
        return "(" + either.join(f"({way})" for way in ways) + ")"

    def count_in(self, stream: str) -> int:
        """Return how often it stands in a stream (mscp.search.analysis)."""
        if self._needle:
            return stream.count(self._needle)
        return max(min(atom.count_in(stream) for atom in way) for way in self.ways)

    @cached_property
    def _needle(self) -> str:
        """Return what to look for where there is only one way, which most often is so."""
        if self.phrase:
            return f" {' '.join(self.phrase)} "
        if len(self.ways) == 1 and len(self.ways[0]) == 1:
            return self.ways[0][0].needle
        return ""

    @cached_property
    def sequences(self) -> list[tuple[Atom, ...]]:
        """Return what to mark in a text: terms that stand one behind the other."""
        if self.phrase:
            return [tuple(Atom(text) for text in self.phrase)]
        return [(atom,) for way in self.ways for atom in way]


@dataclass(frozen=True)
class Query:
    wanted: tuple[Clause, ...] = ()
    unwanted: tuple[Clause, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.wanted or self.unwanted)

    def widened(self) -> "Query | None":
        """Return the same with its last word taken as the beginning of one, where it may be."""
        if not self.wanted or len(self.wanted[-1].word) < FEWEST_LETTERS:
            return None
        *others, last = self.wanted
        return replace(self, wanted=(*others, _beginning(last.word)))

    @cached_property
    def sequences(self) -> list[tuple[Atom, ...]]:
        """Return all that is to be marked, abbreviations with what they stand for."""
        found = [sequence for clause in self.wanted for sequence in clause.sequences]
        stand_for = (LONG_FORMS.get(sequence[0].text, []) for sequence in list(found))
        found += [tuple(map(Atom, long)) for long in stand_for if long]
        return list(dict.fromkeys(found))


def read(text: str) -> Query:
    """Read ``words``, ``"a phrase"``, ``-word`` and ``word*``; the rest is passed over."""
    plain = folded(text[:LONGEST_QUERY].translate({ord("“"): '"', ord("”"): '"'}))
    wanted: list[Clause] = []
    unwanted: list[Clause] = []
    for number, typed in enumerate(_TYPED.finditer(plain)):
        if number == MOST_WORDS:
            break
        if clause := _clause(typed, plain):
            (unwanted if typed["minus"] else wanted).append(clause)
    return Query(tuple(dict.fromkeys(wanted)), tuple(dict.fromkeys(unwanted)))


def replaced(text: str, word: str, other: str) -> str:
    """Write a query again with another word in the place of one."""
    pattern = re.compile(f"(?<![^\\W_]){re.escape(word)}(?![^\\W_])", re.IGNORECASE)
    return pattern.sub(other, text) if pattern.search(text) else other


def _clause(typed: re.Match[str], text: str) -> Clause | None:
    if typed["phrase"] is not None:
        found = terms(typed["phrase"])
        ways = (tuple(map(Atom, dict.fromkeys(found))),)
        return Clause(ways, phrase=tuple(found) if len(found) > 1 else ()) if found else None
    word = typed["word"]
    if typed["star"] and len(word) >= FEWEST_LETTERS:
        return _beginning(word)
    if "-" in word:
        parts = tuple(map(Atom, dict.fromkeys(terms(word))))
        return Clause(tuple(way for way in (parts, _way(word.replace("-", ""))) if way))
    before = re.search("([^\\W_]+) $", text[: typed.start()])
    if len(word) == 1 and before and not typed["minus"]:
        return Clause(((Atom(bound(before[1], word)),),))
    stem = term(word)
    return Clause(((Atom(stem),),), word=word.casefold()) if stem else None


def _way(word: str) -> tuple[Atom, ...]:
    return (Atom(found),) if (found := term(word)) else ()


def _beginning(word: str) -> Clause:
    """Return the clause of a word of which more may follow.

    The index holds stems: nothing there begins with "safeguardin", though "safeguard" is meant.
    """
    word = word.casefold()[:LONGEST_TERM]
    longer = (term(word + ending) for ending in _ENDINGS)
    whole = {term(word), *(stem for stem in longer if word.startswith(stem))} - {"", word}
    return Clause(((Atom(word, begins=True),), *((Atom(stem),) for stem in sorted(whole))))
