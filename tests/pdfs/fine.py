"""Files with nothing to hide that look, to a hasty program, as if they had."""

import shutil
import subprocess
import tempfile
from collections.abc import Callable
from functools import cache
from pathlib import Path

from pikepdf import Array, Dictionary, Name, Pdf, Stream

from tests.pdfs import pictures
from tests.pdfs.builder import (
    HEIGHT,
    WIDTH,
    Canvas,
    box,
    clean_pdf,
    drawn,
    edited,
    glyphs,
    line,
    shift,
    strip_names,
    text_pdf,
    typeset,
    width,
)
from tests.pdfs.hard_to_read import scanned
from tests.pdfs.hazards import named
from tests.pdfs.hidden_text import in_layer, layer
from tests.pdfs.left_behind import field, link

FINE: list[tuple[str, Callable[[], bytes]]] = []
WORDS = "Everybody may read these words."


def made(make: Callable[[], bytes]) -> None:
    FINE.append((named(make), cache(make)))


def on_page(draw: Callable[[Canvas], object]) -> None:
    FINE.append((named(draw), cache(lambda: drawn(draw))))


# --- whole files ---


@made
def clean_file() -> bytes:
    return clean_pdf()


@made
def clean_file_made_linear() -> bytes:
    return edited(clean_pdf(), lambda pdf: None, linearize=True)


@made
def ordinary_text_with_headers() -> bytes:
    return text_pdf(3)


@made
def superscripts_and_small_footnotes() -> bytes:
    return typeset("""
        #show footnote.entry: set text(size: 6pt)
        = Numbers
        In 2025#super[1] the 2#super[nd] review, H#sub[2]O and E = mc#super[2] were seen.
        #footnote[Made up, and set in six points, as in many a council's report.]
        Read the note below#footnote[#link("https://www.example.org/")[The guidance].].
    """)


@made
def justified_text_in_two_columns() -> bytes:
    return typeset("""
        #set page(columns: 2)
        #set par(justify: true)
        = Columns
        #for n in range(14) [
          Practitioners should understand neighbourhood responsibilities, notwithstanding
          extraordinary organisational circumstances. The family remained uncomfortable with
          interdisciplinary communication and misunderstandings.

        ]
    """)


@made
def small_capitals_and_letter_spacing() -> bytes:
    return typeset("""
        = #smallcaps[The Review of Elm House]
        The #smallcaps[nspcc] and the #text(size: 0.75em)[NHS] and
        #text(tracking: 4pt)[letters set far apart], #upper[large] and #emph[sloping].
    """)


@made
def text_turned_in_many_ways() -> bytes:
    return typeset("""
        = Turned
        #rotate(-90deg, reflow: true)[Up the side of a chart]
        #rotate(45deg, reflow: true)[Along the edge] #rotate(180deg)[Upside down]
        #skew(ax: -12deg)[Leaning]
    """)


@made
def tables_and_panels() -> bytes:
    return typeset("""
        = Tables
        #set table(fill: (x, y) => if y == 0 { navy } else if calc.odd(y) { luma(235) })
        #show table.cell.where(y: 0): set text(fill: white)
        #table(columns: 3, table.header[Agency][Met][Learned], ..range(12).map(n => [Cell #n]))
        #block(fill: rgb("#fff3c4"), inset: 8pt, radius: 4pt)[A warm panel: what worked well.]
        #block(fill: rgb("#0b3d2e"), inset: 8pt)[#text(fill: white)[A dark one: what did not.]]
        #highlight[Marked by the author] and #underline[underlined] and #strike[struck out].
    """)


@made
def page_left_blank() -> bytes:
    return typeset("= Part one\nSaid.\n#pagebreak()\n#pagebreak()\n= Part two\nSaid as well.")


@made
def pages_turned_each_way() -> bytes:
    def turn(pdf: Pdf) -> None:
        for page, angle in zip(pdf.pages, (90, 180, 270), strict=True):
            page.Rotate = angle

    return edited(clean_pdf(), turn)


