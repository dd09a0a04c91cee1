"""The training programme in a browser: a month in hand, on a phone, and on paper."""

import re
from collections.abc import Callable
from io import BytesIO
from typing import Any

import pypdfium2
import pytest
import zxingcpp
from django.utils import timezone
from playwright.sync_api import Locator, Page, expect

from tests.browser.test_accessibility import problems_of
from tests.factories import make_course, make_identity, make_session
from training.models import Session

pytestmark = pytest.mark.one_database


@pytest.mark.usefixtures("catalogue")
def test_one_goes_through_the_months_with_the_keyboard(open_page: Callable[..., Page]) -> None:
    page = open_page("/training/")
    page.get_by_role("link", name="Month", exact=True).click()
    table = page.get_by_role("table")
    expect(table).to_be_visible()
    assert page.url.endswith("view=month")
    titles = [page.locator(".result-count").inner_text()]
    page.get_by_role("link", name="Next month").focus()
    for _ in range(2):
        page.keyboard.press("Enter")
        expect(page.locator(".result-count")).not_to_have_text(titles[-1])
        titles.append(page.locator(".result-count").inner_text())
        # The way on is still in hand.
        assert page.evaluate("document.activeElement.rel") == "next"
    assert len(set(titles)) == 3
    page.go_back()
    expect(page.locator(".result-count")).to_have_text(titles[1])
    first = page.locator(".day-sessions a").first
    address = first.get_attribute("href")
    first.click()
    assert address and page.url.endswith(address)
    assert page.problems == []  # type: ignore[attr-defined]


@pytest.mark.django_db(transaction=True)
def test_on_a_phone_a_day_is_dots_that_lead_to_its_sessions(open_page: Callable[..., Page]) -> None:
    today = timezone.localdate()
    made = [make_session(start_date=today) for _ in range(5)]
    made[0].cancel(note="The trainer is ill.")
    page = open_page(f"/training/?view=month&month={today:%Y-%m}", width=360)
    expect(page.locator(".day-sessions")).to_be_hidden()
    day = page.get_by_role("link", name=re.compile(f"^{today.day} ?: 5 sessions, 1 cancelled$"))
    expect(day).to_be_visible()
    box = day.bounding_box()
    assert box and box["width"] >= 24 and box["height"] >= 24
    day.click()
    expect(page.locator(f"#session-{made[0].pk}")).to_be_in_viewport()
    assert problems_of(page) == []
    page.set_viewport_size({"width": 1280, "height": 900})
    expect(day).to_be_hidden()
    expect(page.locator(".day-cancelled")).to_contain_text("Cancelled")
    assert problems_of(page) == []


@pytest.mark.django_db(transaction=True)
def test_the_next_page_of_a_full_month_begins_below_its_table(
    open_page: Callable[..., Page],
) -> None:
    today = timezone.localdate()
    course = make_course()
    made = [make_session(course, start_date=today) for _ in range(55)]
    page = open_page(f"/training/?view=month&month={today:%Y-%m}", width=360)
    page.get_by_role("link", name="Next page").click()
    expect(page.locator(f"#{made[-1].anchor}")).to_be_visible()
    expect(page.locator("#all-sessions")).to_be_in_viewport()
    assert "page=2" in page.url
    page.get_by_role("link", name=re.compile("55 sessions")).click()
    expect(page.locator(f"#{made[0].anchor}")).to_be_in_viewport()
    assert "page=2" not in page.url
    assert page.problems == []  # type: ignore[attr-defined]


@pytest.mark.django_db(transaction=True)
def test_on_a_desk_the_table_has_all_sessions_of_a_month(open_page: Callable[..., Page]) -> None:
    today = timezone.localdate()
    course = make_course(title="Neglect, and what a title of more than two lines does to a cell")
    made = [make_session(course, start_date=today) for _ in range(55)]
    page = open_page(f"/training/?view=month&month={today:%Y-%m}")
    expect(page.locator("#all-sessions")).to_be_hidden()
    expect(page.get_by_role("link", name="Next page")).to_be_hidden()
    links = page.locator(".day-sessions a")
    expect(links.first).to_be_visible()
    expect(links.last).to_be_hidden()
    page.get_by_text("51 more").click()
    expect(links.last).to_be_visible()
    assert links.count() == len(made)
    # A title has two lines, and all of them while it is in hand, without moving anything.
    assert height_of(links.first) <= 2 * 1.3 * 15 + 1
    whole = links.first.locator(".day-title")
    below = box_of(links.nth(1))
    links.first.focus()
    assert height_of(whole) > height_of(links.first) and box_of(links.nth(1)) == below
    assert problems_of(page) == []


