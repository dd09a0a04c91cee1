"""Body text of a document: its typical style, and the roles that tags give to lines."""

import re
from collections import Counter
from typing import NamedTuple

from reviews.pdf.characters import CODE
from reviews.pdf.lines import Line

# How much larger than the text a heading is at least.
LARGER = 1.12

# The signs of code, and of how many of its lines they stand in at least.
_SIGNS = re.compile(r"[{}=;<>$\\|`]|\w\(|^\s*(?:#|//|--)")
CODE_SHARE = 0.4

LIST = "list"
CELL = "cell"
ROLES = {
    **dict.fromkeys(("LI", "LBody", "Lbl", "L"), LIST),
    **dict.fromkeys(("TD", "TH"), CELL),
    **{role: role for role in ("P", "Caption", "Note", "TOCI", "Title", "H")},
    **{f"H{depth}": f"H{depth}" for depth in range(1, 7)},
}
HEADING_ROLES = {"Title": 1, "H": 0, **{f"H{depth}": depth for depth in range(1, 7)}}


class Body(NamedTuple):
    """The typical style of the document's text."""

    size: float
    bold: bool
    italic: bool = False
    # Whether what is set in letters all as wide is code, of which each line stands for itself.
    has_code: bool = False

    def is_code(self, line: Line) -> bool:
        return self.has_code and line.role == CODE


def body_of(pages: list[list[Line]]) -> Body:
    weights: Counter[tuple[float, bool]] = Counter()
    total = italic = 0
    has_code = _is_code([line.text for lines in pages for line in lines if line.role == CODE])
    for lines in pages:
        for line in lines:
            if has_code and line.role == CODE:
                continue
            weights[line.size, line.bold] += len(line.text)
            total += len(line.text)
            italic += len(line.text) * line.italic
    sizes: Counter[float] = Counter()
    for (size, _), weight in weights.items():
        if size > 0:
            sizes[size] += weight
    if not sizes:
        return Body(0.0, False, has_code=has_code)
    size = sizes.most_common(1)[0][0]
    return Body(size, weights[size, True] > weights[size, False], italic > total / 2, has_code)


def _is_code(lines: list[str]) -> bool:
    """Return whether lines in letters all as wide are code: other reports are typed in such."""
    return sum(_SIGNS.search(line) is not None for line in lines) > CODE_SHARE * len(lines)


# A table of more than this share of the text outside lists holds the text itself, if so few of its
# lines are in several columns.
_LAYOUT_SHARE = 0.4
_IN_COLUMNS = 0.15
_CELLS = frozenset({"TD", "TH"})


def without_layout_tables(pages: list[list[Line]]) -> list[list[Line]]:
    """Return the lines without the role of a cell, if that says only where on the page they are.

    Some forms of reports are one table from the first page to the last.
    """
    total = cells = in_columns = 0
    for lines in pages:
        for line in lines:
            if ROLES.get(line.role) == LIST:
                continue
            total += len(line.text)
            if line.role in _CELLS:
                cells += len(line.text)
                in_columns += len(line.text) * bool(line.cells)
    if cells <= _LAYOUT_SHARE * total or in_columns > _IN_COLUMNS * cells:
        return pages
    return [
        [line._replace(role="") if line.role in _CELLS else line for line in lines]
        for lines in pages
    ]
