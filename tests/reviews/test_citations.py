"""Citations: the Harvard line on the page, and records that real parsers read back unchanged."""

import re
from typing import Any

import bibtexparser
import pytest
import rispy
from bibtexparser.middlewares import LatexDecodingMiddleware
from django.test import Client
from pylatexenc.latex2text import LatexNodes2Text, MacroTextSpec, get_default_latex_context_db

from mscp.records.partial_dates import PartialDate
from reviews.models import Document
from tests.factories import (
    MINIMAL_PDF,
    make_briefing,
    make_document,
    make_finding,
    make_report,
    make_review,
    make_theme,
)
from tests.pages import assert_valid, text_of
from tests.test_structured_data import one, said_at

pytestmark = pytest.mark.django_db

NASTY = [
    "50% of {all} cases & #1_a ~ b^2 $5",
    r"A \ backslash, \textbf{bold} and \end{document}",
    "One { too many",
    "And } one the other way",
    "Straight \"quotes\", 'single', ``ticks'' and – -- --- dashes",
    "Siân’s « Zoë » – Łódź, 漢字 and 👶",
    "@techreport{key, title = {Other}}",
    "TY  - BOOK",
    "Ends with a backslash \\",
    "<script>alert(1)</script> & </cite>",
    "Line\u2028separator\x85and\x0btab\there",
]


def line_of(publication: Any) -> str:
    response = Client().get(publication.get_absolute_url())
    assert_valid(response)
    found = re.search(
        r"Cite this (?:practice review|national report|7-minute learning) (.*?) RIS",
        text_of(response),
    )
    assert found
    return re.sub(r" ([.,])", r"\1", found[1])


def ris_of(publication: Any) -> dict[str, Any]:
    response = Client().get(f"{publication.get_absolute_url()}cite.ris")
    assert response.headers["Content-Type"].startswith("application/x-research-info-systems")
    (record,) = rispy.loads(response.content.decode())
    return record


def bibtex_of(publication: Any) -> tuple[str, dict[str, str]]:
    response = Client().get(f"{publication.get_absolute_url()}cite.bib")
    assert response.headers["Content-Type"].startswith("application/x-bibtex")
    names = get_default_latex_context_db()
    # Names of LaTeX itself that the reader does not know, or knows as another sign.
    signs = {"textbraceleft": "{", "textbraceright": "}", "textasciicircum": "^"}
    names.add_context_category(
        "kernel", macros=[MacroTextSpec(n, s) for n, s in signs.items()], prepend=True
    )
    decoder = LatexNodes2Text(names, keep_braced_groups=False, math_mode="verbatim")
    text = response.content.decode()
    # As BibTeX itself reads: it counts every brace, whatever stands before it.
    assert text.count("{") == text.count("}")
    library = bibtexparser.parse_string(
        text, append_middleware=[LatexDecodingMiddleware(decoder=decoder)]
    )
    assert not library.failed_blocks
    (entry,) = library.entries
    assert entry.entry_type == "techreport"
    return entry.key, {field.key: field.value for field in entry.fields}


def test_a_review_is_cited_by_reviewer_year_title_and_publisher() -> None:
    review = make_review(
        title="Sample review (fictional)",
        reviewer="A. Reviewer",
        publisher="Anytown partnership",
        report_date=PartialDate(2024, 7, 16),
        themes=[make_theme(name="Neglect & more")],
    )
    address = "http://testserver/reviews/sample-review-fictional/"
    assert line_of(review) == (
        "A. Reviewer (2024) Sample review (fictional). Anytown partnership. "
        f"Available at: {address} (Accessed: 23 November 2026)."
    )
    assert "<cite>Sample review (fictional)</cite>" in (
        Client().get(review.get_absolute_url()).content.decode()
    )
    assert ris_of(review) == {
        "type_of_reference": "RPRT",
        "id": f"practice-review-{review.pk}",
        "title": "Sample review (fictional)",
        "authors": ["A. Reviewer"],
        "publisher": "Anytown partnership",
        "type_of_work": "Local child safeguarding practice review",
        "year": "2024",
        "date": "2024/07/16/",
        "keywords": ["Neglect & more"],
        "urls": [address],
        "access_date": "2026/11/23/",
    }
    key, fields = bibtex_of(review)
    assert key == f"practice-review-{review.pk}"
    assert fields == {
        "author": "A. Reviewer",
        "title": "Sample review (fictional)",
        "institution": "Anytown partnership",
        "type": "Local child safeguarding practice review",
        "year": "2024",
        "month": "jul",
        "day": "16",
        "keywords": "Neglect & more",
        "url": address,
        "urldate": "2026-11-23",
    }


def test_several_reviewers_are_several_authors() -> None:
    review = make_review(reviewer="Ann Bee;  Carl Dee and Co ; Eve Eff;", publisher="The Panel")
    names = ["Ann Bee", "Carl Dee and Co", "Eve Eff"]
    assert line_of(review).startswith("Ann Bee, Carl Dee and Co and Eve Eff (no date)")
    assert ris_of(review)["authors"] == names
    assert "author = {{Ann Bee} and {Carl Dee and Co} and {Eve Eff}}," in (
        Client().get(f"{review.get_absolute_url()}cite.bib").content.decode()
    )
    page = Client().get(review.get_absolute_url())
    assert "Reviewers: Ann Bee, Carl Dee and Co and Eve Eff" in text_of(page)
    assert re.findall('name="citation_author" content="([^"]*)"', page.content.decode()) == names
    assert re.findall('name="DC.creator" content="([^"]*)"', page.content.decode()) == names
    assert one("Report", said_at(review.get_absolute_url()))["creditText"] == names


