"""Lists as CSV, read with Python's own reader."""

import gc
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date, time
from threading import Lock
from time import perf_counter
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from mscp.exports import csv as export_csv
from mscp.exports.csv import MOST_AT_ONCE, harmless
from mscp.records.partial_dates import PartialDate
from reviews.exports import PublicationExporter
from tests.exports import LISTS, rows_of
from tests.factories import (
    MINIMAL_PDF,
    make_audience,
    make_briefing,
    make_course,
    make_document,
    make_finding,
    make_report,
    make_review,
    make_session,
    make_theme,
    make_venue,
)
from tests.pages import body_of, titles
from training.exports import SessionExporter

pytestmark = pytest.mark.django_db


def test_a_review_stands_in_one_row_with_all_that_is_known() -> None:
    review = make_review(
        title="Vamp: a review",
        pseudonym="Vamp",
        child_reference="Child M",
        aliases="Oak, Elm",
        type="scr",
        summary="First line,\nsecond “line”.",
        publisher="A board",
        report_date=PartialDate(2020, 2),
        themes=[make_theme(name="Neglect"), make_theme(name="Éire")],
    )
    make_document(review, url="https://example.org/a.pdf", position=1)
    file = make_document(review, pdf=MINIMAL_PDF, title="The report", position=2)
    assert rows_of("/reviews/export.csv") == [
        {
            "kind": "Practice review",
            "type": "Serious case review",
            "title": "Vamp: a review",
            "names": "Child M; Oak; Elm",
            "summary": "First line,\nsecond “line”.",
            "publisher": "A board",
            "report_date": "2020-02",
            "themes": "Neglect; Éire",
            "address": "http://testserver/reviews/vamp-a-review/",
            "live_since": "2026-11-23T10:00:00+00:00",
            "updated_at": "2026-11-23T10:00:00+00:00",
            "documents": f"https://example.org/a.pdf; http://testserver{file.get_absolute_url()}",
            "changed_on": "",
            "change_note": "",
        }
    ]


def test_a_session_stands_in_one_row_with_all_that_is_known() -> None:
    course = make_course(
        title="Neglect",
        themes=[make_theme(name="Neglect")],
        booking_url="https://example.org/b",
        level="Level 2",
        length="Two mornings",
        cost="Free",
        outcomes="See it early",
        prerequisites="Level 1",
    )
    course.audiences.add(make_audience(name="Schools"), make_audience(name="Health"))
    venue = make_venue(
        name="Town hall",
        street="1 High Street",
        town="Anytown",
        postcode="AN1 1AA",
        step_free="yes",
        lift="no",
        access_checked_on=date(2026, 10, 1),
    )
    session = make_session(
        course,
        start_date=date(2027, 1, 14),
        end_date=date(2027, 1, 15),
        booking_closes=date(2027, 1, 7),
        joining_url="https://example.org/join",
        start_time=time(9, 30),
        end_time=time(13),
        delivery="hybrid",
        venue=venue,
        places="waiting_list",
        note="All-day training",
        capacity=25,
        cost="£40",
        trainer="Sam Smith",
    )
    session.cancel(note="The trainer is ill")
    make_session(course, start_date=date(2027, 2, 1))
    first, second = rows_of("/training/export.csv")
    assert first == {
        "course": "Neglect",
        "start_date": "2027-01-14",
        "end_date": "2027-01-15",
        "start_time": "09:30",
        "end_time": "13:00",
        "delivery": "In person and online",
        "venue": "Town hall",
        "town": "Anytown",
        "postcode": "AN1 1AA",
        "places": "Waiting list",
        "themes": "Neglect",
        "audiences": "Health; Schools",
        "note": "All-day training",
        "booking_address": "https://example.org/b",
        "address": f"http://testserver/training/neglect/#session-{session.pk}",
        "cancelled_at": "2026-11-23T10:00:00+00:00",
        "change_note": "The trainer is ill",
        "booking_closes": "2027-01-07",
        "joining_address": "https://example.org/join",
        "level": "Level 2",
        "length": "Two mornings",
        "cost": "Free",
        "outcomes": "See it early",
        "prerequisites": "Level 1",
        "street": "1 High Street",
        "step_free": "Yes",
        "lift": "No",
        "accessible_toilet": "Not known",
        "hearing_loop": "Not known",
        "parking": "Not known",
        "quiet_room": "Not known",
        "access_checked_on": "2026-10-01",
        "capacity": "25",
        "own_cost": "£40",
        "trainer": "",
    }
    unknown = ("end_date", "start_time", "end_time", "venue", "town", "postcode", "note")
    unknown += ("cancelled_at", "change_note", "booking_closes", "joining_address", "step_free")
    assert {second[name] for name in unknown} == {""}
    assert (second["delivery"], second["places"]) == ("Not stated", "Not known")


