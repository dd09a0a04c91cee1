"""Tags and filters that every template has, without loading them."""

from typing import Any
from urllib.parse import urlencode

from django import template
from django.utils.safestring import SafeString

from mscp.cache import fragments
from mscp.text.markdown import to_html
from mscp.web import json_ld

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
def kept(template: str, **parts: Any) -> SafeString:
    """Include a part that reads nothing but these values; see mscp.cache.fragments."""
    for name, value in parts.items():
        if not isinstance(value, str | bool | tuple):
            raise TypeError(f"{template} cannot be kept by its {name}, {type(value).__name__}.")
        if isinstance(value, SafeString):
            # Whatever a template quotes is marked as safe.
            parts[name] = fragments.plain(value)
    return fragments.panel(template, **parts)


@register.simple_tag(takes_context=True)
def site_nav(context: Any) -> SafeString:
    section = getattr(context.get("view"), "section", "") or context.get("section", "")
    return fragments.panel("components/nav.html", section=str(section))


@register.simple_tag
def join_query(query: str, **more: Any) -> str:
    """Return "?…" of a query string with single values added, or nothing where both are empty."""
    added = urlencode({name: value for name, value in more.items() if value not in ("", None)})
    joined = "&".join(part for part in (query, added) if part)
    return f"?{joined}" if joined else "?"


@register.simple_tag(takes_context=True)
def absolute(context: Any, address: str) -> str:
    """Return an address of this site with its host, or nothing where there is none."""
    return context.request.build_absolute_uri(address) if address else ""


@register.simple_tag(takes_context=True)
def canonical(context: Any) -> str:
    """Return the one address of this page: of a list with its filters, of others without any."""
    request = context.request
    query = context.get("canonical_query", "")
    return request.build_absolute_uri(f"{request.path}?{query}" if query else request.path)


@register.simple_tag(takes_context=True)
def breadcrumb_data(context: Any, here: str, *steps: str) -> SafeString:
    """Say the way to this page in the words of schema.org; ``steps`` are names and addresses."""
    pairs = [(name, address) for name, address in zip(steps[::2], steps[1::2], strict=True) if name]
    return json_ld.as_script(json_ld.breadcrumbs(context.request, pairs, here))


@register.simple_tag(takes_context=True)
def site_data(context: Any) -> SafeString:
    """Say in the words of schema.org whose site this is."""
    things = json_ld.site(context.request, context["partnership"])
    return json_ld.as_script(*things)
