"""Lines that belong together: paragraphs, items and headings."""

import re
from itertools import pairwise

from reviews.pdf.body import HEADING_ROLES, LARGER, LIST, ROLES, Body
from reviews.pdf.captions import caption_of
from reviews.pdf.drafts import NO_MARK, Draft, Mark, mark_of
from reviews.pdf.footnotes import labels_of
from reviews.pdf.headings import is_title_of_contents
from reviews.pdf.lines import Line
from reviews.pdf.margins import Margin, are_centred, had_room, is_below, margins_of
from reviews.pdf.right_to_left import is_right_to_left

SENTENCE_END = re.compile(r"[.?!:;…][\"'”’)\]]*(?:\d{1,2}|\[\d{1,3}\])?$")

# The lines of an address: "T: 0300 123 1231".
_LABELLED = re.compile(r"[A-Z][A-Za-z-]{0,14}: ?\S")
_PAGE_NUMBER = re.compile(r"\S \d{1,3}$")
# No sentence, heading or item ends with one of these.
_INCOMPLETE = re.compile(r"\w \W?(?:a|an|and|of|or|our|the|their|your)$")


def drafts_of(lines: list[Line], leading: dict[float, float], body: Body) -> list[Draft]:
    lines = [_mirrored(line) if is_right_to_left(line.text) else line for line in lines]
    margins = margins_of(lines)
    labels = labels_of(lines, body)
    drafts: list[Draft] = []
    for index, (line, label) in enumerate(zip(lines, labels, strict=True)):
        if drafts and not (
            label or _begins_block(drafts[-1], line, margins[index - 1], leading, body)
        ):
            drafts[-1].lines.append(line)
        else:
            drafts.append(Draft(line, label))
    return drafts


def with_notes_below(drafts: list[Draft]) -> list[Draft]:
    """Return the blocks of a page, with the notes below its columns behind what they part.

    A program may draw them before the text; and a paragraph goes on in the column beside them,
    where the caption of a table may stand above it.
    """
    texts = [draft for draft in drafts if not draft.label]
    first = next((place for place, draft in enumerate(drafts) if not draft.label), 0)
    if first and drafts[0].lines[0].top > texts[0].lines[0].bottom:
        drafts = drafts[first:] + drafts[:first]
    done: list[Draft] = []
    for draft in drafts:
        notes = len(done)
        while notes and (done[notes - 1].label or caption_of(done[notes - 1].lines[0].text)):
            notes -= 1
        if 0 < notes < len(done) and _is_parted(done[notes - 1], draft):
            done[notes - 1].lines += draft.lines
        else:
            done.append(draft)
    return done


def _is_parted(draft: Draft, after: Draft) -> bool:
    """Return whether a paragraph goes on in the next column, behind notes."""
    last, line = draft.lines[-1], after.lines[0]
    return (
        not after.label
        and after.marked is NO_MARK
        and last.placed
        and line.placed
        and not line.contents
        and _follows_in_next_column(line, last)
        and _is_as_large(line, last)
        and line.bold in (last.bold, last.end_bold)
        and draft.role == after.role
        and not (SENTENCE_END.search(last.text) and not last.broken)
        and (last.broken or line.text[:1].islower() or _INCOMPLETE.search(last.text) is not None)
    )


def _mirrored(line: Line) -> Line:
    """Return a line from right to left as if it ran to the right, so that there is its end."""
    return line._replace(left=-line.right, right=-line.left)


def _begins_block(
    draft: Draft, line: Line, margins: Margin, leading: dict[float, float], body: Body
) -> bool:
    last = draft.lines[-1]
    if body.is_code(line) or body.is_code(last):
        return True
    ended = SENTENCE_END.search(last.text) is not None and not last.broken
    lower = line.text[:1].islower()
    if not (line.placed and last.placed):
        return ended or not lower
    if len(draft.lines) == 1 and draft.label and len(last.text) <= len(draft.label):
        return False
    if len(draft.lines) == 1 and not last.text[len(draft.marked.text) :].strip():
        # The mark of an item, drawn apart from its text.
        return draft.marked is NO_MARK
    role = ROLES.get(line.role, "")
    if role != draft.role and role and draft.role:
        return True
    if not _is_as_large(line, last) or (last.contents and not (lower and _hangs(line, last))):
        return True
    if _LABELLED.match(line.text) and _LABELLED.match(last.text):
        return True
    if line.contents and (is_title_of_contents(last.text) or _is_entry_too(last, line)):
        return True
    margin = margins.column if are_centred(last, line) else margins.near
    fitted = had_room(last, line, margin)
    # The sentence continues: what looks like a new paragraph is an accident of the layout.
    goes_on = (
        last.broken
        or (lower and not ended and not fitted)
        or (_INCOMPLETE.search(last.text) is not None and not _is_heading_like(draft, line, body))
    )
    mark = mark_of(line)
    if mark.sure or (mark is not NO_MARK and _is_new_item(draft, line, mark, ended or fitted)):
        return True
    if not is_below(line, last):
        return not (goes_on or (not ended and not fitted and _follows_in_next_column(line, last)))
    distance = line.baseline - last.baseline
    if _is_heading_like(draft, line, body):
        steps = draft.lines[-1].baseline - draft.lines[-2].baseline if len(draft.lines) > 1 else 0
        was_ended = fitted and not lower and distance > 1.35 * line.size
        return distance > 1.75 * line.size or was_ended or (0 < 1.25 * steps < distance)
    usual = leading.get(line.size, 1.3 * line.size)
    if distance > usual * (1.5 if goes_on else 1.2):
        return True
    if goes_on:
        return False
    is_as_bold = line.bold in (last.bold, last.end_bold)
    return not is_as_bold or _was_last(draft, line, margin) or _is_set_apart(draft, line)


