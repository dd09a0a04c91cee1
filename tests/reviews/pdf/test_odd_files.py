"""Files that are odd but real: each was met in one made elsewhere, and is made anew here."""

import base64
import io
import json
import os
import re
import subprocess
import sys
import zlib
from pathlib import Path
from typing import Any

import pikepdf
import pytest
from django.conf import settings
from pikepdf import Array, Dictionary, Name, Pdf, Stream, String

from reviews.pdf.cleaning import without_boxes
from reviews.pdf.inside import look_inside
from reviews.pdf.opening import LOCKED, open_file
from reviews.pdf.report import ASKED, Check, Found, Refused
from tests.pdfs import clean_pdf, text_pdf

START = (
    "import sys; sys.path.insert(0, sys.argv.pop(1)); "
    "from reviews.pdf.child import main; sys.exit(main())"
)


def run_child(folder: Path, data: bytes, what: str, *more: str) -> str:
    """Run the child as the site does; return the sentence with which it refused, if it did."""
    source = folder / "file.pdf"
    source.write_bytes(data)
    command = [sys.executable, "-I", "-c", START, str(settings.BASE_DIR)]
    command += [str(os.getpid()), what, str(source), str(folder)]
    (folder / ASKED).write_text(json.dumps(more))
    subprocess.run(command, check=True, timeout=60, cwd=folder)
    refused = folder / "refused"
    return refused.read_text(encoding="utf-8") if refused.exists() else ""


def read(folder: Path, data: bytes) -> Any:
    assert run_child(folder, data, "read") == ""
    return json.loads((folder / "reading.json").read_text(encoding="utf-8"))


def checks(reading: Any) -> set[str]:
    return {found["check"] for found in reading["found"]}


def saved(pdf: Pdf) -> bytes:
    output = io.BytesIO()
    pdf.save(output)
    return output.getvalue()


def opened(data: bytes) -> Pdf:
    return Pdf.open(io.BytesIO(data))


def details(data: bytes, check: Check) -> list[str]:
    found: list[Found] = look_inside(open_file(data)).found
    return [detail for one in found if one.check is check for detail in one.details]


def page_that_says(content: bytes, fonts: dict[str, Any]) -> Pdf:
    pdf = Pdf.new()
    page = pdf.add_blank_page(page_size=(595, 842))
    page.obj.Contents = pdf.make_stream(content)
    page.obj.Resources = Dictionary(
        Font=Dictionary({name: pdf.make_indirect(font) for name, font in fonts.items()})
    )
    return pdf


def helvetica() -> Dictionary:
    return Dictionary(Type=Name.Font, Subtype=Name.Type1, BaseFont=Name.Helvetica)


# --- ends ---


def test_lines_printed_before_the_pdf_are_harmless_and_go() -> None:
    file = open_file(b"GPL Ghostscript 10.02.0 (2023-09-13)\nLoading fonts...\n" + clean_pdf())
    assert file.was_repaired
    assert file.data.startswith(b"%PDF-")


@pytest.mark.parametrize(
    "before", [b"<p>Hello</p>\n", b"#!/bin/sh\n", b"PK\x03\x04", b"\x00\x0bA.pdf"]
)
def test_another_file_before_the_pdf_is_refused(before: bytes) -> None:
    with pytest.raises(Refused, match="Before the PDF"):
        open_file(before + clean_pdf())


def test_a_file_that_lost_no_more_than_its_last_mark_is_taken() -> None:
    data = text_pdf(1)
    end = data.rindex(b"%%EOF")
    wrong = re.sub(rb"startxref\s+\d+\s+%%EOF\s*$", b"startxref\n12\n%%E", data)
    assert len(wrong) <= end + 5
    assert open_file(wrong).was_repaired


def test_twenty_thousand_noughts_after_the_end_are_passed_over() -> None:
    assert open_file(text_pdf(1) + bytes(20_000)).was_repaired


def test_a_repaired_file_tells_its_size_even_if_it_did_not_before() -> None:
    output = io.BytesIO()
    with opened(text_pdf(1)) as pdf:
        pdf.save(output, object_stream_mode=pikepdf.ObjectStreamMode.disable)
    data = re.sub(rb"/Size \d+", b"", output.getvalue())
    file = open_file(data)
    assert file.was_repaired
    assert not opened(file.data).get_warnings()


# --- locks ---


def test_a_file_with_no_password_for_its_owner_needs_one_all_the_same(tmp_path: Path) -> None:
    output = io.BytesIO()
    with opened(clean_pdf()) as pdf:
        pdf.save(output, encryption=pikepdf.Encryption(owner="", user="lapwing", R=6))
    assert run_child(tmp_path, output.getvalue(), "read") == LOCKED


