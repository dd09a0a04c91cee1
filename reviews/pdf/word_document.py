"""Word documents (Office Open XML, ECMA-376): the words that somebody sees, in blocks as of pages.

Read in the child process, as a PDF is. Only the parts of the package that hold words are opened,
and what nobody would see on paper is taken out before they are read: hidden text and rows.
Comments, properties, headers, pictures and what is linked from elsewhere are never read. A file
with changes that are tracked, with macros or with a password is refused: a person decides first
what it says.
"""

import io
import json
import zipfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from posixpath import dirname, join, normpath
from typing import Any

import mammoth
from lxml import etree, html

from reviews.pdf.blocks import Block
from reviews.pdf.report import Refused

# Members of a package, and bytes of those that are read: a report of 1,000 pages has 10 MB of them.
MOST_MEMBERS = 5_000
LARGEST_PART = 30 * 1024 * 1024
MOST_BLOCKS = 20_000

NOT_WORD = "This is not a Word document (.docx), whatever its name says. Save it as one in Word."
PROTECTED = (
    "This is an older Word document (.doc), or one with a password. Save it as .docx without a "
    "password."
)
WITH_MACROS = "This Word document has macros. Save it as .docx, which has none."
DAMAGED = "This Word document is damaged. Open it in Word and save it again."
TOO_LARGE = "This Word document holds more text than a report can."
TRACKED = (
    "This Word document has tracked changes, so it says two things at once. Accept or reject all "
    "of them in Word, save it, and send it again."
)
NO_TEXT = "There is no text in this Word document."

_W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_RELATIONS = "http://schemas.openxmlformats.org/package/2006/relationships"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
# The first bytes of an OLE 2 compound file.
_COMPOUND = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
# What a document says beside its body.
_BESIDE = ("styles", "numbering", "footnotes", "endnotes")
_CHANGES = ("ins", "del", "moveFrom", "moveTo", "cellIns", "cellDel")
_OFF = {"0", "false", "off", "none"}
_LEVELS = {"h1": 2, "h2": 3, **dict.fromkeys(("h3", "h4", "h5", "h6"), 4)}
_STYLES = "p[style-name='Title'] => h1:fresh\np[style-name='Subtitle'] => p:fresh"


def read_word(source: Path, output: Path) -> None:
    """Write ``word.json``, the blocks of a document in the order of reading. Raises Refused."""
    with source.open("rb") as file:
        if file.read(8) == _COMPOUND:
            raise Refused(PROTECTED)
    try:
        with zipfile.ZipFile(source) as package:
            seen = _only_words(package)
    except (zipfile.BadZipFile, EOFError, NotImplementedError, OSError, RuntimeError) as error:
        raise Refused(NOT_WORD) from error
    except (etree.XMLSyntaxError, KeyError, ValueError) as error:
        raise Refused(DAMAGED) from error
    try:
        result = mammoth.convert_to_html(
            seen,
            style_map=_STYLES,
            include_embedded_style_map=False,
            convert_image=lambda image: [],
        )
    except (AttributeError, IndexError, KeyError, TypeError, ValueError) as error:
        raise Refused(DAMAGED) from error
    blocks = list(_blocks_of(html.document_fromstring(f"<div>{result.value}</div>").find(".//div")))
    if not blocks:
        raise Refused(NO_TEXT)
    if len(blocks) > MOST_BLOCKS:
        raise Refused(TOO_LARGE)
    (output / "word.json").write_text(json.dumps(blocks), encoding="utf-8")


# --- the package ----------------------------------------------------------------------------------


def _only_words(package: zipfile.ZipFile) -> io.BytesIO:
    """Return a package with the parts that hold words, without what nobody sees."""
    names = package.namelist()
    if len(names) > MOST_MEMBERS:
        raise Refused(TOO_LARGE)
    if any(name.lower().endswith("vbaproject.bin") for name in names):
        raise Refused(WITH_MACROS)
    if "[Content_Types].xml" not in names:
        raise Refused(NOT_WORD)
    types = _part(package, "[Content_Types].xml")
    if b"macroEnabled" in etree.tostring(types):
        raise Refused(WITH_MACROS)
    main = _main_part(package)
    relations = _relations_of(package, main)
    beside = {
        kind: target
        for kind, target in relations
        if kind.removeprefix(f"{_OFFICE}/") in _BESIDE and target in names
    }
    styles_name = beside.get(f"{_OFFICE}/styles")
    hidden = _hidden_styles(_part(package, styles_name)) if styles_name else set[str]()
    seen = io.BytesIO()
    with zipfile.ZipFile(seen, "w") as copy:
        copy.writestr("[Content_Types].xml", etree.tostring(types))
        copy.writestr("_rels/.rels", _relations({f"{_OFFICE}/officeDocument": main}))
        copy.writestr(_relations_name(main), _relations(beside))
        for name in {main, *beside.values()}:
            root = _part(package, name)
            _take_out(root, hidden)
            copy.writestr(name, etree.tostring(root))
    seen.seek(0)
    return seen


def _part(package: zipfile.ZipFile, name: str) -> Any:
    """Return the root of a part. Raises Refused if it is too large or declares entities."""
    with package.open(name) as member:
        data = member.read(LARGEST_PART + 1)
    if len(data) > LARGEST_PART:
        raise Refused(TOO_LARGE)
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False
    )
    root = etree.fromstring(data, parser)
    if root.getroottree().docinfo.doctype:
        raise Refused(DAMAGED)
    return root


def _main_part(package: zipfile.ZipFile) -> str:
    for kind, target in _relations_of(package, ""):
        if kind == f"{_OFFICE}/officeDocument":
            return target
    raise Refused(NOT_WORD)


