"""SVG sanitiser: a drawing is built anew from an allow-list of elements, attributes and styles.

What is shown by ``<img>`` runs nothing anyway, and the address of a logo has a policy that forbids
it. This keeps out what could harm whoever opens or copies the file by other ways: scripts, event
handlers, foreign content, links, what is loaded from elsewhere, animation, and drawings whose parts
are repeated so often that a browser hangs.
"""

import re
from collections.abc import Iterator
from typing import Any, NamedTuple

from lxml import etree

SVG = "http://www.w3.org/2000/svg"
_HREF = ("href", "{http://www.w3.org/1999/xlink}href")

MOST_ELEMENTS = 5_000
# Of a drawing in which every repeated part is counted as often as it is drawn.
MOST_DRAWN = 20_000
# Of what is left out, for the sentence about it.
MOST_REMOVED, LONGEST_NAME = 10, 40

_SHAPES = frozenset("path rect circle ellipse line polyline polygon use".split())
_TEXTS = frozenset(["text", "tspan"])
_OTHERS = "svg g defs symbol switch linearGradient radialGradient stop clipPath mask style"
_ELEMENTS = _SHAPES | _TEXTS | frozenset(_OTHERS.split())
# Left out without a word: nothing of them is seen.
_UNSEEN = frozenset(["title", "desc", "metadata"])

# Properties of CSS that are attributes too (SVG 2, presentation attributes).
_PRESENTATION = frozenset(
    """
    clip-path clip-rule color color-interpolation display dominant-baseline fill fill-opacity
    fill-rule font-family font-size font-stretch font-style font-variant font-weight isolation
    letter-spacing mask mask-type mix-blend-mode opacity overflow paint-order shape-rendering
    stop-color stop-opacity stroke stroke-dasharray stroke-dashoffset stroke-linecap
    stroke-linejoin stroke-miterlimit stroke-opacity stroke-width text-anchor text-rendering
    transform transform-origin vector-effect visibility word-spacing
    """.split()
)
_ATTRIBUTES = _PRESENTATION | frozenset(
    """
    clipPathUnits cx cy d dx dy fr fx fy gradientTransform gradientUnits height maskContentUnits
    maskUnits offset pathLength points preserveAspectRatio r rotate rx ry spreadMethod
    systemLanguage textLength lengthAdjust viewBox width x x1 x2 y y1 y2
    """.split()
)
_NAME = re.compile(r"[A-Za-z_][\w.-]*")
_NAMES = re.compile(r"[\w. -]*")
_OWN_REFERENCE = re.compile(r"""url\(\s*(["']?)#([A-Za-z_][\w.-]*)\1\s*\)""")
_NO_NAME = re.compile(r"[^\w-]+")
_FUNCTIONS = frozenset(
    "rgb rgba hsl hsla matrix translate translateX translateY scale scaleX scaleY rotate skewX "
    "skewY".split()
)
# An escape of CSS, the beginning of a tag, an at-rule, the end of a declaration.
_NEVER_IN_VALUES = re.compile(r"[\\<>@{};]|/\*|:")

_COMMENT = re.compile(r"/\*.*?(\*/|$)", re.DOTALL)
# None of them has two ways to match the same text, so that no file takes long.
_SPACE = re.compile(r"\s*")
_RULE = re.compile(r"([^{}@;]+)\{([^{}]*)\}")
_AT_RULE = re.compile(r"@[^{};]*(;|\{(?:[^{}]|\{[^{}]*\})*\})")
_SIMPLE_SELECTOR = re.compile(r"\*|[.#]?[A-Za-z_][\w-]*")

_LENGTH = re.compile(r"((?:\d+(?:\.\d*)?|\.\d+)(?:e[+-]?\d+)?)(px|pt|pc|mm|cm|in|)", re.IGNORECASE)
_NUMBERS = re.compile(r"[\s,]+")


class SvgError(Exception):
    """The drawing is refused; the message is a sentence for people."""


class CleanSvg(NamedTuple):
    content: bytes
    width: float
    height: float
    removed: list[str]
    """What was not taken over: names of elements and attributes."""


def clean_svg(content: bytes) -> CleanSvg:
    """Return a drawing with only what is on the allow-list. Raises SvgError."""
    root = _parse(content)
    width, height, view_box = _size(root)
    cleaner = _Cleaner()
    try:
        clean = cleaner.cleaned(root)
    except RecursionError:
        raise SvgError(_TOO_MUCH) from None
    for name in ("x", "y", "width", "height"):
        clean.attrib.pop(name, None)
    clean.set("viewBox", view_box)
    clean.set("width", f"{width:g}")
    clean.set("height", f"{height:g}")
    if not any(_local_name(each) in (*_SHAPES, *_TEXTS) for each in clean.iter()):
        raise SvgError(_nothing_left(cleaner.removed))
    _refuse_too_much(clean, cleaner.rules)
    etree.cleanup_namespaces(clean)
    return CleanSvg(etree.tostring(clean), width, height, list(cleaner.removed))


