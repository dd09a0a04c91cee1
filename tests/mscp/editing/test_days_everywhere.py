"""Every date of staff's forms takes what an import takes; so do the filters of the lists."""

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from django import forms
from django.contrib import admin
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.test import Client, RequestFactory

from mscp.editing.fields import TypedDate
from mscp.records.partial_dates import PartialDate, PartialDateFormField
from tests.factories import make_course, make_review, make_session
from tests.pages import text_of

pytestmark = pytest.mark.django_db

DAY = date(2021, 9, 16)
# One day as people type it, or paste it from Word, a mail, a web page or a sheet.
WRITTEN = [
    "16/09/2021",
    "16/9/21",
    "16-Sep-2021",
    "16 September 2021",
    "16th Sept 2021",
    "Thursday 16th September 2021",
    "September 16, 2021",
    "2021-09-16",
    "16.9.2021",
    "16 9 2021",
    "\uff11\uff16/\uff19/\uff12\uff10\uff12\uff11",
    "\u0661\u0666/\u0669/\u0662\u0660\u0662\u0661",
    *(f"16{dash}9{dash}2021" for dash in "\u2010\u2011\u2012\u2013\u2014\u2015\u2212\ufe63\uff0d"),
    *(f"16{space}September{space}2021" for space in "\u00a0\u202f\u2009\u3000\t"),
    "\u200e16/\u200e09/\u200e2021",
    "\u206616/09/2021\u2069",
    "\ufeff16/09/2021\u200b",
    " 16/09/2021 ",
]
REFUSED = ["soon", "31/02/2021", "Friday 16/9/2021", "16/13/2021", "16/9", "9/16/21 or so"]


def forms_of_staff(user: User) -> Iterator[tuple[str, Any]]:
    request = RequestFactory().get("/")
    request.user = user
    for model, one in admin.site._registry.items():
        if model._meta.app_label not in ("mscp", "reviews", "training"):
            continue
        if not one.has_add_permission(request) and model.__name__.startswith("Preview"):
            # Made by a button, and only shown.
            continue
        yield model.__name__, one.get_form(request)
        for inline in one.get_inline_instances(request):
            formset = inline.get_formset(request)
            yield f"{model.__name__} / {inline.model.__name__}", formset.form


@pytest.fixture
def days() -> dict[str, Any]:
    """The fields of all forms of staff that take a day, by the names of form and field."""
    user = User.objects.create(username="ada", is_superuser=True, is_staff=True)
    return {
        f"{form_name}.{name}": field
        for form_name, form in forms_of_staff(user)
        for name, field in form.base_fields.items()
        if isinstance(field, forms.DateField | PartialDateFormField)
    }


def test_every_day_in_a_form_of_staff_is_read_alike(days: dict[str, Any]) -> None:
    # Publications, documents, notes, sessions, venues, contacts, the notice of the site.
    assert len({name.rpartition(".")[2] for name in days}) >= 9, sorted(days)
    for name, field in days.items():
        for written in WRITTEN:
            read = field.clean(written)
            if isinstance(read, PartialDate):
                assert (str(read), read.iso) == ("16 September 2021", "2021-09-16"), (name, written)
                assert field.prepare_value(read) == "16 September 2021", name
            else:
                assert read == DAY, (name, written)
                assert field.widget.format_value(read) == "16/09/2021", name


def test_what_is_no_day_is_refused_in_every_form_of_staff(days: dict[str, Any]) -> None:
    for name, field in days.items():
        assert isinstance(field, TypedDate | PartialDateFormField), name
        for written in REFUSED:
            try:
                read = field.clean(written)
            except ValidationError:
                continue
            pytest.fail(f"{name} reads {written!r} as {read}")


@pytest.mark.parametrize("year", ["2021", "\uff12\uff10\uff12\uff11", "\u200e2021", "\u00a02021 "])
def test_the_filter_of_years_takes_what_people_paste(client: Client, year: str) -> None:
    make_review(title="Of that year", report_date=PartialDate(2021, 9, 16))
    make_review(title="Of another", report_date=PartialDate(2020))
    page = text_of(client.get("/reviews/", {"year": year}))
    assert "Of that year" in page and "Of another" not in page


@pytest.mark.parametrize(
    "month",
    [
        "2027-11",
        *(f"2027{dash}11" for dash in "\u2010\u2011\u2012\u2013\u2014\u2015\u2212\uff0d"),
        "\uff12\uff10\uff12\uff17-\uff11\uff11",
        "\u20662027-11\u2069",
    ],
)
def test_the_filter_of_months_takes_what_people_paste(client: Client, month: str) -> None:
    make_session(make_course(title="In that month"), start_date=date(2027, 11, 5))
    make_session(make_course(title="In another"), start_date=date(2027, 12, 5))
    page = text_of(client.get("/training/", {"month": month}))
    assert "In that month" in page and "In another" not in page
