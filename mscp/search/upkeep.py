"""Makes the indexes and stamps, mends them after migrations, and builds indexes anew."""

from collections.abc import Iterable, Iterator
from typing import Any

from django.db import connections, transaction

from mscp import stamps
from mscp.models import Stamp, WordIndexState
from mscp.search.index import INDEXES, Told, WordIndex, backend_of

BATCH = 200


def stop_following(using: str = "default", plan: Iterable[Any] = (), **kwargs: Any) -> None:
    """Drop the triggers before migrations run; a receiver of ``pre_migrate``.

    SQLite changes a table by making it anew: that drops its triggers, and it fails where a trigger
    of another table still names the old one.
    """
    if not plan:
        return
    tables = set(connections[using].introspection.table_names())
    with connections[using].cursor() as cursor:
        if _stamped_tables() <= tables:
            _run(cursor, stamps.stop(using))
        for index in INDEXES:
            if {feed.table for feed in index.feeds} <= tables:
                _run(cursor, backend_of(using).stop_following(index))


def ensure(using: str = "default", **kwargs: Any) -> None:
    """Make the indexes that are missing or out of date; a receiver of ``post_migrate``."""
    tables = set(connections[using].introspection.table_names())
    if WordIndexState._meta.db_table not in tables:
        return
    if _stamped_tables() <= tables:
        with connections[using].cursor() as cursor:
            if not stamps.is_complete(cursor, using):
                _run(cursor, stamps.follow(using))
    states = dict(WordIndexState.objects.using(using).values_list("name", "fingerprint"))
    for index in INDEXES:
        if not {feed.table for feed in index.feeds} <= tables:
            continue
        with connections[using].cursor() as cursor:
            complete = backend_of(using).is_complete(cursor, index)
        current = states.get(index.name) == index.fingerprint
        if not (complete and current):
            make(index, using=using, rewrite=not current)


def silence(index: WordIndex, using: str = "default") -> None:
    """Let a transaction write without the index; ``make`` must end it."""
    with connections[using].cursor() as cursor:
        _run(cursor, backend_of(using).silence(index))


def _stamped_tables() -> set[str]:
    return {Stamp._meta.db_table, *(table for one in stamps.STAMPS for table in one.tables)}


def make(
    index: WordIndex, *, using: str = "default", rewrite: bool = True, tell: Told | None = None
) -> None:
    """Make an index from nothing, in one transaction, during which visitors read the old one.

    Without ``rewrite`` it is made of the streams as they stand beside the records.
    """
    tell = tell or _silent
    backend = backend_of(using)
    with transaction.atomic(using=using), connections[using].cursor() as cursor:
        _run(cursor, backend.begin(index))
        silence(index, using)
        if rewrite:
            index.rewrite(tell)
        for condition in _batches(cursor, index):
            cursor.execute(backend.fill(index, condition))
        _run(cursor, backend.finish(index))
        _run(cursor, backend.follow(index))
        WordIndexState.objects.using(using).update_or_create(
            name=index.name, defaults={"fingerprint": index.fingerprint}
        )


def _silent(done: int, of: int) -> None:
    pass


def _batches(cursor: Any, index: WordIndex) -> Iterator[str]:
    cursor.execute(f"SELECT id FROM {index.feeds[0].table} ORDER BY id")
    keys = [row[0] for row in cursor.fetchall()]
    for start in range(0, len(keys), BATCH):
        some = keys[start : start + BATCH]
        yield f"BETWEEN {some[0]} AND {some[-1]}"


def _run(cursor: Any, statements: Iterable[str]) -> None:
    for statement in statements:
        cursor.execute(statement)
