"""Reads a file completely: its text, its findings, and a picture of its first page."""

import errno
import os
import pickle
import signal
import struct
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pypdfium2 as pdfium

# What is not known when a cover is saved would be looked for in all forty formats of Pillow.
from PIL import Image, WebPImagePlugin  # noqa: F401

from reviews.pdf.as_written import as_written
from reviews.pdf.blocks import PageOfLines, blocks_of_lines
from reviews.pdf.characters import PageOfChars
from reviews.pdf.covered_pictures import look_under_boxes
from reviews.pdf.drawing import Box, OpenPage, open_document, open_page
from reviews.pdf.hidden_text import mark_hidden
from reviews.pdf.inside import look_inside
from reviews.pdf.limits import NO_ROOM_STATUS, end_with_parent, is_no_room
from reviews.pdf.merging import merged
from reviews.pdf.opening import AGAIN, LOCKED, open_file, pages_with_content
from reviews.pdf.page_parts import parts_of
from reviews.pdf.plain_text import plain_text
from reviews.pdf.report import ANSWER, COVER_WIDTHS, Check, Found, PageRead, Reading, Refused
from reviews.pdf.text import letters_of
from reviews.pdf.unseen_pictures import look_for_unseen_pictures

# After so many seconds of processor time the remaining pages are read without comparing them with
# their pictures, and earlier if otherwise not all would be read after so many.
SECONDS_FOR_HIDDEN_TEXT = 40
SECONDS_FOR_PAGES = 46
# The share of it for finding the roles of the text, which takes longer for each page the more pages
# a file has.
SECONDS_FOR_ROLES = 8
# The number of pages from which a second process pays off.
PAGES_FOR_TWO = 8
# The greatest height of a cover, as a multiple of its width.
TALLEST_COVER = 2.0
# 2,000 pages of 5,000 letters. Anything longer is an attack.
MOST_LETTERS = 10_000_000


@dataclass
class OnePage:
    index: int
    lines: PageOfLines
    text: str
    found: list[Found]
    has_words: bool
    has_ink: bool


@dataclass
class Job:
    """Shared by the two processes: the file, the remaining pages, and the time."""

    data: bytes
    todo: int
    count: int
    output: Path
    # The pages whose content is more than the few operators of an empty one.
    with_content: set[int]


def read_file(source: Path, output: Path) -> None:
    """Write the answer, the covers and, if it was repaired, the file. Raises Refused."""
    file = open_file(source.read_bytes())
    if file.was_repaired:
        (output / "repaired.pdf").write_bytes(file.data)
    inside = look_inside(file)
    count, with_content = len(file.pdf.pages), pages_with_content(file.pdf)
    file.pdf.close()
    pages = _read_pages(Job(inside.data, _queue(count), count, output, with_content))
    found = [*inside.found, *(one for page in pages for one in page.found), *_without_text(pages)]
    found += inside.beside(" ".join(page.text for page in pages))
    if file.was_repaired:
        found.append(Found(Check.REPAIRED))
    hiding = {one.page for one in found if one.check not in _BESIDE_THE_TEXT | _OF_LETTERS}
    blocks = blocks_of_lines(
        # What is cut out of a page with a finding could hide a part of what was found.
        [
            page.lines._replace(figures=[]) if page.index + 1 in hiding else page.lines
            for page in pages
        ]
    )
    reading = Reading(
        pages=[
            PageRead(page.text, [dict(block) for block in own])
            for page, own in zip(pages, blocks, strict=True)
        ],
        title=inside.title,
        language=inside.language,
        is_tagged=inside.is_tagged,
        has_text=any(page.has_words for page in pages),
        found=merged(found),
    )
    # Renamed when it is whole: what is drawn afterwards may be broken off, and this is then kept.
    part = output / f"{ANSWER}.part"
    part.write_text(reading.to_json(), encoding="utf-8")
    part.rename(output / ANSWER)


