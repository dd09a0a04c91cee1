"""A programme pasted, looked through, mended and imported, as a publisher does it."""

from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.browser.test_accessibility import problems_of
from tests.factories import make_course, make_venue
from training.models import Session

PAGE = """\
- Adultification Workshop - 05-11-2024
- Introduction on CAPHB Assessments *SEE DETAILS* - 05-11-2024
Canterbury Rd, Morden. SM4 6PX
- Domestic Violence and Abuse - 24-01-2025
- Trauma-Informed Practice Training - 25-06-2025
- Trauma-Informed Practice Training - 26-06-2025
"""


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
    page.get_by_label("Or lines of text").fill(PAGE)
    page.get_by_text("An example of lines").click()
    page.get_by_text("The columns of a spreadsheet").click()
    assert_sound(page)
    page.get_by_role("button", name="Read it").click()
    summary = page.get_by_role("region", name="Nothing is added yet")
    assert_sound(page)
    page.get_by_role("button", name="Tick all of them").click()
    expect(summary).to_contain_text("1 line has a question")
    page.get_by_role("button", name="That is right").click()
    expect(summary).to_contain_text("5 sessions: 1 at 1 venue, 0 online, 4 without a venue")
    # What is sure is one line, which opens.
    expect(page.get_by_label("Note, line 2")).to_be_hidden()
    page.locator(".programme-line > summary", has_text="Introduction on").click()
    page.get_by_label("Note, line 2").fill("")
    # Enter keeps what was typed and imports nothing.
    page.get_by_label("Note, line 2").press("Enter")
    expect(page.get_by_label("Note, line 2")).to_have_value("")
    page.get_by_role("button", name="Make one session of both days").click()
    page.get_by_role("button", name="Import 4 sessions").first.click()
    expect(page.get_by_text("4 sessions were imported.")).to_be_visible()
    assert_sound(page)
    assert Session.objects.count() == 4
    page.get_by_role("link", name="Adultification Workshop").click()
    expect(page.get_by_role("heading", name="Draft")).to_be_visible()
