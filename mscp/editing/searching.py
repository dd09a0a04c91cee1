"""Search of staff: blind to case, accents, apostrophes and dashes, as the public search is.

Records with words of their own (mscp.search.searchable) are found by these, drafts too, in the
database. Other tables are small: their texts are folded here.
"""

from collections.abc import Iterator, Sequence
from functools import reduce
from operator import and_, or_
from typing import Any

from django.contrib.admin.utils import lookup_spawns_duplicates
from django.db import models
from django.db.models import Q
from django.http import HttpRequest
from django.utils.text import smart_split, unescape_string_literal

from mscp.editing.generic import ModelAdminMixin
from mscp.search.analysis import plain_words, term
from mscp.search.searchable import Searchable

# More rows than this are looked through by the database alone, as they are written.
MOST_FOLDED = 2_000
# Longer searches are no words that anybody looks for.
MOST_WORDS = 20


def bits_of(typed: str) -> list[str]:
    """Split what was typed at spaces; what stands in quotes is one."""
    bits = smart_split(typed.replace("\x00", " "))
    return [
        unescape_string_literal(bit)
        if bit[:1] in "\"'" and bit[:1] == bit[-1:] and bit[1:]
        else bit
        for bit in bits
    ][:MOST_WORDS]


def find(rows: "models.QuerySet[Any]", fields: Sequence[str], typed: str) -> Any:
    """Filter rows by those that have all that was typed, in any of the fields or their words."""
    if not (bits := bits_of(typed)):
        return rows
    owners = _owners(rows.model, fields)
    if not owners and rows.count() <= MOST_FOLDED:
        return rows.filter(pk__in=_folded_matches(rows, fields, bits))
    return rows.filter(reduce(and_, (_has(bit, fields, owners) for bit in bits)))


def _has(bit: str, fields: Sequence[str], owners: Sequence[str]) -> Q:
    """Return the condition that a record has one of the things typed, as typed or folded."""
    as_typed = reduce(or_, (Q((f"{name}__icontains", bit)) for name in fields))
    # A word that every text has is no condition.
    words = [word for word in plain_words(bit) if term(word)]
    if not words or not owners:
        return as_typed
    return as_typed | reduce(
        and_,
        (
            reduce(
                or_,
                (
                    Q((f"{owner}start_words__contains", f" {word}"))
                    | Q((f"{owner}words__contains", f" {term(word)} "))
                    for owner in owners
                ),
            )
            for word in words
        ),
    )


def _owners(model: type[models.Model], fields: Sequence[str]) -> list[str]:
    """Return the lookups to the records whose words cover some of the fields: "", "course__"."""
    found: dict[str, None] = {}
    for name in fields:
        *path, _ = name.split("__")
        owner = model
        for step in path:
            relation: Any = owner._meta.get_field(step)
            owner = relation.related_model
        if issubclass(owner, Searchable):
            found["".join(f"{step}__" for step in path)] = None
    return list(found)


def _folded_matches(
    rows: "models.QuerySet[Any]", fields: Sequence[str], bits: Sequence[str]
) -> list[Any]:
    wanted = [[bit.casefold(), *plain_words(bit)] for bit in bits]
    found = []
    for pk, *texts in rows.order_by().values_list("pk", *fields):
        plain = " ".join(str(text) for text in texts if text)
        folded = f" {' '.join(plain_words(plain))}"
        lower = plain.casefold()
        if all(
            bit in lower or (parts and all(f" {part}" in folded for part in parts))
            for bit, *parts in wanted
        ):
            found.append(pk)
    return found


class FoldedSearch(ModelAdminMixin[Any]):
    """Mixin of the admin: its list and autocomplete search blind to accents and the like."""

    def get_search_results(
        self, request: HttpRequest, queryset: Any, search_term: str
    ) -> tuple[Any, bool]:
        fields = [str(name) for name in self.get_search_fields(request)]
        if not fields or not search_term:
            return super().get_search_results(request, queryset, search_term)
        repeats = any(lookup_spawns_duplicates(self.opts, name) for name in fields)
        return find(queryset, fields, search_term), repeats


def names_first(records: Sequence[Any], typed: str) -> Iterator[Any]:
    """Yield records, first those that have all words in their name."""
    words = plain_words(typed)

    def is_named(record: Any) -> bool:
        name = plain_words(str(record))
        return all(any(part.startswith(word) for part in name) for word in words)

    yield from sorted(records, key=lambda record: not is_named(record))
