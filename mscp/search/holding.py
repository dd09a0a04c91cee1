"""Matching of a term or phrase in a stream, without the index."""

from django.db.models import Value
from django.db.models.functions import Replace, StrIndex
from django.db.models.lookups import GreaterThan

from mscp.search.analysis import PAGE


def holds(column: str, wanted: str) -> GreaterThan:
    """Return the condition that a column's stream holds `` child `` or `` serious case ``."""
    return GreaterThan(StrIndex(column, Value(wanted)), 0)


def holds_over_pages(column: str, wanted: str) -> GreaterThan:
    """Return the condition that the stream of a file holds a phrase, be it over a page end."""
    in_one_run = Replace(column, Value(f"{PAGE} "), Value(""))
    return GreaterThan(StrIndex(in_one_run, Value(wanted)), 0)
