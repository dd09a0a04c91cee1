"""Captions of figures and tables."""

import re

# "Table 2: Contacts", not "Table 2 shows that …".
_CAPTION = re.compile(
    r"((?:Figure|Fig\.|Table|Chart|Diagram|Map|FIGURE|FIG\.|TABLE|CHART|DIAGRAM|MAP) "
    r"(?:\d{1,3}(?:\.\d{1,3}){0,2}[a-z]?|[A-Z](?:\.?\d{1,3})?|[IVXL]{2,6}))"
    r"(?:[.:](?!\d)|\s*$|\s+[–—A-Z])"
)
LONGEST_CAPTION = 200


def caption_of(text: str) -> str:
    """Return what a text is the caption of, such as "Table 2", or ""."""
    found = _CAPTION.match(text) if len(text) <= LONGEST_CAPTION else None
    return found[1] if found else ""
