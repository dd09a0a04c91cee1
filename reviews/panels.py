"""Registry of the groups under "Related" on the page of a publication.

Another app adds to the page without being imported here: a provider that ``mscp/site/`` registers
returns groups, each with a template of its own.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

from reviews.models import Publication


class RelatedGroup(NamedTuple):
    """Related records of one kind, under a heading of their own."""

    name: str
    """For the anchor: the element's id is ``related-<name>``."""
    heading: str
    template: str
    """Renders the items; its context is ``group``."""
    items: Sequence[object]
    mark: str = ""
    """The words beside an item that ``is_direct``: that belongs to the publication itself."""
    has_direct: bool = False


Provider = Callable[[Publication], Iterable[RelatedGroup]]

_providers: list[Provider] = []


def register(provider: Provider) -> Provider:
    """Add a provider of groups to the page of every publication, after the library's own."""
    if provider not in _providers:
        _providers.append(provider)
    return provider


def registered_groups(publication: Publication) -> list[RelatedGroup]:
    return [group for provider in _providers for group in provider(publication)]
