"""What the report of a file says of its findings, each thing once."""

import pytest
from django.template.loader import render_to_string

from reviews.documents.reported_findings import Findings
from reviews.findings import explained
from reviews.models import DocumentFile
from tests.factories import make_file, make_finding

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
