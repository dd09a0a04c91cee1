"""What pages say to machines in the words of schema.org: known to it, true, and no more."""

from datetime import time
from typing import Any

import pytest
from django.test import Client

from mscp.publishing.gate import State
from mscp.records.partial_dates import PartialDate
from mscp.web.json_ld import as_script
from tests.factories import (
    MINIMAL_PDF,
    day,
    make_audience,
    make_briefing,
    make_course,
    make_document,
    make_file,
    make_finding,
    make_identity,
    make_report,
    make_review,
    make_session,
    make_theme,
    make_venue,
)
from tests.pages import body_of
from tests.schema_org import problems_in, things_of
from tests.test_public_surfaces import World

pytestmark = pytest.mark.django_db

SITE = "http://testserver"


def said_at(address: str) -> list[dict[str, Any]]:
    response = Client().get(address)
    assert response.status_code == 200
    things = things_of(response.content.decode())
    assert problems_in(things) == []
    return things


def one(kind: str, things: list[dict[str, Any]]) -> dict[str, Any]:
    (thing,) = [thing for thing in things if thing["@type"] == kind]
    return thing


def events(course: Any) -> list[dict[str, Any]]:
    things = said_at(course.get_absolute_url())
    found = [thing for thing in things if "EducationEvent" in thing["@type"]]
    led_to = one("Course", things).get("hasCourseInstance", [])
    assert led_to == [{"@id": event["@id"]} for event in found]
    return found


def test_the_check_itself_finds_what_is_wrong() -> None:
    for wrong in (
        {"@type": "Report", "numberOfPages": 3},
        {"@type": "Report", "name": True},
        {"@type": "Report", "isAccessibleForFree": "yes"},
        {"@type": "Report", "publisher": "A name"},
        {"@type": "Report", "datePublished": "July 2024"},
        {"@type": "Report", "name": ""},
        {"@type": "Report", "url": "/reviews/"},
        {"@type": "Course", "hasCourseInstance": {"@id": "#nowhere"}},
        {"@type": "Course", "hasCourseInstance": {"@type": "Place", "name": "Hall"}},
        {"@type": "CourseInstance", "startDate": "2027-01-14T09:30:00"},
        {"@type": "CourseInstance", "eventStatus": "https://schema.org/OnlineEventAttendanceMode"},
    ):
        assert problems_in([wrong]), wrong


def test_schema_org_knows_every_word_on_every_page() -> None:
    world = World(State.DRAFT)
    make_identity(website="https://example.org/")
    for addresses in world.addresses().values():
        for address in addresses:
            response = Client().get(address)
            body = body_of(response)
            if "text/html" in response.headers["Content-Type"]:
                assert problems_in(things_of(body.decode())) == [], address


def test_nothing_can_break_out_of_its_block() -> None:
    nasty = '</script><script>alert(1)</script><!-- & "quoted" \\ \u2028\u2029'
    block = str(as_script({"@type": "Report", "name": nasty}))
    assert block.count("<") == 2 and "\u2028" not in block
    review = make_review(
        title=nasty, summary=nasty, reviewer=nasty, themes=[make_theme(name=nasty)]
    )
    report = one("Report", said_at(review.get_absolute_url()))
    assert report["name"] == report["creditText"] == report["about"][0]["name"] == nasty


def test_a_review_is_a_report_with_all_that_is_known() -> None:
    make_identity()
    review = make_review(
        title="Sample review (fictional)",
        pseudonym="Oak",
        aliases="Acorn",
        summary="In the document's own words.",
        publisher="Anytown partnership",
        reviewer="A. Reviewer",
        report_date=PartialDate(2024, 7),
        themes=[make_theme(name="Neglect")],
    )
    document = make_document(review, title="Report", pdf=MINIMAL_PDF, dated=PartialDate(2024))
    make_document(review, title="Elsewhere")
    unsettled = make_document(review, title="Unsettled", file=make_file(MINIMAL_PDF + b"%"))
    make_finding(unsettled.file)
    assert one("Report", said_at(review.get_absolute_url())) == {
        "@type": "Report",
        "@id": f"{SITE}/reviews/sample-review-fictional/#publication",
        "name": "Sample review (fictional)",
        "alternateName": ["Oak", "Acorn"],
        "url": f"{SITE}/reviews/sample-review-fictional/",
        "inLanguage": "en-GB",
        "genre": "Local child safeguarding practice review",
        "datePublished": "2024-07",
        "publisher": {"@type": "Organization", "name": "Anytown partnership"},
        "creditText": "A. Reviewer",
        "abstract": "In the document's own words.",
        "about": [
            {
                "@type": "DefinedTerm",
                "name": "Neglect",
                "url": f"{SITE}/themes/neglect/",
                "inDefinedTermSet": f"{SITE}/themes/",
            }
        ],
        "encoding": [
            {
                "@type": "MediaObject",
                "name": "Report",
                "contentUrl": f"{SITE}{document.get_absolute_url()}",
                "encodingFormat": "application/pdf",
                "contentSize": f"{len(MINIMAL_PDF)} B",
                "materialExtent": "1 page",
                "datePublished": "2024",
                "inLanguage": "en-GB",
            }
        ],
    }


