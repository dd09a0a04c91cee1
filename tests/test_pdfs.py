"""The corpus is what it says it is, by the word of programs that are not ours."""

import io
import re
import zlib
from collections.abc import Callable
from typing import Any

import pikepdf
import pypdfium2
import pytest
from pikepdf import Name, Pdf, Stream
from PIL import Image, ImageChops

from tests.pdfs import (
    BROKEN,
    FINE,
    HAZARDS,
    REPAIRABLE,
    SECRET,
    Hazard,
    clean_pdf,
    flip_a_byte,
    pdf_saying,
    text_pdf,
)
from tests.pdfs.builder import edited, glyphs, width
from tests.pdfs.fine import WORDS

CHECKS = """
names_in_properties programs_in_properties comments unapplied_redaction covered_text
invisible_text pale_text tiny_text off_page_text hidden_layer covered_picture unseen_picture
attachment script form_values
earlier_revision picture_data program_data private_link no_tags no_language no_title no_bookmarks
no_text
"""
MAKERS = {
    **{hazard.name: hazard.make for hazard in HAZARDS},
    **dict(FINE),
    **dict(BROKEN),
    **dict(REPAIRABLE),
}


def opened(data: bytes) -> Pdf:
    return Pdf.open(io.BytesIO(data))


def text_of(data: bytes, page: int) -> str:
    """What pdfium reads on a page, counted from 1."""
    with pypdfium2.PdfDocument(data) as document:
        return " ".join(document[page - 1].get_textpage().get_text_range().split())


def look_of(data: bytes, page: int = 2) -> Image.Image:
    with pypdfium2.PdfDocument(data) as document:
        return document[page - 1].render(scale=1, may_draw_forms=False).to_pil().convert("L")


def of(*checks: str) -> Any:
    chosen = [hazard for hazard in HAZARDS if hazard.check in checks]
    return pytest.mark.parametrize("hazard", chosen, ids=lambda hazard: hazard.name)


def these(files: list[tuple[str, Callable[[], bytes]]]) -> Any:
    return pytest.mark.parametrize(
        "make", [make for _, make in files], ids=[name for name, _ in files]
    )


# --- the good ones ---


def test_the_clean_file_says_nothing_of_its_maker() -> None:
    with opened(clean_pdf()) as pdf:
        assert list(pdf.docinfo.keys()) == ["/Title"]
        metadata = pdf.Root.Metadata.read_bytes()
        said = re.findall(rb"<(\w+:\w+)", metadata.split(b"<dc:format>")[1])
        everything = b"".join(o.read_bytes() for o in pdf.objects if isinstance(o, Stream))
    assert set(said) == {b"dc:title", b"rdf:Alt", b"rdf:li"}
    assert b"ypst" not in everything + clean_pdf()


def test_the_clean_file_is_accessible() -> None:
    with opened(clean_pdf()) as pdf:
        root = pdf.Root
        assert root.Lang == "en-GB"
        assert root.MarkInfo.Marked
        assert root.ViewerPreferences.DisplayDocTitle
        assert root.Outlines.Count == 3
        assert len(root.StructTreeRoot.K[0].K) > 6
        fonts = [font for page in pdf.pages for font in page.Resources.Font.values()]
        assert all("/FontFile3" in font.DescendantFonts[0].FontDescriptor for font in fonts)
        links = [note for page in pdf.pages for note in page.get("/Annots", [])]
        assert [note.Subtype for note in links] == [Name.Link, Name.Link]


def test_pages_say_what_they_should() -> None:
    assert "Page two speaks of a heron." in text_of(clean_pdf(), 2)
    assert "Page 12 speaks of a wagtail." in text_of(clean_pdf(12), 12)
    assert "*One* #two" in text_of(pdf_saying("Zero", "*One* #two"), 2)


def test_files_that_say_something_else_are_others() -> None:
    assert len({pdf_saying(f"Number {n}") for n in range(3)}) == 3


