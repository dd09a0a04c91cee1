"""What programs and people leave in a file beside its pages."""

import io
import re
import zlib
from typing import Any

from pikepdf import Array, AttachedFileSpec, Dictionary, Name, ObjectStreamMode, Pdf, Stream, String

from tests.pdfs import pictures
from tests.pdfs.builder import (
    SECRET,
    Canvas,
    box,
    describe,
    drawn,
    glyphs,
    line,
    width,
)
from tests.pdfs.hazards import in_file, made, on_page

AUTHOR = "Jo Sampleperson"
CREATOR = f"<dc:creator><rdf:Seq><rdf:li>{AUTHOR}</rdf:li></rdf:Seq></dc:creator>"

# --- names of people in the properties ---


@in_file("names_in_properties")
def author_in_info(pdf: Pdf) -> None:
    pdf.docinfo.Author = AUTHOR


@in_file("names_in_properties")
def author_in_info_with_accents(pdf: Pdf) -> None:
    pdf.docinfo.Author = "Zoë Sampleperson–Łukasz"


@in_file("names_in_properties")
def author_in_xmp_only(pdf: Pdf) -> None:
    describe(pdf, CREATOR)


@in_file("names_in_properties")
def author_in_info_and_xmp(pdf: Pdf) -> None:
    pdf.docinfo.Author = AUTHOR
    describe(pdf, CREATOR)


@in_file("names_in_properties")
def company_in_info(pdf: Pdf) -> None:
    """Word hands over the company it was bought for."""
    pdf.docinfo.Company = "Sampleperson and Daughters"


@in_file("names_in_properties")
def manager_in_info(pdf: Pdf) -> None:
    pdf.docinfo.Manager = AUTHOR


@in_file("names_in_properties")
def company_and_manager_in_xmp_only(pdf: Pdf) -> None:
    describe(
        pdf,
        f"<pdfx:Company>Sampleshire Council</pdfx:Company><pdfx:Manager>{AUTHOR}</pdfx:Manager>",
    )


# --- names of programs in the properties ---


@in_file("programs_in_properties")
def producer_in_info(pdf: Pdf) -> None:
    pdf.docinfo.Producer = "Sample Writer 16.0 for Windows"


@in_file("programs_in_properties")
def creator_in_info(pdf: Pdf) -> None:
    pdf.docinfo.Creator = "Sample Writer 365"


@in_file("programs_in_properties")
def creator_tool_in_xmp_only(pdf: Pdf) -> None:
    describe(pdf, "<xmp:CreatorTool>Sample Writer 365</xmp:CreatorTool>")


@in_file("programs_in_properties")
def producer_in_xmp_only(pdf: Pdf) -> None:
    describe(pdf, "<pdf:Producer>Sample Distiller 9</pdf:Producer>")


# --- comments ---

AREA = [72, 290, 300, 320]
QUADS = Array([72, 320, 300, 320, 72, 290, 300, 290])


@on_page("comments")
def sticky_note(c: Canvas) -> None:
    c.annotate("Text", [500, 290, 520, 310], Contents=f"Ask {SECRET}", T=AUTHOR, Name=Name.Note)


@on_page("comments")
def sticky_note_that_is_hidden(c: Canvas) -> None:
    c.annotate("Text", [500, 290, 520, 310], Contents=f"Ask {SECRET}").F = 2


@on_page("comments")
def text_box(c: Canvas) -> None:
    c.annotate(
        "FreeText",
        AREA,
        Contents="Is this right?",
        DA=String("/Helv 12 Tf 0 g"),
        AP=c.appearance(line("Is this right?", 2, 8), 228, 30),
    )


@on_page("comments")
def highlighter(c: Canvas) -> None:
    c.annotate("Highlight", AREA, QuadPoints=QUADS, C=Array([1, 1, 0]), T=AUTHOR)


@on_page("comments")
def strike_out_with_author_and_words(c: Canvas) -> None:
    c.annotate("StrikeOut", AREA, QuadPoints=QUADS, T=AUTHOR, Contents="Too much detail")


@on_page("comments")
def squiggle(c: Canvas) -> None:
    c.annotate("Squiggly", AREA, QuadPoints=QUADS)


@on_page("comments")
def insertion_mark(c: Canvas) -> None:
    c.annotate("Caret", [200, 290, 210, 300], Contents="and her brother")


@on_page("comments")
def ink_of_a_tablet(c: Canvas) -> None:
    c.annotate("Ink", AREA, InkList=Array([Array([80, 300, 120, 310, 200, 295])]))


