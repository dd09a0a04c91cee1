"""Load: visitors on 32 connections, an editor who publishes every second, and an uploader.

Beside them clients that read slowly and connections on which nobody asks. No answer may be an
error, no page may be older than a change that was confirmed to the editor, the slowest answers may
take no more than five times as long as the median, and the workers may not grow.
"""

import json
import socket
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings

from bench.errors import BenchError
from bench.filled import collect_static
from bench.memory import of_server
from bench.own_site import ROOT, Site, own_site
from bench.server import HOST, Server, serving
from drill.databases import bring_up_to_date, on_each, parser_of
from drill.figures import Outcome
from drill.staff import Staff

CONNECTIONS = 32
SLOW_CLIENTS = 6
IDLE_CONNECTIONS = 12
MOST_GROWTH = 0.10
MOST_OF_MEDIAN = 5
# What workers load first and cache is not growth, so memory is compared from here on.
WARM_UP = 0.4
EVERY = 1.0
"""Seconds from one change of the editor to the next."""
# How often it is changed before it is withdrawn and published again; how often each list is asked.
CHANGES_BETWEEN = 10
LOOKS = 2
REQUESTS = 50_000
PAGES = (
    "/",
    "/reviews/",
    "/reviews/?type=lcspr",
    "/reviews/?year=2021&theme=neglect",
    "/reports/",
    "/learning/",
    "/training/",
    "/training/?month=2027-01",
    "/training/calendar.ics",
    "/themes/",
    "/search/?q=child",
    "/search/?q=%22serious+case%22+-police",
    "/search/suggestions/?q=chi",
    "/reviews/feed.atom",
    "/reviews/export.v1.json",
    "/search/export.v1.json?q=review",
    "/sitemap.xml",
    "/about/",
)
# What needs no quiet machine.
OF_ANSWERS = ("load-errors", "load-stale")
# Given out anew for each request.
DOWNLOADS = 2


@dataclass
class Looks:
    """The results of a run's threads; a list or a counter takes one item at a time."""

    faults: list[str] = field(default_factory=list)
    stale: list[str] = field(default_factory=list)
    looks: Counter[str] = field(default_factory=Counter)


def edit(
    port: int, password: str, key: int, slug: str, found: Looks, over: threading.Event
) -> None:
    """Publish a change every second, and sometimes withdraw; look that every page shows it."""
    staff = Staff(port, "publisher", password)
    address = f"/reviews/{slug}/"
    listed = "/reviews/export.v1.json"
    form = f"/admin/reviews/practicereview/{key}/change/"
    number, words = 0, "kestrel0"
    while not over.is_set():
        staff.step("practicereview", "publish", key)
        found.looks["changes"] += 1
        _look(staff, found, address, 200)
        for _ in range(CHANGES_BETWEEN):
            if over.is_set():
                break
            began = time.monotonic()
            number += 1
            words = f"kestrel{number}"
            staff.save(form, summary=f"Changed to {words}.")
            found.looks["changes"] += 1
            _look(staff, found, address, 200, says=words)
            # Of each worker, however connections are distributed.
            for _ in range(LOOKS):
                _look(staff, found, listed, 200, says=words)
                _look(staff, found, f"/search/?q={words}", 200, says=slug)
            over.wait(max(0, began + EVERY - time.monotonic()))
        staff.step("practicereview", "withdraw", key, reason="A drill")
        _look(staff, found, address, 410)
        for _ in range(LOOKS):
            _look(staff, found, listed, 200, lacks=words)
            _look(staff, found, f"/search/?q={words}", 200, lacks=address)
        staff.step("practicereview", "to-draft", key)
        _look(staff, found, address, 404)


def _look(
    staff: Staff, found: Looks, path: str, status: int, *, says: str = "", lacks: str = ""
) -> None:
    got, text = staff.as_visitor(path)
    found.looks["looks"] += 1
    if got != status:
        found.stale.append(f"After a change {path} answered {got}, not {status}.")
    elif says and says not in text:
        found.stale.append(f"{path} does not say “{says}” yet.")
    elif lacks and lacks in text:
        found.stale.append(f"{path} still says “{lacks}”.")


def upload(port: int, password: str, found: Looks, over: threading.Event) -> None:
    """Send one PDF after another."""
    from tests.pdfs import pdf_saying

    staff = Staff(port, "editor", password)
    number = 0
    while not over.is_set():
        number += 1
        staff.upload(pdf_saying(f"Sample number {number}."))
        found.looks["uploads"] += 1
        over.wait(EVERY)


# --- clients that are no trouble to themselves ----------------------------------------------------


@contextmanager
def slow_and_idle(server: Server, document: str) -> Iterator[None]:
    """Hold connections of readers who read next to nothing, and of some who ask nothing."""
    over = threading.Event()
    readers = [
        threading.Thread(target=_read_slowly, args=(server.port, document, over))
        for _ in range(SLOW_CLIENTS)
    ]
    idlers = [
        threading.Thread(target=_be_idle, args=(server.port, over)) for _ in range(IDLE_CONNECTIONS)
    ]
    for thread in (*readers, *idlers):
        thread.start()
    try:
        yield
    finally:
        over.set()
        for thread in (*readers, *idlers):
            thread.join()


