"""Search as somebody does it: typing, choosing, going back; by mouse and by keyboard."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from mscp.records.partial_dates import PartialDate
from tests.browser.test_accessibility import assert_accessible, problems_of
from tests.factories import (
    MINIMAL_PDF,
    make_course,
    make_document,
    make_file,
    make_report,
    make_review,
    make_theme,
)

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.one_database]


@pytest.fixture
def library(transactional_db: None) -> None:
    theme = make_theme(name="Neglect")
    for number in range(25):
        make_review(
            title=f"Oak {number:02}",
            type="scr" if number % 2 else "lcspr",
            report_date=PartialDate(2000 + number),
            themes=[theme] if number < 5 else [],
        )
    vamp = make_review(pseudonym="Vamp", child_reference="Child M", summary="A baby.")
    pages = ["One", "Bruising on a non-mobile baby is <b>always</b> explained.", "Three"]
    make_document(vamp, file=make_file(MINIMAL_PDF, pages=pages), title="Report")
    make_report(title="Safeguarding babies")
    make_course(title="Neglect in practice", themes=[theme])


def status(page: Page) -> str:
    return page.locator("p[role=status].visually-hidden").inner_text()


@pytest.mark.usefixtures("library")
def test_a_choice_changes_the_list_in_place_and_the_address_follows(
    open_page: Callable[..., Page],
) -> None:
    page = open_page("/reviews/")
    page.evaluate("window.stillHere = true")
    page.get_by_label("Serious case review").check()
    expect(page.locator(".result-count")).to_contain_text("12 practice reviews")
    assert page.evaluate("window.stillHere")
    assert page.url.endswith("/reviews/?type=scr")
    assert "12 practice reviews" in status(page)
    assert page.evaluate("document.activeElement.value") == "scr"
    assert "Practice reviews – 12 practice reviews" in page.title()

    page.get_by_role("link", name="Remove the filter Type: Serious case review").click()
    expect(page.locator(".result-count")).to_contain_text("26 practice reviews")
    page.go_back()
    expect(page.locator(".result-count")).to_contain_text("12 practice reviews")
    expect(page.get_by_label("Serious case review")).to_be_checked()
    page.go_forward()
    expect(page.locator(".result-count")).to_contain_text("26 practice reviews")
    page.get_by_role("link", name="Next page").click()
    expect(page.locator(".page-now")).to_contain_text("2")
    assert page.evaluate("document.activeElement.id") == "results"
    assert page.evaluate("window.stillHere")
    assert not page.problems  # type: ignore[attr-defined]


@pytest.mark.usefixtures("library")
def test_words_are_looked_for_while_they_are_typed_and_the_cursor_stays(
    open_page: Callable[..., Page],
) -> None:
    page = open_page("/reviews/")
    box = page.get_by_label("Keyword", exact=True)
    box.press_sequentially("bruisi", delay=20)
    expect(page.locator(".result-count")).to_contain_text("1 practice review")
    expect(page.locator(".hit")).to_have_count(1)
    assert page.evaluate("document.activeElement.name") == "q"
    box.press_sequentially("ng")
    expect(page.locator(".chip").first).to_contain_text("bruising")
    assert box.input_value() == "bruising"
    page.get_by_role("link", name="Page 2 of 3").click()
    page.wait_for_url(re.compile(r"/read/\?q=bruising#page-2-match$"))
    expect(page.locator("#page-2 mark")).to_contain_text("Bruising")
    expect(page.locator("#page-2")).to_contain_text("on a non-mobile baby")


@pytest.mark.usefixtures("library")
def test_a_list_works_the_same_without_javascript(open_page: Callable[..., Page]) -> None:
    page = open_page("/reviews/", java_script_enabled=False)
    page.get_by_label("Serious case review").check()
    page.get_by_role("button", name="Show results").click()
    expect(page.locator(".result-count")).to_contain_text("12 practice reviews")


@pytest.mark.usefixtures("library")
def test_when_the_list_cannot_be_fetched_the_browser_goes_there_itself(
    open_page: Callable[..., Page],
) -> None:
    page = open_page("/reviews/")
    page.evaluate("window.stillHere = true")
    page.evaluate("() => { window.fetch = () => Promise.reject(new Error('no network')); }")
    page.get_by_label("Serious case review").check()
    page.wait_for_url(lambda url: "type=scr" in url)
    expect(page.locator(".result-count")).to_contain_text("12 practice reviews")
    assert page.evaluate("window.stillHere") is None


@pytest.mark.usefixtures("library")
def test_suggestions_by_keyboard(open_page: Callable[..., Page]) -> None:
    page = open_page("/about/")
    box = page.get_by_role("combobox", name="Search the whole site")
    box.press_sequentially("negl", delay=20)
    listbox = page.get_by_role("listbox", name="Suggestions")
    expect(listbox.get_by_role("option")).to_have_count(2)
    expect(box).to_have_attribute("aria-expanded", "true")
    assert problems_of(page) == []
    box.press("ArrowDown")
    expect(listbox.get_by_role("option").first).to_have_attribute("aria-selected", "true")
    chosen = listbox.get_by_role("option").first.get_attribute("id")
    expect(box).to_have_attribute("aria-activedescendant", str(chosen))
    box.press("ArrowUp")
    expect(box).not_to_have_attribute("aria-activedescendant", str(chosen))
    box.press("Escape")
    expect(listbox).to_be_hidden()
    assert box.input_value() == "negl"
    box.press("ArrowDown")
    expect(listbox).to_be_visible()
    box.press("ArrowDown")
    box.press("Enter")
    page.wait_for_url("**/themes/neglect/")


@pytest.mark.usefixtures("library")
def test_suggestions_by_mouse_and_a_plain_search_by_enter(open_page: Callable[..., Page]) -> None:
    page = open_page("/reports/", width=360)
    page.locator("summary", has_text="Search").click()
    box = page.get_by_role("combobox", name="Search the whole site")
    expect(box).to_be_focused()
    box.press_sequentially("vam", delay=20)
    option = page.get_by_role("option", name="Vamp (Child M)")
    expect(option).to_be_visible()
    assert problems_of(page) == []
    option.click()
    page.wait_for_url("**/reviews/vamp-child-m/")
    page.locator("summary", has_text="Search").click()
    box = page.get_by_role("combobox", name="Search the whole site")
    box.press_sequentially("baby", delay=20)
    box.press("Enter")
    page.wait_for_url("**/search/?q=baby")
    expect(page.locator("mark").first).to_be_visible()


@pytest.mark.usefixtures("library")
def test_axe_finds_nothing_on_results_with_pages(open_page: Callable[..., Page]) -> None:
    assert_accessible(
        open_page(), "/search/?q=bruising", "/search/?q=negelct", "/reviews/?q=bruisi"
    )
