"""Source map: for each letter of a text that was rewritten, where what was typed for it stands.

So a query can be read in the spellings that are indexed and told in those that were typed.
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass

# What is folded as one: a word with its apostrophes, or a single other sign.
_FOLDED_AS_ONE = re.compile("(?:\u00ad[ \t]*\n\\s*|[^\\s!-&(-/:-@\\[-^`{-~])+|.", re.DOTALL)


@dataclass(frozen=True)
class Mapped:
    """A text that came of another."""

    text: str
    source: str
    spans: tuple[tuple[int, int], ...]
    """For each letter the start and end of its source."""

    @classmethod
    def of(cls, text: str) -> "Mapped":
        return cls(text, text, tuple((place, place + 1) for place in range(len(text))))

    def typed(self, start: int, end: int) -> str:
        """Return the source of a part of the text."""
        some = self.spans[start:end]
        return self.source[some[0][0] : some[-1][1]] if some else ""

    def rewritten(self, pieces: Iterable[tuple[int, int, str]]) -> "Mapped":
        """Return the text with pieces of it replaced, each named by its start and end."""
        text, spans, at = "", list(self.spans[:0]), 0
        for start, end, other in pieces:
            of_piece = (self.spans[start][0], self.spans[end - 1][1])
            text += self.text[at:start] + other
            spans += [*self.spans[at:start], *[of_piece] * len(other)]
            at = end
        return Mapped(text + self.text[at:], self.source, (*spans, *self.spans[at:]))

    def sub(self, pattern: re.Pattern[str], written: Callable[[re.Match[str]], str]) -> "Mapped":
        pieces = ((*found.span(), written(found)) for found in pattern.finditer(self.text))
        return self.rewritten(
            (start, end, other) for start, end, other in pieces if other != self.text[start:end]
        )

    def folded(self, fold: Callable[[str], str]) -> "Mapped":
        """Return the text with each word folded; letter by letter where their number stays."""
        pieces: list[tuple[int, int, str]] = []
        for found in _FOLDED_AS_ONE.finditer(self.text):
            start, end, becomes = found.start(), found.end(), fold(found[0])
            if len(becomes) == end - start:
                pieces += [(start + n, start + n + 1, one) for n, one in enumerate(becomes)]
            else:
                pieces.append((start, end, becomes))
        return self.rewritten(pieces)
