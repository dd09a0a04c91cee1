"""A programme pasted, looked through, mended and imported, as a publisher does it."""

from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Page, expect

from tests.browser.test_accessibility import problems_of
from tests.factories import make_course, make_venue
from training.models import Session

PAGE = (Path(__file__).parent.parent / "training" / "training-page.txt").read_text("utf-8")


def assert_sound(page: Page) -> None:
    """Look at the page on a phone, where everything is under everything else."""
    assert not page.problems  # type: ignore[attr-defined]
    page.set_viewport_size({"width": 360, "height": 900})
    assert not problems_of(page)
    # Of axe itself, which writes styles.
    page.problems.clear()  # type: ignore[attr-defined]
    page.set_viewport_size({"width": 1280, "height": 900})


def test_a_programme_from_pasting_to_its_sessions(staff_page: Callable[..., Page]) -> None:
    make_course(title="Domestic Violence and Abuse")
    make_venue(name="Canterbury Road", postcode="SM4 6PX")
    page = staff_page("/admin/training/session/", "Publishers")
    page.get_by_role("link", name="Import a programme").click()
    page.get_by_label("Lines of text").fill(PAGE)
    page.get_by_text("An example of lines").click()
    page.get_by_text("The columns of a spreadsheet").click()
    assert_sound(page)
    page.get_by_role("button", name="Read it").click()
    summary = page.get_by_role("region", name="Nothing is added yet")
    expect(summary).to_contain_text("27 sessions: 5 at 2 venues, 1 online, 21 without a venue")
    assert_sound(page)
    page.get_by_label("Note, line 11").fill("")
    # Enter keeps what was typed and imports nothing.
    page.get_by_label("Note, line 11").press("Enter")
    expect(page.get_by_label("Note, line 11")).to_have_value("")
    page.get_by_role("button", name="Make one session of both days").click()
    page.get_by_role("button", name="Import 26 sessions").first.click()
    expect(page.get_by_text("26 sessions were imported.")).to_be_visible()
    assert_sound(page)
    assert Session.objects.count() == 26
    page.get_by_role("link", name="Adultification Workshop").click()
    expect(page.get_by_role("heading", name="Draft")).to_be_visible()
