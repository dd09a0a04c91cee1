"""What of a text can be seen."""

import unicodedata

# Control characters, halves of a pair and invisible marks such as those that turn text around.
_UNSEEN = ("Cc", "Cf", "Cs")


def strip_invisible(text: str) -> str:
    """Drop what nobody sees, which PostgreSQL refuses (NUL) or a page must not repeat.

    What parts words, as a tab pasted from a table does, becomes a space.
    """
    return "".join(
        " " if char.isspace() else char
        for char in text
        if char.isspace() or unicodedata.category(char) not in _UNSEEN
    )
