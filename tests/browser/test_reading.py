"""The page on which a document is read: its pictures, its contents, and the words looked for."""

from collections.abc import Callable
from io import BytesIO
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from reviews.models import Document
from tests.browser.test_accessibility import assert_accessible
from tests.factories import make_document, make_file, make_picture, make_review, paragraph

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.one_database]

PAGES = 6


@pytest.fixture
def document(transactional_db: None) -> Document:
    texts = [f"On page {number} a bruise was seen. " + "Words. " * 400 for number in range(1, 7)]
    file = make_file(b"%PDF-1.4", pages=texts)
    for row in file.text_pages.all():
        title = {"kind": "heading", "level": 2, "text": f"Part {row.number}", "continues": False}
        row.blocks = [title, paragraph(row.text), paragraph("Table 1: Events")]
        row.save()
    for number in range(1, PAGES):
        make_picture(file, number)
    return make_document(make_review(title="Oak"), title="The report", file=file)


def drawn(page: Page) -> list[str]:
    """Return the numbers of the pages whose pictures were asked for."""
    return [one.rpartition("/page-")[2][0] for one in page.requested if "/page-" in one]  # type: ignore[attr-defined]


def test_at_a_desk_the_page_stands_beside_its_text_and_a_phone_loads_it_when_wanted(
    open_page: Callable[..., Page], document: Document
) -> None:
    page = open_page(document.reading_address)
    text, picture = page.locator("#page-1 .page-text"), page.locator("#page-1-look")
    expect(picture).to_be_visible()
    expect(picture).to_have_js_property("complete", True)
    left, right = text.bounding_box(), picture.bounding_box()
    assert left and right and left["x"] + left["width"] <= right["x"]
    assert abs(left["y"] - right["y"]) < 40
    assert str(PAGES - 1) not in drawn(page), "What is far away is not loaded."

    phone = open_page(document.reading_address, width=360)
    phone.evaluate("document.querySelector('#page-3').scrollIntoView()")
    phone.wait_for_load_state("networkidle")
    assert drawn(phone) == []
    expect(phone.locator("#page-3-look")).not_to_be_visible()
    phone.get_by_text("See page 3 as it looks").click()
    expect(phone.locator("#page-3-look")).to_be_visible()
    expect(phone.locator("#page-3-look")).to_have_js_property("naturalWidth", 900)
    assert set(drawn(phone)) == {"3"}
    # A caption opens the picture of its page.
    phone.get_by_role("link", name="Table 1: see the picture of page 4").click()
    expect(phone.locator("#page-4-look")).to_be_visible()


@pytest.mark.parametrize("width", [360, 1280])
def test_a_figure_is_the_part_of_its_page_that_it_names(
    open_page: Callable[..., Page], document: Document, width: int
) -> None:
    assert document.file
    row = document.file.text_pages.get(number=2)
    figure = {**paragraph("Figure 1: Visits"), "kind": "figure", "parts": [paragraph("Twice")]}
    row.blocks = [*row.blocks, {**figure, "area": [0.1, 0.25, 0.9, 0.5]}]
    row.save()
    # Green but for a red figure: 900 by 1,800 pixels.
    picture = Image.new("RGB", (900, 1800), "green")
    picture.paste("red", (90, 450, 810, 900))
    stored = document.file.pictures.get(number=2)
    with stored.content.open("wb") as content:
        picture.save(content, "WEBP", lossless=True)
    page = open_page(document.reading_address, width=width)
    cut = page.locator(".cut")
    assert "2" not in drawn(page) or width > 360, "A picture far away is not loaded."
    cut.scroll_into_view_if_needed()
    expect(cut.locator("img")).to_have_js_property("naturalWidth", 900)
    box = cut.bounding_box()
    assert box and box["x"] >= 0 and box["x"] + box["width"] <= width
    assert abs(box["width"] / box["height"] - 720 / 450) < 0.05
    page.evaluate("document.querySelector('.cut img').decode()")
    seen = Image.open(BytesIO(page.screenshot(clip=inner(box)))).convert("RGB")
    assert {seen.getpixel(at)[1] < 60 for at in corners(seen)} == {True}, "Only the figure is seen."
    words = page.locator(".cut-text p")
    expect(words).not_to_be_visible()
    page.get_by_text("Words in Figure 1").click()
    expect(words).to_be_visible()
    assert_accessible(page)
    page.get_by_role("link", name="Figure 1: Visits – picture of part of page 2").click()
    page.wait_for_url(f"**{document.picture_address(2, document.file.digest)}")


