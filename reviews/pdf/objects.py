"""Objects of a file: every one of them, what each refers to, and on which pages it is used."""

import re
from collections import defaultdict
from collections.abc import Iterator
from functools import cached_property

import pikepdf

from reviews.pdf.notes import DEEPEST, ODD

# The number and generation of an object.
Key = tuple[int, int]

_REFERENCE = re.compile(rb"(\d{1,10}) (\d{1,5}) R\b")


class Objects:
    """Reads each object once, as qpdf writes it: a file has thousands, and few are of interest."""

    def __init__(self, pdf: pikepdf.Pdf) -> None:
        self.pdf = pdf
        self.pages = {page.obj.objgen: number for number, page in enumerate(pdf.pages, 1)}
        self.texts: dict[Key, bytes] = {}
        for item in pdf.objects:
            if isinstance(item, pikepdf.Object):
                self.texts[item.objgen] = _text_of(item)

    @cached_property
    def references(self) -> dict[Key, list[Key]]:
        # Digits in a string that look like a reference keep something that nothing refers to.
        return {
            key: [(int(number), int(generation)) for number, generation in found]
            for key, text in self.texts.items()
            if (found := _REFERENCE.findall(text))
        }

    @cached_property
    def _referring(self) -> dict[Key, list[Key]]:
        referring = defaultdict(list)
        for key, others in self.references.items():
            for other in others:
                referring[other].append(key)
        return referring

    @cached_property
    def in_use(self) -> set[Key]:
        """Return the objects that the file as it is read leads to."""
        trailer = _REFERENCE.findall(_text_of(self.pdf.trailer))
        waiting = [(int(number), int(generation)) for number, generation in trailer]
        found: set[Key] = set()
        while waiting:
            key = waiting.pop()
            if key not in found:
                found.add(key)
                waiting += self.references.get(key, [])
        return found

    def get(self, key: Key) -> pikepdf.Object:
        return self.pdf.get_object(key)

    def with_name(self, name: str) -> Iterator[tuple[Key, pikepdf.Object]]:
        """Yield each dictionary or stream that has an entry of this name, with its object's key."""
        sought = re.compile(re.escape(name.encode()) + rb"(?![\w])")
        for key, text in self.texts.items():
            if sought.search(text):
                for holder in dictionaries_within(self.get(key)):
                    if name in holder:
                        yield key, holder

    def streams(self, subtype: str) -> Iterator[tuple[Key, pikepdf.Stream]]:
        """Yield the streams of a subtype."""
        sought = b"/Subtype " + subtype.encode()
        for key, text in self.texts.items():
            if sought in text:
                item = self.get(key)
                if isinstance(item, pikepdf.Stream) and item.get("/Subtype") == subtype:
                    yield key, item

    def first_page_of(self, key: Key) -> int | None:
        """Return the first page that uses an object; None if no page does."""
        found: set[int] = set()
        seen: set[Key] = set()
        waiting = [key]
        while waiting:
            one = waiting.pop()
            if one in seen:
                continue
            seen.add(one)
            if one in self.pages:
                found.add(self.pages[one])
            else:
                waiting += self._referring.get(one, [])
        return min(found, default=None)


def _text_of(item: pikepdf.Object) -> bytes:
    try:
        if isinstance(item, pikepdf.Stream):
            return item.stream_dict.unparse(resolved=True)
        return item.unparse(resolved=True)
    except ODD:
        return b""


def dictionaries_within(item: object, depth: int = 0) -> Iterator[pikepdf.Object]:
    """Yield an object and what stands in it without a number of its own, if it has entries."""
    if depth > DEEPEST:
        return
    if isinstance(item, pikepdf.Dictionary | pikepdf.Stream):
        yield item
        values = [item.get(name) for name in item.keys()]  # noqa: SIM118 - it is no dict
    elif isinstance(item, pikepdf.Array):
        values = list(item)
    else:
        return
    for value in values:
        if isinstance(value, pikepdf.Dictionary | pikepdf.Array) and not value.is_indirect:
            yield from dictionaries_within(value, depth + 1)
