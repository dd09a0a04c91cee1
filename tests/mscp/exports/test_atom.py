"""Lists as feeds, read by a feed reader's parser and held to RFC 4287 and RFC 5005."""

from datetime import date, datetime, timedelta
from typing import Any
from xml.etree import ElementTree

import pytest
from django.db import connection
from django.test import Client

from mscp.exports.atom import PER_PAGE
from mscp.publishing.gate import State
from mscp.records.partial_dates import PartialDate
from tests.exports import LISTS, feed_of, page_of
from tests.factories import (
    make_briefing,
    make_course,
    make_identity,
    make_report,
    make_review,
    make_session,
    make_theme,
    make_venue,
)

pytestmark = pytest.mark.django_db

ATOM = "{http://www.w3.org/2005/Atom}"
A_MINUTE = timedelta(minutes=1)


def titles(address: str) -> list[str]:
    return [entry.title for entry in feed_of(address).entries]


def links(element: ElementTree.Element) -> dict[str, str]:
    return {
        link.get("rel", "alternate"): link.get("href", "") for link in element.iter(f"{ATOM}link")
    }


@pytest.mark.parametrize("path", LISTS)
@pytest.mark.parametrize("query", ["", "?sort=title", "?theme=neglect&theme=bogus&q=sample"])
def test_a_feed_has_all_that_the_standard_requires(path: str, query: str) -> None:
    theme = make_theme(name="Neglect")
    make_review(themes=[theme]), make_report(themes=[theme]), make_briefing(themes=[theme])
    make_session(make_course(themes=[theme]))
    response = Client().get(f"{path}feed.atom{query}")
    assert response.headers["Content-Type"] == "application/atom+xml; charset=utf-8"
    feed = ElementTree.fromstring(response.content)  # noqa: S314 - our own feed
    assert feed.tag == f"{ATOM}feed"
    entries = feed.findall(f"{ATOM}entry")
    assert entries
    for element in (feed, *entries):
        for name in ("id", "title", "updated"):
            found = element.findall(f"{ATOM}{name}")
            assert len(found) == 1 and found[0].text, name
        assert element.findtext(f"{ATOM}id", "").startswith("urn:uuid:")
        assert datetime.fromisoformat(element.findtext(f"{ATOM}updated", "")).tzinfo
    assert feed.findtext(f"{ATOM}author/{ATOM}name") == "Safeguarding children partnership"
    own = [link for link in feed.findall(f"{ATOM}link") if link.get("rel") == "self"]
    assert len(own) == 1 and own[0].get("href", "").startswith(f"http://testserver{path}feed.atom")
    assert Client().get(own[0].get("href")).status_code == 200
    page = [link for link in feed.findall(f"{ATOM}link") if link.get("rel") == "alternate"]
    assert len(page) == 1 and Client().get(page[0].get("href")).status_code == 200
    for entry in entries:
        assert len([e for e in entry.findall(f"{ATOM}link") if e.get("rel") == "alternate"]) == 1
        assert entry.findtext(f"{ATOM}summary")
        assert [c.get("label") for c in entry.findall(f"{ATOM}category")][-1] == "Neglect"
    assert len({entry.findtext(f"{ATOM}id") for entry in entries}) == len(entries)


def test_an_entry_tells_of_a_publication_what_its_list_tells() -> None:
    review = make_review(
        title="A & B <i>",
        aliases="Oak",
        type="scr",
        summary="One <b>bold\x0b</b> & more.",
        report_date=PartialDate(2020, 2),
        themes=[make_theme(name="Neglect")],
    )
    (entry,) = feed_of("/reviews/feed.atom").entries
    assert entry.title == "A & B <i>"
    assert entry.link == f"http://testserver{review.get_absolute_url()}"
    assert entry.published == entry.updated == "2026-11-23T10:00:00+00:00"
    assert entry.summary == (
        "<p>Serious case review · February 2020 · Oak</p>"
        "<p>One &lt;b&gt;bold&lt;/b&gt; &amp; more.</p>"
    )
    assert [(tag.term, tag.label) for tag in entry.tags] == [
        ("scr", "Serious case review"),
        ("neglect", "Neglect"),
    ]


