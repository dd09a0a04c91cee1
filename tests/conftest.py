"""What every test has: a clock that stands still, a folder of its own, and people to sign in."""

import gc
import sqlite3
from collections.abc import Callable, Generator, Iterator
from contextlib import closing
from hashlib import sha256
from itertools import count
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.conf import settings
from django.core.cache import cache
from django.db import connection, connections, transaction
from django.template.backends.jinja2 import Template
from django.test import Client, TransactionTestCase, client
from django.test.signals import template_rendered

from mscp.cache import changes, pages, versions
from mscp.concurrency.limits import Limit, Outside
from mscp.exports import csv as export_csv
from mscp.files import sending
from reviews.documents import intake
from tests import budgets, disk_cache
from tests.databases import server
from tests.factories import make_user
from tests.reviews.reading_many import run_kept
from tests.slow_files import LONGEST, longest_first, name_of
from tests.snapshots import NOW, Snapshot, copy, create_migrated, migrated


@pytest.fixture(scope="session")
def django_db_setup(
    django_test_environment: None,
    django_db_blocker: Any,
    django_db_modify_db_settings: None,
) -> Iterator[None]:
    """Make the database, a copy of one that was migrated before while the code was the same.

    It was made at the moment of the tests: its first pages are public from then on.
    """
    with django_db_blocker.unblock():
        name = connection.creation._get_test_db_name()
        if connection.vendor == "postgresql":
            # Of two folders whose tests ask one server, neither drops the database of the other.
            name += f"_{sha256(str(disk_cache.ROOT).encode()).hexdigest()[:8]}"
            create_migrated(name)
        connections.settings["default"]["NAME"] = connection.settings_dict["NAME"] = name
        connection.ensure_connection()
        if connection.vendor == "sqlite":
            with closing(sqlite3.connect(migrated())) as made:
                copy(made, connection.connection)
        empty = Snapshot()
    # What Django does after each test with transactions.
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TransactionTestCase, "_fixture_teardown", lambda _: empty.put_back())
        # Blocked again: a test that does not say so finds no database.
        yield
    if connection.vendor == "postgresql":
        with django_db_blocker.unblock(), server() as plain:
            connection.close()
            # Also what a thread or a killed process still has.
            plain.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.fixture(scope="module")
def module_database(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """Keep what other fixtures of a module write for each of its tests.

    All is in a transaction around those of the tests, so none of these may need its own.
    """
    with (
        django_db_blocker.unblock(),
        time_machine.travel(NOW, tick=False),
        transaction.atomic(),
    ):
        yield
        transaction.set_rollback(True)


def asks_database(test: Any) -> bool:
    asking = {"db", "transactional_db", "live_server", "module_database"} & set(test.fixturenames)
    return bool(asking) or test.get_closest_marker("django_db") is not None


# Folders and modules with a browser, a server, a bucket, processes of their own, the corpus of
# PDFs, or a walk over every address. Beside them, what takes five seconds or more.
SLOW = {
    *("browser", "drill", "upgrades", "samples", "pdf", "documents", "site/test_health.py"),
    *("site/test_readiness.py", "observing/test_logs.py", "observing/test_metrics.py"),
    *("files/test_sending_by_nginx.py", "files/test_sending_from_s3.py", "files/test_sending.py"),
    *("cache/test_shared_pages.py", "backup/test_buckets.py"),
    *(
        "files/test_slow_downloads.py",
        "database/test_clock.py",
        "cache/test_freshness.py",
        "site/test_freshness.py",
    ),
    *("search/test_building.py", "listing/test_reading_pages.py", "web/test_host.py"),
    *("web/test_unavailable_servers.py", "mscp/test_gunicorn.py", "tests/test_audit.py"),
    *("tests/test_backup.py", "tests/test_bench.py", "tests/test_pdfs.py"),
    *("tests/test_hidden_and_nothing.py", "tests/test_hidden_costs.py"),
    *("tests/test_public_surfaces.py", "tests/test_crafted_forms.py", "tests/test_bad_input.py"),
    *("tests/test_query_budgets.py", "tests/test_growth.py", "tests/test_every_route.py"),
    *("tests/test_html.py", "site/test_hostile_text.py", "tests/test_restart.py"),
    *("tests/test_nginx_conf.py", "tests/test_units.py", "tests/test_deployment_guide.py"),
    "tests/test_containers.py",
}


TESTS = Path(__file__).parent


def is_slow(path: Path) -> bool:
    # Whatever the folders are called in which the repository lies.
    parts = path.parts[len(TESTS.parts) - 1 :]
    name = name_of(path)
    return bool(SLOW & {*parts, name}) or name in LONGEST


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Read no slow file where all its tests would be left out: half of the collection."""
    left_out = config.option.markexpr == "not slow" and is_slow(collection_path)
    return True if left_out else None


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_collection_modifyitems(
    config: pytest.Config, items: list[pytest.Item]
) -> Generator[None]:
    """Begin with the files that take long.

    On PostgreSQL leave out what asks no database, or says that it is the same on each. Neither can
    come out otherwise than on SQLite, and together they take most of the time.
    """
    for one in items:
        if is_slow(one.path):
            one.add_marker(pytest.mark.slow)
    yield
    if connection.vendor == "postgresql":
        left_out = {
            one for one in items if not asks_database(one) or one.get_closest_marker("one_database")
        }
        config.hook.pytest_deselected(items=[one for one in items if one in left_out])
        items[:] = [one for one in items if one not in left_out]
    items[:] = longest_first(items)


def pytest_sessionstart() -> None:
    budgets.begin_to_count()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, Any, Any]:
    """Let no quick test spend what a slow one does (tests/budgets.py)."""
    if connection.vendor == "postgresql" and asks_database(item):
        begin_with_an_empty_journal()
    before = budgets.counted()
    done = yield
    if not is_slow(item.path) and (over := budgets.beyond(before)):
        pytest.fail(
            f"This quick test spent {over}. Let it spend less, or let its file stand in LONGEST "
            f"(tests/slow_files.py) or SLOW (tests/conftest.py).",
            pytrace=False,
        )
    return done


def begin_with_an_empty_journal() -> None:
    """Let no test count the queries of a journal that becomes full (mscp.cache.changes).

    It is full by its numbers, which PostgreSQL does not take back with what a test before wrote.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT setval(seq, (last_value / %s + 1) * %s + 1) FROM "
            "pg_get_serial_sequence(%s, 'id') AS seq, "
            "pg_sequence_last_value(seq::regclass) AS last_value",
            [changes.MOST, changes.MOST, changes.TABLE],
        )


