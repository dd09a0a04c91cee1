"""Multiprocess text analysis: the streams of many pages, made on all processors.

Nearly all the time of an index build goes into finding terms, and pages are independent.
"""

import os
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from itertools import islice
from multiprocessing import get_context

from mscp.search.analysis import page_streams

# For fewer pages, starting processes takes longer than the work.
MANY_PAGES = 5_000
FILES_AT_ONCE = 10


def streams_of_files(files: Iterable[list[str]], pages: int) -> Iterator[str]:
    """Yield the stream of each file, given the texts of its pages, in the order of the files.

    ``pages`` is their total number. Only the texts being worked on are in memory.
    """
    workers = os.cpu_count() or 1
    if pages < MANY_PAGES or workers == 1:
        yield from map(page_streams, files)
        return
    # Spawned, since a fork would inherit the connection to the database.
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
        working: deque[Future[list[str]]] = deque()
        remaining = iter(files)
        while some := list(islice(remaining, FILES_AT_ONCE)):
            working.append(pool.submit(_streams, some))
            if len(working) > 2 * workers:
                yield from working.popleft().result()
        while working:
            yield from working.popleft().result()


def _streams(files: list[list[str]]) -> list[str]:
    return list(map(page_streams, files))
