"""Spelling suggestions for a word that finds nothing.

They come from a lexicon of what is published, which each process reads at first need and caches
by the content version. No table holds words: a name that is taken out of a text, or a text that
is withdrawn, refused or never published, leaves none behind.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from rapidfuzz import process
from rapidfuzz.distance import Indel

from mscp.search.analysis import LONGEST_TERM, words

FEWEST_LETTERS = 4
MOST_MEANT = 3
# Normalised similarity: of a word of eight letters, two may be wrong.
HOW_CLOSE = 0.75


@dataclass(frozen=True)
class Lexicon:
    known: frozenset[str]
    ordered: tuple[str, ...]
    """The same words sorted, so that every process offers equally close words in the same order."""
    until: datetime | None
    """The next moment at which the clock alone changes it."""

    def near(self, word: str, most: int) -> list[str]:
        """Return the closest words to a misspelt one, the closest first."""
        found = process.extract(
            word.casefold(),
            self.ordered,
            scorer=Indel.normalized_similarity,
            score_cutoff=HOW_CLOSE,
            limit=most,
        )
        return [near for near, _, _ in found]


def is_correctable(word: str) -> bool:
    """Return whether a lexicon can hold a word."""
    return FEWEST_LETTERS <= len(word) <= LONGEST_TERM and word.isalpha()


def read_lexicon(texts: Iterable[str], until: datetime | None) -> Lexicon:
    """Read the words of texts, which must be behind the gate already."""
    found: set[str] = set()
    for text in texts:
        found.update(words(text)[0])
    known = frozenset(filter(is_correctable, map(str.casefold, found)))
    return Lexicon(known, tuple(sorted(known)), until)
