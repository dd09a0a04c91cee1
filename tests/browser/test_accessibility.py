"""axe finds nothing on any page, narrow and wide, light and dark; none is wider than its window."""

import re
from collections.abc import Callable

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from mscp.publishing import Stage
from reviews.models import PracticeReview
from tests.factories import make_review
from training.models import Session

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
OPTIONS = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}


def problems_of(page: Page) -> list[str]:
    """Return what axe finds on the open page, and whether it is wider than the window."""
    dark = page.evaluate("matchMedia('(prefers-color-scheme: dark)').matches")
    # Only the colours differ in the dark.
    results = Axe().run(page, options={"runOnly": ["color-contrast"]} if dark else OPTIONS)
    found = [
        f"{page.url} {rule['id']}: {node['target']} {node['failureSummary']}"
        for rule in results.response["violations"]
        for node in rule["nodes"]
    ]
    width = page.viewport_size["width"]  # type: ignore[index]
    actual = page.evaluate("document.documentElement.scrollWidth")
    return [*found, f"{page.url} is {actual} wide"] if actual > width else found


def assert_accessible(page: Page, *addresses: str) -> None:
    found = []
    for address in addresses:
        page.problems.clear()  # type: ignore[attr-defined]
        page.goto(address)
        # Read before axe is put into the page, which writes styles of its own.
        found += [
            problem for problem in page.problems if not re.search("status of 4(04|10)", problem)
        ]  # type: ignore[attr-defined]
        found += problems_of(page)
    assert not found, "\n".join(found)


@pytest.mark.usefixtures("catalogue")
@pytest.mark.parametrize(
    ("width", "scheme"), [(360, "light"), (768, "light"), (1280, "light"), (1280, "dark")]
)
def test_public_pages(open_page: Callable[..., Page], width: int, scheme: str) -> None:
    page = open_page(width=width, color_scheme=scheme)
    assert_accessible(page, *PUBLIC)


@pytest.mark.usefixtures("catalogue")
@pytest.mark.parametrize("width", [360, 1280])
def test_the_long_and_the_withdrawn(open_page: Callable[..., Page], width: int) -> None:
    long = make_review(title="Safeguarding " * 18, summary="w" * 2500, aliases="x" * 240)
    gone = make_review(title="Gone", stage=Stage.WITHDRAWN)
    page = open_page(width=width)
    assert_accessible(page, long.get_absolute_url(), "/reviews/", gone.get_absolute_url())


@pytest.mark.usefixtures("catalogue")
@pytest.mark.parametrize(("width", "scheme"), [(360, "light"), (1280, "light"), (1280, "dark")])
def test_pages_of_staff(staff_page: Callable[..., Page], width: int, scheme: str) -> None:
    page = staff_page("/admin/", width=width, color_scheme=scheme, fields={"is_superuser": True})
    review = PracticeReview.objects.get(slug="vamp")
    draft = make_review(stage=Stage.DRAFT, title="Sample draft (fictional)")
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
