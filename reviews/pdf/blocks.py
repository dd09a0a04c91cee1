"""Blocks of a reading page: headings, paragraphs and items that read well aloud."""

from itertools import pairwise
from math import ceil, floor
from typing import Literal, NamedTuple, NotRequired, TypedDict

from reviews.pdf.addresses import goes_on
from reviews.pdf.as_written import as_written
from reviews.pdf.body import CELL, LIST, Body, body_of, without_layout_tables
from reviews.pdf.broken_words import Words
from reviews.pdf.captions import caption_of
from reviews.pdf.characters import PageOfChars
from reviews.pdf.drafts import NO_MARK, Draft
from reviews.pdf.drawing import Box
from reviews.pdf.figures import Figure
from reviews.pdf.headings import levels_of
from reviews.pdf.lines import Line, lines_of
from reviews.pdf.margins import had_room, leading_of
from reviews.pdf.page_parts import PlacedTable, line_before
from reviews.pdf.paragraphs import SENTENCE_END, drafts_of, with_notes_below
from reviews.pdf.reading_order import in_reading_order
from reviews.pdf.running_lines import without_running_lines
from reviews.pdf.tables import Table
from reviews.pdf.turned import with_turned_joined

# How far the sides of a table may differ from those of its beginning, on the page before.
SAME_SIDE = 8.0

Kind = Literal["heading", "paragraph", "item", "note", "table", "figure"]


class Block(TypedDict):
    kind: Kind
    # Headings only: 2 to 4, for the page's own h1 is the document's title; 0 otherwise.
    level: int
    text: str
    # The page break divides a sentence: this continues the last paragraph or item of the page
    # before; footnotes in smaller letters may come between them.
    continues: bool
    # Tables only, whose text is their caption, if they have one: the texts of each cell that begins
    # in a row, row by row, and whether the first row is their heading. One that continues has its
    # beginning, and the headings of its columns, on the page before.
    rows: NotRequired[list[list[list[str]]]]
    has_heading: NotRequired[bool]
    # If more than one row is: how many.
    heading_rows: NotRequired[int]
    # Whether the first cell of each row is its heading.
    has_row_headings: NotRequired[bool]
    # If a cell takes more than one: how many rows and columns each does.
    spans: NotRequired[list[list[list[int]]]]
    # Figures only, whose text is their caption, if they have one: the words in them, and where they
    # stand, as shares of the page from its left and top: left, top, right, bottom.
    parts: NotRequired[list["Block"]]
    area: NotRequired[list[float]]


class PageOfLines(NamedTuple):
    height: float
    # Without those of its tables, with those of its figures.
    lines: list[Line]
    tables: list[PlacedTable] = []
    figures: list[Figure] = []
    width: float = 0.0


def blocks_of(pages: list[PageOfChars]) -> list[list[Block]]:
    """Return the blocks of each page, in the order of the pages."""
    written = map(as_written, pages)
    return blocks_of_lines([PageOfLines(page.height, lines_of(page)) for page in written])


def blocks_of_lines(pages: list[PageOfLines]) -> list[list[Block]]:
    """Return the blocks from lines, which need much less memory than their letters."""
    lines = without_layout_tables([page.lines for page in pages])
    in_tables = [
        [line for table in page.tables for row in table.table.rows for c in row for line in c.lines]
        for page in pages
    ]
    body = body_of(lines if any(lines) else in_tables)
    lines = without_running_lines([(page.width, page.height) for page in pages], lines, body)
    lines = [in_reading_order(page) for page in lines]
    words = Words.of([*lines, *in_tables])
    leading = leading_of(lines)
    drafts = []
    apart = []
    for page, own in zip(pages, lines, strict=True):
        of_page, beside_text = _drafts_of_page(page, own, leading | leading_of([own], 4), body)
        drafts.append(of_page)
        apart.append(beside_text)
    levels = levels_of(drafts, body)
    blocks: list[list[Block]] = []
    before: list[Draft] = []
    for draft_page, beside_text in zip(drafts, apart, strict=True):
        blocks.append(_blocks_of_page(draft_page, beside_text, before, levels, words, body))
        before = draft_page
    _mark_continued(pages, blocks)
    return blocks


def _mark_continued(pages: list[PageOfLines], blocks: list[list[Block]]) -> None:
    """Mark each table that goes on from the page before: as wide, of as many columns, and first."""
    for before, page, blocks_before, own in zip(pages, pages[1:], blocks, blocks[1:], strict=False):
        if not (before.tables and page.tables and blocks_before and own):
            continue
        upper = max(before.tables, key=lambda one: one.box.bottom)
        lower = min(page.tables, key=lambda one: one.box.top)
        if (
            own[0]["kind"] == "table"
            and not own[0]["text"]
            and any(block["kind"] == "table" for block in blocks_before[-2:])
            and upper.box.bottom > 0.5 * before.height
            and upper.table.columns == lower.table.columns
            and abs(upper.box.left - lower.box.left) <= SAME_SIDE
            and (
                abs(upper.box.right - lower.box.right) <= SAME_SIDE
                or upper.table.columns == lower.table.columns > 1
            )
        ):
            own[0]["continues"] = True


# What is told apart from the text of a page, by the draft that it comes after or, if that is its
# caption, in whose place it stands.
_Apart = dict[Draft | None, list[PlacedTable | Figure]]