@pytest.mark.parametrize("make", [make_review, make_report, make_briefing])
def test_what_is_not_known_of_a_publication_is_not_said(make: Any) -> None:
    record = one("Report", said_at(make(title="Bare").get_absolute_url()))
    assert set(record) == {"@type", "@id", "name", "url", "inLanguage", "genre"}


def test_the_licence_is_of_the_partnerships_own_work_only() -> None:
    licence = "https://www.nationalarchives.gov.uk/doc/open-government-licence/version/3/"
    make_identity(licence_name="Open Government Licence v3.0", licence_address=licence)
    for make, expected in ((make_review, licence), (make_briefing, licence), (make_report, None)):
        record = one("Report", said_at(make().get_absolute_url()))
        assert record.get("license") == expected


def test_a_course_names_its_dates_to_come_and_no_past_one() -> None:
    course = make_course(
        title="Neglect", summary="What it is.", provider="The trainers", themes=[make_theme()]
    )
    course.audiences.add(make_audience(name="Schools"))
    make_session(course, in_days=-3)
    make_session(course, in_days=3)
    about = one("Course", said_at(course.get_absolute_url()))
    assert about["provider"] == {"@type": "Organization", "name": "The trainers"}
    assert about["audience"] == [{"@type": "Audience", "audienceType": "Schools"}]
    assert about["description"] == "What it is."
    assert events(course) == []
    for days in (-4, 4):
        make_session(course, in_days=days, delivery="online")
    assert [event["startDate"] for event in events(course)] == ["2026-11-27"]


def test_a_course_of_which_only_the_title_is_known_still_has_a_description_and_provider() -> None:
    make_identity()
    course = make_course(title="Neglect", themes=[make_theme(name="Early help")])
    about = one("Course", said_at(course.get_absolute_url()))
    name = "Anytown Safeguarding Children Partnership"
    assert about["provider"] == {"@type": "Organization", "name": name}
    assert about["description"] == f"Training offered by {name}: Neglect (Early help)."
    course.description = "What **it** is.\n\nMore of it."
    course.save()
    assert one("Course", said_at(course.get_absolute_url()))["description"] == "What it is."


def test_a_session_of_which_only_day_and_place_are_known_says_no_more() -> None:
    make_identity()
    course = make_course(title="Neglect", summary="What it is.")
    session = make_session(course, venue=make_venue(name="Hall"))
    address = f"{SITE}{session.get_absolute_url()}"
    assert events(course) == [
        {
            "@type": ["CourseInstance", "EducationEvent"],
            "@id": address,
            "url": address,
            "name": "Neglect",
            "description": "What it is.",
            "startDate": "2026-11-30",
            "eventStatus": "https://schema.org/EventScheduled",
            "location": [
                {"@type": "Place", "name": "Hall", "url": f"{SITE}/training/venues/hall/"}
            ],
        }
    ]


@pytest.mark.parametrize(
    ("known", "start", "end"),
    [
        ({"start_time": time(9, 30)}, "2027-01-14T09:30:00+00:00", None),
        (
            {"start_time": time(9, 30), "end_time": time(13)},
            "2027-01-14T09:30:00+00:00",
            "2027-01-14T13:00:00+00:00",
        ),
        ({"end_date": day("2027-01-16")}, "2027-01-14", "2027-01-16"),
        (
            {"end_date": day("2027-01-16"), "start_time": time(9)},
            "2027-01-14T09:00:00+00:00",
            "2027-01-16",
        ),
        (
            {"start_date": day("2027-06-14"), "start_time": time(0, 0)},
            "2027-06-14T00:00:00+01:00",
            None,
        ),
    ],
)
def test_times_are_londons_and_never_guessed(known: Any, start: str, end: str | None) -> None:
    course = make_course()
    make_session(course, **{"start_date": day("2027-01-14"), "venue": make_venue(), **known})
    (event,) = events(course)
    assert (event["startDate"], event.get("endDate")) == (start, end)


