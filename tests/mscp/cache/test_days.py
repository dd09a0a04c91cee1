"""Where the clock alone changes what visitors see: at midnight in London, or by a schedule.

Each rule of the site that has to do with time is in ``RULES`` with the midnight at which it
changes a page. A rule that counted hours instead would change a page that is still kept.
"""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client, override_settings

from mscp.database import clock as database_clock
from mscp.database.clock import start_of_day
from mscp.publishing.gate import State
from tests.factories import make_course, make_identity, make_report, make_review, make_session

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> dict[str, str]:
    """Make something that each rule is about; return the addresses of what has one of its own."""
    make_identity(email="contact@example.org")
    review = make_review()
    make_report(state=State.WITHDRAWN)
    course = make_course()
    session = make_session(course, in_days=20)
    session.booking_closes = database_clock.today() + timedelta(days=10)
    session.save()
    # Where most of a list is new, nothing is marked so.
    for days in (200, 201):
        make_session(course, in_days=days, bulk_loaded=True)
    cancelled = make_session(make_course(), in_days=60)
    cancelled.cancel(note="A test")
    return {
        "course": course.get_absolute_url(),
        "course calendar": course.calendar_address,
        "citation": f"{review.get_absolute_url()}cite.ris",
    }


# Rule, address (or its name above), and after how many midnights from now it changes the page.
RULES = [
    ("a session is new for seven days", "/training/", 7),
    ("a session is new for seven days, on the page of its course", "course", 7),
    ("booking closes at the end of a day", "course", 11),
    ("a session that is over is past", "/training/", 21),
    ("and so it is for whoever counts what is to come", "/", 21),
    ("a calendar tells 31 days longer of what is over", "course calendar", 52),
    ("a calendar tells 30 days of what was cancelled", "/training/calendar.ics?when=all", 31),
    ("a feed tells 90 days of what was withdrawn", "/reports/feed.atom", 91),
    ("a month marks today", "/training/?view=month&month=2026-11", 1),
    ("a citation names the day on which it was made", "citation", 1),
    ("security.txt expires 180 days ahead", "/.well-known/security.txt", 1),
]


@pytest.mark.parametrize(("rule", "address", "midnights"), RULES, ids=[rule[0] for rule in RULES])
def test_each_rule_of_time_changes_its_page_at_a_midnight(
    rule: str, address: str, midnights: int, world: dict[str, str], clock: Any
) -> None:
    address = world.get(address, address)
    midnight = start_of_day(database_clock.today() + timedelta(days=midnights))

    def page_at(moment: Any) -> bytes:
        clock.move_to(moment)
        return Client().get(address).content

    noon = page_at(midnight - timedelta(hours=12))
    assert page_at(midnight - timedelta(microseconds=1)) == noon, "It changes within a day."
    assert page_at(midnight) != noon, "It does not change at this midnight, or was kept too long."
    after = page_at(midnight)
    assert page_at(midnight + timedelta(hours=23)) == after


@pytest.mark.parametrize("days", [1, 6, 7, 8, 10, 11, 20, 21, 30, 31, 32, 51, 52, 90, 91])
def test_what_is_kept_is_what_would_be_rendered_at_any_hour(
    days: int, world: dict[str, str], clock: Any
) -> None:
    addresses = [
        *world.values(),
        "/",
        "/training/?when=all",
        "/training/?when=past",
        "/training/?view=month",
        "/training/calendar.ics",
        "/training/calendar.ics?when=all",
        "/training/feed.atom",
        "/training/export.v1.json?when=all",
        "/reports/feed.atom",
        "/sitemap-courses.xml",
        "/.well-known/security.txt",
    ]
    day = start_of_day(database_clock.today() + timedelta(days=days))
    clock.move_to(day)
    for address in addresses:
        assert "miss" in Client().get(address).headers["Server-Timing"], address
    # What changes within a day has done so by its end.
    clock.move_to(day + timedelta(hours=23.99))
    kept = {address: Client().get(address) for address in addresses}
    with override_settings(PAGE_CACHE_BYTES=0):
        for address, response in kept.items():
            assert "hit" in response.headers["Server-Timing"], address
            assert Client().get(address).content == response.content, address
