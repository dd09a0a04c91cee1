"""Text analysis: text into terms, by case folding, accent folding and stemming.

Terms are stored in a stream, `` bruis babi | child ``: single spaces around each, so that a term or
a phrase is found as a substring with its spaces, and a bar that no phrase crosses. A stop word has
a token of one or two signs in it, so that phrases hold their small words.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from functools import cached_property, lru_cache
from itertools import accumulate, pairwise, product
from string import ascii_letters, digits

import Stemmer

from mscp.search.variants import respelt
from mscp.search.vocabulary import (
    ABBREVIATIONS,
    IRREGULAR,
    JOINED_ON,
    OTHER_LONG_FORMS,
    SPELLINGS,
    STOP_WORDS,
    singular,
)
from mscp.text.folding import APOSTROPHES, LETTERS

# Raised with every change to the terms of a text, so that a site knows to rebuild its index.
VERSION = 10

BAR = "|"
PAGE = "#"
# Behind the words of a text come their other forms. Behind those of all pages of a file come the
# lengths of the pages, and then the other forms of the words of each.
FORMS = "||"
# Signs of which the tokens of stop words are made: none is in a term, and all are safe to quote. No
# comma: SQLite puts one between the different terms of a record.
SIGNS = "!$&()*+-./:;<=>?@[]^_`{}~"
SIGNS_OF_A_NUMBER = 3
_DIGITS = {sign: digit for digit, sign in enumerate(SIGNS)}
# Longer runs are not words; PostgreSQL takes at most a megabyte of terms in one row.
LONGEST_TERM = 24

# Typographic characters, replaced first so that such a text avoids the slow path of other scripts.
_TYPOGRAPHY = {"’": "'", "‘": "'", "“": '"', "”": '"', "–": " ", "—": " ", "…": " ", "•": " "}
_TYPOGRAPHY |= dict.fromkeys("\u00b4\u02bc\u1fbd\u1ffd\u2032\u201b\uff07", "'")
_TYPOGRAPHY |= {"\u2010": "-", "\u2011": "-", "\u00a0": " ", "\u00ad": "", "\u200b": " "}
# The mark of a note ("neglect¹²", "guidanceⁱᵛ") is no part of the word before it; an exponent is.
RAISED = "⁰¹²³⁴⁵⁶⁷⁸⁹ᵃᵇᶜᵈᵉᶠᵍʰⁱˡᵛˣ"
EXPONENT = "(?:(?<=(?<![^\\W_])[a-zχR])|(?<=(?<![^\\W_])(?:[cdkmn]m|ft|mi|yd)))[²³](?![^\\W_])"
_ANY_RAISED = re.compile(f"[{RAISED}]")
_OTHER_RAISED = "\u02b0-\u02b8\u1d2c-\u1d6a\u2071\u207f"
_NOTE_MARK = re.compile(
    f"(?!{EXPONENT})[{RAISED[:10]}]+|(?<=[^\\W\\d_])(?<![{_OTHER_RAISED}])[{RAISED[10:]}]+(?![^\\W_])"
)
# Letters that Unicode does not decompose, as people without their keys write them.
_LETTERS = dict(LETTERS)
_LETTERS |= {letter.upper(): plain.upper() for letter, plain in _LETTERS.items()}
# A soft hyphen at the end of a line, which parts no word.
_SOFT_BREAK = re.compile("\u00ad[ \t]*\n\\s*")
# A word hyphenated across pages; a line of its own, such as a page number, prevents the match.
_BROKEN_OFF = re.compile("([^\\W\\d_]+)[-\u2010\u00ad]\\s*$")
_GOES_ON = re.compile("\\s*([^\\W\\d_]+)")
LONGEST_ENDING = 60
# Beside a word that a line or a page divides, so many words of its text on each side: as long is a
# phrase that is found over it.
NEIGHBOURS = 6
BESIDE = 120
_LINE_END = re.compile("[-\u2010][ \t]*\n")
# "Section 47" is one term too, which an age of 47 is not.
_SECTIONS = frozenset({"section", "sections", "Section", "Sections", "SECTION"})
_OF_SECTION = re.compile("\\d{1,3}[A-Za-z]?")
MOST_SECTIONS = 8
ELIDED_NAME = re.compile(f"(?<![^\\W_])([A-Z])[{APOSTROPHES}]([A-Z][^\\W\\d_]{{2,}})")
"""A name with an apostrophe behind its first letter."""
_POSSESSIVE = re.compile("'s?(?!\\w)")
_SPELLING = re.compile(f"^({'|'.join(SPELLINGS)})")
_IZE = re.compile("(?<=[a-z]{3})([iy])z(?=(?:e|ed|er|ers|es|ing|ation|ations|ational)$)")
# Nearly half of the words of a text are stop words: with tokens of one sign for the most frequent
# the index is 0.1 times the text smaller than with the words themselves.
SMALL = dict(zip(STOP_WORDS, [*SIGNS, *map("".join, product(SIGNS, repeat=2))], strict=False))
"""The token of each stop word."""
SMALL_WORDS = {sign: word for word, sign in SMALL.items()}
_IZE_ITSELF = frozenset({"prize", "prizes", "seize", "seized", "seizes", "seizing"})


class _Folding(dict[int, str | None]):
    """A table for str.translate, filled as characters are met.

    Combining accents and invisible characters are dropped, and a line break is a space. With
    ``words_only`` every character that belongs to no word is a space too, except hyphens.
    """

    def __init__(self, *, words_only: bool) -> None:
        self.words_only = words_only

    def __missing__(self, code: int) -> str | None:
        char = chr(code)
        kind = unicodedata.category(char)
        becomes: str | None = _LETTERS.get(char, char)
        if char in APOSTROPHES or unicodedata.combining(char) or kind in ("Cf", "Cs"):
            becomes = None
        elif kind == "Nd":
            becomes = str(unicodedata.digit(char))
        elif kind == "Cc":
            becomes = " " if char.isspace() else None
        elif becomes and self.words_only and not char.isalnum() and char != "-":
            becomes = " "
        self[code] = becomes
        return becomes


_FOLDING = _Folding(words_only=False)
_WORDS_ONLY = _Folding(words_only=True)


def folded(text: str) -> str:
    """Fold accents and ligatures; drop invisible characters and possessive 's. Case is kept."""
    return _plain(text).translate(_FOLDING)