def test_many_pages_of_text() -> None:
    made = text_pdf(40)
    words = text_of(made, 40).split()
    assert len(opened(made).pages) == 40
    assert len(words) > 400
    assert words[:4] == ["Learning", "from", "Elm", "House"]
    assert words[-1] == "40"


def test_a_flipped_byte_changes_the_file_and_not_the_text() -> None:
    changed = flip_a_byte(clean_pdf())
    assert len(changed) == len(clean_pdf())
    assert sum(a != b for a, b in zip(changed, clean_pdf(), strict=True)) == 1
    assert text_of(changed, 2) == text_of(clean_pdf(), 2)
    assert not opened(changed).check_pdf_syntax()


# --- the hazards ---


def test_every_check_has_a_hazard_and_every_name_is_one() -> None:
    assert {hazard.check for hazard in HAZARDS} == set(CHECKS.split())
    assert len(MAKERS) == len(HAZARDS) + len(FINE) + len(BROKEN) + len(REPAIRABLE)


@of(*CHECKS.split())
def test_a_hazard_is_a_sound_file(hazard: Hazard) -> None:
    data = hazard.make()
    with opened(data) as pdf:
        assert len(pdf.pages) == hazard.pages
        assert not pdf.check_pdf_syntax()
        assert not pdf.get_warnings()
    assert data == hazard.make()
    if hazard.check != "no_text":
        assert "Page two speaks of a heron." in text_of(data, 2)


@pytest.mark.parametrize("hazard", [h for h in HAZARDS if h.secret], ids=lambda h: h.name)
def test_a_secret_can_be_copied_from_its_page(hazard: Hazard) -> None:
    assert SECRET in text_of(hazard.make(), hazard.page or 1)


def without(data: bytes, words: str) -> bytes:
    """The same file with a gap as wide as the words in their place."""
    secret = glyphs(words)[1:-1]
    gap = rf"[<\1> {-width(words, 1000):.3f} <\2>] TJ".encode()

    def erase(pdf: Pdf) -> None:
        for thing in pdf.objects:
            if (
                isinstance(thing, Stream)
                and not _is_picture(thing)
                and secret.encode() in thing.read_bytes()
            ):
                kept = rf"<([0-9A-F]*){secret}([0-9A-F]*)> Tj".encode()
                thing.write(re.sub(kept, gap, thing.read_bytes()))

    erased = edited(data, erase)
    assert words not in text_of(erased, 2)
    return erased


def dots_changed(data: bytes, words: str) -> int:
    """How many dots of the page look otherwise when the words are taken away."""
    with_words, gone = look_of(data), look_of(without(data, words))
    return sum(ImageChops.difference(with_words, gone).histogram()[10:])


@of("covered_text", "invisible_text", "pale_text", "off_page_text", "hidden_layer")
def test_a_secret_leaves_no_mark_on_its_page(hazard: Hazard) -> None:
    assert dots_changed(hazard.make(), SECRET) < 50  # letters after a gap may blur otherwise


@of("tiny_text")
def test_a_tiny_secret_cannot_be_read(hazard: Hazard) -> None:
    with pypdfium2.PdfDocument(hazard.make()) as document:
        text = document[1].get_textpage()
        where = text.search("Sampleperson").get_next()
        assert where
        left, bottom, right, top = text.get_charbox(where[0])
    assert 0 < top - bottom < 1.1
    assert 0 < right - left < 1.1


@of("earlier_revision")
def test_an_earlier_revision_is_there_to_be_had(hazard: Hazard) -> None:
    data = hazard.make()
    earlier = data[: data.rindex(b"%%EOF", 0, -20) + 6]
    with opened(earlier) as before, opened(data) as after:
        assert not before.check_pdf_syntax()
        pages = [before.pages[1], after.pages[1]]
        old, new = ("/Annots" in page or SECRET in _said(page) for page in pages)
    assert (old, new) == (True, False)


