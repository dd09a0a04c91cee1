"""The indexes and the content version follow every change, and come back after migrations."""

from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection, models
from django.test import Client
from django.test.utils import CaptureQueriesContext

from mscp.cache import versions
from mscp.models import ContentVersion, WordIndexState
from mscp.search import maintenance
from mscp.search.index import INDEXES, backend_of
from mscp.search.query import read
from reviews import search
from reviews.models import DocumentFile, FileWords, PracticeReview, Publication, Theme
from tests.factories import (
    MINIMAL_PDF,
    make_course,
    make_document,
    make_file,
    make_review,
    make_theme,
    past_the_gate,
)
from tests.pages import titles

pytestmark = pytest.mark.django_db


def found(words: str) -> set[str]:
    rows = Publication.objects.published().filter(pk__in=search.publications.find(read(words)))
    return {publication.title for publication in rows}


def is_complete() -> bool:
    return not maintenance.faults()


def run(*statements: str) -> None:
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


# --- faults --------------------------------------------------------------------------------------


def test_a_database_as_it_must_be_has_no_faults_and_costs_three_queries() -> None:
    with CaptureQueriesContext(connection) as asked:
        assert maintenance.faults() == []
    assert len(asked) == 3


def test_a_trigger_that_somebody_dropped_is_a_fault() -> None:
    one_of_each = [
        next(o for o in objects if o.kind == "trigger")
        for objects in (
            versions.objects("default"),
            backend_of().objects_of(search.publications),
        )
    ]
    run(*(trigger.drop for trigger in one_of_each))
    of_version, of_index = maintenance.faults()
    assert of_version.startswith("The content version lacks")
    assert one_of_each[0].name in of_version
    assert of_index.startswith("The word index search_publication lacks")
    assert one_of_each[1].name in of_index


