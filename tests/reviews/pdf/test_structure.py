"""What a file holds beside what its pages show: found wherever it stands, and gone when cleaned."""

import io
import re
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pikepdf
import pypdfium2
import pytest
from pikepdf import Array, Dictionary, Name, ObjectStreamMode, OutlineItem, Pdf, Stream, String
from PIL import Image

from reviews.pdf.cleaning import clean_file
from reviews.pdf.inside import Inside, look_inside
from reviews.pdf.opening import open_file
from reviews.pdf.properties import is_program_name, names_nobody
from reviews.pdf.report import Check
from reviews.pdf.second_reader import left_in
from tests.pdfs import SECRET, clean_pdf
from tests.pdfs.builder import Canvas, drawn, edited, line
from tests.pdfs.left_behind import appended, revised
from tests.pdfs.pictures import jpeg, photo

Draw = Callable[[Canvas], object]
NAME = "Jane Samplename"
PLAIN = {"object_stream_mode": ObjectStreamMode.disable}


def inside(data: bytes) -> Inside:
    return look_inside(open_file(data))


def details(data: bytes, check: Check) -> list[str]:
    return [detail for one in inside(data).found if one.check is check for detail in one.details]


def cleaned(data: bytes, folder: Path) -> bytes:
    source = folder / "file.pdf"
    source.write_bytes(data)
    clean_file(source, folder, "Learning from Elm House", "en-GB")
    return (folder / "cleaned.pdf").read_bytes()


def everything_in(data: bytes) -> bytes:
    """Return all of a file, unpacked, as a person with a text editor would see it."""
    with Pdf.open(io.BytesIO(data)) as pdf:
        parts = []
        for item in pdf.objects:
            if isinstance(item, Stream):
                image = item.get("/Subtype") == "/Image"
                parts += [item.stream_dict.unparse(resolved=True)]
                parts += [bytes(item.read_raw_bytes() if image else item.read_bytes())]
            elif isinstance(item, pikepdf.Object):
                parts += [item.unparse(resolved=True)]
    return b"\n".join(parts)


def text_of(data: bytes, page: int = 2) -> str:
    with pypdfium2.PdfDocument(data) as document:
        return " ".join(document[page - 1].get_textpage().get_text_range().split())


# The text of the file to which each case adds something.
BASE = " ".join(text_of(clean_pdf(), page) for page in (1, 2, 3))


def of(cases: dict[str, Any]) -> Any:
    return pytest.mark.parametrize("case", cases.values(), ids=cases)


def assert_found_and_cleaned(draw: Draw, check: Check, folder: Path, says: str = NAME) -> None:
    data = drawn(draw)
    found = details(data, check)
    assert any(says in detail for detail in found), found
    copy = cleaned(data, folder)
    assert NAME.encode() not in everything_in(copy)
    assert not inside(copy).found and not left_in(copy)


# --- data of programs -------------------------------------------------------------------------


def private() -> Dictionary:
    return Dictionary(InDesign=Dictionary(Private=Dictionary(Author=String(NAME))))


def element_of(c: Canvas) -> Any:
    return c.pdf.Root.StructTreeRoot.K[0].K[0]


PROGRAM_DATA: dict[str, Draw] = {
    "of the file": lambda c: c.pdf.Root.update({"/PieceInfo": private()}),
    "of a page": lambda c: c.page.obj.update({"/PieceInfo": private()}),
    "of a drawing": lambda c: _drawn_form(c, PieceInfo=private()),
    "of a tag": lambda c: element_of(c).update({"/PieceInfo": private()}),
    "of a font": lambda c: c.font.update({"/PieceInfo": private()}),
    "of a pattern": lambda c: _pattern(c, PieceInfo=private()),
    "within another dictionary": lambda c: c.page.obj.update(
        {"/Group": Dictionary(S=Name.Transparency, PieceInfo=private())}
    ),
}


def _drawn_form(c: Canvas, content: str = "0 0 1 1 re f", **keys: Any) -> Any:
    name = c.form(content, **keys)
    c.artifact(f"q {name} Do Q")
    return c.page.Resources.XObject[name]


def _pattern(c: Canvas, content: str = "0 0 9 9 re f", **keys: Any) -> Any:
    keys.setdefault("Resources", Dictionary())
    made = Stream(
        c.pdf,
        content.encode(),
        Type=Name.Pattern,
        PatternType=1,
        PaintType=1,
        TilingType=1,
        BBox=Array([0, 0, 20, 20]),
        XStep=20,
        YStep=20,
        **keys,
    )
    name = c.resource("Pattern", "P1", c.pdf.make_indirect(made))
    c.artifact(f"q /Pattern cs {name} scn 300 300 60 60 re f Q")
    return c.page.Resources.Pattern[name]


@of(PROGRAM_DATA)
def test_data_of_a_program_is_found_and_goes(case: Draw, tmp_path: Path) -> None:
    assert_found_and_cleaned(case, Check.PROGRAM_DATA, tmp_path, "kept by InDesign")


def test_a_program_on_every_page_is_one_detail_of_each() -> None:
    def draw(pdf: Pdf) -> None:
        for page in pdf.pages:
            page.obj.PieceInfo = private()

    found = inside(edited(clean_pdf(), draw)).found
    assert [(one.check, one.page) for one in found] == [
        (Check.PROGRAM_DATA, number) for number in (1, 2, 3)
    ]


