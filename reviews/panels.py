"""Registry of the groups under "Related" on the page of a publication.

Another app adds to the page without being imported here: a provider that ``mscp/site/`` registers
returns groups, each with a template of its own.
"""

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple, Protocol

from reviews.models import Kind, Publication


class ChainStep(NamedTuple):
    """What comes next in the learning chain of a publication, or that nothing does yet."""

    name: str
    title: str = ""
    """Of what the step leads to; empty: a gap."""
    address: str = ""
    note: str = ""
    """A few words about it, or about the gap."""
    more: tuple[str, str] | None = None
    """The words and the address of a second link."""
    item: object = None
    """The record, which "Related" then leaves out."""


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
    step: ChainStep | None = None
    """The step of the chain that the first of the items is; its gap if there is none."""


class Provider(Protocol):
    def __call__(
        self, publication: Publication, *, steps_only: bool = False
    ) -> Iterable[RelatedGroup]: ...


_providers: list[Provider] = []


def register(provider: Provider) -> Provider:
    """Add a provider of groups to the page of every publication, after the library's own.

    It returns a group without items too where its step of the chain is missing.
    """
    if provider not in _providers:
        _providers.append(provider)
    return provider


def step_of(name: str, items: Sequence[Any], *, mark: str, missing: str) -> ChainStep:
    """Return the step of the chain that leads to the first of some related records."""
    if not items:
        return ChainStep(name, note=missing)
    first = items[0]
    note = mark if first.is_direct else "Shares a theme"
    return ChainStep(name, str(first), first.get_absolute_url(), note, item=first)


def learning_step(publication: Any, nearest: Iterable[Any], mark: str) -> ChainStep:
    """Return the step to a learning, which for a real publication is no sample."""
    learnings = [
        item
        for item in nearest
        if item.kind == Kind.BRIEFING and (publication.is_sample or not item.is_sample)
    ]
    return step_of("7-minute learning", learnings, mark=mark, missing="Not written yet")


def without_steps(groups: Iterable[RelatedGroup], steps: Iterable[ChainStep]) -> list[RelatedGroup]:
    """Return the groups without what the chain shows already, and without those left empty."""
    shown = [step.item for step in steps if step.item is not None]
    left = []
    for group in groups:
        items = [item for item in group.items if not any(item is one for one in shown)]
        if items:
            direct = any(getattr(item, "is_direct", False) for item in items)
            left.append(group._replace(items=items, has_direct=direct))
    return left


def registered_groups(publication: Publication, *, steps_only: bool = False) -> list[RelatedGroup]:
    """Return the groups of every provider; for the steps alone, not all of their items."""
    return [
        group for provider in _providers for group in provider(publication, steps_only=steps_only)
    ]
