"""The programme as a spreadsheet: imported again, it adds and changes nothing."""

import csv
import io
from datetime import date, time
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from openpyxl import load_workbook

from mscp.publishing.gate import State
from tests.factories import make_audience, make_course, make_session, make_venue
from tests.pages import body_of
from tests.training.programme.steps import counts, upload
from training.models import Session
from training.programme.columns import COLUMNS, escaped, unescaped
from training.programme.planning.matching import plan_all
from training.programme.planning.plans import Status

pytestmark = pytest.mark.django_db

EXPORT = "/admin/training/programmeimport/export."
HOSTILE = [
    "=HYPERLINK(0)",
    "'=1+1",
    "''-x",
    "+44 20",
    "-1",
    "@x",
    "'quoted'",
    "a; b, “c”\n d",
    "<b>",
    "Neglect - Online",
    "Neglect *SEE DETAILS*",
]


def make_world() -> None:
    hall = make_venue(name="=Hall", street="High Street", town="Morden", postcode="SM4 5DX")
    make_venue(name="Hall", postcode="SM4 5DX")
    for index, title in enumerate(HOSTILE):
        course = make_course(title=title, state=list(State)[index % 4])
        course.audiences.add(make_audience(name=f"Audience; {title}"))
        make_session(course, in_days=index)
        make_session(
            course,
            start_date=date(2027, 3, 1),
            end_date=date(2027, 3, 2 + index),
            start_time=time(9, 30),
            end_time=time(13),
            delivery="hybrid",
            venue=hall,
            joining_url="https://example.org/join",
            places="waiting_list",
            booking_email="ask@example.org",
            booking_closes=date(2027, 2, 1),
            note=title,
            capacity=20 + index,
            cost=f"£{index}",
            trainer=f"{title} Smith",
            trainer_shown=bool(index % 2),
        )
        Session.objects.filter(course=course, start_date__lt=date(2027, 3, 1)).update(capacity=9)
    # Two on one day, a cancelled one, and one of two courses with the same title.
    make_session(course, start_date=date(2027, 4, 1), start_time=time(9))
    make_session(course, start_date=date(2027, 4, 1), start_time=time(14)).cancel()
    make_session(make_course(title="Twin"), start_date=date(2027, 4, 1), delivery="in_person")
    make_session(make_course(title="Twin"), start_date=date(2027, 4, 2), delivery="online")


@pytest.mark.parametrize("ending", ["csv", "xlsx"])
def test_an_export_imported_again_adds_and_changes_nothing(publisher: Client, ending: str) -> None:
    make_world()
    before = list(Session.objects.order_by("pk").values())
    response = publisher.get(f"{EXPORT}{ending}")
    assert response.headers["Content-Disposition"] == (
        f'attachment; filename="programme-2026-11-23.{ending}"'
    )
    programme = upload(publisher, response.content, f"a.{ending}")
    assert programme.number == len(before) and not programme.remarks
    plans = plan_all(programme.get_lines(), publisher.user)  # type: ignore[attr-defined]
    assert {plan.status for plan in plans} == {Status.THERE}
    assert sorted(plan.existing.pk for plan in plans if plan.existing) == [
        row["id"] for row in before
    ]
    assert not [doubt.text for plan in plans for doubt in plan.doubts]
    assert list(Session.objects.order_by("pk").values()) == before


@pytest.mark.parametrize(
    "address",
    [
        *(f"{EXPORT}{ending}" for ending in ("csv", "xlsx")),
        *("/training/export.csv", "/training/export.csv?when=all", "/training/calendar.ics"),
    ],
)
def test_each_export_of_the_catalogue_imported_again_adds_and_changes_nothing(
    publisher: Client, address: str
) -> None:
    call_command("seed", "--shift-training", stdout=io.StringIO())
    sessions = Session.objects.count()
    response = publisher.get(address)
    programme = upload(publisher, body_of(response), "again")
    plans = plan_all(programme.get_lines(), publisher.user)  # type: ignore[attr-defined]
    assert len(plans) == sessions == 27
    assert {plan.status for plan in plans} == {Status.THERE}
    assert not [doubt.text for plan in plans for doubt in plan.doubts]


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize("runs", [True, False])
def test_what_is_escaped_is_read_as_it_was(text: str, runs: bool) -> None:
    assert unescaped(escaped(text, runs=runs)) == text


def test_no_cell_is_ever_a_formula(publisher: Client) -> None:
    make_world()
    sheet = load_workbook(io.BytesIO(publisher.get(f"{EXPORT}xlsx").content)).active
    assert sheet is not None
    cells = [cell for row in sheet.iter_rows() for cell in row]
    assert not [cell.value for cell in cells if cell.data_type == "f"]
    assert "=HYPERLINK(0)" in {cell.value for cell in cells}
    assert [cell.value for cell in sheet[1]] == [label for label, _ in COLUMNS.values()]
    text = publisher.get(f"{EXPORT}csv").content.decode("utf-8-sig")
    for row in csv.reader(io.StringIO(text)):
        assert not [cell for cell in row if cell[:1] in ("=", "+", "-", "@")]


def test_an_export_takes_the_filters_of_the_list(publisher: Client) -> None:
    make_session(make_course(title="Old"), in_days=-3)
    make_session(make_course(title="New"), in_days=3)
    listed = publisher.get("/admin/training/session/?when=upcoming").content.decode()
    assert "programmeimport/export.csv?when=upcoming" in listed
    text = publisher.get(f"{EXPORT}csv?when=upcoming").content.decode()
    assert "New" in text and "Old" not in text
    assert publisher.get(f"{EXPORT}csv?nonsense=1").status_code == 302


def test_only_who_may_see_sessions_gets_an_export(sign_in: Any) -> None:
    outsider = sign_in(username="norman")
    assert outsider.get(f"{EXPORT}csv").status_code == 403
    onlooker = sign_in(username="olive")
    onlooker.user.user_permissions.add(
        Permission.objects.get(codename="view_session", content_type__app_label="training")
    )
    assert onlooker.get(f"{EXPORT}csv").status_code == 200
    assert onlooker.get(f"{EXPORT}pdf").status_code == 404
    assert Client().get(f"{EXPORT}csv").status_code == 302


def test_queries_of_an_export_do_not_grow(publisher: Client) -> None:
    def queries() -> int:
        # What a worker reads once for each content version is read before.
        publisher.get(EXPORT.rpartition("export")[0])
        with CaptureQueriesContext(connection) as seen:
            publisher.get(f"{EXPORT}xlsx")
        return len(seen)

    make_world()
    few = queries()
    for _ in range(10):
        make_session(venue=make_venue())
    assert queries() == few <= 10
    assert counts()[3] == 0
