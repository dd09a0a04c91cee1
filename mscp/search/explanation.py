"""Query explanation: which words a search looked for, in which forms, and which it left out."""

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum
from html import unescape
from typing import NamedTuple

from mscp.search.analysis import folded, stream, term, tokens
from mscp.search.query import LONGEST_QUERY, MOST_PHRASES, MOST_WORDS, Atom, Clause, Query
from mscp.search.variants import respelt, spellings
from mscp.search.vocabulary import ABBREVIATIONS, OTHER_LONG_FORMS, singular

# More forms of a word than these say nothing new.
MOST_FORMS = 8
LIMITS = f"{MOST_WORDS} words, {MOST_PHRASES} phrases and {LONGEST_QUERY} letters"
_SHORT_FORMS = {
    tuple(tokens(one)): short.upper()
    for short, long in ABBREVIATIONS.items()
    for one in (long, *OTHER_LONG_FORMS.get(short, ()))
}
# Of what is one term, though it may be written as several words.
_TERMS = tuple(((Atom(term(one)),),) for one in ("aande", "wellbeing"))
# Of more plain words than these one line says what each of them would say.
MOST_PLAIN = 2
EVERY_FORM_OF_EACH = "every form of each"
_MARKED = re.compile("<mark>(.*?)</mark>", re.DOTALL)


class How(Enum):
    """How a clause is looked for; the value is said beside it."""

    WORD = "every form of the word"
    COMPOUND = "its parts, or both as one word"
    PHRASE = "word for word, one behind the other"
    LETTER = "right after the word before it, as in “Child M”"
    BEGINNING = "all words that begin so"
    TERM = "in any spelling"
    SYNONYMS = "what this partnership says means the same"


@dataclass(frozen=True)
class Looked:
    """One word or phrase that was looked for."""

    typed: str
    how: How
    also: tuple[str, ...] = ()
    """What is found too: other spellings, what it is short for, and what means the same."""
    forms: tuple[str, ...] = ()
    """Other forms of it that are marked in what is shown."""

    @property
    def name(self) -> str:
        """Return what was typed for it, a phrase in its quotes."""
        return f"“{self.typed}”" if self.how is How.PHRASE else self.typed

    @property
    def is_plain(self) -> bool:
        """Return whether nothing is to be told of it but that every form of it is found."""
        return self.how is How.WORD and not (self.also or self.forms)


class Line(NamedTuple):
    """A line of an explanation: words and how they were looked for."""

    names: tuple[str, ...]
    how: str
    also: tuple[str, ...] = ()
    forms: tuple[str, ...] = ()


@dataclass(frozen=True)
class Explanation:
    wanted: tuple[Looked, ...] = ()
    unwanted: tuple[str, ...] = ()
    too_common: tuple[str, ...] = ()
    puts_in_order: bool = False
    """Whether what is too common still counts for the order, where all stands as it was typed."""
    unread: str = ""
    limits: str = LIMITS

    def __bool__(self) -> bool:
        return bool(self.wanted or self.unwanted)

    @property
    def is_unusual(self) -> bool:
        """Return whether not all that was typed counted, or some of it was excluded."""
        left_out = self.too_common and not self.puts_in_order
        return bool(self.unwanted or left_out or self.unread)

    @property
    def is_inflected(self) -> bool:
        """Return whether all words are looked for in every form."""
        return all(one.how in (How.WORD, How.COMPOUND) for one in self.wanted)

    @property
    def lines(self) -> list[Line]:
        """Return a line for each word or phrase; plain words share one if they are many."""
        plain = [one for one in self.wanted if one.is_plain]
        many = plain if len(plain) > MOST_PLAIN else []
        lines = [
            Line((one.name,), one.how.value, one.also, one.forms)
            for one in self.wanted
            if one not in many
        ]
        if many:
            lines.append(Line(tuple(one.name for one in many), EVERY_FORM_OF_EACH))
        return lines


def explain(query: Query, shown: Iterable[str] = ()) -> Explanation:
    """Explain a query by what was typed, and by the words marked in what is shown."""
    streams = {words: stream(words) for words in _marked_in(shown)}
    return Explanation(
        wanted=tuple(_looked(clause, streams) for clause in query.wanted),
        unwanted=tuple(clause.typed.removeprefix("-") for clause in query.unwanted),
        too_common=query.too_common,
        puts_in_order=query.leaves_out_words,
        unread=query.unread,
    )


def _marked_in(shown: Iterable[str]) -> list[str]:
    """Return the marked words, the most frequent first; in small letters if they ever are."""
    numbers: Counter[str] = Counter()
    written: dict[str, str] = {}
    for text in shown:
        for marked in _MARKED.findall(text):
            words = " ".join(unescape(marked).split())
            small = words.casefold()
            numbers[small] += 1
            if small not in written or words.islower():
                written[small] = words
    return [written[small] for small, _ in numbers.most_common()]


def _looked(clause: Clause, streams: dict[str, str]) -> Looked:
    typed = clause.typed.replace('"', "").strip()
    also = _also(clause, typed)
    found: dict[str, str] = dict.fromkeys(map(str.casefold, [typed, *also]), "")
    for words, terms in streams.items():
        if clause.count_in(terms):
            found.setdefault(folded(words).casefold(), words)
    forms = [words for words in found.values() if words]
    return Looked(typed, _how(clause), also, tuple(forms[:MOST_FORMS]))


def _how(clause: Clause) -> How:
    if clause.phrase or (clause.synonyms and not clause.synonyms_written):
        return How.PHRASE
    if clause.synonyms:
        return How.SYNONYMS
    if clause.name[:1] == ("section",) or clause.ways in _TERMS:
        return How.TERM
    if clause.name or len(clause.typed) == 1:
        return How.LETTER
    if any(atom.begins for way in clause.ways for atom in way):
        return How.BEGINNING
    return How.COMPOUND if len(clause.ways) > 1 else How.WORD


def _also(clause: Clause, typed: str) -> tuple[str, ...]:
    """Return what else is found for what was typed, without itself."""
    indexed = folded(respelt(typed)).casefold()
    others = [
        *spellings(indexed),
        ABBREVIATIONS.get(singular(indexed), ""),
        *(_SHORT_FORMS.get(clause.phrase, ""),),
        *clause.synonyms_written,
    ]
    different = {one.casefold(): one for one in others if one}
    return tuple(one for small, one in different.items() if small != typed.casefold())
