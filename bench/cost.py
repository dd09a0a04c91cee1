"""Cost of one request: processor time of a worker, queries, work of the database, bytes.

Run in the site, it prints JSON. Requests are made in this process, without a server, so that the
figures are those of the application alone.
"""

import json
import os
import resource
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from typing import Any

import django
from django.db import connection

from bench.pages import Address, costly, staff_only

# The least of so many counts: what disturbs a run only ever adds to it.
RUNS = 3
STEPS_AT_ONCE = 1000


@dataclass(frozen=True)
class Cost:
    name: str
    milliseconds: float
    """Processor time of this process, user and system; PostgreSQL's own is not in it."""
    queries: int
    work: int
    """Instructions of SQLite's virtual machine, to the thousand, or rows that PostgreSQL read."""
    bytes: int


def main() -> None:
    # A page that is kept costs nothing worth telling.
    os.environ["PAGE_CACHE_MB"] = "0"
    django.setup()
    reviews = _number_of_reviews()
    costs = [
        *_costs(costly(reviews), _client()),
        *_costs(staff_only(), _client(as_staff=True)),
        _after_a_save(),
    ]
    print(json.dumps([asdict(cost) for cost in costs]))


def _number_of_reviews() -> int:
    from reviews.models import PracticeReview

    return PracticeReview.objects.count()


def _client(*, as_staff: bool = False) -> Any:
    from django.contrib.auth import get_user_model
    from django.test import Client

    client = Client(headers={"Host": "127.0.0.1"})
    if as_staff:
        users = get_user_model().objects
        name = "bench"
        user = users.filter(username=name).first() or users.create_superuser(username=name)
        client.force_login(user)
    return client


def _costs(addresses: list[Address], client: Any) -> Iterator[Cost]:
    for address in addresses:
        # What a worker keeps is kept by the first request.
        yield min((_cost(client, address) for _ in range(RUNS + 1)), key=lambda c: c.milliseconds)


def _after_a_save() -> Cost:
    """Measure the next list after a save, which reads again what the worker had cached."""
    from reviews.models import PracticeReview

    client, review = _client(), PracticeReview.objects.earliest("pk")
    found = []
    for _ in range(RUNS):
        review.save()
        found.append(_cost(client, Address("Next list after a save", "/reviews/", ())))
    return min(found, key=lambda cost: cost.milliseconds)


def _cost(client: Any, address: Address) -> Cost:
    with _counted() as counts:
        before = _processor_time()
        response = client.get(address.path)
        body = b"".join(response) if response.streaming else response.content
        spent = _processor_time() - before
    missing = [text for text in address.shows if text not in body.decode()]
    if response.status_code != 200 or missing:
        raise SystemExit(f"{address.path} answered {response.status_code}, without {missing}.")
    return Cost(address.name, 1000 * spent, counts["queries"], counts["work"], len(body))


def _processor_time() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


@contextmanager
def _counted() -> Iterator[dict[str, int]]:
    counts = {"queries": 0, "work": 0}

    def count_query(execute: Any, *arguments: Any) -> Any:
        counts["queries"] += 1
        return execute(*arguments)

    def count_steps() -> None:
        counts["work"] += STEPS_AT_ONCE

    connection.ensure_connection()
    is_sqlite = connection.vendor == "sqlite"
    if is_sqlite:
        connection.connection.set_progress_handler(count_steps, STEPS_AT_ONCE)
    else:
        before = _rows_read()
    try:
        with connection.execute_wrapper(count_query):
            yield counts
    finally:
        if is_sqlite:
            connection.connection.set_progress_handler(None, 0)
        else:
            counts["work"] = _rows_read() - before


def _rows_read() -> int:
    """Return how many rows and index entries PostgreSQL has read in this database so far."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_stat_force_next_flush()")
        cursor.execute("SELECT pg_stat_clear_snapshot()")
        cursor.execute(
            "SELECT SUM(pg_stat_get_tuples_returned(oid))::bigint FROM pg_class "
            "WHERE relkind IN ('r', 'i') AND relnamespace = 'public'::regnamespace"
        )
        return int(cursor.fetchone()[0])


if __name__ == "__main__":
    main()
