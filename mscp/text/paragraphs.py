"""Plain text to paragraphs: joins wrapped lines, keeps breaks of short ones, finds headings.

Plain text says none of this. Of a PDF or a mail each line of the page is a line, of Word each
paragraph is one. What is not certain is left as it is: a lost heading is seen and set right, an
invented one may be read as the review's own.
"""

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple


class Line(NamedTuple):
    """A line as it was read: the kind of its list marker, "" for none, and the text behind it."""

    kind: str
    number: int
    text: str


# Somebody has formatted this already, and knows where a paragraph ends.
_MARKDOWN = re.compile(r" {0,3}(?:#{1,6} |>|```|~~~|[-*+] )|.*(?:\*\*|\]\()")
# Lines are wrapped at widths between these: of a column, and of a mail or a page.
_NARROW, _WIDE = 40, 120
# How much of the width a wrapped line fills, since letters of print differ in width.
_FILLED = 0.8
# The longest line of an address or a poem.
_SHORT = 50
_ENDS = re.compile(r"[.!?…:;][)\]\"'”’]*$")
_ADDRESS = re.compile(r"https?://|www\.|\S+@", re.IGNORECASE)
_BREAK = "  "
_BLANK = Line("", 0, "")

# --- headings -------------------------------------------------------------------------
_LONGEST_HEADING = 70
_MOST_WORDS = 10
_NOUNS = (
    "actions?|action plan|aims?|analysis|appendix|appendices|background|case summary|chronology"
    "|conclusions?|context|findings?|glossary|impact|implications|introduction|learning"
    "|learning points?|lessons|lessons learn(?:ed|t)|messages|methodology|next steps|outcomes"
    "|overview|practice points|purpose|questions|recommendations?|references|resources|responses?"
    "|scope|summary|terms of reference|themes|timeline|good practice"
)
_BEFORE = (
    "early|effective|emerging|executive|family|final|further|good|immediate|initial|key|local|main"
    "|multi-agency|national|our|overall|practice|reflective|review|serious|single agency|the|wider"
)
_BEHIND = "about|and|arising|for|from|in|of|on|to|under"
# What names a section of a review or a brief, whatever else stands there.
_SECTION = re.compile(
    rf"(?:(?:{_BEFORE})\s+){{0,3}}(?:{_NOUNS})(?:\s+(?:{_BEHIND})\s+\S.*)?"
    r"|(?:what|why|how)\s+\S.*|(?:who|when|where|which|is|are|do|does|did)\s+\S.*\?"
    r"|(?:appendix|chapter|episode|finding|learning point|part|phase|question|recommendation"
    r"|section|stage|theme)\s+(?:\d{1,2}|[A-Z])(?:\s*[:–-]\s*\S.*)?",
    re.IGNORECASE,
)
_SECTION_NUMBER = re.compile(r"\d{1,2}(?:\.\d{1,2})+\.?\s+")
# How letters and mails begin and end, and the lines of their heads.
_LETTER = re.compile(
    r"(?:dear|hello|hi|thanks|thank you|many thanks|kind|best|warm|yours|regards|sincerely|from|to"
    r"|sent|date|subject|cc|re|tel|telephone|email|e-mail|signed|page|figure|table|copyright)\b",
    re.IGNORECASE,
)
_SMALL_WORDS = frozenset("a an and as at by for from in of on or the to with".split())


def into_paragraphs(lines: Sequence[Line]) -> list[Line]:
    """Return the lines with a blank line between paragraphs; as they are if formatted by hand."""
    if any(_MARKDOWN.match(line.text) for line in lines if line.kind in ("", "markdown")):
        return list(lines)
    before: list[Line] = []
    after = list(lines)
    # What is parted may be seen to be wrapped only when it stands alone.
    while after != before:
        before, after = after, _parted(after)
    return _with_headings(after)


def _parted(lines: list[Line]) -> list[Line]:
    done: list[Line] = []
    run: list[Line] = []
    for line in [*lines, _BLANK]:
        if line.text.strip():
            run.append(line)
            continue
        done += _reflowed(run)
        done.append(line)
        run = []
    return done[:-1]


def _reflowed(run: Sequence[Line]) -> Iterator[Line]:
    """Yield lines between two blank ones, joined or parted as they are meant."""
    if not run:
        return
    width = max(len(line.text) for line in run)
    wrapped = _is_wrapped(run, width)
    verse = not wrapped and _is_verse(run)
    last = run[0]
    for place, line in enumerate(run[1:], start=1):
        before = run[place - 1]
        if line.kind or line.text[0] in " \t" or before.text.endswith(_BREAK):
            # A marker begins a line, what is indented belongs to an item, a break is one.
            yield last
            last = line
            continue
        if _goes_on(before, line, width, wrapped=wrapped):
            last = last._replace(text=_joined(last.text, line.text))
            continue
        behind = run[place + 1] if place + 1 < len(run) else _BLANK
        if before.kind or _is_apart(before, line, behind, width, wrapped=wrapped, verse=verse):
            yield last
            if not before.kind:
                yield _BLANK
        elif verse or (_is_short(before.text) and not _begins_small(line.text)):
            yield last._replace(text=last.text + _BREAK)
        else:
            yield last
        last = line
    yield last


