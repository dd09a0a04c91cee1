"""Lines to blocks of a reading page: headings, paragraphs and items that read well aloud."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable
from itertools import pairwise
from math import ceil, floor
from typing import Literal, NamedTuple, NotRequired, TypedDict

from reviews.pdf.captioned import CaptionedTable
from reviews.pdf.captions import caption_of
from reviews.pdf.characters import PageOfChars
from reviews.pdf.drawing import Box
from reviews.pdf.figures import Figure
from reviews.pdf.lines import ARTIFACT, BROKEN, Line, lines_of, tidied

Kind = Literal["heading", "paragraph", "item", "table", "figure"]


class Block(TypedDict):
    kind: Kind
    # Headings only: 2 to 4, for the page's own h1 is the document's title; 0 otherwise.
    level: int
    text: str
    # The page break divides a sentence: this continues the last paragraph or item of the page
    # before; footnotes in smaller letters may come between them.
    continues: bool
    # Tables only, whose text is their caption: the texts of each cell, row by row, and whether the
    # first row is their heading.
    rows: NotRequired[list[list[list[str]]]]
    has_heading: NotRequired[bool]
    # Figures only, whose text is their caption: the words in them, and where they stand, as shares
    # of the page from its left and top: left, top, right, bottom.
    parts: NotRequired[list["Block"]]
    area: NotRequired[list[float]]


class PageOfLines(NamedTuple):
    height: float
    lines: list[Line]
    tables: list[CaptionedTable] = []
    figures: list[Figure] = []
    width: float = 0.0

    def plain(self) -> "PageOfLines":
        """Return the page without what was told apart from its text."""
        return self._replace(tables=[], figures=[])


def blocks_of(pages: list[PageOfChars]) -> list[list[Block]]:
    """Return the blocks of each page, in the order of the pages."""
    return blocks_of_lines([PageOfLines(page.height, lines_of(page)) for page in pages])


def blocks_of_lines(pages: list[PageOfLines]) -> list[list[Block]]:
    """Return the blocks from lines, which need much less memory than their letters."""
    lines = [page.lines for page in pages]
    body = _body_of(lines)
    lines = _without_running_lines(pages, lines, body)
    words = Words.of(lines)
    leading = _leading_of(lines)
    drafts = [
        _drafts_of_page(page, own, leading | _leading_of([own], 4), body)
        for page, own in zip(pages, lines, strict=True)
    ]
    levels = _levels_of(drafts, body)
    blocks: list[list[Block]] = []
    before: list[Draft] = []
    for draft_page in drafts:
        blocks.append(_blocks_of_page(draft_page, before, levels, words, body))
        before = draft_page
    return blocks


def plain_text(page: PageOfChars) -> str:
    """Return the words of a page for a search index, line by line, with broken words joined."""
    text = "".join([char.text for char in page.chars if char.role != ARTIFACT])
    text = _SOFT_HYPHEN_AT_END.sub(BROKEN, text)
    if BROKEN in text:
        words = Words.within(text)
        parts = text.split(BROKEN)
        pieces = [parts[0]]
        for before, after in pairwise(parts):
            after = after.lstrip()
            pieces += (words.joined(before, after), after)
        text = "".join(pieces)
    text = _REAL_HYPHEN_AT_END.sub("-", text)
    return "\n".join(filter(None, map(tidied, _LINE_ENDS.split(text))))


_SOFT_HYPHEN_AT_END = re.compile("[\\xad\\ufffe]\\s*\\n\\s*")
_REAL_HYPHEN_AT_END = re.compile(r"(?<=\w)-[^\S\n]*\n\s*(?=\w)")
_LINE_ENDS = re.compile(r"[\n\r]+")


# --- Words broken at the end of a line ----------------------------------------------------------

_WORD = re.compile(r"[^\W\d_]+(?:[-‐‑][^\W\d_]+)*")
_LAST_PART = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*$")


# Compounds of this field that are never one word, for a document that breaks them each time.
_ALWAYS_HYPHENATED = frozenset(
    {
        "decision-making",
        "follow-up",
        "half-brother",
        "half-sister",
        "inter-agency",
        "multi-agency",
        "multi-disciplinary",
        "multi-professional",
        "non-accidental",
        "self-harm",
        "single-agency",
    }
)


class Words(NamedTuple):
    """The words of a document, to decide whether a hyphen at a line's end belongs to its word."""

    known: frozenset[str]

    @classmethod
    def of(cls, pages: Iterable[Iterable[Line]]) -> "Words":
        return cls.within(
            "".join(
                line.text + (BROKEN if line.broken else "\n") for lines in pages for line in lines
            )
        )

    @classmethod
    def within(cls, text: str) -> "Words":
        if BROKEN not in text:
            return cls(frozenset())
        known: set[str] = set()
        for piece in text.casefold().split(BROKEN):
            # The parts of a broken word are not words.
            first, last = _WORD.match(piece.lstrip()), _LAST_PART.search(piece[-60:])
            start = len(piece) - len(piece.lstrip()) + len(first[0] if first else "")
            known.update(_WORD.findall(piece[start : len(piece) - len(last[0] if last else "")]))
        return cls(frozenset(known))

    def joined(self, before: str, after: str) -> str:
        """Return what joins the two parts of a word that pdfium found broken: "", "-" or "- ".

        pdfium reports the hyphen of "multi-|agency" and of "safeguard-|ing" alike. It stays if
        the document elsewhere writes the word with it, or writes both parts as words and never the
        joined word; and if only a compound makes sense ("non-|English", "pre- and").
        """
        left_part, right_part = _LAST_PART.search(before[-60:]), _WORD.match(after[:60])
        if left_part is None or right_part is None:
            return ""
        left, right = left_part[0], right_part[0]
        joined_word = (left + right).casefold()
        compound = f"{left}-{right}".casefold()
        if compound in self.known or compound in _ALWAYS_HYPHENATED:
            return "-"
        if joined_word in self.known:
            return ""
        if right in ("and", "or"):
            return "- "
        if left[-1].islower() and right[0].isupper():
            return "-"
        parts_are_words = (
            min(len(left), len(right)) > 2
            and self._on_its_own(left.rpartition("-")[2])
            and self._on_its_own(right.partition("-")[0])
        )
        return "-" if parts_are_words else ""

    def _on_its_own(self, part: str) -> bool:
        return part.casefold() in self.known


