"""Offers of a list that finds nothing: links to lists that are near and find something."""

from typing import NamedTuple

# Letters of the words of an offer that are shown; and those before the first that differs.
LONGEST_LABEL = 80
BEFORE = 30


class Offer(NamedTuple):
    label: str
    """The words to look for, or the filter to take off; "" for all filters but the words."""
    query: str
    """The query string of the other list."""
    number: int
    """How many records it finds."""
    without: tuple[str, ...] = ()
    """The words that it leaves out, a phrase without its quotes."""


class Offers(NamedTuple):
    respelt: tuple[Offer, ...] = ()
    fewer_filters: tuple[Offer, ...] = ()
    parts: tuple[Offer, ...] = ()


def part_that_differs(words: str, typed: str) -> str:
    """Return the words of an offer, of very long ones those about the first that differs."""
    if len(words) <= LONGEST_LABEL:
        return words
    same = zip(words, typed, strict=False)
    at = next((place for place, (one, other) in enumerate(same) if one != other), len(typed))
    begin = words.rfind(" ", 0, at - BEFORE) + 1 if at > BEFORE else 0
    # A word may be longer than what is shown.
    begin = max(begin, at - LONGEST_LABEL // 2)
    end = len(words)
    if end > begin + LONGEST_LABEL:
        space = words.rfind(" ", at, begin + LONGEST_LABEL)
        end = space if space > at else begin + LONGEST_LABEL
    return f"{'… ' if begin else ''}{words[begin:end].strip()}{' …' if end < len(words) else ''}"
