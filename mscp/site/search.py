"""Search over all publications, courses and venues."""

from collections.abc import Iterable
from itertools import chain
from typing import Any, NamedTuple

from django.utils.safestring import SafeString

from mscp.database.compiled_query import CompiledQuery, as_day
from mscp.listing.offers import Offers
from mscp.listing.views import FilteredListView
from mscp.search.index import find
from mscp.search.query import Query
from mscp.search.snippets import clauses_in, snippet
from mscp.text.markdown import without_marks
from reviews.filters import LibraryFilterSet
from reviews.items import complete, passages, read_rows
from reviews.models import Publication
from training import search
from training.models import Course, Venue

MOST_COURSES = 5
MOST_VENUES = 3


class SearchFilterSet(LibraryFilterSet):
    """All publications, with the courses and venues that have the words beside them."""

    texts_of = "site"
    beside = (search.courses, search.venues)

    @classmethod
    def published_texts(cls) -> Iterable[str]:
        return chain(super().published_texts(), search.published_texts())


class SearchView(FilteredListView):
    model = Publication
    filterset_class = SearchFilterSet
    template_name = "pages/search.html"
    extra_context = {
        "heading": "Search",
        "noun": "publication,publications",
        # Of other kinds too.
        "offered": "result,results",
        "none_yet": "Once there are reviews, reports and learnings, you can search all their pages "
        "here.",
    }

    def read_rows(self, keys: list[int]) -> list[Any]:
        return read_rows(Publication, keys, self.filterset.query)

    def complete(self, rows: list[Any]) -> None:
        complete(rows, self.filterset.query, found=self.total)

    def passages(self, rows: Iterable[Any]) -> Iterable[str]:
        return passages(rows)

    def get_context_data(self, **kwargs: object) -> dict[str, Any]:
        courses, venues = self.also_found = self._courses_and_venues()
        return super().get_context_data(
            courses=_with_reasons(courses[:MOST_COURSES], self.filterset.query),
            more_courses=len(courses) > MOST_COURSES,
            venues=[
                (venue, _reason(venue, _VENUE_TEXTS, self.filterset.query))
                for venue in venues[:MOST_VENUES]
            ],
            **kwargs,
        )

    def _offers(self) -> Offers:
        return Offers() if any(self.also_found) else super()._offers()

    @property
    def holds_nothing(self) -> bool:
        return super().holds_nothing and not any(self.also_found)

    def _courses_and_venues(self) -> tuple[list[Course], list[Venue]]:
        """Return those that the words match, unless a facet is chosen, which they do not have.

        If no publication has the words, they may still be prefixes of those of a course.
        """
        filterset = self.filterset
        if any(filterset.value_of(name) for name in filterset.facets):
            return [], []
        found = _found_by(filterset.query)
        widened = filterset.query.widened()
        if not (self.total or any(found)) and widened and any(found := _found_by(widened)):
            filterset.begins_with = filterset.query.wanted[-1].word
        return found


def _found_by(query: Query) -> tuple[list[Course], list[Venue]]:
    """Return the courses and venues that match; usually there are none to read.

    Nearly every record is without some word, so a query of unwanted words alone finds nothing.
    """
    if not query.wanted:
        return [], []
    courses, venues = find(query, search.courses, search.venues)
    return (
        _COURSES.records(courses) if courses else [],
        _VENUES.records(venues) if venues else [],
    )


class Reason(NamedTuple):
    """Why a course or a venue matches: where the words are, and the text around them."""

    where: str
    text: SafeString = SafeString("")
    themes: str = ""
    """The themes of a course that have words which its own texts lack."""


# The texts of a record that a search covers, beside its name, and how a reader calls them.
_COURSE_TEXTS = {
    "summary": "its summary",
    "description": "its description",
    "outcomes": "what it teaches",
    "level": "its level",
    "prerequisites": "what it asks for",
    "provider": "who gives it",
}
_VENUE_TEXTS = {
    "address": "its address",
    "directions": "the way there",
    "accessibility": "its accessibility",
}


def _reason(record: Course | Venue, texts: dict[str, str], query: Query) -> Reason:
    """Return where most words of a query are: in its name, or in one of its texts."""
    most = sum(clause.count_in(record.name_words) > 0 for clause in query.wanted)
    in_name = "its title" if isinstance(record, Course) else "its name"
    reason, best = Reason(in_name if most else ""), ""
    for name, where in texts.items():
        if most == len(query.wanted):
            # No other has more.
            break
        text = getattr(record, name)
        if (number := len(clauses_in(text, query))) > most:
            reason, best, most = Reason(where), text, number
    return reason._replace(text=snippet(without_marks(best), query)) if best else reason


def _with_reasons(courses: list[Course], query: Query) -> list[tuple[Course, Reason]]:
    """Return the courses with why each matches.

    Where its own texts have not all the words, it is a theme of the course that has the others.
    """
    lacking = {
        course.pk: missing
        for course in courses
        if (missing := [one for one in query.wanted if not one.count_in(course.words)])
    }
    themes: dict[int, list[str]] = {}
    for pk, name, words in _THEMES.rows(lacking) if lacking else ():
        if any(clause.count_in(words) for clause in lacking[pk]):
            themes.setdefault(pk, []).append(name)
    return [
        (
            course,
            _reason(course, _COURSE_TEXTS, query)._replace(
                themes=", ".join(themes.get(course.pk, []))
            ),
        )
        for course in courses
    ]


_THEMES = CompiledQuery(
    lambda bound: (
        Course.themes.through.objects.filter(course__in=bound.keys)
        .order_by("theme__position", "theme__name")
        .values_list("course_id", "theme__name", "theme__words")
    )
)
_COURSES = CompiledQuery(
    lambda bound: (
        Course.objects.published(at=bound.now)
        .filter(pk__in=bound.keys)
        .next_first(today=bound.today)
        .only("title", "slug", "name_words", "words", *_COURSE_TEXTS)[: MOST_COURSES + 1]
    ),
    convert={"next_date": as_day},
)
_VENUES = CompiledQuery(
    lambda bound: (
        Venue.objects.filter(pk__in=bound.keys)
        .only(
            *("name", "slug", "street", "town", "postcode", "name_words"),
            *("directions", "accessibility"),
        )
        .order_by("name")[:MOST_VENUES]
    )
)
