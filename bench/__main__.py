"""The command line, and the order in which things are done."""

import argparse
import json
import signal
import sys
from statistics import median
from time import perf_counter
from types import FrameType

from bench import first_page, load, memory, report
from bench.addresses import HOME, LIST, SEARCHES, Address, addresses, export, searches
from bench.client import Client
from bench.cost import Cost
from bench.errors import BenchError
from bench.own_site import Site, own_site
from bench.server import Server, serving
from bench.timing import Timing, measure

CLIENTS = 4
SECONDS_OF_LOAD = 5.0
# So many exports, of which the middle one counts.
EXPORTS = 5
FEWEST_REVIEWS = FEW = 1000
PAGES_TAKEN_IN = 100
FEWEST_SESSIONS = 200


def main() -> int:
    options = _options()
    # So that whoever ends the bench ends its server and its database with it.
    signal.signal(signal.SIGTERM, _leave)
    try:
        few, few_costs = _measure_few(options)
        with own_site(keep=options.keep) as site:
            _set_up(site, options.reviews, options)
            indexed = report.Indexed(**json.loads(site.answer("Indexing", "-m", "bench.indexing")))
            taken_in = _take_in(site)
            costs = _costs(site)
            with serving(site) as server:
                many = _measure(server, addresses(options.reviews), options.requests, taken_in)
                with Client(server.port) as client:
                    exported = median(client.get(export().path).seconds for _ in range(EXPORTS))
        report.print_indexed(indexed)
        report.print_growth(few, [many[name] for name in SEARCHES], options.reviews / FEW)
        report.print_costs(few_costs, costs, site.database, options.reviews / FEW)
        report.print_targets(report.search_targets(site.database, many, exported, indexed))
    except BenchError as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 128 + signal.SIGINT
    return 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench", description="Measure the site.")
    parser.add_argument("--requests", type=int, default=200, help="of every page")
    parser.add_argument("--reviews", type=int, default=10_000)
    parser.add_argument("--sessions", type=int, default=5_000)
    parser.add_argument("--pages", type=int, default=20, help="of the document of a review")
    parser.add_argument("--keep", action="store_true", help="leave data folder and database")
    options = parser.parse_args()
    if options.requests < 1:
        parser.error("--requests must be 1 or more")
    if options.reviews < FEWEST_REVIEWS or options.sessions < FEWEST_SESSIONS:
        parser.error(
            f"some pages would be empty with fewer than {FEWEST_REVIEWS} reviews "
            f"or {FEWEST_SESSIONS} sessions"
        )
    return options


def _leave(number: int, frame: FrameType | None) -> None:
    sys.exit(128 + number)


def _set_up(site: Site, reviews: int, options: argparse.Namespace) -> None:
    print(f"Setting up a site on {site.database} …", flush=True)
    start = perf_counter()
    site.run("migrate", "manage.py", "migrate", "--verbosity", "0")
    site.run("collectstatic", "manage.py", "collectstatic", "--noinput", "--verbosity", "0")
    numbers = (str(number) for number in (reviews, options.sessions, options.pages))
    site.run("Filling the database", "-m", "bench.fill", *numbers)
    print(f"  Ready after              {perf_counter() - start:5.1f} s", flush=True)


def _measure_few(options: argparse.Namespace) -> tuple[list[Timing], list[Cost]]:
    """Measure a small library, to tell how searches and costs grow."""
    with own_site(keep=False) as site:
        _set_up(site, FEW, options)
        with serving(site) as server, Client(server.port) as client:
            timings = [_told(measure(client, page, options.requests)) for page in searches()]
        return timings, _costs(site)


def _costs(site: Site) -> list[Cost]:
    costs = json.loads(site.answer("Measuring what requests cost", "-m", "bench.cost"))
    print("Measured: what requests cost", flush=True)
    return [Cost(**cost) for cost in costs]


def _take_in(site: Site) -> report.TakenIn:
    answer = site.answer("Taking in a PDF", "-m", "bench.taking_in", str(PAGES_TAKEN_IN))
    told = report.TakenIn(PAGES_TAKEN_IN, **json.loads(answer))
    print("Measured: taking in a PDF", flush=True)
    return told


def _measure(
    server: Server, pages: list[Address], requests: int, taken_in: report.TakenIn
) -> dict[str, Timing]:
    paths = {page.name: page.path for page in pages}
    report.print_machine()
    with Client(server.port) as client:
        timings = [_told(measure(client, page, requests)) for page in pages]
        sizes = {name: first_page.size(client, paths[name]) for name in (HOME, LIST)}
    rate = load.requests_per_second(
        server.port, paths[LIST], clients=CLIENTS, seconds=SECONDS_OF_LOAD
    )
    held = memory.of_server(server.master)
    report.print_timings(timings)
    report.print_load(LIST, CLIENTS, rate)
    report.print_memory(held)
    for name, parts in sizes.items():
        report.print_first_page(name, parts)
    list_of_reviews = next(timing for timing in timings if timing.name == LIST)
    report.print_taken_in(taken_in)
    report.print_targets(report.targets(list_of_reviews, held, sizes, taken_in))
    return {timing.name: timing for timing in timings}


def _told(timing: Timing) -> Timing:
    print(f"Measured: {timing.name}", flush=True)
    return timing


if __name__ == "__main__":
    sys.exit(main())