def test_an_entry_tells_of_a_session_when_and_where_as_far_as_it_is_known() -> None:
    course = make_course(title="Course", summary="What it is.")
    make_session(
        course,
        start_date="2027-01-14",
        start_time="09:30",
        venue=make_venue(name="Town hall", town="Anytown"),
        places="full",
        note="All-day training",
    )
    make_session(course, start_date="2027-01-15", delivery="online")
    make_session(course, start_date="2027-01-16")
    make_session(course, start_date=date(2027, 1, 17)).cancel(note="The trainer is ill")
    entries = feed_of("/training/feed.atom?sort=oldest").entries
    assert [entry.title for entry in entries] == [
        "Course, 14 January 2027",
        "Course, 15 January 2027",
        "Course, 16 January 2027",
        "Cancelled: Course, 17 January 2027",
    ]
    assert [entry.summary for entry in entries] == [
        "<p>from 9:30am · Town hall, Anytown · Full</p><p>All-day training</p><p>What it is.</p>",
        "<p>Time not known · Online</p><p>What it is.</p>",
        "<p>Time not known · Venue not known</p><p>What it is.</p>",
        "<p>It is cancelled.</p><p>The trainer is ill</p><p>Time not known · Venue not known</p>"
        "<p>What it is.</p>",
    ]


def test_what_went_live_last_comes_first_whatever_its_date(clock: Any) -> None:
    for title, year in (("first", 2021), ("second", 2025), ("third", 2001)):
        make_review(title=title, report_date=PartialDate(year))
        clock.shift(A_MINUTE)
    later = make_review(title="scheduled", state=State.DRAFT, summary="Words.")
    later.publish(at=later.updated_at + 3 * A_MINUTE)
    make_review(title="fourth")
    assert titles("/reviews/feed.atom") == ["fourth", "third", "second", "first"]
    clock.shift(5 * A_MINUTE)
    assert titles("/reviews/feed.atom")[0] == "scheduled"
    assert feed_of("/reviews/feed.atom").entries[0].updated == later.published_at.isoformat()
    assert titles("/reviews/feed.atom?sort=newest") == [
        "second",
        "first",
        "third",
        "fourth",
        "scheduled",
    ]


def test_a_session_is_new_when_it_is_added_or_its_course_goes_live(clock: Any) -> None:
    old, draft = make_course(title="Old"), make_course(title="Draft", state=State.DRAFT)
    make_session(old, start_date="2027-01-01")
    make_session(draft, start_date="2027-01-02")
    clock.shift(A_MINUTE)
    make_session(old, start_date="2026-12-01")
    assert titles("/training/feed.atom") == ["Old, 1 December 2026", "Old, 1 January 2027"]
    clock.shift(A_MINUTE)
    draft.summary = "Words."
    draft.publish()
    assert titles("/training/feed.atom")[0] == "Draft, 2 January 2027"


def test_a_change_is_an_update_and_no_new_entry(clock: Any) -> None:
    review = make_review()
    before = feed_of("/reviews/feed.atom").entries[0]
    clock.shift(A_MINUTE)
    review.summary = "Changed."
    review.save()
    after = feed_of("/reviews/feed.atom")
    assert after.entries[0].id == before.id
    assert after.entries[0].published == before.published
    assert after.entries[0].updated == after.feed.updated == "2026-11-23T10:01:00+00:00"


def test_a_feed_follows_the_filter_and_says_so() -> None:
    make_identity()
    make_review(title="A", type="scr"), make_review(title="B", type="lcspr")
    assert titles("/reviews/feed.atom?type=scr") == ["A"]
    feed = feed_of("/reviews/feed.atom?type=scr&year=x&page=7").feed
    assert feed.title == (
        "Anytown Safeguarding Children Partnership: Practice reviews (Type: Serious case review)"
    )
    assert feed.subtitle == "Not known here and left out: Year: x, Page: 7."
    assert feed.link == "http://testserver/reviews/?type=scr"


