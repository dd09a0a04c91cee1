"""What is new, on its page and on the home page."""

import re
from datetime import timedelta
from typing import Any

import feedparser
import pytest
from django.test import Client

from mscp.publishing.gate import State
from mscp.site.news import MOST_NEWS
from tests.factories import (
    HIDDEN_STAGES,
    make_briefing,
    make_document,
    make_note,
    make_report,
    make_review,
)
from tests.pages import assert_valid, text_of, titles

pytestmark = pytest.mark.django_db


def feed_of(address: str) -> Any:
    feed = feedparser.parse(Client().get(address).content)
    assert not feed.bozo
    return feed


def page_of(address: str) -> str:
    response = Client().get(address)
    assert response.status_code == 200
    assert_valid(response)
    return response.content.decode()


def news_at(address: str) -> list[tuple[str, str, str]]:
    """Return the dated lines of a page: the day, the title, and what is said of it."""
    lines = re.findall(
        r'<time datetime="[^"]*">([^<]*)</time>\s*<div>\s*'
        r'<a href="[^"]*">([^<]*)</a>\s*<p>(.*?)</p>',
        page_of(address).partition("<main")[2],
        re.DOTALL,
    )
    return [
        (day, title, " ".join(re.sub("<[^>]+>", " ", what).split())) for day, title, what in lines
    ]


def test_what_is_added_and_changed_stands_by_month_the_latest_first(clock: Any) -> None:
    review = make_review(title="Oak", type="scr")
    clock.shift(timedelta(days=10))
    make_report(title="Ash")
    make_document(review, title="Action plan")
    clock.shift(timedelta(days=1))
    make_note(review, "The plan is complete.")
    assert re.findall(r'<h2 id="month-\d">([^<]*)<', page_of("/new/")) == [
        "December 2026",
        "November 2026",
    ]
    lines = news_at("/new/")
    assert lines[0] == ("4 Dec", "Oak", "Serious case review: The plan is complete.")
    assert set(lines[1:3]) == {
        ("3 Dec", "Oak", "Serious case review: “Action plan” was added."),
        ("3 Dec", "Ash", "Thematic report"),
    }
    assert lines[3:] == [("23 Nov", "Oak", "Serious case review")]


def test_who_comes_back_finds_what_is_new_from_every_page_and_from_lists_in_that_order() -> None:
    make_review()
    link = '<a href="/new/">What is new, month by month</a>'
    for address in ("/reviews/", "/search/"):
        assert link not in page_of(address) and link in page_of(f"{address}?sort=added")
        assert '<a href="/new/">What is new</a>' in page_of(address)


def test_what_was_taken_over_is_new_only_when_it_changes(clock: Any) -> None:
    old = make_report(title="Old", taken_over=True)
    make_review(title="Sample", is_sample=True)
    assert news_at("/new/") == [] and "New here" not in page_of("/")
    clock.shift(timedelta(days=1))
    make_document(old, title="Phase 2")
    assert news_at("/new/") == [("24 Nov", "Old", "Thematic report: “Phase 2” was added.")]


def test_documents_of_the_first_day_and_corrections_are_no_news(clock: Any) -> None:
    review = make_review()
    make_document(review)
    clock.shift(timedelta(days=1))
    review.summary = "A word corrected."
    review.save()
    assert len(news_at("/new/")) == 1


@pytest.mark.parametrize("state", HIDDEN_STAGES)
def test_what_is_not_public_is_not_new(state: State, clock: Any) -> None:
    review = make_review(title="Hidden")
    make_note(review, "Hidden words")
    clock.shift(timedelta(days=1))
    make_document(review, title="Hidden document")
    make_note(review, "Hidden again")
    assert "Hidden" in page_of("/new/")
    review.withdraw(reason="A test")
    if state is State.DRAFT:
        review.return_to_draft()
    make_briefing(title="Hidden learning", state=state)
    for address in ("/new/", "/"):
        assert "Hidden" not in page_of(address)


def test_what_is_scheduled_is_new_from_its_moment(clock: Any) -> None:
    make_review(title="Coming", state=State.SCHEDULED)
    assert news_at("/new/") == []
    clock.shift(timedelta(days=1))
    assert news_at("/new/") == [("24 Nov", "Coming", "Local child safeguarding practice review")]


def test_home_shows_the_latest_few_and_leads_on(clock: Any) -> None:
    for number in range(7):
        make_report(title=f"Report {number}")
        clock.shift(timedelta(days=1))
    lines = news_at("/")
    assert [title for _, title, _ in lines] == [f"Report {n}" for n in (6, 5, 4, 3, 2)]
    assert lines[0][0] == "29 Nov 2026"
    assert '<a href="/new/">Everything new</a>' in page_of("/")


def test_home_says_once_that_the_newest_review_was_added(clock: Any) -> None:
    review = make_review(title="Oak")
    make_report(title="Ash")
    assert news_at("/") == [("23 Nov 2026", "Ash", "Thematic report")]
    clock.shift(timedelta(days=1))
    make_document(review, title="Plan")
    assert news_at("/")[0] == ("24 Nov 2026", "Oak", "“Plan” was added.")


def test_a_long_page_leads_on_to_the_list_of_all() -> None:
    for _ in range(MOST_NEWS):
        make_report()
    assert len(news_at("/new/")) == MOST_NEWS
    assert 'href="/search/?sort=added"' in page_of("/new/")


def test_the_feed_tells_the_same(clock: Any) -> None:
    review = make_review(title="Oak & ash", type="scr")
    empty = feed_of("/new/feed.atom")
    clock.shift(timedelta(days=1))
    make_document(review, title="Plan <b>")
    feed = feed_of("/new/feed.atom")
    assert [(one.title, one.link) for one in feed.entries] == 2 * [
        ("Oak & ash", f"http://testserver{review.get_absolute_url()}")
    ]
    assert "“Plan &lt;b&gt;” was added." in feed.entries[0].summary
    assert feed.entries[1].id == empty.entries[0].id != feed.entries[0].id
    assert feed.feed.updated.startswith("2026-11-24")
    assert 'href="/new/feed.atom"' in page_of("/new/")


def test_a_feed_without_news_stays_the_same(clock: Any) -> None:
    first = Client().get("/new/feed.atom").content
    clock.shift(timedelta(days=3))
    assert Client().get("/new/feed.atom").content == first


def test_lists_can_be_sorted_by_what_was_added_last(clock: Any) -> None:
    for title, year in (("First", "2026"), ("Second", "2001"), ("Third", "2010")):
        make_report(title=title, report_date=year)
        clock.shift(timedelta(hours=1))
    assert titles(Client().get("/reports/?sort=added")) == ["Third", "Second", "First"]
    assert "Recently added" in text_of(Client().get("/reports/"))
