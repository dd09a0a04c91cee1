"""Sends an admin form back as a browser would: every field on the page, some of them changed."""

import re
from html import unescape
from typing import Any

from django.test import Client
from lxml.html import HtmlElement, HTMLParser, document_fromstring

# Not html5lib, which takes thirty times as long, and reads nothing else in a valid page.
PARSER = HTMLParser(encoding="utf-8")


def fields_of(response: Any) -> dict[str, Any]:
    """Read the names and values a browser would send of the main form of an admin page."""
    content = response.content.replace(b"\r\n", b"\n")
    # A page of an error may be plain text, or empty.
    page = document_fromstring(content or b"<html></html>", parser=PARSER)
    around = (None, "logout-form", "search-form")
    forms = [form for form in page.iter("form") if form.get("id") not in around]
    return _values(forms[0]) if forms else {}


def _values(form: HtmlElement) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for field in form.iter():
        name = field.get("name")
        if not name or "__prefix__" in name:
            continue
        if field.tag == "select":
            chosen = [o.get("value", "") for o in field.iter("option") if "selected" in o.attrib]
            values[name] = chosen if "multiple" in field.attrib else (chosen or [""])[0]
        elif field.tag == "textarea":
            values[name] = (field.text or "").lstrip("\n")
        elif field.tag == "input":
            kind = field.get("type", "text")
            if kind in ("checkbox", "radio") and "checked" in field.attrib:
                values[name] = field.get("value", "on")
            elif kind not in ("checkbox", "radio", "submit", "file"):
                values[name] = field.get("value", "")
    return values


def send(client: Client, address: str, /, *, press: str = "_save", **changes: Any) -> Any:
    """Open a form, change some fields, press a button; names may use ``__`` for ``-``."""
    opened = client.get(address)
    assert opened.status_code == 200, (address, opened.status_code)
    return client.post(address, {**fields_of(opened), **changes, press: "pressed"})


def ticks_of(page: Any) -> dict[str, list[str]]:
    """Return the ticks of the questions on a page, all set."""
    return _confirmed("checkbox", page)


def confirm(client: Client, address: str, page: Any, **changes: Any) -> Any:
    """Send the form of a page again, as it stands there, with "yes" to all that it asks."""
    ticks = ticks_of(page)
    assert ticks, "The page asks nothing."
    for name, values in _confirmed("hidden", page).items():
        ticks.setdefault(name, []).extend(values)
    return client.post(address, {**fields_of(page), **ticks, "_save": "Save", **changes})


def _confirmed(kind: str, page: Any) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    pattern = rf'type="{kind}" name="([^"]*confirmed)" value="([^"]*)"'
    for name, value in re.findall(pattern, page.content.decode()):
        found.setdefault(name, []).append(unescape(value))
    return found
