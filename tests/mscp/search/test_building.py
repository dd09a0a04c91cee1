"""Indexes are built and migrations run while editors save; either may be killed at any moment."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from threading import Event
from time import sleep
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection, connections, transaction
from django.test import Client

from mscp.cache import versions
from mscp.models import WordIndexState
from mscp.search import building, maintenance
from mscp.search.index import INDEXES
from mscp.search.query import read
from reviews import search
from reviews.models import FileWords, PracticeReview, Publication, Theme
from tests.factories import (
    MINIMAL_PDF,
    make_course,
    make_document,
    make_file,
    make_page,
    make_review,
    make_theme,
)
from tests.processes import database_on_disk, kill_at, statements_of

pytestmark = pytest.mark.django_db(transaction=True)

RECORDS = 12
# Less at once than in production, so that so few are written in several transactions too.
BATCH = 5


@pytest.fixture(autouse=True)
def on_disk(
    transactional_db: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[None]:
    monkeypatch.setattr(building, "BATCH", BATCH)
    monkeypatch.setattr(building, "MOST_AT_ONCE", BATCH)
    with database_on_disk(tmp_path):
        yield


def fill() -> None:
    themes = [make_theme(name=f"Theme {number}") for number in range(4)]
    make_course(title="Kestrels for all", themes=themes)
    for number in range(RECORDS):
        review = make_review(title=f"Review {number}", themes=themes[: number % 4])
        pages = [f"Page {page} of heron{number}" for page in range(3)]
        make_document(review, file=make_file(MINIMAL_PDF + b"%" * number, pages=pages))


def rows() -> dict[str, list[Any]]:
    """Return what stands in every index; texts are joined in any order, so their terms count."""
    found = {}
    for index in INDEXES:
        with connection.cursor() as cursor:
            if connection.vendor == "sqlite":
                found[index.name] = _rows_of_fts5(cursor, index.name)
                continue
            columns = "id, names, starts, words"
            cursor.execute(f"SELECT {columns} FROM {index.name} ORDER BY 1")  # noqa: S608
            found[index.name] = [
                (key, *(sorted(text.split()) for text in texts))
                for key, *texts in cursor.fetchall()
            ]
    return found


def _rows_of_fts5(cursor: Any, name: str) -> list[Any]:
    """Return the terms of an index without content, which those beside it must be."""
    cursor.execute(f"INSERT INTO {name} ({name}) VALUES ('integrity-check')")  # noqa: S608
    cursor.execute(f"CREATE VIRTUAL TABLE temp.terms_of USING fts5vocab(main, {name}, 'instance')")
    cursor.execute("SELECT DISTINCT doc, col, term FROM temp.terms_of ORDER BY doc, col, term")
    terms = cursor.fetchall()
    cursor.execute("DROP TABLE temp.terms_of")
    columns = ("names", "starts", "words")
    cursor.execute(f"SELECT id, {', '.join(columns)} FROM {name}_kept")  # noqa: S608
    kept = {
        (key, column, term)
        for key, *texts in cursor.fetchall()
        for column, text in zip(columns, texts, strict=True)
        for term in text.replace(",", " ").replace("#", " ").split()
    }
    assert kept == set(terms)
    return terms


def rebuild() -> None:
    for index in INDEXES:
        maintenance.make(index)


def assert_right() -> None:
    """Assert that indexes are as one built in quiet is, and nothing of a build is left."""
    assert maintenance.faults() == []
    assert not unfinished()
    before = rows()
    rebuild()
    assert rows() == before


def unfinished() -> list[str]:
    catalogue = (
        "SELECT name FROM sqlite_master"
        if connection.vendor == "sqlite"
        else "SELECT relname FROM pg_class UNION ALL SELECT tgname FROM pg_trigger "
        "UNION ALL SELECT proname FROM pg_proc"
    )
    with connection.cursor() as cursor:
        cursor.execute(catalogue)
        names = [name for (name,) in cursor.fetchall()]
    new = tuple(building.shadow_of(index).name for index in INDEXES)
    states = WordIndexState.objects.filter(name__in=new).values_list("name", flat=True)
    return [*(name for name in names if name.startswith(new)), *states]


@contextmanager
def in_threads(*works: Callable[[], Any]) -> Iterator[None]:
    """Do each in a thread of its own while the block runs; afterwards raise what it raised."""

    def work_and_close(work: Callable[[], Any]) -> None:
        try:
            work()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(works)) as pool:
        futures = [pool.submit(work_and_close, work) for work in works]
        yield
    for future in futures:
        future.result()


@contextmanager
def saving(*saves: Callable[[int], Any], pause: float = 0.02) -> Iterator[None]:
    """Save again and again in threads until the block ends; at the least three times."""
    ended = Event()

    def again(save: Callable[[int], Any]) -> None:
        done = 0
        while done < 3 or not ended.wait(pause):
            save(done)
            done += 1

    with in_threads(*(partial(again, save) for save in saves)):
        try:
            yield
        finally:
            ended.set()


@transaction.atomic
def edit_a_review(number: int) -> None:
    review = PracticeReview.objects.get(title=f"Review {number % RECORDS}")
    review.summary = f"kestrel{number}"
    review.save()


@transaction.atomic
def edit_a_theme(number: int) -> None:
    theme = Theme.objects.order_by("pk")[number % 4]
    theme.name = f"Osprey {number}"
    theme.save()
    review = PracticeReview.objects.get(title=f"Review {number % RECORDS}")
    review.themes.set([theme])


@transaction.atomic
def add_and_remove_a_document(number: int) -> None:
    review = PracticeReview.objects.get(title=f"Review {(7 * number) % RECORDS}")
    file = make_file(MINIMAL_PDF + b"%%" + str(number).encode(), pages=["A bittern."])
    document = make_document(review, file=file, title=f"New {number}")
    if number % 2:
        document.delete()


def visit(number: int) -> None:
    """Search as visitors do, in no transaction."""
    assert len(search.publications.find(read("page"))) == RECORDS
    assert Theme.objects.count() == 4


# --- building ------------------------------------------------------------------------------------


def test_editors_save_while_indexes_are_built() -> None:
    fill()
    with saving(edit_a_review, edit_a_theme, add_and_remove_a_document, visit, visit):
        rebuild()
        rebuild()
    assert_right()


def test_what_editors_save_is_not_overwritten_while_streams_are_written_again() -> None:
    fill()
    with maintenance.triggers_disabled():
        Publication.objects.update(words=" old ", name_words=" old ")
        FileWords.objects.update(words=" old ")
    with saving(edit_a_review, edit_a_theme, add_and_remove_a_document):
        rebuild()
    assert not Publication.objects.filter(words__contains=" old ").exists()
    assert not FileWords.objects.filter(words__contains=" old ").exists()
    for review in PracticeReview.objects.all():
        saved = review.words
        review.set_words()
        assert review.words == saved
    assert_right()


def test_a_build_raises_the_version_once() -> None:
    fill()
    seen: set[Any] = set()
    before = versions.current()

    with maintenance.triggers_disabled():
        Publication.objects.update(words=" old ")
    assert versions.current() == before
    with connection.execute_wrapper(_noting(seen)):
        maintenance.make(search.publications)
    after = versions.current()
    assert after != before and seen <= {before, after}


def _noting(seen: set[Any]) -> Callable[..., Any]:
    """Note the version after each transaction."""
    noting = False

    def note(execute: Any, *arguments: Any) -> Any:
        nonlocal noting
        if not noting and not connection.in_atomic_block:
            noting = True
            seen.add(versions.current())
            noting = False
        return execute(*arguments)

    return note


def test_a_build_that_is_killed_leaves_the_index_in_use_and_the_next_starts_clean() -> None:
    fill()
    work = partial(maintenance.make, search.publications)
    total = statements_of(work)
    review = PracticeReview.objects.get(title="Review 3")
    for share in (0.3, 0.5, 0.7):
        assert kill_at(int(total * share), work)
        review.summary = f"bittern{int(100 * share)}"
        review.save()
        as_saved = read(review.summary)
        assert search.publications.find(as_saved) == [review.pk]
        assert len(search.publications.find(read("page"))) == RECORDS
        assert maintenance.faults() == []
        work()
        assert not unfinished()
        assert search.publications.find(as_saved) == [review.pk]
    assert_right()


@pytest.mark.skipif("connection.vendor != 'sqlite'", reason="PostgreSQL locks its tables")
def test_searches_are_answered_while_the_schema_changes() -> None:
    """FTS5 cannot open its table where the schema changed since it was read, and says so."""
    review = make_review(title="Oak")

    def search_for_it(_: int) -> None:
        assert search.publications.find(read("oak")) == [review.pk]

    with saving(search_for_it, search_for_it, pause=0.0), connection.cursor() as cursor:
        for _ in range(50):
            cursor.execute("CREATE TABLE another (id)")
            cursor.execute("DROP TABLE another")
            sleep(0.01)


@pytest.mark.skipif("connection.vendor == 'sqlite'", reason="SQLite has one writer at a time")
def test_a_build_waits_for_nobody_who_may_wait_for_it() -> None:
    """Filling holds some records; to wait for one more would be a deadlock with its editor."""
    fill()
    build = building.Build(search.publications, "default")
    build._begin()
    first, *_, last = PracticeReview.objects.order_by("pk")
    saved = Event()

    def fill_then() -> None:
        saved.wait(20)
        build._fill()

    with in_threads(fill_then), transaction.atomic():
        last.summary = "kestrel"
        last.save()
        saved.set()
        for _ in range(100):
            # Among them the one that is not committed yet, which is seen from here.
            if rows_of(build.new.name) == RECORDS:
                break
            sleep(0.1)
        else:
            pytest.fail("The build waited with others in hand.")
        first.summary = "kestrel"
        first.save()
    assert rows_of(build.new.name) == RECORDS
    build._end()
    rebuild()
    assert set(search.publications.find(read("kestrel"))) == {first.pk, last.pk}


@pytest.mark.skipif("connection.vendor == 'sqlite'", reason="SQLite has one writer at a time")
def test_a_build_has_what_somebody_wrote_before_it_began_and_committed_later() -> None:
    fill()
    review = PracticeReview.objects.get(title="Review 3")
    began = Event()

    def save() -> None:
        with transaction.atomic():
            review.summary = "kestrel"
            review.save()
            began.set()
            sleep(0.5)

    with in_threads(save):
        began.wait(10)
        rebuild()
    assert search.publications.find(read("kestrel")) == [review.pk]
    assert_right()


def rows_of(table: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT COUNT(*) FROM {table}")  # noqa: S608
        return cursor.fetchone()[0]


def test_of_two_builds_of_an_index_the_later_wins() -> None:
    fill()
    first = building.Build(search.publications, "default")
    first._begin()
    maintenance.make(search.publications)
    with pytest.raises(building.OvertakenError):
        first._fill()
    assert_right()


# --- migrations ----------------------------------------------------------------------------------


def as_before_an_update() -> None:
    """Let a migration be due, and the triggers be those of a release before, which did the same."""
    # One that changes no table and on which none is built, so that it can be done again.
    again = "DELETE FROM django_migrations WHERE app = 'admin' AND name LIKE '0003%'"
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(again)
        if connection.vendor == "sqlite":
            cursor.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
            for name, create in cursor.fetchall():
                cursor.execute(f"DROP TRIGGER {name}")
                cursor.execute(create.replace("BEGIN ", "BEGIN SELECT 1; ", 1))
        else:
            cursor.execute(
                "SELECT pg_get_functiondef(pg_proc.oid) FROM pg_proc JOIN pg_language ON "
                "pg_language.oid = prolang WHERE lanname = 'plpgsql' AND pronamespace = "
                "current_schema()::regnamespace"
            )
            for (create,) in cursor.fetchall():
                cursor.execute(create.replace("BEGIN ", "BEGIN NULL; ", 1))


migrate = partial(call_command, "migrate", verbosity=0)


def test_a_migration_that_is_killed_leaves_nothing_stale_and_the_next_mends_it() -> None:
    fill()
    as_before_an_update()
    total = statements_of(migrate)
    reports = 0
    for share in (0.1, 0.5, 0.9):
        page = make_page(title=f"Page {share}")
        as_before_an_update()
        # What a worker holds from before.
        assert page.title in Client().get("/").content.decode()
        kill_at(int(total * share), migrate)
        page.withdraw(reason="A test")
        assert page.title not in Client().get("/").content.decode()
        review = PracticeReview.objects.get(title="Review 3")
        review.summary = f"kestrel{int(100 * share)}"
        review.save()
        faults = maintenance.faults()
        reports += bool(faults)
        as_saved = read(review.summary)
        assert faults or search.publications.find(as_saved) == [review.pk]
        migrate()
        assert maintenance.faults() == []
        assert search.publications.find(as_saved) == [review.pk]
    assert reports >= 2
    assert_right()