# --- attached files ---------------------------------------------------------------------------


def attached(c: Canvas) -> Any:
    content = c.pdf.make_stream(NAME.encode(), Type=Name.EmbeddedFile)
    return Dictionary(
        Type=Name.Filespec,
        F=String(f"{NAME}.xml"),
        UF=String(f"{NAME}.xml"),
        EF=Dictionary(F=content),
    )


def _link(c: Canvas, **keys: Any) -> Any:
    return c.annotate("Link", [72, 290, 300, 320], Border=Array([0, 0, 0]), **keys)


ATTACHED: dict[str, Draw] = {
    "to the file": lambda c: c.pdf.Root.update({"/AF": Array([attached(c)])}),
    "to a page": lambda c: c.page.obj.update({"/AF": Array([attached(c)])}),
    "to a tag": lambda c: element_of(c).update({"/AF": Array([attached(c)])}),
    "to the tree of tags": lambda c: c.pdf.Root.StructTreeRoot.update(
        {"/AF": Array([c.pdf.make_indirect(attached(c))])}
    ),
    "to a drawing": lambda c: _drawn_form(c, AF=Array([attached(c)])),
    "to a link": lambda c: _link(
        c, AF=Array([attached(c)]), A=Dictionary(S=Name.URI, URI=String("https://example.org/"))
    ),
    "to a picture": lambda c: _photo(c, jpeg(photo()), AF=Array([attached(c)])),
    "to marked content": lambda c: c.resource(
        "Properties", "MC0", Dictionary(AF=Array([attached(c)]))
    ),
}


def _photo(c: Canvas, data: bytes, **keys: Any) -> None:
    name = c.picture(data, (240, 160), **keys)
    c.tagged(f"q 240 0 0 160 72 280 cm {name} Do Q", "Figure", Alt="A path through a wood")


@of(ATTACHED)
def test_an_attached_file_is_found_and_goes(case: Draw, tmp_path: Path) -> None:
    assert_found_and_cleaned(case, Check.ATTACHMENT, tmp_path)


def test_an_attached_file_is_told_once() -> None:
    def draw(c: Canvas) -> None:
        file = c.pdf.make_indirect(attached(c))
        c.pdf.Root.AF = Array([file])
        element_of(c).AF = Array([file])
        c.pdf.Root.Names = Dictionary(EmbeddedFiles=Dictionary(Names=Array(["one", file])))

    assert details(drawn(draw), Check.ATTACHMENT) == [f"{NAME}.xml"]


# --- parts that no page shows -----------------------------------------------------------------


def with_deleted_page(keep: Callable[[Pdf, Any], object]) -> Draw:
    """A page that says a name was deleted, and something still leads to it."""

    def draw(c: Canvas) -> None:
        pdf = c.pdf
        pdf.pages.append(pikepdf.Page(pdf.make_indirect(Dictionary(pdf.pages[0].obj))))
        last = Canvas(pdf, 4)
        last.page.obj.Contents = pdf.make_stream(line(NAME).encode())
        page = last.page.obj
        del page["/StructParents"]
        keep(pdf, page)
        del pdf.pages[3]

    return draw


def _bookmark(pdf: Pdf, page: Any) -> None:
    with pdf.open_outline() as outline:
        outline.root.append(OutlineItem("Appendix", 3, "Fit"))


def _place(pdf: Pdf, page: Any) -> None:
    names = Dictionary(Names=Array(["appendix", Array([page, Name.Fit])]))
    pdf.Root.Names = Dictionary(Dests=names)


def _template(pdf: Pdf, page: Any) -> None:
    page.Type = Name.Template
    pdf.Root.Names = Dictionary(Templates=Dictionary(Names=Array(["one", page])))


def _to_page(pdf: Pdf, page: Any) -> None:
    _link(Canvas(pdf, 2), Dest=Array([page, Name.Fit]))


UNUSED: dict[str, Draw] = {
    "deleted page of a bookmark": with_deleted_page(_bookmark),
    "deleted page of a named place": with_deleted_page(_place),
    "deleted page of a link": with_deleted_page(_to_page),
    "deleted page of a tag": with_deleted_page(
        lambda pdf, page: pdf.Root.StructTreeRoot.K[0].K[0].update({"/Pg": page})
    ),
    "deleted page of an article": with_deleted_page(
        lambda pdf, page: pdf.Root.update({"/Threads": Array([Dictionary(F=Dictionary(P=page))])})
    ),
    "page kept as a template": with_deleted_page(_template),
}


@of(UNUSED)
def test_a_page_that_is_none_is_quoted_and_goes(case: Draw, tmp_path: Path) -> None:
    assert_found_and_cleaned(case, Check.UNUSED_PART, tmp_path)


LOOSE: dict[str, bytes] = {
    "text": b"<</Length 38>>\nstream\nBT (Jane Samplename, Rose Lane) Tj ET  \nendstream",
    "in pieces": b"<</Length 37>>\nstream\nBT [(Jane ) 9 (Samplename, M.)] TJ ET  \nendstream",
    "a comment": b"<</Type/Annot/Subtype/Text/Contents(Ask Jane Samplename)/Rect[0 0 1 1]>>",
    "properties": b"<</Author(Jane Samplename)/Title(Notes)>>",
    "a bookmark": b"<</Title(Jane Samplename: chronology)>>",
    "a field": b"<</FT/Tx/T(name)/V(Jane Samplename)>>",
    "the page itself": b"<</Type/Page/Contents 1 0 R/Annots[<</Contents(Jane Samplename)>>]>>",
}


