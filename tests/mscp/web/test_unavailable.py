"""A full disk and a locked database: a sentence, the right status, and then all is as before."""

import logging
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from itertools import count
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.conf import settings
from django.core.cache import cache
from django.db import DatabaseError, OperationalError, connection, connections
from django.db.utils import load_backend
from django.test import Client
from psycopg import sql

from mscp.web.unavailable import BUSY, DAMAGED, NO_ROOM, fault_of
from reviews.models import PracticeReview
from tests.admin_forms import fields_of
from tests.factories import make_course, make_document, make_review, make_session
from tests.pages import assert_valid, text_of
from training.models import Course

on_sqlite = pytest.mark.skipif(connection.vendor != "sqlite", reason="asks SQLite for a full disk")
on_postgresql = pytest.mark.skipif(connection.vendor != "postgresql", reason="locks single rows")

FILLER = "filler"
# Of three bytes a letter: more than what is free in the pages of any table.
LONG = "猫" * 3000
_numbers = count()


@contextmanager
def full_disk() -> Iterator[None]:
    """Let the database grow no further, by SQLite's own limit: SQLITE_FULL is real."""
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA page_count")
        cursor.execute(f"PRAGMA max_page_count = {cursor.fetchone()[0] + 5}")
        # All that is free within the pages there are goes too, and that in the cache's own.
        for size in (4000, 2000, 1000, 500, 250, 100, 50, 20, 5):
            with suppress(OperationalError):
                while True:
                    row = [f"{FILLER}{next(_numbers)}", "x" * size]
                    cursor.execute("INSERT INTO cache VALUES (%s, %s, '2999-01-01')", row)
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA max_page_count = 1073741823")
            cursor.execute("DELETE FROM cache WHERE cache_key LIKE %s", [f"{FILLER}%"])


@contextmanager
def locked_row(record: PracticeReview | Course) -> Iterator[None]:
    """Hold the row of a record from another connection, as an editor's long transaction does."""
    database = connection.settings_dict
    other = psycopg.connect(
        host=database["HOST"],
        port=database["PORT"],
        user=database["USER"],
        password=database["PASSWORD"],
        dbname=database["NAME"],
    )
    with connection.cursor() as cursor:
        cursor.execute("SET lock_timeout = '50ms'")
    try:
        table = sql.Identifier(next(iter(record._meta.parents), type(record))._meta.db_table)
        statement = sql.SQL("SELECT 1 FROM {} WHERE id = %s FOR UPDATE").format(table)
        other.execute(statement, [record.pk])
        yield
    finally:
        other.close()
        with connection.cursor() as cursor:
            cursor.execute("SET lock_timeout = 0")


def address_of(review: PracticeReview) -> str:
    return f"/admin/reviews/practicereview/{review.pk}/change/"


def opened_by(client: Client) -> tuple[PracticeReview, dict[str, Any]]:
    """Make a review with a document; return it, and its opened form with another title typed."""
    review = make_review(title="Oak")
    make_document(review)
    typed = {**fields_of(client.get(address_of(review))), "title": "Elm", "_save": "Save"}
    return review, typed


def saves_again(client: Client, review: PracticeReview, refused: Any) -> bool:
    """Send back the form that was refused; tell whether the typed title is saved."""
    again = {**fields_of(refused), "_save": "Save"}
    saved = client.post(address_of(review), again).status_code == 302
    return saved and PracticeReview.objects.get().title == "Elm"


def without_raising(client: Client) -> Client:
    client.raise_request_exception = False
    return client


def lines(caplog: pytest.LogCaptureFixture) -> list[str]:
    """Return what was logged as errors, each with its traceback as it would be printed."""
    formatter = logging.Formatter("%(message)s")
    errors = [record for record in caplog.records if record.levelno >= logging.ERROR]
    return "\n".join(formatter.format(record) for record in errors).splitlines()


# --- the disk is full ---------------------------------------------------------------------------


@on_sqlite
@pytest.mark.django_db(transaction=True)
def test_a_form_that_finds_the_disk_full_comes_back_filled_in(
    publisher: Client, caplog: pytest.LogCaptureFixture
) -> None:
    review, typed = opened_by(publisher)
    with full_disk():
        refused = publisher.post(address_of(review), {**typed, "summary": LONG})
        assert Client().get(review.get_absolute_url()).status_code == 200
    page = text_of(refused)
    assert refused.status_code == 507 and "Retry-After" not in refused.headers
    assert page.count("There is no room on its disk") == 1 and "Nothing you typed is lost" in page
    assert page.count(LONG) == 1 and fields_of(refused)["title"] == "Elm"
    assert PracticeReview.objects.get().title == "Oak"
    assert lines(caplog) == [
        "No room on the disk: admin:reviews_practicereview_change: database or disk is full"
    ]
    assert saves_again(publisher, review, refused)


@on_sqlite
@pytest.mark.django_db(transaction=True)
def test_a_new_record_that_finds_the_disk_full_comes_back_filled_in(editor: Client) -> None:
    address = "/admin/reviews/practicereview/add/"
    typed = {**fields_of(editor.get(address)), "type": "lcspr", "title": "Elm", "_save": "Save"}
    with full_disk():
        refused = editor.post(address, {**typed, "summary": LONG})
    assert refused.status_code == 507 and fields_of(refused)["title"] == "Elm"
    assert not PracticeReview.objects.exists()
    again = {**fields_of(refused), "_save": "Save"}
    assert editor.post(address, again).status_code == 302
    assert PracticeReview.objects.get().title == "Elm"


