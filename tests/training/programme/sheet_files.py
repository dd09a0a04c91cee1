"""Spreadsheets made for the tests, as programs and people make them."""

import io
import zipfile
from collections.abc import Callable
from typing import Any

from openpyxl import Workbook


def xlsx(*rows: Any, change: Callable[[Workbook], None] | None = None) -> bytes:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    for row in rows:
        sheet.append(row)
    if change:
        change(book)
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


def repacked(content: bytes, **parts: bytes | None) -> bytes:
    """Put other parts into a workbook; ``__`` in a name is a slash, None takes the part out."""
    new = {name.replace("__", "/").replace("_xml", ".xml"): part for name, part in parts.items()}
    target = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(content)) as old,
        zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as out,
    ):
        for name in old.namelist():
            if name not in new:
                out.writestr(name, old.read(name))
        for name, part in new.items():
            if part is not None:
                out.writestr(name, part)
    return target.getvalue()


def archive(**parts: bytes) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as out:
        for name, part in parts.items():
            out.writestr(name.replace("__", "/").replace("_xml", ".xml"), part)
    return target.getvalue()
