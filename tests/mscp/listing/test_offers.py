"""What is shown of an offer: of very long words, those about the first that differs."""

import pytest

from mscp.listing.offers import LONGEST_LABEL, part_that_differs

PASTED = (
    "the review found that nobody had asked the {} what the days of the child were like at home"
)
LONG = "z" * 150


@pytest.mark.parametrize(
    ("typed", "words", "shown"),
    [
        ("negelct", "neglect", "neglect"),
        ('"did not atend"', '"did not attend"', '"did not attend"'),
        (
            PASTED.format("fathr"),
            PASTED.format("father"),
            "… that nobody had asked the father what the days of the child were like at home",
        ),
        (
            f"{PASTED.format('x')} mohter",
            f"{PASTED.format('x')} mother",
            "… the child were like at home mother",
        ),
        (
            f"fathr {PASTED.format('x')}",
            f"father {PASTED.format('x')}",
            "father the review found that nobody had asked the x what the days of the child …",
        ),
        # Words as long as what was typed are cut too.
        (f"{LONG}a", f"{LONG}b", f"… {'z' * (LONGEST_LABEL // 2)}b"),
        (f"b{LONG}", f"a{LONG}", f"a{'z' * (LONGEST_LABEL - 1)} …"),
        ("", LONG, f"{'z' * LONGEST_LABEL} …"),
    ],
)
def test_of_long_words_the_part_that_differs_is_shown(typed: str, words: str, shown: str) -> None:
    found = part_that_differs(words, typed)
    assert len(found) <= LONGEST_LABEL + 4
    assert found == shown
