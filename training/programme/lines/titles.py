"""Fuzzy matching of names: finds known names with nearly the same spelling."""

import re
from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable
from functools import lru_cache

from rapidfuzz.distance.Indel import normalized_similarity

from mscp.text.folding import folded

# Similarity from which it is taken for the same, and from which it is worth asking.
SAME, LIKE = 0.86, 0.6
# How many candidates that share words are compared letter by letter.
COMPARED = 8
OFFERED = 5

Key = Hashable


# Names are compared many times over: of 2,000 lines on one day each with each.
@lru_cache(maxsize=16384)
def normal(text: str) -> str:
    """Normalise a name: folded, without punctuation and "the", and with one way to write "and"."""
    words = re.findall(r"\w+", folded(text).replace("&", " and "))
    return " ".join(words[1:] if words[:1] == ["the"] and words[1:] else words) or text.strip()


def numbers_in(text: str) -> list[str]:
    return re.findall(r"\d+|\b(?:i{1,3}|iv|v|a|b|c)\b", text)


class Names:
    """Known names, indexed by word, to find the nearest without comparing with each."""

    def __init__(self, names: Iterable[tuple[Key, str]]) -> None:
        self.by_name: dict[str, list[Key]] = defaultdict(list)
        self.texts: list[tuple[Key, str]] = []
        self.starts: dict[str, list[int]] = defaultdict(list)
        for key, name in names:
            text = normal(name)
            self.by_name[text].append(key)
            for start in _starts(text):
                self.starts[start].append(len(self.texts))
            self.texts.append((key, text))
        self.asked: dict[str, list[tuple[float, Key]]] = {}

    def exact(self, name: str) -> list[Key]:
        return self.by_name.get(normal(name), [])

    def near(self, name: str) -> list[tuple[float, Key]]:
        """Return the most similar first, each with its similarity from 0 to 1."""
        text = normal(name)
        if text not in self.asked:
            self.asked[text] = self._near(text)
        return self.asked[text]

    def _near(self, text: str) -> list[tuple[float, Key]]:
        weights: Counter[int] = Counter()
        for start in _starts(text):
            places = self.starts.get(start, [])
            for place in places:
                # A rare word says more.
                weights[place] += 1_000 // len(places)
        found = []
        for place, _ in weights.most_common(COMPARED):
            key, other = self.texts[place]
            alike = normalized_similarity(text, other)
            if numbers_in(text) != numbers_in(other):
                # "Level 1" is not "Level 2", however alike they look.
                alike = min(alike, SAME - 0.01)
            if alike >= LIKE:
                found.append((alike, key))
        return sorted(found, key=lambda pair: -pair[0])[:OFFERED]


def _starts(text: str) -> set[str]:
    words = text.split()
    return {word[:4] for word in words if len(word) > 2} or set(words)
