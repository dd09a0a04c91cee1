"""How severe each kind of finding is."""

import pytest

from reviews.findings import ACCESSIBILITY, KINDS, PRIVACY, Severity, explained, severity_of
from reviews.pdf.report import Check

MUST = {
    *("unapplied_redaction", "covered_text", "invisible_text", "pale_text", "tiny_text"),
    *("off_page_text", "hidden_layer", "telling_file_name", "not_checked"),
}


def test_a_person_settles_what_no_cleaned_copy_takes_out() -> None:
    assert KINDS[Severity.MUST_SETTLE] >= MUST
    assert {kind for kind in PRIVACY if explained(kind).can_be_cleaned} == KINDS[
        Severity.WILL_BE_CLEANED
    ]


@pytest.mark.parametrize("check", list(Check))
def test_every_kind_has_one_severity_and_its_words(check: Check) -> None:
    assert [severity for severity in Severity if check in KINDS[severity]] == [severity_of(check)]
    assert explained(check).title != check and explained(check).advice
    assert (check in PRIVACY) is (severity_of(check) is not Severity.TO_KNOW)


def test_what_keeps_readers_out_is_only_to_know() -> None:
    assert KINDS[Severity.TO_KNOW] >= ACCESSIBILITY


def test_a_kind_that_is_no_longer_known_is_only_to_know() -> None:
    assert severity_of("long_gone") is Severity.TO_KNOW
