"""Upkeep of word indexes and content version: creation, repair after migrations, faults."""

import hashlib
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress

from django.db import connections, transaction

from mscp.cache import versions
from mscp.database import objects as database_objects
from mscp.database.objects import TRIGGERS_DISABLED, DatabaseObject, Present
from mscp.database.sqlite_schema import TriggerKeepingSchemaEditor
from mscp.models import ContentChange, ContentVersion, WordIndexState
from mscp.search import building
from mscp.search.index import INDEXES, WordIndex, backend_of

# The state of no index: which release had triggers and indexes made last, or is making them.
RELEASE = "release"


def drop_triggers(using: str = "default", plan: Iterable[object] = (), **kwargs: object) -> None:
    """Prepare the database for migrations; a receiver of ``pre_migrate``.

    Triggers stay, and record what migrations change. Only triggers that this release defines
    differently are dropped, since a migration may remove a column that they name. Before the first
    is dropped, the version is suspended and the index marked as out of date: if the migration is
    interrupted nothing is cached, ``faults`` reports it, and the next migration repairs it.
    """
    if not plan:
        return
    if connections[using].vendor == "sqlite":
        connections[using].SchemaEditorClass = TriggerKeepingSchemaEditor
    present = database_objects.present(using)
    _claim(present, using)
    if versions.has_triggers(present, using) and not versions.is_complete(present, using):
        versions.drop_triggers(present, using)
    for index in INDEXES:
        building.drop_unfinished(index, present, using)
        if _has_triggers(present, f"{index.name}_") and not is_complete(present, index, using):
            state = WordIndexState.objects.using(using).filter(name=index.name)
            database_objects.short_transaction(using, state.delete)
            drops = database_objects.trigger_drops(present, f"{index.name}_", using)
            database_objects.change(using, drops)


def _claim(present: Present, using: str) -> None:
    """Say that what is otherwise from here on is so by this release, before the first is changed.

    Servers of the release before, which go on meanwhile, know by it that nothing is damaged.
    """
    if WordIndexState._meta.db_table not in database_objects.tables(present):
        return
    states = WordIndexState.objects.using(using)
    if not states.filter(name=RELEASE, fingerprint=_fingerprint(using)).exists():
        database_objects.short_transaction(
            using,
            lambda: states.update_or_create(
                name=RELEASE, defaults={"fingerprint": _fingerprint(using)}
            ),
        )


def _fingerprint(using: str) -> str:
    """Return a hash of all triggers and indexes as this release has them."""
    objects = [*versions.objects(using)]
    for index in INDEXES:
        objects += backend_of(using).objects_of(index)
    said = [f"{one.kind} {one.name} {one.definition}" for one in objects]
    said += [f"{index.name} {index.fingerprint}" for index in INDEXES]
    return hashlib.sha256("\n".join(said).encode()).hexdigest()


def is_of_another_release(using: str = "default") -> bool:
    """Return whether another release has claimed triggers and indexes, and not this one since."""
    claimed = WordIndexState.objects.using(using).filter(name=RELEASE)
    return any(one.fingerprint != _fingerprint(using) for one in claimed)


def _has_triggers(present: Present, prefix: str) -> bool:
    return any(kind == "trigger" and name.startswith(prefix) for kind, name in present)


def ensure(using: str = "default", **kwargs: object) -> None:
    """Create what is missing, different or out of date; a receiver of ``post_migrate``."""
    present = database_objects.present(using)
    tables = database_objects.tables(present)
    if WordIndexState._meta.db_table not in tables:
        return
    _claim(present, using)
    if ContentVersion._meta.db_table in tables:
        right = versions.is_standing(using) and versions.is_complete(present, using)
        if tables >= _tables_of_version() and not right:
            versions.create_triggers(present, using)
        versions.retire(present, using)
    states = dict(WordIndexState.objects.using(using).values_list("name", "fingerprint"))
    if TRIGGERS_DISABLED in states:
        WordIndexState.objects.using(using).exclude(name=RELEASE).delete()
        states = {}
    due = []
    for index in INDEXES:
        if not tables >= _tables_of(index):
            continue
        building.drop_unfinished(index, present, using)
        current = states.get(index.name) == index.fingerprint
        complete = is_complete(present, index, using)
        if complete and not current and _is_empty(index, using):
            # As after every test that empties the database.
            WordIndexState.objects.using(using).update_or_create(
                name=index.name, defaults={"fingerprint": index.fingerprint}
            )
        elif not (complete and current):
            due.append(index)
            # Before any is built: a course has the words of its themes, which belong to the index
            # of publications.
            if not current:
                index.rewrite(_silent)
    for index in due:
        # The other build finishes the work; until then ``faults`` reports it.
        with suppress(building.OvertakenError):
            make(index, using=using, rewrite=False)


