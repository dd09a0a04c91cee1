"""SQLite's planner knows how much there is, so that it takes the way that reads few rows."""

import pytest
from django.core.management import call_command
from django.db import connection

from tests.factories import make_review

pytestmark = pytest.mark.django_db


def rows_known(index: str) -> list[int]:
    """Return how many rows SQLite takes an index to have; nothing where it does not know."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT stat FROM sqlite_stat1 WHERE idx = %s", [index])
        return [int(stat.split()[0]) for (stat,) in cursor.fetchall()]


@pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL has autovacuum")
def test_migrating_tells_sqlite_how_many_rows_there_are() -> None:
    assert rows_known("publication_list_idx") == []
    for _ in range(3):
        make_review()
    call_command("migrate", verbosity=0)
    assert rows_known("publication_list_idx") == [3]
