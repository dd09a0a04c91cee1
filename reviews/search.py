"""Search index of publications: their own words and every page of their published documents."""

from collections.abc import Iterator, Sequence
from itertools import groupby
from math import log2
from operator import itemgetter
from typing import Any, NamedTuple

from django.db.models import BooleanField, Exists, ExpressionWrapper, OuterRef, Subquery

from mscp.database.compiled_query import Bindings, CompiledQuery
from mscp.database.pks import pk_subquery
from mscp.publishing.gate import State, StoredState, state_condition
from mscp.search import maintenance
from mscp.search.analysis import page_streams, words_of
from mscp.search.holding import holds
from mscp.search.index import Progress, SourceTable, WordIndex, register
from mscp.search.query import Query
from mscp.search.searchable import COLUMNS, rewrite_records
from reviews.findings import PRIVACY
from reviews.models import Document, DocumentPage, FileWords, Publication, Theme

# With more, counting the words in each would say little and take long.
MOST_RANKED = 200
MOST_PAGES_RANKED = 5_000
NO_SCORE = (0, 0, 0, 0, 0, 0)
# For spelling suggestions so many publications of each kind are read, and so many pages.
MOST_READ = 500
MOST_PAGES_READ = 1_000

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
# The documents are those of Document.objects.published(); a test compares the two.
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
    WHERE reviews_publication.state = '{StoredState.PUBLISHED.value}'