# Findings that say nothing of how a page looks and reads.
_BESIDE_THE_TEXT = frozenset(
    {
        Check.PROGRAM_DATA,
        Check.PICTURE_DATA,
        Check.PRIVATE_LINK,
        Check.ATTACHMENT,
        Check.WORDS_ON_NO_PAGE,
        Check.OTHER_WORDS,
        Check.NO_TEXT,
    }
)


# Findings of letters that are hidden, of which the places are known.
_OF_LETTERS = frozenset(
    {
        Check.COVERED_TEXT,
        Check.INVISIBLE_TEXT,
        Check.PALE_TEXT,
        Check.TINY_TEXT,
        Check.OFF_PAGE_TEXT,
    }
)


def _without_text(pages: list[OnePage]) -> Iterator[Found]:
    """Yield a finding for each page that shows something but has no text for a screen reader."""
    silent = [page for page in pages if page.has_ink and not page.has_words]
    if not any(page.has_words for page in pages):
        yield Found(Check.NO_TEXT)
    else:
        yield from (Found(Check.NO_TEXT, page.index + 1) for page in silent)


# --- pages, by two processes ------------------------------------------------------------------


def _read_pages(job: Job) -> list[OnePage]:
    parent = os.getpid()
    helper = os.fork() if job.count >= PAGES_FOR_TWO else None
    if helper == 0:
        _help(job, parent)
    pages = list(_pages(job, draws_covers=True))
    if helper is not None:
        _, status = os.waitpid(helper, 0)
        if status:
            raise _failure_of_helper(job.output, status)
        with (job.output / "pages").open("rb") as file:
            # Written a moment ago by a process as confined as this one.
            pages += pickle.load(file)  # noqa: S301
    if sum(len(page.text) for page in pages) > MOST_LETTERS:
        raise Refused("This file holds more text than a document can.")
    return sorted(pages, key=lambda page: page.index)


def _queue(count: int) -> int:
    """Return a pipe with the numbers of the pages; the process that reads one does that page."""
    reader, writer = os.pipe()
    os.write(writer, b"".join(struct.pack("<I", index) for index in range(count)))
    os.close(writer)
    return reader


def _help(job: Job, parent: int) -> None:
    """Read pages until none is left, and exit."""
    code = 1
    end_with_parent(parent)
    try:
        pages = list(_pages(job, draws_covers=False))
        with (job.output / "pages").open("wb") as file:
            pickle.dump(pages, file, protocol=pickle.HIGHEST_PROTOCOL)
        code = 0
    except Refused as refused:
        (job.output / "refused-by-helper").write_text(str(refused), encoding="utf-8")
    except OSError as error:
        if is_no_room(error):
            code = NO_ROOM_STATUS
    finally:
        os._exit(code)


def _failure_of_helper(output: Path, status: int) -> Exception:
    """Return the error of the helper; a signal by the system ends this process the same way."""
    if os.WIFSIGNALED(status) and os.WTERMSIG(status) in (signal.SIGKILL, signal.SIGXCPU):
        os.kill(os.getpid(), os.WTERMSIG(status))
    if os.WIFEXITED(status) and os.WEXITSTATUS(status) == NO_ROOM_STATUS:
        return OSError(errno.ENOSPC, "The helper found no room for its pages.")
    refusal_file = output / "refused-by-helper"
    if refusal_file.exists():
        return Refused(refusal_file.read_text(encoding="utf-8"))
    return Refused(f"Part of this file cannot be read within the limits. {AGAIN}")


def _pages(job: Job, *, draws_covers: bool) -> Iterator[OnePage]:
    try:
        document = open_document(job.data)
    except pdfium.PdfiumError as error:
        if "password" in str(error).lower():
            # qpdf treats a missing password as the owner's, which most readers do not.
            raise Refused(LOCKED) from None
        raise Refused(f"This file is damaged and cannot be read. {AGAIN}") from None
    try:
        if draws_covers:
            _draw_covers(document, job.output)
        clock = _Clock(job)
        while packed := os.read(job.todo, 4):
            (index,) = struct.unpack("<I", packed)
            try:
                with open_page(document, index) as page:
                    yield _page(page, index, job, clock)
            except pdfium.PdfiumError:
                raise Refused(f"Page {index + 1} of this file cannot be read. {AGAIN}") from None
    finally:
        document.close()


