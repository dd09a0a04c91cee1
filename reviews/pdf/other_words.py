"""Replacement text (/ActualText): what a tag says in place of what is to be seen.

It serves readers where letters cannot be told from the font: a hyphen at the end of a line, an
ornament. Where it says other words than those drawn, whoever copies the text or has it read out
gets them (ISO 32000-1, 14.9.4).
"""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from io import BytesIO

import pikepdf

from reviews.pdf.drawing import open_document
from reviews.pdf.notes import ODD, text_of
from reviews.pdf.objects import Key, Objects

_STRING = rb"\((?:[^()\\]|\\.|\((?:[^()\\]|\\.)*\))*\)|<[0-9A-Fa-f\s]*>"
_ACTUAL = re.compile(rb"/ActualText\s*(?P<text>" + _STRING + rb")", re.DOTALL)
# Tags of what is drawn and not written: their text is a description.
DRAWN = {"/Figure", "/Formula", "/Form", "/Artifact"}
_NO_LETTER = re.compile(r"[\W_]+")
# What a font gives for a letter that it does not tell.
_UNTOLD = re.compile("[\x00-\x08\x0e-\x1f\ufffd\ue000-\uf8ff]")


def compact(text: str) -> str:
    """Return the letters and digits of a text, so that other spaces and hyphens are no difference.

    Ligatures and letters of a special form become plain ones.
    """
    plain = unicodedata.normalize("NFKC", text).casefold()
    return _NO_LETTER.sub("", plain)


def say_the_same(said: str, seen: str) -> bool:
    """Return whether a replacement says nothing that ``seen``, as ``compact``, does not."""
    own = compact(said)
    if own in seen:
        return True
    # Other scripts are drawn in another order than they are written.
    return not re.search("[a-z0-9]", own) and set(own) <= set(seen)


def words_in_content(objects: Objects) -> dict[int, list[str]]:
    """Return the replacements that stand in the content of pages and drawings, by page."""
    found: dict[int, list[str]] = defaultdict(list)
    for _, stream, number in _streams(objects):
        said = [_decoded(match["text"]) for match in _ACTUAL.finditer(_content_of(stream))]
        found[number] += [text for text in said if compact(text)]
    for key, holder in _property_lists(objects):
        said_there = text_of(holder.get("/ActualText"))
        number_there = objects.first_page_of(key)
        if number_there and compact(said_there):
            found[number_there].append(said_there)
    return {number: texts for number, texts in found.items() if texts}


def other_words(data: bytes, objects: Objects) -> dict[int, list[str]]:
    """Return the replacements in the content that say other words than their page, by page."""
    said = words_in_content(objects)
    if not said:
        return {}
    plain = without_replacements(data, {text for texts in said.values() for text in texts})
    seen = texts_of(plain, said)
    found = {}
    for number, texts in said.items():
        # Where a font does not tell its letters, they are known from the replacement alone.
        if not _UNTOLD.search(seen[number]):
            known = compact(seen[number])
            if other := [text for text in texts if not say_the_same(text, known)]:
                found[number] = other
    return found


def other_words_of_tags(objects: Objects, seen: str) -> Iterator[tuple[pikepdf.Object, str]]:
    """Yield the tags of text that say other words than the whole text, which is ``compact``."""
    for _, tag in objects.with_name("/ActualText"):
        said = text_of(tag.get("/ActualText"))
        is_text = "/S" in tag and str(tag.get("/S")) not in DRAWN
        if is_text and compact(said) and not say_the_same(said, seen):
            yield tag, said


def texts_of(data: bytes, numbers: Iterable[int]) -> dict[int, str]:
    """Return the text of these pages, hidden or not."""
    document = open_document(data)
    try:
        return {
            number: str(document[number - 1].get_textpage().get_text_range()) for number in numbers
        }
    finally:
        document.close()


def without_replacements(data: bytes, texts: Collection[str]) -> bytes:
    """Return a file without these replacements in its content."""
    with pikepdf.open(BytesIO(data)) as pdf:
        take_out(Objects(pdf), texts)
        output = BytesIO()
        pdf.save(output)
    return output.getvalue()


def take_out(objects: Objects, texts: Collection[str]) -> None:
    """Remove these replacements from the content of pages and drawings."""

    def kept(match: re.Match[bytes]) -> bytes:
        return b"" if _decoded(match["text"]) in texts else match[0]

    for _, stream, _ in _streams(objects):
        content = _content_of(stream)
        changed = _ACTUAL.sub(kept, content)
        if changed != content:
            stream.write(changed)
    for _, holder in list(_property_lists(objects)):
        if text_of(holder.get("/ActualText")) in texts:
            del holder["/ActualText"]


def _streams(objects: Objects) -> Iterator[tuple[Key, pikepdf.Stream, int]]:
    """Yield the streams that draw, each with the first page that it is of."""
    for page, number in objects.pages.items():
        content = objects.get(page).get("/Contents")
        parts = list(content) if isinstance(content, pikepdf.Array) else [content]
        for part in parts:
            if isinstance(part, pikepdf.Stream):
                yield part.objgen, part, number
    for key, form in objects.streams("/Form"):
        if number_of_form := objects.first_page_of(key):
            yield key, form, number_of_form


def _content_of(stream: pikepdf.Stream) -> bytes:
    try:
        return bytes(stream.read_bytes())
    except ODD:
        return b""


def _property_lists(objects: Objects) -> Iterator[tuple[Key, pikepdf.Object]]:
    """Yield the property lists of marked content that stand in resources, under a name."""
    for key, holder in objects.with_name("/ActualText"):
        if "/S" not in holder:
            yield key, holder


def _decoded(text: bytes) -> str:
    try:
        return text_of(pikepdf.Object.parse(text))
    except ODD:
        return ""
