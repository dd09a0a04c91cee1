"""Blocks of a reading page: headings, paragraphs and items that read well aloud."""

from itertools import pairwise
from math import ceil, floor
from typing import Literal, NamedTuple, NotRequired, TypedDict

from reviews.pdf.addresses import goes_on
from reviews.pdf.as_written import as_written
from reviews.pdf.body import CELL, LIST, Body, body_of
from reviews.pdf.broken_words import Words
from reviews.pdf.captioned import CaptionedTable
from reviews.pdf.captions import caption_of
from reviews.pdf.characters import PageOfChars
from reviews.pdf.drafts import NO_MARK, Draft
from reviews.pdf.drawing import Box
from reviews.pdf.figures import Figure
from reviews.pdf.headings import levels_of
from reviews.pdf.lines import Line, lines_of
from reviews.pdf.margins import had_room, leading_of
from reviews.pdf.paragraphs import SENTENCE_END, drafts_of
from reviews.pdf.running_lines import without_running_lines

Kind = Literal["heading", "paragraph", "item", "note", "table", "figure"]


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
    written = map(as_written, pages)
    return blocks_of_lines([PageOfLines(page.height, lines_of(page)) for page in written])


def blocks_of_lines(pages: list[PageOfLines]) -> list[list[Block]]:
    """Return the blocks from lines, which need much less memory than their letters."""
    lines = [page.lines for page in pages]
    body = body_of(lines)
    lines = without_running_lines([page.height for page in pages], lines, body)
    words = Words.of(lines)
    leading = leading_of(lines)
    drafts = [
        _drafts_of_page(page, own, leading | leading_of([own], 4), body)
        for page, own in zip(pages, lines, strict=True)
    ]
    levels = levels_of(drafts, body)
    blocks: list[list[Block]] = []
    before: list[Draft] = []
    for draft_page in drafts:
        blocks.append(_blocks_of_page(draft_page, before, levels, words, body))
        before = draft_page
    return blocks


def _drafts_of_page(
    page: PageOfLines, lines: list[Line], leading: dict[float, float], body: Body
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
        drafts = drafts_of(outside, leading, body)
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
            draft.parts = drafts_of(list(one.lines), leading, body)
        else:
            draft.has_heading = one.table.has_heading
            draft.rows = [
                [drafts_of(cell, leading, body) for cell in row] for row in one.table.rows
            ]
    return drafts


def _shares_of(box: Box, page: PageOfLines) -> list[float]:
    """Return the sides of a box as shares of the page, rounded outwards."""
    left, top = (floor(side * 1e4) / 1e4 for side in (box.left / page.width, box.top / page.height))
    right, bottom = box.right / page.width, box.bottom / page.height
    return [left, top, *(min(ceil(side * 1e4) / 1e4, 1.0) for side in (right, bottom))]


def _blocks_of_page(
    page: list[Draft], before: list[Draft], levels: dict[int, int], words: Words, body: Body
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
        if kind == "note":
            text = _with_plain_label(text, draft.label)
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
    if draft.label:
        return "note"
    if level:
        return "heading"
    return (
        "item" if draft.role == LIST or draft.marked.kind in ("bullet", "number") else "paragraph"
    )


def _with_plain_label(text: str, label: str) -> str:
    """Return the text of a note with its label as it is typed: "12 Ibid." for "¹²Ibid."."""
    if text.startswith(label):
        return text
    return f"{label} {text[len(label) :].lstrip()}".strip()


def _text_of(draft: Draft, words: Words) -> str:
    pieces = [draft.lines[0].text]
    margin = max(line.right for line in draft.lines)
    for before, line in pairwise(draft.lines):
        full = margin - before.right < 1.5 * before.size
        between = (
            words.joined(before.text, line.text)
            if before.broken
            else _between(before.text, line.text, full=full)
        )
        pieces += (between, line.text)
    return "".join(pieces).strip()


def _between(before: str, after: str, *, full: bool) -> str:
    within_address = goes_on(before, after, full=full)
    if within_address is not None:
        return "" if within_address else " "
    end, start = before[-2:], after[:1]
    if end[-1:] in "-‐‑/" and end[:1].isalnum() and start.isalnum():
        return ""
    if end[-1:] == "–" and end[:1].isdigit() and start.isdigit():
        return ""
    return " "


def _cut_at_the_end(page: list[Draft], levels: dict[int, int], body: Body) -> Draft | None:
    """Return the last text of a page above its footnotes, if its sentence is not complete."""
    for draft in reversed(page):
        last = draft.lines[-1]
        if draft.label or (last.size < 0.95 * body.size and len(page) > 1):
            continue
        cut = id(draft) not in levels and draft.role != CELL and not last.contents
        return draft if cut and not SENTENCE_END.search(last.text) else None
    return None


def _carries_on(draft: Draft, cut: Draft) -> bool:
    first, last = draft.lines[0], cut.lines[-1]
    if draft.label or draft.marked is not NO_MARK or draft.role == CELL or first.contents:
        return False
    if abs(first.size - last.size) > max(0.6, 0.06 * last.size):
        return False
    if last.broken or last.text.endswith((",", "-")) or first.text[:1].islower():
        return True
    # A name or a year also continues a sentence, if the line before it is as long as its block.
    margin = max(line.right for line in cut.lines)
    return len(cut.lines) > 1 and first.bold == last.bold and not had_room(last, first, margin)