def test_one_filter_has_one_id_however_it_is_written_and_wherever_it_is_read() -> None:
    make_identity()

    def id_of(address: str, **headers: str) -> str:
        return feed_of(address, **headers).feed.id

    same = id_of("/reviews/feed.atom?type=scr&type=lcspr&year=2020")
    assert id_of("/reviews/feed.atom?year=2020&type=lcspr&x=1&type=scr&page=1") == same
    assert id_of("/reviews/feed.atom?year=2020&type=lcspr&type=scr", host="localhost") == same
    assert id_of("/training/feed.atom?when=upcoming") == id_of("/training/feed.atom")
    different = [f"{path}feed.atom{query}" for path in LISTS for query in ("", "?sort=title")]
    different += ["/reviews/feed.atom?type=scr", "/training/feed.atom?when=all"]
    assert len({id_of(address) for address in different}) == len(different)


def test_ids_are_those_of_the_json_export() -> None:
    make_review(), make_report(), make_briefing(), make_session()
    for path in LISTS:
        feed = feed_of(f"{path}feed.atom")
        results = page_of(f"{path}export.v1.json")["results"]
        assert {e.id for e in feed.entries} == {result["id"] for result in results}


def test_a_long_feed_comes_in_pages_that_lead_to_each_other(clock: Any) -> None:
    number = 2 * PER_PAGE + 5
    for index in range(number):
        make_review(title=f"Review {index:03}", type="scr")
        clock.shift(A_MINUTE)
    address, found, ids = "http://testserver/reviews/feed.atom?type=scr", [], set()
    first = address
    while address:
        response = Client().get(address)
        feed = ElementTree.fromstring(response.content)  # noqa: S314 - our own feed
        to = links(feed)
        assert to["self"] == address
        assert to["first"] == first and to["last"] == f"{first}&page=3"
        found += [entry.findtext(f"{ATOM}title") for entry in feed.findall(f"{ATOM}entry")]
        ids.add(feed.findtext(f"{ATOM}id"))
        address = next(
            (e.get("href", "") for e in feed.findall(f"{ATOM}link") if e.get("rel") == "next"), ""
        )
    assert found == [f"Review {index:03}" for index in reversed(range(number))]
    assert len(ids) == 1
    assert "previous" in to


def test_what_is_published_while_a_feed_is_read_pushes_nothing_out() -> None:
    make_review(title="First")
    second = make_review(title="Second", summary="Words.", state=State.DRAFT)

    def publish_second(execute: Any, sql: str, *arguments: Any) -> Any:
        # After the records were counted, and before those of the page are read.
        if " UNION ALL " in sql and not second.is_published:
            second.publish()
        return execute(sql, *arguments)

    with connection.execute_wrapper(publish_second):
        assert titles("/reviews/feed.atom") == ["Second", "First"]


def test_the_licence_stands_in_the_feed() -> None:
    assert "No licence has been set" in feed_of("/reviews/feed.atom").feed.rights
    make_identity(licence_name="Licence X", licence_address="https://example.org/x")
    feed = feed_of("/reviews/feed.atom").feed
    assert "Licence X" in feed.rights
    assert ("license", "https://example.org/x") in [(x.rel, x.href) for x in feed.links]


# --- what was withdrawn -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("make", "path", "noun"),
    [
        (make_review, "/reviews/", "practice review"),
        (make_report, "/reports/", "national report"),
        (make_briefing, "/learning/", "7-minute learning"),
    ],
)
def test_the_feed_tells_that_something_was_withdrawn_and_no_more(
    make: Any, path: str, noun: str, clock: Any
) -> None:
    theme = make_theme(name="Neglect")
    record = make(title="Secret", summary="Secret", themes=[theme])
    make(title="Kept")
    before = {entry.title: entry.id for entry in feed_of(f"{path}feed.atom").entries}
    clock.shift(timedelta(days=1))
    record.withdraw(reason="Secret reason")
    for address in (f"{path}feed.atom", "/search/feed.atom"):
        assert b"secret" not in Client().get(address).content.lower()
        gone, kept = feed_of(address).entries
        assert kept.title == "Kept"
        assert gone.title == f"A {noun} was withdrawn"
        assert gone.id == before["Secret"]
        assert gone.summary == (
            f"<p>This {noun} was withdrawn on 24 November 2026 and can no longer be read here.</p>"
        )
        assert gone.updated == "2026-11-24T10:00:00+00:00"
        assert "published" not in gone and "tags" not in gone
        assert gone.link == f"http://testserver{address.removesuffix('feed.atom')}"
    others = [p for p in ("/reviews/", "/reports/", "/learning/", "/training/") if p != path]
    for other in [*(f"{p}feed.atom" for p in others), f"{path}feed.atom?theme=neglect"]:
        assert "withdrawn" not in Client().get(other).content.decode()
    clock.shift(timedelta(days=91))
    assert titles(f"{path}feed.atom") == ["Kept"]


