"""All processes decide by one clock, the database's, however wrong their own are."""

import ast
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from mscp.database import clock as database_clock
from mscp.publishing.gate import State
from mscp.records.audit import MomentField
from tests.factories import make_review, make_user

ROOT = Path(__file__).parent.parent.parent.parent


class Process:
    """Another process of the site, whose clock is wrong."""

    def __init__(self, running: subprocess.Popen[str]) -> None:
        self._running = running

    def ask(self, **what: Any) -> dict[str, Any]:
        assert self._running.stdin and self._running.stdout
        self._running.stdin.write(json.dumps(what) + "\n")
        self._running.stdin.flush()
        return json.loads(self._running.stdout.readline())

    def step(self, name: str, review: Any, **data: Any) -> None:
        address = f"/admin/reviews/practicereview/step/{name}/?id={review.pk}"
        answer = self.ask(post=address, data=data)
        assert answer["status"] == 302, answer["body"]

    def status(self, address: str) -> int:
        return self.ask(get=address)["status"]

    def shows(self, title: str) -> set[str]:
        """Return the lists, of all kinds, that name a title."""
        lists = ["/", "/reviews/", "/search/?q=kestrel", "/search/suggestions/?q=kestrel"]
        lists += ["/reviews/feed.atom", "/reviews/export.csv", "/sitemap-reviews.xml"]
        slug = title.lower().replace(" ", "-")
        bodies = {address: self.ask(get=address)["body"] for address in lists}
        return {
            address
            for address, body in bodies.items()
            # A feed names the id of what was withdrawn.
            if title in body or f"/reviews/{slug}/" in body
        }


@contextmanager
def process(database: str, *, seconds: float) -> Iterator[Process]:
    running = subprocess.Popen(
        [sys.executable, "-m", "tests.mscp.other_process", database, str(seconds)],
        cwd=ROOT,
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "tests.settings"},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        with running:
            yield Process(running)
            assert running.stdin
            running.stdin.close()
    finally:
        running.kill()


@pytest.fixture
def database(tmp_path: Path) -> str:
    """Return the name of a database that other processes can open too."""
    if connection.vendor == "postgresql":
        return str(connection.settings_dict["NAME"])
    return str(tmp_path / "site.sqlite3")


def give(database: str) -> None:
    """Give the other processes what the test has made."""
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("VACUUM INTO %s", [database])


@pytest.mark.django_db(transaction=True)
def test_what_one_publishes_or_withdraws_the_other_shows_or_hides_at_once(database: str) -> None:
    make_user(is_superuser=True, username="ada")
    titles = ["Kestrel one", "Kestrel two"]
    reviews = [make_review(state=State.DRAFT, title=title, summary="Words.") for title in titles]
    later = make_review(state=State.DRAFT, title="Kestrel three", summary="Words.")
    give(database)
    with process(database, seconds=5) as fast, process(database, seconds=-5) as slow:
        for publisher, withdrawer, review in (
            (fast, slow, reviews[0]),
            (slow, fast, reviews[1]),
        ):
            page, title = review.get_absolute_url(), review.title
            for one in (fast, slow):
                # What a process keeps in memory is filled.
                assert one.status(page) == 404 and one.shows(title) == set()
            publisher.step("publish", review)
            for one in (withdrawer, publisher):
                assert one.status(page) == 200
                assert len(one.shows(title)) == 7, one.shows(title)
            # Its clock is put back beyond the moment at which this was published.
            withdrawer.ask(shift=-7200)
            assert withdrawer.status(page) == 200 and len(withdrawer.shows(title)) == 7
            history = f"/admin/reviews/practicereview/{review.pk}/history/"
            listed = withdrawer.ask(get=history)["body"]
            assert "Published" in listed and "Scheduled" not in listed
            withdrawer.step("withdraw", review, reason="A name")
            for one in (publisher, withdrawer):
                assert one.status(page) == 410 and one.shows(title) == set()
            withdrawer.ask(shift=7200)
        # A clock that is ahead publishes nothing before its time.
        fast.ask(shift=7200)
        slow.step("schedule", later, moment=london(in_minutes=60))
        for one in (fast, slow):
            assert one.status(later.get_absolute_url()) == 404
            assert one.shows(later.title) == set()


def london(*, in_minutes: int) -> str:
    moment = database_clock._Reckoned().ask() + timedelta(minutes=in_minutes)
    return timezone.localtime(moment).strftime("%Y-%m-%dT%H:%M")


@pytest.fixture
def asked(settings: Any, db: None) -> database_clock._Reckoned:
    """Return a clock of its own that has asked the database."""
    settings.CLOCK = "database"
    reckoned = database_clock._Reckoned()
    reckoned.ask()
    return reckoned