@pytest.mark.usefixtures("catalogue")
def test_a_session_is_one_row_and_what_all_share_is_said_once(
    open_page: Callable[..., Page],
) -> None:
    page = open_page("/training/")
    rows = page.locator(".session")
    assert rows.count() == 27
    assert sorted(map(height_of, rows.all()))[13] <= 56
    bottom = box_of(rows.last)["y"] + height_of(rows.last)
    assert bottom - box_of(page.locator("h1"))["y"] < 2_000
    for words, number in (("No times are confirmed yet", 1), ("to be confirmed", 0), ("New", 0)):
        expect(page.get_by_role("main").get_by_text(words)).to_have_count(number)
    # Both switches on one line.
    when, view = page.locator(".switch-when"), page.locator(".switch-view")
    assert abs(box_of(when)["y"] - box_of(view)["y"]) < 2
    button = rows.first.get_by_role("link", name=re.compile("^Add to calendar ?: Child"))
    assert box_of(button)["width"] >= 44 <= box_of(button)["height"]
    assert box_of(rows.first.get_by_text("Add to calendar"))["width"] <= 1
    button.focus()
    assert box_of(rows.first.get_by_text("Add to calendar"))["width"] > 100
    page.set_viewport_size({"width": 360, "height": 740})
    assert abs(box_of(when)["y"] - box_of(view)["y"]) < 2
    assert page.evaluate("document.documentElement.scrollWidth") == 360


@pytest.mark.usefixtures("catalogue")
def test_the_programme_prints_on_two_sheets_and_a_month_as_a_table_on_one(
    open_page: Callable[..., Page],
) -> None:
    page = open_page("/training/")
    assert len(sheets_of(page)) == 2
    page.get_by_role("link", name="Month", exact=True).click()
    expect(page.locator(".month-grid")).to_be_visible()
    # Which month it is goes by the day of the run.
    named = re.compile(r"[A-Z][a-z]+ 20\d\d: \d+ sessions?")
    heading = page.get_by_role("heading", name=named).first.inner_text()
    (sheet,) = sheets_of(page)
    width, height = sheet.get_size()
    assert width > height
    words = words_on(page)
    assert heading and " ".join(heading.split()) in words and "Mon Tue Wed" in words
    assert "All sessions in" not in words and "Previous" not in words


@pytest.mark.django_db(transaction=True)
def test_on_paper_each_date_has_a_code_that_leads_back_to_it(
    open_page: Callable[..., Page],
) -> None:
    make_identity()
    course = make_course(title="Neglect", cost="£60", booking_email="book@example.org")
    coming = [make_session(course, in_days=days) for days in (3, 30)]
    make_session(course, in_days=9).cancel()
    page = open_page(course.get_absolute_url())
    page.wait_for_load_state("networkidle")
    expect(page.locator(".session-qr").first).to_be_hidden()
    assert not [url for url in page.requested if "session-" in url]  # type: ignore[attr-defined]
    origin = page.url.removesuffix(course.get_absolute_url())
    assert codes_on(page) == {f"{origin}{session.get_absolute_url()}" for session in coming}
    assert page.problems == []  # type: ignore[attr-defined]
    page.goto("/training/")
    words = words_on(page)
    for shown in ("Neglect", "Cost: £60", "book@example.org", "Cancelled on", "/training/"):
        assert shown in words, shown
    for screen in ("Subscribe", "Filter", "Add to calendar", "This list as", "Practice reviews"):
        assert screen not in words, screen


@pytest.mark.django_db(transaction=True)
def test_no_month_of_the_printed_programme_ends_a_sheet_with_its_name(
    open_page: Callable[..., Page],
) -> None:
    course = make_course()
    for number in range(40):
        make_session(course, in_days=number * 9)
    assert Session.objects.count() == 40
    page = open_page("/training/")
    sheets = sheets_of(page)
    assert len(sheets) > 1
    for sheet in sheets:
        last = sheet.get_textpage().get_text_bounded().strip().splitlines()[-1]
        assert not re.fullmatch(r"[A-Z][a-z]+ 20\d\d", last), last


def box_of(found: Locator) -> Any:
    return found.bounding_box()


def height_of(found: Locator) -> float:
    height: float = box_of(found)["height"]
    return height


def sheets_of(page: Page) -> pypdfium2.PdfDocument:
    return pypdfium2.PdfDocument(BytesIO(page.pdf(format="A4", prefer_css_page_size=True)))


def codes_on(page: Page) -> set[str]:
    """Return what a reader of codes finds on the printed page."""
    drawn = (sheet.render(scale=2).to_pil() for sheet in sheets_of(page))
    return {found.text for picture in drawn for found in zxingcpp.read_barcodes(picture)}


def words_on(page: Page) -> str:
    """Return the words of the printed page."""
    return " ".join(
        " ".join(sheet.get_textpage().get_text_bounded().split()) for sheet in sheets_of(page)
    )
