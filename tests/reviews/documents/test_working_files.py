"""Names and titles of files that are still worked on, and names that name nobody."""

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from mscp.publishing.gate import State
from reviews.documents.cleaning import clean
from reviews.documents.file_names import revealed_by_name, without_own_name
from reviews.models import Document, DocumentFile, PracticeReview
from reviews.pdf.report import Check, Found
from reviews.pdf.titles import is_placeholder, marks_of_working_file
from tests.factories import make_document, make_review
from tests.pdfs import clean_pdf
from tests.pdfs.builder import edited, strip_names

SAYS = "The Infected Blood Inquiry made Recommendations in November for a Grant of Payment."


@pytest.mark.parametrize(
    "name",
    [
        *("Inf Nov", "Blood Inquiry Recomm", "Annual Rept Sept", "Exec Summ Fin", "SCR Rev Jan"),
        *(
            "Child Q Overview Dec",
            "Infect Blood",
            "Grants Payments",
            "Appx Mins Mtg",
            "Strat Bd Prog",
        ),
    ],
)
def test_a_file_name_of_ordinary_words_cut_short_names_nobody(name: str) -> None:
    assert revealed_by_name(f"{name}.pdf", SAYS) == []


@pytest.mark.parametrize(
    "name",
    [
        *("Jane Samplename", "LCSPR Jane Samplename Nov", "Samplename Jane - Inf Rec", "Jo Alan"),
        *("Review_Tamsin_Sampleperson", "Tamsin-Sampleperson Recomm"),
    ],
)
def test_a_file_name_with_a_name_names_somebody(name: str) -> None:
    [sentence] = revealed_by_name(f"{name}.pdf", SAYS)
    assert "seems to name" in sentence


@pytest.mark.parametrize(
    ("title", "marks"),
    [
        ("Q LCSPR v7 FINAL jso comments", ["v7", "jso comments", "FINAL"]),
        ("Child M LCSPR DRAFT", ["DRAFT"]),
        ("LCSPR Child Q draft 3", ["draft 3"]),
        ("Draft - Child Q", ["Draft"]),
        ("Overview report (final)", ["final"]),
        ("Overview report (clean copy)", ["clean copy"]),
        ("SCR_ChildT_Overview", ["SCR_ChildT_Overview"]),
        ("20240131 LCSPR Child Q", ["20240131"]),
        ("Report with tracked changes", ["tracked"]),
        ("Report - unredacted", ["unredacted"]),
        ("Report.docx", [".docx"]),
        ("Microsoft Word - Oak", ["Microsoft Word"]),
        ("Copy of Overview report", ["Copy of"]),
        ("Report V2.1", ["V2.1"]),
        ("Overview report version 3", ["version 3"]),
        ("Overview report - JS edits", ["JS edits"]),
        ("Draft report", ["Draft report"]),
        ("Child M draft report for panel", ["draft report"]),
        ("Draft LCSPR report: Child M", ["Draft LCSPR report"]),
        ("Oak: draft overview report for the board", ["draft overview report"]),
        ("Draft serious case review of Child X", ["Draft serious case review"]),
        ("Draft action plan, Oak", ["Draft action plan"]),
        ("Oak draft_report of 2024", ["draft_report"]),
    ],
)
def test_the_title_of_a_working_file_is_told_by_its_marks(title: str, marks: list[str]) -> None:
    assert marks_of_working_file(title) == marks


@pytest.mark.parametrize(
    "title",
    [
        *(
            "Final report",
            "FINAL REPORT OF THE INQUIRY",
            "Draft Mental Health Bill",
            "R v Smith 2012",
        ),
        *("Government comments on the Committee's report", "Response to the draft report"),
        *(
            "Working Together to Safeguard Children 2018",
            "Annual report 2019-20",
            "Public comments",
        ),
        *("Comments on a draft review", "Draft learning disability strategy", "Overdraft report"),
        *(
            "Draft report template",
            "Draft review guidance",
            "What we learnt from our draft reports",
        ),
        *("Serious case review: Child T, 12.11.2013", "Copy of the letter to parents"),
        *("Learning from Child V: 2 years on", "Clean Air Strategy", "The Redacted Report", "Oak"),
        *("Child Q: 7-minute learning", "Version control in schools", "LCSPR Child M (2021)"),
    ],
)
def test_a_good_title_has_no_such_mark(title: str) -> None:
    assert marks_of_working_file(title) == []