def _said(page: pikepdf.Page) -> str:
    page.contents_coalesce()
    said = page.Contents.read_bytes()
    return SECRET if glyphs(SECRET).encode() in said else ""


@of("picture_data")
def test_a_photo_tells_where_it_was_taken(hazard: Hazard) -> None:
    with opened(hazard.make()) as pdf:
        photos = [o for o in pdf.objects if _is_picture(o)]
        assert len(photos) == 1
        photo = Image.open(io.BytesIO(_jpeg(photos[0])))
        exif, xmp = photo.getexif(), photo.info.get("xmp", b"")
        beside = photos[0].Metadata.read_bytes() if "/Metadata" in photos[0] else b""
    place = exif.get_ifd(0x8825)
    assert (place and exif[0x013B] == "Jo Sampleperson") or b"GPSLatitude" in xmp + beside


def _is_picture(thing: pikepdf.Object) -> bool:
    return isinstance(thing, Stream) and thing.get("/Subtype") == Name.Image


def _jpeg(picture: pikepdf.Object) -> bytes:
    data = picture.read_raw_bytes()
    return data if data.startswith(b"\xff\xd8") else zlib.decompress(data)


# --- the harmless ones ---


@these(FINE)
def test_a_harmless_file_is_sound(make: Callable[[], bytes]) -> None:
    data = make()
    with opened(data) as pdf:
        assert len(pdf.pages) in (1, 3)
        assert not pdf.check_pdf_syntax()
        assert set(pdf.docinfo.keys()) == {"/Title"}
    assert SECRET not in text_of(data, 1)


@these(FINE)
def test_harmless_words_can_be_seen(make: Callable[[], bytes]) -> None:
    if len(opened(make()).pages) > 1 and WORDS in text_of(make(), 2):
        assert dots_changed(make(), WORDS) > 400


# --- the broken ones ---

# Any reader opens these; it is what they do then, or what they hide, that is wrong.
TREACHEROUS = {
    "web page with a pdf inside",
    "pdf with a zip behind it",
    "form that draws itself twice",
    "content that unpacks to a gigabyte",
    "content that unpacks twice to a gigabyte",
    "page of a million points",
    "page larger than the universe",
    "five thousand pages",
    "more than fifty megabytes",
}


@these([(name, make) for name, make in BROKEN if name not in TREACHEROUS])
def test_a_broken_file_is_broken(make: Callable[[], bytes]) -> None:
    data = make()
    try:
        with opened(data) as pdf:
            assert pdf.get_warnings() or pdf.check_pdf_syntax() or not len(pdf.pages)
    except (pikepdf.PdfError, pikepdf.PasswordError):
        pass


@these([(name, make) for name, make in BROKEN if "gigabyte" in name])
def test_a_bomb_is_small(make: Callable[[], bytes]) -> None:
    packed = make().split(b"stream\n")[1]
    assert len(packed) < 2_000_000
    for _ in range(make().count(b"/FlateDecode")):
        packed = zlib.decompressobj().decompress(packed, 2_000_000)
    assert packed.count(b" ") == len(packed) > 1_000_000


def test_the_large_one_is_large() -> None:
    assert len(dict(BROKEN)["more than fifty megabytes"]()) > 50 * 1024 * 1024


def test_five_thousand_pages_are_there() -> None:
    with opened(dict(BROKEN)["five thousand pages"]()) as pdf:
        assert len(pdf.pages) == 5000


@these(REPAIRABLE)
def test_what_can_be_repaired_says_all_it_said(make: Callable[[], bytes]) -> None:
    with opened(make()) as pdf:
        assert len(pdf.pages) == 3
        repaired = edited(make(), lambda _: None)
    assert "Page two speaks of a heron." in text_of(make(), 2)
    assert "Page two speaks of a heron." in text_of(repaired, 2)
