"""Fills the migrated, empty database of the settings: `python -m bench.fill 10000 2000 20`.

These are the numbers of reviews, of sessions and of pages of the document of each review; with no
pages there are titles and summaries only.
"""

import sys
from collections.abc import Callable
from time import perf_counter
from typing import Any

import django
from django.db import connection


def main(reviews: int, sessions: int, pages: int) -> None:
    django.setup()
    # As these are imported only now that the settings are read.
    from mscp.search import maintenance
    from mscp.search.index import INDEXES, backend_of

    # No other process reads or saves meanwhile.
    backend_of().PAUSE = 0
    with maintenance.triggers_disabled():
        _fill(reviews, sessions, pages)
    for index in INDEXES:
        _timed(f"Index {index.name}", maintenance.make, index)
    if connection.vendor == "postgresql":
        # What autovacuum would have done by the time a real site has grown so far.
        with connection.cursor() as cursor:
            cursor.execute("VACUUM ANALYZE")


def _fill(number_of_reviews: int, number_of_sessions: int, pages: int) -> None:
    # Models can be imported only now that the settings are read.
    from bench.fill import library, site, teaching
    from bench.fill import pages as page_texts

    site.make_identity()
    themes, audiences = site.make_themes(), site.make_audiences()
    reviews = _timed(
        f"{number_of_reviews} practice reviews", library.make_reviews, number_of_reviews, themes
    )
    _timed(f"{library.REPORTS} national reports", library.make_reports, themes)
    _timed(f"{library.LEARNINGS} 7-minute learnings", library.make_learnings, reviews, themes)
    if pages:
        _timed(f"{number_of_reviews * pages} pages of text", page_texts.make_pages, reviews, pages)
    courses = _timed(
        f"{teaching.COURSES} courses", teaching.make_courses, themes, audiences, reviews
    )
    _timed(
        f"{number_of_sessions} sessions",
        teaching.make_sessions,
        number_of_sessions,
        courses,
        teaching.make_venues(),
    )


def _timed(what: str, make: Callable[..., Any], *arguments: Any) -> Any:
    start = perf_counter()
    made = make(*arguments)
    print(f"  {what:<24} {perf_counter() - start:5.1f} s", flush=True)
    return made


if __name__ == "__main__":
    main(*(int(argument) for argument in sys.argv[1:]))