def test_a_file_locked_with_certificates_is_named_as_that() -> None:
    head, _, tail = text_pdf(1).rpartition(b"trailer")
    if not tail:
        with opened(text_pdf(1)) as pdf:
            output = io.BytesIO()
            pdf.save(output, object_stream_mode=pikepdf.ObjectStreamMode.disable)
        head, _, tail = output.getvalue().rpartition(b"trailer")
    lock = b"trailer << /Encrypt << /Filter /Adobe.PubSec /V 4 /R 4 /Length 128 >> "
    lock += b"/ID [<00><00>] "
    data = head + lock + tail.lstrip().removeprefix(b"<<")
    with pytest.raises(Refused, match="locked for all but certain people"):
        open_file(data)


# --- forms of drawings ---


def pdf_with_shared_resources(content: bytes) -> bytes:
    pdf = Pdf.new()
    page = pdf.add_blank_page(page_size=(595, 842))
    shared = pdf.make_indirect(Dictionary())
    form = Stream(pdf, content)
    form.update({"/Type": Name.XObject, "/Subtype": Name.Form, "/BBox": [0, 0, 595, 842]})
    form.Resources = shared
    shared.XObject = Dictionary({"/Form one": pdf.make_indirect(form)})
    page.obj.Resources = shared
    page.obj.Contents = pdf.make_stream(b"/Form#20one Do")
    return saved(pdf)


def test_a_drawing_may_name_itself_among_the_resources_that_all_share() -> None:
    open_file(pdf_with_shared_resources(b"0 0 100 100 re f"))


def test_a_drawing_that_draws_itself_is_refused() -> None:
    with pytest.raises(Refused, match="contains itself"):
        open_file(pdf_with_shared_resources(b"q /Form#20one Do Q"))


# --- properties and pictures ---


def with_xmp(packet: bytes) -> bytes:
    pdf = opened(clean_pdf())
    pdf.Root.Metadata = Stream(pdf, packet)
    return saved(pdf)


RDF = b'<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description>'
RDF_END = b"</rdf:Description></rdf:RDF>"


@pytest.mark.parametrize(
    "packet",
    [
        b'<?xpacket begin="" id="W5M0"?>\n<?xpacket end="w"?>',
        RDF + b"<xmp:ModifyDate>2026-01-01</xmp:ModifyDate>" + RDF_END,
        b'<?xpacket begin="\x00"?>' + RDF + RDF_END,
        b"",
        b" \n" * 100,
        b"\x00" * 200,
        b'<?xpacket begin="\xef\xbb\xbf" id="W5M0"?>' + RDF + RDF_END + b"\x00" * 50,
        RDF + b"<dc:creator><rdf:Seq><rdf:li/></rdf:Seq></dc:creator>" + RDF_END,
        RDF + b"<dc:creator> \n </dc:creator><!-- Lea Lapwing -->" + RDF_END,
        ('<?xpacket begin="\ufeff" id="W5M0"?>' + (RDF + RDF_END).decode()).encode("utf-16"),
        '<?xpacket begin="\ufeff" id="W5M0"?> <?xpacket end="w"?>'.encode("utf-16-be"),
        '<?xpacket begin="\ufeff" id="W5M0"?> <?xpacket end="w"?>'.encode("utf-16"),
        b'<x:xmpmeta xmlns:x="adobe:ns:meta/" x:xmptk="XMP Core 5.6"/>',
    ],
)
def test_xmp_that_says_nothing_is_read(packet: bytes) -> None:
    file = with_xmp(packet)
    assert not details(file, Check.NOT_CHECKED)
    assert not details(file, Check.NAMES_IN_PROPERTIES)


def test_a_name_under_a_prefix_that_was_not_declared_is_found() -> None:
    file = with_xmp(RDF + b"<dc:creator>Lea Lapwing</dc:creator>" + RDF_END)
    assert details(file, Check.NAMES_IN_PROPERTIES) == ["creator: Lea Lapwing"]


def test_the_date_of_the_source_is_no_name() -> None:
    pdf = opened(clean_pdf())
    pdf.docinfo["/SourceModified"] = String("D:20260101120000")
    assert not details(saved(pdf), Check.NAMES_IN_PROPERTIES)


PACKET = b"http://ns.adobe.com/xap/1.0/\x00<a><dc:creator>Jane Samplename</dc:creator></a>"
JPEG = b"\xff\xd8\xff\xe1" + (len(PACKET) + 2).to_bytes(2, "big") + PACKET + b"\xff\xd9"


