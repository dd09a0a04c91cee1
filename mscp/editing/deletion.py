"""Deletion in plain words: what goes with a record, what stays without it, and its addresses."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from django.db import models

from mscp.publishing.gate import Publishable

# Of the titles of a list in a sentence.
MOST_NAMED = 3


class Consequences(NamedTuple):
    goes: list[str]
    stays: list[str]
    addresses: list[str]


def consequences_of(record: models.Model) -> Consequences:
    """Return sentences about a deletion; of each relation one, in a query or two."""
    goes, stays = [], []
    for relation in _relations(record):
        count = _rows(record, relation).count()
        if not count:
            continue
        if relation.many_to_many or relation.on_delete is models.SET_NULL:
            stays.append(f"{_named(record, relation, count)}, without a link to this.")
        elif relation.on_delete is models.CASCADE:
            goes.append(f"{_named(record, relation, count)}.")
    if isinstance(record, Publishable) and (links := record.preview_links.all()):
        answers = sum(link.answers.count() for link in links)
        noun = "link" if len(links) == 1 else "links"
        goes.append(
            f"{len(links)} {noun} for people outside, with {answers or 'no'} "
            f"{'answer' if answers == 1 else 'answers'}."
        )
    return Consequences(goes, stays, list(_addresses(record)))


def _relations(record: models.Model) -> Iterator[Any]:
    for relation in record._meta.related_objects:
        # The row of a child model is the record itself, and nobody is told of a join table.
        is_child = relation.one_to_one and relation.field.remote_field.parent_link
        is_join = relation.related_model._meta.auto_created
        if not (is_child or is_join or relation.hidden):
            yield relation


def _rows(record: models.Model, relation: Any) -> Any:
    name = relation.field.name
    return relation.related_model._base_manager.filter((name, record.pk)).distinct()


def _named(record: models.Model, relation: Any, count: int) -> str:
    options = relation.related_model._meta
    noun = options.verbose_name if count == 1 else options.verbose_name_plural
    some = [f"“{row}”" for row in _rows(record, relation)[:MOST_NAMED]]
    more = f" and {count - len(some)} more" if count > len(some) else ""
    return f"{count} {noun}: {', '.join(some)}{more}"


def _addresses(record: models.Model) -> Iterator[str]:
    """Yield what the addresses of a record answer afterwards."""
    get_address = getattr(record, "get_absolute_url", None)
    address = str(get_address()) if get_address else ""
    # Neither what stands elsewhere, nor a place on the page of another record.
    if not address.startswith("/") or "#" in address:
        return
    if not isinstance(record, Publishable):
        yield f"{address} answers that there is no such page (404). Links to it lead nowhere."
    elif record.is_withdrawn:
        yield (
            f"{address} says today that this was withdrawn (410). It then answers as if it had "
            "never existed (404), and so do its files: whoever follows an old link is told nothing."
        )
    elif record.published_at is None:
        yield f"{address} is seen by nobody but staff, so no reader notices."
    else:
        yield f"{address} answers that there is no such page (404), and so do its files."