def _plain(text: str) -> str:
    if not text.isascii():
        text = _SOFT_BREAK.sub("", text)
        for mark, plain in _TYPOGRAPHY.items():
            text = text.replace(mark, plain)
        if _ANY_RAISED.search(text):
            text = _NOTE_MARK.sub(" ", text)
    if "'" in text:
        text = _POSSESSIVE.sub("", text)
    return text if text.isascii() else unicodedata.normalize("NFKD", text)


@lru_cache(maxsize=100_000)
def term(word: str) -> str:
    """Return the term (stem) of one folded word, or "" for a stop word."""
    word = word.casefold()
    if word in SMALL:
        return ""
    word = singular(IRREGULAR.get(word, word))
    if word not in _IZE_ITSELF:
        word = _IZE.sub(r"\1s", word)
    word = _SPELLING.sub(lambda found: SPELLINGS[found[1]], word, count=1)
    # A stemmer is not thread-safe, so no two threads may share one: making one takes 1 µs. Without
    # a cache of its own (0), since terms are cached here.
    return str(Stemmer.Stemmer("english", 0).stemWord(word))[:LONGEST_TERM]


def words(text: str) -> tuple[list[str], list[str]]:
    """Return the folded words of a text, split at hyphens, and those that had hyphens."""
    plain = _plain(respelt(text)).translate(_WORDS_ONLY)
    if "-" not in plain:
        return plain.split(), []
    hyphenated = (word.strip("-") for word in plain.split() if "-" in word)
    return plain.replace("-", " ").split(), [word for word in hyphenated if "-" in word]


def terms(text: str) -> list[str]:
    """Return the terms of a text in order."""
    return list(filter(None, map(term, words(text)[0])))


def token(word: str) -> str:
    """Return the term of one folded word, or the token of a stop word."""
    return term(word) or SMALL.get(word.casefold(), "")


def tokens(text: str) -> list[str]:
    """Return the terms of a text and the tokens of its stop words in order."""
    return list(filter(None, map(token, words(text)[0])))


def plain_words(*texts: object) -> list[str]:
    """Return the distinct folded words of texts in lower case."""
    found = (part.casefold() for text in texts for part in words(str(text))[0])
    return list(dict.fromkeys(found))


def stream(*texts: object) -> str:
    """Return the stream of a record's texts.

    It ends with other forms of its words, each once: "multi-agency" as one word, "Child M" as
    one name, and abbreviations for their long forms.
    """
    found, others = _words_and_forms(*texts)
    return f"{found}{FORMS} {others}" if others else found


def words_of(stream: str) -> str:
    """Return the words of a stream as they stand in the text, without their other forms."""
    return stream.partition(FORMS)[0]


