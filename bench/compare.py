"""Asks for pages of the site and for the bare page in turns, so that whatever else the machine does
disturbs both alike.

*Cached* is an address that was asked before, *first time* one that nobody has asked since the last
change: each such request comes to a host name of its own, which a page cache keys by, and where
there are several pages of the kind, for another of them. What else the workers keep is warm.
"""

from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from itertools import count, repeat
from statistics import median

from bench.client import UNCOMPRESSED, Answer, Client, Load, load, percentile, request_of
from bench.databases import Database
from bench.errors import BenchError
from bench.memory import children, processor_seconds
from bench.own_site import HOSTS, Site
from bench.pages import Page
from bench.server import Server, serving, serving_peer

SMALLEST = "smallest"
WARM_UP = 10
CONNECTIONS = 16
# Parts of a run, whose ratios are compared to say how noisy it was.
PARTS = 5


@dataclass
class Times:
    """Milliseconds of a page, and of the bare page that was requested just before."""

    page: list[float] = field(default_factory=list)
    bare: list[float] = field(default_factory=list)
    processor: list[float] = field(default_factory=list)
    """Milliseconds of processor time that workers and database spent on each."""
    load: Load | None = None
    server_timings: Counter[str] = field(default_factory=Counter)
    """Server-Timing headers of the responses, without durations, with their numbers."""

    @property
    def median(self) -> float:
        return median(self.page)

    @property
    def p95(self) -> float:
        return percentile(self.page, 95)

    @property
    def ratio(self) -> float:
        return self.median / median(self.bare)

    @property
    def noise(self) -> float:
        """Return half of the difference of the ratio between parts of the run."""
        size = -(-len(self.page) // PARTS)
        ratios = [
            median(self.page[start : start + size]) / median(self.bare[start : start + size])
            for start in range(0, len(self.page), size)
        ]
        return (max(ratios) - min(ratios)) / 2


@dataclass
class Measured:
    page: Page
    cached: Times
    first: Times
    sizes: dict[str, int]
    """Bytes of the body as sent, by what the browser accepts."""


@dataclass
class Comparison:
    pages: list[Measured]
    smallest: Times
    bare: Times


_names = count(1)


def new_host() -> str:
    """Return a host name of the site under which nothing has been requested."""
    return f"n{next(_names)}.{HOSTS}"


class Served:
    """A running application, requested on one connection."""

    def __init__(
        self,
        server: Server,
        stack: ExitStack,
        database: Database | None = None,
        application: str = "",
    ) -> None:
        self.server = server
        self._database, self._application = database, application
        self._client = stack.enter_context(Client(server.port))
        self._workers: list[int] = []
        self._before = 0.0
        self._spent_on: list[float] | None = None

    def get(self, path: str, **how: str) -> Answer:
        self.settle()
        return self._client.get(path, **how)

    def ask(self, path: str, times: list[float], processor: list[float], **how: str) -> Answer:
        """Make a request, and add the milliseconds that it took, and took of the processor."""
        self.settle()
        if not self._workers:
            # All of them are there once it was warmed up.
            database = self._database
            of_database = database.processes(self._application) if database else []
            self._workers = [*children(self.server.master), *of_database]
        self._before, self._spent_on = processor_seconds(self._workers), processor
        answer = self._client.get(path, **how)
        times.append(1000 * answer.seconds)
        return answer

    def settle(self) -> None:
        """Count what the last request has cost, since a worker tidies up after its response."""
        if self._spent_on is not None:
            self._spent_on.append(1000 * (processor_seconds(self._workers) - self._before))
            self._spent_on = None


class Comparing:
    """The site, the smallest Django list view and the bare page, all running at once."""

    def __init__(self, site: Site, stack: ExitStack) -> None:
        environment = {**site.environment, "PEER_DATABASE_URL": site.own.url_for(SMALLEST)}
        self.server = stack.enter_context(serving(site))
        self._site = Served(self.server, stack, site.own)
        self._bare = Served(stack.enter_context(serving_peer("bare", environment)), stack)
        self._small = Served(
            stack.enter_context(serving_peer(SMALLEST, environment)), stack, site.own, SMALLEST
        )

    def run(self, pages: list[Page], requests: int, seconds: float) -> Comparison:
        """Request each page so many times, then for so many seconds on many connections."""
        measured = [self._prepare(page) for page in pages]
        smallest = Times()
        for _ in range(WARM_UP):
            self._bare.get("/")
            self._small.get("/")
        turns = [page.in_turn() for page in pages]
        bare = Times()
        for number in range(requests):
            self._ask(self._small, "/", smallest, bare)
            for one, turn in zip(measured, turns, strict=True):
                # By turns, since the second finds the processor's own caches full of its page.
                for is_first in (False, True) if number % 2 else (True, False):
                    if is_first:
                        self._ask(self._site, next(turn), one.first, bare, host=new_host())
                    else:
                        self._ask(self._site, one.page.paths[0], one.cached, bare)
        for served in (self._site, self._small, self._bare):
            served.settle()
        bare_loads = []
        for one, turn in zip(measured, turns, strict=True):
            bare_loads.append(_load(self._bare.server, repeat(request_of("/")), seconds / 4))
            again = repeat(request_of(one.page.paths[0]))
            one.cached.load = _load(self.server, again, seconds)
            requests = (request_of(path, host=new_host()) for path in turn)
            one.first.load = _load(self.server, requests, seconds)
        bare.load = Load(
            median(load.per_second for load in bare_loads), median(load.p95 for load in bare_loads)
        )
        return Comparison(measured, smallest, bare)

    def _ask(self, served: Served, path: str, times: Times, bare: Times, **how: str) -> None:
        """Request the bare page and then a page."""
        self._bare.ask("/", bare.page, bare.processor)
        times.bare.append(bare.page[-1])
        answer = served.ask(path, times.page, times.processor, **how)
        if server_timing := answer.headers.get("server-timing", ""):
            times.server_timings[_without_durations(server_timing)] += 1

    def _prepare(self, page: Page) -> Measured:
        """Check that the page is the right one, record its size and warm the workers' caches."""
        path = page.paths[0]
        sizes = {
            accepting: len(self._site.get(path, accepting=accepting).body)
            for accepting in (UNCOMPRESSED, "gzip", "br")
        }
        body = self._site.get(path, accepting=UNCOMPRESSED).body.decode()
        missing = [text for text in page.shows if text not in body]
        if missing:
            raise BenchError(f"{path} does not show {missing[0]!r}, so it is another page.")
        for _ in range(WARM_UP):
            self._site.get(path)
            self._site.get(path, host=new_host())
        return Measured(page, Times(), Times(), sizes)


def _load(server: Server, requests: Iterator[bytes], seconds: float) -> Load:
    return load(server.port, requests, clients=CONNECTIONS, seconds=seconds)


def _without_durations(server_timing: str) -> str:
    metrics = (metric.split(";") for metric in server_timing.split(","))
    return ", ".join(
        ";".join(part.strip() for part in metric if not part.strip().startswith("dur="))
        for metric in metrics
    )
