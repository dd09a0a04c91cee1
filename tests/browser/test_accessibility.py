"""axe finds nothing on any page, narrow and wide, light and dark; none is wider than its window."""

import re
from collections.abc import Callable, Sequence

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from mscp.publishing.gate import State
from reviews.models import PracticeReview
from tests.factories import make_review
from training.models import Session

pytestmark = pytest.mark.one_database

PUBLIC = [
    "/",
    "/reviews/",
    "/reviews/?type=scr&year=2020&theme=none",
    "/reviews/?q=nothing-fits",
    "/reports/",
    "/learning/",
    "/reviews/eddie/",
    "/reviews/sudi-partnership-review/",
    "/reports/children-with-disabilities-in-residential-settings/",
    "/learning/7-minute-learnings-index/",
    "/training/",
    "/training/?when=past",
    "/training/?delivery=online&month=2027-03",
    "/training/?view=month",
    "/training/?view=month&month=1999-01",
    "/training/multi-agency-safeguarding-training/",
    "/training/venues/",
    "/training/venues/canterbury-road/",
    "/themes/",
    "/themes/vulnerable-babies/",
    "/search/?q=bruising",
    "/about/",
    "/accessibility/",
    "/privacy/",
    "/developers/",
    "/no-such-page/",
    "/staff/sign-in/",
    "/staff/password/",
    "/staff/sign-up/",
]
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
# What it has nothing against it describes just as fully, which takes it longer than all the rest.
RUN = """
([rules, off]) => axe.run({
  runOnly: rules,
  rules: Object.fromEntries(off.map(rule => [rule, {enabled: false}])),
  resultTypes: ["violations"],
}).then(found => found.violations)
"""
# These read all style sheets and sounds, which are the same at every width.
AT_ONE_WIDTH = ["css-orientation-lock", "no-autoplay-audio"]


def problems_of(page: Page, rules: Sequence[str] = RULES, *, off: Sequence[str] = ()) -> list[str]:
    """Return what axe finds on the open page, and whether it is wider than the window."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(Axe().axe_script)
    found = [
        f"{page.url} {rule['id']}: {node['target']} {node['failureSummary']}"
        for rule in page.evaluate(RUN, [rules, off])
        for node in rule["nodes"]
    ]
    return [*found, *too_wide(page)]


def too_wide(page: Page) -> list[str]:
    width = page.viewport_size["width"]  # type: ignore[index]
    actual = page.evaluate("document.documentElement.scrollWidth")
    return [f"{page.url} is {actual} wide in {width}"] if actual > width else []


def assert_accessible(page: Page, *addresses: str) -> None:
    """Look at pages on a phone and on a desk, in the light and in the dark."""
    found = []
    for address in addresses:
        for width in (360, 1280):
            page.set_viewport_size({"width": width, "height": 900})
            page.problems.clear()  # type: ignore[attr-defined]
            page.goto(address)
            # Read before axe is put into the page, which writes styles of its own.
            told = page.problems  # type: ignore[attr-defined]
            found += [problem for problem in told if not re.search("status of 4(04|10)", problem)]
            found += problems_of(page, off=AT_ONE_WIDTH if width == 1280 else ())
        # In the dark only the colours differ, on a tablet only the widths.
        page.emulate_media(color_scheme="dark")
        page.evaluate("Promise.all(document.getAnimations().map(({finished}) => finished))")
        found += problems_of(page, ["color-contrast"])
        page.emulate_media(color_scheme="light")
        page.set_viewport_size({"width": 768, "height": 900})
        found += too_wide(page)
    assert not found, "\n".join(found)


@pytest.mark.usefixtures("catalogue")
def test_public_pages(open_page: Callable[..., Page]) -> None:
    assert_accessible(open_page(), *PUBLIC)


@pytest.mark.usefixtures("catalogue")
def test_the_long_and_the_withdrawn(open_page: Callable[..., Page]) -> None:
    long = make_review(title="Safeguarding " * 18, summary="w" * 2500, aliases="x" * 240)
    gone = make_review(title="Gone", state=State.WITHDRAWN)
    assert_accessible(open_page(), long.get_absolute_url(), "/reviews/", gone.get_absolute_url())


@pytest.mark.usefixtures("catalogue")
def test_pages_of_staff(staff_page: Callable[..., Page]) -> None:
    page = staff_page("/admin/", fields={"is_superuser": True})
    review = PracticeReview.objects.get(slug="vamp")
    draft = make_review(state=State.DRAFT, title="Sample draft (fictional)")
    session = Session.objects.first()
    assert session is not None
    assert_accessible(
        page,
        "/admin/",
        "/admin/reviews/",
        "/admin/reviews/practicereview/",
        "/admin/reviews/practicereview/add/",
        f"/admin/reviews/practicereview/{review.pk}/change/",
        f"/admin/reviews/practicereview/{review.pk}/history/",
        f"/admin/reviews/practicereview/{draft.pk}/delete/",
        f"/admin/reviews/practicereview/step/publish/?id={draft.pk}",
        f"/admin/reviews/practicereview/step/schedule/?id={review.pk}&id={draft.pk}",
        f"/admin/reviews/practicereview/step/withdraw/?id={review.pk}",
        "/admin/reviews/document/",
        f"/admin/training/course/{session.course.pk}/change/",
        "/admin/training/session/",
        f"/admin/training/session/{session.pk}/change/",
        f"/admin/training/session/step/cancel/?id={session.pk}",
        f"/admin/training/session/step/move/?id={session.pk}",
        "/admin/training/venue/1/change/",
        "/admin/mscp/siteidentity/1/change/",
        "/admin/mscp/page/1/change/",
        draft.get_absolute_url(),
    )