def _relations_name(part: str) -> str:
    folder, _, name = part.rpartition("/")
    return f"{folder}/_rels/{name}.rels" if folder else f"_rels/{name}.rels"


def _relations_of(package: zipfile.ZipFile, part: str) -> list[tuple[str, str]]:
    """Return kind and name of what a part leads to within its package."""
    name = _relations_name(part)
    if name not in package.namelist():
        return []
    found = []
    for one in _part(package, name).iter(f"{{{_RELATIONS}}}Relationship"):
        target = one.get("Target", "")
        if one.get("TargetMode") != "External" and target:
            target = target.lstrip("/") if target.startswith("/") else join(dirname(part), target)
            found.append((one.get("Type", ""), normpath(target)))
    return found


def _relations(targets: dict[str, str]) -> bytes:
    root = etree.Element(f"{{{_RELATIONS}}}Relationships")
    for number, (kind, target) in enumerate(targets.items()):
        one = etree.SubElement(root, f"{{{_RELATIONS}}}Relationship")
        one.attrib.update({"Id": f"r{number}", "Type": kind, "Target": f"/{target}"})
    return bytes(etree.tostring(root))


# --- what nobody sees -----------------------------------------------------------------------------


def _w(name: str) -> str:
    return f"{{{_W}}}{name}"


def _is_on(element: Any) -> bool:
    return element is not None and element.get(_w("val"), "1") not in _OFF


def _is_hidden(properties: Any) -> bool:
    return properties is not None and any(
        _is_on(properties.find(_w(name))) for name in ("vanish", "specVanish")
    )


def _hidden_styles(styles: Any) -> set[str]:
    """Return the keys of the styles whose text is hidden, by themselves or what they build on."""
    hidden, based = set(), {}
    for style in styles.iter(_w("style")):
        key = style.get(_w("styleId"), "")
        if _is_hidden(style.find(_w("rPr"))):
            hidden.add(key)
        if (base := style.find(_w("basedOn"))) is not None:
            based[key] = base.get(_w("val"), "")
    for _ in range(len(based)):
        more = {key for key, base in based.items() if base in hidden} - hidden
        if not more:
            break
        hidden |= more
    return hidden


def _take_out(root: Any, hidden: set[str]) -> None:
    """Take hidden text out of a part. Raises Refused if changes are tracked in it."""
    if any(True for _ in root.iter(*map(_w, _CHANGES))):
        raise Refused(TRACKED)
    for element in [*root.iter(_w("r"), _w("p"), _w("tr"))]:
        if _is_unseen(element, hidden):
            # A paragraph keeps its place, so that a cell has one.
            for child in list(element) if element.tag == _w("p") else ():
                element.remove(child)
            if element.tag != _w("p") and element.getparent() is not None:
                element.getparent().remove(element)


def _is_unseen(element: Any, hidden: set[str]) -> bool:
    if element.tag == _w("tr"):
        properties = element.find(_w("trPr"))
        return properties is not None and _is_on(properties.find(_w("hidden")))
    kind = "rPr" if element.tag == _w("r") else "pPr"
    properties = element.find(_w(kind))
    if properties is None:
        return False
    style = properties.find(_w("rStyle" if kind == "rPr" else "pStyle"))
    if style is not None and style.get(_w("val")) in hidden:
        return True
    return kind == "rPr" and _is_hidden(properties)


# --- blocks ---------------------------------------------------------------------------------------


def _blocks_of(parent: Any) -> Iterator[Block]:
    for element in parent:
        tag = element.tag
        if tag in _LEVELS:
            yield from _made("heading", _text_of(element), _LEVELS[tag])
        elif tag == "p":
            yield from _made("paragraph", _text_of(element))
        elif tag in ("ul", "ol"):
            yield from _items_of(element)
        elif tag == "table":
            yield from _table_of(element)


def _made(kind: Any, text: str, level: int = 0) -> Iterator[Block]:
    if text:
        yield {"kind": kind, "level": level, "text": text, "continues": False}


def _items_of(listed: Any) -> Iterator[Block]:
    for number, item in enumerate(listed, 1):
        # Of a list in a list the items follow.
        inner = [child for child in item if child.tag in ("ul", "ol")]
        for child in inner:
            item.remove(child)
        if item.get("id", "").startswith(("footnote-", "endnote-")):
            # Numbered as the marks that lead to them.
            yield from _made("note", f"[{number}] {_text_of(item).removesuffix('↑').strip()}")
        else:
            yield from _made("item", _text_of(item))
        for child in inner:
            yield from _items_of(child)


def _table_of(table: Any) -> Iterator[Block]:
    rows = [
        [[text for text in _cell_texts(cell) if text] for cell in row if cell.tag in ("td", "th")]
        for row in table.iter("tr")
    ]
    width = max(map(len, rows), default=0)
    if not any(cell for row in rows for cell in row):
        return
    if width == 1:
        # A box around text.
        for row in rows:
            for text in (text for cell in row for text in cell):
                yield from _made("paragraph", text)
        return
    yield {
        "kind": "table",
        "level": 0,
        "text": "",
        "continues": False,
        "rows": [row + [[] for _ in range(width - len(row))] for row in rows],
        "has_heading": table.find("thead") is not None,
    }


def _cell_texts(cell: Any) -> Iterable[str]:
    parts = list(cell.iter("p", "li", "h1", "h2", "h3", "h4", "h5", "h6"))
    return [_text_of(part) for part in parts] if parts else [_text_of(cell)]


def _text_of(element: Any) -> str:
    for line_break in element.iter("br"):
        line_break.tail = f" {line_break.tail or ''}"
    return " ".join(str(element.text_content()).split())
