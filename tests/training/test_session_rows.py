"""The sessions in the form of a course: closed rows that say what is in them."""

from datetime import date, time
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from lxml.html import HtmlElement, document_fromstring

from tests.admin_forms import fields_of, send
from tests.factories import make_course, make_session, make_venue
from tests.pages import assert_valid, text_of
from training.models import Course, Session
from training.models.sessions import Delivery, Places

pytestmark = pytest.mark.django_db


def form(course: Course) -> str:
    return f"/admin/training/course/{course.pk}/change/"


def rows_of(page: Any) -> list[HtmlElement]:
    found = document_fromstring(page.content).find_class("closed-row")
    return [row for row in found if "empty-form" not in row.classes]


def words(row: HtmlElement) -> str:
    return " ".join(row.xpath("string(details/summary)").split())


def is_open(row: HtmlElement) -> bool:
    return "open" in row.find("details").attrib


def test_a_closed_row_says_date_time_place_and_state(publisher: Client) -> None:
    course = make_course()
    make_session(
        course,
        start_date=date(2027, 1, 14),
        start_time=time(9, 30),
        end_time=time(13),
        venue=make_venue(name="Town Hall"),
        places=Places.FULL,
    )
    make_session(course, start_date=date(2027, 2, 4), delivery=Delivery.ONLINE)
    make_session(course, start_date=date(2027, 3, 4)).cancel()
    page = publisher.get(form(course))
    assert_valid(page)
    rows = rows_of(page)
    assert [words(row) for row in rows] == [
        "14 January 2027 9:30am to 1pm Town Hall Full",
        "4 February 2027 Time not known Online",
        "4 March 2027 Time not known Place not known Cancelled",
    ]
    assert not any(map(is_open, rows))


def test_a_row_with_an_error_is_open_and_the_others_are_not(publisher: Client) -> None:
    course = make_course()
    for month in (1, 2):
        make_session(course, start_date=date(2027, month, 14))
    refused = send(publisher, form(course), **{"sessions-1-end_time": "13:00"})
    assert refused.status_code == 200
    first, second = rows_of(refused)
    assert not is_open(first) and is_open(second)
    assert second.find_class("errorlist")


def test_what_is_typed_in_a_row_is_in_sight_while_something_else_is_wrong(
    publisher: Client,
) -> None:
    course = make_course()
    make_session(course, start_date=date(2027, 1, 14))
    refused = send(publisher, form(course), title="", **{"sessions-0-note": "Bring lunch"})
    assert [is_open(row) for row in rows_of(refused)] == [True]


def test_a_new_row_is_open(publisher: Client) -> None:
    course = make_course()
    data = fields_of(publisher.get(form(course)))
    data |= {"sessions-TOTAL_FORMS": "1", "sessions-0-start_date": "", "sessions-0-note": "Lunch"}
    (row,) = rows_of(publisher.post(form(course), {**data, "_save": "Save"}))
    assert is_open(row) and words(row) == "New session"


def test_past_sessions_are_links_in_a_fold(publisher: Client) -> None:
    course = make_course()
    past = make_session(course, start_date=date(2026, 1, 14))
    make_session(make_course(), start_date=date(2026, 2, 14))
    page = publisher.get(form(course))
    assert_valid(page)
    (fold,) = document_fromstring(page.content).find_class("past-rows")
    assert "open" not in fold.attrib
    assert fold.xpath("string(summary)") == "Past sessions (1)"
    assert [link.get("href") for link in fold.iter("a")] == [
        f"/admin/training/session/{past.pk}/change/"
    ]
    assert rows_of(page) == []
    link = document_fromstring(page.content).xpath("//p[@class='all-rows']/a/@href")[0]
    assert "1 session" in text_of(publisher.get(link))
    new = document_fromstring(publisher.get("/admin/training/course/add/").content)
    assert not new.find_class("past-rows") and not new.find_class("all-rows")


def test_sessions_in_a_course_cost_no_queries_however_many(publisher: Client) -> None:
    course = make_course()
    counts = []
    for months in ([1], range(2, 13)):
        for month in months:
            for year in (2025, 2026, 2027):
                make_session(course, start_date=date(year, month, 5), delivery=Delivery.ONLINE)
        # What a worker keeps is read by the first.
        publisher.get(form(course))
        with CaptureQueriesContext(connection) as queries:
            publisher.get(form(course))
        counts.append(len(queries))
    assert Session.objects.filter(course=course).count() == 36
    assert counts[0] == counts[1]
