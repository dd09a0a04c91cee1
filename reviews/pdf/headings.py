"""Headings: which drafts are one, and of which level."""

import re
from collections import Counter
from typing import NamedTuple

from reviews.pdf.body import CELL, HEADING_ROLES, LARGER, LIST, Body
from reviews.pdf.captions import caption_of
from reviews.pdf.drafts import Draft
from reviews.pdf.note_marks import MARK
from reviews.pdf.turned import is_turned

_HEADING_LENGTH = 180
_BOLD_HEADING_LENGTH = 120
# Headings are a smaller share of a text than this, or they are not headings.
_HEADING_SHARE = 0.3
MUCH_LARGER = 1.4


class _Style(NamedTuple):
    """The style of a heading: the smaller the depth, or the larger the letters, the higher."""

    depth: int
    size: float


def levels_of(pages: list[list[Draft]], body: Body) -> dict[int, int]:
    """Return the level of each draft that is a heading, by its id."""
    tagged = [
        draft
        for page in pages
        for draft in page
        if draft.role in HEADING_ROLES and _has_words(draft)
    ]
    trusted = len(tagged) >= max(1, len(pages) / 4)
    named = {draft.lines[0].size: style for draft in tagged if (style := _tagged_style(draft))}
    styles: dict[int, _Style] = {}
    by_number = _numbered_by_romans(pages, body)
    on_later_pages: set[_Style] = set()
    weights: Counter[_Style] = Counter()
    total = 1
    for index, page in enumerate(pages):
        beside = zip([None, *page], page, [*page[1:], None], strict=False)
        for before, draft, after in beside:
            total += draft.length
            style = _tagged_style(draft)
            if style is None and not (trusted and draft.role and not _is_large_number(draft, body)):
                style = _drawn_style(draft, body) or _italic_style(before, draft, after, body)
                if style is None and id(draft) in by_number:
                    style = _Style(_DRAWN, body.size)
                style = style and named.get(style.size, style)
            if style is not None and _is_entry(before, draft, after):
                style = None
            if style is None and _is_contents(draft, after):
                style = _Style(_DRAWN, max(draft.lines[0].size, body.size))
            if style is None:
                continue
            styles[id(draft)] = style
            weights[style] += draft.length
            if index:
                on_later_pages.add(style)
    accepted = _sane(weights, total)
    ranks = _ranks([style for style in accepted if style in on_later_pages] or accepted)
    return {key: _level(style, ranks) for key, style in styles.items() if style in accepted}


def _has_words(draft: Draft) -> bool:
    return any(any(map(str.isalpha, line.text)) for line in draft.lines)


def _tagged_style(draft: Draft) -> _Style | None:
    if draft.label or draft.role not in HEADING_ROLES or draft.length > 2 * _HEADING_LENGTH:
        return None
    if not _has_words(draft):
        return None
    depth = HEADING_ROLES[draft.role]
    return _Style(depth, 0.0) if depth else _Style(1, draft.lines[0].size)


_DRAWN = 9


def _drawn_style(draft: Draft, body: Body) -> _Style | None:
    """Return the style of an untagged heading: large, or bold and short and on its own."""
    first, text = draft.lines[0], draft.lines[-1].text
    if (
        (
            draft.role in (CELL, LIST, "TOCI", "Caption", "Note")
            and not _is_large_number(draft, body)
        )
        or draft.label
        or draft.marked.kind == "bullet"
        or any(line.contents for line in draft.lines)
        or not body.size
        or not _has_words(draft)
        or is_turned(first)
        or body.is_code(first)
    ):
        return None
    if first.size > body.size * LARGER:
        return _Style(_DRAWN, first.size) if draft.length <= _HEADING_LENGTH else None
    is_bold = not body.bold and all(line.bold for line in draft.lines)
    if (
        is_bold
        and first.size > body.size * 0.95
        and draft.length <= _BOLD_HEADING_LENGTH
        and len(draft.lines) <= 2
        and not text.endswith((".", ",", ";"))
        and len(first.cells) <= (1 if draft.marked.text else 0)
    ):
        return _Style(_DRAWN, body.size)
    return None


def _is_large_number(draft: Draft, body: Body) -> bool:
    """Return whether it is numbered and much larger than the text: no item, whatever its tag."""
    return (
        draft.role == LIST
        and draft.marked.kind in ("number", "reference")
        and draft.lines[0].size > MUCH_LARGER * body.size > 0
    )


_ITALIC_LENGTH = 100
# Italic headings are the lowest.
_ITALIC_RANK = 0.9


