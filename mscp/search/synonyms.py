"""Synonyms: terms that mean the same, so that each finds the others.

A query is widened when it is read, so no index is built again. A term of several words counts where
these stand one behind the other.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from mscp.search.analysis import SMALL_WORDS, term, tokens

SECTION = term("section")
Term = tuple[str, ...]
"""The tokens of a term."""

# Of an entry: each term of several words is one more phrase that texts are scanned for.
FEWEST_TERMS, MOST_TERMS = 2, 6
MOST_LONG = 3
MOST_WORDS = 5


@dataclass(frozen=True)
class Synonyms:
    groups: tuple[tuple[Term, ...], ...] = ()
    of: dict[Term, int] = field(default_factory=dict)
    """The number of the group of each term."""
    written: tuple[tuple[str, ...], ...] = ()
    """The terms of each group as they were written."""
    until: datetime | None = None
    """The clock changes nothing of it (mscp.cache.versions.Kept)."""

    @property
    def longest(self) -> int:
        return max(map(len, self.of), default=0)


NONE = Synonyms()


def split(entry: str) -> list[str]:
    """Return the terms of an entry such as "CE, child exploitation"."""
    return [one.strip() for one in re.split("[,;\n]", entry) if one.strip()]


def made_of(entries: Iterable[str]) -> Synonyms:
    """Return the synonyms of entries; a term that two entries share belongs to the first."""
    groups: list[list[Term]] = []
    written: list[list[str]] = []
    of: dict[Term, int] = {}
    for entry in entries:
        group: list[Term] = []
        written.append([])
        for one in split(entry):
            found = tuple(tokens(one))
            if found not in of and not all(token in SMALL_WORDS for token in found):
                of[found] = len(groups)
                group.append(found)
                written[-1].append(one)
                if found[0] == SECTION and len(found) == 2:
                    # In "sections 17 and 47" the number stands apart, but is a term of the index.
                    group.append(("".join(found),))
        groups.append(group)
    return Synonyms(tuple(map(tuple, groups)), of, tuple(map(tuple, written)))


def fault_of(entry: str) -> str:
    """Return in a sentence why no search could use an entry; "" if it can."""
    found = {one: tuple(tokens(one)) for one in split(entry)}
    common = [one for one, some in found.items() if all(token in SMALL_WORDS for token in some)]
    if common:
        return f"“{common[0]}” holds no word to look for."
    different = set(found.values())
    if not FEWEST_TERMS <= len(different) <= MOST_TERMS:
        return f"Write {FEWEST_TERMS} to {MOST_TERMS} different terms, with commas between them."
    if any(len(some) > MOST_WORDS for some in different):
        return f"A term has at most {MOST_WORDS} words."
    if sum(len(some) > 1 for some in different) > MOST_LONG:
        return f"At most {MOST_LONG} of the terms may have several words."
    return ""