@made
def opened_at_the_first_page() -> bytes:
    def go(pdf: Pdf) -> None:
        pdf.Root.OpenAction = Array([pdf.pages[0].obj, Name.Fit])
        pdf.Root.PageMode = Name.UseOutlines

    return edited(clean_pdf(), go)


# --- colours ---


@on_page
def text_on_coloured_panels(c: Canvas) -> None:
    for y, panel in ((300, "1 0.95 0.77 rg"), (340, "0.8 g"), (380, "0 0.1 0.2 0 k")):
        c.artifact(box(60, y - 10, 300, 30, panel))
        c.say(WORDS, y=y)


@on_page
def grey_text_on_white(c: Canvas) -> None:
    c.say(WORDS, y=300, how="0.4627 g")
    c.say(WORDS, y=330, how="0.6 0.6 0.6 rg")


@on_page
def white_text_on_a_dark_panel(c: Canvas) -> None:
    c.artifact(box(60, 290, 300, 30, "0.1 0.1 0.3 rg"))
    c.say(WORDS, how="1 g")


@on_page
def white_text_on_a_dark_panel_in_one_form(c: Canvas) -> None:
    c.tagged(f"q {c.form(box(60, 290, 300, 30) + line(WORDS, how='1 g'))} Do Q")


def _photo(c: Canvas, dark: bool) -> None:
    name = c.picture(pictures.plain_photo(dark), (240, 160))
    c.tagged(f"q 240 0 0 160 72 240 cm {name} Do Q", "Figure", Alt="A path through a wood")


@on_page
def white_text_on_a_dark_photo(c: Canvas) -> None:
    _photo(c, dark=True)
    c.say(WORDS, x=80, how="1 g")


@on_page
def black_text_on_a_photo(c: Canvas) -> None:
    _photo(c, dark=False)
    c.say(WORDS, x=80)


@on_page
def text_filled_with_a_gradient(c: Canvas) -> None:
    blend = Dictionary(FunctionType=2, Domain=[0, 1], C0=[0.7, 0, 0], C1=[0, 0, 0.6], N=1)
    shading = Dictionary(
        ShadingType=2,
        ColorSpace=Name.DeviceRGB,
        Coords=[72, 0, 400, 0],
        Function=blend,
        Extend=[True, True],
    )
    name = c.resource(
        "Pattern", "Blend", c.pdf.make_indirect(Dictionary(PatternType=2, Shading=shading))
    )
    c.say(WORDS, size=20, how=f"/Pattern cs {name} scn")


# --- shapes over text that hide nothing ---


def _gs(c: Canvas, **keys: object) -> str:
    return c.resource("ExtGState", "Marker", Dictionary(Type=Name.ExtGState, **keys)) + " gs"


@on_page
def transparent_marker_over_text(c: Canvas) -> None:
    c.say(WORDS)
    c.artifact(box(70, 296, 200, 16, _gs(c, ca=0.4) + " 1 1 0 rg"))


@on_page
def marker_that_multiplies_over_text(c: Canvas) -> None:
    c.say(WORDS)
    c.artifact(box(70, 296, 200, 16, _gs(c, BM=Name.Multiply) + " 1 1 0 rg"))


@on_page
def transparent_underline(c: Canvas) -> None:
    c.say(WORDS)
    c.artifact(box(70, 297, 200, 3, _gs(c, ca=0.4, BM=Name.Multiply) + " 1 0 0 rg"))


@on_page
def shape_meant_for_behind_and_transparent(c: Canvas) -> None:
    c.say(WORDS)
    c.artifact(box(40, 200, 400, 200, _gs(c, ca=0.15) + " 0 0.3 0.8 rg"))


@on_page
def shape_with_no_colour_at_all(c: Canvas) -> None:
    c.say(WORDS)
    c.artifact(box(40, 200, 400, 200, _gs(c, ca=0) + " 1 g"))


