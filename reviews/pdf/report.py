"""Report of the child process about a file: plain values, as JSON."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

# The file with the reading, in the folder of the child.
ANSWER = "reading.json"
# What the child is asked, beyond its arguments.
ASKED = "asked.json"
# Widths in pixels of the pictures of the first page.
COVER_WIDTHS = (160, 480)
# Of the picture of a page: its width in pixels, and its greatest height as a multiple of that.
PICTURE_WIDTH = 900
TALLEST_PICTURE = 2
# Of one file: pages that have pictures, bytes of one, and bytes of all together.
MOST_PICTURES = 300
LARGEST_PICTURE = 200 * 1024
LARGEST_PICTURES = 20 * 1024 * 1024


# The answer with all texts of a file, seen or not (reviews.pdf.all_texts).
ALL_TEXTS = "texts.json"


class PlaceInside(StrEnum):
    """Where in a file a text stands, as far as somebody must know to find it."""

    PAGE = "page"
    PROPERTIES = "properties"
    BOOKMARKS = "bookmarks"
    NOTES = "notes"
    ATTACHED = "attached"
    TAGS = "tags"
    PICTURES = "pictures"
    ELSEWHERE = "elsewhere"
    # What a program can bring back that undoes the last changes.
    EARLIER = "earlier"


def picture_name(number: int) -> str:
    """Return the name that the child gives to the picture of a page."""
    return f"page-{number}.webp"


class Check(StrEnum):
    """A kind of finding. Its words for editors are in reviews.findings."""

    NAMES_IN_PROPERTIES = "names_in_properties"
    PROGRAMS_IN_PROPERTIES = "programs_in_properties"
    COMMENTS = "comments"
    UNAPPLIED_REDACTION = "unapplied_redaction"
    COVERED_TEXT = "covered_text"
    INVISIBLE_TEXT = "invisible_text"
    PALE_TEXT = "pale_text"
    TINY_TEXT = "tiny_text"
    OFF_PAGE_TEXT = "off_page_text"
    HIDDEN_LAYER = "hidden_layer"
    COVERED_PICTURE = "covered_picture"
    UNSEEN_PICTURE = "unseen_picture"
    UNDER_PAGE_COLOUR = "under_page_colour"
    ATTACHMENT = "attachment"
    SCRIPT = "script"
    FORM_VALUES = "form_values"
    EARLIER_REVISION = "earlier_revision"
    PICTURE_DATA = "picture_data"
    PROGRAM_DATA = "program_data"
    PRIVATE_LINK = "private_link"
    UNUSED_PART = "unused_part"
    OTHER_WORDS = "other_words"
    TELLING_FILE_NAME = "telling_file_name"
    NOT_CHECKED = "not_checked"

    WORDS_ON_NO_PAGE = "words_on_no_page"

    NO_TAGS = "no_tags"
    NO_LANGUAGE = "no_language"
    NO_TITLE = "no_title"
    NO_TEXT = "no_text"
    NO_BOOKMARKS = "no_bookmarks"
    COPYING_FORBIDDEN = "copying_forbidden"
    REPAIRED = "repaired"


# Kinds of which a file has one finding, whatever its pages: the same cause, settled at once. Of any
# other kind each page is judged for itself.
TOGETHER = frozenset(
    {
        *(Check.NAMES_IN_PROPERTIES, Check.PROGRAMS_IN_PROPERTIES, Check.COMMENTS),
        *(Check.ATTACHMENT, Check.SCRIPT, Check.FORM_VALUES, Check.EARLIER_REVISION),
        *(Check.PICTURE_DATA, Check.PROGRAM_DATA, Check.PRIVATE_LINK, Check.UNUSED_PART),
        *(Check.OTHER_WORDS, Check.WORDS_ON_NO_PAGE, Check.NO_TEXT, Check.OFF_PAGE_TEXT),
    }
)


@dataclass
class Found:
    """One finding: on one page, on several, or (page None) in the file as such."""

    check: Check
    page: int | None = None
    # Details, each a few words or an excerpt of the text.
    details: list[str] = field(default_factory=list)
    # All pages of it, the first of which is ``page``; empty where that says it.
    pages: list[int] = field(default_factory=list)


def pages_in_words(pages: Iterable[int]) -> str:
    """Return pages as text, with runs in short: "page 3", "pages 1–12 and 15"."""
    every = sorted(set(pages))
    parts: list[str] = []
    at = 0
    while at < len(every):
        end = at
        while end + 1 < len(every) and every[end + 1] == every[end] + 1:
            end += 1
        if end > at + 1:
            parts.append(f"{every[at]}–{every[end]}")
        else:
            # Two in a row are told one by one.
            parts += [str(page) for page in every[at : end + 1]]
        at = end + 1
    together = " and ".join([", ".join(parts[:-1]), parts[-1]] if len(parts) > 1 else parts)
    return f"page{'s' if len(every) > 1 else ''} {together}"


@dataclass
class PageRead:
    # All visible words, one line for each line of the page; nothing hidden.
    text: str
    # The same as paragraphs and headings: see reviews.pdf.paragraphs.Block.
    blocks: list[dict[str, Any]]


@dataclass
class Reading:
    """The result of reading a file completely."""

    pages: list[PageRead]
    title: str
    language: str
    is_tagged: bool
    has_text: bool
    found: list[Found]

    def to_json(self) -> str:
        # What it is made of is read where it stands: a copy of all blocks takes as long again.
        return json.dumps(self, default=vars)

    @classmethod
    def from_json(cls, text: str) -> Reading:
        data = json.loads(text)
        data["pages"] = [PageRead(**page) for page in data["pages"]]
        data["found"] = [
            Found(Check(found["check"]), found["page"], found["details"], found["pages"])
            for found in data["found"]
        ]
        return cls(**data)


class Refused(Exception):  # noqa: N818 - said of the file
    """The file is refused; the message is a sentence for the editor."""


class CannotClean(Exception):  # noqa: N818 - said of the file
    """No cleaned copy can be made; the message is a sentence for the editor."""
