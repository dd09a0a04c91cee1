"""The index of one kind of record: a row of terms for each, in the database's full-text index.

Triggers keep it in step with the tables it is made from, in the same transaction and whoever
writes to them. Only what is public, or will be by the clock, has a row; the gate is asked besides.
"""

from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from django.db import connections, models
from django.db.models.expressions import RawSQL

from mscp.search import analysis, postgresql, sqlite
from mscp.search.query import Atom, Clause, Query

_BACKENDS: dict[str, Any] = {"sqlite": sqlite, "postgresql": postgresql}
Told = Callable[[int, int], None]
"""Is told how much of how much is done."""

NAMES, STARTS, WORDS = "names", "starts", "words"


def backend_of(using: str = "default") -> Any:
    return _BACKENDS[connections[using].vendor]


@dataclass(frozen=True)
class Feed:
    """A table whose rows an index is made from."""

    table: str
    keys: str
    """SQL that gives the keys of the records a row belongs to; ``{row}`` is the row."""
    watched: tuple[str, ...] = ()
    """The columns whose change matters; where none is named, each does."""


@dataclass(frozen=True)
class WordIndex:
    name: str
    """Of its table."""
    source: str
    """SQL of its rows (id, names, starts, words); ``{concat}`` is the aggregate of texts."""
    feeds: tuple[Feed, ...]
    """The first is the table of the records themselves."""
    with_phrase: Callable[[str], models.Q]
    """Builds the condition that a record holds a stream such as `` serious case ``."""
    rewrite: Callable[[Told], None]
    """Writes the streams anew that the source is made of."""

    @property
    def fingerprint(self) -> str:
        """Return what changes whenever the index must be made anew."""
        made_of = (analysis.VERSION, backend_of().__name__, self.source, self.feeds)
        return sha256(repr(made_of).encode()).hexdigest()

    def matching(self, rows: Any, query: Query) -> Any:
        """Keep of the rows, which must be behind the gate, those that a query finds."""
        unwanted = [clause for clause in query.unwanted if not clause.phrase]
        if query.wanted:
            rows = rows.filter(pk__in=self.keys(WORDS, query.wanted, unwanted))
        else:
            for clause in unwanted:
                rows = rows.exclude(pk__in=self.keys(WORDS, [clause]))
        for clause in query.wanted:
            if clause.phrase:
                rows = rows.filter(self.with_phrase(_stream(clause)))
        for clause in query.unwanted:
            if clause.phrase:
                rows = rows.exclude(self.with_phrase(_stream(clause)))
        return rows

    def keys_matching(self, query: Query) -> list[int] | None:
        """Return the keys of what a query finds, published or not yet; None where it has phrases.

        Quicker than rows, for who holds in hand what is published.
        """
        found = keys_matching(query, self)
        return found[0] if found else None

    def keys_with_all_in_names(self, query: Query) -> list[int]:
        return _read([self.keys(NAMES, query.wanted)])[0]

    def keys(self, column: str, wanted: Any, unwanted: Any = ()) -> RawSQL:
        """Return a subquery of the keys of which a column holds all that is wanted."""
        backend = backend_of()
        sql = backend.MATCH.format(name=self.name, column=column)
        return RawSQL(sql, [backend.expression(wanted, unwanted)])  # noqa: S611


def keys_matching(query: Query, *indexes: WordIndex) -> list[list[int]]:
    """Return for each index, all asked at once, the keys of what a query finds.

    Published or not yet; nothing at all where it has phrases, which no index holds.
    """
    if not query.wanted or any(clause.phrase for clause in (*query.wanted, *query.unwanted)):
        return []
    return _read([index.keys(WORDS, query.wanted, query.unwanted) for index in indexes])


def keys_starting_with(words: list[str], *indexes: WordIndex, most: int) -> list[list[int] | None]:
    """Return for each index, all asked at once, the keys with words in their names that begin so.

    Published or not yet; None where they are more than the most.
    """
    begun = [Clause(((Atom(word, begins=True),),)) for word in words]
    found = _read([index.keys(STARTS, begun) for index in indexes], most=most + 1)
    return [keys if len(keys) <= most else None for keys in found]


def _read(asked: list[RawSQL], *, most: int | None = None) -> list[list[int]]:
    """Read lists of keys in one query, of each list no more than the most."""
    limit = f" LIMIT {most}" if most else ""
    # Each as one text: ten thousand rows would take four times as long to fetch.
    parts = [f"({backend_of().ALL_KEYS.format(keys=keys.sql + limit)})" for keys in asked]
    with connections["default"].cursor() as cursor:
        cursor.execute(f"SELECT {', '.join(parts)}", [one for keys in asked for one in keys.params])
        return [_parted(joined) for joined in cursor.fetchone()]


def _parted(joined: str | None) -> list[int]:
    return list(map(int, joined.split(","))) if joined else []


def _stream(clause: Clause) -> str:
    return f" {' '.join(clause.phrase)} "


INDEXES: list[WordIndex] = []


def register(index: WordIndex) -> WordIndex:
    INDEXES.append(index)
    return index