PLACEHOLDERS = [
    *("untitled", "Untitled document", "(anonymous)", "Document1", "Presentation2", "Book1"),
    *("PowerPoint Presentation", "Slide 1", "Microsoft Word Document", "about:blank", "Layout 1"),
    *(
        "Insert title here",
        "[Document title]",
        "Title",
        "Scanned Document",
        "no title",
        "Untitled-3",
    ),
]


@pytest.mark.parametrize("title", PLACEHOLDERS)
def test_what_a_program_writes_for_a_title_is_none(title: str) -> None:
    assert is_placeholder(title) and marks_of_working_file(title) == []


@pytest.mark.parametrize(
    "title",
    [
        *("Document 1", "Book of learning", "Report", "The untitled child", "Scan of her brain"),
        *("Publication 2", "Title IV", "Anonymous: the report", "Print and share", "Slides"),
    ],
)
def test_a_title_that_somebody_gave_is_one(title: str) -> None:
    assert not is_placeholder(title)


@pytest.mark.django_db
@pytest.mark.parametrize("title", PLACEHOLDERS[:6])
def test_what_a_program_writes_for_a_title_is_offered_to_nobody(title: str, editor: Client) -> None:
    """Not as the title of the document, nor in its cleaned copy, and nothing is published so."""
    data = edited(clean_pdf(), lambda pdf: strip_names(pdf, title))
    sent = {"file": SimpleUploadedFile("report.pdf", data)}
    answer = editor.post("/admin/reviews/documentfile/upload/", sent).json()
    assert answer["title"] == ""
    file = DocumentFile.objects.get()
    assert [one.kind for one in file.findings.all()] == ["no_title"]
    review = make_review(state=State.DRAFT, summary="Words.")
    document = make_document(review, title=title, file=file)
    with pytest.raises(ValidationError, match="is what a program writes for a title"):
        review.publish()
    assert clean(file, user=editor.user).title == ""  # type: ignore[attr-defined]
    document.title = "Child Q: the report"
    document.save()
    PracticeReview.objects.get().publish()


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("title", "says"),
    [
        ("Oak v7", "“v7” in its title is of"),
        ("Oak v7 jso comments", "“v7” and “jso comments” in its title are of"),
        ("Oak v7 FINAL jso comments", "“v7”, “jso comments” and “FINAL” in its title are of"),
    ],
)
def test_the_marks_of_a_working_file_are_said_in_a_sentence(title: str, says: str) -> None:
    document = make_document(make_review(state=State.DRAFT), title=title, pdf=clean_pdf())
    [obstacle] = document.publishing_obstacles()
    assert says in str(obstacle)


@pytest.mark.django_db
def test_nothing_is_published_under_the_title_of_a_working_file() -> None:
    review = make_review(state=State.DRAFT, summary="Words.")
    document = make_document(review, pdf=clean_pdf(), title="Q LCSPR v7 FINAL")
    says = "“v7” and “FINAL” in its title are of a working file. Change it."
    with pytest.raises(ValidationError, match=says):
        review.publish()
    document.title = "Child Q: the report"
    document.save()
    PracticeReview.objects.get().publish()


@pytest.mark.django_db
def test_what_is_live_gets_no_such_title() -> None:
    document = make_document(make_review(), pdf=clean_pdf(), title="The report")
    document.title = "The report v7"
    with pytest.raises(ValidationError, match="Change it"):
        document.clean()
    # One that has it already can still be saved: nothing becomes worse.
    Document.objects.update(title="The report v7")
    Document.objects.get().clean()


@pytest.mark.parametrize(
    "author",
    [
        *("Sampleton Safeguarding Children Partnership", "SSCP", "sscp", "(SSCP)"),
        *(
            "SAMPLETON SAFEGUARDING CHILDREN PARTNERSHIP",
            "Sampleton safeguarding, children partnership",
        ),
    ],
)
def test_the_own_name_of_the_partnership_is_no_name_in_the_properties(author: str) -> None:
    own = ("Sampleton Safeguarding Children Partnership", "SSCP")
    mine, other = f"Author: {author}", "creator: Jane Samplename"
    comment = Found(Check.COMMENTS, 1, ["note"])
    kept = without_own_name([Found(Check.NAMES_IN_PROPERTIES, None, [mine, other]), comment], *own)
    assert kept == [Found(Check.NAMES_IN_PROPERTIES, None, [other]), comment]
    assert without_own_name([Found(Check.NAMES_IN_PROPERTIES, None, [mine])], *own) == []
    # Where the partnership has no abbreviation, nothing else is taken for it.
    empty = Found(Check.NAMES_IN_PROPERTIES, None, ["Author: -"])
    assert without_own_name([empty], own[0], "") == [empty]