def _is_empty(index: WordIndex, using: str) -> bool:
    """Return whether there are no records to index and no rows in the index."""
    some = f"SELECT EXISTS (SELECT 1 FROM {index.source_tables[0].table})"
    with connections[using].cursor() as cursor:
        cursor.execute(f"{some} OR EXISTS ({backend_of(using).EVERY.format(name=index.name)})")
        return not cursor.fetchone()[0]


def is_complete(present: Present, index: WordIndex, using: str = "default") -> bool:
    """Return whether the table of an index exists and all its triggers are right."""
    return index.name in database_objects.tables(present) and all(
        one.is_right(present) for one in backend_of(using).objects_of(index)
    )


def faults(using: str = "default") -> list[str]:
    """Compare the database with what version and indexes need: a sentence for each fault.

    Three queries. `manage.py migrate` repairs every fault, even with no migration to apply.
    """
    present = database_objects.present(using)
    tables = database_objects.tables(present)
    found: list[str] = []
    owners: list[tuple[str, set[str], list[DatabaseObject]]] = []
    owners.append(("The content version", _tables_of_version(), list(versions.objects(using))))
    for index in INDEXES:
        objects = list(backend_of(using).objects_of(index))
        owners.append((f"The word index {index.name}", {index.name, *_tables_of(index)}, objects))
    missing = sorted(set().union(*(needs for _, needs, _ in owners)) - tables)
    if missing:
        found.append(f"Tables are missing in the database: {', '.join(missing)}.")
    for what, needs, objects in owners:
        if needs <= tables:
            found.extend(database_objects.faults(what, objects, present))
    if ContentVersion._meta.db_table in tables and not versions.is_standing(using):
        found.append("The content version is suspended: a migration is running or was broken off.")
    if WordIndexState._meta.db_table in tables:
        states = dict(WordIndexState.objects.using(using).values_list("name", "fingerprint"))
        found.extend(
            f"The word index {index.name} was not built by this release."
            for index in INDEXES
            if index.name in tables and states.get(index.name) != index.fingerprint
        )
        if TRIGGERS_DISABLED in states:
            found.append(
                "All triggers are disabled: somebody committed what only a bulk write does."
            )
    return found


def _tables_of_version() -> set[str]:
    """Return the tables that the content version and its triggers need."""
    models = (ContentVersion, ContentChange)
    return {*(model._meta.db_table for model in models), *versions.table_names()}


def _tables_of(index: WordIndex) -> set[str]:
    """Return the tables that an index is made from, and that of its state."""
    return {WordIndexState._meta.db_table, *(source.table for source in index.source_tables)}


def make(index: WordIndex, *, using: str = "default", rewrite: bool = True) -> None:
    """Build an index in a shadow table and swap it in.

    Without ``rewrite`` it is made of the saved streams. Others may save meanwhile. Raises
    building.OvertakenError if another build of it begins.
    """
    if rewrite:
        index.rewrite(_silent)
    building.Build(index, using).run()


@contextmanager
def triggers_disabled(using: str = "default") -> Iterator[None]:
    """Open a transaction without triggers of indexes and version; ``make`` must follow."""
    with transaction.atomic(using=using), backend_of(using).triggers_disabled(using):
        yield


def rewrite_in_turns(keys: list[int], rewrite: Callable[[list[int]], list[int]]) -> None:
    """Rewrite streams in short transactions, without triggers of indexes and version.

    ``rewrite`` reads the current records and locks them, so that nothing saved meanwhile is
    overwritten. It returns the keys of those that are locked elsewhere: to wait for them while
    holding locks could be a deadlock. They are tried again in the next turn.
    """

    def turn() -> list[int]:
        with triggers_disabled():
            return rewrite(keys)

    while keys:
        left = database_objects.short_transaction("default", turn)
        time.sleep(database_objects.PAUSE if left else backend_of().PAUSE)
        keys = left


def _silent(done: int, of: int) -> None:
    pass
