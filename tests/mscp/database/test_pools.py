"""A pooled connection is looked at before it is asked, and outlives what a migration changes."""

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from django.db import connection
from psycopg_pool import ConnectionPool

from mscp.database import pools
from mscp.database.pools import PooledConnection, PreparingCursor

pytestmark = pytest.mark.django_db


@pytest.fixture
def pooled() -> Iterator[PooledConnection]:
    if connection.vendor != "postgresql":
        pytest.skip("asks PostgreSQL")
    parameters: Any = connection.get_connection_params()
    parameters.pop("cursor_factory")
    parameters["autocommit"] = True
    with ConnectionPool(kwargs=parameters, connection_class=PooledConnection, min_size=1) as pool:
        opened = pool.getconn()
        yield opened
        pool.putconn(opened)


def test_it_is_asked_once_while_it_is_sure(
    pooled: PooledConnection, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert pooled.execute("SELECT 1") is not None
    assert pooled.execute("SELECT 1") is None
    monkeypatch.setattr(pools, "SURE_FOR", 0)
    pooled._sure_until = 0
    assert pooled.execute("SELECT 1") is not None
    assert pooled.execute("SELECT 1") is not None


def test_one_that_the_server_ended_is_seen_at_once(pooled: PooledConnection) -> None:
    pooled.execute("SELECT 1")
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s, 10000)", [pooled.info.backend_pid])
    with pytest.raises(psycopg.OperationalError):
        pooled.execute("SELECT 1")


@pytest.mark.parametrize("prepared", [True, False])
def test_a_statement_goes_on_when_a_migration_changes_a_column(
    pooled: PooledConnection, prepared: bool
) -> None:
    plain = psycopg.Cursor(pooled)
    plain.execute("DROP TABLE IF EXISTS of_a_test; CREATE TABLE of_a_test (name varchar(2))")
    try:
        plain.execute("INSERT INTO of_a_test VALUES ('ab')")
        pooled.prepare_threshold = 1 if prepared else None
        for _ in range(3):
            found = PreparingCursor(pooled).execute("SELECT name FROM of_a_test").fetchall()
        parameters: Any = connection.get_connection_params()
        parameters.pop("cursor_factory")
        with psycopg.connect(**parameters, autocommit=True) as migrating:
            migrating.execute("ALTER TABLE of_a_test ALTER name TYPE varchar(9)")
        if prepared:
            with pytest.raises(psycopg.errors.FeatureNotSupported):
                psycopg.Cursor(pooled).execute("SELECT name FROM of_a_test")
        again = PreparingCursor(pooled).execute("SELECT name FROM of_a_test").fetchall()
        assert found == again == [("ab",)]
    finally:
        plain.execute("DROP TABLE of_a_test")
