"""Declared synonyms: those that staff keep in the admin, and what an entry does to a search."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from django.apps import apps

from mscp.cache import versions
from mscp.models import SearchSynonym
from mscp.search.index import INDEXES, WordIndex
from mscp.search.query import read
from mscp.search.synonyms import NONE, Synonyms, made_of, split

versions.register(*versions.every_row(SearchSynonym._meta.db_table))

MOST_ENTRIES = 500
MOST_NAMED = 3
_kept: versions.Kept[Synonyms] = versions.Kept()


def current() -> Synonyms:
    """Return the synonyms of the site, kept in memory under the content version."""
    unless = versions.unless_changed(SearchSynonym._meta.db_table)
    return _kept.get("synonyms", versions.current(), _read, unless)


def _read() -> Synonyms:
    entries = SearchSynonym.objects.order_by("pk").values_list("terms", flat=True)
    return made_of(entries[:MOST_ENTRIES])


class Effect(NamedTuple):
    """What an entry does to a search for one of its terms."""

    term: str
    alone: int
    """How many published records the term finds without the entry."""
    together: int
    newly_found: list[str]
    """The newest of those that it finds only with the entry."""


def effects_of(entry: str) -> Iterator[Effect]:
    """Yield what an entry does to a search for each of its terms, of what is published."""
    synonyms = made_of([entry])
    for term in split(entry):
        alone = together = 0
        named: list[str] = []
        for index in INDEXES:
            before, after = (
                set(
                    _published(index)
                    .filter(pk__in=index.find(read(term, some)))
                    .values_list("pk", flat=True)
                )
                for some in (NONE, synonyms)
            )
            alone, together = alone + len(before), together + len(after)
            if new := sorted(after - before, reverse=True)[: MOST_NAMED - len(named)]:
                named += [str(record) for record in _published(index).filter(pk__in=new)]
        yield Effect(term, alone, together, named)


def _published(index: WordIndex) -> Any:
    """Return the records of an index that visitors may see."""
    table = index.source_tables[0].table
    model: Any = next(one for one in apps.get_models() if one._meta.db_table == table)
    rows = model.objects
    return rows.published() if hasattr(rows, "published") else rows.all()
