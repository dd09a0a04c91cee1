"""Command line of the bench, and the order of its measurements."""

import argparse
import json
import os
import signal
import sys
from collections.abc import Iterable
from contextlib import ExitStack
from types import FrameType
from urllib.parse import urlsplit

from bench import first_page, memory, report
from bench.client import Client
from bench.compare import Comparing, Comparison
from bench.cost import Cost
from bench.databases import POSTGRESQL, Postgresql
from bench.errors import BenchError
from bench.filled import Filling, filled_site, forget
from bench.own_site import Site
from bench.pages import HOME, LIST, Page, further_pages, pages
from bench.record import record
from bench.server import Server, first_of_all

SIZES = [1_000, 10_000, 100_000]
# Larger libraries have titles and summaries only.
LARGEST_WITH_TEXTS = 10_000
# The size at which all else is measured too.
FEW, MANY = 1_000, 10_000
ON_THIS_MACHINE = "postgres://postgres@127.0.0.1:5432/postgres"
PAGES_TAKEN_IN = 100
EXPORTS = 3


class Run:
    """The output of a run, kept to be saved."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def add(self, lines: Iterable[str]) -> None:
        for line in (*lines, ""):
            print(line, flush=True)
            self.lines.append(line)


def main() -> int:
    options = _options()
    # So that a bench that is ended ends its server and its database too.
    signal.signal(signal.SIGTERM, _leave)
    try:
        server = _postgresql(options)
        if options.forget:
            forget(server)
            return 0
        _measure(options, server)
    except BenchError as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 128 + signal.SIGINT
    return 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m bench",
        description="Measure the pages of the site as ratios to a bare page of 26 kB.",
        epilog="BENCH_DATABASE_URL, or else DATABASE_URL, names the PostgreSQL to measure on; "
        f"without either it is {ON_THIS_MACHINE}, if it answers.",
    )
    parser.add_argument("--size", type=int, nargs="+", default=SIZES, help="reviews: 1000 10000 …")
    parser.add_argument("--sessions", type=int, default=5_000)
    parser.add_argument("--text", type=int, default=20, help="pages of the document of a review")
    parser.add_argument("--pages", help="only these, as list,review; and nothing beside the pages")
    parser.add_argument("--requests", type=int, default=100, help="of every page")
    parser.add_argument("--seconds", type=float, default=2.0, help="of load, for every page")
    parser.add_argument("--no-sqlite", action="store_true")
    parser.add_argument("--no-postgresql", action="store_true")
    parser.add_argument("--record", metavar="TITLE", help="write it into docs/benchmarks.md")
    parser.add_argument("--forget", action="store_true", help="delete the databases that are kept")
    options = parser.parse_args()
    if options.requests < 1 or min(options.size) < 1:
        parser.error("--requests and --size must be 1 or more")
    return options


def _leave(number: int, frame: FrameType | None) -> None:
    sys.exit(128 + number)


def _postgresql(options: argparse.Namespace) -> str | None:
    """Return the URL of the PostgreSQL to measure on; None, and a note why, without one."""
    if options.no_postgresql:
        return None
    named = os.environ.get("BENCH_DATABASE_URL") or os.environ.get("DATABASE_URL", "")
    if urlsplit(named).scheme in POSTGRESQL:
        return named
    try:
        Postgresql(ON_THIS_MACHINE)
    except BenchError:
        print(
            f"PostgreSQL is not measured: none answers at {ON_THIS_MACHINE}, and neither "
            "BENCH_DATABASE_URL nor DATABASE_URL names another.",
            flush=True,
        )
        return None
    return ON_THIS_MACHINE


def _measure(options: argparse.Namespace, server: str | None) -> None:
    shown = [*([] if options.no_sqlite else ["sqlite:"]), *([server] if server else [])]
    kinds = [
        f"PostgreSQL {Postgresql(one).version}" if one == server else "SQLite" for one in shown
    ]
    run = Run()
    run.add([report.machine(kinds)])
    for one in shown:
        _measure_on(one, options, run)
    if options.record:
        record(options.record, run.lines)


def _measure_on(shown: str, options: argparse.Namespace, run: Run) -> None:
    found: dict[int, Comparison] = {}
    costs: dict[int, list[Cost]] = {}
    for size in sorted(options.size):
        text = options.text if size <= LARGEST_WITH_TEXTS else 0
        filling = Filling(size, options.sessions, text)
        with filled_site(filling, shown) as site:
            with first_of_all(), ExitStack() as stack:
                comparing = Comparing(site, stack)
                asked = _pages(options.pages, size)
                found[size] = comparing.run(asked, options.requests, options.seconds)
                memory_used = memory.of_server(comparing.server.master)
                kind = site.own.kind
                run.add(report.comparison(found[size], filling, site.database, kind, memory_used))
                if size == MANY and not options.pages:
                    further = comparing.run(
                        further_pages(), options.requests // 2, options.seconds / 2
                    )
                    run.add(report.further(further))
                    exported, first = _served(comparing.server)
            if options.pages:
                continue
            if size in (FEW, MANY):
                costs[size] = _costs(site)
            if size == MANY:
                run.add(
                    report.the_rest(
                        site.database,
                        _take_in(site),
                        _index(site),
                        _phrases(site),
                        exported,
                        first,
                    )
                )
    run.add(report.growth(found, site.database))
    if len(costs) == 2:
        run.add(report.costs(site.database, FEW, MANY, costs[FEW], costs[MANY]))


def _pages(named: str | None, size: int) -> list[Page]:
    if not named:
        return pages(size)
    known = {page.key: page for page in (*pages(size), *further_pages())}
    if unknown := [key for key in named.split(",") if key not in known]:
        raise BenchError(f"No page is called {unknown[0]!r}. There are {', '.join(known)}.")
    return [known[key] for key in named.split(",")]


def _served(server: Server) -> tuple[list[float], dict[str, first_page.Parts]]:
    with Client(server.port) as client:
        exported = [client.get("/search/export.csv").seconds for _ in range(EXPORTS)]
        paths = {page.key: page.paths[0] for page in pages(MANY)}
        return exported, {key: first_page.size(client, paths[key]) for key in (HOME, LIST)}


def _costs(site: Site) -> list[Cost]:
    costs = json.loads(site.answer("Measuring what requests cost", "-m", "bench.cost"))
    return [Cost(**cost) for cost in costs]


def _take_in(site: Site) -> report.TakenIn:
    answer = site.answer("Taking in a PDF", "-m", "bench.taking_in", str(PAGES_TAKEN_IN))
    return report.TakenIn(PAGES_TAKEN_IN, **json.loads(answer))


def _phrases(site: Site) -> list[report.Phrase]:
    found = json.loads(site.answer("Searching for phrases", "-m", "bench.phrases"))
    return [report.Phrase(**one) for one in found]


def _index(site: Site) -> report.Indexed:
    return report.Indexed(**json.loads(site.answer("Indexing", "-m", "bench.indexing")))


if __name__ == "__main__":
    sys.exit(main())
