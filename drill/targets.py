"""Targets: start, memory, backup, restore and a save in the admin, at 10,000 publications.

On a database that `make bench` fills and keeps, with a file and covers for each publication.
"""

import json
import os
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from statistics import median

from django.conf import settings

from bench.client import HOST, Client
from bench.databases import Postgresql
from bench.errors import BenchError
from bench.filled import Filling, filled_site
from bench.memory import children, of_server
from bench.own_site import HOSTS, KEPT, ROOT, Site
from bench.pages import pages
from bench.server import Server, first_of_all, serving
from drill.databases import on_each, parser_of
from drill.figures import Outcome
from drill.services import free_port
from drill.staff import Staff

REVIEWS, SESSIONS, TEXT = 10_000, 5_000, 20
STARTS = 3
SAVES = 15
FIRST_TIMES = 30
# Of each type of page, before the memory is looked at.
REQUESTS = 50
MB = 1_000_000
LIST = "/reviews/"
MOST = {
    "start": 2.0,
    "memory": 250,
    "backup": 60,
    "restore": 120,
    "admin-save": 300,
    "first-page": 3,
}


def main(arguments: list[str]) -> int:
    parser = parser_of("targets", "Measure what was aimed at.")
    parser.add_argument("--size", type=int, default=REVIEWS, help="publications")
    options = parser.parse_args(arguments)
    if options.record and options.size != REVIEWS:
        parser.error(f"Only figures at {REVIEWS:,} publications are recorded.")
    # Django only renders the forms here.
    settings.configure()

    def drill(shown: str) -> list[Outcome]:
        with filled_site(Filling(options.size, SESSIONS, TEXT), shown) as site:
            return list(map(_printed, _measured(site, options.size)))

    return on_each(options, drill)


def _measured(site: Site, size: int) -> Iterator[Outcome]:
    place = KEPT / f"uploads_{size}"
    site.run("Giving documents their files", "-m", "drill.stocking", str(place))
    made = json.loads(site.answer("Making staff", "-m", "drill.staff"))
    with first_of_all():
        yield _start(site)
        with serving(site) as server:
            staff = Staff(server.port, "publisher", made["password"])
            yield from _saves(server, staff, made["key"], size)
            yield _memory(server, size)
            with _visited(server):
                backup, target = _backup(site, staff, made["key"])
            yield backup
        yield _restore(site, target)


def _printed(outcome: Outcome) -> Outcome:
    print(f"  {outcome.key}: {outcome.figure}", flush=True)
    return outcome


def _outcome(key: str, value: float, figure: str) -> Outcome:
    outcome = Outcome(key, figure)
    outcome.expect(value <= MOST[key], f"{figure}, and not at most {MOST[key]}.")
    return outcome


# --- start and memory -----------------------------------------------------------------------------


def _start(site: Site) -> Outcome:
    taken = median(_seconds_to_start(site) for _ in range(STARTS))
    return _outcome("start", taken, f"{taken:.2f} s")


def _seconds_to_start(site: Site) -> float:
    port = free_port()
    began = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "-m", "gunicorn", "--log-level", "warning"],
        cwd=ROOT,
        env={**site.environment, "HOST": HOST, "PORT": str(port)},
    )
    try:
        while True:
            try:
                with Client(port) as client:
                    client.get("/")
                return time.perf_counter() - began
            except OSError as error:
                if process.poll() is not None:
                    raise BenchError("gunicorn ended before it served a page.") from error
                time.sleep(0.01)
    finally:
        process.terminate()
        process.wait()


def _memory(server: Server, size: int) -> Outcome:
    with Client(server.port) as client:
        for page in pages(size):
            for number in range(REQUESTS):
                # Half of them come again, half are of a host of their own, and so made anew.
                host = f"m{number}.{HOSTS}" if number % 2 else ""
                client.get(page.paths[number % len(page.paths)], host=host)
    used = of_server(server.master)
    if used is None:
        raise BenchError("Memory is known only where there is /proc.")
    workers = sum(_resident(process) for process in children(server.master)) / MB
    proportional = (used.proportional or 0) / MB
    return _outcome(
        "memory", workers, f"{workers:.0f} MB RSS of two workers; {proportional:.0f} MB PSS of all"
    )


