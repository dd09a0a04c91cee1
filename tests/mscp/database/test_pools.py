"""A pooled connection is looked at before it is asked, and outlives what a migration changes."""

import os
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from django.db import connection
from psycopg_pool import ConnectionPool

from mscp.database import pools
from mscp.database.pools import PooledConnection, PreparingCursor
from tests.servers import ROOT

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


def test_texts_are_prepared_once_and_go_on_when_a_migration_changes_their_column(
    pooled: PooledConnection,
) -> None:
    plain = psycopg.Cursor(pooled)
    plain.execute("DROP TABLE IF EXISTS of_a_test; CREATE TABLE of_a_test (name varchar(2))")
    try:
        plain.execute("INSERT INTO of_a_test VALUES ('é'), (NULL)")
        asked = "SELECT name FROM of_a_test"
        assert [pooled.texts_of(asked) for _ in range(3)] == [["é", ""]] * 3
        assert pooled.texts_of("SELECT 'other'") == ["other"]
        plain.execute("SELECT statement FROM pg_prepared_statements WHERE name LIKE 'texts%'")
        assert {text for (text,) in plain.fetchall()} == {asked, "SELECT 'other'"}
        parameters: Any = connection.get_connection_params()
        parameters.pop("cursor_factory")
        with psycopg.connect(**parameters, autocommit=True) as migrating:
            migrating.execute("ALTER TABLE of_a_test ALTER name TYPE text USING name || 'x'")
            migrating.execute("DELETE FROM of_a_test WHERE name IS NULL")
        assert pooled.texts_of(asked) == ["éx"]
    finally:
        plain.execute("DROP TABLE of_a_test")


def test_texts_that_cannot_be_read_are_an_error_and_the_next_are_read(
    pooled: PooledConnection,
) -> None:
    with pytest.raises(psycopg.errors.UndefinedTable):
        pooled.texts_of("SELECT name FROM of_no_table")
    assert pooled.texts_of("SELECT 'a'") == ["a"]
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s, 10000)", [pooled.info.backend_pid])
    with pytest.raises(psycopg.OperationalError):
        pooled.texts_of("SELECT 'a'")


BORROWING = """
import django

django.setup()
from django.db import OperationalError, connection, transaction
from mscp.database.prepared import texts_of

OWN = "SELECT pg_backend_pid()::text"
borrowed = texts_of(OWN)
assert connection.connection is None and texts_of(OWN) == borrowed
with transaction.atomic():
    taken = texts_of(OWN)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()::text")
        assert [cursor.fetchone()[0]] == taken
    assert connection.pool.get_stats()["pool_size"] == 1
connection.close()
holder = connection.pool.getconn()
connection.pool.timeout = 0.1
try:
    texts_of(OWN)
except OperationalError as error:
    assert error.__cause__
else:
    raise AssertionError("There is no connection to borrow.")
connection.pool.putconn(holder)
assert texts_of(OWN) == borrowed
connection.close_pool()
"""


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has no pool.")
def test_a_thread_borrows_a_connection_for_texts_unless_it_has_one() -> None:
    environment = {
        "PATH": os.environ["PATH"],
        "DJANGO_SETTINGS_MODULE": "mscp.settings",
        "DATABASE_URL": os.environ["DATABASE_URL"].rpartition("/")[0]
        + f"/{connection.settings_dict['NAME']}",
        "DATABASE_CONNECTIONS": "1",
        "SECRET_KEY": "k" * 60,
        "ALLOWED_HOSTS": "localhost",
    }
    subprocess.run(
        [sys.executable, "-c", BORROWING], cwd=ROOT, env=environment, check=True, timeout=60
    )