@on_page("comments")
def stamp(c: Canvas) -> None:
    look = c.appearance(box(0, 0, 228, 30, "1 .8 .8 rg") + line("DRAFT", 90, 9), 228, 30)
    c.annotate("Stamp", AREA, Name=Name.Draft, AP=look)


@on_page("comments")
def note_with_its_window(c: Canvas) -> None:
    note = c.annotate("Text", [500, 290, 520, 310], Contents="See me", T=AUTHOR)
    note.Popup = c.annotate("Popup", [300, 200, 500, 280], Parent=note, Open=False)


@on_page("comments")
def reply_to_a_note(c: Canvas) -> None:
    note = c.annotate("Text", [500, 290, 520, 310], Contents="Who is meant?")
    c.annotate("Text", [500, 290, 520, 310], Contents=SECRET, IRT=note, RT=Name.R, T=AUTHOR)


# --- files inside the file ---

NOTES = f"Notes of the meeting: {SECRET}".encode()


def _file(pdf: Pdf) -> AttachedFileSpec:
    return AttachedFileSpec(pdf, NOTES, filename="notes.txt", mime_type="text/plain")


def _names(pdf: Pdf) -> Any:
    if "/Names" not in pdf.Root:
        pdf.Root.Names = Dictionary()
    return pdf.Root.Names


@in_file("attachment")
def attached_file(pdf: Pdf) -> None:
    pdf.attachments["notes.txt"] = _file(pdf)


@in_file("attachment")
def attached_file_deep_in_the_list(pdf: Pdf) -> None:
    entry = Dictionary(
        Names=Array(["notes.txt", _file(pdf).obj]), Limits=Array(["notes.txt", "notes.txt"])
    )
    _names(pdf).EmbeddedFiles = Dictionary(Kids=Array([pdf.make_indirect(entry)]))


@in_file("attachment")
def associated_file(pdf: Pdf) -> None:
    """Office and PDF/A-3 keep the source beside the file."""
    pdf.Root.AF = Array([_file(pdf).obj])


@on_page("attachment")
def file_behind_a_paper_clip(c: Canvas) -> None:
    c.annotate("FileAttachment", [500, 290, 520, 310], FS=_file(c.pdf).obj, Name=Name.Paperclip)


# --- scripts and programs to start ---


def _script() -> Dictionary:
    return Dictionary(S=Name.JavaScript, JS="app.alert('Hello, Sampleperson');")


def _program() -> Dictionary:
    return Dictionary(S=Name.Launch, F="setup.exe")


@in_file("script")
def script_when_opened(pdf: Pdf) -> None:
    pdf.Root.OpenAction = _script()


@in_file("script")
def script_in_the_list_of_scripts(pdf: Pdf) -> None:
    _names(pdf).JavaScript = Dictionary(Names=Array(["start", pdf.make_indirect(_script())]))


@in_file("script")
def script_when_printed(pdf: Pdf) -> None:
    pdf.Root.AA = Dictionary(WP=_script())


@in_file("script")
def program_started_when_opened(pdf: Pdf) -> None:
    pdf.Root.OpenAction = _program()


@in_file("script")
def script_behind_a_bookmark(pdf: Pdf) -> None:
    first = pdf.Root.Outlines.First
    del first.Dest
    first.A = _script()


@on_page("script")
def script_when_the_page_is_shown(c: Canvas) -> None:
    c.page.AA = Dictionary(O=_script())


def link(c: Canvas, action: Dictionary, words: str = "Read more") -> None:
    c.say(words)
    c.annotate("Link", [70, 295, 74 + width(words), 314], A=action, Border=Array([0, 0, 0]))


@on_page("script")
def link_that_starts_a_program(c: Canvas) -> None:
    link(c, _program())


@on_page("script")
def link_that_runs_a_script(c: Canvas) -> None:
    link(c, _script())


@on_page("script")
def link_that_runs_a_script_next(c: Canvas) -> None:
    link(c, Dictionary(S=Name.URI, URI="https://www.example.org/", Next=_script()))


# --- forms filled in ---


def field(c: Canvas, kind: str, look: Dictionary | None = None, **keys: Any) -> Any:
    if look is not None:
        keys["AP"] = look
    place = keys.pop("place", [72, 290, 300, 310])
    made = c.annotate("Widget", place, FT=Name(f"/{kind}"), T="field1", **keys)
    helvetica = Dictionary(Type=Name.Font, Subtype=Name.Type1, BaseFont=Name.Helvetica)
    c.pdf.Root.AcroForm = Dictionary(
        Fields=Array([made]),
        DA=String("/Helv 12 Tf 0 g"),
        DR=Dictionary(Font=Dictionary(Helv=helvetica)),
    )
    return made