def with_loose(item: bytes, folder: Path) -> bytes:
    """Return the clean file with an object to which nothing refers, saved in one go."""
    base = edited(clean_pdf(), lambda pdf: None, **PLAIN)
    with Pdf.open(io.BytesIO(base)) as pdf:
        number = int(pdf.trailer.Size)
    source, target = folder / "updated.pdf", folder / "loose.pdf"
    source.write_bytes(appended(base, {number: item}))
    pikepdf.Job(["qpdf", "--preserve-unreferenced", str(source), str(target)]).run()
    return target.read_bytes()


@of(LOOSE)
def test_what_nothing_refers_to_is_found_and_goes(case: bytes, tmp_path: Path) -> None:
    data = with_loose(case, tmp_path)
    assert not details(data, Check.EARLIER_REVISION)
    found = details(data, Check.UNUSED_PART)
    assert len(found) == 1 and ("Samplename" in found[0] or "deleted page" in found[0])
    copy = cleaned(data, tmp_path)
    assert b"Samplename" not in everything_in(copy) and not inside(copy).found


def test_a_picture_that_nothing_refers_to_is_found(tmp_path: Path) -> None:
    picture = b"<</Subtype/Image/Width 1/Height 1/Length 1>>\nstream\nx\nendstream"
    assert details(with_loose(picture, tmp_path), Check.UNUSED_PART) == [
        "a part nothing refers to: “a picture”"
    ]


def test_what_an_update_left_is_told_with_the_earlier_version() -> None:
    data = appended(plain(), {900: LOOSE["a comment"]})
    assert not details(data, Check.UNUSED_PART)
    assert details(data, Check.EARLIER_REVISION) == [
        "1 earlier",
        "a part nothing refers to: “Ask Jane Samplename”",
    ]


# --- drawings that nothing draws --------------------------------------------------------------


def _named(c: Canvas) -> Any:
    return Stream(
        c.pdf,
        f"BT /F 12 Tf ({NAME}) Tj ET".encode(),
        Type=Name.XObject,
        Subtype=Name.Form,
        BBox=Array([0, 0, 99, 99]),
        Resources=Dictionary(),
    )


UNDRAWN: dict[str, Draw] = {
    "at hand of a page": lambda c: c.resource("XObject", "Old", _named(c)),
    "at hand of a drawing": lambda c: _drawn_form(c).Resources.update(
        {"/XObject": Dictionary(Old=_named(c))}
    ),
    "at hand of a pattern": lambda c: _pattern(
        c, Resources=Dictionary(XObject=Dictionary(Old=_named(c)))
    ),
    "at hand of a mark": lambda c: _link(
        c,
        A=Dictionary(S=Name.URI, URI=String("https://example.org/")),
        PieceInfo=Dictionary(Old=_named(c)),
    ),
    "a picture": lambda c: c.picture(jpeg(photo(), comment=NAME.encode()), (240, 160)),
    "named nearly like what is drawn": lambda c: (
        c.resource("XObject", "Old", _named(c)),
        c.resource("XObject", "Older", _empty(c)),
        c.artifact("q /Older Do Q"),
    ),
    "of another version": lambda c: c.page.obj.update({"/OldContents": _named(c)}),
}


def _empty(c: Canvas) -> Any:
    keys = {"Type": Name.XObject, "Subtype": Name.Form, "BBox": Array([0, 0, 9, 9])}
    return Stream(c.pdf, b"0 0 1 1 re f", **keys)


@of(UNDRAWN)
def test_a_drawing_that_nothing_draws_goes(case: Draw, tmp_path: Path) -> None:
    data = drawn(case)
    assert NAME.encode() in everything_in(data)
    assert NAME.encode() not in everything_in(cleaned(data, tmp_path))


# --- pictures ---------------------------------------------------------------------------------


def exif(maker: str = NAME) -> bytes:
    of_maker = Image.Exif()
    of_maker[0x013B] = maker
    return jpeg(photo(), exif=of_maker)


def xmp(*properties: str) -> bytes:
    said = "".join(properties)
    return (
        '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF '
        'xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description rdf:about="" '
        'xmlns:dc="http://purl.org/dc/elements/1.1/" '
        'xmlns:photoshop="http://ns.adobe.com/photoshop/1.0/" '
        'xmlns:tiff="http://ns.adobe.com/tiff/1.0/" '
        'xmlns:xmp="http://ns.adobe.com/xap/1.0/" '
        'xmlns:iptc="http://iptc.org/std/Iptc4xmpExt/2008-02-29/">'
        f"{said}</rdf:Description></rdf:RDF></x:xmpmeta>"
    ).encode()


def image(c: Canvas, data: bytes, **keys: Any) -> Any:
    made = Stream(c.pdf, b"", Type=Name.XObject, Subtype=Name.Image, Width=240, Height=160)
    made.update({"/ColorSpace": Name.DeviceRGB, "/BitsPerComponent": 8})
    made.update({f"/{name}": value for name, value in keys.items()})
    made.write(data, filter=Name.DCTDecode)
    return c.pdf.make_indirect(made)


