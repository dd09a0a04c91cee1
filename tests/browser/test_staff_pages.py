"""The pages of staff in a real browser: nothing is cut off, and all is in reach, on any screen."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from mscp.models import SiteIdentity
from mscp.publishing.gate import State
from reviews.models import PracticeReview
from tests.browser.test_accessibility import assert_accessible, faint, problems_of, too_wide
from tests.factories import make_document, make_review
from training.models import Course, Session

pytestmark = [pytest.mark.usefixtures("catalogue"), pytest.mark.one_database]
STAFF = {"is_superuser": True}
REVIEWS = "/admin/reviews/practicereview/"


def every_kind_of_page() -> list[str]:
    draft = make_review(state=State.DRAFT, title="Sample draft (fictional) with a long title")
    make_document(draft, title="A document with a long title that must not widen the page")
    published = PracticeReview.objects.get(slug="vamp")
    course, session = Course.objects.all()[:1].get(), Session.objects.all()[:1].get()
    return [
        "/admin/",
        "/admin/training/",
        REVIEWS,
        f"{REVIEWS}?state=draft&type=lcspr",
        f"{REVIEWS}{draft.pk}/change/",
        f"{REVIEWS}{published.pk}/change/",
        f"{REVIEWS}{published.pk}/history/",
        f"{REVIEWS}{draft.pk}/delete/",
        f"{REVIEWS}step/publish/?id={draft.pk}",
        f"{REVIEWS}step/withdraw/?id={published.pk}",
        "/admin/reviews/document/",
        "/admin/reviews/theme/",
        "/admin/reviews/theme/common/",
        f"/admin/training/course/{course.pk}/change/",
        "/admin/training/session/",
        f"/admin/training/session/{session.pk}/change/",
        f"/admin/training/session/step/move/?id={session.pk}",
        "/admin/training/programmeimport/add/",
        "/admin/training/venue/1/change/",
        "/admin/mscp/siteidentity/1/change/",
        "/admin/mscp/page/1/change/",
        "/admin/auth/user/",
        "/admin/auth/user/add/",
        "/admin/password_change/",
    ]


@pytest.mark.parametrize("width", [360, 768, 1280])
def test_no_page_is_wider_than_its_window(staff_page: Callable[..., Page], width: int) -> None:
    page = staff_page("/admin/", fields=STAFF, width=width)
    wide = []
    for address in every_kind_of_page():
        page.goto(address)
        wide += too_wide(page)
    assert not wide
    assert not page.problems  # type: ignore[attr-defined]


def test_on_a_tablet_the_search_of_a_list_is_whole(staff_page: Callable[..., Page]) -> None:
    page = staff_page(REVIEWS, fields=STAFF, width=768)
    search = page.locator("#changelist-search")
    box = search.get_by_label("Search", exact=True).bounding_box()
    assert box is not None and box["width"] > 240
    button = search.get_by_role("button", name="Search").bounding_box()
    assert button is not None and button["x"] + button["width"] <= 768
    expect(page.get_by_role("link", name="Scheduled")).to_be_hidden()
    page.get_by_role("button", name="Filter").click()
    assert not problems_of(page)
    page.get_by_role("link", name="Scheduled").click()
    page.wait_for_url("**state=scheduled**")
    expect(page.get_by_role("button", name="Filter (in use)")).to_be_visible()


def test_on_a_phone_a_row_begins_with_its_state(staff_page: Callable[..., Page]) -> None:
    make_review(state=State.DRAFT, title="Sample draft (fictional)")
    page = staff_page(REVIEWS, fields=STAFF, width=360)
    row = page.get_by_role("row", name="Sample draft (fictional)")
    tops = [
        row.locator(part).bounding_box()["y"]  # type: ignore[index]
        for part in (".state", ".field-title", ".field-short_type")
    ]
    assert tops == sorted(tops)
    expect(row.locator(".field-short_type")).to_have_attribute("data-name", "Type")
    assert_accessible(page, REVIEWS, "/admin/training/session/", "/admin/")


def test_the_menu_opens_by_key_and_holds_every_section(staff_page: Callable[..., Page]) -> None:
    page = staff_page("/admin/", fields=STAFF, width=360)
    menu = page.get_by_role("navigation", name="Sections")
    expect(menu).to_be_hidden()
    page.get_by_role("button", name="Menu").press("Enter")
    expect(menu).to_be_visible()
    # What is set once is apart from what is daily.
    expect(menu.get_by_role("link", name="Audiences")).to_be_hidden()
    menu.get_by_text("Seldom needed").click()
    expect(menu.get_by_role("link", name="Audiences", exact=True)).to_be_visible()
    assert not problems_of(page)
    page.keyboard.press("Escape")
    expect(menu).to_be_hidden()
    page.set_viewport_size({"width": 1280, "height": 900})
    expect(menu.get_by_role("link", name="Practice reviews", exact=True)).to_be_visible()
    expect(page.get_by_role("button", name="Menu")).to_be_hidden()


@pytest.mark.parametrize("width", [360, 1280])
def test_what_saves_is_always_in_reach(staff_page: Callable[..., Page], width: int) -> None:
    draft = make_review(state=State.DRAFT, title="Sample draft (fictional)")
    page = staff_page(f"{REVIEWS}{draft.pk}/change/", fields=STAFF, width=width)
    save = page.get_by_role("button", name="Save", exact=True)
    assert save.count() == 1
    for place in ("0", "document.body.scrollHeight / 2", "document.body.scrollHeight"):
        page.evaluate(f"scrollTo(0, {place})")
        for name in ("Save", "Save and preview", "Save and publish…"):
            expect(page.get_by_role("button", name=name, exact=True)).to_be_in_viewport(ratio=1)
    colour = "button => getComputedStyle(button).backgroundColor"
    publish = page.get_by_role("button", name="Save and publish…")
    assert save.evaluate(colour) != publish.evaluate(colour)
    if width == 360:
        page.get_by_role("button", name="More").click()
        assert not problems_of(page)
    page.get_by_role("button", name="Save and continue editing").click()
    expect(page.get_by_text("was changed successfully")).to_be_visible()


@pytest.mark.parametrize(
    ("group", "state", "step"),
    [
        ("Editors", State.DRAFT, "Save and send for review…"),
        ("Publishers", State.DRAFT, "Save and publish…"),
        ("Publishers", State.SCHEDULED, "Save and publish…"),
        ("Publishers", State.PUBLISHED, None),
    ],
)
def test_on_a_phone_the_step_that_comes_next_is_in_reach(
    staff_page: Callable[..., Page], group: str, state: State, step: str | None
) -> None:
    review = make_review(state=state, title="Sample (fictional)")
    page = staff_page(f"{REVIEWS}{review.pk}/change/", group, width=360)
    shown = page.locator(".submit-row > .main-action")
    if step is None:
        expect(shown).to_have_count(0)
    else:
        expect(shown).to_have_value(step)
        expect(shown).to_be_in_viewport(ratio=1)
    assert not too_wide(page)


def test_on_a_phone_the_header_is_one_row(staff_page: Callable[..., Page]) -> None:
    page = staff_page("/admin/", fields=STAFF, width=360)
    header = page.locator("#header").bounding_box()
    assert header is not None and header["height"] < 70
    field = page.get_by_role("searchbox", name="Search everything")
    expect(field).to_be_hidden()
    page.get_by_role("button", name="Search").click()
    expect(field).to_be_focused()
    assert not problems_of(page)
    page.keyboard.press("Escape")
    expect(field).to_be_hidden()
    page.get_by_role("button", name="Search").press("Enter")
    expect(field).to_be_focused()
    page.keyboard.type("vamp")
    page.keyboard.press("Enter")
    page.wait_for_url("**/admin/search/?q=vamp")
    # What belongs to the person is at the end of the menu.
    expect(page.get_by_role("button", name="Log out")).to_be_hidden()
    page.get_by_role("button", name="Menu").click()
    expect(page.get_by_role("link", name="Second factor")).to_be_visible()
    assert not problems_of(page)
    page.get_by_role("button", name="Log out").click()
    page.wait_for_url("**/admin/logout/")


def test_in_forced_colours_nothing_loses_its_edge(staff_page: Callable[..., Page]) -> None:
    """Backgrounds go and transparent lines are painted: what they told has a line of its own."""
    draft = make_review(state=State.DRAFT, title="Sample draft (fictional)")
    page = staff_page(REVIEWS, fields=STAFF, forced_colors="active")
    marked = """(entries) => entries.filter((entry) =>
      getComputedStyle(entry).borderLeftColor !== getComputedStyle(document.body).backgroundColor
    ).map((entry) => entry.textContent.trim())"""
    assert page.locator("#nav-sidebar li > a:first-child").evaluate_all(marked) == [
        "Practice reviews"
    ]
    chosen = page.locator("#changelist-filter li.selected a")
    assert len(page.locator("#changelist-filter li a").evaluate_all(marked)) == chosen.count()
    edge = "(one) => parseFloat(getComputedStyle(one).borderBottomWidth)"
    for part in ("#header", "#result_list .state >> nth=0"):
        assert page.locator(part).evaluate(edge) >= 1, part
    page.goto(f"{REVIEWS}{draft.pk}/change/")
    edges = {
        name: page.get_by_role("button", name=name, exact=True).evaluate(edge)
        for name in ("Save", "Save and preview", "Save and publish…")
    }
    assert edges == {"Save": 3, "Save and preview": 1, "Save and publish…": 3}
    assert not too_wide(page)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_on_paper_all_that_is_typed_stands_in_black(
    staff_page: Callable[..., Page], scheme: str
) -> None:
    title = "A title that is longer than its box is wide (fictional) " * 3
    review = make_review(state=State.DRAFT, title=title.strip(), summary="Words.\n" * 40 + "End.")
    page = staff_page(f"{REVIEWS}{review.pk}/change/", fields=STAFF, color_scheme=scheme, width=794)
    page.emulate_media(media="print")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    for gone in ("#header", "#nav-sidebar", ".submit-row", "#id_title", "#id_summary"):
        expect(page.locator(gone)).to_be_hidden()
    printed = page.locator(".field-title .printed-value, .field-summary .printed-value")
    assert printed.all_text_contents() == [review.title, review.summary]
    for line in printed.all():
        expect(line).to_be_visible()
        assert line.evaluate("one => one.scrollWidth <= one.clientWidth")
    # Neither white nor on a ground that is not printed.
    assert not faint(page) and not too_wide(page)
    state = "one => [getComputedStyle(one).color, getComputedStyle(one).backgroundColor]"
    assert page.locator(".state-panel .state").evaluate(state) == [
        "rgb(0, 0, 0)",
        "rgba(0, 0, 0, 0)",
    ]
    page.emulate_media(media="screen")
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    expect(page.locator("#id_title")).to_be_visible()
    expect(page.locator(".printed-value")).to_have_count(0)


def test_the_face_of_the_partnership_is_that_of_its_staff_pages(
    staff_page: Callable[..., Page],
) -> None:
    header = "getComputedStyle(document.getElementById('header')).backgroundColor"
    page = staff_page("/admin/", fields=STAFF)
    assert page.evaluate(header) == "rgb(13, 70, 80)"
    SiteIdentity.objects.update(palette="plum")
    page.reload()
    assert page.evaluate(header) == "rgb(77, 34, 80)"
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        assert not problems_of(page)
