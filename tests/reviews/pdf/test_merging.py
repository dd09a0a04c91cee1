"""One finding for each thing that must be judged, with all its pages."""

import pytest

from reviews.findings import KINDS, Severity
from reviews.pdf.merging import merged
from reviews.pdf.report import TOGETHER, Check, Found, pages_in_words


@pytest.mark.parametrize(
    ("pages", "words"),
    [
        ([3], "page 3"),
        ([2, 1], "pages 1 and 2"),
        ([1, 2, 3], "pages 1–3"),
        ([1, 3, 5], "pages 1, 3 and 5"),
        ([*range(1, 301)], "pages 1–300"),
        ([1, 2, 3, 7], "pages 1–3 and 7"),
        ([1, 2, 4, 5, 6, 9, 9], "pages 1, 2, 4–6 and 9"),
    ],
)
def test_pages_are_told_in_short(pages: list[int], words: str) -> None:
    assert pages_in_words(pages) == words


def test_what_a_copy_takes_out_is_one_finding_of_a_file() -> None:
    assert KINDS[Severity.WILL_BE_CLEANED] <= TOGETHER
    assert TOGETHER & KINDS[Severity.MUST_SETTLE] == {Check.OFF_PAGE_TEXT}


def test_text_off_many_pages_is_one_finding_that_leaves_no_word_out() -> None:
    found = [Found(Check.OFF_PAGE_TEXT, page, [f"Draft of page {page}"]) for page in range(2, 103)]
    found.append(Found(Check.OFF_PAGE_TEXT, 103, ["Draft of page 2"]))
    [one] = merged(found)
    assert (one.page, one.pages) == (2, list(range(2, 104)))
    assert one.details[0] == "Draft of page 2 (pages 2 and 103)"
    assert one.details[-1] == "Draft of page 102 (page 102)" and len(one.details) == 101


def test_the_data_of_a_program_on_every_page_is_one_finding() -> None:
    found = [Found(Check.PROGRAM_DATA, page, ["kept by InDesign"]) for page in range(1, 301)]
    assert merged(found) == [
        Found(Check.PROGRAM_DATA, 1, ["kept by InDesign"], list(range(1, 301)))
    ]


def test_details_of_different_pages_name_them() -> None:
    found = [
        Found(Check.PRIVATE_LINK, 3, ["file:///a"]),
        Found(Check.PRIVATE_LINK, 2, ["file:///a", "file:///b"]),
        Found(Check.PRIVATE_LINK, None, ["file:///c"]),
    ]
    details = ["file:///c", "file:///a (pages 2 and 3)", "file:///b (page 2)"]
    assert merged(found) == [Found(Check.PRIVATE_LINK, None, details, [2, 3])]


def test_many_details_end_in_their_number() -> None:
    [one] = merged(Found(Check.COMMENTS, page, [f"note {page}"]) for page in range(1, 101))
    assert one.details[-1] == "and 60 more" and one.pages == list(range(1, 101))


@pytest.mark.parametrize("check", sorted(KINDS[Severity.MUST_SETTLE] - TOGETHER))
def test_what_a_person_judges_is_apart_on_each_page_unless_it_is_the_same(check: str) -> None:
    found = [
        Found(Check(check), 1, ["“Jane”"]),
        Found(Check(check), 2, ["“Rose Lane”"]),
        Found(Check(check), 9, ["“Jane”"]),
    ]
    assert merged(found) == [
        Found(Check(check), 1, ["“Jane”"], [1, 9]),
        Found(Check(check), 2, ["“Rose Lane”"]),
    ]


def test_those_of_the_file_come_before_those_of_its_pages() -> None:
    found = [Found(Check.PALE_TEXT, 1), Found(Check.COVERED_TEXT, 1), Found(Check.NOT_CHECKED)]
    order = [(one.check, one.page) for one in merged(found)]
    assert order == [
        (Check.NOT_CHECKED, None),
        (Check.COVERED_TEXT, 1),
        (Check.PALE_TEXT, 1),
    ]
