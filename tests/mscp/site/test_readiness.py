"""A worker serves nothing from a database that is not of its release, and all when it is."""

import os
import signal
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client

from mscp.site import health
from tests.databases import RELEASES, Database, empty_database, load_release
from tests.pages import assert_valid_html
from tests.processes import wait_until
from tests.servers import HOST, gunicorn, run, site_environment, static_files
from tests.snapshots import migrated_database

# It asks for no rows of the tests' own database, but is another test on each kind of database.
pytestmark = pytest.mark.django_db

NEWER = (
    "INSERT INTO django_migrations (app, name, applied) "
    "VALUES ('training', '0999_venue_escalators', CURRENT_TIMESTAMP)"
)
OLDER = "DELETE FROM django_migrations WHERE name = '0999_venue_escalators'"


@pytest.fixture(autouse=True)
def clock() -> None:
    """The server is a process of its own."""


@dataclass(frozen=True)
class Site:
    port: int
    master: int
    log: Path
    database: Database
    environment: dict[str, str]

    def ask(self, address: str, method: str = "GET", **headers: str) -> tuple[int, str, str]:
        """Return status, text and Retry-After."""
        with closing(HTTPConnection(HOST, self.port, timeout=40)) as client:
            client.request(method, address, headers={"Host": HOST, **headers})
            answer = client.getresponse()
            return (
                answer.status,
                answer.read().decode(),
                answer.getheader("Retry-After", ""),
            )

    def migrate(self) -> None:
        run(self.environment, "manage.py", "migrate", "--verbosity", "0")

    def worker(self) -> int:
        children = Path(f"/proc/{self.master}/task/{self.master}/children").read_text().split()
        return int(children[0]) if children else 0

    def lines(self) -> list[str]:
        return [line for line in self.log.read_text().splitlines() if "readiness" in line]


@contextmanager
def served(folder: Path, database: Database) -> Iterator[Site]:
    environment = site_environment(folder, DATABASE_URL=database.address)
    (folder / "static").symlink_to(static_files())
    log = folder / "log"
    with log.open("w") as errors, gunicorn(environment, stderr=errors) as (port, master):
        yield Site(port, master, log, database, environment)


def test_it_refuses_a_database_that_is_behind_and_serves_when_it_is_migrated(
    tmp_path: Path,
) -> None:
    with empty_database(tmp_path / "own.sqlite3") as database, served(tmp_path, database) as site:
        for address in ("/", "/admin/", "/nothing-here/", "/static/nothing.css", "/search/?q=a"):
            status, page, again = site.ask(address)
            assert (status, again) == (503, "30"), address
            assert "<h1>This site is being brought up to date</h1>" in page
            assert 'href="tel:999"' in page
            assert_valid_html(page)
        status, body, again = site.ask("/admin/", "POST", Accept="application/json")
        assert (status, again, body) == (503, "30", '{"refused": "Try again in a minute."}')
        assert site.ask("/healthz")[:2] == (200, "ok\n")
        assert site.ask("/readyz")[0] == 503
        # So are some migrations of this release to be applied, and not all that there are.
        load_release(RELEASES[-1], database)
        assert site.ask("/")[0] == site.ask("/readyz")[0] == 503
        site.migrate()
        wait_until(lambda: site.ask("/")[0] == 200)
        wait_until(lambda: site.ask("/readyz")[:2] == (200, "ok\n"))
        wait_until(lambda: "Pages are served again" in site.log.read_text())
        assert site.worker()
        first, *_, last = site.lines()
        assert "Migrations are not applied: " in first and "Run manage.py migrate." in first
        assert first.endswith("None is served meanwhile.")
        assert "Pages are served again as they should be." in last


