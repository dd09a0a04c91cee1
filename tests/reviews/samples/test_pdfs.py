import json
import re
import sys
from collections.abc import Callable
from io import BytesIO

import pikepdf
import pypdfium2
import pytest
from PIL import ExifTags, Image

from mscp.records.partial_dates import PartialDate
from reviews.models import TYPES_OF_KIND, Briefing, DocumentKind, PracticeReview
from reviews.samples import pdfs as samples
from tests.reviews.reading_many import read_many

MAKERS = {
    "review": samples.review_pdf,
    "summary": samples.summary_pdf,
    "draft": samples.draft_pdf,
}
CLEAN = ["review", "summary"]


@pytest.fixture(scope="module")
def made() -> dict[str, bytes]:
    return {name: make() for name, make in MAKERS.items()}


def opened(made: dict[str, bytes], name: str) -> pikepdf.Pdf:
    return pikepdf.open(BytesIO(made[name]))


def texts(content: bytes) -> list[str]:
    with pypdfium2.PdfDocument(content) as pdf:
        return [page.get_textpage().get_text_range() for page in pdf]


@pytest.mark.parametrize("name", MAKERS)
def test_every_page_says_that_it_is_fictional(made: dict[str, bytes], name: str) -> None:
    pages = texts(made[name])
    assert all("fictional" in page for page in pages)
    assert "This document is invented." in pages[0].replace("\r\n", " ")


@pytest.mark.parametrize(("name", "pages"), [("review", 13), ("summary", 2), ("draft", 3)])
def test_pages_are_numbered(made: dict[str, bytes], name: str, pages: int) -> None:
    found = texts(made[name])
    assert len(found) == pages
    first = 1 if name == "review" else 0  # its cover has no number
    for number, text in enumerate(found[first:], start=first + 1):
        assert f"Page {number} of {pages}" in text


@pytest.mark.parametrize("name", MAKERS)
def test_no_page_is_nearly_empty(made: dict[str, bytes], name: str) -> None:
    first = 1 if name == "review" else 0
    assert all(len(text) > 700 for text in texts(made[name])[first:])


@pytest.mark.parametrize(
    ("name", "title"),
    [
        ("review", "Sample review (fictional)"),
        ("summary", "Executive summary (fictional)"),
        ("draft", "Sample draft with findings (fictional)"),
    ],
)
def test_it_is_tagged_and_has_title_and_language(
    made: dict[str, bytes], name: str, title: str
) -> None:
    with opened(made, name) as pdf:
        assert pdf.Root.MarkInfo.Marked
        assert pikepdf.Name.StructTreeRoot in pdf.Root
        assert str(pdf.Root.Lang) == "en-GB"
        assert str(pdf.docinfo["/Title"]) == title
        with pdf.open_metadata(set_pikepdf_as_editor=False) as metadata:
            assert metadata["dc:title"] == title


@pytest.mark.parametrize("name", CLEAN)
def test_a_clean_one_names_no_program_and_no_person(made: dict[str, bytes], name: str) -> None:
    with opened(made, name) as pdf:
        assert set(pdf.docinfo.keys()) == {"/Title"}
        packet = pdf.Root.Metadata.read_bytes().decode()
        assert not re.search("CreatorTool|Producer|dc:creator|xmptk|typst|pikepdf", packet, re.I)
        assert pdf.Root.ViewerPreferences.DisplayDocTitle
        assert not any(_comments(page) for page in pdf.pages)
    assert b"Sampleperson" not in made[name]
    assert not any("Sampleperson" in text for text in texts(made[name]))


def _comments(page: pikepdf.Page) -> list[pikepdf.Object]:
    annotations = page.obj.get("/Annots", pikepdf.Array())
    return [each for each in annotations if each.Subtype != pikepdf.Name.Link]


def test_the_review_has_bookmarks(made: dict[str, bytes]) -> None:
    with opened(made, "review") as pdf, pdf.open_outline() as outline:
        assert [item.title for item in outline.root] == [
            "1 Introduction and terms",
            "2 The child and family",
            "3 What happened",
            "4 Voice of the child",
            "5 Findings",
            "6 What worked well",
            "7 Learning and questions for practice",
            "8 Recommendations",
            "Appendix A: Agencies",
            "Appendix B: Glossary",
        ]
        assert "Professional curiosity" in [item.title for item in outline.root[4].children]


def test_every_bookmark_is_a_heading_of_the_text(made: dict[str, bytes]) -> None:
    """Also where a paragraph goes on overleaf, whose tags name content of both pages."""
    with opened(made, "review") as pdf, pdf.open_outline() as outline:
        titles = [one.title for item in outline.root for one in (item, *item.children)]
    reading = read_many({"review": made["review"]})["review"]
    assert not isinstance(reading, str) and "Information sharing" in titles
    blocks = [block for page in reading.pages for block in page.blocks]
    headings = [block["text"].replace("’", "'") for block in blocks if block["kind"] == "heading"]
    assert [title for title in titles if title not in headings] == []


def test_the_review_holds_what_a_reader_of_pdfs_has_to_cope_with(made: dict[str, bytes]) -> None:
    with opened(made, "review") as pdf:
        roles = [
            str(each.S)
            for each in pdf.objects
            if isinstance(each, pikepdf.Dictionary) and "/S" in each and "/P" in each
        ]
        drawings = [
            str(each.Alt)
            for each in pdf.objects
            if isinstance(each, pikepdf.Dictionary) and "/Alt" in each
        ]
    assert {"/H1", "/H2", "/TH", "/TD", "/L", "/LI", "/Note", "/Figure", "/BlockQuote"} <= {*roles}
    assert any(alt.startswith("Six services are drawn") for alt in drawings)
    text = "".join(texts(made["review"]))
    assert "\ufffe" in text or "\x02" in text  # words broken at the end of a line
    for number in ("1.1 ", "5.1 ", "5.18 ", "8.2 "):
        assert number in text