@on_page
def frame_round_text(c: Canvas) -> None:
    c.say(WORDS)
    c.artifact("q 0 G 1 w 60 290 300 30 re S 60 200 300 200 re n Q")


@on_page
def box_clipped_to_beside_the_text(c: Canvas) -> None:
    c.say(WORDS)
    c.artifact(f"q 400 290 60 30 re W n {box(60, 290, 400, 30)} Q")


@on_page
def picture_with_a_clear_ground_over_text(c: Canvas) -> None:
    """A badge laid over the page: opaque in one corner, clear where the words are."""
    c.say(WORDS)
    name = c.picture(pictures.flat("#884422"), (16, 16))
    clear = bytes(255 if n % 16 > 11 and n < 64 else 0 for n in range(256))
    c.page.Resources.XObject[name].SMask = Stream(
        c.pdf,
        clear,
        Type=Name.XObject,
        Subtype=Name.Image,
        Width=16,
        Height=16,
        ColorSpace=Name.DeviceGray,
        BitsPerComponent=8,
    )
    c.artifact(f"q 400 0 0 200 60 200 cm {name} Do Q")


@on_page
def redaction_done_properly(c: Canvas) -> None:
    """A black bar with nothing below it: the name was taken out first."""
    gap = 120
    c.say("The boy, ")
    c.artifact(box(72 + width("The boy, "), 296, gap, 16))
    c.say(", was seen at home.", x=72 + width("The boy, ") + gap)


@on_page
def spaces_below_a_box(c: Canvas) -> None:
    """Programs leave spaces everywhere; nobody reads them."""
    c.say("          ")
    c.artifact(box(60, 290, 300, 30))
    c.say("     ", y=400, how="3 Tr")
    c.say("     ", y=440, how="1 g")
    c.say("     ", y=-40)
    c.say("     ", y=460, size=1)


# --- ways of drawing letters ---


@on_page
def text_in_fake_bold(c: Canvas) -> None:
    c.tagged(line(WORDS) + line(WORDS, x=72.3) + line(WORDS, y=340, how="0 G 0.4 w 2 Tr 0 g"))


@on_page
def text_with_a_shadow(c: Canvas) -> None:
    c.artifact(line(WORDS, 73, 299, how="0.7 g", size=20))
    c.say(WORDS, size=20)


@on_page
def text_in_outlines_only(c: Canvas) -> None:
    c.say(WORDS, size=24, how="0 G 0.5 w 1 Tr")


@on_page
def text_that_clips_and_is_filled(c: Canvas) -> None:
    c.say(WORDS, size=24, how="0.2 g 4 Tr")


@on_page
def text_that_frames_a_picture(c: Canvas) -> None:
    """Letters cut out of a photo: they only clip, and the photo fills them."""
    photo = c.picture(pictures.plain_photo(dark=True), (240, 160))
    letters = f"BT /Say 40 Tf 7 Tr 72 300 Td {glyphs('Elm House')} Tj ET"
    c.tagged(f"q {letters} q 300 0 0 100 60 270 cm {photo} Do Q Q")


@on_page
def large_matrix_and_small_font(c: Canvas) -> None:
    c.tagged(f"q 0 g BT /Say 1 Tf 12 0 0 12 72 300 Tm {glyphs(WORDS)} Tj ET Q")
    c.tagged(f"q 0.06 0 0 0.06 72 340 cm 0 g BT /Say 200 Tf {glyphs(WORDS)} Tj ET Q")


STROKES = {
    "E": "500 0 m 0 0 l 0 700 l 500 700 l 0 350 m 400 350 l",
    "F": "0 0 m 0 700 l 500 700 l 0 350 m 400 350 l",
    "H": "0 0 m 0 700 l 500 0 m 500 700 l 0 350 m 500 350 l",
    "I": "250 0 m 250 700 l",
    "L": "0 700 m 0 0 l 500 0 l",
    "T": "250 0 m 250 700 l 0 700 m 500 700 l",
}


