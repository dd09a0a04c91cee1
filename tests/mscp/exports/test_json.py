"""Lists as JSON, each page held to the schema that we serve."""

from datetime import date, time, timedelta
from typing import Any

import feedparser
import pytest
from django.core.exceptions import ValidationError
from django.test import Client

from mscp.models import SiteIdentity
from mscp.publishing.gate import State
from mscp.records.partial_dates import PartialDate
from tests.exports import LISTS, page_of
from tests.factories import (
    MINIMAL_PDF,
    make_audience,
    make_briefing,
    make_course,
    make_document,
    make_finding,
    make_identity,
    make_report,
    make_review,
    make_session,
    make_theme,
    make_user,
    make_venue,
)

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("path", LISTS)
def test_an_empty_list_is_a_page_like_any_other(path: str) -> None:
    page = page_of(f"{path}export.v1.json")
    assert page == {
        "version": 1,
        "licence": {
            "name": None,
            "address": None,
            "statement": "No licence has been set. The texts remain the partnership's.",
        },
        "attribution": "Safeguarding children partnership",
        "total": 0,
        "page": 1,
        "pages": 1,
        "next": None,
        "previous": None,
        "left_out": [],
        "results": [],
    }


def test_a_publication_is_told_whole() -> None:
    theme = make_theme(name="Neglect")
    review = make_review(
        title="Vamp",
        aliases="Oak",
        type="scr",
        summary="Words.",
        report_date=PartialDate(2020),
        themes=[theme],
    )
    document = make_document(review, pdf=MINIMAL_PDF, title="The report")
    result = page_of("/reviews/export.v1.json")["results"][0]
    assert result.pop("id").startswith("urn:uuid:")
    assert result == {
        "kind": "practice_review",
        "type": "scr",
        "type_label": "Serious case review",
        "title": "Vamp",
        "names": ["Oak"],
        "summary": "Words.",
        "publisher": None,
        "report_date": "2020",
        "themes": [
            {"slug": "neglect", "name": "Neglect", "address": "http://testserver/themes/neglect/"}
        ],
        "address": "http://testserver/reviews/vamp/",
        "live_since": "2026-11-23T10:00:00+00:00",
        "updated_at": "2026-11-23T10:00:00+00:00",
        "changed_on": None,
        "change_note": None,
        "changes": [],
        "documents": [
            {
                "kind": "report",
                "kind_label": "Report",
                "title": "The report",
                "date": None,
                "pages": 1,
                "address": f"http://testserver{document.get_absolute_url()}",
            }
        ],
    }


def test_a_session_is_described_whole_and_what_is_not_known_is_null() -> None:
    course = make_course(
        title="Neglect", summary="Words.", themes=[make_theme(name="Neglect")], cost="Free"
    )
    course.audiences.add(make_audience(name="Schools"))
    known = make_session(
        course,
        start_date=date(2027, 1, 14),
        start_time=time(9, 30),
        delivery="in_person",
        venue=make_venue(name="Town hall", town="Anytown", step_free="yes", lift="no"),
        booking_url="https://example.org/b",
        booking_closes=date(2027, 1, 7),
    )
    known.cancel(note="The trainer is ill")
    make_session(course, start_date=date(2027, 2, 1))
    first, second = page_of("/training/export.v1.json")["results"]
    assert first["course"] == {
        "title": "Neglect",
        "summary": "Words.",
        "level": None,
        "length": None,
        "cost": "Free",
        "outcomes": None,
        "prerequisites": None,
        "changes": [],
        "address": "http://testserver/training/neglect/",
    }
    assert first["start_time"] == "09:30" and first["end_time"] is None
    assert (first["delivery"], first["delivery_label"]) == ("in_person", "In person")
    assert first["venue"] == {
        "name": "Town hall",
        "street": None,
        "town": "Anytown",
        "postcode": None,
        "access": {
            "step_free": "yes",
            "lift": "no",
            "accessible_toilet": "not_known",
            "hearing_loop": "not_known",
            "parking": "not_known",
            "quiet_room": "not_known",
        },
        "access_note": None,
        "access_checked_on": None,
        "address": "http://testserver/training/venues/town-hall/",
    }
    assert (first["booking_closes"], first["change_note"]) == ("2027-01-07", "The trainer is ill")
    assert first["cancelled_at"].startswith("2026-11-23T10:00")
    assert first["audiences"] == [{"slug": "schools", "name": "Schools"}]
    assert first["booking_address"] == "https://example.org/b"
    assert first["address"] == f"http://testserver/training/neglect/#session-{known.pk}"
    unknown = ("end_date", "start_time", "end_time", "venue", "note", "booking_address")
    unknown += ("booking_closes", "joining_address", "cancelled_at", "change_note")
    assert {second[name] for name in unknown} == {None}


