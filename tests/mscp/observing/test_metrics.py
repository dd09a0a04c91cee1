"""Prometheus reads, on a port of its own, what all workers of a real gunicorn have counted."""

import os
import signal
from collections.abc import Iterator
from http.client import HTTPConnection
from pathlib import Path
from typing import NamedTuple

import pytest
from django.urls import get_resolver
from prometheus_client.parser import text_string_to_metric_families

from tests.processes import wait_until
from tests.servers import HOST, free_port, gunicorn, listens, set_up, site_environment
from tests.test_public_surfaces import routes

WORKERS = 2


class Site(NamedTuple):
    port: int
    metrics: int
    master: int

    def ask(self, address: str, method: str = "GET") -> int:
        return get(self.port, address, method)[0]

    def read(self) -> dict[tuple[str, str], float]:
        """Return each value by its name and its labels as text."""
        _, text = get(self.metrics, "/metrics")
        return {
            (
                sample.name,
                " ".join(value for _, value in sorted(sample.labels.items())),
            ): sample.value
            for family in text_string_to_metric_families(text)
            for sample in family.samples
        }

    def workers(self) -> set[int]:
        children = Path(f"/proc/{self.master}/task/{self.master}/children").read_text()
        return {int(process) for process in children.split()}


def get(port: int, address: str, method: str = "GET") -> tuple[int, str]:
    connection = HTTPConnection(HOST, port, timeout=60)
    try:
        connection.request(method, address, headers={"Host": HOST})
        answer = connection.getresponse()
        return answer.status, answer.read().decode()
    finally:
        connection.close()


@pytest.fixture(autouse=True)
def clock() -> None:
    """The server is a process of its own."""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    port = free_port()
    environment = site_environment(
        tmp_path_factory.mktemp("site"), METRICS_PORT=str(port), WEB_WORKERS=str(WORKERS)
    )
    set_up(environment)
    with gunicorn(environment) as (served, master):
        site = Site(served, port, master)
        wait_until(lambda: listens(port) and len(site.workers()) == WORKERS)
        yield site
    assert not list(Path("/dev/shm").glob(f"learning-metrics-{master}-*"))  # noqa: S108 - looks only


def test_the_counts_of_all_workers_are_added_up(site: Site) -> None:
    before = site.read()
    for _ in range(40):
        assert site.ask("/") == 200
    site.ask("/search/?q=quokka")
    site.ask("/quokka/")
    site.ask("/reviews/", "QUOKKA")
    # A request is counted when its response has been sent.
    wait_until(lambda: ("site_requests_total", "OTHER reviews:practice_reviews 4xx") in site.read())
    now = site.read()

    def more(name: str, labels: str = "") -> float:
        return now.get((name, labels), 0) - before.get((name, labels), 0)

    assert more("site_requests_total", "GET home 2xx") == 40
    assert more("site_requests_total", "GET search 2xx") == 1
    assert more("site_requests_total", "GET page 4xx") == 1
    assert more("site_page_cache_total", "hit") >= 40 - WORKERS
    assert 2 <= more("site_page_cache_total", "miss") <= WORKERS + 1
    assert more("site_database_queries_total") > 40
    assert more("site_request_duration_seconds_count", "hit home") >= 40 - WORKERS
    assert now["site_page_cache_bytes", ""] > 1_000
    labels = " ".join(label for _, label in now)
    assert "quokka" not in labels.lower()


def kinds_of_page(site: Site) -> set[str]:
    """Return what the cache had and the route, of each series of the histogram."""
    return {labels for name, labels in site.read() if name == "site_request_duration_seconds_count"}


def test_durations_are_told_by_kind_of_page_and_never_by_an_address(site: Site) -> None:
    asked = {
        "/reviews/?q=quokka": "miss reviews:practice_reviews",
        "/reviews/quokka-1/": "none reviews:practice_review",
        "/reviews/quokka-2/": "none reviews:practice_review",
        "/quokka-3.php": "none none",
        "/static/quokka.css": "none static",
        "/admin/login/?next=/quokka": "none admin",
        "/admin/reviews/quokka/": "none admin",
    }
    for address in asked:
        site.ask(address)
    # A request is counted when its response has been sent.
    wait_until(lambda: set(asked.values()) <= kinds_of_page(site))
    of_readers = {name for name in routes(get_resolver()) if not name.startswith("admin:")}
    found = {kind.split()[1] for kind in kinds_of_page(site)}
    assert found <= {*of_readers, "admin", "static", "none"}
    assert not any("quokka" in kind for kind in kinds_of_page(site))


def test_the_site_as_a_whole_is_described(site: Site) -> None:
    now = site.read()
    assert now["site_ready", ""] == 1 and now["site_disk_free_bytes", ""] > 0
    assert now["site_releases_due", ""] == now["site_releases_scheduled", ""] == 0
    assert now["site_content_changed_timestamp_seconds", ""] > 1_700_000_000
    assert ("site_last_backup_timestamp_seconds", "") not in now


def test_nothing_of_it_is_on_the_port_of_the_site(site: Site) -> None:
    for address in ("/metrics/", "/admin/metrics/", "/healthz/metrics"):
        assert site.ask(address) in (302, 404), address


def test_another_worker_takes_the_port_over_and_nothing_counted_is_lost(site: Site) -> None:
    assert site.ask("/about/") == 200
    counted = 1
    wait_until(lambda: site.read().get(("site_requests_total", "GET page 2xx")) == counted)
    first = site.workers()
    for worker in first:
        os.kill(worker, signal.SIGKILL)
    wait_until(lambda: len(site.workers()) == WORKERS and not site.workers() & first)
    wait_until(lambda: listens(site.metrics))
    assert site.read()["site_requests_total", "GET page 2xx"] == counted