# --- Running headers and footers ----------------------------------------------------------------

_NUMBER = re.compile(r"\d+")
_ROMAN = re.compile(r"^\W*[ivxlc]+\W*$|(?<=\bpage )[ivxlc]+\b")
_PAGE_NUMBER = re.compile(r"[^\w#]*(?:page[^\w#]*)?#(?:[^\w#]*(?:of[^\w#]*)?#)?[^\w#]*")
_RUNNING_LENGTH = 200
# Shares of the page's height. In the outer margin any line may be a running one; further in, up to
# the edge zone, only one no larger or bolder than the text: headings occur there too.
_OUTER_MARGIN = 0.08
_EDGE_ZONE = 0.13
_SAME_HEIGHT = 5.0


class _Sighting(NamedTuple):
    """One line near the top or bottom of one page."""

    page: int
    line: int
    # Points between the line and the edge of the page.
    distance: float
    numbers: tuple[int, ...]
    plain: bool


def _without_running_lines(
    pages: list[PageOfLines], lines: list[list[Line]], body: "_Body"
) -> list[list[Line]]:
    sightings: dict[tuple[bool, str | int], list[_Sighting]] = defaultdict(list)
    for index, page in enumerate(pages):
        for number, line in enumerate(lines[index]):
            if not (line.placed and 0 < page.height < 20_000) or len(line.text) > _RUNNING_LENGTH:
                continue
            at_top = (line.top + line.bottom) / 2 < page.height / 2
            distance = line.top if at_top else page.height - line.bottom
            if _may_run(line, distance / page.height, body):
                pattern = _pattern_of(line.text)
                numbers = tuple(int(found) for found in re.findall(r"[0-9]{1,6}", line.text))
                sighting = _Sighting(index, number, distance, numbers, _is_plain(line, body))
                sightings[at_top, pattern].append(sighting)
                # The titles of short chapters change, the page number beside them continues.
                if numbers and pattern.endswith("#") and sighting.plain:
                    sightings[at_top, numbers[-1] - index].append(sighting)
    enough = max(2, min(3, (len(pages) + 1) // 2))
    running: set[tuple[int, int]] = set()
    for (_, key), seen in sightings.items():
        level = _at_one_height(seen)
        if len({each.page for each in level}) >= enough and (
            isinstance(key, int) or _PAGE_NUMBER.fullmatch(key) or _counts_pages(level)
        ):
            running.update((each.page, each.line) for each in level)
    return [
        [line for number, line in enumerate(page) if (index, number) not in running]
        for index, page in enumerate(lines)
    ]


def _may_run(line: Line, share: float, body: "_Body") -> bool:
    if share < _OUTER_MARGIN:
        return True
    return share < _EDGE_ZONE and _is_plain(line, body)


def _is_plain(line: Line, body: "_Body") -> bool:
    """Return whether it is not set as a heading."""
    if line.role in _HEADING_ROLES:
        return False
    bold = line.bold and not body.bold
    return line.size < body.size * (0.95 if bold else _LARGER)


def _pattern_of(text: str) -> str:
    return _NUMBER.sub("#", _ROMAN.sub("#", text.casefold()))


def _at_one_height(seen: list[_Sighting]) -> list[_Sighting]:
    middle = sorted(each.distance for each in seen)[len(seen) // 2]
    return [each for each in seen if abs(each.distance - middle) <= _SAME_HEIGHT]


def _counts_pages(seen: list[_Sighting]) -> bool:
    """Return whether the numbers in the line never change, or one changes with the page number.

    "Recommendation 4" and "Recommendation 7" at the top of two pages are text, and so is what is
    set as a heading.
    """
    if len({each.numbers for each in seen}) == 1:
        return True
    return all(each.plain for each in seen) and any(
        len({each.numbers[place] - each.page for each in seen}) == 1
        for place in range(min(len(each.numbers) for each in seen))
    )


# --- Lines that belong together -----------------------------------------------------------------

# How much larger than the text a heading is at least.
_LARGER = 1.12
_SENTENCE_END = re.compile(r"[.?!:;…][\"'”’)\]]*(?:\d{1,2}|\[\d{1,3}\])?$")
_BULLET = re.compile(r"([•◦‣⁃∙●○■□▪▫◆◇►▶▸➢➤✓✔✗✘❖])\s*|([o·–—→-])\s+")
_ITEM_NUMBER = re.compile(r"\(?(?:\d{1,3}|[a-z]|[ivx]{1,5}|[IVX]{2,5})[.)](?=\s|$)|\([A-Z]\)(?=\s)")
_REFERENCE = re.compile(r"\d{1,3}(?:\.\d{1,3})+\.?(?=\s|$)")

_LIST = "list"
_CELL = "cell"
_ROLES = {
    **dict.fromkeys(("LI", "LBody", "Lbl", "L"), _LIST),
    **dict.fromkeys(("TD", "TH"), _CELL),
    **{role: role for role in ("P", "Caption", "Note", "TOCI", "Title", "H")},
    **{f"H{depth}": f"H{depth}" for depth in range(1, 7)},
}
_HEADING_ROLES = {"Title": 1, "H": 0, **{f"H{depth}": depth for depth in range(1, 7)}}


class _Body(NamedTuple):
    """The typical style of the document's text."""

    size: float
    bold: bool


class Draft:
    """The lines of a future block."""

    def __init__(self, line: Line) -> None:
        self.lines = [line]
        self.marked = _mark_of(line)
        self.role = _ROLES.get(line.role, "")

        # The cells below or above it, if it is the caption of a table.
        self.rows: list[list[list[Draft]]] = []
        self.has_heading = False
        # What is cut out of the page, if it is the caption of a figure, and the words in it.
        self.area: list[float] = []
        self.parts: list[Draft] = []

    @property
    def left(self) -> float:
        """The left edge of its lines, except the first, which may be indented."""
        return self.lines[1 if len(self.lines) > 1 else 0].left

    @property
    def length(self) -> int:
        return sum(len(line.text) for line in self.lines)


class _Mark(NamedTuple):
    """The beginning of a line that may be the mark of an item or a numbered paragraph."""

    kind: Literal["", "bullet", "number", "reference"]
    text: str
    # No line begins like this by chance.
    sure: bool


_NO_MARK = _Mark("", "", False)


def _mark_of(line: Line) -> _Mark:
    if line.symbol:
        return _Mark("bullet", "", True)
    text = line.text
    if (found := _BULLET.match(text)) is not None:
        return _Mark("bullet", found[0], found[1] is not None)
    if (found := _ITEM_NUMBER.match(text)) is not None:
        return _Mark("number", found[0], False)
    if (found := _REFERENCE.match(text)) is not None:
        return _Mark("reference", found[0], False)
    return _NO_MARK


def _body_of(pages: list[list[Line]]) -> _Body:
    weights: Counter[tuple[float, bool]] = Counter()
    for lines in pages:
        for line in lines:
            weights[line.size, line.bold] += len(line.text)
    sizes: Counter[float] = Counter()
    for (size, _), weight in weights.items():
        if size > 0:
            sizes[size] += weight
    if not sizes:
        return _Body(0.0, False)
    size = sizes.most_common(1)[0][0]
    return _Body(size, weights[size, True] > weights[size, False])


def _leading_of(pages: list[list[Line]], at_least: int = 1) -> dict[float, float]:
    """Return the usual distance of two lines of a paragraph, for each size of text.

    Only distances below full lines count: a short line may have ended its paragraph.
    """
    distances: dict[float, Counter[float]] = defaultdict(Counter)
    for lines in pages:
        margins = _margins_of(lines)
        for index in range(len(lines) - 1):
            line, following = lines[index], lines[index + 1]
            distance = following.baseline - line.baseline
            if (
                line.size == following.size
                and 0.7 * line.size < distance < 2.6 * line.size
                and not _had_room(line, following, margins[index].near)
            ):
                distances[line.size][round(distance * 2) / 2] += 1
    return {
        size: min(seen, key=lambda distance: (-seen[distance], distance))
        for size, seen in distances.items()
        if seen.total() >= at_least
    }


class _Margin(NamedTuple):
    near: float
    # Of the whole column, whatever the size of its text.
    column: float


def _margins_of(lines: list[Line]) -> list[_Margin]:
    """Return for each line how far it could have continued: the right end of its longest neighbour.

    Neighbours are near in the same column and of the same size, so that text beside a picture or
    in a box has a margin of its own.
    """
    column = 0
    columns: list[int] = []
    for index, line in enumerate(lines):
        if index and not _is_below(line, lines[index - 1]):
            column += 1
        columns.append(column)
    ends = [0.0] * (column + 1)
    for line, place in zip(lines, columns, strict=True):
        ends[place] = max(ends[place], line.right)
    margins = []
    for index, line in enumerate(lines):
        right = line.right
        for place in range(max(0, index - 3), min(len(lines), index + 4)):
            near = lines[place]
            if near.right > right and near.size == line.size and columns[place] == columns[index]:
                right = near.right
        margins.append(_Margin(right, ends[columns[index]]))
    return margins


def _is_below(line: Line, above: Line) -> bool:
    return line.baseline > above.baseline + 0.3 * line.size and line.left < above.right


def _had_room(line: Line, following: Line, margin: float) -> bool:
    """Return whether the following line's first word would have fitted: the line was ended."""
    letters = max(1, len(following.text))
    word = len(following.text.partition(" ")[0]) * (following.right - following.left) / letters
    return margin - line.right > 1.3 * word + 0.5 * line.size


def _are_centred(above: Line, below: Line) -> bool:
    same_centre = abs((below.left + below.right) - (above.left + above.right)) < 3
    return same_centre and abs(below.left - above.left) > 3


def _drafts_of_page(
    page: PageOfLines, lines: list[Line], leading: dict[float, float], body: _Body
) -> list[Draft]:
    """Return the drafts of a page, with the lines of its tables and figures only in these.

    One whose caption turns out to be part of a paragraph, or of which a line was taken for a
    running one, is none.
    """
    there = set(lines)
    marked: list[CaptionedTable | Figure] = [*page.tables, *page.figures]
    known = [one for one in marked if there.issuperset(one.lines)]
    while True:
        within = {line for one in known for line in one.lines}
        outside = [line for line in lines if line not in within]
        drafts = _drafts_of(outside, leading, body)
        captions = {
            draft.lines[0]: draft
            for draft in drafts
            if caption_of(" ".join(line.text for line in draft.lines))
        }
        sure = [one for one in known if one.caption in captions]
        if len(sure) == len(known):
            break
        known = sure
    for one in known:
        draft = captions[one.caption]
        if isinstance(one, Figure):
            draft.area = _shares_of(one.box, page)
            draft.parts = _drafts_of(list(one.lines), leading, body)
        else:
            draft.has_heading = one.table.has_heading
            draft.rows = [
                [_drafts_of(cell, leading, body) for cell in row] for row in one.table.rows
            ]
    return drafts


def _shares_of(box: Box, page: PageOfLines) -> list[float]:
    """Return the sides of a box as shares of the page, rounded outwards."""
    left, top = (floor(side * 1e4) / 1e4 for side in (box.left / page.width, box.top / page.height))
    right, bottom = box.right / page.width, box.bottom / page.height
    return [left, top, *(min(ceil(side * 1e4) / 1e4, 1.0) for side in (right, bottom))]


def _drafts_of(lines: list[Line], leading: dict[float, float], body: _Body) -> list[Draft]:
    margins = _margins_of(lines)
    drafts: list[Draft] = []
    for index, line in enumerate(lines):
        if drafts and not _begins_block(drafts[-1], line, margins[index - 1], leading, body):
            drafts[-1].lines.append(line)
        else:
            drafts.append(Draft(line))
    return drafts


def _begins_block(
    draft: Draft, line: Line, margins: _Margin, leading: dict[float, float], body: _Body
) -> bool:
    last = draft.lines[-1]
    ended = _SENTENCE_END.search(last.text) is not None and not last.broken
    lower = line.text[:1].islower()
    if not (line.placed and last.placed):
        return ended or not lower
    if len(draft.lines) == 1 and not last.text[len(draft.marked.text) :].strip():
        # The mark of an item, drawn apart from its text.
        return draft.marked is _NO_MARK
    role = _ROLES.get(line.role, "")
    if role != draft.role and role and draft.role:
        return True
    if abs(line.size - last.size) > max(0.6, 0.06 * last.size) or last.contents:
        return True
    margin = margins.column if _are_centred(last, line) else margins.near
    had_room = _had_room(last, line, margin)
    # The sentence continues: what looks like a new paragraph is an accident of the layout.
    goes_on = last.broken or (lower and not ended and not had_room)
    mark = _mark_of(line)
    if mark.sure or (mark is not _NO_MARK and _is_new_item(draft, line, mark, ended or had_room)):
        return True
    if not _is_below(line, last):
        return not (goes_on or (not ended and not had_room and _follows_in_next_column(line, last)))
    distance = line.baseline - last.baseline
    if _is_heading_like(draft, line, body):
        return distance > 1.75 * line.size
    usual = leading.get(line.size, 1.3 * line.size)
    if distance > usual * (1.5 if goes_on else 1.2):
        return True
    if goes_on:
        return False
    return line.bold != last.bold or _was_last(draft, line, margin) or _is_set_apart(draft, line)


def _is_new_item(draft: Draft, line: Line, mark: _Mark, complete: bool) -> bool:
    """Return whether it begins an item; a number or dash may also be within a sentence."""
    if complete or mark.kind == draft.marked.kind:
        return True
    after = line.text[len(mark.text) :].lstrip()
    return mark.kind == "reference" and after[:1].isupper()


def _follows_in_next_column(line: Line, last: Line) -> bool:
    return line.bottom < last.top and line.left >= last.right - 0.5 * line.size


def _is_heading_like(draft: Draft, line: Line, body: _Body) -> bool:
    """Return whether line and block are set alike, and larger than the text or as a heading."""
    if line.cells or draft.lines[0].cells:
        return False
    larger = body.size > 0 and line.size > body.size * _LARGER
    tagged = draft.role in _HEADING_ROLES and _ROLES.get(line.role) == draft.role
    return (larger or tagged) and line.bold == draft.lines[-1].bold and len(draft.lines) < 6


def _was_last(draft: Draft, line: Line, margin: float) -> bool:
    """Return whether the block's last line was ended before its margin, and not by chance."""
    last = draft.lines[-1]
    if not _had_room(last, line, margin):
        return False
    if draft.role == _LIST or _SENTENCE_END.search(last.text):
        return True
    width = margin - min(last.left, draft.left)
    return margin - last.right > 0.3 * width and not line.text[:1].islower()


def _is_set_apart(draft: Draft, line: Line) -> bool:
    """Return whether the line is indented differently from the block, and not centred below it."""
    first, last = draft.lines[0], draft.lines[-1]
    if _are_centred(last, line):
        return False
    shift = line.left - draft.left
    near = 0.8 * line.size
    if any(abs(line.left - cell) < 3 for cell in first.cells):
        return False
    if len(draft.lines) > 1:
        return abs(shift) > near
    if draft.marked is not _NO_MARK:
        return shift < -near
    # Below a first line: further out is the usual indent of a first line, further in begins one.
    return shift > near and _SENTENCE_END.search(first.text) is not None


# --- Headings -----------------------------------------------------------------------------------

_HEADING_LENGTH = 180
_BOLD_HEADING_LENGTH = 120
# Headings are a smaller share of a text than this, or they are not headings.
_HEADING_SHARE = 0.3


class _Style(NamedTuple):
    """The style of a heading: the smaller the depth, or the larger the letters, the higher."""

    depth: int
    size: float


def _levels_of(pages: list[list[Draft]], body: _Body) -> dict[int, int]:
    """Return the level of each draft that is a heading, by its id."""
    tagged = [
        draft
        for page in pages
        for draft in page
        if draft.role in _HEADING_ROLES and _has_words(draft)
    ]
    trusted = len(tagged) >= max(1, len(pages) / 4)
    named = {draft.lines[0].size: style for draft in tagged if (style := _tagged_style(draft))}
    styles: dict[int, _Style] = {}
    on_later_pages: set[_Style] = set()
    weights: Counter[_Style] = Counter()
    total = 1
    for index, page in enumerate(pages):
        for draft in page:
            total += draft.length
            style = _tagged_style(draft)
            if style is None and not (trusted and draft.role):
                style = _drawn_style(draft, body)
                style = style and named.get(style.size, style)
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
    if draft.role not in _HEADING_ROLES or draft.length > 2 * _HEADING_LENGTH:
        return None
    if not _has_words(draft):
        return None
    depth = _HEADING_ROLES[draft.role]
    return _Style(depth, 0.0) if depth else _Style(1, draft.lines[0].size)


_DRAWN = 9


def _drawn_style(draft: Draft, body: _Body) -> _Style | None:
    """Return the style of an untagged heading: large, or bold and short and on its own."""
    first, text = draft.lines[0], draft.lines[-1].text
    if (
        draft.role in (_CELL, _LIST, "TOCI", "Caption", "Note")
        or draft.marked.kind == "bullet"
        or any(line.contents for line in draft.lines)
        or not body.size
        or not _has_words(draft)
    ):
        return None
    if first.size > body.size * _LARGER:
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


# --- Blocks -------------------------------------------------------------------------------------


def _blocks_of_page(
    page: list[Draft], before: list[Draft], levels: dict[int, int], words: Words, body: _Body
) -> list[Block]:
    blocks: list[Block] = []
    cut = _cut_at_the_end(before, levels, body)
    for draft in page:
        text = _text_of(draft, words)
        if draft.rows:
            cut = None
            blocks.append(_table(draft, text, words))
            continue
        if draft.area:
            cut = None
            blocks.append(_figure(draft, text, words))
            continue
        level = levels.get(id(draft), 0)
        kind = _kind_of(draft, level)
        if kind == "item" and draft.marked.kind == "bullet":
            text = text[len(draft.marked.text) :].lstrip() or text
        if not text:
            continue
        # Only the first text of a page can carry on, and only in letters of the same size.
        continues = cut is not None and not level and _carries_on(draft, cut)
        if continues and cut is not None:
            kind = _kind_of(cut, 0)
        cut = None
        blocks.append(Block(kind=kind, level=level, text=text, continues=continues))
    return blocks


def _table(draft: Draft, caption: str, words: Words) -> Block:
    rows = [
        [[text for part in cell if (text := _text_of(part, words))] for cell in row]
        for row in draft.rows
    ]
    return Block(
        kind="table",
        level=0,
        text=caption,
        continues=False,
        rows=rows,
        has_heading=draft.has_heading,
    )


def _figure(draft: Draft, caption: str, words: Words) -> Block:
    parts = [
        Block(kind=_kind_of(part, 0), level=0, text=text, continues=False)
        for part in draft.parts
        if (text := _text_of(part, words))
    ]
    return Block(
        kind="figure", level=0, text=caption, continues=False, parts=parts, area=draft.area
    )


def _kind_of(draft: Draft, level: int) -> Kind:
    if level:
        return "heading"
    return (
        "item" if draft.role == _LIST or draft.marked.kind in ("bullet", "number") else "paragraph"
    )


def _text_of(draft: Draft, words: Words) -> str:
    pieces = [draft.lines[0].text]
    for before, line in pairwise(draft.lines):
        between = words.joined(before.text, line.text) if before.broken else _between(before, line)
        pieces += (between, line.text)
    return "".join(pieces).strip()


def _between(before: Line, line: Line) -> str:
    end, start = before.text[-2:], line.text[:1]
    if end[-1:] in "-‐‑/" and end[:1].isalnum() and start.isalnum():
        return ""
    if end[-1:] == "–" and end[:1].isdigit() and start.isdigit():
        return ""
    return " "


def _cut_at_the_end(page: list[Draft], levels: dict[int, int], body: _Body) -> Draft | None:
    """Return the last text of a page above its footnotes, if its sentence is not complete."""
    for draft in reversed(page):
        last = draft.lines[-1]
        if last.size < 0.95 * body.size and len(page) > 1:
            continue
        cut = id(draft) not in levels and draft.role != _CELL and not last.contents
        return draft if cut and not _SENTENCE_END.search(last.text) else None
    return None


def _carries_on(draft: Draft, cut: Draft) -> bool:
    first, last = draft.lines[0], cut.lines[-1]
    if draft.marked is not _NO_MARK or draft.role == _CELL or first.contents:
        return False
    if abs(first.size - last.size) > max(0.6, 0.06 * last.size):
        return False
    if last.broken or last.text.endswith((",", "-")) or first.text[:1].islower():
        return True
    # A name or a year also continues a sentence, if the line before it is as long as its block.
    margin = max(line.right for line in cut.lines)
    return len(cut.lines) > 1 and first.bold == last.bold and not _had_room(last, first, margin)
