"""Makes the indexes and stamps, mends them after migrations, and builds indexes anew."""

from collections.abc import Iterable, Iterator
from typing import Any

from django.db import connections, transaction

from mscp import database_objects, stamps
from mscp.database_objects import DatabaseObject, Present
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
    present = database_objects.present(using)
    if _stamped_tables() <= tables and not stamps.is_complete(present, using):
        database_objects.run(using, stamps.follow(using))
    states = dict(WordIndexState.objects.using(using).values_list("name", "fingerprint"))
    for index in INDEXES:
        if not {feed.table for feed in index.feeds} <= tables:
            continue
        complete = is_complete(present, index, using)
        current = states.get(index.name) == index.fingerprint
        if not (complete and current):
            make(index, using=using, rewrite=not current)


def is_complete(present: Present, index: WordIndex, using: str = "default") -> bool:
    """Tell whether the table of an index is there, and all of its triggers as they must be."""
    objects = backend_of(using).database_objects(index)
    return index.name in database_objects.tables(present) and all(
        one.is_right(present) for one in objects
    )


def faults(using: str = "default") -> list[str]:
    """Compare the database with what stamps and word indexes need: a sentence for each fault.

    Two queries. `manage.py migrate` mends every fault, even where it has nothing to migrate.
    """
    present = database_objects.present(using)
    tables = database_objects.tables(present)
    found: list[str] = []
    owners: list[tuple[str, set[str], list[DatabaseObject]]] = []
    for stamped in stamps.STAMPS:
        needs = {Stamp._meta.db_table, *stamped.tables}
        objects = list(stamps.database_objects(stamped, using))
        owners.append((f"The stamp {stamped.name}", needs, objects))
    for index in INDEXES:
        needs = {WordIndexState._meta.db_table, index.name, *(feed.table for feed in index.feeds)}
        objects = list(backend_of(using).database_objects(index))
        owners.append((f"The word index {index.name}", needs, objects))
    missing = sorted(set().union(*(needs for _, needs, _ in owners)) - tables)
    if missing:
        found.append(f"Tables are missing in the database: {', '.join(missing)}.")
    for what, needs, objects in owners:
        if needs <= tables:
            found.extend(database_objects.faults(what, objects, present))
    if WordIndexState._meta.db_table in tables:
        states = dict(WordIndexState.objects.using(using).values_list("name", "fingerprint"))
        found.extend(
            f"The word index {index.name} was not built by this release."
            for index in INDEXES
            if index.name in tables and states.get(index.name) != index.fingerprint
        )
    return found


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