@on_page
def letters_drawn_stroke_by_stroke(c: Canvas) -> None:
    """A font of type 3, as old typesetters and some drawing programs make."""
    letters = "".join(STROKES)
    first, last = ord(letters[0]), ord(letters[-1])
    shapes = {
        f"/{letter}": Stream(c.pdf, f"700 0 d0 60 w 1 J {path} S".encode())
        for letter, path in STROKES.items()
    }
    pairs = "\n".join(f"<{ord(x):02X}> <{ord(x):04X}>" for x in letters)
    cmap = f"begincmap 1 begincodespacerange <00> <FF> endcodespacerange\n{len(letters)}"
    cmap += f" beginbfchar\n{pairs}\nendbfchar endcmap"
    differences = [item for x in letters for item in (ord(x), Name(f"/{x}"))]
    font = Dictionary(
        Type=Name.Font,
        Subtype=Name.Type3,
        FontBBox=[0, 0, 700, 700],
        FontMatrix=[0.001, 0, 0, 0.001, 0, 0],
        CharProcs=Dictionary(shapes),
        Encoding=Dictionary(Type=Name.Encoding, Differences=differences),
        FirstChar=first,
        LastChar=last,
        Widths=[700] * (last - first + 1),
        Resources=Dictionary(),
        ToUnicode=Stream(c.pdf, cmap.encode()),
    )
    name = c.resource("Font", "Strokes", c.pdf.make_indirect(font))
    c.tagged(f"q 0 g 0 G BT {name} 24 Tf 72 300 Td (THELITTLEHILL) Tj ET Q")


# --- layers, forms, links, crops ---


@on_page
def layer_that_is_on(c: Canvas) -> None:
    in_layer(c, layer(c, ON=["LAYER"]), line(WORDS))


@on_page
def all_layers_off_but_this(c: Canvas) -> None:
    in_layer(c, layer(c, BaseState=Name.OFF, ON=["LAYER"]), line(WORDS))


@on_page
def form_without_fields(c: Canvas) -> None:
    c.pdf.Root.AcroForm = Dictionary(Fields=Array([]))


@on_page
def form_to_be_filled_in(c: Canvas) -> None:
    field(c, "Tx", c.appearance("0 G 1 1 226 18 re S", 228, 20))


@on_page
def form_with_a_box_unticked(c: Canvas) -> None:
    look = c.appearance("0 G 2 2 16 16 re S", 20, 20)
    look.N = Dictionary(Yes=c.appearance("0 g 2 2 16 16 re f", 20, 20).N, Off=look.N)
    field(c, "Btn", look, V=Name.Off, AS=Name.Off, place=[72, 290, 92, 310])


@on_page
def form_with_an_empty_answer(c: Canvas) -> None:
    field(c, "Tx", c.appearance("0 G 1 1 226 18 re S", 228, 20), V="")


@on_page
def form_to_be_signed(c: Canvas) -> None:
    field(c, "Sig")


@on_page
def link_to_a_web_site(c: Canvas) -> None:
    link(c, Dictionary(S=Name.URI, URI="https://www.example.org/a?b=c#d"))


@on_page
def link_to_write_to_an_office(c: Canvas) -> None:
    link(c, Dictionary(S=Name.URI, URI="mailto:partnership@example.org"))


@on_page
def link_to_another_page(c: Canvas) -> None:
    there = Array([c.pdf.pages[2].obj, Name.XYZ, 0, 800, 0])
    link(c, Dictionary(S=Name.GoTo, D=there))


@on_page
def link_to_the_next_page(c: Canvas) -> None:
    link(c, Dictionary(S=Name.Named, N=Name.NextPage))


@on_page
def crop_with_all_text_inside(c: Canvas) -> None:
    c.page.CropBox = Array([40, 40, WIDTH - 40, HEIGHT - 40])


@on_page
def origin_far_from_the_corner(c: Canvas) -> None:
    shift(c, -700, 2000)
    c.page.MediaBox = Array([-700, 2000, WIDTH - 700, HEIGHT + 2000])