def _read_slowly(port: int, document: str, over: threading.Event) -> None:
    while not over.is_set():
        with suppress(OSError), socket.create_connection((HOST, port), timeout=5) as connected:
            connected.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            connected.sendall(f"GET {document} HTTP/1.1\r\nHost: {HOST}\r\n\r\n".encode())
            while connected.recv(2048) and not over.wait(0.5):
                pass


def _be_idle(port: int, over: threading.Event) -> None:
    while not over.is_set():
        with suppress(OSError), socket.create_connection((HOST, port), timeout=5):
            over.wait(3)


# --- the run --------------------------------------------------------------------------------------


def main(arguments: list[str]) -> int:
    parser = parser_of("load", "Put a site under load, and look at every answer.")
    parser.add_argument("--seconds", type=float, default=60.0, help="at least, on each database")
    parser.add_argument("--requests", type=int, default=REQUESTS, help="at least, of visitors")
    parser.add_argument(
        "--answers-only", action="store_true", help="look at no time and at no memory"
    )
    options = parser.parse_args(arguments)
    # Django only renders the forms here; the site under load has settings of its own.
    settings.configure()
    only = OF_ANSWERS if options.answers_only else ()

    def drill(shown: str) -> list[Outcome]:
        with own_site(keep=False, shown=shown) as site:
            outcomes = _run(site, options.seconds, options.requests)
        return [one for one in outcomes if one.key in (only or (one.key,))]

    return on_each(options, drill)


def _run(site: Site, seconds: float, requests: int) -> list[Outcome]:
    bring_up_to_date(site)
    collect_static(site)
    site.answer("seed", "manage.py", "seed", "--shift-training", "--samples")
    made = json.loads(site.answer("Making staff", "-m", "drill.staff"))
    looks = Looks()
    over = threading.Event()
    with ExitStack() as stack:
        server = stack.enter_context(serving(site))
        stack.enter_context(slow_and_idle(server, made["document"]))
        staff: list[Callable[[], None]] = [
            lambda: edit(server.port, made["password"], made["key"], made["slug"], looks, over),
            lambda: upload(server.port, made["password"], looks, over),
        ]
        threads = [threading.Thread(target=_guarded, args=(work, looks)) for work in staff]
        for thread in threads:
            thread.start()
        try:
            visited, growth = _visited(site, server, made, seconds, requests)
        finally:
            over.set()
            for thread in threads:
                thread.join()
    return list(_outcomes(looks, visited, growth))


def _visited(
    site: Site, server: Server, made: dict[str, Any], seconds: float, requests: int
) -> tuple[dict[str, Any], float | None]:
    """Let visitors come; return what they tell, and by how much the memory grew meanwhile."""
    paths = [*PAGES, *[made["document"]] * DOWNLOADS]
    numbers = map(str, (server.port, CONNECTIONS, seconds, requests))
    began = time.monotonic()
    before = None
    with subprocess.Popen(
        [sys.executable, "-m", "drill.visitors", *numbers, *paths],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    ) as visitors:
        assert visitors.stdout is not None
        visited: dict[str, Any] = {}
        for line in visitors.stdout:
            visited = json.loads(line)
            done = min(visited["answered"] / max(requests, 1), (time.monotonic() - began) / seconds)
            if before is None and done >= WARM_UP:
                before = of_server(server.master)
    if "p99" not in visited:
        raise BenchError("The visitors ended before their time.")
    after = of_server(server.master)
    if before and after and before.proportional and after.proportional:
        return visited, after.proportional / before.proportional - 1
    return visited, None


def _outcomes(looks: Looks, visited: dict[str, Any], growth: float | None) -> Iterator[Outcome]:
    wrong = {what: number for what, number in visited["statuses"].items() if what != "200"}
    per_second = visited["answered"] / visited["seconds"]
    yield Outcome(
        "load-errors",
        f"{visited['answered']:,} answers, {per_second:.0f}/s, {looks.looks['uploads']} uploads",
        [*(f"{number} × {what}" for what, number in wrong.items()), *looks.faults],
    )
    yield Outcome(
        "load-stale",
        f"{looks.looks['looks']} looks after {looks.looks['changes']} changes",
        [f"{number} × {what}" for what, number in Counter(looks.stale).items()],
    )
    ratio = visited["p99"] / visited["p50"]
    speed = Outcome(
        "load-p99",
        f"{_ms(visited['p50'], visited['p99'])}, {ratio:.1f} × (kept {_ms(*visited['kept'])}, "
        f"made anew and files {_ms(*visited['made'])})",
    )
    speed.expect(ratio <= MOST_OF_MEDIAN, f"The slowest hundredth took {ratio:.1f} × the median.")
    yield speed
    if growth is not None:
        memory = Outcome("load-memory", f"{growth:+.1%} of PSS from two fifths of it to the end")
        memory.expect(growth <= MOST_GROWTH, f"The workers grew by {growth:.0%}.")
        yield memory


def _ms(median: float, slowest: float) -> str:
    return f"{1000 * median:.0f} and {1000 * slowest:.0f} ms"


def _guarded(work: Callable[[], None], found: Looks) -> None:
    try:
        work()
    except Exception as error:  # noqa: BLE001 - whatever it is, the run has failed
        found.faults.append(f"{type(error).__name__}: {error}")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
