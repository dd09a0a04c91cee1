"""No answer is older than the last commit, whichever of two servers gives it.

One thread publishes, edits, withdraws, schedules and lets moments pass; eight read every kind of
page of two gunicorns that share its database. What a page shows must be what was so at some moment
between the last commit before the question and the answer.
"""

import os
import random
import re
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import timedelta
from http.client import HTTPConnection
from pathlib import Path
from threading import Event
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from mscp.cache import encodings
from mscp.models import Page
from mscp.publishing.gate import State
from reviews.models import DocumentPage, Publication
from tests.factories import (
    MINIMAL_PDF,
    make_course,
    make_document,
    make_file,
    make_identity,
    make_page,
    make_review,
    make_session,
    make_theme,
    past_the_gate,
)
from tests.mscp.cache.redis_server import redis_address
from tests.processes import database_on_disk
from tests.servers import HOST, gunicorn, site_environment, static_files
from training.models import Course, Session

pytestmark = [pytest.mark.django_db(transaction=True)]

READERS = 8
ROUNDS = 3
# Seconds within which a page that does not change comes from the cache.
PATIENCE = 20
# Seconds by which a process may take a moment for passed before or after it is.
VAGUE = 0.1
# Seconds before and after a wait in which pages are read: nothing changes while one waits.
AROUND = 0.3

Expected = dict[str, Any]


@pytest.fixture(autouse=True)
def clock() -> None:
    """The servers are processes of their own, by the clock of this machine."""


@dataclass
class History:
    """What visitors could see after each step. Only one thread writes it."""

    states: list[Expected]
    committed: int = 0
    begun: int = 0
    reading: Event = field(default_factory=Event)

    def step(self, change: Callable[[], Any], **after: Any) -> None:
        self.states.append({**self.states[-1], **after})
        self.begun += 1
        change()
        self.committed += 1

    def wait(self, seconds: float) -> None:
        """Wait, and let readers rest meanwhile, but for a while before and after."""
        rest = seconds - 2 * AROUND
        if rest > 0:
            time.sleep(AROUND)
            self.reading.clear()
            time.sleep(rest)
            self.reading.set()
            seconds = AROUND
        time.sleep(max(0.0, seconds))


