"""Search indexes of courses and venues."""

from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any

from django.db.models import Q, QuerySet

from mscp.database.compiled_query import CompiledQuery
from mscp.database.pks import pk_subquery
from mscp.publishing.gate import State, StoredState, state_condition
from mscp.search.holding import holds
from mscp.search.index import SourceTable, WordIndex, find_each, register
from mscp.search.query import Clause, Query
from mscp.search.searchable import COLUMNS, rewrite_records
from reviews.models import Theme
from training.models import Course, Session, Venue

# How many courses, and venues, are read for spelling suggestions.
MOST_READ = 500

_COURSES = f"""
    SELECT
        training_course.id AS id,
        training_course.name_words AS names,
        training_course.start_words AS starts,
        training_course.words
        || COALESCE((
            SELECT {{concat}}(reviews_theme.words, '') FROM reviews_theme
            JOIN training_course_themes ON training_course_themes.theme_id = reviews_theme.id
            WHERE training_course_themes.course_id = training_course.id
        ), '') AS words
    FROM training_course
    WHERE training_course.state = '{StoredState.PUBLISHED.value}'
"""
_VENUES = """
    SELECT id, name_words AS names, start_words AS starts, words FROM training_venue
"""


def _courses_holding(keys: list[int], stream: str) -> set[int]:
    of_theme = Course.themes.through.objects.filter(
        course__in=pk_subquery(keys), theme__in=Theme.objects.filter(holds("words", stream))
    )
    own = _own_holding(Course, keys, stream).order_by()
    return set(own.union(of_theme.order_by().values_list("course_id", flat=True), all=True))


def _own_holding(model: type[Course | Venue], keys: list[int], stream: str) -> QuerySet[Any, int]:
    rows = model.objects.filter(holds("words", stream), pk__in=pk_subquery(keys))
    return rows.values_list("pk", flat=True)


courses = register(
    WordIndex(
        name="search_course",
        source=_COURSES,
        source_tables=(
            SourceTable("training_course", "SELECT {row}.id", ("state", *COLUMNS)),
            SourceTable(
                "training_course_themes",
                "SELECT {row}.course_id",
                shared=("reviews_theme", "theme_id"),
            ),
            SourceTable(
                "reviews_theme",
                "SELECT course_id FROM training_course_themes WHERE theme_id = {row}.id",
                ("words",),
                shared=("reviews_theme", "id"),
            ),
        ),
        holding=_courses_holding,
        rewrite=lambda progress: rewrite_records(Course),
        scheduled=CompiledQuery(
            lambda bound: (
                Course.objects.filter(state_condition(State.SCHEDULED, at=bound.now))
                .order_by()
                .values("pk")
            )
        ),
    )
)
venues = register(
    WordIndex(
        name="search_venue",
        source=_VENUES,
        source_tables=(SourceTable("training_venue", "SELECT {row}.id", tuple(COLUMNS)),),
        holding=partial(_own_holding, Venue),
        rewrite=lambda progress: rewrite_records(Venue),
    )
)


def published_texts() -> Iterator[str]:
    """Yield texts of what is published, for spelling suggestions: the newest courses and venues.

    Bounded, so that after a change the next reading costs the same on any site.
    """
    courses = Course.objects.published()
    yield from Theme.objects.filter(courses__in=courses).values_list("start_words", flat=True)
    for rows in (courses, Venue.objects):
        for record in rows.order_by("-pk").defer(*COLUMNS)[:MOST_READ]:
            yield from (*record.searchable_names(), *record.searchable_texts())


def find_sessions(query: Query) -> list[int]:
    """Return the keys of published sessions with each word in their course or venue."""
    wanted, unwanted = Q(), Q()
    found = find_each([*query.wanted, *query.unwanted], courses, venues)
    for number, (of_course, of_venue) in enumerate(found):
        having = Q(course__in=pk_subquery(of_course)) | Q(venue__in=pk_subquery(of_venue))
        if number < len(query.wanted):
            wanted &= having
        else:
            unwanted |= having
    rows = Session.objects.published().filter(wanted)
    rows = rows.exclude(unwanted) if query.unwanted else rows
    return list(rows.order_by().values_list("pk", flat=True))


def find_sessions_of_each(clauses: Sequence[Clause]) -> list[list[int]]:
    """Return for each clause the keys of the published sessions with it in course or venue."""
    found = find_each(clauses, courses, venues)
    rows = Session.objects.published().order_by().values_list("pk", "course_id", "venue_id")
    sessions = list(rows)
    return [
        [pk for pk, course, venue in sessions if course in of_course or venue in of_venue]
        for of_course, of_venue in (map(set, keys) for keys in found)
    ]
