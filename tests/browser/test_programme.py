"""A programme pasted, looked through, mended and imported, as a publisher does it."""

import re
from collections.abc import Callable

from playwright.sync_api import Locator, Page, expect

from tests.browser.test_accessibility import problems_of
from tests.factories import make_course, make_venue
from training.models import ProgrammeSource, Session

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


def test_the_form_fits_a_phone_with_the_sources_that_are_kept(
    staff_page: Callable[..., Page],
) -> None:
    ProgrammeSource.objects.create(name="The programme of the council", address="")
    page = staff_page("/admin/training/programmeimport/add/", "Publishers")
    page.set_viewport_size({"width": 360, "height": 740})
    expect(page.get_by_role("button", name="Rename")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") == 360


def test_an_answer_leads_to_the_next_line_that_asks(staff_page: Callable[..., Page]) -> None:
    make_course(title="Voice")
    page = staff_page("/admin/training/programmeimport/add/", "Editors")
    days = [f"{n} and {n + 14} {month} 2027" for month in ("March", "May") for n in (1, 5, 9, 13)]
    page.get_by_label("Or lines of text").fill(
        "\n".join(f"- Voice - {day}\nGuildhall" for day in days)
    )
    page.get_by_role("button", name="Read it").click()
    # What all lines ask stands above them.
    expect(page.get_by_role("region", name="Asked once")).to_contain_text("8 lines: 1, 3, 5")
    assert_sound(page)
    # The questions begin below the first screen.
    page.set_viewport_size({"width": 1280, "height": 400})
    for line in (1, 3, 5):
        _button(page, line).click()
        expect(_button(page, line + 2)).to_be_in_viewport()


def _button(page: Page, line: int) -> Locator:
    return page.get_by_role(
        "button", name=re.compile(f"2 sessions, one on each day ?, line {line}$")
    )
