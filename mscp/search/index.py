"""Word index of one kind of record: a row of terms for each, in the database's full-text index.

Triggers update it in the transaction that writes to its source tables, whatever program writes.
Only what is public, or scheduled to be, has a row. What is scheduled is excluded in the query of
the index, so that no further query is made for it: response times must not reveal what is
scheduled. The gate is applied besides.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from time import sleep

from django.db import OperationalError, connection, connections
from django.db.models.expressions import RawSQL

from mscp.database.compiled_query import CompiledQuery
from mscp.database.prepared import prepared_cursor
from mscp.search import analysis, postgresql, sqlite
from mscp.search.backend import Backend
from mscp.search.query import Atom, Clause, Query

_BACKENDS: dict[str, Backend] = {"sqlite": sqlite, "postgresql": postgresql}
Progress = Callable[[int, int], None]
"""A callback that is given the number done and the total."""

# Of a search, if SQLite's schema changes during it; and the seconds waited after the first,
# longer after each.
ATTEMPTS = 12
PAUSE = 0.01

# Records whose texts are scanned only to put them into an order.
MOST_SCANNED = 500

NAMES, STARTS, WORDS = "names", "starts", "words"


def backend_of(using: str = "default") -> Backend:
    return _BACKENDS[connections[using].vendor]


@dataclass(frozen=True)
class SourceTable:
    """A table from whose rows an index is made."""

    table: str
    keys: str
    """SQL that returns the keys of the records a row belongs to; ``{row}`` is the row."""
    watched: tuple[str, ...] = ()
    """The columns whose change matters; all if none is named."""
    shared: tuple[str, str] | None = None
    """A join table that its rows share with others, and its column of that table's keys.

    Two transactions that write at once to rows so joined do not see each other's rows: they take
    turns instead.
    """


@dataclass(frozen=True)
class WordIndex:
    name: str
    """The name of its table."""
    source: str
    """SQL of its rows (id, names, starts, words); ``{concat}`` is the aggregate of texts."""
    source_tables: tuple[SourceTable, ...]
    """The first is the table of the records themselves."""
    holding: Callable[[list[int], str], Iterable[int]]
    """Filters keys to those of records that hold a stream such as `` serious case ``."""
    rewrite: Callable[[Progress], None]
    """Rewrites the streams that the source is made of."""
    scheduled: CompiledQuery | None = None
    """The query of the keys that have a row and are not public yet, if any can be."""

    @property
    def fingerprint(self) -> str:
        """Return a hash that changes whenever the index must be rebuilt."""
        inputs = (analysis.VERSION, backend_of().__name__, self.source, self.source_tables)
        return sha256(repr(inputs).encode()).hexdigest()

    def find(self, query: Query) -> list[int]:
        """Return the keys of the published records that match a query."""
        return find(query, self)[0]

    def find_each(self, clauses: Sequence[Clause]) -> list[list[int]]:
        """Return for each clause the keys of the published records that it alone matches."""
        return [keys for (keys,) in find_each(clauses, self)]

    def keys_with_all_in_names(self, query: Query) -> list[int]:
        return _read([self.keys(NAMES, query.wanted)])[0]

    def keys_with_run(self, query: Query) -> list[int]:
        """Return the keys of records that hold what was typed word for word.

        For an order only: of very many, whose texts would have to be scanned, those that have all
        pairs of neighbours.
        """
        run = query.run_clause
        keys = _read([self.keys(WORDS, [run])])[0]
        return self.with_phrase(keys, run) if len(keys) <= MOST_SCANNED else keys

    def keys(
        self, column: str, wanted: Iterable[Clause], unwanted: Iterable[Clause] = ()
    ) -> RawSQL:
        """Return a subquery of the keys whose column holds all that is wanted."""
        return self._published(*backend_of().match(self.name, column, tuple(wanted), unwanted))

    def every_key(self) -> RawSQL:
        return self._published(backend_of().EVERY.format(name=self.name), [])

    def _published(self, keys: str, parameters: Sequence[object]) -> RawSQL:
        """Return a subquery of keys without those that are only scheduled, which are few."""
        if self.scheduled:
            coming, moments = self.scheduled.subquery()
            key = backend_of().KEY
            keys = f"SELECT {key} FROM ({keys}) AS found WHERE {key} NOT IN ({coming})"
            parameters = [*parameters, *moments]
        return RawSQL(keys, parameters)  # noqa: S611

    def with_phrase(self, keys: list[int], clause: Clause) -> list[int]:
        """Return the keys whose records hold the phrase of a clause; all if it has none.

        The keys match the clause. Where the index holds no phrases, texts are scanned, those of
        these keys only.
        """
        if backend_of().HOLDS_PHRASES:
            return keys
        if clause.phrases and keys:
            words, phrases = clause.single_words, clause.phrases
            asked = [self.keys(WORDS, [one]) for one in (*phrases, words) if one.ways]
            having = dict(zip([*phrases, words], _read(asked), strict=False))
            found = set(having.get(words, ()))
            for phrase in phrases:
                left = list({*keys}.intersection(having[phrase]) - found)
                found.update(self.holding(left, phrase.stream) if left else ())
            return [key for key in keys if key in found]
        if not (clause.phrase and keys):
            return keys
        return list(self.holding(keys, clause.stream))


def find(query: Query, *indexes: WordIndex) -> list[list[int]]:
    """Return for each index the keys of the published records that match a query."""
    words = [clause for clause in query.unwanted if not clause.scans]
    if query.wanted:
        found = _read([index.keys(WORDS, query.wanted, words) for index in indexes])
    else:
        # Neither database can use its index to find what has none of some words.
        found = every_key_of(*indexes)
        if words:
            any_of_them = Clause(tuple(way for clause in words for way in clause.ways))
            having = _read([index.keys(WORDS, [any_of_them]) for index in indexes])
            found = list(map(_without, found, having))
    return [_by_phrases(index, keys, query) for index, keys in zip(indexes, found, strict=True)]


def _by_phrases(index: WordIndex, keys: list[int], query: Query) -> list[int]:
    for clause in query.wanted:
        keys = index.with_phrase(keys, clause)
    for clause in query.unwanted:
        if clause.scans and keys:
            with_words = set(_read([index.keys(WORDS, [clause])])[0])
            keys = _without(keys, index.with_phrase(list(with_words.intersection(keys)), clause))
    return keys


def _without(keys: list[int], others: list[int]) -> list[int]:
    gone = set(others)
    return [key for key in keys if key not in gone]


def find_each(clauses: Sequence[Clause], *indexes: WordIndex) -> list[list[list[int]]]:
    """Return for each clause, and for each index, the keys that the clause alone matches."""
    asked = [index.keys(WORDS, [clause]) for clause in clauses for index in indexes]
    # Of each number of clauses it is another statement.
    found = iter(_read(asked, prepare=False))
    return [[index.with_phrase(next(found), clause) for index in indexes] for clause in clauses]


def every_key_of(*indexes: WordIndex) -> list[list[int]]:
    """Return for each index the keys of all published records, in one query."""
    return _read([index.every_key() for index in indexes])


def keys_starting_with(words: list[str], *indexes: WordIndex, most: int) -> list[list[int] | None]:
    """Return for each index, in one query, the keys whose names have words with these prefixes.

    Published records only; None for an index with more than ``most``.
    """
    begun = [Clause(((Atom(word, begins=True),),)) for word in words]
    found = _read([index.keys(STARTS, begun) for index in indexes], most=most + 1)
    return [keys if len(keys) <= most else None for keys in found]


def _read(asked: list[RawSQL], *, most: int | None = None, prepare: bool = True) -> list[list[int]]:
    """Read lists of keys in one query, at most ``most`` of each."""
    limit = f" LIMIT {most}" if most else ""
    # Each list as one text: ten thousand rows would take four times as long to fetch.
    parts = [f"({backend_of().ALL_KEYS.format(keys=keys.sql + limit)})" for keys in asked]
    sql = f"SELECT {', '.join(parts)}"
    for attempt in range(1, ATTEMPTS + 1):
        try:
            with prepared_cursor() if prepare else connection.cursor() as cursor:
                cursor.execute(sql, [one for keys in asked for one in keys.params])
                return [_parted(joined) for joined in cursor.fetchone()]
        except OperationalError as error:
            # FTS5, if the schema has changed since it was read: migrations, or a build that swaps
            # its table in.
            if attempt == ATTEMPTS or "vtable constructor failed" not in str(error):
                raise
            sleep(PAUSE * attempt)
    raise AssertionError("The last attempt returns or raises.")


def _parted(joined: str | None) -> list[int]:
    return list(map(int, joined.split(","))) if joined else []


INDEXES: list[WordIndex] = []


def register(index: WordIndex) -> WordIndex:
    INDEXES.append(index)
    return index