# New objects after which Python looks for circles among them, and how many such looks until the
# next older ones are looked at too. Pages leave many objects, hardly any of them in circles.
LOOKS_FOR_CIRCLES = (20_000, 20, 20)


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_collection(session: pytest.Session) -> Generator[None, Any, Any]:
    """Let the garbage collector pass over what modules and tests made while they were collected.

    That is some 350,000 objects that stay, which it walks through again and again: a quarter of
    the collection, and up to half of a test that makes many objects.
    """
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.set_threshold(*LOOKS_FOR_CIRCLES)
        gc.enable()


@pytest.fixture(scope="session", autouse=True)
def seen_contexts() -> Iterator[None]:
    """Let ``response.context`` hold the context of Jinja2's templates too, as of Django's."""
    with pytest.MonkeyPatch.context() as patch:
        render = Template.render

        def render_seen(self: Template, context: Any = None, request: Any = None) -> Any:
            context = context or {}
            try:
                return render(self, context, request)
            finally:
                template_rendered.send(sender=self, template=self, context=context)

        patch.setattr(Template, "render", render_seen)
        yield


@pytest.fixture(scope="session", autouse=True)
def no_contexts_of_widgets() -> Iterator[None]:
    """Copy no context of a form's field: nobody looks at it, and a page of staff has hundreds."""
    with pytest.MonkeyPatch.context() as patch:
        store = client.store_rendered_templates

        def store_others(
            data: Any, signal: Any, sender: Any, template: Any, context: Any, **more: Any
        ) -> None:
            if not str(getattr(template, "name", "")).startswith("django/forms/"):
                store(data, signal, sender, template, context, **more)

        patch.setattr(client, "store_rendered_templates", store_others)
        yield


@pytest.fixture(autouse=True)
def clock(request: pytest.FixtureRequest) -> Iterator[Any]:
    """Stop the clock, but for a browser, which has its own."""
    if "browser" in str(request.path):
        yield None
        return
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


@pytest.fixture(scope="session")
def new_folders(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Name folders that no test has written to yet.

    For each ``tmp_path`` pytest reads the names of all before it and makes a link, which few tests
    need and all would pay for.
    """
    folder = tmp_path_factory.mktemp("files")
    return (folder / str(number) for number in count(1))


@pytest.fixture(autouse=True)
def uploads(settings: Any, new_folders: Iterator[Path]) -> Path:
    settings.MEDIA_ROOT = next(new_folders)
    return settings.MEDIA_ROOT


@pytest.fixture(autouse=True)
def temporary(settings: Any, new_folders: Iterator[Path]) -> Path:
    """Give uploads on their way a folder that no other test writes to."""
    settings.FILE_UPLOAD_TEMP_DIR = next(new_folders)
    settings.FILE_UPLOAD_TEMP_DIR.mkdir()
    return settings.FILE_UPLOAD_TEMP_DIR


@pytest.fixture(autouse=True)
def nothing_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep nothing of the test before: with its records the content version comes back too."""
    monkeypatch.setattr(versions, "_next_moments", versions.Kept())
    monkeypatch.setattr(versions, "_journals", versions.Kept())
    monkeypatch.setattr(versions, "_next_due", versions.Kept())
    pages.forget()


@pytest.fixture(autouse=True)
def free_places(monkeypatch: pytest.MonkeyPatch) -> None:
    """Give each test all places for exports and downloads.

    Answers of the test client refer to themselves: what a test leaves open is closed some time.
    """
    monkeypatch.setattr(export_csv, "_exports", Limit(export_csv.MOST_AT_ONCE))
    monkeypatch.setattr(sending, "_downloads", Limit(settings.WEB_THREADS))
    monkeypatch.setattr(sending, "_storage", Outside(settings.WEB_THREADS))


@pytest.fixture
def kept_readings(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have each PDF read by the child process once: for tests of what is done with a reading.

    Of the child itself, its limits and its end: tests/reviews/documents/test_intake.py.
    """
    monkeypatch.setattr(intake, "run_at_once", run_kept)


@pytest.fixture
def sign_in(db: None) -> Callable[..., Client]:
    """Return a client signed in as somebody of these groups."""

    def make(*groups: str, **fields: Any) -> Client:
        signed_in = Client()
        user = make_user(*groups, **fields)
        signed_in.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
        signed_in.user = user  # type: ignore[attr-defined]
        return signed_in

    return make


@pytest.fixture
def editor(sign_in: Callable[..., Client]) -> Client:
    return sign_in("Editors", username="ed")


@pytest.fixture
def publisher(sign_in: Callable[..., Client]) -> Client:
    return sign_in("Publishers", username="pat")


@pytest.fixture
def administrator(sign_in: Callable[..., Client]) -> Client:
    return sign_in(username="ada", is_superuser=True)


@pytest.fixture
def no_counted_attempts(db: None) -> None:
    cache.clear()
