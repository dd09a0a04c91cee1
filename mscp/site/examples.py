"""Examples of searches, under the search of the home page: words that find something real here."""

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from django.http import QueryDict

from mscp.cache import versions
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
# Of what was found, so many are looked at for one that is no sample.
MOST_LOOKED_AT = 50


class _Examples(NamedTuple):
    words: list[str]
    until: datetime | None


_kept: versions.Kept[_Examples] = versions.Kept()


def search_examples() -> list[str]:
    """Return the first few words that find something real, read once for a content version."""
    return _kept.get("examples", versions.current(), _read).words


def _read() -> _Examples:
    library = LibraryFilterSet.unfiltered()
    found: list[str] = []
    # An empty library is not searched at all.
    if library.first(1):
        for words in _candidates():
            if _finds(words):
                found.append(words)
            if len(found) == MOST_EXAMPLES:
                break
    return _Examples(found, library.until)


def _candidates() -> Iterable[str]:
    yield from WORDS
    names = Theme.objects.values_list("name", flat=True)[:MOST_TRIED]
    yield from (name for name in names if name.lower() not in WORDS)


def _finds(words: str) -> bool:
    search = QueryDict(mutable=True)
    search["q"] = words
    keys = LibraryFilterSet(search).keys[:MOST_LOOKED_AT]
    return Publication.objects.published().filter(pk__in=keys, is_sample=False).exists()
