"""Prepared statements: what a connection keeps of a query that pages run again and again."""

import pytest
from django.db import connection

from mscp.database.compiled_query import CompiledQuery
from mscp.database.prepared import _in_sqlites_placeholders
from reviews.models import PracticeReview
from tests.factories import make_review

pytestmark = pytest.mark.django_db

QUERY = CompiledQuery(
    lambda bound: PracticeReview.objects.published(at=bound.now).filter(pk__in=bound.keys)
)


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite keeps no plans for values.")
def test_a_plan_is_made_once_whatever_the_values() -> None:
    review = make_review()
    for keys in ([review.pk], [review.pk, 1], *[[one] for one in range(10)]):
        QUERY.records(keys)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT generic_plans, custom_plans FROM pg_prepared_statements"
            " WHERE statement LIKE '%reviews_practicereview%'"
        )
        ((generic, custom),) = cursor.fetchall()
    assert generic > 5 and custom == 0


@pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL's driver has Django's.")
def test_a_statement_is_written_in_sqlites_placeholders_once() -> None:
    review = make_review()
    assert QUERY.records([review.pk]) == [review]
    before = _in_sqlites_placeholders.cache_info()
    assert QUERY.records([review.pk, review.pk + 1]) == [review]
    after = _in_sqlites_placeholders.cache_info()
    assert (after.hits, after.misses) == (before.hits + 1, before.misses)


def test_a_percent_sign_is_one_in_either() -> None:
    make_review(title="Half")
    percent = CompiledQuery(
        lambda bound: PracticeReview.objects.extra(
            select={"share": "'50%%'"}, where=["'%%' <> ''"]
        ).values_list("share", "title")
    )
    assert percent.rows() == [("50%", "Half")]