@on_page("form_values")
def text_field_filled_in(c: Canvas) -> None:
    field(c, "Tx", c.appearance(line(SECRET, 2, 5), 228, 20), V=SECRET)


@on_page("form_values")
def text_field_filled_in_by_its_parent(c: Canvas) -> None:
    """The value stands with the field, the place on the page with its child."""
    widget = field(c, "Tx", c.appearance(line(SECRET, 2, 5), 228, 20))
    del widget["/FT"], widget["/T"]
    parent = Dictionary(FT=Name.Tx, T="field1", V=SECRET, Kids=Array([widget]))
    widget.Parent = c.pdf.make_indirect(parent)
    c.pdf.Root.AcroForm.Fields = Array([widget.Parent])


@on_page("form_values")
def box_ticked(c: Canvas) -> None:
    look = c.appearance("0 G 2 2 16 16 re 2 2 m 18 18 l S", 20, 20)
    nothing = c.appearance("0 G 2 2 16 16 re S", 20, 20).N
    look.N = Dictionary(Yes=look.N, Off=nothing)
    field(c, "Btn", look, V=Name.Yes, AS=Name.Yes, place=[72, 290, 92, 310])


@on_page("form_values")
def choice_made(c: Canvas) -> None:
    field(c, "Ch", V="Sampleton", Opt=Array(["Sampleton", "Elsewhere"]), Ff=1 << 17)


@on_page("form_values")
def signature_with_a_name(c: Canvas) -> None:
    signed = Dictionary(
        Type=Name.Sig,
        Filter=Name("/Adobe.PPKLite"),
        SubFilter=Name("/adbe.pkcs7.detached"),
        Name=AUTHOR,
        Reason="Approved",
        Contents=String("\x00" * 16),
        ByteRange=Array([0, 10, 20, 30]),
    )
    field(c, "Sig", V=c.pdf.make_indirect(signed))


# --- an earlier text that is still there ---


def appended(base: bytes, objects: dict[int, bytes], *, as_stream: bool = False) -> bytes:
    """Add an update after the end, as "save" does where "save as" would write afresh."""
    previous = int(re.findall(rb"startxref\s+(\d+)", base)[-1])
    with Pdf.open(io.BytesIO(base)) as pdf:
        size = int(pdf.trailer.Size)
        root = pdf.Root.objgen[0]
    out = bytearray(base)
    places = {}
    for number, body in objects.items():
        places[number] = len(out)
        out += b"%d 0 obj\n%b\nendobj\n" % (number, body)
    start = len(out)
    common = b"/Size %d /Root %d 0 R /Prev %d" % (size + as_stream, root, previous)
    if as_stream:
        out += _xref_stream({**places, size: start}, common)
    else:
        out += b"xref\n0 1\n0000000000 65535 f \n"
        for number, place in sorted(places.items()):
            out += b"%d 1\n%010d 00000 n \n" % (number, place)
        out += b"trailer\n<< %b >>\n" % common
    return bytes(out + b"startxref\n%d\n%%%%EOF\n" % start)


def _xref_stream(places: dict[int, int], common: bytes) -> bytes:
    rows = sorted(places.items())
    index = b" ".join(b"%d 1" % number for number, _ in rows)
    table = b"".join(b"\x01" + place.to_bytes(4, "big") + b"\x00\x00" for _, place in rows)
    keys = b"/Type /XRef %b /Index [%b] /W [1 4 2] /Length %d" % (common, index, len(table))
    return b"%d 0 obj\n<< %b >>\nstream\n%b\nendstream\nendobj\n" % (rows[-1][0], keys, table)


def revised(*, as_stream: bool = False, **options: Any) -> bytes:
    """A page that named the secret and, after an update, says "Child A" instead."""
    base = drawn(lambda c: c.say(SECRET), **options)
    with Pdf.open(io.BytesIO(base)) as pdf:
        content = pdf.pages[1].Contents[-1]
        said = content.read_bytes()
    said = said.replace(glyphs(SECRET).encode(), glyphs("Child A").encode())
    body = b"<< /Length %d >>\nstream\n%b\nendstream" % (len(said), said)
    return appended(base, {content.objgen[0]: body}, as_stream=as_stream)


@made("earlier_revision")
def words_replaced_by_an_update() -> bytes:
    return revised(object_stream_mode=ObjectStreamMode.disable)


@made("earlier_revision")
def words_replaced_by_an_update_in_the_new_form() -> bytes:
    """The list of places is a stream, as programs write it since 2003."""
    return revised(as_stream=True, object_stream_mode=ObjectStreamMode.generate)