def _in_pattern(c: Canvas) -> None:
    resources = Dictionary(XObject=Dictionary(Photo=image(c, exif())))
    _pattern(c, "q 20 0 0 20 0 0 cm /Photo Do Q", Resources=resources)


def _in_mark(c: Canvas) -> None:
    look = c.appearance("q 9 0 0 9 0 0 cm /Photo Do Q", 9, 9)
    look.N.Resources.XObject = Dictionary(Photo=image(c, exif()))
    c.annotate("Stamp", [400, 400, 409, 409], AP=look)


def _as_soft_mask(c: Canvas) -> None:
    grey = jpeg(photo().convert("L"), comment=NAME.encode())
    mask = image(c, grey)
    mask.ColorSpace = Name.DeviceGray
    _photo(c, jpeg(photo()), SMask=mask)


def _in_soft_mask_of_a_state(c: Canvas) -> None:
    group = c.form("q 9 0 0 9 0 0 cm /Photo Do Q", Group=Dictionary(S=Name.Transparency))
    drawing = c.page.Resources.XObject[group]
    drawing.Resources.XObject = Dictionary(Photo=image(c, exif()))
    mask = Dictionary(S=Name.Luminosity, G=drawing)
    name = c.resource("ExtGState", "Mask", Dictionary(SMask=mask))
    c.artifact(f"q {name} gs 0 0 1 1 re f Q")
    del c.page.Resources.XObject[group]


def _in_letter(c: Canvas) -> None:
    glyph = c.pdf.make_stream(b"9 0 0 0 9 9 d1 q 9 0 0 9 0 0 cm /Photo Do Q")
    font = Dictionary(
        Type=Name.Font,
        Subtype=Name.Type3,
        FontBBox=Array([0, 0, 9, 9]),
        FontMatrix=Array([0.1, 0, 0, 0.1, 0, 0]),
        CharProcs=Dictionary(a=glyph),
        Encoding=Dictionary(Type=Name.Encoding, Differences=Array([97, Name.a])),
        FirstChar=97,
        LastChar=97,
        Widths=Array([9]),
        Resources=Dictionary(XObject=Dictionary(Photo=image(c, exif()))),
    )
    c.resource("Font", "Drawn", c.pdf.make_indirect(font))


def _in_form_of_a_form(c: Canvas) -> None:
    inner = _named(c)
    inner.write(b"q 9 0 0 9 0 0 cm /Photo Do Q")
    inner.Resources = Dictionary(XObject=Dictionary(Photo=image(c, exif())))
    _drawn_form(c, "q /Inner Do Q").Resources.update({"/XObject": Dictionary(Inner=inner)})


PICTURES: dict[str, Draw] = {
    "drawn by a pattern": _in_pattern,
    "drawn by a mark": _in_mark,
    "a soft mask": _as_soft_mask,
    "in a soft mask of a state": _in_soft_mask_of_a_state,
    "in a letter": _in_letter,
    "in a form of a form": _in_form_of_a_form,
}


@of(PICTURES)
def test_data_of_a_picture_is_found_wherever_it_is_drawn(case: Draw, tmp_path: Path) -> None:
    data = drawn(case)
    assert any(NAME in detail for detail in details(data, Check.PICTURE_DATA))
    assert NAME.encode() not in everything_in(cleaned(data, tmp_path))


IPTC = b"Photoshop 3.0\x008BIM\x04\x04\x00\x00" + struct.pack(">I", 5 + len(NAME))


def with_segment(marker: int, content: bytes) -> bytes:
    plain = jpeg(photo())
    size = struct.pack(">H", len(content) + 2)
    return plain[:2] + bytes([0xFF, marker]) + size + content + plain[2:]


QUOTED = {
    "the comment": (jpeg(photo(), comment=f"{NAME}, 14 May".encode()), f"comment: {NAME}, 14 May"),
    "the maker in EXIF": (exif(), f"name of the maker: {NAME}"),
    "the maker in XMP": (
        jpeg(
            photo(), xmp=xmp(f"<dc:creator><rdf:Seq><rdf:li>{NAME}</rdf:li></rdf:Seq></dc:creator>")
        ),
        f"creator: {NAME}",
    ),
    "the credit": (
        jpeg(photo(), xmp=xmp(f"<photoshop:Credit>{NAME}</photoshop:Credit>")),
        f"Credit: {NAME}",
    ),
    "the person shown": (
        jpeg(photo(), xmp=xmp(f"<iptc:PersonInImage>{NAME}</iptc:PersonInImage>")),
        f"PersonInImage: {NAME}",
    ),
    "the place": (
        jpeg(photo(), xmp=xmp("<photoshop:City>Sampleton</photoshop:City>")),
        "City: Sampleton",
    ),
    "the maker in IPTC": (
        with_segment(0xED, IPTC + b"\x1c\x02\x50" + struct.pack(">H", len(NAME)) + NAME.encode()),
        f"maker: {NAME}",
    ),
    "the caption in IPTC": (
        with_segment(0xED, IPTC + b"\x1c\x02\x78" + struct.pack(">H", len(NAME)) + NAME.encode()),
        f"caption: {NAME}",
    ),
}