@pytest.mark.parametrize(("name", "make"), MAKERS.items())
def test_two_runs_make_the_same_bytes(
    made: dict[str, bytes], name: str, make: Callable[[], bytes]
) -> None:
    assert make() == made[name]


@pytest.mark.parametrize("name", MAKERS)
def test_only_the_fonts_inside_typst_are_used(made: dict[str, bytes], name: str) -> None:
    with opened(made, name) as pdf:
        fonts = {
            str(each.BaseFont).partition("+")[2]
            for each in pdf.objects
            if isinstance(each, pikepdf.Dictionary) and "/BaseFont" in each
        }
    assert fonts and all(font.startswith("LibertinusSerif-") for font in fonts), fonts


def test_an_author_is_planted(made: dict[str, bytes]) -> None:
    with opened(made, "draft") as pdf:
        assert str(pdf.docinfo["/Author"]) == "Alex Sampleperson"


def test_a_comment_is_planted(made: dict[str, bytes]) -> None:
    with opened(made, "draft") as pdf:
        [comment] = _comments(pdf.pages[0])
        assert comment.Subtype == pikepdf.Name.Text
        assert str(comment.T) == "Alex Sampleperson"
        assert str(comment.Contents) == "Check with the family before we publish"


def test_a_name_is_planted_under_a_black_box_that_just_covers_it(made: dict[str, bytes]) -> None:
    with pypdfium2.PdfDocument(made["draft"]) as pdf:
        page = pdf[1]
        text = page.get_textpage()
        found = text.search(samples.COVERED_NAME).get_next()
        assert found is not None
        start, count = found
        boxes = [text.get_charbox(index) for index in range(start, start + count)]
        shown = page.render(scale=4).to_pil().convert("L")
        height = page.get_height()
    left, right = min(box[0] for box in boxes), max(box[2] for box in boxes)
    bottom, top = min(box[1] for box in boxes), max(box[3] for box in boxes)
    name = (left, height - top, right, height - bottom)
    assert _range(shown, name) == (0, 0)
    # The words on both sides, and the lines above and below, are not covered.
    for around in (
        (left - 30, name[1], left - 3, name[3]),
        (right + 4, name[1], right + 30, name[3]),
        (left, name[1] - 16, right, name[1] - 6),
        (left, name[3] + 6, right, name[3] + 16),
    ):
        assert _range(shown, around)[1] == 255


def _range(shown: Image.Image, box: tuple[float, ...]) -> tuple[int, int]:
    darkest, lightest = shown.crop(tuple(round(4 * edge) for edge in box)).getextrema()
    return int(darkest), int(lightest)


def test_a_photograph_is_planted_that_tells_who_and_where(made: dict[str, bytes]) -> None:
    with opened(made, "draft") as pdf:
        [picture] = pdf.pages[2].get_images().values()
        assert picture.Filter == pikepdf.Name.DCTDecode
        photo = Image.open(BytesIO(picture.read_raw_bytes()))
        assert photo.size == (picture.Width, picture.Height)
    exif = photo.getexif()
    assert exif[ExifTags.Base.Artist] == "Alex Sampleperson"
    assert exif[ExifTags.Base.DateTime]
    assert ExifTags.GPS.GPSLatitude in exif.get_ifd(ExifTags.IFD.GPSInfo)


def test_without_typst_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "typst", None)
    with pytest.raises(samples.SamplesError, match=r"-r requirements-samples\.txt"):
        samples.review_pdf()


def test_without_its_source_it_says_which_file_is_missing(
    monkeypatch: pytest.MonkeyPatch, tmp_path: object
) -> None:
    monkeypatch.setattr(samples, "SOURCES", tmp_path)
    with pytest.raises(samples.SamplesError, match=r"review\.typ"):
        samples.review_pdf()


@pytest.mark.parametrize("sample", samples.SAMPLES, ids=lambda sample: sample.title)
def test_the_facts_fit_the_records_they_are_for(sample: samples.SamplePublication) -> None:
    assert sample.kind == PracticeReview.KIND
    assert sample.type in TYPES_OF_KIND[PracticeReview.KIND]
    assert "fictional" in sample.title and "invented" in sample.summary
    assert not sample.report_date or PartialDate.parse(sample.report_date)
    review = PracticeReview(
        kind=sample.kind,
        type=sample.type,
        title=sample.title,
        pseudonym=sample.pseudonym,
        child_reference=sample.child_reference,
        summary=sample.summary,
        staff_note=sample.staff_note,
    )
    review.clean_fields(exclude=["slug"])
    assert sample.documents
    for document in sample.documents:
        assert document.kind in DocumentKind.values
        assert "fictional" in document.title
        assert document.make in MAKERS.values()


def test_the_sample_learning_has_all_seven_parts_and_is_read_in_seven_minutes() -> None:
    learning = json.loads((samples.SOURCES / "learning.json").read_text())
    assert "fictional" in learning["title"]
    learning = Briefing(**{**learning, "report_date": PartialDate.parse(learning["report_date"])})
    assert len(learning.parts) == len(Briefing.PARTS)
    assert not learning.reading_time.is_too_long
    learning.clean_fields(exclude=["slug", "kind", "type"])
