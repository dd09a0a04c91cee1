"""Search of staff: blind to case, accents, apostrophes, dashes and signs that nobody sees.

Each text that a list is searched by is read and folded here (mscp.text.folding), so that the same
is found on every database; the public search's terms of the records, drafts too, add other forms of
their words ("families"). docs/decisions/search-of-staff.md has the measurements.
"""

import re
from collections.abc import Iterator, Sequence
from functools import reduce
from operator import and_, or_
from typing import Any, NamedTuple

from django.contrib.admin.utils import lookup_spawns_duplicates
from django.db import models
from django.db.models import BooleanField, ExpressionWrapper, Q
from django.http import HttpRequest

from mscp.database.pks import pk_subquery
from mscp.editing.generic import ModelAdminMixin
from mscp.search.analysis import plain_words, term
from mscp.search.searchable import Searchable
from mscp.text.folding import folded_forms, plain

# Longer searches are no words that anybody looks for.
MOST_WORDS = 20
# Between two texts of a record, so that no phrase is found across.
BETWEEN = " | "
_BIT = re.compile(r'"([^"]*)"|[^\s"]+')


class Bit(NamedTuple):
    """One of the things typed; all of them must be there."""

    forms: tuple[str, str]
    """It with a space for each dash, and with nothing: "multi-agency" is "multiagency" too."""
    words: tuple[str, ...] = ()
    """Its words that not every text has."""

    def is_in(self, forms: tuple[str, str]) -> bool:
        return self.forms[0] in forms[0] or self.forms[1] in forms[1]


def bits_of(typed: str) -> list[Bit]:
    """Split what was typed at spaces; what stands in quotes is one."""
    bits = []
    for match in _BIT.finditer(plain(typed)):
        phrase, bit = match[1], match[1] or match[0]
        words = tuple(filter(term, plain_words(bit)))
        # A phrase stands in a text as it is: the index knows only that its words are there.
        bits.append(Bit(folded_forms(bit), () if phrase and len(words) > 1 else words))
    return [bit for bit in bits if bit.forms[1]][:MOST_WORDS]


def find(rows: "models.QuerySet[Any]", fields: Sequence[str], typed: str) -> Any:
    """Filter rows by those that have all that was typed, in any of the fields or their words."""
    bits = bits_of(typed)
    return rows.filter(pk__in=pk_subquery(_matches(rows, fields, bits))) if bits else rows.none()


def _matches(
    rows: "models.QuerySet[Any]", fields: Sequence[str], bits: Sequence[Bit]
) -> Iterator[Any]:
    """Yield the keys of the rows that have every bit; one query."""
    owners = _owners(rows.model, fields)
    of_words = [bit for bit in dict.fromkeys(bits) if owners and bit.words]
    conditions = [_has_words(bit, owners) for bit in of_words]
    for pk, *values in rows.order_by().values_list("pk", *fields, *conditions):
        by_words = {bit for bit, has in zip(of_words, values[len(fields) :], strict=True) if has}
        missing = [bit for bit in bits if bit not in by_words]
        if not missing or _are_in(missing, values[: len(fields)]):
            yield pk


def _are_in(bits: Sequence[Bit], values: Sequence[object]) -> bool:
    """Return whether each of the bits is in one of the texts."""
    forms = folded_forms(BETWEEN.join(str(value) for value in values if value))
    return all(bit.is_in(forms) for bit in bits)


def _has_words(bit: Bit, owners: Sequence[str]) -> Any:
    """Return the condition that the index has each word of a bit, in any of its forms."""
    every = (
        reduce(or_, (Q((f"{owner}words__contains", f" {term(word)} ")) for owner in owners))
        for word in bit.words
    )
    return ExpressionWrapper(reduce(and_, every), output_field=BooleanField())


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


class FoldedSearch(ModelAdminMixin[Any]):
    """Mixin of the admin: its list and autocomplete search blind to accents and the like."""

    def get_search_results(
        self, request: HttpRequest, queryset: Any, search_term: str
    ) -> tuple[Any, bool]:
        fields = [str(name) for name in self.get_search_fields(request)]
        if not fields or not search_term.strip():
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