@pytest.mark.parametrize("query", ["?theme=neglect", "?type=scr", "?q=secret", "?sort=newest"])
def test_a_filtered_feed_names_the_ids_of_what_was_withdrawn_and_no_more(
    query: str, clock: Any
) -> None:
    theme = make_theme(name="Neglect")
    review = make_review(title="Secret", themes=[theme], type="lcspr")
    make_review(title="Secret kept", themes=[theme], type="scr")
    ids = {entry.title: entry.id for entry in feed_of("/reviews/feed.atom").entries}
    assert deleted(f"/reviews/feed.atom{query}") == []
    clock.shift(timedelta(days=1))
    review.withdraw(reason="Secret reason")
    assert deleted(f"/reviews/feed.atom{query}") == [(ids["Secret"], "2026-11-24T10:00:00+00:00")]
    read = feed_of(f"/reviews/feed.atom{query}")
    assert read.feed.updated == "2026-11-24T10:00:00+00:00"
    assert [entry.title for entry in read.entries] == ["Secret kept"]
    assert deleted("/reviews/feed.atom") == deleted(f"/reports/feed.atom{query}") == []
    clock.shift(timedelta(days=91))
    assert deleted(f"/reviews/feed.atom{query}") == []


def deleted(address: str) -> list[tuple[str | None, str | None]]:
    """Return what a feed says is gone, with the moment (RFC 6721)."""
    root = ElementTree.fromstring(Client().get(address).content)  # noqa: S314  our own
    found = root.findall("{http://purl.org/atompub/tombstones/1.0}deleted-entry")
    return [(one.get("ref"), one.get("when")) for one in found]


def test_a_withdrawal_is_shown_by_the_name_it_was_given() -> None:
    make_review(title="Secret").withdraw(reason="x", name="A review of 2020")
    assert titles("/reviews/feed.atom") == ["A review of 2020"]


def test_what_was_withdrawn_and_is_a_draft_again_is_shown_no_longer() -> None:
    review = make_review(state=State.WITHDRAWN)
    review.return_to_draft()
    assert titles("/reviews/feed.atom") == []


def test_the_sessions_of_a_withdrawn_course_are_named_too(clock: Any) -> None:
    course = make_course(title="Secret")
    make_session(course, in_days=5, note="Secret")
    make_session(course, in_days=-200)
    (before,) = feed_of("/training/feed.atom").entries
    course.withdraw(reason="x")
    clock.shift(timedelta(days=10))
    (gone,) = feed_of("/training/feed.atom").entries
    assert b"secret" not in Client().get("/training/feed.atom").content.lower()
    assert gone.id == before.id
    assert gone.title == "A course was withdrawn"
    assert gone.link == "http://testserver/training/"


def test_withdrawals_count_among_the_pages_of_a_feed(clock: Any) -> None:
    for index in range(PER_PAGE + 2):
        review = make_review(title=f"Review {index:02}")
        clock.shift(A_MINUTE)
    review.withdraw(reason="x")
    first, second = titles("/reviews/feed.atom"), titles("/reviews/feed.atom?page=2")
    assert first[0] == "A practice review was withdrawn"
    assert [*first[1:], *second] == [f"Review {i:02}" for i in reversed(range(PER_PAGE + 1))]
    assert len(first) == PER_PAGE