# --- scans with their text ---


def _scan_with_words(under: bool) -> bytes:
    """Text without ink over each word of a scan: what makes a scan searchable."""
    _, words = pictures.scan(*pictures.SCANNED)
    dot = WIDTH / 827  # the scan is so many dots wide

    def laid(word: pictures.Word) -> str:
        stretch = (word.right - word.left) * dot / width(word.text, 16) * 100
        x, y = word.left * dot, HEIGHT - word.baseline * dot
        return f"BT /Say 16 Tf 3 Tr {stretch:.1f} Tz {x:.2f} {y:.2f} Td {glyphs(word.text)} Tj ET"

    def lay(pdf: Pdf) -> None:
        c = Canvas(pdf)
        c.page.contents_coalesce()
        scan = c.page.Contents.read_bytes()
        pieces = map(laid, words)
        c.tagged("q " + "\n".join(pieces) + " Q")
        if under:
            c.page.contents_coalesce()
            layer = c.page.Contents.read_bytes().removeprefix(scan)
            c.page.Contents = Stream(pdf, layer + b"\n" + scan)

    return edited(scanned("2"), lay)


@made
def scan_with_its_text_above() -> bytes:
    return _scan_with_words(under=False)


@made
def scan_with_its_text_below() -> bytes:
    return _scan_with_words(under=True)


# --- a browser's pages ---

NAMES = ("chromium-headless-shell", "chromium", "chromium-browser")
CHROMIUM = next(filter(None, map(shutil.which, NAMES)), None)

# DejaVu has the ligature in "fills", and of such a one pdfium tells a box off the page.
PAGES = """<!doctype html><html lang="en-GB"><meta charset="utf-8">
<title>Learning from Elm House</title>
<style>
 @page { size: A4; margin: 2cm } h2 { break-before: page; text-shadow: 2px 2px 3px #999 }
 .card { box-shadow: 3px 3px 8px #0006; border-radius: 9px; padding: 1em; background: #fff }
 .dark { background: linear-gradient(90deg, #123, #345); color: #fff; opacity: .95 }
 .columns { columns: 3 } table { border-collapse: collapse } td, th { border: 1px solid #777 }
 tr:nth-child(even) { background: #eef } th { background: #0b3d2e; color: #fff }
 .grey { color: #767676 } body { font-family: "DejaVu Serif", serif }
 mark { mix-blend-mode: multiply }
</style>
<h1>Learning from Elm House 🏠</h1>
<p class=card>A card with a shadow, <mark>a mark</mark>, <u>a line</u>, and a
 <a href="https://www.example.org/">link</a>. 🧒👩🏽‍🏫 ✅</p>
<p class="card dark">White words on a dark card.</p><p class=grey>Grey words.</p>
<h2>Table</h2><table><tr><th>Agency<th>Met<th>Learned
 <tr><td>School<td>3<td>To ask again<tr><td>Health<td>2<td>To write it down</table>
<h2>Columns</h2><div class=columns><p>Words in columns run from one to the next, and so on until
 the end of the story, which comes<sup>1</sup> soon.<p>Another paragraph of plain made-up words
 that fills the second column and perhaps the third.</div>
<p style="transform: rotate(-8deg); width: 50%">Leaning a little.</p>
</html>"""


def pages_of_a_browser() -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        source, target = Path(folder, "page.html"), Path(folder, "page.pdf")
        source.write_text(PAGES, encoding="utf-8")
        command = (
            f"{CHROMIUM} --no-sandbox --headless --disable-gpu --disable-background-networking"
        )
        command += (
            f" --user-data-dir={folder}/profile --no-pdf-header-footer --print-to-pdf={target}"
        )
        subprocess.run(
            [*command.split(), source.as_uri()], check=True, capture_output=True, timeout=60
        )
        return edited(target.read_bytes(), strip_names)


if CHROMIUM:
    made(pages_of_a_browser)
