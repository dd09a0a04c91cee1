"""Load: visitors on 16 connections, an editor and an uploader beside them, through gunicorn.

`python -m drill.load --minutes 5`. No answer may be an error, no page may be older than a change
that was confirmed to the editor, and the workers may not grow. Exit status 1 where one does.
"""

import argparse
import json
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from random import Random
from statistics import quantiles

from django.conf import settings

from bench.errors import BenchError
from bench.memory import of_server
from bench.own_site import Site, own_site
from bench.server import HOST, serving
from drill.staff import Staff

CONNECTIONS = 16
MOST_GROWTH = 0.10
# What workers load first and cache is not growth, so memory is compared from here on.
WARM_UP = 0.4
PAUSE_OF_EDITOR = 0.3
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


@dataclass
class Found:
    """The results of a run's threads; a list or a counter takes one item at a time."""

    statuses: Counter[int] = field(default_factory=Counter)
    seconds: list[float] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    looks: Counter[str] = field(default_factory=Counter)


def visit(port: int, found: Found, until: float, number: int) -> None:
    """Request pages, one after the other, on one persistent connection."""
    random = Random(number)
    connection = HTTPConnection(HOST, port, timeout=60)
    while time.monotonic() < until:
        path = random.choice(PAGES)
        began = time.monotonic()
        try:
            connection.request("GET", path, headers={"Accept-Encoding": "gzip"})
            answer = connection.getresponse()
            answer.read()
        except (HTTPException, OSError) as error:
            found.faults.append(f"{path}: {type(error).__name__} {error}")
            connection.close()
            continue
        found.seconds.append(time.monotonic() - began)
        found.statuses[answer.status] += 1
        if answer.status != 200:
            found.faults.append(f"{path} answered {answer.status}.")


def edit(port: int, password: str, key: int, slug: str, found: Found, until: float) -> None:
    """Publish a review, change it, withdraw it; check that every page shows it at once."""
    staff = Staff(port, "publisher", password)
    address = f"/reviews/{slug}/"
    listed = "/reviews/export.v1.json"
    form = f"/admin/reviews/practicereview/{key}/change/"
    number = 0
    while time.monotonic() < until:
        number += 1
        words = f"kestrel{number}"
        staff.step("practicereview", "publish", key)
        _look(staff, found, address, 200)
        staff.save(form, summary=f"Changed to {words}.")
        _look(staff, found, address, 200, says=words)
        # Lists and searches are requested from each worker, however connections are distributed.
        for _ in range(4):
            _look(staff, found, listed, 200, says=words)
            _look(staff, found, f"/search/?q={words}", 200, says=slug)
        staff.step("practicereview", "withdraw", key, reason="A drill")
        _look(staff, found, address, 410)
        for _ in range(4):
            _look(staff, found, listed, 200, lacks=words)
            _look(staff, found, f"/search/?q={words}", 200, lacks=f"/reviews/{slug}/")
        staff.step("practicereview", "to-draft", key)
        _look(staff, found, address, 404)
        time.sleep(PAUSE_OF_EDITOR)


def _look(
    staff: Staff, found: Found, path: str, status: int, *, says: str = "", lacks: str = ""
) -> None:
    got, text = staff.as_visitor(path)
    found.looks["looks"] += 1
    if got != status:
        found.faults.append(f"After a change {path} answered {got}, not {status}.")
    elif says and says not in text:
        found.faults.append(f"{path} does not say “{says}” yet.")
    elif lacks and lacks in text:
        found.faults.append(f"{path} still says “{lacks}”.")


def upload(port: int, password: str, found: Found, until: float) -> None:
    """Send one PDF after another."""
    from tests.pdfs import pdf_saying

    staff = Staff(port, "editor", password)
    number = 0
    while time.monotonic() < until:
        number += 1
        staff.upload(pdf_saying(f"Sample number {number}."))
        found.looks["uploads"] += 1
        time.sleep(PAUSE_OF_EDITOR)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m drill.load")
    parser.add_argument("--minutes", type=float, default=5.0)
    options = parser.parse_args()
    # Django only renders the forms here; the site under load has settings of its own.
    settings.configure()
    try:
        with own_site(keep=False) as site:
            return _run(site, options.minutes * 60)
    except BenchError as error:
        print(error, file=sys.stderr)
        return 1


def _run(site: Site, seconds: float) -> int:
    site.run("migrate", "manage.py", "migrate", "--verbosity", "0")
    site.run("collectstatic", "manage.py", "collectstatic", "--noinput", "--verbosity", "0")
    site.answer("seed", "manage.py", "seed", "--shift-training", "--samples")
    made = json.loads(site.answer("Making staff", "-m", "drill.staff"))
    found = Found()
    with serving(site) as server:
        until = time.monotonic() + seconds
        works: list[Callable[[], None]] = [
            *((lambda n=n: visit(server.port, found, until, n)) for n in range(CONNECTIONS)),
            lambda: edit(server.port, made["password"], made["key"], made["slug"], found, until),
            lambda: upload(server.port, made["password"], found, until),
        ]
        threads = [threading.Thread(target=_guarded, args=(work, found)) for work in works]
        for thread in threads:
            thread.start()
        time.sleep(seconds * WARM_UP)
        before = of_server(server.master)
        for thread in threads:
            thread.join()
        after = of_server(server.master)
    growth = 0.0
    if before and after and before.proportional and after.proportional:
        growth = after.proportional / before.proportional - 1
        if growth > MOST_GROWTH:
            found.faults.append(f"The workers grew by {growth:.0%}.")
    _print(site, found, growth, seconds)
    return 1 if found.faults else 0


def _guarded(work: Callable[[], None], found: Found) -> None:
    try:
        work()
    except Exception as error:  # noqa: BLE001 - whatever it is, the run has failed
        found.faults.append(f"{type(error).__name__}: {error}")


def _print(site: Site, found: Found, growth: float, seconds: float) -> None:
    cuts = quantiles(found.seconds, n=100)
    print(f"{site.database}, {seconds:.0f} s, {CONNECTIONS} connections, an editor, an uploader")
    answers = ", ".join(f"{number} × {status}" for status, number in found.statuses.items())
    print(f"  answers to visitors   {answers}")
    print(f"  p50 / p99             {cuts[49] * 1000:.0f} / {cuts[98] * 1000:.0f} ms")
    print(f"  looks after a change  {found.looks['looks']}")
    print(f"  uploads               {found.looks['uploads']}")
    print(f"  memory (PSS)          {growth:+.1%} from {WARM_UP:.0%} of the time to the end")
    print(f"  faults                {len(found.faults)}")
    for fault, number in Counter(found.faults).most_common(20):
        print(f"    {number} × {fault}")


if __name__ == "__main__":
    sys.exit(main())