def test_columns_and_their_explanation_are_the_same() -> None:
    make_review(), make_session()
    assert list(rows_of("/reviews/export.csv")[0]) == list(PublicationExporter.columns)
    assert list(rows_of("/training/export.csv")[0]) == list(SessionExporter.columns)
    for row in (*rows_of("/reviews/export.csv"), *rows_of("/training/export.csv")):
        assert None not in row and None not in row.values()


@pytest.mark.parametrize("path", LISTS)
def test_an_empty_list_is_its_first_row_alone(path: str) -> None:
    response = Client().get(f"{path}export.csv")
    assert response.headers["Content-Type"] == "text/csv; charset=utf-8; header=present"
    assert body_of(response).count(b"\r\n") == 1


def test_it_holds_the_whole_list_filtered_and_sorted_as_its_page() -> None:
    theme = make_theme(name="Neglect")
    for number in range(45):
        year = PartialDate(2000 + number * 7 % 25)
        make_review(title=f"Review {number:02}", report_date=year, themes=[theme] * (number % 2))
    for query in ("?", "?sort=oldest", "?sort=title&theme=neglect", "?year=2007&theme=none"):
        pages = [titles(Client().get(f"/reviews/{query}&page={page}")) for page in (1, 2, 3)]
        shown = list(dict.fromkeys(title for page in pages for title in page))
        assert [row["title"] for row in rows_of(f"/reviews/export.csv{query}")] == shown, query
    assert len(rows_of("/reviews/export.csv?page=2")) == 45


def test_each_list_holds_its_own_kind() -> None:
    make_review(title="A"), make_report(title="B"), make_briefing(title="C")
    kinds = {path: {row["kind"] for row in rows_of(f"{path}export.csv")} for path in LISTS[:4]}
    assert kinds == {
        "/reviews/": {"Practice review"},
        "/reports/": {"National report"},
        "/learning/": {"7-minute learning"},
        "/search/": {"Practice review", "National report", "7-minute learning"},
    }


@pytest.fixture
def batch(monkeypatch: pytest.MonkeyPatch) -> int:
    monkeypatch.setattr(export_csv, "BATCH", 10)
    return 10


def test_a_list_longer_than_a_batch_is_whole_and_each_row_has_its_own_parts(batch: int) -> None:
    themes = [make_theme(name=f"Theme {number}") for number in range(7)]
    number_of_reviews = 2 * batch + 3
    for number in range(number_of_reviews):
        review = make_review(title=f"Review {number:04}", themes=[themes[number % 7]])
        make_document(review, url=f"https://example.org/{number}")
    rows = rows_of("/reviews/export.csv?sort=title")
    assert [row["title"] for row in rows] == [f"Review {n:04}" for n in range(number_of_reviews)]
    for number, row in enumerate(rows):
        assert row["themes"] == f"Theme {number % 7}"
        assert row["documents"] == f"https://example.org/{number}"


def test_it_is_sent_while_it_is_read_and_what_is_withdrawn_meanwhile_is_not(batch: int) -> None:
    reviews = [make_review(title=f"Review {number:04}") for number in range(batch + 2)]
    response = Client().get("/reviews/export.csv?sort=title")
    parts = iter(response.streaming_content)  # type: ignore[attr-defined]
    next(parts)
    assert next(parts).count(b"\r\n") == batch
    reviews[-1].withdraw(reason="A test")
    rest = b"".join(parts).decode()
    assert f"Review {batch:04}" in rest and f"Review {batch + 1:04}" not in rest


def test_a_document_that_nobody_may_have_yet_is_not_named() -> None:
    review = make_review()
    make_finding(make_document(review, pdf=MINIMAL_PDF).file)
    assert rows_of("/reviews/export.csv")[0]["documents"] == ""


def test_with_bom_it_opens_in_excel() -> None:
    make_review(title="Naïve")
    plain = body_of(Client().get("/reviews/export.csv"))
    assert body_of(Client().get("/reviews/export.csv?bom=1")) == b"\xef\xbb\xbf" + plain
    assert body_of(Client().get("/reviews/export.csv?bom=x")) == plain


FORMULAS = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "  =1", "\u00a0=1", "＝1"]