def _italic_style(
    before: Draft | None, draft: Draft, after: Draft | None, body: Body
) -> _Style | None:
    """Return the style of a short italic line on its own above a paragraph that is not italic.

    Quotations and names in lists are italic too: these stand beside others, end like a sentence
    or are longer.
    """
    first, text = draft.lines[0], MARK.sub("", _text(draft))
    if (
        after is None
        or body.italic
        or not all(line.italic for line in draft.lines)
        or draft.role in (CELL, LIST, "TOCI", "Caption", "Note")
        or draft.label
        or draft.marked.kind == "bullet"
        or any(line.contents or line.cells for line in draft.lines)
        or not 0.95 * body.size < first.size <= body.size * LARGER
        or len(draft.lines) > 2
        or len(text) > _ITALIC_LENGTH
        or not text[:1].isalnum()
        or text[:1].islower()
        or text.endswith((".", ",", ";", ":", "”", '"', "’"))
        or not _has_words(draft)
        or caption_of(text)
    ):
        return None
    others = [one for one in (before, after) if one is not None]
    if any(line.italic for one in others for line in one.lines):
        return None
    follows = after.lines[0]
    below = follows.baseline > first.baseline and not follows.text[:1].islower()
    ended = before is None or before.lines[-1].text.rstrip().endswith(_ENDS)
    large = after.length > len(text) and abs(follows.size - first.size) < 0.13 * first.size
    apart = before is None or first.top - before.lines[-1].bottom > 0.6 * first.size
    if not (below and large and (ended or apart)):
        return None
    return _Style(_DRAWN, _ITALIC_RANK * body.size)


_ROMANS = {
    number: place
    for place, number in enumerate(
        "I II III IV V VI VII VIII IX X XI XII XIII XIV XV XVI XVII XVIII XIX XX".split(), 1
    )
}
_ROMAN = re.compile(r"([IVX]+)[.:)]? +(?=[^\W\d_])")
# Small capitals are set in letters of this share of the text at least.
_SMALL_CAPITALS = 0.7


def _numbered_by_romans(pages: list[list[Draft]], body: Body) -> set[int]:
    """Return the ids of headings that only a Roman number before them tells: "II. RELATED WORK".

    An initial ("I. Smith") is no number, for none is next to it: of I and II, each needs the other.
    In a list one stands below the other. What is not in capitals has a text below it.
    """
    found: dict[int, list[int]] = {}
    for page in pages:
        numbers = [_roman_of(draft, body) for draft in page]
        for place, (draft, number) in enumerate(zip(page, numbers, strict=True)):
            beside = numbers[max(place - 1, 0) : place] + numbers[place + 1 : place + 2]
            below = page[place + 1 : place + 2]
            if not number or any(beside):
                continue
            if _text(draft).isupper() or (below and _is_text_of(draft, below[0])):
                found.setdefault(number, []).append(id(draft))
    return {
        key
        for number, keys in found.items()
        if number - 1 in found or number + 1 in found
        for key in keys
    }


def _roman_of(draft: Draft, body: Body) -> int:
    """Return the Roman number that a short line begins with, which ends like no sentence, or 0."""
    first, text = draft.lines[0], _text(draft)
    numbered = _ROMAN.match(text)
    if (
        numbered is None
        or draft.role in (CELL, LIST, "TOCI", "Caption", "Note")
        or draft.label
        or any(line.contents for line in draft.lines)
        or len(first.cells) > 1
        or len(draft.lines) > 2
        or len(text) > _BOLD_HEADING_LENGTH
        or first.size < _SMALL_CAPITALS * body.size
        or not text[numbered.end()].isupper()
        or text.endswith((".", ",", ";", ":", "?"))
    ):
        return 0
    return _ROMANS.get(numbered[1], 0)


def _is_text_of(draft: Draft, after: Draft) -> bool:
    return not after.marked.text and after.length > 1.5 * draft.length


_ENDS = (".", "?", "!", ":", ";", "”", '"', ")", *"⁰¹²³⁴⁵⁶⁷⁸⁹")
_CONTENTS = frozenset({"contents", "table of contents", "list of contents", "contents page"})


def _is_contents(draft: Draft, after: Draft | None) -> bool:
    """Return whether it is what stands above a list of contents, however it is set and tagged."""
    above = after is not None and any(line.contents for line in after.lines)
    return above and is_title_of_contents(_text(draft))


_ENTRY = re.compile(r"\S \d{1,3}$")


def _is_entry(before: Draft | None, draft: Draft, after: Draft | None) -> bool:
    """Return whether it is an entry of a list of contents, with dots or without room for them."""
    if not _ENTRY.search(_text(draft)):
        return False
    near = (before and before.lines[-1].contents, after and after.lines[0].contents)
    return bool(near[1] or (near[0] and draft.lines[-1].contents))


def is_title_of_contents(text: str) -> bool:
    return text.casefold().rstrip(":") in _CONTENTS


def _text(draft: Draft) -> str:
    return " ".join(line.text for line in draft.lines).strip()


def _sane(weights: Counter[_Style], total: int) -> list[_Style]:
    """Return the styles from the highest down, until too much of the text would be headings."""
    accepted: list[_Style] = []
    share = 0.0
    for style in sorted(weights, key=lambda style: (style.depth, -style.size)):
        share += weights[style] / total
        if share > _HEADING_SHARE and style.depth == _DRAWN:
            break
        accepted.append(style)
    return accepted


def _ranks(styles: list[_Style]) -> list[_Style]:
    """Return one style for each rank; sizes that hardly differ are one rank."""
    ranks: list[_Style] = []
    for style in styles:
        same = ranks and ranks[-1].depth == style.depth and style.size > 0.94 * ranks[-1].size
        if not same:
            ranks.append(style)
    return ranks


def _level(style: _Style, ranks: list[_Style]) -> int:
    higher = sum(
        1
        for rank in ranks
        if (rank.depth, -0.94 * rank.size) < (style.depth, -style.size) and rank != style
    )
    return min(4, 2 + higher)
