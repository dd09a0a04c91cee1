"""The search indexes of courses and of venues."""

from typing import Any

from django.db.models import Exists, OuterRef, Q

from mscp import stamps
from mscp.publishing import Decision
from mscp.search.holding import holds
from mscp.search.index import Feed, WordIndex, register
from mscp.search.query import Query
from mscp.search.searchable import COLUMNS, rewrite_records
from mscp.stamps import Stamped
from reviews.models import Theme
from training.models import Course, Venue

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


def _course_with_phrase(phrase: str) -> Q:
    themes = Theme.objects.filter(courses=OuterRef("pk")).filter(holds("words", phrase))
    own = Course.objects.filter(pk=OuterRef("pk")).filter(holds("words", phrase))
    return Q(Exists(own)) | Q(Exists(themes))


def _venue_with_phrase(phrase: str) -> Q:
    return Q(holds("words", phrase))


courses = register(
    WordIndex(
        name="search_course",
        source=_COURSES,
        feeds=(
            Feed("training_course", "SELECT {row}.id", ("state", *COLUMNS)),
            Feed("training_course_themes", "SELECT {row}.course_id"),
            Feed(
                "reviews_theme",
                "SELECT course_id FROM training_course_themes WHERE theme_id = {row}.id",
                ("words",),
            ),
        ),
        with_phrase=_course_with_phrase,
        rewrite=lambda tell: rewrite_records(Course),
    )
)
venues = register(
    WordIndex(
        name="search_venue",
        source=_VENUES,
        feeds=(Feed("training_venue", "SELECT {row}.id", tuple(COLUMNS)),),
        with_phrase=_venue_with_phrase,
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


def sessions_matching(sessions: Any, query: Query) -> Any:
    """Keep sessions whose course, or whose venue, a query finds."""
    by_course = Q(course__in=courses.matching(Course.objects.all(), query).values("pk"))
    by_venue = Q(venue__in=venues.matching(Venue.objects.all(), query).values("pk"))
    return sessions.filter(by_course | by_venue)
