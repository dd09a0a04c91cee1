"""Matching of a term or phrase in a stream, without the index."""

from django.db.models import Value
from django.db.models.functions import StrIndex
from django.db.models.lookups import GreaterThan


def holds(column: str, wanted: str) -> GreaterThan:
    """Return the condition that a column's stream holds `` child `` or `` serious case ``."""
    return GreaterThan(StrIndex(column, Value(wanted)), 0)
