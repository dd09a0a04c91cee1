"""What an XLSX sheet hides from who looks at it: rows, columns, cells, comments, text boxes.

Hidden are not only rows and columns that somebody hid: also those of no height or width, rows that
a filter takes out, what is struck out, white on white, formatted as nothing, or beneath a merged
cell.
"""

import io
import re
import zipfile
from collections.abc import Iterator
from typing import Any

from training.programme.columns import letter
from training.programme.files.rows import MOST_COLUMNS

STRUCK = "struck out"
HIDDEN_ROWS, FILTERED_ROWS = "in hidden rows", "in rows that a filter hides"
NOT_VISIBLE = "in cells whose text cannot be seen"
BENEATH = "beneath merged cells"

_ROW = re.compile(rb"<(?:\w+:)?row\b([^>]*)>")
_COLUMN = re.compile(rb"<(?:\w+:)?col\b([^>]*)>")
_FILTERS = re.compile(rb"<(?:\w+:)?filterColumn\b")
_ATTRIBUTE = re.compile(rb'([\w:]+)\s*=\s*["\']([^"\']*)["\']')
_TRUE = (b"1", b"true")
_WHITE = ("FFFFFFFF", "00FFFFFF")
LONGEST_COMMENT = 200
MOST_TEXTS = 5
# Begins the copy of a threaded comment for programs that know no threads.
_THREAD = re.compile(r"\A\[Threaded comment\].*?\bComment:\s*", re.DOTALL)


def _attributes(found: bytes) -> dict[bytes, bytes]:
    return dict(_ATTRIBUTE.findall(found))


def _number(text: bytes | None) -> float | None:
    try:
        return float(text) if text is not None else None
    except ValueError:
        return None


def hidden_rows(part: bytes, *, filtered: bool) -> dict[int, str]:
    """Return what hides each hidden row of a sheet, by its number."""
    why = FILTERED_ROWS if filtered or _FILTERS.search(part) else HIDDEN_ROWS
    found = {}
    number = 0
    for match in _ROW.finditer(part):
        attributes = _attributes(match[1])
        own = _number(attributes.get(b"r"))
        number = int(own) if own else number + 1
        height = _number(attributes.get(b"ht"))
        if attributes.get(b"hidden") in _TRUE or (height is not None and height < 1):
            found[number] = why
    return found


def hidden_columns(part: bytes) -> set[int]:
    """Return the indices of the hidden columns of a sheet."""
    found: set[int] = set()
    for match in _COLUMN.finditer(part):
        attributes = _attributes(match[1])
        first, last = _number(attributes.get(b"min")), _number(attributes.get(b"max"))
        width = _number(attributes.get(b"width"))
        is_hidden = attributes.get(b"hidden") in _TRUE or (width is not None and width < 0.5)
        if is_hidden and first and last:
            found |= set(range(int(first) - 1, min(int(last), MOST_COLUMNS)))
    return found


def why_unseen(cell: Any) -> str:
    """Return what hides the text of a cell by its format, or ""."""
    font = getattr(cell, "font", None)
    if font is not None and font.strike:
        return STRUCK
    number_format = getattr(cell, "number_format", None) or ""
    if number_format.replace('"', "").strip() == ";;;":
        return NOT_VISIBLE
    if font is not None and font.color is not None and _is_white(font.color):
        fill = cell.fill
        if fill is None or fill.fill_type in (None, "none") or _is_white(fill.fgColor):
            return NOT_VISIBLE
    return ""


def _is_white(color: Any) -> bool:
    # The first colour of a theme is the background of the page, white in each that there is.
    return (color.type == "rgb" and color.rgb in _WHITE) or (
        color.type == "theme" and color.theme == 0 and not color.tint
    )


def without_struck(value: Any) -> tuple[Any, str]:
    """Return the value of a cell without the parts of its text that are struck out, and those."""
    if not isinstance(value, list):
        return value, ""
    kept = "".join(str(part) for part in value if not _is_struck(part))
    struck = "".join(str(part) for part in value if _is_struck(part))
    return kept, " ".join(struck.split())


def _is_struck(part: Any) -> bool:
    font = getattr(part, "font", None)
    return bool(font is not None and font.strike)


def beside_cells(content: bytes, path: str) -> tuple[dict[int, list[str]], list[str], bool]:
    """Read what belongs to a sheet and is in no cell of it.

    Return the comments by row, the texts of its boxes, and whether a table of it is filtered.
    """
    comments: dict[int, list[str]] = {}
    texts: list[str] = []
    filtered = False
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        for kind, part in _parts_of(archive, path):
            if kind == "comments":
                for row, sentence in _comments(part):
                    comments.setdefault(row, []).append(sentence)
            elif kind == "drawing":
                texts += _texts(part)
            elif kind == "table":
                filtered = filtered or bool(_FILTERS.search(part))
    return comments, texts, filtered


def _parts_of(archive: zipfile.ZipFile, path: str) -> Iterator[tuple[str, bytes]]:
    from openpyxl.packaging.relationship import get_dependents, get_rels_path

    names = set(archive.namelist())
    rels = get_rels_path(path).lstrip("/")
    if rels not in names:
        return
    for relation in get_dependents(archive, rels):
        kind = relation.Type.rpartition("/")[2]
        target = (relation.target or "").lstrip("/")
        if target in names:
            yield kind, archive.read(target)


def _comments(part: bytes) -> Iterator[tuple[int, str]]:
    from openpyxl.comments.comment_sheet import CommentSheet
    from openpyxl.utils.cell import coordinate_from_string
    from openpyxl.xml.functions import fromstring

    for reference, comment in CommentSheet.from_tree(fromstring(part)).comments:
        text = " ".join(_THREAD.sub("", comment.text or "").split())
        _, row = coordinate_from_string(reference)
        if len(text) > LONGEST_COMMENT:
            text = f"{text[:LONGEST_COMMENT]}…"
        if text:
            yield row, f"Cell {reference} has a comment, which is not used: “{text}”."


def _texts(part: bytes) -> list[str]:
    found = re.findall(rb"<a:t(?:\s[^>]*)?>([^<]*)</a:t>", part)
    text = " ".join(b" ".join(found).decode("utf-8", errors="replace").split())
    return [text] if text else []


def column_named(index: int, heading: str) -> str:
    """Return what a hidden column is called."""
    named = f" “{heading[:40]}”" if heading.strip() else ""
    return f"in the hidden column {letter(index)}{named}"
