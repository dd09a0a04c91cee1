"""Words that stand on no page: of bookmarks, descriptions of pictures, labels, names."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

import pikepdf

from reviews.pdf.actions import bookmarks_of
from reviews.pdf.notes import leaves_of, text_of
from reviews.pdf.objects import Key, Objects
from reviews.pdf.other_words import DRAWN, compact

MOST_WORDS = 5000
# What programs call things by themselves.
_BY_ITSELF = re.compile(
    r"""(?ix)
    (?:picture|image|figure|graphic|group|shape|text\ ?box|table|chart|diagram|rectangle|oval|line
    |object|logo|icon|slide|page|section|layer|header|footer|artifact|background|guides?|decorative
    |blank|a\ ?(?:picture|logo|photo)|untitled|text|document|cover|front\ cover|back\ cover)
    [\W\d_]*
    |_?(?:toc|hlk|ref|goback|ole_link|bookmark|hyperlink|docstart|doc-start|hfootnote|footnote|item
    |page|section|subsection|chapter|appendix|figure|table|equation|cite|anchor|para|lof|lot|g)
    [.\d_*]*[\d.]*\w?
    |[0-9a-f-]{16,} | \w\d+ | _\w*\d{4,}\w* | \w*\.indd:.* | \d.*\d
    """
)


@dataclass(frozen=True)
class Words:
    what: str
    text: str
    page: int | None


def words_beside_pages(objects: Objects) -> Iterator[Words]:
    """Yield the words of a file that it holds for readers and for programs beside its pages."""
    yield from _of_bookmarks(objects.pdf)
    yield from _of_tags(objects)
    yield from _of_labels(objects)
    yield from _of_fields(objects)
    yield from _of_links(objects)
    yield from _of_layers(objects)
    yield from _of_destinations(objects.pdf)


def tell_something_new(words: Words, seen: str) -> bool:
    """Return whether words say more than the text of the pages, ``compact``, and have a meaning."""
    own = compact(words.text)
    return (
        bool(re.search(r"[^\W\d_]{2}", words.text))
        and own not in seen
        and (not _BY_ITSELF.fullmatch(words.text.strip()))
    )


def _of_bookmarks(pdf: pikepdf.Pdf) -> Iterator[Words]:
    for item in bookmarks_of(pdf):
        yield Words("bookmark", text_of(item.get("/Title")), None)


_OF_A_TAG = {
    "/Alt": "description of a picture",
    "/E": "words for an abbreviation",
    "/T": "title of a tag",
}


def _of_tags(objects: Objects) -> Iterator[Words]:
    for name, what in _OF_A_TAG.items():
        for key, tag in objects.with_name(name):
            # Fields and marks have a /T too.
            if "/S" in tag and "/Subtype" not in tag:
                yield Words(what, text_of(tag.get(name)), _page_of(objects, key, tag))
    for key, tag in objects.with_name("/ActualText"):
        if str(tag.get("/S", "")) in DRAWN:
            said = text_of(tag.get("/ActualText"))
            yield Words("words for a picture", said, _page_of(objects, key, tag))


def _page_of(objects: Objects, key: Key, tag: pikepdf.Object) -> int | None:
    """Return the page of a tag, or of what is tagged in it."""
    for _ in range(4):
        page = tag.get("/Pg")
        if isinstance(page, pikepdf.Dictionary):
            return objects.pages.get(page.objgen)
        kids = tag.get("/K")
        first = kids[0] if isinstance(kids, pikepdf.Array) and len(kids) else kids
        if not isinstance(first, pikepdf.Dictionary):
            break
        tag = first
    return None


def _of_labels(objects: Objects) -> Iterator[Words]:
    labels = objects.pdf.Root.get("/PageLabels")
    if not isinstance(labels, pikepdf.Dictionary):
        return
    for _, holder in objects.with_name("/P"):
        prefix = holder.get("/P")
        if isinstance(prefix, pikepdf.String) and "/FT" not in holder and "/O" not in holder:
            yield Words("label of a page", text_of(prefix), None)


def _of_fields(objects: Objects) -> Iterator[Words]:
    for key, field in objects.with_name("/TU"):
        yield Words("help of a field", text_of(field.get("/TU")), objects.first_page_of(key))
    for key, field in objects.with_name("/DV"):
        yield Words("first value of a field", text_of(field.get("/DV")), objects.first_page_of(key))
    for key, field in objects.with_name("/Opt"):
        for choice in _strings_in(field.get("/Opt")):
            yield Words("choice of a field", choice, objects.first_page_of(key))


def _strings_in(value: object) -> Iterator[str]:
    if isinstance(value, pikepdf.Array):
        for one in value:
            yield from _strings_in(one)
    elif isinstance(value, pikepdf.String):
        yield text_of(value)


def _of_links(objects: Objects) -> Iterator[Words]:
    for key, mark in objects.with_name("/Contents"):
        action = mark.get("/A")
        address = action.get("/URI") if isinstance(action, pikepdf.Dictionary) else None
        # Most say where they lead, which is checked for itself.
        if mark.get("/Subtype") == "/Link" and text_of(mark.get("/Contents")) != text_of(address):
            yield Words(
                "text of a link", text_of(mark.get("/Contents")), objects.first_page_of(key)
            )


def _of_layers(objects: Objects) -> Iterator[Words]:
    for _, layer in objects.with_name("/Name"):
        if layer.get("/Type") == "/OCG":
            yield Words("name of a layer", text_of(layer.get("/Name")), None)


def _of_destinations(pdf: pikepdf.Pdf) -> Iterator[Words]:
    names = pdf.Root.get("/Names")
    if isinstance(names, pikepdf.Dictionary):
        for name, _ in leaves_of(names.get("/Dests")):
            yield Words("name of a place", name, None)
    old = pdf.Root.get("/Dests")
    if isinstance(old, pikepdf.Dictionary):
        for name in old.keys():  # noqa: SIM118 - it is no dict
            yield Words("name of a place", name[1:], None)