@dataclass
class World:
    history: History = field(init=False)

    def __post_init__(self) -> None:
        make_identity()
        self.theme = make_theme(name="Theme 0")
        themes = [self.theme]
        self.kestrel = make_review(title="Sample Kestrel 0", themes=themes, summary="Words.")
        self.heron = make_review(
            title="Sample Heron", themes=themes, summary="Words.", state=State.DRAFT
        )
        self.osprey = make_review(
            title="Sample Osprey", themes=themes, summary="Words.", state=State.DRAFT
        )
        file = make_file(MINIMAL_PDF, pages=["Line 0"])
        self.document = make_document(self.kestrel, file=file, title="Report")
        self.hidden = make_document(self.heron, pdf=MINIMAL_PDF + b"%", title="Hidden")
        self.course = make_course(title="Sample Course 0", themes=themes)
        self.session = make_session(self.course, note="Note 0")
        self.page = make_page(title="Footer 0")
        self.history = History(
            [
                {
                    "kestrel": 0,
                    "theme": 0,
                    "line": 0,
                    "course": 0,
                    "note": 0,
                    "footer": 0,
                    "heron": 404,
                    "osprey": False,
                }
            ]
        )

    # --- what is read ---------------------------------------------------------------------------

    def addresses(self) -> dict[str, tuple[str, ...]]:
        """Return what each address shows of the state."""
        titles = ("kestrel", "heron", "osprey")
        course = self.course.get_absolute_url()
        return {
            "/": (*titles, "footer"),
            "/reviews/": (*titles, "footer"),
            "/reviews/?type=lcspr&sort=title": titles,
            "/search/?q=sample": titles,
            "/search/suggestions/?q=sample": titles,
            f"/themes/{self.theme.slug}/": (*titles, "theme", "footer"),
            "/reviews/feed.atom": titles,
            "/reviews/export.csv": titles,
            "/reviews/export.v1.json": titles,
            "/sitemap-reviews.xml": ("heron", "osprey"),
            self.kestrel.get_absolute_url(): ("kestrel", "theme", "heron", "osprey"),
            f"{self.kestrel.get_absolute_url()}cite.ris": ("kestrel",),
            self.heron.get_absolute_url(): ("heron_status",),
            self.hidden.get_absolute_url(): ("heron_file",),
            f"/documents/{self.document.uid}/read/": ("line",),
            "/training/": ("course", "note", "footer"),
            "/training/calendar.ics": ("course", "note"),
            course: ("course", "note", "theme"),
            self.course.calendar_address: ("course", "note"),
            self.session.calendar_address: ("course", "note"),
            self.page.get_absolute_url(): ("footer",),
        }

    # --- what is done ---------------------------------------------------------------------------

    def one_round(self, number: int) -> None:
        step, heron, osprey = self.history.step, self.heron, self.osprey
        self.kestrel.title = f"Sample Kestrel {number}"
        step(self.kestrel.save, kestrel=number)
        step(heron.publish, heron=200)
        step(
            lambda: self._update(Course, self.course, title=f"Sample Course {number}"),
            course=number,
        )
        step(lambda: self._update(Page, self.page, title=f"Footer {number}"), footer=number)
        step(lambda: heron.withdraw(reason="A test"), heron=410)
        # Late enough for two steps on a busy machine: it is not to be seen during them.
        soon = timezone.now() + timedelta(seconds=1.5)
        step(lambda: osprey.publish(at=soon))
        step(lambda: DocumentPage.objects.update(**self._line(number)), line=number)
        self.history.wait((soon - timezone.now()).total_seconds() - VAGUE)
        step(lambda: time.sleep(2 * VAGUE), osprey=True)
        step(lambda: self._update(Session, self.session, note=f"Note {number}"), note=number)
        self.theme.name = f"Theme {number}"
        step(self.theme.save, theme=number)
        step(heron.return_to_draft, heron=404)
        # As somebody with SQL does it.
        of_osprey = Publication.objects.filter(pk=osprey.pk)
        step(lambda: past_the_gate(of_osprey, state="draft", published_at=None), osprey=False)
        osprey.refresh_from_db()

    @staticmethod
    def _update(model: Any, record: Any, **values: Any) -> None:
        model.objects.filter(pk=record.pk).update(**values)

    @staticmethod
    def _line(number: int) -> dict[str, Any]:
        text = f"Line {number}"
        return {"text": text, "blocks": [{"kind": "paragraph", "text": text, "continues": False}]}


NUMBERED = {
    "kestrel": re.compile(r"Kestrel (\d+)"),
    "theme": re.compile(r"Theme (\d+)"),
    "line": re.compile(r"Line (\d+)"),
    "course": re.compile(r"Course (\d+)"),
    "note": re.compile(r"Note (\d+)"),
    "footer": re.compile(r"Footer (\d+)"),
}


def seen(name: str, status: int, body: str) -> set[Any]:
    """Return what an answer shows of a part of the state.

    A page is read in several queries, so what changes meanwhile may be in it both old and new.
    """
    if name in ("heron_status", "heron_file"):
        return {status}
    assert status == 200, status
    if name in NUMBERED:
        return {int(number) for number in NUMBERED[name].findall(body)}
    return {name.title() in body or f"sample-{name}" in body}


def expected(name: str, state: Expected) -> Any:
    if name == "heron_status":
        return state["heron"]
    if name == "heron_file":
        return 200 if state["heron"] == 200 else 404
    return state["heron"] == 200 if name == "heron" else state[name]


