"""Template filters of the admin's lists."""

import re
from collections.abc import Iterable, Iterator
from typing import Any

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

register = template.Library()

CELL = re.compile("<t[dh]")


@register.filter
def named_by(cells: Iterable[SafeString], headers: list[dict[str, Any]]) -> Iterator[SafeString]:
    """Put the name of its column into each cell: on a phone, rows are cards without a header."""
    for cell, header in zip(cells, headers, strict=False):
        name = "" if "action-checkbox" in header.get("class_attrib", "") else str(header["text"])
        start = CELL.match(cell)
        if not start or not name:
            yield cell
            continue
        attribute = format_html(' data-name="{}"', name[:1].upper() + name[1:])
        # Both parts are safe: the cell comes from the admin, the attribute is escaped.
        yield mark_safe(f"{start[0]}{attribute}{cell[start.end() :]}")  # noqa: S308
