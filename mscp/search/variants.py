"""Spelling variants: other spellings of one term are replaced by one of them before analysis.

``s.47`` becomes ``section 47``, ``C.S.E.`` ``CSE``, ``A&E`` ``AANDE``, ``GBP 1,200`` ``1200`` and
``well-being`` ``wellbeing``. Snippets mark a variant as a whole, by its place in a text.
"""

import re
from collections.abc import Callable, Iterator
from typing import NamedTuple

from mscp.search.source_map import Mapped
from mscp.search.vocabulary import ABBREVIATIONS, singular


class _Kind(NamedTuple):
    signs: str
    """Signs of which it has one, where a pattern would look at every letter for them."""
    sought: re.Pattern[str]
    """A pattern found quickly, and in every text with such a variant."""
    pattern: re.Pattern[str]
    written: Callable[[re.Match[str]], str]

    def may_be_in(self, text: str) -> bool:
        """Return quickly whether a text may have such a variant: most have none of any kind."""
        has_signs = not self.signs or any(sign in text for sign in self.signs)
        return has_signs and self.sought.search(text) is not None


_DIGITS = "0123456789"
# What stands before the beginning of a word; the s of "mother's 12 weeks" is none. It is looked at
# behind the first letter: a pattern that begins with a letter is searched for ten times as fast.
_BEGINS = "(?<![^\\W_]{0})(?<!['’.,]{0})"
_ENDS = "(?![^\\W_])"
_SPACE = "[ \\u00a0\\n]?"

_KINDS = (
    _Kind(
        _DIGITS,
        # Digits are few, and found ten times as fast as each s of a text.
        re.compile("[0-9](?:(?<=[sScCtT].)|(?<=[sScCtT][.\\s].)|(?<=[sScCtT]\\.\\s.))"),
        re.compile(
            f"[sS]{_BEGINS.format('[sS]')}(?:ect?s?|s)?\\.?{_SPACE}(\\d{{1,3}}[A-Za-z]?){_ENDS}"
        ),
        lambda found: f"section {found[1]}",
    ),
    _Kind(
        "",
        re.compile("§"),
        re.compile(f"§+{_SPACE}(\\d{{1,3}}[A-Za-z]?){_ENDS}"),
        lambda found: f"section {found[1]}",
    ),
    _Kind(
        "",
        re.compile("\\.[A-Za-z]\\."),
        re.compile(
            f"[A-Za-z](?=\\.){_BEGINS.format('[A-Za-z]')}\\.(?:[A-Za-z]\\.)+(?:[A-Za-z]s?)?{_ENDS}"
        ),
        lambda found: found[0].replace(".", ""),
    ),
    _Kind(
        "&+",
        re.compile("[&+]"),
        re.compile(
            f"[A-Za-z](?=[ \\u00a0\\n&+]){_BEGINS.format('[A-Za-z]')}"
            f"{_SPACE}[&+]{_SPACE}[A-Za-z]{_ENDS}"
        ),
        lambda found: f"{found[0][0]}AND{found[0][-1]}".upper(),
    ),
    _Kind(
        "",
        re.compile("and\\s[Ee](?![^\\W_])"),
        re.compile(f"[Aa]{_BEGINS.format('[Aa]')}\\sand\\s[Ee]{_ENDS}"),
        lambda found: "AANDE",
    ),
    _Kind("", re.compile("&"), re.compile("&"), lambda found: " and "),
    _Kind(
        _DIGITS,
        re.compile("[0-9](?:(?<=[Pp].)|(?<=[Pp][ \\u00a0\\n].))"),
        re.compile(
            f"[Gg]{_BEGINS.format('[Gg]')}[Bb][Pp]{_SPACE}(\\d+(?:,\\d{{3}})*)(?:\\.00)?{_ENDS}"
        ),
        lambda found: found[1].replace(",", ""),
    ),
    _Kind(
        "",
        re.compile(",\\d"),
        re.compile(
            f"\\d{_BEGINS.format('[0-9]')}\\d{{0,2}}(?:,\\d{{3}})+(?:\\.00)?(?![.,]?\\d){_ENDS}"
        ),
        lambda found: found[0].replace(",", "").removesuffix(".00"),
    ),
    _Kind(
        "",
        re.compile("ell[-\\u2010\\u2011\\s]+being"),
        re.compile(
            "ell(?<![^\\W_][wW]ell)(?<=[wW]ell)"
            f"(?:[-\\u2010\\u2011](?:[ \\t]*\\n\\s*)?|\\s+)being{_ENDS}"
        ),
        lambda found: "ellbeing",
    ),
)


_SECTION = re.compile("section ?(\\d{1,3}[a-z]?)")
# Not a year, which is written without a comma.
_AMOUNT = re.compile("(?!(?:19|20)\\d\\d$)[1-9]\\d{3,8}")


def respelt(text: str) -> str:
    """Return a text with each variant in the spelling that is indexed."""
    for kind in _KINDS:
        if kind.may_be_in(text):
            text = kind.pattern.sub(kind.written, text)
    return text


def respelt_map(typed: Mapped) -> Mapped:
    """Return what was typed as :func:`respelt` does, with what was typed for each letter."""
    for kind in _KINDS:
        if kind.may_be_in(typed.text):
            typed = typed.sub(kind.pattern, kind.written)
    return typed


def spellings(term: str) -> tuple[str, ...]:
    """Return how else a term is written, which is given in the spelling that is indexed.

    Those that a reader may not expect: none of a word that is not known to have any.
    """
    term = term.casefold()
    if section := _SECTION.fullmatch(term):
        number = section[1].upper()
        return tuple(spelt.format(number) for spelt in ("section {}", "s{}", "s.{}", "§{}"))
    if term == "aande":
        return "A&E", "A and E"
    if term == "wellbeing":
        return "wellbeing", "well-being", "well being"
    if _AMOUNT.fullmatch(term):
        return term, f"{int(term):,}"
    if (short := singular(term)) in ABBREVIATIONS:
        return short.upper(), "".join(f"{letter}." for letter in short.upper())
    return ()


def variants(text: str) -> Iterator[tuple[int, int, str]]:
    """Yield start, end and indexed spelling of each variant in a text, in their order."""
    found = [
        (*match.span(), kind.written(match))
        for kind in _KINDS
        if kind.may_be_in(text)
        for match in kind.pattern.finditer(text)
    ]
    behind = 0
    for start, end, spelling in sorted(found):
        # "Well-being" is found behind its first letter.
        start -= spelling == "ellbeing"
        if start >= behind and spelling:
            yield start, end, spelling if spelling != "ellbeing" else f"{text[start]}ellbeing"
            behind = end