@pytest.mark.parametrize("text", FORMULAS)
def test_no_cell_is_a_formula(text: str) -> None:
    review = make_review(title="x y", summary=text, publisher=text, aliases=f"Oak,{text}")
    review.themes.set([make_theme(name=text)])
    make_document(review, url="https://example.org/-")
    row = rows_of("/reviews/export.csv")[0]
    assert row["title"] == "x y"
    assert row["summary"] == row["themes"] == f"'{text}"
    assert row["publisher"] == f"'{text.strip()}"
    assert row["names"] == f"Oak; '{text.strip()}"


@pytest.mark.parametrize("text", ["", "plain", "a=b", "  spaced", "2020-02-14", "'quoted"])
def test_other_cells_stay_as_they_are(text: str) -> None:
    assert harmless(text) == text


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("/reviews/", "practice-reviews-2026-11-23.csv"),
        ("/reports/", "national-reports-2026-11-23.csv"),
        ("/learning/", "7-minute-learnings-2026-11-23.csv"),
        ("/search/", "all-publications-2026-11-23.csv"),
        ("/training/", "training-2026-11-23.csv"),
    ],
)
def test_its_file_is_named_after_the_list_and_the_day(path: str, name: str) -> None:
    response: Any = Client().get(f"{path}export.csv?type=none")
    assert response.headers["Content-Disposition"] == f'attachment; filename="{name}"'


def test_asked_for_its_head_it_reads_nothing(django_assert_num_queries: Any) -> None:
    make_review()
    Client().head("/reviews/export.csv")
    # The content version, which every request asks for.
    with django_assert_num_queries(1):
        response = Client().head("/reviews/export.csv")
    assert response.status_code == 200 and "Content-Length" not in response.headers
    assert response.headers["Content-Type"].startswith("text/csv")


# --- what it costs ------------------------------------------------------------------------------


def begun(address: str = "/reviews/export.csv") -> Any:
    """Return an export whose first line was read and no more."""
    response: Any = Client().get(address)
    assert response.status_code == 200
    next(iter(response.streaming_content))
    return response


def hang_up(response: Any) -> list[bytes]:
    """Close an export that was not read to its end; return what it goes on to give."""
    # Through the iterator of the test client, which keeps the connection that a test is still in.
    response._iterator.close()
    return list(response.streaming_content)


def test_one_export_too_many_is_asked_to_come_again_and_others_go_on() -> None:
    make_review(title="Oak")
    streams = [begun() for _ in range(MOST_AT_ONCE)]
    refused = Client().get("/training/export.csv")
    assert refused.status_code == 503 and refused.headers["Retry-After"] == "10"
    assert refused.content.decode().endswith("Please try again in 10 seconds.\n")
    assert "no-store" in refused.headers["Cache-Control"]
    assert Client().head("/reviews/export.csv").status_code == 200
    assert Client().get("/reviews/export.v1.json").status_code == 200
    assert b"Oak" in body_of(streams.pop())
    assert rows_of("/reviews/export.csv")[0]["title"] == "Oak"
    hang_up(streams.pop())


def test_a_reader_who_hangs_up_ends_the_work_and_frees_the_place(batch: int) -> None:
    for _ in range(2 * batch):
        make_review()
    for _ in range(2 * MOST_AT_ONCE):
        response = begun()
        with CaptureQueriesContext(connection) as captured:
            assert hang_up(response) == []
        assert len(captured) == 0


def test_an_export_that_nobody_closes_frees_its_place_too() -> None:
    make_review()
    for _ in range(2 * MOST_AT_ONCE):
        response = begun()
        del response
        gc.collect()


def test_exports_make_one_batch_at_a_time_and_rest_as_long_as_they_work() -> None:
    making = Lock()
    worked: list[float] = []

    def batches() -> Iterator[str]:
        for _ in range(4):
            assert making.acquire(blocking=False), "Two batches were made at the same time."
            started = perf_counter()
            while perf_counter() - started < 0.02:
                pass
            worked.append(perf_counter() - started)
            making.release()
            yield "line"

    started = perf_counter()
    with ThreadPoolExecutor(4) as threads:
        done = list(threads.map(lambda _: list(export_csv._taking_turns(batches())), range(4)))
    assert done == [["line"] * 4] * 4
    assert perf_counter() - started >= 2 * sum(worked)


@pytest.mark.parametrize("number", [1, 3])
def test_each_batch_costs_four_queries_whatever_is_in_it(batch: int, number: int) -> None:
    theme = make_theme(name="Neglect")
    for _ in range(number * batch):
        make_document(make_review(themes=[theme]))
    for query in ("", "?q=sample", "?q=sample&sort=title&theme=neglect"):
        address = f"/reviews/export.csv{query}"
        body_of(Client().get(address))
        with CaptureQueriesContext(connection) as captured:
            body_of(Client().get(address))
        assert len(captured) <= 7 + 4 * number, address
