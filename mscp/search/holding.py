"""Matching of a term or phrase in a stream, without the index."""

from django.db.models import Q, Value
from django.db.models.functions import Left, StrIndex
from django.db.models.lookups import GreaterThan

# Characters at the beginning of a stream that are looked at first: only so much of a long one is
# decompressed, and what many texts have stands there in most.
BEGINNING = 2_000


def holds(column: str, wanted: str) -> Q:
    """Return the condition that a column's stream holds `` child `` or `` serious case ``."""
    begins = GreaterThan(StrIndex(Left(column, BEGINNING), Value(wanted)), 0)
    return Q(begins) | Q(GreaterThan(StrIndex(column, Value(wanted)), 0))