@pytest.mark.parametrize(
    ("names", "packed"),
    [
        (["/ASCII85Decode"], base64.a85encode(JPEG) + b"~>"),
        (["/ASCIIHexDecode"], JPEG.hex().encode() + b">"),
        (["/FlateDecode", "/ASCII85Decode"], zlib.compress(base64.a85encode(JPEG) + b"~>")),
        # With a beginning of its own, in lines, and without an end.
        (["/A85"], base64.a85encode(JPEG, adobe=True)),
        (
            ["/ASCII85Decode"],
            base64.a85encode(JPEG, wrapcol=72).replace(b"\n", b"\r\n") + b"\n~>\n",
        ),
        (["/ASCII85Decode"], base64.a85encode(JPEG)),
        (["/AHx"], b" ".join(b"%02x" % byte for byte in JPEG) + b"\n>"),
        (["/ASCIIHexDecode"], JPEG.hex().upper().encode()),
        # As pages were mailed: letters over letters.
        (["/ASCIIHexDecode", "/ASCII85Decode"], (base64.a85encode(JPEG) + b"~>").hex().encode()),
        (["/ASCII85Decode", "/FlateDecode"], base64.a85encode(zlib.compress(JPEG)) + b"~>"),
        # All that is white space in a PDF, which is more than elsewhere.
        (["/ASCII85Decode"], base64.a85encode(JPEG, wrapcol=40).replace(b"\n", b"\x00\f") + b"~>"),
        (["/ASCIIHexDecode"], b"\x00".join(b"%02x" % byte for byte in JPEG) + b"\f>"),
    ],
)
def test_a_picture_packed_as_letters_is_looked_into(names: list[str], packed: bytes) -> None:
    pdf = opened(clean_pdf())
    picture = Stream(pdf, b"")
    filters = Array([Name(name) for name in [*names, "/DCTDecode"]])
    picture.write(packed, filter=filters)
    picture.update({"/Subtype": Name.Image, "/Width": 1, "/Height": 1})
    page = pdf.pages[0].obj
    page.Resources["/XObject"] = Dictionary(Picture=pdf.make_indirect(picture))
    file = saved(pdf)
    assert not details(file, Check.NOT_CHECKED)
    assert details(file, Check.PICTURE_DATA) == ["creator: Jane Samplename"]


def box(kind: bytes, content: bytes) -> bytes:
    return (8 + len(content)).to_bytes(4, "big") + kind + content


def test_boxes_of_programs_are_taken_out_of_a_jpeg_2000() -> None:
    first, last = box(b"jP  ", b"\r\n\x87\n"), box(b"jp2c", b"picture")
    assert (
        without_boxes(first + box(b"uuid", b"Exif") + box(b"xml ", b"<a/>") + last) == first + last
    )
    assert without_boxes(b"\xff\x4f\xff\x51 no boxes") == b"\xff\x4f\xff\x51 no boxes"


# --- hidden text ---


def test_letters_that_are_drawings_are_as_large_as_they_are_drawn(tmp_path: Path) -> None:
    """A Type 3 font whose own measure makes its size 0.1."""
    pdf = page_that_says(b"BT /F 0.1 Tf 72 700 Td (ABAB BAAB) Tj ET", {})
    glyph = b"90 0 0 0 80 80 d1 0 0 80 80 re f"
    font = Dictionary(
        Type=Name.Font,
        Subtype=Name.Type3,
        FontBBox=[0, 0, 80, 80],
        FontMatrix=[1, 0, 0, 1, 0, 0],
        CharProcs=Dictionary(a=pdf.make_stream(glyph), b=pdf.make_stream(glyph)),
        Encoding=Dictionary(Type=Name.Encoding, Differences=[65, Name("/a"), Name("/b")]),
        FirstChar=65,
        LastChar=66,
        Widths=[90, 90],
        Resources=Dictionary(),
    )
    font.ToUnicode = pdf.make_stream(
        b"/CIDInit /ProcSet findresource begin begincmap 1 begincodespacerange <00> <ff> "
        b"endcodespacerange 2 beginbfchar <41> <0041> <42> <0042> endbfchar endcmap"
    )
    pdf.pages[0].obj.Resources.Font = Dictionary(F=pdf.make_indirect(font))
    reading = read(tmp_path, saved(pdf))
    assert "ABAB" in reading["pages"][0]["text"]
    assert "tiny_text" not in checks(reading)


