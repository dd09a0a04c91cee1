"""Related publications: the newest few of each kind that share a theme with a page.

They are looked up in the bitmap index of the lists (mscp/listing/bitmap_index.py), so a page reads
the rows it shows and no others. A window function in the database would rank every publication of
its themes.
"""

from collections.abc import Iterable
from typing import Any

from django.http import QueryDict

from mscp.database.pks import ordered_by_pks
from reviews.filters import LibraryFilterSet
from reviews.models import Kind, Publication


def newest_of_each_kind(
    themes: Iterable[str], most: int, *, direct: Iterable[int] = (), without: Iterable[int] = ()
) -> list[Any]:
    """Return at most so many publications of each kind that have one of the themes (slugs).

    Those whose keys are ``direct`` are included whatever their themes, come first in their kind
    and say so as ``is_direct``; those whose keys are ``without`` are left out.
    """
    library = LibraryFilterSet(QueryDict())
    themes, direct, without = list(themes), set(direct), list(without)
    keys: list[int] = []
    for kind in Kind:
        keys += library.nearest_of(kind, most, themes=themes, direct=direct, without=without)
    if not keys:
        return []
    # Through the gate again: the index may be a moment older than a withdrawal.
    rows = Publication.objects.published().filter(pk__in=keys)
    found: list[Any] = ordered_by_pks(keys, rows)
    for publication in found:
        publication.is_direct = publication.pk in direct
    return found


def number_of_each_kind(theme: str) -> dict[Kind, int]:
    """Return how many published publications of each kind have a theme (slug)."""
    return LibraryFilterSet(QueryDict()).numbers_of_kinds(theme)
