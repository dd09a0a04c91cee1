"""What a visitor who types into a search box may want to go to: names only, never texts."""

from collections.abc import Iterator
from itertools import islice
from typing import Any

from django.db.models import Exists, OuterRef, Q
from django.http import HttpRequest, JsonResponse, QueryDict
from django.utils.text import Truncator

from mscp.keys import these
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
# Of more, not all are read.
MANY = 200
AT_ONCE = 50
FEWEST_LETTERS = 2
LONGEST_SHOWN = 110


def suggestions(request: HttpRequest) -> JsonResponse:
    words = plain_words(request.GET.get("q", "")[:LONGEST_QUERY])[:MOST_WORDS]
    typed = sum(map(len, words)) >= FEWEST_LETTERS
    found = [_told(record, kind) for record, kind in _matching(words)] if typed else []
    response = JsonResponse({"suggestions": found[:MOST]})
    response.headers["X-Robots-Tag"] = "noindex"
    return response


def _matching(words: list[str]) -> list[tuple[Any, str]]:
    found, courses, venues = keys_starting_with(
        words, library, teaching.courses, teaching.venues, most=MANY
    )
    themes = [(theme, "Theme") for theme in _themes(words)]
    rest = [
        *(
            (course, "Course")
            for course in _first(Course.objects.published(), words, courses, "title")
        ),
        *((venue, "Venue") for venue in _first(Venue.objects.all(), words, venues, "name")),
    ]
    publications = _newest_publications(words, found, MOST - len(themes) - len(rest))
    return [
        *themes,
        *((publication, publication.short_type) for publication in publications),
        *rest,
    ]


def _first(rows: Any, words: list[str], keys: list[int] | None, order: str) -> Any:
    """Return the first few of the rows that were found; most often there are none to read."""
    if keys == []:
        return []
    found = rows.filter(_begin_so(words) if keys is None else Q(pk__in=keys))
    return found.only(order, "slug").order_by(order)[: MOST_OF[rows.model]]


def _newest_publications(words: list[str], found: list[int] | None, most: int) -> list[Any]:
    if found == []:
        return []
    published = Publication.objects.published()
    newest = LibraryFilterSet(QueryDict(), published)
    if found is None:
        keys = list(islice(_newest_of_many(words, newest.keys), most))
    else:
        keys = newest.first_of(found, most)
    by_key = published.only("kind", "type", "slug", "title").in_bulk(keys)
    return [by_key[key] for key in keys if key in by_key]


def _newest_of_many(words: list[str], keys: list[int]) -> Iterator[int]:
    """Yield of keys, in their order, those with names that begin so.

    So many do that a few are among the first: quicker than to hold all of them to the order.
    """
    for start in range(0, len(keys), AT_ONCE):
        some = keys[start : start + AT_ONCE]
        begin_so = Publication.objects.filter(_begin_so(words), pk__in=these(some))
        found = set(begin_so.values_list("pk", flat=True))
        yield from filter(found.__contains__, some)


def _themes(words: list[str]) -> list[Theme]:
    """Return the themes under which something is published and whose names hold the words."""
    named = list(Theme.objects.filter(_begin_so(words)).values_list("pk", flat=True))
    if not named:
        return []
    publications = Publication.objects.published().filter(themes=OuterRef("pk"))
    courses = Course.objects.published().filter(themes=OuterRef("pk"))
    used = Theme.objects.filter(Exists(publications) | Exists(courses), pk__in=named)
    return list(used.only("name", "slug")[:MOST_THEMES])


def _begin_so(words: list[str]) -> Q:
    named = Q()
    for word in words:
        named &= Q(start_words__contains=f" {word}")
    return named


def _told(record: Any, kind: str) -> dict[str, str]:
    text = Truncator(str(record)).chars(LONGEST_SHOWN)
    return {"text": text, "kind": kind, "address": record.get_absolute_url()}
