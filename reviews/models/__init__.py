"""The library: publications of three kinds, their documents, and the themes that join them."""

from reviews.models.documents import (
    Document,
    DocumentFile,
    DocumentKind,
    DocumentPage,
    FileWords,
    Finding,
    keep_pages,
)
from reviews.models.publications import (
    DATE_HELP,
    KIND_PLURALS,
    TYPES_OF_KIND,
    Briefing,
    Kind,
    NationalReport,
    PracticeReview,
    Publication,
    PublicationType,
    Theme,
    by_kind,
    newest_of,
    publications_of_themes,
)

__all__ = [
    "DATE_HELP",
    "KIND_PLURALS",
    "TYPES_OF_KIND",
    "Briefing",
    "Document",
    "DocumentFile",
    "DocumentKind",
    "DocumentPage",
    "FileWords",
    "Finding",
    "Kind",
    "NationalReport",
    "PracticeReview",
    "Publication",
    "PublicationType",
    "Theme",
    "by_kind",
    "keep_pages",
    "newest_of",
    "publications_of_themes",
]
