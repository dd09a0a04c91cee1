"""Lists within a sentence."""

from collections.abc import Sequence


def in_words(names: Sequence[str]) -> str:
    """Join names as a sentence does: "A, B and C"."""
    *others, last = names or [""]
    return f"{', '.join(others)} and {last}" if others else last
