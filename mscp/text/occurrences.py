"""Whether words that must not appear stand in a text: names, places, dates, in every form.

Approximate matching of proper names: without regard to case, accents, apostrophes, hyphens and line
breaks; names also turned round ("Smith, J"), by initials, by each of their parts, and with a slip
of the pen (optimal string alignment distance of one); dates in every form, and ages that fit a date
of birth. It answers whether something stands there, and never what.
"""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import pairwise
from typing import NamedTuple

from rapidfuzz.distance import OSA

from mscp.text.folding import A_DASH, APOSTROPHES, LETTERS, seen_lines
from mscp.text.written_dates import WrittenDate, dates_in

# Lines of what is wanted, and letters of one.
MOST_LINES = 60
LONGEST_LINE = 120
# Of a name, from which number of letters on a slip is allowed, and a part of it counts alone.
LONG_ENOUGH_FOR_A_SLIP = 5
LONG_ENOUGH_ALONE = 3
# Tokens that may together be one word or name: "Smi-" "th", "J" "a" "m" "i" "e".
MOST_TOKENS = 12
# Characters around an age in which the day it was reached on may stand.
NEAR = 200

_LETTERS = str.maketrans(LETTERS)
_POSSESSIVE = re.compile(rf"[{APOSTROPHES}]s(?![^\W_])", re.IGNORECASE)
_APOSTROPHE = re.compile(rf"(?<=[^\W\d_])[{APOSTROPHES}](?=[^\W\d_])")
_TOKEN = re.compile(r"[^\W_]+")
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")
_JOINS = re.compile(rf"{A_DASH}|[\n\r]")
# What may stand between two words of a name: spaces, a comma, a stop, a hyphen.
_BETWEEN = re.compile(rf"(?:{A_DASH}|[\s,.;:/_+&'()]){{0,6}}")

# Of streets and schools: without them the rest tells as much.
_GENERIC = frozenset(
    "school academy college nursery hospital church house primary junior infant infants secondary "
    "high centre center surgery practice clinic road street avenue lane close drive court crescent "
    "gardens grove place square terrace way the of".split()
)
_SPELLED_OUT = {
    **{"ave": "avenue", "av": "avenue", "cl": "close", "cres": "crescent", "ct": "court"},
    **{"dr": "drive", "gdns": "gardens", "gr": "grove", "la": "lane", "ln": "lane", "pl": "place"},
    **{"rd": "road", "sq": "square", "st": "street", "str": "street", "ter": "terrace"},
    "saint": "st",
}
# Two letters that are mostly none of a person.
_ABBREVIATIONS = frozenset(
    "AM AS AT BE BY CE CP DO DR EA ED EU GB GO GP HE HR HV ID IF IN IS IT LA LP ME MP MR MS MY NI "
    "NO OF OK ON OR PA PC PE PM PO PS RE SA SO SW TA TO TV UK UN UP US VS WE".split()
)


def folded(text: str) -> str:
    """Return a text in small letters without accents, apostrophes and invisible characters."""
    text = seen_lines(text)
    text = _APOSTROPHE.sub("", _POSSESSIVE.sub("", text))
    plain = unicodedata.normalize("NFKD", text)
    return "".join(one for one in plain if not unicodedata.combining(one))


def _small(text: str) -> str:
    return text.casefold().translate(_LETTERS)


def _spelling(token: str) -> str:
    """Return what is left of a name when it is spelled by ear."""
    token = token.replace("ph", "f").replace("ck", "k").replace("y", "i").replace("z", "s")
    return re.sub(r"(.)\1+", r"\1", token.replace("ie", "i").replace("ei", "i"))


class Token(NamedTuple):
    text: str
    written: str
    before: str
    """What stands between it and the one before."""

    @property
    def is_capital(self) -> bool:
        return self.written[:1].isupper()


def _tokens(text: str) -> list[Token]:
    plain = folded(text)
    found, last = [], 0
    for match in _TOKEN.finditer(plain):
        before, written = plain[last : match.start()], match[0]
        found.append(Token(_small(written), written, before))
        last = match.end()
    return found


@dataclass
class _Phrase:
    """Words in this order. ``cuts`` are the places between them in the letters of all."""

    cuts: frozenset[int]
    only_capital: bool
    any_gap: bool


