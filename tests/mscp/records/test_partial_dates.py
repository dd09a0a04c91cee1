import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import F

from mscp.records.partial_dates import PartialDate, PartialDateFormField
from reviews.models import PracticeReview
from tests.factories import make_review

HOW = "Write a year (2024), a month and a year (July 2024) or a day (16 September 2021)."


@pytest.mark.parametrize(
    ("typed", "printed", "stored"),
    [
        ("2020", "2020", "2020"),
        ("July 2024", "July 2024", "2024-07"),
        ("jul 2024", "July 2024", "2024-07"),
        ("Sept 2021", "September 2021", "2021-09"),
        ("2024-07", "July 2024", "2024-07"),
        ("07/2024", "July 2024", "2024-07"),
        ("16 September 2021", "16 September 2021", "2021-09-16"),
        ("16th Sept, 2021", "16 September 2021", "2021-09-16"),
        ("16/09/2021", "16 September 2021", "2021-09-16"),
        ("  1   may  2021 ", "1 May 2021", "2021-05-01"),
        ("2021-9-6", "6 September 2021", "2021-09-06"),
        ("29 February 2024", "29 February 2024", "2024-02-29"),
        ("16/9/21", "16 September 2021", "2021-09-16"),
        ("16-Sep-2021", "16 September 2021", "2021-09-16"),
        ("16\u201109\u20112021", "16 September 2021", "2021-09-16"),
        ("September 16, 2021", "16 September 2021", "2021-09-16"),
        ("Thursday 16th Sept 2021", "16 September 2021", "2021-09-16"),
        ("\u200eSept\u00a02021", "September 2021", "2021-09"),
        ("２０２１", "2021", "2021"),
    ],
)
def test_it_reads_what_an_editor_types_and_prints_what_is_known(
    typed: str, printed: str, stored: str
) -> None:
    date = PartialDate.parse(typed)
    assert (str(date), date.iso) == (printed, stored)
    assert PartialDate.parse(printed) == date
    assert PartialDate.from_iso(stored) == date


@pytest.mark.parametrize(
    "typed",
    ["", "soon", "31 February 2021", "13/2021", "2021-13", "32/01/2021", "24", "May", "Ma 2021"]
    + [
        "5 2021",
        "1/1/45",
        "Sep 21",
        "2020/21",
        "Friday 1 May 2021",
        "2021-02-30",
        "0000",
        "9999",
        "2021 July",
        "²021",
    ],
)
def test_it_refuses_what_is_no_such_date(typed: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - what it says is for programmers
        PartialDate.parse(typed)


def test_a_day_without_its_month_is_refused() -> None:
    with pytest.raises(ValueError, match="needs its month"):
        PartialDate(2021, None, 5)


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("soon", f"“soon” is not a date we understand. {HOW}"),
        ("16 September", f"“16 September” has no year. {HOW}"),
        ("9/21", f"“9/21” may be a day without its year, or a month and its year. {HOW}"),
        ("Sep 21", f"“Sep 21” may be 21 September, or September of the year 21. {HOW}"),
        ("1/1/45", "“1/1/45”: the year may be 1945 or 2045. Write all four figures."),
        ("31 Feb 2020", "“31 Feb 2020”: there is no such day."),
        ("16 May 1066", "“16 May 1066”: the year must lie between 1900 and 2199."),
        ("13/2021", "“13/2021”: there is no month 13. The day comes first, then the month: "),
        ("Friday 16/9/2021", "“Friday 16/9/2021”: that day is a Thursday. Is the day wrong, or"),
    ],
)
def test_the_form_says_what_is_ambiguous_or_impossible(typed: str, sentence: str) -> None:
    with pytest.raises(ValidationError) as caught:
        PartialDateFormField(required=False).clean(typed)
    assert caught.value.messages[0].startswith(sentence)


@pytest.mark.parametrize("typed", ["", " ", "\u00a0", "\u200b", None])
def test_what_is_empty_to_the_eye_is_no_date(typed: str | None) -> None:
    assert PartialDateFormField(required=False).clean(typed) is None


def test_the_form_sees_no_change_where_only_the_spelling_differs() -> None:
    field = PartialDateFormField(required=False)
    assert not field.has_changed(PartialDate(2024, 7), "2024-07")
    assert field.has_changed(PartialDate(2024, 7), "2024-08")
    assert field.has_changed(PartialDate(2024, 7), "nonsense")
    assert not field.has_changed(None, "")


def test_first_and_last_day() -> None:
    assert str(PartialDate(2024, 2).last_day) == "2024-02-29"
    assert str(PartialDate(2024).first_day) == "2024-01-01"
    assert str(PartialDate(2024).last_day) == "2024-12-31"


@pytest.mark.django_db
def test_they_sort_by_first_day_in_the_database_unknown_last() -> None:
    for text in ["2020", "February 2020", "14 February 2020", "31 January 2020", "2019", None]:
        make_review(title=str(text), report_date=PartialDate.parse(text) if text else None)
    ordered = PracticeReview.objects.order_by(F("report_date").asc(nulls_last=True))
    assert [review.title for review in ordered] == [
        "2019",
        "2020",
        "31 January 2020",
        "February 2020",
        "14 February 2020",
        "None",
    ]


@pytest.mark.django_db
def test_they_filter_by_year_whatever_the_precision() -> None:
    for text in ["2020", "February 2020", "14 February 2020", "2021"]:
        make_review(title=text, report_date=PartialDate.parse(text))
    assert PracticeReview.objects.filter(report_date__year="2020").count() == 3
    assert PracticeReview.objects.filter(report_date__year__in=["2021", "1999"]).count() == 1


@pytest.mark.django_db
@pytest.mark.parametrize("junk", ["2021-00", "soon", "2021-1", "21"])
def test_the_database_refuses_anything_else(junk: str) -> None:
    review = make_review()
    with pytest.raises(IntegrityError), transaction.atomic():
        PracticeReview.objects.filter(pk=review.pk).update(report_date=junk)


@pytest.mark.django_db
def test_it_comes_back_as_it_was_stored() -> None:
    review = make_review(report_date=PartialDate(2024, 7))
    assert PracticeReview.objects.get(pk=review.pk).report_date == PartialDate(2024, 7)
    assert PracticeReview.objects.values_list("report_date", flat=True).get() == PartialDate(
        2024, 7
    )
