"""What the report of a file says of its findings, each thing once."""

import pytest
from django.template.loader import render_to_string
from django.test import Client

from mscp.publishing.gate import State
from reviews.documents.report_links import report_address
from reviews.documents.reported_findings import Findings
from reviews.findings import explained
from reviews.models import DocumentFile
from tests.factories import make_document, make_file, make_finding, make_review
from tests.pages import assert_valid, text_of

pytestmark = pytest.mark.django_db

# The kinds of the findings of pages 1, 2, … and the pages beside which advice stands.
ADVICE: list[tuple[list[str], list[int]]] = [
    (["covered_text"], [1]),
    (["covered_text", "covered_text", "covered_text"], [1]),
    (["covered_text", "pale_text"], [1, 2]),
    (["covered_text", "pale_text", "covered_text", "pale_text"], [1, 2]),
    (["tiny_text", "off_page_text", "off_page_text", "not_checked"], [1, 2, 4]),
    ([], []),
]


def file_with(kinds: list[str]) -> DocumentFile:
    file = make_file(b"%PDF-1.7 of this test")
    for page, kind in enumerate(kinds, 1):
        make_finding(file, kind=kind, page=page)
    return file


@pytest.mark.parametrize(("kinds", "pages"), ADVICE)
def test_advice_stands_with_the_first_finding_of_its_kind(
    kinds: list[str], pages: list[int]
) -> None:
    findings = Findings(file_with(kinds))
    first = findings.first_of_kind
    assert [one.page for one in findings.to_settle if one.pk in first] == pages
    said = render_to_string("admin/reviews/found.html", {"findings": findings})
    for kind in set(kinds):
        assert said.count(explained(kind).advice.partition(".")[0].partition("“")[0]) == 1


def test_the_form_shows_the_words_that_stand_on_no_page_as_the_report_does() -> None:
    file = make_file(b"%PDF-1.7 of this test")
    details = ["bookmark: “Jane Samplename”", *(f"bookmark: “Part {n}”" for n in range(1, 6))]
    make_finding(file, kind="words_on_no_page", details=details)
    said = render_to_string("admin/reviews/found.html", {"findings": Findings(file)})
    assert all(f"<li>{detail}</li>" in said for detail in details)


@pytest.mark.parametrize("has_text", [True, False])
def test_the_report_of_a_scan_says_how_its_words_can_be_corrected(
    editor: Client, *, has_text: bool
) -> None:
    file = make_file(b"%PDF-1.7 of this test", has_text=has_text)
    make_document(make_review(state=State.DRAFT), file=file)
    response = editor.get(report_address(DocumentFile.objects.get()))
    assert_valid(response)
    said = text_of(response)
    assert ("the pages are pictures. Have the text recognised (OCR)" in said) is not has_text
    assert ("put them right: correct page 1" in said) is has_text
