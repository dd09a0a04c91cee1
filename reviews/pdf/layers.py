"""Hidden layers (optional content that is off)."""

from collections.abc import Iterator

import pikepdf

from reviews.pdf.notes import DEEPEST, Notes, dictionaries_in, objects_in, text_of
from reviews.pdf.opening import inherited
from reviews.pdf.report import Check


def look_at_layers(pdf: pikepdf.Pdf, notes: Notes) -> None:
    properties = pdf.Root.get("/OCProperties")
    if not isinstance(properties, pikepdf.Dictionary):
        return
    default = properties.get("/D")
    default = default if isinstance(default, pikepdf.Dictionary) else pikepdf.Dictionary()
    every = {item.objgen: item for item in dictionaries_in(properties.get("/OCGs"))}
    off = {item.objgen for item in dictionaries_in(default.get("/OFF"))}
    if default.get("/BaseState") == "/OFF":
        off = set(every) - {item.objgen for item in dictionaries_in(default.get("/ON"))}
    if not off:
        return
    for number, page in enumerate(pdf.pages, 1):
        for group in _groups_of(inherited(page.obj, "/Resources"), set(), 0):
            if group.objgen in off:
                notes.add(Check.HIDDEN_LAYER, number, text_of(group.get("/Name")) or "a layer")
        for annotation in dictionaries_in(page.obj.get("/Annots")):
            for group in _members(annotation.get("/OC")):
                if group.objgen in off:
                    notes.add(Check.HIDDEN_LAYER, number, text_of(group.get("/Name")) or "a layer")


def _members(content: object) -> Iterator[pikepdf.Object]:
    """Yield the groups of a group or a membership dictionary."""
    if not isinstance(content, pikepdf.Dictionary):
        return
    if content.get("/Type") == "/OCMD":
        groups = content.get("/OCGs")
        if isinstance(groups, pikepdf.Dictionary):
            yield groups
        yield from dictionaries_in(groups)
    else:
        yield content


def _groups_of(
    resources: object, seen: set[tuple[int, int]], depth: int
) -> Iterator[pikepdf.Object]:
    if not isinstance(resources, pikepdf.Dictionary) or depth > DEEPEST:
        return
    named = resources.get("/Properties")
    if isinstance(named, pikepdf.Dictionary):
        for content in named.values():
            yield from _members(content)
    for item in objects_in(resources, seen):
        yield from _members(item.get("/OC"))
        yield from _groups_of(item.get("/Resources"), seen, depth + 1)
