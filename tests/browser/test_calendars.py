"""Subscribing to a calendar, with the keyboard, on a phone and at a desk."""

from collections.abc import Callable

import pytest
from icalendar import Calendar
from playwright.sync_api import Page, expect

from tests.browser.test_accessibility import problems_of
from tests.factories import make_course
from training.models import Session

pytestmark = pytest.mark.one_database


@pytest.mark.usefixtures("catalogue")
def test_a_reader_finds_the_calendar_of_what_they_look_at(open_page: Callable[..., Page]) -> None:
    dateless = make_course(title="Course without dates")
    session = Session.objects.published().upcoming().soonest_first()[0]
    page = open_page(f"/training/?course={session.course.slug}", width=360)
    fold = page.locator(".subscribe summary")
    subscribe = page.get_by_role("link", name="Subscribe in your calendar app")
    expect(subscribe).to_be_hidden()
    fold.press("Enter")
    address = page.locator("#calendar-address").inner_text()
    assert address.endswith(f"/training/calendar.ics?course={session.course.slug}")
    assert subscribe.get_attribute("href") == address.replace("http://", "webcal://")
    events = Calendar.from_ical(page.request.get(address).body()).events
    assert {str(event["SUMMARY"]) for event in events} == {session.course.title}
    # What has just gone under the bar that stays is no target.
    page.evaluate("window.scrollTo(0, 0)")
    assert problems_of(page) == []
    page.goto(dateless.get_absolute_url())
    expect(page.get_by_text("Be told when dates are set")).to_be_visible()
    expect(subscribe).to_be_visible()
    assert problems_of(page) == []
    page.emulate_media(media="print")
    expect(fold).to_be_hidden()
