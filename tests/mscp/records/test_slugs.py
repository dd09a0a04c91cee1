import re

import pytest
from django.db import IntegrityError, transaction

from mscp.records.slugs import SLUG_LENGTH
from reviews.models import PracticeReview
from tests.factories import make_report, make_review, make_theme

pytestmark = pytest.mark.django_db


def test_made_once_from_the_title_and_kept() -> None:
    review = make_review(title="A Sample: of Titles")
    assert review.slug == "a-sample-of-titles"
    review.title = "Another"
    review.save()
    assert PracticeReview.objects.get().slug == "a-sample-of-titles"


def test_equal_titles_get_numbers() -> None:
    assert [make_review(title="Same").slug for _ in range(3)] == ["same", "same-2", "same-3"]


def test_each_kind_has_its_own_addresses() -> None:
    assert make_review(title="Same").slug == make_report(title="Same").slug == "same"


def test_long_titles_are_cut_between_words() -> None:
    first, second = (make_review(title="safeguarding " * 19) for _ in range(2))
    assert len(first.slug) <= SLUG_LENGTH and len(second.slug) <= SLUG_LENGTH
    assert first.slug.endswith("safeguarding")
    assert second.slug.endswith("-2")


@pytest.mark.parametrize(
    ("title", "slug"),
    [
        (
            "Evidence based interventions to support parents who are experiencing conflict in "
            "their relationships",
            "evidence-based-interventions-to-support-parents-who-are-experiencing-conflict",
        ),
        (
            "Local authority designated officer (LADO) training: managing allegations against "
            "staff",
            "local-authority-designated-officer-lado-training-managing-allegations",
        ),
    ],
)
def test_an_address_ends_with_a_word_that_needs_no_other(title: str, slug: str) -> None:
    assert make_report(title=title).slug == slug
    # A number cuts no word either.
    assert make_report(title=title).slug == f"{slug}-2"


def test_a_number_is_added_behind_a_whole_word() -> None:
    title = "a" * 40 + " " + "b" * 39
    assert make_review(title=title).slug == f"{'a' * 40}-{'b' * 39}"
    assert make_review(title=title).slug == f"{'a' * 40}-2"


def test_one_endless_word_is_cut_anyway() -> None:
    assert make_review(title="x" * 200).slug == "x" * SLUG_LENGTH


def test_a_title_without_a_latin_letter_still_gets_an_address() -> None:
    assert re.fullmatch(r"[a-z0-9]{8}", make_theme(name="日本語").slug)


def test_the_database_holds_it() -> None:
    first, second = make_review(title="One"), make_review(title="Two")
    with pytest.raises(IntegrityError), transaction.atomic():
        PracticeReview.objects.filter(pk=second.pk).update(slug=first.slug)
