"""Makes good PDF files, and a pen to draw on their pages: a hazard, or what only looks like one."""

import io
import json
import random
import re
from collections.abc import Callable
from functools import cache
from typing import Any, NamedTuple
from xml.sax.saxutils import escape

import typst
from pikepdf import Array, Dictionary, Name, Object, Pdf, Stream

TITLE = "Learning from Elm House"
BIRDS = ["lapwing", "heron", "kestrel", "wagtail", "bittern", "curlew", "dunnock", "avocet"]
NUMBERS = ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"]
# What no reader of the published file may find. Nobody is called so.
SECRET = "Tamsin Sampleperson of Made Up Lane"
WORDS = """the child was seen by a social worker who heard what school knew and family wanted while
practice in each agency changed after learning from many earlier reviews of neglect"""
WIDTH, HEIGHT = 595.28, 841.89

START = """
#set document(title: "Learning from Elm House", date: none)
#set text(lang: "en", region: "GB", font: "Libertinus Serif")
#set page(paper: "a4", margin: 72pt)
"""

CLEAN = """
#let pages = json(bytes(sys.inputs.pages))
#for (heading, said) in pages [
  #if heading != pages.first().first() { pagebreak() }
  = #heading
  #said

  The partnership asked what helped the family, what did not, and what will change. Every word here
  is made up.
  #if heading == pages.first().first() [
    Read #link("https://www.example.org/guidance")[the guidance] or
    #link((page: pages.len(), x: 0pt, y: 0pt))[turn to the last page].
  ]
]
"""

XMP = """<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/">
<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description rdf:about=""
 xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:xmp="http://ns.adobe.com/xap/1.0/"
 xmlns:pdf="http://ns.adobe.com/pdf/1.3/" xmlns:pdfx="http://ns.adobe.com/pdfx/1.3/"
 xmlns:pdfuaid="http://www.aiim.org/pdfua/ns/id/">
<dc:format>application/pdf</dc:format>
{properties}
</rdf:Description></rdf:RDF></x:xmpmeta>
<?xpacket end="w"?>"""


@cache
def _compiler() -> typst.Compiler:
    return typst.Compiler(ignore_system_fonts=True)


def saved(pdf: Pdf, **options: Any) -> bytes:
    out = io.BytesIO()
    options.setdefault("deterministic_id", True)
    pdf.save(out, **options)
    return out.getvalue()


def edited(data: bytes, edit: Callable[[Pdf], object], **options: Any) -> bytes:
    with Pdf.open(io.BytesIO(data)) as pdf:
        edit(pdf)
        return saved(pdf, **options)


def describe(pdf: Pdf, *properties: str, title: str = TITLE) -> None:
    """Write the XMP packet afresh, with a title (or none) and these properties."""
    said = list(properties)
    if title:
        said.append(
            '<dc:title><rdf:Alt><rdf:li xml:lang="x-default">'
            f"{escape(title)}</rdf:li></rdf:Alt></dc:title>"
        )
    packet = XMP.format(properties="\n".join(said)).encode()
    pdf.Root.Metadata = Stream(pdf, packet, Type=Name.Metadata, Subtype=Name.XML)


def strip_names(pdf: Pdf, title: str = TITLE) -> None:
    """Leave nothing in the properties but a title."""
    for key in list(pdf.docinfo.keys()):
        del pdf.docinfo[key]
    pdf.docinfo.Title = title
    describe(pdf, title=title)


def typeset(source: str, **inputs: str) -> bytes:
    """Set a text in Typst, tagged and checked by it as PDF/UA; then strip the program's name."""
    made = _compiler().compile(
        input=(START + source).encode(),
        sys_inputs=inputs,
        pdf_standards=["ua-1"],
    )
    return edited(made, strip_names)


def _pages_saying(*pages: tuple[str, str]) -> bytes:
    return typeset(CLEAN, pages=json.dumps(pages))


