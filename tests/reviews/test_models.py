from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from mscp.publishing.gate import State
from mscp.records.partial_dates import PartialDate
from reviews.models import Document, NationalReport, PracticeReview, Publication
from tests.factories import (
    MINIMAL_PDF,
    make_briefing,
    make_course,
    make_document,
    make_file,
    make_report,
    make_review,
    make_theme,
)

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("names", "title"),
    [
        ({"pseudonym": "Vamp", "child_reference": "Child M"}, "Vamp (Child M)"),
        ({"pseudonym": "Jason"}, "Jason"),
        ({"child_reference": "Child D"}, "Child D"),
        ({"pseudonym": "Vamp", "title": "Own title"}, "Own title"),
    ],
)
def test_a_review_without_a_title_goes_by_its_names(names: dict[str, str], title: str) -> None:
    review = PracticeReview(type="lcspr", **names)
    review.clean()
    review.save()
    assert PracticeReview.objects.get().title == title


def test_a_review_with_neither_title_nor_name_is_refused_with_a_sentence() -> None:
    with pytest.raises(ValidationError, match="for a review, a pseudonym or the reference"):
        PracticeReview(type="lcspr", slug="x").full_clean()
    with pytest.raises(IntegrityError), transaction.atomic():
        PracticeReview(type="lcspr").save()


@pytest.mark.parametrize(("make", "type_"), [(make_review, "annual_report"), (make_report, "scr")])
def test_a_type_of_another_kind_is_refused(make: Any, type_: str) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        make(type=type_)


def test_a_learning_needs_no_type() -> None:
    assert make_briefing().type == "seven_minute"


def test_a_document_is_a_file_or_an_address() -> None:
    report = make_report()
    file = make_file(MINIMAL_PDF)
    for fields in ({"url": "", "file": None}, {"url": "https://example.org", "file": file}):
        document = Document(publication=report, title="T", **fields)
        with pytest.raises(ValidationError, match="give one of the two, not both"):
            document.full_clean()
        with pytest.raises(IntegrityError), transaction.atomic():
            document.save()


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"covers_from": 2020, "covers_to": 2019}, "must come after the first"),
        ({"covers_to": 2019}, "must come after the first"),
        ({"covers_from": 20}, "with four digits"),
    ],
)
def test_the_years_covered_stand_in_order(fields: dict[str, int], sentence: str) -> None:
    report = NationalReport(type="annual_report", title="T", **fields)
    with pytest.raises(ValidationError, match=sentence):
        report.full_clean()
    with pytest.raises(IntegrityError), transaction.atomic():
        report.save()


@pytest.mark.parametrize(
    ("fields", "covers"),
    [
        ({}, ""),
        ({"covers_from": 2020}, "2020"),
        ({"covers_from": 2022, "covers_to": 2023}, "2022 to 2023"),
    ],
)
def test_the_years_covered_print_as_known(fields: dict[str, int], covers: str) -> None:
    assert make_report(**fields).covers == covers


def test_milestones_are_the_dates_that_are_known_in_order() -> None:
    review = make_review(completed=PartialDate(2021, 11), report_date=PartialDate(2022, 1))
    make_document(review, title="Response", dated=PartialDate(2022))
    assert [(str(moment), what) for moment, what in review.milestones] == [
        ("November 2021", "Review completed"),
        ("2022", "Response"),
        ("January 2022", "Date of the report"),
    ]


def test_a_publication_is_never_saved_without_its_kind() -> None:
    make_review()
    with pytest.raises(TypeError, match="Save the practice review"):
        Publication.objects.get().save()


def test_a_theme_knows_whether_it_is_used() -> None:
    unused, on_draft, on_course = make_theme(), make_theme(), make_theme()
    make_review(themes=[on_draft], state=State.DRAFT)
    make_course(themes=[on_course])
    assert [theme.is_used for theme in (unused, on_draft, on_course)] == [False, True, True]


def test_deleting_a_person_keeps_what_they_wrote(django_user_model: Any) -> None:
    user = django_user_model.objects.create_user("gone")
    review = make_review(created_by=user, updated_by=user)
    user.delete()
    review.refresh_from_db()
    assert review.created_by is None and review.updated_by is None


def test_every_save_raises_the_version() -> None:
    review = make_review()
    before = review.version
    review.save()
    assert PracticeReview.objects.get().version == before + 1
