"""PDFs of the sample publications of a demonstration: plainly fictional, reproducible.

Two are as they should be. The third has what an editor should find before it is published: an
author's name, a comment, a name under a black box, and a photograph with its place in the metadata.
Nothing here uses the database.
"""

import json
import re
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from types import ModuleType
from typing import NamedTuple

import pikepdf
from django.conf import settings
from pikepdf import Array, Dictionary, Name, String
from PIL import ExifTags, Image, ImageDraw, ImageFilter

SOURCES = settings.BASE_DIR / "data" / "samples"

PLANTED_PERSON = "Alex Sampleperson"
PLANTED_COMMENT = "Check with the family before we publish"
COVERED_NAME = "Robin Sampleperson"
PHOTO_SIZE = (960, 720)

_PROGRAMS_AND_PEOPLE = ["xmp:CreatorTool", "pdf:Producer", "dc:creator"]
# Otherwise the metadata name the library that wrote them.
_TOOLKIT = re.compile(rb' x:xmptk="[^"]*"')


class SamplesError(Exception):
    """The samples cannot be made; the message says what to do."""


# --- the three files ------------------------------------------------------------------------------


def review_pdf() -> bytes:
    """Return the report of the sample review, which names no program and no person."""
    return _without_names(_typeset("review.typ", accessible=True))


def summary_pdf() -> bytes:
    """Return its executive summary, which names no program and no person."""
    return _without_names(_typeset("summary.typ", accessible=True))


def draft_pdf() -> bytes:
    """Return a short draft in which an editor has four things to find."""
    with pikepdf.open(BytesIO(_typeset("draft.typ"))) as pdf:
        pdf.docinfo[Name.Author] = PLANTED_PERSON
        _add_comment(pdf)
        _cover_name(pdf, _covered_spot())
        _add_photo(pdf)
        return _saved(pdf)


# --- for the loader -------------------------------------------------------------------------------


class SampleDocument(NamedTuple):
    """One document: the fields of its record, and how its file is made."""

    kind: str
    title: str
    make: Callable[[], bytes]


class SamplePublication(NamedTuple):
    """One publication: the fields of its record, as an editor would type them."""

    kind: str
    type: str
    title: str
    pseudonym: str
    child_reference: str
    summary: str
    # As typed: `PartialDate.parse` parses it.
    report_date: str
    staff_note: str
    documents: list[SampleDocument]


SAMPLES = [
    SamplePublication(
        kind="practice_review",
        type="lcspr",
        title="Sample review (fictional)",
        pseudonym="Robin",
        child_reference="Child X",
        summary=(
            "This review is invented: no child, family or professional in it exists. It tells of "
            "a baby whom six services were each a little worried about, and of how small worries "
            "stay small when nobody sets them side by side. It shows how a review looks here."
        ),
        report_date="January 2026",
        staff_note="",
        documents=[
            SampleDocument("report", "Report (fictional)", review_pdf),
            SampleDocument("executive_summary", "Executive summary (fictional)", summary_pdf),
        ],
    ),
    SamplePublication(
        kind="practice_review",
        type="lcspr",
        title="Sample draft with findings (fictional)",
        pseudonym="Wren",
        child_reference="",
        summary=(
            "This draft is invented: no child, family or professional in it exists. It tells of a "
            "child who looked after a father through a cold winter."
        ),
        report_date="",
        staff_note=(
            "Here to try the report of a document. The file holds four things that must not be "
            "published: the author's name, a comment on page 1, a name under a black box on page "
            "2, and a photograph on page 3 that tells who took it, when and where. All of it is "
            "invented."
        ),
        documents=[SampleDocument("report", "Draft report (fictional)", draft_pdf)],
    ),
]


# --- typesetting ----------------------------------------------------------------------------------


def _typst() -> ModuleType:
    try:
        import typst
    except ImportError:
        raise SamplesError(
            "The samples are made with typst, which is not installed. Run "
            "pip install --require-hashes -r requirements-samples.txt"
        ) from None
    return typst


def _source(name: str) -> Path:
    path = SOURCES / name
    if not path.is_file():
        raise SamplesError(f"There is no file {path}.")
    return path


def _typeset(name: str, *, accessible: bool = False) -> bytes:
    """Compile a source with Typst's own fonts only; it refuses what PDF/UA-1 does not allow."""
    typst = _typst()
    try:
        made: bytes = typst.compile(
            _source(name),
            root=SOURCES,
            ignore_system_fonts=True,
            pdf_standards=["ua-1"] if accessible else [],
        )
    except typst.TypstError as error:
        raise SamplesError(f"{name} cannot be typeset: {error}") from error
    return made


class _Spot(NamedTuple):
    # In points from the top left corner of the page.
    page: int
    x: float
    y: float
    width: float
    height: float


def _covered_spot() -> _Spot:
    """Return the position in the draft of the name that is to be covered."""
    answer = _typst().query(
        _source("draft.typ"),
        "<covered>",
        field="value",
        one=True,
        root=SOURCES,
        ignore_system_fonts=True,
    )
    return _Spot(**json.loads(answer))