def inner(box: Any) -> Any:
    """Return a box without its border."""
    room = 3
    return {
        "x": box["x"] + room,
        "y": box["y"] + room,
        "width": box["width"] - 2 * room,
        "height": box["height"] - 2 * room,
    }


def corners(picture: Image.Image) -> list[tuple[int, int]]:
    right, bottom = picture.width - 1, picture.height - 1
    return [(0, 0), (right, 0), (0, bottom), (right, bottom)]


def test_where_one_is_stays_in_view_and_is_marked_in_the_contents(
    open_page: Callable[..., Page], document: Document
) -> None:
    page = open_page(document.reading_address)
    contents = page.get_by_role("navigation", name="Contents")
    expect(contents.get_by_role("link", name="Part 1")).to_be_visible()
    page.evaluate("document.querySelector('#page-4').scrollIntoView()")
    page.mouse.wheel(0, 500)
    expect(contents.locator("[aria-current]")).to_have_text("Part 4")
    bar = page.locator("#page-4 .page-bar")
    expect(bar).to_be_in_viewport(ratio=0.9)
    expect(bar).to_contain_text("Page 4 of 6")
    bar.get_by_role("link", name="Page 3", exact=True).click()
    expect(page.locator("#page-3 .page-bar")).to_be_in_viewport(ratio=0.9)
    expect(contents.locator("[aria-current]")).to_have_text("Part 3")
    assert page.problems == []  # type: ignore[attr-defined]


@pytest.mark.parametrize("width", [360, 1280])
def test_one_goes_from_match_to_match_without_script(
    open_page: Callable[..., Page], document: Document, width: int
) -> None:
    address = f"{document.reading_address}?q=bruises#page-2"
    page = open_page(address, width=width, java_script_enabled=False)
    page.locator("#page-2").get_by_role("link", name="1 match").click()
    for number in (2, 3, 4):
        expect(page.locator(f"#match-{number}")).to_be_in_viewport()
        ways = page.locator(".match-ways:visible")
        expect(ways).to_contain_text(f"Match {number} of 6")
        expect(ways).to_be_in_viewport(ratio=1)
        ways.get_by_role("link", name="Next").click()
    page.get_by_role("link", name="Previous").click()
    expect(page.locator("#match-4")).to_be_in_viewport()


@pytest.mark.parametrize("width", [360, 1280])
@pytest.mark.parametrize("script", [True, False], ids=["with script", "without script"])
def test_a_search_leads_to_the_first_match_of_the_page(
    open_page: Callable[..., Page], document: Document, width: int, script: bool
) -> None:
    page = open_page("/search/?q=bruises", width=width, java_script_enabled=script)
    result = page.locator(".hit-where a").first
    number = str(result.get_attribute("href")).rpartition("#page-")[2].removesuffix("-match")
    result.click()
    page.wait_for_url(f"**/read/?q=bruises#page-{number}-match")
    match = page.locator(f"#page-{number} .match").first
    expect(match).to_be_in_viewport(ratio=1)
    # Nothing that stays at the top of the window covers it.
    covered = """(mark) => {
      const { left, top, width, height } = mark.getBoundingClientRect();
      return document.elementFromPoint(left + width / 2, top + height / 2) !== mark;
    }"""
    assert not match.evaluate(covered)
    expect(page.locator(".match-ways:visible")).to_contain_text(f"Match {number} of 6")


def test_on_paper_there_is_the_text_alone(
    open_page: Callable[..., Page], document: Document
) -> None:
    page = open_page(f"{document.reading_address}?q=bruise#match-1")
    page.emulate_media(media="print")
    expect(page.locator("#page-1 .page-text")).to_be_visible()
    for beside in ("#page-1-look", ".match-ways", ".reading-rail form", ".page-step"):
        expect(page.locator(beside).first).not_to_be_visible()


def test_nothing_moves_when_pictures_arrive_and_all_can_read_it(
    open_page: Callable[..., Page], document: Document
) -> None:
    page = open_page(document.reading_address)
    page.wait_for_load_state("networkidle")
    moved: Any = page.evaluate(
        """new Promise((told) => {
          let sum = 0;
          new PerformanceObserver((list) => {
            list.getEntries().forEach((entry) => { sum += entry.value; });
          }).observe({ type: "layout-shift", buffered: true });
          setTimeout(() => told(sum), 200);
        })"""
    )
    assert moved < 0.01
    assert_accessible(page, f"{document.reading_address}?q=bruise#match-2")