def _words_and_forms(*texts: object) -> tuple[str, str]:
    parts: list[str] = []
    others: set[str] = set()
    for text in texts:
        if text:
            parted, compounds = words(str(text))
            parts += filter(None, map(token, parted))
            parts.append(BAR)
            others.update(_other_forms(parted, compounds))
            others.update(_in_two_words(str(text)))
            others.update(_broken_over_lines(str(text)))
    found = f" {' '.join(parts)} "
    different = set(parts)
    # Looking for a phrase in a text is slow, and few texts have all of its terms.
    for key in different & _PHRASES.keys():
        others |= {
            short
            for terms_of, phrase, short in _PHRASES[key]
            if terms_of <= different and phrase in found
        }
    return found, "".join(f"{other} {BAR} " for other in sorted(others - {""}))


def page_streams(texts: Iterable[str]) -> str:
    """Return the stream of the pages of a file: words, lengths of the pages, and other forms.

    The words of all pages are in one run, so that a phrase may cross the end of a page. A word that
    a page break divides belongs to the page on which it begins.
    """
    pages = list(texts)
    parts = [_words_and_forms(text) for text in pages]
    found = [words.removesuffix(f"{BAR} ").lstrip() for words, _ in parts]
    others = [f" {forms}" for _, forms in parts]
    for number, (text, following) in enumerate(pairwise(pages)):
        if broken := _broken_word(text, following):
            others[number] += f"{broken} {BAR} "
    lengths = "".join(f" {_in_signs(len(words))} {BAR}" for words in found)
    return f" {''.join(found)}{FORMS}{lengths} {FORMS}{PAGE.join(others)}"


class Pages:
    """The stream of the pages of a file, in which one word is counted without taking it apart.

    Of twenty files of twenty pages that takes 0.8 ms, and 1.7 where each page is made a stream.
    """

    def __init__(self, stream: str) -> None:
        # From the end, which is near: looking from the start takes as long as counting a word.
        rest, _, self._forms = stream.rpartition(FORMS)
        self.words, parted, lengths = rest.rpartition(FORMS)
        """The words of all pages in one run, with a space before and behind."""
        # As an earlier release wrote it, until it is written again.
        self._as_before = None if parted else stream.split(PAGE)
        numbers = map(_from_signs, lengths.replace(BAR, "").split())
        self.ends = list(accumulate(numbers, initial=0))[1:]
        """Where each page ends in the run: at the space behind its last word."""

    @cached_property
    def streams(self) -> list[str]:
        """The stream of each page: its words and their other forms."""
        if self._as_before is not None:
            return self._as_before
        return [
            f" {self.words[begin + 1 : end + 1]}{BAR} {f'{FORMS}{forms}' if forms.strip() else ''}"
            for (begin, end), forms in zip(self._spans, self._forms.split(PAGE), strict=True)
        ]

    def counts(self, needle: str) -> list[int]:
        """Return how often a part of a stream, which begins with a space, is on each page."""
        if self._as_before is not None:
            return [page.count(needle) for page in self._as_before]
        counts = [self.words.count(needle, begin, end + 1) for begin, end in self._spans]
        if needle in self._forms:
            counts = [
                count + forms.count(needle)
                for count, forms in zip(counts, self._forms.split(PAGE), strict=True)
            ]
        return counts

    def words_on(self, place: int) -> str:
        """Return the words of a page as they stand in its text, without their other forms."""
        if self._as_before is not None:
            return words_of(self._as_before[place])
        return self.words[self.ends[place - 1] if place else 0 : self.ends[place] + 1]

    @property
    def _spans(self) -> Iterable[tuple[int, int]]:
        return pairwise([0, *self.ends])


def _in_signs(number: int) -> str:
    """Return a number in signs, of which no search is made: three at least, unlike stop words."""
    digits = ""
    while number or len(digits) < SIGNS_OF_A_NUMBER:
        number, digit = divmod(number, len(SIGNS))
        digits = SIGNS[digit] + digits
    return digits


@lru_cache(maxsize=20_000)
def _from_signs(digits: str) -> int:
    number = 0
    for sign in digits:
        number = number * len(SIGNS) + _DIGITS[sign]
    return number


