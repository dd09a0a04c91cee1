"""The interface of a search backend: the modules ``sqlite`` and ``postgresql`` are one each."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from typing import Protocol

from django.db.backends.utils import CursorWrapper

from mscp.database.objects import DatabaseObject, Present, Transact
from mscp.search.query import Clause


class IndexedTable(Protocol):
    """A table whose rows an index is made from (mscp.search.index.SourceTable)."""

    @property
    def table(self) -> str: ...
    @property
    def keys(self) -> str: ...
    @property
    def watched(self) -> Sequence[str]: ...
    @property
    def shared(self) -> tuple[str, str] | None: ...


class IndexTable(Protocol):
    """What a backend needs of an index (mscp.search.index.WordIndex)."""

    @property
    def name(self) -> str: ...
    @property
    def source(self) -> str: ...
    @property
    def source_tables(self) -> Sequence[IndexedTable]: ...


class Backend(Protocol):
    EVERY: str
    ALL_KEYS: str
    KEY: str
    HOLDS_PHRASES: bool
    """Whether a match of its index means that a phrase is there."""
    PAUSE: float
    """Seconds between two transactions of a build."""

    @property
    def __name__(self) -> str: ...

    def match(
        self, name: str, column: str, wanted: Sequence[Clause], unwanted: Iterable[Clause] = ()
    ) -> tuple[str, list[object]]: ...
    def create_table(self, name: str) -> Iterator[str]: ...
    def drops(self, index: IndexTable, present: Present, using: str) -> list[str]: ...
    def put(self, cursor: CursorWrapper, index: IndexTable, keys: list[int]) -> list[int]: ...
    def fill(self, index: IndexTable, condition: str) -> str: ...
    def finish(self, index: IndexTable, using: str, transact: Transact) -> None: ...
    def swap(
        self,
        index: IndexTable,
        shadow: IndexTable,
        using: str,
        transact: Transact,
        callback: Callable[[], None],
    ) -> None: ...
    def triggers_disabled(self, using: str) -> AbstractContextManager[None]: ...
    def size(self, cursor: CursorWrapper, index: IndexTable) -> int: ...
    def objects_of(self, index: IndexTable) -> Iterator[DatabaseObject]: ...