@of(QUOTED)
def test_data_of_a_picture_is_quoted(case: tuple[bytes, str]) -> None:
    data, says = case
    assert details(drawn(lambda c: _photo(c, data)), Check.PICTURE_DATA) == [says]


QUIET = {
    "a comment of a program": jpeg(photo(), comment=b"CREATOR: gd-jpeg v1.0 (using IJG JPEG v62)"),
    "another": jpeg(photo(), comment=b"File written by Adobe Photoshop 4.0"),
    "a short one": jpeg(photo(), comment=b"*"),
    "settings": jpeg(photo(), xmp=xmp("<tiff:Orientation>1</tiff:Orientation>")),
    "the program": jpeg(photo(), xmp=xmp("<xmp:CreatorTool>Adobe Photoshop</xmp:CreatorTool>")),
    "nobody": exif("(unspecified)"),
    "an office": exif("Crown copyright office"),
}


@of(QUIET)
def test_settings_of_a_program_in_a_picture_are_not_told(case: bytes) -> None:
    assert details(drawn(lambda c: _photo(c, case)), Check.PICTURE_DATA) == []


# --- other words than those to be seen --------------------------------------------------------


def replaced(said: str, seen: str = "Child M") -> Draw:
    text = (
        line(seen)
        .replace("q 0 g", f"q 0 g /Span <</ActualText {said}>> BDC")
        .replace(" ET Q", " ET EMC Q")
    )
    return lambda c: c.tagged(text)


def utf16(text: str) -> str:
    return f"<FEFF{text.encode('utf-16-be').hex()}>"


def _by_name(c: Canvas) -> None:
    c.resource("Properties", "MC7", Dictionary(ActualText=String(NAME)))
    c.tagged(line("Child M").replace("q 0 g", "q 0 g /Span /MC7 BDC").replace("ET Q", "ET EMC Q"))


def _in_drawing(c: Canvas) -> None:
    content = f"/Span <</ActualText ({NAME})>> BDC {line('Child M')} EMC"
    c.artifact(f"q {c.form(content)} Do Q")


OTHER_WORDS: dict[str, Draw] = {
    "as letters": replaced(f"({NAME})"),
    "as numbers": replaced(utf16(NAME)),
    "escaped": replaced("(Jane\\040\\123amplename)"),
    "by a name": _by_name,
    "in a drawing": _in_drawing,
    "beside what is there": replaced(f"(Child M is {NAME})"),
}


@of(OTHER_WORDS)
def test_other_words_than_are_seen_are_found_and_the_seen_are_read(
    case: Draw, tmp_path: Path
) -> None:
    data = drawn(case)
    assert any(NAME in detail for detail in details(data, Check.OTHER_WORDS))
    assert NAME not in text_of(inside(data).data) and "Child M" in text_of(inside(data).data)
    copy = cleaned(data, tmp_path)
    assert NAME not in text_of(copy) and "Child M" in text_of(copy)
    assert NAME.encode() not in everything_in(copy) and not inside(copy).found


SAME_WORDS: dict[str, Draw] = {
    "the same": replaced("(Child M)"),
    "a soft hyphen": replaced(utf16("\xad"), "Child-"),
    "a space": replaced("( )"),
    "without the break of a line": replaced("(Practitioner)", "Practi- tioner"),
    "in other letters": replaced("(CHILD M)"),
    "a ligature": replaced(utf16("ﬁnding"), "finding"),
    "part of it": replaced("(Child)"),
}


@of(SAME_WORDS)
def test_the_same_words_are_no_finding(case: Draw) -> None:
    data = drawn(case)
    assert not details(data, Check.OTHER_WORDS)
    assert inside(data).data == open_file(data).data


@pytest.mark.parametrize("tag", ["P", "Span", "H1", "TD", "LBody", "Quote"])
def test_other_words_of_a_tag_are_found_and_go(tag: str, tmp_path: Path) -> None:
    data = drawn(lambda c: c.tagged(line("Child M"), tag, ActualText=String(NAME)))
    [found] = inside(data).beside(BASE)
    assert (found.check, found.details) == (Check.OTHER_WORDS, [f"“{NAME}”"])
    assert not list(inside(data).beside(f"{BASE} {NAME}"))
    assert NAME.encode() not in everything_in(cleaned(data, tmp_path))


# --- words that stand on no page --------------------------------------------------------------


def _outline(c: Canvas) -> None:
    with c.pdf.open_outline() as outline:
        outline.root.append(OutlineItem(NAME, 0))


def _field(c: Canvas, **keys: Any) -> None:
    field = c.annotate("Widget", [72, 290, 300, 310], FT=Name.Ch, T=String("field1"), **keys)
    c.pdf.Root.AcroForm = Dictionary(Fields=Array([field]))


def _layer(c: Canvas) -> None:
    layer = c.pdf.make_indirect(Dictionary(Type=Name.OCG, Name=String(NAME)))
    c.pdf.Root.OCProperties = Dictionary(OCGs=Array([layer]), D=Dictionary(ON=Array([layer])))


