"""Lists in hand: by touch on a phone and by keyboard, nothing goes away from where one is."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect

from mscp.records.partial_dates import PartialDate
from tests.browser.test_accessibility import problems_of
from tests.factories import (
    make_briefing,
    make_course,
    make_report,
    make_review,
    make_session,
    make_theme,
    make_venue,
)
from tests.snapshots import Snapshot

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.one_database]

LISTS = (
    "/reviews/",
    "/reports/",
    "/learning/",
    "/search/?q=sample",
    "/training/",
    "/training/?view=month",
)
PHONE, DESK = 360, 1280


@pytest.fixture(scope="module")
def made() -> list[Snapshot]:
    """Keep the database with that site, from when a test first asks for it."""
    return []


@pytest.fixture
def site(transactional_db: None, made: list[Snapshot]) -> None:
    """Make a site of which each list has twelve records, two of them under the last theme."""
    if made:
        made[0].put_back()
        return
    themes = [make_theme(name=f"Sample theme {letter}") for letter in "ABCDEFGH"]
    hall = make_venue(name="Hall")
    for number in range(12):
        some = [themes[-1]] if number < 2 else [themes[number % 7]]
        year = PartialDate(2010 + number)
        kind = ["lcspr", "partnership_review"][number % 2]
        make_review(title=f"Sample oak {number}", themes=some, report_date=year, type=kind)
        make_report(title=f"Sample elm {number}", themes=some, report_date=year)
        make_briefing(title=f"Sample ash {number}", themes=some, report_date=year)
        course = make_course(title=f"Sample course {number}", themes=some)
        # On the clock's own day, so that both views have all of them, also on the last of a month.
        make_session(course, in_days=0, venue=hall)
    made.append(Snapshot())


def heard(label: str, number: str = "") -> re.Pattern[str]:
    """Return the name of a choice as it is read out: "2021, 3 practice reviews"."""
    return re.compile(f"^{re.escape(label)} ?, {number}")


def hold(page: Page, choice: Locator) -> None:
    """Remember a choice, and where it stands in the window."""
    choice.scroll_into_view_if_needed()
    choice.evaluate("box => { window.held = box; window.place = box.getBoundingClientRect().top; }")


def assert_still_held(page: Page) -> None:
    assert page.evaluate("window.held.isConnected && document.activeElement === window.held")
    assert abs(page.evaluate("window.held.getBoundingClientRect().top - window.place")) < 2


def is_folded(page: Page) -> bool:
    """Return whether the filters have to be unfolded: on a phone, and above a month."""
    return page.locator(".filters > summary").is_visible()


def total(page: Page) -> int:
    return int(page.locator(".result-count").get_attribute("data-total") or "")


@pytest.mark.usefixtures("site")
@pytest.mark.parametrize("width", [PHONE, DESK])
@pytest.mark.parametrize("address", LISTS)
def test_a_choice_by_touch_leaves_all_where_it_is(
    open_page: Callable[..., Page], address: str, width: int
) -> None:
    page = open_page(address, width=width, has_touch=True)
    before = total(page)
    if is_folded(page):
        page.locator(".filters > summary").tap()
    page.get_by_text("more under Theme").tap()
    choice = page.get_by_role("checkbox", name=heard("Sample theme H"))
    hold(page, choice)
    choice.tap()
    expect(page.locator(".chip")).to_contain_text(["Sample theme H"])
    assert_still_held(page)
    expect(choice).to_be_checked()
    found = total(page)
    assert 0 < found < before
    show = page.get_by_role("button", name=f"Show {found} results")
    if width == DESK:
        expect(page.get_by_role("button", name=re.compile("^Show"))).to_have_count(0)
        assert not page.problems  # type: ignore[attr-defined]
        return
    expect(page.locator(".filters")).to_have_attribute("open", "")
    # In reach without scrolling.
    expect(show).to_be_in_viewport()
    show.tap()
    expect(page.locator(".filters")).not_to_have_attribute("open", "")
    expect(page.locator("#results")).to_be_focused()
    expect(page.locator(".result-count")).to_be_in_viewport()
    assert not page.problems  # type: ignore[attr-defined]


@pytest.mark.usefixtures("site")
@pytest.mark.parametrize("width", [PHONE, DESK])
@pytest.mark.parametrize("address", LISTS)
def test_a_choice_by_keyboard_leaves_all_where_it_is(
    open_page: Callable[..., Page], address: str, width: int
) -> None:
    page = open_page(address, width=width)
    if is_folded(page):
        page.locator(".filters > summary").press("Enter")
    page.locator(".facet-rest > summary", has_text="under Theme").press("Enter")
    first = page.get_by_role("checkbox", name=heard("Sample theme G"))
    hold(page, first)
    first.press("Space")
    expect(page.locator(".chip")).to_have_count(1)
    assert_still_held(page)
    one = total(page)
    page.keyboard.press("Tab")
    expect(page.locator(":focus")).to_have_value(re.compile("sample-theme-h"))
    page.evaluate("window.held = document.activeElement")
    page.evaluate("window.place = window.held.getBoundingClientRect().top")
    page.keyboard.press("Space")
    expect(page.locator(".chip")).to_have_count(2)
    assert_still_held(page)
    assert total(page) > one
    if width == PHONE:
        expect(page.locator(".filters")).to_have_attribute("open", "")
    expect(page.locator(".facet-rest[data-fold=theme]")).to_have_attribute("open", "")
    # Taken off again as it was put on.
    page.keyboard.press("Space")
    expect(page.locator(".chip")).to_have_count(1)
    assert_still_held(page)
    assert not page.problems  # type: ignore[attr-defined]


@pytest.mark.usefixtures("site")
def test_numbers_change_in_place_and_what_has_become_empty_stays(
    open_page: Callable[..., Page],
) -> None:
    make_review(title="Scr", type="scr", report_date=PartialDate(2010))
    page = open_page("/reviews/", width=PHONE)
    page.locator(".filters > summary").click()
    theme = page.get_by_role("checkbox", name=heard("Sample theme C", "2 practice reviews$"))
    expect(theme).to_be_visible()
    page.get_by_role("checkbox", name=heard("Serious case review", "1 practice review$")).check()
    empty = page.get_by_role("checkbox", name=heard("Sample theme C", "0"))
    expect(empty).to_be_visible()
    page.get_by_role("checkbox", name=heard("Serious case review")).uncheck()
    expect(theme).to_be_visible()


@pytest.mark.usefixtures("site")
@pytest.mark.parametrize("script", [True, False], ids=["with script", "without script"])
def test_the_bars_above_a_list_are_the_filter_of_years(
    open_page: Callable[..., Page], script: bool
) -> None:
    page = open_page("/reviews/", java_script_enabled=script)
    bar = page.get_by_role("checkbox", name=heard("2015", "1 practice review$"))
    bar.check()
    if script:
        expect(page.locator(".result-count")).to_have_text("1 practice review")
        expect(bar).to_be_focused()
        # All years stay, to be compared.
        expect(page.locator(".timeline input")).to_have_count(12)
        page.get_by_role("checkbox", name=heard("2016")).check()
        expect(page.locator(".result-count")).to_have_text("2 practice reviews")
        assert page.url.endswith("?year=2015&year=2016")
    else:
        page.get_by_role("button", name="Apply").click()
        expect(page.locator(".result-count")).to_have_text("1 practice review")
        expect(bar).to_be_checked()


@pytest.mark.usefixtures("site")
def test_while_words_are_typed_the_years_become_choices_and_bars_again(
    open_page: Callable[..., Page],
) -> None:
    page = open_page("/reviews/")
    bars, choices = page.locator(".timeline input"), page.locator(".facet[data-facet=year] input")
    expect(bars).to_have_count(12)
    words = page.get_by_label("Keyword", exact=True)
    words.fill("oak")
    expect(choices).to_have_count(12)
    expect(bars).to_have_count(0)
    expect(words).to_be_focused()
    page.get_by_role("checkbox", name=heard("2021", "1 practice review$")).check()
    expect(page.locator(".result-count")).to_have_text("1 practice review")
    words.fill("")
    expect(bars).to_have_count(12)
    expect(choices).to_have_count(0)
    expect(page.get_by_role("checkbox", name=heard("2021"))).to_be_checked()


@pytest.mark.usefixtures("site")
def test_a_long_timeline_is_seen_from_its_newest_end_on_a_phone(
    open_page: Callable[..., Page],
) -> None:
    page = open_page("/reviews/", width=PHONE, has_touch=True)
    newest = page.get_by_role("checkbox", name=heard("2021"))
    expect(newest).to_be_in_viewport()
    box = newest.bounding_box()
    assert box and box["width"] >= 44 and box["height"] >= 44
    newest.tap()
    expect(page.locator(".result-count")).to_have_text("1 practice review")
    expect(newest).to_be_in_viewport()
    assert problems_of(page) == []


@pytest.mark.usefixtures("site")
@pytest.mark.parametrize("address", LISTS)
def test_one_can_skip_to_the_results(open_page: Callable[..., Page], address: str) -> None:
    page = open_page(address)
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    expect(page.locator(":focus")).to_have_text("Skip to results")
    page.keyboard.press("Enter")
    expect(page.locator("#found")).to_be_focused()


@pytest.mark.usefixtures("site")
@pytest.mark.parametrize("address", LISTS)
def test_a_list_has_one_heading_that_counts_and_one_status(
    open_page: Callable[..., Page], address: str
) -> None:
    page = open_page(address)
    heading = page.locator("h2.result-count")
    expect(heading).to_have_count(1)
    # Folded ones, such as that of a button to copy, are not heard.
    expect(page.get_by_role("main").get_by_role("status")).to_have_count(1)


@pytest.mark.usefixtures("site")
@pytest.mark.parametrize("address", ["/reviews/", "/reports/", "/learning/", "/search/?q=sample"])
def test_the_first_result_stands_on_the_first_screen(
    open_page: Callable[..., Page], address: str
) -> None:
    page = open_page(address, width=PHONE)
    # What stands above it has 140 of the 480 pixels.
    top = "document.querySelector('{}').getBoundingClientRect().top"
    below = page.evaluate(f"{top.format('.found .item')} - {top.format('main')}")
    assert below < 340


IN_USE = "theme=sample-theme-a&theme=sample-theme-g&theme=sample-theme-h"


@pytest.mark.usefixtures("site")
@pytest.mark.parametrize(
    "address",
    [
        f"/reviews/?type=lcspr&year=2010&year=2016&{IN_USE}",
        f"/reports/?year=2010&year=2016&{IN_USE}",
        f"/learning/?year=2010&year=2016&{IN_USE}",
        f"/search/?q=sample&year=2010&{IN_USE}",
        f"/training/?when=all&delivery=not_stated&{IN_USE}",
    ],
)
def test_filters_in_use_are_one_row_on_a_phone_and_each_can_be_reached(
    open_page: Callable[..., Page], address: str
) -> None:
    page = open_page(address, width=PHONE)
    page.set_viewport_size({"width": PHONE, "height": 740})
    chips = page.locator(".chip")
    assert chips.count() >= 4
    tops = chips.evaluate_all("(all) => all.map((one) => one.getBoundingClientRect().top)")
    assert max(tops) - min(tops) < 1
    first = page.locator(".found .item, .found .session").first.bounding_box()
    assert first and first["y"] < 480
    # By keyboard each comes into view, whole, with its frame.
    chips.first.focus()
    for number in range(chips.count()):
        expect(chips.nth(number)).to_be_focused()
        box = chips.nth(number).bounding_box()
        assert box and box["x"] >= 3 and box["x"] + min(box["width"], 200) <= PHONE
        page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Clear all")).to_be_focused()
    expect(page.get_by_role("link", name="Clear all")).to_be_in_viewport(ratio=1)
    assert problems_of(page) == []


@pytest.mark.usefixtures("site")
def test_a_tab_of_the_list_stays_in_hand(open_page: Callable[..., Page]) -> None:
    page = open_page("/training/")
    page.get_by_role("link", name="Month", exact=True).press("Enter")
    expect(page.locator(".month-grid")).to_be_visible()
    expect(page.locator(":focus")).to_have_text("Month")
    assert page.url.endswith("/training/?view=month")


@pytest.mark.usefixtures("site")
def test_what_nobody_chose_is_not_in_the_address(open_page: Callable[..., Page]) -> None:
    page = open_page("/training/")
    page.get_by_label("Keyword", exact=True).fill("course")
    expect(page.locator(".chip")).to_have_count(1)
    assert page.url.endswith("/training/?q=course")


def test_what_nobody_has_checked_is_a_filter_and_says_so(open_page: Callable[..., Page]) -> None:
    make_session(make_course(title="Sample"), in_days=3, venue=make_venue(name="Hall"))
    page = open_page("/training/")
    expect(page.get_by_role("checkbox", name=heard("Step-free", "0 sessions$"))).to_be_visible()
    expect(page.get_by_text("0 venues confirmed, 1 not checked yet")).to_be_visible()
