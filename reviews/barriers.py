"""Accessibility barriers in published documents, as their statement counts and lists them.

They are the findings of the intake about text, tags, language and title. A file that replaces
another has findings of its own, so a document leaves the list with its better file.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from django.db.models import Count, Exists, Max, OuterRef

from reviews.models import Document, Finding
from reviews.models.documents import DocumentQuerySet
from reviews.pdf.report import Check

# Of more pages without text than these, only their number is said.
MOST_PAGES = 5


@dataclass(frozen=True)
class Barrier:
    title: str
    meaning: str
    """What it does to a reader."""
    criterion: str
    """The success criterion of WCAG 2.2 that it fails."""
    of_document: str


# The hardest first.
BARRIERS = {
    Check.NO_TEXT: Barrier(
        "Pages that are pictures",
        "A screen reader finds no words on them, and a search cannot look in them.",
        "1.1.1 Non-text Content",
        "Its pages are pictures without text",
    ),
    Check.NO_TAGS: Barrier(
        "No tags",
        "A screen reader must guess what is a heading, a list or a table, and in which order to "
        "read.",
        "1.3.1 Info and Relationships",
        "No tags",
    ),
    Check.NO_LANGUAGE: Barrier(
        "No language",
        "A screen reader cannot know in which language to speak.",
        "3.1.1 Language of Page",
        "No language",
    ),
    Check.NO_TITLE: Barrier(
        "No title",
        "The name of a file is shown and read out where the title should be.",
        "2.4.2 Page Titled",
        "No title",
    ),
}
_CHECKS = [check.value for check in BARRIERS]


class Counts(NamedTuple):
    files: int
    """All files that the public may have."""
    elsewhere: int
    """Documents that are an address of another site."""
    with_barriers: int
    """Of the files that are not exempt, as the next two."""
    pictures: int
    """Files without any text."""
    by_check: dict[Check, int]
    exempt: int
    """Exempt files with barriers."""
    last_checked: datetime | None

    @property
    def regulated(self) -> int:
        return self.files - self.exempt


class ListedDocument(NamedTuple):
    document: Document
    barriers: list[str]


def count() -> Counts:
    """Count the documents that the public may have. One query."""
    found = {
        check: Exists(Finding.objects.filter(file=OuterRef("file"), kind=check))
        for check in _CHECKS
    }
    rows = Document.objects.published().annotate(**found).order_by()
    groups = rows.values("file__has_text", "is_exempt", *_CHECKS).annotate(
        number=Count("pk"), newest=Max("file__taken_in_at")
    )
    files = elsewhere = with_barriers = pictures = exempt = 0
    by_check = dict.fromkeys(BARRIERS, 0)
    moments = []
    for group in groups:
        number = group["number"]
        if group["file__has_text"] is None:
            elsewhere += number
            continue
        files += number
        moments.append(group["newest"])
        if not any(group[check] for check in _CHECKS):
            continue
        if group["is_exempt"]:
            exempt += number
            continue
        with_barriers += number
        pictures += 0 if group["file__has_text"] else number
        for check in by_check:
            by_check[check] += number if group[check.value] else 0
    return Counts(
        files, elsewhere, with_barriers, pictures, by_check, exempt, max(moments, default=None)
    )


def with_barriers(*, exempt: bool) -> DocumentQuerySet:
    """Return the public documents whose file has barriers, those without any text first."""
    found = Finding.objects.filter(file=OuterRef("file"), kind__in=_CHECKS)
    rows = Document.objects.published().filter(Exists(found), is_exempt=exempt)
    return (
        rows.select_related("publication", "file")
        .only(
            *("uid", "title", "url", "is_exempt", "exemption_reason", "file__has_text"),
            *("publication__kind", "publication__slug", "publication__title"),
        )
        .order_by("file__has_text", "publication__title", "position", "pk")
    )


def listed(documents: Iterable[Document]) -> list[ListedDocument]:
    """Return documents with what is wrong with the file of each, in words. One query."""
    every = list(documents)
    files = [document.file_id for document in every]
    findings = Finding.objects.filter(file__in=files, kind__in=_CHECKS).order_by("page")
    pages: dict[tuple[int, str], list[int]] = {}
    for finding in findings:
        pages.setdefault((finding.file_id, finding.kind), []).extend(finding.all_pages)
    return [
        ListedDocument(
            document,
            [
                _in_words(barrier, pages[document.file_id, check.value])
                for check, barrier in BARRIERS.items()
                if document.file_id is not None and (document.file_id, check.value) in pages
            ],
        )
        for document in every
    ]


def _in_words(barrier: Barrier, pages: list[int]) -> str:
    """Name the pages that have the barrier, if it is not that of the whole file."""
    if not pages:
        return barrier.of_document
    if len(pages) == 1:
        return f"Page {pages[0]} is a picture without text"
    if len(pages) > MOST_PAGES:
        return f"{len(pages)} pages are pictures without text"
    first = ", ".join(str(page) for page in pages[:-1])
    return f"Pages {first} and {pages[-1]} are pictures without text"