class _Drafting(NamedTuple):
    """What is needed to make drafts of lines within a table or a figure."""

    leading: dict[float, float]
    body: Body
    page: PageOfLines


class _PartsOfPage(NamedTuple):
    captions: _Apart
    others: _Apart
    drafting: _Drafting


def _drafts_of_page(
    page: PageOfLines, lines: list[Line], leading: dict[float, float], body: Body
) -> tuple[list[Draft], _PartsOfPage]:
    """Return the drafts of a page, and its tables and figures, whose lines are in no draft.

    A figure of which a line was taken for a running one is none, unless it is a whole slide. One
    whose caption turns out to be part of a paragraph has none.
    """
    there = set(lines)
    figures = [
        one._replace(lines=tuple(line for line in one.lines if line in there))
        for one in page.figures
        if one.is_slide or there.issuperset(one.lines)
    ]
    within = {line for one in figures for line in one.lines}
    own = with_turned_joined(line for line in lines if line not in within)
    drafts = with_notes_below(drafts_of(own, leading, body))
    starts = {
        draft.lines[0]: draft
        for draft in drafts
        if caption_of(" ".join(line.text for line in draft.lines))
    }
    owners = {line: draft for draft in drafts for line in draft.lines}
    captions: _Apart = {}
    others: _Apart = {}
    both: list[PlacedTable | Figure] = [*page.tables, *figures]
    for one in sorted(both, key=lambda one: one.box.top):
        draft = starts.get(one.caption) if one.caption else None
        if draft is not None and draft not in captions:
            captions[draft] = [one]
        else:
            before = line_before(one.box, [line for line in lines if line in owners])
            others.setdefault(owners[before] if before else None, []).append(one)
    return drafts, _PartsOfPage(captions, others, _Drafting(leading, body, page))


def _shares_of(box: Box, page: PageOfLines) -> list[float]:
    """Return the sides of a box as shares of the page, rounded outwards."""
    left, top = (floor(side * 1e4) / 1e4 for side in (box.left / page.width, box.top / page.height))
    right, bottom = box.right / page.width, box.bottom / page.height
    return [left, top, *(min(ceil(side * 1e4) / 1e4, 1.0) for side in (right, bottom))]


def _blocks_of_page(
    page: list[Draft],
    beside_text: _PartsOfPage,
    before: list[Draft],
    levels: dict[int, int],
    words: Words,
    body: Body,
) -> list[Block]:
    blocks = [
        _apart(one, "", beside_text.drafting, words) for one in beside_text.others.get(None, ())
    ]
    cut = _cut_at_the_end(before, levels, body)
    for draft in page:
        text = _text_of(draft, words)
        if draft in beside_text.captions:
            cut = None
            blocks += [
                _apart(one, text, beside_text.drafting, words)
                for one in beside_text.captions[draft]
            ]
        else:
            level = levels.get(id(draft), 0)
            kind = _kind_of(draft, level)
            if kind == "note":
                text = _with_plain_label(text, draft.label)
            if kind == "item" and draft.marked.kind == "bullet":
                text = text[len(draft.marked.text) :].lstrip() or text
            if text:
                # Only the first text of a page can carry on, and only in letters of the same size.
                continues = cut is not None and not level and _carries_on(draft, cut)
                if continues and cut is not None:
                    kind = _kind_of(cut, 0)
                cut = None
                blocks.append(Block(kind=kind, level=level, text=text, continues=continues))
        blocks += [
            _apart(one, "", beside_text.drafting, words)
            for one in beside_text.others.get(draft, ())
        ]
    return blocks


def _apart(one: PlacedTable | Figure, caption: str, drafting: _Drafting, words: Words) -> Block:
    if isinstance(one, Figure):
        return _figure(one, caption, drafting, words)
    return _table(one.table, caption, drafting, words)


def _table(table: Table, caption: str, drafting: _Drafting, words: Words) -> Block:
    rows = [[_texts_of(cell.lines, drafting, words) for cell in row] for row in table.rows]
    block = Block(
        kind="table",
        level=0,
        text=caption,
        continues=False,
        rows=rows,
        has_heading=table.heading_rows > 0,
    )
    if table.heading_rows > 1:
        block["heading_rows"] = table.heading_rows
    if table.has_row_headings:
        block["has_row_headings"] = True
    if any(cell.rows * cell.columns > 1 for row in table.rows for cell in row):
        block["spans"] = [[[cell.rows, cell.columns] for cell in row] for row in table.rows]
    return block


def _texts_of(lines: list[Line], drafting: _Drafting, words: Words) -> list[str]:
    drafts = drafts_of(with_turned_joined(lines), drafting.leading, drafting.body)
    return [text for draft in drafts if (text := _text_of(draft, words))]


def _figure(figure: Figure, caption: str, drafting: _Drafting, words: Words) -> Block:
    drafts = drafts_of(with_turned_joined(figure.lines), drafting.leading, drafting.body)
    parts = [
        Block(kind=_kind_of(part, 0), level=0, text=text, continues=False)
        for part in drafts
        if (text := _text_of(part, words))
    ]
    area = _shares_of(figure.box, drafting.page)
    return Block(kind="figure", level=0, text=caption, continues=False, parts=parts, area=area)


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
    # A long dash has no room on either side, or on both.
    if end[-1:] == "—" and len(end) > 1 and not end[0].isspace():
        return ""
    if start == "—" and not after[1:2].isspace():
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