@cache
def clean_pdf(pages: int = 3) -> bytes:
    """A file as it should be: "Page two speaks of a heron.", and nothing behind the words."""
    numbers = [*NUMBERS, *map(str, range(len(NUMBERS) + 1, pages + 1))][:pages]
    birds = (BIRDS * pages)[:pages]
    return _pages_saying(
        *(
            (f"Part {number}", f"Page {number} speaks of a {bird}.")
            for number, bird in zip(numbers, birds, strict=True)
        )
    )


@cache
def pdf_saying(*pages: str) -> bytes:
    """A clean file with one page for every string."""
    return _pages_saying(*((f"Part {n}", said) for n, said in enumerate(pages, start=1)))


@cache
def text_pdf(pages: int, words_per_page: int = 400) -> bytes:
    """Many pages of ordinary text with a header and page numbers, always the same."""
    luck = random.Random(f"{pages} {words_per_page}")
    words = WORDS.split()
    said = [
        (f"Part {n}", " ".join(luck.choices(words, k=words_per_page)).capitalize() + ".")
        for n in range(1, pages + 1)
    ]
    source = f'#set page(header: [{TITLE}], numbering: "1")\n#set text(size: 10pt)\n' + CLEAN
    return typeset(source, pages=json.dumps(said))


def flip_a_byte(data: bytes) -> bytes:
    """Change one byte in the comment on the second line: another file that reads the same."""
    comment = re.match(rb"%PDF-\d\.\d\s+%([\x80-\xff])", data)
    assert comment, "no comment of four high bytes after the header"
    changed = bytearray(data)
    changed[comment.start(1)] ^= 1
    return bytes(changed)


# --- drawing ---


class _Letters(NamedTuple):
    home: Pdf  # must live as long as the font
    font: Object
    codes: dict[str, int]
    widths: dict[int, float]


@cache
def _letters() -> _Letters:
    """An embedded font with all of ASCII, taken from a page set by Typst."""
    letters = "".join(map(chr, range(33, 127))) + "’“”–ëé"
    source = "#for c in sys.inputs.letters.clusters() [#box(c) ]"
    home = Pdf.open(io.BytesIO(typeset(source, letters=letters)))
    font = home.pages[0].Resources.Font["/f0"]
    pairs = re.findall(rb"<([0-9A-F]{4})> <([0-9A-F]{4})>\n", font.ToUnicode.read_bytes())
    codes = {chr(int(letter, 16)): int(code, 16) for code, letter in pairs}
    runs = [float(number) for number in font.DescendantFonts[0].W]  # from, to, width
    widths = {
        code: width
        for first, last, width in zip(runs[::3], runs[1::3], runs[2::3], strict=True)
        for code in range(int(first), int(last) + 1)
    }
    return _Letters(home, font, codes, widths)


def glyphs(text: str) -> str:
    codes = _letters().codes
    return "<" + "".join(f"{codes[letter]:04X}" for letter in text) + ">"


def width(text: str, size: float = 12) -> float:
    codes, widths = _letters().codes, _letters().widths
    return sum(widths[codes[letter]] for letter in text) * size / 1000


def line(text: str, x: float = 72, y: float = 300, size: float = 12, how: str = "0 g") -> str:
    """The operators that write a line of text; `how` sets its colour or mode."""
    return f"q {how} BT /Say {size} Tf {x} {y} Td {glyphs(text)} Tj ET Q"


def box(x: float, y: float, w: float, h: float, how: str = "0 g") -> str:
    return f"q {how} {x:.2f} {y:.2f} {w:.2f} {h:.2f} re f Q"