def test_it_refuses_a_database_that_is_ahead(tmp_path: Path) -> None:
    with migrated_database(tmp_path / "own.sqlite3") as database:
        database.execute(NEWER)
        with served(tmp_path, database) as site:
            assert site.ask("/")[0] == site.ask("/admin/")[0] == 503
            status, lines, _ = site.ask("/readyz")
            sentence = "A newer release has migrated the database: training.0999_venue_escalators."
            assert status == 503 and sentence in lines
            wait_until(site.lines)
            assert sentence in site.lines()[0]
            checked = database.manage("check", "--database", "default")
            assert checked.returncode and f"(mscp.E007) {sentence}" in checked.stderr
            database.execute(OLDER)
            wait_until(lambda: site.ask("/")[0] == 200)


def test_what_serves_goes_on_while_a_newer_release_migrates(tmp_path: Path) -> None:
    with (
        migrated_database(tmp_path / "own.sqlite3") as database,
        served(tmp_path, database) as site,
    ):
        # A page waits for the first look of the worker, and a probe does not.
        wait_until(lambda: site.ask("/")[0] == 200)
        wait_until(lambda: site.ask("/readyz")[0] == 200)
        database.execute(NEWER)
        status, lines, _ = site.ask("/readyz")
        assert status == 200 and lines.startswith("ok\nA newer release has migrated the database")
        first = site.worker()
        os.kill(first, signal.SIGKILL)
        wait_until(lambda: site.worker() not in (0, first))
        # The worker in its place takes over from one that was right.
        assert site.ask("/")[0] == 200 and site.ask("/readyz")[0] == 200


OF_A_NEWER_RELEASE = """
import django
django.setup()
from dataclasses import replace
from mscp.cache import versions
from mscp.search import maintenance
# That release takes another change of one table, too, for one that visitors can see.
versions.TABLES[0] = replace(versions.TABLES[0], condition="1 = 1")
"""


@pytest.mark.parametrize(
    "done",
    [
        "maintenance.drop_triggers(plan=['a migration'])",
        "maintenance.ensure()",
        "maintenance.drop_triggers(plan=['a migration']); maintenance.ensure()",
    ],
    ids=["runs, or was broken off", "had no migrations", "is done"],
)
def test_what_serves_is_ready_while_a_newer_release_makes_other_triggers(
    tmp_path: Path, done: str
) -> None:
    with (
        migrated_database(tmp_path / "own.sqlite3") as database,
        served(tmp_path, database) as site,
    ):
        wait_until(lambda: site.ask("/")[0] == 200)
        wait_until(lambda: site.ask("/readyz")[0] == 200)
        run(site.environment, "-c", OF_A_NEWER_RELEASE + done)
        status, lines, _ = site.ask("/readyz")
        sentence = "Triggers and word indexes are those of another release"
        assert status == 200 and lines.startswith(f"ok\n{sentence}")
        assert site.ask("/")[0] == site.ask("/search/?q=a")[0] == 200
        # What is started only now has never served from that database.
        checked = database.manage("check", "--database", "default")
        assert checked.returncode and f"(mscp.E008) {sentence}" in checked.stderr
        site.migrate()
        assert site.ask("/readyz")[:2] == (200, "ok\n")
        assert not database.manage("check", "--database", "default").returncode


def test_damage_after_an_upgrade_is_a_fault_of_whoever_serves(tmp_path: Path) -> None:
    with (
        migrated_database(tmp_path / "own.sqlite3") as database,
        served(tmp_path, database) as site,
    ):
        wait_until(lambda: site.ask("/readyz")[0] == 200)
        database.execute("DELETE FROM mscp_stamp")
        status, lines, _ = site.ask("/readyz")
        assert status == 503 and "Run manage.py migrate." in lines


def test_a_probe_and_the_check_name_a_newer_release_and_a_lack_at_once() -> None:
    with connection.cursor() as cursor:
        cursor.execute(NEWER)
    assert [fault.id for fault in health.faults()] == ["mscp.E007"]
    assert Client().get("/readyz").status_code == 503
    with pytest.raises(CommandError, match=r"\(mscp\.E007\) A newer release"):
        call_command("check", databases=["default"])
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM django_migrations WHERE name = '0002_session_coming'")
    assert [fault.id for fault in health.faults()] == ["mscp.E007", "mscp.E003"]
