"""Addresses over the end of a line are put together as they were, with their hyphens."""

import pytest

from reviews.pdf.blocks import blocks_of
from reviews.pdf.plain_text import plain_text
from tests.reviews.pdf.letters import make_page, texts

BEFORE = "Please read the guidance at "
# The parts on two lines, and what they are together. A "\x02" is a hyphen as pdfium tells it.
TOGETHER = [
    (
        "www.gov.uk/publications/women-of-childbearing-age\x02",
        "currently-pregnant",
        "age-currently",
    ),
    ("https://www.gov.uk/government/working-together-to\x02", "safeguard-children", "to-safeguard"),
    ("https://www.merton-scp\x02", "partnership.org.uk/reviews", "scp-partnership.org"),
    ("safeguarding\x02", "children@merton.gov.uk", "safeguarding-children@"),
    ("anne\x02", "marie.smith@nhs.net", "anne-marie.smith@"),
    ("office@some\x02", "council.gov.uk", "some-council.gov"),
    ("information on working\x02", "together.org.uk/guide", "working-together.org"),
    ("https://assets.publishing.service.gov.uk/", "media/report.pdf", "gov.uk/media/report.pdf"),
    ("https://assets.publishing.service.gov.uk", "/media/report.pdf", "gov.uk/media/report.pdf"),
    ("https://www.gov.uk/find?type=lcspr&", "year=2020", "lcspr&year=2020"),
    ("https://www.gov.uk/find_", "all", "find_all"),
    ("https://www.gov.uk/reports/full_report.", "pdf", "full_report.pdf"),
    ("https://reports.ofsted.", "gov.uk/provider/44", "ofsted.gov.uk/provider"),
    ("enquiries@", "merton.gov.uk", "enquiries@merton.gov.uk"),
    ("https://www.gov.uk/government/publicat", "ions/working-together", "publications/working"),
]
APART = [
    ("All of it stands on www.gov.uk.", "The guidance", "www.gov.uk. The guidance"),
    ("All of it stands on www.gov.uk/", "The guidance", "www.gov.uk/ The guidance"),
    ("(see https://www.gov.uk/guide)", "and/or elsewhere", "guide) and/or"),
    ("https://www.gov.uk/one", "https://www.gov.uk/two", "one https:"),
    ("Write to office@merton.gov.uk", "or call us", "gov.uk or"),
    ("www.gov.uk/a", "Merton", "uk/a Merton"),
    ("They met a multi/", "agency team", "multi/agency"),
]


@pytest.mark.parametrize(("first", "second", "wanted"), [*TOGETHER, *APART])
def test_an_address_over_two_lines_is_whole(first: str, second: str, wanted: str) -> None:
    page = make_page(BEFORE + first, second + " before the visit, and keep it.")
    text = " ".join(texts(blocks_of([page])[0]))
    assert wanted in text
    if "\x02" in first:
        assert wanted in plain_text(page)


@pytest.mark.parametrize(
    ("first", "second", "wanted"),
    [
        ("the safeguard\x02", "ing partners", "the safeguarding partners"),
        ("the COVID\x02", "19 pandemic", "the COVID-19 pandemic"),
        ("in 2019\x02", "20 and after", "in 2019-20 and after"),
        ("by e-mail or tele\x02", "phone", "by e-mail or telephone"),
    ],
)
def test_what_is_no_address_is_joined_as_words_are(first: str, second: str, wanted: str) -> None:
    page = make_page(first, second)
    assert texts(blocks_of([page])[0]) == [wanted] and plain_text(page) == wanted
