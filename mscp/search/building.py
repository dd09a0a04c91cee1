"""Online index build: a word index is built in a shadow table and swapped in, while people search
and editors save.

First the triggers of the shadow table are created, then it is filled in short transactions; what is
saved meanwhile is written to both. A build that is killed leaves the live index as it was, and the
next build drops its remains.
"""

import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from functools import partial
from time import perf_counter
from typing import TypeVar
from uuid import uuid4

from django.db import connections
from django.db.models import QuerySet

from mscp.cache import versions
from mscp.database import objects as database_objects
from mscp.database.objects import SECONDS_AT_ONCE, Present
from mscp.models import WordIndexState
from mscp.search.index import WordIndex, backend_of

Result = TypeVar("Result")

BATCH = 25
MOST_AT_ONCE = 500


class OvertakenError(Exception):
    """Another build of the same index, or a migration, began; this one ended without effect."""


def shadow_of(index: WordIndex) -> WordIndex:
    """Describe the shadow table in which an index is built, with triggers of its own."""
    return replace(index, name=f"{index.name}_new")


def drop_unfinished(index: WordIndex, present: Present, using: str) -> None:
    """Drop the remains of an interrupted build; a running one ends with OvertakenError."""
    new = shadow_of(index)
    if any(name.startswith(new.name) for _, name in present):
        database_objects.short_transaction(using, _states(using).filter(name=new.name).delete)
        database_objects.change(using, backend_of(using).drops(new, present, using))


class Build:
    """One build of one index. Raises OvertakenError if another begins meanwhile."""

    def __init__(self, index: WordIndex, using: str) -> None:
        self.index, self.using = index, using
        self.new = shadow_of(index)
        self.backend = backend_of(using)
        # Saved among the states of the indexes, to identify the build that owns the shadow table.
        self.token = uuid4().hex

    def run(self) -> None:
        try:
            self._begin()
            self._let_others_read()
            self._fill()
            self.backend.finish(self.new, self.using, self._step)
            self.backend.swap(self.index, self.new, self.using, self._step, self._note)
            self._let_others_read()
        finally:
            with suppress(OvertakenError):
                self._end()

    def _let_others_read(self) -> None:
        """Give readers on SQLite time to read its new schema before it changes again."""
        if not connections[self.using].in_atomic_block:
            time.sleep(self.backend.PAUSE)

    def _step(self, work: Callable[[], Result]) -> Result:
        """Do work in a short transaction, if the shadow table is still this build's."""

        def guarded() -> Result:
            mine = _states(self.using).select_for_update().filter(name=self.new.name)
            if list(mine.values_list("fingerprint", flat=True)) != [self.token]:
                raise OvertakenError(
                    f"{self.index.name}: another build of this index, or a migration, has begun."
                )
            return work()

        return database_objects.short_transaction(self.using, guarded)

    def _begin(self) -> None:
        database_objects.short_transaction(
            self.using,
            lambda: _states(self.using).update_or_create(
                name=self.new.name, defaults={"fingerprint": self.token}
            ),
        )
        # Each trigger waits for transactions that have written to its table: once the last trigger
        # exists, every write of others is either visible or captured.
        statements = [
            *self._drops(),
            *self.backend.create_table(self.new.name),
            *(create for one in self.backend.objects_of(self.new) for create in one.create),
        ]
        database_objects.change(self.using, statements, self._step)

    def _fill(self) -> None:
        with connections[self.using].cursor() as cursor:
            cursor.execute(f"SELECT id FROM {self.index.source_tables[0].table} ORDER BY id")
            left = [key for (key,) in cursor.fetchall()]
        while left:
            done = self._step(partial(self._put_some, left))
            left = [key for key in left if key not in done]
            if left:
                time.sleep(self.backend.PAUSE if done else database_objects.PAUSE)

    def _put_some(self, keys: list[int]) -> set[int]:
        """Write the rows of some records; return their keys."""
        done: set[int] = set()
        until = perf_counter() + SECONDS_AT_ONCE
        with connections[self.using].cursor() as cursor:
            for start in range(0, min(len(keys), MOST_AT_ONCE), BATCH):
                done.update(self.backend.put(cursor, self.new, keys[start : start + BATCH]))
                if perf_counter() > until:
                    break
        return done

    def _note(self) -> None:
        """Save the fingerprint of the new index, and raise the version: results may differ."""
        _states(self.using).update_or_create(
            name=self.index.name, defaults={"fingerprint": self.index.fingerprint}
        )
        database_objects.execute(self.using, versions.raising(self.using))

    def _drops(self) -> list[str]:
        present = database_objects.present(self.using)
        if not any(name.startswith(self.new.name) for _, name in present):
            return []
        drops: list[str] = self.backend.drops(self.new, present, self.using)
        return drops

    def _end(self) -> None:
        database_objects.change(self.using, self._drops(), self._step)
        self._step(_states(self.using).filter(name=self.new.name).delete)


def _states(using: str) -> QuerySet[WordIndexState]:
    return WordIndexState.objects.using(using)
