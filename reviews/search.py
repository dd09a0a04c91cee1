"""The search index of publications: their own words and every page of their published documents."""

from collections import deque
from collections.abc import Iterator, Sequence
from itertools import groupby
from math import log2
from operator import itemgetter
from typing import Any

from django.db.models import Exists, OuterRef

from mscp import stamps
from mscp.keys import these
from mscp.prepared import Given, Prepared
from mscp.publishing import Decision
from mscp.search.holding import holds
from mscp.search.index import Feed, Told, WordIndex, register
from mscp.search.many import streams_of_files
from mscp.search.query import Query
from mscp.search.searchable import COLUMNS, rewrite_records
from mscp.stamps import Stamped
from reviews.findings import PRIVACY
from reviews.models import Document, DocumentPage, FileWords, Publication, Theme

# Of more, how often the words stand in each would tell little and take long.
MOST_RANKED = 200
MOST_PAGES_RANKED = 5_000
NO_SCORE = (0, 0, 0, 0)

# Files written at once.
FILES = 50

_OPEN_FINDING = f"""
    EXISTS (
        SELECT 1 FROM reviews_finding
        JOIN reviews_documentfile ON reviews_documentfile.id = reviews_finding.file_id
        WHERE reviews_finding.file_id = reviews_document.file_id
        AND reviews_finding.kind IN ({", ".join(f"'{kind}'" for kind in sorted(PRIVACY))})
        AND reviews_finding.accepted_sha256 <> reviews_documentfile.sha256
    )
"""
_TEXT = """
    SELECT reviews_filewords.words FROM reviews_filewords
    WHERE reviews_filewords.file_id = reviews_document.file_id
"""
# The documents are those of Document.objects.published(); a test holds the two together.
_SOURCE = f"""
    SELECT
        reviews_publication.id AS id,
        reviews_publication.name_words AS names,
        reviews_publication.start_words AS starts,
        reviews_publication.words
        || COALESCE((
            SELECT {{concat}}(reviews_theme.words, '') FROM reviews_theme
            JOIN reviews_publication_themes
            ON reviews_publication_themes.theme_id = reviews_theme.id
            WHERE reviews_publication_themes.publication_id = reviews_publication.id
        ), '')
        || COALESCE((
            SELECT {{concat}}(reviews_document.words || COALESCE(({_TEXT}), ''), '')
            FROM reviews_document
            WHERE reviews_document.publication_id = reviews_publication.id
            AND NOT {_OPEN_FINDING}
        ), '') AS words
    FROM reviews_publication
    WHERE reviews_publication.state = '{Decision.PUBLISHED.value}'
"""

_FILE = ("reviews_documentfile", "file_id")
_OF_FILE = "SELECT publication_id FROM reviews_document WHERE file_id = {row}.file_id"


def _holding(keys: list[int], stream: str) -> set[int]:
    """Keep publications that hold a stream in their own texts, or in a theme or a document.

    The files come last, and only of those that are left: they are nearly all of the text.
    """
    of_theme = Publication.themes.through.objects.filter(
        theme__in=Theme.objects.filter(holds("words", stream))
    )
    documents = Document.objects.published()
    found: set[int] = set()
    for rows, column in (
        (Publication.objects.filter(holds("words", stream)), "pk"),
        (of_theme, "publication_id"),
        (documents.filter(holds("words", stream)), "publication_id"),
        (documents.filter(holds("file__file_words__words", stream)), "publication_id"),
    ):
        left = these(key for key in keys if key not in found)
        found.update(rows.filter((f"{column}__in", left)).values_list(column, flat=True))
    return found


