"""A database of every earlier release is upgraded by `migrate`, whole, or refused in a sentence."""

import json
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import connection

from tests.databases import RELEASES, Database, Row, copy_of, database_of

# It asks for no rows of the tests' own database, but is another test on each kind of database.
pytestmark = pytest.mark.django_db

# What the site makes of its records, and makes again when a release makes it otherwise.
DERIVED_TABLES = (
    "search_",
    "mscp_stamp",
    "mscp_contentchange",
    "mscp_wordindexstate",
    "mscp_knownword",
    "sqlite_",
)
DERIVED_COLUMNS = {"name_words", "words", "start_words"}


@pytest.fixture(scope="module", params=RELEASES)
def upgraded(request: Any, tmp_path_factory: Any) -> Iterator[SimpleNamespace]:
    with database_of(request.param, tmp_path_factory.mktemp("upgrade")) as database:
        before = database.rows()
        migrated = database.manage("migrate")
        after = database.rows()
        with copy_of(database, tmp_path_factory.mktemp("upgraded")) as untouched:
            looked = database.run("-m", "tests.upgrades.look")
            assert looked.returncode == 0, looked.stderr
            yield SimpleNamespace(
                database=database,
                untouched=untouched,
                before=before,
                migrated=migrated,
                after=after,
                seen=json.loads(looked.stdout),
            )


def test_migrate_and_check_end_well(upgraded: Any) -> None:
    assert upgraded.migrated.returncode == 0, upgraded.migrated.stderr
    assert upgraded.seen["faults"] == []
    assert not upgraded.seen["check"] and not upgraded.seen["migrate --check"]


def test_every_row_is_kept(upgraded: Any) -> None:
    kept = 0
    for table, rows in upgraded.before.items():
        if table.startswith(DERIVED_TABLES):
            continue
        now = upgraded.after[table]
        for row in rows:
            assert any(_is_kept(row, other) for other in now), (table, row)
            kept += 1
    assert kept > 900


def _is_kept(row: Row, other: Row) -> bool:
    return all(other.get(name) == row[name] for name in row if name not in DERIVED_COLUMNS)


def test_the_word_indexes_are_those_that_a_rebuild_makes(upgraded: Any) -> None:
    seen = upgraded.seen
    assert all(seen["index"].values()) and seen["index"] == seen["rebuilt"]


def test_every_page_is_served(upgraded: Any) -> None:
    pages = {**upgraded.seen["pages"], **upgraded.seen["admin"]}
    assert len(pages) > 80 and set(pages.values()) == {200}, pages


def test_old_and_new_records_are_edited_and_found(upgraded: Any) -> None:
    edited = upgraded.seen["edit"]
    assert edited["answers"] == [302, 302]
    assert edited["history"] > 1 and edited["old found"] and edited["new found"]
    assert edited["index"] == edited["rebuilt"]


def test_other_programs_can_verify_and_write_it(upgraded: Any) -> None:
    if connection.vendor != "sqlite":
        return
    with upgraded.database.connect() as plain:
        assert plain.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert plain.execute("PRAGMA foreign_key_check").fetchall() == []
        changed = plain.execute("UPDATE reviews_document SET dated = '2024' RETURNING id")
        assert len(changed.fetchall()) > 10


# --- a database that no migration of ours has made ------------------------------------------------


def refusal(database: Database, *arguments: str) -> str:
    """Run migrate, which must refuse and leave everything as it was; return what it said."""
    before = database.rows()
    done = database.manage("migrate", *arguments)
    assert done.returncode != 0 and "Traceback" not in done.stderr, done.stderr
    assert database.rows() == before
    return done.stderr


def assert_other_tables_are_refused(database: Database) -> None:
    database.execute("ALTER TABLE reviews_publication DROP COLUMN staff_note")
    database.execute("ALTER TABLE training_venue ADD COLUMN old_map varchar(200) NULL")
    message = refusal(database)
    assert "reviews_publication has no staff_note" in message
    assert "training_venue has an unknown old_map" in message
    assert "it cannot be upgraded." in message and "Nothing was changed." in message


def test_a_database_with_other_tables_is_refused_in_a_sentence(tmp_path: Any) -> None:
    with database_of(RELEASES[0], tmp_path) as database:
        assert_other_tables_are_refused(database)
        assert database.manage("migrate", "--check").returncode == 1


def test_one_that_is_up_to_date_is_refused_too(upgraded: Any, tmp_path: Any) -> None:
    with copy_of(upgraded.untouched, tmp_path) as database:
        assert_other_tables_are_refused(database)
        assert "reviews_publication has no staff_note" in refusal(database, "--check")
        checked = database.manage("check", "--database", "default")
        assert checked.returncode != 0
        assert "(mscp.E004) Tables are not those of this release: reviews_pub" in checked.stderr


def test_a_table_that_is_missing_is_named(tmp_path: Any) -> None:
    with database_of(RELEASES[0], tmp_path) as database:
        database.execute("DROP TABLE mscp_concerncontact")
        assert "mscp_concerncontact is missing" in refusal(database)


def test_a_database_of_a_newer_release_is_refused_as_such(tmp_path: Any) -> None:
    with database_of(RELEASES[-1], tmp_path) as database:
        database.execute("ALTER TABLE training_venue ADD COLUMN escalators varchar(9) NULL")
        database.execute(
            "INSERT INTO django_migrations (app, name, applied) "
            "VALUES ('training', '0999_venue_escalators', CURRENT_TIMESTAMP)"
        )
        message = refusal(database)
        assert "A newer release has migrated it (training.0999_venue_escalators)" in message
