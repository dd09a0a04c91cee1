"""A phrase of common words beside one of its words: run in the site, it prints JSON.

Of each the index alone and the whole page, by turns, in processor time of this process and of
PostgreSQL's where it runs on this machine.
"""

import json
import os
from collections.abc import Callable
from dataclasses import asdict
from statistics import median
from time import process_time
from typing import Any
from urllib.parse import urlencode

import django
from django.db import connection

from bench.report import Phrase

RUNS = 9


def main() -> None:
    # A page that is kept costs nothing worth telling.
    os.environ["PAGE_CACHE_MB"] = "0"
    django.setup()
    from bench.fill.pages import FREQUENT
    from mscp.search.vocabulary import STOP_WORDS

    common = [word for word in FREQUENT if word.isalpha() and word not in STOP_WORDS]
    print(json.dumps([asdict(_measured(number, common)) for number in (2, 3)]))


def _measured(number: int, words: list[str]) -> Phrase:
    """Measure phrases of so many words: each is asked for once, since a worker keeps its keys."""
    from django.test import Client

    from mscp.search.query import read
    from reviews.search import publications

    client: Any = Client(headers={"Host": "127.0.0.1"})
    client.get("/search/?q=nothing")
    times: list[list[float]] = []
    found = []
    for place in range(RUNS):
        some = words[number * place :][:number]
        typed = (some[0], f'"{" ".join(some)}"')
        index = [_cost(lambda one=one: publications.find(read(one))) for one in typed]
        paths = [f"/search/?{urlencode({'q': one})}" for one in typed]
        page = [_cost(lambda path=path: client.get(path)) for path in paths]
        times.append([*index, *page])
        found.append(len(publications.find(read(typed[1]))))
    word, phrase, word_page, phrase_page = map(median, zip(*times, strict=True))
    return Phrase(
        f"phrase of {number} common words",
        median(found),
        (word, phrase),
        (word_page, phrase_page),
    )


def _cost(ask: Callable[[], object]) -> float:
    before = _spent()
    ask()
    return 1000 * (_spent() - before)


def _spent() -> float:
    """Return the seconds of the processor that were spent so far."""
    connection.ensure_connection()
    of_database = 0.0
    if connection.vendor == "postgresql":
        of_database = _of_process(connection.connection.info.backend_pid)
    return process_time() + of_database


def _of_process(pid: int) -> float:
    """Return the seconds of the processor of a process, by Linux; 0 where it is not here."""
    try:
        with open(f"/proc/{pid}/schedstat", encoding="ascii") as stat:
            return int(stat.read().split()[0]) / 1e9
    except OSError:
        return 0.0


if __name__ == "__main__":
    main()