class _Clock:
    """Budgets the processor time of this process: the text of every page comes first."""

    def __init__(self, job: Job) -> None:
        self.job = job
        self.processes = 2 if job.count >= PAGES_FOR_TWO else 1
        self.pages = 0
        self.for_roles = self.for_comparing = 0.0
        self.began = time.process_time()

    def may_find_roles(self) -> bool:
        return self.for_roles < SECONDS_FOR_ROLES

    def may_compare(self, index: int) -> bool:
        """Return whether the remaining pages can still be read after comparing this one."""
        now = time.process_time()
        a_page = (now - self.began - self.for_comparing) / (self.pages + 1)
        until = now + (self.job.count - index) * a_page / self.processes
        return now < SECONDS_FOR_HIDDEN_TEXT and until < SECONDS_FOR_PAGES


def _page(page: OpenPage, index: int, job: Job, clock: _Clock) -> OnePage:
    drawn = page.drawn()
    if not drawn.count and index in job.with_content:
        raise Refused(f"Page {index + 1} of this file cannot be drawn. {AGAIN}")
    started = time.process_time()
    roles = page.roles() if clock.may_find_roles() else {}
    clock.for_roles += time.process_time() - started
    letters = letters_of(page, drawn, roles)
    found = []
    of_letters = 0
    if clock.may_compare(index):
        started = time.process_time()
        try:
            found = mark_hidden(page, drawn, letters)
            of_letters = sum(one.check in _OF_LETTERS for one in found)
            found += [
                *look_under_boxes(page, drawn),
                *look_for_unseen_pictures(page, drawn),
            ]
        except (ArithmeticError, IndexError, TypeError, ValueError):
            why = "its text could not be compared with its picture"
            found = [Found(Check.NOT_CHECKED, index + 1, [why])]
        clock.for_comparing += time.process_time() - started
    elif letters:
        why = "there was not enough time to compare its text with its picture"
        found = [Found(Check.NOT_CHECKED, index + 1, [why])]
    seen = [letter for letter in letters if letter.hidden is None]
    shown = [letter.char for letter in seen]
    chars = as_written(PageOfChars(index + 1, page.width, page.height, shown))
    hidden = [letter.char for letter in letters if letter.hidden is not None]
    parts = parts_of(
        page,
        drawn,
        seen,
        chars.chars,
        cuts=of_letters == len(found),
        hidden=[Box(char.left, char.top, char.right, char.bottom) for char in hidden],
    )
    clock.pages += 1
    return OnePage(
        index=index,
        lines=PageOfLines(page.height, parts.lines, parts.tables, parts.figures, page.width),
        text=plain_text(chars),
        found=found,
        has_words=any(letter.counts for letter in seen),
        has_ink=bool(drawn.shapes),
    )


def _draw_covers(document: pdfium.PdfDocument, output: Path) -> None:
    try:
        with open_page(document, 0) as page:
            largest = max(COVER_WIDTHS)
            # Twice as large and then reduced, so that its small type looks like type.
            side = max(page.width, page.height / TALLEST_COVER, 1)
            picture = page.picture(scale=2 * largest / side)
    except pdfium.PdfiumError:
        raise Refused(f"Page 1 of this file cannot be read. {AGAIN}") from None
    if picture.height > picture.width * TALLEST_COVER:
        picture = picture.crop((0, 0, picture.width, int(picture.width * TALLEST_COVER)))
    for width in COVER_WIDTHS:
        height = max(round(picture.height * width / picture.width), 1)
        # Half the work of Pillow's default, and reduced as well.
        small = picture.resize((width, height), Image.Resampling.HAMMING, reducing_gap=2)
        # The next method takes more than twice the time to save 4 % of the bytes.
        small.save(output / f"cover-{width}.webp", "WEBP", quality=82, method=2)