def _resident(process: int) -> int:
    pages_of = int(Path(f"/proc/{process}/statm").read_text().split()[1])
    return pages_of * os.sysconf("SC_PAGE_SIZE")


# --- a save, and the first page after it ----------------------------------------------------------


def _saves(server: Server, staff: Staff, key: int, size: int) -> Iterator[Outcome]:
    form = f"/admin/reviews/practicereview/{key}/change/"
    saves: list[float] = []
    after: list[float] = []
    first: list[float] = []
    hosts = (f"t{number}.{HOSTS}" for number in count())
    staff.step("practicereview", "publish", key)
    with Client(server.port) as client:
        for number in range(SAVES):
            given = {**staff.form(form), "summary": f"Saved {number} times.", "_save": "Save"}
            began = time.perf_counter()
            status, _ = staff.post(form, **given)
            saves.append(time.perf_counter() - began)
            if status != 302:
                raise BenchError(f"A save is answered {status}.")
            after.append(client.get(LIST).seconds)
            # Each worker reads again what it keeps, so others are asked for before a comparison.
            for _ in range(8):
                client.get("/")
                with Client(server.port) as another:
                    another.get(LIST)
            first += [client.get(LIST, host=next(hosts)).seconds for _ in range(3)]
    took = 1000 * median(saves)
    yield _outcome("admin-save", took, f"{took:.0f} ms")
    ratio = median(after) / median(first)
    yield _outcome(
        "first-page",
        ratio,
        f"{ratio:.1f} × ({1000 * median(after):.1f} and {1000 * median(first):.1f} ms)",
    )


# --- backup and restore ---------------------------------------------------------------------------


@contextmanager
def _visited(server: Server) -> Iterator[None]:
    """Have somebody ask for pages meanwhile, one after the other."""
    over = threading.Event()
    asked = threading.Thread(target=_visit, args=(server, over))
    asked.start()
    try:
        yield
    finally:
        over.set()
        asked.join()


def _visit(server: Server, over: threading.Event) -> None:
    with Client(server.port) as client:
        for number in count():
            if over.wait(0.05):
                return
            client.get(LIST, host=f"v{number % 200}.{HOSTS}")


def _backup(site: Site, staff: Staff, key: int) -> tuple[Outcome, Path]:
    target = Path(site.environment["DATA_DIR"]) / "backups"
    began = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "manage.py", "backup", str(target)],
        cwd=ROOT,
        env=site.environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    saved = 0
    form = f"/admin/reviews/practicereview/{key}/change/"
    while process.poll() is None:
        staff.save(form, summary=f"Saved meanwhile, {saved}.")
        saved += 1
        time.sleep(0.5)
    taken = time.perf_counter() - began
    if process.returncode:
        raise BenchError(f"backup: {process.stderr.read()[-300:] if process.stderr else ''}")
    return _outcome("backup", taken, f"{taken:.0f} s, {saved} saves meanwhile"), target


def _restore(site: Site, target: Path) -> Outcome:
    """Restore into an empty place: a folder beside, and another database of the server."""
    place = target.parent / "restored"
    place.mkdir()
    environment = {**site.environment, "DATA_DIR": str(place)}
    made = None
    if isinstance(site.own, Postgresql):
        made = Postgresql(site.own.url)
        made.create()
        environment["DATABASE_URL"] = made.url
    try:
        began = time.perf_counter()
        done = subprocess.run(
            [sys.executable, "manage.py", "restore", str(target)],
            cwd=ROOT,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        taken = time.perf_counter() - began
        if done.returncode:
            raise BenchError(f"restore: {done.stderr[-300:]}")
    finally:
        if made:
            made.drop()
        shutil.rmtree(place)
    return _outcome("restore", taken, f"{taken:.0f} s")
