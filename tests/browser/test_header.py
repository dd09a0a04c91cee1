"""The header: numbers to call, a way out, search and menu, and room for what a reader came for."""

import re
from collections.abc import Callable
from itertools import pairwise

import pytest
from playwright.sync_api import Page, expect

from mscp.records.partial_dates import PartialDate
from reviews.models import Theme
from tests.browser.test_accessibility import PUBLIC, problems_of, too_wide
from tests.factories import (
    MINIMAL_PDF,
    make_course,
    make_document,
    make_file,
    make_report,
    make_review,
)

pytestmark = [pytest.mark.one_database, pytest.mark.usefixtures("catalogue")]

ELSEWHERE = re.compile("^https://www.bbc.co.uk/")
WEATHER = "<title>Weather</title>"


def top_of(page: Page, selector: str) -> float:
    box = page.locator(selector).first.bounding_box()
    assert box is not None
    return box["y"]


# What a reader of each list came for, an item of it.
FIRST_RESULTS = {
    "/reviews/": ".found .item",
    "/reports/": ".found .item",
    "/search/": ".found .item",
    "/search/?q=baby": ".found .item",
    "/training/": ".found .session",
    "/training/?when=all": ".found .session",
    # Its first week, whichever has the first session.
    "/training/?view=month": ".found .month-grid tbody td",
    "/themes/": ".theme-card a",
    # With filters and words in use.
    "/reviews/?type=lcspr&type=scr": ".found .item",
    "/reports/?type=thematic_report": ".found .item",
    "/training/?delivery=online": ".found .session",
    "/training/?q=safeguarding": ".found .session",
    "/training/?q=safeguarding&view=month": ".found .month-grid",
}


def test_on_a_phone_heading_and_first_result_of_every_page_stand_on_the_first_screen(
    open_page: Callable[..., Page],
) -> None:
    page = open_page(width=360)
    page.set_viewport_size({"width": 360, "height": 740})
    low = {}
    for address in (*PUBLIC, *FIRST_RESULTS.keys() - PUBLIC):
        page.goto(address)
        if (top := top_of(page, "h1")) >= 200:
            low[address, "h1"] = top
        first = FIRST_RESULTS.get(address)
        if first and (top := top_of(page, first)) >= 480:
            low[address, first] = top
    assert not low


def test_on_a_desk_the_first_five_results_stand_on_the_first_screen(
    open_page: Callable[..., Page],
) -> None:
    page = open_page()
    below = {}
    several = ("/training/?q=safeguarding", "/reviews/?type=lcspr&type=scr")
    for address in ("/reviews/", "/reports/", "/search/", "/training/", *several):
        page.goto(address)
        box = page.locator(FIRST_RESULTS[address]).nth(4).bounding_box()
        assert box is not None
        if (bottom := box["y"] + box["height"]) > 900:
            below[address] = bottom
    assert not below


# As long as what stands in reports: it fills the lines that a result has.
PASSAGES = [
    "At the clinic the health visitor saw a bruise on the baby and wrote it down, without "
    "asking how it had come about or who had been with the child on the day before. Bruising in "
    "babies who cannot move by themselves is always a reason to ask, and to ring the same day.",
    "At the clinic the grandmother said that the bruise had gone. Nobody spoke with the father, "
    "who had moved in; the nurse had seen another bruise behind the ear, and her note went to a "
    "folder that nobody opened before the conference in the spring of the year that followed.",
    "A doctor at the clinic must see every baby with a bruise. So said the procedure, which three "
    "of the seven services did not know, and which two others took for one that others follow.",
]


@pytest.fixture
def library_with_passages(catalogue: None) -> None:
    """Make results with long titles, a publisher, and three pages each to show."""
    panel = "Child Safeguarding Practice Review Panel"
    long = "what seven services knew of the family in the months before a first fracture was found"
    make_course(title="At the clinic")
    for number in range(12):
        make, fields = (
            (make_review, {"type": "lcspr"})
            if number % 2
            else (make_report, {"publisher": panel, "report_date": PartialDate(2020, 9, 16)})
        )
        title = f"Oak {number}: {long}" if number % 3 == 0 else f"Oak {number}"
        record = make(title=title, themes=list(Theme.objects.all()[:3]), **fields)
        make_document(record, title="Report", file=make_file(MINIMAL_PDF, pages=PASSAGES))


LISTS_WITH_PASSAGES = ["/search/", "/reviews/", "/reports/"]


