"""Related records of a publication or a course: publications, documents, themes.

Related publications are the newest few of each kind that share a theme. They are looked up in the
bitmap index of the lists (mscp/listing/bitmap_index.py), and only their rows are read: the cost of
a page follows what it shows. A window function in the database would rank every publication of its
themes.
"""

from collections.abc import Iterable
from typing import Any

from django.db.models import F
from django.db.models.expressions import RawSQL

from mscp.database.compiled_query import Bindings, CompiledQuery
from mscp.database.pks import either_pks, ordered_by_pks
from reviews.filters import LibraryFilterSet
from reviews.models import Briefing, Document, Kind, PracticeReview, Publication
from reviews.models.publications import PublicationQuerySet

MOST_RELATED = 5
# Fields of a related publication that its item shows.
_ROW = ("kind", "slug", "title", "type", "report_date", "is_sample")
# What the page of a publication does not show of its documents.
_NOT_SHOWN = (
    *("created_at", "created_by", "updated_by", "version", "url_checked_on", "added_later"),
    *("words", "name_words", "start_words"),
)
# Fields of a file that the page of a publication shows.
FILE_FIELDS = (
    *("cover", "large_cover", "cover_height"),
    *("size", "pages", "language", "has_text", "is_typed"),
)


def newest_of_each_kind(
    themes: Iterable[str], most: int, *, direct: Iterable[int] = (), without: Iterable[int] = ()
) -> list[Publication]:
    """Return at most so many publications of each kind that have one of the themes (slugs).

    In the order of the kinds, and in each kind: those whose keys are ``direct``, whatever their
    themes, then the others; both by date, the newest first and those without one last, then by
    title and key. The direct say so as ``is_direct``. Those whose keys are ``without`` are left
    out.
    """
    direct = set(direct)
    keys = _nearest(themes, most, direct, without)
    if not keys:
        return []
    # Through the gate again: the index may be a moment older than a withdrawal.
    found = ordered_by_pks(keys, _ROWS.records(keys))
    for publication in found:
        publication.is_direct = publication.pk in direct
    return found


def related_to_review(
    review: PracticeReview, themes: Iterable[str], most: int
) -> list[Publication]:
    """Return what ``newest_of_each_kind`` does, with the learnings about a review as direct.

    These are read with the rest, so that finding them takes no query of its own.
    """
    keys = _nearest(themes, most, (), [review.pk])
    shown: list[Publication] = []
    found = _WITH_LEARNINGS.records(keys, review=review.pk)
    for publication in found:
        publication.is_direct = publication.learning_about == review.pk
    for kind in Kind:
        of_kind = [publication for publication in found if publication.kind == kind]
        # A stable sort: within each half they stay in the order of the query.
        shown += sorted(of_kind, key=lambda publication: not publication.is_direct)[:most]
    return shown


def number_of_each_kind(theme: str) -> dict[Kind, int]:
    """Return how many published publications of each kind have a theme (slug)."""
    return LibraryFilterSet.unfiltered().numbers_of_kinds(theme)


def documents_of(publication: Publication, *, public: bool) -> list[Document]:
    """Return the documents of a publication in order, each with its file.

    Visitors get published ones; a preview shows all.
    """
    documents = _PUBLIC_DOCUMENTS if public else _DOCUMENTS
    return documents.records(publication=publication.pk)


def _nearest(
    themes: Iterable[str], most: int, direct: Iterable[int], without: Iterable[int]
) -> list[int]:
    library = LibraryFilterSet.unfiltered()
    return library.nearest_of_each_kind(themes, most, direct=direct, without=without)


def _rows_of(keys: RawSQL, bound: Bindings) -> PublicationQuerySet[Publication]:
    return Publication.objects.published(at=bound.now).filter(pk__in=keys).only(*_ROW)


def _with_learnings(bound: Bindings) -> PublicationQuerySet[Any]:
    learnings = Briefing.objects.published(at=bound.now).filter(review=bound.value("review"))
    keys = either_pks(bound.keys, learnings.newest_first()[:MOST_RELATED])
    return _rows_of(keys, bound).annotate(learning_about=F("briefing__review")).newest_first()


_ROWS = CompiledQuery(lambda bound: _rows_of(bound.keys, bound))
_WITH_LEARNINGS = CompiledQuery(_with_learnings)
_PUBLIC_DOCUMENTS = CompiledQuery(
    lambda bound: (
        Document.objects.published(at=bound.now)
        .filter(publication=bound.value("publication"))
        .defer(*_NOT_SHOWN)
    ),
    joined={"file": FILE_FIELDS},
)
_DOCUMENTS = CompiledQuery(
    lambda bound: Document.objects.filter(publication=bound.value("publication")).defer(
        *_NOT_SHOWN
    ),
    joined={"file": FILE_FIELDS},
)