@dataclass
class Wanted:
    """What is looked for, as it was typed, one a line. It is never to be kept or shown."""

    lines: int = 0
    phrases: dict[str, list[_Phrase]] = field(default_factory=dict)
    prefixes: set[str] = field(default_factory=set)
    parts: set[str] = field(default_factory=set)
    initials: set[str] = field(default_factory=set)
    days: list[WrittenDate] = field(default_factory=list)
    _spellings: set[str] = field(default_factory=set)

    def __repr__(self) -> str:
        # For a traceback or a debugger, which show what they find.
        return f"<{self.lines} lines>"

    @classmethod
    def of(cls, typed: str) -> "Wanted":
        wanted = cls()
        for line in typed.splitlines():
            if line.strip():
                wanted.lines += 1
                wanted._add(line.strip())
        wanted._spellings = {_spelling(part) for part in wanted.parts if len(part) > 3}
        return wanted

    def stands_in(
        self,
        text: str,
        *,
        known_days: "Sequence[tuple[date, date]]" = (),
        ordinary: "frozenset[str] | set[str]" = frozenset(),
    ) -> bool:
        """Return whether any of it stands in a text.

        An age without a day beside it is compared at ``known_days``, each from a first to a last
        one. A word of ``ordinary`` is no misspelt name: it is written small elsewhere.
        """
        tokens = _tokens(text)
        return (
            self._has_phrase(tokens)
            or self._has_part(tokens, ordinary)
            or self._has_initials(tokens)
            or self._has_day(text)
            or self._has_age(text, known_days)
        )

    # --- what is wanted -----------------------------------------------------------------------

    def _add(self, line: str) -> None:
        days = list(dates_in(line))
        if len(days) == 1 and not line[days[0].end :].strip(" .") and not days[0].start:
            self.days += days
            return
        # "St Mary's" and "St Marys": of a text the one is read without its last letter.
        for form in {line, _POSSESSIVE.sub("s", line)}:
            self._add_words([token.text for token in _tokens(form)])

    def _add_words(self, words: list[str]) -> None:
        if not words:
            return
        has_digits = any(word[0].isdigit() or word[-1].isdigit() for word in words)
        is_street = len(words) > 1 and (words[-1] in _GENERIC or words[-1] in _SPELLED_OUT)
        if has_digits or is_street:
            self._add_place(words)
        elif len(words) == 1:
            self._phrase(words, only_capital=False)
            self.parts.add(words[0])
        else:
            self._add_name(words)

    def _add_place(self, words: list[str]) -> None:
        forms = [words]
        if words[-1] in _SPELLED_OUT:
            forms.append([*words[:-1], _SPELLED_OUT[words[-1]]])
        forms += [
            [*form[:-1], short]
            for form in list(forms)
            for short, long in _SPELLED_OUT.items()
            if form[-1] == long
        ]
        if words[0] in ("st", "saint"):
            forms += [["saint" if form[0] == "st" else "st", *form[1:]] for form in list(forms)]
        for form in forms:
            self._phrase(form, only_capital=False)
            # Without the number of the house.
            if re.fullmatch("[0-9]+[a-z]?", form[0]) and len(form) > 2:
                self._phrase(form[1:], only_capital=False)
        self._add_own_name(words)

    def _add_own_name(self, words: list[str]) -> None:
        """Add "St Mary's" for "St Mary's Primary School"; of a street it says too little."""
        streets = set(_SPELLED_OUT.values())
        if words[-1] not in _GENERIC - streets:
            return
        own = [word for word in words if word not in _GENERIC | streets and word.isalpha()]
        if own and words[0] in ("st", "saint"):
            own.insert(0, "st")
        if len("".join(own)) >= LONG_ENOUGH_FOR_A_SLIP and len(own) < len(words):
            self._phrase(own, only_capital=True)

    def _add_name(self, words: list[str]) -> None:
        first, last = words[0], words[-1]
        middle = words[1:-1]
        letters = [word[0] for word in words[:-1]]
        forms = [words, [last, *words[:-1]], [first, last], [last, first]]
        if middle:
            forms += [[first, *(word[0] for word in middle), last]]
        for form in forms:
            self._phrase(form, only_capital=False)
        for given in ([first[0]], letters, ["".join(letters)]):
            self._phrase([*given, last], only_capital=True)
            self._phrase([last, *given], only_capital=True)
        for word in words:
            if len(word) >= LONG_ENOUGH_ALONE:
                self._phrase([word], only_capital=True)
                self.parts.add(word)
        # "Smith Jones" for "Jamie Smith-Jones".
        self.initials |= {first[0] + last[0], "".join(word[0] for word in words)}

    def _phrase(self, words: list[str], *, only_capital: bool) -> None:
        joined = "".join(words)
        cuts, at = set(), 0
        for word in words[:-1]:
            at += len(word)
            cuts.add(at)
        any_gap = any(one.isdigit() for one in joined)
        phrase = _Phrase(frozenset(cuts), only_capital, any_gap)
        self.phrases.setdefault(joined, []).append(phrase)
        self.prefixes.update(joined[:end] for end in range(1, len(joined) + 1))

    # --- where it stands ----------------------------------------------------------------------

    def _has_phrase(self, tokens: list[Token]) -> bool:
        for start, token in enumerate(tokens):
            joined, gaps = "", []
            for other in tokens[start : start + MOST_TOKENS]:
                if joined:
                    gaps.append((len(joined), other.before))
                joined += other.text
                if joined not in self.prefixes:
                    break
                for phrase in self.phrases.get(joined, ()):
                    length = len(gaps) + 1
                    if _fits(phrase, gaps, tokens[start : start + length], token):
                        return True
        return False

    def _has_part(self, tokens: list[Token], ordinary: "frozenset[str] | set[str]") -> bool:
        """Return whether a name stands there with a slip: a letter more, less, other or moved."""
        if not self.parts:
            return False
        for one in {*_with_joined(tokens)}:
            if one in ordinary:
                continue
            if len(one) > 3 and _spelling(one) in self._spellings:
                return True
            if len(one) < LONG_ENOUGH_FOR_A_SLIP - 1:
                continue
            for part in self.parts:
                if len(part) < LONG_ENOUGH_FOR_A_SLIP or part[0] != one[0]:
                    continue
                if OSA.distance(part, one, score_cutoff=1) <= 1:
                    return True
        return False

    def _has_initials(self, tokens: list[Token]) -> bool:
        if not self.initials:
            return False
        for index, token in enumerate(tokens):
            if not token.written.isupper():
                continue
            if len(token.written) > 1:
                around = tokens[max(0, index - 1) : index] + tokens[index + 1 : index + 2]
                in_capitals = any(len(one.written) > 1 and one.written.isupper() for one in around)
                if (
                    token.text in self.initials
                    and token.written not in _ABBREVIATIONS
                    and not in_capitals
                ):
                    return True
                continue
            joined = token.text
            for other in tokens[index + 1 : index + 4]:
                if len(other.written) != 1 or not other.written.isupper():
                    break
                # "J.S.", "J S", "J. S."
                if not re.fullmatch(r"\.?\s?", other.before):
                    break
                joined += other.text
                if joined in self.initials:
                    return True
        return False

    def _has_day(self, text: str) -> bool:
        if not self.days:
            return False
        return any(_same_day(found, one) for found in dates_in(text) for one in self.days)

    def _has_age(self, text: str, known_days: "Sequence[tuple[date, date]]") -> bool:
        born = [day for day in (one.as_date() for one in self.days) if day]
        if not born:
            return False
        days: list[WrittenDate] | None = None
        for match in _AGE.finditer(text):
            number, unit = _number(match), _unit(match)
            if number is None:
                continue
            if days is None:
                days = list(dates_in(text))
            near = [
                (when, when)
                for one in days
                if one.start < match.end() + NEAR and match.start() - NEAR < one.end
                for when in [one.as_date()]
                if when
            ]
            for first, last in near or known_days:
                for day in born:
                    if day <= last and _age(day, first, unit) <= number <= _age(day, last, unit):
                        return True
        return False


