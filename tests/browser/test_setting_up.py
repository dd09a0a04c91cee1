"""An officer of an invented partnership makes an empty site one that can be shown."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.test_accessibility import assert_accessible
from tests.logos import REAL_SVG

pytestmark = pytest.mark.one_database


@pytest.fixture(autouse=True)
def uploads(settings: Any, tmp_path: Any) -> None:
    settings.MEDIA_ROOT = tmp_path


def test_the_guide_leads_from_nothing_to_a_site_with_a_face(
    staff_page: Callable[..., Page], open_page: Callable[..., Page], tmp_path: Any
) -> None:
    logo = tmp_path / "nordmoor.svg"
    logo.write_text(REAL_SVG)
    page = staff_page("/admin/", "Publishers")
    expect(page.get_by_role("heading", name="Setting up: 0 of 6 done")).to_be_visible()
    assert_accessible(page, "/admin/", "/admin/reviews/theme/common/", "/reviews/")

    page.goto("/admin/")
    page.get_by_role("link", name="Say whose site this is").click()
    page.get_by_label("Name of the partnership").fill("Nordmoor Safeguarding Partnership")
    page.locator("#id_logo").set_input_files(logo)
    page.get_by_label("The logo contains the name").check()
    page.get_by_label("Colours:").select_option(label="Forest green")
    page.get_by_label("E-mail for questions").fill("ask@nordmoor.example.org")
    page.get_by_role("button", name="Save", exact=True).click()
    # The form returns to the guide, and what was given along the way is not asked for again.
    expect(page.get_by_role("heading", name="Setting up: 2 of 6 done")).to_be_visible()

    page.get_by_role("link", name="Give the numbers to call").click()
    page.get_by_label("Whom the number reaches").fill("Front door")
    page.get_by_label("Telephone").fill("01632 960001")
    page.get_by_role("button", name="Save", exact=True).click()
    page.get_by_label("Yes, 01632 960001 is right").check()
    page.get_by_role("button", name="Save", exact=True).click()
    page.goto("/admin/")
    page.get_by_role("link", name="Choose your themes").click()
    for theme in ("Neglect", "Safer sleep"):
        page.get_by_label(theme, exact=True).check()
    page.get_by_role("button", name="Add the ticked themes").click()
    expect(page.get_by_text("2 themes were added.")).to_be_visible()
    page.goto("/admin/")
    page.get_by_role("button", name="Announce the first course").click()
    expect(page.get_by_role("heading", name="Setting up: 4 of 5 done")).to_be_visible()
    expect(page.get_by_text("Put aside in setting up: 1")).to_be_visible()

    reader = open_page("/", width=360)
    picture = reader.get_by_role("img", name="Nordmoor Safeguarding Partnership")
    for width, highest in ((360, 34), (768, 44), (1280, 44)):
        reader.set_viewport_size({"width": width, "height": 900})
        box = picture.bounding_box()
        assert box is not None and 12 < box["height"] <= highest
        assert box["width"] / box["height"] == pytest.approx(4, rel=0.15)
    assert picture.evaluate("img => img.complete && img.naturalWidth > 0")
    expect(reader.get_by_role("link", name=re.compile("01632 960001"))).to_be_visible()
