"""What an XLSX sheet hides from who looks at it: rows, columns, cells, comments, text boxes.

Hidden are not only rows and columns that somebody hid: also those of no height or width, rows that
a filter takes out, what is struck out, white on white, formatted as nothing, or beneath a merged
cell.
"""

import io
import re
import zipfile
from collections.abc import Iterator
from html import unescape
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
_LINK = re.compile(rb"<(?:\w+:)?hyperlink\b([^>]*)>")
_PRINTED = re.compile(rb"<(?:\w+:)?(?:odd|even|first)(?:Header|Footer)>([^<]*)<")
# Where it stands, its font, its size and colour, and what a program fills in: "&C&\"Arial\"&12".
_PRINT_CODE = re.compile(r'&(?:"[^"]*"|K[0-9A-Fa-f]{6}|\d+|.)')
_SHEET = (255, 255, 255)
# Of 255, the difference up to which two colours look the same, and a size that nobody can read.
_ALIKE = 24
_SMALLEST = 3
# The first two colours of a theme: the paper and the ink of nearly all there are.
_OF_THEME = {0: (255, 255, 255), 1: (0, 0, 0)}
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
    if font is not None and font.sz is not None and font.sz < _SMALLEST:
        return NOT_VISIBLE
    if font is not None and _looks_like(_seen(font.color, (0, 0, 0)), _behind(cell.fill)):
        return NOT_VISIBLE
    return ""


_Rgb = tuple[int, int, int]


def _behind(fill: Any) -> _Rgb | None:
    """Return the colour behind a text; None where it is not one colour, or is not known."""
    if fill is None or fill.fill_type in (None, "none"):
        return _SHEET
    return _seen(fill.fgColor, None) if fill.fill_type == "solid" else None


def _seen(color: Any, by_itself: _Rgb | None) -> _Rgb | None:
    """Return the colour that is seen; None for one of a theme or of the system that may be any."""
    if color is None:
        return by_itself
    if color.type == "theme":
        found = _OF_THEME.get(color.theme)
        return _tinted(found, color.tint) if found else None
    code = color.rgb if color.type == "rgb" else None
    if color.type == "indexed":
        from openpyxl.styles.colors import COLOR_INDEX

        # 64 and 65 are the colours of the window's text and background.
        special = {64: (0, 0, 0), 65: _SHEET}
        if color.indexed in special:
            return special[color.indexed]
        code = COLOR_INDEX[color.indexed] if 0 <= color.indexed < len(COLOR_INDEX) else None
    if not isinstance(code, str) or not re.fullmatch(r"[0-9A-Fa-f]{8}", code):
        return None
    return int(code[2:4], 16), int(code[4:6], 16), int(code[6:8], 16)


def _tinted(color: _Rgb, tint: float) -> _Rgb:
    lighter = 255 if tint > 0 else 0
    red, green, blue = (round(part + (lighter - part) * abs(tint)) for part in color)
    return red, green, blue


def _looks_like(one: _Rgb | None, other: _Rgb | None) -> bool:
    return (
        one is not None
        and other is not None
        and all(abs(a - b) <= _ALIKE for a, b in zip(one, other, strict=True))
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


def printed_around(part: bytes) -> list[str]:
    """Return what is printed above and below each page of a sheet, without its codes."""
    found = []
    for text in _PRINTED.findall(part):
        whole = unescape(text.decode("utf-8", errors="replace"))
        words = " ".join(_PRINT_CODE.sub(" ", whole).split())
        if re.search(r"[^\W\d_]{2}", words) and words not in found:
            found.append(words)
    return found


def linked_cells(content: bytes, path: str, part: bytes) -> Iterator[tuple[str, int, int, str]]:
    """Yield the cells behind whose text is an address elsewhere: name, row, column, address."""
    from openpyxl.packaging.relationship import get_dependents, get_rels_path
    from openpyxl.utils.cell import coordinate_to_tuple

    links = [_attributes(match) for match in _LINK.findall(part)]
    rels = get_rels_path(path).lstrip("/")
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        if not links or rels not in archive.namelist():
            return
        targets = {one.Id: one.target or "" for one in get_dependents(archive, rels)}
    for link in links:
        name = link.get(b"ref", b"").decode("ascii", errors="replace").partition(":")[0]
        target = targets.get(link.get(b"r:id", b"").decode("ascii", errors="replace"), "")
        if target.startswith(("https://", "http://", "mailto:")) and re.fullmatch(
            r"[A-Z]{1,3}[1-9]\d{0,6}", name
        ):
            row, column = coordinate_to_tuple(name)
            yield name, row, column - 1, target.removeprefix("mailto:")


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
