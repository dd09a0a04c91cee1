"""Examples of searches, under the search of the home page: words that find something real here."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from types import MappingProxyType
from typing import NamedTuple

from django.http import QueryDict

from mscp.cache import versions
from mscp.cache.changes import WHOLE, Changes
from mscp.models import SearchSynonym
from reviews.filters import LibraryFilterSet
from reviews.models import Publication, Theme

MOST_EXAMPLES = 3
# What people who work with children search for, in the words of reviews.
WORDS = (
    *("bruising", "domestic abuse", "was not brought", "exploitation", "neglect"),
    *("information sharing", "hard to escape", "safer sleep", "fathers", "home education"),
)
# Names of themes that are tried where too few of those words find anything.
MOST_TRIED = 10
# Tables from which a search is answered: of these a change notes the key of its publication …
OF_ONE = {"reviews_publication", "reviews_publication_themes"}
# … and a row of these may belong to many.
OF_MANY = {
    *("reviews_theme", "reviews_document", "reviews_documentfile"),
    *("reviews_filewords", "reviews_finding"),
    SearchSynonym._meta.db_table,
}


class _Examples(NamedTuple):
    records: dict[str, int]
    """Of each example the key of one record that it finds."""
    until: datetime | None


_kept: versions.Kept[_Examples] = versions.Kept()


def search_examples() -> list[str]:
    """Return the first few words that find something real, kept under the content version."""
    return list(_kept.get("examples", versions.current(), _read, _revised).records)


def _revised(old: _Examples, changes: Changes) -> _Examples | None:
    """Look up again only the words that may find something else than before.

    A word still finds a record that did not change.
    """
    if not changes.keys().isdisjoint(OF_MANY):
        return None
    changed = set().union(*(changes.get(table, ()) for table in OF_ONE))
    if WHOLE in changed:
        return None
    if not changed:
        return old
    return _read({words: key for words, key in old.records.items() if key not in changed})


def _read(known: Mapping[str, int] = MappingProxyType({})) -> _Examples:
    """Find the examples; of those that are ``known`` it is known what they find."""
    library = LibraryFilterSet.unfiltered()
    found: dict[str, int] = {}
    # An empty library is not searched at all.
    if library.first(1):
        for words in _candidates():
            if key := known.get(words) or _finds(words):
                found[words] = key
            if len(found) == MOST_EXAMPLES:
                break
    return _Examples(found, library.until)


def _candidates() -> Iterable[str]:
    yield from WORDS
    names = Theme.objects.values_list("name", flat=True)[:MOST_TRIED]
    yield from (name for name in names if name.lower() not in WORDS)


def _finds(words: str) -> int | None:
    """Return the key of something real that a search for words finds."""
    search = QueryDict(mutable=True)
    search["q"] = words
    # Samples come last in the order of the list.
    keys = LibraryFilterSet(search).first(1)
    real = Publication.objects.published().filter(pk__in=keys, is_sample=False)
    return keys[0] if keys and real.exists() else None
