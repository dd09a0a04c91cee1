"""Reading page of a file: from the blocks of its pages to what the template shows."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

from reviews.models import DocumentPage

# More headings than this are not a list of contents but a second document.
MOST_CONTENTS = 120
SHORTEST_CONTENTS = 3


@dataclass
class Part:
    """A heading, a paragraph, or a list of consecutive items."""

    kind: str
    text: str = ""
    level: int = 0
    anchor: str = ""
    # Whether it continues a part that the page break divided.
    continues: bool = False
    items: list[str] = field(default_factory=list)


@dataclass
class Page:
    number: int
    parts: list[Part]


class Heading(NamedTuple):
    text: str
    level: int
    anchor: str
    page: int


def pages_of(pages: Iterable[DocumentPage]) -> list[Page]:
    """Return the pages in order; one without text has no parts."""
    return [Page(page.number, _parts(page)) for page in pages]


def _parts(page: DocumentPage) -> list[Part]:
    parts: list[Part] = []
    for number, block in enumerate(page.blocks, 1):
        kind = block["kind"]
        if kind == "item":
            if not (parts and parts[-1].kind == "list"):
                parts.append(Part("list", continues=block["continues"]))
            parts[-1].items.append(block["text"])
        elif kind == "heading":
            anchor = f"page-{page.number}-{number}"
            parts.append(Part("heading", block["text"], block["level"], anchor))
        else:
            parts.append(Part("paragraph", block["text"], continues=block["continues"]))
    return parts


def contents_of(pages: Iterable[Page]) -> list[Heading]:
    """Return the headings with their places, or none if they make no list of contents."""
    headings = [
        Heading(part.text, part.level, part.anchor, page.number)
        for page in pages
        for part in page.parts
        if part.kind == "heading"
    ]
    for deepest in (4, 3, 2):
        found = [heading for heading in headings if heading.level <= deepest]
        if len(found) <= MOST_CONTENTS:
            return found if len(found) >= SHORTEST_CONTENTS else []
    return []
