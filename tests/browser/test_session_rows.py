"""The sessions in the form of a course, opened and changed by keyboard and without scripts."""

from collections.abc import Callable
from datetime import date

import pytest
from playwright.sync_api import Page, expect

from tests.browser.test_accessibility import assert_accessible
from tests.factories import MINIMAL_PDF, make_course, make_document, make_review, make_session
from training.models import Course

pytestmark = pytest.mark.usefixtures("catalogue")


def make_dated_course() -> Course:
    course = make_course()
    for month in (1, 2):
        make_session(course, start_date=date(2051, month, 14))
    make_session(course, start_date=date(2020, 1, 14))
    return course


def test_a_row_opens_by_key_and_only_what_has_an_error_is_open_after_saving(
    staff_page: Callable[..., Page],
) -> None:
    course = make_dated_course()
    page = staff_page(f"/admin/training/course/{course.pk}/change/", "Publishers")
    rows = page.locator(".closed-row:not(.empty-form)")
    expect(rows).to_have_count(2)
    expect(rows.nth(1).locator("summary")).to_contain_text("14 February 2051")
    end_time = page.locator("#id_sessions-1-end_time")
    expect(end_time).to_be_hidden()
    rows.nth(1).locator("summary").focus()
    page.keyboard.press("Enter")
    expect(end_time).to_be_visible()
    end_time.fill("13:00")
    page.get_by_text("Add another Session").click()
    expect(page.locator("#id_sessions-2-start_date")).to_be_visible()
    rows.nth(2).get_by_role("button", name="Remove").click()
    expect(rows).to_have_count(2)
    page.get_by_role("button", name="Save", exact=True).click()
    expect(rows.nth(1)).to_contain_text("Give the time it starts, or neither time.")
    expect(page.locator("#id_sessions-0-end_time")).to_be_hidden()
    page.locator(".past-rows summary").click()
    expect(page.get_by_role("link", name="14 January 2020")).to_be_visible()
    assert_accessible(page, page.url)


def test_without_scripts_on_a_phone_a_row_opens_and_is_saved(
    staff_page: Callable[..., Page],
) -> None:
    course = make_dated_course()
    address = f"/admin/training/course/{course.pk}/change/"
    page = staff_page(address, "Publishers", java_script_enabled=False, width=360)
    page.locator("#sessions-0 summary").click()
    page.locator("#id_sessions-0-note").fill("Bring lunch")
    page.get_by_role("button", name="Save", exact=True).click()
    page.wait_for_url("**/course/")
    assert course.sessions.get(start_date=date(2051, 1, 14)).note == "Bring lunch"


def test_what_goes_with_a_row_is_said_while_it_is_ticked_to_be_deleted(
    staff_page: Callable[..., Page],
) -> None:
    review = make_review(summary="Words.")
    make_document(review, title="Report", pdf=MINIMAL_PDF)
    course = make_dated_course()
    for kind, record, said in (
        ("reviews/practicereview", review, "To put another file in its place"),
        ("training/course", course, "cancel it: then readers are told"),
    ):
        page = staff_page(f"/admin/{kind}/{record.pk}/change/", "Publishers")
        row = page.locator(".closed-row:not(.empty-form)").first
        row.locator("summary").click()
        effect = row.get_by_role("status").filter(has_text="When you save")
        expect(effect.get_by_text(said)).to_be_hidden()
        row.get_by_label("Delete").check()
        expect(effect.get_by_text(said)).to_be_visible()
        assert_accessible(page, page.url)
        row.get_by_label("Delete").uncheck()
        expect(effect.get_by_text(said)).to_be_hidden()