BESIDE: dict[str, tuple[str, Draw]] = {
    "a bookmark": ("bookmark", _outline),
    "a description": (
        "description of a picture",
        lambda c: c.tagged("0 0 1 1 re f", "Figure", Alt=String(NAME)),
    ),
    "an abbreviation": (
        "words for an abbreviation",
        lambda c: c.tagged(line("J S"), "Span", E=String(NAME)),
    ),
    "a title": ("title of a tag", lambda c: c.tagged(line("Child M"), "P", T=String(NAME))),
    "words for a picture": (
        "words for a picture",
        lambda c: c.tagged("0 0 1 1 re f", "Figure", ActualText=String(NAME)),
    ),
    "a label of pages": (
        "label of a page",
        lambda c: c.pdf.Root.update(
            {"/PageLabels": Dictionary(Nums=Array([0, Dictionary(S=Name.D, P=String(NAME))]))}
        ),
    ),
    "help of a field": ("help of a field", lambda c: _field(c, TU=String(NAME))),
    "a choice": ("choice of a field", lambda c: _field(c, Opt=Array([String("A"), String(NAME)]))),
    "a first value": ("first value of a field", lambda c: _field(c, DV=String(NAME))),
    "a link": (
        "text of a link",
        lambda c: _link(c, Contents=String(NAME), Dest=Array([c.page.obj, Name.Fit])),
    ),
    "a layer": ("name of a layer", _layer),
    "a place": (
        "name of a place",
        lambda c: c.pdf.Root.update(
            {
                "/Names": Dictionary(
                    Dests=Dictionary(Names=Array([NAME, Array([c.page.obj, Name.Fit])]))
                )
            }
        ),
    ),
}


@of(BESIDE)
def test_words_beside_the_pages_are_told_unless_a_page_says_them(case: tuple[str, Draw]) -> None:
    what, draw = case
    looked = inside(drawn(draw))
    named = [
        detail
        for one in looked.beside(BASE)
        if one.check is Check.WORDS_ON_NO_PAGE
        for detail in one.details
    ]
    assert named == [f"{what}: “{NAME}”"]
    assert not list(looked.beside(f"{BASE} {NAME.upper()}"))


@pytest.mark.parametrize(
    "name", ["_Toc123456789", "Picture 3", "page.7", "section.1.2", "Page1", "_GoBack", "cite.4"]
)
def test_what_a_program_calls_things_is_not_told(name: str) -> None:
    def draw(c: Canvas) -> None:
        with c.pdf.open_outline() as outline:
            outline.root.append(OutlineItem(name, 0))

    assert not list(inside(drawn(draw)).beside(BASE))


# --- the end of the file ----------------------------------------------------------------------


def hybrid(data: bytes, *, more: bytes = b"") -> bytes:
    """End a file as Word does: a table, then an empty section that names a stream of places."""
    with Pdf.open(io.BytesIO(data)) as pdf:
        root, size = pdf.trailer.Root.objgen[0], int(pdf.trailer.Size)
    body = data[: int(re.findall(rb"startxref\s+(\d+)", data)[-1])] + more
    at = {int(m[1]): m.start(1) for m in re.finditer(rb"(?:^|\n)(\d+) 0 obj", body)}
    places = len(body)
    rows = b"".join(
        struct.pack(">BIB", bool(n), at.get(n, places) if n else 0, 0 if n else 255)
        for n in range(size + 1)
    )
    ends = b"/Size %d/Root %d 0 R" % (size + 1, root)
    stream = b"%d 0 obj\n<</Type/XRef/W[1 4 1]%b/Length %d>>\nstream\n%b\nendstream\nendobj\n" % (
        *(size, ends, len(rows)),
        rows,
    )
    table = places + len(stream)
    lines = b"".join(b"%010d 00000 n \n" % at.get(n, places) for n in range(1, size + 1))
    first = (
        body
        + stream
        + b"xref\n0 %d\n0000000000 65535 f \n%btrailer\n<<%b>>\nstartxref\n%d\n"
        % (
            *(size + 1, lines, ends),
            table,
        )
    )
    first += b"%%EOF\n"
    rest = b"xref\n0 0\ntrailer\n<<%b/Prev %d/XRefStm %d>>\nstartxref\n%d\n%%%%EOF\n" % (
        *(ends, table, places),
        len(first),
    )
    return first + rest


def plain(pages: int = 3) -> bytes:
    return edited(clean_pdf(pages), lambda pdf: None, **PLAIN)


ONE_VERSION = {
    "a page of Word": hybrid(plain(1)),
    "three pages of Word": hybrid(plain()),
    "places written again": appended(plain(), {}),
    "places written again as a stream": appended(
        edited(clean_pdf(), lambda pdf: None, object_stream_mode=ObjectStreamMode.generate),
        {},
        as_stream=True,
    ),
    "properties of the trailer written again": appended(hybrid(plain()), {}),
    "made linear": edited(clean_pdf(), lambda pdf: None, linearize=True),
}
SEVERAL = {
    "words replaced": revised(**PLAIN),
    "words replaced in the new form": revised(
        as_stream=True, object_stream_mode=ObjectStreamMode.generate
    ),
    "words replaced after Word": appended(hybrid(plain()), {900: b"(Jane)"}),
    "an object added": appended(plain(), {900: b"(Jane)"}),
    "linear and replaced": revised(linearize=True, **PLAIN),
    "twice replaced": appended(revised(**PLAIN), {900: b"(Jane)"}),
}


