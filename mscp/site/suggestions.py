"""Search suggestions during typing: names only, never texts."""

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any

from django.db.models import Exists, OuterRef
from django.http import HttpRequest, JsonResponse
from django.utils.text import Truncator

from mscp.cache.pages import reads
from mscp.database.compiled_query import CompiledQuery
from mscp.database.pks import ordered_by_pks
from mscp.search.analysis import plain_words
from mscp.search.index import keys_starting_with
from mscp.search.query import LONGEST_QUERY, MOST_WORDS
from reviews.filters import LibraryFilterSet
from reviews.models import Publication, Theme
from reviews.search import publications as library
from training import search as teaching
from training.models import Course, Venue

MOST = 8
MOST_THEMES = 2
MOST_OF = {Course: 2, Venue: 1}
# If more are found, not all are read.
MANY = 200
AT_ONCE = 50
FEWEST_LETTERS = 2
LONGEST_SHOWN = 110


@reads("q")
def suggestions(request: HttpRequest) -> JsonResponse:
    words = plain_words(request.GET.get("q", "")[:LONGEST_QUERY])[:MOST_WORDS]
    typed = sum(map(len, words)) >= FEWEST_LETTERS
    found = [_suggestion(record, kind) for record, kind in _matching(words)] if typed else []
    response = JsonResponse({"suggestions": found[:MOST]})
    response.headers["X-Robots-Tag"] = "noindex"
    return response


def _matching(words: list[str]) -> list[tuple[Any, str]]:
    newest = LibraryFilterSet.unfiltered()
    # A prefix of very many names is also that of some of the newest, so the index, which would
    # walk through them all, need not be queried.
    found: list[int] | None = list(_with_prefixes(words, newest.keys[:AT_ONCE]))
    if found and len(found) >= MOST:
        courses, venues = keys_starting_with(words, teaching.courses, teaching.venues, most=MANY)
    else:
        courses, venues, found = keys_starting_with(
            words, teaching.courses, teaching.venues, library, most=MANY
        )
    themes = [(theme, "Theme") for theme in _themes(words)]
    rest = [
        *((course, "Course") for course in _first(Course, words, courses)),
        *((venue, "Venue") for venue in _first(Venue, words, venues)),
    ]
    publications = _newest_publications(words, newest, found, MOST - len(themes) - len(rest))
    return [
        *themes,
        *((publication, publication.short_type) for publication in publications),
        *rest,
    ]


def _first(model: type[Course | Venue], words: list[str], keys: list[int] | None) -> list[Any]:
    """Return the first few matches; usually there are none to read."""
    if keys is None:
        keys = [key for key, names in _ALL_NAMES[model].rows() if _have_prefixes(words, names)]
    return _FOUND[model].records(keys) if keys else []


def _by_name(rows: Any) -> Any:
    """Return the first few of courses or venues."""
    name = "title" if rows.model is Course else "name"
    return rows.only(name, "slug").order_by(name)[: MOST_OF[rows.model]]


_FOUND: dict[Any, CompiledQuery] = {
    Course: CompiledQuery(
        lambda bound: _by_name(Course.objects.published(at=bound.now).filter(pk__in=bound.keys))
    ),
    Venue: CompiledQuery(lambda bound: _by_name(Venue.objects.filter(pk__in=bound.keys))),
}


def _names(rows: Any) -> Any:
    return rows.order_by().values_list("pk", "start_words")


_ALL_NAMES: dict[Any, CompiledQuery] = {
    Course: CompiledQuery(lambda bound: _names(Course.objects.published(at=bound.now))),
    Venue: CompiledQuery(lambda bound: _names(Venue.objects)),
    Theme: CompiledQuery(lambda bound: _names(Theme.objects)),
}


def _newest_publications(
    words: list[str], newest: LibraryFilterSet, found: list[int] | None, most: int
) -> list[Any]:
    if found == []:
        return []
    if found is None:
        keys = list(islice(_newest_of_many(words, newest.keys), most))
    else:
        keys = newest.first_of(found, most)
    return ordered_by_pks(keys, _PUBLICATIONS.records(keys))


_PUBLICATIONS = CompiledQuery(
    lambda bound: (
        Publication.objects.published(at=bound.now)
        .filter(pk__in=bound.keys)
        .only("kind", "type", "slug", "title")
    )
)


def _newest_of_many(words: list[str], keys: Sequence[int]) -> Iterator[int]:
    """Yield the keys whose names have words with these prefixes, in order.

    So many have that a few are among the first: quicker than to sort all of them.
    """
    for start in range(0, len(keys), AT_ONCE):
        yield from _with_prefixes(words, keys[start : start + AT_ONCE])


def _with_prefixes(words: list[str], keys: Sequence[int]) -> Iterator[int]:
    """Yield those of a few keys whose names have words with these prefixes, in order."""
    names = dict(_NAMES.rows(keys))
    return (key for key in keys if _have_prefixes(words, names.get(key, "")))


_NAMES = CompiledQuery(lambda bound: _names(Publication.objects.filter(pk__in=bound.keys)))


def _themes(words: list[str]) -> list[Theme]:
    """Return the themes in use whose names have words with these prefixes."""
    named = [key for key, names in _ALL_NAMES[Theme].rows() if _have_prefixes(words, names)]
    return _USED_THEMES.records(named) if named else []


_USED_THEMES = CompiledQuery(
    lambda bound: Theme.objects.filter(
        Exists(Publication.objects.published(at=bound.now).filter(themes=OuterRef("pk")))
        | Exists(Course.objects.published(at=bound.now).filter(themes=OuterRef("pk"))),
        pk__in=bound.keys,
    ).only("name", "slug")[:MOST_THEMES]
)


def _have_prefixes(words: list[str], names: str) -> bool:
    """Return whether each of the words is a prefix of one of the names."""
    return all(f" {word}" in names for word in words)


def _suggestion(record: Any, kind: str) -> dict[str, str]:
    text = Truncator(str(record)).chars(LONGEST_SHOWN)
    return {"text": text, "kind": kind, "address": record.get_absolute_url()}