def test_the_database_is_asked_once_a_minute(asked: database_clock._Reckoned) -> None:
    with CaptureQueriesContext(connection) as captured:
        moments = [asked.now() for _ in range(100)]
        assert len(captured) == 0 and moments == sorted(moments)
        asked._due -= database_clock.MEASURED_EVERY
        moments = [asked.now() for _ in range(100)]
    assert len(captured) == 1


def test_it_is_never_behind_the_database(asked: database_clock._Reckoned) -> None:
    other = database_clock._Reckoned()
    for _ in range(20):
        given = other.ask()
        assert asked.now() >= given


@pytest.mark.parametrize("ahead", [0.001, 0.5, 0.9])
def test_a_better_measurement_never_takes_it_back(
    asked: database_clock._Reckoned, ahead: float
) -> None:
    """A measurement errs on the late side, by as much as its question took."""
    assert asked._measured
    given, at = asked._measured
    asked._measured = given + timedelta(seconds=ahead), at
    moments = [asked.now() for _ in range(10)]
    asked._due = 0.0
    moments += [asked.now() for _ in range(10)]
    assert moments == sorted(moments) and moments[9] - given >= timedelta(seconds=ahead)
    # It goes on once that moment has come again.
    asked._latest = moments[-1] - timedelta(seconds=2)
    assert asked._latest < asked.now() < moments[-1]


def test_a_database_whose_clock_was_set_back_is_followed(asked: database_clock._Reckoned) -> None:
    assert asked._measured
    given, at = asked._measured
    asked._measured = given + timedelta(hours=1), at
    ahead = asked.now()
    asked._due = 0.0
    assert timedelta(minutes=59) < ahead - asked.now() < timedelta(minutes=61)


def test_a_machine_whose_clock_is_put_back_goes_on(
    asked: database_clock._Reckoned, clock: Any
) -> None:
    before = asked.now()
    clock.shift(timedelta(hours=-2))
    assert timedelta(0) <= asked.now() - before < timedelta(hours=1)


def test_where_nothing_can_be_asked_it_goes_on_with_what_it_has(
    asked: database_clock._Reckoned,
) -> None:
    before, asked._due = asked.now(), 0.0
    with transaction.atomic():
        transaction.set_rollback(True)
        with CaptureQueriesContext(connection) as captured:
            assert before <= asked.now() < before + timedelta(hours=1)
        assert len(captured) == 0
        transaction.set_rollback(False)


# --- only one place asks for the time -------------------------------------------------------------

ASKING = {
    ("timezone", "now"),
    ("timezone", "localdate"),
    ("timezone", "localtime"),
    ("datetime", "now"),
    ("datetime", "utcnow"),
    ("datetime", "today"),
    ("date", "today"),
    ("time", "time"),
    ("time", "time_ns"),
}
ALLOWED = {
    "mscp/database/clock.py": "is the one place",
    "mscp/files/removal.py": "compares with the times of files, in days",
    "mscp/site/pages.py": "until when security.txt is good, half a year on",
    "reviews/models/documents.py": "when a file was taken in, which decides nothing public",
    "reviews/documents/stored_files.py": "compares with the times of files on this machine",
    "reviews/management/commands/check_documents.py": "the same",
    "reviews/documents/work_folders.py": "the same",
}


def asks_for_the_time(path: Path) -> list[int]:
    """Return the lines that name a clock, but for what tells London's time of a given moment."""
    tree = ast.parse(path.read_text())
    of_a_moment = {
        id(node.func)
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and node.args
        and getattr(node.func, "attr", "").startswith("local")
    }
    return [
        node.lineno
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute)
        and isinstance(node.value, ast.Name)
        and (node.value.id, node.attr) in ASKING
        and id(node) not in of_a_moment
    ]


def test_nothing_public_is_decided_by_the_clock_of_a_process() -> None:
    found = {}
    for package in ("mscp", "reviews", "training"):
        for path in (ROOT / package).rglob("*.py"):
            name = str(path.relative_to(ROOT))
            if "migrations" not in path.parts and (lines := asks_for_the_time(path)):
                found[name] = lines
    assert {name: lines for name, lines in found.items() if name not in ALLOWED} == {}


def test_moments_of_change_are_the_databases() -> None:
    own = [
        field
        for app in ("mscp", "reviews", "training")
        for model in apps.get_app_config(app).get_models()
        for field in model._meta.local_fields
        if getattr(field, "auto_now", False) or getattr(field, "auto_now_add", False)
    ]
    others = [str(field) for field in own if not isinstance(field, MomentField)]
    # When a record of the catalogue was loaded is shown nowhere.
    assert others == ["mscp.SeededRecord.loaded_at"] and len(own) > 10
