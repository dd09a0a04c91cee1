"""Metrics: counts and times of all workers together, in the form that Prometheus reads.

Nothing is counted until ``begin``, which gunicorn.conf.py calls where METRICS_PORT is set: the
workers of one master then share a folder of memory, PROMETHEUS_MULTIPROC_DIR. No label has a value
that anybody typed: a route is a name of ours, whatever its address has in it.
"""

import threading
from collections.abc import Callable, Iterable
from time import sleep
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from prometheus_client.metrics_core import Metric

# Seconds between two attempts to take over the port, from a worker that ended or an old master.
PAUSE = 1
# The routes of staff, which are many, are one kind of page in the histogram: each kind there is a
# series for each bucket. Which of them is slow is in the log.
OF_STAFF = "admin"
BUCKETS = (0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10, 60)


class Counts:
    """What is counted, in a process that serves."""

    def __init__(self) -> None:
        # It looks for its folder when it is imported.
        from prometheus_client import Counter, Gauge, Histogram

        self.requests: Counter = Counter(
            "site_requests", "Requests.", ["route", "method", "status"]
        )
        self.duration: Histogram = Histogram(
            "site_request_duration_seconds",
            "Seconds until a response began.",
            ["route", "cache"],
            buckets=BUCKETS,
        )
        self.cached: Counter = Counter(
            "site_page_cache", "Pages that the page cache had, or had not.", ["result"]
        )
        self.cached_bytes: Gauge = Gauge(
            "site_page_cache_bytes",
            "Bytes of the pages kept by all processes.",
            multiprocess_mode="livesum",
        )
        self.queries: Counter = Counter("site_database_queries", "Queries of requests.")
        self.intake: Counter = Counter(
            "site_intake_runs", "PDFs read, by what became of them.", ["outcome"]
        )


_counts: Counts | None = None


def begin() -> None:
    """Count from here on, in the master and so in each worker."""
    global _counts
    _counts = _counts or Counts()


def note_request(
    route: str, method: str, status: int, seconds: float, *, cache: str, queries: int
) -> None:
    if _counts is None:
        return
    _counts.requests.labels(route, method, f"{status // 100}xx").inc()
    _counts.duration.labels(kind_of(route), cache or "none").observe(seconds)
    _counts.queries.inc(queries)
    if cache:
        _counts.cached.labels(cache).inc()


def kind_of(route: str) -> str:
    """Return what a route is called in the histogram of durations."""
    return OF_STAFF if route.startswith(f"{OF_STAFF}:") else route


def note_kept_pages(size: int) -> None:
    if _counts is not None:
        _counts.cached_bytes.set(size)


def note_intake(outcome: str) -> None:
    if _counts is not None:
        _counts.intake.labels(outcome).inc()


def serve(host: str, port: int, collect: Callable[[], Iterable["Metric"]]) -> None:
    """Answer on a port of its own, in threads beside the requests of a worker.

    One worker has the port; if it ends the next takes it over. ``collect`` reads at each answer
    what is the same for all workers.
    """
    threading.Thread(target=_serve, args=[host, port, collect], daemon=True).start()


def _serve(host: str, port: int, collect: Callable[[], Iterable["Metric"]]) -> None:
    from prometheus_client import CollectorRegistry, start_http_server
    from prometheus_client.multiprocess import MultiProcessCollector

    class OfTheSite:
        def collect(self) -> Iterable["Metric"]:
            return collect()

        def describe(self) -> Iterable["Metric"]:
            # So that nothing is read when it is registered.
            return []

    registry = CollectorRegistry()
    MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    collector: Any = OfTheSite()
    registry.register(collector)
    while True:
        try:
            _, thread = start_http_server(port, addr=host, registry=registry)
        except OSError:
            sleep(PAUSE)
            continue
        thread.join()
