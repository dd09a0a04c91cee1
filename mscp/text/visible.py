"""Visible characters of a text."""

import unicodedata

# Control characters, surrogates and invisible marks such as those that change direction.
_UNSEEN = ("Cc", "Cf", "Cs")


def strip_invisible(text: str) -> str:
    """Drop invisible characters, which PostgreSQL refuses (NUL) or a page must not repeat.

    White space, such as a tab pasted from a table, becomes a space.
    """
    return "".join(
        " " if char.isspace() else char
        for char in text
        if char.isspace() or unicodedata.category(char) not in _UNSEEN
    )
