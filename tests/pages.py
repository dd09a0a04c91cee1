"""Reading a page as a test needs it."""

import html
import re
from typing import Any

import html5lib
from django.core.signals import request_finished
from django.db import close_old_connections
from django.test import Client


def text_of(response: Any) -> str:
    """Return the words of a page without its tags, spaces folded."""
    page = response.content.decode()
    page = re.sub(r"<(script|style|head)\b.*?</\1>", " ", page, flags=re.DOTALL)
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", page)).replace("\xa0", " ").split())


def body_of(response: Any) -> bytes:
    """Read a response whole, streamed or not, and close it without closing the database."""
    if not response.streaming:
        return response.content
    body = b"".join(response.streaming_content)
    # Closing ends the request, and Django then lets go of the connection a test is still in.
    request_finished.disconnect(close_old_connections)
    response.close()
    request_finished.connect(close_old_connections)
    return body


def titles(response: Any) -> list[str]:
    """Return the titles of a list's items, in their order."""
    found = re.findall(r'item-title"><a [^>]*>([^<]*)<', response.content.decode())
    return [html.unescape(title) for title in found]


def get(address: str) -> Any:
    """Ask as a visitor for a page, which must be there and be valid HTML."""
    response = Client().get(address)
    assert response.status_code == 200
    assert_valid(response)
    return response


def words_of(address: str) -> str:
    """Return the words of a page that a visitor asks for."""
    return text_of(get(address))


def assert_valid(response: Any) -> None:
    assert_valid_html(response.content.decode())


def assert_valid_html(page: str) -> None:
    """Parse as a browser does and fail on anything a browser would have to mend."""
    parser = html5lib.HTMLParser(strict=False, namespaceHTMLElements=False)
    parser.parse(page)
    # SVG attributes in mixed case and such are no errors; what html5lib lists here is.
    assert parser.errors == [], parser.errors[:3]