def test_without_a_trigger_that_somebody_dropped_nothing_is_kept_until_it_is_back(
    settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.TRIGGERS_CHECKED_EVERY = 60
    monkeypatch.setattr(versions, "_triggers", versions._Triggers())
    before = versions.current()
    assert before
    objects = versions.objects("default")
    run(next(one.drop for one in objects if one.kind == "trigger"))
    with CaptureQueriesContext(connection) as asked:
        assert versions.current() == before, "It is looked for once a minute."
    assert len(asked) == 1
    versions._triggers._due = 0.0
    assert versions.current() == ()
    maintenance.ensure()
    versions._triggers._due = 0.0
    after = versions.current()
    assert after and after != before


def test_a_trigger_that_does_something_else_is_a_fault() -> None:
    triggers = backend_of().objects_of(search.publications)
    trigger = next(one for one in triggers if one.kind == "trigger")
    if connection.vendor == "sqlite":
        run(
            trigger.drop,
            f"CREATE TRIGGER {trigger.name} AFTER INSERT ON reviews_theme BEGIN SELECT 1; END",
        )
        name = trigger.name
    else:
        name = "search_publication_put"
        run(
            f"CREATE OR REPLACE FUNCTION {name}(keys bigint[]) RETURNS void "
            "LANGUAGE plpgsql AS $$ BEGIN END $$"
        )
    [fault] = maintenance.faults()
    assert "otherwise" in fault and name in fault


@pytest.mark.skipif("connection.vendor == 'sqlite'", reason="SQLite cannot disable a trigger")
def test_a_trigger_that_is_disabled_is_a_fault() -> None:
    run("ALTER TABLE reviews_theme DISABLE TRIGGER content_version_reviews_theme")
    [fault] = maintenance.faults()
    assert "content_version_reviews_theme" in fault


def test_an_index_of_another_release_is_a_fault() -> None:
    WordIndexState.objects.filter(name="search_venue").update(fingerprint="of old")
    assert maintenance.faults() == ["The word index search_venue was not built by this release."]


def test_missing_tables_are_faults_and_no_errors() -> None:
    run("DROP TABLE mscp_stamp", "DROP TABLE mscp_wordindexstate", "DROP TABLE search_venue")
    assert maintenance.faults() == [
        "Tables are missing in the database: mscp_stamp, mscp_wordindexstate, search_venue."
    ]


# --- migrations ----------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("model", [Publication, Theme, FileWords])
def test_triggers_survive_a_table_that_is_made_anew(model: Any) -> None:
    """SQLite alters a table by copying it, which drops its triggers; they are kept."""
    make_review(title="Oak", summary="kestrel", themes=[make_theme(name="Herons")])
    maintenance.drop_triggers(plan=["something"])
    assert is_complete()
    old = model._meta.get_field("words")
    new = models.TextField(default="", db_default="x")
    new.set_attributes_from_name("words")
    new.model = model
    with connection.schema_editor() as editor:
        editor.alter_field(model, old, new)
    with connection.schema_editor() as editor:
        editor.alter_field(model, new, old)
    assert is_complete()
    assert found("kestrel") == found("heron") == {"Oak"}
    make_review(title="Elm", summary="kestrel")
    assert found("kestrel") == {"Oak", "Elm"}
    assert is_complete()


def as_another_release_has_it() -> None:
    """Let a trigger of the version and some of one index be of another definition."""
    of_version = f"content_version_reviews_theme{'_insert' * (connection.vendor == 'sqlite')}"
    if connection.vendor == "sqlite":
        for name in (of_version, "search_publication_0_update"):
            run(
                f"DROP TRIGGER {name}",
                f"CREATE TRIGGER {name} AFTER INSERT ON reviews_theme BEGIN SELECT 1; END",
            )
    else:
        run(
            f"ALTER TABLE reviews_theme DISABLE TRIGGER {of_version}",
            "CREATE OR REPLACE FUNCTION search_publication_put(keys bigint[]) RETURNS void "
            "LANGUAGE plpgsql AS $$ BEGIN RETURN; END $$",
        )


def test_triggers_that_another_release_defined_go_before_migrations_and_nothing_is_kept() -> None:
    make_review(title="Oak", summary="kestrel")
    kept = versions.current()
    as_another_release_has_it()
    maintenance.drop_triggers(plan=["something"])
    assert kept and versions.current() == ()
    PracticeReview.objects.update(words=" heron ")
    make_theme()
    assert versions.current() == ()
    assert found("heron") == set()
    assert any("content version is suspended" in fault for fault in maintenance.faults())
    assert any("search_publication was not built" in fault for fault in maintenance.faults())
    maintenance.ensure()
    assert is_complete()
    assert versions.current() not in ((), kept)
    assert found("kestrel") == {"Oak"} and found("heron") == set()


def test_what_a_table_lost_without_a_migration_is_put_back_by_the_next() -> None:
    make_review(title="Oak", summary="kestrel")
    as_another_release_has_it()
    PracticeReview.objects.update(words=" heron ")
    maintenance.ensure()
    assert is_complete() and found("heron") == {"Oak"} and found("kestrel") == set()


def test_triggers_that_are_right_stay_through_a_migration() -> None:
    stamp = versions.current()
    maintenance.drop_triggers(plan=["something"])
    assert is_complete() and versions.current() == stamp
    maintenance.ensure()
    assert is_complete() and versions.current() == stamp


def test_without_anything_to_migrate_nothing_is_touched() -> None:
    maintenance.drop_triggers(plan=[])
    assert is_complete()


def test_another_way_to_make_terms_builds_everything_anew() -> None:
    review = make_review(title="Oak", summary="kestrel")
    make_document(review, file=make_file(MINIMAL_PDF, pages=["One bruise", "Two"]))
    with maintenance.triggers_disabled():
        Publication.objects.update(words="", name_words="", start_words="")
        FileWords.objects.all().delete()
        WordIndexState.objects.update(fingerprint="of old")
    maintenance.ensure()
    assert found("kestrel") == found("bruise") == found("oak") == {"Oak"}
    assert len(DocumentFile.objects.get().file_words.pages.streams) == 2


def test_a_command_builds_the_indexes_and_says_how_far_it_is() -> None:
    review = make_review(title="Oak")
    make_document(review, file=make_file(MINIMAL_PDF, pages=["kestrel"] * 3))
    with connection.cursor() as cursor:
        # FTS5 knows a command of its own, where it holds no content.
        everything = "INSERT INTO search_publication (search_publication) VALUES ('delete-all')"
        cursor.execute(
            everything if connection.vendor == "sqlite" else "DELETE FROM search_publication"
        )
    assert found("kestrel") == set()
    output = StringIO()
    call_command("rebuild_search", stdout=output)
    assert found("kestrel") == {"Oak"}
    assert "100%  3 of 3 pages" in output.getvalue()
    assert "search_venue: built in" in output.getvalue()


def test_only_streams_that_are_not_as_they_should_be_are_written_anew() -> None:
    right, wrong, without_pages = (
        make_file(MINIMAL_PDF, pages=[word]) for word in ("bruise", "kestrel", "gone")
    )
    make_document(make_review(title="Oak"), file=right)
    make_document(make_review(title="Elm"), file=wrong)
    with maintenance.triggers_disabled():
        FileWords.objects.filter(pk=wrong.pk).update(words=" otherwis ")
        without_pages.text_pages.all().delete()
    with CaptureQueriesContext(connection) as asked:
        for index in INDEXES:
            maintenance.make(index)
    written = [q["sql"] for q in asked if 'INSERT INTO "reviews_filewords"' in q["sql"]]
    assert len(written) == 1 and "kestrel" in written[0] and "bruis" not in written[0]
    assert found("kestrel") == {"Elm"} and found("otherwise") == set()
    assert found("bruise") == {"Oak"}
    assert set(FileWords.objects.values_list("pk", flat=True)) == {right.pk, wrong.pk}


# --- the content version --------------------------------------------------------------------------


def test_counts_are_right_after_every_kind_of_change() -> None:
    theme = make_theme(name="Neglect")
    reviews = [make_review(title=f"R{n}", themes=[theme]) for n in range(3)]

    def numbers() -> tuple[int, dict[str, int]]:
        page = Client().get("/reviews/")
        themes = next((f for f in page.context["facets"] if f.name == "theme"), None)
        shown = {choice.label: choice.number for choice in themes.first} if themes else {}
        return page.context["total"], shown

    assert numbers() == (3, {"Neglect": 3})
    reviews[0].themes.clear()
    assert numbers() == (3, {"Neglect": 2})
    reviews[1].withdraw(reason="A test")
    assert numbers() == (2, {"Neglect": 1})
    rows = Publication.objects.filter(pk=reviews[2].pk)
    past_the_gate(rows, state="draft", published_at=None)
    assert numbers() == (1, {})
    Theme.objects.update(name="Other")
    assert numbers() == (1, {})
    reviews[0].delete()
    assert numbers() == (0, {})


def test_without_a_version_nothing_is_kept() -> None:
    ContentVersion.objects.all().delete()
    make_course()
    ContentVersion.objects.all().delete()
    make_review(title="One")
    ContentVersion.objects.all().delete()
    assert titles(Client().get("/reviews/")) == ["One"]
    run(*(one.drop for one in versions.objects("default") if one.kind == "trigger"))
    make_review(title="Two")
    assert set(titles(Client().get("/reviews/"))) == {"One", "Two"}