@pytest.mark.parametrize("address", LISTS_WITH_PASSAGES)
@pytest.mark.usefixtures("library_with_passages")
def test_on_a_desk_five_results_with_their_passages_stand_on_the_first_screen(
    open_page: Callable[..., Page], address: str
) -> None:
    page = open_page(f"{address}?q=clinic")
    if address == "/search/":
        expect(page.get_by_role("link", name="At the clinic")).to_be_visible()
    results = page.locator(".found .item")
    for number in range(5):
        result = results.nth(number)
        expect(result.locator("mark").first).to_be_visible()
        expect(result.get_by_role("link", name=re.compile("^Page . of 3"))).to_be_visible()
        box = result.bounding_box()
        assert box is not None
        assert box["y"] + box["height"] <= 900, number
    # What is folded opens under its passage, without script too, and covers nothing.
    page = open_page(f"{address}?q=clinic", java_script_enabled=False)
    first = page.locator(".found .item").first
    first.get_by_text("2 more").click()
    expect(first.locator(".hit-text")).to_have_count(3)
    boxes = [hit.bounding_box() for hit in first.locator(".hit").all()]
    tops = [(box["y"], box["y"] + box["height"]) for box in boxes if box]
    assert all(above[1] <= below[0] for above, below in pairwise(tops)), tops


@pytest.mark.parametrize("address", LISTS_WITH_PASSAGES)
@pytest.mark.usefixtures("library_with_passages")
def test_on_a_phone_the_first_result_with_passages_stands_on_the_first_screen(
    open_page: Callable[..., Page], address: str
) -> None:
    page = open_page(f"{address}?q=clinic", width=360)
    assert top_of(page, ".found .item") < 480
    assert too_wide(page) == []
    if address != "/search/":
        return
    # What was found besides comes after the results.
    assert top_of(page, ".also-found") > top_of(page, ".found .item:last-child")
    assert too_wide(page) == []


def test_the_header_fits_the_narrowest_window(open_page: Callable[..., Page]) -> None:
    page = open_page("/reviews/vamp/", width=320)
    assert too_wide(page) == []
    page.set_viewport_size({"width": 320, "height": 256})
    page.evaluate("window.scrollTo(0, 300)")
    # So little is seen at 400 % that the strip gives way.
    assert top_of(page, ".top-bar") < 0


def test_all_numbers_are_one_press_away_without_script(open_page: Callable[..., Page]) -> None:
    for width in (360, 1280):
        page = open_page("/reviews/vamp/", width=width, java_script_enabled=False)
        first = page.get_by_role("link", name="Worried about a child? 020 8545 4226")
        expect(first).to_have_attribute("href", "tel:02085454226")
        expect(page.get_by_text("Out of hours")).to_be_hidden()
        page.get_by_text("Other numbers").click()
        expect(page.get_by_role("link", name="020 8770 5000")).to_be_visible()
        expect(page.get_by_text("Monday to Friday, 9am to 5pm")).to_be_visible()


def test_axe_finds_nothing_in_what_the_header_unfolds(open_page: Callable[..., Page]) -> None:
    page = open_page("/reviews/vamp/", width=360)
    found = []
    for name in ("Other numbers", "Search", "Menu", "Demonstration"):
        page.locator("summary", has_text=name).first.click()
        found += problems_of(page)
        page.keyboard.press("Escape")
    assert found == []


@pytest.mark.parametrize("script", [True, False], ids=["with script", "without script"])
def test_on_a_phone_search_and_menu_unfold(open_page: Callable[..., Page], script: bool) -> None:
    page = open_page("/reviews/vamp/", width=360, java_script_enabled=script)
    link = page.get_by_role("link", name="Training", exact=True)
    box = page.get_by_label("Search the whole site")
    expect(link).to_be_hidden()
    expect(box).to_be_hidden()
    page.locator("summary", has_text="Search").click()
    box.fill("bruising")
    box.press("Enter")
    page.wait_for_url("**/search/?q=bruising")
    page.locator("summary", has_text="Menu").click()
    expect(page.get_by_role("navigation", name="Main")).to_be_visible()
    link.click()
    page.wait_for_url("**/training/")


def test_panels_open_one_at_a_time_and_escape_shuts_them(open_page: Callable[..., Page]) -> None:
    page = open_page("/reviews/vamp/", width=360)
    menu = page.locator("summary", has_text="Menu")
    menu.click()
    page.get_by_text("Other numbers").click()
    expect(page.get_by_role("navigation", name="Main")).to_be_hidden()
    expect(page.get_by_text("Out of hours")).to_be_visible()
    menu.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_text("Out of hours")).to_be_hidden()
    page.keyboard.press("Escape")
    expect(page.get_by_role("navigation", name="Main")).to_be_hidden()
    expect(menu).to_be_focused()


