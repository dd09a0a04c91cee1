"""Finding records by the words they hold, the same on every database.

A record keeps its searchable text in one normalised column: accents folded, lower case, words
apart by single spaces. A word of a query matches the beginning of a word ("child" finds
"children"); one of one or two letters only the whole word, so that "child m" is Child M.
"""

import re
import unicodedata

from django.db import models

LONGEST_QUERY = 200
MOST_WORDS = 12


# Control characters, halves of a pair and invisible marks such as those that turn text around.
_UNSEEN = ("Cc", "Cf", "Cs")


def seen(text: str) -> str:
    """Drop what nobody sees, which PostgreSQL refuses (NUL) or a page must not repeat."""
    return "".join(char for char in text if unicodedata.category(char) not in _UNSEEN)


def split_words(text: str) -> list[str]:
    """Split into lower-case words of letters and digits with accents folded."""
    text = re.sub(r"\s", " ", text).replace("’", "").replace("'", "")
    folded = unicodedata.normalize("NFKD", seen(text))
    kept = (
        char.casefold() if char.isalnum() else " "
        for char in folded
        if not unicodedata.combining(char)
    )
    return "".join(kept).split()


def as_column(*texts: object) -> str:
    """Return the searchable text of a record, with a space on both sides of every word."""
    words = split_words(" \n ".join(str(text) for text in texts if text))
    return f" {' '.join(words)} "


def query_words(text: str) -> list[str]:
    """Return the words of a query that count: the first twelve in the first 200 characters."""
    return list(dict.fromkeys(split_words(text[:LONGEST_QUERY])))[:MOST_WORDS]


def matching(column: str, words: list[str]) -> models.Q:
    """Build the condition that every word stands in the column."""
    condition = models.Q()
    for word in words:
        pattern = f" {word} " if len(word) <= 2 else f" {word}"
        condition &= models.Q((f"{column}__contains", pattern))
    return condition