# --- changes after typesetting --------------------------------------------------------------------


def _without_names(made: bytes) -> bytes:
    """Remove the name of the program, and set the title to be shown instead of the file name."""
    with pikepdf.open(BytesIO(made)) as pdf:
        for key in (Name.Creator, Name.Producer, Name.Author):
            if key in pdf.docinfo:
                del pdf.docinfo[key]
        with pdf.open_metadata(set_pikepdf_as_editor=False, update_docinfo=False) as metadata:
            for property_name in _PROGRAMS_AND_PEOPLE:
                if property_name in metadata:
                    del metadata[property_name]
        pdf.Root.Metadata.write(_TOOLKIT.sub(b"", pdf.Root.Metadata.read_bytes()))
        if Name.ViewerPreferences not in pdf.Root:
            pdf.Root.ViewerPreferences = Dictionary()
        pdf.Root.ViewerPreferences.DisplayDocTitle = True
        return _saved(pdf)


def _add_comment(pdf: pikepdf.Pdf) -> None:
    comment = Dictionary(
        Type=Name.Annot,
        Subtype=Name.Text,
        Rect=Array([535, 700, 555, 720]),
        Name=Name.Comment,
        T=String(PLANTED_PERSON),
        Contents=String(PLANTED_COMMENT),
        C=Array([1, 0.82, 0.3]),
        F=4,
    )
    page = pdf.pages[0].obj
    page.Annots = Array([*page.get(Name.Annots, []), pdf.make_indirect(comment)])


def _cover_name(pdf: pikepdf.Pdf, spot: _Spot) -> None:
    """Draw a black box over the name, as people do who think that this removes it."""
    page = pdf.pages[spot.page - 1]
    bottom = float(page.mediabox[3]) - spot.y - spot.height
    box = f"{spot.x:.2f} {bottom:.2f} {spot.width:.2f} {spot.height:.2f} re"
    page.contents_add(b"q", prepend=True)
    page.contents_add(f"Q /Artifact BMC q 0 g {box} f Q EMC".encode())


def _add_photo(pdf: pikepdf.Pdf) -> None:
    """Put the photograph, as a camera would have saved it, in place of the only picture."""
    [picture] = pdf.pages[2].get_images().values()
    width, height = PHOTO_SIZE
    picture.write(_photo(), filter=Name.DCTDecode)
    picture.Width, picture.Height = width, height
    picture.ColorSpace, picture.BitsPerComponent = Name.DeviceRGB, 8


def _photo() -> bytes:
    """Return a JPEG of a drawn landscape whose metadata give author, time and place (nowhere)."""
    width, height = PHOTO_SIZE
    picture = Image.new("RGB", PHOTO_SIZE)
    draw = ImageDraw.Draw(picture)
    for y in range(height):
        draw.line([(0, y), (width, y)], fill=(236 - y // 12, 214 - y // 24, 178 + y // 24))
    draw.ellipse([600, 150, 720, 270], fill=(252, 236, 190))
    draw.ellipse([-320, 380, 680, 1200], fill=(104, 142, 128))
    draw.ellipse([360, 420, 1400, 1300], fill=(70, 116, 104))
    draw.ellipse([-260, 540, 1220, 1400], fill=(38, 88, 80))
    draw.polygon([(430, 720), (560, 720), (522, 600), (512, 548), (502, 600)], fill=(206, 196, 164))
    draw.rectangle([470, 486, 556, 552], fill=(232, 222, 200))
    draw.polygon([(460, 488), (513, 440), (566, 488)], fill=(122, 62, 50))
    draw.rectangle([503, 516, 523, 552], fill=(92, 60, 46))
    picture = picture.filter(ImageFilter.GaussianBlur(1.2))

    exif = Image.Exif()
    exif[ExifTags.Base.Make] = "Sample Cameras (fictional)"
    exif[ExifTags.Base.Model] = "Sample One"
    exif[ExifTags.Base.Artist] = PLANTED_PERSON
    exif[ExifTags.Base.DateTime] = "2026:01:15 08:40:00"
    place = exif.get_ifd(ExifTags.IFD.GPSInfo)
    place[ExifTags.GPS.GPSLatitudeRef], place[ExifTags.GPS.GPSLatitude] = "N", (0.0, 0.0, 0.0)
    place[ExifTags.GPS.GPSLongitudeRef], place[ExifTags.GPS.GPSLongitude] = "E", (0.0, 0.0, 0.0)

    file = BytesIO()
    picture.save(file, "JPEG", quality=80, exif=exif)
    return file.getvalue()


def _saved(pdf: pikepdf.Pdf) -> bytes:
    # False is what its absence means, and pdfinfo stumbles over the word.
    if Name.Suspects in pdf.Root.MarkInfo:
        del pdf.Root.MarkInfo.Suspects
    file = BytesIO()
    pdf.save(file, deterministic_id=True)
    return file.getvalue()