def _is_as_large(line: Line, last: Line) -> bool:
    """Return whether a line is set in the size of most of the one above, or of its end."""
    return any(
        abs(line.size - size) <= max(0.6, 0.06 * size) for size in (last.size, last.end_size)
    )


def _hangs(line: Line, last: Line) -> bool:
    """Return whether a line stands below the text of a numbered item, whose end is a number."""
    return len(last.cells) == 1 and abs(line.left - last.cells[0]) < 3


def _is_new_item(draft: Draft, line: Line, mark: Mark, complete: bool) -> bool:
    """Return whether it begins an item; a number or dash may also be within a sentence."""
    after = line.text[len(mark.text) :].lstrip()
    if complete:
        return True
    if mark.kind == draft.marked.kind:
        first = draft.lines[0]
        hangs = line.left > first.left + 0.8 * line.size and (
            len(draft.lines) == 1 or abs(line.left - draft.left) < 3
        )
        return not hangs or after[:1].isupper() or mark.text == draft.marked.text
    return mark.kind == "reference" and after[:1].isupper()


def _follows_in_next_column(line: Line, last: Line) -> bool:
    return line.bottom < last.top and line.left >= last.right - 0.5 * line.size


def _is_heading_like(draft: Draft, line: Line, body: Body) -> bool:
    """Return whether line and block are set alike, and larger than the text or as a heading."""
    if line.cells or draft.lines[0].cells:
        return False
    larger = body.size > 0 and line.size > body.size * LARGER
    tagged = draft.role in HEADING_ROLES and ROLES.get(line.role) == draft.role
    return (larger or tagged) and line.bold == draft.lines[-1].bold and len(draft.lines) < 6


def _was_last(draft: Draft, line: Line, margin: float) -> bool:
    """Return whether the block's last line was ended before its margin, and not by chance."""
    last = draft.lines[-1]
    if not had_room(last, line, margin) or _goes_on_in_item(draft, line, margin):
        return False
    if draft.role == LIST or SENTENCE_END.search(last.text):
        return True
    width = margin - min(last.left, draft.left)
    return margin - last.right > 0.3 * width and not line.text[:1].islower()


def _goes_on_in_item(draft: Draft, line: Line, margin: float) -> bool:
    """Return whether a full line below the text of an item with a bullet has no bullet itself."""
    if draft.marked.kind != "bullet" or len(draft.lines) < 2 or draft.lines[-1].text.endswith(":"):
        return False
    return abs(line.left - draft.left) < 3 and margin - line.right < 0.3 * (margin - draft.left)


def _is_entry_too(last: Line, line: Line) -> bool:
    """Return whether a line above an entry of a list of contents is one with no room for dots."""
    return abs(last.right - line.right) < 2 and _PAGE_NUMBER.search(last.text) is not None


def _first_in_column(draft: Draft) -> Line:
    """Return the first line of a block in the column of text, or on the page, where it ends."""
    for above, line in reversed(list(pairwise(draft.lines))):
        if not is_below(line, above):
            return line
    return draft.lines[0]


def _is_set_apart(draft: Draft, line: Line) -> bool:
    """Return whether the line is indented differently from the block, and not centred below it."""
    first, last = draft.lines[0], draft.lines[-1]
    if are_centred(last, line):
        return False
    near = 0.8 * line.size
    over = _first_in_column(draft)
    if over is not first:
        # It began in the column before, and went on here without an indent.
        return abs(line.left - over.left) > near
    shift = line.left - draft.left
    if any(abs(line.left - cell) < 3 for cell in first.cells):
        return False
    if len(draft.lines) > 1:
        return abs(shift) > near
    if draft.marked is not NO_MARK:
        return shift < -near
    # Below a first line: further out is the usual indent of a first line, further in begins one.
    return shift > near and SENTENCE_END.search(first.text) is not None
