"""Text of a document from the Word file that its PDF was made from, laid on the pages of the PDF.

The Word file is read and thrown away. Word has no pages, so each block goes to the page of the PDF
on which its words begin; what has no words there stays with the block before it.
"""

import json
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from typing import Any

from django.core.exceptions import ValidationError
from django.core.files import File

from mscp.files.sizes import MostBytes
from reviews.blocks import compare, letters_of, says, text_of, texts_of
from reviews.documents.correcting import texts_in
from reviews.documents.intake import (
    LARGEST_ANSWER,
    TOO_SLOW,
    UNREADABLE,
    copy_to,
    run_child,
    work_folder,
)
from reviews.models import DocumentPage

MOST = MostBytes(
    50 * 1024 * 1024, "This file has more than 50 MB. Take its pictures out and save it again."
)
# So many letters of a block tell on which page it begins; fewer stand on many pages.
ENOUGH = 40
# Within so many letters, about a page, a shorter one is found all the same.
NEAR = 3000

NOT_READ = (
    "This Word document could not be read: it is damaged, or too much for the reader. Open it in "
    "Word, save it again, and send it once more."
)


def read_word(upload: "File[bytes]") -> list[Any]:
    """Return the blocks of a Word document, read in the child process. Raises ValidationError."""
    MOST.check(upload.size)
    with work_folder() as folder:
        source, answer = folder / "file.docx", folder / "word.json"
        copy_to(upload, source)
        try:
            run_child("word", source, folder)
        except ValidationError as error:
            if error.messages[0] in (UNREADABLE, TOO_SLOW):
                raise ValidationError(NOT_READ) from error
            raise
        if not answer.exists() or answer.stat().st_size > LARGEST_ANSWER:
            raise ValidationError(NOT_READ)
        blocks: list[Any] = json.loads(answer.read_text(encoding="utf-8"))
    return blocks


def on_pages(blocks: Sequence[Any], pages: Sequence[DocumentPage]) -> dict[int, list[Any]]:
    """Return by number the blocks of the pages of a PDF that have some."""
    starts, stream = [], ""
    for page in pages:
        starts.append(len(stream))
        stream += letters_of(text_of(page.blocks_as_read))
    found: dict[int, list[Any]] = {}
    read_to = number = 0
    for block in blocks:
        begin = letters_of(says(block))[:ENOUGH]
        place = _place_of(begin, stream, read_to)
        if place >= 0:
            number = bisect_right(starts, place) - 1
            read_to = max(read_to, place + len(begin))
        found.setdefault(pages[number].number, []).append(block)
    by_number = {page.number: page for page in pages}
    return {number: _as_read(some, by_number[number]) for number, some in sorted(found.items())}


def _place_of(begin: str, stream: str, read_to: int) -> int:
    """Return where the words of a block begin in those of a PDF; -1 if nothing tells."""
    if not begin:
        return -1
    after = stream.find(begin, read_to)
    if len(begin) < ENOUGH:
        # Short ones stand in many places.
        return after if after - read_to <= NEAR else -1
    # A box or a note is printed out of its order.
    return after if after >= 0 else stream.find(begin)


def _as_read(blocks: Iterable[Any], page: DocumentPage) -> list[Any]:
    """Give blocks the places of those that were read with their words; figures come along."""
    read = page.blocks_as_read
    places: dict[str, list[int]] = {}
    for place, block in enumerate(read):
        places.setdefault(letters_of(says(block)), []).append(place)
    figures = {
        letters_of(block["text"]): place
        for place, block in enumerate(read)
        if block["kind"] == "figure"
    }
    made = []
    for block in blocks:
        letters = letters_of(says(block))
        if letters in figures:
            place = figures.pop(letters)
            made.append({**read[place], "read_from": place})
        elif same := places.get(letters):
            made.append({**block, "read_from": same.pop(0)})
        else:
            made.append(block)
    made += [{**read[place], "read_from": place} for place in figures.values()]
    return made


def differing(page: DocumentPage, blocks: Sequence[Any], around: tuple[str, str]) -> Any:
    """Compare the blocks of a page from Word with the PDF's own words (reviews.blocks.compare).

    What begins on this page may end on the next, and the other way round.
    """
    before, after = around
    near = f"{before}\n{page.text_as_read}\n{after}"
    sources = [text_of(page.blocks_as_read), near]
    own = [text for block in page.blocks_as_read for text in texts_of(block)]
    return compare(sources, own, texts_in(blocks), [])
