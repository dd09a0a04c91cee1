"""Parts of pages that are written once for all pages that show the same in them.

A template needs longer for twenty items, or for what stands around every page, than the database
for all they tell. What is written follows from the values alone, so that nothing that is kept can
be out of date: a part is given plain values, or tuples of them, and never a record, of which two
are equal when their keys are, nor text marked as safe, which equals the text that is not.
"""

from collections.abc import Hashable
from functools import lru_cache

from django.template.loader import render_to_string
from django.utils.safestring import SafeString

# The most that a worker keeps, of some 1.5 kB and some 8 kB each.
MOST_ITEMS = 3000
MOST_PANELS = 150


def plain(text: str) -> str:
    """Return the same text without a mark that it is safe."""
    return text[:]


def _write(template: str, **parts: Hashable) -> SafeString:
    return render_to_string(template, parts)


item = lru_cache(maxsize=MOST_ITEMS)(_write)
"""Write something of which a page has many."""

panel = lru_cache(maxsize=MOST_PANELS)(_write)
"""Write something of which a page has one or a few."""
