"""The search indexes of courses and of venues."""

from functools import partial
from typing import Any

from django.db.models import Q

from mscp import stamps
from mscp.keys import these
from mscp.publishing import Decision
from mscp.search.holding import holds
from mscp.search.index import Feed, WordIndex, find_each, register
from mscp.search.query import Query
from mscp.search.searchable import COLUMNS, rewrite_records
from mscp.stamps import Stamped
from reviews.models import Theme
from training.models import Course, Session, Venue

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
    WHERE training_course.state = '{Decision.PUBLISHED.value}'
"""
_VENUES = """
    SELECT id, name_words AS names, start_words AS starts, words FROM training_venue
"""


def _courses_holding(keys: list[int], stream: str) -> set[int]:
    of_theme = Course.themes.through.objects.filter(
        course__in=these(keys), theme__in=Theme.objects.filter(holds("words", stream))
    )
    return {*_own_holding(Course, keys, stream), *of_theme.values_list("course_id", flat=True)}


def _own_holding(model: Any, keys: list[int], stream: str) -> Any:
    rows = model.objects.filter(holds("words", stream), pk__in=these(keys))
    return rows.values_list("pk", flat=True)


courses = register(
    WordIndex(
        name="search_course",
        source=_COURSES,
        feeds=(
            Feed("training_course", "SELECT {row}.id", ("state", *COLUMNS)),
            Feed(
                "training_course_themes",
                "SELECT {row}.course_id",
                shared=("reviews_theme", "theme_id"),
            ),
            Feed(
                "reviews_theme",
                "SELECT course_id FROM training_course_themes WHERE theme_id = {row}.id",
                ("words",),
                shared=("reviews_theme", "id"),
            ),
        ),
        holding=_courses_holding,
        rewrite=lambda tell: rewrite_records(Course),
    )
)
venues = register(
    WordIndex(
        name="search_venue",
        source=_VENUES,
        feeds=(Feed("training_venue", "SELECT {row}.id", tuple(COLUMNS)),),
        holding=partial(_own_holding, Venue),
        rewrite=lambda tell: rewrite_records(Venue),
    )
)


# What is found by words stands in the tables of the indexes, and the rest of what lists filter by
# in these.
TRAINING = stamps.register(
    Stamped(
        "training",
        tuple(
            sorted(
                {feed.table for index in (courses, venues) for feed in index.feeds}
                | {"training_session", "training_course_audiences", "training_audience"}
            )
        ),
    )
)


def find_sessions(query: Query) -> list[int]:
    """Return the keys of sessions that have each word in their course or at their venue."""
    wanted, unwanted = Q(), Q()
    found = find_each([*query.wanted, *query.unwanted], courses, venues)
    for number, (of_course, of_venue) in enumerate(found):
        having = Q(course__in=these(of_course)) | Q(venue__in=these(of_venue))
        if number < len(query.wanted):
            wanted &= having
        else:
            unwanted |= having
    rows = Session.objects.filter(wanted)
    rows = rows.exclude(unwanted) if query.unwanted else rows
    return list(rows.order_by().values_list("pk", flat=True))
