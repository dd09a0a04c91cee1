"""Nearest queries: what a query that finds nothing could say instead, with what it would find.

Spellings are put right, quotes taken off, words left out. Each clause is looked up once, all of
them in one query; which of them go together is then a matter of bits. So it costs the same whatever
is typed.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from itertools import product
from math import log2
from typing import NamedTuple

from mscp.search.analysis import plain_words
from mscp.search.query import MOST_WORDS, Clause, Query, read, replaced
from mscp.search.spelling import MOST_MEANT, Lexicon, is_correctable
from mscp.search.synonyms import NONE, Synonyms

_WORD = re.compile("[^\\W_]+")
# With more unknown words none is corrected: a suggestion for all of them at once would hardly be
# what was meant.
MOST_MISTYPED = 3
# Rewritten queries that are tried, of which every misspelt word has its share: nine words for one,
# three for each of two, two for each of three. Phrases are looked for in the full texts, so with
# them only the first is tried.
MOST_TRIED = 9
EACH_OF_SEVERAL = {1: 9, 2: 3, 3: 2}
# Ways to leave words out that are offered.
MOST_PARTS = 2


class Near(NamedTuple):
    """A query that finds something."""

    words: str
    number: int
    """How many published records of the list it finds."""
    without: tuple[str, ...] = ()
    """What it leaves out of what was typed; nothing if it only writes it otherwise."""


@dataclass(frozen=True)
class Nearest:
    """The nearest queries, respelt or parts of what was typed.

    Bits are those of the records of a list (mscp.listing.bitmap_index).
    """

    respelt: tuple[Near, ...] = ()
    parts: tuple[Near, ...] = ()


class Search:
    """A search for the nearest queries, for a query that finds nothing.

    ``among`` are the bits that other filters leave. Of each clause the bits are looked up once.
    """

    def __init__(
        self,
        typed: str,
        query: Query,
        *,
        among: int,
        find: Callable[[Query], int],
        find_each: Callable[[list[Clause]], list[int]],
        lexicon: Lexicon,
        synonyms: Synonyms = NONE,
    ) -> None:
        self.typed = typed
        self.query = query
        self.among = among
        self._find = find
        self._find_each = find_each
        self._lexicon = lexicon
        # As the search reads what it is offered.
        self._read = partial(read, synonyms=synonyms)
        # Of a single clause the search itself has found nothing.
        is_single = len(query.wanted) == 1 and not query.unwanted
        self._bits: dict[Clause, int] = {query.wanted[0]: 0} if is_single else {}
        self._respelt_as: dict[Clause, Clause] = {}
        """The best other spelling of what nothing has."""

    def nearest(self) -> Nearest:
        unknown = self._unknown()
        loose = self._loose
        # Most phrases are of words that are there: one list of records instead of one for each.
        are_known = self._has_loose and not (unknown or self.query.unwanted)
        if are_known and (found := self._find(loose) & self.among):
            return Nearest(parts=(self._without_quotes(found),))
        wanted = [Query(query.wanted) for query in (self.query, loose)]
        self._look_up([*wanted, *map(self._read, unknown)])
        if self.query.unwanted and (found := self._found(self.query.wanted)):
            without = tuple(map(_unquoted, self.query.unwanted))
            return Nearest(parts=(Near(_written(wanted[0]), found.bit_count(), without),))
        # Phrases that are not wanted have cost nothing so far: there was nothing to take them from.
        self._look_up([self.query])
        misspelt = [word for word in unknown if not self._bits[self._read(word).wanted[0]]]
        respelt = self._respelt(misspelt) if misspelt else []
        return Nearest(respelt=tuple(respelt)) if respelt else Nearest(parts=tuple(self._parts()))

    def _look_up(self, queries: Iterable[Query]) -> None:
        clauses = [one for query in queries for one in (*query.wanted, *query.unwanted)]
        new = [one for one in dict.fromkeys(clauses) if one not in self._bits]
        if new:
            self._bits |= zip(new, self._find_each(new), strict=True)

    def _found(self, wanted: Iterable[Clause], unwanted: Iterable[Clause] = ()) -> int:
        found = self.among
        for clause in wanted:
            found &= self._bits[clause]
        for clause in unwanted:
            found &= ~self._bits[clause]
        return found

    def _unknown(self) -> list[str]:
        """Return the words that no published text is known to have, unless they are many."""
        unknown = []
        for word in self._words():
            if is_correctable(word) and word not in self._lexicon.known:
                wanted = self._read(word).wanted
                unknown += [word] if wanted and wanted[0] not in self.query.unwanted else []
        return unknown if len(unknown) <= MOST_MISTYPED else []

    def _words(self) -> list[str]:
        """Return the words that are wanted and stand in what was typed.

        Those of "section" are not for "s47", which is one term, as are synonyms of several words.
        """
        found: dict[str, None] = {}
        for clause in self.query.wanted:
            if not (clause.name or clause.synonyms):
                as_typed = set(_WORD.findall(clause.typed.casefold()))
                found |= dict.fromkeys(one for one in plain_words(clause.typed) if one in as_typed)
        return list(found)[:MOST_WORDS]

    def _respelt(self, misspelt: list[str]) -> list[Near]:
        """Return what was typed with every misspelt word respelt."""
        near = [self._lexicon.near(word, EACH_OF_SEVERAL[len(misspelt)]) for word in misspelt]
        texts = []
        for others in product(*near):
            text = self.typed
            for word, other in zip(misspelt, others, strict=True):
                text = replaced(text, word, other)
            texts.append(text)
        if self.query.has_phrases:
            found = {text: self._find(self._read(text)) & self.among for text in texts[:1]}
        else:
            queries = {text: self._read(text) for text in texts[:MOST_TRIED]}
            self._look_up(
                [*queries.values(), *(self._read(word) for some in near for word in some)]
            )
            found = {text: self._found(q.wanted, q.unwanted) for text, q in queries.items()}
            for word, some in zip(misspelt, near, strict=True):
                having = (self._read(other).wanted for other in some)
                best = next((one for one in having if one and self._bits[one[0]]), None)
                if best:
                    self._respelt_as[self._read(word).wanted[0]] = best[0]
        offers = [Near(text, bits.bit_count()) for text, bits in found.items() if bits]
        return offers[:MOST_MEANT]

    def _parts(self) -> list[Near]:
        """Return what was typed without its quotes, or without some of its words."""
        query, loose = self.query, self._loose
        if self._has_loose and (found := self._found(loose.wanted, loose.unwanted)):
            return [self._without_quotes(found)]
        clauses = [one for clause in query.wanted for one in self._findable(clause)]
        among = self._found((), query.unwanted)
        parts = [
            [clauses[place] for place in places]
            for places in best_parts([self._bits[one] for one in clauses], among)
        ]
        written = {_written(Query(tuple(part), query.unwanted)): part for part in parts}
        # A letter is another clause where the name before it is left out.
        queries = {text: self._read(text) for text in written}
        self._look_up(queries.values())
        return [
            Near(text, found.bit_count(), self._left_out(written[text]))
            for text, part in queries.items()
            if part.wanted and (found := self._found(part.wanted, part.unwanted))
        ]

    def _findable(self, clause: Clause) -> list[Clause]:
        """Return a clause, or what stands for it where nothing has it; nothing if nothing does."""
        if self._bits[clause]:
            return [clause]
        if clause.phrase:
            words = self._read(_unquoted(clause)).wanted
            return [one for one in words if self._bits.get(one)]
        return [self._respelt_as[clause]] if clause in self._respelt_as else []

    def _left_out(self, kept: list[Clause]) -> tuple[str, ...]:
        some = {*kept}
        return tuple(
            _unquoted(clause)
            for clause in self.query.wanted
            if some.isdisjoint([clause, *self._findable(clause)])
        )

    def _without_quotes(self, found: int) -> Near:
        phrases = [clause for clause in self.query.wanted if clause.phrase]
        gone = [words for words in map(_unquoted, phrases) if not self._read(words).wanted]
        return Near(_written(self._loose), found.bit_count(), tuple(gone))

    @property
    def _has_loose(self) -> bool:
        """Return whether there are quotes to take off, and a word to look for without them.

        Of stop words alone none is left, and a query of no word is the whole list.
        """
        return self.query.has_phrases and bool(self._loose.wanted)

    @cached_property
    def _loose(self) -> Query:
        """Return the query with the words of its phrases alone."""
        wanted = " ".join(map(_unquoted, self.query.wanted))
        return self._read(f"{wanted} {' '.join(clause.typed for clause in self.query.unwanted)}")


def _written(query: Query) -> str:
    return " ".join(clause.typed for clause in (*query.wanted, *query.unwanted))


def _unquoted(clause: Clause) -> str:
    """Return what was typed for a clause, without the quotes of a phrase."""
    return clause.typed.replace('"', "")


def best_parts(bits: Sequence[int], among: int) -> list[tuple[int, ...]]:
    """Return the places of those that together still find something, the best parts first.

    The best part loses least of what was asked: a word counts the more the fewer records have it.
    No part is one of another. Of twelve words there are 924 such parts at most.
    """
    total = among.bit_count()
    weights = [log2(1 + total / max(1, (some & among).bit_count())) for some in bits]
    found: list[tuple[float, int, tuple[int, ...]]] = []

    def look(place: int, left: int, kept: tuple[int, ...]) -> None:
        if place < len(bits):
            if with_this := left & bits[place]:
                look(place + 1, with_this, (*kept, place))
            if with_this != left:
                look(place + 1, left, kept)
        elif kept and not any(left & bits[one] for one in range(len(bits)) if one not in kept):
            weight = sum(weights[one] for one in kept)
            found.append((-weight, -left.bit_count(), kept))

    look(0, among, ())
    return [kept for _, _, kept in sorted(found)[:MOST_PARTS]]
