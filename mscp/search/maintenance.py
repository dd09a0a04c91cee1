"""Makes indexes and content version, mends them after migrations, says where they are wrong."""

import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress

from django.db import connections, transaction

from mscp.cache import versions
from mscp.database import objects as database_objects
from mscp.database.objects import TRIGGERS_DISABLED, DatabaseObject, Present
from mscp.database.sqlite_schema import TriggerKeepingSchemaEditor
from mscp.models import ContentVersion, WordIndexState
from mscp.search import building
from mscp.search.index import INDEXES, Progress, WordIndex, backend_of


def drop_triggers(using: str = "default", plan: Iterable[object] = (), **kwargs: object) -> None:
    """Prepare the database for migrations; a receiver of ``pre_migrate``.

    Triggers stay, and see what migrations change. Only where this release defines some of the
    version or of an index otherwise those go, since a migration may take away a column that they
    name. Before the first of them goes, the version is suspended and the index written down as out
    of date: where the migration is broken off nothing is kept, ``faults`` says so, and the next one
    mends it.
    """
    if not plan:
        return
    if connections[using].vendor == "sqlite":
        connections[using].SchemaEditorClass = TriggerKeepingSchemaEditor
    present = database_objects.present(using)
    if versions.has_triggers(present, using) and not versions.is_complete(present, using):
        versions.drop_triggers(present, using)
    for index in INDEXES:
        building.drop_unfinished(index, present, using)
        if _has_triggers(present, f"{index.name}_") and not is_complete(present, index, using):
            state = WordIndexState.objects.using(using).filter(name=index.name)
            database_objects.short_transaction(using, state.delete)
            drops = database_objects.trigger_drops(present, f"{index.name}_", using)
            database_objects.change(using, drops)


def _has_triggers(present: Present, prefix: str) -> bool:
    return any(kind == "trigger" and name.startswith(prefix) for kind, name in present)


def ensure(using: str = "default", **kwargs: object) -> None:
    """Make what is missing, defined otherwise or out of date; a receiver of ``post_migrate``."""
    present = database_objects.present(using)
    tables = database_objects.tables(present)
    if WordIndexState._meta.db_table not in tables:
        return
    if ContentVersion._meta.db_table in tables:
        right = versions.is_standing(using) and versions.is_complete(present, using)
        if tables.issuperset(versions.table_names()) and not right:
            versions.create_triggers(present, using)
        versions.retire(present, using)
    states = dict(WordIndexState.objects.using(using).values_list("name", "fingerprint"))
    if TRIGGERS_DISABLED in states:
        WordIndexState.objects.using(using).all().delete()
        states = {}
    for index in INDEXES:
        if not tables.issuperset(source_table.table for source_table in index.source_tables):
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
            # The build that began meanwhile finishes the work; until then ``faults`` says so.
            with suppress(building.OvertakenError):
                make(index, using=using, rewrite=not current)


def _is_empty(index: WordIndex, using: str) -> bool:
    """Tell whether there is nothing to index, nor anything in the index."""
    some = f"SELECT EXISTS (SELECT 1 FROM {index.source_tables[0].table})"
    with connections[using].cursor() as cursor:
        cursor.execute(f"{some} OR EXISTS ({backend_of(using).EVERY.format(name=index.name)})")
        return not cursor.fetchone()[0]


def is_complete(present: Present, index: WordIndex, using: str = "default") -> bool:
    """Tell whether the table of an index is there, and all of its triggers as they must be."""
    return index.name in database_objects.tables(present) and all(
        one.is_right(present) for one in backend_of(using).objects_of(index)
    )


def faults(using: str = "default") -> list[str]:
    """Compare the database with what version and indexes need: a sentence for each fault.

    Three queries. `manage.py migrate` mends every fault, even where it has nothing to migrate.
    """
    present = database_objects.present(using)
    tables = database_objects.tables(present)
    found: list[str] = []
    owners: list[tuple[str, set[str], list[DatabaseObject]]] = []
    needs = {ContentVersion._meta.db_table, *versions.table_names()}
    owners.append(("The content version", needs, list(versions.objects(using))))
    for index in INDEXES:
        needs = {
            WordIndexState._meta.db_table,
            index.name,
            *(source_table.table for source_table in index.source_tables),
        }
        objects = list(backend_of(using).objects_of(index))
        owners.append((f"The word index {index.name}", needs, objects))
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


def make(
    index: WordIndex, *, using: str = "default", rewrite: bool = True, tell: Progress | None = None
) -> None:
    """Build an index beside the one that is used, and put it in its place.

    Without ``rewrite`` it is made of the streams as they stand beside the records. Others may save
    meanwhile. Raises building.OvertakenError where another build of it begins.
    """
    if rewrite:
        index.rewrite(tell or _silent)
    building.Build(index, using).run()


@contextmanager
def triggers_disabled(using: str = "default") -> Iterator[None]:
    """Open a transaction that writes without indexes and version; ``make`` must follow it."""
    with transaction.atomic(using=using), backend_of(using).triggers_disabled(using):
        yield


def rewrite_in_turns(keys: list[int], rewrite: Callable[[list[int]], list[int]]) -> None:
    """Have streams written again in short transactions, without indexes and version.

    ``rewrite`` reads records as they are now and locks them, so that nothing that somebody saves
    meanwhile is overwritten. It returns the keys of those that somebody else has locked: to wait
    for them with others in hand could be a deadlock. They come again in the next turn.
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