class Canvas:
    """A page of an open file, to be drawn on in points from its lower left corner."""

    def __init__(self, pdf: Pdf, number: int = 2) -> None:
        self.pdf = pdf
        self.page = pdf.pages[number - 1]
        self.page.obj.Resources = Dictionary(self.page.Resources)
        self.font = pdf.copy_foreign(_letters().font)
        self.resource("Font", "Say", self.font)

    def resource(self, kind: str, name: str, thing: Object) -> str:
        """Put something under a name that drawing operators may use."""
        resources = self.page.Resources
        resources[f"/{kind}"] = Dictionary(resources.get(f"/{kind}", Dictionary()))
        resources[f"/{kind}"][f"/{name}"] = thing
        return f"/{name}"

    def artifact(self, content: str) -> None:
        """Draw what a screen reader passes over."""
        self.page.contents_add(f"/Artifact BMC\n{content}\nEMC\n".encode())

    def tagged(self, content: str, kind: str = "P", **keys: Any) -> None:
        """Draw what belongs to the text, as a new element at the end of the structure tree."""
        tree = self.pdf.Root.StructTreeRoot
        element = self.pdf.make_indirect(
            Dictionary(
                Type=Name.StructElem, S=Name(f"/{kind}"), P=tree.K[0], Pg=self.page.obj, **keys
            )
        )
        elements = self._elements_of_page(tree)
        element.K = number = len(elements)
        elements.append(element)
        tree.K[0].K.append(element)
        self.page.contents_add(f"/{kind} <</MCID {number}>> BDC\n{content}\nEMC\n".encode())

    def _elements_of_page(self, tree: Object) -> Object:
        numbers = list(tree.ParentTree.Nums)
        return numbers[numbers.index(self.page.obj.StructParents) + 1]

    def say(self, text: str, x: float = 72, y: float = 300, **how: Any) -> None:
        self.tagged(line(text, x, y, **how))

    def form(self, content: str, **keys: Any) -> str:
        """Return the name of a form: a drawing in the drawing, here with the font as well."""
        made = Stream(
            self.pdf,
            content.encode(),
            Type=Name.XObject,
            Subtype=Name.Form,
            BBox=Array([0, 0, 600, 850]),
            Resources=Dictionary(Font=Dictionary(Say=self.font)),
            **keys,
        )
        return self.resource("XObject", f"Fm{len(self.page.Resources.get('/XObject', {}))}", made)

    def picture(self, jpeg: bytes, size: tuple[int, int], **keys: Any) -> str:
        """Return the name of a picture, to be drawn into a square of one point."""
        made = Stream(
            self.pdf,
            b"",
            Type=Name.XObject,
            Subtype=Name.Image,
            Width=size[0],
            Height=size[1],
            ColorSpace=Name.DeviceRGB,
            BitsPerComponent=8,
            **keys,
        )
        made.write(jpeg, filter=Name.DCTDecode)
        return self.resource("XObject", "Photo", made)

    def annotate(self, subtype: str, rect: list[float], **keys: Any) -> Object:
        made = self.pdf.make_indirect(
            Dictionary(Type=Name.Annot, Subtype=Name(f"/{subtype}"), Rect=Array(rect), F=4, **keys)
        )
        self.page.obj.Annots = Array([*self.page.obj.get("/Annots", []), made])
        return made

    def appearance(self, content: str, w: float, h: float) -> Dictionary:
        drawn = Stream(
            self.pdf,
            content.encode(),
            Type=Name.XObject,
            Subtype=Name.Form,
            BBox=Array([0, 0, w, h]),
            Resources=Dictionary(Font=Dictionary(Say=self.font)),
        )
        return Dictionary(N=drawn)


def shift(c: Canvas, x: float, y: float) -> None:
    """Move everything drawn so far."""
    c.page.contents_add(f"q 1 0 0 1 {x} {y} cm\n".encode(), prepend=True)
    c.page.contents_add(b"\nQ")


def drawn(draw: Callable[[Canvas], object], page: int = 2, **options: Any) -> bytes:
    """The clean file of three pages, with something drawn on one of them."""
    return edited(clean_pdf(), lambda pdf: draw(Canvas(pdf, page)), **options)
