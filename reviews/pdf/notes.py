"""Notes of the checks, and safe access to malformed structures."""

import zlib
from collections import defaultdict
from collections.abc import Iterator

import pikepdf
from lxml import etree

from reviews.pdf.report import Check, Found

LONGEST_DETAIL = 160


MOST_DETAILS = 12


DEEPEST = 40


# What pikepdf raises on malformed objects.
ODD = (
    pikepdf.PdfError,
    AttributeError,
    IndexError,
    KeyError,
    OverflowError,
    RuntimeError,
    TypeError,
    UnicodeError,
    ValueError,
    etree.LxmlError,
    zlib.error,
)


Place = tuple[Check, int | None]


class Notes:
    """Collects details by check and page, in the order of discovery."""

    def __init__(self) -> None:
        self.by_place: dict[Place, list[str]] = defaultdict(list)

    def add(self, check: Check, page: int | None, detail: str) -> None:
        details = self.by_place[check, page]
        detail = shortened(detail)
        if detail and detail not in details:
            details.append(detail)

    def found(self) -> list[Found]:
        findings = []
        for (check, page), details in self.by_place.items():
            # Of the file as such, merging cuts them.
            most = MOST_DETAILS if page else len(details)
            more = len(details) - most
            rest = [f"and {more} more"] if more > 0 else []
            findings.append(Found(check, page, details[:most] + rest))
        return findings


def shortened(value: object) -> str:
    text = "".join(c if c.isprintable() else " " for c in str(value))
    text = " ".join(text.split())
    return text if len(text) <= LONGEST_DETAIL else f"{text[:LONGEST_DETAIL]}…"


def quoted(text: object) -> str:
    return f"“{shortened(text)}”"


def text_of(value: object) -> str:
    if value is None or isinstance(value, pikepdf.Dictionary | pikepdf.Array | pikepdf.Stream):
        return ""
    text = str(value)
    return "" if text.startswith("/") and len(text) < 2 else text.strip("\x00 \t\r\n")


def dictionaries_in(array: object) -> Iterator[pikepdf.Object]:
    if isinstance(array, pikepdf.Array):
        for item in array:
            if isinstance(item, pikepdf.Dictionary | pikepdf.Stream):
                yield item


def file_name_in(specification: object) -> str:
    if isinstance(specification, pikepdf.Dictionary):
        return text_of(specification.get("/UF")) or text_of(specification.get("/F")) or "a file"
    return text_of(specification) or "a file"


def leaves_of(tree: object, depth: int = 0) -> Iterator[tuple[str, pikepdf.Object]]:
    """Yield the names and values of a name tree (ISO 32000-1, 7.9.6)."""
    if not isinstance(tree, pikepdf.Dictionary) or depth > DEEPEST:
        return
    pairs = tree.get("/Names")
    if isinstance(pairs, pikepdf.Array):
        for index in range(0, len(pairs) - 1, 2):
            yield str(pairs[index]), pairs[index + 1]
    for kid in dictionaries_in(tree.get("/Kids")):
        yield from leaves_of(kid, depth + 1)


def objects_in(resources: pikepdf.Object, seen: set[tuple[int, int]]) -> Iterator[pikepdf.Object]:
    """Yield the XObjects of resources that were not seen before."""
    objects = resources.get("/XObject")
    if not isinstance(objects, pikepdf.Dictionary):
        return
    for item in objects.values():
        if isinstance(item, pikepdf.Stream) and item.objgen not in seen:
            seen.add(item.objgen)
            yield item