def test_where_a_session_is_held_is_said_and_without_a_place_there_is_no_event() -> None:
    course = make_course()
    hall = make_venue(name="Hall", street="1 High Street", town="Anytown", postcode="AN1 1AA")
    make_session(course, in_days=1, delivery="in_person", venue=hall)
    make_session(course, in_days=2, delivery="hybrid", venue=make_venue(name="Bare"))
    sent = "https://example.org/join"
    make_session(course, in_days=3, delivery="online", joining_url=sent)
    make_session(course, in_days=4, delivery="in_person")
    make_session(course, in_days=5)
    place, both, online = events(course)
    assert place["location"] == [
        {
            "@type": "Place",
            "name": "Hall",
            "url": f"{SITE}/training/venues/hall/",
            "address": {
                "@type": "PostalAddress",
                "streetAddress": "1 High Street",
                "addressLocality": "Anytown",
                "postalCode": "AN1 1AA",
            },
        }
    ]
    bare = {"@type": "Place", "name": "Bare", "url": f"{SITE}/training/venues/bare/"}
    assert both["location"] == [bare, {"@type": "VirtualLocation", "url": both["url"]}]
    assert online["location"] == [{"@type": "VirtualLocation", "url": sent}]
    modes = [(event["courseMode"], event["eventAttendanceMode"]) for event in events(course)]
    assert modes == [
        ("onsite", "https://schema.org/OfflineEventAttendanceMode"),
        ("blended", "https://schema.org/MixedEventAttendanceMode"),
        ("online", "https://schema.org/OnlineEventAttendanceMode"),
    ]


def test_a_cancelled_session_is_an_event_that_does_not_take_place() -> None:
    course = make_course()
    make_session(course, in_days=1, delivery="online")
    make_session(course, in_days=2, delivery="online").cancel(note="Too few people.")
    assert [event["eventStatus"] for event in events(course)] == [
        "https://schema.org/EventScheduled",
        "https://schema.org/EventCancelled",
    ]


@pytest.mark.parametrize(
    ("cost", "free"),
    [
        ("Free", True),
        ("free of charge.", True),
        ("£60", False),
        ("£12.50", False),
        ("", None),
        ("£0", None),
        ("Free for staff of partner agencies; £60 for others", None),
        ("Not free", None),
    ],
)
def test_whether_it_is_free_is_said_only_where_that_is_all_there_is_to_say(
    cost: str, free: bool | None
) -> None:
    course = make_course(cost=cost, level="Level 2")
    make_session(course, delivery="online")
    about = one("Course", said_at(course.get_absolute_url()))
    (event,) = events(course)
    assert about.get("isAccessibleForFree") is event.get("isAccessibleForFree") is free
    assert about["educationalLevel"] == "Level 2"


def test_the_way_to_a_page_starts_at_home_and_ends_there() -> None:
    theme = make_theme(name="Neglect")
    review = make_review(title="Oak", themes=[theme])
    document = make_document(review, title="Report", pdf=MINIMAL_PDF)
    lists = ("Practice reviews", "/reviews/")
    ways = {
        "/reviews/": [("Practice reviews", "/reviews/")],
        "/about/": [("About this site", "/about/")],
        theme.get_absolute_url(): [("Themes", "/themes/"), ("Neglect", "/themes/neglect/")],
        review.get_absolute_url(): [lists, ("Oak", "/reviews/oak/")],
        document.reading_address: [
            lists,
            ("Oak", "/reviews/oak/"),
            ("Report", document.reading_address),
        ],
    }
    for address, way in ways.items():
        items = one("BreadcrumbList", said_at(address))["itemListElement"]
        assert [item["position"] for item in items] == list(range(1, len(way) + 2))
        assert [(item["name"], item["item"]) for item in items] == [
            (name, f"{SITE}{path}") for name, path in [("Home", "/"), *way]
        ]


def test_home_says_whose_site_it_is_and_how_to_search_it() -> None:
    make_identity(website="https://example.org/")
    make_review(title="Sample review about bruising")
    things = said_at("/")
    assert one("Organization", things) == {
        "@type": "Organization",
        "@id": f"{SITE}/#partnership",
        "name": "Anytown Safeguarding Children Partnership",
        "alternateName": "ASCP",
        "url": "https://example.org/",
        "email": "ask@example.org",
    }
    action = one("WebSite", things)["potentialAction"]
    template = action["target"]["urlTemplate"]
    assert action["query-input"] == "required name=words"
    found = Client().get(template.removeprefix(SITE).replace("{words}", "bruising"))
    assert "Sample review about bruising" in found.content.decode()