def test_a_letter_that_no_font_here_knows_is_not_called_hidden(tmp_path: Path) -> None:
    """A font that is not in the file, of which this machine has no letter for these."""
    font = helvetica()
    font.Encoding = Dictionary(
        Type=Name.Encoding,
        BaseEncoding=Name.WinAnsiEncoding,
        Differences=[65, Name("/uni0181"), Name("/uni0182"), Name("/uni0183")],
    )
    content = b"BT /F 12 Tf 72 700 Td (Words and ABCABC) Tj ET"
    found = checks(read(tmp_path, saved(page_that_says(content, {"/F": font}))))
    assert "invisible_text" not in found


# --- cleaning ---


def form_pdf(appearance: bytes = b"BT /F 12 Tf 2 4 Td (Lapwing) Tj ET") -> bytes:
    pdf = page_that_says(b"BT /F 12 Tf 72 760 Td (Name of the bird) Tj ET", {"/F": helvetica()})
    page = pdf.pages[0].obj
    look = Stream(pdf, b"q 1 1 148 16 re s Q " + appearance)
    look.update({"/Type": Name.XObject, "/Subtype": Name.Form, "/BBox": [0, 0, 150, 18]})
    look.Resources = page.Resources
    field = Dictionary(
        Type=Name.Annot,
        Subtype=Name.Widget,
        FT=Name.Tx,
        T=String("bird"),
        V=String("Lapwing"),
        DA=String("/F 12 Tf 0 g"),
        F=4,
        Rect=[72.3, 700.4, 222.3, 718.4],
        AP=Dictionary(N=pdf.make_indirect(look)),
        P=page,
    )
    field = pdf.make_indirect(field)
    page.Annots = Array([field])
    pdf.Root.AcroForm = Dictionary(
        Fields=Array([field]), DR=Dictionary(Font=page.Resources.Font), DA=String("/F 12 Tf 0 g")
    )
    return saved(pdf)


def test_a_form_that_is_filled_in_becomes_part_of_the_page(tmp_path: Path) -> None:
    assert run_child(tmp_path, form_pdf(), "clean", "A bird", "en-GB") == ""
    cleaned = (tmp_path / "cleaned.pdf").read_bytes()
    with opened(cleaned) as pdf:
        assert "/AcroForm" not in pdf.Root
    reading = read(tmp_path, cleaned)
    assert "Lapwing" in reading["pages"][0]["text"]
    assert "form_values" not in checks(reading)


def test_a_field_whose_look_would_be_lost_is_not_cleaned(tmp_path: Path) -> None:
    """A choice without a look of its own: readers make one, which a cleaned copy would lack."""
    pdf = opened(form_pdf())
    field = pdf.pages[0].obj.Annots[0]
    del field["/AP"]
    field.FT, field.Ff = Name.Ch, 1 << 17
    field.Opt = Array([String("Lapwing"), String("Wren")])
    file = saved(pdf)
    assert "would look different" in run_child(tmp_path, file, "clean", "A bird", "en-GB")


# --- time ---


def test_text_that_there_is_no_time_to_compare_is_named(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    from reviews.pdf import reading

    monkeypatch.setattr(reading, "SECONDS_FOR_PAGES", 0)
    monkeypatch.setattr(reading, "PAGES_FOR_TWO", 1000)
    (tmp_path / "file.pdf").write_bytes(text_pdf(3))
    reading.read_file(tmp_path / "file.pdf", tmp_path)
    findings = json.loads((tmp_path / "reading.json").read_text())["found"]
    # The same of every page is told once.
    assert [one["pages"] for one in findings if one["check"] == "not_checked"] == [[1, 2, 3]]


# --- pages ---


def test_a_page_of_no_size_shows_nothing(tmp_path: Path) -> None:
    """Its two boxes have nothing in common."""
    pdf = opened(text_pdf(2))
    pdf.pages[1].obj.MediaBox = Array([0, 0, 100, 100])
    pdf.pages[1].obj.CropBox = Array([200, 200, 300, 300])
    assert len(read(tmp_path, saved(pdf))["pages"]) == 2


def test_unpainted_text_under_which_its_outlines_are_drawn_is_seen(tmp_path: Path) -> None:
    zigzag = b"72 700 m " + b" ".join(
        b"%d %d l" % (72 + 2 * step, 700 + 9 * (step % 2)) for step in range(30)
    )
    text = b" BT /F 12 Tf 72 700 Td 3 Tr (Lapwing) Tj ET"
    seen = saved(page_that_says(zigzag + b" S" + text, {"/F": helvetica()}))
    assert "Lapwing" in read(tmp_path, seen)["pages"][0]["text"]
    box = saved(page_that_says(b"70 698 60 14 re S" + text, {"/F": helvetica()}))
    assert "invisible_text" in checks(read(tmp_path, box))
