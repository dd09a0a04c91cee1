"""Tags and filters that every template has, without loading them."""

from typing import Any
from urllib.parse import urlencode

from django import template
from django.utils.safestring import SafeString

from mscp.formatting import to_html

register = template.Library()


@register.filter
def formatted(text: str, top_heading: int = 2) -> SafeString:
    """Write text that staff formatted; its highest heading is h2 unless told otherwise."""
    return to_html(text or "", top_heading=top_heading)


@register.filter
def many(number: int, words: str) -> str:
    """Write a count with its noun: ``{{ total|many:"practice review,practice reviews" }}``."""
    singular, plural = words.split(",")
    return f"{number:,} {singular if number == 1 else plural}"


@register.simple_tag
def join_query(query: str, **more: Any) -> str:
    """Return "?…" of a query string with single values added, or nothing where both are empty."""
    added = urlencode({name: value for name, value in more.items() if value not in ("", None)})
    joined = "&".join(part for part in (query, added) if part)
    return f"?{joined}" if joined else "?"
