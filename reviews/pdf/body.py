"""Body text of a document: its typical style, and the roles that tags give to lines."""

from collections import Counter
from typing import NamedTuple

from reviews.pdf.lines import Line

# How much larger than the text a heading is at least.
LARGER = 1.12

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


def body_of(pages: list[list[Line]]) -> Body:
    weights: Counter[tuple[float, bool]] = Counter()
    for lines in pages:
        for line in lines:
            weights[line.size, line.bold] += len(line.text)
    sizes: Counter[float] = Counter()
    for (size, _), weight in weights.items():
        if size > 0:
            sizes[size] += weight
    if not sizes:
        return Body(0.0, False)
    size = sizes.most_common(1)[0][0]
    return Body(size, weights[size, True] > weights[size, False])
