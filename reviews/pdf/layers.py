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
    for number, page in enumerate(pdf.pages, 1):
        contents: list[object] = [*_contents_of(inherited(page.obj, "/Resources"), set(), 0)]
        contents += [one.get("/OC") for one in dictionaries_in(page.obj.get("/Annots"))]
        for content in contents:
            if _is_hidden(content, off):
                names = [text_of(group.get("/Name")) for group in _members(content)]
                name = ", ".join(filter(None, dict.fromkeys(names)))
                notes.add(Check.HIDDEN_LAYER, number, name or "a layer")


def _is_hidden(content: object, off: set[tuple[int, int]]) -> bool:
    """Return whether content of a group or a membership is hidden (ISO 32000-1, 8.11.2.2)."""
    if not isinstance(content, pikepdf.Dictionary):
        return False
    if content.get("/Type") != "/OCMD":
        return content.objgen in off
    expression = content.get("/VE")
    if isinstance(expression, pikepdf.Array):
        return not _is_true(expression, off, 0)
    states = [group.objgen not in off for group in _members(content)]
    if not states:
        return False
    visible = {
        "/AllOn": all(states),
        "/AnyOff": not all(states),
        "/AllOff": not any(states),
    }
    return not visible.get(str(content.get("/P")), any(states))


def _is_true(expression: object, off: set[tuple[int, int]], depth: int) -> bool:
    """Evaluate a visibility expression, a group or [/And …], [/Or …] or [/Not …]."""
    if isinstance(expression, pikepdf.Dictionary):
        return expression.objgen not in off
    if not isinstance(expression, pikepdf.Array) or not len(expression) or depth > DEEPEST:
        return True
    operator, *rest = list(expression)
    values = [_is_true(one, off, depth + 1) for one in rest]
    if operator == "/Not":
        return not all(values)
    return any(values) if operator == "/Or" else all(values)


def _members(content: object) -> Iterator[pikepdf.Object]:
    """Yield the groups of a group or a membership dictionary."""
    if not isinstance(content, pikepdf.Dictionary):
        return
    if content.get("/Type") != "/OCMD":
        yield content
        return
    groups = content.get("/OCGs")
    if isinstance(groups, pikepdf.Dictionary):
        yield groups
    yield from dictionaries_in(groups)
    yield from _members_of_expression(content.get("/VE"), 0)


def _members_of_expression(expression: object, depth: int) -> Iterator[pikepdf.Object]:
    if isinstance(expression, pikepdf.Array) and depth < DEEPEST:
        yield from dictionaries_in(expression)
        for part in expression:
            yield from _members_of_expression(part, depth + 1)


def _contents_of(
    resources: object, seen: set[tuple[int, int]], depth: int
) -> Iterator[pikepdf.Object]:
    if not isinstance(resources, pikepdf.Dictionary) or depth > DEEPEST:
        return
    named = resources.get("/Properties")
    if isinstance(named, pikepdf.Dictionary):
        yield from named.values()
    for item in objects_in(resources, seen):
        if "/OC" in item:
            yield item.OC
        yield from _contents_of(item.get("/Resources"), seen, depth + 1)