def _rewrite(tell: Told) -> None:
    """Write the streams of publications, themes, documents and pages anew."""
    for model in (*Publication.__subclasses__(), Document, Theme):
        rewrite_records(model)
    total, done = DocumentPage.objects.count(), 0
    pages = DocumentPage.objects.order_by("file_id", "number").values_list("file_id", "text")
    read: deque[tuple[int, int]] = deque()

    def texts_of_files() -> Iterator[list[str]]:
        for file, rows in groupby(pages.iterator(), key=itemgetter(0)):
            texts = [text for _, text in rows]
            read.append((file, len(texts)))
            yield texts

    kept: dict[int, str] = {}
    for words in streams_of_files(texts_of_files(), total):
        file, number = read.popleft()
        kept[file] = words
        done += number
        if len(kept) == FILES:
            _keep(kept)
            kept.clear()
            tell(done, total)
    _keep(kept)
    has_pages = Exists(DocumentPage.objects.filter(file=OuterRef("pk")))
    FileWords.objects.exclude(has_pages).delete()
    tell(total, total)


def _keep(streams: dict[int, str]) -> None:
    """Write the streams of files that do not stand there already: most often none is new."""
    there = dict(FileWords.objects.filter(pk__in=streams).values_list("pk", "words"))
    new = [FileWords(pk=f, words=words) for f, words in streams.items() if there.get(f) != words]
    FileWords.objects.bulk_create(
        new, update_conflicts=True, unique_fields=["file"], update_fields=["words"]
    )


def ranked(keys: list[int], query: Query) -> list[int]:
    """Return keys with those first that fit best: in their names, their own texts, their pages.

    Equal ones stay in the order in which they are given.
    """
    own, texts = _OWN.rows(keys), _texts_of(keys)
    scores = {key: _score(query, names, words, texts.get(key, ())) for key, names, words in own}
    return sorted(keys, key=lambda key: scores.get(key, NO_SCORE))


def _texts_of(keys: list[int]) -> dict[int, list[str]]:
    """Return the streams of the published files of publications, unless they are too many pages."""
    if sum(pages for (pages,) in _SIZES.rows(keys)) > MOST_PAGES_RANKED:
        return {}
    texts: dict[int, list[str]] = {}
    for key, words in _TEXTS.rows(keys):
        texts.setdefault(key, []).append(words or "")
    return texts


def _files_of(given: Given) -> Any:
    documents = Document.objects.published(at=given.now)
    return documents.filter(publication__in=given.keys, file__isnull=False).order_by()


_OWN = Prepared(
    lambda given: (
        Publication.objects.filter(pk__in=given.keys)
        .order_by()
        .values_list("pk", "name_words", "words")
    )
)
_SIZES = Prepared(lambda given: _files_of(given).values_list("file__pages"))
_TEXTS = Prepared(
    lambda given: _files_of(given).values_list("publication_id", "file__file_words__words")
)


def _score(query: Query, names: str, words: str, texts: Sequence[str]) -> tuple[int, ...]:
    """Return what to sort by, the best lowest: words in names, in its own texts, in its pages."""
    named = [clause.count_in(names) > 0 for clause in query.wanted]
    told = sum(clause.count_in(words) > 0 for clause in query.wanted)
    often = sum(log2(1 + sum(clause.count_in(text) for text in texts)) for clause in query.wanted)
    return (-all(named), -sum(named), -told, -round(often))


publications = register(
    WordIndex(
        name="search_publication",
        source=_SOURCE,
        feeds=(
            Feed("reviews_publication", "SELECT {row}.id", ("state", *COLUMNS)),
            Feed(
                "reviews_publication_themes",
                "SELECT {row}.publication_id",
                shared=("reviews_theme", "theme_id"),
            ),
            Feed(
                "reviews_theme",
                "SELECT publication_id FROM reviews_publication_themes WHERE theme_id = {row}.id",
                ("words",),
                shared=("reviews_theme", "id"),
            ),
            Feed(
                "reviews_document",
                "SELECT {row}.publication_id",
                ("publication_id", "file_id", "words"),
                shared=_FILE,
            ),
            Feed("reviews_filewords", _OF_FILE, shared=_FILE),
            Feed(
                "reviews_finding",
                _OF_FILE,
                ("file_id", "kind", "accepted_sha256"),
                shared=_FILE,
            ),
        ),
        holding=_holding,
        rewrite=_rewrite,
    )
)

# Whatever is found, filtered or counted by stands in the tables that the index is made from.
LIBRARY = stamps.register(
    Stamped("library", tuple(sorted({feed.table for feed in publications.feeds})))
)
