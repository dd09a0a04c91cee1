"""People at work: a reader with and without script, an editor and a publisher."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from reviews.models import PracticeReview
from tests.factories import make_review


@pytest.mark.one_database
@pytest.mark.usefixtures("catalogue")
@pytest.mark.parametrize("script", [True, False], ids=["with script", "without script"])
def test_a_reader_narrows_a_list_and_takes_the_filter_off(
    open_page: Callable[..., Page], script: bool
) -> None:
    page = open_page("/reviews/", java_script_enabled=script)
    page.get_by_role("checkbox", name="Serious case review").check()
    if not script:
        page.get_by_role("button", name="Show results").click()
    expect(page.locator(".result-count")).to_have_text("1 practice review")
    expect(page.get_by_role("link", name="Child D")).to_be_visible()
    assert "type=scr" in page.url
    page.get_by_role("link", name="Remove the filter Type: Serious case review").click()
    expect(page.locator(".result-count")).to_have_text("8 practice reviews")


@pytest.mark.one_database
@pytest.mark.usefixtures("catalogue")
def test_on_a_phone_the_filters_are_folded_and_on_a_desk_open(
    open_page: Callable[..., Page],
) -> None:
    phone, desk = open_page("/reviews/", width=360), open_page("/reviews/")
    expect(phone.get_by_label("Keyword")).to_be_hidden()
    phone.locator(".filters > summary").click()
    expect(phone.get_by_label("Keyword")).to_be_visible()
    expect(desk.get_by_label("Keyword")).to_be_visible()


@pytest.mark.one_database
@pytest.mark.usefixtures("catalogue")
def test_the_keyboard_reaches_the_content_first_and_every_filter(
    open_page: Callable[..., Page],
) -> None:
    page = open_page("/reviews/")
    page.keyboard.press("Tab")
    expect(page.locator(":focus")).to_have_text("Skip to the main content")
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()
    seen = set()
    for _ in range(16):
        page.keyboard.press("Tab")
        seen.add(page.evaluate("document.activeElement.name || document.activeElement.textContent"))
    assert {"q", "type", "year", "theme", "sort"} <= seen


@pytest.mark.one_database
@pytest.mark.usefixtures("catalogue")
def test_no_third_party_no_cookie_and_no_problem_told(
    open_page: Callable[..., Page], live_server: Any
) -> None:
    page = open_page("/")
    for address in ("/reviews/", "/reviews/vamp/", "/training/", "/themes/neglect/", "/about/"):
        page.goto(address)
    assert page.requested and all(u.startswith(live_server.url) for u in page.requested)  # type: ignore[attr-defined]
    assert page.context.cookies() == []
    assert page.problems == []  # type: ignore[attr-defined]


@pytest.mark.one_database
@pytest.mark.usefixtures("catalogue")
def test_on_paper_stand_the_content_and_the_numbers_and_no_tools(
    open_page: Callable[..., Page],
) -> None:
    page = open_page("/training/")
    page.emulate_media(media="print")
    for number in ("020 8545 4226", "020 8770 5000", "999"):
        expect(page.locator(".contacts-list").get_by_text(number)).to_be_visible()
    expect(page.get_by_role("heading", name="Training", exact=True)).to_be_visible()
    for tool in (".site-nav", ".filters-column", ".exit", ".search-form", ".switch"):
        expect(page.locator(tool).first).to_be_hidden()


def test_a_draft_goes_from_editor_to_publisher_to_readers_and_is_withdrawn(
    sign_in_by_form: Callable[..., Page],
    staff_page: Callable[..., Page],
    open_page: Callable[..., Page],
) -> None:
    page = sign_in_by_form("Editors", username="ed")
    page.get_by_role("link", name="Practice reviews").first.click()
    page.get_by_role("link", name="Add practice review").first.click()
    page.get_by_label("Type").select_option(label="Serious case review")
    page.get_by_label("Title").first.fill("Sample review (fictional)")
    page.get_by_label("Date of the report").fill("July 2026")
    page.get_by_text("Add another Document").click()
    page.locator("#id_documents-0-title").fill("The report")
    page.locator("#id_documents-0-url").fill("https://example.org/report")
    page.get_by_role("button", name="Save and preview").click()
    page.get_by_role("link", name="See the preview").click()
    expect(page.get_by_text("Draft: only staff can see this page.")).to_be_visible()
    expect(page.get_by_role("link", name="The report")).to_be_visible()
    address = page.url
    reader = open_page("/reviews/")
    expect(reader.get_by_text("Nothing is published here yet.")).to_be_visible()
    response = reader.goto(address)
    assert response is not None and response.status == 404
    page.get_by_role("link", name="Back to editing").click()
    expect(page.get_by_role("button", name="Save and publish…")).to_have_count(0)

    publisher = staff_page("/admin/", "Publishers", fields={"username": "pat"})
    publisher.get_by_role("link", name="1 practice review in draft").click()
    publisher.get_by_role("link", name="Sample review (fictional)").click()
    publisher.get_by_role("button", name="Save and publish…").click()
    publisher.get_by_role("button", name="Publish", exact=True).click()
    expect(publisher.get_by_text("Sample review (fictional): published.")).to_be_visible()
    for path in ("/", "/reviews/", "/search/?q=sample"):
        reader.goto(path)
        expect(reader.get_by_role("link", name="Sample review (fictional)")).to_be_visible()

    publisher.get_by_role("button", name="Save and withdraw…").click()
    publisher.get_by_label("Reason").fill("A name stood in it")
    publisher.get_by_role("button", name="Withdraw", exact=True).click()
    expect(publisher.get_by_text("Sample review (fictional): withdrawn.")).to_be_visible()
    response = reader.goto(address)
    assert response is not None and response.status == 410
    expect(reader.get_by_role("heading", name="Sample review (fictional)")).to_be_visible()
    assert [*page.problems, *publisher.problems] == []  # type: ignore[attr-defined]


def test_two_editors_at_once_and_nothing_typed_is_lost(staff_page: Callable[..., Page]) -> None:
    review = make_review(title="Sample review (fictional)", summary="As it was.")
    address = f"/admin/reviews/practicereview/{review.pk}/change/"
    mine = staff_page(address, "Publishers", fields={"username": "pat"})
    theirs = staff_page(address, "Publishers", fields={"username": "robin"})
    theirs.get_by_label("Summary").fill("Theirs.")
    theirs.get_by_role("button", name="Save", exact=True).click()
    theirs.wait_for_url("**/practicereview/")
    mine.get_by_label("Summary").fill("Mine.")
    mine.get_by_role("button", name="Save", exact=True).click()
    expect(mine.get_by_text("robin changed this on")).to_be_visible()
    expect(mine.get_by_label("Summary")).to_have_value("Mine.")
    mine.get_by_role("button", name="Save", exact=True).click()
    mine.wait_for_url("**/practicereview/")
    assert PracticeReview.objects.get().summary == "Mine."
