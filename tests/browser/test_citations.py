"""Copying a citation: with script a button that says so, without it the line alone."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from mscp.records.partial_dates import PartialDate
from tests.factories import make_report

pytestmark = [pytest.mark.usefixtures("transactional_db"), pytest.mark.one_database]


def make() -> str:
    report = make_report(
        title="What helps", publisher="The Panel", report_date=PartialDate(2022, 7)
    )
    return report.get_absolute_url()


def test_the_citation_is_copied_as_it_stands_and_named(open_page: Callable[..., Page]) -> None:
    page = open_page(make(), permissions=["clipboard-read", "clipboard-write"])
    message = page.locator(".cite [role=status]")
    expect(message).to_have_text("")
    page.get_by_text("Cite this national report").click()
    page.get_by_role("button", name="Copy the citation").click()
    expect(message).to_have_text("Copied")
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied.startswith("The Panel (2022) What helps. Available at: http")
    assert copied == " ".join(page.locator(".cite-line").inner_text().split())
    assert not page.problems  # type: ignore[attr-defined]


def test_a_browser_that_refuses_says_so(open_page: Callable[..., Page]) -> None:
    page = open_page(make())
    page.get_by_text("Cite this national report").click()
    page.evaluate("() => { navigator.clipboard.writeText = async () => { throw 'no'; }; }")
    page.get_by_role("button", name="Copy the citation").click()
    expect(page.locator(".cite [role=status]")).to_contain_text("Select the line and copy it.")


def test_nothing_moves_when_the_button_appears(open_page: Callable[..., Page]) -> None:
    address, heights = make(), []
    for script in (True, False):
        page = open_page(address, width=360, java_script_enabled=script)
        page.get_by_text("Cite this national report").click()
        copy = page.locator(".cite-copy")
        expect(copy).to_be_visible() if script else expect(copy).to_be_hidden()
        box = page.locator(".cite").bounding_box()
        heights.append(box and box["height"])
    assert heights[0] == heights[1]


def test_paper_keeps_the_line_and_leaves_out_the_buttons(open_page: Callable[..., Page]) -> None:
    page = open_page(make())
    page.emulate_media(media="print")
    expect(page.locator(".cite-line")).to_be_visible()
    expect(page.locator(".cite-ways")).to_be_hidden()