def test_on_a_desk_nothing_of_the_header_is_folded_but_the_numbers(
    open_page: Callable[..., Page],
) -> None:
    for width in (768, 1280):
        page = open_page("/reviews/", width=width, java_script_enabled=False)
        expect(page.get_by_role("link", name="Training", exact=True)).to_be_visible()
        expect(page.get_by_label("Search the whole site")).to_be_visible()
        expect(page.locator("summary", has_text="Menu")).to_be_hidden()


def test_the_exit_leaves_and_back_does_not_return(open_page: Callable[..., Page]) -> None:
    for leave in (
        lambda page: page.get_by_role("link", name="Exit this page").click(),
        lambda page: [page.keyboard.press("Shift") for _ in range(3)],
    ):
        page = open_page("/reviews/vamp/")
        page.route(ELSEWHERE, lambda route: route.fulfill(body=WEATHER))
        entries = page.evaluate("history.length")
        leave(page)
        page.wait_for_url(ELSEWHERE)
        assert page.evaluate("history.length") == entries


def test_each_press_of_shift_is_counted_aloud(open_page: Callable[..., Page]) -> None:
    page = open_page("/reviews/vamp/")
    aloud = page.locator("[data-exit-presses]")
    expect(aloud).to_have_attribute("role", "status")
    page.keyboard.press("Shift")
    expect(aloud).to_have_text("To leave, press Shift twice more.")
    expect(page.locator(".exit-presses")).to_have_text("•")
    page.keyboard.press("Shift")
    expect(aloud).to_have_text("To leave, press Shift once more.")
    page.keyboard.press("Tab")
    expect(aloud).to_have_text("You stay on this page.")
    expect(page.locator(".exit-presses")).to_have_text("")
    page.keyboard.press("Shift")
    expect(aloud).to_have_text("To leave, press Shift twice more.")


def test_capital_letters_do_not_leave(open_page: Callable[..., Page]) -> None:
    page = open_page("/reviews/vamp/")
    for _ in range(4):
        page.keyboard.press("Shift+Tab")
    assert page.url.endswith("/reviews/vamp/")
    expect(page.locator("[data-exit-presses]")).to_have_text("You stay on this page.")


def test_three_presses_too_slow_stay(open_page: Callable[..., Page]) -> None:
    page = open_page("about:blank")
    page.clock.install()
    page.goto("/reviews/vamp/")
    page.keyboard.press("Shift")
    page.keyboard.press("Shift")
    page.clock.fast_forward(5_001)
    expect(page.locator("[data-exit-presses]")).to_have_text("You stay on this page.")
    page.keyboard.press("Shift")
    expect(page.locator("[data-exit-presses]")).to_have_text("To leave, press Shift twice more.")


def test_the_exit_is_a_link_without_script_and_covers_nothing(
    open_page: Callable[..., Page],
) -> None:
    page = open_page("/training/", width=360, java_script_enabled=False)
    exit_ = page.get_by_role("link", name="Exit this page")
    expect(exit_).to_have_attribute("href", re.compile("^https://"))
    box = exit_.bounding_box()
    assert box is not None and box["height"] >= 40 and box["width"] >= 44
    # It stays in reach when one scrolls, in a strip of its own.
    page.evaluate("window.scrollTo(0, 400)")
    strip = page.locator(".top-bar").bounding_box()
    assert strip is not None and strip["y"] == 0 and strip["width"] == 360
    page.route(ELSEWHERE, lambda route: route.fulfill(body=WEATHER))
    exit_.click()
    page.wait_for_url(ELSEWHERE)


def test_in_forced_colours_one_entry_of_the_menu_is_current(
    open_page: Callable[..., Page],
) -> None:
    for width in (360, 1280):
        page = open_page("/reviews/", width=width, forced_colors="active")
        lines = page.evaluate(
            """() => [...document.querySelectorAll(".site-nav a")].filter((link) =>
              [null, "::after"].some((part) => {
                const style = getComputedStyle(link, part);
                const sides = [style.borderBottomWidth, style.borderLeftWidth];
                return style.content !== "none" && sides.some((width) => parseFloat(width));
              })).map((link) => link.textContent)"""
        )
        assert lines == ["Practice reviews"]
