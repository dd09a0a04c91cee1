"""Links above the lists of publications, which staff edit and each worker keeps in memory."""

from datetime import datetime
from typing import NamedTuple

from mscp.cache import versions
from reviews.models import ListLink


class Link(NamedTuple):
    text: str
    address: str


class _Links(NamedTuple):
    of_kind: dict[str, list[Link]]
    until: datetime | None = None


_kept: versions.Kept[_Links] = versions.Kept()


def links_above(kind: str) -> list[Link]:
    """Return the links above the list of one kind of publication."""
    unless = versions.unless_changed(ListLink._meta.db_table)
    return _kept.get("links", versions.current(), _read, unless).of_kind.get(kind, [])


def _read() -> _Links:
    of_kind: dict[str, list[Link]] = {}
    for link in ListLink.objects.only("kind", "text", "address", "position"):
        of_kind.setdefault(link.kind, []).append(Link(link.text, link.address))
    return _Links(of_kind)