@of(ONE_VERSION)
def test_a_file_saved_in_one_go_has_no_earlier_version(case: bytes) -> None:
    assert not details(case, Check.EARLIER_REVISION)


@of(SEVERAL)
def test_an_earlier_version_is_found(case: bytes) -> None:
    assert details(case, Check.EARLIER_REVISION)


# --- names in the properties ------------------------------------------------------------------


@pytest.mark.parametrize(
    "value",
    [
        *("(anonymous)", "(unspecified)", "unknown", "Microsoft Office User", "User", "N/A", " - "),
        *("2024-01-31T10:00:00Z", "1.0", "{2C6A1B4F-0000-1111-2222-333344445555}", "true"),
        *(
            "Merton Safeguarding Children Partnership",
            "Ofsted",
            "HM Government",
            "NHS England Board",
        ),
        *("Department for Education", "Merton Council, Children's services"),
    ],
)
def test_a_property_that_names_nobody_is_not_told(value: str) -> None:
    assert names_nobody(value)


@pytest.mark.parametrize(
    "value",
    [
        *("Jane Samplename", "jsamplename", "coopersk", "J. Samplename", "Child M's mother"),
        *("Jane Samplename, Merton Council", "Partnership manager; J Samplename"),
    ],
)
def test_a_property_that_may_name_somebody_is_told(value: str) -> None:
    assert not names_nobody(value) and not is_program_name(value)
    data = edited(clean_pdf(), lambda pdf: pdf.docinfo.update({"/Author": String(value)}))
    assert details(data, Check.NAMES_IN_PROPERTIES) == [f"Author: {value}"]


@pytest.mark.parametrize(
    "value",
    [
        *("python-docx", "Acrobat Pro DC 20.1", "Adobe Acrobat 9.0", "Microsoft® Word 2016"),
        *("PScript5.dll Version 5.2.2", "Adobe InDesign CC 2017 (Macintosh)", "Apache POI"),
        *("LibreOffice 7.3", "Microsoft® Word for Microsoft 365", "iText 2.1.7 by 1T3XT"),
    ],
)
def test_the_name_of_a_program_is_no_name_of_a_person(value: str) -> None:
    data = edited(clean_pdf(), lambda pdf: pdf.docinfo.update({"/Author": String(value)}))
    assert not details(data, Check.NAMES_IN_PROPERTIES)


@pytest.mark.parametrize(
    "key", ["MSIP_Label_abc_Name", "ContentTypeId", "_dlc_DocIdItemGuid", "TaxKeyword"]
)
def test_labels_of_an_office_are_told_as_of_a_program(key: str) -> None:
    data = edited(clean_pdf(), lambda pdf: pdf.docinfo.update({f"/{key}": String("Anything")}))
    assert not details(data, Check.NAMES_IN_PROPERTIES)
    assert details(data, Check.PROGRAMS_IN_PROPERTIES) == [f"{key}: Anything"]


# --- what parts say of who made them ----------------------------------------------------------


def _layer_of(c: Canvas, *, usage: Any = None, **default: Any) -> None:
    more = {} if usage is None else {"Usage": Dictionary(usage)}
    layer = c.pdf.make_indirect(Dictionary(Type=Name.OCG, Name=String("Text"), **more))
    c.tagged(f"/OC {c.resource('Properties', 'L', layer)} BDC 0 0 1 1 re f EMC")
    settings = Dictionary(ON=Array([layer]), Order=Array([layer]), **default)
    c.pdf.Root.OCProperties = Dictionary(OCGs=Array([layer]), D=settings)


def _put_in_by_tex(c: Canvas, **properties: str) -> None:
    texts = {f"/{key}": String(value) for key, value in properties.items()}
    info = c.pdf.make_indirect(Dictionary(texts))
    drawing = _drawn_form(c)
    drawing["/PTEX.InfoDict"], drawing["/PTEX.PageNumber"] = info, 1


def _path_of_tex(c: Canvas) -> None:
    _drawn_form(c)["/PTEX.FileName"] = String(f"./{NAME}/chart.pdf")


def _made_by(program: str) -> Dictionary:
    return Dictionary(CreatorInfo=Dictionary(Creator=String(program), Subtype=Name.Artwork))