def _is_wrapped(run: Sequence[Line], width: int) -> bool:
    """Return whether a program broke the lines: they are full, and sentences go on behind."""
    if not _NARROW <= width <= _WIDE:
        return False
    pairs = [(a.text, b.text) for a, b in pairwise(run) if not b.kind]
    going_on = [(a, b) for a, b in pairs if _begins_small(b) and not _ENDS.search(a)]
    full = [(a, b) for a, b in going_on if not _had_room(a, b, width)]
    return bool(full) and len(going_on) * 3 >= len(pairs) and len(full) * 4 >= len(going_on) * 3


def _is_verse(run: Sequence[Line]) -> bool:
    """Return whether these are the lines of an address or a poem."""
    texts = [line.text for line in run]
    return (
        len(run) > 2
        and not any(line.kind for line in run)
        and all(len(text) <= _SHORT for text in texts)
        and not all(_ENDS.search(text) for text in texts)
    )


def _goes_on(before: Line, line: Line, width: int, *, wrapped: bool) -> bool:
    """Return whether a line goes on with the sentence of the line before."""
    if before.kind and _begins_small(line.text) and not _ENDS.search(before.text):
        return True
    if not wrapped:
        return False
    return _begins_small(line.text) or not _had_room(before.text, line.text, width)


def _is_apart(
    before: Line, line: Line, behind: Line, width: int, *, wrapped: bool, verse: bool
) -> bool:
    """Return whether a line that does not go on begins a paragraph of its own."""
    if _begins_small(line.text):
        return False
    if _is_section(before.text) or (_is_section(line.text) and behind.text):
        return True
    if verse or (_is_short(before.text) and _is_short(line.text)):
        return False
    return width > _WIDE or wrapped or bool(_ENDS.search(before.text)) or _is_short(before.text)


def _is_short(text: str) -> bool:
    return len(text) <= _SHORT and not _ENDS.search(text)


def _begins_small(text: str) -> bool:
    return text[:1].islower() and not _ADDRESS.match(text)


def _had_room(before: str, after: str, width: int) -> bool:
    """Return whether the first word of the next line would have had room in this one."""
    return len(before.rstrip()) + 1 + len(after.split(maxsplit=1)[0]) <= width * _FILLED


def _joined(before: str, after: str) -> str:
    # A hyphen at the end of a line may be the word's own, and stays; a soft one was the program's.
    between = "" if re.search(r"\w[-\xad]$", before) and after[:1].islower() else " "
    return f"{before.rstrip()}{between}{after}"


def _with_headings(lines: list[Line]) -> list[Line]:
    """Return the lines with the names of sections as headings.

    A short line that is the name of no section is one only beside others: alone it may be a name,
    a cry or a caption.
    """
    places = [place for place in range(len(lines)) if _may_be_heading(lines, place)]
    named = [place for place in places if _is_section(lines[place].text)]
    headings = set(places if named or len(places) > 2 else ())
    return [
        line._replace(text=f"## {line.text.strip()}") if place in headings else line
        for place, line in enumerate(lines)
    ]


def _may_be_heading(lines: list[Line], place: int) -> bool:
    line = lines[place]
    if line.kind or not _looks_like_heading(line.text):
        return False
    if place and (lines[place - 1].text.strip() and not lines[place - 1].kind):
        return False
    behind = lines[place + 1 :]
    following = next((one for one in behind if one.text.strip()), _BLANK)
    if following.kind:
        return _is_section(line.text)
    is_alone = not behind[0].text.strip() if behind else False
    is_text = bool(_ENDS.search(following.text)) or len(following.text) > _LONGEST_HEADING
    return is_alone and is_text and not _looks_like_heading(following.text)


def _looks_like_heading(text: str) -> bool:
    text = text.strip()
    words = text.split()
    if (
        not text[:1].isalnum()
        or not (text[-1:].isalnum() or text[-1:] == "?")
        or len(text) > _LONGEST_HEADING
        or len(words) > _MOST_WORDS
        or "\t" in text
    ):
        return False
    if _is_section(text):
        return True
    if not text[0].isupper() or any(char.isdigit() for char in text) or _LETTER.match(text):
        return False
    if _ADDRESS.search(text):
        return False
    # Only capitals: somebody's name, or a place.
    return any(word[0].islower() and word not in _SMALL_WORDS for word in words)


def _is_section(text: str) -> bool:
    text = _SECTION_NUMBER.sub("", text.strip(), count=1)
    return (
        len(text) <= _LONGEST_HEADING
        and len(text.split()) <= _MOST_WORDS
        and text[:1].isupper()
        and (text[-1].isalnum() or text[-1] == "?")
        and bool(_SECTION.fullmatch(text))
    )
