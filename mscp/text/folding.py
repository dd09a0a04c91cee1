"""Folding of typed text: signs that look alike become one, and what nobody sees is dropped.

The one place that knows which signs are a dash, an apostrophe, a space or invisible. Three steps,
each beyond the one before:

* ``strip_invisible``: for a text that is kept. What can be seen stays as it was typed.
* ``plain``: for a text that is read as a value (a day, a time, a number): one kind of dash, of
  apostrophe, of space and of digit.
* ``folded``: for texts that are compared: also without case, accents, apostrophes and dashes.
"""

import re
import unicodedata
from functools import lru_cache

APOSTROPHES = (
    "'`\u00b4\u02b9\u02bb\u02bc\u02bd\u02be\u02bf\u1fbd\u1fef\u1ffd\u2018\u2019\u201b\u2032"
)
APOSTROPHES += "\uff07\uff40"
QUOTES = '"\u201c\u201d\u201e\u201f\u00ab\u00bb\u2033\uff02'
# The category Pd, in which Unicode has its dashes; and signs that are drawn, and typed, as one.
DASHES = "-\u02d7\u058a\u05be\u1400\u1806\u2010\u2011\u2012\u2013\u2014\u2015\u2043\u2212\u2796"
DASHES += "\u2e17\u2e1a\u2e3a\u2e3b\u2e40\u2e5d\u301c\u3030\u30a0\ufe31\ufe32\ufe58\ufe63\uff0d"
A_DASH = f"[{re.escape(DASHES)}]"
"""Any of them, in a regular expression."""

# Combining grapheme joiner, fillers of Hangul and a blank of Braille: seen as nothing, though
# Unicode counts them among marks, letters and symbols.
_BLANK = "\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0"
# Signs that choose the form of the one before: of an emoji, or of Mongolian.
_VARIATIONS = "\u180b-\u180d\u180f\ufe00-\ufe0f\U000e0100-\U000e01ef"
# Controls, marks that change direction or join, halves of a pair.
_UNSEEN = ("Cc", "Cf", "Cs")
# Decompositions that are another form of the same letter; those of ² and ½ mean something else.
_OTHER_FORMS = frozenset(
    "<wide> <narrow> <small> <font> <isolated> <initial> <medial> <final>".split()
)
_LIGATURES = re.compile("[\ufb00-\ufb06\u0132\u0133\u01c4-\u01cc\u01f1-\u01f3]")
_VARIATION = re.compile(f"[{_VARIATIONS}]")
# Within a word of Persian or Urdu, or between two emoji that are one, it is seen; elsewhere not.
_JOINERS = "\u200c\u200d"
_LONE_JOINER = re.compile(f"(?<![^\x00-\x7f])[{_JOINERS}]|[{_JOINERS}](?![^\x00-\x7f])")
_NOT_ASCII = re.compile("[^\x00-\x7f]+")

# Letters that Unicode does not decompose, as people without their keys write them.
LETTERS = {"æ": "ae", "đ": "d", "ð": "d", "ħ": "h", "ı": "i", "ł": "l", "ø": "o", "œ": "oe"}
LETTERS |= {"þ": "th"}
# Letters of Arabic, Persian and Urdu that look the same, or are written one for the other; the line
# that stretches a word is none.
LETTERS |= dict.fromkeys("ىیېے", "ي") | {"ک": "ك", "ڪ": "ك", "ٱ": "ا", "ۆ": "و", "\u0640": ""}
LETTERS |= dict.fromkeys("ہھەةۃۀە", "ه")


def strip_invisible(text: str) -> str:
    """Drop invisible characters, which PostgreSQL refuses (NUL) or a page must not repeat.

    White space, such as a tab pasted from a table, becomes a space.
    """
    if text.isascii() and text.isprintable():
        return text
    return _LONE_JOINER.sub("", text.translate(_SEEN))


def seen_lines(text: str) -> str:
    """Return what can be seen of a text, with its line breaks and tabs."""
    return _LONE_JOINER.sub("", text.translate(_SEEN_LINES))


def one_line(text: str) -> str:
    """Return what can be seen of a text, as one line with single spaces."""
    return " ".join(strip_invisible(text).split())


def lines(text: str) -> str:
    """Return a text with its line breaks and tabs, and otherwise with one kind of each sign.

    What ``seen_lines`` returned keeps its length: a part of it is at the same place here.
    """
    return text.translate(_LINES)


