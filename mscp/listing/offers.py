"""Offers of a list that finds nothing: links to lists that are near and find something."""

from typing import NamedTuple


class Offer(NamedTuple):
    label: str
    """The words to look for, or the filter to take off; "" for all filters but the words."""
    query: str
    """The query string of the other list."""
    number: int
    """How many records it finds."""
    without: tuple[str, ...] = ()
    """The words that it leaves out."""


class Offers(NamedTuple):
    respelt: tuple[Offer, ...] = ()
    fewer_filters: tuple[Offer, ...] = ()
    parts: tuple[Offer, ...] = ()