@pytest.mark.parametrize("path", LISTS)
def test_the_schema_demands_every_field_there_is(path: str) -> None:
    make_review(), make_report(), make_briefing(), make_session()
    response = Client().get(f"{path}export.v1.json")
    schema: Any = Client().get(response.headers["Link"].split("<")[1].split(">")[0]).json()
    assert list(response.json()) == list(schema["properties"]) == schema["required"]
    item = schema["properties"]["results"]["items"]
    for result in response.json()["results"]:
        assert list(result) == list(item["properties"]) == item["required"]


def test_pages_lead_to_each_other_and_hold_everything_once() -> None:
    for number in range(203):
        make_review(title=f"Review {number:03}", type="scr")
    make_review(type="lcspr")
    address, seen_titles = "/reviews/export.v1.json?type=scr&sort=title&theme=none", []
    for number in (1, 2, 3):
        page = page_of(address)
        assert (page["total"], page["page"], page["pages"]) == (203, number, 3)
        seen_titles += [result["title"] for result in page["results"]]
        previous, address = address, page["next"]
        assert (page["previous"] is None) == (number == 1)
    assert address is None and "page=3" in previous
    assert seen_titles == [f"Review {number:03}" for number in range(203)]


def test_what_is_left_out_is_named() -> None:
    make_review(title="A", type="scr")
    page = page_of("/reviews/export.v1.json?type=scr&type=bogus&page=x&sort=up")
    assert [result["title"] for result in page["results"]] == ["A"]
    assert page["left_out"] == [
        {"label": "Type", "value": "bogus"},
        {"label": "Sort by", "value": "up"},
        {"label": "Page", "value": "x"},
    ]


def test_a_document_that_changes_or_appears_changes_its_publication(clock: Any) -> None:
    review = make_review()
    document = make_document(review, pdf=MINIMAL_PDF)
    finding = make_finding(document.file)

    def updated() -> tuple[str, str]:
        (result,) = Client().get("/reviews/export.v1.json").json()["results"]
        (entry,) = feedparser.parse(Client().get("/reviews/feed.atom").content).entries
        return result["updated_at"], entry.updated[:19]

    clock.shift(timedelta(minutes=1))
    finding.accept(reason="A reason.", user=make_user())
    assert updated() == ("2026-11-23T10:01:00+00:00", "2026-11-23T10:01:00")
    clock.shift(timedelta(minutes=1))
    document.title = "Another title"
    document.save()
    assert updated() == ("2026-11-23T10:02:00+00:00", "2026-11-23T10:02:00")
    clock.shift(timedelta(minutes=1))
    make_document(make_review(state=State.DRAFT), url="https://example.org/a.pdf")
    assert updated()[1] == "2026-11-23T10:02:00"


def test_a_parameter_that_no_list_has_is_named() -> None:
    make_review()
    page = Client().get("/reviews/export.v1.json?themes=neglect&Type=scr&sort=title&page=1").json()
    assert page["left_out"] == [
        {"label": "Parameter", "value": "themes"},
        {"label": "Parameter", "value": "Type"},
    ]
    assert "Parameter: themes" in Client().get("/reviews/feed.atom?themes=x").content.decode()


def test_values_beyond_the_fiftieth_are_named() -> None:
    years = "&".join(f"year={year}" for year in range(1950, 2001))
    (left,) = Client().get(f"/reviews/export.v1.json?{years}").json()["left_out"]
    assert left == {"label": "Year", "value": "everything after the first 50 values"}