"""

_FILE = ("reviews_documentfile", "file_id")
_OF_FILE = "SELECT publication_id FROM reviews_document WHERE file_id = {row}.file_id"


def _holding(keys: list[int], stream: str) -> set[int]:
    """Filter publications by a stream in their own texts, in a theme or in a document.

    One query, whatever is found. Each text is scanned once at most: no phrase costs more than all
    that is published, and a query has three (mscp.search.query.MOST_PHRASES).
    """
    themes = Publication.themes.through.objects.filter(
        theme__in=Theme.objects.filter(holds("words", stream))
    )
    documents = Document.objects.published()
    parts = [
        rows.filter((f"{column}__in", pk_subquery(keys))).order_by().values_list(column)
        for rows, column in (
            (Publication.objects.filter(holds("words", stream)), "pk"),
            (themes, "publication_id"),
            (documents.filter(holds("words", stream)), "publication_id"),
            (documents.filter(_file_holds(stream)), "publication_id"),
        )
    ]
    return {key for (key,) in parts[0].union(*parts[1:], all=True)}


def _file_holds(stream: str) -> Subquery:
    """Return the condition that the file of a document holds a stream.

    As a subquery of each document: joined, PostgreSQL would look through the texts of all files,
    since it does not know that these are long, before it looks at the keys.
    """
    held = ExpressionWrapper(holds("words", stream), output_field=BooleanField())
    of_file = FileWords.objects.filter(file=OuterRef("file_id")).values(held=held)
    return Subquery(of_file, output_field=BooleanField())


def _rewrite(progress: Progress) -> None:
    """Rewrite the streams of publications, themes, documents and pages."""
    for model in (*Publication.__subclasses__(), Document, Theme):
        rewrite_records(model)
    total, done = DocumentPage.objects.count(), 0
    files = list(
        DocumentPage.objects.order_by("file_id").values_list("file_id", flat=True).distinct()
    )
    while files:
        # Repeated for files whose pages were written meanwhile.
        left: list[int] = []
        for read in _streams(files):
            left += _keep(read)
            done = min(done + sum(len(of_file.pages) for of_file in read), total)
            progress(done, total)
        files = left
    has_pages = Exists(DocumentPage.objects.filter(file=OuterRef("pk")))
    without_pages = FileWords.objects.exclude(has_pages)
    without_pages.delete()
    progress(total, total)


class FilePages(NamedTuple):
    """The pages of a file as they were read, and their stream."""

    file: int
    pages: list[int]
    words: str


def _streams(files: list[int]) -> Iterator[list[FilePages]]:
    """Yield a batch of files at a time, each with its stream.

    In one process: of 40,000 pages the streams take 11 s and the rest of a new index 6, so a second
    processor would make it a third quicker at best.
    """
    # In batches: one reader of all would hold a snapshot from which nobody can write.
    for start in range(0, len(files), FILES):
        pages = DocumentPage.objects.filter(file__in=files[start : start + FILES])
        rows = pages.order_by("file_id", "number").values_list("file_id", "pk", "text")
        some: list[FilePages] = []
        for file, of_file in groupby(list(rows), key=itemgetter(0)):
            _, keys, texts = zip(*of_file, strict=True)
            some.append(FilePages(file, list(keys), page_streams(texts)))
        yield some


def _keep(read: list[FilePages]) -> list[int]:
    """Save the streams of files that changed: usually none did.

    Returns the files whose pages have changed meanwhile.
    """
    keys = [of_file.file for of_file in read]
    existing = dict(FileWords.objects.filter(pk__in=keys).values_list("pk", "words"))
    new = {of_file.file: of_file for of_file in read if existing.get(of_file.file) != of_file.words}
    others: set[int] = set()

    def rewrite(files: list[int]) -> list[int]:
        words = FileWords.objects.filter(pk__in=files).order_by("pk")
        unlocked = words.select_for_update(skip_locked=True).values_list("pk", flat=True)
        locked = set(words.exclude(pk__in=list(unlocked)).values_list("pk", flat=True))
        pages: dict[int, list[int]] = {}
        rows = DocumentPage.objects.filter(file__in=files).order_by("file_id", "number")
        for file, page in rows.values_list("file_id", "pk"):
            pages.setdefault(file, []).append(page)
        # A new reading of a file's pages makes rows of its own.
        mine = [file for file in files if file not in locked and file in pages]
        others.update(file for file in mine if pages[file] != new[file].pages)
        FileWords.objects.bulk_create(
            [FileWords(pk=file, words=new[file].words) for file in mine if file not in others],
            update_conflicts=True,
            unique_fields=["file"],
            update_fields=["words"],
        )
        return sorted(locked)

    maintenance.rewrite_in_turns(list(new), rewrite)
    return sorted(others)


def published_texts() -> Iterator[str]:
    """Yield texts of what is published, for spelling suggestions.

    These are the names of all publications and documents, and of the newest also their texts and
    pages. Bounded, so that after a change the next reading costs the same on any site.
    """
    publications, documents = Publication.objects.published(), Document.objects.published()
    themes = Theme.objects.filter(publications__in=publications)
    for rows in (publications, documents, themes):
        yield from rows.order_by().values_list("start_words", flat=True)
    for model in Publication.__subclasses__():
        for record in model.objects.published().order_by("-pk").defer(*COLUMNS)[:MOST_READ]:
            yield from record.searchable_texts()
    sizes = documents.with_words().order_by("-pk")
    newest: list[int] = []
    total = 0
    for file, pages in sizes.values_list("file", "file__pages")[:MOST_PAGES_READ]:
        if newest and total + pages > MOST_PAGES_READ:
            break
        newest.append(file)
        total += pages
    texts = DocumentPage.objects.filter(file__in=pk_subquery(newest), number__lte=MOST_PAGES_READ)
    yield from texts.order_by().values_list("text", flat=True)


def ranked(keys: list[int], query: Query) -> list[int]:
    """Return keys by relevance: words in names, in their own texts, in their pages.

    Equal ones stay in the given order.
    """
    if not keys:
        return keys
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


def _files_of(bound: Bindings) -> Any:
    documents = Document.objects.published(at=bound.now)
    return documents.filter(publication__in=bound.keys, file__isnull=False).order_by()


_OWN = CompiledQuery(
    lambda bound: (
        Publication.objects.filter(pk__in=bound.keys)
        .order_by()
        .values_list("pk", "name_words", "words")
    )
)
_SIZES = CompiledQuery(lambda bound: _files_of(bound).values_list("file__pages"))
_TEXTS = CompiledQuery(
    lambda bound: _files_of(bound).values_list("publication_id", "file__file_words__words")
)


def _score(query: Query, names: str, words: str, texts: Sequence[str]) -> tuple[int, ...]:
    """Return the sort key, the best lowest: words in names, in its own texts, in its pages.

    Words that stand one behind the other as they were typed, not as another form of them, come
    before others; before all words in names only if small words were left out of these, which may
    turn the meaning.
    """
    run = query.run_stream
    named = [clause.count_in(names) > 0 for clause in query.wanted]
    run_named = bool(run) and run in names
    has_run = run_named or (bool(run) and any(run in words_of(one) for one in (words, *texts)))
    in_own_texts = sum(clause.count_in(words) > 0 for clause in query.wanted)
    often = sum(log2(1 + sum(clause.count_in(text) for text in texts)) for clause in query.wanted)
    all_named = all(named) and not (query.leaves_out_words and not run_named)
    return (-run_named, -all_named, -has_run, -sum(named), -in_own_texts, -round(often))


publications = register(
    WordIndex(
        name="search_publication",
        source=_SOURCE,
        source_tables=(
            SourceTable("reviews_publication", "SELECT {row}.id", ("state", *COLUMNS)),
            SourceTable(
                "reviews_publication_themes",
                "SELECT {row}.publication_id",
                shared=("reviews_theme", "theme_id"),
            ),
            SourceTable(
                "reviews_theme",
                "SELECT publication_id FROM reviews_publication_themes WHERE theme_id = {row}.id",
                ("words",),
                shared=("reviews_theme", "id"),
            ),
            SourceTable(
                "reviews_document",
                "SELECT {row}.publication_id",
                ("publication_id", "file_id", "words"),
                shared=_FILE,
            ),
            SourceTable("reviews_filewords", _OF_FILE, shared=_FILE),
            SourceTable(
                "reviews_finding",
                _OF_FILE,
                ("file_id", "kind", "accepted_sha256"),
                shared=_FILE,
            ),
        ),
        holding=_holding,
        rewrite=_rewrite,
        scheduled=CompiledQuery(
            lambda bound: (
                Publication.objects.filter(state_condition(State.SCHEDULED, at=bound.now))
                .order_by()
                .values("pk")
            )
        ),
    )
)
