"""What a visitor may have meant by a word that finds nothing: spelling suggestions.

They are made from a lexicon of what is published, which each process reads when it first needs
one and keeps under the content's stamp. No table holds words: a name that is taken out of a text,
or a text that is withdrawn, refused or never published, leaves none behind.
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
    """The same, so that every process offers equally close words in the same order."""
    until: datetime | None
    """When the clock alone will next make it another."""

    def near(self, word: str, most: int) -> list[str]:
        """Return the closest words to one that is mistyped, the closest first."""
        found = process.extract(
            word.casefold(),
            self.ordered,
            scorer=Indel.normalized_similarity,
            score_cutoff=HOW_CLOSE,
            limit=most,
        )
        return [near for near, _, _ in found]


def is_correctable(word: str) -> bool:
    """Tell whether a lexicon can hold a word."""
    return FEWEST_LETTERS <= len(word) <= LONGEST_TERM and word.isalpha()


def read_lexicon(texts: Iterable[str], until: datetime | None) -> Lexicon:
    """Read the words of texts, which must be behind the gate already."""
    written: set[str] = set()
    for text in texts:
        written.update(words(text)[0])
    known = frozenset(filter(is_correctable, map(str.casefold, written)))
    return Lexicon(known, tuple(sorted(known)), until)