def _nothing_left(removed: dict[str, None]) -> str:
    if "image" in removed:
        return (
            "This SVG holds a picture made of pixels and nothing drawn. Save that picture as PNG "
            "and choose it."
        )
    return "Nothing can be seen in this SVG."


def _parse(content: bytes) -> Any:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise SvgError("This SVG is not in UTF-8. Save it again from a drawing program.") from None
    if "<!entity" in text.lower():
        raise SvgError(
            "This SVG declares entities, which can hide anything. Save it again as plain SVG; in "
            "Illustrator without “Preserve editing capabilities”."
        )
    parser = etree.XMLParser(
        # What was looked through is what is parsed, whatever the file says of its encoding.
        encoding="utf-8",
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        dtd_validation=False,
        attribute_defaults=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        root = etree.fromstring(text.encode(), parser)
    except etree.XMLSyntaxError:
        raise SvgError(
            "This SVG is damaged. Save it again from a drawing program, or choose a PNG."
        ) from None
    if root.tag != f"{{{SVG}}}svg":
        raise SvgError("This is no SVG picture.")
    if sum(1 for _ in root.iter()) > MOST_ELEMENTS:
        raise SvgError(_TOO_MUCH)
    return root


_TOO_MUCH = (
    "This SVG has too many parts for a logo: at most 5,000, and 20,000 with those that are "
    "repeated. Choose a simpler one, or a PNG."
)


def _size(root: Any) -> tuple[float, float, str]:
    """Return width, height and view box. Raises SvgError if the drawing does not say them."""
    try:
        box = [float(part) for part in _NUMBERS.split(root.get("viewBox", "").strip())]
    except ValueError:
        box = []
    if len(box) != 4:
        box = [0, 0, _length(root.get("width")), _length(root.get("height"))]
    if not (0 < box[2] < 1e6 and 0 < box[3] < 1e6 and all(abs(part) < 1e6 for part in box)):
        raise SvgError(
            "This SVG does not say how large it is: it has no viewBox and no width and height. "
            "Save it again from a drawing program."
        )
    return box[2], box[3], " ".join(f"{part:g}" for part in box)


def _length(text: str | None) -> float:
    match = _LENGTH.fullmatch((text or "").strip())
    return float(match[1]) if match else 0


def _append_text(element: Any, text: str | None) -> None:
    """Add text after all that an element has."""
    if len(element):
        element[-1].tail = (element[-1].tail or "") + (text or "")
    else:
        element.text = (element.text or "") + (text or "")


def _local_name(element: Any) -> str:
    """Return the name of an element of SVG; "" for any other node."""
    if not isinstance(element.tag, str):
        return ""
    name = etree.QName(element)
    return name.localname if name.namespace == SVG else ""


class _Cleaner:
    def __init__(self) -> None:
        # A dictionary keeps the order in which they were met.
        self.removed: dict[str, None] = {}
        # The parts that a rule of a style sheet refers to, by its selector.
        self.rules: dict[str, set[str]] = {}

    def cleaned(self, root: Any) -> Any:
        clean = etree.Element(f"{{{SVG}}}svg", nsmap={None: SVG})
        self._fill(root, clean)
        return clean

    def _fill(self, element: Any, clean: Any) -> None:
        """Copy attributes, text and children that are allowed."""
        for name, value in element.attrib.items():
            self._attribute(name, value, clean)
        name = _local_name(clean)
        if name == "style":
            clean.text = self._style_sheet("".join(element.itertext()))
            return
        if name in _TEXTS:
            _append_text(clean, element.text)
        for child in element:
            self._copy(child, clean)
            if name in _TEXTS:
                _append_text(clean, child.tail)

    def _copy(self, element: Any, parent: Any) -> None:
        name = _local_name(element)
        if name == "a":
            # What a link encloses is drawn, and leads nowhere.
            self._leave_out("a link")
            name = "tspan" if _local_name(parent) in _TEXTS else "g"
        elif name not in _ELEMENTS:
            if name and name not in _UNSEEN:
                self._leave_out(name)
            return
        clean = etree.SubElement(parent, f"{{{SVG}}}{name}")
        self._fill(element, clean)

    def _attribute(self, name: str, value: str, clean: Any) -> None:
        value = value.strip()
        if name in _HREF:
            # Of a link, it was told already.
            if _local_name(clean) in ("use", "linearGradient", "radialGradient"):
                if value[:1] == "#" and _NAME.fullmatch(value[1:]):
                    clean.set("href", value)
                else:
                    self._leave_out("a reference to another file")
        elif name == "id":
            if _NAME.fullmatch(value):
                clean.set("id", value)
        elif name == "class":
            if _NAMES.fullmatch(value):
                clean.set("class", value)
        elif name == "style":
            if style := self._declarations(value):
                clean.set("style", style)
        elif name == "{http://www.w3.org/XML/1998/namespace}space":
            if value in ("default", "preserve"):
                clean.set(name, value)
        elif name in _ATTRIBUTES:
            if self._is_safe(value):
                clean.set(name, value)
        elif name.lower().startswith("on"):
            self._leave_out(name)

    def _style_sheet(self, text: str) -> str:
        text = _COMMENT.sub(" ", text)
        kept = []
        at = _end_of_space(text, 0)
        while match := _RULE.match(text, at) or _AT_RULE.match(text, at):
            at = _end_of_space(text, match.end())
            if match.re is _AT_RULE:
                self._leave_out(match[0].split("{")[0].split()[0])
                continue
            selectors = [part.strip() for part in match[1].split(",")]
            if not all(_SIMPLE_SELECTOR.fullmatch(part) for part in selectors):
                self._leave_out("a rule of its style sheet")
                continue
            if declarations := self._declarations(match[2]):
                kept.append(f"{','.join(selectors)}{{{declarations}}}")
                for selector in selectors:
                    self.rules.setdefault(selector, set()).update(_references(declarations))
        if at < len(text):
            self._leave_out("a rule of its style sheet")
        return "".join(kept)

    def _declarations(self, text: str) -> str:
        kept = []
        for declaration in text.split(";"):
            name, _, value = (part.strip() for part in declaration.partition(":"))
            # Those of drawing programs, such as -inkscape-font-specification, are only not needed.
            if name.lower() in _PRESENTATION and self._is_safe(value):
                kept.append(f"{name.lower()}:{value}")
        return ";".join(kept)

    def _is_safe(self, value: str) -> bool:
        """Return whether a value loads nothing and calls only what computes colours and places."""
        rest = _OWN_REFERENCE.sub("", value)
        *called, _ = rest.split("(")
        is_safe = not _NEVER_IN_VALUES.search(rest) and _FUNCTIONS.issuperset(
            _NO_NAME.split(part.rstrip())[-1] for part in called
        )
        if not is_safe:
            self._leave_out(
                "a reference to another file" if "url" in rest.lower() else "a value of its styles"
            )
        return is_safe

    def _leave_out(self, what: str) -> None:
        if len(self.removed) < MOST_REMOVED:
            self.removed[what[:LONGEST_NAME]] = None


def _end_of_space(text: str, at: int) -> int:
    match = _SPACE.match(text, at)
    return match.end() if match else at


def _references(text: str) -> Iterator[str]:
    return (match[2] for match in _OWN_REFERENCE.finditer(text))


def _refuse_too_much(root: Any, rules: dict[str, set[str]]) -> None:
    """Count what is drawn, each repeated part as often as it is drawn. Raises SvgError."""
    by_id: dict[str, Any] = {}
    for element in root.iter():
        if name := element.get("id"):
            by_id.setdefault(name, element)
    counted: dict[Any, int] = {}
    being_counted: set[Any] = set()

    def count(element: Any) -> int:
        if element in counted:
            return counted[element]
        if element in being_counted:
            raise SvgError("This SVG repeats a part inside itself. Choose another, or a PNG.")
        being_counted.add(element)
        number = 1 + sum(count(child) for child in element)
        number += sum(count(by_id[name]) for name in _parts_of(element, rules) if name in by_id)
        if number > MOST_DRAWN:
            raise SvgError(_TOO_MUCH)
        being_counted.remove(element)
        counted[element] = number
        return number

    try:
        count(root)
    except RecursionError:
        raise SvgError(_TOO_MUCH) from None


def _parts_of(element: Any, rules: dict[str, set[str]]) -> set[str]:
    """Return the ids of the parts that are drawn for an element, by its attributes or styles."""
    parts = {name for value in element.attrib.values() for name in _references(value)}
    parts.add(element.get("href", "")[1:])
    selectors = ["*", _local_name(element), f"#{element.get('id', '')}"]
    selectors += [f".{name}" for name in element.get("class", "").split()]
    return parts.union(*(rules.get(selector, ()) for selector in selectors))