def test_the_address_without_a_version_leads_to_the_current_one() -> None:
    response = Client().get("/reviews/export.json?type=scr&q=a%20b")
    assert response.status_code == 302
    assert response.headers["Location"] == "/reviews/export.v1.json?type=scr&q=a%20b"


def test_a_script_of_another_site_can_ask_again_with_the_tag_it_was_given() -> None:
    first = Client().get("/reviews/export.v1.json")
    assert {"ETag", "Link"} <= set(first.headers["Access-Control-Expose-Headers"].split(", "))
    asked = Client().options("/reviews/export.v1.json")
    assert asked.headers["Access-Control-Allow-Headers"] == "If-None-Match"
    again = Client().get(
        "/reviews/export.v1.json", headers={"If-None-Match": first.headers["ETag"]}
    )
    assert again.status_code == 304
    assert again.headers["Access-Control-Allow-Origin"] == "*"
    assert "Access-Control-Allow-Origin" not in Client().get("/reviews/").headers


def test_addresses_are_those_of_rfc_3986() -> None:
    address = "https://example.org/rapport-é.pdf"
    make_document(make_review(), url=address)
    (result,) = Client().get("/reviews/export.v1.json").json()["results"]
    assert result["documents"][0]["address"] == "https://example.org/rapport-%C3%A9.pdf"


@pytest.mark.parametrize("file", ["feed.atom", "export.csv", "export.json", "export.v1.json"])
@pytest.mark.parametrize("path", LISTS)
def test_any_site_may_read_it_and_no_search_engine_lists_it(path: str, file: str) -> None:
    headers = Client().get(f"{path}{file}").headers
    assert headers["Access-Control-Allow-Origin"] == "*"
    assert "Access-Control-Allow-Credentials" not in headers
    assert headers["X-Robots-Tag"] == "noindex"
    assert Client().post(f"{path}{file}").status_code == 405


@pytest.mark.parametrize("file", ["feed.atom", "export.v1.json"])
@pytest.mark.parametrize("path", LISTS)
def test_an_unchanged_list_is_not_sent_twice(path: str, file: str, clock: Any) -> None:
    make_review(), make_report(), make_briefing(), make_session()
    first = Client().get(f"{path}{file}")
    clock.shift(timedelta(hours=3))
    again = Client().get(f"{path}{file}", headers={"If-None-Match": first.headers["ETag"]})
    assert again.status_code == 304 and not again.content
    make_review(), make_report(), make_briefing(), make_session()
    later = Client().get(f"{path}{file}", headers={"If-None-Match": first.headers["ETag"]})
    assert later.status_code == 200


def test_a_licence_is_named_where_one_is_set() -> None:
    make_identity(licence_name="Licence X", licence_address="https://example.org/x")
    page = page_of("/reviews/export.v1.json")
    assert page["licence"] == {
        "name": "Licence X",
        "address": "https://example.org/x",
        "statement": "The texts may be used under the Licence X.",
    }
    assert page["attribution"] == "Anytown Safeguarding Children Partnership"


@pytest.mark.parametrize("half", [{"licence_name": "X"}, {"licence_address": "https://x.org/"}])
def test_half_a_licence_is_refused_with_a_sentence(half: dict[str, str]) -> None:
    with pytest.raises(ValidationError, match="belong together: give both or neither"):
        SiteIdentity(name="Anytown", **half).full_clean()


def test_an_id_is_the_same_whatever_changes_and_another_on_another_site() -> None:
    identity = make_identity()
    review = make_review(title="Before")

    def id_of(**headers: str) -> str:
        return Client().get("/reviews/export.v1.json", headers=headers).json()["results"][0]["id"]

    before = id_of()
    review.title, review.slug = "After", "after"
    review.save()
    identity.name = "Renamed"
    identity.save()
    assert id_of(host="localhost") == before
    identity.delete()
    make_identity()
    assert id_of() != before


def test_what_is_withdrawn_is_no_longer_there() -> None:
    make_review(title="Gone", state=State.WITHDRAWN)
    assert page_of("/reviews/export.v1.json")["total"] == 0