def _fits(
    phrase: _Phrase, gaps: list[tuple[int, str]], tokens: Sequence[Token], first: Token
) -> bool:
    """Return whether words of a text stand together as those of a phrase may."""
    if phrase.only_capital and not first.is_capital:
        return False
    is_spaced = len(tokens) > 2 and all(len(one.text) == 1 for one in tokens)
    for at, gap in gaps:
        if not _BETWEEN.fullmatch(gap):
            return False
        if at in phrase.cuts or phrase.any_gap or is_spaced or _JOINS.search(gap):
            continue
        return False
    return True


def _with_joined(tokens: list[Token]) -> Iterable[str]:
    """Yield the words that may be names, also those that are broken at the end of a line."""
    for token in tokens:
        if token.is_capital and token.text.isalpha():
            yield token.text
    for one, other in pairwise(tokens):
        if one.is_capital and _JOINS.search(other.before) and len(other.before) < 6:
            yield one.text + other.text


def ordinary_words(texts: Iterable[str]) -> set[str]:
    """Return the words that are written in small letters somewhere: no names."""
    return {
        token.text
        for text in texts
        for token in _tokens(text)
        if token.written.islower() and len(token.text) > 3
    }


def _same_day(found: WrittenDate, wanted: WrittenDate) -> bool:
    if (found.day, found.month) != (wanted.day, wanted.month):
        return False
    return found.year is None or wanted.year is None or found.year == wanted.year


_WORDS = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen "
    "sixteen seventeen eighteen nineteen twenty"
).split()
_NUMBER = rf"(?:[0-9]{{1,3}}|{'|'.join(_WORDS[1:])})"
_AGE = re.compile(
    rf"(?i)(?<!\w)(?:(?P<plain>age[d]?\s+(?:of\s+|about\s+|just\s+|only\s+)?"
    rf"(?P<number1>{_NUMBER})(?![\w-]*[0-9])(?:[\s-]*(?P<unit1>year|month|week|day)s?)?)"
    rf"|(?P<number2>{_NUMBER})[\s-]*(?P<unit2>year|month|week|day)s?[\s-]+(?:old|of\s+age)(?!\w)"
    rf"|(?:was|is|turned|were)\s+(?P<number3>{_NUMBER})(?=\s*(?:[.,;)]|$)|\s+(?:when|at|on)\s))"
)


def _number(match: "re.Match[str]") -> int | None:
    text = next(match[name] for name in ("number1", "number2", "number3") if match[name])
    if text.isdigit():
        return int(text)
    return _WORDS.index(text.casefold())


def _unit(match: "re.Match[str]") -> str:
    return (match["unit1"] or match["unit2"] or "year").casefold()


def _age(born: date, on: date, unit: str) -> int:
    """Return an age in whole units; negative before the birth."""
    if unit == "day":
        return (on - born).days
    if unit == "week":
        return (on - born) // timedelta(weeks=1)
    months = (on.year - born.year) * 12 + on.month - born.month - (on.day < born.day)
    return months if unit == "month" else months // 12