def _other_forms(parted: list[str], compounds: list[str]) -> Iterator[str]:
    for word in compounds:
        yield term(word.replace("-", ""))
    different = set(parted)
    for capitals in different & LONG_OF_CAPITALS.keys():
        yield LONG_OF_CAPITALS[capitals]
    for section in different & _SECTIONS:
        for place in _places(parted, section):
            yield from _sections(parted, place + 1)
    if not different.isdisjoint(_LETTERS_AND_PREFIXES):
        # Looked up letter by letter: few words of a page are one, and each pair counts once.
        letters = {word for word in different if len(word) == 1}
        for letter in letters:
            before = {parted[place - 1] for place in _places(parted, letter) if place}
            yield from (bound(word, letter) for word in before)
        for prefix in different & _PREFIXES:
            after = {parted[place + 1] for place in _places(parted[:-1], prefix)}
            yield from (term(prefix + word) for word in after - letters)


def _in_two_words(text: str) -> Iterator[str]:
    """Yield names such as "O'Neill" as two words, as some type them; one of them is the surname."""
    if not text.isascii() or "'" in text:
        for name in ELIDED_NAME.finditer(text):
            yield " ".join(filter(None, map(token, name.groups())))


def _broken_over_lines(text: str) -> Iterator[str]:
    """Yield words that the end of a line divides, as one word among its neighbours."""
    if "\n" in text:
        for end in _LINE_END.finditer(text):
            yield _broken_word(text[: end.end()], text[end.end() :])


def broken_words(text: str) -> Iterator[tuple[int, int, str]]:
    """Yield start, end and token of each word that the end of a line divides."""
    for end in _LINE_END.finditer(text) if "\n" in text else ():
        start = max(0, end.start() - LONGEST_ENDING)
        broken = _BROKEN_OFF.search(text[start : end.end()])
        rest = _GOES_ON.match(text, end.end())
        if broken and rest and rest[1][0].islower():
            whole = token(folded(broken[1] + rest[1]))
            yield start + broken.start(), rest.end(), whole


def _broken_word(before: str, after: str) -> str:
    """Return the term of the word that is divided between two texts, or "" if none is.

    Among the words beside it, so that a phrase is found over it too.
    """
    broken = _BROKEN_OFF.search(before[-LONGEST_ENDING:])
    rest = _GOES_ON.match(after[:LONGEST_ENDING])
    if not (broken and rest and rest[1][0].islower()):
        return ""
    whole = term(folded(broken[1] + rest[1]))
    if not whole:
        return ""
    start = len(before) - len(broken[0])
    # What is cut off at its edge may be part of a word.
    left = before[max(0, start - BESIDE) : start].partition(" ")[2] if start > BESIDE else None
    left = before[:start] if left is None else left
    right = after[rest.end() : rest.end() + BESIDE]
    if len(after) > rest.end() + BESIDE:
        right = right.rpartition(" ")[0]
    return " ".join([*tokens(left)[-NEIGHBOURS:], whole, *tokens(right)[:NEIGHBOURS]])


def _sections(parted: list[str], place: int) -> Iterator[str]:
    """Yield the terms of the sections that a list such as "17, 20 and 47" names."""
    for word in parted[place : place + MOST_SECTIONS]:
        if _OF_SECTION.fullmatch(word):
            yield f"section{word.casefold()}"
        elif word not in ("and", "or", "to"):
            return


def _places(found: list[str], word: str) -> Iterator[int]:
    place = -1
    for _ in range(found.count(word)):
        place = found.index(word, place + 1)
        yield place


def bound(word: str, letter: str) -> str:
    """Return the single term of a name such as "Child M", which any "m" would match otherwise."""
    return term(word.casefold()) + letter.casefold()


LONG_FORMS = {
    term(short): [tokens(one) for one in (long, *OTHER_LONG_FORMS.get(short, ()))]
    for short, long in ABBREVIATIONS.items()
}
"""The long forms of each abbreviation, in tokens."""

LONG_OF_CAPITALS = {
    f"{short.upper()}{plural}": f" {BAR} ".join(map(" ".join, LONG_FORMS[term(short)]))
    for short in ABBREVIATIONS
    for plural in ("", "s")
}
"""The long forms of each abbreviation in capitals, as they are among the forms of a stream."""

_PREFIXES = JOINED_ON | {word.capitalize() for word in JOINED_ON}
_LETTERS_AND_PREFIXES = _PREFIXES | set(ascii_letters + digits)
_PHRASES: dict[str, list[tuple[frozenset[str], str, str]]] = {}
"""The long forms by their longest term, as a stream holds them, with the abbreviation of each."""
for _short, _several in LONG_FORMS.items():
    for _long in _several:
        _phrase = (frozenset(_long), f" {' '.join(_long)} ", _short)
        _PHRASES.setdefault(max(_long, key=len), []).append(_phrase)