def plain(text: str) -> str:
    """Return a typed value as one line, with one kind of dash, apostrophe, quote and digit."""
    return " ".join(text.translate(_PLAIN).split())


def folded(text: str) -> str:
    """Return what two texts have in common that differ in nothing that a searcher would type.

    Small letters without accents, apostrophes and quotes; a space for a dash and for white space.
    Folding twice changes nothing.
    """
    return _spaced(_small(text).replace("-", " "))


def folded_forms(text: str) -> tuple[str, str]:
    """Return a text folded, and folded with nothing for a dash: "multi agency", "multiagency"."""
    small = _small(text)
    if "-" not in small:
        return (spaced := _spaced(small)), spaced
    return _spaced(small.replace("-", " ")), _spaced(small.replace("-", ""))


def _small(text: str) -> str:
    if not text.isascii():
        text = _NOT_ASCII.sub(_folded_run, text)
    # A table for all of these would be looked into for every letter, which takes ten times as long.
    for mark in _DROPPED:
        text = text.replace(mark, "")
    return text.lower() if text.isprintable() else text.lower().translate(_CONTROLS)


def _spaced(text: str) -> str:
    return " ".join(text.split()) if "  " in text else text.strip()


def _folded_run(match: "re.Match[str]") -> str:
    return _fold(match[0])


@lru_cache(maxsize=20_000)
def _fold(run: str) -> str:
    """Fold characters beyond ASCII, of which the texts of a site have few different runs."""
    decomposed = unicodedata.normalize("NFKD", run.translate(_PLAIN))
    bare = "".join(char for char in decomposed if not unicodedata.combining(char))
    # Casefolding may bring new accents, as that of "İ" does.
    small = unicodedata.normalize("NFKD", bare.casefold())
    letters = (LETTERS.get(char, char) for char in small if not unicodedata.combining(char))
    return "".join(letters).translate(_PLAIN)


def is_invisible(char: str) -> bool:
    unseen = unicodedata.category(char) in _UNSEEN and not char.isspace()
    return unseen or char in _BLANK or bool(_VARIATION.match(char))


def _has_effect(char: str) -> bool:
    """Return whether an invisible character is seen by what it does to its neighbours."""
    return char in _JOINERS or bool(_VARIATION.match(char))


class _Table(dict[int, str | None]):
    """A table for str.translate, filled as characters are met."""

    def __missing__(self, code: int) -> str | None:
        self[code] = becomes = self.becomes(chr(code))
        return becomes

    def becomes(self, char: str) -> str | None:
        raise NotImplementedError


class _Seen(_Table):
    """What can be seen. With ``breaks`` line breaks and tabs stay."""

    def __init__(self, *, breaks: bool) -> None:
        self.breaks = breaks

    def becomes(self, char: str) -> str | None:
        if char.isspace():
            return char if self.breaks and char in _BREAKS else " "
        return None if is_invisible(char) and not _has_effect(char) else char


class _Plain(_Table):
    """One kind of each sign. With ``breaks`` line breaks and tabs stay."""

    def __init__(self, *, breaks: bool) -> None:
        self.breaks = breaks

    def becomes(self, char: str) -> str | None:
        if char.isspace():
            return char if self.breaks and char in _BREAKS else " "
        if is_invisible(char):
            # What is seen by its effect has its place in a text.
            return char if self.breaks and _has_effect(char) else None
        for kinds, sign in ((APOSTROPHES, "'"), (QUOTES, '"')):
            if char in kinds:
                return sign
        if char in DASHES:
            return "-"
        if (digit := unicodedata.decimal(char, None)) is not None:
            return str(digit)
        if self.breaks and _LIGATURES.match(char):
            # One sign stays one.
            return char
        form = unicodedata.decomposition(char).partition(" ")[0]
        is_other_form = form in _OTHER_FORMS or _LIGATURES.match(char)
        return unicodedata.normalize("NFKC", char) if is_other_form else char


_BREAKS = "\t\n\r\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029"
_SEEN = _Seen(breaks=False)
_SEEN_LINES = _Seen(breaks=True)
_PLAIN = _Plain(breaks=False)
_LINES = _Plain(breaks=True)
_DROPPED = "'`\""
# Controls are no part of a word.
_CONTROLS = dict.fromkeys((*range(32), 127)) | {ord(char): " " for char in _BREAKS}