class Reader:
    """Reads addresses of both servers until it is told to stop; counts what came from a cache."""

    def __init__(self, world: World, ports: list[int], number: int) -> None:
        self.world, self.number = world, number
        self.ports = ports
        self.read, self.hits = 0, 0

    def run(self, stop: Event) -> None:
        choice = random.Random(self.number)
        addresses = list(self.world.addresses().items())
        while not stop.is_set():
            self.world.history.reading.wait()
            self.ask(choice.choice(self.ports), *choice.choice(addresses), choice)

    def ask(self, port: int, address: str, shows: tuple[str, ...], choice: random.Random) -> None:
        history = self.world.history
        # One of its own: the server closes one that was idle for two seconds.
        server = HTTPConnection(HOST, port, timeout=30)
        before = history.committed
        server.request(
            "GET", address, headers={"Accept-Encoding": choice.choice(["gzip", "br", ""])}
        )
        answer = server.getresponse()
        body = answer.read()
        server.close()
        after = history.begun
        if answer.status == 503 and "Retry-After" in answer.headers:
            # Two CSV exports are written at a time; a third says when to ask again.
            return
        assert answer.status < 500, (address, answer.status, body[:300])
        plain = encodings.decoded(body, answer.headers.get("Content-Encoding", ""))
        text = plain.decode("utf-8", "replace")
        for name in shows:
            found = seen(name, answer.status, text)
            possible = {expected(name, state) for state in history.states[before : after + 1]}
            timing = answer.headers.get("Server-Timing")
            assert found and found <= possible, (
                f"{address} shows {name} as {found} between the steps {before} and {after}, when "
                f"it was {possible}: {timing}"
            )
        self.read += 1
        self.hits += "hit" in answer.headers.get("Server-Timing", "")


def database_url() -> str:
    settings = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{settings['NAME']}"
    who = ":".join(filter(None, [str(settings["USER"]), str(settings["PASSWORD"])]))
    where = ":".join(filter(None, [str(settings["HOST"]), str(settings["PORT"])]))
    return f"postgres://{who}@{where}/{settings['NAME']}"


@pytest.fixture
def database(tmp_path: Path) -> Iterator[None]:
    with database_on_disk(tmp_path):
        yield


@pytest.mark.parametrize("cache", ["memory", "off", "redis"])
@pytest.mark.usefixtures("database")
def test_no_answer_is_older_than_the_last_commit(
    cache: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    os.symlink(static_files(), tmp_path / "static")
    world = World()
    environment = site_environment(
        tmp_path,
        DATABASE_URL=database_url(),
        PAGE_CACHE_MB="0" if cache == "off" else "64",
        CACHE_URL=request.getfixturevalue("redis") if cache == "redis" else "",
        WEB_THREADS=str(READERS),
    )
    with ExitStack() as running:
        ports = [running.enter_context(gunicorn(environment))[0] for _ in range(2)]
        stop = Event()
        world.history.reading.set()
        readers = [Reader(world, ports, number) for number in range(READERS)]
        with ThreadPoolExecutor(READERS) as pool:
            futures = [pool.submit(reader.run, stop) for reader in readers]
            try:
                # Without a cache nothing can be old: one round shows that this test is right.
                for number in range(1, 2 if cache == "off" else ROUNDS + 1):
                    if any(future.done() for future in futures):
                        break
                    world.one_round(number)
                # On a slow machine hardly a page is asked for twice between two changes. Now that
                # nothing changes, some soon is.
                patience = time.monotonic() + PATIENCE
                while (
                    cache != "off"
                    and not any(reader.hits for reader in readers)
                    and not any(future.done() for future in futures)
                    and time.monotonic() < patience
                ):
                    time.sleep(0.05)
            finally:
                stop.set()
                world.history.reading.set()
            for future in futures:
                future.result(timeout=60)
    assert min(reader.read for reader in readers) > 0
    hits = sum(reader.hits for reader in readers)
    assert (hits == 0) == (cache == "off"), hits


redis = pytest.fixture(redis_address)