def test_a_page_tells_reference_managers_what_it_is_and_where_its_file_is() -> None:
    report = make_report(
        title="On “bruising”", publisher="The Panel", report_date=PartialDate(2022, 7)
    )
    make_document(report, title="Elsewhere")
    make_document(report, title="Hidden", position=1, pdf=MINIMAL_PDF)
    document = make_document(report, title="The report", position=2, pdf=MINIMAL_PDF)
    make_finding(Document.objects.get(title="Hidden").file)
    page = Client().get(report.get_absolute_url()).content.decode()
    tags = dict(re.findall('<meta name="((?:citation_|DC.|bibo:)[^"]*)" content="([^"]*)"', page))
    assert tags == {
        "citation_title": "On “bruising”",
        "citation_author": "The Panel,",
        "citation_publication_date": "2022/07",
        "citation_technical_report_institution": "The Panel",
        "citation_pdf_url": f"http://testserver{document.get_absolute_url()}",
        "citation_language": "en-GB",
        "bibo:type": "Report",
        "DC.type": "Thematic report",
        "DC.title": "On “bruising”",
        "DC.creator": "The Panel",
        "DC.publisher": "The Panel",
        "DC.date": "2022-07",
        "DC.identifier": f"http://testserver{report.get_absolute_url()}",
    }


@pytest.mark.parametrize(
    ("reviewer", "publisher", "author"),
    [
        # Zotero takes what is before a comma for the family name, else the last word.
        ("", "Child Safeguarding Panel", "Child Safeguarding Panel,"),
        ("", "Department for Children, Schools and Families", None),
        ("Ann Bee", "Child Safeguarding Panel", "Ann Bee"),
    ],
)
def test_a_body_that_is_the_author_has_one_name(
    reviewer: str, publisher: str, author: str | None
) -> None:
    review = make_review(reviewer=reviewer, publisher=publisher)
    page = Client().get(review.get_absolute_url()).content.decode()
    tags = re.findall('name="citation_author" content="([^"]*)"', page)
    assert tags == [author or publisher]
    assert re.findall('name="DC.creator" content="([^"]*)"', page) == [reviewer or publisher]
    assert line_of(review).startswith(f"{reviewer or publisher} (no date)")


def test_a_report_is_cited_by_its_publisher_once() -> None:
    report = make_report(title="On bruising", publisher="The Panel", report_date=PartialDate(2022))
    assert line_of(report).startswith("The Panel (2022) On bruising. Available at: http://")
    assert ris_of(report)["authors"] == ["The Panel"]


def test_what_is_not_known_is_left_out_or_said_to_be_unknown() -> None:
    learning = make_briefing(title="What helps?")
    assert line_of(learning).startswith("What helps? (no date). Available at: http://")
    record = ris_of(learning)
    assert not {"authors", "year", "date", "publisher"} & set(record)
    _, fields = bibtex_of(learning)
    assert set(fields) == {"title", "type", "url", "urldate"}


def test_a_title_keeps_its_own_last_stop() -> None:
    report = make_report(title="What helps?", publisher="The Panel")
    assert line_of(report).startswith("The Panel (no date) What helps? Available at:")


@pytest.mark.parametrize(
    ("known", "ris", "month"),
    [
        (PartialDate(2024), "2024///", None),
        (PartialDate(2024, 2), "2024/02//", "feb"),
        (PartialDate(2024, 2, 3), "2024/02/03/", "feb"),
    ],
)
def test_a_date_is_shown_as_far_as_it_is_known(
    known: PartialDate, ris: str, month: str | None
) -> None:
    report = make_report(report_date=known)
    assert ris_of(report)["date"] == ris
    assert bibtex_of(report)[1].get("month") == month


@pytest.mark.parametrize("title", NASTY)
def test_any_title_comes_back_as_it_was(title: str) -> None:
    publication = make_review(title=title, reviewer=title[:140], publisher=title[:140])
    plain = " ".join(title.split())
    record = ris_of(publication)
    assert record["title"] == record["publisher"] == record["authors"][0] == plain
    key, fields = bibtex_of(publication)
    assert key == f"practice-review-{publication.pk}"
    assert fields["title"] == fields["author"] == fields["institution"] == plain
    assert plain in " ".join(text_of(Client().get(publication.get_absolute_url())).split())


def test_the_key_outlives_the_title() -> None:
    review = make_review(title="First")
    before, _ = bibtex_of(review)
    review.title = "Second"
    review.save()
    assert bibtex_of(review)[0] == before


def test_a_record_is_saved_under_the_name_of_its_page_and_is_no_page_to_find() -> None:
    review = make_review(title="Sample review")
    response = Client().get(f"{review.get_absolute_url()}cite.bib")
    assert response.headers["Content-Disposition"] == 'attachment; filename="sample-review.bib"'
    assert response.headers["X-Robots-Tag"] == "noindex"
    assert Client().get(f"{review.get_absolute_url()}cite.txt").status_code == 404
