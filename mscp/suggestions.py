"""What a visitor who types into a search box may want to go to: names only, never texts."""

from typing import Any

from django.db.models import Exists, OuterRef, Q
from django.http import HttpRequest, JsonResponse, QueryDict
from django.utils.text import Truncator

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
    found, courses, venues = keys_starting_with(words, library, teaching.courses, teaching.venues)
    themes = [(theme, "Theme") for theme in _themes(words)[:MOST_THEMES]]
    rest = [
        *((course, "Course") for course in _first(Course.objects.published(), courses, "title")),
        *((venue, "Venue") for venue in _first(Venue.objects.all(), venues, "name")),
    ]
    publications = _newest_publications(found, MOST - len(themes) - len(rest))
    return [
        *themes,
        *((publication, publication.short_type) for publication in publications),
        *rest,
    ]


def _first(rows: Any, keys: list[int], order: str) -> Any:
    """Return the first few of the rows with these keys; most often there are none to read."""
    return rows.filter(pk__in=keys).order_by(order)[: MOST_OF[rows.model]] if keys else []


def _newest_publications(found: list[int], most: int) -> list[Any]:
    if not found:
        return []
    published = Publication.objects.published()
    keys = LibraryFilterSet(QueryDict(), published).first_of(found, most)
    by_key = published.in_bulk(keys)
    return [by_key[key] for key in keys if key in by_key]


def _themes(words: list[str]) -> Any:
    """Return the themes under which something is published and whose names hold the words."""
    publications = Publication.objects.published().filter(themes=OuterRef("pk"))
    courses = Course.objects.published().filter(themes=OuterRef("pk"))
    named = Q()
    for word in words:
        named &= Q(start_words__contains=f" {word}")
    return Theme.objects.filter(named).filter(Exists(publications) | Exists(courses))


def _told(record: Any, kind: str) -> dict[str, str]:
    text = Truncator(str(record)).chars(LONGEST_SHOWN)
    return {"text": text, "kind": kind, "address": record.get_absolute_url()}
