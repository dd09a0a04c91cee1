"""Actions of a PDF, automatic or on a click: scripts, programs, links to private places."""

from collections.abc import Iterator

import pikepdf

from reviews.pdf.links import is_private
from reviews.pdf.notes import DEEPEST, Notes, dictionaries_in, file_name_in, leaves_of, text_of
from reviews.pdf.report import Check

_ACTING = {
    "/JavaScript": "a script",
    "/Launch": "starts a program or opens a file",
    "/SubmitForm": "sends a form",
    "/ImportData": "takes in data",
    "/Rendition": "plays something",
    "/RichMediaExecute": "plays something",
    "/GoToE": "opens an attached file",
}


def look_at_actions(holder: pikepdf.Object, number: int | None, notes: Notes) -> None:
    """Check the actions on a click (/A) and automatic ones (/AA)."""
    _action(holder.get("/A"), number, notes)
    own = holder.get("/AA")
    if isinstance(own, pikepdf.Dictionary):
        for action in own.values():
            _action(action, number, notes, by_itself=True)


def _action(
    action: object, number: int | None, notes: Notes, *, by_itself: bool = False, depth: int = 0
) -> None:
    if not isinstance(action, pikepdf.Dictionary) or depth > DEEPEST:
        return
    kind = str(action.get("/S", ""))
    if kind in _ACTING or (by_itself and kind == "/URI"):
        what = _ACTING.get(kind, "opens an address by itself")
        target = file_name_in(action.get("/F")) if kind == "/Launch" else ""
        notes.add(Check.SCRIPT, number, f"{what} ({target})" if target else what)
    elif kind == "/URI":
        _link(text_of(action.get("/URI")), number, notes)
    elif kind == "/GoToR":
        notes.add(Check.PRIVATE_LINK, number, file_name_in(action.get("/F")))
    following = action.get("/Next")
    if isinstance(following, pikepdf.Array):
        for one in dictionaries_in(following):
            _action(one, number, notes, by_itself=by_itself, depth=depth + 1)
    else:
        _action(following, number, notes, by_itself=by_itself, depth=depth + 1)


def _link(address: str, number: int | None, notes: Notes) -> None:
    if is_private(address):
        notes.add(Check.PRIVATE_LINK, number, address)


def look_at_scripts(pdf: pikepdf.Pdf, notes: Notes) -> None:
    root = pdf.Root
    opening = root.get("/OpenAction")
    if isinstance(opening, pikepdf.Dictionary):
        _action(opening, None, notes, by_itself=True)
    own = root.get("/AA")
    if isinstance(own, pikepdf.Dictionary):
        for action in own.values():
            _action(action, None, notes, by_itself=True)
    names = root.get("/Names")
    if isinstance(names, pikepdf.Dictionary) and "/JavaScript" in names:
        for _ in leaves_of(names["/JavaScript"]):
            notes.add(Check.SCRIPT, None, "a script that runs when the file is opened")
    for item in bookmarks_of(pdf):
        _action(item.get("/A"), None, notes)


def look_at_page_scripts(page: pikepdf.Object, number: int, notes: Notes) -> None:
    own = page.get("/AA")
    if isinstance(own, pikepdf.Dictionary):
        for action in own.values():
            _action(action, number, notes, by_itself=True)


def bookmarks_of(pdf: pikepdf.Pdf) -> Iterator[pikepdf.Object]:
    outlines = pdf.Root.get("/Outlines")
    if not isinstance(outlines, pikepdf.Dictionary):
        return
    seen: set[tuple[int, int]] = set()
    waiting = [outlines.get("/First")]
    while waiting and len(seen) < 10_000:
        item = waiting.pop()
        if not isinstance(item, pikepdf.Dictionary) or item.objgen in seen:
            continue
        seen.add(item.objgen)
        yield item
        waiting += [item.get("/Next"), item.get("/First")]
