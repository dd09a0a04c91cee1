"""Online index build: a word index is built beside the live one and swapped in, while people
search and editors save.

First the triggers of the new table are created, then it is filled in short transactions; whatever
is saved meanwhile is written to both. A build that is killed leaves the live index as it was, and
the next one drops what it left.
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


def beside(index: WordIndex) -> WordIndex:
    """Describe the table in which an index is built, with triggers of its own."""
    return replace(index, name=f"{index.name}_new")


def drop_unfinished(index: WordIndex, present: Present, using: str) -> None:
    """Drop what a build that was broken off has left; a running one ends with OvertakenError."""
    new = beside(index)
    if any(name.startswith(new.name) for _, name in present):
        database_objects.short_transaction(using, _states(using).filter(name=new.name).delete)
        database_objects.change(using, backend_of(using).drops(new, present, using))


class Build:
    """One build of one index. Raises OvertakenError where another begins meanwhile."""

    def __init__(self, index: WordIndex, using: str) -> None:
        self.index, self.using = index, using
        self.new = beside(index)
        self.backend = backend_of(using)
        # Beside the states of the indexes is written whose the table is that is being built.
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
        """Leave those who ask SQLite time to read its new schema before it changes again."""
        if not connections[self.using].in_atomic_block:
            time.sleep(self.backend.PAUSE)

    def _step(self, work: Callable[[], Result]) -> Result:
        """Do work in a short transaction, while the table is still this build's."""

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
        # Each trigger waits for those who have written to its table: once the last is there,
        # all that others have written is either seen or followed.
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
        """Write the rows of some records; return the keys of those."""
        done: set[int] = set()
        until = perf_counter() + SECONDS_AT_ONCE
        with connections[self.using].cursor() as cursor:
            for start in range(0, min(len(keys), MOST_AT_ONCE), BATCH):
                done.update(self.backend.put(cursor, self.new, keys[start : start + BATCH]))
                if perf_counter() > until:
                    break
        return done

    def _note(self) -> None:
        """Write down what the index was made of; what was found before may be found otherwise."""
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
