"""Jinja2 environment of the site's own pages: autoescape, globals and filters.

Everything is escaped unless marked as safe, and an undefined name is an error: what only some pages
have is read with ``default`` or ``is defined``, or has its default here.
"""

import re
from collections.abc import MutableMapping
from datetime import date, datetime
from functools import cache, lru_cache
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpRequest
from django.template import defaultfilters
from django.templatetags.static import static
from django.utils import timezone
from django.utils.dateformat import format as format_date
from django.utils.safestring import SafeString
from django.utils.text import capfirst
from jinja2 import Environment, StrictUndefined, pass_context
from jinja2.ext import Extension
from jinja2.runtime import Context
from markupsafe import Markup

from mscp.cache.addresses import address_of
from mscp.text.markdown import to_html
from mscp.web import json_ld, site_context
from mscp.web.origins import absolute_url

# Defaults of what a page may set for the base template.
PAGE_DEFAULTS = {
    "preview": False,
    "noindex": False,
    "edit_address": "",
    "body_class": "",
    "reader": None,
}


# Between two facts, or two links, in a line: seen as a dot, heard as a pause.
DOT = Markup(
    '<span class="visually-hidden">,</span>'
    '<span aria-hidden="true">\N{NO-BREAK SPACE}\N{MIDDLE DOT}</span>'
)

_INDENTATION = re.compile(r"^[ \t]+", re.MULTILINE)


class WithoutIndentation(Extension):
    """Strips the indentation of a template before it is compiled: a quarter of a list page.

    No template holds text in which spaces at the beginning of a line are shown.
    """

    def preprocess(self, source: str, name: str | None, filename: str | None = None) -> str:
        return _INDENTATION.sub("", source)


class SiteEnvironment(Environment):
    """Gives every template one flat dictionary of globals.

    By default it is a ChainMap, in which each import of a macro looks up every name: with the
    twelve imports of a list page a tenth of its time.
    """

    def make_globals(self, d: MutableMapping[str, Any] | None) -> MutableMapping[str, Any]:
        return {**self.globals, **(d or {})}


def environment(**options: Any) -> Environment:
    """Return the environment; the options are those of Django's backend."""
    options |= {"undefined": StrictUndefined, "extensions": [WithoutIndentation]}
    env = SiteEnvironment(trim_blocks=True, lstrip_blocks=True, **options)
    env.globals.update(
        PAGE_DEFAULTS,
        dot=DOT,
        json_ld=json_ld.as_script,
        # A page has nine, each of which Django joins and quotes anew: a thirtieth of its time.
        static=cache(static),
        static_prefix=settings.STATIC_URL,
        url=address_of,
        absolute_address=absolute_address,
        breadcrumb_data=breadcrumb_data,
        canonical_address=canonical_address,
        join_query=join_query,
        section_of_page=section_of_page,
        second_factor_required=lambda: settings.SECOND_FACTOR,
        shared_picture_address=lambda: site_context.current().partnership.shared_picture_address,
    )
    # Django's own filters even if Jinja2 has one of the same name: URLs and line breaks as before.
    env.filters.update(
        capfirst=capfirst,
        date=date_in_words,
        filesizeformat=defaultfilters.filesizeformat,
        formatted=formatted,
        linebreaks=defaultfilters.linebreaks_filter,
        linebreaksbr=defaultfilters.linebreaksbr,
        many=many,
        thousands=thousands,
        truncatewords=truncatewords,
        # Of the notice, the same on every page: a thirtieth of its time. Safe text stays apart.
        urlize=lru_cache(maxsize=64, typed=True)(defaultfilters.urlize),
    )
    return env


def join_query(query: str, **more: Any) -> str:
    """Return "?…" of a query string with single values added; empty values are left out."""
    added = urlencode({name: value for name, value in more.items() if value not in ("", None)})
    return f"?{'&'.join(part for part in (query, added) if part)}"


@pass_context
def absolute_address(context: Context, address: str) -> str:
    """Return the absolute URL of an address of this site; "" if there is none."""
    request: HttpRequest = context["request"]
    return absolute_url(request, address) if address else ""


@pass_context
def canonical_address(context: Context) -> str:
    """Return the canonical URL of this page: of a list with its filters, of others without any."""
    request: HttpRequest = context["request"]
    query = context.get("canonical_query", "")
    return request.build_absolute_uri(f"{request.path}?{query}" if query else request.path)


@pass_context
def section_of_page(context: Context) -> str:
    """Return the site's section that the page belongs to, or ""."""
    return str(getattr(context.get("view"), "section", "") or context.get("section", ""))


def breadcrumb_data(request: HttpRequest, steps: list[tuple[str, str]], here: str) -> SafeString:
    """Return the breadcrumb trail of a page, through steps of name and address, as JSON-LD."""
    return json_ld.as_script(json_ld.breadcrumbs(request, steps, here))


def date_in_words(value: date | datetime, form: str) -> str:
    """Format a day, or a moment in London time, with a format of Django's date filter."""
    if isinstance(value, datetime):
        value = timezone.localtime(value)
        return format_date(value, form)
    return _day_in_words(value, form)


# A page of sessions has a hundred days, and the next page mostly the same ones.
@lru_cache(maxsize=2000)
def _day_in_words(day: date, form: str) -> str:
    return format_date(day, form)


def formatted(text: str, top_heading: int = 2) -> SafeString:
    """Render Markdown that staff wrote; its highest heading is ``top_heading``."""
    return to_html(text or "", top_heading=top_heading)


def thousands(number: int) -> str:
    """Return a number with commas: 12,345."""
    return f"{number:,}"


def truncatewords(text: str, most: int) -> str:
    """Do the same as Django's filter, which takes ten times as long for each item of a list."""
    words = text.split()
    return " ".join(words if len(words) <= most else [*words[:most], "…"])


def many(number: int, words: str) -> str:
    """Return a count with its noun, singular and plural given: ``total|many("page,pages")``."""
    singular, plural = words.split(",")
    return f"{thousands(number)} {singular if number == 1 else plural}"