@on_sqlite
@pytest.mark.django_db(transaction=True)
def test_signing_in_on_a_full_disk_is_not_too_many_attempts(
    no_counted_attempts: None, caplog: pytest.LogCaptureFixture
) -> None:
    client = without_raising(Client())
    with full_disk():
        refused = client.post("/staff/sign-in/", {"login": "ed", "password": "a long password"})
    assert refused.status_code == 507
    page = text_of(refused)
    assert "There is no room on its disk" in page and "load it again" in page
    assert_valid(refused)
    assert len(lines(caplog)) == 1
    assert client.post("/staff/sign-in/", {"login": "ed", "password": "b"}).status_code == 200


@on_sqlite
@pytest.mark.django_db(transaction=True)
def test_the_cache_says_that_it_could_not_write() -> None:
    with full_disk(), pytest.raises(OperationalError, match="full"):
        cache.set("key", "value" * 2000)
    assert cache.get("key") is None
    assert cache.add("key", 1) is True and cache.add("key", 2) is False
    cache.clear()


# --- the database is busy -----------------------------------------------------------------------


@on_postgresql
@pytest.mark.django_db(transaction=True)
def test_a_form_whose_record_is_locked_comes_back_filled_in(
    publisher: Client, caplog: pytest.LogCaptureFixture
) -> None:
    review, typed = opened_by(publisher)
    with locked_row(review):
        refused = publisher.post(address_of(review), typed)
    assert refused.status_code == 503 and refused.headers["Retry-After"] == "30"
    assert BUSY.sentence in text_of(refused) and fields_of(refused)["title"] == "Elm"
    assert len(lines(caplog)) == 1
    assert saves_again(publisher, review, refused)


@on_postgresql
@pytest.mark.django_db(transaction=True)
def test_a_session_whose_course_is_locked_comes_back_filled_in(publisher: Client) -> None:
    session = make_session(make_course())
    address = f"/admin/training/session/{session.pk}/change/"
    typed = {**fields_of(publisher.get(address)), "note": "Bring a pen.", "_save": "Save"}
    with locked_row(session.course):
        refused = publisher.post(address, typed)
    assert refused.status_code == 503 and BUSY.sentence in text_of(refused)
    again = {**fields_of(refused), "_save": "Save"}
    assert again["note"] == "Bring a pen."
    assert publisher.post(address, again).status_code == 302
    session.refresh_from_db()
    assert session.note == "Bring a pen."


@on_postgresql
@pytest.mark.django_db(transaction=True)
def test_a_step_whose_record_is_locked_is_answered_by_a_page(publisher: Client) -> None:
    review = make_review(title="Oak")
    address = f"/admin/reviews/practicereview/step/withdraw/?id={review.pk}"
    assert publisher.get(address).status_code == 200, address
    with locked_row(review):
        refused = without_raising(publisher).post(address, {"reason": "A name", "name": ""})
    assert refused.status_code == 503 and "has what you typed" in text_of(refused)
    assert_valid(refused)


# --- what is no fault of the surroundings -------------------------------------------------------


@pytest.mark.django_db
def test_a_mistake_of_the_program_stays_a_500_with_its_traceback(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(*args: Any, **kwargs: Any) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT nothing FROM nowhere")

    monkeypatch.setattr("mscp.site.home.themes_in_use", fail)
    response = without_raising(Client()).get("/")
    assert response.status_code == 500 and "It is our mistake" in text_of(response)
    assert len(lines(caplog)) > 10


@pytest.mark.django_db
@pytest.mark.parametrize("statement", ["SELECT nothing FROM nowhere", "SELECT FROM WHERE"])
def test_a_wrong_statement_is_no_fault_of_the_surroundings(statement: str) -> None:
    with connection.cursor() as cursor, pytest.raises(DatabaseError) as caught:
        cursor.execute(statement)
    assert fault_of(caught.value) is None


@pytest.mark.django_db
@pytest.mark.parametrize("damaged_from", [0, 100])
def test_a_damaged_database_is_named_and_no_mistake_of_the_program(
    tmp_path: Path, damaged_from: int
) -> None:
    """At 0 it is no database any more, at 100 its first page is none that fits."""
    path = tmp_path / "damaged.sqlite3"
    with sqlite3.connect(path) as made:
        made.execute("CREATE TABLE one (words TEXT)")
    made.close()
    content = path.read_bytes()
    path.write_bytes(content[:damaged_from] + b"x" * (len(content) - damaged_from))
    settings = {**connections.settings["default"], "ENGINE": "django.db.backends.sqlite3"}
    wrapper = load_backend("django.db.backends.sqlite3").DatabaseWrapper(
        {**settings, "NAME": str(path), "OPTIONS": {}}, "damaged"
    )
    with pytest.raises(DatabaseError) as caught, wrapper.cursor() as cursor:
        cursor.execute("SELECT * FROM one")
    wrapper.close()
    assert fault_of(caught.value) is DAMAGED
    assert DAMAGED.status == 503 and DAMAGED.retry_after


def test_an_error_of_a_file_is_a_full_disk_only_where_it_says_so() -> None:
    with pytest.raises(OSError, match="No space left") as caught:
        Path("/dev/full").write_text("x")
    assert fault_of(caught.value) is NO_ROOM
    with pytest.raises(FileNotFoundError) as missing:
        (settings.BASE_DIR / "no such file").read_text()
    assert fault_of(missing.value) is None and fault_of(ValueError("x")) is None
