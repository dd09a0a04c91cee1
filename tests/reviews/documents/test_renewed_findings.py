"""A file is read again: what was settled in it stays settled, and only the rest is to be judged."""

from typing import Any

import pytest

from reviews.documents.renewing import renew_findings
from reviews.models import DocumentFile, Finding
from reviews.pdf.report import Check, Found
from tests.factories import make_file, make_finding, make_user

pytestmark = pytest.mark.django_db

COVERED, OFF, DATA = Check.COVERED_TEXT, Check.OFF_PAGE_TEXT, Check.PROGRAM_DATA


def settled(file: DocumentFile, **fields: Any) -> Finding:
    finding = make_finding(file, **fields)
    finding.accept(reason="The name of a bird", user=make_user())
    return finding


def summary_of(file: DocumentFile) -> list[tuple[Any, ...]]:
    return [
        (one.kind, one.page, one.pages, one.details, one.is_accepted)
        for one in file.findings.select_related("file")
    ]


# What was settled (kind, page, pages, details), what is found now, and what is then to be judged.
STAY = {
    "the same": ([(COVERED, 3, [], ["a"])], [Found(COVERED, 3, ["a"])], []),
    "less of it": ([(COVERED, 3, [], ["a", "b"])], [Found(COVERED, 3, ["b"])], []),
    "one a page, now one of all": (
        [(OFF, 1, [], ["a"]), (OFF, 2, [], ["b"])],
        [Found(OFF, 1, ["a (page 1)", "b (page 2)"], [1, 2])],
        [],
    ),
    "of the file as such": ([(DATA, None, [], ["a"])], [Found(DATA, None, ["a"])], []),
    "another word on its page": (
        [(COVERED, 3, [], ["a"])],
        [Found(COVERED, 3, ["a", "b"])],
        [(COVERED, 3, [], ["b"], False)],
    ),
    "the same on another page": (
        [(OFF, 1, [], ["a"])],
        [Found(OFF, 1, ["a"], [1, 2, 5])],
        [(OFF, 2, [2, 5], ["a"], False)],
    ),
    "another word on another page": (
        [(OFF, 1, [], ["a"])],
        [Found(OFF, 1, ["a (page 1)", "b (page 2)"], [1, 2])],
        [(OFF, 1, [1, 2], ["a (page 1)", "b (page 2)"], False)],
    ),
    "on pages, of a file as such": (
        [(DATA, None, [], ["a"])],
        [Found(DATA, None, ["a"], [4])],
        [(DATA, 4, [], ["a"], False)],
    ),
}


@pytest.mark.parametrize("case", STAY)
def test_what_was_settled_at_its_place_stays_settled(case: str) -> None:
    before, found, expected = STAY[case]
    file = make_file(b"%PDF-1.7 of this test")
    kept = [
        settled(file, kind=kind, page=page, pages=pages, details=details)
        for kind, page, pages, details in before
    ]
    assert renew_findings(file, found) == len(expected)
    assert [one for one in summary_of(file) if not one[-1]] == expected
    assert {one.pk for one in kept} <= {one.pk for one in file.findings.all()}


GONE = {
    "another kind": Found(Check.PALE_TEXT, 3, ["a"]),
    "another page": Found(COVERED, 4, ["a"]),
    "the file as such": Found(COVERED, None, ["a"]),
}


@pytest.mark.parametrize("case", GONE)
def test_what_is_found_elsewhere_is_not_settled_by_it(case: str) -> None:
    file, found = make_file(b"%PDF-1.7 of this test"), GONE[case]
    settled(file, kind=COVERED, page=3, details=["a"])
    assert renew_findings(file, [found]) == 1
    assert summary_of(file) == [(found.check, found.page, [], ["a"], False)]


def test_what_was_settled_for_other_bytes_is_asked_again() -> None:
    file = make_file(b"%PDF-1.7 of this test")
    old = settled(file, kind=COVERED, page=3, details=["a"])
    Finding.objects.filter(pk=old.pk).update(accepted_sha256="0" * 64)
    renew_findings(file, [Found(COVERED, 3, ["a"])])
    assert [one[-1] for one in summary_of(file)] == [False]


def test_what_is_open_and_found_again_is_the_same_finding_and_the_rest_goes() -> None:
    file = make_file(b"%PDF-1.7 of this test")
    same = make_finding(file, kind=COVERED, page=3, details=["a"])
    make_finding(file, kind=Check.EARLIER_REVISION, details=["told by an earlier release"])
    assert renew_findings(file, [Found(COVERED, 3, ["a"])]) == 0
    assert [one.pk for one in file.findings.all()] == [same.pk]