@made("earlier_revision")
def words_replaced_after_linearisation() -> bytes:
    return revised(linearize=True, object_stream_mode=ObjectStreamMode.disable)


@made("earlier_revision")
def comment_deleted_by_an_update() -> bytes:
    """The page came without its note; the note is still there for who looks."""
    note = {"Contents": f"Ask {SECRET}", "T": AUTHOR}
    base = drawn(
        lambda c: c.annotate("Text", [500, 290, 520, 310], **note),
        object_stream_mode=ObjectStreamMode.disable,
    )
    with Pdf.open(io.BytesIO(base)) as pdf:
        page = pdf.pages[1].obj
        del page["/Annots"]
        return appended(base, {page.objgen[0]: page.unparse(resolved=True)})


# --- what cameras write into pictures ---


def _photo(c: Canvas, jpeg: bytes, **keys: Any) -> str:
    name = c.picture(jpeg, (240, 160), **keys)
    c.tagged(f"q 240 0 0 160 72 280 cm {name} Do Q", "Figure", Alt="A path through a wood")
    return name


@on_page("picture_data")
def photo_with_place_camera_and_artist(c: Canvas) -> None:
    _photo(c, pictures.photo_with_exif())


@on_page("picture_data")
def photo_with_xmp(c: Canvas) -> None:
    _photo(c, pictures.photo_with_xmp())


@on_page("picture_data")
def photo_with_properties_beside_it(c: Canvas) -> None:
    """The properties of the picture were kept, but as an object of the file."""
    packet = Stream(c.pdf, pictures.CAMERA_XMP, Type=Name.Metadata, Subtype=Name.XML)
    _photo(c, pictures.plain_photo(), Metadata=packet)


@on_page("picture_data")
def photo_with_place_packed_twice(c: Canvas) -> None:
    name = _photo(c, b"")
    c.page.Resources.XObject[name].write(
        zlib.compress(pictures.photo_with_exif()), filter=[Name.FlateDecode, Name.DCTDecode]
    )


@on_page("picture_data")
def photo_with_place_in_a_form(c: Canvas) -> None:
    name = c.picture(pictures.photo_with_exif(), (240, 160))
    form = c.form(f"q 240 0 0 160 72 280 cm {name} Do Q")
    drawings = c.page.Resources.XObject
    drawings[form].Resources = Dictionary(XObject=Dictionary(Photo=drawings[name]))
    del drawings[name]
    c.tagged(f"q {form} Do Q", "Figure", Alt="A path through a wood")


# --- what programs write for themselves ---


def _private() -> Dictionary:
    path = Dictionary(Path="C:\\Users\\jsampleperson")
    return Dictionary(SampleDraw=Dictionary(LastModified="D:20260105100000Z", Private=path))


@in_file("program_data")
def data_of_a_program_in_the_catalogue(pdf: Pdf) -> None:
    pdf.Root.PieceInfo = _private()


@on_page("program_data")
def data_of_a_program_on_a_page(c: Canvas) -> None:
    c.page.PieceInfo = _private()


@on_page("program_data")
def small_picture_of_the_page(c: Canvas) -> None:
    """Made before the redaction, perhaps."""
    c.page.Thumb = Stream(
        c.pdf,
        b"\xff\xf0\xf0" * 64,
        Width=8,
        Height=8,
        ColorSpace=Name.DeviceRGB,
        BitsPerComponent=8,
    )


# --- links into somebody's computer ---


@on_page("private_link")
def link_into_a_home_folder(c: Canvas) -> None:
    link(c, Dictionary(S=Name.URI, URI="file:///C:/Users/jsampleperson/Documents/Notes.docx"))


@on_page("private_link")
def link_into_a_home_folder_on_a_mac(c: Canvas) -> None:
    link(c, Dictionary(S=Name.URI, URI="file:///Users/jsampleperson/Desktop/Notes.pages"))


@on_page("private_link")
def link_to_a_share(c: Canvas) -> None:
    link(c, Dictionary(S=Name.URI, URI="\\\\sampleserver\\cases\\Sampleperson\\Notes.docx"))


@on_page("private_link")
def link_to_a_share_written_as_an_address(c: Canvas) -> None:
    link(c, Dictionary(S=Name.URI, URI="file://sampleserver/cases/Sampleperson/Notes.docx"))


@on_page("private_link")
def link_to_a_file_on_a_share(c: Canvas) -> None:
    where = "\\\\sampleserver\\cases\\Sampleperson\\Notes.pdf"
    link(c, Dictionary(S=Name.GoToR, F=where, D=Array([0, Name.Fit])))
