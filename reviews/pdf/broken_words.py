"""Words broken at the end of a line: whether the hyphen belongs to the word."""

import re
from collections.abc import Iterable
from typing import NamedTuple

from reviews.pdf.addresses import keeps_hyphen
from reviews.pdf.lines import BROKEN, Line

_WORD = re.compile(r"[^\W\d_]+(?:[-‐‑][^\W\d_]+)*")
_LAST_PART = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*$")


# Compounds of this field that are never one word, for a document that breaks them each time.
_ALWAYS_HYPHENATED = frozenset(
    {
        "decision-making",
        "follow-up",
        "half-brother",
        "half-sister",
        "inter-agency",
        "multi-agency",
        "multi-disciplinary",
        "multi-professional",
        "non-accidental",
        "self-harm",
        "single-agency",
    }
)


# What ends compounds only, whatever they begin with: "web-based", "long-term".
_ENDS_COMPOUNDS = frozenset({"based", "centred", "focused", "making", "related", "term", "wide"})
# What stands between two hyphens: "day-to-day", "out-of-hours".
_WITHIN_COMPOUNDS = frozenset({"and", "by", "for", "in", "of", "on", "or", "the", "to", "up"})
# Beginnings of words that end like a compound: "corre-|lated" is none, "cor-|related" neither.
_BEGIN_WORDS = frozenset({"cor", "de", "film", "inter", "mid", "nation", "some", "un", "world"})


class Words(NamedTuple):
    """The words of a document, to decide whether a hyphen at a line's end belongs to its word."""

    known: frozenset[str]

    @classmethod
    def of(cls, pages: Iterable[Iterable[Line]]) -> "Words":
        return cls.within(
            "".join(
                line.text + (BROKEN if line.broken else "\n") for lines in pages for line in lines
            )
        )

    @classmethod
    def within(cls, text: str) -> "Words":
        if BROKEN not in text:
            return cls(frozenset())
        known: set[str] = set()
        for piece in text.casefold().split(BROKEN):
            # The parts of a broken word are not words.
            first, last = _WORD.match(piece.lstrip()), _LAST_PART.search(piece[-60:])
            start = len(piece) - len(piece.lstrip()) + len(first[0] if first else "")
            known.update(_WORD.findall(piece[start : len(piece) - len(last[0] if last else "")]))
        return cls(frozenset(known))

    def joined(self, before: str, after: str) -> str:
        """Return what joins the two parts of a word that pdfium found broken: "", "-" or "- ".

        pdfium reports the hyphen of "multi-|agency" and of "safeguard-|ing" alike. It stays if
        the document elsewhere writes the word with it, or writes both parts as words and never the
        joined word; and if only a compound makes sense ("non-|English", "pre- and").
        """
        left_part, right_part = _LAST_PART.search(before[-60:]), _WORD.match(after[:60])
        if keeps_hyphen(before, after):
            return "-"
        if left_part is None or right_part is None:
            return "-" if before[-1:].isdigit() or after[:1].isdigit() else ""
        left, right = left_part[0], right_part[0]
        joined_word = (left + right).casefold()
        compound = f"{left}-{right}".casefold()
        if compound in self.known or compound in _ALWAYS_HYPHENATED:
            return "-"
        if joined_word in self.known:
            return ""
        if right in ("and", "or"):
            return "- "
        start, hyphen, middle = left.casefold().rpartition("-")
        if hyphen and start and middle in _WITHIN_COMPOUNDS:
            return "-"
        if right in _ENDS_COMPOUNDS and len(left) > 2 and left.casefold() not in _BEGIN_WORDS:
            return "-"
        if left[-1].islower() and right[0].isupper():
            return "-"
        parts_are_words = (
            min(len(left), len(right)) > 2
            and self._on_its_own(left.rpartition("-")[2])
            and self._on_its_own(right.partition("-")[0])
        )
        return "-" if parts_are_words else ""

    def _on_its_own(self, part: str) -> bool:
        return part.casefold() in self.known