NAMES, PROGRAMS = Check.NAMES_IN_PROPERTIES, Check.PROGRAMS_IN_PROPERTIES
PARTS: dict[str, tuple[Check, str, Draw]] = {
    "a layer": (
        PROGRAMS,
        f"Creator of a layer: {NAME}",
        lambda c: _layer_of(c, usage=_made_by(NAME)),
    ),
    "whom a layer is for": (
        NAMES,
        f"User of a layer: {NAME}",
        lambda c: _layer_of(c, usage=Dictionary(User=Dictionary(Type=Name.Ind, Name=String(NAME)))),
    ),
    "several for whom a layer is": (
        NAMES,
        f"User of a layer: {NAME}",
        lambda c: _layer_of(
            c,
            usage=Dictionary(
                User=Dictionary(Type=Name.Ind, Name=Array([String("A. N. Other"), String(NAME)]))
            ),
        ),
    ),
    "the layers of the file": (
        PROGRAMS,
        f"Creator of the layers: {NAME}",
        lambda c: _layer_of(c, Creator=String(NAME)),
    ),
    "a drawing put in by TeX": (
        NAMES,
        f"Author of a drawing: {NAME}",
        lambda c: _put_in_by_tex(c, Author=NAME, Title=NAME),
    ),
    "keywords of such a drawing": (
        NAMES,
        f"Keywords of a drawing: {NAME}",
        lambda c: _put_in_by_tex(c, Keywords=NAME),
    ),
    "the path to such a drawing": (
        Check.PROGRAM_DATA,
        f"file put in: ./{NAME}/chart.pdf",
        _path_of_tex,
    ),
    "an article": (
        NAMES,
        f"Author of an article: {NAME}",
        lambda c: c.pdf.Root.update(
            {"/Threads": Array([Dictionary(I=Dictionary(Author=String(NAME)))])}
        ),
    ),
    "a layer of a program": (
        PROGRAMS,
        "Creator of a layer: Adobe InDesign",
        lambda c: _layer_of(c, usage=_made_by("Adobe InDesign")),
    ),
    "a drawing of a program": (
        PROGRAMS,
        "Producer of a drawing: cairo 1.16.0",
        lambda c: _put_in_by_tex(c, Producer="cairo 1.16.0"),
    ),
}


@of(PARTS)
def test_what_a_part_says_of_who_made_it_is_found_and_gone_when_cleaned(
    case: tuple[Check, str, Draw], tmp_path: Path
) -> None:
    check, says, draw = case
    data = drawn(draw)
    found = {one.check: one.details for one in inside(data).found}
    assert list(found) == [check] and says in found[check]
    copy = cleaned(data, tmp_path)
    left = everything_in(copy)
    for word in (NAME, "InDesign", "cairo", "PTEX", "/User"):
        assert word.encode() not in left
    assert not inside(copy).found and not left_in(copy)


STYLES = ["Author", "Creator", "Producer", "Subject", "Template", "PieceInfo", "Thumb", "User"]


@pytest.mark.parametrize("style", STYLES)
def test_a_style_may_have_any_name(style: str, tmp_path: Path) -> None:
    """Tags of an author's line are called after it, and stand for a paragraph."""

    def draw(c: Canvas) -> None:
        c.tagged(line("By Elm House", 72, 300), style)
        c.pdf.Root.StructTreeRoot.RoleMap = Dictionary({f"/{style}": Name.P})

    data = drawn(draw)
    assert not inside(data).found
    copy = cleaned(data, tmp_path)
    with Pdf.open(io.BytesIO(copy)) as pdf:
        assert pdf.Root.StructTreeRoot.RoleMap[f"/{style}"] == Name.P


# --- the second reader ------------------------------------------------------------------------


LEFT: dict[str, tuple[str, Draw]] = {
    "properties": ("a name in its properties", lambda c: c.pdf.docinfo.update({"/Author": NAME})),
    "attached": ("an attached file", ATTACHED["to a tag"]),
    "program": ("data of a program", PROGRAM_DATA["of a pattern"]),
    "picture": ("data in a picture", PICTURES["drawn by a pattern"]),
    "comment": (
        "a comment or mark",
        lambda c: c.annotate("Text", [9, 9, 19, 19], Contents=String(NAME)),
    ),
    "script": (
        "a script",
        lambda c: c.pdf.Root.update(
            {"/OpenAction": Dictionary(S=Name.JavaScript, JS=String("app.alert(1)"))}
        ),
    ),
    "link": (
        "a private link",
        lambda c: _link(c, A=Dictionary(S=Name.URI, URI=String("file:///C:/Users/jane/a.docx"))),
    ),
    "template": ("a template", UNUSED["page kept as a template"]),
    "layer": ("a name in its properties", PARTS["a layer"][2]),
    "drawing": ("a name in its properties", PARTS["a drawing put in by TeX"][2]),
    "path": ("data of a program", PARTS["the path to such a drawing"][2]),
}


@pytest.mark.parametrize("packed", [True, False])
@of(LEFT)
def test_the_second_reader_sees_what_is_left(case: tuple[str, Draw], packed: bool) -> None:
    what, draw = case
    mode = ObjectStreamMode.generate if packed else ObjectStreamMode.disable
    assert what in left_in(drawn(draw, object_stream_mode=mode))


def test_the_second_reader_sees_an_earlier_version_and_nothing_in_a_clean_file() -> None:
    assert "an earlier version" in left_in(appended(revised(**PLAIN), {900: b"(Jane)"}))
    assert left_in(clean_pdf()) == []


def test_the_title_of_a_working_file_does_not_come_along(tmp_path: Path) -> None:
    data = edited(
        clean_pdf(), lambda pdf: pdf.docinfo.update({"/Title": "Q v7 FINAL jso comments"})
    )
    assert details(data, Check.NAMES_IN_PROPERTIES) == ["Title: Q v7 FINAL jso comments"]
    source = tmp_path / "file.pdf"
    source.write_bytes(data)
    clean_file(source, tmp_path)
    with Pdf.open(tmp_path / "cleaned.pdf") as copy:
        assert str(copy.docinfo.get("/Title")) == "Learning from Elm House"
    assert SECRET.encode() not in data
